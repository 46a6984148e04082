"""Which days are owed: by the calendar and the ledger, and in which order they are asked for."""

from collections import Counter
from datetime import date, timedelta
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.calendar import ArxivListing
from crawler.healing import in_turn, once_more, owed
from crawler.readers.hf_papers import week_of
from crawler.verdict import SETTLED
from tests.crawler.playground import Daily

MONDAY = date(2026, 8, 10)
CALENDAR = ArxivListing()
KINDS = ("complete", "quiet", "partial", "stale", "throttled", "blocked", "failed")


def day(number: int) -> date:
    """Return a day, counted from a Monday."""
    return MONDAY + timedelta(days=number)


def test_days_nobody_asked_for_and_days_without_a_final_verdict_are_owed() -> None:
    ledger = {day(0): "complete", day(1): "partial", day(3): "quiet", day(4): "stale", day(7): "failed"}
    assert owed(ledger, CALENDAR, day(9), day(0)) == (day(1), day(2), day(4), day(7), day(8))


@pytest.mark.parametrize("kind", KINDS)
def test_a_day_is_owed_until_its_verdict_is_final(kind: str) -> None:
    assert owed({day(1): kind}, CALENDAR, day(2), day(1)) == (() if kind in ("complete", "quiet") else (day(1),))


def test_the_oldest_day_may_be_owed_and_the_newest_never_is() -> None:
    assert owed({}, Daily(), day(3), day(1)) == (day(1), day(2))
    assert owed({}, Daily(), day(1), day(1)) == owed({}, Daily(), day(0), day(1)) == ()


def test_nothing_is_owed_while_nothing_is_due_or_nothing_was_ever_asked_for() -> None:
    assert owed({day(0): "failed"}, CALENDAR, None, day(0)) == ()
    assert owed({}, CALENDAR, day(4), date.max) == ()


def test_neither_weekends_nor_evenings_off_are_owed() -> None:
    # On the evening of 1 January 2026 arXiv announced nothing, by the calendar itself.
    assert owed({}, CALENDAR, date(2026, 1, 7), date(2026, 1, 1)) == tuple(date(2026, 1, n) for n in (1, 5, 6))
    off = CALENDAR.without(frozenset({day(1)}))
    assert owed({}, off, day(4), day(0)) == (day(0), day(1), day(3))


_DAYS = st.integers(-60, 60).map(day)
_LEDGERS = st.dictionaries(_DAYS, st.sampled_from(KINDS), max_size=40)


@given(ledger=_LEDGERS, newest=st.none() | _DAYS, oldest=_DAYS, evenings=st.frozensets(_DAYS, max_size=5))
def test_the_days_owed_are_those_of_the_calendar_within_the_bounds_that_are_not_settled(
    ledger: dict[date, str], newest: date | None, oldest: date, evenings: frozenset[date]
) -> None:
    calendar = CALENDAR.without(evenings)
    found = owed(ledger, calendar, newest, oldest)
    assert list(found) == sorted(set(found))
    assert not any(ledger.get(one) in SETTLED for one in found)
    assert all(newest is not None and oldest <= one < newest for one in found)
    span = [oldest + timedelta(days=n) for n in range((newest - oldest).days)] if newest else []
    announced = [one for one in span if one.weekday() < 5 and one - timedelta(days=1) not in calendar.evenings_off]
    assert set(found) == {one for one in announced if ledger.get(one) not in SETTLED}


@given(ledger=_LEDGERS, oldest=_DAYS, more=_DAYS)
def test_a_settled_day_takes_one_day_from_what_is_owed(ledger: dict[date, str], oldest: date, more: date) -> None:
    before, after = owed(ledger, CALENDAR, day(60), oldest), owed({**ledger, more: "complete"}, CALENDAR, day(60), oldest)
    assert after == tuple(one for one in before if one != more)


def test_the_oldest_day_of_any_scope_is_first_in_turn() -> None:
    turns = in_turn({"b": (day(0), day(2)), "c": (), "a": (day(1), day(2))})
    assert turns == (((day(0),), "b"), ((day(1),), "a"), ((day(2),), "a"), ((day(2),), "b"))
    assert in_turn({}) == ()


def test_days_that_one_page_shows_are_asked_for_together() -> None:
    monday = next(day(number) for number in range(7) if day(number).weekday() == 0)
    week = [monday + timedelta(days=number) for number in (0, 3, 6, 7, 9)]
    turns = in_turn({"": reversed(week), "a": week[1:2]}, week_of)
    assert turns == ((tuple(week[:3]), ""), (tuple(week[1:2]), "a"), (tuple(week[3:]), ""))


_AGES = [timedelta(days=age) for age in (1, 7, 30, 90)]


@given(st.dictionaries(_DAYS, _DAYS, max_size=8), _DAYS)
def test_a_day_is_asked_for_once_more_when_it_has_reached_an_age_since_it_was_looked_at(
    looked_on: dict[date, date], today: date
) -> None:
    found = once_more(looked_on, _AGES, today)
    assert list(found) == sorted(found)
    for one, last in looked_on.items():
        reached = [one + age for age in _AGES if one + age <= today]
        assert (one in found) == bool(reached and last < max(reached))


def test_a_day_looked_at_daily_is_asked_for_at_each_age_once() -> None:
    first, last, asked = day(0), day(0), []
    for number in range(1, 120):
        today = first + timedelta(days=number)
        if once_more({first: last}, _AGES, today):
            asked.append(number)
            last = today
    assert asked == [1, 7, 30, 90]


@given(st.dictionaries(st.sampled_from("abc"), st.lists(_DAYS, max_size=5, unique=True)))
def test_every_day_of_every_scope_has_its_turn_and_no_day_is_before_an_older_one(owed_of: dict[str, list[date]]) -> None:
    turns = in_turn(owed_of)
    wanted = chain.from_iterable(((one, scope) for one in days) for scope, days in owed_of.items())
    assert Counter((days[0], scope) for days, scope in turns) == Counter(wanted)
    assert [days[0] for days, _ in turns] == sorted(days[0] for days, _ in turns)
