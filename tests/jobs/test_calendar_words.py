"""The ledger as a terminal shows it: a small calendar for each scope, and a sentence for each day that is not right."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.verdict import VerdictKind
from jobs.books import Book, BookDay, books
from jobs.calendar_words import say_books
from storage.days import LedgerDay, save_days
from tests.jobs.offices import Desk

NOW = datetime(2026, 1, 21, 12, tzinfo=UTC)
TODAY = date(2026, 1, 21)
LEGEND = "✓ all came   ! not all of it, or late   ✗ nothing came   · no list that day"
KINDS: tuple[VerdictKind, ...] = ("complete", "quiet", "partial", "stale", "throttled", "blocked", "failed")
HOSTILE = "a\x1b[31m\r\nb\x00\u202e [bold]c[/bold] \u2028d"

#: A sign, a blank, and two numbers of four digits with a stroke between them; and a blank before the next day.
WIDTH = 12


def row(week: str, *cells: str) -> str:
    """Lay out a week: the day of its Monday, and a cell for each of its days."""
    return (f"{week:<8}" + "".join(f"{cell:<{WIDTH}}" for cell in cells)).rstrip()


NAMES = row("", "Mon", "Tue", "Wed", "Thu", "Fri")
MONTH = (
    "arXiv cs.CV",
    NAMES,
    row("  5 Jan", "✓ 120", "✓ 80", "! 90/100", "! late", "✗"),
    row(" 12 Jan", "·", "✗", "✓ 99", "! 70", "✗"),
    row(" 19 Jan", "✓ 130", "·", "✗"),
    "    7 January: partial by listing, Wed 7 Jan 11:30: 10 of the entries stated did not come, 90 did",
    "    8 January: stale by rss, Thu 8 Jan 11:30: still the list of 2026-01-07",
    "    9 January: failed, Fri 9 Jan 11:30: HTTP status 500",
    "    13 January: not asked for yet; the next run asks",
    "    15 January: partial by query, Thu 15 Jan 11:30: 70 entries found by search",
    "    16 January: throttled by catchup, Fri 16 Jan 11:30: arxiv.org asked us to slow down",
    "    21 January: not asked for yet; the next run asks",
    "",
    "arXiv cs.LG",
    NAMES,
    row(" 12 Jan", "", "", "✓ 1", "✓ 2", "✓ 3"),
    row(" 19 Jan", "✓ 4", "·", "✓ 5"),
    "",
    LEGEND,
)


def line(on: date, kind: VerdictKind = "complete", numbers: tuple[int, int | None] = (9, 9), **parts: str) -> LedgerDay:
    """Return what the ledger has of a day: the numbers seen and stated, and by which `route`, in which `scope` and `why`."""
    seen, stated = numbers
    known = {"scope": "cs.CV", "route": "listing", "why": "for a test", **parts}
    at = datetime.combine(on, time(3, 30), UTC)
    return LedgerDay(source="arxiv", day=on, kind=kind, expected=stated, seen=seen, at=at, **known)


def book(*days: BookDay, title: str = "arXiv", scope: str = "cs.CV") -> Book:
    return Book("arxiv", title, scope, days)


def known(*lines: LedgerDay) -> Book:
    return book(*(BookDay(one.day, due=True, line=one) for one in lines))


def drawn(*days: BookDay) -> list[str]:
    """Return what is drawn of some days below the names of the weekdays, without the legend."""
    return say_books([book(*days)], "Asia/Shanghai", NOW).splitlines()[2:-2]


def january(number: int) -> date:
    return date(2026, 1, number)


def said(desk: Desk, since: date, on: date = TODAY) -> str:
    """Return what the books of a desk say at noon of a day."""
    office = desk.office(on)
    return say_books(books(office, since), "Asia/Shanghai", office.clock())


def test_a_month_is_drawn_week_by_week_and_what_is_not_right_is_told(one_desk: Desk) -> None:
    lines = [
        line(january(5), numbers=(120, 120)),
        line(january(6), numbers=(80, None), route="rss"),
        line(january(7), "partial", (90, 100), why="10 of the entries stated did not come, 90 did"),
        line(january(8), "stale", (0, None), route="rss", why="still the list of 2026-01-07"),
        line(january(9), "failed", (0, None), route="", why="HTTP status 500"),
        line(january(12), "quiet", (0, None), route="catchup", why="there was no list"),
        line(january(14), numbers=(99, 99)),
        line(january(15), "partial", (70, None), route="query", why="70 entries found by search"),
        line(january(16), "throttled", (0, None), route="catchup", why="arxiv.org asked us to slow down"),
        line(january(19), numbers=(130, 130)),
        *(line(january(day), numbers=(n, n), scope="cs.LG") for n, day in enumerate((14, 15, 16, 19, 21), 1)),
    ]
    with one_desk.database.writing() as connection:
        save_days(connection, lines)
    assert said(one_desk, january(1)).splitlines() == list(MONTH)


def test_before_anything_was_asked_it_says_how_to_begin(one_desk: Desk) -> None:
    assert said(one_desk, january(1)) == "Nothing was asked yet: paperlark run"
    assert say_books([], "UTC", NOW) == say_books([book(), book(scope="cs.LG")], "UTC", NOW)


def test_a_scope_of_which_nothing_is_known_is_left_out() -> None:
    told = say_books([book(), known(line(january(5)))], "UTC", NOW)
    assert told.splitlines()[0] == "arXiv cs.CV"
    assert told.count("arXiv") == 1
    assert told.endswith(f"\n\n{LEGEND}")


@pytest.mark.parametrize(
    ("day", "cell"),
    [
        (line(january(5), numbers=(0, 0)), "✓ 0"),
        (line(january(5), numbers=(7, None)), "✓ 7"),
        (line(january(5), "partial", (7, 7)), "! 7"),
        (line(january(5), "partial", (7, 3)), "! 7"),
        (line(january(5), "partial", (7, None)), "! 7"),
        (line(january(5), "partial", (7, 8)), "! 7/8"),
        (line(january(5), "partial", (0, 8)), "! 0/8"),
        (line(january(5), "stale"), "! late"),
        (line(january(5), "quiet"), "·"),
        (line(january(5), "throttled"), "✗"),
        (line(january(5), "blocked"), "✗"),
        (line(january(5), "failed"), "✗"),
    ],
)
def test_what_came_of_a_day_is_a_sign_and_a_number(day: LedgerDay, cell: str) -> None:
    assert drawn(BookDay(day.day, due=True, line=day))[0] == row("  5 Jan", cell)


def test_a_day_of_which_nothing_is_known_is_a_gap_only_if_a_list_was_due() -> None:
    assert drawn(BookDay(january(6), due=False)) == [row("  5 Jan", "", "·")]
    gap = drawn(BookDay(january(6), due=True))
    assert gap[0] == row("  5 Jan", "", "✗")
    assert gap[1].startswith("    6 January: not asked for yet")


def test_what_a_calendar_did_not_expect_and_yet_came_is_shown_as_it_came() -> None:
    assert drawn(BookDay(january(6), due=False, line=line(january(6)))) == [row("  5 Jan", "", "✓ 9")]


@pytest.mark.parametrize("kind", KINDS)
def test_only_a_day_that_is_not_right_has_a_sentence(kind: VerdictKind) -> None:
    notes = drawn(BookDay(january(5), due=True, line=line(january(5), kind)))[1:]
    told = [] if kind in ("complete", "quiet") else [f"    5 January: {kind} by listing, Mon 5 Jan 11:30: for a test"]
    assert notes == told


def test_a_day_of_another_year_says_so_in_its_sentence() -> None:
    day = line(date(2025, 12, 29), "stale")
    assert drawn(BookDay(day.day, due=True, line=day)) == [
        " 29 Dec ! late",
        "    29 December 2025: stale by listing, Mon 29 Dec 2025 11:30: for a test",
    ]


def test_what_a_stranger_wrote_moves_no_cursor_and_is_cut() -> None:
    days = [line(january(5), "failed", why=f"{HOSTILE} {'long ' * 200}"), line(january(6), "failed", why="")]
    told = say_books([Book("arxiv", HOSTILE, HOSTILE, tuple(BookDay(one.day, due=True, line=one) for one in days))], "UTC", NOW)
    lines = told.splitlines()
    assert all(one.isprintable() for one in lines)
    assert all(len(one) < 300 for one in lines)


def test_the_source_and_the_scope_are_not_named_again_in_a_sentence() -> None:
    day = line(january(5), "failed", why="arxiv cs.CV: HTTP status 500 (https://arxiv.org)")
    assert drawn(BookDay(day.day, due=True, line=day))[1].endswith(" 11:30: HTTP status 500 (https://arxiv.org)")


def test_a_gap_that_the_source_no_longer_remembers_is_not_promised_to_be_filled(one_desk: Desk) -> None:
    with one_desk.database.writing() as connection:
        save_days(connection, [line(january(5)), line(january(7), "partial")])
    soon, late = (said(one_desk, january(1), day).splitlines() for day in (date(2026, 4, 6), date(2026, 4, 8)))
    assert "    6 January: not asked for yet; the next run asks" in soon
    assert "    7 January: partial by listing, Wed 7 Jan 11:30: for a test" in soon
    assert "    6 January: never asked for, and no longer to be had" in late
    assert "    7 January: partial by listing, Wed 7 Jan 11:30: for a test; no longer to be had" in late


_NUMBERS = st.integers(0, 9999)
_KNOWN = st.builds(lambda kind, seen, stated: (kind, (seen, stated)), st.sampled_from(KINDS), _NUMBERS, st.none() | _NUMBERS)
_SPAN = st.lists(st.none() | _KNOWN, min_size=1, max_size=30)


def spanned(span: Sequence[tuple[VerdictKind, tuple[int, int | None]] | None], begin: date) -> Book:
    """Return a book of working days in a row, some of them not known."""
    days = [begin + timedelta(days=number) for number in range(2 * len(span) + 7)]
    working = [day for day in days if day.weekday() < 5]
    lines = zip(working, span, strict=False)
    return book(*(BookDay(day, due=True, line=line(day, *what) if what else None) for day, what in lines))


@given(span=_SPAN, begin=st.dates(date(2025, 1, 1), date(2027, 12, 31)))
def test_the_drawing_fits_a_terminal_and_every_day_stands_below_its_name(
    span: list[tuple[VerdictKind, tuple[int, int | None]] | None], begin: date
) -> None:
    one = spanned(span, begin)
    told = say_books([one], "UTC", NOW).splitlines()
    weeks = [text for text in told[2:-2] if not text.startswith("    ")]
    assert all(len(text) <= 80 for text in (*told[:2], *weeks, told[-1]))
    assert len(weeks) == len({day.day - timedelta(days=day.day.weekday()) for day in one.days})
    places = [told[1].index(name) for name in ("Mon", "Tue", "Wed", "Thu", "Fri")]
    for day in one.days:
        monday = day.day - timedelta(days=day.day.weekday())
        (week, *_) = (text for text in weeks if text.startswith(f"{monday.day:>3} {monday:%b} "))
        place = places[day.day.weekday()]
        assert week[place - 1] == " "
        assert week[place] in "✓!✗·"
