"""Vacuuming: smaller, whole, and in nobody's way."""

from contextlib import closing
from pathlib import Path
from resource import RLIMIT_NOFILE, getrlimit, setrlimit

import pytest

from storage import vacuum as vacuuming
from storage.database import Database, open_database
from storage.leases import BusyError, alone, lease
from storage.vacuum import vacuum
from tests.storage.children import hear, hold, running
from tests.storage.factories import look, page, sighting, write
from tests.storage.whole import fill


@pytest.fixture
def file_url(sqlite_template: Path, tmp_path: Path) -> str:
    (tmp_path / "store.db").write_bytes(sqlite_template.read_bytes())
    return f"sqlite:///{tmp_path / 'store.db'}"


def test_what_was_deleted_gives_its_space_back(database: Database) -> None:
    fill(database)
    write(database, page(*(sighting(f"2609.{each:05}", abstract="An engine. " * 300) for each in range(300))))
    before = look(database)
    with database.writing() as connection:
        connection.exec_driver_sql("DELETE FROM outbox")
    sizes = vacuum(database)
    assert look(database) == before
    assert sizes.before > 0
    if database.is_sqlite:
        path = Path(database.engine.url.database or "")
        assert sizes.after == path.stat().st_size < sizes.before


@pytest.mark.parametrize("begin", ["BEGIN IMMEDIATE", "BEGIN"], ids=["a writer", "a reader"])
def test_whoever_is_at_work_in_the_file_is_not_disturbed(file_url: str, begin: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vacuuming, "_PATIENCE", 0)
    with closing(open_database(file_url)) as database, database.engine.connect() as other:
        cursor = other.connection.cursor()
        cursor.execute(begin)
        cursor.execute("SELECT count(*) FROM papers")
        with pytest.raises(BusyError, match="the store is in use"):
            vacuum(database)
        cursor.execute("ROLLBACK")
        assert vacuum(database).after > 0


def test_a_crawl_under_way_is_not_disturbed(file_url: str) -> None:
    with closing(open_database(file_url)) as database:
        with running(hold, file_url, "site:arxiv.org") as (_, pipe):
            assert hear(pipe) is True
            with pytest.raises(BusyError, match="the store is in use"):
                vacuum(database)
            pipe.send("let go")
            assert hear(pipe) == "free"
        assert vacuum(database).after > 0


def test_nobody_begins_what_was_ever_begun_while_one_is_alone(file_url: str) -> None:
    with closing(open_database(file_url)) as database:
        with lease(database, "site:arxiv.org") as held:
            assert held
        with alone(database) as held, lease(database, "site:arxiv.org") as other:
            assert (held, other) == (True, False)
        with lease(database, "site:arxiv.org") as held:
            assert held


def test_thousands_of_readers_are_no_too_many_files(file_url: str) -> None:
    few, most = getrlimit(RLIMIT_NOFILE)
    with closing(open_database(file_url)) as database:
        for number in range(300):
            with lease(database, f"run:compose:reader {number}") as held:
                assert held
        setrlimit(RLIMIT_NOFILE, (200, most))
        try:
            with alone(database) as held:
                assert held
        finally:
            setrlimit(RLIMIT_NOFILE, (few, most))
