"""Opening the store, and what reading and writing promise, on both databases."""

import logging
import socket
import sqlite3
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import insert, make_url, select, text, update

from crawler.errors import PaperlarkError, SchemaError, SettingsError, StorageError
from storage.backup import back_up
from storage.database import HEAD, Database, open_as_is, open_database, upgrade
from storage.models import CounterRow, EventRow, IdentifierRow
from tests.conftest import Server
from tests.storage.factories import page, sighting, write

SECRET = "s3kret-Pa55"  # a password that must never be seen again
NOW = datetime(2026, 8, 12, 8, 30, tzinfo=UTC)


def count(database: Database) -> int:
    with database.reading() as connection:
        return connection.execute(select(CounterRow.value).where(CounterRow.name == "events")).scalar_one()


def set_count(database: Database, value: int) -> None:
    with database.writing() as connection:
        connection.execute(update(CounterRow).values(value=value))


def set_version(url: str, version: str) -> None:
    with closing(open_as_is(url)) as database, database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})


def told(error: PaperlarkError, caplog: pytest.LogCaptureFixture) -> str:
    """Return all that an error can tell anybody: its words, and its traceback as a log would hold it."""
    logging.getLogger("test").error("failed", exc_info=error)
    return "\n".join((str(error), repr(error), caplog.text, *traceback.format_exception(error)))


@pytest.fixture
def file_url(sqlite_template: Path, tmp_path: Path) -> str:
    path = tmp_path / "store.db"
    path.write_bytes(sqlite_template.read_bytes())
    return f"sqlite:///{path}"


def test_every_connection_of_every_thread_has_its_pragmas(file_url: str) -> None:
    found: list[tuple[object, ...]] = []

    def look() -> None:
        with database.reading() as connection:
            pragmas = ("foreign_keys", "journal_mode", "synchronous")
            found.append(tuple(connection.execute(text(f"PRAGMA {pragma}")).scalar() for pragma in pragmas))

    with closing(open_database(file_url)) as database:
        threads = [threading.Thread(target=look) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        look()
    assert found == [(1, "wal", 2)] * 5


def test_a_row_without_its_parent_is_refused(database: Database) -> None:
    with pytest.raises(StorageError), database.writing() as connection:
        connection.execute(insert(IdentifierRow).values(scheme="arxiv", value="1", paper_id=99))


def test_what_a_failing_block_wrote_is_gone(database: Database) -> None:
    def fail() -> None:
        with database.writing() as connection:
            connection.execute(update(CounterRow).values(value=7))
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert count(database) == 0


def test_a_snapshot_answers_while_a_writer_is_busy_and_never_changes(database: Database) -> None:
    statement = select(CounterRow.value)
    with database.reading() as before:
        assert before.scalar(statement) == 0
        with database.writing() as writer:
            writer.execute(update(CounterRow).values(value=1))
            assert before.scalar(statement) == 0
            assert count(database) == 0
        assert before.scalar(statement) == 0
    assert count(database) == 1


def test_a_writer_waits_for_the_one_before_it(database: Database) -> None:
    def add(amount: int) -> None:
        with database.writing() as connection:
            value = connection.scalar(select(CounterRow.value)) or 0
            entered.set()
            connection.execute(update(CounterRow).values(value=value + amount))

    entered = threading.Event()
    threads = [threading.Thread(target=add, args=(amount,)) for amount in (1, 2, 4)]
    with database.writing() as connection:
        for thread in threads:
            thread.start()
        assert not entered.is_set()
        connection.execute(update(CounterRow).values(value=8))
    for thread in threads:
        thread.join()
    assert count(database) == 15


def test_reading_then_writing_on_one_connection_of_the_pool(database: Database) -> None:
    for value in range(3):
        set_count(database, value)
        assert count(database) == value


def test_postgres_refuses_to_write_while_reading(postgres_url: str) -> None:
    with (
        closing(open_database(postgres_url)) as database,
        pytest.raises(StorageError, match="read-only"),
        database.reading() as connection,
    ):
        connection.execute(update(CounterRow).values(value=7))


def test_an_error_of_the_driver_is_one_line_without_the_statement(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(StorageError, match="while writing") as caught, database.writing() as connection:
        connection.execute(text("INSERT INTO absent (title) VALUES (:title)"), {"title": SECRET})
    words = str(caught.value)
    assert "\n" not in words
    assert "absent" in words
    assert "INSERT" not in words
    assert caught.value.retry
    assert SECRET not in told(caught.value, caplog)


def test_a_value_the_store_refuses_is_an_error_without_the_statement(database: Database) -> None:
    naive = datetime(2026, 8, 12)  # noqa: DTZ001 - what is refused
    with pytest.raises(StorageError, match="aware datetimes") as caught, database.writing() as connection:
        connection.execute(update(EventRow).values(at=naive))
    assert "UPDATE" not in str(caught.value)


def test_what_is_asked_wrongly_of_sqlalchemy_is_a_storage_error(database: Database) -> None:
    with pytest.raises(StorageError, match="No row was found"), database.reading() as connection:
        connection.execute(select(EventRow.id)).scalar_one()


def test_a_refused_connection_is_a_storage_error_without_the_password(caplog: pytest.LogCaptureFixture) -> None:
    with closing(socket.socket()) as nobody_listens:
        nobody_listens.bind(("127.0.0.1", 0))
        port = nobody_listens.getsockname()[1]
        with pytest.raises(StorageError, match="while reading: OperationalError: connection failed") as caught:
            open_database(f"postgresql+psycopg://reader:{SECRET}@127.0.0.1:{port}/papers")
    assert "\n" not in str(caught.value)
    assert SECRET not in told(caught.value, caplog)


@pytest.fixture
def guarded(postgres: Server) -> Iterator[str]:
    """Give the name of a role that needs its password to get in."""
    role = "guarded"
    postgres.admin.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(role), sql.Literal("right")))
    rules = Path(str(postgres.admin.execute("SHOW hba_file").fetchall()[0][0]))
    before = rules.read_text()
    rules.write_text(f"local all {role} scram-sha-256\n{before}")
    postgres.admin.execute("SELECT pg_reload_conf()")
    address = postgres.address.set(drivername="postgresql", username=role, database="postgres", password="")
    for _ in range(1000):  # the server takes up the rules when it gets to it
        try:
            psycopg.connect(address.render_as_string(hide_password=False)).close()
        except psycopg.OperationalError:
            break
    yield role
    rules.write_text(before)
    postgres.admin.execute("SELECT pg_reload_conf()")
    postgres.admin.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))


def test_a_wrong_password_is_a_storage_error_without_it(
    postgres: Server, guarded: str, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(StorageError, match="password authentication failed") as caught:
        open_database(postgres.url("postgres", guarded, SECRET))
    assert "\n" not in str(caught.value)
    assert SECRET not in told(caught.value, caplog)


def test_an_open_database_does_not_show_its_password(postgres: Server, postgres_url: str) -> None:
    database_name = make_url(postgres_url).database or ""
    with closing(open_database(postgres.url(database_name, password=SECRET))) as database:
        assert SECRET not in repr(database)


def test_a_connection_that_was_cut_is_replaced(postgres: Server, postgres_url: str) -> None:
    with closing(open_database(postgres_url)) as database:
        set_count(database, 1)
        cut(postgres, postgres_url)
        assert count(database) == 1
        with pytest.raises(StorageError) as caught:
            set_count_while_cut(postgres, database)
        assert caught.value.retry
        assert count(database) == 1
        set_count(database, 4)
        assert count(database) == 4


def set_count_while_cut(server: Server, database: Database) -> None:
    with database.writing() as connection:
        connection.execute(update(CounterRow).values(value=2))
        cut(server, server.url(database.engine.url.database or ""))
        connection.execute(update(CounterRow).values(value=3))


def cut(server: Server, url: str) -> None:
    """End every connection to a database, as a restart of the server would."""
    name = make_url(url).database
    server.admin.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", (name,))


@pytest.mark.parametrize(
    "url",
    [
        "",
        "papers.db",
        "sqlite://papers.db",
        f"sqlite://user:{SECRET}@host/papers.db",
        "sqlite:///papers.db?timeout=1",
        "sqlite:///file:papers.db?uri=true",
        "sqlite:///pa\0pers.db",
        "sqlite+aiosqlite:///papers.db",
        f"mysql://user:{SECRET}@host/papers",
        f"postgresql+psycopg2://user:{SECRET}@host/papers",
        f"postgresql+psycopg://user:{SECRET}@host:port/papers",
        f"postgresql+psycopg://user:half@half:{SECRET}@host/papers",
        f"postgresql+psycopg://user:{SECRET}@host\n/papers",
        f"nothing+known://user:{SECRET}@host/papers",
    ],
)
def test_an_address_of_no_store_is_a_mistake_in_the_settings(url: str, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(SettingsError, match="must look like sqlite:///") as caught:
        open_database(url)
    assert SECRET not in told(caught.value, caplog)


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///", "sqlite:///:memory:"])
def test_a_store_in_memory_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="memory"):
        open_database(url)


def test_a_missing_folder_is_a_mistake_in_the_settings(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="absent does not exist"):
        open_database(f"sqlite:///{tmp_path}/absent/store.db")


def test_postgres_without_its_driver_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(SettingsError, match=r"pip install 'paperlark\[postgres\]'"):
        open_database("postgresql+psycopg://reader@host/papers")


def test_a_file_that_is_no_store_is_a_storage_error(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    path.write_text("a letter to my aunt " * 100)
    with pytest.raises(StorageError, match="not a database"):
        open_database(f"sqlite:///{path}")
    assert path.read_text().startswith("a letter")


def test_a_newer_store_is_refused(store_url: str) -> None:
    set_version(store_url, "9999")
    with pytest.raises(SchemaError, match=r"at 9999.*install a newer Paperlark") as caught:
        open_database(store_url)
    assert not caught.value.retry
    with closing(open_as_is(store_url)) as database, pytest.raises(SchemaError, match="install a newer Paperlark"):
        upgrade(database)


def test_an_older_postgres_store_names_the_command(postgres_url: str) -> None:
    with closing(open_database(postgres_url)) as database:
        write(database, page(sighting()))
    set_version(postgres_url, "0000")
    with pytest.raises(SchemaError, match=r"at 0000.*paperlark db upgrade"):
        open_database(postgres_url)
    with closing(open_as_is(postgres_url)) as database:
        assert not database.is_old_file()


def test_an_older_file_is_backed_up_before_it_is_touched(file_url: str) -> None:
    """There is no older schema yet, so the upgrade itself fails here; the copy is there by then."""
    with closing(open_database(file_url)) as database:
        assert not database.is_old_file()
        write(database, page(sighting()))
    set_version(file_url, "0000")
    with closing(open_as_is(file_url)) as database:
        assert database.is_old_file()
    with pytest.raises(SchemaError):
        open_database(file_url, NOW)
    copy = Path(f"{make_url(file_url).database}.20260812T083000.backup")
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT count(*) FROM papers").fetchone() == (1,)
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == ("0000",)


def test_a_backup_holds_what_was_committed_and_is_whole(file_url: str) -> None:
    with closing(open_database(file_url)) as database:
        set_count(database, 1)
        with database.writing() as connection:
            connection.execute(update(CounterRow).values(value=2))
            target = back_up(database, NOW)
    with closing(sqlite3.connect(target)) as copy:
        assert copy.execute("SELECT value FROM counters WHERE name = 'events'").fetchall() == [(1,)]
        assert copy.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert copy.execute("SELECT version_num FROM alembic_version").fetchone() == (HEAD,)


def test_half_a_backup_and_an_earlier_one_are_no_obstacle(file_url: str) -> None:
    with closing(open_database(file_url)) as database:
        first = back_up(database, None)
        Path(f"{first}.part").write_text("half a copy of a process that was killed")
        set_count(database, 5)
        assert back_up(database, None) == first
        assert [path.name for path in first.parent.glob("*.part")] == []
    with closing(sqlite3.connect(first)) as copy:
        assert copy.execute("SELECT value FROM counters WHERE name = 'events'").fetchall() == [(5,)]
