"""What is begun of all that is on the agenda: of runs about one thing one at a time, and of digests a batch.

To begin a process takes longer than to make a digest, and all that are made at one time read the same from the store.
"""

from collections.abc import Sequence
from typing import Final

from storage.runs import Run, RunKey

BATCH: Final = 100
LEFT: Final = 10
"""So many are made together of those that a process left behind: one of them may be what ended it."""


def heads(runs: Sequence[Run]) -> list[Run]:
    """Return those runs on the agenda for which a process is begun; it takes the others of its batch with it."""
    fresh = [run for run in runs if _is_for_a_batch(run)]
    chosen = {run.key for run in fresh[::BATCH]}
    one_each = {run.key[:2]: run.key for run in reversed(runs) if not _is_for_a_batch(run)}
    chosen.update(one_each.values())
    return [run for run in runs if run.key in chosen]


def batch_of(runs: Sequence[Run], key: RunKey) -> list[RunKey]:
    """Return what is done together with one of the runs that are open."""
    for state, size in (("due", BATCH), ("running", LEFT)):
        some = [run.key for run in runs if (run.kind, run.state) == ("compose", state)]
        if key in some:
            return some[some.index(key) :][:size]
    return [key]


def _is_for_a_batch(run: Run) -> bool:
    return run.kind == "compose" and run.state == "due"
