"""Digests are made by batches: to begin a process takes longer than to make one, and they all read the same from the store."""

from collections.abc import Sequence
from typing import Final

from storage.runs import Run, RunKey

BATCH: Final = 100


def heads(runs: Sequence[Run]) -> list[Run]:
    """Return those runs on the agenda for which a process is begun; it takes the others of its batch with it."""
    fresh = [run for run in runs if _is_for_a_batch(run)]
    first = {run.key for run in fresh[::BATCH]}
    return [run for run in runs if run.key in first or not _is_for_a_batch(run)]


def batch_of(runs: Sequence[Run], key: RunKey) -> list[RunKey]:
    """Return what is done together with one of the runs that are open."""
    fresh = [run.key for run in runs if _is_for_a_batch(run)]
    if key not in fresh:
        return [key]
    first = fresh.index(key)
    return fresh[first : first + BATCH]


def _is_for_a_batch(run: Run) -> bool:
    # One that was begun before and did not come to its end is done alone: it may be what ended its process.
    return run.kind == "compose" and run.state == "due"
