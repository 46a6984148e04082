"""What a check of the store finds: nothing in one that was only recorded into, and each thing that is made wrong."""

from contextlib import closing
from pathlib import Path

import pytest

from crawler.errors import StorageError
from storage.database import Database, open_database
from storage.integrity import check_store
from storage.titles import title_key
from tests.storage.factories import page, sighting, write
from tests.storage.test_backup import damage
from tests.storage.whole import fill


@pytest.fixture
def full(database: Database) -> Database:
    fill(database)
    return database


def lines(database: Database) -> list[str]:
    return list(check_store(database, lambda _done, _of: None))


def change(database: Database, *statements: str) -> None:
    with database.writing() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def test_a_store_that_was_recorded_into_is_sound(full: Database) -> None:
    told: list[tuple[int, int]] = []
    assert list(check_store(full, lambda done, of: told.append((done, of)))) == []
    assert told == [(30, 30)]


def test_an_empty_store_is_sound(database: Database) -> None:
    assert lines(database) == []


@pytest.mark.parametrize(
    ("statement", "line"),
    [
        (
            "UPDATE papers SET abstract = 'Another.' WHERE id = 7",
            "papers that are not what their sightings make of them: 1 (7)",
        ),
        ("DELETE FROM sightings WHERE paper_id = 7", "papers of which nobody has said anything: 1 (7)"),
        ("DELETE FROM identifiers WHERE paper_id = 7", "papers that are not found by a name they have: 1 (7)"),
        ("UPDATE identifiers SET paper_id = 8 WHERE paper_id = 7", "papers with a name that nobody has given them: 1 (8)"),
        (
            "INSERT INTO paper_aliases (id, paper_id) VALUES (7, 8)",
            "numbers that are those of a paper and of another one's: 1 (7)",
        ),
        ("UPDATE counters SET value = 1 WHERE name = 'events'", "the counter of events stands at 1, and there is one of 32"),
        (
            f"DELETE FROM titles WHERE key = {title_key('On the Engine of Number 7')}",
            "papers that are not found by a title they have: 1 (7)",
        ),
        ("INSERT INTO titles (key, paper_id) VALUES (1, 7)", "titles that no paper has: 1"),
    ],
)
def test_each_thing_that_is_wrong_is_a_line(full: Database, statement: str, line: str) -> None:
    change(full, statement)
    assert line in lines(full)


def test_what_the_search_index_lacks_or_has_too_much_is_told(full: Database) -> None:
    column = "rowid" if full.is_sqlite else "paper_id"
    change(full, f"DELETE FROM paper_search WHERE {column} = 7")
    assert lines(full) == ["papers that the search index has not, or with other words: 1 (7)"]


def test_an_index_of_old_words_is_told(full: Database) -> None:
    column, words = ("rowid", "title = 'old'") if full.is_sqlite else ("paper_id", "words = array_to_tsvector(ARRAY['old'])")
    change(full, f"UPDATE paper_search SET {words} WHERE {column} = 7")
    assert lines(full) == ["papers that the search index has not, or with other words: 1 (7)"]


def test_an_entry_of_the_index_without_its_paper_is_told(full: Database) -> None:
    if full.is_sqlite:
        change(full, "INSERT INTO paper_search (rowid, title, abstract, authors) VALUES (99, 'a', 'b', 'c')")
    else:
        # The key to the papers would not have it.
        change(full, "SET session_replication_role = replica", "INSERT INTO paper_search VALUES (99, to_tsvector('a'))")
    assert lines(full) == ["entries of the search index that are of no paper: 1"]


def test_rows_without_those_they_refer_to_are_told(full: Database) -> None:
    off = "PRAGMA foreign_keys = OFF" if full.is_sqlite else "SET session_replication_role = replica"
    with full.engine.connect() as connection:
        # SQLite ignores the pragma within a transaction.
        connection.connection.cursor().execute(off)
        with connection.begin():
            connection.exec_driver_sql("UPDATE events SET paper_id = 99 WHERE paper_id = 7")
            connection.exec_driver_sql("UPDATE paper_aliases SET paper_id = 99")
        connection.detach()
    assert lines(full) == [
        "rows of events without their row in papers: 1",
        "rows of paper_aliases without their row in papers: 1",
    ]


def test_a_number_that_would_be_given_again_is_told(full: Database) -> None:
    again = "UPDATE sqlite_sequence SET seq = 3" if full.is_sqlite else "SELECT setval('papers_id_seq', 3)"
    change(full, again)
    assert lines(full) == ["the next paper would get the number 4, and there is one of 31"]


def test_what_a_join_has_moved_is_sound(database: Database) -> None:
    """Two papers claim one name of a third, and one of them has another title since."""
    fill(database)
    write(
        database,
        page(sighting("2608.00005", title="An Engine under Another Name", version=3)),
        page(sighting("2608.00006", identifiers=sighting("2608.00007").identifiers, abstract="Mine, says the sixth.")),
    )
    assert lines(database) == []


def test_a_damaged_file_is_told(sqlite_template: Path, tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    path.write_bytes(sqlite_template.read_bytes())
    with closing(open_database(f"sqlite:///{path}")) as store:
        fill(store)
    damage(path)
    with closing(open_database(f"sqlite:///{path}")) as store, pytest.raises(StorageError, match="malformed"):
        lines(store)
    with closing(open_database(f"sqlite:///{path}")) as store:
        assert next(check_store(store, lambda _done, _of: None)).startswith("the file is damaged: ")
