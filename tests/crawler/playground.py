"""A small world for the tests of the crawl: sources, readers, sinks and clocks that a child process can import by name.

A page of this world is lines of text: `day 2026-08-12`, `expect 3`, `dated`, `cut`, `follow URL`, `reject KEY`, and any
other word the key of a paper. A page that does not begin with `#` is not one of this world.
"""

import json
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from crawler.calendar import Due
from crawler.errors import ReadError, StorageError
from crawler.sighting import Claim, Reject, Sighting
from crawler.source import Checkpoint, Fetched, Page, Recorded, Route, Sink, Source

NOW = datetime(2026, 8, 12, 8, tzinfo=UTC)
TODAY = date(2026, 8, 12)


def frozen_clock() -> datetime:
    """The time in this world, which stands still."""
    return NOW


@dataclass(frozen=True, slots=True)
class Daily:
    """A calendar with a batch every day."""

    batch_on: date | None = TODAY

    def due(self, now: datetime) -> Due:
        return Due(self.batch_on, now + timedelta(days=1))

    def newest(self, now: datetime) -> date | None:
        return self.batch_on

    def batches(self, after: date, before: date) -> tuple[date, ...]:
        return tuple(after + timedelta(days=n) for n in range(1, (before - after).days))

    def last_chance(self, now: datetime) -> datetime:
        return now.replace(hour=0, minute=0, second=0, microsecond=0)

    def of(self, scope: str) -> "Daily":
        return self

    def without(self, evenings: frozenset[date]) -> "Daily":
        return self


def read_words(fetched: Fetched) -> Page:
    """Read a page of this world."""
    lines = fetched.body.decode().split("\n")
    if lines[0] != "#":
        raise ReadError(f"{fetched.source}: no page of this world")
    said = [line.split(" ", 1) for line in lines[1:] if " " in line]
    values = {name: value for name, value in said if name != "follow"}
    keys = [line for line in lines[1:] if line and " " not in line and line not in {"dated", "cut"}]
    day = date.fromisoformat(values["day"]) if "day" in values else None
    rejects = tuple(Reject(key=value, why="unreadable") for name, value in said if name == "reject")
    expected = int(values["expect"]) if "expect" in values else None
    seen = len(keys) + len(rejects)
    return Page(
        kind="announcement",
        sightings=tuple(_sighting(fetched, key, day) for key in keys),
        claims=(Claim(scope=fetched.scope, section="new", announced_on=day, expected=expected, seen=seen),),
        follow=tuple(value for name, value in said if name == "follow"),
        rejects=rejects,
        dated="dated" in lines,
        whole="cut" not in lines,
    )


def _sighting(fetched: Fetched, key: str, day: date | None) -> Sighting:
    return Sighting(
        source=fetched.source,
        key=key,
        seen_at=fetched.at,
        title=f"Title of {key}",
        url=f"https://papers.test/{key}",
        scope=fetched.scope,
        announced_on=day,
    )


def read_badly(fetched: Fetched) -> Page:
    """A reader with a mistake in it."""
    raise ValueError(f"a mistake\nover two lines in {fetched.scope}")


@dataclass(frozen=True, slots=True)
class Broken:
    """A calendar with a mistake in it."""

    def due(self, now: datetime) -> Due:
        raise LookupError(f"no such day: {now:%d}")

    def newest(self, now: datetime) -> date | None:
        return self.due(now).batch_on

    def batches(self, after: date, before: date) -> tuple[date, ...]:
        raise LookupError(f"no days between {after} and {before}")

    def last_chance(self, now: datetime) -> datetime:
        return self.due(now).next_at

    def of(self, scope: str) -> "Broken":
        return self

    def without(self, evenings: frozenset[date]) -> "Broken":
        raise LookupError(f"no evenings like {evenings}")


def die_at_b(fetched: Fetched) -> Page:
    """Read, but at the scope b end the process as the kernel would."""
    if fetched.scope == "b":
        os.kill(os.getpid(), signal.SIGKILL)
    return read_words(fetched)


LISTING = Route(name="listing", start="https://papers.test/list/{scope}", read=read_words, calendar=Daily())
FEED = Route(
    name="feed",
    start="https://feed.papers.test/{scope}",
    read=read_words,
    calendar=Daily(),
    rules="api terms",
    accept="application/rss+xml",
    timeout=timedelta(seconds=0.4),
    max_bytes=1024 * 1024,
)
DELAY = timedelta(seconds=3)
BOTH = Source(name="both", title="Listing, then feed", routes=(LISTING, FEED), delay=DELAY)
ONE = Source(name="one", title="Only a feed", routes=(FEED,), delay=DELAY)
DEADLY = Source(name="deadly", title="Kills its process at b", routes=(replace(FEED, read=die_at_b),), delay=DELAY)
CLUMSY = Source(name="clumsy", title="Its reader has a mistake", routes=(replace(FEED, read=read_badly),), delay=DELAY)
LOST = Source(name="lost", title="Its calendar has a mistake", routes=(replace(FEED, calendar=Broken()),), delay=DELAY)
PATIENT = Source(
    name="patient", title="Waits for an answer", routes=(replace(FEED, timeout=timedelta(minutes=5)),), delay=DELAY
)


@contextmanager
def open_file(database: str) -> Iterator[Sink]:
    """A sink that writes a line of JSON for each page, and says when it is closed."""
    path = Path(database.removeprefix("file:"))

    def sink(page: Page, checkpoint: Checkpoint) -> Recorded:
        keys = ",".join(sighting.key for sighting in page.sightings)
        if "unlucky" in keys:
            raise StorageError(f"cannot write to {database}")
        batch = checkpoint.batch.announced_on if checkpoint.batch else None
        held = sorted(checkpoint.batch.keys) if checkpoint.batch else []
        etag = checkpoint.validators.get("listing", ("", ""))[0]
        place = f"{os.getpid()}.{threading.get_ident()}"
        # Not ru_maxrss, which a process inherits from the one that started it.
        status = Path("/proc/self/status").read_text("utf-8")
        peak = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:")) // 1024
        line = {"scope": checkpoint.scope, "keys": keys, "batch": str(batch), "held": held, "etag": etag}
        with path.open("a") as file:
            file.write(json.dumps({**line, "place": place, "megabytes": peak}) + "\n")
        return Recorded(new=len(page.sightings))

    yield sink
    path.with_suffix(".closed").write_text(str(threading.get_ident()))


def words(*lines: str, day: date = TODAY) -> str:
    """Write a dated page of this world."""
    return "\n".join(("#", "dated", f"day {day}", *lines))
