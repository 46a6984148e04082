"""Reading queries: papers by name, by id and by candidates, and all that is known of one."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Select, and_, select

from crawler.identifiers import Identifier
from crawler.sighting import Author, Sighting, Tag
from storage.candidates import Candidates
from storage.chunks import SIZE, chunks
from storage.event import Event
from storage.events import event_of
from storage.links import links_of
from storage.models import AliasRow, EventRow, IdentifierRow, PaperRow, SightingRow, VersionRow
from storage.paper import Paper, PaperCount, PaperLink
from storage.search import condition
from storage.tags import counts_of, tags_of
from storage.venues import catalogue, ranks_of


class Version(NamedTuple):
    """A version of a paper, the day it was announced and the moment it was handed in, where a source told them."""

    version: int
    announced_on: date | None
    submitted_at: datetime | None = None


def find(connection: Connection, name: Identifier) -> Paper | None:
    """Return the paper of that name. `paperlark:7` is the store's own id, that of a joined paper included."""
    if name.scheme == "paperlark":
        wanted = int(name.value) if name.value.isdecimal() and len(name.value) < 19 else 0
        alias = connection.scalar(select(AliasRow.paper_id).where(AliasRow.id == wanted))
        paper_id: int | None = alias or wanted
    else:
        row = IdentifierRow
        paper_id = connection.scalar(select(row.paper_id).where(row.scheme == name.scheme, row.value == name.value))
    return next(iter(papers_by_id(connection, [paper_id] if paper_id else [])), None)


def find_page(connection: Connection, url: str) -> Paper | None:
    """Return the oldest paper whose own address is `url`, for papers that have no other name."""
    if "://" not in url:
        return None
    paper_id = connection.scalar(select(PaperRow.id).where(PaperRow.url == url).order_by(PaperRow.id).limit(1))
    return next(iter(papers_by_id(connection, [paper_id] if paper_id else [])), None)


def titles(connection: Connection, scheme: str, values: Iterable[str]) -> dict[str, str]:
    """Return the titles of the papers of these names, by name; those that there are."""
    row = IdentifierRow
    asked = select(row.value, PaperRow.title).join(PaperRow, PaperRow.id == row.paper_id).where(row.scheme == scheme)
    return {
        value: title for some in chunks(set(values)) for value, title in connection.execute(asked.where(row.value.in_(some)))
    }


def papers_by_id(connection: Connection, paper_ids: Iterable[int]) -> list[Paper]:
    """Return the papers of these ids, those there are, in the order of their ids."""
    return [
        paper
        for some in chunks(sorted(set(paper_ids)))
        for paper in _papers(connection, _select().where(PaperRow.id.in_(some)).order_by(PaperRow.id))
    ]


def search(connection: Connection, candidates: Candidates) -> Iterator[Paper]:
    """Yield the papers that may match, the newest first; what they match is for the caller to decide.

    Those that were never announced, catalogues and archives having been taken in at some time or other, come after the others.
    """
    where = condition(candidates, connection.dialect.name)
    for announced in (EventRow.paper_id.is_not(None), EventRow.paper_id.is_(None)):
        # Without `yield_per` the driver of PostgreSQL would hold every row before the first is looked at.
        statement = _select().where(announced).order_by(PaperRow.id.desc()).execution_options(yield_per=SIZE)
        yield from _papers(connection, statement if where is None else statement.where(where))


def versions(connection: Connection, paper_id: int) -> list[Version]:
    """Return the versions of a paper we have seen, the first one first."""
    row = VersionRow
    statement = select(row.version, row.announced_on, row.submitted_at).where(row.paper_id == paper_id).order_by(row.version)
    return [Version(*one) for one in connection.execute(statement)]


def sightings(connection: Connection, paper_id: int) -> list[Sighting]:
    """Return all that was ever said of a paper, in the order in which it was first said."""
    row = SightingRow
    statement = select(row.content, row.seen_at).where(row.paper_id == paper_id).order_by(row.seen_at, row.id)
    return [Sighting.from_content(content, seen_at) for content, seen_at in connection.execute(statement)]


def events(connection: Connection, paper_id: int) -> list[Event]:
    """Return what happened to a paper, in commit order."""
    statement = select(EventRow.__table__).where(EventRow.paper_id == paper_id).order_by(EventRow.sequence)
    return [event_of(row) for row in connection.execute(statement)]


def _select() -> Select[Any]:
    announced = and_(EventRow.paper_id == PaperRow.id, EventRow.kind == "announced", EventRow.key == "")
    return select(PaperRow.__table__, EventRow.on.label("announced_on")).outerjoin(EventRow, announced)


def _papers(connection: Connection, statement: Select[Any]) -> Iterator[Paper]:
    for rows in connection.execute(statement).partitions(SIZE):
        ids = [row.id for row in rows]
        names, links = _identifiers(connection, ids), links_of(connection, ids)
        tags, counts, venues = tags_of(connection, ids), counts_of(connection, ids), catalogue(connection)
        for row in rows:
            more = (links.get(row.id, ()), tags.get(row.id, ()), counts.get(row.id, ()))
            paper = _paper(row, names.get(row.id, ()), *more)
            yield replace(paper, ranks=ranks) if (ranks := ranks_of(venues, paper.tags)) else paper


def _identifiers(connection: Connection, paper_ids: Sequence[int]) -> dict[int, tuple[Identifier, ...]]:
    row = IdentifierRow
    statement = select(row.paper_id, row.scheme, row.value).where(row.paper_id.in_(paper_ids))
    names: dict[int, tuple[Identifier, ...]] = {}
    for paper_id, scheme, value in connection.execute(statement.order_by(row.scheme, row.value)):
        names[paper_id] = (*names.get(paper_id, ()), Identifier(scheme, value))
    return names


def _paper(
    row: Row[Any],
    names: tuple[Identifier, ...],
    links: tuple[PaperLink, ...],
    tags: tuple[Tag, ...],
    counts: tuple[PaperCount, ...],
) -> Paper:
    return Paper(
        id=row.id,
        title=row.title,
        url=row.url,
        authors=tuple(Author(*author) for author in row.authors),
        abstract=row.abstract,
        identifiers=names,
        categories=tuple(row.categories),
        comment=row.comment,
        journal_ref=row.journal_ref,
        version=row.version,
        report_number=row.report_number,
        licence=row.licence,
        withdrawn=row.withdrawn,
        announced_on=row.announced_on,
        links=links,
        tags=tags,
        counts=counts,
    )
