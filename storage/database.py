"""Opening the store: the engine, its pragmas, reading and writing, and one seam where foreign errors become ours."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from crawler.errors import SchemaError, SettingsError, StorageError

#: The newest migration; a test compares it with the migrations folder, so that opening a store need not load Alembic.
HEAD: Final = "0001"


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
        with _errors("reading"), self.engine.connect() as connection:
            yield connection.execution_options(**options)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection whose changes are committed together at the end, or not at all.

        BEGIN IMMEDIATE on SQLite: a deferred transaction that wants to write later fails at once as "locked", whatever the
        timeout, and SQLAlchemy's own default loses updates.
        """
        with _errors("writing"), self.engine.connect() as connection:
            with connection.execution_options(paperlark_writing=True).begin():
                yield connection

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
        found = _version(database)
        if found is None or (found < HEAD and database.is_sqlite):
            if found is not None:
                back_up(database, now)
            upgrade(database)
        elif found != HEAD:
            advice = "run: paperlark db upgrade" if found < HEAD else "install a newer Paperlark"
            raise SchemaError(f"it is at {found}, this Paperlark needs {HEAD}", advice)
    except BaseException:
        database.close()
        raise
    return database


def open_as_is(url: str) -> Database:
    """Open the store without looking at its version, for `db upgrade`."""
    return Database(_engine(_parsed(url)))


def upgrade(database: Database) -> None:
    """Bring the store to the newest schema, each migration in one transaction."""
    from storage.migrations import run  # noqa: PLC0415 - Alembic is needed once a release, not at every start

    with _errors("upgrading"):
        run.upgrade(database.engine)


def back_up(database: Database, now: datetime | None) -> Path:
    """Copy an SQLite store beside itself and return where the copy lies."""
    name = database.engine.url.database or ""
    stamp = now.strftime("%Y%m%dT%H%M%S") if now else "old"
    target = Path(f"{name}.{stamp}.backup")
    with _errors("backing up"), database.engine.connect() as connection:
        # VACUUM runs outside a transaction only, and SQLAlchemy begins one by itself.
        driver = connection.connection.driver_connection
        if driver is None:
            raise StorageError("no connection to back up from")
        driver.execute("VACUUM INTO ?", (str(target),))
    return target


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
        parsed.get_dialect()
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        # The URL itself may hold a password: it is not repeated.
        raise SettingsError([f"database: {_advice(error)}"]) from None
    if parsed.get_backend_name() == "sqlite" and parsed.database not in (None, "", ":memory:"):
        parent = Path(parsed.database or "").parent
        if not parent.is_dir():
            raise SettingsError([f"database: the folder {parent} does not exist"])
    elif parsed.get_backend_name() == "sqlite":
        raise SettingsError(["database: a store in memory would be lost with each command; name a file"])
    return parsed


def _advice(error: Exception) -> str:
    if isinstance(error, ImportError):
        return "PostgreSQL needs the extra: pip install 'paperlark[postgres]'"
    return "must look like sqlite:///paperlark.db or postgresql+psycopg://user@host/name"


def _engine(url: URL) -> Engine:
    if url.get_backend_name() != "sqlite":
        return create_engine(url, hide_parameters=True, pool_pre_ping=True, pool_size=2)
    # No pool: a connection kept by a thread that ended would keep the WAL file open.
    engine = create_engine(url, hide_parameters=True, poolclass=NullPool, connect_args={"isolation_level": None, "timeout": 30})
    event.listen(engine, "connect", _set_pragmas)
    event.listen(engine, "begin", _begin)
    return engine


def _set_pragmas(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    # FULL: what the outbox has written down must survive a power cut, and one write a page is cheap.
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "temp_store = MEMORY"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    writing = connection.get_execution_options().get("paperlark_writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _version(database: Database) -> str | None:
    with database.reading() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        version: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return version


@contextmanager
def _errors(doing: str) -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        # The driver's own words: SQLAlchemy's carry the whole statement.
        raise StorageError(f"while {doing}") from (error.orig or error)
    except SQLAlchemyError as error:
        raise StorageError(f"while {doing}") from error
