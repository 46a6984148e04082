"""What the settings allow and their owner hardly means: said by `check`, stopping nothing."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from crawler.calendar import Calendar
from crawler.source import Source
from crawler.sources import all_sources

if TYPE_CHECKING:
    from jobs.settings import Settings
    from jobs.tables import SubscriptionSettings

# Ordinary Wednesdays: the hour of a batch moves where one end keeps summer time and the other does not.
_DAYS: Final = {"in winter": date(2026, 1, 14), "in summer": date(2026, 7, 15)}


def warnings(settings: "Settings") -> list[str]:
    """Say what is allowed and yet hardly meant, one line each."""
    sources = all_sources()
    watched = [sources[name] for name in settings.sources]
    return [*_idle(settings), *_impatient(settings, watched), *_early(settings, watched)]


def _idle(settings: "Settings") -> Iterator[str]:
    if not settings.sources and not settings.feeds:
        yield "sources: every source is off; a table [sources.arxiv] turns arXiv on"
    if not settings.subscriptions:
        yield "subscriptions: there is none, so nothing is written or mailed; add a table [[subscriptions]]"


def _impatient(settings: "Settings", watched: list[Source]) -> Iterator[str]:
    for source in watched:
        delay = settings.sources[source.name].delay
        pause = max([source.delay, *(route.delay for route in source.routes if route.delay)])
        if delay is not None and delay < pause:
            seconds = f"{delay.total_seconds():g} s, {source.title} asks for {pause.total_seconds():g} s"
            yield f"sources.{source.name}.delay: {seconds}; who asks faster may be shut out"


def _early(settings: "Settings", watched: list[Source]) -> Iterator[str]:
    daily = ((number, one) for number, one in enumerate(settings.subscriptions, 1) if one.every == "day")
    for number, subscription in daily:
        # A list that fills for days, and is asked for again, is early at any hour.
        for source in (one for one in watched if not one.again):
            hours = {season: _awaited(source.routes[0].calendar, subscription, day) for season, day in _DAYS.items()}
            late = [f"{hour} {season}" for season, hour in hours.items() if hour]
            if late:
                when = f"{subscription.at:%H:%M} lies before the day's batch of {source.title}"
                yield f"subscriptions[{number}].at: {when} ({subscription.timezone}: {', '.join(late)})"


def _awaited(calendar: Calendar, subscription: "SubscriptionSettings", day: date) -> str:
    """Return the hour at which the batch of the day is out, if that comes after the subscription's own hour; else ""."""
    here = ZoneInfo(subscription.timezone)
    due = calendar.due(datetime.combine(day, subscription.at, here).astimezone(UTC))
    comes_later = due.batch_on != day and calendar.due(due.next_at).batch_on == day
    return f"{due.next_at.astimezone(here):%H:%M}" if comes_later else ""
