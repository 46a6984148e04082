"""The commands that care for the store: what they say, and how they end."""

import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import make_url

from jobs.headway import headway
from storage.database import Database, open_database
from storage.leases import lease
from tests.conftest import Server
from tests.jobs.conftest import Call
from tests.storage.factories import MONDAY, NOON, look, page, sighting, write
from tests.storage.whole import fill

SECRET = "s3kret-Pa55"


@pytest.fixture
def store(call: Call, alone: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a folder with a store in it, a year after a paper was described twice; return the folder."""
    monkeypatch.setenv("PAPERLARK_NOW", (NOON + timedelta(365)).isoformat())
    call("db", "upgrade")
    with closing(opened(alone / "paperlark.db")) as database:
        fill(database)
        old = sighting("2609.00001", title="A Paper Described Twice", abstract="An engine. " * 20_000)
        write(database, page(old), page(sighting("2609.00001", title=old.title, announced_on=MONDAY + timedelta(1))))
    return alone


def opened(path: Path) -> Database:
    return open_database(f"sqlite:///{path}")


def test_a_backup_is_told_with_its_size(store: Path, call: Call) -> None:
    said = call("db", "backup", "copy.db")
    assert (said.status, said.err) == (0, "")
    assert said.out == f"The store is copied to copy.db: {(store / 'copy.db').stat().st_size / 1e6:.1f} MB.\n"
    with closing(opened(store / "copy.db")) as copy, closing(opened(store / "paperlark.db")) as original:
        assert look(copy) == look(original)


@pytest.mark.parametrize("target", ["paperlark.db", "nowhere/copy.db", "long" * 100])
def test_where_no_backup_can_be_is_a_mistake_of_the_call(store: Path, call: Call, target: str) -> None:
    said = call("db", "backup", target)
    assert (said.status, said.out, said.err.count("\n")) == (2, "", 1)


def test_a_sound_store_is_told_so_and_one_that_is_not_ends_in_1(store: Path, call: Call) -> None:
    said = call("db", "check")
    assert (said.status, said.out, said.err) == (0, "Nothing is wrong with the store.\n", "")
    with closing(opened(store / "paperlark.db")) as database, database.writing() as connection:
        connection.exec_driver_sql("UPDATE papers SET title = 'Another' WHERE id IN (7, 8)")
        connection.exec_driver_sql("UPDATE counters SET value = 1 WHERE name = 'events'")
    said = call("db", "check")
    assert (said.status, said.err) == (1, "")
    assert said.out.splitlines() == [
        "✗ papers that are not what their sightings make of them: 2 (7, 8)",
        "✗ papers that the search index has not, or with other words: 2 (7, 8)",
        "✗ the counter of events stands at 1, and there is one of 33",
    ]


def test_what_is_pruned_is_told_before_and_after(store: Path, call: Call) -> None:
    tried = call("db", "prune", "--dry-run")
    assert tried.status == 0
    assert tried.out.splitlines() == [
        "1 superseded sighting would be deleted: 0.2 MB of text.",
        "1 other stayed: something that is known of a paper is by them alone.",
    ]


def test_pruning_and_vacuuming_make_the_file_smaller(store: Path, call: Call) -> None:
    said = call("db", "prune")
    assert said.status == 0
    assert "superseded sighting deleted" in said.out
    assert said.out.endswith("The file gets smaller by: paperlark db vacuum\n")
    assert call("db", "prune").out.startswith("0 superseded sightings deleted: 0 kB of text.\n")
    said = call("db", "vacuum")
    assert (said.status, said.err) == (0, "")
    assert said.out.startswith("The store has ")
    assert call("db", "check").status == 0


def test_a_vacuum_while_another_command_runs_is_one_line(store: Path, call: Call) -> None:
    with closing(opened(store / "paperlark.db")) as database, lease(database, "site:arxiv.org"):
        said = call("db", "vacuum")
    assert (said.status, said.out) == (1, "")
    assert said.err == "paperlark: the store is in use: do it once more when no other command runs\n"


def test_a_copy_tells_of_every_table(store: Path, call: Call) -> None:
    said = call("db", "copy", "sqlite:///moved.db")
    lines = said.out.splitlines()
    assert (said.status, said.err) == (0, "")
    assert all(line.startswith("✓ ") for line in lines[:-1])
    assert any(line.startswith("✓ papers: 31 rows, ") for line in lines)
    assert lines[-1].startswith(f"All of it is at sqlite:///{store}/moved.db, and the same.")
    with closing(opened(store / "moved.db")) as copy, closing(opened(store / "paperlark.db")) as original:
        assert look(copy) == look(original)
    said = call("db", "copy", "sqlite:///moved.db")
    assert (said.status, said.out, said.err.count("\n")) == (2, "", 1)
    assert "is not empty: " in said.err


def test_a_copy_that_came_otherwise_is_named_and_refused(store: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(opened(store / "moved.db")) as target, target.writing() as connection:
        connection.exec_driver_sql("CREATE TRIGGER lose AFTER INSERT ON runs BEGIN DELETE FROM runs WHERE id = 1; END")
    said = call("db", "copy", "sqlite:///moved.db")
    assert (said.status, said.err) == (1, "paperlark: the copy is not the same, and will be refused: runs\n")
    (line,) = (line for line in said.out.splitlines() if line.startswith("✗"))
    assert line.startswith("✗ runs: 2 rows, ")
    assert "; what came: 1 row, " in line
    monkeypatch.setenv("PAPERLARK_DATABASE", f"sqlite:///{store / 'moved.db'}")
    for words in (("status",), ("db", "upgrade"), ("db", "backup", "copy.db")):
        refused = call(*words)
        assert (refused.status, refused.out, refused.err.count("\n")) == (2, "", 1)
        assert "a copy into it has not come to its end: make that copy once more, or drop the database" in refused.err


@pytest.mark.parametrize("url", ["postgres://me:" + SECRET + "@host/db", "moved.db", "sqlite://", "sqlite:///no/where.db"])
def test_what_is_no_address_of_a_store_is_a_mistake_of_the_call(store: Path, call: Call, url: str) -> None:
    said = call("db", "copy", url)
    assert (said.status, said.out, said.err.count("\n")) == (2, "", 1)
    assert SECRET not in said.err


def test_a_password_is_not_told(store: Path, call: Call, postgres: Server) -> None:
    with postgres.database() as url:
        named = make_url(url).set(password=SECRET).render_as_string(hide_password=False)
        said = call("db", "copy", named)
        assert said.status == 0
        assert str(make_url(url).database) in said.out
        nobody = make_url(url).set(database="nowhere", password=SECRET).render_as_string(hide_password=False)
        failed = call("db", "copy", nobody)
        assert (failed.status, failed.err.count("\n")) == (1, 1)
    assert SECRET not in said.out + said.err + failed.out + failed.err


@pytest.mark.parametrize("words", [("backup", "copy.db"), ("check",), ("vacuum",), ("prune",)])
def test_a_store_on_postgresql_is_cared_for_alike(
    alone: Path, call: Call, postgres_url: str, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.setenv("PAPERLARK_DATABASE", postgres_url)
    with closing(open_database(postgres_url)) as database:
        fill(database)
        before = look(database)
    said = call("db", *words)
    assert (said.status, said.err) == (0, "")
    if words[0] == "backup":
        with closing(opened(alone / "copy.db")) as copy:
            assert look(copy) == before


def test_how_far_it_is_is_said_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    with headway("Checking", "papers") as told:
        for done in range(0, 20_001, 500):
            told(done, 20_000)
        for done in range(10):
            told(done, 9)
        told(0, 0)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "Checking: 2,000 of 20,000 papers"
    assert len(lines) == 9


def test_a_terminal_has_a_bar(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with headway("Checking", "papers") as told:
        told(1, 2)
    assert capsys.readouterr().out == ""
