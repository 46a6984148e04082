"""The crawl step: lease the hosts, crawl in a child process, write down what the sources and the hosts said."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from urllib.parse import urlsplit

from crawler.crawl import crawl
from crawler.report import CrawlPlan, CrawlReport, HostState, Look, Progress, best, site_of
from crawler.source import Source, Wanted
from crawler.verdict import Verdict
from jobs.clock import Clock
from storage.checkpoints import checkpoints
from storage.database import Database
from storage.hosts import hosts, save_hosts
from storage.leases import lease
from storage.ledger import LedgerLine, newest_lines, save_line
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

    `url` opens the database once more, in the child process. What another process finds while this one waits for it is not
    asked for a second time; what that one leaves out, or dies over, is.
    """
    started_at, until = clock(), time.monotonic() + order.patience.total_seconds()
    waited = False
    while True:
        with _leases(database, sites(order.source)) as held:
            if held:
                done = _looked_since(database, order, started_at) if waited else {}
                rest = replace(order, scopes=tuple(scope for scope in order.scopes if scope not in done))
                looks = _crawl(database, _plan(database, url, rest, clock), rest.source.name, progress) if rest.scopes else []
                return [*done.values(), *looks]
        if time.monotonic() >= until:
            return [_busy(order, scope, started_at) for scope in order.scopes]
        waited = True
        time.sleep(_PAUSE)


def _looked_since(database: Database, order: Order, started_at: datetime) -> dict[str, Look]:
    """Return what another process has found at the scopes of the order while this one waited for it."""
    with database.reading() as connection:
        lines = [line for line in newest_lines(connection) if line.source == order.source.name and line.at >= started_at]
    return {
        line.scope: Look(source=line.source, scope=line.scope, route=line.route, verdict=line.verdict, at=line.at)
        for line in lines
        if line.scope in order.scopes
    }


def _crawl(database: Database, plan: CrawlPlan, source: str, progress: Callable[[Progress], None]) -> list[Look]:
    started_at, said = plan.clock(), set[str]()
    report = crawl(plan, SINK, partial(_hear, database, progress, said))
    looks = [_whole([look for look in report.looks if look.scope == one.scope]) for one in report.results]
    with database.writing() as connection:
        for look in looks:
            if look.scope not in said:
                save_line(connection, _line(look))
        save_run(connection, _run(source, report, (started_at, plan.clock())))
    return looks


def _whole(looks: list[Look]) -> Look:
    """Return the look that counts for a scope, with what all the routes tried cost and brought."""
    return replace(
        best(looks),
        requests=sum(look.requests for look in looks),
        new=sum(look.new for look in looks),
        updated=sum(look.updated for look in looks),
    )


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


def _hear(
    database: Database, progress: Callable[[Progress], None], said: set[str], message: Progress | HostState | tuple[Look, ...]
) -> None:
    """Pass the progress on, and write down at once what hosts and looks said: this process may not live to see the report."""
    if isinstance(message, Progress):
        progress(message)
        return
    with database.writing() as connection:
        if isinstance(message, HostState):
            save_hosts(connection, [message])
        elif message:
            save_line(connection, _line(_whole(list(message))))
            said.add(message[0].scope)


def sites(source: Source) -> tuple[str, ...]:
    """Return the sites a source's routes ask, each standing for all its subdomains: they share one lease."""
    return tuple(sorted({site_of(urlsplit(route.address(Wanted(scope="all"))).hostname or "") for route in source.routes}))


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


def _run(source: str, report: CrawlReport, time: tuple[datetime, datetime]) -> Run:
    failed = any(look.verdict.kind in ("failed", "blocked") for look in report.results)
    return Run(
        kind="crawl",
        about=source,
        period=time[0].isoformat(),
        state="failed" if failed else "done",
        started_at=time[0],
        finished_at=time[1],
        report={"requests": report.requests, "verdicts": {look.scope: look.verdict.kind for look in report.results}},
    )


def _line(look: Look) -> LedgerLine:
    return LedgerLine(
        source=look.source,
        scope=look.scope,
        route=look.route,
        verdict=look.verdict,
        requests=look.requests,
        rejected=len(look.rejects),
        at=look.at,
    )
