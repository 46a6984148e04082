"""Programmes of conferences: when they should be there, what is made of a look at one, and when it is looked at again."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.calendar import Due
from crawler.programmes import Edition, Programmes, without_history
from crawler.rest import rested
from crawler.sighting import Claim, Reject, Sighting, Tag
from crawler.source import Batch, Checkpoint, Fetched, Page, Source
from crawler.verdict import Seen, judge_programme
from tests.crawler.playground import FEED, LISTING, NOW, TODAY, read_words, words
from tests.crawler.test_visit import FEED_URL, LIST_URL, Trip

TOMORROW = datetime(2026, 8, 13, tzinfo=UTC)
NOT_YET, OVERDUE = Due(None, TOMORROW), Due(TODAY, TOMORROW)
HAD = Batch(announced_on=date(2026, 6, 2), keys=frozenset(f"p{n}" for n in range(10)))
PROGRAMME = replace(LISTING, rules="api terms", calendar=Programmes(), lasting=True)


def known(batch: Batch | None = None, **about: Any) -> Checkpoint:
    return Checkpoint(source="both", scope="a", batch=batch, **about)


def seen(count: int, expected: int | None = None, **about: Any) -> Seen:
    keys = frozenset(f"p{n}" for n in range(count))
    claim = Claim(scope="CVPR2026", section="", announced_on=TODAY, expected=expected, seen=count)
    return Seen(claims=(claim,) if count or expected else (), keys=keys, dated=False, **about)


@pytest.mark.parametrize(
    ("scope", "edition"),
    [
        ("CVPR2026", Edition("CVPR", 2026)),
        ("CVPR2026_findings", Edition("CVPR", 2026, "findings")),
        ("3DV2025", Edition("3DV", 2025)),
        ("v235", None),
        ("2025.acl", None),
        ("TMLR", None),
        ("", None),
        ("CVPR 2026 and more", None),
    ],
)
def test_an_edition_is_an_acronym_and_a_year(scope: str, edition: Edition | None) -> None:
    assert Edition.parse(scope) == edition


def test_a_programme_is_due_when_its_month_is_over() -> None:
    calendar = Programmes().of("CVPR2026")
    assert calendar.due(datetime(2026, 6, 30, 23, tzinfo=UTC)).batch_on is None
    assert calendar.due(datetime(2026, 7, 1, 1, tzinfo=UTC)) == Due(date(2026, 7, 1), datetime(2026, 7, 2, tzinfo=UTC))
    assert Programmes().of("v235").due(NOW).batch_on is None


@pytest.mark.parametrize(
    ("day", "late"), [("2026-07-01", True), ("2026-08-29", True), ("2026-08-30", False), ("2027-06-01", False)]
)
def test_it_is_said_to_be_late_for_two_months_and_then_looked_for_quietly(day: str, late: bool) -> None:  # noqa: FBT001
    due = Programmes().of("CVPR2026").due(datetime.fromisoformat(f"{day}T09:00:00+00:00"))
    assert (due.batch_on is not None) == late


@given(st.integers(0, 20 * 365 * 24))
def test_the_next_look_lies_ahead_and_no_earlier_list_is_owed(hours: int) -> None:
    now = NOW - timedelta(days=3650) + timedelta(hours=hours)
    calendar = Programmes().of("CVPR2026")
    assert now < calendar.due(now).next_at <= now + timedelta(days=1)
    assert calendar.last_chance(now) <= now
    assert calendar.batches(date(2000, 1, 1), now.date()) == ()


@pytest.mark.parametrize(
    ("looked", "batch", "due", "kind", "why"),
    [
        (seen(0), None, NOT_YET, "quiet", "not out yet"),
        (seen(0), None, OVERDUE, "stale", "not out, although its month has passed"),
        (seen(10, 10), None, NOT_YET, "complete", "all 10 of 10 entries"),
        (seen(10), None, OVERDUE, "complete", "all 10 entries"),
        (seen(9, 10), None, NOT_YET, "partial", "1 of the entries stated did not come, 9 did"),
        (seen(9, whole=False), None, NOT_YET, "partial", "the list broke off after 9 entries"),
        (seen(0, 10), None, NOT_YET, "partial", "10 of the entries stated did not come, 0 did"),
        (seen(10), HAD, OVERDUE, "quiet", "nothing new since 2026-06-02"),
        (seen(9), HAD, OVERDUE, "quiet", "nothing new since 2026-06-02"),
        (seen(12), HAD, OVERDUE, "complete", "all 12 entries"),
        (seen(7), HAD, OVERDUE, "partial", "7 entries, where there were 10 before"),
        (seen(0), HAD, OVERDUE, "partial", "0 entries, where there were 10 before"),
    ],
)
def test_what_is_made_of_a_look_at_a_programme(looked: Seen, batch: Batch | None, due: Due, kind: str, why: str) -> None:
    verdict = judge_programme(looked, known(batch), due, TODAY)
    assert verdict.kind == kind
    assert verdict.why.startswith(why)
    if batch:
        assert verdict.announced_on == batch.announced_on


def test_a_page_that_does_not_exist_is_a_programme_that_is_not_out() -> None:
    trip = Trip({}, routes=(PROGRAMME,))
    (look,) = trip.go()
    assert (look.verdict.kind, look.error, look.day, trip.recorded) == ("quiet", None, None, [])


def test_a_page_that_is_gone_when_there_was_a_programme_is_trouble() -> None:
    trip = Trip({}, routes=(PROGRAMME,), checkpoint=Checkpoint(source="both", scope="a", batch=HAD))
    (look,) = trip.go()
    assert (look.verdict.kind, trip.recorded) == ("failed", [])


def test_what_one_route_has_not_yet_another_may_have() -> None:
    trip = Trip({FEED_URL: words("p1")}, routes=(PROGRAMME, replace(FEED, calendar=Programmes(), lasting=True)))
    first, second = trip.go()
    assert (first.verdict.kind, second.verdict.kind, trip.urls) == ("quiet", "complete", [LIST_URL, FEED_URL])


def test_a_programme_is_asked_for_again_by_its_validators_and_recorded_when_it_grows() -> None:
    had = Checkpoint(source="both", scope="a", batch=HAD, validators={"listing": ('"e"', "")})
    more = words(*sorted(HAD.keys), "p10")
    trip = Trip({LIST_URL: more}, routes=(PROGRAMME,), checkpoint=had)
    (look,) = trip.go()
    assert trip.asked[0].headers["If-None-Match"] == '"e"'
    assert (look.verdict.kind, look.verdict.announced_on, look.settled) == ("complete", HAD.announced_on, HAD.announced_on)
    ((keys, after),) = trip.recorded
    assert (len(keys), after.batch) == (11, Batch(announced_on=HAD.announced_on, keys=HAD.keys | {"p10"}))


def test_a_programme_that_lost_a_fifth_takes_nothing_back() -> None:
    had = Checkpoint(source="both", scope="a", batch=HAD)
    trip = Trip({LIST_URL: words("p1", "p2", "p3")}, routes=(PROGRAMME,), checkpoint=had)
    (look,) = trip.go()
    assert look.verdict.kind == "partial"
    assert {after.batch for _, after in trip.recorded} == {HAD}


SOURCE = Source(name="both", title="", routes=(PROGRAMME,), delay=timedelta())


@pytest.mark.parametrize(
    ("known_for", "asked_ago", "rests"),
    [
        (None, 19, True),
        (None, 21, False),
        (3, 19, True),
        (3, 21, False),
        (30, 24 * 5, True),
        (30, 24 * 7, False),
        (200, 24 * 28, True),
        (200, 24 * 30, False),
        (500, 24 * 300, True),
    ],
)
def test_a_programme_is_looked_at_ever_less_often(known_for: int | None, asked_ago: int, rests: bool) -> None:  # noqa: FBT001
    day = None if known_for is None else TODAY - timedelta(days=known_for)
    batch = Batch(announced_on=day, keys=frozenset({"p1"})) if day else None
    look = rested(SOURCE, Checkpoint(source="both", scope="a", batch=batch), NOW - timedelta(hours=asked_ago), NOW)
    assert (look is not None) == rests


@pytest.mark.parametrize(
    ("scope", "asked_ago", "rests"),
    [
        ("CVPR2026", 21, False),  # usually in June; it is August
        ("ICLR2026", 21, True),  # usually in the spring
        ("ICLR2026", 24 * 7, False),
        ("CVPR2025", 24 * 6, True),
        ("CVPR2025", 24 * 7, False),
    ],
)
def test_one_that_nobody_expects_any_more_is_looked_for_ever_less_often(scope: str, asked_ago: int, rests: bool) -> None:  # noqa: FBT001
    look = rested(SOURCE, Checkpoint(source="both", scope=scope), NOW - timedelta(hours=asked_ago), NOW)
    assert (look is not None) == rests


def test_the_volume_of_a_journal_is_looked_at_daily() -> None:
    journal = replace(SOURCE, yearly=("TACL",))
    for known_for in (3, 200):
        batch = Batch(announced_on=TODAY - timedelta(days=known_for), keys=frozenset({"p1"}))
        found = Checkpoint(source="both", scope="TACL2026", batch=batch)
        assert rested(journal, found, NOW - timedelta(hours=21), NOW) is None


def test_one_that_was_never_asked_for_does_not_rest() -> None:
    assert rested(SOURCE, Checkpoint(source="both", scope="a"), None, NOW) is None


def listed(venue: str) -> Sighting:
    tags = (Tag("venue", venue),) if venue else ()
    return Sighting(
        source="cvf", key=venue or "none", seen_at=NOW, title="On engines", url="https://papers.test/1", tags=tags, action="new"
    )


def test_an_edition_of_years_ago_is_no_news() -> None:
    papers = tuple(map(listed, ("CVPR2026", "CVPR2024", "ABCD2024", "ABCD2026", "")))
    page = Page(kind="announcement", sightings=papers, rejects=(Reject(key="x", why="y"),))
    read = without_history(page, NOW)
    assert [one.action for one in read.sightings] == ["new", None, None, "new", "new"]
    assert replace(read, sightings=papers) == page
    assert without_history(read, NOW) == read


def read_new(fetched: Fetched) -> Page:
    page = read_words(fetched)
    return replace(page, sightings=tuple(replace(one, action="new") for one in page.sightings))


ROLLING = replace(SOURCE, always=("a",))


@pytest.mark.parametrize(("known_for", "asked_ago", "rests"), [(500, 19, True), (500, 21, False), (3, 21, False)])
def test_a_list_that_never_ends_is_looked_at_daily(known_for: int, asked_ago: int, rests: bool) -> None:  # noqa: FBT001
    batch = Batch(announced_on=TODAY - timedelta(days=known_for), keys=frozenset({"p1"}))
    look = rested(ROLLING, Checkpoint(source="both", scope="a", batch=batch), NOW - timedelta(hours=asked_ago), NOW)
    assert (look is not None) == rests


def test_what_is_added_to_a_list_that_never_ends_has_its_own_day() -> None:
    verdict = judge_programme(seen(12), known(HAD), OVERDUE, TODAY, is_rolling=True)
    assert (verdict.kind, verdict.announced_on) == ("complete", TODAY)
    verdict = judge_programme(seen(10), known(HAD), OVERDUE, TODAY, is_rolling=True)
    assert (verdict.kind, verdict.announced_on) == ("quiet", HAD.announced_on)


@pytest.mark.parametrize(("batch", "news"), [(None, []), (HAD, ["p10"])])
def test_the_first_reading_of_a_list_that_never_ends_is_no_news(batch: Batch | None, news: list[str]) -> None:
    had = Checkpoint(source="both", scope="a", batch=batch)
    listing = replace(PROGRAMME, read=read_new)
    trip = Trip({LIST_URL: words(*sorted(HAD.keys), "p10")}, routes=(listing,), checkpoint=had, always=("a",))
    trip.go()
    assert trip.news == [news]
