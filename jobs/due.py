"""Which periods have begun: of readers by their hours, of sources by their calendars. Pure.

A period is a local date, week or month of its reader, and begins at one moment: that which zoneinfo gives the reader's hour
on its first day. So an hour that does not exist on the day of a clock change comes an hour later, one that comes twice counts
once, and a day that a zone leaves out has no period (PEP 495).
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from crawler.source import Source
from crawler.verdict import SETTLED, Verdict
from digests.subscription import Cadence, begin_of, period_of
from jobs.tables import SubscriptionSettings
from storage.runs import RunKey

WAIT: Final = timedelta(hours=2)
"""How long after its hour a digest waits for the sources where its reader says nothing of that."""

_DAY: Final = timedelta(days=1)
_ASKED_EVERY: Final = timedelta(hours=3)
"""How often what goes by no calendar is asked for."""

_SOONEST: Final = timedelta(minutes=10)
_LONGEST: Final = timedelta(hours=3)


class Planned(NamedTuple):
    """A run for a period that has begun, and since when; and until when it waits for others, where it does."""

    key: RunKey
    due_at: datetime
    until: datetime


def composing(reader: SubscriptionSettings, now: datetime) -> Planned:
    """Return the reader's newest period that has begun at `now` (aware)."""
    begin = begin_of(reader.every, now.astimezone(ZoneInfo(reader.timezone)).date())
    while (due_at := _moment(reader, begin, reader.at)) > now:
        begin = begin_of(reader.every, begin - _DAY)
    return Planned(RunKey("compose", reader.name, period_of(reader.every, begin)), due_at, _until(reader, begin, due_at))


def composed_next(reader: SubscriptionSettings, now: datetime) -> datetime:
    """Return when the reader's next period begins, in UTC."""
    day = now.astimezone(ZoneInfo(reader.timezone)).date()
    begin = begin_of(reader.every, day)
    while (due_at := _moment(reader, begin, reader.at)) <= now:
        day += _DAY
        begin = begin_of(reader.every, day)
    return due_at


def _moment(reader: SubscriptionSettings, day: date, at: time) -> datetime:
    return datetime.combine(day, at, ZoneInfo(reader.timezone)).astimezone(UTC)


def _until(reader: SubscriptionSettings, begin: date, due_at: datetime) -> datetime:
    if reader.latest is None:
        return due_at + WAIT
    return max(due_at, _moment(reader, begin if reader.latest >= reader.at else begin + _DAY, reader.latest))


def day_of(every: Cadence, period: str, today: date) -> date:
    """Return the day that a digest of the period is of: today, or the last day of a period that is over."""
    if period_of(every, today) == period:
        return today
    day = date.fromisoformat(f"{period}-01" if every == "month" else period)
    while period_of(every, day + _DAY) == period:
        day += _DAY
    return day


def asking(source: Source, now: datetime) -> Planned:
    """Return when something may have come at the source last, up to `now` (aware): until it comes again, that is its period."""
    route = source.routes[0]
    moment = _floor(now) if route.unscheduled else route.calendar.last_chance(now)
    return Planned(RunKey("ask", source.name, f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M}"), moment, moment)


def _floor(now: datetime) -> datetime:
    midnight = datetime.combine(now.astimezone(UTC).date(), time(), UTC)
    return midnight + (now - midnight) // _ASKED_EVERY * _ASKED_EVERY


def asked_next(source: Source, now: datetime) -> datetime:
    """Return when the source may have something again, in UTC."""
    route = source.routes[0]
    return _floor(now) + _ASKED_EVERY if route.unscheduled else route.calendar.due(now).next_at.astimezone(UTC)


def again_at(verdicts: Iterable[Verdict], attempts: int, now: datetime) -> datetime | None:
    """Return when a source is to be asked again after so many attempts; None when all that was due has been told.

    That is when its own words say, within ten minutes and three hours, else later and later.
    """
    open_ = [verdict for verdict in verdicts if verdict.kind not in SETTLED]
    if not open_:
        return None
    said = [verdict.next_at for verdict in open_ if verdict.next_at and verdict.next_at > now]
    usual = now + _SOONEST * (1 << min(attempts - 1, 5))
    return min(max(min(said, default=usual), now + _SOONEST), now + _LONGEST)
