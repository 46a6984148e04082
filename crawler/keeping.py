"""What is made of the pages of one look: judged with what came before them, and recorded.

A page is recorded only when it brings something. The checkpoint that goes with it moves to a new batch only when the
batch is complete, and keeps validators only then, so that a partial listing is fetched whole again.
"""

from dataclasses import replace
from datetime import date
from typing import Final

from crawler.ask import Answer, Trouble
from crawler.batch import brings_something, grown, is_whole, moved, tempered, vouched
from crawler.feed_reading import claims_of, judge_entries, news_of, remembered
from crawler.programmes import without_history, without_known
from crawler.reading import Reading, attempt
from crawler.sighting import Claim
from crawler.source import Checkpoint, Page, Recorded
from crawler.unfinished import finished, unfinished
from crawler.verdict import SETTLED, Seen, Verdict, has_other_keys, judge, judge_day, judge_programme, of_day

_REJECTS: Final = 4000
"""How many entries that could not be read are told of."""
_VALIDATORS: Final = 1000
"""How long they may be in all: a server takes back no longer ones, for they would fill its lines of headers."""


def add(reading: Reading, page: Page, answer: Answer) -> None:
    """Add a page to what was seen."""
    if not reading.pages:
        known = (answer.headers.get("etag", ""), answer.headers.get("last-modified", ""))
        reading.validators = ("", "") if reading.route.dated or len("".join(known)) > _VALIDATORS else known
    reading.pages += 1
    reading.papers += len(page.sightings)
    reading.rejects += page.rejects[: max(0, _REJECTS - len(reading.rejects))]
    reading.seen = grown(reading.seen, page, uncut=answer.whole)


async def judge_and_record(reading: Reading, page: Page, *, ended: bool, is_unread: bool) -> Trouble | None:
    """Judge all that was seen so far, and record the last `page` of it; `is_unread`: no look has read that one before."""
    seen = replace(reading.seen, whole=reading.seen.whole and ended)
    verdict = reading.verdict = judge_seen(reading, seen)
    if reading.route.unscheduled:
        return await _record_news(reading, page, seen, verdict)
    after, settled = _after(reading, seen, verdict)
    whatever = reading.task == "healing" or reading.route.lasting
    if reading.route.lasting:
        page = _lasting(reading, page, is_unread=is_unread)
        page = _released(reading, page, seen) if ended else _withheld(reading, page)
    trouble = None
    if after != reading.checkpoint or (bool(page.sightings) if whatever else brings_something(page, reading.checkpoint.batch)):
        # The store keeps the newest word of a listing about itself: what all its pages so far say, not the last one alone.
        trouble = await _record(reading, replace(page, claims=_claims(reading, seen, verdict)), after)
    if trouble is None:
        reading.checkpoint, reading.settled = after, settled
    return trouble


def _lasting(reading: Reading, page: Page, *, is_unread: bool) -> Page:
    """Return a page of a list that lasts without the announcements of what is no news, old or known for long."""
    page, batch = without_history(page, reading.visitor.clock()), reading.checkpoint.batch
    return without_known(page, None if is_unread else batch) if reading.is_rolling else page


def _withheld(reading: Reading, page: Page) -> Page:
    """Return a page of a list that was read before without what is new in it: whether that is news, the whole list must say."""
    batch = reading.checkpoint.batch
    if batch is None:
        return page
    reading.held += tuple(one for one in page.sightings if one.key not in batch.keys)
    return replace(page, sightings=tuple(one for one in page.sightings if one.key in batch.keys))


def _released(reading: Reading, page: Page, seen: Seen) -> Page:
    """Return the last page of a list with what was held back of those before; what only has another key now is no news."""
    page, reading.held, batch = replace(page, sightings=reading.held + page.sightings), (), reading.checkpoint.batch
    if batch is None or not has_other_keys(seen, reading.checkpoint):
        return page
    no_news = (one if one.key in batch.keys else replace(one, action=None) for one in page.sightings)
    return replace(page, sightings=tuple(no_news))


def _claims(reading: Reading, seen: Seen, verdict: Verdict) -> tuple[Claim, ...]:
    """Return what a list says of itself; one that lasts is of the day on which it was first read."""
    if not reading.route.lasting:
        return seen.claims
    return tuple(replace(claim, announced_on=verdict.announced_on) for claim in seen.claims)


def _after(reading: Reading, seen: Seen, verdict: Verdict) -> tuple[Checkpoint, date | None]:
    """Return the checkpoint after what was seen, and the day of the batch of which that was all, if it was."""
    before, route = reading.checkpoint, reading.route
    if reading.task != "newest" or not route.exhaustive:
        return before, None
    if not route.lasting and is_whole(seen, before.batch, verdict, reading.due):
        return moved(before, seen, verdict.announced_on, route.name, reading.validators), verdict.announced_on
    if not route.lasting or not seen.keys or verdict.kind not in SETTLED:
        return before, None
    # That the first page has not changed says nothing of those it leads to.
    validators = reading.validators if reading.pages == 1 else ("", "")
    if verdict.kind == "quiet" and not before.unfinished:
        return vouched(before, route.name, validators), None
    after = finished(before, seen, verdict, is_rolling=reading.is_rolling)
    return vouched(after, route.name, validators), verdict.announced_on if verdict.kind == "complete" else None


async def remember(reading: Reading) -> Trouble | None:
    """Keep of a list that lasts, of which a part is missing, what the next look has to know."""
    verdict, today = reading.verdict, reading.visitor.clock().date()
    if verdict is None or verdict.kind != "partial" or not reading.route.lasting or reading.task != "newest":
        return None
    unread = tuple(url for url in reading.losses.urls if url in reading.unread)
    after = unfinished(reading.checkpoint, reading.seen, unread, today, is_rolling=reading.is_rolling)
    page = _released(reading, Page(kind="announcement"), reading.seen)
    trouble = await _record(reading, page, after) if after != reading.checkpoint or page.sightings else None
    reading.checkpoint = reading.checkpoint if trouble else after
    return trouble


async def _record_news(reading: Reading, page: Page, seen: Seen, verdict: Verdict) -> Trouble | None:
    """Record what a feed has that it had not before."""
    checkpoint, now = reading.checkpoint, reading.visitor.clock()
    after = remembered(checkpoint, seen, verdict, {**checkpoint.validators, reading.route.name: reading.validators})
    if after == checkpoint and not brings_something(page, checkpoint.batch):
        return None
    news = news_of(page, checkpoint.batch, now.date())
    claims = claims_of(reading.wanted.scope, news, verdict, now)
    if trouble := await _record(reading, replace(news, claims=claims), after):
        return trouble
    reading.checkpoint = after
    return None


async def _record(reading: Reading, page: Page, after: Checkpoint) -> Trouble | None:
    recorded = await attempt(reading.visitor.record(page, after))
    if isinstance(recorded, Trouble):
        reading.verdict = replace(reading.verdict, kind="failed") if reading.verdict else None
        return recorded
    reading.recorded = Recorded(reading.recorded.new + recorded.new, reading.recorded.updated + recorded.updated)
    return None


def judge_seen(reading: Reading, seen: Seen) -> Verdict:
    """Judge what was seen by the rules for its kind of list."""
    due, day, today = reading.due, reading.wanted.day, reading.visitor.clock().date()
    if reading.task == "healing" and day:
        shown = of_day(seen, day) if reading.route.covers else seen
        return judge_day(shown, day, reading.visitor.clock(), due.next_at)
    if reading.route.unscheduled:
        return judge_entries(seen, reading.checkpoint.batch, today)
    if reading.route.lasting:
        return judge_programme(seen, reading.checkpoint, due, today, is_rolling=reading.is_rolling)
    verdict = judge(seen, reading.checkpoint.batch, due)
    if verdict.kind == "complete" and not reading.route.exhaustive:
        why = f"{verdict.seen} entries by {reading.route.name}, which does not say how many there are"
        return replace(verdict, kind="partial", next_at=None, why=why)
    return tempered(verdict, reading.stated.get(verdict.announced_on, 0) if verdict.announced_on else 0)
