"""Giving back the space of what was deleted, and renewing what the database knows of its tables for its plans."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final, NamedTuple

from sqlalchemy import Connection

from storage.database import Database, storage_errors
from storage.leases import BusyError, alone

#: Seconds in which whoever writes or reads just now has come to an end, unless it takes longer.
_PATIENCE: Final = 3
_AT_WORK: Final = "do it once more when no other command runs"


class Sizes(NamedTuple):
    """How many bytes the store had, and has."""

    before: int
    after: int


def vacuum(database: Database) -> Sizes:
    """Make the store as small as it can be; BusyError at once where that is in the way of others, who go on.

    On PostgreSQL nobody is in its way: what is free is used again, and the files seldom get smaller.
    """
    if database.is_sqlite:
        with alone(database) as held:
            if not held:
                raise BusyError(_AT_WORK)
            return _rewrite(Path(database.engine.url.database or ""))
    with storage_errors("vacuuming"), database.engine.connect() as opened:
        connection = opened.execution_options(isolation_level="AUTOCOMMIT")
        before = _size(connection)
        connection.exec_driver_sql("VACUUM (ANALYZE)")
        return Sizes(before, _size(connection))


def _rewrite(path: Path) -> Sizes:
    before = _bytes(path)
    # By a connection of its own: those of the store keep what is temporary, here all of it, in memory.
    with storage_errors("vacuuming"), closing(sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)) as store:
        try:
            store.execute("INSERT INTO paper_search (paper_search) VALUES ('optimize')")
            store.execute("VACUUM")
            store.execute("PRAGMA optimize")
            (busy, *_) = store.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise
            busy = True
    if busy:
        raise BusyError(_AT_WORK)
    return Sizes(before, _bytes(path))


def _bytes(path: Path) -> int:
    """Return how many bytes the file has, and what is written beside it."""
    return sum(one.stat().st_size for one in (path, Path(f"{path}-wal")) if one.exists())


def _size(connection: Connection) -> int:
    return int(connection.exec_driver_sql("SELECT pg_database_size(current_database())").scalar() or 0)
