"""A day of 713 papers into a store: read the listing, record it, match it against six topics, render the digest."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import partial
from typing import Final

import psycopg
from sqlalchemy import make_url

from crawler.readers.arxiv_listing import read_arxiv_listing
from crawler.samples.arxiv import Entry, render_listing
from crawler.source import Batch, Checkpoint, Fetched, Page, Sink
from crawler.sources import find
from digests.query import parse
from digests.render import text
from digests.subscription import Subscription, Topic
from jobs.banner import Watched
from jobs.digesting import Desk, Draft, draft, publish
from jobs.letters import letters
from jobs.starter import TOPICS
from storage.database import Database, open_database
from storage.record import open_sink
from tests.benchmarks import bare, measure
from tests.benchmarks.corpus import PAPERS_A_DAY, SCOPE, Corpus, date_of
from tests.benchmarks.stores import plain_url

READER: Final = Subscription(
    name="morning",
    topics=tuple(Topic(name=topic.name, text=topic.query, query=parse(topic.query)) for topic in TOPICS),
    forms=("file",),
)


@dataclass(slots=True)
class Shelf:
    """A store to measure on, and how many days it has had: each is different, so that none is measured twice."""

    url: str
    corpus: Corpus
    count: int
    cpu: measure.Cpu
    days: int = 0

    def next_day(self) -> tuple[date, Fetched]:
        """Return the next day and its listing."""
        day = date_of(self.days)
        body = render_listing(SCOPE, day, self.corpus.day(self.days, self.count))
        self.days += 1
        url = f"https://arxiv.org/list/{SCOPE}/new"
        return day, Fetched(source="arxiv", scope=SCOPE, url=url, status=200, headers={}, body=body, at=morning_of(day))


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """CPU seconds of the parts of a day, of reading and recording the same page again, and of the bare script's parts."""

    read: float
    record: float
    match: float
    render: float
    again: float
    bare_read_and_record: float
    bare_match_and_render: float

    @property
    def whole(self) -> float:
        """Everything, once."""
        return self.read + self.record + self.match + self.render

    @property
    def bare(self) -> float:
        """Everything, by the bare script."""
        return self.bare_read_and_record + self.bare_match_and_render


@dataclass(frozen=True, slots=True)
class Desks:
    """A store, open for us and for the bare script."""

    database: Database
    sink: Sink
    write_bare: Callable[[Sequence[Entry], str], None]


def measured(shelf: Shelf, days: int) -> Times:
    """Return the least of what each part took over so many days; the first of them warms everything up."""
    with _desks(shelf.url) as desks:
        taken = [_spend(shelf, desks) for _ in range(days)]
    return Times(**{name: min(getattr(one, name) for one in taken) for name in Times.__slots__})


def morning_of(day: date) -> datetime:
    """Return a moment at which arXiv's list shows the batch of that day."""
    return datetime.combine(day, time(3), UTC)


def _spend(shelf: Shelf, desks: Desks) -> Times:
    on, fetched = shelf.next_day()
    read, page = measure.of(partial(read_arxiv_listing, fetched), shelf.cpu)
    checkpoint = _checkpoint(page, on)
    record, recorded = measure.of(partial(desks.sink, page, checkpoint), shelf.cpu)
    match, one = measure.of(partial(_compose, desks.database, fetched.at), shelf.cpu)
    render, _ = measure.of(partial(_write, desks.database, one, fetched.at), shelf.cpu)
    again, _ = measure.of(lambda: desks.sink(read_arxiv_listing(fetched), checkpoint), shelf.cpu)
    if len(page.sightings) != PAPERS_A_DAY or not recorded.new or not one.digest.papers:
        raise RuntimeError(f"the day of {on} was not what it should be: {recorded}, {one.digest.papers} papers in the digest")
    on, fetched = shelf.next_day()
    bare_record, found = measure.of(lambda: _bare_record(desks, fetched.body, on), shelf.cpu)
    bare_render, _ = measure.of(lambda: bare.write(bare.match(found)), shelf.cpu)
    return Times(
        read=read,
        record=record,
        match=match,
        render=render,
        again=again,
        bare_read_and_record=bare_record,
        bare_match_and_render=bare_render,
    )


def _checkpoint(page: Page, on: date) -> Checkpoint:
    batch = Batch(announced_on=on, keys=frozenset(sighting.key for sighting in page.sightings))
    return Checkpoint(source="arxiv", scope=SCOPE, batch=batch)


def _compose(database: Database, now: datetime) -> Draft:
    with database.reading() as connection:
        return draft(Desk(connection, [Watched(find("arxiv"), (SCOPE,))]), READER, now)


def _write(database: Database, one: Draft, now: datetime) -> None:
    """Render all three forms, and put those of the files into the outbox."""
    text(one.digest)
    if not publish(database, one, letters(one.digest, READER, one.period, None, now), now):
        raise RuntimeError(f"the digest of {one.period} was there already")


def _bare_record(desks: Desks, body: bytes, on: date) -> list[Entry]:
    found = bare.walk(body)
    desks.write_bare(found, on.isoformat())
    return found


@contextmanager
def _desks(url: str) -> Iterator[Desks]:
    with ExitStack() as stack:
        database = stack.enter_context(closing(open_database(url)))
        sink = stack.enter_context(open_sink(url))
        if database.is_sqlite:
            file = stack.enter_context(closing(sqlite3.connect(make_url(url).database or "", isolation_level=None)))
            for pragma in ("synchronous = FULL", "foreign_keys = ON"):
                file.execute(f"PRAGMA {pragma}")
            yield Desks(database, sink, partial(bare.insert, file))
        else:
            yield Desks(database, sink, partial(bare.copy_in, stack.enter_context(psycopg.connect(plain_url(url)))))
