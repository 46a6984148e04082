"""Links to code, each with who says so and since when; and the day on which one appeared."""

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Final, cast

from sqlalchemy import Connection, delete, select

from crawler.links import LinkKind
from crawler.sighting import Sighting
from crawler.stated_links import stated_links
from storage.announcing import Stated
from storage.bulk import insert_rows
from storage.chunks import chunks
from storage.models import LinkRow
from storage.paper import PaperLink

AUTHORS: Final = "authors"
"""Who says what stands in the abstract or the comment, whichever source shows them."""

_COLUMNS: Final = ("paper_id", "key", "said_by", "url", "kind", "official", "seen_at")
_ORDER: Final[tuple[LinkKind, ...]] = ("code", "model", "demo", "dataset", "page", "pdf")
_IS_EARLIER: Final = "excluded.seen_at < links.seen_at"
_EARLIER: Final = (
    "ON CONFLICT (paper_id, key, said_by) DO UPDATE SET "
    f"seen_at = CASE WHEN {_IS_EARLIER} THEN excluded.seen_at ELSE links.seen_at END, "
    f"url = CASE WHEN {_IS_EARLIER} THEN excluded.url ELSE links.url END, "
    f"official = CASE WHEN {_IS_EARLIER} THEN COALESCE(excluded.official, links.official) "
    "ELSE COALESCE(links.official, excluded.official) END "
    f"WHERE {_IS_EARLIER} OR links.official IS NULL"
)


def stated_by(paper_id: int, sighting: Sighting) -> Iterator[Stated]:
    """Yield the links that a sighting states: its authors' in their texts, and the source's own."""
    for text in (sighting.abstract, sighting.comment or ""):
        for link in stated_links(text):
            yield Stated(paper_id, link, AUTHORS, sighting)
    for link in sighting.links:
        yield Stated(paper_id, link, sighting.source, sighting)


def record_links(connection: Connection, fresh: Iterable[tuple[int, Sighting]], made: AbstractSet[int]) -> list[Stated]:
    """Note the links of fresh sightings, each with its paper; return those that have appeared.

    That is those nobody had said of a paper before, but for the papers `made` just now: they begin with what they have.
    """
    said: dict[tuple[int, str, str], Stated] = {}
    for paper_id, sighting in fresh:
        for one in stated_by(paper_id, sighting):
            key = (paper_id, one.link.key, one.said_by)
            said[key] = _first(said[key], one) if key in said else one
    known = _keys(connection, {paper_id for paper_id, _, _ in said} - made)
    rows = [(*key, one.link.url, one.link.kind, one.link.official, one.sighting.seen_at) for key, one in said.items()]
    insert_rows(connection, LinkRow, _COLUMNS, rows, _EARLIER)
    first: dict[tuple[int, str], Stated] = {}
    for (paper_id, address, _), one in said.items():
        if paper_id not in made and (paper_id, address) not in known:
            first.setdefault((paper_id, address), one)
    return list(first.values())


def links_of(connection: Connection, paper_ids: Sequence[int]) -> dict[int, tuple[PaperLink, ...]]:
    """Return the links of these papers, code first, the official and then the oldest first."""
    rows = connection.execute(
        select(LinkRow.__table__).where(LinkRow.paper_id.in_(paper_ids)).order_by(LinkRow.seen_at, LinkRow.said_by)
    )
    said: dict[int, dict[str, list[PaperLink]]] = {}
    for row in rows:
        one = PaperLink(
            url=row.url,
            kind=cast("LinkKind", row.kind),
            official=row.official,
            said_by=(row.said_by,),
            seen_at=row.seen_at,
        )
        said.setdefault(row.paper_id, {}).setdefault(row.key, []).append(one)
    return {paper_id: tuple(sorted(map(_together, by_key.values()), key=_rank)) for paper_id, by_key in said.items()}


def move_links(connection: Connection, kept: int, gone: int) -> None:
    """Give the links of a paper to the one that it turned out to be."""
    rows = connection.execute(select(LinkRow.__table__).where(LinkRow.paper_id == gone)).all()
    moved = [(kept, row.key, row.said_by, row.url, row.kind, row.official, row.seen_at) for row in rows]
    insert_rows(connection, LinkRow, _COLUMNS, moved, _EARLIER)
    connection.execute(delete(LinkRow).where(LinkRow.paper_id == gone))


def _first(one: Stated, other: Stated) -> Stated:
    """Return the earlier of two words of one source, with whether it is official from the other where it does not say."""
    first, second = sorted((one, other), key=lambda said: said.sighting.seen_at)
    official = second.link.official if first.link.official is None else first.link.official
    return first._replace(link=first.link._replace(official=official))


def _keys(connection: Connection, paper_ids: Iterable[int]) -> set[tuple[int, str]]:
    found: set[tuple[int, str]] = set()
    for some in chunks(sorted(paper_ids)):
        rows = connection.execute(select(LinkRow.paper_id, LinkRow.key).where(LinkRow.paper_id.in_(some)))
        found.update((row.paper_id, row.key) for row in rows)
    return found


def _together(said: Sequence[PaperLink]) -> PaperLink:
    first = said[0]
    authors = next((one.official for one in said if AUTHORS in one.said_by), None)
    words = [one.official for one in said if one.official is not None]
    return PaperLink(
        url=first.url,
        kind=min((one.kind for one in said), key=_ORDER.index),  # a repository may be a data set's home as well
        official=authors if authors is not None else any(words) if words else None,
        said_by=tuple(one.said_by[0] for one in said),
        seen_at=first.seen_at,
    )


def _rank(link: PaperLink) -> tuple[int, bool, datetime, str]:
    return _ORDER.index(link.kind), not link.official, link.seen_at, link.url
