"""CPU seconds, and the table of what they were spent on. Wall-clock time says more about the neighbours than about us."""

import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from subprocess import DEVNULL, run
from typing import Final, TypeVar

T = TypeVar("T")

_HEAD: Final = ("what", "measured", "baseline", "ratio", "bar", "")

# A process begins with the memory of the one that starts it, and Linux counts that too: so a small one does.
_LAUNCHER: Final = """
import json, os, sys
child = os.posix_spawn(sys.argv[2], sys.argv[2:], os.environ)
_, status, usage = os.wait4(child, 0)
with open(sys.argv[1], "w") as report:
    json.dump([usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024], report)
sys.exit(os.waitstatus_to_exitcode(status))
"""


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
    report = folder / "spent.json"
    done = run(
        [sys.executable, "-S", "-c", _LAUNCHER, str(report), *command],
        stdin=DEVNULL,
        capture_output=True,
        text=True,
        cwd=folder,
        env=dict(environ),
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with status {done.returncode}: {done.stderr[-2000:]}")
    return Spent(*json.loads(report.read_text())), done.stdout


def least(spent: Sequence[Spent]) -> Spent:
    """Return the least seconds of several runs of one thing, and the most memory."""
    return Spent(min(one.seconds for one in spent), max(one.memory for one in spent))


def table(figures: Iterable[Figure]) -> Iterator[str]:
    """Yield the lines of the table as they come, so that a long run shows how far it is."""
    yield _line(_HEAD)
    yield _line(("-" * 40, *["-" * 9] * 4, ""))
    for one in figures:
        bar = "" if one.bar is None else f"{one.bar:g} {one.unit}"
        verdict = {None: "", True: "met", False: "MISSED"}[one.met]
        yield _line(
            (
                one.what,
                _number(one.value, one.unit),
                _number(one.baseline, one.unit),
                f"{one.value / one.baseline:.1f}x",
                bar,
                verdict,
            )
        )


def _number(value: float, unit: str) -> str:
    digits = 3 if unit == "s" else 1 if unit in ("ms", "MB") else 2
    return f"{value:.{digits}f} {unit}"


def _line(cells: Sequence[str]) -> str:
    return f"{cells[0]:<60}" + "".join(f"{cell:>11}" for cell in cells[1:-1]) + f"  {cells[-1]}"
