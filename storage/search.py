"""The index of folded text: what is put in, and how candidates become a condition on both databases.

The index gives a superset of what a query means: `digests.query.matches` alone decides. On SQLite it is FTS5 with the `ascii`
tokenizer, for which every character but a blank in folded text belongs to a word. On PostgreSQL it is a tsvector made of the
same words without positions (the parser of `to_tsvector` would split some of them again), so a phrase is all of its words.
"""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, bindparam, literal, or_, select, text

from crawler.text import fold_apart
from storage.candidates import EDGE, AllOf, AnyOf, Candidates, Counted, Everything, HasCode, Phrase, Prefix, Tagged, Word
from storage.models import CountRow, LinkRow, PaperRow, TagRow
from storage.paper import CODE, Paper

#: Longer words are cut in PostgreSQL's index and in the query alike; a lexeme holds 2,046 bytes.
_WORD_LIMIT: Final = 100

_SQLITE_PUT: Final = "INSERT INTO paper_search (rowid, title, abstract, authors) VALUES (?, ?, ?, ?)"
_SQLITE_PUT_AGAIN: Final = _SQLITE_PUT.replace("INSERT", "INSERT OR REPLACE")
#: SQLite's expressions are at most 1,000 deep; to plan for hundreds of conditions that all hold takes PostgreSQL half a minute.
_MOST_ANY: Final = 300
_MOST_ALL: Final = 8

#: So many papers at once are no morning's.
_MANY: Final = 1_000
_GATHER: Final = 4 * 2**20  # bytes
_GATHERED: Final = "SELECT v FROM paper_search_config WHERE k = 'hashsize'"
_POSTGRES_PUT: Final = text(
    "INSERT INTO paper_search (paper_id, words) SELECT one.id, array_to_tsvector(string_to_array(one.words, ' '))"
    " FROM unnest(CAST(:ids AS bigint[]), CAST(:words AS text[])) AS one (id, words)"
    " ON CONFLICT (paper_id) DO UPDATE SET words = excluded.words"
)
_SQLITE_FIND: Final = "papers.id IN (SELECT rowid FROM paper_search WHERE paper_search MATCH :words)"
_POSTGRES_FIND: Final = "papers.id IN (SELECT paper_id FROM paper_search WHERE words @@ CAST(:words AS tsquery))"


def put(connection: Connection, papers: Sequence[Paper], *, again: bool = False) -> None:
    """Index papers: such as are not in the index, or `again`, in place of what was there of them."""
    if not papers:
        return
    rows = [entry(paper) for paper in papers]
    if connection.dialect.name == "sqlite":
        if len(rows) >= _MANY:
            _gather(connection)
        connection.exec_driver_sql(_SQLITE_PUT_AGAIN if again else _SQLITE_PUT, rows)
    else:
        words = [words_of(*texts) for _, *texts in rows]
        connection.execute(_POSTGRES_PUT, {"ids": [row[0] for row in rows], "words": words})


def entry(paper: Paper) -> tuple[int, str, str, str]:
    """Return what the index has of a paper: its number, and the words of its title, its abstract and its authors.

    However many blanks are between two words, they are the same words in both indexes.
    """
    return paper.id, fold_apart(paper.title), fold_apart(paper.abstract), _authors(paper)


def _gather(connection: Connection) -> None:
    """Have the index on SQLite gather a whole page of a back-fill before it sorts the words of it into the file.

    Of its own 1 MB such a page would fill eight, each a segment to be merged with the others later. The index remembers it.
    """
    if connection.exec_driver_sql(_GATHERED).scalar() != _GATHER:
        connection.exec_driver_sql("INSERT INTO paper_search (paper_search, rank) VALUES ('hashsize', ?)", (_GATHER,))


def drop(connection: Connection, paper_ids: Sequence[int]) -> None:
    """Take papers out of the index."""
    column = "rowid" if connection.dialect.name == "sqlite" else "paper_id"
    statement = text(f"DELETE FROM paper_search WHERE {column} IN :ids").bindparams(  # noqa: S608 - one of two names
        bindparam("ids", expanding=True)
    )
    connection.execute(statement, {"ids": list(paper_ids)})


def condition(candidates: Candidates, dialect: str) -> ColumnElement[bool] | None:
    """Return the condition on `papers` for the candidates, None where everything is one."""
    match candidates:
        case Tagged(kind, part):
            edge = EDGE[kind]
            return _has(TagRow, TagRow.kind == kind, (literal(edge) + TagRow.key + edge).contains(part, autoescape=True))
        case HasCode(known):
            found = _has(LinkRow, LinkRow.kind.in_(CODE))
            return found if known else ~found
        case Counted(name, least, most):
            return _has(CountRow, CountRow.name == name, CountRow.value.between(least, most))
        case AllOf(parts) | AnyOf(parts) if not _is_of_words(candidates):
            return _joint(parts, dialect, every=isinstance(candidates, AllOf))
    words = _fts5(candidates) if dialect == "sqlite" else _tsquery(candidates)
    if words is None:
        return None
    asked = text(_SQLITE_FIND if dialect == "sqlite" else _POSTGRES_FIND)
    return and_(asked.bindparams(bindparam("words", words, unique=True)))


def _joint(parts: Sequence[Candidates], dialect: str, *, every: bool) -> ColumnElement[bool] | None:
    """Join the conditions of the parts; those that the index of words can answer are asked of it together.

    Of more than a statement holds, `all of` asks the first ones alone, and `any of` is everything.
    """
    words = tuple(part for part in parts if _is_of_words(part))
    together: list[Candidates] = [AllOf(words) if every else AnyOf(words)] if words else []
    others = [part for part in parts if not _is_of_words(part)]
    if len(others) > _MOST_ANY and not every:
        return None
    found = [condition(part, dialect) for part in (*together, *(others[:_MOST_ALL] if every else others))]
    known = [one for one in found if one is not None]
    if not known or (len(known) < len(found) and not every):
        return None
    return and_(*known) if every else or_(*known)


def _is_of_words(candidates: Candidates) -> bool:
    match candidates:
        case AllOf(parts) | AnyOf(parts):
            return all(map(_is_of_words, parts))
        case Tagged() | HasCode() | Counted():
            return False
        case _:
            return True


def _has(row: type[TagRow | LinkRow | CountRow], *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return PaperRow.id.in_(select(row.paper_id).where(*conditions))


def _authors(paper: Paper) -> str:
    names = [author.name for author in paper.authors]
    together = " ".join(names)
    if "$" in together or "\\" in together or "{" in together:
        # Each name is folded alone: half a formula in one of them must not swallow the next.
        return " ".join(map(fold_apart, names))
    return fold_apart(together)


def words_of(*folded: str) -> str:
    """Return the words of folded texts as PostgreSQL's index has them."""
    # Split at every run of blanks: an empty word would become a lexeme of no letters, which PostgreSQL refuses.
    return " ".join(word[:_WORD_LIMIT] for text in folded for word in text.split())


def _fts5(candidates: Candidates) -> str | None:
    """Write the candidates as an FTS5 expression (https://www.sqlite.org/fts5.html#full_text_query_syntax)."""
    match candidates:
        case Everything() | Word("") | Prefix("") | Phrase(()):
            return None
        case Word(word):
            return f'"{word}"'
        case Phrase(words):
            return '"' + " ".join(words) + '"'
        case Prefix(word):
            return f'"{word}" *'
        case AllOf(parts) | AnyOf(parts):
            joint = " AND " if isinstance(candidates, AllOf) else " OR "
            return _group([_fts5(part) for part in parts], joint, every=isinstance(candidates, AllOf))
        case Tagged() | HasCode() | Counted():
            return None


def _tsquery(candidates: Candidates) -> str | None:
    """Write the candidates as a tsquery (PostgreSQL documentation, §8.11.2)."""
    match candidates:
        case Everything() | Word("") | Prefix("") | Phrase(()):
            return None
        case Word(word):
            return f"'{word[:_WORD_LIMIT]}'"
        case Phrase(words):
            return _group([f"'{word[:_WORD_LIMIT]}'" for word in words], " & ", every=True)
        case Prefix(word):
            return f"'{word[:_WORD_LIMIT]}':*"
        case AllOf(parts) | AnyOf(parts):
            joint = " & " if isinstance(candidates, AllOf) else " | "
            return _group([_tsquery(part) for part in parts], joint, every=isinstance(candidates, AllOf))
        case Tagged() | HasCode() | Counted():
            return None


def _group(parts: Sequence[str | None], joint: str, *, every: bool) -> str | None:
    """Join the parts; one that stands for everything is dropped from `all of`, and swallows `any of`."""
    known = [part for part in parts if part is not None]
    if not known or (len(known) < len(parts) and not every):
        return None
    return f"({joint.join(known)})"
