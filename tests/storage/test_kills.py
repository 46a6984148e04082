"""A process that is killed while it records loses nothing it vouched for, and the next one completes the work."""

import os
import shutil
import signal
import sqlite3
from contextlib import closing
from datetime import timedelta
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Engine, event

from crawler.identifiers import Identifier
from crawler.source import Checkpoint, Page
from storage.checkpoints import checkpoints
from storage.database import Database, open_database
from storage.papers import find, sightings
from storage.record import open_sink
from tests.storage.children import hear, kill, running
from tests.storage.factories import MONDAY, believed, checkpoint, page, rows, sighting

if TYPE_CHECKING:
    from crawler.sighting import Action

PAGES = 8


def batches() -> list[Page]:
    """Tell eight pages: new papers, the day after their second versions, and one page that joins two of the papers."""
    told = []
    for number in range(PAGES - 1):
        keys = [f"2608.{paper:05}" for paper in range(20 * (number // 2), 20 * (number // 2) + 20)]
        action: Action = "replace" if number % 2 else "new"
        on = MONDAY + timedelta(number)
        told.append(page(*(sighting(key, version=1 + number % 2, action=action, announced_on=on) for key in keys)))
    doi = Identifier("doi", "10.1000/1")
    told[0] = page(*told[0].sightings, sighting("p1", source="publisher", identifiers=(doi,)))
    both = sighting("c1", source="catalogue", identifiers=(Identifier("arxiv", "2608.00001"), doi), action=None)
    return [*told, page(both, kind="catalogue")]


def record_and_die(pipe: Pipe, url: str, statement: int) -> None:
    """Record the pages, saying each number when it is safe, and be killed just before that statement (0: never)."""
    seen = 0

    def step(*_: object) -> None:
        nonlocal seen
        seen += 1
        if seen == statement:
            os.kill(os.getpid(), signal.SIGKILL)

    with open_sink(url) as sink:
        event.listen(Engine, "before_cursor_execute", step)
        event.listen(Engine, "commit", step)
        for number, one in enumerate(batches()):
            sink(one, vouching(number, one))
            pipe.send(number)
    pipe.send(seen)


def record_for_ever(pipe: Pipe, url: str) -> None:
    """Record the pages over and over."""
    with open_sink(url) as sink:
        while True:
            for number, one in enumerate(batches()):
                sink(one, vouching(number, one))
                pipe.send(number)


def vouching(number: int, one: Page) -> Checkpoint:
    """Return the checkpoint of a page."""
    return checkpoint(*(seen.key for seen in one.sightings), scope=str(number), on=MONDAY + timedelta(number))


def heard(pipe: Pipe) -> list[int]:
    """Return all that a dead child had said."""
    said = []
    try:
        while pipe.poll():
            said.append(pipe.recv())
    except EOFError:
        pass
    return said


def assert_kept(database: Database, acknowledged: list[int]) -> None:
    """Look whether the store is sound, holds all that was acknowledged, and no checkpoint without its page."""
    path = database.engine.url.database or ""
    if database.is_sqlite:
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    told = batches()
    with database.reading() as connection:
        vouched = checkpoints(connection, "arxiv", [str(number) for number in range(PAGES)])
        found = {scope for scope, one in vouched.items() if one.batch is not None}
        assert {str(number) for number in acknowledged} <= found
        for scope in found:
            for seen in told[int(scope)].sightings:
                paper = find(connection, seen.identifiers[0])
                assert paper is not None
                assert seen.content_hash() in {one.content_hash() for one in sightings(connection, paper.id)}


def finish(url: str) -> tuple[list[object], dict[str, int]]:
    """Record all the pages once more, and return what the store then holds."""
    with open_sink(url) as sink:
        for number, one in enumerate(batches()):
            sink(one, vouching(number, one))
    with closing(open_database(url)) as database, database.reading() as connection:
        return believed(connection), rows(connection)


@pytest.fixture(scope="module")
def undisturbed(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[list[object], dict[str, int], int]:
    """Return what a store holds in the end when nobody is killed, and how many statements that took."""
    url = copied(sqlite_template, tmp_path_factory.mktemp("undisturbed"))
    with running(record_and_die, url, 0) as (child, pipe):
        child.join()
        statements = heard(pipe)[-1]
    return (*finish(url), statements)


def copied(template: Path, folder: Path) -> str:
    """Return the address of a new store in the folder."""
    path = folder / "store.db"
    shutil.copy(template, path)
    return f"sqlite:///{path}"


def killed_at(url: str, statement: int) -> tuple[list[object], dict[str, int]]:
    """Kill a recording at a statement, look at what is left, and finish the work."""
    with running(record_and_die, url, statement) as (child, pipe):
        child.join()
        acknowledged = heard(pipe)
    assert len(acknowledged) <= PAGES  # it did not come to the end
    with closing(open_database(url)) as database:
        assert_kept(database, acknowledged)
    return finish(url)


@pytest.mark.parametrize("place", range(10))
def test_a_recording_killed_at_a_statement_loses_nothing(
    place: int, sqlite_template: Path, tmp_path: Path, undisturbed: tuple[list[object], dict[str, int], int]
) -> None:
    *expected, statements = undisturbed
    statement = 1 + place * (statements - 1) // 9
    assert list(killed_at(copied(sqlite_template, tmp_path), statement)) == expected


@pytest.mark.slow
def test_a_recording_killed_at_any_statement_loses_nothing(
    sqlite_template: Path, tmp_path: Path, undisturbed: tuple[list[object], dict[str, int], int]
) -> None:
    *expected, statements = undisturbed
    for statement in range(1, statements + 1):
        (tmp_path / str(statement)).mkdir()
        assert list(killed_at(copied(sqlite_template, tmp_path / str(statement)), statement)) == expected


@pytest.mark.parametrize("place", range(1, 4))
def test_a_recording_into_postgres_killed_at_a_statement_loses_nothing(
    place: int, postgres_url: str, undisturbed: tuple[list[object], dict[str, int], int]
) -> None:
    content, _, statements = undisturbed
    assert killed_at(postgres_url, place * statements // 8)[0] == content


@pytest.mark.parametrize("place", range(5))
def test_a_recording_killed_at_any_moment_loses_nothing(
    place: int, sqlite_template: Path, tmp_path: Path, undisturbed: tuple[list[object], dict[str, int], int]
) -> None:
    url = copied(sqlite_template, tmp_path)
    with running(record_for_ever, url) as (child, pipe):
        acknowledged = [hear(pipe) for _ in range(place + 1)]
        kill(child)
        acknowledged += heard(pipe)
    with closing(open_database(url)) as database:
        assert_kept(database, acknowledged)
    assert finish(url) == undisturbed[:2]
