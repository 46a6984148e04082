"""Opening the store: the engine, its pragmas, reading and writing, and one seam where foreign errors become ours."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError, StatementError

from crawler.errors import SchemaError, SettingsError, StorageError

__all__ = [
    "HEAD",
    "PATIENCE",
    "UNFINISHED",
    "Connection",
    "Database",
    "open_as_is",
    "open_database",
    "storage_errors",
    "upgrade",
    "version_of",
]

#: The newest migration; a test compares it with the migrations folder, so that opening a store need not load Alembic.
HEAD: Final = "0006"
#: How the version of a store begins into which another one is being copied (`storage.copying`).
UNFINISHED: Final = "copying"

_SQLITE: Final = frozenset({"sqlite", "sqlite+pysqlite"})
_POSTGRES: Final = frozenset({"postgresql", "postgresql+psycopg"})
_FORMS: Final = "must look like sqlite:///paperlark.db or postgresql+psycopg://user@host/name"

#: Seconds a writer waits for the one before it.
PATIENCE: Final = 30
_WAL_TRIES: Final = 5


@dataclass(frozen=True, slots=True)
class Database:
    """An open store."""

    engine: Engine

    @property
    def is_sqlite(self) -> bool:
        """Whether the store is one file."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees one snapshot of the store and holds up no writer."""
        options = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with storage_errors("reading"), self.engine.connect() as connection:
            yield connection.execution_options(**options)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection whose changes are committed together at the end, or not at all.

        One writes at a time, on both databases, so what was read in here is still true when it is written. BEGIN IMMEDIATE
        on SQLite: a deferred transaction that wants to write later fails at once as "locked", whatever the timeout, and
        SQLAlchemy's own default loses updates. An advisory lock on PostgreSQL, whose default loses them too.
        """
        with storage_errors("writing"), self.engine.connect() as opened:
            connection = opened.execution_options(paperlark_writing=True)
            with connection.begin():
                yield connection

    def is_old_file(self) -> bool:
        """Whether the store is a file with something in it that an upgrade would change."""
        found = version_of(self)
        return self.is_sqlite and found is not None and found < HEAD

    def close(self) -> None:
        """Give every connection back to the system."""
        self.engine.dispose()


def open_database(url: str, now: datetime | None = None) -> Database:
    """Open the store at `url`, making it when it is empty.

    An older SQLite store is copied beside itself, with `now` in the name, and upgraded. An older PostgreSQL store is a
    SchemaError that names the command to run: other machines may be using it. A newer store is a SchemaError on both.
    """
    database = Database(_engine(_parsed(url)))
    try:
        _bring_up(database, now)
    except BaseException:
        database.close()
        raise
    return database


def _bring_up(database: Database, now: datetime | None) -> None:
    found = version_of(database)
    _refuse_unfinished(found)
    if found is None or (found < HEAD and database.is_sqlite):
        if found is not None:
            from storage.backup import back_up  # noqa: PLC0415 - it needs this module

            back_up(database, now)
        upgrade(database)
    elif found != HEAD and (found := _version_in_turn(database) or "") != HEAD:
        if found < HEAD and _is_unused(database):
            upgrade(database)  # whoever was making it was stopped between two migrations
            return
        advice = "run: paperlark db upgrade" if found < HEAD else "install a newer Paperlark"
        raise SchemaError(f"it is at {found}, this Paperlark needs {HEAD}", advice)


def _refuse_unfinished(found: str | None) -> None:
    if found and found.startswith(UNFINISHED):
        raise SchemaError("a copy into it has not come to its end", "make that copy once more, or drop the database")


def _version_in_turn(database: Database) -> str | None:
    """Return the version after whoever upgrades the store now has done so: between two migrations it looks old."""
    from storage.leases import turn  # noqa: PLC0415 - it needs this module

    with turn(database, "upgrade"):
        return version_of(database)


def _is_unused(database: Database) -> bool:
    """Tell whether nothing was ever written into the store, neither a paper nor what came of asking for some."""
    with database.reading() as connection:
        asked = "SELECT EXISTS (SELECT 1 FROM papers) OR EXISTS (SELECT 1 FROM verdicts)"
        return not connection.exec_driver_sql(asked).scalar()


def open_as_is(url: str) -> Database:
    """Open the store without looking at its version, for `db upgrade`."""
    return Database(_engine(_parsed(url)))


def upgrade(database: Database) -> None:
    """Bring the store to the newest schema, each migration in one transaction."""
    from storage.leases import turn  # noqa: PLC0415 - it needs this module
    from storage.migrations import run  # noqa: PLC0415 - Alembic is needed once a release, not at every start

    # In turn: between two migrations of one process another could begin with the second.
    with turn(database, "upgrade"), storage_errors("upgrading"):
        _refuse_unfinished(version_of(database))
        run.upgrade(database.engine)


def _parsed(url: str) -> URL:
    """Read the address; what is wrong with it is told without repeating it, for it may hold a password."""
    parsed = None
    with suppress(ArgumentError, ValueError):  # ValueError: the port is no number
        parsed = make_url(url)
    mistake = _mistake(parsed) if parsed is not None and url.isprintable() else _FORMS
    if parsed is None or mistake:
        raise SettingsError([f"database: {mistake}"])
    return parsed


def _mistake(url: URL) -> str:
    if url.drivername in _POSTGRES:
        return "" if find_spec("psycopg") else "PostgreSQL needs the extra: pip install 'paperlark[postgres]'"
    if url.drivername not in _SQLITE or url.host or url.query:
        return _FORMS
    if url.database in (None, "", ":memory:"):
        return "a store in memory would be lost with each command; name a file"
    parent = Path(url.database or "").parent
    return "" if parent.is_dir() else f"the folder {parent} does not exist"


def _engine(url: URL) -> Engine:
    if url.drivername in _SQLITE:
        # One connection is kept, for whichever thread is next: a new one reads the schema and every page of the file again,
        # and the last one to close empties the write-ahead log, which a back-fill would do after each of its pages.
        arguments = {"isolation_level": None, "timeout": PATIENCE}
        engine = create_engine(url, hide_parameters=True, pool_size=1, max_overflow=-1, connect_args=arguments)
        event.listen(engine, "connect", _set_pragmas)
    else:
        engine = create_engine(url, hide_parameters=True, pool_pre_ping=True, pool_size=2)
    event.listen(engine, "begin", _begin)
    return engine


def _set_pragmas(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    _use_wal(cursor)
    # FULL: what the outbox has written down must survive a power cut, and one write a page is cheap.
    # 8 MB: a page's changes fit, none of which then is written before its commit and read back.
    for pragma in ("synchronous = FULL", "foreign_keys = ON", "temp_store = MEMORY", "cache_size = -8000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _use_wal(cursor: sqlite3.Cursor) -> None:
    """Have the file keep a write-ahead log, which it remembers.

    When several processes do so with a new file at once, SQLite refuses some of them at once, whatever the timeout, for one
    has to give way; BEGIN IMMEDIATE does wait until the other is done.
    """
    for _ in range(_WAL_TRIES - 1):
        with suppress(sqlite3.OperationalError):
            cursor.execute("PRAGMA journal_mode = WAL")
            return
        with suppress(sqlite3.OperationalError):
            cursor.execute("BEGIN IMMEDIATE")
            cursor.execute("ROLLBACK")
    cursor.execute("PRAGMA journal_mode = WAL")


def _begin(connection: Connection) -> None:
    writing = connection.get_execution_options().get("paperlark_writing", False)
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
    elif writing:
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{PATIENCE}s'")
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext('paperlark'), hashtext('writing'))")


def version_of(database: Database) -> str | None:
    """Return the version of the store's schema; None when there is none."""
    with database.reading() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        version: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return version


@contextmanager
def storage_errors(doing: str) -> Iterator[None]:
    """Turn what SQLAlchemy and the drivers raise into a StorageError that says what was being done."""
    try:
        yield
    except StatementError as error:
        # The driver's own words: SQLAlchemy's carry the whole statement.
        raise StorageError(f"while {doing}") from (error.orig or error)
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise StorageError(f"while {doing}") from error
