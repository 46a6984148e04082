"""A store copied into another one: all of it, compared, and refused until it is whole."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, inspect, text

from crawler.errors import SchemaError, SettingsError
from storage.candidates import Word
from storage.copying import Copied, copy_store
from storage.database import HEAD, Database, open_as_is, open_database, upgrade, version_of
from storage.leases import BusyError, lease
from storage.numbers import last_paper
from storage.papers import search
from storage.tables import all_tables
from tests.storage.children import last_word, running
from tests.storage.factories import look, page, sighting, write
from tests.storage.whole import fill

INDEX = "paper_search"


def silent(_done: int, _of: int) -> None:
    pass


def copied(source: Database, url: str) -> list[Copied]:
    with closing(open_as_is(url)) as target:
        return copy_store(source, target, silent)


def tallies(some: list[Copied]) -> dict[str, tuple[int, str]]:
    return {one.table: (one.came.rows, one.came.digest) for one in some}


def found(database: Database, word: str) -> list[int]:
    with database.reading() as connection:
        return [paper.id for paper in search(connection, Word(word))]


@pytest.fixture
def full(database: Database) -> Database:
    fill(database)
    return database


@pytest.fixture
def full_file(tmp_path: Path) -> Iterator[Database]:
    with closing(open_database(f"sqlite:///{tmp_path / 'full.db'}")) as database:
        fill(database)
        yield database


def test_every_table_of_a_store_is_among_those_that_are_copied(database: Database) -> None:
    """By a process that loads nothing else: what tests import must not hide that a module of tables was forgotten."""
    code = "from storage.tables import all_tables; print(*(table.name for table in all_tables()))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    with database.reading() as connection:
        there = {name for name in inspect(connection).get_table_names() if not name.startswith(INDEX)}
    assert set(done.stdout.split()) == there - {"alembic_version"}


def test_a_copy_there_and_back_is_the_same_in_every_table(full: Database, empty_postgres_url: str, tmp_path: Path) -> None:
    there = copied(full, empty_postgres_url)
    assert [one.table for one in there] == [table.name for table in all_tables()]
    assert all(one.same and one.went.rows for one in there)
    with closing(open_database(empty_postgres_url)) as middle:
        back = copied(middle, f"sqlite:///{tmp_path / 'back.db'}")
    assert tallies(back) == tallies(there)
    with closing(open_database(f"sqlite:///{tmp_path / 'back.db'}")) as last:
        assert look(last) == look(full)
        assert found(last, "engines") == found(full, "engines") != []


def test_a_copy_goes_on_where_the_store_was(full: Database, empty_url: str, tmp_path: Path) -> None:
    """The number of a paper that went into another one is not given again, nor that of an event."""
    with full.writing() as connection:
        highest = last_paper(connection)
        connection.execute(text("UPDATE counters SET value = value + 40 WHERE name = 'events'"))
    url = empty_url if "postgres" in empty_url else f"sqlite:///{tmp_path / 'other.db'}"
    copied(full, url)
    with closing(open_database(url)) as other:
        write(other, page(sighting("2609.00001", title="Some Paper of the Next Month")))
        (made,) = found(other, "next")
        assert made > highest
        with other.reading() as connection:
            assert connection.execute(text("SELECT value FROM counters WHERE name = 'events'")).scalar() == 73


def test_what_is_not_empty_is_refused_and_left_alone(full_file: Database, store_url: str) -> None:
    with closing(open_database(store_url)) as other:
        write(other, page(sighting("2609.00001")))
        before = look(other)
    with pytest.raises(SettingsError, match=r"not empty: papers"):
        copied(full_file, store_url)
    with closing(open_database(store_url)) as other:
        assert look(other) == before


def test_a_database_of_somebody_else_is_refused(full_file: Database, empty_url: str) -> None:
    with closing(open_as_is(empty_url)) as other, other.writing() as connection:
        connection.exec_driver_sql("CREATE TABLE theirs (name TEXT)")
    with pytest.raises(SettingsError, match=r"not empty: theirs"):
        copied(full_file, empty_url)


def test_a_store_is_not_copied_into_itself(database: Database, store_url: str) -> None:
    with pytest.raises(SettingsError, match="the store itself"):
        copied(database, store_url)


def test_one_copy_at_a_time(full_file: Database, store_url: str) -> None:
    with closing(open_as_is(store_url)) as target, lease(target, "copy"), pytest.raises(BusyError, match="under way"):
        copied(full_file, store_url)


def test_a_newer_store_is_not_copied_into(full_file: Database, store_url: str) -> None:
    with closing(open_as_is(store_url)) as target, target.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(SchemaError, match="9999"):
        copied(full_file, store_url)


def test_what_comes_otherwise_is_named_and_the_copy_refused(full_file: Database, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'other.db'}"
    with closing(open_database(url)) as target, target.writing() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER spoil AFTER INSERT ON events WHEN new.id = 3 BEGIN UPDATE events SET kind = 'x' WHERE id = 3; END"
        )
    wrong = [one for one in copied(full_file, url) if not one.same]
    assert [(one.table, one.went.rows == one.came.rows) for one in wrong] == [("events", True)]
    with pytest.raises(SchemaError, match="has not come to its end"):
        open_database(url)
    with closing(open_as_is(url)) as target, target.writing() as connection:
        connection.exec_driver_sql("DROP TRIGGER spoil")
    assert all(one.same for one in copied(full_file, url))


def die_copying(pipe: Pipe, source: str, target: str, statement: int) -> None:
    """Copy a store, and be killed just before that statement of the other one."""
    seen = 0
    with closing(open_database(source)) as ours, closing(open_as_is(target)) as theirs:

        def step(connection: Any, *_: object) -> None:
            nonlocal seen
            seen += connection.engine.url == theirs.engine.url
            if seen == statement:
                os.kill(os.getpid(), signal.SIGKILL)

        event.listen(Engine, "before_cursor_execute", step)
        event.listen(Engine, "commit", step)
        copy_store(ours, theirs, silent)
    pipe.send(seen)


def killed_at(source: Database, target: str, statement: int) -> int | None:
    url = source.engine.url.render_as_string(hide_password=False)
    with running(die_copying, url, target, statement) as (child, pipe):
        seen: int | None = last_word(child, pipe)
    return seen


@pytest.mark.slow
def test_a_killed_copy_is_refused_and_made_again(full_file: Database, postgres: Any, tmp_path: Path) -> None:
    statements = killed_at(full_file, f"sqlite:///{tmp_path / 'undisturbed.db'}", 0)
    assert statements is not None
    for place in range(1, 9):
        with postgres.database() as url:
            for target in (url, f"sqlite:///{tmp_path / f'{place}.db'}"):
                assert killed_at(full_file, target, place * statements // 9) is None
                refuse_until_copied(full_file, target)


def refuse_until_copied(source: Database, target: str) -> None:
    with closing(open_as_is(target)) as half:
        unfinished = (version_of(half) or "").startswith("copying")
        if unfinished:
            with pytest.raises(SchemaError, match="has not come to its end"):
                open_database(target)
            with pytest.raises(SchemaError, match="has not come to its end"):
                upgrade(half)
        elif version_of(half) is not None:
            # It was killed while the schema was made.
            with half.reading() as connection:
                assert connection.exec_driver_sql("SELECT count(*) FROM papers").scalar() == 0
    assert all(one.same for one in copied(source, target))
    with closing(open_database(target)) as whole:
        assert version_of(whole) == HEAD
        assert look(whole) == look(source)


def test_a_copy_reads_one_moment_while_others_write(full_file: Database, tmp_path: Path) -> None:
    before, told = look(full_file), []

    def meanwhile(done: int, of: int) -> None:
        told.append((done, of))
        if len(told) == 1:
            write(full_file, page(sighting("2609.00001", title="Written in the Middle")))

    with closing(open_as_is(f"sqlite:///{tmp_path / 'other.db'}")) as target:
        assert all(one.same for one in copy_store(full_file, target, meanwhile))
        assert look(target) == before
    assert told[-1][0] == told[-1][1] > 0
    assert len(look(full_file)) == len(before) + 1
