"""A visit to a scope: its newest batch by the source's routes in order, and earlier batches that are still owed."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from urllib.parse import urlsplit

from crawler.calendar import Due
from crawler.look import look
from crawler.reading import Reading
from crawler.report import Look
from crawler.source import Checkpoint, Route, Wanted
from crawler.verdict import SETTLED, judge_day, of_day
from crawler.visitor import Visitor


async def visit(visitor: Visitor, scope: str, checkpoint: Checkpoint, reserve: int = 0) -> tuple[tuple[Look, ...], Checkpoint]:
    """Look at the newest batch by each route in turn until one is complete or quiet.

    Returns one Look for each route tried, and the checkpoint as it is now. A route that cannot show more than was read
    before is not asked, nor one at a host that has just failed, and none after one that has shown the batch without being
    able to say that it is all; nor is a second one when the budget has no more left than the `reserve`, which is for the
    scopes after this.
    """
    looks: list[Look] = []
    stated: dict[date, int] = {}
    failed: set[str | None] = set()
    visitor.fetcher.reserve, now = reserve, visitor.clock()
    for place, route in enumerate(visitor.source.routes):
        due = _due(visitor.source.routes[: place + 1], scope, now)
        wanted = visitor.wanted(scope, route.calendar.due(now).batch_on if place or route.dated else None)
        host = urlsplit(route.address(wanted)).hostname
        if place and (visitor.fetcher.left() <= reserve or host in failed or not _can_help(route, checkpoint, now)):
            continue
        reading = Reading(
            visitor=visitor,
            wanted=wanted,
            route=route,
            checkpoint=checkpoint,
            due=due,
            stated=stated,
        )
        one = await look(reading)
        checkpoint = reading.checkpoint
        if host in visitor.fetcher.failing:
            failed.add(host)
        if looks and route.lags and not one.seen and one.verdict.kind != "throttled":
            # It has cost something, though.
            looks[-1] = replace(looks[-1], requests=looks[-1].requests + one.requests)
            continue
        looks.append(one)
        if _is_enough(one, reading, due):
            break
        if one.verdict.announced_on and one.verdict.expected:
            stated[one.verdict.announced_on] = one.verdict.expected
    return tuple(looks), checkpoint


async def heal(visitor: Visitor, scope: str, checkpoint: Checkpoint, days: Sequence[date]) -> tuple[Look, ...] | None:
    """Look at the batches of earlier days that one page shows, a Look for each; None if the source has no such pages."""
    route = visitor.source.healing
    if route is None:
        return None
    next_at = route.calendar.due(visitor.clock()).next_at
    reading = Reading(
        visitor=visitor,
        wanted=Wanted(scope=scope, day=days[0]),
        route=route,
        checkpoint=checkpoint,
        due=Due(days[0], next_at),
        task="healing",
    )
    first = await look(reading)
    if first.error is not None:
        return (first,)
    further = (
        replace(
            first,
            verdict=(verdict := judge_day(of_day(reading.seen, day), day, first.at, next_at)),
            day=day,
            requests=0,
            seen=verdict.seen,
            new=0,
            updated=0,
            rejects=(),
        )
        for day in days[1:]
    )
    return (first, *further)


def _is_enough(one: Look, reading: Reading, due: Due) -> bool:
    """Tell whether no further route is to be asked."""
    route, verdict = reading.route, one.verdict
    if route.lasting and verdict.kind == "quiet" and reading.checkpoint.batch is None:
        return False  # another route may have what this one has not yet
    return verdict.kind in SETTLED or (not route.exhaustive and bool(one.seen) and verdict.announced_on == due.batch_on)


def _can_help(route: Route, checkpoint: Checkpoint, now: datetime) -> bool:
    """Tell whether a route may show a batch that was not read completely before."""
    showing = route.calendar.due(now).batch_on
    owed = showing is not None and (checkpoint.batch is None or checkpoint.batch.announced_on < showing)
    return route.lasting or owed


def _due(routes: tuple[Route, ...], scope: str, now: datetime) -> Due:
    """Return what is due by the word of every route tried so far.

    A feed that has nothing to show yet must not excuse a listing that should have shown more (arXiv's feed follows its
    listing by four hours).
    """
    dues = [route.calendar.of(scope).due(now) for route in routes]
    return replace(dues[-1], batch_on=max(_days(dues), default=None))


def _days(dues: list[Due]) -> Iterator[date]:
    yield from (due.batch_on for due in dues if due.batch_on)
