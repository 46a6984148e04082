"""The calendar of what goes by none: a feed. Pure."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Self

from crawler.calendar import Due


@dataclass(frozen=True, slots=True)
class Unscheduled:
    """Nothing is ever due; what is new is of the day (UTC) on which it was read."""

    def of(self, scope: str) -> Self:
        """Return this calendar."""
        del scope
        return self

    def due(self, now: datetime) -> Due:
        """Return that nothing is due, and the next day."""
        return Due(None, datetime.combine(now.astimezone(UTC).date() + timedelta(days=1), time(), UTC))

    def newest(self, now: datetime) -> date | None:
        """Return today."""
        return now.astimezone(UTC).date()

    def batches(self, after: date, before: date) -> tuple[date, ...]:
        """Return nothing: what came on which day, nobody can ask for."""
        del after, before
        return ()

    def last_chance(self, now: datetime) -> datetime:
        """Return the moment itself: something may have come just now."""
        return now.astimezone(UTC)

    def without(self, evenings: frozenset[date]) -> Self:
        """Return this calendar: evenings off are arXiv's."""
        del evenings
        return self
