"""The crawl step: lease the hosts, crawl in a child process, write down what the sources and the hosts said."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from typing import Final

from crawler.crawl import crawl
from crawler.report import CrawlPlan, CrawlReport, Errand, HostState, Look, Outlook, Progress, Task, Told, best, failed_look
from crawler.rest import all_rested
from crawler.verdict import SETTLED, Verdict, VerdictKind
from jobs.clock import Clock
from jobs.feeds import keep_health
from jobs.planning import Order, leased, plan_of
from storage.database import Connection, Database
from storage.days import LedgerDay, save_days
from storage.hosts import save_hosts
from storage.leases import lease
from storage.ledger import LedgerLine, newest_lines, save_line
from storage.runs import Run, save_run
from storage.schedules import Schedule, save_schedule

SINK: Final = "storage.record:open_sink"
_PAUSE: Final = 0.2  # seconds between two looks whether another process is done


def crawl_source(database: Database, url: str, order: Order, clock: Clock, progress: Callable[[Progress], None]) -> list[Look]:
    """Crawl one source and return one look per scope, or one that says that another process is at it.

    `url` opens the database once more, in the child process. What another process finds while this one waits for it is not
    asked for a second time; what that one leaves out, or dies over, is.
    """
    if not order.scopes:
        return []
    if order.lacks:
        return _refused(database, order, clock())
    started_at, until = clock(), time.monotonic() + order.patience.total_seconds()
    waited = False
    while True:
        with _leases(database, leased(order)) as held:
            if held:
                done = _looked_since(database, order, started_at) if waited else {}
                rest = replace(order, scopes=tuple(scope for scope in order.scopes if scope not in done))
                return [
                    *done.values(),
                    *(_crawl(database, _plan(database, url, rest, clock), rest, progress) if rest.scopes else []),
                ]
        if time.monotonic() >= until:
            return [_busy(order, scope, started_at) for scope in order.scopes]
        waited = True
        time.sleep(_PAUSE)


def _refused(database: Database, order: Order, now: datetime) -> list[Look]:
    """Return and write down the looks at a source that cannot be asked, for the settings name what is not there."""
    task: Task = "errand" if order.errand else "newest"
    looks = [failed_look(order.source.name, scope, order.lacks, now, task) for scope in order.scopes]
    with database.writing() as connection:
        for look in looks:
            _keep(connection, [look])
        save_run(connection, _run(order, CrawlReport(looks=tuple(looks), hosts=(), requests=0), now, now))
    return looks


def _looked_since(database: Database, order: Order, started_at: datetime) -> dict[str, Look]:
    """Return what another process has found at the scopes of the order while this one waited for it; no errand is another's."""
    if order.errand is not None:
        return {}
    with database.reading() as connection:
        lines = [line for line in newest_lines(connection) if line.source == order.source.name and line.at >= started_at]
    return {
        line.scope: Look(source=line.source, scope=line.scope, route=line.route, verdict=line.verdict, at=line.at)
        for line in lines
        if line.scope in order.scopes
    }


def _crawl(database: Database, plan: CrawlPlan, order: Order, progress: Callable[[Progress], None]) -> list[Look]:
    if not plan.scopes:
        return []
    if looks := all_rested(order.source, plan):
        # Without a process: to start one takes longer than all the rest of such a run.
        with database.writing() as connection:
            for one in looks:
                _keep(connection, [one])
        return list(looks)
    return _crawl_in_child(database, plan, order, progress)


def _crawl_in_child(database: Database, plan: CrawlPlan, order: Order, progress: Callable[[Progress], None]) -> list[Look]:
    started_at, said = plan.clock(), dict[str, Look]()
    report = crawl(plan, SINK, partial(_hear, database, order, progress, said))
    looks = [_whole([look for look in report.looks if look.scope == one.scope]) for one in report.results]
    with database.writing() as connection:
        for look in looks:
            if look.scope not in said:
                _keep(connection, [look])
        save_run(connection, _run(order, report, started_at, plan.clock()))
    told = [said.get(look.scope, look) for look in looks] if order.addresses else looks
    return [*told, *report.healed]


def _plan(database: Database, url: str, order: Order, clock: Clock) -> CrawlPlan:
    with database.reading() as connection:
        return plan_of(connection, url, order, clock)


def _whole(looks: list[Look]) -> Look:
    """Return the look that counts for a scope, with what all the routes tried cost and brought."""
    return replace(
        best(looks),
        requests=sum(look.requests for look in looks),
        new=sum(look.new for look in looks),
        updated=sum(look.updated for look in looks),
    )


def _hear(database: Database, order: Order, progress: Callable[[Progress], None], said: dict[str, Look], message: Told) -> None:
    """Pass the progress on, and write down at once what hosts and looks said: this process may not live to see the report."""
    if isinstance(message, Progress):
        progress(message)
        return
    with database.writing() as connection:
        match message:
            case HostState():
                save_hosts(connection, [message])
            case Outlook(days_off, at):
                evenings, years = (days_off.evenings, days_off.years) if days_off else (frozenset(), frozenset())
                save_schedule(connection, order.source.name, Schedule(evenings_off=evenings, years=years, asked_at=at))
            case (first, *others):
                said[first.scope] = keep_health(connection, order.addresses, first)
                _keep(connection, [said[first.scope], *others])


def _keep(connection: Connection, looks: list[Look]) -> None:
    """Write the looks at one scope into the ledger; an errand tells nothing of any batch."""
    if looks[0].task == "newest":
        save_line(connection, _line(_whole(looks)))
    save_days(connection, ledger_days(looks))


def ledger_days(looks: Sequence[Look]) -> list[LedgerDay]:
    """Return what looks at one scope say of days: of the batch that was due, and of an older one that was read instead."""
    days = [_day(look, look.settled, "complete") for look in looks if look.settled]
    last = best(list(looks))
    if last.task != "errand" and last.day and not (last.task == "newest" and last.verdict.kind in SETTLED):
        days.append(_day(last, last.day, last.verdict.kind))
    return days


def _day(look: Look, day: date, kind: VerdictKind) -> LedgerDay:
    verdict = look.verdict
    is_its_own = verdict.announced_on == day
    return LedgerDay(
        source=look.source,
        scope=look.scope,
        day=day,
        kind=kind,
        route=look.route,
        expected=verdict.expected if is_its_own else None,
        seen=verdict.seen if is_its_own else 0,
        why=verdict.why,
        at=look.at,
    )


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


def _run(order: Order, report: CrawlReport, started_at: datetime, finished_at: datetime) -> Run:
    failed = any(look.verdict.kind in ("failed", "blocked") for look in report.results)
    verdicts = {look.scope: look.verdict.kind for look in report.results}
    return Run(
        kind=_kind(order.errand),
        about=order.source.name,
        period=started_at.isoformat(),
        state="failed" if failed else "done",
        started_at=started_at,
        finished_at=finished_at,
        report={"requests": report.requests, "verdicts": verdicts, "healed": len(report.healed)},
    )


def _kind(errand: Errand | None) -> str:
    if errand is None:
        return "crawl"
    return "look-up" if errand.keys else "articles" if errand.articles else "back-fill"


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
