"""crawl(plan, sink, tell) -> CrawlReport: one crawl of one source, in a child process of its own.

Twisted's reactor starts once in a process, so each crawl has its own, started by spawn. What the child learns it tells as
it goes, so that nothing it knew is lost when it dies: its death is a look that failed, never an exception.
"""

import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

from crawler.report import BESIDE, CrawlPlan, CrawlReport, HostState, Look, Outlook, Progress, Task, Told, failed_look
from crawler.text import clean


@dataclass(slots=True)
class _Told:
    """What the child has told so far."""

    source: str = ""
    looks: list[Look] = field(default_factory=list)
    hosts: dict[str, HostState] = field(default_factory=dict)
    error: str | None = None


def crawl(plan: CrawlPlan, sink: str, tell: Callable[[Told], None]) -> CrawlReport:
    """Crawl the scopes of `plan` and return what every look gave.

    `sink` names, by import (`module:name`), a context manager that is given the plan's database and yields the Sink.
    `tell` is called in this process, as the child gets on and as hosts say how they want to be asked: what they said
    should be kept at once, for this process may not live to see the report.
    """
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=_child, args=(plan, sink, sender), name=f"crawl {plan.source}")
    told = _Told()
    child.start()
    try:
        sender.close()
        _listen(receiver, told, tell)
    except BaseException:
        child.terminate()
        raise
    finally:
        receiver.close()
        child.join()
    return _report(plan, told, child.exitcode)


def _listen(receiver: Connection, told: _Told, tell: Callable[[Told], None]) -> None:
    """Take in what the child tells until its end of the pipe closes, by its own hand or by its death."""
    while True:
        try:
            message = receiver.recv()
        except (EOFError, OSError):
            return
        match message:
            case Progress():
                told.source = message.source
                tell(message)
            case HostState():
                told.hosts[message.host] = message
                tell(message)
            case Outlook():
                tell(message)
            case str():
                told.error = message
            case _:
                told.looks.extend(message)
                tell(message)


def _report(plan: CrawlPlan, told: _Told, exitcode: int | None) -> CrawlReport:
    """Put together what was told; a scope of which nothing was told failed with the child."""
    beside = frozenset() if plan.errand else BESIDE  # an errand to pages of papers is for nothing else
    healed = tuple(look for look in told.looks if look.task in beside)
    looks = [look for look in told.looks if look.task not in beside]
    done = {look.scope for look in looks}
    why = told.error or _fate(exitcode)
    source = told.source or plan.source.rpartition(".")[2].partition(":")[0]
    now = plan.clock()
    task: Task = "errand" if plan.errand else "newest"
    looks += [failed_look(source, scope, why, now, task) for scope in plan.scopes if scope not in done]
    hosts = tuple(told.hosts.values())
    requests = sum(look.requests for look in (*looks, *healed))
    return CrawlReport(looks=tuple(looks), hosts=hosts, requests=requests, healed=healed)


def _fate(exitcode: int | None) -> str:
    if exitcode is not None and exitcode < 0:
        return f"the crawling process was killed by signal {-exitcode}"
    return f"the crawling process ended too early, with status {exitcode}"


def _child(plan: CrawlPlan, sink: str, sender: Connection) -> None:
    """Crawl, and tell how it went. This is the child's one seam: whatever goes wrong is told as one line."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    threading.Thread(target=die_with_parent, daemon=True).start()
    logging.getLogger().addHandler(logging.NullHandler())
    try:
        from crawler.spider import run  # noqa: PLC0415 - half a second, and only ever needed here

        run(plan, sink, sender.send)
    except Exception as error:  # noqa: BLE001 - see the docstring
        sender.send(clean(f"{type(error).__name__}: {error}", 400))
    finally:
        sender.close()


def die_with_parent() -> None:
    """End this process as soon as its parent is gone; what it was writing is rolled back."""
    parent: Any = multiprocessing.parent_process()
    parent.join()
    os._exit(1)
