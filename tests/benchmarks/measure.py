"""CPU seconds, and the table of what they were spent on. Wall-clock time says more about the neighbours than about us."""

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from subprocess import DEVNULL, Popen
from typing import Final, TypeVar

T = TypeVar("T")

_HEAD: Final = ("what", "measured", "baseline", "ratio", "bar", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of the table: a number beside that of its baseline, in the same unit, and the most it may be."""

    what: str
    value: float
    baseline: float
    bar: float | None = None
    unit: str = "s"

    @property
    def met(self) -> bool | None:
        """Whether the bar holds; None where there is none."""
        return None if self.bar is None else self.value <= self.bar


@dataclass(frozen=True, slots=True)
class Spent:
    """What a process and its children took: CPU seconds of all, and the memory of the largest, in MB."""

    seconds: float
    memory: float


Cpu = Callable[[], float]
"""Returns the CPU seconds spent so far."""


def of(work: Callable[[], T], cpu: Cpu = time.process_time) -> tuple[float, T]:
    """Return the CPU seconds that the work takes, and what it returns."""
    before = cpu()
    done = work()
    return cpu() - before, done


def of_process(command: Sequence[str], environ: Mapping[str, str], folder: Path) -> tuple[Spent, str]:
    """Run a command to its end; return what it and the children it waited for took, and what it printed."""
    output = folder / "output"
    with output.open("wb") as printed:
        process = Popen(command, stdin=DEVNULL, stdout=printed, cwd=folder, env=dict(environ))
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with status {process.returncode}: {output.read_text()[-2000:]}")
    return Spent(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024), output.read_text()


def table(figures: Iterable[Figure]) -> Iterator[str]:
    """Yield the lines of the table as they come, so that a long run shows how far it is."""
    yield _line(_HEAD)
    yield _line(("-" * 40, *["-" * 9] * 4, ""))
    for one in figures:
        bar = "" if one.bar is None else f"{one.bar:g} {one.unit}"
        verdict = {None: "", True: "met", False: "MISSED"}[one.met]
        yield _line((one.what, _number(one.value, one.unit), _number(one.baseline, one.unit), f"{one.value / one.baseline:.1f}x", bar, verdict))


def _number(value: float, unit: str) -> str:
    digits = 3 if unit == "s" else 1 if unit in ("ms", "MB") else 2
    return f"{value:.{digits}f} {unit}"


def _line(cells: Sequence[str]) -> str:
    return f"{cells[0]:<60}" + "".join(f"{cell:>11}" for cell in cells[1:-1]) + f"  {cells[-1]}"
