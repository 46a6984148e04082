"""The real `paperlark serve`: days that pass in seconds, a source that hangs, and a daemon that is killed and comes again."""

import re
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import pytest

from jobs.clock import Clock
from tests.crawler.origin import Origin, Reply, serving
from tests.faults.arxiv_world import BATCHES, SCOPES, World, truth
from tests.faults.reader import Reader, by_id, digests, open_reader, write_settings

PATIENCE = 600
"""Seconds after which what is waited for counts as never coming."""


@dataclass
class Stage:
    """A reader whose days are minutes, and the daemon that works for them."""

    reader: Reader
    clock: Clock
    web: Origin
    world: World
    process: subprocess.Popen[bytes] | None = None

    def respond(self, target: str, headers: Mapping[str, str]) -> Reply:
        """Answer as of whatever the clock shows."""
        self.world.now = self.clock()
        return self.world.respond(target, headers)

    @property
    def log(self) -> Path:
        return self.reader.folder / "serve.log"

    def begin(self, *, measured: bool = True) -> None:
        environment = {**self.reader.environment(self.clock(), measured=measured), **self.clock.variable()}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(self.reader.call("serve"), env=environment, stdout=log, stderr=log)

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)

    def waits_for(self, pattern: str, times: int = 1) -> None:
        """Wait until the log has lines of that form, so often."""
        self.waits(lambda: len(re.findall(pattern, self.log.read_text("utf-8"), re.MULTILINE)) >= times)

    def waits(self, what: Any) -> None:
        until = time.monotonic() + PATIENCE
        while not what():
            assert time.monotonic() < until, self.log.read_text("utf-8")
            assert self.process is not None
            assert self.process.poll() is None, self.log.read_text("utf-8")
            time.sleep(0.05)

    def runs(self) -> list[tuple[str, str, str, str]]:
        with closing(sqlite3.connect(self.reader.folder / "paperlark.db")) as store:
            return store.execute("SELECT kind, about, period, state FROM runs").fetchall()


def since(start: datetime, rate: int) -> Clock:
    return Clock.from_environment({"PAPERLARK_NOW": f"{start.isoformat()}@{rate}"})


@contextmanager
def staged(folder: Path, start: datetime, rate: int, scopes: tuple[str, ...] = SCOPES) -> Iterator[Stage]:
    with serving() as web, open_reader(folder, web.url) as reader:
        write_settings(reader, scopes, "title:skylark", zone="Asia/Shanghai")
        settings = folder / "paperlark.toml"
        settings.write_text(settings.read_text("utf-8").replace("categories =", 'delay = "15ms"\ncategories =', 1), "utf-8")
        stage = Stage(reader, since(start, rate), web, World(now=start))
        web.respond = stage.respond
        try:
            yield stage
        finally:
            with suppress(Exception):
                stage.end(signal.SIGKILL)


def test_a_morning_comes_by_itself_and_once(tmp_path: Path) -> None:
    # The reader's hour, 10:30 in Shanghai, is half past two here.
    with staged(tmp_path, datetime(2026, 8, 24, 2, 40, tzinfo=UTC), 20) as stage:
        stage.begin()
        stage.waits_for(r"run\.end kind=deliver .*state=done sent=1")
        assert stage.end() == 0
        # The next day's list is there; its hour is not.
        stage.clock = since(datetime(2026, 8, 25, 0, 28, tzinfo=UTC), 20)
        stage.begin()
        stage.waits_for(r"run\.end kind=ask about=arxiv period=2026-08-25T00:30 state=done")
        assert stage.end() == 0
        assert len(stage.reader.mail.bodies) == 1
        ((_, day),) = digests(tmp_path)
        assert day.isoformat() == "2026-08-24"
        assert "Traceback" not in stage.log.read_text("utf-8")


def test_a_source_that_hangs_is_stopped_with_the_daemon(tmp_path: Path) -> None:
    with staged(tmp_path, datetime(2026, 8, 25, 3, tzinfo=UTC), 1) as stage:
        stage.web.respond = lambda _target, _headers: Reply(stall=True)
        stage.begin()
        stage.waits(stage.web.stalling.is_set)
        assert stage.end() == 0
        # What it was at is still to be done, and is by the next one.
        assert ("ask", "arxiv", "2026-08-25T00:30", "running") in stage.runs()
        stage.web.respond = World(now=datetime(2026, 8, 25, 3, 5, tzinfo=UTC)).respond
        stage.begin()
        stage.waits_for(r"run\.end kind=deliver .*state=done sent=1")
        assert stage.end() == 0


@pytest.mark.slow
def test_a_daemon_that_is_killed_throughout_loses_nothing(tmp_path: Path) -> None:
    # Two days, and the third is a Saturday without a list.
    live_through(tmp_path, datetime(2026, 9, 16, 6, tzinfo=UTC), 2, Pace(900, 1, 12))


@pytest.mark.hour
def test_an_hour_is_two_weeks_of_mornings_with_kills_throughout(tmp_path: Path) -> None:
    # In them arXiv fails, is stale and is cut off on some mornings; the day after them has no list.
    live_through(tmp_path, datetime(2026, 8, 24, 6, tzinfo=UTC), 14, Pace(336, 2, 40))


class Pace(NamedTuple):
    """How fast the clock goes, and after how many seconds at least and at most the daemon is killed."""

    rate: int
    least: float
    most: float


def live_through(folder: Path, start: datetime, days: int, pace: Pace) -> None:
    """Kill a daemon again and again for so many days, leave it in peace for one more, and look at all that came of it."""
    with staged(folder, start, pace.rate) as stage:
        dice, kills = Random("killed throughout"), 0
        stage.begin(measured=False)
        while stage.clock() < start + timedelta(days=days):
            time.sleep(dice.uniform(pace.least, pace.most))
            stage.end(dice.choice([signal.SIGKILL, signal.SIGTERM]))
            kills += 1
            stage.begin(measured=False)
        # What days of kills kept from their digests is in that of the day in peace.
        last = (start + timedelta(days=days + 1)).date().isoformat()
        stage.waits_for(rf"run\.end kind=compose .*period={last} state=done")
        stage.waits(lambda: not [run for run in stage.runs() if run[3] in ("due", "running")])
        assert stage.end() == 0
        mails = by_id(stage.reader.mail.bodies)
        shown = [paper for digest in digests(folder).values() for paper in digest.new]
        requests = len(stage.web.requests)
        print(f"{days} days: {kills} kills, {len(digests(folder))} digests, {len(shown)} papers,", end=" ")
        print(f"{sum(map(len, mails.values()))} mails for {len(mails)}, {requests} requests")
        wanted = {
            notice.entry.id
            for notice in truth().notices
            if notice.on in BATCHES
            and start.date() <= notice.on <= start.date() + timedelta(days=days)
            and notice.entry.action != "replace"
            and "Skylark" in notice.entry.title
            and set(notice.entry.categories) & set(SCOPES)
        }
        assert kills > days
        assert len(shown) == len(set(shown))
        assert set(shown) == wanted
        assert all(len(set(copies)) == 1 for copies in mails.values())
        assert "Traceback" not in stage.log.read_text("utf-8")
