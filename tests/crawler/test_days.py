import gzip
import json
from datetime import UTC, date
from itertools import chain
from pathlib import Path

import pytest

from crawler.calendar import ArxivListing
from crawler.readers.arxiv_feed import read_arxiv_feed
from crawler.readers.arxiv_listing import read_arxiv_listing
from crawler.samples.days import MORNINGS, SCOPES, Morning, batch
from crawler.sighting import Sighting
from crawler.source import Batch, Fetched, Page, Wanted
from crawler.sources.arxiv import SOURCE
from crawler.text import fold, readable
from crawler.verdict import Seen, Verdict, judge
from digests.folded import Folded
from digests.matching import matches
from digests.query import parse
from jobs.starter import TOPICS, StarterTopic
from storage.paper import Paper

THURSDAY, FRIDAY = date(2026, 1, 15), date(2026, 1, 16)
FIRST, SECOND = MORNINGS
CORPUS = Path("../shared/samples/arxiv/corpus/arxiv_2026-01_2026-02.jsonl.gz")

# The corpus was made of other categories' lists: these are on none of them.
NOT_IN_CORPUS = {"2601.08891", "2601.09143", "2601.09176"}

every_page = pytest.mark.parametrize(
    ("morning", "scope"), [(morning, scope) for morning in MORNINGS for scope in SCOPES], ids=lambda value: str(value)[:40]
)


def fetched(morning: Morning, scope: str, url: str) -> Fetched:
    content_type, body = morning.pages()[url.removeprefix("https://")]
    at = morning.now.astimezone(UTC)
    headers = {"content-type": content_type}
    return Fetched(source="arxiv", scope=scope, url=url, status=200, headers=headers, body=body, at=at)


def listing(morning: Morning, scope: str) -> Page:
    return read_arxiv_listing(fetched(morning, scope, f"https://arxiv.org/list/{scope}/new"))


def feed(morning: Morning, scope: str) -> Page:
    return read_arxiv_feed(fetched(morning, scope, f"https://rss.arxiv.org/rss/{scope}"))


def papers(morning: Morning, action: str) -> dict[str, Sighting]:
    """What happened to papers that morning, whatever the scope."""
    sightings = chain.from_iterable(listing(morning, scope).sightings for scope in SCOPES)
    return {sighting.key: sighting for sighting in sightings if sighting.action == action}


def verdict(morning: Morning, scope: str) -> Verdict:
    """The judgement on a list, when what the first morning showed is known on the second."""
    page = listing(morning, scope)
    seen = Seen(claims=page.claims, keys=frozenset(one.key for one in page.sightings), dated=page.dated, whole=page.whole)
    known = frozenset(one.key for one in listing(FIRST, scope).sightings)
    before = None if morning is FIRST else Batch(announced_on=THURSDAY, keys=known)
    return judge(seen, before, ArxivListing().due(morning.now.astimezone(UTC)))


def test_the_mornings_are_two_in_a_row_at_half_past_ten_in_shanghai() -> None:
    assert [morning.now.isoformat() for morning in MORNINGS] == ["2026-01-15T10:30:00+08:00", "2026-01-16T10:30:00+08:00"]


@pytest.mark.parametrize("morning", MORNINGS, ids=lambda morning: str(morning.now.date()))
def test_every_route_of_the_source_finds_its_page_and_its_robots_txt(morning: Morning) -> None:
    asked = [(route, route.calendar.due(morning.now).batch_on, scope) for route in SOURCE.routes for scope in SCOPES]
    wanted = {
        route.address(Wanted(scope=scope, day=day)).removeprefix("https://")
        for route, day, scope in asked
        if day in (THURSDAY, FRIDAY)
    }
    assert set(morning.pages()) >= {"arxiv.org/robots.txt", *wanted}


@every_page
def test_a_list_is_read_whole_and_states_what_it_holds(morning: Morning, scope: str) -> None:
    page = listing(morning, scope)
    assert page.rejects == ()
    assert page.follow == ()
    assert page.whole
    assert page.dated
    assert {claim.announced_on for claim in page.claims} == {morning.shown[scope]}
    assert all(claim.seen == claim.expected for claim in page.claims)
    assert len(page.sightings) == sum(claim.seen for claim in page.claims) > 0


@every_page
def test_a_list_tells_of_each_paper_what_it_was_given(morning: Morning, scope: str) -> None:
    told = {
        one.key: (one.title, [author.name for author in one.authors], one.abstract, one.categories, one.comment, one.version)
        for one in listing(morning, scope).sightings
        if one.action != "cross"
    }
    assert told == {
        one.id: (one.title, list(one.authors), one.abstract, one.categories, one.comment, one.version)
        for one in batch(scope, morning.shown[scope])
        if one.action != "cross"
    }
    assert all(abstract for _, _, abstract, *_ in told.values())


@every_page
def test_a_feed_is_read_whole(morning: Morning, scope: str) -> None:
    page = feed(morning, scope)
    assert page.rejects == ()
    assert page.whole
    assert [claim.seen for claim in page.claims] == [len(page.sightings)]


def test_a_feed_has_the_batch_of_its_own_day_in_new_york() -> None:
    assert all(feed(FIRST, scope).sightings == () for scope in SCOPES)
    for scope in SCOPES:
        shown = {(one.key, one.action, one.title) for one in listing(FIRST, scope).sightings}
        assert {(one.key, one.action, one.title) for one in feed(SECOND, scope).sightings} == shown


def test_the_first_morning_is_complete() -> None:
    assert [verdict(FIRST, scope).kind for scope in SCOPES] == ["complete", "complete"]


def test_on_the_second_morning_one_list_is_late() -> None:
    assert verdict(SECOND, "cs.CV").kind == "complete"
    late = verdict(SECOND, "cs.LG")
    assert (late.kind, late.announced_on) == ("stale", THURSDAY)
    assert SECOND.pages()["arxiv.org/list/cs.LG/new"] == FIRST.pages()["arxiv.org/list/cs.LG/new"]


def test_nothing_is_new_twice() -> None:
    before = {one.key for scope in SCOPES for one in listing(FIRST, scope).sightings}
    new = {one.key for one in listing(SECOND, "cs.CV").sightings if one.action == "new"}
    assert len(new) == 14
    assert not before & new


def test_two_papers_of_the_first_morning_come_back_in_a_second_version_and_one_that_nobody_was_shown() -> None:
    first, second = papers(FIRST, "new"), papers(SECOND, "replace")
    assert all(paper.version == 2 for paper in second.values())
    back = second.keys() & first.keys()
    assert len(back) == 2
    assert len(second) == 3
    for key in back:
        old, new = first[key], second[key]
        assert new.comment
        assert new.comment != old.comment
        assert new.abstract != old.abstract
        assert (new.title, new.authors, new.categories) == (old.title, old.authors, old.categories)


def test_a_paper_that_was_new_in_one_category_is_cross_listed_to_the_other() -> None:
    crossed = {one.key for one in listing(SECOND, "cs.CV").sightings if one.action == "cross"}
    assert crossed
    assert crossed <= {one.key for one in listing(FIRST, "cs.LG").sightings if one.action == "new"}
    assert not crossed & {one.key for one in listing(FIRST, "cs.CV").sightings}


def test_some_papers_are_on_both_lists_of_one_morning() -> None:
    vision, learning = ({one.key for one in listing(FIRST, scope).sightings} for scope in SCOPES)
    assert len(vision & learning) >= 3


def test_some_titles_are_hard_to_print() -> None:
    titles = [one.title for scope in SCOPES for morning in MORNINGS for one in listing(morning, scope).sightings]
    assert any(readable(title) != title for title in titles)
    assert any("&" in title for title in titles)


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_every_starter_topic_has_a_few_new_papers_each_morning(topic: StarterTopic) -> None:
    query = parse(topic.query)
    for morning in MORNINGS:
        known = set(papers(FIRST, "new")) if morning is SECOND else set()
        found = [one for key, one in papers(morning, "new").items() if key not in known and matches(query, folded(one))]
        assert 1 <= len(found) <= 4, [one.title for one in found]


def test_the_papers_that_come_back_are_in_a_starter_topic() -> None:
    queries = [parse(topic.query) for topic in TOPICS]
    for key in papers(FIRST, "new").keys() & papers(SECOND, "replace").keys():
        for paper in (papers(FIRST, "new")[key], papers(SECOND, "replace")[key]):
            assert any(matches(query, folded(paper)) for query in queries)


def folded(one: Sighting) -> Folded:
    paper = Paper(id=1, title=one.title, url=one.url, abstract=one.abstract, categories=one.categories)
    return Folded.of(paper)


def test_another_day_has_no_batch() -> None:
    assert batch("cs.CV", date(2026, 1, 14)) == ()


def test_abstracts_are_short() -> None:
    lengths = [len(entry.abstract) for scope in SCOPES for day in (THURSDAY, FRIDAY) for entry in batch(scope, day)]
    assert min(lengths) > 150
    assert max(lengths) < 600


@pytest.mark.real
def test_facts_are_real_and_words_our_own() -> None:
    if not CORPUS.exists():
        pytest.skip(f"no real listings at {CORPUS}")
    with gzip.open(CORPUS, "rt", encoding="utf-8") as file:
        rows = {row["id"]: row for row in map(json.loads, file)}
    entries = [entry for scope in SCOPES for day in (THURSDAY, FRIDAY) for entry in batch(scope, day)]
    assert {entry.id for entry in entries} - rows.keys() == NOT_IN_CORPUS
    for entry in entries:
        if row := rows.get(entry.id):
            assert entry.title == " ".join(row["title"].split())
            assert list(entry.authors) == row["authors"]
            assert list(entry.categories) == row["categories"]
            assert entry.version > 1 or entry.comment == row["comment"]
            assert not runs_of_words(entry.abstract) & runs_of_words(row["summary"]), entry.id


def runs_of_words(text: str, length: int = 6) -> set[tuple[str, ...]]:
    words = fold(text).split()
    return {tuple(words[start : start + length]) for start in range(len(words) - length + 1)}
