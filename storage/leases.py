"""Leases: an exclusive right, held by a lock that dies with its process.

On PostgreSQL an advisory lock of the session, on SQLite a lock on a file beside the store. Nobody waits for a lease: who does
not get it is told so. Who wants a turn waits until it comes.
"""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from glob import escape
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from crawler.errors import StorageError
from storage.database import PATIENCE, Database, storage_errors


class BusyError(StorageError):
    """the store is in use"""  # noqa: D400 - the docstring is the message


@contextmanager
def lease(database: Database, name: str) -> Iterator[bool]:
    """Hold the right called `name` for as long as the block runs; gives False when somebody else holds it."""
    with leases(database, [name]) as held:
        yield name in held


@contextmanager
def leases(database: Database, names: Iterable[str]) -> Iterator[Collection[str]]:
    """Hold as many of these rights as nobody else holds for as long as the block runs, and give their names."""
    names = tuple(dict.fromkeys(names))
    if database.is_sqlite:
        store = Path(database.engine.url.database or "")
        with ExitStack() as stack:
            yield [name for name in names if stack.enter_context(_held(_file_lock(store, name)))]
    else:
        with _advisory_leases(database, names) as held:
            yield held


@contextmanager
def alone(database: Database) -> Iterator[bool]:
    """Hold every right to an SQLite store that anybody ever had, for as long as the block runs; gives False if one is held."""
    store = Path(database.engine.url.database or "").absolute()
    _allow_many_files()
    with ExitStack() as stack:
        locks = (FileLock(path) for path in sorted(store.parent.glob(f"{escape(store.name)}.*.lock")))
        yield all(stack.enter_context(_held(lock)) for lock in locks)


@contextmanager
def turn(database: Database, name: str) -> Iterator[None]:
    """Hold the right called `name` while the block runs, after whoever has it now; StorageError if that takes too long."""
    if database.is_sqlite:
        store = Path(database.engine.url.database or "")
        try:
            with _file_lock(store, name).acquire(timeout=PATIENCE):
                yield
        except (Timeout, OSError) as error:
            raise StorageError("while locking") from error
        return
    with storage_errors("locking"), database.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        connection.exec_driver_sql(f"SET lock_timeout = '{PATIENCE}s'")
        connection.scalar(select(func.pg_advisory_lock(_key(name))))
        try:
            yield
        finally:
            connection.scalar(select(func.pg_advisory_unlock(_key(name))))
            connection.exec_driver_sql("RESET lock_timeout")


def _allow_many_files() -> None:
    """Let this process have as many files open as the system allows: every reader has a lock, and may be one of thousands."""
    with suppress(ImportError, OSError, ValueError):
        import resource  # noqa: PLC0415 - not on Windows

        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _file_lock(store: Path, name: str) -> FileLock:
    return FileLock(f"{store}.{hashlib.sha256(name.encode()).hexdigest()[:12]}.lock")


def _key(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)


@contextmanager
def _held(lock: FileLock) -> Iterator[bool]:
    try:
        lock.acquire(blocking=False)
    except Timeout:
        yield False
        return
    except OSError as error:
        raise StorageError("while locking") from error
    try:
        yield True
    finally:
        lock.release()


@contextmanager
def _advisory_leases(database: Database, names: Sequence[str]) -> Iterator[Collection[str]]:
    # A connection of its own, outside any transaction: the locks live as long as the session.
    with storage_errors("locking"), database.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        held = [name for name in names if connection.scalar(select(func.pg_try_advisory_lock(_key(name))))]
        try:
            yield held
        finally:
            # A session that was lost has given the locks back already.
            with suppress(DBAPIError):
                for name in held:
                    connection.scalar(select(func.pg_advisory_unlock(_key(name))))
