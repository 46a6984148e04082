"""The ACL Anthology's feed: papers of all venues by their ids, and no front matter."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.errors import ReadError
from crawler.identifiers import Identifier
from crawler.links import Link
from crawler.readers.acl_feed import key_of, read_acl_feed
from crawler.samples.acl_anthology import Item, render_acl_feed
from crawler.sighting import Author, Tag
from crawler.source import Fetched

NOON = datetime(2026, 8, 12, 12, tzinfo=UTC)
TODAY = NOON.date()


def response(body: bytes) -> Fetched:
    url = "https://aclanthology.org/papers/index.xml"
    return Fetched(source="acl_feed", scope="", url=url, status=200, headers={}, body=body, at=NOON, batch_on=TODAY)


def item(key: str = "2026.acl-long.1", **parts: Any) -> Item:
    return Item(**{"key": key, "title": f"On {key}", "on": TODAY, **parts})


def test_a_paper_with_all_it_may_have() -> None:
    page = read_acl_feed(
        response(render_acl_feed([item(title="Looms & <Engines>", authors="Ada Lovelace, Mary A. and 王力宏")]))
    )
    (found,) = page.sightings
    assert (found.key, found.title) == ("2026.acl-long.1", "Looms & <Engines>")
    assert found.url == "https://aclanthology.org/2026.acl-long.1/"
    assert found.authors == (Author("Ada Lovelace"), Author("Mary A."), Author("王力宏"))
    assert found.identifiers == (Identifier("acl", "2026.acl-long.1"),)
    assert found.links == (Link("https://aclanthology.org/2026.acl-long.1.pdf", "pdf"),)
    assert found.tags == (Tag("venue", "ACL2026"), Tag("track", "long"))
    assert (found.action, page.kind, page.whole) == ("new", "announcement", True)
    assert [(claim.scope, claim.announced_on, claim.expected, claim.seen) for claim in page.claims] == [("", TODAY, None, 1)]


@pytest.mark.parametrize(
    ("authors", "named"),
    [
        ("", []),
        ("Ada Lovelace and Charles Babbage", ["Ada Lovelace", "Charles Babbage"]),
        ("A. B, C. D, and E. F", ["A. B", "C. D", "E. F"]),
    ],
)
def test_who_is_named_before_the_volume(authors: str, named: list[str]) -> None:
    (found,) = read_acl_feed(response(render_acl_feed([item(authors=authors)]))).sightings
    assert [one.name for one in found.authors] == named


def test_front_matter_is_no_paper() -> None:
    keys = ("2026.acl-long.0", "2026.acl-long.10", "P19-1000", "P19-1001")
    page = read_acl_feed(response(render_acl_feed(map(item, keys))))
    assert [one.key for one in page.sightings] == ["2026.acl-long.10", "P19-1001"]
    assert page.claims[0].seen == 2
    assert page.sightings[1].tags == ()


@pytest.mark.parametrize(("days", "action"), [(0, "new"), (29, "new"), (31, None), (3000, None)])
def test_what_came_in_long_ago_is_not_announced(days: int, action: str | None) -> None:
    (found,) = read_acl_feed(response(render_acl_feed([item(on=TODAY - timedelta(days=days))]))).sightings
    assert found.action == action


def test_the_address_does_where_it_stands_for_the_id() -> None:
    body = render_acl_feed([item()]).replace(b"<guid>", b"<guid>https://aclanthology.org/").replace(b"</guid>", b"/</guid>")
    assert [one.key for one in read_acl_feed(response(body)).sightings] == ["2026.acl-long.1"]


def test_one_bad_entry_costs_no_other_and_a_cut_one_is_told_of() -> None:
    body = render_acl_feed([item("people"), item(title=""), item("2026.acl-long.3"), item("2026.acl-long.4")])
    page = read_acl_feed(response(body[: body.index(b"On 2026.acl-long.4")]))
    assert [one.key for one in page.sightings] == ["2026.acl-long.3"]
    assert [one.why for one in page.rejects] == ["no id", "no title", "the feed breaks off in this entry"]
    assert (page.whole, page.claims[0].seen) == (False, 4)


@pytest.mark.parametrize("body", [b"", b"<html><title>404</title></html>", b"{}", b"\xff\xfe"])
def test_what_is_no_feed_is_said_to_be_none(body: bytes) -> None:
    with pytest.raises(ReadError):
        read_acl_feed(response(body))


@settings(max_examples=20)
@given(st.integers(0, 1500), st.binary(max_size=12))
def test_whatever_comes_is_a_feed_or_is_none(place: int, noise: bytes) -> None:
    body = render_acl_feed([item(), item("2026.acl-long.2", on=date(1952, 1, 1))])
    for altered in (body[:place] + noise, body[:place] + noise + body[place:]):
        try:
            page = read_acl_feed(response(altered))
        except ReadError:
            continue
        assert len(page.sightings) + len(page.rejects) <= 3


def test_the_key_of_an_address() -> None:
    assert key_of("https://aclanthology.org/2026.acl-long.1/") == "2026.acl-long.1"
