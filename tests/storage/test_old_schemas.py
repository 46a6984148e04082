"""Stores of every schema there was, with many papers: brought to the newest one by a process that is killed on its way."""

import json
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import timedelta
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, event, make_url, text

from crawler.sighting import Author, Sighting
from storage.chunks import chunks
from storage.copying import tally_of
from storage.database import HEAD, Database, open_as_is, upgrade, version_of
from storage.integrity import check_store
from storage.merge import merge
from storage.search import entry, words_of
from storage.tables import all_tables
from tests.storage.children import last_word, running
from tests.storage.factories import MONDAY, sighting
from tests.storage.test_migrations import config

AT = "2026-08-12 12:00:00+00:00"
OLD = [script.revision for script in reversed(list(ScriptDirectory.from_config(config()).walk_revisions()))][:-1]
SIZES = [pytest.param(200, 2, id="200"), pytest.param(50_000, 6, id="50000", marks=pytest.mark.hour)]
Fresh = Callable[[], AbstractContextManager[str]]

INSERT = {
    "papers": (
        "INSERT INTO papers (id, title, url, abstract, authors, categories, comment, version)"
        " VALUES (:id, :title, :url, :abstract, :authors, :categories, :comment, 1)"
    ),
    "identifiers": "INSERT INTO identifiers (scheme, value, paper_id) VALUES ('arxiv', :key, :id)",
    "versions": "INSERT INTO versions (paper_id, version, announced_on) VALUES (:id, 1, :day)",
    "sightings": (
        "INSERT INTO sightings (source, key, content_hash, paper_id, content, seen_at)"
        f" VALUES ('arxiv', :key, :hash, :id, :content, '{AT}')"
    ),
    "events": (
        'INSERT INTO events (sequence, paper_id, kind, key, source, at, "on", detail)'
        f" VALUES (:id, :id, 'announced', '', 'arxiv', '{AT}', :day, '{{}}')"
    ),
}
INDEX = {
    "sqlite": "INSERT INTO paper_search (rowid, title, abstract, authors) VALUES (:id, :folded, :described, :people)",
    "postgresql": "INSERT INTO paper_search (paper_id, words) VALUES (:id, array_to_tsvector(string_to_array(:words, ' ')))",
}


def described(number: int) -> Sighting:
    """Describe a paper; of some the authors name code, and where they are accepted."""
    return sighting(
        f"{2001 + number // 10_000}.{number % 10_000:05}",
        title=f"On the Engine of Number {number}",
        authors=(Author("Ada Lovelace"), Author("Charles Babbage")),
        abstract="We describe an engine. " * 8 + (f"Code: https://github.com/me/net{number}" if number % 10 == 0 else ""),
        comment="Accepted at CVPR 2026" if number % 15 == 0 else None,
        version=1,
        announced_on=MONDAY - timedelta(number % 400),
    )


def rows(count: int) -> Iterator[dict[str, Any]]:
    for number in range(1, count + 1):
        one = described(number)
        paper = merge(number, [one])
        _, folded, abstract, people = entry(paper)
        yield {
            "id": number,
            "key": one.key,
            "day": str(one.announced_on),
            "hash": one.content_hash(),
            "content": one.content_text(),
            "title": one.title,
            "url": one.url,
            "abstract": one.abstract,
            "authors": json.dumps(one.authors),
            "categories": json.dumps(one.categories),
            "comment": one.comment,
            "folded": folded,
            "described": abstract,
            "people": people,
            "words": words_of(folded, abstract, people),
        }


def migrate(database: Database, revision: str) -> None:
    settings = config()
    settings.attributes["engine"] = database.engine
    command.upgrade(settings, revision)


def make(url: str, revision: str, count: int) -> None:
    """Make a store of that schema with so many papers in it, as the first one had them."""
    with closing(open_as_is(url)) as database:
        migrate(database, OLD[0])
        with database.writing() as connection:
            for some in chunks(rows(count), 5_000):
                for statement in (*INSERT.values(), INDEX[connection.dialect.name]):
                    names = {name for name in some[0] if f":{name}" in statement}
                    connection.execute(text(statement), [{name: row[name] for name in names} for row in some])
            connection.execute(text("UPDATE counters SET value = :count WHERE name = 'events'"), {"count": count})
            if not database.is_sqlite:
                connection.execute(text("SELECT setval('papers_id_seq', :count)"), {"count": count})
        migrate(database, revision)


@pytest.fixture(params=["sqlite", "postgres"])
def old(request: pytest.FixtureRequest, tmp_path: Path, revision: str, count: int) -> Iterator[Fresh]:
    """Give what makes one more store of an old schema, and gives its address."""
    if request.param == "sqlite":
        make(f"sqlite:///{tmp_path / 'old.db'}", revision, count)

        @contextmanager
        def fresh() -> Iterator[str]:
            shutil.copy(tmp_path / "old.db", tmp_path / "copy.db")
            yield f"sqlite:///{tmp_path / 'copy.db'}"
            for left in tmp_path.glob("copy.db*"):
                left.unlink()

        yield fresh
        return
    server = request.getfixturevalue("postgres")
    with server.database() as url:
        make(url, revision, count)
        yield lambda: server.database(make_url(url).database)


def die_upgrading(pipe: Pipe, url: str, statement: int) -> None:
    """Upgrade a store and be killed just before that statement."""
    seen = 0

    def step(*_: object) -> None:
        nonlocal seen
        seen += 1
        if seen == statement:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", step)
    event.listen(Engine, "commit", step)
    with closing(open_as_is(url)) as database:
        upgrade(database)
    pipe.send(seen)


def killed_at(url: str, statement: int) -> int | None:
    with running(die_upgrading, url, statement) as (child, pipe):
        child.join()  # the many papers of the slow test take longer than `last_word` waits
        seen: int | None = last_word(child, pipe)
    return seen


def held(url: str) -> dict[str, Any]:
    """Return what every table of a sound store holds."""
    with closing(open_as_is(url)) as database:
        assert version_of(database) == HEAD
        assert list(check_store(database, lambda _done, _of: None)) == []
        with database.reading() as connection:
            return {table.name: tally_of(connection, table) for table in all_tables()}


@pytest.mark.parametrize("revision", OLD)
@pytest.mark.parametrize(("count", "kills"), SIZES)
def test_an_old_store_comes_to_the_newest_schema_whenever_it_is_killed(old: Fresh, count: int, kills: int) -> None:
    with old() as url:
        statements = killed_at(url, 0)
        assert statements is not None
        expected = held(url)
    assert (expected["papers"].rows, expected["sightings"].rows, expected["events"].rows) == (count, count, count)
    assert expected["links"].rows == count // 10
    assert expected["titles"].rows == count
    assert expected["tags"].rows == count // 15
    for place in range(1, kills + 1):
        with old() as url:
            assert killed_at(url, place * statements // (kills + 1)) is None
            with closing(open_as_is(url)) as database:
                upgrade(database)
            assert held(url) == expected
