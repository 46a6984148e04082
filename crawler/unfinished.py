"""What is remembered of a list that lasts, a programme or the list of a journal, from one look to the next. Pure.

Of one that was read to its end these are its keys. Of one of which a part is missing it is how many entries came, since when it
has been that many, and which of its pages no look has read yet. A list that never ends is news from its second reading on, so
that of its first one the keys count even if it was not whole, and those of entries that have left it, for they may return.
"""

from dataclasses import replace
from datetime import date
from typing import Final

from crawler.source import Batch, Checkpoint, Harvest
from crawler.verdict import Seen, Verdict, has_other_keys

_LEFT: Final = 1000
"""So many keys are remembered of entries that have left a list that never ends."""


def finished(checkpoint: Checkpoint, seen: Seen, verdict: Verdict, *, is_rolling: bool) -> Checkpoint:
    """Return the checkpoint after all of a list was `seen`: in which nothing is new, if the verdict is no `complete` one."""
    batch, day, harvest = checkpoint.batch, verdict.announced_on, None
    if is_rolling and day:
        harvest = Harvest(since=day, reached=day, papers=len(seen.keys))
    if verdict.kind == "complete" and day:
        batch = Batch(announced_on=day, keys=_ever(batch, seen) if is_rolling else seen.keys)
    return replace(checkpoint, batch=batch, harvest=harvest)


def unfinished(checkpoint: Checkpoint, seen: Seen, unread: tuple[str, ...], today: date, *, is_rolling: bool) -> Checkpoint:
    """Return the checkpoint after a part of a list was `seen`: without validators, so that all of it is asked for again.

    `unread` are the addresses of its pages that no look has read yet.
    """
    batch, papers, before = checkpoint.batch, len(seen.keys), checkpoint.unfinished
    if is_rolling and seen.keys and not has_other_keys(seen, checkpoint):
        day = batch.announced_on if batch and seen.keys <= batch.keys else today
        batch = Batch(announced_on=day, keys=_ever(batch, seen))
    since = before.since if before and before.papers == papers else today
    harvest = Harvest(since=since, waiting=unread, papers=papers)
    return replace(checkpoint, batch=batch, validators={}, harvest=harvest)


def unread(checkpoint: Checkpoint, start: str) -> frozenset[str]:
    """Return the addresses of the pages that no look has read: all of a list are, and go on from where it begins."""
    if before := checkpoint.unfinished:
        return frozenset(before.waiting)
    return frozenset() if checkpoint.batch else frozenset((start,))


def entries_of(checkpoint: Checkpoint) -> int:
    """Return how many entries a list had when it was last read: to its end, or as far as ever."""
    last, batch = checkpoint.unfinished, checkpoint.batch
    return len(batch.keys) if batch else last.papers if last else 0


def _ever(batch: Batch | None, seen: Seen) -> frozenset[str]:
    keys = batch.keys | seen.keys if batch else seen.keys
    return keys if len(keys) - len(seen.keys) <= _LEFT else seen.keys
