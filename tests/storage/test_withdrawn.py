"""Papers that were withdrawn, and what else a catalogue tells: whose word counts, what is news, and to whom."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.identifiers import Identifier
from crawler.sighting import Sighting, Submission
from crawler.source import Page
from storage.announcing import EventKey, Happening, happenings
from storage.database import Database
from storage.event import Event
from storage.events import announced_since
from storage.merge import merge
from storage.paper import Paper
from storage.papers import events, find
from storage.shown import Showing, save_shown, updates_since
from tests.jobs.offices import Desk, day, name, paper
from tests.storage.factories import MONDAY, TUESDAY, WEDNESDAY, emptied, look, page, rows, sighting, write

REUSED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=15)
ARXIV = Identifier("arxiv", "2608.00001")
GONE = "This paper has been withdrawn"
UPDATES = "Updates"


def at(number: int, hour: int = 9) -> datetime:
    """Return a moment of a day, counted from Monday."""
    return datetime.combine(day(number), time(hour), UTC)


def listed(number: int, *, withdrawn: bool = False, **parts: Any) -> Sighting:
    """Announce a new version on a day, as a listing does: with its comment, without its number."""
    return sighting(action="replace", announced_on=day(number), withdrawn=withdrawn, **parts)


def harvested(*numbers: int, withdrawn: bool = False, **parts: Any) -> Sighting:
    """Tell of a paper whose versions were handed in on these days, as a catalogue does."""
    submissions = tuple(Submission(version, at(number)) for version, number in enumerate(numbers, 1))
    known: dict[str, Any] = {"action": None, "announced_on": None, "version": len(numbers), "submissions": submissions}
    return sighting(**{**known, "withdrawn": withdrawn, **parts})


def catalogue(*seen: Sighting) -> Page:
    return page(*seen, kind="catalogue")


def stored(database: Database) -> Paper:
    with database.reading() as connection:
        found = find(connection, ARXIV)
    assert found is not None
    return found


def withdrawals(database: Database) -> list[Event]:
    with database.reading() as connection:
        return [event for event in events(connection, stored(database).id) if event.kind == "withdrawn"]


def said_of(event: Event) -> tuple[date | None, int | None, str | None]:
    """Return what an event has of a withdrawal: its day, the version and the comment."""
    return event.on, event.detail.get("version"), event.detail.get("comment")


# What is news.


def test_an_announcement_and_a_catalogue_can_tell_that_a_paper_was_withdrawn(database: Database) -> None:
    for told, on in ((page(listed(1, withdrawn=True)), TUESDAY), (catalogue(harvested(0, 2, withdrawn=True)), WEDNESDAY)):
        with emptied(database):
            write(database, page(sighting()), told)
            (event,) = withdrawals(database)
            assert (event.source, event.on) == ("arxiv", on)
            assert stored(database).withdrawn


def test_a_catalogue_announces_nothing_but_a_withdrawal(database: Database) -> None:
    write(database, catalogue(harvested(0), harvested(0, withdrawn=True, key="2608.00002", action="new")))
    with database.reading() as connection:
        assert announced_since(connection, 0) == []
        assert rows(connection)["events"] == 1


def test_the_event_has_what_was_said_of_it(database: Database) -> None:
    write(database, catalogue(harvested(0, 1, withdrawn=True, comment=GONE)))
    (event,) = withdrawals(database)
    assert said_of(event) == (TUESDAY, 2, GONE)


def test_a_withdrawal_nobody_dates_is_one_all_the_same(database: Database) -> None:
    write(database, catalogue(sighting(action=None, announced_on=None, withdrawn=True)))
    assert [event.on for event in withdrawals(database)] == [None]


LISTED = listed(2, withdrawn=True, comment=GONE)
FED = sighting(action="replace", announced_on=WEDNESDAY, version=2, withdrawn=True)
HARVESTED = harvested(0, 1, withdrawn=True, comment=GONE)


def test_a_paper_is_withdrawn_once_whoever_tells_it_first(database: Database) -> None:
    for order in permutations((page(LISTED), page(FED), catalogue(HARVESTED))):
        with emptied(database):
            write(database, page(sighting()), *order, *order)
            (event,) = withdrawals(database)
            assert said_of(event) == (WEDNESDAY, 2, GONE)


def test_a_withdrawal_has_the_day_on_which_it_was_announced_and_only_without_one_that_on_which_it_was_handed_in(
    database: Database,
) -> None:
    write(database, catalogue(harvested(-5, -3, withdrawn=True)))
    assert [event.on for event in withdrawals(database)] == [day(-3)]
    write(database, page(listed(2, withdrawn=True)))
    assert [event.on for event in withdrawals(database)] == [WEDNESDAY]
    write(database, catalogue(harvested(-5, -3, withdrawn=True)), page(listed(4, withdrawn=True)))
    assert [event.on for event in withdrawals(database)] == [WEDNESDAY]


def test_a_second_withdrawal_of_a_paper_is_no_second_event(database: Database) -> None:
    write(database, page(listed(1, withdrawn=True)), page(listed(2)), page(listed(3, withdrawn=True)))
    assert [event.on for event in withdrawals(database)] == [TUESDAY]


def told(*said: Sighting) -> dict[EventKey, Happening]:
    """Return the events that sightings of one paper, told one after the other, leave behind."""
    stored: dict[EventKey, Happening] = {}
    for one in said:
        stored |= happenings([(1, one)], stored)
    return stored


def test_what_is_said_of_a_withdrawal_does_not_depend_on_who_said_it_first() -> None:
    said = [harvested(0, *range(1, count), withdrawn=True, comment=f"{count} pages") for count in (1, 2, 3)]
    assert all(told(*order) == told(*said) for order in permutations(said))


_SAID = st.builds(
    sighting,
    withdrawn=st.just(True),  # noqa: FBT003 - a value
    action=st.sampled_from((None, "replace")),
    announced_on=st.sampled_from((MONDAY, TUESDAY, WEDNESDAY)),
    version=st.sampled_from((None, 2, 3)),
    comment=st.sampled_from((None, "one", "two")),
)


@given(said=st.lists(_SAID, min_size=1, max_size=4), data=st.data())
def test_nor_does_what_many_say_of_it_each_a_part(said: list[Sighting], data: st.DataObject) -> None:
    assert told(*data.draw(st.permutations(said))) == told(*said)


@dataclass(frozen=True)
class Life:
    """What is true of one paper: the days its versions were handed in on, and which of them withdraw it."""

    days: tuple[int, ...]
    withdrawn: tuple[bool, ...]

    def pages(self) -> list[Page]:
        """Tell it: a listing and a feed on the day after each version, and a catalogue now and then."""
        told = []
        for version, number in enumerate(self.days, 1):
            action = "new" if version == 1 else "replace"
            gone = self.withdrawn[version - 1]
            comment = f"withdrawn, version {version}" if gone else f"{version} pages"
            known: dict[str, Any] = {
                "action": action,
                "announced_on": day(number + 1),
                "withdrawn": gone,
                "title": f"Version {version}",
            }
            told.append(page(sighting(comment=comment, **known)))
            told.append(page(sighting(version=version, **{**known, "withdrawn": False})))
            told.append(
                catalogue(harvested(*self.days[:version], withdrawn=gone, comment=comment, licence=f"http://l/{version}"))
            )
        return told


_LIVES = st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=1, max_size=3, unique_by=lambda one: one[0]).map(
    lambda some: Life(tuple(number for number, _ in sorted(some)), tuple(gone for _, gone in sorted(some)))
)


@REUSED
@given(life=_LIVES, data=st.data())
def test_the_order_in_which_it_is_told_does_not_matter(database: Database, life: Life, data: st.DataObject) -> None:
    told = life.pages()
    with emptied(database):
        write(database, *told)
        expected = look(database)
        assert len(withdrawals(database)) == any(life.withdrawn)
    with emptied(database):
        for one in data.draw(st.permutations(told)):
            write(database, one)
        assert look(database) == expected


@REUSED
@given(life=_LIVES)
def test_the_newest_version_says_whether_a_paper_is_withdrawn(database: Database, life: Life) -> None:
    with emptied(database):
        write(database, *life.pages())
        assert stored(database).withdrawn == life.withdrawn[-1]


# Whose words win.


def test_the_newest_description_says_whether_a_paper_is_withdrawn() -> None:
    announced, later = listed(2, title="announced"), harvested(0, 3, title="handed in later")
    assert merge(1, [announced, later]).title == "handed in later"
    earlier = harvested(0, 1, title="handed in earlier", withdrawn=True)
    merged = merge(1, [earlier, announced])
    assert (merged.title, merged.withdrawn) == ("announced", False)
    gone = merge(1, [harvested(0, 3, withdrawn=True), announced])
    back = merge(1, [harvested(0, 3, withdrawn=True), announced, listed(4)])
    assert (gone.withdrawn, back.withdrawn) == (True, False)


def test_of_the_descriptions_of_one_day_the_one_with_the_comment_says_it() -> None:
    for order in permutations((listed(2, withdrawn=True, comment=GONE), sighting(announced_on=WEDNESDAY, version=2))):
        assert merge(1, order).withdrawn


def test_a_catalogue_that_has_the_very_version_that_was_announced_says_it_too() -> None:
    fed = sighting(action="replace", announced_on=WEDNESDAY, version=2)
    assert merge(1, [fed, harvested(0, 1, withdrawn=True)]).withdrawn


def test_licence_and_report_number_are_those_of_the_newest_description_that_has_them(database: Database) -> None:
    old = harvested(0, licence="http://arxiv.org/licenses/nonexclusive-distrib/1.0/", report_number="CERN-1")
    new = harvested(0, 3, licence="http://creativecommons.org/licenses/by/4.0/")
    for order in ((old, listed(2), new), (new, old, listed(4))):
        with emptied(database):
            write(database, *(catalogue(one) if one.action is None else page(one) for one in order))
            found = stored(database)
            assert (found.licence, found.report_number) == (new.licence, "CERN-1")


def test_what_a_catalogue_adds_comes_back_from_the_store(database: Database) -> None:
    write(database, page(sighting()))
    told = harvested(0, licence="http://creativecommons.org/licenses/by/4.0/", report_number="CERN-1", withdrawn=True)
    assert write(database, catalogue(told)).updated == 1
    assert write(database, catalogue(told)).updated == 0
    found = stored(database)
    assert (found.licence, found.report_number, found.withdrawn) == (told.licence, "CERN-1", True)
    assert (found.title, found.announced_on) == (sighting().title, MONDAY)


# Who is told.


def test_a_withdrawal_is_an_update_to_whom_the_paper_was_shown_and_to_nobody_else(database: Database) -> None:
    write(database, page(sighting(), sighting("2608.00002")))
    with database.writing() as connection:
        first, second = announced_since(connection, 0)
        save_shown(connection, "morning", "2026-08-10", [Showing(first.id, "Vision")])
        save_shown(connection, "evening", "2026-08-11", [Showing(second.id, "Vision")])
    write(database, catalogue(harvested(0, 1, withdrawn=True)))
    with database.reading() as connection:
        ((event, shown_on),) = updates_since(connection, "morning", second.sequence)
        assert (event.kind, event.on, shown_on) == ("withdrawn", TUESDAY, MONDAY)
        assert updates_since(connection, "morning", event.sequence) == []
        assert updates_since(connection, "evening", 0) == updates_since(connection, "nobody", 0) == []


@pytest.fixture
def desk(database: Database, store_url: str, tmp_path: Path) -> Desk:
    return Desk(database, store_url, tmp_path)


def test_a_reader_is_told_once_that_a_paper_was_withdrawn_and_of_nothing_else_that_happened_to_it(desk: Desk) -> None:
    desk.announce(paper(1), paper(2, abstract="a boat"))
    assert desk.digest(day(0)) == {"Engines": [name(1)]}
    desk.announce(paper(1, day(1), action="replace", version=2))
    gone = {"action": "replace", "version": 3, "withdrawn": True, "comment": GONE}
    desk.announce(paper(1, day(2), **gone), paper(2, day(2), abstract="a boat", **gone))
    assert desk.digest(day(2)) == {UPDATES: [name(1)]}
    written = desk.markdown("2026-08-12")
    assert ("Withdrawn" in written, "v2" in written, written.count(f"“{GONE}”")) == (True, False, 1)
    write(desk.database, catalogue(harvested(-9, 0, 1, withdrawn=True)))
    assert desk.digest(day(3)) == {}


def test_a_withdrawal_that_only_a_catalogue_knows_of_is_told_as_well(desk: Desk) -> None:
    desk.announce(paper(1), paper(3))
    desk.digest(day(0))
    write(desk.database, catalogue(harvested(-9, 1, withdrawn=True), harvested(-9, 1, withdrawn=True, key=name(2))))
    assert desk.digest(day(1)) == {UPDATES: [name(1)]}


def test_a_paper_that_comes_back_is_a_new_version_again(desk: Desk) -> None:
    desk.announce(paper(1))
    desk.digest(day(0))
    desk.announce(paper(1, day(1), action="replace", version=2, withdrawn=True))
    desk.digest(day(1))
    desk.announce(paper(1, day(2), action="replace", version=3))
    assert desk.digest(day(2)) == {UPDATES: [name(1)]}
    assert "v3" in desk.markdown("2026-08-12")
    assert not stored(desk.database).withdrawn


def test_histories_of_withdrawn_papers_are_no_news_to_anybody(desk: Desk) -> None:
    seen = [harvested(-9, withdrawn=True, key=name(number)) for number in range(2, 40)]
    desk.announce(paper(1))
    desk.digest(day(0))
    write(desk.database, catalogue(*seen))
    assert desk.digest(day(1)) == {}
