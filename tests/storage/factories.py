"""Sightings, pages and checkpoints with everything a test does not care about filled in, and what a store believes."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, func, select

from crawler.identifiers import Identifier
from crawler.sighting import Author, Claim, Sighting
from crawler.source import Batch, Checkpoint, Kind, Page, Recorded
from storage.candidates import Everything
from storage.columns import Base
from storage.database import Database
from storage.papers import events, search, sightings, versions
from storage.record import record

NOON = datetime(2026, 8, 12, 12, tzinfo=UTC)
MONDAY, TUESDAY, WEDNESDAY = date(2026, 8, 10), date(2026, 8, 11), date(2026, 8, 12)


def sighting(key: str = "2608.00001", **parts: Any) -> Sighting:
    """Describe a paper as arXiv's listing of cs.CV does, with `parts` replaced."""
    known = {
        "source": "arxiv",
        "key": key,
        "seen_at": NOON,
        "title": f"Paper {key}",
        "url": f"https://arxiv.org/abs/{key}",
        "authors": (Author("Ada Lovelace"),),
        "abstract": "We describe an engine.",
        "identifiers": (Identifier("arxiv", key),),
        "categories": ("cs.CV",),
        "scope": "cs.CV",
        "action": "new",
        "announced_on": MONDAY,
    }
    return Sighting(**{**known, **parts})


def page(*seen: Sighting, kind: Kind = "announcement", claims: tuple[Claim, ...] = ()) -> Page:
    """Put sightings on a page."""
    return Page(kind=kind, sightings=seen, claims=claims)


def checkpoint(*keys: str, source: str = "arxiv", scope: str = "cs.CV", on: date = MONDAY) -> Checkpoint:
    """Vouch for a batch with these keys."""
    return Checkpoint(source=source, scope=scope, batch=Batch(announced_on=on, keys=frozenset(keys)))


def write(database: Database, *pages: Page) -> Recorded:
    """Record the pages, each in a transaction of its own, and return what they changed together."""
    new = updated = 0
    for one in pages:
        with database.writing() as connection:
            recorded = record(connection, one)
        new, updated = new + recorded.new, updated + recorded.updated
    return Recorded(new, updated)


def rows(connection: Connection) -> dict[str, int]:
    """Count the rows of every table."""
    return {
        name: connection.scalar(select(func.count()).select_from(table)) or 0 for name, table in Base.metadata.tables.items()
    }


def believed(connection: Connection) -> list[Any]:
    """Return all the store believes, without the numbers that depend on who came first."""
    everything = []
    for paper in search(connection, Everything()):
        parts = {name: getattr(paper, name) for name in paper.__dataclass_fields__ if name != "id"}
        happened = [(one.kind, one.source, one.on, sorted(one.detail.items())) for one in events(connection, paper.id)]
        said = sorted(one.content_hash() for one in sightings(connection, paper.id))
        everything.append((parts, versions(connection, paper.id), sorted(happened, key=repr), said))
    return sorted(everything, key=repr)


def look(database: Database) -> list[Any]:
    """Return all the store believes now."""
    with database.reading() as connection:
        return believed(connection)


@contextmanager
def emptied(database: Database) -> Iterator[Database]:
    """Give the store with nothing in it, for one more example of a property.

    A connection is kept meanwhile: the last one to close an SQLite file empties its log, which takes time.
    """
    with database.writing() as connection:
        for table in reversed(Base.metadata.sorted_tables):
            if table.name == "counters":
                connection.execute(table.update().values(value=0))
            else:
                connection.execute(table.delete())
        connection.exec_driver_sql("DELETE FROM paper_search")
    with database.engine.connect():
        yield database
