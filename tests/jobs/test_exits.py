"""When a person is needed, and when not."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from crawler.report import Look
from crawler.verdict import Verdict, VerdictKind
from jobs.exits import crawl_exit, send_exit, status_exit
from jobs.state import state_of
from jobs.steps import Office, open_office
from storage.ledger import LedgerLine, save_line
from storage.outbox import Form, Message, OutboxState, begin, enqueue, of_period, settle
from tests.jobs.test_cli import write

NOW = datetime(2026, 1, 15, 2, 30, tzinfo=UTC)


@pytest.fixture
def office(alone: Path) -> Iterator[Office]:
    with open_office(write(alone / "paperlark.toml"), {"PAPERLARK_NOW": NOW.isoformat()}) as opened:
        yield opened


def looked(office: Office, kind: VerdictKind, hours: float, scope: str = "cs.CV") -> None:
    """Let a look have been so many hours ago."""
    verdict = Verdict(kind=kind, announced_on=date(2026, 1, 14), why="for a test")
    at = NOW - timedelta(hours=hours)
    line = LedgerLine(source="arxiv", scope=scope, route="listing", verdict=verdict, requests=1, rejected=0, at=at)
    with office.database.writing() as connection:
        save_line(connection, line)


def exits(office: Office, kind: VerdictKind) -> tuple[int, int]:
    look = Look(source="arxiv", scope="cs.CV", route="listing", verdict=Verdict(kind=kind), at=NOW)
    return crawl_exit(office, [look]), status_exit(office, state_of(office))


def put(office: Office, state: OutboxState, form: Form, error: str | None = None) -> None:
    recipient = "reader@example.org" if form == "mail" else "2026-01-15/morning.md"
    message = Message(subscription="morning", period="p", form=form, recipient=recipient, message_id="<1>", body=b"x")
    with office.database.writing() as connection:
        enqueue(connection, [message], NOW)
        (one,) = of_period(connection, "morning", "p")
        if state != "pending":
            settle(connection, begin(connection, one), state, NOW, (NOW, error))


@pytest.mark.parametrize(
    ("kind", "status"),
    [("complete", 0), ("quiet", 0), ("partial", 0), ("stale", 0), ("throttled", 0), ("blocked", 1), ("failed", 1)],
)
def test_a_source_that_failed_or_refused_us_needs_a_person(office: Office, kind: VerdictKind, status: int) -> None:
    looked(office, kind, 0)
    assert exits(office, kind) == (status, status)


@pytest.mark.parametrize(("hours", "status"), [(23.9, 0), (24.1, 1)])
def test_a_source_that_asks_us_to_wait_gets_a_day(office: Office, hours: float, status: int) -> None:
    looked(office, "throttled", hours)
    looked(office, "throttled", 1)
    assert exits(office, "throttled") == (status, status)


def test_the_day_begins_again_after_an_answer(office: Office) -> None:
    looked(office, "throttled", 50)
    looked(office, "complete", 20)
    looked(office, "throttled", 1)
    assert exits(office, "throttled") == (0, 0)
    looked(office, "complete", 0)
    assert exits(office, "complete") == (0, 0)


def test_a_scope_that_is_no_longer_asked_for_needs_nobody(office: Office) -> None:
    looked(office, "failed", 5, "cs.RO")
    assert status_exit(office, state_of(office)) == 0
    assert state_of(office).lines == []


@pytest.mark.parametrize(
    ("state", "form", "error", "status"),
    [
        ("sent", "mail", None, 0),
        ("deferred", "mail", "451", 0),
        ("unknown", "mail", "silence", 0),
        ("failed", "mail", "550", 1),
        ("sent", "markdown", None, 0),
        ("deferred", "markdown", "no room", 1),
        ("pending", "markdown", None, 0),
    ],
)
def test_a_message_given_up_and_a_file_not_written_need_a_person(
    office: Office, state: OutboxState, form: Form, error: str | None, status: int
) -> None:
    put(office, state, form, error)
    assert status_exit(office, state_of(office)) == status
    with office.database.reading() as connection:
        if state != "pending":
            assert send_exit(of_period(connection, "morning", "p")) == status


def test_nothing_at_all_needs_nobody(office: Office) -> None:
    assert (crawl_exit(office, []), send_exit([]), status_exit(office, state_of(office))) == (0, 0, 0)


def test_a_source_that_nobody_has_asked_for_days_needs_a_person(office: Office) -> None:
    looked(office, "complete", 95)
    assert status_exit(office, state_of(office)) == 0
    looked(office, "complete", 97)
    assert status_exit(office, state_of(office)) == 1


@pytest.mark.parametrize("state", ["deferred", "unknown"])
def test_a_mail_without_a_server_to_send_it_needs_a_person(office: Office, state: OutboxState) -> None:
    put(office, state, "mail", "refused")
    with office.database.writing() as connection:
        (one,) = of_period(connection, "morning", "p")
        settle(connection, one, state, NOW, (None, "Connection refused"))
        (one,) = of_period(connection, "morning", "p")
    assert (send_exit([one]), status_exit(office, state_of(office))) == (1, 1)


def test_a_mail_that_is_wanted_later_for_more_than_a_day_needs_a_person(office: Office) -> None:
    message = Message(
        subscription="morning", period="p", form="mail", recipient="reader@example.org", message_id="<1>", body=b"x"
    )
    with office.database.writing() as connection:
        enqueue(connection, [message], NOW - timedelta(hours=25))
        (one,) = of_period(connection, "morning", "p")
        settle(connection, begin(connection, one), "deferred", NOW, (NOW, "450 busy"))
        (one,) = of_period(connection, "morning", "p")
    assert (send_exit([one]), status_exit(office, state_of(office))) == (0, 1)
