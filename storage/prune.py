"""Taking away sightings that were superseded, where nothing that is known of a paper is by them alone."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, delete, func, select

from crawler.sighting import Sighting
from storage.chunks import chunks
from storage.database import Database
from storage.models import SightingRow
from storage.supplies import believed, supplied_by

_PIECE: Final = 1_000
"""So many papers are looked at in one transaction, for which other writers wait."""


class Pruned(NamedTuple):
    """How many sightings went, and how many bytes their words had; and how many were superseded and are still needed."""

    sightings: int = 0
    bytes: int = 0
    needed: int = 0


class Stored(NamedTuple):
    """A sighting with its number in the store, and whether a newer one is of the same source and key."""

    id: int
    sighting: Sighting
    superseded: bool


def prune(database: Database, before: datetime, told: Callable[[int, int], None], *, dry: bool = False) -> Pruned:
    """Delete sightings of before that moment of which the same source has said something newer under the same key.

    One stays that still supplies something: a word of the merged paper, a name, a title with its authors, a heading, a link,
    or the first day of a version. `dry`: delete nothing. `told`: of how many papers.
    """
    with database.reading() as connection:
        papers = _superseded(connection, before)
    total, done = Pruned(), 0
    for some in chunks(papers, _PIECE):
        with (database.reading if dry else database.writing)() as connection:
            gone, needed = _dispensable(connection, some, before)
            if not dry:
                for ids in chunks(one.id for one in gone):
                    connection.execute(delete(SightingRow).where(SightingRow.id.in_(ids)))
        size = sum(len(one.sighting.content_text()) for one in gone)
        total = Pruned(total.sightings + len(gone), total.bytes + size, total.needed + needed)
        done += len(some)
        told(done, len(papers))
    return total


def _superseded(connection: Connection, before: datetime) -> list[int]:
    """Return the papers of which a source has said, before that moment and under one key, what is not its newest word."""
    row = SightingRow
    # By the index of names alone; the rows, with all their words, are then read where there are several of one name.
    several = select(row.source, row.key).group_by(row.source, row.key).having(func.count() > 1).subquery()
    papers = (
        select(row.paper_id)
        .join(several, (several.c.source == row.source) & (several.c.key == row.key))
        .where(row.seen_at < before)
        .distinct()
        .order_by(row.paper_id)
    )
    return list(connection.scalars(papers))


def _dispensable(connection: Connection, paper_ids: Sequence[int], before: datetime) -> tuple[list[Stored], int]:
    """Return the sightings of these papers that may go, and how many superseded ones may not."""
    row = SightingRow
    said: dict[int, list[Any]] = {}
    for one in connection.execute(
        select(row.id, row.paper_id, row.content, row.seen_at).where(row.paper_id.in_(paper_ids)).order_by(row.seen_at, row.id)
    ):
        said.setdefault(one.paper_id, []).append(one)
    gone: list[Stored] = []
    needed = 0
    for rows in said.values():
        stored = list(_newest_apart(rows, before))
        ours = dispensable(stored)
        gone += ours
        needed += sum(one.superseded for one in stored) - len(ours)
    return gone, needed


def _newest_apart(rows: Sequence[Any], before: datetime) -> Iterator[Stored]:
    """Tell of sightings, the oldest first, which are superseded: by a later one that is also the later row."""
    sightings = [Sighting.from_content(one.content, one.seen_at) for one in rows]
    newest = {(one.source, one.key): (one.seen_at, row.id) for one, row in zip(sightings, rows, strict=True)}
    highest: dict[tuple[str, str], int] = {}
    for one, row in zip(sightings, rows, strict=True):
        highest[one.source, one.key] = max(row.id, highest.get((one.source, one.key), 0))
    for one, row in zip(sightings, rows, strict=True):
        name = (one.source, one.key)
        is_last = row.id == highest[name] or (one.seen_at, row.id) == newest[name]
        yield Stored(row.id, one, superseded=not is_last and one.seen_at < before)


def dispensable(stored: Sequence[Stored]) -> list[Stored]:
    """Return those of the superseded sightings of one paper without which as much is known of it, the oldest first."""
    supplies = {one.id: supplied_by(one.sighting) for one in stored}

    def known_by(some: Sequence[Stored]) -> tuple[object, ...]:
        return believed([one.sighting for one in some]), frozenset().union(*(supplies[one.id] for one in some))

    kept, known = list(stored), known_by(stored)
    for one in [each for each in stored if each.superseded]:
        others = [each for each in kept if each is not one]
        if known_by(others) == known:
            kept = others
    left = {one.id for one in kept}
    return [one for one in stored if one.id not in left]
