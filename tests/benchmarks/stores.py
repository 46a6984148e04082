"""Stores of any size, written in bulk past `record`: what years of mornings would have left there."""

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import timedelta
from typing import Any, Final

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from crawler.samples.arxiv import Entry
from storage.database import open_database
from tests.benchmarks.corpus import FIRST_DAY, Corpus

COLUMNS: Final = {
    "papers": ("id", "title", "url", "abstract", "authors", "categories", "comment", "journal_ref", "version"),
    "identifiers": ("scheme", "value", "paper_id"),
    "versions": ("paper_id", "version", "announced_on"),
    "sightings": ("source", "key", "content_hash", "paper_id", "content", "seen_at"),
    "events": ("sequence", "paper_id", "kind", "key", "source", "at", "on", "detail"),
}
"""The tables that hold papers, parents first."""

_AT: Final = "2026-03-01 12:00:00"
_PAPERS_A_DAY: Final = 300
_BEFORE: Final = timedelta(days=3650)
_PIECE: Final = 20_000
# What the reader of the benchmarks was shown of all that: one paper in ten.
_SHOWN: Final = """
    INSERT INTO digest_events (subscription, event_id, topic, period)
    SELECT 'morning', id, 'Semantic segmentation', CAST("on" AS text) FROM events WHERE id % 10 = 0"""
POSTGRES_WORDS: Final = """
    INSERT INTO paper_search (paper_id, words)
    SELECT id, array_to_tsvector(array_remove(string_to_array(words, ' '), '')) FROM folded
    ON CONFLICT (paper_id) DO UPDATE SET words = excluded.words"""

Row = tuple[object, ...]
Store = psycopg.Connection[tuple[Any, ...]]


def rows_of(number: int, paper: Entry, on: str) -> dict[str, Row]:
    """Return the row in every table for a paper whose number in the store is `number`, announced on that day."""
    url = f"https://arxiv.org/abs/{paper.id}"
    authors = [[name, None] for name in paper.authors]
    content = json.dumps(
        {
            "source": "arxiv",
            "key": paper.id,
            "title": paper.title,
            "url": url,
            "authors": authors,
            "abstract": paper.abstract,
            "identifiers": [["arxiv", paper.id]],
            "categories": paper.categories,
            "comment": paper.comment,
            "journal_ref": None,
            "version": paper.version,
            "announced_on": on,
        },
        sort_keys=True,
    )
    listed, categories = json.dumps(authors), json.dumps(paper.categories)
    digest = hashlib.sha256(content.encode()).hexdigest()
    return {
        "papers": (number, paper.title, url, paper.abstract, listed, categories, paper.comment, None, paper.version),
        "identifiers": ("arxiv", paper.id, number),
        "versions": (number, paper.version, on),
        "sightings": ("arxiv", paper.id, digest, number, content, _AT),
        "events": (number, number, "announced", "", "arxiv", _AT, on, "{}"),
    }


def _day_of(place: int) -> str:
    return (FIRST_DAY - _BEFORE + timedelta(days=place // _PAPERS_A_DAY)).isoformat()


def fill_sqlite(url: str, corpus: Corpus, count: int) -> None:
    """Make the store at `url` and put `count` papers into it."""
    open_database(url).close()
    with closing(sqlite3.connect(make_url(url).database or "", isolation_level=None)) as store:
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -400000"):
            store.execute(f"PRAGMA {pragma}")
        for tables, words in _pieces(corpus, count):
            store.execute("BEGIN")
            for name, rows in tables.items():
                store.executemany(f"INSERT {into(name)}", rows)
            store.executemany(f"INSERT {into('paper_search')}", words)
            store.execute("COMMIT")
        store.execute(_SHOWN)
        store.execute("UPDATE counters SET value = ?", (count,))
        store.execute("PRAGMA journal_mode = WAL")


def fill_postgres(url: str, corpus: Corpus, count: int) -> None:
    """Make the store at `url` and put `count` papers into it, the index of the words last."""
    open_database(url).close()
    with psycopg.connect(plain_url(url)) as store:
        store.execute("DROP INDEX ix_paper_search_words")
        store.execute("SET maintenance_work_mem = '256MB'")
        store.execute("CREATE TEMPORARY TABLE folded (id bigint, words text)")
        for tables, words in _pieces(corpus, count):
            for name, rows in tables.items():
                copy(store, name, COLUMNS[name], rows)
            copy(store, "folded", ("id", "words"), ((row[0], " ".join(map(str, row[1:]))) for row in words))
        store.execute(POSTGRES_WORDS)
        store.execute("CREATE INDEX ix_paper_search_words ON paper_search USING gin (words)")
        store.execute(_SHOWN)
        store.execute("UPDATE counters SET value = %s", (count,))
        store.execute("SELECT setval(pg_get_serial_sequence('papers', 'id'), %s)", (count,))
    with psycopg.connect(plain_url(url), autocommit=True) as store:
        store.execute("VACUUM ANALYZE")


def into(name: str) -> str:
    """Return the part of an INSERT of SQLite that names the table, its columns and a value for each."""
    columns = COLUMNS.get(name, ("rowid", "title", "abstract", "authors"))
    listed = ", ".join(f'"{column}"' for column in columns)
    return f"INTO {name} ({listed}) VALUES ({', '.join('?' * len(columns))})"


def copy(store: Store, name: str, columns: tuple[str, ...], rows: Iterable[Row]) -> None:
    """COPY rows into a table of PostgreSQL."""
    named = sql.SQL(", ").join(map(sql.Identifier, columns))
    with store.cursor().copy(sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(name), named)) as copying:
        for row in rows:
            copying.write_row(row)


def plain_url(url: str) -> str:
    """Return the address of a PostgreSQL as psycopg itself takes it."""
    return url.replace("postgresql+psycopg:", "postgresql:", 1)


def _pieces(corpus: Corpus, count: int) -> Iterator[tuple[dict[str, list[Row]], list[Row]]]:
    """Yield the rows of `count` papers by table, and those of the index, a bounded number at a time."""
    for first in range(0, count, _PIECE):
        places = range(first, min(first + _PIECE, count))
        made = [rows_of(place + 1, corpus.stored(place), _day_of(place)) for place in places]
        yield {name: [rows[name] for rows in made] for name in COLUMNS}, [(place + 1, *corpus.words(place)) for place in places]
