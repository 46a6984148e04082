"""Stores of any size, written in bulk past `record`: what a year of mornings would have left there."""

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Final

import psycopg
from psycopg import sql

from crawler.identifiers import Identifier
from crawler.samples.arxiv import Entry
from crawler.sighting import Author, Sighting
from crawler.text import fold
from storage.database import open_database
from tests.benchmarks.corpus import FIRST_DAY, Corpus

COLUMNS: Final = {
    "papers": ("id", "title", "url", "abstract", "authors", "categories", "comment", "journal_ref", "version"),
    "identifiers": ("scheme", "value", "paper_id"),
    "versions": ("paper_id", "version", "announced_on"),
    "sightings": ("id", "source", "key", "content_hash", "paper_id", "content", "seen_at"),
    "events": ("id", "sequence", "paper_id", "kind", "key", "source", "at", "on", "detail"),
}
"""The tables that `bare` writes too, parents first."""

_AT: Final = "2026-01-05 12:00:00+00:00"
_PIECE: Final = 20_000

Rows = dict[str, tuple[object, ...]]
Folded = tuple[int, str, str, str]


def fill_sqlite(path: Path, corpus: Corpus, count: int) -> None:
    """Make a store of `count` papers."""
    open_database(f"sqlite:///{path}").close()
    with closing(sqlite3.connect(path, isolation_level=None)) as store:
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -400000"):
            store.execute(f"PRAGMA {pragma}")
        papers = enumerate(map(corpus.stored, range(count)), 1)
        while piece := [rows_of(number, paper) for number, paper in islice(papers, _PIECE)]:
            store.execute("BEGIN")
            for name, columns in COLUMNS.items():
                listed, marks = ", ".join(f'"{column}"' for column in columns), ", ".join("?" * len(columns))
                store.executemany(f"INSERT INTO {name} ({listed}) VALUES ({marks})", [rows[name] for rows, _ in piece])
            store.executemany(
                "INSERT INTO paper_search (rowid, title, abstract, authors) VALUES (?, ?, ?, ?)", [words for _, words in piece]
            )
            store.execute("COMMIT")
        store.execute("UPDATE counters SET value = ?", (count,))
        store.execute("PRAGMA journal_mode = WAL")


def fill_postgres(url: str, corpus: Corpus, count: int) -> None:
    """Make a store of `count` papers, the index of the words last."""
    open_database(f"postgresql+{url.removeprefix('postgresql+').removeprefix('psycopg').lstrip('+')}").close()


@dataclass(frozen=True, slots=True)
class _Part:
    """What stays the same of a paper in all its copies."""

    authors: str
    categories: str
    folded_authors: str


def rows_of(number: int, paper: Entry) -> tuple[Rows, Folded]:
    """Return the rows of a paper whose number in the store is `number`, and its folded words."""
    url = f"https://arxiv.org/abs/{paper.id}"
    authors = json.dumps([[name, None] for name in paper.authors])
    categories = json.dumps(paper.categories)
    rows: Rows = {
        "papers": (number, paper.title, url, paper.abstract, authors, categories, paper.comment, None, paper.version),
        "identifiers": ("arxiv", paper.id, number),
        "versions": (number, paper.version, FIRST_DAY.isoformat()),
    }
    return rows, (number, fold(paper.title), fold(paper.abstract), _folded_names(paper.authors))


@cache
def _folded_names(names: tuple[str, ...]) -> str:
    return " ".join(map(fold, names))
