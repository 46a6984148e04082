"""Pages of single papers: what they give, and that one which cannot be read costs none of the others."""

import asyncio
from dataclasses import replace

from crawler.articles import read_articles
from crawler.ask import Answer
from crawler.report import Look
from crawler.source import Checkpoint, Route
from tests.crawler.playground import LISTING, NOW, read_badly, words
from tests.crawler.test_visit import Trip

ARTICLE = replace(LISTING, name="article", start=lambda wanted: wanted.keys[0], rules="api terms", kind="catalogue")
URLS = [f"https://papers.test/{number}" for number in range(1, 9)]
PAGES: dict[str, str | int | Answer | Exception] = {url: words(f"p{number}") for number, url in enumerate(URLS, 1)}


def go(trip: Trip, urls: list[str] = URLS, article: Route = ARTICLE) -> Look:
    visitor = trip.visitor()
    visitor = replace(visitor, source=replace(visitor.source, article=article))
    look = asyncio.run(read_articles(visitor, "", Checkpoint(source="both", scope=""), urls))
    assert look is not None
    return look


def test_every_page_is_recorded_by_itself() -> None:
    trip = Trip(PAGES)
    look = go(trip)
    assert [keys for keys, _ in trip.recorded] == [[f"p{number}"] for number in range(1, 9)]
    assert (look.task, look.verdict.kind, look.seen, look.new, look.requests, look.at) == ("articles", "complete", 8, 8, 8, NOW)
    assert [(step.papers, step.expected) for step in trip.progress][-1] == (8, 8)


def test_a_page_that_is_missing_or_no_paper_costs_none_of_the_others() -> None:
    trip = Trip({**PAGES, URLS[1]: 404, URLS[2]: "no page of this world", URLS[4]: words("dated")})
    look = go(trip)
    assert (look.seen, [reject.key for reject in look.rejects], look.error) == (5, [URLS[1], URLS[2], URLS[4]], None)


def test_a_page_that_is_refused_or_broken_costs_none_of_the_others() -> None:
    trip = Trip({**PAGES, URLS[0]: 410, URLS[2]: 418, URLS[4]: 500})
    look = go(trip)
    assert (look.seen, [reject.key for reject in look.rejects], look.error) == (5, [URLS[0], URLS[2], URLS[4]], None)


def test_when_pages_in_a_row_cannot_be_read_the_site_has_changed() -> None:
    trip = Trip(PAGES)
    look = go(trip, article=replace(ARTICLE, read=read_badly))
    assert (look.verdict.kind, look.seen, len(look.rejects), len(trip.asked)) == ("failed", 0, 5, 5)


def test_a_site_that_wants_peace_is_left_alone_and_the_rest_waits() -> None:
    slow = Answer(url="", status=429, headers={"retry-after": "7200"}, body=b"")
    trip = Trip({**PAGES, URLS[3]: slow})
    look = go(trip)
    assert (look.verdict.kind, look.seen, len(look.rejects), len(trip.asked)) == ("throttled", 3, 0, 4)


def test_a_store_that_cannot_write_ends_it() -> None:
    trip = Trip(PAGES, failing=ValueError("no room"))
    assert (go(trip).verdict.kind, len(trip.asked)) == ("failed", 1)


def test_a_source_without_such_pages_says_so() -> None:
    visitor = Trip({}).visitor()
    assert asyncio.run(read_articles(visitor, "", Checkpoint(source="both", scope=""), URLS)) is None
