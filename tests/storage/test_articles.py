"""Papers of proceedings whose own page may tell what the list has left out."""

from datetime import timedelta
from typing import Any

from crawler.identifiers import Identifier
from crawler.sighting import Sighting
from storage.articles import Article, articles_to_read, save_asked
from storage.database import Database
from tests.storage.factories import NOON, page, sighting, write

MONTH = timedelta(days=30)


def listed(key: str, **parts: Any) -> Sighting:
    return sighting(
        key, **{"source": "cvf", "url": f"https://papers.example.org/{key}", "identifiers": (), "abstract": "", **parts}
    )


def waiting(database: Database, limit: int = 9) -> list[Article]:
    with database.reading() as connection:
        return articles_to_read(connection, "cvf", NOON - MONTH, limit)


def test_papers_without_an_abstract_are_waiting_the_newest_first(database: Database) -> None:
    told, preprint = (
        listed("c", abstract="We describe an engine."),
        listed("d", identifiers=(Identifier("arxiv", "2608.00001"),)),
    )
    write(database, page(listed("a"), listed("b"), told, preprint, sighting("2608.00001")))
    assert waiting(database) == [Article(key, f"https://papers.example.org/{key}") for key in ("b", "a")]
    assert [one.key for one in waiting(database, 1)] == ["b"]


def test_what_was_asked_for_waits_a_month(database: Database) -> None:
    write(database, page(listed("a"), listed("b"), listed("c")))
    with database.writing() as connection:
        save_asked(connection, "cvf", ["a"], NOON)
        save_asked(connection, "cvf", ["b", "b"], NOON - 2 * MONTH)
        save_asked(connection, "ecva", ["c"], NOON)
    assert [one.key for one in waiting(database)] == ["c", "b"]


def test_a_paper_that_was_described_twice_waits_once_by_its_newest_address(database: Database) -> None:
    write(database, page(listed("a")), page(listed("a", url="https://papers.example.org/new")))
    assert waiting(database) == [Article("a", "https://papers.example.org/new")]
