"""Leases: one holder at a time, over processes, and none after the holder died."""

from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import make_url

from crawler.errors import StorageError
from storage.database import Database, open_database
from storage.leases import lease
from tests.conftest import Server
from tests.storage.children import hear, hold, kill, running
from tests.storage.test_database import cut


def test_a_second_process_is_told_no_until_the_first_lets_go(store_url: str, database: Database) -> None:
    with running(hold, store_url, "arxiv.org") as (_, pipe):
        assert hear(pipe) is True
        with lease(database, "arxiv.org") as held:
            assert not held
        with lease(database, "dblp.org") as other:
            assert other
        pipe.send("let go")
        assert hear(pipe) == "free"
        with lease(database, "arxiv.org") as held:
            assert held


def test_a_killed_process_frees_its_lease(store_url: str, database: Database) -> None:
    with running(hold, store_url, "arxiv.org") as (child, pipe):
        assert hear(pipe) is True
        kill(child)
        with closing(open_database(store_url)) as other:
            # PostgreSQL notices the end of a client when it gets to it.
            assert any(_given(other) for _ in range(1000))


def _given(database: Database) -> bool:
    with lease(database, "arxiv.org") as held:
        return held


def test_a_lease_within_a_process_is_exclusive_too(database: Database) -> None:
    with lease(database, "outbox") as first, lease(database, "outbox") as second:
        assert (first, second) == (True, False)
    assert [_given(database) for _ in range(2)] == [True, True]


def test_a_block_that_fails_frees_its_lease(database: Database) -> None:
    with pytest.raises(KeyError), lease(database, "arxiv.org"):
        raise KeyError
    assert _given(database)


def test_a_lease_holds_up_no_writer(database: Database) -> None:
    with lease(database, "writing") as held, database.writing() as connection:
        assert held
        connection.exec_driver_sql("UPDATE counters SET value = value + 1")


def test_a_connection_cut_under_a_lease_gives_it_back_and_fails_nothing(postgres: Server, postgres_url: str) -> None:
    with closing(open_database(postgres_url)) as database:
        with lease(database, "arxiv.org") as held:
            cut(postgres, postgres_url)
        assert held
        assert _given(database)


def test_a_lock_that_cannot_be_made_is_a_storage_error(sqlite_template: Path, tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    path.write_bytes(sqlite_template.read_bytes())
    with closing(open_database(f"sqlite:///{path}")) as database:
        with lease(database, "arxiv.org"):
            (lock,) = tmp_path.glob("*.lock")
        lock.unlink(missing_ok=True)
        lock.mkdir()
        with pytest.raises(StorageError, match="while locking"), lease(database, "arxiv.org"):
            pass


def test_the_lock_lies_beside_the_store(store_url: str, database: Database) -> None:
    if database.is_sqlite:
        folder = Path(make_url(store_url).database or "").parent
        with lease(database, "a name / with \0 anything"):
            assert len(list(folder.glob("store.db.*.lock"))) == 1
    with lease(database, "a name / with \0 anything") as held:
        assert held
