"""Runs in child processes, each with a limit of time and of memory: what one of them breaks is broken in it alone."""

import multiprocessing
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Final, NamedTuple

from crawler.crawl import die_with_parent
from crawler.errors import PaperlarkError
from storage.runs import Run, RunKey

MEMORY: Final = 2 << 30
"""Bytes of address space that a child may have; a crawl needs a tenth, and libraries map more than they use."""

_MINUTE: Final = 60
_LIMITS: Final[Mapping[str, int]] = {"ask": 60 * _MINUTE, "compose": 30 * _MINUTE, "deliver": 60 * _MINUTE}
_LIMIT: Final = 60 * _MINUTE
GRACE: Final = 25
"""Seconds that a child has to put down what it holds when it is told to stop."""


class Ended(NamedTuple):
    """A child that is no more: its run, and what went wrong with the process itself (empty: nothing)."""

    run: Run
    error: str


@dataclass(slots=True)
class _Child:
    run: Run
    process: BaseProcess
    ends_at: float
    told: bool = False


@dataclass(slots=True)
class Children:
    """The children of one daemon. `wake` is called, from a thread, when one has ended; `limits` are seconds by kind of run."""

    config: Path | None
    wake: Callable[[], None]
    limits: Mapping[str, int] = field(default_factory=lambda: _LIMITS)
    _all: list[_Child] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self._all)

    def __contains__(self, run: Run) -> bool:
        """Tell whether a child is at what the run is about: it would have to wait for that one's lease."""
        return any(child.run.key[:2] == run.key[:2] for child in self._all)

    def start(self, run: Run, environ: Mapping[str, str]) -> None:
        """Do a run in a new child."""
        arguments = (self.config, dict(environ), run.key)
        process = multiprocessing.get_context("spawn").Process(target=_child, args=arguments, name=" ".join(run.key))
        process.start()
        self._all.append(_Child(run, process, time.monotonic() + self.limits.get(run.kind, _LIMIT)))
        threading.Thread(target=self._watch, args=(process,), daemon=True).start()

    def _watch(self, process: BaseProcess) -> None:
        process.join()
        self.wake()

    def ended(self) -> list[Ended]:
        """Return the children that have ended since the last call; those over their time are told to, and then made to."""
        now = time.monotonic()
        for child in self._all:
            if now > child.ends_at + GRACE:
                child.process.kill()
            elif now > child.ends_at and not child.told:
                child.told = True
                child.process.terminate()
        over = [child for child in self._all if not child.process.is_alive()]
        self._all = [child for child in self._all if child not in over]
        return [Ended(child.run, self._fate(child)) for child in over]

    def _fate(self, child: _Child) -> str:
        code = child.process.exitcode
        if child.told:
            return f"it took longer than {self.limits.get(child.run.kind, _LIMIT) // _MINUTE} min"
        return "" if not code else f"killed by signal {-code}" if code < 0 else f"the process ended with status {code}"

    def stop(self, grace: float = GRACE) -> list[Ended]:
        """Tell all of them to stop, kill those that do not in time, and return them."""
        for child in self._all:
            child.process.terminate()
        until = time.monotonic() + grace
        for child in self._all:
            child.process.join(max(0, until - time.monotonic()))
            if child.process.is_alive():
                child.process.kill()
                child.process.join()
        stopped, self._all = self._all, []
        return [Ended(child.run, self._fate(child)) for child in stopped]


def _child(config: Path | None, environ: Mapping[str, str], key: RunKey) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    signal.signal(signal.SIGTERM, _leave)
    threading.Thread(target=die_with_parent, daemon=True).start()
    _limit_memory()
    from jobs.work import work  # noqa: PLC0415 - half a second that the daemon itself has no need of

    try:
        work(config, environ, key)
    except PaperlarkError as error:
        # The store itself could not be opened, or what came of the run not written: the daemon meets the same.
        sys.exit(f"paperlark: {key.kind} {key.about}: {error}")


def _leave(number: int, frame: object) -> None:
    """End by an exception, so that whatever is open is rolled back and closed on the way."""
    del frame
    sys.exit(128 + number)


def _limit_memory() -> None:
    """Limit what this process and its own children may map; where the system knows no such limit, there is none."""
    with suppress(ImportError, OSError, ValueError):
        import resource  # noqa: PLC0415 - not on Windows

        _, most = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY if most < 0 else min(MEMORY, most), most))
