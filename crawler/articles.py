"""Pages of single papers, for what the lists of a source leave out; one that cannot be read costs none of the others."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from crawler.ask import Trouble
from crawler.losses import MOST_IN_A_ROW
from crawler.reading import attempt
from crawler.report import Look, Progress, trouble_at
from crawler.sighting import Reject
from crawler.source import Checkpoint, Recorded, Route, Wanted
from crawler.verdict import Verdict
from crawler.visitor import Visitor

_TOLD: Final = 20  # pages between two words on how far it has come


@dataclass(slots=True, kw_only=True)
class _Work:
    """The pages of a source as far as they have come: how many gave a paper, and which ones gave none, by their addresses."""

    visitor: Visitor
    route: Route
    scope: str
    checkpoint: Checkpoint
    papers: int = 0
    in_a_row: int = 0
    barren: list[Reject] = field(default_factory=list)
    recorded: Recorded = field(default_factory=Recorded)


async def read_articles(visitor: Visitor, scope: str, checkpoint: Checkpoint, urls: Sequence[str]) -> Look | None:
    """Ask for pages of papers in their order; None if the source has none.

    `seen` and `rejects` of the look count those that were asked for: whoever comes again need not ask for these.
    """
    route = visitor.source.article
    if route is None:
        return None
    begun, at, asked = time.monotonic(), visitor.clock(), visitor.fetcher.requests
    work = _Work(visitor=visitor, route=route, scope=scope, checkpoint=checkpoint)
    trouble = await _read_all(work, urls)
    error = trouble_at(visitor.source.name, scope, trouble.why) if trouble else None
    kind = trouble.kind if trouble else "complete" if work.papers else "quiet"
    next_at = trouble.next_at if trouble else None
    return Look(
        source=visitor.source.name,
        scope=scope,
        route=route.name,
        verdict=Verdict(kind=kind, seen=work.papers, next_at=next_at, why=error or f"{work.papers:,} pages of papers"),
        at=at,
        requests=visitor.fetcher.requests - asked,
        seen=work.papers,
        new=work.recorded.new,
        updated=work.recorded.updated,
        rejects=tuple(work.barren),
        seconds=time.monotonic() - begun,
        error=error,
        task="articles",
    )


async def _read_all(work: _Work, urls: Sequence[str]) -> Trouble | None:
    for place, url in enumerate(urls):
        if place % _TOLD == 0:
            _tell(work, len(urls))
        if trouble := await _read(work, url):
            return trouble
        if work.in_a_row == MOST_IN_A_ROW:
            return Trouble(kind="failed", why=f"{MOST_IN_A_ROW} pages in a row that could not be read ({url})")
    _tell(work, len(urls))
    return None


async def _read(work: _Work, url: str) -> Trouble | None:
    """Ask for one page; return what is wrong with the whole site, if anything is."""
    visitor, route = work.visitor, work.route
    wanted = Wanted(scope=work.scope, keys=(url,))
    address = route.address(wanted)
    answer = await visitor.fetcher.get(visitor.ask(route, address))
    if isinstance(answer, Trouble):
        if answer.kind == "throttled":
            return answer
        _barren(work, url, answer)
        return None
    page = await attempt(visitor.read(route, visitor.fetched(route, wanted, answer)))
    if isinstance(page, Trouble) or not page.sightings:
        why = page.why if isinstance(page, Trouble) else page.rejects[0].why if page.rejects else "no paper"
        _barren(work, url, Trouble(kind="failed", why=why))
        return None
    recorded = await attempt(visitor.record(page, work.checkpoint))
    if isinstance(recorded, Trouble):
        return recorded
    work.papers, work.in_a_row = work.papers + 1, 0
    work.recorded = Recorded(work.recorded.new + recorded.new, work.recorded.updated + recorded.updated)
    return None


def _barren(work: _Work, url: str, why: Trouble) -> None:
    work.barren.append(Reject(key=url, why=why.why))
    work.in_a_row += 0 if why.missing else 1


def _tell(work: _Work, of: int) -> None:
    done, source = work.papers + len(work.barren), work.visitor.source.name
    told = Progress(source=source, scope=work.scope, route=work.route.name, pages=done, papers=work.papers, expected=of)
    work.visitor.progress(told)
