"""What one reading of a feed gave, whatever it had before: news once, history never, and all of it remembered."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.batch import brings_something, grown
from crawler.feed_calendar import Unscheduled
from crawler.feed_reading import MOST_UNDATED, RECENT, REMEMBERED, claims_of, judge_entries, news_of, remembered
from crawler.identifiers import Identifier
from crawler.report import CrawlPlan
from crawler.rest import all_rested, rested
from crawler.sighting import Claim, Mention, Sighting
from crawler.source import Batch, Checkpoint, Page
from crawler.sources import find
from crawler.verdict import Seen, Verdict
from tests.crawler.playground import frozen_clock

TODAY = date(2026, 8, 12)
NOW = datetime(2026, 8, 12, 8, tzinfo=UTC)
YESTERDAY = TODAY - timedelta(days=1)
EMPTY = Checkpoint(source="feeds", scope="ada")
FEEDS = find("feeds")


def paper(key: str) -> Sighting:
    return Sighting(source="feeds", key=key, seen_at=NOW, title=key, url=f"https://a.example/{key}", action="new")


def post(key: str, on: date | None = TODAY) -> Mention:
    name = (Identifier("arxiv", "2608.00001"),)
    return Mention(
        source="feeds", key=key, url=f"https://a.example/{key}", title=key, identifiers=name, seen_at=NOW, posted_on=on
    )


def feed(*entries: Sighting | Mention, **about: Any) -> Page:
    return Page(
        kind="announcement",
        sightings=tuple(one for one in entries if isinstance(one, Sighting)),
        mentions=tuple(one for one in entries if isinstance(one, Mention)),
        claims=(Claim(scope="ada", section="", announced_on=TODAY, expected=None, seen=len(entries)),),
        **about,
    )


def seen(page: Page) -> Seen:
    return grown(Seen(dated=False), page, uncut=True)


def had(*keys: str) -> Batch:
    return Batch(announced_on=YESTERDAY, keys=frozenset(keys))


def news(page: Page, batch: Batch | None) -> set[str]:
    """Return the keys of what is announced."""
    found = news_of(page, batch, TODAY)
    return {one.key for one in found.sightings if one.action} | {one.key for one in found.mentions if one.is_news}


@pytest.mark.parametrize(
    ("page", "batch", "kind", "day", "why"),
    [
        (feed(), None, "complete", TODAY, "read for the first time: nothing about papers yet"),
        (feed(), had(), "quiet", YESTERDAY, "nothing new since 2026-08-11"),
        (feed(post("p")), None, "complete", TODAY, "read for the first time: 1 post about papers"),
        (feed(post("p"), post("q"), paper("r")), had("r"), "complete", TODAY, "new: 2 posts about papers"),
        (feed(post("p"), paper("q")), had(), "complete", TODAY, "new: 1 paper and 1 post about papers"),
        (feed(post("p"), paper("q")), had("p", "q", "r"), "quiet", YESTERDAY, "nothing new since 2026-08-11"),
        (feed(post("p"), paper("q"), whole=False), had("p"), "partial", TODAY, "the feed broke off"),
    ],
)
def test_a_feed_that_was_read_to_its_end_is_complete_or_quiet(
    page: Page, batch: Batch | None, kind: str, day: date, why: str
) -> None:
    verdict = judge_entries(seen(page), batch, TODAY)
    assert (verdict.kind, verdict.announced_on, verdict.why) == (kind, day, why)


def test_what_was_there_before_is_no_news() -> None:
    assert news(feed(post("p"), post("q"), paper("r"), paper("s")), had("p", "r")) == {"q", "s"}
    assert not brings_something(feed(post("p"), paper("r")), had("p", "r"))
    assert brings_something(feed(post("p"), post("q")), had("p"))


def test_the_first_reading_announces_what_is_recent_or_of_the_undated_the_first() -> None:
    days = {"new": TODAY - RECENT, "old": TODAY - RECENT - timedelta(days=1)}
    undated = [post(f"u{number}", None) for number in range(MOST_UNDATED + 5)]
    page = feed(paper("new"), paper("old"), paper("none"), *(post(f"post-{key}", day) for key, day in days.items()), *undated)
    first = {f"u{number}" for number in range(MOST_UNDATED)}
    assert news(replace(page, posted=days), None) == {"new", "none", "post-new", *first}


def test_what_one_reading_adds_to_its_day_is_the_papers_it_announces() -> None:
    page = news_of(feed(post("p"), paper("q"), paper("r")), had("r"), TODAY)
    (claim,) = claims_of("ada", page, judge_entries(seen(page), had("r"), TODAY), NOW)
    assert (claim.section, claim.announced_on, claim.expected, claim.seen) == ("08:00:00", TODAY, None, 1)
    nothing = news_of(page, had("p", "q", "r"), TODAY)
    assert claims_of("ada", nothing, judge_entries(seen(page), had(), TODAY), NOW) == ()


@given(st.lists(st.frozensets(st.sampled_from("abcdefgh"), max_size=6), max_size=8))
def test_whatever_comes_and_goes_everything_is_news_once(readings: list[frozenset[str]]) -> None:
    checkpoint, told = EMPTY, list[str]()
    for number, keys in enumerate(readings):
        page = feed(*(paper(key) if key < "e" else post(key) for key in sorted(keys)), whole=number % 3 < 2)
        verdict = judge_entries(seen(page), checkpoint.batch, TODAY)
        fresh = news(page, checkpoint.batch)
        after = remembered(checkpoint, seen(page), verdict, {"feed": ("e", "")})
        told += fresh if after != checkpoint else ()
        checkpoint = after
    assert len(told) == len(set(told))
    assert set(told) == {key for number, keys in enumerate(readings) if number % 3 < 2 for key in keys}


def test_a_feed_is_remembered_once_it_was_whole() -> None:
    page = feed(post("p"), paper("q"))
    verdict = judge_entries(seen(page), None, TODAY)
    after = remembered(EMPTY, seen(page), verdict, {"feed": ("e", ""), "other": ("", "")})
    assert after.batch == Batch(announced_on=TODAY, keys=frozenset("pq"))
    assert after.validators == {"feed": ("e", "")}
    assert remembered(EMPTY, seen(page), Verdict(kind="partial", announced_on=TODAY), {}) == EMPTY
    many = replace(EMPTY, batch=had(*map(str, range(REMEMBERED))))
    kept = remembered(many, seen(page), verdict, {}).batch
    assert kept
    assert kept.keys == frozenset("pq")


def test_a_feed_is_asked_once_an_hour_at_most() -> None:
    checkpoint = replace(EMPTY, batch=had("p"))
    asked = [rested(FEEDS, checkpoint, NOW - timedelta(minutes=minutes), NOW) for minutes in (-5, 0, 59, 60)]
    assert [look.verdict.kind if look else None for look in asked] == [None, "quiet", "quiet", None]
    assert asked[2]
    assert asked[2].verdict.next_at == NOW + timedelta(minutes=1)
    plan = CrawlPlan(source="", scopes=("ada",), database="", checkpoints={"ada": EMPTY}, clock=frozen_clock)
    assert all_rested(FEEDS, plan) is None
    assert all_rested(FEEDS, replace(plan, settled_at={"ada": NOW}))


def test_nothing_is_ever_due_in_a_feed() -> None:
    calendar = Unscheduled().of("ada").without(frozenset())
    due = calendar.due(NOW)
    assert (due.batch_on, due.next_at) == (None, datetime(2026, 8, 13, tzinfo=UTC))
    assert (calendar.newest(NOW), calendar.batches(YESTERDAY, TODAY), calendar.last_chance(NOW)) == (TODAY, (), NOW)
