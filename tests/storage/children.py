"""What the tests run in processes of their own, to race each other and to be killed."""

import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection as Pipe
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from typing import Any

from sqlalchemy import select, text, update

from crawler.source import Page
from storage.database import open_database
from storage.leases import lease
from storage.models import CounterRow
from storage.record import open_sink
from tests.storage.factories import checkpoint
from tests.warm import EVERYTHING

_CLOCK = time.monotonic  # the clock is only read to give up on a child that hangs
PATIENCE = 60


def forkserver() -> ForkServerContext:
    """Return a way to start processes that have imported everything already."""
    context = get_context("forkserver")
    context.set_forkserver_preload(EVERYTHING)
    return context


@contextmanager
def running(work: Callable[..., None], *arguments: object) -> Iterator[tuple[BaseProcess, Pipe]]:
    """Run `work(pipe, *arguments)` in a child; kill it at the end if it still runs."""
    context = forkserver()
    ours, theirs = context.Pipe()
    child = context.Process(target=work, args=(theirs, *arguments))
    child.start()
    theirs.close()
    try:
        yield child, ours
    finally:
        child.kill()
        child.join()
        ours.close()


def hear(pipe: Pipe) -> Any:
    """Return the next word of a child; a child that died or hangs is an error."""
    if not pipe.poll(PATIENCE):
        raise TimeoutError("the child said nothing")
    return pipe.recv()


def last_word(child: BaseProcess, pipe: Pipe) -> Any:
    """Wait for the end of a child and return what it said last; None when it was killed before it said anything."""
    child.join(PATIENCE)
    try:
        return pipe.recv() if pipe.poll() else None
    except EOFError:
        return None


def kill(child: BaseProcess) -> None:
    """End a child as a power cut would."""
    os.kill(child.pid or 0, signal.SIGKILL)
    child.join()


def at_once(work: Callable[..., object], arguments: Sequence[tuple[object, ...]]) -> list[Any]:
    """Run `work` in a child for each of the arguments, all at the same time, and return the last word of each."""
    context = forkserver()
    barrier = context.Barrier(len(arguments))
    pipes, children = [], []
    for some in arguments:
        ours, theirs = context.Pipe()
        child = context.Process(target=_together, args=(theirs, barrier, work, some))
        child.start()
        theirs.close()
        pipes.append(ours)
        children.append(child)
    try:
        return [hear(pipe) for pipe in pipes]
    finally:
        for child in children:
            child.join(PATIENCE)


def _together(pipe: Pipe, barrier: Any, work: Callable[..., object], arguments: tuple[object, ...]) -> None:
    barrier.wait(PATIENCE)
    try:
        said: object = work(*arguments)
    except Exception as error:  # noqa: BLE001 - whatever it is, the test wants to see it
        said = f"{type(error).__name__}: {error}"
    pipe.send(said)


def increment(url: str, times: int) -> str:
    """Add one to a number, read first and written then, in a transaction each."""
    with closing(open_database(url)) as database:
        for _ in range(times):
            with database.writing() as connection:
                value = connection.execute(select(CounterRow.value).where(CounterRow.name == "events")).scalar_one()
                connection.execute(update(CounterRow).where(CounterRow.name == "events").values(value=value + 1))
    return "done"


def open_store(url: str) -> str:
    """Open a store, making it when it is empty."""
    with closing(open_database(url)) as database, database.reading() as connection:
        return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar())


def record_pages(url: str, pages: Sequence[Page]) -> str:
    """Record the pages one after the other."""
    with open_sink(url) as sink:
        for one in pages:
            sink(one, checkpoint())
    return "done"


def tell_each_page(pipe: Pipe, url: str, pages: Sequence[Page]) -> None:
    """Record the pages, each with a checkpoint that vouches for it, and tell the number of each once it is recorded."""
    pipe.send("ready")
    with open_sink(url) as sink:
        for number, one in enumerate(pages):
            sink(one, checkpoint(*(seen.key for seen in one.sightings), scope=str(number)))
            pipe.send(number)
    pipe.send("done")


def hold(pipe: Pipe, url: str, name: str) -> None:
    """Say whether the lease was given, and hold it until told to let go."""
    with closing(open_database(url)) as database, lease(database, name) as held:
        pipe.send(held)
        pipe.recv()
    pipe.send("free")


def open_slowly(pipe: Pipe, url: str) -> None:
    """Say when the opening of a store begins, and when it is done."""
    pipe.send("ready")
    open_database(url).close()
    pipe.send("done")
