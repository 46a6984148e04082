"""The real `paperlark serve`: days that pass in seconds, a source that hangs, and a daemon that is killed and comes again."""

import signal
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest

from tests.crawler.origin import Reply
from tests.faults.arxiv_world import BATCHES, SCOPES, World, truth
from tests.faults.reader import by_id, digests
from tests.faults.stage import PATIENCE, since, staged


def test_a_morning_comes_by_itself_and_once(tmp_path: Path) -> None:
    # The reader's hour, 10:30 in Shanghai, is half past two here.
    with staged(tmp_path, datetime(2026, 8, 24, 2, 40, tzinfo=UTC), 20) as stage:
        stage.begin()
        stage.waits_for(r"run\.end kind=deliver .*state=done sent=1")
        stage.rests()
        assert stage.end() == 0
        # The next day's list is there; its hour is not.
        stage.clock = since(datetime(2026, 8, 25, 0, 28, tzinfo=UTC), 20)
        stage.begin()
        stage.waits_for(r"run\.end kind=ask about=arxiv period=2026-08-25T00:30 state=done")
        assert stage.end() == 0
        assert len(stage.reader.mail.bodies) == 1
        ((_, day),) = digests(tmp_path)
        assert day.isoformat() == "2026-08-24"
        assert "Traceback" not in stage.told


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
        stage.rests()
        assert stage.end() == 0


def test_a_zone_that_is_none_is_named_at_the_start(tmp_path: Path) -> None:
    with staged(tmp_path, datetime(2026, 8, 24, 3, tzinfo=UTC), 1) as stage:
        stage.edit('timezone = "Asia/Shanghai"', 'timezone = "Mars/Base"')
        assert stage.call("serve").wait(PATIENCE) == 2

        (line,) = stage.told.splitlines()
        assert "paperlark.timezone: " in line


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
        stage.rests()
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
        assert "Traceback" not in stage.told
