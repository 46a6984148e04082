"""The ledger as a person asks for it: every scope, every day that had or should have had a batch."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from crawler.source import Source
from jobs.banner import watched
from storage.checkpoints import days_read
from storage.database import Connection
from storage.days import LedgerDay, Section, days_since, first_days, sections_of
from storage.schedules import schedule

if TYPE_CHECKING:
    from jobs.steps import Office


@dataclass(frozen=True, slots=True)
class BookDay:
    """One day: what the ledger has of it, and what its list stated section by section.

    `line` is None where nothing is known: there is no batch on that day if it is not `due`, else nobody has asked for it.
    """

    day: date
    due: bool
    line: LedgerDay | None = None
    sections: tuple[Section, ...] = ()


@dataclass(frozen=True, slots=True)
class Book:
    """One scope of a source, day by day from the first on which it was asked for; working days only, the oldest first.

    `remembered` is the first day that the source can still be asked for.
    """

    source: str
    title: str
    scope: str
    days: tuple[BookDay, ...]
    remembered: date = date.min


def books(office: "Office", since: date) -> list[Book]:
    """Return the book of every scope that is on, from a day on."""
    with office.database.reading() as connection:
        return [
            book
            for one in watched(office.settings, office.clock(), days_read(connection))
            for book in _books(connection, one.source, one.scopes, (since, office.clock()))
        ]


def _books(connection: Connection, source: Source, scopes: tuple[str, ...], span: tuple[date, datetime]) -> list[Book]:
    """Return the books from a day up to the newest batch that should be there at a moment."""
    calendar = source.routes[0].calendar.without(schedule(connection, source.name).evenings_off)
    first = first_days(connection, source.name)
    ledger: dict[str, dict[date, LedgerDay]] = {scope: {} for scope in scopes}
    for one in days_since(connection, source.name, scopes, span[0]):
        ledger[one.scope][one.day] = one
    found = []
    for scope in scopes:
        begin, end = max(span[0], first.get(scope, date.max)), max([calendar.due(span[1]).batch_on or span[0], *ledger[scope]])
        due = set(calendar.batches(begin - timedelta(days=1), end + timedelta(days=1))) if scope in first else set()
        days = _working_days(begin, end)
        book = tuple(_day(connection, ledger[scope], day, day in due) for day in days)
        found.append(Book(source.name, source.title, scope, book, span[1].date() - source.memory))
    return found


def _day(connection: Connection, ledger: Mapping[date, LedgerDay], day: date, due: bool) -> BookDay:  # noqa: FBT001 - one caller
    line = ledger.get(day)
    sections = sections_of(connection, line.source, line.scope, day) if line else []
    return BookDay(day, due, line, tuple(sections))


def _working_days(begin: date, end: date) -> list[date]:
    days = (begin + timedelta(days=number) for number in range((end - begin).days + 1))
    return [day for day in days if day.weekday() < 5]
