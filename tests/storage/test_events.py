"""Events: in commit order, none skipped, and what a new subscription begins with."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crawler.sighting import Sighting, Tag
from storage.database import Database
from storage.event import Event
from storage.events import announced_on, announced_since, last_sequence, newest_batch
from storage.record import record
from tests.storage.factories import MONDAY, NOON, TUESDAY, WEDNESDAY, page, sighting, write


def test_a_reader_who_remembers_the_last_event_misses_none(database: Database) -> None:
    pages = 15

    def writer(name: str) -> Callable[[], None]:
        def work() -> None:
            for number in range(pages):
                write(database, page(*(sighting(f"{name}{number}-{part}", identifiers=()) for part in range(3))))

        return work

    writers = [threading.Thread(target=writer(name)) for name in ("a", "b")]
    for one in writers:
        one.start()
    seen: list[Event] = []
    while any(one.is_alive() for one in writers):
        seen += _since(database, seen)
    seen += _since(database, seen)
    sequences = [event.sequence for event in seen]
    assert sequences == list(range(1, 2 * pages * 3 + 1))


def _since(database: Database, seen: list[Event]) -> list[Event]:
    with database.reading() as connection:
        last = seen[-1].sequence if seen else 0
        assert last_sequence(connection) >= last
        return announced_since(connection, last)


def test_a_transaction_that_failed_leaves_no_gap(database: Database) -> None:
    def fail() -> None:
        with database.writing() as connection:
            record(connection, page(sighting()))
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    write(database, page(sighting()))
    with database.reading() as connection:
        assert last_sequence(connection) == 1


def test_an_empty_store_has_no_last_event_and_no_newest_batch(database: Database) -> None:
    with database.reading() as connection:
        assert last_sequence(connection) == 0
        assert announced_since(connection, 0) == []
        assert newest_batch(connection, "arxiv") == []


def test_announcements_are_new_and_cross_listed_papers_but_not_revisions(database: Database) -> None:
    write(
        database,
        page(sighting("1"), sighting("2")),
        page(sighting("1", action="cross", scope="cs.LG", announced_on=TUESDAY)),
        page(sighting("2", action="replace", announced_on=TUESDAY)),
    )
    with database.reading() as connection:
        kinds = [(event.sequence, event.kind) for event in announced_since(connection, 1)]
        assert kinds == [(2, "announced"), (3, "cross-listed")]
        assert [event.sequence for event in announced_on(connection, "arxiv", TUESDAY)] == [3]
        assert announced_on(connection, "publisher", TUESDAY) == []


def test_the_newest_batch_is_that_of_the_source_by_its_own_calendar(database: Database) -> None:
    write(
        database,
        page(sighting("3", announced_on=TUESDAY), sighting("4", announced_on=TUESDAY)),
        page(sighting("1", announced_on=MONDAY)),
        page(sighting("p", source="publisher", identifiers=(), announced_on=WEDNESDAY)),
        page(sighting("undated", announced_on=None)),
    )
    with database.reading() as connection:
        assert [event.sequence for event in newest_batch(connection, "arxiv")] == [1, 2]
        assert [event.sequence for event in newest_batch(connection, "publisher")] == [4]


def test_what_authors_say_is_no_newest_batch(database: Database) -> None:
    later = datetime(2026, 8, 13, 1, tzinfo=UTC)
    said = sighting("1", comment="Accepted to CVPR 2026", announced_on=None, action=None, seen_at=later)
    write(database, page(sighting("1"), sighting("2")), page(said))
    with database.reading() as connection:
        assert last_sequence(connection) == 3
        assert [event.sequence for event in newest_batch(connection, "arxiv")] == [1, 2]


def in_programme(key: str, venue: str, seen_at: datetime) -> Sighting:
    parts = {"identifiers": (), "categories": (), "announced_on": None, "tags": (Tag("venue", venue),)}
    return sighting(key, source="cvf", seen_at=seen_at, **parts)


def test_a_straggler_does_not_hide_the_programme_it_belongs_to(database: Database) -> None:
    preprint = sighting("2608.00009", title="An Engine That Was Known Before")
    known = replace(in_programme("k", "CVPR2026", NOON), title=preprint.title)
    write(
        database,
        page(in_programme("old", "WACV2026", NOON - timedelta(days=90)), preprint),
        page(*(in_programme(f"{number}", "CVPR2026", NOON) for number in range(3)), known),
        page(in_programme("late", "CVPR2026", NOON + timedelta(days=8))),
        page(in_programme("guest", "CVPR2026 workshop", NOON + timedelta(days=9))),
    )
    with database.reading() as connection:
        found = newest_batch(connection, "cvf")
    assert [event.detail["venue"] for event in found] == ["CVPR2026"] * 5 + ["CVPR2026 workshop"]
    assert [event.kind for event in found].count("accepted") == 1


def test_an_event_is_dated_by_when_it_was_learned(database: Database) -> None:
    later = datetime(2026, 8, 13, 1, tzinfo=UTC)
    write(database, page(sighting("1"), sighting("2", seen_at=later)))
    with database.reading() as connection:
        events = announced_since(connection, 0)
    assert {event.at for event in events} == {later}
    assert later > NOON


@pytest.mark.parametrize("first", ["arxiv", "paperswithcode"])
def test_a_list_of_other_places_papers_does_not_take_over_their_announcements(database: Database, first: str) -> None:
    batch = [page(sighting(f"2608.{number:05}", announced_on=TUESDAY)) for number in range(5)]
    told = {"source": "paperswithcode", "second_hand": True, "announced_on": MONDAY}
    listed = [page(sighting(f"2608.{number:05}", **told)) for number in range(4)]
    write(database, *(batch + listed if first == "arxiv" else listed + batch))
    with database.reading() as connection:
        assert len(newest_batch(connection, "arxiv")) == 5
        assert len(announced_on(connection, "arxiv", TUESDAY)) == 5
        assert {event.source for event in announced_since(connection, 0)} == {"arxiv"}
        assert not any("second_hand" in event.detail for event in announced_since(connection, 0))


def test_what_only_such_a_list_has_announced_is_its_own(database: Database) -> None:
    write(database, page(sighting(source="paperswithcode", second_hand=True)))
    with database.reading() as connection:
        (event,) = announced_since(connection, 0)
    assert (event.source, event.on) == ("paperswithcode", MONDAY)
