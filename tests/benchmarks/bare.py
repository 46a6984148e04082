"""The bare script: what the same work costs without a house around it. lxml, the driver, three f-strings.

It writes the same tables by one statement each, and knows nothing of identity, merging, events that repeat, rejects, TeX,
languages, or what else a stranger may write.
"""

import re
import sqlite3
from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

from lxml import etree

from crawler.samples.arxiv import Entry
from jobs.starter import TOPICS
from tests.benchmarks.stores import COLUMNS, POSTGRES_WORDS, Row, Store, copy, into, rows_of

_CATEGORY: Final = re.compile(r"\(([a-z-]+\.[A-Za-z-]+)\)")
_PHRASES: Final = {topic.name: re.findall(r'"([^"]+)"', topic.query) for topic in TOPICS}

Numbered = list[tuple[int, Entry]]


def walk(body: bytes) -> list[Entry]:
    """Read a listing."""
    found, key = [], ""
    for element in etree.fromstring(body, etree.HTMLParser(encoding="utf-8")).iter("dt", "dd"):
        if element.tag == "dt":
            key = next(href[5:] for link in element.iter("a") if (href := link.get("href") or "").startswith("/abs/"))
            continue
        fields = {(part.get("class") or "").partition(" ")[0]: part for part in element.iter("div", "p")}
        texts = {name: " ".join("".join(map(str, part.itertext())).split()) for name, part in fields.items()}
        found.append(
            Entry(
                id=key,
                title=texts["list-title"].removeprefix("Title: "),
                authors=tuple(link.text or "" for link in fields["list-authors"].iter("a")),
                abstract=texts["mathjax"],
                categories=tuple(_CATEGORY.findall(texts["list-subjects"])),
                comment=texts.get("list-comments", "").removeprefix("Comments: ") or None,
            )
        )
    return found


def insert(store: sqlite3.Connection, found: Sequence[Entry], on: str) -> None:
    """Write the papers into a store on SQLite, in one transaction."""
    store.execute("BEGIN IMMEDIATE")
    marks = ", ".join("?" * len(found))
    keys = [paper.id for paper in found]
    known = dict(store.execute(f"SELECT value, paper_id FROM identifiers WHERE scheme = 'arxiv' AND value IN ({marks})", keys))
    first = store.execute("SELECT seq + 1 FROM sqlite_sequence WHERE name = 'papers'").fetchone()[0]
    taken = "UPDATE counters SET value = value + ? RETURNING value"
    sequence = store.execute(taken, (len(found),)).fetchone()[0] - len(found)
    numbered = _numbered(found, known, list(range(first, first + len(found))))
    for name, rows in _tables(numbered, on, sequence).items():
        store.executemany(f"INSERT OR {'REPLACE' if name == 'papers' else 'IGNORE'} {into(name)}", rows)
    store.executemany(f"INSERT OR REPLACE {into('paper_search')}", _words(numbered))
    store.execute("COMMIT")


def copy_in(store: Store, found: Sequence[Entry], on: str) -> None:
    """Write the papers into a store on PostgreSQL: COPY, then one upsert a table, in one transaction."""
    keys = [paper.id for paper in found]
    named = store.execute("SELECT value, paper_id FROM identifiers WHERE scheme = 'arxiv' AND value = ANY(%s)", (keys,))
    known = {row[0]: row[1] for row in named}
    drawn = store.execute("SELECT nextval('papers_id_seq') FROM generate_series(1, %s)", (len(found),))
    numbered = _numbered(found, known, [row[0] for row in drawn])
    taken = store.execute("UPDATE counters SET value = value + %s RETURNING value", (len(found),))
    sequence = next(row[0] for row in taken) - len(found)
    for name, rows in _tables(numbered, on, sequence).items():
        columns = COLUMNS[name]
        listed = ", ".join(f'"{column}"' for column in columns)
        store.execute(f"CREATE TEMPORARY TABLE new ON COMMIT DROP AS SELECT {listed} FROM {name} LIMIT 0")
        copy(store, "new", columns, rows)
        again = (
            "(id) DO UPDATE SET abstract = excluded.abstract, version = excluded.version" if name == "papers" else "DO NOTHING"
        )
        store.execute(f"INSERT INTO {name} ({listed}) SELECT {listed} FROM new ON CONFLICT {again}")
        store.execute("DROP TABLE new")
    store.execute("CREATE TEMPORARY TABLE folded (id bigint, words text) ON COMMIT DROP")
    copy(store, "folded", ("id", "words"), ((row[0], " ".join(map(str, row[1:]))) for row in _words(numbered)))
    store.execute(POSTGRES_WORDS)
    store.commit()


def match(found: Sequence[Entry]) -> dict[str, list[Entry]]:
    """Find the papers of each of the starter topics, by their phrases alone."""
    texts = [(f"{paper.title} {paper.abstract}".lower().replace("-", " "), paper) for paper in found]
    return {
        name: [paper for text, paper in texts if any(phrase.lower().replace("-", " ") in text for phrase in phrases)]
        for name, phrases in _PHRASES.items()
    }


def write(topics: dict[str, list[Entry]]) -> tuple[str, str, str]:
    """Write the papers of each topic as Markdown, HTML and text."""
    markdown, html, text = [], [], []
    for name, papers in topics.items():
        markdown.append(f"## {name}\n")
        html.append(f"<h2>{escape(name)}</h2>")
        text.append(f"{name}\n")
        for paper in papers:
            url, names, said = f"https://arxiv.org/abs/{paper.id}", ", ".join(paper.authors[:4]), paper.abstract[:280]
            markdown.append(f"### [{paper.title}]({url})\n\n{names}\n\n{said}\n")
            html.append(f'<h3><a href="{url}">{escape(paper.title)}</a></h3><p>{escape(names)}</p><p>{escape(said)}</p>')
            text.append(f"{paper.title}\n{url}\n{names}\n{said}\n")
    return "\n".join(markdown), "\n".join(html), "\n".join(text)


def _numbered(found: Iterable[Entry], known: dict[str, int], numbers: list[int]) -> Numbered:
    return [(known.get(paper.id) or number, paper) for number, paper in zip(numbers, found, strict=True)]


def _tables(numbered: Numbered, on: str, sequence: int) -> dict[str, list[Row]]:
    made = [rows_of(number, paper, on) for number, paper in numbered]
    tables = {name: [rows[name] for rows in made] for name in COLUMNS}
    # Of a kind that no reader of events asks for: the day measured next is not to find these as well.
    tables["events"] = [(sequence + place, row[1], "bare", on, *row[4:]) for place, row in enumerate(tables["events"], 1)]
    return tables


def _words(numbered: Numbered) -> list[Row]:
    return [
        (number, paper.title.lower(), paper.abstract.lower(), ", ".join(paper.authors).lower()) for number, paper in numbered
    ]
