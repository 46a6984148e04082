"""Showing how far a crawl has come, on standard error: a bar on a terminal, plain lines elsewhere."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from crawler.report import Progress


@contextmanager
def following(*, quiet: bool) -> Iterator[Callable[[Progress], None]]:
    """Give a function that takes the progress of a crawl and shows it on standard error."""
    if quiet or not sys.stderr.isatty():
        yield (lambda _: None) if quiet else _say
        return
    from rich.console import Console  # noqa: PLC0415 - only a terminal needs it
    from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TaskID, TextColumn  # noqa: PLC0415
    from rich.progress import Progress as Bars  # noqa: PLC0415

    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    tasks: dict[tuple[str, str, str], TaskID] = {}
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:

        def show(progress: Progress) -> None:
            key = (progress.source, progress.scope, progress.route)
            if key not in tasks:
                tasks[key] = bars.add_task(" ".join(key), total=None)
            bars.update(tasks[key], completed=progress.papers, total=progress.expected)

        yield show


def _say(progress: Progress) -> None:
    stated = "" if progress.expected is None else f" of {progress.expected}"
    line = f"{progress.source} {progress.scope}, {progress.route}: {progress.papers}{stated} papers read"
    sys.stderr.write(f"{line}\n")
