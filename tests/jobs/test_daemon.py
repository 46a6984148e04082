"""The daemon: what it starts, what it takes note of, and that nothing around it ends it."""

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, time, timedelta
from pathlib import Path
from time import time_ns
from typing import Any, cast
from urllib.request import urlopen

import pytest
from sqlalchemy import create_engine

from jobs.alarm import Alarm, Jumps
from jobs.batches import BATCH
from jobs.children import Children, Ended
from jobs.daemon import MOST, Daemon, open_daemon
from jobs.logs import Log
from jobs.rereading import Rereading
from jobs.settings import Settings
from jobs.steps import Office
from storage.database import Database
from storage.leases import lease
from storage.planned import Outcome, claim_run, finish_run, plan_runs, runs_of
from storage.runs import Run, RunKey
from tests.jobs.offices import Desk

DAY = date(2026, 8, 12)
ASK = RunKey("ask", "arxiv", "2026-08-12T00:30")


@dataclass
class Nursery:
    """Children that only are there: a test says when one ends."""

    running: list[Run] = field(default_factory=list)
    over: list[Ended] = field(default_factory=list)
    stopped: bool = False
    glance: timedelta = timedelta(minutes=5)

    def takes(self, run: Run, most: int) -> bool:
        return len(self.running) < most and all(one.key[:2] != run.key[:2] for one in self.running)

    def start(self, run: Run, settings: Settings, environ: Mapping[str, str]) -> bool:
        assert environ["PAPERLARK_NOW"].startswith("2026-08-1")
        self.running.append(run)
        return True

    def ends(self, error: str = "") -> None:
        self.over.append(Ended(self.running.pop(), error))

    def ended(self) -> list[Ended]:
        found, self.over = self.over, []
        return found

    def stop(self) -> list[Ended]:
        self.stopped = True
        return self.ended()


@dataclass
class Bell(Alarm):
    """An alarm that nobody waits for."""

    later: timedelta = timedelta()

    def set_to(self, later: timedelta) -> None:
        self.later = later


@dataclass
class Stage:
    """A daemon, and what it told."""

    daemon: Daemon
    nursery: Nursery
    bell: Bell
    told: list[str]

    def looks(self) -> list[str]:
        """Have it look once, and return what it told of that."""
        self.told.clear()
        self.daemon.look()
        return [line.partition(" ")[2] for line in self.told]


@pytest.fixture
def desk(database: Database, store_url: str, tmp_path: Path) -> Desk:
    return Desk(database, store_url, tmp_path, subscription={"at": "08:00"})


@pytest.fixture
def stage(desk: Desk) -> Stage:
    return staged(desk, desk.office(DAY, time(9)))


def staged(desk: Desk, office: Office) -> Stage:
    told: list[str] = []
    nursery, bell = Nursery(), Bell()
    daemon = Daemon(
        office=office,
        settings_file=Rereading(desk.folder / "paperlark.toml"),
        tell=Log(told.append, office.clock, str),
        alarm=bell,
        hands=cast("Children", nursery),
    )
    return Stage(daemon, nursery, bell, told)


def stored(office: Office, key: RunKey) -> Run:
    with office.database.reading() as connection:
        return runs_of(connection, [key])[key]


def test_it_starts_what_is_due_once(stage: Stage) -> None:
    assert stage.looks() == ["run.start kind=ask about=arxiv period=2026-08-12T00:30 attempt=1"]
    assert stage.looks() == []
    assert [run.key for run in stage.nursery.running] == [ASK]
    # Others may put something into the store: it looks again before anything of its own is due.
    assert timedelta() < stage.bell.later <= timedelta(minutes=5)


def test_it_leaves_alone_what_somebody_else_is_at(stage: Stage) -> None:
    with lease(stage.daemon.office.database, "run:ask:arxiv"):
        assert stage.looks() == []
    assert len(stage.looks()) == 1


def test_it_starts_no_more_than_a_few_at_once(desk: Desk) -> None:
    office = desk.office(DAY, time(9))
    reader = office.settings.subscriptions[0].model_copy(update={"latest": time(8)})
    many = tuple(reader.model_copy(update={"name": f"reader {number}"}) for number in range(9 * BATCH))
    many_readers = replace(office, settings=office.settings.model_copy(update={"subscriptions": many, "sources": {}}))
    stage = staged(desk, many_readers)
    assert len(stage.looks()) == MOST
    stage.nursery.ends()
    assert [line.partition(" ")[0] for line in stage.looks()] == ["run.end", "run.start"]


def test_every_digest_of_a_batch_is_told_of(desk: Desk) -> None:
    office = desk.office(DAY, time(9))
    reader = office.settings.subscriptions[0].model_copy(update={"latest": time(8)})
    some = tuple(reader.model_copy(update={"name": f"reader {number}"}) for number in range(3))
    stage = staged(desk, replace(office, settings=office.settings.model_copy(update={"subscriptions": some, "sources": {}})))
    stage.looks()
    (head,) = (run for run in stage.nursery.running if run.kind == "compose")
    stage.nursery.running = [head]
    keys, now = [head.key._replace(about=one.name) for one in some], office.clock()
    with office.database.writing() as connection:
        for number, key in enumerate(keys):
            claimed = claim_run(connection, key, now)
            assert claimed is not None
            finish_run(connection, claimed, Outcome(state="failed" if number == 2 else "done"), now)
    stage.nursery.ends()
    ends = [line for line in stage.looks() if line.startswith("run.end")]
    assert [f'about="reader {number}"' in line for number, line in enumerate(ends)] == [True] * 3
    assert ["level=warning" in line for line in ends] == [False, False, True]


def test_the_past_of_many_sources_leaves_room_for_the_day(desk: Desk) -> None:
    office = desk.office(DAY, time(9))
    quiet = replace(office, settings=office.settings.model_copy(update={"sources": {}, "subscriptions": ()}))
    past = [RunKey("fill", f"source {number}", "2026-07-01/2026-07-31") for number in range(2 * MOST)]
    with office.database.writing() as connection:
        plan_runs(connection, past, office.clock())
    stage = staged(desk, quiet)
    assert any("kind=fill" in line for line in stage.looks())
    stage.daemon.office = office
    assert [line.split()[:2] for line in stage.looks()] == [["run.start", "kind=ask"]]


@pytest.mark.parametrize("why", ["killed by signal 9", "it took longer than 60 min"])
def test_a_run_whose_process_died_is_tried_again_later(stage: Stage, why: str) -> None:
    stage.looks()
    office = stage.daemon.office
    with office.database.writing() as connection:
        assert claim_run(connection, ASK, office.clock()) is not None
    stage.nursery.ends(why)
    line = stage.looks()[0]
    assert line.startswith("run.end level=warning kind=ask about=arxiv period=2026-08-12T00:30 state=failed")
    assert why in line
    run = stored(office, ASK)
    assert run.next_at is not None
    assert run.next_at > office.clock()


def test_what_was_stopped_with_the_daemon_goes_on_with_the_next(stage: Stage) -> None:
    stage.looks()
    office = stage.daemon.office
    with office.database.writing() as connection:
        assert claim_run(connection, ASK, office.clock()) is not None
    stage.nursery.ends("killed by signal 15")
    stage.daemon.stopping = True
    stage.daemon.run()
    assert stage.nursery.stopped
    assert stored(office, ASK).state == "running"


def edit(desk: Desk, old: str, new: str) -> None:
    config = desk.folder / "paperlark.toml"
    config.write_text(config.read_text("utf-8").replace(old, new), "utf-8")
    set_aside(config)


def set_aside(file: Path) -> None:
    """Let a file have been written some time ago."""
    os.utime(file, ns=(0, time_ns() - 10**10))


def test_settings_that_are_edited_are_taken_when_they_are_valid(desk: Desk, stage: Stage) -> None:
    stage.looks()
    edit(desk, '"08:00"', '"23:00"')
    assert stage.looks() == ["settings.read subscriptions=1 sources=1"]
    assert stage.daemon.office.settings.subscriptions[0].at == time(23)
    edit(desk, '"23:00"', '"99:00"')
    (line,) = stage.looks()
    assert line.startswith("settings.kept level=error why=")
    assert "subscriptions[1].at" in line
    assert stage.daemon.office.settings.subscriptions[0].at == time(23)
    assert stage.looks() == []


def test_another_database_needs_a_restart(desk: Desk, stage: Stage) -> None:
    stage.looks()
    before = stage.daemon.office
    edit(desk, desk.url, "sqlite:///elsewhere.db")
    assert stage.looks() == ['settings.kept level=error why="another database needs a restart"']
    assert stage.daemon.office is before


def test_settings_that_are_gone_for_a_moment_change_nothing(desk: Desk, stage: Stage) -> None:
    stage.looks()
    config = desk.folder / "paperlark.toml"
    aside = config.rename(desk.folder / "aside")
    assert all("settings.kept" in line for line in stage.looks())
    set_aside(aside)
    aside.rename(config)
    assert stage.looks() == ["settings.read subscriptions=1 sources=1"]


def test_a_database_that_goes_away_is_told_once_and_waited_for(stage: Stage) -> None:
    there = stage.daemon.office
    away = Database(create_engine("postgresql+psycopg://paperlark@127.0.0.1:9/papers"))
    stage.daemon.office = replace(there, database=away)
    (line,) = stage.looks()
    assert line.startswith("store.silent level=error")
    assert stage.bell.later == timedelta(seconds=30)
    assert stage.looks() == []
    stage.daemon.office = there
    assert [line.partition(" ")[0] for line in stage.looks()] == ["run.start", "store.back"]


def test_a_child_that_dies_with_the_database_is_not_told_as_another_trouble(stage: Stage) -> None:
    stage.looks()
    there = stage.daemon.office
    stage.daemon.office = replace(there, database=Database(create_engine("postgresql+psycopg://paperlark@127.0.0.1:9/papers")))
    stage.nursery.ends("the process ended with status 1")
    assert [line.partition(" ")[0] for line in stage.looks()] == ["store.silent"]
    stage.daemon.office = there
    assert stage.looks()[-1] == "store.back"


def test_a_clock_that_was_set_makes_it_look_again(stage: Stage) -> None:
    walls = iter([0.0, 0.0, 86_400.0, 86_400.0])
    stage.daemon.watch = 0.0
    stage.daemon._jumps = Jumps(lambda: next(walls), lambda: 0.0)
    stage.daemon._jumps.since_last()
    stage.looks()
    stage.told.clear()
    stage.daemon._sleep()
    assert [line.partition(" ")[2] for line in stage.told] == ["clock.jumped level=warning seconds=86400"]


def test_it_answers_for_its_health_where_it_is_asked_to(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.office(DAY)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    monkeypatch.setenv("PAPERLARK_SERVE__LISTEN", f"127.0.0.1:{port}")
    told: list[str] = []
    with open_daemon(desk.folder / "paperlark.toml", os.environ, Log(told.append, desk.office(DAY).clock, str)):
        answer: Any = urlopen(f"http://127.0.0.1:{port}/healthz", timeout=20)
        assert answer.read() == b"ok\n"


def test_a_file_that_was_only_found_is_waited_for_when_it_is_gone(
    desk: Desk, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(desk.folder)
    monkeypatch.setenv("PAPERLARK_DATABASE", desk.url)
    stage.daemon.settings_file = Rereading(Path("paperlark.toml"))
    before = stage.daemon.office
    Path("paperlark.toml").unlink()
    assert [line for line in stage.looks() if line.startswith("settings.")] == [
        'settings.kept level=error why="paperlark.toml: there is no such file; this writes one: paperlark init"'
    ]
    assert stage.daemon.office is before


def test_a_file_that_is_being_written_is_left_alone_until_it_is_whole(desk: Desk, stage: Stage) -> None:
    stage.looks()
    config = desk.folder / "paperlark.toml"
    whole = config.read_text("utf-8")
    # What an editor has written so far is a valid file, and not what is meant.
    config.write_text("", "utf-8")
    assert stage.looks() == []
    config.write_text(whole.replace('"08:00"', '"23:00"'), "utf-8")
    set_aside(config)
    assert stage.looks() == ["settings.read subscriptions=1 sources=1"]
