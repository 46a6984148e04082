"""When there is nothing to ask for. Pure."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final

from crawler.programmes import LOOKED_FOR, Edition, Programmes
from crawler.report import CrawlPlan, Look
from crawler.source import Checkpoint, Route, Source
from crawler.verdict import NOT_OUT, Verdict

_PAUSES: Final = (
    # A little less than a day, so that a daily job which is early once asks none the less.
    (timedelta(days=14), timedelta(hours=20)),
    (timedelta(days=120), timedelta(days=6, hours=20)),
    (LOOKED_FOR, timedelta(days=29, hours=20)),
)
"""Since when a programme is known at most, and how long after it was asked for it is asked for again; then never."""

_HOUR: Final = timedelta(hours=1)
"""So long a feed is left alone that was asked for."""


def rested(source: Source, checkpoint: Checkpoint, asked_at: datetime | None, now: datetime) -> Look | None:
    """Return the look that need not be taken: nothing can have changed since the scope was asked; else None.

    That is so when the batch that is due has been read completely, and the scope was asked since the last evening on
    which anything may have been announced: the calendar may not know of one that was, out of turn.
    """
    calendar, batch = source.routes[0].calendar, checkpoint.batch
    if asked_at is not None and source.routes[0].unscheduled:
        return _rested_feed(source, checkpoint, asked_at, now)
    if asked_at is not None and source.routes[0].lasting:
        return _rested_programme(source, checkpoint, asked_at, now)
    if asked_at is None or batch is None:
        return None
    due = calendar.due(now)
    if due.batch_on is None or batch.announced_on < due.batch_on or asked_at < calendar.last_chance(now):
        return None
    why = f"nothing new since the list of {batch.announced_on}; the next is due at {due.next_at:%Y-%m-%d %H:%M %Z}"
    verdict = Verdict(kind="quiet", announced_on=batch.announced_on, seen=len(batch.keys), next_at=due.next_at, why=why)
    return Look(source=source.name, scope=checkpoint.scope, route="", verdict=verdict, at=now, day=due.batch_on)


def _rested_feed(source: Source, checkpoint: Checkpoint, asked_at: datetime, now: datetime) -> Look | None:
    """Do for a feed what `rested` does: it is asked for once an hour at most."""
    if not timedelta() <= now - asked_at < _HOUR:
        return None
    day = checkpoint.batch.announced_on if checkpoint.batch else None
    why = f"asked for within the hour; nothing new since {day}" if day else "asked for within the hour"
    verdict = Verdict(kind="quiet", announced_on=day, next_at=asked_at + _HOUR, why=why)
    return Look(source=source.name, scope=checkpoint.scope, route="", verdict=verdict, at=now)


def _rested_programme(source: Source, checkpoint: Checkpoint, asked_at: datetime, now: datetime) -> Look | None:
    """Do for a programme what `rested` does: it is looked for once a day, and ever less often when it is out.

    One of which a part is missing is read once a day as well, and less often when that has not changed for long.
    """
    known_for = _known_for(source, checkpoint, now)
    pause = next((pause for age, pause in _PAUSES if known_for <= age), None)
    if pause is not None and now - asked_at >= pause:
        return None
    verdict = replace(_of_programme(source, checkpoint, now), next_at=asked_at + pause if pause else None)
    return Look(source=source.name, scope=checkpoint.scope, route="", verdict=verdict, at=now)


def _known_for(source: Source, checkpoint: Checkpoint, now: datetime) -> timedelta:
    """Return for how long a list has been as it is, or has not been there; nothing for one that grows all the time."""
    scope, batch, last = checkpoint.scope, checkpoint.batch, checkpoint.unfinished
    edition, calendar = Edition.parse(scope), source.routes[0].calendar.of(scope)
    if scope in source.always or (edition and edition.acronym in source.yearly):
        return timedelta()
    if since := last.since if last else batch.announced_on if batch else None:
        return now.date() - since
    given_up = calendar.given_up_on(now) if isinstance(calendar, Programmes) else None
    # What has never been there is looked for once a week in the end: its readers wait for all of it.
    return min(now.date() - given_up, _PAUSES[1][0]) if given_up else timedelta()


def _of_programme(source: Source, checkpoint: Checkpoint, now: datetime) -> Verdict:
    """Return what is known of a programme without asking."""
    batch, last = checkpoint.batch, checkpoint.unfinished
    day = batch.announced_on if batch else None
    if last:
        why = f"{last.papers} entries of a list of which a part is missing"
        return Verdict(kind="partial", announced_on=day, seen=last.papers, why=why)
    if batch:
        return Verdict(kind="quiet", announced_on=day, seen=len(batch.keys), why=f"nothing new since {day}")
    if source.routes[0].calendar.of(checkpoint.scope).due(now).batch_on:
        return Verdict(kind="stale", why=f"{NOT_OUT}, although its month has passed")
    return Verdict(kind="quiet", why=f"{NOT_OUT} yet")


def all_rested(source: Source, plan: CrawlPlan) -> tuple[Look, ...] | None:
    """Return the looks of a whole crawl that need not be made; None if there is anything to ask for."""
    if plan.errand or plan.owed or plan.ask_days_off:
        return None
    known, now = dated(source, plan.evenings_off), plan.clock()
    looks = [rested(known, plan.checkpoints[scope], plan.settled_at.get(scope), now) for scope in plan.scopes]
    found = tuple(look for look in looks if look)
    return found if len(found) == len(looks) else None


def dated(source: Source, evenings_off: frozenset[date]) -> Source:
    """Return the source with calendars that know of these evenings without announcement too."""

    def known(route: Route) -> Route:
        return replace(route, calendar=route.calendar.without(evenings_off))

    if not evenings_off:
        return source
    return replace(
        source,
        routes=tuple(known(route) for route in source.routes),
        healing=known(source.healing) if source.healing else None,
    )
