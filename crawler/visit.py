"""One visit to a scope: its routes in order, the pages of each read, judged as they arrive, and recorded.

A page is recorded only when it brings something. The checkpoint that goes with it moves to a new batch only when the
batch is complete, and keeps validators only then, so that a partial listing is fetched whole again.
"""

import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Final, TypeVar

from crawler.batch import after_a_gap, brings_something, grown, is_whole, moved, tempered, unchanged
from crawler.calendar import Calendar, Due
from crawler.errors import PaperlarkError
from crawler.fetch import Answer, Ask, Fetcher, Trouble
from crawler.report import SETTLED, Look, Progress
from crawler.sighting import Reject
from crawler.source import Checkpoint, Fetched, Page, Recorded, Route, Source, Wanted
from crawler.text import clean
from crawler.verdict import Seen, Verdict, judge

_LINE: Final = 400
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """What a visit needs: the source, a way to fetch, the clock, and who takes the work that blocks and the progress.

    `read` and `record` run a reader and the sink where they do not block the network, one call at a time, in order.
    """

    source: Source
    fetcher: Fetcher
    clock: Callable[[], datetime]
    read: Callable[[Route, Fetched], Awaitable[Page]]
    record: Callable[[Page, Checkpoint], Awaitable[Recorded]]
    progress: Callable[[Progress], None]


@dataclass(slots=True, kw_only=True)
class _Reading:
    """One look at one scope by one route, as far as it has come.

    `stated`: the entries of a day by other routes' word; `calendars`: those of the routes tried so far, this one's last.
    """

    visitor: Visitor
    scope: str
    route: Route
    checkpoint: Checkpoint
    stated: dict[date, int]
    calendars: tuple[Calendar, ...]
    seen: Seen
    rejects: tuple[Reject, ...] = ()
    pages: int = 0
    papers: int = 0
    recorded: Recorded = field(default_factory=Recorded)
    verdict: Verdict | None = None
    validators: tuple[str, str] = ("", "")


async def visit(visitor: Visitor, scope: str, checkpoint: Checkpoint) -> tuple[Look, ...]:
    """Look at one scope by each route in turn until one is complete or quiet; one Look for each route tried."""
    looks: list[Look] = []
    stated: dict[date, int] = {}
    for tried, route in enumerate(visitor.source.routes, 1):
        reading = _Reading(
            visitor=visitor,
            scope=scope,
            route=route,
            checkpoint=checkpoint,
            stated=stated,
            seen=Seen(dated=False),
            calendars=tuple(one.calendar for one in visitor.source.routes[:tried]),
        )
        look = await _look(reading)
        looks.append(look)
        checkpoint = reading.checkpoint
        if look.verdict.kind in SETTLED:
            break
        if look.verdict.announced_on and look.verdict.expected:
            stated[look.verdict.announced_on] = look.verdict.expected
    return tuple(looks)


async def attempt(work: Awaitable[_T]) -> _T | Trouble:
    """Await what others wrote, a reader or a sink; whatever it raises becomes a value.

    This is the one place that catches everything: a mistake in one reader must not cost the other scopes.
    """
    try:
        return await work
    except PaperlarkError as error:
        return Trouble(kind="failed", why=str(error))
    except Exception as error:  # noqa: BLE001 - see above
        return Trouble(kind="failed", why=f"{type(error).__name__}: {error}")


async def _look(reading: _Reading) -> Look:
    visitor, begun = reading.visitor, time.monotonic()
    at, asked = visitor.clock(), visitor.fetcher.requests
    trouble = await _read_pages(reading)
    error = clean(f"{visitor.source.name} {reading.scope}: {trouble.why}", _LINE) if trouble else None
    return Look(
        source=visitor.source.name,
        scope=reading.scope,
        route=reading.route.name,
        verdict=_settle(reading.verdict, trouble, error),
        at=at,
        requests=visitor.fetcher.requests - asked,
        seen=reading.papers,
        new=reading.recorded.new,
        updated=reading.recorded.updated,
        rejects=reading.rejects,
        seconds=time.monotonic() - begun,
        error=error,
    )


def _settle(verdict: Verdict | None, trouble: Trouble | None, error: str | None) -> Verdict:
    """Return the verdict on a look: when only a later page was lost, what the earlier ones gave still stands."""
    if trouble is None and verdict is not None:
        return verdict
    kind, next_at = (trouble.kind, trouble.next_at) if trouble else ("failed", None)
    if verdict is None:
        return Verdict(kind=kind, next_at=next_at, why=error or "")
    if kind == "throttled" or verdict.kind == "failed":
        return replace(verdict, kind=kind, next_at=next_at, why=error or "")
    return replace(verdict, why=f"{verdict.why}; {error}")


async def _read_pages(reading: _Reading) -> Trouble | None:
    """Fetch, read, judge and record the pages of one listing; return what ended it early, if anything did."""
    start = reading.route.address(Wanted(scope=reading.scope))
    waiting, known = deque([start]), {start}
    while waiting:
        _tell(reading)
        answer = await reading.visitor.fetcher.get(_ask(reading, waiting.popleft()))
        if isinstance(answer, Trouble):
            return answer
        if answer.status == 304:
            reading.verdict = _judge(reading, unchanged(reading.scope, reading.checkpoint.batch), _due(reading))
            return None
        page = await attempt(reading.visitor.read(reading.route, _fetched(reading, answer)))
        if isinstance(page, Trouble):
            return page if answer.url in page.why else replace(page, why=f"{page.why} ({answer.url})")
        further = [url for url in dict.fromkeys(page.follow) if url not in known]
        waiting.extend(further)
        known.update(further)
        _add(reading, page, answer)
        if trouble := await _judge_and_record(reading, page, ended=not waiting) or _end(reading, answer, bool(waiting)):
            return trouble
    _tell(reading)
    return None


def _end(reading: _Reading, answer: Answer, more: bool) -> Trouble | None:  # noqa: FBT001 - one caller
    """Say why no further page is fetched although there should be `more`, or why the last one is not all there."""
    if not answer.whole:
        return Trouble(kind="failed", why=f"the answer broke off ({answer.url})")
    if more and reading.pages == reading.route.max_pages:
        return Trouble(kind="failed", why=f"more than {reading.route.max_pages} pages ({answer.url})")
    return None


def _ask(reading: _Reading, url: str) -> Ask:
    """Ask for a page; for the first one, only if it has changed since."""
    route = reading.route
    etag, modified = ("", "") if reading.pages else reading.checkpoint.validators.get(route.name, ("", ""))
    headers = {"Accept": route.accept, "If-None-Match": etag, "If-Modified-Since": modified}
    kept = {name: value for name, value in headers.items() if value}
    return Ask(url=url, headers=kept, rules=route.rules, max_bytes=route.max_bytes, timeout=route.timeout)


def _fetched(reading: _Reading, answer: Answer) -> Fetched:
    return Fetched(
        source=reading.visitor.source.name,
        scope=reading.scope,
        url=answer.url,
        status=answer.status,
        headers=answer.headers,
        body=answer.body,
        at=reading.visitor.clock(),
    )


def _add(reading: _Reading, page: Page, answer: Answer) -> None:
    if not reading.pages:
        reading.validators = (answer.headers.get("etag", ""), answer.headers.get("last-modified", ""))
    reading.pages += 1
    reading.papers += len(page.sightings)
    reading.rejects += page.rejects
    reading.seen = grown(reading.seen, page, uncut=answer.whole)


async def _judge_and_record(reading: _Reading, page: Page, *, ended: bool) -> Trouble | None:
    seen = replace(reading.seen, whole=reading.seen.whole and ended)
    batch, due = reading.checkpoint.batch, _due(reading)
    verdict = reading.verdict = _judge(reading, seen, due)
    after = reading.checkpoint
    if is_whole(seen, batch, verdict, due):
        after = moved(after, seen, verdict.announced_on, reading.route.name, reading.validators)
    if after == reading.checkpoint and not brings_something(page, batch):
        return None
    # The store keeps the newest word of a listing about itself: what all its pages so far say, not the last one alone.
    recorded = await attempt(reading.visitor.record(replace(page, claims=seen.claims), after))
    if isinstance(recorded, Trouble):
        reading.verdict = replace(verdict, kind="failed")
        return recorded
    reading.checkpoint = after
    reading.recorded = Recorded(reading.recorded.new + recorded.new, reading.recorded.updated + recorded.updated)
    return None


def _due(reading: _Reading) -> Due:
    """Return what is due by the word of every route tried so far.

    A feed that has nothing to show yet must not excuse a listing that should have shown more (arXiv's feed follows its
    listing by four hours).
    """
    dues = [calendar.due(reading.visitor.clock()) for calendar in reading.calendars]
    return replace(dues[-1], batch_on=max((due.batch_on for due in dues if due.batch_on), default=None))


def _judge(reading: _Reading, seen: Seen, due: Due) -> Verdict:
    batch = reading.checkpoint.batch
    verdict = judge(seen, batch, due)
    verdict = tempered(verdict, reading.stated.get(verdict.announced_on, 0) if verdict.announced_on else 0)
    return after_a_gap(verdict, batch, reading.route.calendar)


def _tell(reading: _Reading) -> None:
    expected = reading.verdict.expected if reading.verdict else None
    progress = Progress(
        source=reading.visitor.source.name,
        scope=reading.scope,
        route=reading.route.name,
        pages=reading.pages,
        papers=reading.papers,
        expected=expected,
    )
    reading.visitor.progress(progress)
