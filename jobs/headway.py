"""Showing how far a long piece of work on the store has come, on standard error: a bar on a terminal, plain lines elsewhere."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

_PARTS: Final = 10
"""Where there is no terminal, a line is said after each of so many parts of the work, but for the last one."""

_MUCH: Final = 10_000
"""Less than so much is done at once, and no line is said of it."""


@contextmanager
def headway(what: str, unit: str) -> Iterator[Callable[[int, int], None]]:
    """Give a function that takes how much of how much is done, and shows it; `unit`: of what, in several."""
    if not sys.stderr.isatty():
        yield _lines(what, unit)
        return
    from rich.console import Console  # noqa: PLC0415 - only a terminal needs it
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task(what, total=None)
        yield lambda done, of: bars.update(task, completed=done, total=of)


def _lines(what: str, unit: str) -> Callable[[int, int], None]:
    told = 0

    def say(done: int, of: int) -> None:
        nonlocal told
        part = done * _PARTS // max(of, 1)
        if of >= _MUCH and told < part < _PARTS:
            told = part
            sys.stderr.write(f"{what}: {done:,} of {of:,} {unit}\n")

    return say
