"""The ledger on a terminal: a small calendar for each scope, a week a line, and a sentence for each day that is not right."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from crawler.text import clean
from jobs.books import Book, BookDay
from jobs.moments import said_day, said_moment

_WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri")
_WIDTH: Final = 12
_WHY: Final = 200
_LEGEND: Final = "✓ all came   ! not all of it, or late   ✗ nothing came   · no list that day"


def say_books(books: Sequence[Book], timezone: str, now: datetime) -> str:
    """Draw the books; moments in the reader's time zone."""
    drawn = [_book(book, timezone, now) for book in books if book.days]
    if not drawn:
        return "Nothing was asked yet: paperlark run"
    return "\n\n".join([*drawn, _LEGEND])


def _book(book: Book, timezone: str, now: datetime) -> str:
    head = clean(f"{book.title} {book.scope}")
    names = " " * 8 + "".join(f"{name:<{_WIDTH}}" for name in _WEEKDAYS).rstrip()
    notes = [line for day in book.days for line in _note(day, book.remembered, timezone, now)]
    return "\n".join([head, names, *_weeks(book.days), *notes])


def _weeks(days: Iterable[BookDay]) -> Iterator[str]:
    weeks: dict[date, dict[int, str]] = {}
    for one in days:
        monday = one.day - timedelta(days=one.day.weekday())
        weeks.setdefault(monday, {})[one.day.weekday()] = _cell(one)
    for monday, cells in weeks.items():
        row = "".join(f"{cells.get(place, ''):<{_WIDTH}}" for place in range(len(_WEEKDAYS)))
        yield f"{monday.day:>3} {monday:%b} {row}".rstrip()


def _cell(one: BookDay) -> str:
    """Say in a few letters what came of a day: the sign, and the number of entries."""
    if one.line is None:
        return "✗" if one.due else "·"
    stated = one.line.expected
    match one.line.kind:
        case "complete":
            return f"✓ {one.line.seen}"
        case "quiet":
            return "·"
        case "partial":
            return f"! {one.line.seen}" + ("" if stated is None or stated <= one.line.seen else f"/{stated}")
        case "stale":
            return "! late"
        case _:
            return "✗"


def _note(one: BookDay, remembered: date, timezone: str, now: datetime) -> Iterator[str]:
    """Say what is wrong with a day, by which route we know, and when."""
    day = said_day(one.day, now)
    if one.line is None:
        if one.due and one.day < remembered:
            yield f"    {day}: never asked for, and no longer to be had"
        elif one.due:
            yield f"    {day}: not asked for yet; the next run asks"
    elif one.line.kind not in ("complete", "quiet"):
        at = said_moment(one.line.at, timezone, now)
        by = f" by {one.line.route}" if one.line.route else ""
        why = clean(one.line.why.removeprefix(f"{one.line.source} {one.line.scope}: "), _WHY)
        lost = "; no longer to be had" if one.day < remembered else ""
        yield f"    {day}: {one.line.kind}{by}, {at}: {why}{lost}"
