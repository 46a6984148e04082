"""Exit statuses: 0 done, 1 something needs a person, 2 the call or the settings are wrong (said elsewhere)."""

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from crawler.report import BESIDE, Look
from storage.ledger import LedgerLine, throttled_since
from storage.outbox import Delivery

if TYPE_CHECKING:
    from jobs.state import State
    from jobs.steps import Office

#: A host that asks us to slow down, or wants a mail later, gets a day before a person is told.
PATIENCE: Final = timedelta(hours=24)
#: The daily job has stopped when a source was not asked for so long.
SILENCE: Final = timedelta(days=4)


def crawl_exit(office: "Office", looks: Iterable[Look]) -> int:
    """Return 1 when a source failed, refused us, or has been asking us to wait for more than a day.

    An earlier day that could not be healed is asked for again at the next run, and is no reason to call anybody.
    """
    told = (look for look in looks if look.task not in BESIDE)
    return int(any(_needs_person(office, look.source, look.scope, look.verdict.kind) for look in told))


def send_exit(deliveries: Iterable[Delivery]) -> int:
    """Return 1 when a message was given up, a file could not be written, or the mail server could not be used at all.

    A mail that the server wants later is no failure.
    """
    return int(any(one.state == "failed" or not_written(one) or without_server(one) for one in deliveries))


def not_written(one: Delivery) -> bool:
    """Tell whether a file could not be written."""
    return one.form != "mail" and one.state != "sent"


def without_server(one: Delivery) -> bool:
    """Tell whether a mail waits for want of a server: it has an error and no time to be tried again at."""
    return one.form == "mail" and one.state in ("deferred", "unknown") and one.next_at is None


def status_exit(office: "Office", state: "State") -> int:
    """Return 1 when something needs a person: also when nobody has asked a source for days."""
    lines: Iterable[LedgerLine] = state.lines
    wrong = any(_needs_person(office, line.source, line.scope, line.verdict.kind) or asleep(office, line) for line in lines)
    stuck = any(one.error and (not_written(one) or without_server(one)) for one in state.unsettled)
    late = any(one.state == "deferred" and office.clock() - one.created_at > PATIENCE for one in state.unsettled)
    return int(wrong or stuck or late or bool(state.given_up))


def asleep(office: "Office", line: LedgerLine) -> bool:
    """Tell whether a scope has not been asked for longer than any weekend with its holidays."""
    return office.clock() - line.at > SILENCE


def _needs_person(office: "Office", source: str, scope: str, kind: str) -> bool:
    if kind != "throttled":
        return kind in ("failed", "blocked")
    with office.database.reading() as connection:
        since = throttled_since(connection, source, scope)
    return since is not None and office.clock() - since > PATIENCE
