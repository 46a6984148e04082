"""Several processes at the same store at the same time, on both databases."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select, text

from crawler.errors import StorageError
from crawler.identifiers import Identifier
from crawler.source import Page
from storage.database import HEAD, Database, _use_wal, open_as_is, open_database
from storage.models import CounterRow
from tests.storage.children import PATIENCE, at_once, increment, open_store, record_pages
from tests.storage.factories import MONDAY, TUESDAY, emptied, look, page, sighting, write

WRITERS, TIMES = 4, 100


def test_writers_that_read_first_lose_nothing_and_never_see_a_lock(store_url: str, database: Database) -> None:
    assert at_once(increment, [(store_url, TIMES)] * WRITERS) == ["done"] * WRITERS
    with database.reading() as connection:
        total = connection.scalar(select(CounterRow.value).where(CounterRow.name == "events"))
    assert total == WRITERS * TIMES


def told(number: int) -> list[Page]:
    """Tell of one paper by four routes, one of which knows it under its DOI alone."""
    key = f"2608.{number:05}"
    arxiv, doi = Identifier("arxiv", key), Identifier("doi", f"10.1000/{number}")
    return [
        page(sighting(key, comment="9 pages")),
        page(sighting(key, version=1, identifiers=(arxiv, doi))),
        page(sighting(f"p{number}", source="publisher", identifiers=(doi,), announced_on=TUESDAY)),
        page(sighting(key, action="replace", announced_on=TUESDAY, version=2)),
    ]


def test_one_paper_from_several_workers_at_once_is_one_paper(store_url: str, database: Database) -> None:
    papers = [told(number) for number in range(6)]
    orders = [(0, 1, 2, 3), (1, 0, 3, 2), (2, 3, 0, 1), (3, 2, 1, 0)]
    work = [(store_url, [routes[place] for routes in papers for place in order]) for order in orders]
    assert at_once(record_pages, work) == ["done"] * len(orders)
    raced = look(database)
    assert len(raced) == len(papers)
    assert {tuple((kind, on) for kind, _, on, _ in happened) for _, _, happened, _ in raced} == {
        (("announced", MONDAY), ("revised", TUESDAY))
    }
    with emptied(database):
        write(database, *(one for routes in papers for one in routes))
    assert look(database) == raced


def test_an_empty_database_opened_by_several_is_made_once(empty_url: str) -> None:
    assert at_once(open_store, [(empty_url,)] * 6) == [HEAD] * 6
    with closing(open_database(empty_url)) as database:
        assert look(database) == []


def test_a_file_held_for_good_is_refused_in_the_end(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with (
        closing(sqlite3.connect(path, isolation_level=None)) as holder,
        closing(sqlite3.connect(path, isolation_level=None, timeout=0)) as other,
    ):
        holder.execute("BEGIN EXCLUSIVE")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            _use_wal(other.cursor())
        holder.execute("ROLLBACK")
        _use_wal(other.cursor())
        assert other.execute("PRAGMA journal_mode").fetchall() == [("wal",)]


def test_a_new_file_is_never_refused_as_locked(tmp_path: Path) -> None:
    """The first connections to a file all ask for its write-ahead log, which SQLite lets fail at once when they meet."""
    refused: list[str] = []

    def first_look(url: str) -> None:
        barrier.wait(PATIENCE)
        try:
            with closing(open_as_is(url)) as database, database.reading() as connection:
                assert connection.scalar(text("PRAGMA journal_mode")) == "wal"
        except StorageError as error:
            refused.append(str(error))

    for number in range(60):
        barrier = threading.Barrier(4)
        threads = [threading.Thread(target=first_look, args=(f"sqlite:///{tmp_path}/{number}.db",)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert refused == []
