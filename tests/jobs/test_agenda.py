"""The agenda: what is due and not finished, whatever happened before."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from jobs.agenda import agenda, next_look
from jobs.settings import ServeSettings
from jobs.steps import Office
from storage.database import Database
from storage.outbox import Message, enqueue, part_of, settle, unsettled
from storage.planned import Outcome, claim_run, finish_run, runs_of
from storage.runs import Run, RunKey
from tests.jobs.offices import Desk

DAY = date(2026, 8, 12)
"""A Wednesday; the batch of arXiv is there since half past midnight (UTC)."""
ASK = RunKey("ask", "arxiv", "2026-08-12T00:30")
DIGEST = RunKey("compose", "morning", "2026-08-12")
HOURS = {"at": "08:00", "latest": "10:00"}


@pytest.fixture
def desk(database: Database, store_url: str, tmp_path: Path) -> Desk:
    return Desk(database, store_url, tmp_path, subscription=dict(HOURS))


def wanted(office: Office) -> list[tuple[str, str]]:
    """Return what is on the agenda but for the warning of the owner, which has a test of its own."""
    return [(run.kind, run.period) for run in agenda(office, office.clock()) if run.kind != "warn"]


def over(office: Office, key: RunKey, outcome: Outcome | None = None) -> None:
    with office.database.writing() as connection:
        run = claim_run(connection, key, office.clock())
        assert run is not None
        finish_run(connection, run, outcome or Outcome(), office.clock())


def failed(office: Office, minutes: int) -> Outcome:
    return Outcome(state="failed", next_at=office.clock() + timedelta(minutes=minutes))


def state(office: Office, key: RunKey) -> Run:
    with office.database.reading() as connection:
        return runs_of(connection, [key])[key]


def test_a_source_is_asked_first_and_the_digest_follows(desk: Desk) -> None:
    office = desk.office(DAY, time(8))
    assert wanted(office) == [("ask", ASK.period)]
    over(office, ASK)
    assert wanted(office) == [("compose", DIGEST.period)]
    over(office, DIGEST)
    assert wanted(office) == []
    # And nothing more that day, for however long one looks.
    assert wanted(desk.office(DAY, time(20))) == []
    assert wanted(desk.office(date(2026, 8, 13), time(7))) == [("ask", "2026-08-13T00:30")]


def test_a_digest_waits_for_its_sources_until_its_reader_wants_it(desk: Desk) -> None:
    office = desk.office(DAY, time(8))
    wanted(office)
    over(office, ASK, failed(office, 20))
    assert wanted(office) == []
    assert wanted(desk.office(DAY, time(9, 59))) == [("ask", ASK.period)]
    assert wanted(desk.office(DAY, time(10))) == [("ask", ASK.period), ("compose", DIGEST.period)]


def test_it_does_not_wait_for_what_comes_too_late_anyway(desk: Desk) -> None:
    office = desk.office(DAY, time(8))
    wanted(office)
    over(office, ASK, failed(office, 150))
    assert wanted(office) == [("compose", DIGEST.period)]


def test_after_a_sleep_each_source_is_asked_once_before_a_digest_that_is_late(desk: Desk) -> None:
    office = desk.office(DAY, time(15))
    assert wanted(office) == [("ask", ASK.period)]
    over(office, ASK, failed(office, 10))
    assert wanted(office) == [("compose", DIGEST.period)]


def test_a_source_that_hangs_holds_no_digest_up_for_ever(desk: Desk) -> None:
    office = desk.office(DAY, time(15))
    wanted(office)
    assert wanted(desk.office(DAY, time(16, 1))) == [("ask", ASK.period), ("compose", DIGEST.period)]


def test_a_run_that_was_left_behind_is_done_by_whoever_comes_next(desk: Desk) -> None:
    office = desk.office(DAY, time(8))
    wanted(office)
    with office.database.writing() as connection:
        assert claim_run(connection, ASK, office.clock()) is not None
    assert wanted(desk.office(DAY, time(8, 1))) == [("ask", ASK.period)]


def test_what_was_not_done_in_its_time_is_given_up_for_what_follows(desk: Desk) -> None:
    wanted(desk.office(DAY, time(9, 30)))
    # Asleep until the next day: its own period comes, and takes what was left of the one before with it.
    office = desk.office(date(2026, 8, 13), time(9))
    assert wanted(office) == [("ask", "2026-08-13T00:30")]
    given_up = state(office, ASK)
    assert (given_up.state, given_up.next_at) == ("failed", None)


def test_a_clock_that_was_a_day_ahead_takes_nothing_from_the_day_when_it_comes(desk: Desk) -> None:
    tomorrow = date(2026, 8, 13)
    over_today = desk.office(DAY, time(9))
    wanted(over_today)
    over(over_today, ASK)
    wanted(over_today)
    over(over_today, DIGEST)
    ahead = desk.office(tomorrow, time(10))
    assert wanted(ahead) == [("ask", "2026-08-13T00:30")]
    # Nothing is there yet of what that clock expects.
    over(ahead, ASK._replace(period="2026-08-13T00:30"), failed(ahead, 20))
    assert wanted(ahead) == [("compose", "2026-08-13")]
    over(ahead, DIGEST._replace(period="2026-08-13"), failed(ahead, 30))
    assert wanted(desk.office(DAY, time(10))) == []
    # The digest waits for what the source tells now, not what it told then.
    assert wanted(desk.office(tomorrow, time(8))) == [("ask", "2026-08-13T00:30")]
    office = desk.office(tomorrow, time(8))
    over(office, ASK._replace(period="2026-08-13T00:30"))
    assert wanted(office) == [("compose", "2026-08-13")]


def test_a_reader_who_was_gone_for_a_moment_has_the_digest_of_the_day(desk: Desk) -> None:
    office = desk.office(DAY, time(9))
    nobody = replace(office, settings=office.settings.model_copy(update={"subscriptions": ()}))
    wanted(office)
    over(office, ASK)
    assert wanted(office) == [("compose", "2026-08-12")]
    assert wanted(nobody) == []
    assert wanted(office) == [("compose", "2026-08-12")]
    over(office, DIGEST)
    assert wanted(nobody) == wanted(office) == []


def test_yesterdays_digest_is_made_up_for_before_todays_hour(desk: Desk) -> None:
    office = desk.office(date(2026, 8, 13), time(7))
    wanted(office)
    over(office, ASK._replace(period="2026-08-13T00:30"))
    assert wanted(office) == [("compose", "2026-08-12")]
    over(office, DIGEST)
    assert wanted(desk.office(date(2026, 8, 13), time(8))) == [("compose", "2026-08-13")]


def test_the_owner_is_warned_once_a_day_and_of_nothing_that_comes_in_a_minute(desk: Desk) -> None:
    def warnings(office: Office) -> list[str]:
        return [run.period for run in agenda(office, office.clock()) if run.kind == "warn"]

    office = desk.office(DAY, time(8))
    assert warnings(office) == []
    over(office, ASK, failed(office, 20))
    assert warnings(office) == ["2026-08-12"]
    over(office, RunKey("warn", "", "2026-08-12"))
    assert warnings(desk.office(DAY, time(23, 59))) == []


def test_the_owner_is_warned_as_well_when_nobody_asks_the_sources(desk: Desk) -> None:
    # As when every worker is gone: the runs stay as they are, and somebody has to hear of it.
    office = desk.office(DAY, time(8))
    assert [run.kind for run in agenda(office, office.clock())] == ["ask"]
    office = desk.office(DAY, time(9, 1))
    assert "warn" in [run.kind for run in agenda(office, office.clock())]


def test_two_daemons_have_one_agenda(desk: Desk) -> None:
    office = desk.office(DAY, time(8))
    assert agenda(office, office.clock()) == agenda(office, office.clock())


def put(office: Office, *forms: Any) -> None:
    with office.database.writing() as connection:
        about: dict[str, Any] = {"subscription": "m", "period": "p", "body": b"b"}
        messages = [Message(form=form, recipient=form, message_id=f"<{form}@x>", **about) for form in forms]
        enqueue(connection, messages, office.clock())


def idle(desk: Desk) -> Office:
    office = desk.office(DAY, time(8))
    wanted(office)
    over(office, ASK)
    wanted(office)
    over(office, DIGEST)
    return office


def test_what_lies_in_the_outbox_is_delivered_by_one_run_at_a_time(desk: Desk) -> None:
    office = idle(desk)
    assert wanted(office) == []
    put(office, "mail")
    ((kind, period),) = wanted(office)
    assert kind == "deliver"
    over(office, RunKey(kind, "", period), failed(office, 10))
    assert wanted(office) == []
    assert wanted(desk.office(DAY, time(8, 11))) == [(kind, period)]


def test_files_and_mails_do_not_wait_for_each_other(desk: Desk) -> None:
    office = idle(desk)
    put(office, "mail", "markdown")
    (written, files), (sent, mails) = wanted(office)
    assert (written, sent) == ("write", "deliver")
    over(office, RunKey("deliver", "", mails), failed(office, 10))
    assert wanted(office) == [("write", files)]


def test_workers_share_the_mails_by_the_domains_they_go_to(desk: Desk) -> None:
    office = idle(desk)
    shared = replace(office, settings=office.settings.model_copy(update={"serve": ServeSettings(workers=True)}))
    put(shared, "mail")
    (run,) = (run for run in agenda(shared, shared.clock()) if run.kind == "deliver")
    assert run.about == str(part_of("mail"))


def test_what_a_clock_that_was_ahead_has_put_off_does_not_wait_for_that_long(desk: Desk) -> None:
    office = idle(desk)
    put(office, "mail")
    ((kind, period),) = wanted(office)
    over(office, RunKey(kind, "", period), failed(office, 24 * 60))
    assert wanted(office) == [(kind, period)]


def test_a_mail_that_waits_for_its_server_wakes_the_daemon_in_its_time(desk: Desk) -> None:
    office = idle(desk)
    put(office, "mail")
    soon = (office.clock() + timedelta(minutes=7)).replace(microsecond=0)
    with office.database.writing() as connection:
        (mail,) = unsettled(connection)
        settle(connection, mail, "deferred", office.clock(), (soon, "later"))
    assert wanted(office) == []
    assert next_look(office, office.clock()) == soon


def test_without_a_mail_server_mails_are_nobodys_work(desk: Desk) -> None:
    office = idle(desk)
    put(office, "mail")
    assert wanted(replace(office, settings=office.settings.model_copy(update={"smtp": None}))) == []


@pytest.mark.parametrize(
    ("at", "looks"),
    [
        (time(6), datetime(2026, 8, 12, 8, tzinfo=UTC)),  # the reader's hour
        (time(9), datetime(2026, 8, 12, 10, tzinfo=UTC)),  # the hour until which the digest waits
        (time(11), datetime(2026, 8, 13, tzinfo=UTC)),  # a new day, on which the owner may be warned
    ],
)
def test_the_daemon_sleeps_until_something_may_be_due(desk: Desk, at: time, looks: datetime) -> None:
    office = desk.office(DAY, at)
    assert next_look(office, office.clock()) == looks
