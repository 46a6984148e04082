"""Giving clusters of fresh sightings their papers: the half of `record` that writes."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, Final, NamedTuple, Self

from sqlalchemy import Connection, select

from crawler.sighting import Sighting, hash_of
from storage.bulk import encode, insert_rows
from storage.chunks import chunks
from storage.join import join_papers
from storage.merge import Cluster, merge
from storage.models import IdentifierRow, PaperRow, SightingRow, TitleRow
from storage.paper import Paper
from storage.papers import papers_by_id
from storage.titles import title_key

_COLUMNS: Final = (
    *("id", "title", "url", "abstract", "authors", "categories", "comment", "journal_ref", "version"),
    *("report_number", "licence", "withdrawn"),
)
_ELSEWHERE: Final = ("identifiers", "announced_on", "links", "tags", "counts", "ranks")
"""What is kept of a paper beside its description."""
_REPLACED: Final = f"ON CONFLICT (id) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in _COLUMNS[1:])}"
_SAID: Final = ("source", "key", "content_hash", "paper_id", "content", "seen_at")


class Name(NamedTuple):
    """What makes a sighting unique."""

    source: str
    key: str
    content_hash: str


class Said(NamedTuple):
    """A sighting with its name, and its content as it is kept."""

    name: Name
    sighting: Sighting
    content: str

    @classmethod
    def of(cls, sighting: Sighting) -> Self:
        """Put the sighting into the words that are kept."""
        content = sighting.content_text()
        return cls(Name(sighting.source, sighting.key, hash_of(content)), sighting, content)


class Homes(NamedTuple):
    """Where fresh sightings went, which stored papers went into others, which papers are new or changed.

    `described` are the ids of those that have an abstract now and had none.
    """

    papers: dict[Name, int]
    moved: dict[int, int]
    made: Sequence[Paper]
    changed: Sequence[Paper]
    described: Sequence[int]


def settle(connection: Connection, clusters: Sequence[Cluster], fresh: Iterable[Said]) -> Homes:
    """Give every cluster its paper: a new one, the stored one, or the oldest of those that turn out to be one.

    The papers that are new or changed are still to be indexed.
    """
    new = [one for one in clusters if not one.paper_ids]
    old = [one for one in clusters if one.paper_ids]
    moved = {gone: one.paper_ids[0] for one in old for gone in one.paper_ids[1:]}
    for gone, kept in moved.items():
        join_papers(connection, kept, gone)
    numbers = _take_numbers(connection, len(new))
    made = [merge(number, one.sightings) for number, one in zip(numbers, new, strict=True)]
    insert_rows(connection, PaperRow, _COLUMNS, [_row(paper) for paper in made])
    homes = [*zip(numbers, new, strict=True), *((one.paper_ids[0], one) for one in old)]
    # By identity: to compare two sightings means to compare all they say.
    home_of = {id(sighting): paper_id for paper_id, one in homes for sighting in one.sightings}
    placed = [(home_of[id(one.sighting)], one) for one in fresh]
    _insert_sightings(connection, placed)
    changed, described = _merge_again(connection, {one.paper_ids[0] for one in old})
    papers = {one.name: paper_id for paper_id, one in placed}
    return Homes(papers, moved, made, changed, described)


def _take_numbers(connection: Connection, count: int) -> list[int]:
    """Return that many numbers that no paper has or had; nobody else takes any while this transaction writes."""
    if connection.dialect.name == "sqlite":
        last = connection.exec_driver_sql("SELECT seq FROM sqlite_sequence WHERE name = 'papers'").scalar() or 0
        return list(range(last + 1, last + 1 + count))
    drawn = connection.exec_driver_sql(
        "SELECT nextval(pg_get_serial_sequence('papers', 'id')) FROM generate_series(1, %s)", (count,)
    )
    return [row[0] for row in drawn]


def _insert_sightings(connection: Connection, placed: Sequence[tuple[int, Said]]) -> None:
    rows = [(*one.name, paper_id, one.content, one.sighting.seen_at) for paper_id, one in placed]
    insert_rows(connection, SightingRow, _SAID, rows, "ON CONFLICT DO NOTHING")
    names = [(name.scheme, name.value, paper_id) for paper_id, one in placed for name in one.sighting.identifiers]
    insert_rows(connection, IdentifierRow, ("scheme", "value", "paper_id"), names, "ON CONFLICT DO NOTHING")
    titles = {(key, paper_id) for paper_id, one in placed if (key := title_key(one.sighting.title)) is not None}
    insert_rows(connection, TitleRow, ("key", "paper_id"), sorted(titles), "ON CONFLICT DO NOTHING")


def _merge_again(connection: Connection, paper_ids: Iterable[int]) -> tuple[list[Paper], list[int]]:
    """Merge stored papers anew from all that was ever said of them; return those that changed, and who got an abstract."""
    changed, described = [], []
    for some in chunks(sorted(paper_ids)):
        before = {paper.id: paper for paper in papers_by_id(connection, some)}
        said: dict[int, list[Sighting]] = {}
        rows = connection.execute(
            select(SightingRow.paper_id, SightingRow.content, SightingRow.seen_at).where(SightingRow.paper_id.in_(some))
        )
        for row in rows:
            said.setdefault(row.paper_id, []).append(Sighting.from_content(row.content, row.seen_at))
        for paper_id, sightings in said.items():
            known = before[paper_id]
            merged = merge(paper_id, sightings)
            paper = replace(merged, **{name: getattr(known, name) for name in _ELSEWHERE})
            if paper != known:
                changed.append(paper)
            if paper.abstract and not known.abstract:
                described.append(paper_id)
    if changed:
        insert_rows(connection, PaperRow, _COLUMNS, [_row(paper) for paper in changed], _REPLACED)
    return changed, described


@lru_cache(maxsize=4096)
def _categories(categories: tuple[str, ...]) -> str:
    return encode(categories)  # most papers share theirs with others


def _row(paper: Paper) -> tuple[Any, ...]:
    return (
        paper.id,
        paper.title,
        paper.url,
        paper.abstract,
        encode(paper.authors),
        _categories(paper.categories),
        paper.comment,
        paper.journal_ref,
        paper.version,
        paper.report_number,
        paper.licence,
        paper.withdrawn,
    )
