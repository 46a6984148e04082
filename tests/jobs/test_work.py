"""Doing one run: claimed by one, done, and written down whatever comes of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

import jobs.work
from crawler.errors import StorageError
from jobs.agenda import agenda
from jobs.clock import Clock
from jobs.digesting import Digested
from jobs.settings import load_settings
from jobs.steps import Office, digest_step
from jobs.work import do, later, lease_of, work
from storage.database import Database
from storage.leases import lease
from storage.planned import FARTHEST, runs_of
from storage.runs import Run, RunKey
from tests.crawler.origin import Origin, Reply, serving
from tests.digests.mail_server import MailServer, mail_server
from tests.faults.arxiv_world import SCOPES, World

MORNING = datetime(2026, 8, 25, 3, tzinfo=UTC)
"""The second batch of the month is there since half past midnight."""
ASK = RunKey("ask", "arxiv", "2026-08-25T00:30")
DIGEST = RunKey("compose", "morning", "2026-08-25")


@dataclass
class Place:
    """An office, the web and the mail server around it."""

    office: Office
    web: Origin
    mail: MailServer
    world: World

    def at(self, now: datetime) -> Office:
        self.world.now = now
        return replace(self.office, clock=Clock(now - datetime.now(UTC)))

    def stored(self, key: RunKey) -> Run:
        with self.office.database.reading() as connection:
            return runs_of(connection, [key])[key]


@pytest.fixture
def place(database: Database, store_url: str, tmp_path: Path) -> Iterator[Place]:
    with serving() as web, mail_server() as mail:
        world = World(now=MORNING)
        web.respond = world.respond
        config = tmp_path / "paperlark.toml"
        config.write_text(_settings(store_url, mail.port), encoding="utf-8")
        config.chmod(0o600)
        office = Office(settings=load_settings(config, {}), clock=Clock(), mirror=web.url, database=database)
        yield Place(office, web, mail, world)


def _settings(url: str, port: int) -> str:
    return f"""
[paperlark]
database = "{url}"
contact = "owner@example.org"
[sources.arxiv]
categories = ["{SCOPES[0]}"]
delay = "10ms"
[[topics]]
name = "Larks"
query = "title:skylark"
[[subscriptions]]
name = "morning"
email = "you@example.org"
at = "02:00"
[smtp]
host = "127.0.0.1"
port = {port}
security = "none"
from = "Paperlark <lark@example.org>"
"""


def with_readers(place: Place, number: int) -> Office:
    """Return the office with so many readers more."""
    config = place.office.settings.file
    assert config is not None
    more = "".join(
        f'[[subscriptions]]\nname = "reader {one}"\nemail = "{one}@example.org"\nat = "02:00"\n' for one in range(number)
    )
    config.write_text(config.read_text("utf-8").replace("[smtp]", f"{more}[smtp]"), "utf-8")
    place.office = replace(place.office, settings=load_settings(config, {}))
    return place.at(MORNING)


def works_through(office: Office) -> list[tuple[str, str]]:
    """Do what is on the agenda until nothing is, as a daemon would, and return what came of it."""
    done: list[tuple[str, str]] = []
    while runs := agenda(office, office.clock()):
        (run,) = do(office, runs[0].key)
        with office.database.reading() as connection:
            done.append((run.kind, runs_of(connection, [run.key])[run.key].state))
    return [one for one in done if one[0] != "warn"]


def test_a_morning_is_worked_through_once(place: Place) -> None:
    office = place.at(MORNING)
    assert works_through(office) == [("ask", "done"), ("compose", "done"), ("write", "done"), ("deliver", "done")]
    assert len(place.mail.bodies) == 1
    assert place.stored(ASK).report["verdicts"] == {SCOPES[0]: "complete"}
    assert place.stored(DIGEST).report["papers"] > 0
    assert works_through(place.at(MORNING + timedelta(hours=9))) == []
    assert len(place.mail.bodies) == 1


def test_one_run_is_done_by_one(place: Place) -> None:
    office = place.at(MORNING)
    agenda(office, office.clock())
    with lease(office.database, lease_of(ASK)) as held:
        assert held
        assert do(office, ASK) == []
    assert place.stored(ASK).state == "due"
    assert len(do(office, ASK)) == 1
    assert do(office, ASK) == []


def test_a_source_that_is_late_is_asked_again_and_its_digest_waits(place: Place) -> None:
    place.web.respond = lambda _target, _headers: Reply("out of order", status=500)
    office = place.at(MORNING - timedelta(minutes=50))
    assert works_through(office) == [("ask", "failed")]
    place.web.respond = place.world.respond
    assert works_through(place.at(MORNING)) == [("ask", "done"), ("compose", "done"), ("write", "done"), ("deliver", "done")]
    assert place.stored(ASK).attempts == 2


def test_a_digest_goes_out_in_the_end_and_is_made_again_when_it_was_empty(place: Place) -> None:
    place.web.respond = lambda _target, _headers: Reply("out of order", status=500)
    assert works_through(place.at(MORNING)) == [("ask", "failed")]
    # It waits for two hours after its hour.
    office = place.at(MORNING + timedelta(hours=1))
    assert works_through(office) == [("ask", "failed"), ("compose", "failed"), ("write", "done"), ("deliver", "done")]
    assert place.stored(DIGEST).report["error"] == "empty, and a source is late"
    place.web.respond = place.world.respond
    # By then it has spent the requests that it allows itself for a day (UTC); the digest's day is not over.
    found = works_through(place.at(datetime(2026, 8, 26, 0, 10, tzinfo=UTC)))
    assert sorted(found) == [("ask", "done"), ("compose", "done"), ("deliver", "done"), ("write", "done")]
    assert place.stored(DIGEST).report["papers"] > 0


def test_a_period_that_is_over_is_made_up_for_under_its_own_day(place: Place) -> None:
    office = place.at(datetime(2026, 8, 26, 1, tzinfo=UTC))
    assert ("compose", "done") in works_through(office)
    assert place.stored(DIGEST).state == "done"
    assert sorted(path.parent.name for path in office.settings.output.glob("*/morning.md")) == ["2026-08-25"]
    assert ("compose", "done") in works_through(place.at(datetime(2026, 8, 26, 3, tzinfo=UTC)))
    assert sorted(path.parent.name for path in office.settings.output.glob("*/morning.md")) == ["2026-08-25", "2026-08-26"]


def test_digests_that_wait_are_made_by_a_batch(place: Place) -> None:
    office = with_readers(place, 3)
    agenda(office, office.clock())
    assert do(office, ASK)
    agenda(office, office.clock())
    work(office.settings, {"PAPERLARK_NOW": MORNING.isoformat()}, DIGEST)
    waiting = [run.key for run in agenda(office, office.clock()) if run.kind == "compose"]
    assert waiting == []
    assert [place.stored(DIGEST._replace(about=f"reader {number}")).state for number in range(3)] == ["done"] * 3


def test_what_breaks_in_one_digest_of_a_batch_is_broken_in_it_alone(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    office = with_readers(place, 3)

    def breaks(office: Office, names: Sequence[str], on: date | None = None) -> list[Digested]:
        if "reader 1" in names:
            raise ZeroDivisionError
        return digest_step(office, names, on)

    agenda(office, office.clock())
    do(office, ASK)
    waiting = [run.key for run in agenda(office, office.clock()) if run.kind == "compose"]
    monkeypatch.setattr(jobs.work, "digest_step", breaks)
    assert len(do(office, *waiting)) == 4
    assert {key.about: place.stored(key).state for key in waiting} == {
        "morning": "done",
        "reader 0": "done",
        "reader 1": "failed",
        "reader 2": "done",
    }


@pytest.mark.parametrize("error", [StorageError("while writing"), ZeroDivisionError("division by zero"), MemoryError()])
def test_whatever_breaks_is_written_down_and_tried_again(
    place: Place, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def breaks(*_: object, **__: object) -> None:
        raise error

    office = place.at(MORNING)
    agenda(office, office.clock())
    monkeypatch.setattr(jobs.work, "crawl_step", breaks)
    assert do(office, ASK)
    run = place.stored(ASK)
    assert run.state == "failed"
    assert run.next_at is not None
    assert run.next_at > office.clock()
    assert type(error).__name__ in run.report["error"] or str(error) in run.report["error"]


def test_a_mail_server_that_is_away_is_tried_again_later_and_later(place: Place) -> None:
    office = place.at(MORNING)
    without = replace(office, settings=office.settings.model_copy(update={"smtp": _elsewhere(office)}))
    assert works_through(without)[-1] == ("deliver", "failed")
    assert works_through(place.at(MORNING + timedelta(minutes=11))) == [("deliver", "done")]
    assert len(place.mail.bodies) == 1


@pytest.mark.parametrize(("kind", "step"), [("write", "write_step"), ("deliver", "send_step")])
def test_what_comes_into_the_outbox_while_it_is_delivered_goes_out_at_once(
    place: Place, monkeypatch: pytest.MonkeyPatch, kind: str, step: str
) -> None:
    office, delivers, late = with_readers(place, 1), getattr(jobs.work, step), [DIGEST._replace(about="reader 0")]

    def meanwhile(*given: object) -> object:
        done = delivers(*given)
        if late:
            do(office, late.pop())
        return done

    agenda(office, office.clock())
    do(office, ASK)
    agenda(office, office.clock())
    do(office, DIGEST)
    monkeypatch.setattr(jobs.work, step, meanwhile)
    for run in agenda(office, office.clock()):
        if run.kind == kind:
            do(office, run.key)
    assert not late
    assert {state for _, state in works_through(office)} <= {"done"}
    assert len(place.mail.bodies) == 2
    assert sorted(path.stem for path in office.settings.output.glob("*/*.md")) == ["morning", "reader 0"]


def _elsewhere(office: Office) -> object:
    assert office.settings.smtp is not None
    return office.settings.smtp.model_copy(update={"port": 9})


def test_pauses_grow_up_to_three_hours() -> None:
    pauses = [later(attempts, MORNING) - MORNING for attempts in range(1, 30)]
    assert pauses == sorted(pauses)
    assert pauses[0] == timedelta(minutes=10)
    assert pauses[-1] == timedelta(hours=3)
    # Longer ones are those of a clock that was ahead.
    assert pauses[-1] < FARTHEST
