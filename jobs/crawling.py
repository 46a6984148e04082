"""The crawl step: lease the hosts, crawl in a child process, write down what the sources and the hosts said."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from urllib.parse import urlsplit

from crawler.crawl import crawl
from crawler.report import CrawlPlan, CrawlReport, HostState, Look, Progress
from crawler.source import Source
from crawler.verdict import Verdict
from jobs.clock import Clock
from storage.checkpoints import checkpoints
from storage.database import Database
from storage.hosts import hosts, save_hosts
from storage.leases import lease
from storage.ledger import LedgerLine, save_line
from storage.runs import Run, save_run

SINK: Final = "storage.record:open_sink"
_PAUSE: Final = 0.2  # seconds between two looks whether another process is done


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to crawl: a source and where it is found by import, its scopes, and how to ask.

    `patience` is how long to wait until another process that is asking the same sites is done.
    """

    source: Source
    place: str
    scopes: tuple[str, ...]
    contact: str = ""
    delay: timedelta | None = None
    mirror: str | None = None
    patience: timedelta = timedelta()


def crawl_source(database: Database, url: str, order: Order, clock: Clock, progress: Callable[[Progress], None]) -> list[Look]:
    """Crawl one source and return one look per scope, or one that says that another process is at it.

    `url` opens the database once more, in the child process. Where another process is at it, the sites are not asked a
    second time: once that one is done, what it found is in the store.
    """
    started_at = clock()
    with _leases(database, sites(order.source)) as held:
        if held:
            report = crawl(_plan(database, url, order, clock), SINK, partial(_hear, database, progress))
            _save(database, order.source.name, report, (started_at, clock()))
            return list(report.results)
    _await_others(database, order)
    return [_busy(order, scope, started_at) for scope in order.scopes]


def _plan(database: Database, url: str, order: Order, clock: Clock) -> CrawlPlan:
    with database.reading() as connection:
        return CrawlPlan(
            source=order.place,
            scopes=order.scopes,
            database=url,
            checkpoints=checkpoints(connection, order.source.name, order.scopes),
            hosts=hosts(connection),
            contact=order.contact,
            delay=order.delay,
            mirror=order.mirror,
            clock=clock,
        )


def _await_others(database: Database, order: Order) -> None:
    """Wait until nobody asks the sites of the order any more, or its patience ends."""
    until = time.monotonic() + order.patience.total_seconds()
    while time.monotonic() < until:
        with _leases(database, sites(order.source)) as held:
            if held:
                return
        time.sleep(_PAUSE)


def _hear(database: Database, progress: Callable[[Progress], None], message: Progress | HostState) -> None:
    """Pass the progress on, and keep what a host said at once: it binds the next process even when this one is killed."""
    if isinstance(message, Progress):
        progress(message)
    else:
        with database.writing() as connection:
            save_hosts(connection, [message])


def sites(source: Source) -> tuple[str, ...]:
    """Return the sites a source's routes ask, each standing for all its subdomains: they share one lease."""
    return tuple(sorted({".".join((urlsplit(route.start).hostname or "").split(".")[-2:]) for route in source.routes}))


@contextmanager
def _leases(database: Database, names: Iterable[str]) -> Iterator[bool]:
    # In alphabetical order (see `sites`), so that two crawls that need the same two never wait for each other.
    with ExitStack() as stack:
        yield all(stack.enter_context(lease(database, f"site:{name}")) for name in names)


def _busy(order: Order, scope: str, at: datetime) -> Look:
    why = f"another Paperlark process is asking {order.source.title} now"
    return Look(
        source=order.source.name,
        scope=scope,
        route="",
        verdict=Verdict(kind="throttled", why=why),
        at=at,
        error=why,
    )


def _save(database: Database, source: str, report: CrawlReport, time: tuple[datetime, datetime]) -> None:
    results: Sequence[Look] = report.results
    failed = any(look.verdict.kind in ("failed", "blocked") for look in results)
    with database.writing() as connection:
        for look in results:
            save_line(connection, _line(look, report))
        save_run(
            connection,
            Run(
                kind="crawl",
                about=source,
                period=time[0].isoformat(),
                state="failed" if failed else "done",
                started_at=time[0],
                finished_at=time[1],
                report={"requests": report.requests, "verdicts": {look.scope: look.verdict.kind for look in results}},
            ),
        )


def _line(look: Look, report: CrawlReport) -> LedgerLine:
    return LedgerLine(
        source=look.source,
        scope=look.scope,
        route=look.route,
        verdict=look.verdict,
        requests=sum(one.requests for one in report.looks if one.scope == look.scope),
        rejected=len(look.rejects),
        at=look.at,
    )
