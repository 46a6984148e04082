"""Asking every source that is on, once and now, without keeping what it says: `paperlark sources --live`."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from crawler.crawl import crawl
from crawler.report import HostState, Look, Told, failed_look
from crawler.source import Checkpoint, Page, Recorded, Sink
from crawler.verdict import Verdict
from jobs.banner import watched
from jobs.orders import order_if_possible
from jobs.planning import Order, leased, plan_of
from storage.checkpoints import days_read
from storage.hosts import save_hosts
from storage.leases import lease

if TYPE_CHECKING:
    from jobs.steps import Office

NO_SINK: Final = f"{__name__}:no_sink"


@contextmanager
def no_sink(url: str) -> Iterator[Sink]:
    """Take pages and write nothing."""
    del url

    def sink(page: Page, checkpoint: Checkpoint) -> Recorded:
        del page, checkpoint
        return Recorded()

    yield sink


def live_looks(office: "Office") -> Iterator[Look]:
    """Ask the first scope of every source that is on and has anything to be asked for today; yield a look for each."""
    with office.database.reading() as connection:
        on = watched(office.settings, office.clock(), days_read(connection))
    for one in on:
        if one.scopes:
            yield _look(office, replace(order_if_possible(office, one.source, one.scopes[:1]), insist=True))


def _look(office: "Office", order: Order) -> Look:
    """Ask as politely as ever: one process at a time, and what the hosts say of how they want to be asked is kept."""
    if order.lacks:
        return failed_look(order.source.name, order.scopes[0], order.lacks, office.clock())

    def hear(told: Told) -> None:
        if isinstance(told, HostState):
            with office.database.writing() as connection:
                save_hosts(connection, [told])

    with ExitStack() as stack:
        held = [stack.enter_context(lease(office.database, f"site:{name}")) for name in leased(order)]
        if not all(held):
            why = f"another Paperlark process is asking {order.source.title} now"
            busy = Verdict(kind="throttled", why=why)
            return Look(source=order.source.name, scope=order.scopes[0], route="", verdict=busy, at=office.clock(), error=why)
        with office.database.reading() as connection:
            plan = plan_of(connection, office.settings.database_url, order, office.clock)
        if not plan.scopes:
            gone = Verdict(kind="quiet", why="gone for good, and not asked for any more")
            return Look(source=order.source.name, scope=order.scopes[0], route="", verdict=gone, at=office.clock())
        report = crawl(replace(plan, checkpoints={}, owed={}, ask_days_off=False), NO_SINK, hear)
    return report.results[0]
