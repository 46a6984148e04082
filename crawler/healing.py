"""Which days are still owed to the reader: batches that were missed, or not read completely. Pure."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta

from crawler.calendar import Calendar
from crawler.verdict import SETTLED


def owed(ledger: Mapping[date, str], calendar: Calendar, newest: date | None, oldest: date) -> tuple[date, ...]:
    """Return the days to ask for again, oldest first: those without a final verdict in the `ledger`.

    They lie not before `oldest`, the first day the reader asked for or the last one the source remembers, and before
    `newest`, the day of the batch that is due now and asked for anyway.
    """
    if newest is None or oldest >= newest:
        return ()
    days = calendar.batches(oldest - timedelta(days=1), newest)
    return tuple(day for day in days if ledger.get(day) not in SETTLED)


def once_more(looked_on: Mapping[date, date], ages: Iterable[timedelta], today: date) -> tuple[date, ...]:
    """Return the days to ask for once more, oldest first: those that have reached one of the ages since they were looked at."""
    return tuple(sorted(day for day, last in looked_on.items() if any(last < day + age <= today for age in ages)))


def in_turn(
    owed_of: Mapping[str, Iterable[date]], covers: Callable[[date], tuple[date, ...]] | None = None
) -> tuple[tuple[tuple[date, ...], str], ...]:
    """Return the days owed of all scopes in the order to ask for them: the oldest day of any scope first.

    Days that one page `covers` are asked for together, with the oldest of them.
    """
    pages: dict[tuple[str, date], list[date]] = {}
    for day, scope in sorted((day, scope) for scope, days in owed_of.items() for day in days):
        pages.setdefault((scope, covers(day)[0] if covers else day), []).append(day)
    return tuple((tuple(days), scope) for (scope, _), days in pages.items())
