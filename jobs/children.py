"""Runs in child processes, each with a limit of time and of memory: what one of them breaks is broken in it alone."""

import multiprocessing
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from multiprocessing.process import BaseProcess
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import TYPE_CHECKING, ClassVar, Final, NamedTuple

from crawler.crawl import die_with_parent
from crawler.errors import PaperlarkError
from storage.runs import Run, RunKey

if TYPE_CHECKING:
    from jobs.settings import Settings

MEMORY: Final = 2 << 30
"""Bytes of address space that a child may have; a crawl needs a tenth, and libraries map more than they use."""

_MINUTE: Final = 60
LIMITS: Final[Mapping[str, float]] = {"ask": 60 * _MINUTE, "compose": 30 * _MINUTE}
"""Seconds that a run of a kind may take; of the others an hour."""

_LIMIT: Final = 60 * _MINUTE
GRACE: Final = 25.0
"""Seconds that a child has to put down what it holds when it is told to stop."""

_GLANCE: Final = 0.5


class Ended(NamedTuple):
    """A child that is no more: its run, and what went wrong with the process itself (empty: nothing)."""

    run: Run
    error: str


@dataclass(frozen=True, slots=True)
class Nurse:
    """Looks after children: each does a run by the settings it is given, and this environment. `stopping`: none is to go on.

    They do not read the settings themselves: the file may be wrong by now, and what was read when it was not is kept.
    """

    stopping: Event = field(default_factory=Event)
    limits: Mapping[str, float] = field(default_factory=lambda: LIMITS)

    def attend(self, key: RunKey, settings: "Settings", environ: Mapping[str, str]) -> str:
        """Do a run in a child, and return what went wrong with the process when it is no more; empty: nothing."""
        limit = self.limits.get(key.kind, _LIMIT)
        arguments = (settings, dict(environ), key)
        process = multiprocessing.get_context("spawn").Process(target=child, args=arguments, name=" ".join(key))
        process.start()
        late = time.monotonic() + limit
        while process.is_alive() and not self.stopping.is_set() and time.monotonic() < late:
            process.join(_GLANCE)
        if not process.is_alive():
            return _fate(process)
        process.terminate()
        process.join(GRACE)
        if process.is_alive():
            process.kill()
            process.join()
        return "stopped" if self.stopping.is_set() else f"it took longer than {limit / _MINUTE:g} min"


def _fate(process: BaseProcess) -> str:
    code = process.exitcode
    return "" if not code else f"killed by signal {-code}" if code < 0 else f"the process ended with status {code}"


@dataclass(slots=True)
class Children:
    """The children of one daemon, a thread for each. `wake` is called from there when one has ended.

    `glance` is how often the agenda is looked at although nothing has ended, for others may have put something on it.
    """

    nurse: Nurse
    wake: Callable[[], None]
    glance: ClassVar[timedelta] = timedelta(minutes=5)
    _threads: list[tuple[Run, Thread]] = field(default_factory=list)
    _ended: SimpleQueue[Ended] = field(default_factory=SimpleQueue)

    def takes(self, run: Run, most: int) -> bool:
        """Tell whether a run may begin: fewer than `most` are at work, none about the same, which it would wait for."""
        return len(self._threads) < most and all(other.key[:2] != run.key[:2] for other, _ in self._threads)

    def start(self, run: Run, settings: "Settings", environ: Mapping[str, str]) -> bool:
        """Do a run in a new child; say that it has begun."""
        thread = Thread(target=self._attend, args=(run, settings, environ), daemon=True)
        self._threads.append((run, thread))
        thread.start()
        return True

    def _attend(self, run: Run, settings: "Settings", environ: Mapping[str, str]) -> None:
        self._ended.put(Ended(run, self.nurse.attend(run.key, settings, environ)))
        self.wake()

    def ended(self) -> list[Ended]:
        """Return the children that have ended since the last call."""
        over = list(_all_of(self._ended))
        self._threads = [(run, thread) for run, thread in self._threads if all(run is not one.run for one in over)]
        return over

    def stop(self) -> list[Ended]:
        """Tell all of them to stop, see that they do, and return them."""
        self.nurse.stopping.set()
        for _, thread in self._threads:
            thread.join()
        return self.ended()


def _all_of(ended: SimpleQueue[Ended]) -> Iterator[Ended]:
    with suppress(Empty):
        while True:
            yield ended.get_nowait()


def child(settings: "Settings", environ: Mapping[str, str], key: RunKey) -> None:
    """Do a run: the whole life of a child."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    signal.signal(signal.SIGTERM, _leave)
    Thread(target=die_with_parent, daemon=True).start()
    _limit_memory()
    from jobs.work import work  # noqa: PLC0415 - half a second that the daemon itself has no need of

    try:
        work(settings, environ, key)
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
