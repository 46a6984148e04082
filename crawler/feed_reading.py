"""What one reading of a feed gave: the verdict, what of it is news, and what is to be remembered of it. Pure.

A feed shows what came last, states no number, and forgets. So it is complete when it was read to its end, and news is what was
not in it before. Of the first reading most is history: news is what is dated within the last thirty days; of what has no date,
the first thirty papers and the first thirty posts, for most feeds have the newest first.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final

from crawler.sighting import Claim
from crawler.source import Batch, Checkpoint, Page
from crawler.verdict import SETTLED, Seen, Verdict

RECENT: Final = timedelta(days=30)
"""How old an entry may be that the first reading of a feed calls news."""

MOST_UNDATED: Final = 30
"""How many papers, and how many posts, without a date the first reading calls news."""

REMEMBERED: Final = 2000
"""So many keys of a feed are remembered, those of entries that have left it too: a feed that shrinks may grow again."""


def judge_entries(seen: Seen, batch: Batch | None, today: date) -> Verdict:
    """Judge what was `seen` of a feed; `seen` of the verdict counts the papers in it that were not there before.

    An entry that could not be read is told of as a reject, and makes nothing incomplete: there is no other way to it, and it
    would be there every day.
    """
    fresh = seen.keys - (batch.keys if batch else frozenset())
    papers, posts = len(fresh - seen.posts), len(fresh & seen.posts)
    day = today if fresh or batch is None else batch.announced_on
    if not seen.whole:
        return Verdict(kind="partial", announced_on=day, seen=papers, why="the feed broke off")
    if fresh or batch is None:
        said = " and ".join(
            filter(None, (_counted(papers, "paper"), _counted(posts, "post about papers", "posts about papers")))
        )
        first = "new" if batch else "read for the first time"
        return Verdict(kind="complete", announced_on=day, seen=papers, why=f"{first}: {said or 'nothing about papers yet'}")
    return Verdict(kind="quiet", announced_on=day, why=f"nothing new since {day}")


def _counted(count: int, one: str, several: str = "") -> str:
    return f"{count} {one if count == 1 else several or f'{one}s'}" if count else ""


def news_of(page: Page, batch: Batch | None, today: date) -> Page:
    """Return the page of a feed, of which only what is news is announced."""
    if batch is not None:
        known = batch.keys
    else:
        papers = _history(((one.key, page.posted.get(one.key)) for one in page.sightings), today)
        known = papers | _history(((one.key, one.posted_on) for one in page.mentions), today)
    return replace(
        page,
        sightings=tuple(replace(one, action=None) if one.key in known else one for one in page.sightings),
        mentions=tuple(replace(one, is_news=False) if one.key in known else one for one in page.mentions),
    )


def _history(entries: Iterable[tuple[str, date | None]], today: date) -> frozenset[str]:
    """Return the keys of those that are no news any more when a feed is read for the first time."""
    days: Mapping[str, date | None] = dict(entries)
    undated = [key for key, day in days.items() if day is None]
    return frozenset((*undated[MOST_UNDATED:], *(key for key, day in days.items() if day and today - day > RECENT)))


def claims_of(scope: str, news: Page, verdict: Verdict, at: datetime) -> tuple[Claim, ...]:
    """Return what the news of one reading adds to the day: each is a section of it, so that those of one day are added up."""
    papers = sum(one.action is not None for one in news.sightings)
    if verdict.kind != "complete" or not (papers or any(one.is_news for one in news.mentions)):
        return ()
    return (Claim(scope=scope, section=f"{at:%H:%M:%S}", announced_on=at.date(), expected=None, seen=papers),)


def remembered(checkpoint: Checkpoint, seen: Seen, verdict: Verdict, validators: Mapping[str, tuple[str, str]]) -> Checkpoint:
    """Return the checkpoint after a feed was read to its end; `validators` are those of its route."""
    if verdict.kind not in SETTLED or verdict.announced_on is None:
        return checkpoint
    keys = (checkpoint.batch.keys if checkpoint.batch else frozenset()) | seen.keys
    batch = Batch(announced_on=verdict.announced_on, keys=keys if len(keys) <= REMEMBERED else seen.keys)
    return replace(checkpoint, batch=batch, validators={name: pair for name, pair in validators.items() if any(pair)})
