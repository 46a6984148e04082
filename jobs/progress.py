"""Showing how far a crawl has come, on standard error: a bar on a terminal, plain lines elsewhere."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from crawler.report import Progress
from jobs.moments import said_duration

#: Of a back-fill, where there is no terminal, a line is said after so many pages.
_EVERY: Final = 10


@contextmanager
def following(*, quiet: bool, timer: Callable[[], float] = time.monotonic) -> Iterator[Callable[[Progress], None]]:
    """Give a function that takes the progress of a crawl and shows it on standard error; `timer` gives seconds."""
    told = _Told(timer)
    if quiet or not sys.stderr.isatty():
        yield (lambda _: None) if quiet else told.line
        return
    from rich.console import Console  # noqa: PLC0415 - only a terminal needs it
    from rich.progress import BarColumn, SpinnerColumn, TaskID, TextColumn  # noqa: PLC0415
    from rich.progress import Progress as Bars  # noqa: PLC0415

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.fields[said]}", markup=False),
    )
    tasks: dict[tuple[str, str, str], TaskID] = {}
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:

        def show(progress: Progress) -> None:
            key = (progress.source, progress.scope, progress.route)
            if key not in tasks:
                tasks[key] = bars.add_task(" ".join(key), total=None, said="")
            done, total = _done(progress)
            bars.update(tasks[key], completed=done, total=total, said=told.figures(progress))

        yield show


def _done(progress: Progress) -> tuple[float, float | None]:
    """Return how much of how much is done: papers where their number is stated, else the share of the way."""
    if progress.expected is not None or progress.share is None:
        return progress.papers, progress.expected
    return progress.share, 1.0


class _Told:
    """What is told of each route as it goes on: how many papers, and of a back-fill how fast, and how long it will take."""

    def __init__(self, timer: Callable[[], float]) -> None:
        self._timer = timer
        self._begun: dict[tuple[str, str, str], tuple[float, float]] = {}

    def figures(self, progress: Progress) -> str:
        """Say how far it is: `1900/2000`, or `12,500 papers, 1,300 a second, 12 min left`."""
        if progress.share is None:
            return str(progress.papers) if progress.expected is None else f"{progress.papers}/{progress.expected}"
        return ", ".join(self._of_backfill(progress))

    def line(self, progress: Progress) -> None:
        """Write a line; of a back-fill only now and then."""
        if progress.share is not None and progress.pages % _EVERY:
            return
        where = f"{progress.source} {progress.scope}".rstrip() + f", {progress.route}"
        stated = "" if progress.expected is None else f" of {progress.expected}"
        said = f"{progress.papers}{stated} papers read" if progress.share is None else ", ".join(self._of_backfill(progress))
        sys.stderr.write(f"{where}: {said}\n")

    def _of_backfill(self, progress: Progress) -> Iterator[str]:
        key, now = (progress.source, progress.scope, progress.route), self._timer()
        begun, share = self._begun.setdefault(key, (now, progress.share or 0.0))
        passed, gone = now - begun, (progress.share or 0.0) - share
        yield f"{progress.papers:,} papers"
        if passed > 0 and progress.papers:
            yield f"{progress.papers / passed:,.0f} a second"
        if passed > 0 and gone > 0:
            yield f"{said_duration(passed * (1 - (progress.share or 0.0)) / gone)} left"
