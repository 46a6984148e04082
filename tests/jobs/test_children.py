"""Children: real processes that hang, die, want too much, or are told to stop."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Event

import pytest

from jobs.agenda import agenda
from jobs.children import Children, Ended, Nurse
from jobs.settings import Settings, load_settings
from storage.database import Database
from storage.leases import lease
from storage.planned import runs_of
from storage.runs import Run, RunKey
from tests.crawler.origin import Origin, Reply, serving
from tests.faults.arxiv_world import World
from tests.jobs.offices import Desk

ASK = RunKey("ask", "arxiv", "2026-08-25T00:30")
NOW = datetime(2026, 8, 25, 3, tzinfo=UTC)


@dataclass
class Place:
    """A store with something to ask for, and the web it is asked at."""

    desk: Desk
    web: Origin

    @property
    def environ(self) -> dict[str, str]:
        return {**os.environ, "PAPERLARK_NOW": NOW.isoformat(), "PAPERLARK_MIRROR": self.web.url}

    @property
    def settings(self) -> Settings:
        return load_settings(self.desk.folder / "paperlark.toml", {})

    def stored(self) -> Run:
        with self.desk.database.reading() as connection:
            return runs_of(connection, [ASK])[ASK]


@pytest.fixture
def place(database: Database, store_url: str, tmp_path: Path) -> Iterator[Place]:
    with serving() as web:
        web.respond = World(now=NOW).respond
        desk = Desk(database, store_url, tmp_path)
        office = desk.office(date(2026, 8, 25))
        agenda(office, NOW)
        yield Place(desk, web)


def hang(_target: str, _headers: object) -> Reply:
    return Reply(stall=True)


def test_a_run_is_done_in_a_child(place: Place) -> None:
    assert Nurse().attend(ASK, place.settings, place.environ) == ""
    run = place.stored()
    assert (run.state, run.report["verdicts"]) == ("done", {"cs.CV": "complete", "cs.LG": "complete"})


def is_free(place: Place) -> bool:
    # PostgreSQL notices the end of a client when it gets to it.
    return any(_given(place) for _ in range(1000))


def _given(place: Place) -> bool:
    with lease(place.desk.database, "run:ask:arxiv") as held:
        return held


def test_one_that_takes_too_long_is_ended_and_lets_go(place: Place) -> None:
    place.web.respond = hang
    nurse = Nurse(limits={"ask": 6.0})
    assert nurse.attend(ASK, place.settings, place.environ) == "it took longer than 0.1 min"
    assert is_free(place)
    # Nobody has said what came of it.
    assert place.stored().state in ("due", "running")


def test_one_that_is_told_to_stop_stops(place: Place) -> None:
    place.web.respond = hang
    over, woken = list[Ended](), Event()
    some = Children(Nurse(), woken.set)
    run = place.stored()
    some.start(run, place.settings, place.environ)
    assert not some.takes(run, 9)
    assert not some.takes(run, 1)
    assert place.web.stalling.wait(120)
    over += some.stop()
    assert over == [Ended(run, "stopped")]
    assert woken.is_set()
    assert is_free(place)
    assert some.takes(run, 9)


def test_none_that_ends_is_lost_however_many_end_at_once() -> None:
    class Quick(Nurse):
        def attend(self, key: RunKey, settings: Settings, environ: Mapping[str, str]) -> str:
            del key, settings, environ
            return ""

    def run(number: int) -> Run:
        return Run(kind="compose", about=f"reader {number}", period="p", state="due", started_at=NOW, report={})

    some, over = Children(Quick(), lambda: None), set[str]()
    wanted = {f"reader {number}" for number in range(2000)}
    for number in range(2000):
        some.start(run(number), Settings.model_construct(), {})
        over |= {ended.run.about for ended in some.ended()}
    over |= {ended.run.about for ended in some.stop()}
    assert over == wanted
    assert some.takes(run(0), 1)


def test_one_whose_store_is_not_there_says_so_and_ends(place: Place, capfd: pytest.CaptureFixture[str]) -> None:
    away = place.settings.model_copy(update={"database_url": "postgresql+psycopg://nobody@127.0.0.1:9/nothing"})
    assert Nurse().attend(ASK, away, place.environ) == "the process ended with status 1"
    assert "paperlark: ask arxiv: " in capfd.readouterr().err


@pytest.mark.skipif(sys.platform != "linux", reason="a limit of memory that holds is Linux's")
def test_a_child_cannot_have_all_the_memory_there_is() -> None:
    wanted = "import jobs.children as c; c._limit_memory(); bytearray(c.MEMORY)"
    ended = subprocess.run([sys.executable, "-c", wanted], capture_output=True, check=False)
    assert ended.returncode == 1
    assert b"MemoryError" in ended.stderr
