"""Errands: papers by their keys, and back-fills, which go on where they stopped. Both are read in catalogues."""

import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final

from crawler.ask import Answer, Trouble
from crawler.reading import attempt
from crawler.report import Errand, Look, Progress, trouble_at
from crawler.sighting import Reject
from crawler.source import Checkpoint, Harvest, Page, Recorded, Route, Wanted
from crawler.verdict import Verdict, VerdictKind
from crawler.visitor import Visitor

BAD_TOKEN: Final = "badResumptionToken"  # noqa: S105 - no secret
"""How an OAI server calls a token that it does not know any more (http://www.openarchives.org/OAI/openarchivesprotocol.html)."""

# Records are dated by day, and are changed while they are read: what goes on from a day begins the day before.
_OVERLAP: Final = timedelta(days=1)
_REJECTS: Final = 20
# A search that finds and shows nothing is asked about ever shorter spans, of which a year has half a million.
_PATIENCE: Final = 20
_BARREN: Final = Trouble(kind="failed", why=f"more than {_PATIENCE} empty pages in a row, and more to come by their word")


@dataclass(slots=True, kw_only=True)
class _Errand:
    """One errand to one scope, as far as it has come.

    A look-up `moves` no back-fill; `pages_of_one` are the addresses it asks for that are of one paper each.
    """

    visitor: Visitor
    route: Route
    scope: str
    checkpoint: Checkpoint
    limit: int | None = None
    moves: bool = True
    pages_of_one: frozenset[str] = frozenset()
    papers: int = 0
    pages: int = 0
    rejected: int = 0
    barren: int = 0
    rejects: list[Reject] = field(default_factory=list)
    recorded: Recorded = field(default_factory=Recorded)
    total: int | None = None


async def look_up(visitor: Visitor, scope: str, checkpoint: Checkpoint, keys: Sequence[str]) -> Look | None:
    """Ask for papers by their keys; None if the source cannot be asked so."""
    route, size = visitor.source.lookup, visitor.source.lookup_size
    if route is None:
        return None
    batches = (tuple(keys[place : place + size]) for place in range(0, len(keys), size))
    wanted = [Wanted(scope=scope, keys=some, contact=visitor.contact) for some in batches]
    urls = [route.address(one) for one in wanted]
    ones = frozenset(urls if size == 1 else ())
    work = _Errand(visitor=visitor, route=route, scope=scope, checkpoint=checkpoint, moves=False, pages_of_one=ones)
    return await _told(work, urls)


async def trending(visitor: Visitor, scope: str, checkpoint: Checkpoint) -> Look | None:
    """Ask for what is talked about now; None if the source has no such list."""
    route = visitor.source.trending
    if route is None:
        return None
    work = _Errand(visitor=visitor, route=route, scope=scope, checkpoint=checkpoint, moves=False)
    return replace(await _told(work, [route.address(Wanted(scope=scope))]), task="trending")


async def harvest(visitor: Visitor, scope: str, checkpoint: Checkpoint, errand: Errand) -> Look | None:
    """Take in what changed since a day, or what came in a span of days; None if the source cannot be asked so.

    One that was stopped goes on where the store says it stood; of one that was finished only what changed since is read.
    """
    since, source = errand.since, visitor.source
    route = source.backfill if errand.until is None else source.span
    if route is None or since is None:
        return None
    before = checkpoint.harvest
    known = before if before is not None and before.since <= since and before.until == errand.until else None
    known = known or Harvest(since=since, until=errand.until)
    urls = known.waiting
    if not urls:
        # Of one that was finished: what changed on the day it began may have been missed.
        begun = max(since, known.as_of - _OVERLAP) if known.as_of else since
        urls = (route.address(Wanted(scope=scope, since=begun, until=errand.until)),)
        known = replace(known, as_of=None)
    checkpoint = replace(checkpoint, harvest=known)
    return await _told(_Errand(visitor=visitor, route=route, scope=scope, checkpoint=checkpoint, limit=errand.limit), urls)


async def _told(work: _Errand, urls: Sequence[str]) -> Look:
    visitor, begun = work.visitor, time.monotonic()
    at, asked = visitor.clock(), visitor.fetcher.requests
    trouble = await _read_pages(work, urls)
    error = trouble_at(visitor.source.name, work.scope, trouble.why) if trouble else None
    return Look(
        source=visitor.source.name,
        scope=work.scope,
        route=work.route.name,
        verdict=_verdict(work, trouble, error),
        at=at,
        requests=visitor.fetcher.requests - asked,
        seen=work.papers,
        new=work.recorded.new,
        updated=work.recorded.updated,
        rejects=tuple(work.rejects),
        seconds=time.monotonic() - begun,
        error=error,
        task="errand",
    )


def _verdict(work: _Errand, trouble: Trouble | None, error: str | None) -> Verdict:
    if trouble is not None:
        return Verdict(kind=trouble.kind, seen=work.papers, next_at=trouble.next_at, why=error or "")
    known = work.checkpoint.harvest
    stopped = work.limit is not None and work.papers >= work.limit and known is not None and bool(known.waiting)
    kind: VerdictKind = "quiet" if not work.papers else "partial" if work.rejected else "complete"
    said = "nothing there" if not work.papers else "1 paper" if work.papers == 1 else f"{work.papers:,} papers"
    if work.rejected:
        said += f", {work.rejected:,} that could not be read"
    return Verdict(kind=kind, seen=work.papers, why=f"{said}, stopped at the limit" if stopped else said)


async def _read_pages(work: _Errand, urls: Sequence[str]) -> Trouble | None:
    """Fetch, read and record page after page; return what ended it early, if anything did."""
    waiting, asked, restarted = deque(urls), set[str](), set[str]()
    while waiting and (work.limit is None or work.papers < work.limit):
        _tell(work)
        url = waiting.popleft()
        if url in asked:
            return Trouble(kind="failed", why=f"the same page is to come again ({url})")
        answer = await work.visitor.fetcher.get(work.visitor.ask(work.route, url))
        if isinstance(answer, Trouble) and answer.missing and url in work.pages_of_one:
            continue  # nobody there knows this paper, which says nothing of the others
        if isinstance(answer, Trouble):
            return answer
        page = await _read(work, answer)
        if isinstance(page, Trouble):
            again = _restart(work, page)
            if again is None or again in restarted:
                return page
            restarted.add(again)
            asked.clear()  # those pages come once more, and not because the server goes round in circles
            waiting.appendleft(again)
            continue
        asked.add(url)
        if not (answer.whole and page.whole):
            return await _keep(work, page, (url, *waiting)) or Trouble(kind="failed", why=f"the answer broke off ({url})")
        del answer  # neither is to lie about, a dozen megabytes, while the next page is written, or fetched and read
        waiting.extendleft(reversed(page.follow))
        if trouble := await _keep(work, page, tuple(waiting)):
            return trouble
        del page
    _tell(work)
    return None


async def _read(work: _Errand, answer: Answer) -> Page | Trouble:
    wanted = Wanted(scope=work.scope)
    page = await attempt(work.visitor.read(work.route, work.visitor.fetched(work.route, wanted, answer)))
    if isinstance(page, Trouble) and answer.url not in page.why:
        return replace(page, why=f"{page.why} ({answer.url})")
    return page


def _restart(work: _Errand, trouble: Trouble) -> str | None:
    """Return where to go on after the server has forgotten the token: at the day that was reached; None if it is not that."""
    known = work.checkpoint.harvest if work.moves else None
    if known is None or BAD_TOKEN not in trouble.why:
        return None
    since = max(known.since, known.reached - _OVERLAP) if known.reached else known.since
    return work.route.address(Wanted(scope=work.scope, since=since, until=known.until))


async def _keep(work: _Errand, page: Page, waiting: tuple[str, ...]) -> Trouble | None:
    """Record a page in one transaction with the word of where the back-fill stands after it.

    A page without entries moves nothing: "no records match", asked too early, is said until midnight by the caches.
    """
    work.pages += 1
    work.papers += len(page.sightings) + len(page.venues)
    work.rejected += len(page.rejects)
    work.rejects += page.rejects[: _REJECTS - len(work.rejects)]
    work.total = page.total if work.total is None else work.total
    if not page.sightings and not page.rejects and not page.venues:
        work.barren += bool(page.follow)
        return _BARREN if work.barren > _PATIENCE else None
    work.barren = 0
    known = work.checkpoint.harvest
    after = work.checkpoint
    if known and work.moves:
        after = replace(after, harvest=_moved(known, page, waiting, work.visitor.clock().date()))
    recorded = await attempt(work.visitor.record(page, after))
    if isinstance(recorded, Trouble):
        return recorded
    work.checkpoint = after
    work.rejected += len(recorded.rejects)
    work.rejects += recorded.rejects
    work.recorded = Recorded(work.recorded.new + recorded.new, work.recorded.updated + recorded.updated)
    return None


def _moved(known: Harvest, page: Page, waiting: tuple[str, ...], today: date) -> Harvest:
    # A server whose clock is ahead must not lead past what changes until we ask again.
    reached = max((day for day in _days((known.reached, page.reached)) if day <= today), default=None)
    return replace(
        known,
        waiting=waiting,
        reached=reached,
        as_of=known.as_of or (min(page.as_of, today) if page.as_of else None),
        papers=known.papers + len(page.sightings),
    )


def _days(days: Sequence[date | None]) -> Iterator[date]:
    yield from (day for day in days if day is not None)


def _tell(work: _Errand) -> None:
    progress = Progress(
        source=work.visitor.source.name,
        scope=work.scope,
        route=work.route.name,
        pages=work.pages,
        papers=work.papers,
        expected=work.total,
        share=_share(work.checkpoint.harvest if work.moves else None, work.visitor.clock()),
    )
    work.visitor.progress(progress)


def _share(known: Harvest | None, now: datetime) -> float | None:
    """Return how much of the days between the first and today a back-fill has behind it; they differ in length, though."""
    if known is None or known.reached is None:
        return None
    days = ((known.until or now.date()) - known.since).days
    return min(1.0, max(0.0, (known.reached - known.since).days / days)) if days > 0 else None
