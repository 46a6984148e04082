"""The whole index of words: made anew of the papers, or compared with them."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from sqlalchemy import Connection, select, text

from crawler.sighting import Author
from storage.models import PaperRow
from storage.paper import Paper
from storage.search import entry, put, words_of

_PIECE: Final = 2_000
_SQLITE_LEFT: Final = (
    "SELECT count(*) FROM paper_search_docsize AS one WHERE NOT EXISTS (SELECT 1 FROM papers WHERE papers.id = one.id)"
)
_POSTGRES_LEFT: Final = (
    "SELECT count(*) FROM paper_search AS one WHERE NOT EXISTS (SELECT 1 FROM papers WHERE papers.id = one.paper_id)"
)
_SQLITE_ENTRIES: Final = "SELECT rowid, title, abstract, authors FROM paper_search WHERE rowid BETWEEN ? AND ?"
_POSTGRES_UNLIKE: Final = text(
    "SELECT one.id FROM unnest(CAST(:ids AS bigint[]), CAST(:words AS text[])) AS one (id, words)"
    " LEFT JOIN paper_search ON paper_search.paper_id = one.id"
    " WHERE paper_search.words IS DISTINCT FROM array_to_tsvector(string_to_array(one.words, ' '))"
)


def empty_index(connection: Connection) -> None:
    """Take every paper out of the index."""
    connection.exec_driver_sql("DELETE FROM paper_search")


def index_all(connection: Connection) -> int:
    """Put every paper into the empty index, and return how many there are."""
    count = 0
    for papers in described(connection):
        put(connection, papers)
        count += len(papers)
    return count


def described(connection: Connection) -> Iterator[list[Paper]]:
    """Yield all papers in pieces, in the order of their ids, as far as they are described in their own row."""
    columns = [column for column in PaperRow.__table__.columns if column.name in Paper.__dataclass_fields__]
    last = 0
    while rows := connection.execute(select(*columns).where(PaperRow.id > last).order_by(PaperRow.id).limit(_PIECE)).all():
        last = rows[-1].id
        yield [_paper(dict(row._mapping)) for row in rows]  # noqa: SLF001 - SQLAlchemy's name for what is public


def _paper(row: dict[str, Any]) -> Paper:
    authors = tuple(Author(*author) for author in row["authors"])
    return Paper(**{**row, "authors": authors, "categories": tuple(row["categories"])})


def unlike(connection: Connection, papers: Sequence[Paper]) -> list[int]:
    """Return those of the papers, which follow each other in the store, that the index has not, or with other words."""
    entries = [entry(paper) for paper in papers]
    if connection.dialect.name == "sqlite":
        found = connection.exec_driver_sql(_SQLITE_ENTRIES, (papers[0].id, papers[-1].id))
        known = {row[0]: tuple(row) for row in found}
        return [one[0] for one in entries if known.get(one[0]) != one]
    words = [words_of(*texts) for _, *texts in entries]
    return list(connection.scalars(_POSTGRES_UNLIKE, {"ids": [one[0] for one in entries], "words": words}))


def left_over(connection: Connection) -> int:
    """Return how many entries of the index are of no paper."""
    # On SQLite by the table of the sizes, which has a row for each entry and none of the words.
    left = _SQLITE_LEFT if connection.dialect.name == "sqlite" else _POSTGRES_LEFT
    return int(connection.exec_driver_sql(left).scalar() or 0)
