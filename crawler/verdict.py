"""What one look at one scope of a source gave. Pure."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Final, Literal

from crawler.calendar import Due
from crawler.sighting import Claim
from crawler.source import Batch, Checkpoint

VerdictKind = Literal["complete", "partial", "stale", "quiet", "throttled", "blocked", "failed"]

_LATE: Final = timedelta(days=3)
NOT_OUT: Final = "not out"
"""How the line on a programme begins that has not appeared."""
_KEPT: Final = 0.8
"""The share of what a programme had that it must still have."""
_STEADY: Final = timedelta(days=3)
"""A programme that has had so many fewer entries for so long has no more of them."""

SETTLED: Final[tuple[VerdictKind, ...]] = ("complete", "quiet")
"""The verdicts after which nobody need ask again: all of a batch was read, or there was nothing to read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The judgement on one source scope at one look.

    `announced_on` is the day of the batch judged; `expected` and `seen` count entries (None: no number is stated);
    `next_at` (aware, UTC) is when the next batch or the next try is due; `why` is one line for a person, in English.
    """

    kind: VerdictKind
    announced_on: date | None = None
    expected: int | None = None
    seen: int = 0
    next_at: datetime | None = None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What one look at one scope by one route has read: the claims and keys of all its pages, and its rejects.

    The keys are those of sightings and of posts about papers, `posts` the latter alone. `dated`: the pages' heading dates
    the batch, as a listing's does and a feed's cannot. `whole`: every page came, uncut; `lost` is how many did not.
    """

    claims: tuple[Claim, ...] = ()
    keys: frozenset[str] = frozenset()
    posts: frozenset[str] = frozenset()
    rejected: int = 0
    dated: bool
    whole: bool = True
    lost: int = 0


@dataclass(frozen=True, slots=True)
class _Tally:
    """The entries stated (None: a section states none), seen, and stated but not seen."""

    expected: int | None
    seen: int
    missing: int


def judge(seen: Seen, batch: Batch | None, due: Due) -> Verdict:
    """Judge what was `seen` against the last complete `batch` of the scope and what the calendar says is `due`.

    `announced_on` is the batch the look was at: for a stale feed the last one again, whatever day its pages were
    given. A look may complete an older batch than the last, which is no reason to forget the newer. `next_at` is None
    for stale and partial: when to try again is for the caller to say.
    """
    tally = _count(seen.claims)
    if seen.whole and not tally.seen and not tally.missing:
        return _judge_empty(batch, due)
    known = batch if batch is not None and seen.keys and seen.keys <= batch.keys else None
    shown_on = _shown_on(seen, batch, due)
    gap = _gap(seen, tally)
    judged = partial(Verdict, announced_on=shown_on, expected=tally.expected, seen=tally.seen)
    if shown_on and due.batch_on and shown_on < due.batch_on:
        if _is_had(batch, due):
            why = f"an old list, that of {shown_on}, and nothing due; {_next(due)}"
            return judged(kind="quiet", next_at=due.next_at, why=why)
        return judged(kind="stale", why=f"still the list of {shown_on}, although that of {due.batch_on} was due")
    if known and _nothing_new(known, shown_on, tally, gap):
        why = f"nothing new since the list of {known.announced_on}; {_next(due)}"
        return judged(kind="quiet", next_at=due.next_at, why=why)
    if gap:
        return judged(kind="partial", why=gap)
    stated = "" if tally.expected is None else f" of {tally.expected}"
    why = f"all {tally.seen}{stated} entries of the list of {shown_on}"
    return judged(kind="complete", next_at=due.next_at, why=why)


def judge_day(seen: Seen, day: date, now: datetime, next_at: datetime) -> Verdict:
    """Judge what was `seen` of a day gone by, on pages that are of that day and no other.

    An empty one is `stale` for some days, for a batch that is late may still come, and then `quiet`: there was none,
    whatever the calendar expected.
    """
    tally = _count(seen.claims)
    judged = partial(Verdict, announced_on=day, expected=tally.expected, seen=tally.seen)
    if gap := _gap(seen, tally):
        return judged(kind="partial", why=gap)
    if not tally.seen and now.date() < day + _LATE:
        return judged(kind="stale", why=f"the list of {day} is empty still")
    if not tally.seen:
        return judged(kind="quiet", next_at=next_at, why=f"there was no list of {day}")
    stated = "" if tally.expected is None else f" of {tally.expected}"
    return judged(kind="complete", next_at=next_at, why=f"all {tally.seen}{stated} entries of the list of {day}")


def judge_programme(seen: Seen, before: Checkpoint, due: Due, today: date, *, is_rolling: bool = False) -> Verdict:
    """Judge what was `seen` of a list that appears once and keeps all it ever had: the programme of a conference.

    Its day is that on which it was first read, `today` for a new one. One that has a fifth fewer entries than `before` is
    `partial`: nothing was taken back, whatever the page says; only when it has had just as many for days, these are all there
    are. As many under other keys are all. Of a list that `is_rolling`, that of a journal, each day with more is a new one.
    """
    tally, batch, had = _count(seen.claims), before.batch, _had(before)
    day = batch.announced_on if batch and not (is_rolling and seen.keys - batch.keys) else today
    judged = partial(Verdict, announced_on=day, expected=tally.expected, seen=tally.seen)
    if not had and seen.whole and not tally.seen and not tally.missing:
        if due.batch_on is None:
            return Verdict(kind="quiet", next_at=due.next_at, why=f"{NOT_OUT} yet; {_looked_for(due)}")
        return Verdict(kind="stale", next_at=due.next_at, why=f"{NOT_OUT}, although its month has passed; {_looked_for(due)}")
    if gap := _gap(seen, tally):
        return judged(kind="partial", why=gap)
    has_fallen = len(seen.keys) < _KEPT * had
    if has_fallen and not _is_steady(seen, before, today):
        return judged(kind="partial", why=f"{tally.seen} entries, where there were {had} before")
    if batch and seen.keys <= batch.keys and not has_fallen:
        return judged(kind="quiet", next_at=due.next_at, why=f"nothing new since {day}; {_looked_for(due)}")
    stated = "" if tally.expected is None else f" of {tally.expected}"
    return judged(kind="complete", next_at=due.next_at, why=f"all {tally.seen}{stated} entries{_unlike(seen, before)}")


def _had(before: Checkpoint) -> int:
    """Return how many entries a programme had; of one that was never read to its end, how many had come."""
    if before.harvest and not (before.batch and before.unfinished):
        return before.harvest.papers
    return len(before.batch.keys) if before.batch else 0


def _is_steady(seen: Seen, before: Checkpoint, today: date) -> bool:
    """Tell whether a list has had as many entries as are seen, and was whole but for those it had once, for days."""
    last = before.unfinished
    return last is not None and 0 < len(seen.keys) == last.papers and today - last.since >= _STEADY


def has_other_keys(seen: Seen, before: Checkpoint) -> bool:
    """Tell whether a whole list has lost the keys of a fifth of its entries: those that are new are these under other names."""
    return before.batch is not None and seen.whole and len(seen.keys & before.batch.keys) < _KEPT * _had(before)


def _unlike(seen: Seen, before: Checkpoint) -> str:
    """Say what is unlike the list before: fewer entries, or the same number, of which many have other keys."""
    keys, last = before.batch.keys if before.batch else frozenset(), before.unfinished
    if last and len(seen.keys) < _KEPT * len(keys):
        return f", as many as since {last.since}; there were {len(keys)} before"
    if has_other_keys(seen, before):
        return f"; {len(keys - seen.keys)} of {len(keys)} before have gone, or have other keys: none is announced again"
    return ""


def of_day(seen: Seen, day: date) -> Seen:
    """Return what was seen of one day on pages that show several."""
    return replace(seen, claims=tuple(claim for claim in seen.claims if claim.announced_on == day))


def _judge_empty(batch: Batch | None, due: Due) -> Verdict:
    """Judge a list that says it is empty."""
    if due.batch_on is None or _is_had(batch, due):
        return Verdict(kind="quiet", next_at=due.next_at, why=f"an empty list, and nothing due; {_next(due)}")
    return Verdict(kind="stale", why=f"an empty list, although that of {due.batch_on} was due")


def _is_had(batch: Batch | None, due: Due) -> bool:
    """Tell whether what is due was read completely before."""
    return batch is not None and due.batch_on is not None and batch.announced_on >= due.batch_on


def _shown_on(seen: Seen, batch: Batch | None, due: Due) -> date | None:
    """Return the day of the batch the look was at: by its heading; without one, by what is in it.

    A list without a heading, half of which was in the last `batch`, is that batch again; any other is of the day that
    its reader took from the calendar.
    """
    days = [claim.announced_on for claim in seen.claims if claim.announced_on is not None]
    again = batch is not None and seen.keys and 2 * len(seen.keys & batch.keys) >= len(seen.keys)
    if batch and again and not (seen.dated and days):
        return batch.announced_on
    return max(days, default=due.batch_on)


def _nothing_new(known: Batch, shown_on: date | None, tally: _Tally, gap: str) -> bool:
    """Tell whether a list whose every key is `known` is the batch read before.

    A cut copy of it lacks nothing either, unless the list states more entries than were read then.
    """
    return shown_on is not None and known.announced_on >= shown_on and (not gap or (tally.expected or 0) <= len(known.keys))


def _gap(seen: Seen, tally: _Tally) -> str:
    """Say what keeps the look from being complete; empty if nothing does.

    An entry that could not be read does: nobody would be told of its paper, and another route may read it.
    """
    if tally.missing:
        return f"{tally.missing} of the entries stated did not come, {tally.seen} did"
    if seen.lost:
        return f"{seen.lost} of the pages of the list did not come, {tally.seen} entries did"
    if not seen.whole:
        return f"the list broke off after {tally.seen} entries"
    if unread := seen.rejected if seen.keys else tally.seen:
        return f"{unread} of {tally.seen} entries could not be read"
    return ""


def _count(claims: tuple[Claim, ...]) -> _Tally:
    """Add up the claims; a section that goes on over several pages states its number on each."""
    sections = defaultdict(list)
    for claim in claims:
        sections[claim.scope, claim.section, claim.announced_on].append(claim)
    totals = [
        (
            max((claim.expected for claim in parts if claim.expected is not None), default=None),
            sum(c.seen for c in parts),
        )
        for parts in sections.values()
    ]
    stated = [expected for expected, _ in totals if expected is not None]
    return _Tally(
        expected=sum(stated) if stated and len(stated) == len(totals) else None,
        seen=sum(seen for _, seen in totals),
        missing=sum(max(0, expected - seen) for expected, seen in totals if expected is not None),
    )


def _looked_for(due: Due) -> str:
    return f"looked for again after {due.next_at:%Y-%m-%d %H:%M %Z}"


def _next(due: Due) -> str:
    return f"the next is due at {due.next_at:%Y-%m-%d %H:%M %Z}"
