"""What a page brings beyond the last complete batch of its scope, and where the checkpoint moves. Pure."""

from dataclasses import replace
from datetime import date

from crawler.calendar import Due
from crawler.sighting import Claim
from crawler.source import Batch, Checkpoint, Page
from crawler.verdict import Seen, Verdict, judge


def brings_something(page: Page, batch: Batch | None) -> bool:
    """Tell whether a page says anything that the last complete batch has not; a catalogue always may."""
    keys = (*(one.key for one in page.sightings), *(one.key for one in page.mentions))
    if page.kind == "catalogue" or batch is None:
        return bool(keys)
    newer = page.dated and any(claim.announced_on and claim.announced_on > batch.announced_on for claim in page.claims)
    return newer or any(key not in batch.keys for key in keys)


def grown(seen: Seen, page: Page, *, uncut: bool) -> Seen:
    """Return what was `seen` together with one more `page`, which came `uncut` or not."""
    posts = seen.posts.union(post.key for post in page.mentions)
    return Seen(
        claims=seen.claims + page.claims,
        keys=seen.keys.union(posts, (sighting.key for sighting in page.sightings)),
        posts=posts,
        rejected=seen.rejected + len(page.rejects),
        dated=seen.dated or page.dated,
        whole=seen.whole and page.whole and uncut,
    )


def unchanged(scope: str, batch: Batch | None) -> Seen:
    """Return what "304 Not Modified" stands for: the last complete batch, seen again."""
    if batch is None:
        return Seen(dated=True)
    day, keys = batch.announced_on, batch.keys
    claim = Claim(scope=scope, section="unchanged", announced_on=day, expected=None, seen=len(keys))
    return Seen(claims=(claim,), keys=keys, dated=True)


def tempered(verdict: Verdict, stated: int) -> Verdict:
    """Return `verdict`, but not as complete when another route `stated` more entries for the same day."""
    if verdict.kind != "complete" or verdict.seen >= stated:
        return verdict
    why = f"{verdict.seen} entries, although another route stated {stated} for {verdict.announced_on}"
    return replace(verdict, kind="partial", expected=stated, next_at=None, why=why)


def is_whole(seen: Seen, batch: Batch | None, verdict: Verdict, due: Due) -> bool:
    """Tell whether all of a batch was seen: a stale verdict is judged again as if its batch were the one due."""
    if verdict.kind == "stale" and verdict.announced_on is not None:
        verdict = judge(seen, batch, replace(due, batch_on=verdict.announced_on))
    return verdict.kind == "complete"


def moved(checkpoint: Checkpoint, seen: Seen, day: date | None, route: str, validators: tuple[str, str]) -> Checkpoint:
    """Return the checkpoint after all of a batch of `day` was `seen` by `route`; it never moves backwards in time."""
    batch = checkpoint.batch
    if day is not None and (batch is None or day >= batch.announced_on):
        # A feed of the same day may lack what the listing had: what was in the batch stays in it.
        had = batch.keys if batch is not None and batch.announced_on == day else frozenset()
        batch = Batch(announced_on=day, keys=had | seen.keys)
    return vouched(replace(checkpoint, batch=batch), route, validators)


def vouched(checkpoint: Checkpoint, route: str, validators: tuple[str, str]) -> Checkpoint:
    """Return the checkpoint with what a server said of the state of which all was seen by `route`."""
    kept = {name: pair for name, pair in checkpoint.validators.items() if name != route}
    return replace(checkpoint, validators={**kept, route: validators} if any(validators) else kept)
