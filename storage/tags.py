"""What sources file papers under, and what they count."""

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Final, cast

from sqlalchemy import Connection, delete, select

from crawler.appearances import same
from crawler.sighting import CountName, Sighting, Tag, TagKind
from crawler.venue_mentions import Named, accepted_in
from storage.announcing import Accepted
from storage.bulk import insert_rows
from storage.chunks import chunks
from storage.models import CountRow, TagRow
from storage.paper import PaperCount, tag_key

_Counted = tuple[int, str, str, int, datetime]
_TAG: Final = ("paper_id", "kind", "key", "value")
_AT: Final = "\n"
"""What stands in a track's key before that of its venue: no key has it, and to a query it is the end of a key (`EDGE`)."""
_COUNT: Final = ("paper_id", "name", "source", "value", "seen_at")
_NEWER: Final = (
    "ON CONFLICT (paper_id, name, source) DO UPDATE SET value = excluded.value, seen_at = excluded.seen_at "
    "WHERE excluded.seen_at >= counts.seen_at"
)


def record_tags(
    connection: Connection, fresh: Iterable[tuple[int, Sighting]], made: AbstractSet[int] = frozenset()
) -> list[Accepted]:
    """Note the headings of fresh sightings, each with its paper; the first spelling of one stays.

    Return the venues that authors say a paper is accepted at and nobody had told of before, but for the papers `made` just now.
    """
    rows: dict[tuple[int, TagKind, str], str] = {}
    said: dict[tuple[int, str], Accepted] = {}
    for paper_id, sighting in fresh:
        # What the source says itself of the place is not to be read once more out of a reference.
        listed = any(tag.kind == "venue" for tag in sighting.tags)
        named = () if listed else accepted_in(sighting.comment, sighting.journal_ref)
        for tag in (*_placed(sighting.tags), *tags_of_venues(named)):
            if key := row_key(tag):
                rows.setdefault((paper_id, tag.kind, key), tag.value)
        for one in named if paper_id not in made else ():
            said.setdefault((paper_id, tag_key("venue", one.edition)), Accepted(paper_id, one, sighting))
    known = _venues(connection, {paper_id for paper_id, _ in said})
    appeared = [one for (paper_id, key), one in said.items() if not any(same(key, other) for other in known.get(paper_id, ()))]
    insert_rows(connection, TagRow, _TAG, [(*key, value) for key, value in rows.items()], "ON CONFLICT DO NOTHING")
    return appeared


def row_key(tag: Tag) -> str:
    """Return what two headings of a paper have in common that are one; of a track, the key of its venue is a part of it."""
    key = tag_key(tag.kind, tag.value)
    at = tag_key("venue", tag.venue)
    return f"{key}{_AT}{at}" if key and at else key


def _placed(tags: Iterable[Tag]) -> Iterator[Tag]:
    """Yield the headings of one sighting, its tracks with the one venue that it has."""
    venues = [tag.value for tag in tags if tag.kind == "venue"]
    for tag in tags:
        yield tag._replace(venue=venues[0]) if tag.kind == "track" and len(venues) == 1 else tag


def tags_of_venues(named: Iterable[Named]) -> Iterator[Tag]:
    """Yield the headings that venues in a text make: the edition, and how the paper is presented there."""
    for one in named:
        yield Tag("venue", one.edition)
        yield from (Tag("track", track, one.edition) for track in one.tracks)


def _venues(connection: Connection, paper_ids: Iterable[int]) -> dict[int, list[str]]:
    """Return the keys of the venues that these papers have."""
    found: dict[int, list[str]] = {}
    row = TagRow
    for some in chunks(sorted(paper_ids)):
        for paper_id, key in connection.execute(
            select(row.paper_id, row.key).where(row.paper_id.in_(some), row.kind == "venue")
        ):
            found.setdefault(paper_id, []).append(key)
    return found


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
    statement = select(row.paper_id, row.kind, row.key, row.value).where(row.paper_id.in_(paper_ids))
    rows: dict[int, list[tuple[str, str, str]]] = {}
    for paper_id, *heading in connection.execute(statement.order_by(row.kind, row.value, row.key)):
        rows.setdefault(paper_id, []).append((heading[0], heading[1], heading[2]))
    return {paper_id: tuple(_headings(headings)) for paper_id, headings in rows.items()}


def _headings(rows: Sequence[tuple[str, str, str]]) -> Iterator[Tag]:
    """Make the headings of one paper; a track's venue is spelled as the paper's heading for it."""
    venues = {key: value for kind, key, value in rows if kind == "venue"}
    for kind, key, value in rows:
        at = key.partition(_AT)[2] if kind == "track" else ""
        yield Tag(cast("TagKind", kind), value, venues.get(at, at))


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
