"""Copies of a store, made while others write to it: beside it before an upgrade, and wherever `db backup` is told."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from glob import escape
from pathlib import Path
from typing import Final

from sqlalchemy import URL

from crawler.errors import SettingsError, StorageError
from storage.copying import copy_store
from storage.database import PATIENCE, Database, open_as_is, storage_errors
from storage.leases import BusyError, lease

Told = Callable[[int, int], None]
"""Is told how much of how much is done, as the work goes on."""

_STEP: Final = 2_000  # pages of the file


def back_up(database: Database, now: datetime | None) -> Path:
    """Copy an SQLite store beside itself and return where the copy lies; half a copy never bears that name."""
    name = database.engine.url.database or ""
    stamp = now.strftime("%Y%m%dT%H%M%S") if now else "old"
    target = Path(f"{name}.{stamp}.backup")
    _write(database, target, lambda _done, _of: None)
    return target


def back_up_to(database: Database, target: Path, told: Told) -> int:
    """Copy a store into a new SQLite file, as it stands at one moment, and return how many bytes that has.

    Of a store on PostgreSQL the file is a store too, with the same rows.
    """
    if mistake := _mistake(target):
        raise SettingsError([mistake])
    with lease(database, "backup") as held:
        if not held:
            raise BusyError("another backup of it is being made")
        _write(database, target, told)
    return target.stat().st_size


def _mistake(target: Path) -> str:
    try:
        if target.exists() or target.is_symlink():
            return f"{target} is there already, and is not overwritten"
        return "" if target.parent.is_dir() else f"the folder {target.parent} does not exist"
    except (OSError, ValueError) as error:  # the name is too long, or has a character that no name has
        return f"this can be no file: {error}"


def _write(database: Database, target: Path, told: Told) -> None:
    part = Path(f"{target}.part")
    try:
        with storage_errors("backing up"):
            _clear(part)
            if database.is_sqlite:
                _copy_file(Path(database.engine.url.database or ""), part, told)
            else:
                _copy_rows(database, part, told)
            _look_at(part)
            _sync(part, os.O_RDWR)
            part.replace(target)
            if hasattr(os, "O_DIRECTORY"):  # Windows has no way to make a name survive a power cut, and does it by itself
                _sync(target.parent, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise StorageError("while backing up") from error
    finally:
        _clear(part)


def _copy_file(source: Path, part: Path, told: Told) -> None:
    with (
        closing(sqlite3.connect(source, timeout=PATIENCE, isolation_level=None)) as store,
        closing(sqlite3.connect(part)) as copy,
    ):
        # A snapshot that is held to the end: else the copy begins anew whenever somebody writes between two steps.
        store.execute("BEGIN")
        store.execute("SELECT count(*) FROM sqlite_master").fetchone()
        store.backup(copy, pages=_STEP, progress=lambda _status, left, pages: told(pages - left, pages))


def _copy_rows(database: Database, part: Path, told: Told) -> None:
    url = URL.create("sqlite", database=str(part)).render_as_string()
    with closing(open_as_is(url)) as copy:
        different = [one.table for one in copy_store(database, copy, told) if not one.same]
    if different:
        raise StorageError(f"while backing up: the copy of {', '.join(different)} is not what was read")


def _look_at(part: Path) -> None:
    """Refuse a copy that is not whole."""
    with closing(sqlite3.connect(f"{part.absolute().as_uri()}?immutable=1", uri=True)) as copy:
        found = str(copy.execute("PRAGMA quick_check(1)").fetchone()[0])
    if found != "ok":
        raise StorageError(f"while backing up: the store is damaged, and so is the copy: {found}")


def _sync(path: Path, flags: int) -> None:
    handle = os.open(path, flags)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _clear(part: Path) -> None:
    """Take away what this or a killed process has left of a copy."""
    for left in (part, *(Path(f"{part}{end}") for end in ("-wal", "-shm", "-journal")), *_locks(part)):
        left.unlink(missing_ok=True)


def _locks(part: Path) -> list[Path]:
    return list(part.parent.glob(f"{escape(part.name)}.*.lock"))
