"""What sources file papers under, and what they count."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, cast

from sqlalchemy import Connection, delete, select

from crawler.sighting import CountName, Sighting, Tag, TagKind
from storage.bulk import insert_rows
from storage.models import CountRow, TagRow
from storage.paper import PaperCount, tag_key

_Counted = tuple[int, str, str, int, datetime]
_TAG: Final = ("paper_id", "kind", "key", "value")
_COUNT: Final = ("paper_id", "name", "source", "value", "seen_at")
_NEWER: Final = (
    "ON CONFLICT (paper_id, name, source) DO UPDATE SET value = excluded.value, seen_at = excluded.seen_at "
    "WHERE excluded.seen_at >= counts.seen_at"
)


def record_tags(connection: Connection, fresh: Iterable[tuple[int, Sighting]]) -> None:
    """Note the headings of fresh sightings, each with its paper; the first spelling of one stays."""
    rows = {
        (paper_id, tag.kind, key): (paper_id, tag.kind, key, tag.value)
        for paper_id, sighting in fresh
        for tag in sighting.tags
        if (key := tag_key(tag.kind, tag.value))
    }
    insert_rows(connection, TagRow, _TAG, list(rows.values()), "ON CONFLICT DO NOTHING")


def record_counts(connection: Connection, seen: Iterable[tuple[int, Sighting]]) -> None:
    """Note what the sources of sightings counted; of two numbers the one seen last stays."""
    rows: dict[tuple[int, str, str], _Counted] = {}
    for paper_id, sighting in seen:
        for count in sighting.counts:
            key = (paper_id, count.name, sighting.source)
            if key not in rows or rows[key][4] <= sighting.seen_at:
                rows[key] = (*key, count.value, sighting.seen_at)
    insert_rows(connection, CountRow, _COUNT, list(rows.values()), _NEWER)


def tags_of(connection: Connection, paper_ids: Sequence[int]) -> dict[int, tuple[Tag, ...]]:
    """Return the headings of these papers, by kind and value."""
    row = TagRow
    found: dict[int, tuple[Tag, ...]] = {}
    statement = select(row.paper_id, row.kind, row.value).where(row.paper_id.in_(paper_ids)).order_by(row.kind, row.value)
    for paper_id, kind, value in connection.execute(statement):
        found[paper_id] = (*found.get(paper_id, ()), Tag(cast("TagKind", kind), value))
    return found


def counts_of(connection: Connection, paper_ids: Sequence[int]) -> dict[int, tuple[PaperCount, ...]]:
    """Return what was counted of these papers, the newest number first."""
    statement = select(CountRow.__table__).where(CountRow.paper_id.in_(paper_ids))
    found: dict[int, tuple[PaperCount, ...]] = {}
    for row in connection.execute(statement.order_by(CountRow.name, CountRow.seen_at.desc(), CountRow.source)):
        name = cast("CountName", row.name)
        count = PaperCount(name=name, value=row.value, source=row.source, seen_at=row.seen_at)
        found[row.paper_id] = (*found.get(row.paper_id, ()), count)
    return found


def move_tags_and_counts(connection: Connection, kept: int, gone: int) -> None:
    """Give the headings and numbers of a paper to the one that it turned out to be."""
    tags = connection.execute(select(TagRow.__table__).where(TagRow.paper_id == gone)).all()
    insert_rows(connection, TagRow, _TAG, [(kept, *row[1:]) for row in tags], "ON CONFLICT DO NOTHING")
    counts = connection.execute(select(CountRow.__table__).where(CountRow.paper_id == gone)).all()
    insert_rows(connection, CountRow, _COUNT, [(kept, *row[1:]) for row in counts], _NEWER)
    for table in (TagRow, CountRow):
        connection.execute(delete(table).where(table.paper_id == gone))
