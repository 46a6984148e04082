"""When a source should have a new batch. Pure.

arXiv (https://info.arxiv.org/help/availability.html): papers are announced at 20:00 in New York from Sunday to
Thursday, but for the evenings below. A batch carries the date of the next day, Monday to Friday, on the listing as in
the feed. The listing shows the newest batch until the next one comes; the feed (https://info.arxiv.org/help/rss.html)
only from midnight to midnight of its day.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Protocol
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

# The pages are built in the minutes after the hour, and cached: judged at its stroke, a normal delay would be called
# stale.
GRACE: Final = timedelta(minutes=30)
_ANNOUNCED: Final = time(20)
_DAY: Final = timedelta(days=1)
_MOST_BATCHES: Final = 90


@dataclass(frozen=True, slots=True)
class Due:
    """What a route should be showing at one moment: its newest batch (None: none), and when the next comes (in UTC)."""

    batch_on: date | None
    next_at: datetime


class Calendar(Protocol):
    """Knows when a route should show which batch."""

    def due(self, now: datetime) -> Due:
        """Return what the route should be showing at `now` (aware); `next_at` lies after it."""
        ...

    def batches(self, after: date, before: date) -> tuple[date, ...]:
        """Return the days of the batches strictly between two days, oldest first; of many the newest 90."""
        ...


@dataclass(frozen=True, slots=True)
class ArxivListing:
    """The listing pages: the newest batch, until the next one comes."""

    evenings_off: frozenset[date] = ARXIV_EVENINGS_OFF

    def due(self, now: datetime) -> Due:
        """Return the batch that has been announced for at least the grace, and when the next one has been."""
        batch_on = now.astimezone(NEW_YORK).date() + _DAY
        while not self._is_batch(batch_on) or self._shown_at(batch_on) > now:
            batch_on -= _DAY
        following = batch_on + _DAY
        while not self._is_batch(following):
            following += _DAY
        return Due(batch_on, self._shown_at(following))

    def batches(self, after: date, before: date) -> tuple[date, ...]:
        """Return the days of the batches strictly between two days, oldest first; of many the newest 90."""
        return _between(after, before, self.evenings_off)

    def _is_batch(self, day: date) -> bool:
        return is_arxiv_batch(day, self.evenings_off)

    @staticmethod
    def _shown_at(batch_on: date) -> datetime:
        return _in_new_york(batch_on - _DAY, _ANNOUNCED) + GRACE


@dataclass(frozen=True, slots=True)
class ArxivFeed:
    """The RSS and Atom feeds: a batch on its own day in New York, nothing on other days."""

    evenings_off: frozenset[date] = ARXIV_EVENINGS_OFF

    def due(self, now: datetime) -> Due:
        """Return today's batch once the feed has had the grace to be built; None on a day without one."""
        today = now.astimezone(NEW_YORK).date()
        shown = is_arxiv_batch(today, self.evenings_off) and now >= self._shown_at(today)
        following = today + _DAY if shown else today
        while not is_arxiv_batch(following, self.evenings_off) or self._shown_at(following) <= now:
            following += _DAY
        return Due(today if shown else None, self._shown_at(following))

    def batches(self, after: date, before: date) -> tuple[date, ...]:
        """Return the days of the batches strictly between two days, oldest first; of many the newest 90."""
        return _between(after, before, self.evenings_off)

    def newest(self, now: datetime) -> date:
        """Return the newest batch whose day has begun at `now`: what a feed with entries in it is taken to show."""
        day = now.astimezone(NEW_YORK).date()
        while not is_arxiv_batch(day, self.evenings_off):
            day -= _DAY
        return day

    @staticmethod
    def _shown_at(batch_on: date) -> datetime:
        return _in_new_york(batch_on, time(0)) + GRACE


def is_arxiv_batch(day: date, evenings_off: frozenset[date] = ARXIV_EVENINGS_OFF) -> bool:
    """Tell whether a batch carries the date `day`: Monday to Friday, and announced the evening before."""
    return day.weekday() < 5 and day - _DAY not in evenings_off


def _between(after: date, before: date, evenings_off: frozenset[date]) -> tuple[date, ...]:
    days: list[date] = []
    day = before - _DAY
    while day > after and len(days) < _MOST_BATCHES:
        if is_arxiv_batch(day, evenings_off):
            days.append(day)
        day -= _DAY
    return tuple(reversed(days))


def _in_new_york(day: date, at: time) -> datetime:
    """Return a wall-clock time of New York in UTC, where adding the grace is adding minutes that pass."""
    return datetime.combine(day, at, NEW_YORK).astimezone(UTC)
