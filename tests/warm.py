"""A process that has imported everything, from which the children of the code under test are forked.

A child that is spawned imports Scrapy and the store first: a second of the processor's time under coverage, and with two
hundred children a third of all the tests. Forked, it is given the same: its arguments, the environment and the outputs of
who starts it. Daemons and commands that the tests start as programs spawn theirs as ever (`tests.faults`).
"""

import multiprocessing
import os
from contextlib import chdir
from multiprocessing import forkserver, reduction
from multiprocessing.context import BaseContext, ForkServerContext, ForkServerProcess
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
EVERYTHING = ["tests.warm", "tests.storage.children", "alembic.command", "crawler.spider", "jobs.work"]
OUTPUTS = (1, 2)

_get_context = multiprocessing.get_context


class Child(ForkServerProcess):
    """A forked child that has the environment and the outputs of who started it, as one that is spawned has them."""

    def __getstate__(self) -> dict[str, Any]:
        outputs = [reduction.DupFd(number) for number in OUTPUTS]
        return {**self.__dict__, "_environ": dict(os.environ), "_outputs": outputs}

    def run(self) -> None:
        given = vars(self)
        os.environ.clear()
        os.environ.update(given["_environ"])
        for number, output in zip(OUTPUTS, given["_outputs"], strict=True):
            os.dup2(output.detach(), number)
        multiprocessing.get_context = get_context  # type: ignore[assignment] # its own children are forked, too
        super().run()


class Warm(ForkServerContext):
    """Starts processes that have imported everything already."""

    Process = Child


WARM = Warm()


def get_context(method: str | None = None) -> BaseContext:
    """Return the way to start processes of that name; in place of one that spawns them, one that forks them here."""
    if method != "spawn":
        return _get_context(method)
    with chdir(ROOT):  # where the tests are found: the server is started by whichever test needs it first
        WARM.set_forkserver_preload(EVERYTHING)
        forkserver.ensure_running()
    return WARM
