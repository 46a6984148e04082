"""One look at one scope by one route: its pages fetched and read, judged as they arrive, and recorded.

Of a list that lasts, the programme of a conference, a page that it goes on with and that cannot be had costs only itself: the
others are read, and the list is not whole. Any other list ends there.
"""

import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from crawler.ask import Answer, Trouble
from crawler.batch import unchanged
from crawler.feed_health import Outcome, permanent
from crawler.guard import host_of
from crawler.keeping import add, judge_and_record, judge_seen, remember
from crawler.losses import MOST_IN_A_ROW, is_of_its_host
from crawler.reading import Reading, attempt
from crawler.report import Look, trouble_at
from crawler.source import Page
from crawler.unfinished import entries_of, unread
from crawler.verdict import Seen, Verdict


@dataclass(slots=True)
class _Pages:
    """The addresses of the pages of one list: those still to be read, and all that are known."""

    start: str
    waiting: deque[str] = field(default_factory=deque)
    known: set[str] = field(default_factory=set)

    def add(self, urls: Iterable[str]) -> list[str]:
        """Add addresses, and return those that are new."""
        further = [url for url in dict.fromkeys(urls) if url not in self.known]
        self.waiting.extend(further)
        self.known.update(further)
        return further


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
    """Fetch, read, judge and record the pages of one listing; return what ended it early, or what was lost of it."""
    pages = _Pages(reading.route.address(reading.wanted))
    pages.add((pages.start,))
    reading.unread.update(unread(reading.checkpoint, pages.start))
    while pages.waiting:
        reading.tell()
        url = pages.waiting.popleft()
        got = await _page(reading, url, pages.start)
        if got is None:
            return None
        trouble = got if isinstance(got, Trouble) else await _take(reading, url, got, pages)
        if trouble := _end(reading, url, trouble, pages):
            return await _ended(reading, trouble, pages)
    reading.tell()
    return await _ended(reading, None, pages)


async def _page(reading: Reading, url: str, start: str) -> tuple[Page, Answer] | Trouble | None:
    """Fetch and read one page; None where there is nothing to read: it has not changed, or is not out."""
    visitor, route = reading.visitor, reading.route
    validators = ("", "") if reading.pages or reading.task != "newest" else reading.checkpoint.validators.get(route.name)
    answer = await visitor.fetcher.get(visitor.ask(route, url, validators or ("", ""), start))
    if isinstance(answer, Trouble):
        return _not_out(reading, visitor.told(answer))
    reading.hops = reading.hops if reading.pages else answer.hops
    if answer.status == 304:
        reading.verdict = judge_seen(reading, unchanged(reading.wanted.scope, reading.checkpoint.batch))
        return None
    page = await attempt(visitor.read(route, visitor.fetched(route, reading.wanted, answer)))
    if isinstance(page, Trouble):
        return page if answer.url in page.why else replace(page, why=f"{page.why} ({answer.url})")
    return page, answer


def _not_out(reading: Reading, trouble: Trouble) -> Trouble | None:
    """Take a page that does not exist for a programme that is not out yet, and any other trouble for what it is."""
    if not (trouble.missing and reading.route.lasting) or reading.pages:
        return trouble
    if had := entries_of(reading.checkpoint):
        return replace(trouble, why=f"{trouble.why}; the list was there before, with {had} entries")
    reading.verdict = judge_seen(reading, Seen(dated=False))
    return None


async def _take(reading: Reading, url: str, got: tuple[Page, Answer], pages: _Pages) -> Trouble | None:
    """Judge and record a page that was read, and find out where the list goes on."""
    page, answer = got
    further, is_unread = pages.add(page.follow), url in reading.unread
    reading.unread.update(further if is_unread else ())
    add(reading, page, answer)
    ended = not pages.waiting and not reading.losses.urls
    if trouble := await judge_and_record(reading, page, ended=ended, is_unread=is_unread):
        return trouble
    return None if answer.whole else Trouble(kind="failed", why=f"the answer broke off ({answer.url})")


def _end(reading: Reading, url: str, trouble: Trouble | None, pages: _Pages) -> Trouble | None:
    """Return what ends the look after a page with some `trouble` or none; that this page is lost may be all it costs."""
    route, losses = reading.route, reading.losses
    if trouble is None:
        losses.in_a_row = 0
    else:
        losses.add(url, trouble)
        is_followed = url != pages.start and route.lasting
        is_kept = reading.verdict is not None and reading.verdict.kind != "failed"  # the store takes what is read
        is_barred = host_of(url) in reading.visitor.fetcher.wanting
        if not (is_followed and is_kept) or is_of_its_host(trouble, is_barred=is_barred):
            return trouble
        if losses.in_a_row == MOST_IN_A_ROW:
            return replace(trouble, why=f"{MOST_IN_A_ROW} pages in a row that could not be read, the last: {trouble.why}")
    if pages.waiting and reading.pages + len(losses.urls) >= route.max_pages:
        return Trouble(kind="failed", why=f"more than {route.max_pages} pages ({url})")
    return None


async def _ended(reading: Reading, trouble: Trouble | None, pages: _Pages) -> Trouble | None:
    """Judge a list that lasts once more by what was lost of it, and keep what is known of it; return what is to be told."""
    losses = reading.losses
    if not (reading.route.lasting and reading.verdict) or reading.verdict.kind == "failed":
        return trouble
    losses.urls.extend(pages.waiting)
    if losses.urls:
        reading.seen = replace(reading.seen, whole=False, lost=len(pages.known) - reading.pages)
        reading.verdict = judge_seen(reading, reading.seen)
    told = losses.end_with(trouble) if trouble else losses.told()
    return await remember(reading) or told
