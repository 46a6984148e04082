"""The bare script of the back-fill: urllib, one walk over each record, the driver. Run as a process beside ours.

It writes the same tables, page by page, by one statement a table, and knows nothing of identity, merging, politeness, rejects,
TeX, withdrawals, resuming, or what else a stranger may write.
"""

import hashlib
import json
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any, Final
from urllib.parse import quote
from urllib.request import urlopen

import psycopg
from lxml import etree
from sqlalchemy import make_url

from tests.benchmarks.stores import POSTGRES_WORDS, Row, Store, copy, plain_url

_OAI: Final = "{http://www.openarchives.org/OAI/2.0/}"
_RAW: Final = "{http://arxiv.org/OAI/arXivRaw/}"
_AT: Final = "2026-08-12 12:00:00"
_COLUMNS: Final = {
    "papers": (
        *("id", "title", "url", "abstract", "authors", "categories", "comment", "journal_ref", "version"),
        *("report_number", "licence", "withdrawn"),
    ),
    "identifiers": ("scheme", "value", "paper_id"),
    "versions": ("paper_id", "version", "announced_on", "submitted_at"),
    "sightings": ("source", "key", "content_hash", "paper_id", "content", "seen_at"),
}
_MONTHS: Final = "JanFebMarAprMayJunJulAugSepOctNovDec"

Tables = dict[str, list[Row]]


def main(url: str, base: str, since: str) -> None:
    """Take in every page from the mirror at `base` into the store at `url`."""
    start = f"oaipmh.arxiv.org/oai?verb=ListRecords&metadataPrefix=arXivRaw&set=cs:cs:CV&from={since}"
    pages = _pages(f"{base}/", start)
    if make_url(url).drivername.startswith("sqlite"):
        with closing(sqlite3.connect(make_url(url).database or "", isolation_level=None)) as store:
            for pragma in ("synchronous = FULL", "foreign_keys = ON", "temp_store = MEMORY", "cache_size = -8000"):
                store.execute(f"PRAGMA {pragma}")
            for records in pages:
                _insert(store, records)
        return
    with psycopg.connect(plain_url(url)) as server:
        for records in pages:
            _copy_in(server, records)


def _pages(base: str, target: str) -> Iterator[list[etree._Element]]:
    while target:
        with urlopen(f"{base}{target}") as answer:
            root = etree.fromstring(answer.read())
        (listing,) = root.iterchildren(f"{_OAI}ListRecords")
        yield [record[1][0] for record in listing.iterchildren(f"{_OAI}record")]
        token = listing.findtext(f"{_OAI}resumptionToken")
        target = f"oaipmh.arxiv.org/oai?verb=ListRecords&resumptionToken={quote(token, safe='')}" if token else ""


def _insert(store: sqlite3.Connection, records: Sequence[etree._Element]) -> None:
    store.execute("BEGIN IMMEDIATE")
    first = store.execute("SELECT seq + 1 FROM sqlite_sequence WHERE name = 'papers'").fetchone()
    tables, words = _rows(records, first[0] if first else 1)
    for name, rows in tables.items():
        columns = _COLUMNS[name]
        listed = ", ".join(columns)
        store.executemany(f"INSERT OR IGNORE INTO {name} ({listed}) VALUES ({', '.join('?' * len(columns))})", rows)
    store.executemany("INSERT INTO paper_search (rowid, title, abstract, authors) VALUES (?, ?, ?, ?)", words)
    store.execute("COMMIT")


def _copy_in(store: Store, records: Sequence[etree._Element]) -> None:
    drawn = store.execute("SELECT nextval('papers_id_seq') FROM generate_series(1, %s)", (len(records),))
    numbers = [row[0] for row in drawn]
    tables, words = _rows(records, numbers[0])
    for name, rows in tables.items():
        listed = ", ".join(_COLUMNS[name])
        store.execute(f"CREATE TEMPORARY TABLE new ON COMMIT DROP AS SELECT {listed} FROM {name} LIMIT 0")
        copy(store, "new", _COLUMNS[name], rows)
        store.execute(f"INSERT INTO {name} ({listed}) SELECT {listed} FROM new ON CONFLICT DO NOTHING")
        store.execute("DROP TABLE new")
    store.execute("CREATE TEMPORARY TABLE folded (id bigint, words text) ON COMMIT DROP")
    copy(store, "folded", ("id", "words"), ((row[0], " ".join(map(str, row[1:]))) for row in words))
    store.execute(POSTGRES_WORDS)
    store.commit()


def _rows(records: Sequence[etree._Element], first: int) -> tuple[Tables, list[Row]]:
    tables: Tables = {name: [] for name in _COLUMNS}
    words: list[Row] = []
    for number, record in enumerate(records, first):
        fields: dict[str, Any] = {"versions": []}
        for field in record:
            name = field.tag.removeprefix(_RAW)
            if name == "version":
                fields["versions"].append((int(field.get("version", "v1")[1:]), _moment(field[0].text or "")))
            else:
                fields[name] = " ".join((field.text or "").split())
        _add(tables, number, fields)
        words.append((number, fields["title"].lower(), fields["abstract"].lower(), fields["authors"].lower()))
    return tables, words


def _add(tables: Tables, number: int, fields: dict[str, Any]) -> None:
    key, title, abstract = fields["id"], fields["title"], fields["abstract"]
    url = f"https://arxiv.org/abs/{key}"
    authors = json.dumps([[name, None] for name in fields["authors"].split(", ")])
    categories = json.dumps(fields["categories"].split())
    comment, journal, report, licence = map(fields.get, ("comments", "journal-ref", "report-no", "license"))
    version = fields["versions"][-1][0]
    tables["papers"].append(
        (number, title, url, abstract, authors, categories, comment, journal, version, report, licence, False)
    )
    tables["identifiers"].append(("arxiv", key, number))
    tables["versions"] += [(number, one, None, at) for one, at in fields["versions"]]
    content = json.dumps({**fields, "source": "arxiv", "key": key, "url": url}, sort_keys=True)
    digest = hashlib.sha256(content.encode()).hexdigest()
    tables["sightings"].append(("arxiv", key, digest, number, content, _AT))


def _moment(text: str) -> str:
    _, day, month, year, clock, _ = text.split()
    return f"{year}-{_MONTHS.index(month) // 3 + 1:02}-{int(day):02} {clock}"


if __name__ == "__main__":
    main(*sys.argv[1:])
