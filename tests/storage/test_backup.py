"""Copies of a store that is in use."""

import os
import signal
import sqlite3
from contextlib import closing
from multiprocessing.connection import Connection as Pipe
from pathlib import Path

import pytest

from crawler.errors import SettingsError, StorageError
from storage.backup import back_up_to
from storage.database import Database, open_database
from storage.leases import BusyError, lease
from tests.storage.children import hear, running
from tests.storage.factories import look, page, sighting, write
from tests.storage.whole import fill


def silent(_done: int, _of: int) -> None:
    pass


def opened(path: Path) -> list[object]:
    with closing(open_database(f"sqlite:///{path}")) as copy:
        return look(copy)


def test_a_backup_is_a_store_with_all_that_was_there(database: Database, tmp_path: Path) -> None:
    fill(database)
    target = tmp_path / "a copy of 100%.db"
    assert back_up_to(database, target, silent) == target.stat().st_size > 0
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("a copy")] == [target.name]
    assert opened(target) == look(database)


@pytest.mark.slow
def test_a_backup_is_of_one_moment_while_others_write(database: Database, tmp_path: Path) -> None:
    """With a copy in steps that begins anew after each change, whoever writes would keep it from ever coming to its end."""
    for number in range(40):
        some = (sighting(f"26{number:02}.{each:05}", abstract="An engine. " * 300) for each in range(100))
        write(database, page(*some))
    before, told = look(database), []

    def meanwhile(done: int, of: int) -> None:
        told.append((done, of))
        write(database, page(sighting(f"2701.{len(told):05}")))

    back_up_to(database, tmp_path / "copy.db", meanwhile)
    assert len(told) > 1
    assert told[-1][0] == told[-1][1]
    assert opened(tmp_path / "copy.db") == before


def test_what_is_there_is_not_overwritten(database: Database, tmp_path: Path) -> None:
    (tmp_path / "copy.db").write_text("mine")
    with pytest.raises(SettingsError, match="is there already"):
        back_up_to(database, tmp_path / "copy.db", silent)
    assert (tmp_path / "copy.db").read_text() == "mine"


def test_a_folder_that_is_not_there_is_a_mistake_of_the_call(database: Database, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="does not exist"):
        back_up_to(database, tmp_path / "nowhere" / "copy.db", silent)


def test_one_backup_at_a_time(database: Database, tmp_path: Path) -> None:
    with lease(database, "backup"), pytest.raises(BusyError, match="another backup"):
        back_up_to(database, tmp_path / "copy.db", silent)


def die_in_the_middle(pipe: Pipe, url: str, target: Path) -> None:
    """Make a backup and be killed while it is made."""

    def step(_done: int, _of: int) -> None:
        pipe.send("half")
        os.kill(os.getpid(), signal.SIGKILL)

    with closing(open_database(url)) as database:
        back_up_to(database, target, step)


def test_a_killed_backup_leaves_no_file_of_that_name_and_is_made_again(
    database: Database, store_url: str, tmp_path: Path
) -> None:
    fill(database)
    with running(die_in_the_middle, store_url, tmp_path / "copy.db") as (child, pipe):
        assert hear(pipe) == "half"
        child.join()
    assert not (tmp_path / "copy.db").exists()
    # PostgreSQL notices the end of a client when it gets to it.
    assert any(is_free(database) for _ in range(1000))
    back_up_to(database, tmp_path / "copy.db", silent)
    assert opened(tmp_path / "copy.db") == look(database)
    assert not list(tmp_path.glob("copy.db.*"))


def is_free(database: Database) -> bool:
    with lease(database, "backup") as held:
        return held


def test_a_damaged_store_makes_no_backup(sqlite_template: Path, tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    path.write_bytes(sqlite_template.read_bytes())
    with closing(open_database(f"sqlite:///{path}")) as database:
        fill(database)
    damage(path)
    with closing(open_database(f"sqlite:///{path}")) as database, pytest.raises(StorageError, match="damaged"):
        back_up_to(database, tmp_path / "copy.db", silent)
    assert not list(tmp_path.glob("copy.db*"))


def damage(path: Path) -> None:
    """Write over the root page of an index."""
    with closing(sqlite3.connect(path)) as store:
        (size,) = store.execute("PRAGMA page_size").fetchone()
        (root,) = store.execute("SELECT rootpage FROM sqlite_master WHERE name = 'ix_sightings_paper_id'").fetchone()
    with path.open("r+b") as file:
        file.seek((root - 1) * size + 8)
        file.write(b"\xff" * 400)
