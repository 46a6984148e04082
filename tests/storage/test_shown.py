"""What subscriptions were shown, and how far they have read."""

from datetime import date

import pytest

from crawler.errors import StorageError
from crawler.identifiers import Identifier
from storage.database import Database
from storage.events import announced_since
from storage.papers import find
from storage.shown import (
    UPDATES,
    Showing,
    TopicKey,
    history,
    marks,
    save_marks,
    save_shown,
    shown_papers,
    updates_since,
)
from tests.storage.factories import TUESDAY, WEDNESDAY, page, rows, sighting, write


def show(database: Database, subscription: str, period: str, *showings: tuple[int, str]) -> None:
    with database.writing() as connection:
        save_shown(connection, subscription, period, [Showing(*one) for one in showings])


def announced(database: Database, *keys: str) -> list[int]:
    """Announce papers and return the ids of their events."""
    write(database, page(*(sighting(key) for key in keys)))
    with database.reading() as connection:
        return [event.id for event in announced_since(connection, 0)]


def test_marks_are_kept_per_subscription_topic_and_query(database: Database) -> None:
    old, new = TopicKey("Vision", "a"), TopicKey("Vision", "b")
    with database.writing() as connection:
        save_marks(connection, "morning", {old: 3, UPDATES: 5})
        save_marks(connection, "evening", {old: 1})
        save_marks(connection, "morning", {old: 7, new: 9, UPDATES: 6})
    with database.reading() as connection:
        assert marks(connection, "morning") == {old: 7, new: 9, UPDATES: 6}
        assert marks(connection, "evening") == {old: 1}
        assert marks(connection, "nobody") == {}


def test_a_topic_that_a_subscription_no_longer_has_is_forgotten(database: Database) -> None:
    old, new = TopicKey("Vision", "a"), TopicKey("Vision", "b")
    with database.writing() as connection:
        save_marks(connection, "morning", {old: 3, UPDATES: 5})
        save_marks(connection, "morning", {new: 9, UPDATES: 9})
    with database.reading() as connection:
        assert marks(connection, "morning") == {new: 9, UPDATES: 9}
    with database.writing() as connection:
        save_marks(connection, "morning", {})
    with database.reading() as connection:
        assert marks(connection, "morning") == {}


def test_what_is_shown_twice_is_noted_once(database: Database) -> None:
    first, second = announced(database, "1", "2")
    show(database, "morning", "2026-08-10", (first, "Vision"))
    show(database, "morning", "2026-08-11", (first, "Language"), (second, "Language"))
    show(database, "morning", "2026-08-12")
    with database.reading() as connection:
        days = ["2026-08-12", "2026-08-11", "2026-08-10"]
        assert history(connection, "morning", "Vision", days) == (0, 0, 1)
        assert history(connection, "morning", "Language", days) == (0, 1, 0)
        assert history(connection, "evening", "Vision", days) == (0, 0, 0)
        assert history(connection, "morning", "Vision", []) == ()
        assert rows(connection)["digest_events"] == 2


def test_an_event_that_is_none_cannot_be_shown(database: Database) -> None:
    with pytest.raises(StorageError):
        show(database, "morning", "2026-08-10", (99, "Vision"))


def test_shown_papers_are_those_of_the_subscription(database: Database) -> None:
    first, _, third = announced(database, "1", "2", "3")
    show(database, "morning", "2026-08-10", (first, "Vision"))
    show(database, "evening", "2026-08-10", (third, "Vision"))
    with database.reading() as connection:
        assert shown_papers(connection, "morning", [1, 2, 3, 99]) == {1}
        assert shown_papers(connection, "morning", range(2, 2000)) == set()
        assert shown_papers(connection, "morning", []) == set()


def test_updates_are_revisions_of_shown_papers_with_the_day_they_were_first_shown(database: Database) -> None:
    first, second, _ = announced(database, "1", "2", "3")
    show(database, "morning", "2026-08-10", (first, "Vision"))
    show(database, "evening", "2026-08-10", (second, "Vision"))
    revised = [sighting(key, action="replace", announced_on=TUESDAY, version=2) for key in ("1", "2", "3")]
    write(database, page(*revised))
    with database.reading() as connection:
        ((event, shown_on),) = updates_since(connection, "morning", 3)
        assert (event.kind, event.on, shown_on) == ("revised", TUESDAY, date(2026, 8, 10))
        assert updates_since(connection, "morning", event.sequence) == []
        assert updates_since(connection, "nobody", 0) == []
    show(database, "morning", "2026-08-11", (event.id, ""))
    write(database, page(sighting("1", action="replace", announced_on=WEDNESDAY, version=3)))
    with database.reading() as connection:
        ((again, shown_on),) = updates_since(connection, "morning", event.sequence)
        assert (again.detail["version"], shown_on) == (3, date(2026, 8, 10))


def test_a_new_announcement_of_a_shown_paper_is_no_update(database: Database) -> None:
    (first,) = announced(database, "1")
    show(database, "morning", "2026-08-10", (first, "Vision"))
    write(database, page(sighting("1", action="cross", scope="cs.LG", announced_on=TUESDAY)))
    with database.reading() as connection:
        assert find(connection, Identifier("arxiv", "1")) is not None
        assert updates_since(connection, "morning", 0) == []
