"""The ledger as a person asks for it: which days are in it, and what it has of each."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.calendar import is_arxiv_batch
from crawler.sighting import Claim
from crawler.verdict import VerdictKind
from jobs.books import Book, books
from jobs.ledger_shape import books_shape
from storage.days import LedgerDay, Section, save_days
from storage.ledger import save_claims
from storage.schedules import Schedule, save_schedule
from tests.jobs.offices import Desk
from tests.storage.factories import emptied

NOW = date(2026, 1, 21)
MORNING, NOON = time(1), time(12)
JANUARY = date(2026, 1, 1)


def january(number: int) -> date:
    return date(2026, 1, number)


def ledger_day(on: date, kind: VerdictKind = "complete", scope: str = "cs.CV") -> LedgerDay:
    at = datetime.combine(on, time(3), UTC)
    return LedgerDay(
        source="arxiv", scope=scope, day=on, kind=kind, route="listing", expected=120, seen=119, why=f"{kind}, it said", at=at
    )


def keep(desk: Desk, *days: LedgerDay) -> None:
    with desk.database.writing() as connection:
        save_days(connection, days)


def opened(desk: Desk, since: date = JANUARY, on: date = NOW, at: time = NOON) -> dict[str, Book]:
    """Return the books at a moment, by scope."""
    found = books(desk.office(on, at), since)
    assert [(one.source, one.title, one.scope) for one in found] == [("arxiv", "arXiv", "cs.CV"), ("arxiv", "arXiv", "cs.LG")]
    return {one.scope: one for one in found}


def days(book: Book) -> list[int]:
    return [one.day.day for one in book.days]


@pytest.fixture
def desk(one_desk: Desk) -> Desk:
    return one_desk


def test_before_anything_was_asked_the_books_are_empty(desk: Desk) -> None:
    assert [one.days for one in opened(desk).values()] == [(), ()]
    assert books_shape(opened(desk).values()) == {"days": []}


def test_a_book_goes_from_the_first_day_asked_for_to_the_newest_batch_that_should_be_there(desk: Desk) -> None:
    keep(desk, ledger_day(january(14)), ledger_day(january(6), scope="cs.LG"))
    assert {scope: days(book) for scope, book in opened(desk).items()} == {
        "cs.CV": [14, 15, 16, 19, 20, 21],
        "cs.LG": [6, 7, 8, 9, 12, 13, 14, 15, 16, 19, 20, 21],
    }
    # Wednesday's list comes out at 01:00 UTC; until then nobody misses it.
    assert days(opened(desk, at=MORNING)["cs.CV"]) == [14, 15, 16, 19]


def test_a_list_that_came_before_it_was_due_is_in_the_book(desk: Desk) -> None:
    keep(desk, ledger_day(january(14)), ledger_day(january(21)))
    assert days(opened(desk, at=MORNING)["cs.CV"])[-1] == 21


def test_a_book_begins_no_earlier_than_it_is_asked_for(desk: Desk) -> None:
    keep(desk, ledger_day(january(5)), ledger_day(january(15)))
    assert days(opened(desk, january(15))["cs.CV"]) == [15, 16, 19, 20, 21]
    assert days(opened(desk, january(17))["cs.CV"]) == [19, 20, 21]
    assert days(opened(desk, january(22))["cs.CV"]) == []
    assert days(opened(desk, date(2027, 1, 1))["cs.CV"]) == []


def test_each_day_has_its_line_and_says_whether_a_list_was_due(desk: Desk) -> None:
    lines = {15: ledger_day(january(15)), 16: ledger_day(january(16), "stale")}
    keep(desk, *lines.values(), replace(lines[15], scope="cs.LG", kind="failed"))
    found = opened(desk)["cs.CV"].days
    # On the evening of 19 January, a holiday, arXiv announced nothing.
    assert [(one.day.day, one.due) for one in found] == [(15, True), (16, True), (19, True), (20, False), (21, True)]
    assert {one.day.day: one.line for one in found if one.line} == lines


def test_evenings_off_that_arxiv_told_of_are_no_gaps(desk: Desk) -> None:
    keep(desk, ledger_day(january(14)))
    with desk.database.writing() as connection:
        save_schedule(
            connection, "arxiv", Schedule(evenings_off=frozenset({january(14)}), asked_at=datetime(2026, 1, 1, tzinfo=UTC))
        )
    found = opened(desk)["cs.CV"].days
    assert [one.day.day for one in found if not one.due] == [15, 20]


def test_a_list_missed_long_ago_is_a_gap_as_one_missed_yesterday_is(desk: Desk) -> None:
    keep(desk, ledger_day(date(2025, 6, 2)))
    found = opened(desk, date(2025, 1, 1))["cs.CV"].days
    assert found[0].day == date(2025, 6, 2)
    assert [one.day for one in found if one.due] == [one.day for one in found if is_arxiv_batch(one.day)]


def test_the_sections_of_a_list_are_those_it_stated(desk: Desk) -> None:
    keep(desk, ledger_day(january(15)), ledger_day(january(16), scope="cs.LG"))
    claims = [
        Claim(scope="cs.CV", section=section, announced_on=january(15), expected=expected, seen=seen)
        for section, expected, seen in (("new", 100, 99), ("cross", 20, 20))
    ]
    with desk.database.writing() as connection:
        save_claims(connection, "arxiv", claims)
    assert [one.sections for one in opened(desk)["cs.CV"].days][:2] == [(Section("cross", 20, 20), Section("new", 100, 99)), ()]
    assert all(not one.sections for one in opened(desk)["cs.LG"].days)


def test_programs_are_told_of_every_day(desk: Desk) -> None:
    keep(desk, ledger_day(january(19), "partial"))
    with desk.database.writing() as connection:
        save_claims(
            connection, "arxiv", [Claim(scope="cs.CV", section="new", announced_on=january(19), expected=120, seen=119)]
        )
    unknown = {"source": "arxiv", "scope": "cs.CV", "route": None, "expected": None, "seen": 0, "at": None, "why": None}
    assert books_shape(opened(desk).values()) == {
        "days": [
            {
                "source": "arxiv",
                "scope": "cs.CV",
                "day": "2026-01-19",
                "verdict": "partial",
                "route": "listing",
                "expected": 120,
                "seen": 119,
                "at": "2026-01-19T03:00:00+00:00",
                "why": "partial, it said",
                "sections": [{"section": "new", "expected": 120, "seen": 119}],
            },
            {**unknown, "day": "2026-01-20", "verdict": "quiet", "sections": []},
            {**unknown, "day": "2026-01-21", "verdict": None, "sections": []},
        ]
    }


_KNOWN = st.dictionaries(st.tuples(st.sampled_from(("cs.CV", "cs.LG")), st.integers(0, 90)), st.booleans(), max_size=12)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=15)
@given(known=_KNOWN, back=st.integers(0, 100))
def test_every_working_day_is_in_a_book_once_and_everything_known_of_it(
    one_desk: Desk, known: dict[tuple[str, int], bool], back: int
) -> None:
    since = NOW - timedelta(days=back)
    lines = [
        ledger_day(on, "complete" if good else "failed", scope)
        for (scope, number), good in known.items()
        if (on := NOW - timedelta(days=number)).weekday() < 5
    ]
    with emptied(one_desk.database):
        keep(one_desk, *lines)
        found = opened(one_desk, since)
    for scope, book in found.items():
        first = max(since, min((one.day for one in lines if one.scope == scope), default=date.max))
        span = [first + timedelta(days=number) for number in range((NOW - first).days + 1)]
        assert [one.day for one in book.days] == [one for one in span if one.weekday() < 5]
        assert [one.line for one in book.days if one.line] == sorted(
            (one for one in lines if one.scope == scope and one.day >= since), key=lambda one: one.day
        )
        assert [one.due for one in book.days] == [is_arxiv_batch(one.day) for one in book.days]
