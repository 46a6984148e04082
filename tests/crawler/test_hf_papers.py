"""Hugging Face's lists: the papers, their links and counts, and what is made of whatever else may come."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.errors import ReadError
from crawler.links import Link
from crawler.readers.hf_papers import (
    day_address,
    paper_address,
    read_daily,
    read_paper,
    read_trending,
    trending_address,
    week_address,
    week_of,
)
from crawler.samples.huggingface import Listed, answer_daily, render_daily, render_paper
from crawler.sighting import Author, Count, Tag
from crawler.source import Fetched, Wanted

FRIDAY = date(2026, 8, 14)
NOON = datetime(2026, 8, 14, 12, tzinfo=UTC)
URL = day_address(Wanted(scope="", day=FRIDAY))
SAMPLES = Path(__file__).parents[2] / "../shared/samples/huggingface"
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["paper", "id", "title", "authors", "x"]), inner)
    ),
    max_leaves=8,
)


def response(body: bytes, url: str = URL) -> Fetched:
    return Fetched(source="huggingface", scope="", url=url, status=200, headers={}, body=body, at=NOON, batch_on=FRIDAY)


def listed(number: int = 1, **parts: Any) -> Listed:
    known: dict[str, Any] = {
        "id": f"2608.{number:05}",
        "title": f"Paper {number}",
        "on": FRIDAY,
        "published": date(2026, 8, 12),
    }
    return Listed(**{**known, **parts})


def test_a_paper_with_all_it_may_have() -> None:
    one = listed(
        upvotes=7,
        repository="https://github.com/Me/Net.git",
        stars=12,
        page="https://me.github.io/net/",
        keywords=("engines", "looms"),
        authors=("Ada Lovelace", "王力宏"),
    )
    page = read_daily(response(render_daily([one])))
    (found,) = page.sightings
    assert (found.key, found.title, found.url) == ("2608.00001", "Paper 1", "https://arxiv.org/abs/2608.00001")
    assert found.authors == (Author("Ada Lovelace"), Author("王力宏"))
    assert found.links == (Link("https://github.com/Me/Net", "code"), Link("https://me.github.io/net/", "page"))
    assert found.counts == (Count("upvotes", 7), Count("stars", 12))
    assert found.tags == (Tag("keyword", "engines"), Tag("keyword", "looms"))
    assert (found.action, found.announced_on, found.second_hand) == ("new", FRIDAY, True)
    (claim,) = page.claims
    assert (claim.announced_on, claim.expected, claim.seen) == (FRIDAY, None, 1)
    assert (page.kind, page.follow, page.rejects) == ("announcement", (), ())


@pytest.mark.parametrize(("age", "action"), [(0, "new"), (29, "new"), (30, None), (4000, None)])
def test_old_papers_are_listed_and_not_announced(age: int, action: str | None) -> None:
    (found,) = read_daily(response(render_daily([listed(published=FRIDAY - timedelta(days=age))]))).sightings
    assert found.action == action


def test_a_full_page_is_followed_by_another_until_a_short_one() -> None:
    papers = [listed(number) for number in range(205)]
    url, keys = URL, []
    for _ in range(3):
        page = read_daily(response(answer_daily(url, papers), url))
        keys += [one.key for one in page.sightings]
        url = next(iter(page.follow), "")
    assert url == ""
    assert keys == [paper.id for paper in papers]


def test_a_week_has_a_claim_for_each_of_its_days() -> None:
    days = [FRIDAY, FRIDAY - timedelta(days=2), FRIDAY, FRIDAY - timedelta(days=7)]
    papers = [listed(number, on=on) for number, on in enumerate(days)]
    url = week_address(Wanted(scope="", day=FRIDAY))
    page = read_daily(response(answer_daily(url, papers), url))
    assert [(claim.announced_on, claim.seen) for claim in page.claims] == [(FRIDAY - timedelta(days=2), 1), (FRIDAY, 2)]
    assert "week=2026-W33" in url
    assert week_of(FRIDAY)[0] == date(2026, 8, 10)
    assert FRIDAY in week_of(FRIDAY)


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)))
def test_every_day_of_a_week_has_the_address_of_its_week(day: date) -> None:
    assert {week_address(Wanted(scope="", day=one)) for one in week_of(day)} == {week_address(Wanted(scope="", day=day))}


def test_an_empty_list() -> None:
    page = read_daily(response(b"[]"))
    assert (page.sightings, page.claims, page.rejects, page.follow) == ((), (), (), ())


@pytest.mark.parametrize(
    ("paper", "key", "why"),
    [
        ({"id": "not an id", "title": "T"}, "not an id", "no arXiv id"),
        ({"id": None, "title": "T"}, "entry 2", "no arXiv id"),
        ({"id": 2608.1, "title": "T"}, "entry 2", "no arXiv id"),
        ({"id": "2608.00009", "title": None}, "2608.00009", "no title"),
        (None, "entry 2", "no arXiv id"),
        ("text", "entry 2", "no arXiv id"),
    ],
)
def test_one_bad_entry_costs_no_other(paper: object, key: str, why: str) -> None:
    entries = json.loads(render_daily([listed(1), listed(2), listed(3)]))
    entries[1] = {"paper": paper}
    page = read_daily(response(json.dumps(entries).encode()))
    assert [one.key for one in page.sightings] == ["2608.00001", "2608.00003"]
    assert [(one.key, one.why) for one in page.rejects] == [(key, why)]
    assert sum(claim.seen for claim in page.claims) == 3


def test_everything_that_may_be_missing_may_be_null() -> None:
    (entry,) = json.loads(render_daily([listed(repository="https://github.com/me/net", keywords=("x",), page="https://a.io")]))
    entry["paper"] = {name: value if name in ("id", "title") else None for name, value in entry["paper"].items()}
    (found,) = read_daily(response(json.dumps([entry]).encode())).sightings
    assert (found.authors, found.abstract, found.links, found.tags, found.counts) == ((), "", (), (), ())
    assert (found.announced_on, found.action) == (FRIDAY, None)


def test_line_ends_and_layout_are_made_one_line_and_versions_are_no_other_paper() -> None:
    (found,) = read_daily(
        response(render_daily([listed(title="A\r\nB\u202e", summary="x\r\n y", id="2608.00001v2")]))
    ).sightings
    assert (found.title, found.abstract, found.key) == ("A B", "x y", "2608.00001")


@pytest.mark.parametrize(
    "body", [b"<!doctype html><html>", b"  <html>", b"", b"{", b"\xff\xfe", b"[" * 100_000, b'{"error": "x"}', b"null", b"7"]
)
def test_what_is_no_list_is_said_to_be_none(body: bytes) -> None:
    with pytest.raises(ReadError):
        read_daily(response(body))


@given(st.lists(values, max_size=4))
def test_whatever_the_entries_are_each_is_a_sighting_or_a_reject(entries: list[Any]) -> None:
    page = read_daily(response(json.dumps(entries).encode()))
    assert len(page.sightings) + len(page.rejects) == len(entries) == sum(claim.seen for claim in page.claims)


def test_a_paper_looked_up_is_no_announcement() -> None:
    page = read_paper(response(render_paper(listed(repository="https://github.com/me/net", stars=3))))
    assert page.kind == "catalogue"
    assert (page.sightings[0].action, page.sightings[0].announced_on) == (None, None)
    assert paper_address(Wanted(scope="", keys=("2608.00001",))) == "https://huggingface.co/api/papers/2608.00001"
    with pytest.raises(ReadError):
        read_paper(response(b"[]"))
    assert read_paper(response(b"{}")).rejects[0].why == "no arXiv id"


@pytest.mark.real
def test_a_real_day() -> None:
    sample = SAMPLES / "sotawhat_daily_papers_2026-06-12.json"
    if not sample.exists():
        pytest.skip("the real samples are not here")
    page = read_daily(response(sample.read_bytes()))
    assert (len(page.sightings), page.rejects) == (30, ())
    assert {one.announced_on for one in page.sightings} == {date(2026, 6, 12)}
    raw = {entry["paper"]["id"]: entry["paper"] for entry in json.loads(sample.read_text())}
    for one in page.sightings:
        stated = raw[one.key].get("githubRepo")
        assert [link.url for link in one.links if link.kind == "code"] == ([stated] if stated else [])
        assert all(count.value == raw[one.key]["upvotes"] for count in one.counts if count.name == "upvotes")
    assert sum(any(link.kind == "code" for link in one.links) for one in page.sightings) == 16


def test_what_is_talked_about_is_counted_and_not_announced() -> None:
    url = trending_address(Wanted(scope=""))
    assert url == "https://huggingface.co/api/daily_papers?sort=trending&p=0&limit=100"
    papers = [listed(number, upvotes=number, repository=f"https://github.com/me/net{number}") for number in range(1, 151)]
    page = read_trending(response(answer_daily(url, papers), url))
    assert (page.kind, page.claims, page.follow, len(page.sightings)) == ("catalogue", (), (), 100)
    assert {(one.action, one.announced_on) for one in page.sightings} == {(None, None)}
    assert (page.sightings[0].key, page.sightings[0].counts[0]) == ("2608.00150", Count("upvotes", 150))
