"""Giving clusters of fresh sightings their papers: the half of `record` that writes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, insert, select, update

from crawler.sighting import Sighting
from crawler.source import Recorded
from storage.chunks import chunks
from storage.join import join_papers
from storage.merge import Cluster, merge
from storage.models import IdentifierRow, PaperRow, SightingRow
from storage.paper import Paper
from storage.papers import papers_by_id
from storage.search import put
from storage.upsert import insert_or_ignore


class Name(NamedTuple):
    """What makes a sighting unique."""

    source: str
    key: str
    content_hash: str


class Homes(NamedTuple):
    """Where fresh sightings went, and which stored papers went into others."""

    papers: dict[Name, int]
    moved: dict[int, int]


def settle(connection: Connection, clusters: Sequence[Cluster], names: Mapping[Sighting, Name]) -> tuple[Homes, Recorded]:
    """Give every cluster its paper: a new one, the stored one, or the oldest of those that turn out to be one."""
    new = [one for one in clusters if not one.paper_ids]
    old = [one for one in clusters if one.paper_ids]
    moved = {gone: one.paper_ids[0] for one in old for gone in one.paper_ids[1:]}
    for gone, kept in moved.items():
        join_papers(connection, kept, gone)
    made = _insert_papers(connection, [merge(0, one.sightings) for one in new])
    homes = [*zip((paper.id for paper in made), new, strict=True), *((one.paper_ids[0], one) for one in old)]
    _insert_sightings(connection, homes, names)
    changed = _merge_again(connection, {one.paper_ids[0] for one in old})
    put(connection, [*made, *changed])
    papers = {names[sighting]: paper_id for paper_id, one in homes for sighting in one.sightings}
    return Homes(papers, moved), Recorded(new=len(made), updated=len(changed))


def _insert_papers(connection: Connection, papers: Sequence[Paper]) -> list[Paper]:
    if not papers:
        return []
    statement = insert(PaperRow).returning(PaperRow.id, sort_by_parameter_order=True)
    ids = connection.scalars(statement, [_row(paper) for paper in papers])
    return [replace(paper, id=paper_id) for paper, paper_id in zip(papers, ids, strict=True)]


def _insert_sightings(connection: Connection, homes: Iterable[tuple[int, Cluster]], names: Mapping[Sighting, Name]) -> None:
    sightings, identifiers = [], []
    for paper_id, one in homes:
        for sighting in one.sightings:
            sightings.append(
                {
                    **names[sighting]._asdict(),
                    "paper_id": paper_id,
                    "content": sighting.content(),
                    "seen_at": sighting.seen_at,
                }
            )
            identifiers += [{"scheme": name.scheme, "value": name.value, "paper_id": paper_id} for name in sighting.identifiers]
    if sightings:
        connection.execute(insert_or_ignore(connection, SightingRow), sightings)
    if identifiers:
        connection.execute(insert_or_ignore(connection, IdentifierRow), identifiers)


def _merge_again(connection: Connection, paper_ids: Iterable[int]) -> list[Paper]:
    """Merge stored papers anew from all that was ever said of them; return those that changed."""
    changed = []
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
            paper = replace(merge(paper_id, sightings), identifiers=known.identifiers, announced_on=known.announced_on)
            if paper != known:
                changed.append(paper)
    if changed:
        rows_of = [{**_row(paper), "paper": paper.id} for paper in changed]
        connection.execute(update(PaperRow).where(PaperRow.id == bindparam("paper")), rows_of)
    return changed


def _row(paper: Paper) -> dict[str, Any]:
    return {
        "title": paper.title,
        "url": paper.url,
        "abstract": paper.abstract,
        "authors": [[author.name, author.affiliation] for author in paper.authors],
        "categories": list(paper.categories),
        "comment": paper.comment,
        "journal_ref": paper.journal_ref,
        "version": paper.version,
        "report_number": paper.report_number,
        "licence": paper.licence,
        "withdrawn": paper.withdrawn,
    }
