"""One look at one scope by one route: its pages fetched, read, judged as they arrive, and recorded.

A page is recorded only when it brings something. The checkpoint that goes with it moves to a new batch only when the
batch is complete, and keeps validators only then, so that a partial listing is fetched whole again.
"""

import time
from collections import deque
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final, TypeVar

from crawler.ask import Answer, Trouble
from crawler.batch import brings_something, grown, is_whole, moved, tempered, unchanged
from crawler.calendar import Due
from crawler.errors import PaperlarkError, ReadError
from crawler.feed_health import Hop, Outcome, permanent
from crawler.feed_reading import claims_of, judge_entries, news_of, remembered
from crawler.programmes import without_history, without_known
from crawler.report import Look, Progress, Task, trouble_at
from crawler.sighting import Reject
from crawler.source import Checkpoint, Page, Recorded, Route, Wanted
from crawler.verdict import Seen, Verdict, judge, judge_day, judge_programme, of_day
from crawler.visitor import Visitor

_REJECTS: Final = 4000
"""How many entries that could not be read are told of."""
_VALIDATORS: Final = 1000
"""How long they may be in all: a server takes back no longer ones, for they would fill its lines of headers."""
_T = TypeVar("_T")


@dataclass(slots=True, kw_only=True)
class Reading:
    """One look as far as it has come.

    `due` is what the calendars of the routes tried so far say; `stated` the entries of a day by other routes' word.
    """

    visitor: Visitor
    wanted: Wanted
    route: Route
    checkpoint: Checkpoint
    due: Due
    task: Task = "newest"
    stated: Mapping[date, int] = field(default_factory=dict)
    seen: Seen = Seen(dated=False)  # noqa: RUF009 - frozen
    rejects: tuple[Reject, ...] = ()
    pages: int = 0
    papers: int = 0
    recorded: Recorded = field(default_factory=Recorded)
    verdict: Verdict | None = None
    validators: tuple[str, str] = ("", "")
    settled: date | None = None
    hops: tuple[Hop, ...] = ()

    @property
    def is_rolling(self) -> bool:
        """Whether the list never ends."""
        return self.wanted.scope in self.visitor.source.always


async def attempt(work: Awaitable[_T]) -> _T | Trouble:
    """Await what others wrote, a reader or a sink; whatever it raises becomes a value.

    This is the one place that catches everything: a mistake in one reader must not cost the other scopes.
    """
    try:
        return await work
    except PaperlarkError as error:
        return Trouble(kind="failed", why=str(error), cause="no feed" if isinstance(error, ReadError) else "failed")
    except Exception as error:  # noqa: BLE001 - see above
        return Trouble(kind="failed", why=f"{type(error).__name__}: {error}")


async def look(reading: Reading) -> Look:
    """Look, and return what it gave."""
    visitor, begun = reading.visitor, time.monotonic()
    at, asked = visitor.clock(), visitor.fetcher.requests
    trouble = await _read_pages(reading)
    scope = reading.wanted.scope
    error = trouble_at(visitor.source.name, scope, trouble.why) if trouble else None
    return Look(
        source=visitor.source.name,
        scope=scope,
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
        task=reading.task,
        day=None if reading.route.lasting else reading.due.batch_on,
        settled=reading.settled,
        outcome=_outcome(reading, trouble),
    )


def _outcome(reading: Reading, trouble: Trouble | None) -> Outcome | None:
    """Say what came of the first request."""
    if reading.verdict is not None:
        return Outcome(happened="ok", moved_to=permanent(reading.hops))
    return None if trouble is None or trouble.kind == "throttled" else Outcome(happened=trouble.cause)


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


async def _read_pages(reading: Reading) -> Trouble | None:
    """Fetch, read, judge and record the pages of one listing; return what ended it early, if anything did."""
    visitor, route = reading.visitor, reading.route
    start = route.address(reading.wanted)
    waiting, known = deque([start]), {start}
    while waiting:
        _tell(reading)
        validators = ("", "") if reading.pages or reading.task != "newest" else reading.checkpoint.validators.get(route.name)
        answer = await visitor.fetcher.get(visitor.ask(route, waiting.popleft(), validators or ("", ""), start))
        if isinstance(answer, Trouble):
            return _not_out(reading, visitor.told(answer))
        reading.hops = reading.hops if reading.pages else answer.hops
        if answer.status == 304:
            reading.verdict = _judge(reading, unchanged(reading.wanted.scope, reading.checkpoint.batch))
            return None
        page = await attempt(visitor.read(route, visitor.fetched(route, reading.wanted, answer)))
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


def _not_out(reading: Reading, trouble: Trouble) -> Trouble | None:
    """Take a page that does not exist for a programme that is not out yet, and any other trouble for what it is."""
    if not (trouble.missing and reading.route.lasting) or reading.pages or reading.checkpoint.batch:
        return trouble
    reading.verdict = _judge(reading, Seen(dated=False))
    return None


def _end(reading: Reading, answer: Answer, more: bool) -> Trouble | None:  # noqa: FBT001 - one caller
    """Say why no further page is fetched although there should be `more`, or why the last one is not all there."""
    if not answer.whole:
        return Trouble(kind="failed", why=f"the answer broke off ({answer.url})")
    if more and reading.pages == reading.route.max_pages:
        return Trouble(kind="failed", why=f"more than {reading.route.max_pages} pages ({answer.url})")
    return None


def _add(reading: Reading, page: Page, answer: Answer) -> None:
    if not reading.pages:
        known = (answer.headers.get("etag", ""), answer.headers.get("last-modified", ""))
        reading.validators = ("", "") if reading.route.dated or len("".join(known)) > _VALIDATORS else known
    reading.pages += 1
    reading.papers += len(page.sightings)
    reading.rejects += page.rejects[: max(0, _REJECTS - len(reading.rejects))]
    reading.seen = grown(reading.seen, page, uncut=answer.whole)


async def _judge_and_record(reading: Reading, page: Page, *, ended: bool) -> Trouble | None:
    seen = replace(reading.seen, whole=reading.seen.whole and ended)
    verdict = reading.verdict = _judge(reading, seen)
    if reading.route.unscheduled:
        return await _record_news(reading, page, seen, verdict)
    after, before = reading.checkpoint, reading.checkpoint.batch
    settled = None
    if reading.task == "newest" and reading.route.exhaustive and is_whole(seen, before, verdict, reading.due):
        after, settled = moved(after, seen, verdict.announced_on, reading.route.name, reading.validators), verdict.announced_on
    whatever = reading.task == "healing" or reading.route.lasting
    if after != reading.checkpoint or (bool(page.sightings) if whatever else brings_something(page, before)):
        # The store keeps the newest word of a listing about itself: what all its pages so far say, not the last one alone.
        claims = seen.claims
        if reading.route.lasting:
            page = without_history(page, reading.visitor.clock())
            page = without_known(page, before) if reading.is_rolling else page
            claims = tuple(replace(claim, announced_on=verdict.announced_on) for claim in claims)
        if trouble := await _record(reading, replace(page, claims=claims), after):
            return trouble
    reading.checkpoint, reading.settled = after, settled
    return None


async def _record_news(reading: Reading, page: Page, seen: Seen, verdict: Verdict) -> Trouble | None:
    """Record what a feed has that it had not before."""
    checkpoint, now = reading.checkpoint, reading.visitor.clock()
    after = remembered(checkpoint, seen, verdict, {**checkpoint.validators, reading.route.name: reading.validators})
    if after == checkpoint and not brings_something(page, checkpoint.batch):
        return None
    news = news_of(page, checkpoint.batch, now.date())
    claims = claims_of(reading.wanted.scope, news, verdict, now)
    if trouble := await _record(reading, replace(news, claims=claims), after):
        return trouble
    reading.checkpoint = after
    return None


async def _record(reading: Reading, page: Page, after: Checkpoint) -> Trouble | None:
    recorded = await attempt(reading.visitor.record(page, after))
    if isinstance(recorded, Trouble):
        reading.verdict = replace(reading.verdict, kind="failed") if reading.verdict else None
        return recorded
    reading.recorded = Recorded(reading.recorded.new + recorded.new, reading.recorded.updated + recorded.updated)
    return None


def _judge(reading: Reading, seen: Seen) -> Verdict:
    due, day, today = reading.due, reading.wanted.day, reading.visitor.clock().date()
    if reading.task == "healing" and day:
        shown = of_day(seen, day) if reading.route.covers else seen
        return judge_day(shown, day, reading.visitor.clock(), due.next_at)
    if reading.route.unscheduled:
        return judge_entries(seen, reading.checkpoint.batch, today)
    if reading.route.lasting:
        return judge_programme(seen, reading.checkpoint.batch, due, today, is_rolling=reading.is_rolling)
    verdict = judge(seen, reading.checkpoint.batch, due)
    if verdict.kind == "complete" and not reading.route.exhaustive:
        why = f"{verdict.seen} entries by {reading.route.name}, which does not say how many there are"
        return replace(verdict, kind="partial", next_at=None, why=why)
    return tempered(verdict, reading.stated.get(verdict.announced_on, 0) if verdict.announced_on else 0)


def _tell(reading: Reading) -> None:
    expected = reading.verdict.expected if reading.verdict else None
    progress = Progress(
        source=reading.visitor.source.name,
        scope=reading.wanted.scope,
        route=reading.route.name,
        pages=reading.pages,
        papers=reading.papers,
        expected=expected,
    )
    reading.visitor.progress(progress)
