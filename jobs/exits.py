"""Exit statuses: 0 done, 1 something needs a person, 2 the call or the settings are wrong (said elsewhere)."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from crawler.feed_health import FEEDS, needs_person
from crawler.report import BESIDE, Look
from jobs.feeds import addresses_of, health
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
    wrong = any(
        _needs_person(office, line.source, line.scope, line.verdict.kind) or asleep(office, state, line) for line in lines
    )
    stuck = any(one.error and (not_written(one) or without_server(one)) for one in state.unsettled)
    late = any(one.state == "deferred" and office.clock() - one.created_at > PATIENCE for one in state.unsettled)
    return int(wrong or stuck or late or bool(state.given_up))


def asleep(office: "Office", state: "State", line: LedgerLine) -> bool:
    """Tell whether a scope has not been asked for longer than any weekend with its holidays; a dead feed seldom is."""
    dead = line.source == FEEDS and line.scope in state.feeds and state.feeds[line.scope].failing_since is not None
    return not dead and office.clock() - line.at > SILENCE


def _needs_person(office: "Office", source: str, scope: str, kind: str) -> bool:
    if source == FEEDS:
        return _feed_needs_person(office, scope, kind)
    if kind != "throttled":
        return kind in ("failed", "blocked")
    with office.database.reading() as connection:
        since = throttled_since(connection, source, scope)
    return since is not None and office.clock() - since > PATIENCE


def _feed_needs_person(office: "Office", name: str, kind: str) -> bool:
    """Tell whether somebody should look after a feed: one that is dead, or puts us off, from its 8th day on to its 30th.

    What fails without any fault of the feed, as when the crawl itself dies, is for a person at once.
    """
    if kind not in ("failed", "blocked", "throttled"):
        return False
    with office.database.reading() as connection:
        state = health(connection, addresses_of(office.settings)).get(name)
        since = throttled_since(connection, FEEDS, name) if kind == "throttled" else None
    if state is None or (kind != "throttled" and state.failing_since is None):
        return True
    return needs_person(replace(state, failing_since=since) if since else state, office.clock())
