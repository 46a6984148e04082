"""Whether a store is what it should be: what its rows refer to is there, and its papers are what was said of them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, ForeignKeyConstraint, and_, func, not_, select

from crawler.sighting import Sighting
from storage.chunks import chunks
from storage.columns import table_of
from storage.database import Database
from storage.indexing import described, left_over, unlike
from storage.merge import merge
from storage.models import AliasRow, IdentifierRow, PaperRow, SightingRow, TitleRow
from storage.numbers import counted_too_low
from storage.paper import Paper
from storage.tables import all_tables
from storage.titles import keys_of

_MOST: Final = 20
"""So many lines about damage to the file say enough."""

_SHOWN: Final = 5
_ELSEWHERE: Final = frozenset({"id", "identifiers", "announced_on", "links", "tags", "counts", "ranks"})
_DESCRIBED: Final = tuple(name for name in Paper.__dataclass_fields__ if name not in _ELSEWHERE)


@dataclass(slots=True)
class _Found:
    """The ids of papers with whom something is wrong, by what it is; and how many titles there should be."""

    unseen: list[int] = field(default_factory=list)
    changed: list[int] = field(default_factory=list)
    unnamed: list[int] = field(default_factory=list)
    misnamed: list[int] = field(default_factory=list)
    unindexed: list[int] = field(default_factory=list)
    untitled: list[int] = field(default_factory=list)
    titles: int = 0

    def lines(self) -> Iterator[str]:
        """Say what is wrong, a line for each kind."""
        for what, papers in (
            ("papers of which nobody has said anything", self.unseen),
            ("papers that are not what their sightings make of them", self.changed),
            ("papers that are not found by a name they have", self.unnamed),
            ("papers with a name that nobody has given them", self.misnamed),
            ("papers that the search index has not, or with other words", self.unindexed),
            ("papers that are not found by a title they have", self.untitled),
        ):
            if papers:
                more = " …" if len(papers) > _SHOWN else ""
                yield f"{what}: {len(papers):,} ({', '.join(map(str, papers[:_SHOWN]))}{more})"


def check_store(database: Database, told: Callable[[int, int], None]) -> Iterator[str]:
    """Yield a line for each thing that is wrong with the store as it stands at one moment; `told`: of how many papers.

    On PostgreSQL the database itself vouches for its files.
    """
    with database.reading() as connection:
        if database.is_sqlite:
            damage = connection.exec_driver_sql(f"PRAGMA integrity_check({_MOST})").scalars()
            yield from (f"the file is damaged: {line}" for line in damage if line != "ok")
        for table in all_tables():
            for key in table.foreign_key_constraints:
                if count := _orphans(connection, key):
                    yield f"rows of {table.name} without their row in {key.referred_table.name}: {count:,}"
        yield from _wrong_aliases(connection)
        yield from _wrong_papers(connection, told)
        yield from counted_too_low(connection)


def _orphans(connection: Connection, key: ForeignKeyConstraint) -> int:
    """Count the rows whose parent is not there: whatever holds in the database, old files were written without looking."""
    pairs = [(element.parent, element.column) for element in key.elements]
    there = select(key.referred_table).where(and_(*(column == parent for column, parent in pairs))).exists()
    names: list[ColumnElement[bool]] = [column.is_not(None) for column, _ in pairs]
    return connection.scalar(select(func.count()).select_from(key.table).where(*names, not_(there))) or 0


def _wrong_aliases(connection: Connection) -> Iterator[str]:
    both = select(AliasRow.id).where(AliasRow.id.in_(select(PaperRow.id))).order_by(AliasRow.id)
    if found := connection.scalars(both).all():
        yield f"numbers that are those of a paper and of another one's: {len(found):,} ({', '.join(map(str, found[:_SHOWN]))})"


def _wrong_papers(connection: Connection, told: Callable[[int, int], None]) -> Iterator[str]:
    total = connection.scalar(select(func.count()).select_from(PaperRow)) or 0
    found, done = _Found(), 0
    for papers in described(connection):
        _look_at(connection, papers, found)
        done += len(papers)
        told(done, total)
    yield from found.lines()
    if extra := left_over(connection):
        yield f"entries of the search index that are of no paper: {extra:,}"
    titles = connection.scalar(select(func.count()).select_from(TitleRow)) or 0
    if titles > found.titles:
        yield f"titles that no paper has: {titles - found.titles:,}"


def _look_at(connection: Connection, papers: Sequence[Paper], found: _Found) -> None:
    """Compare papers, which follow each other in the store, with what was said of them."""
    said, names = sightings_of(connection, papers), _names(connection, papers)
    titles: set[tuple[int, int]] = set()
    for paper in papers:
        if paper.id not in said:
            found.unseen.append(paper.id)
            continue
        merged = merge(paper.id, said[paper.id])
        if any(getattr(paper, name) != getattr(merged, name) for name in _DESCRIBED):
            found.changed.append(paper.id)
        given = {(one.scheme, one.value) for one in merged.identifiers}
        if names.get(paper.id, set()) - given:
            found.misnamed.append(paper.id)
        # Of a name that several claim it is one's alone.
        if (missing := given - names.get(paper.id, set())) and not _are_names(connection, missing):
            found.unnamed.append(paper.id)
        titles.update((key, paper.id) for key in keys_of(one.title for one in said[paper.id]))
    known = _titles(connection, titles)
    found.titles += len(known)
    found.untitled += sorted({paper_id for _, paper_id in titles - known})
    found.unindexed += unlike(connection, papers)


def sightings_of(connection: Connection, papers: Sequence[Paper]) -> dict[int, list[Sighting]]:
    """Return what was said of papers that follow each other in the store."""
    row = SightingRow
    statement = select(row.paper_id, row.content, row.seen_at).where(row.paper_id.between(papers[0].id, papers[-1].id))
    said: dict[int, list[Sighting]] = {}
    for paper_id, content, seen_at in connection.execute(statement):
        said.setdefault(paper_id, []).append(Sighting.from_content(content, seen_at))
    return said


def _names(connection: Connection, papers: Sequence[Paper]) -> dict[int, set[tuple[str, str]]]:
    row = IdentifierRow
    statement = select(row.paper_id, row.scheme, row.value).where(row.paper_id.between(papers[0].id, papers[-1].id))
    names: dict[int, set[tuple[str, str]]] = {}
    for paper_id, scheme, value in connection.execute(statement):
        names.setdefault(paper_id, set()).add((scheme, value))
    return names


def _are_names(connection: Connection, names: set[tuple[str, str]]) -> bool:
    """Tell whether each is the name of some paper."""
    row = IdentifierRow
    return all(
        connection.scalar(select(row.paper_id).where(row.scheme == scheme, row.value == value)) for scheme, value in names
    )


def _titles(connection: Connection, wanted: set[tuple[int, int]]) -> set[tuple[int, int]]:
    """Return those of the keys, each with its paper, that are in the table of titles."""
    table = table_of(TitleRow)
    found: set[tuple[int, int]] = set()
    for some in chunks(sorted({key for key, _ in wanted})):
        rows: Sequence[Any] = connection.execute(select(table).where(table.c.key.in_(some))).all()
        found.update((row.key, row.paper_id) for row in rows)
    return found & wanted
