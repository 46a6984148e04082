"""When a source should have a new batch. Pure.

arXiv (https://info.arxiv.org/help/availability.html): papers are announced at 20:00 in New York from Sunday to
Thursday, but for the evenings below. A batch carries the date of the next day, Monday to Friday, on the listing as in
the feed. The listing shows the newest batch until the next one comes; the feed (https://info.arxiv.org/help/rss.html)
only from midnight to midnight of its day; the catch-up pages (https://arxiv.org/catchup) from that midnight on for good.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Protocol, Self
from zoneinfo import ZoneInfo

NEW_YORK: Final = ZoneInfo("America/New_York")

ARXIV_EVENINGS_OFF: Final = frozenset(
    date.fromisoformat(day)
    for day in (
        *("2026-01-01", "2026-01-19", "2026-06-19", "2026-07-03", "2026-09-07", "2026-11-26"),
        *("2026-12-25", "2026-12-29", "2026-12-31"),
    )
)
"""Evenings without announcement, as arXiv publishes them for each year: the batch of the day after does not exist."""

KNOWN_YEARS: Final = frozenset(evening.year for evening in ARXIV_EVENINGS_OFF)
"""The years whose list stands above."""

# The pages are built in the minutes after the hour, and cached: judged at its stroke, a normal delay would be called
# stale.
GRACE: Final = timedelta(minutes=30)
_ANNOUNCED: Final = time(20)
_DAY: Final = timedelta(days=1)
_FRIDAY: Final = 4


@dataclass(frozen=True, slots=True)
class Due:
    """What a route should be showing at one moment: its newest batch (None: none), and when the next comes (in UTC)."""

    batch_on: date | None
    next_at: datetime


class Calendar(Protocol):
    """Knows when a route should show which batch."""

    def of(self, scope: str) -> Self:
        """Return the calendar of one scope, where the scopes of a source differ."""
        ...

    def due(self, now: datetime) -> Due:
        """Return what the route should be showing at `now` (aware); `next_at` lies after it."""
        ...

    def newest(self, now: datetime) -> date | None:
        """Return the newest batch that the route may be showing at `now` (aware), be it early; None: it shows none."""
        ...

    def batches(self, after: date, before: date) -> tuple[date, ...]:
        """Return the days of the batches strictly between two days, oldest first."""
        ...

    def last_chance(self, now: datetime) -> datetime:
        """Return the last moment (UTC) up to `now` (aware) at which a batch may have come, be it one nobody expected."""
        ...

    def without(self, evenings: frozenset[date]) -> Self:
        """Return this calendar without the announcements of `evenings`, in addition to those it knows not to come."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DaysOff:
    """The evenings without announcement that a source has published, and the years it has told all of them of.

    `settled`: these are all the years it speaks of, none is left open.
    """

    evenings: frozenset[date]
    years: frozenset[int]
    settled: bool


@dataclass(frozen=True, slots=True)
class _Arxiv(ABC):
    """What arXiv's routes have in common: a batch is shown from its own moment on, until the next one is."""

    evenings_off: frozenset[date] = ARXIV_EVENINGS_OFF

    def of(self, scope: str) -> Self:
        """Return this calendar: all categories have one."""
        del scope
        return self

    def due(self, now: datetime) -> Due:
        """Return the newest batch that has been there for at least the grace, and when the next one has been."""
        batch_on = self.newest(now.astimezone(UTC) - GRACE)
        following = batch_on + _DAY
        while not is_arxiv_batch(following, self.evenings_off):
            following += _DAY
        return Due(batch_on, self._begins_at(following) + GRACE)

    def newest(self, now: datetime) -> date:
        """Return the newest batch that may be there at `now` (aware): no grace is given."""
        day = now.astimezone(NEW_YORK).date() + _DAY
        while not is_arxiv_batch(day, self.evenings_off) or self._begins_at(day) > now:
            day -= _DAY
        return day

    def batches(self, after: date, before: date) -> tuple[date, ...]:
        """Return the days of the batches strictly between two days, oldest first."""
        days: list[date] = []
        day = before - _DAY
        while day > after:
            if is_arxiv_batch(day, self.evenings_off):
                days.append(day)
            day -= _DAY
        return tuple(reversed(days))

    def last_chance(self, now: datetime) -> datetime:
        """Return when a batch was last due (UTC) up to `now` (aware), had there been no evenings off."""
        every_evening = replace(self, evenings_off=frozenset())
        return self._begins_at(every_evening.newest(now.astimezone(UTC) - GRACE)) + GRACE

    def without(self, evenings: frozenset[date]) -> Self:
        """Return this calendar with `evenings` off in addition to those it knows."""
        return replace(self, evenings_off=self.evenings_off | evenings)

    @staticmethod
    @abstractmethod
    def _begins_at(batch_on: date) -> datetime:
        """Return the moment (UTC) from which the route may show a batch."""


@dataclass(frozen=True, slots=True)
class ArxivListing(_Arxiv):
    """The listing pages: the newest batch from the evening before its day, until the next one comes."""

    @staticmethod
    def _begins_at(batch_on: date) -> datetime:
        return _in_new_york(batch_on - _DAY, _ANNOUNCED)


@dataclass(frozen=True, slots=True)
class ArxivCatchup(_Arxiv):
    """The catch-up pages: the batch of a day from its midnight in New York on; arXiv refuses a day that has not begun."""

    @staticmethod
    def _begins_at(batch_on: date) -> datetime:
        return _in_new_york(batch_on, time(0))


@dataclass(frozen=True, slots=True)
class ArxivFeed(ArxivCatchup):
    """The RSS and Atom feeds: a batch on its own day in New York, nothing on other days.

    `newest` is what a feed with entries in it is taken to show.
    """

    def due(self, now: datetime) -> Due:
        """Return today's batch once the feed has had the grace to be built; None on a day without one."""
        due = ArxivCatchup.due(self, now)
        return due if due.batch_on == now.astimezone(NEW_YORK).date() else replace(due, batch_on=None)


@dataclass(frozen=True, slots=True)
class Daily:
    """A list a day, there so long after the midnight (UTC) with which its day `begins`.

    Without `weekends` none is expected then, and what comes is extra.
    """

    begins: timedelta
    weekends: bool = False

    def of(self, scope: str) -> Self:
        """Return this calendar: all parts of a list are there at the same time."""
        del scope
        return self

    def due(self, now: datetime) -> Due:
        """Return the newest list that has been there for at least the grace, and when the next one has been."""
        batch_on = self.newest(now - GRACE)
        following = batch_on + _DAY
        while not self._is_listed(following):
            following += _DAY
        return Due(batch_on, self._begins_at(following) + GRACE)

    def newest(self, now: datetime) -> date:
        """Return the newest list that may be there at `now` (aware)."""
        day = now.astimezone(UTC).date()
        while not self._is_listed(day) or self._begins_at(day) > now:
            day -= _DAY
        return day

    def batches(self, after: date, before: date) -> tuple[date, ...]:
        """Return the days of the lists strictly between two days, oldest first."""
        days = (after + _DAY * number for number in range(1, (before - after).days))
        return tuple(day for day in days if self._is_listed(day))

    def last_chance(self, now: datetime) -> datetime:
        """Return when a list was last due (UTC) up to `now` (aware)."""
        return self._begins_at(self.newest(now - GRACE)) + GRACE

    def without(self, evenings: frozenset[date]) -> Self:
        """Return this calendar: evenings off are arXiv's."""
        del evenings
        return self

    def _begins_at(self, day: date) -> datetime:
        return datetime.combine(day, time(), UTC) + self.begins

    def _is_listed(self, day: date) -> bool:
        return self.weekends or day.weekday() <= _FRIDAY


def is_arxiv_batch(day: date, evenings_off: frozenset[date] = ARXIV_EVENINGS_OFF) -> bool:
    """Tell whether a batch carries the date `day`: Monday to Friday, and announced the evening before."""
    return day.weekday() < 5 and day - _DAY not in evenings_off


def _in_new_york(day: date, at: time) -> datetime:
    """Return a wall-clock time of New York in UTC, where adding the grace is adding minutes that pass."""
    return datetime.combine(day, at, NEW_YORK).astimezone(UTC)
