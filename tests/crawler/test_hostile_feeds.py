"""Feeds, JSON and strings that were made to break software, through the reader of any feed: no crash, and no phantom."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.errors import ReadError
from crawler.readers.paper_feed import read_paper_feed
from crawler.samples.feeds import BLOG, Article, Post, render_atom, render_journal, render_json, render_rss
from crawler.sighting import Mention, Sighting
from crawler.source import Fetched, Page
from crawler.text import clean

HOSTILE = Path(__file__).parents[2] / "../shared/samples/hostile"
FOLDERS = ("feedparser", "feedvalidator", "gofeed", "json", "miniflux", "scrapy-compressed", "blns", "dompurify")
NOW = datetime(2026, 8, 14, 12, tzinfo=UTC)
ARXIV = "https://arxiv.org/abs/2608.00001"
_CONTENT_TYPE = re.compile(rb"Header:\s+content-type:\s*([^\r\n]+)", re.IGNORECASE)
_ENDS = re.compile(rb"(?=(?:\]\]>)?</(?:description|summary|content|content:encoded)>)")


def files(every: int = 1) -> list[Path]:
    found = [path for folder in FOLDERS for path in sorted((HOSTILE / folder).glob("*")) if path.is_file()]
    if not found:
        pytest.skip("the real samples are not here")
    return found[::every]


def response(body: bytes, content_type: str = "") -> Fetched:
    headers = {"content-type": content_type} if content_type else {}
    return Fetched(source="feeds", scope="", url=f"{BLOG}/feed", status=200, headers=headers, body=body, at=NOW)


def read(body: bytes) -> Page | None:
    """Read a body with the header that it asks for; None for what is no feed."""
    asked = _CONTENT_TYPE.search(body)
    try:
        page = read_paper_feed(response(body, asked[1].decode("latin-1").strip() if asked else ""))
    except ReadError:
        return None
    assert len({one.key for one in page.sightings}) == len(page.sightings)
    assert len({one.key for one in page.mentions}) == len(page.mentions)
    for each in (*page.sightings, *page.mentions):
        assert isinstance(each, Sighting | Mention)
        assert each.key.strip()
        assert each.url.startswith(("http://", "https://"))
        assert each.title == clean(each.title, 500) != ""
        assert each.identifiers
    assert all(one.key and one.why for one in page.rejects)
    assert page.claims[0].seen >= len(page.sightings) + len(page.mentions)
    return page


def with_a_paper(body: bytes) -> bytes:
    """Return a feed in which every text ends with a paper."""
    return _ENDS.sub(f" {ARXIV} ".encode(), body)


def cuts(body: bytes) -> Iterator[bytes]:
    yield from (body[: len(body) * part // 10] for part in range(1, 10))


def strings() -> list[str]:
    if not HOSTILE.exists():
        pytest.skip("the real samples are not here")
    purified = json.loads((HOSTILE / "dompurify/expect.json").read_text())
    naughty = json.loads((HOSTILE / "blns/blns.json").read_text())
    return [*(str(one["payload"]) for one in purified), *naughty]


@pytest.mark.real
def test_a_sample_of_hostile_feeds() -> None:
    chosen = files(every=11)
    assert 100 < len(chosen) <= 150
    for path in chosen:
        body = path.read_bytes()
        read(body)
        read(with_a_paper(body))


@pytest.mark.real
@pytest.mark.slow
def test_every_hostile_feed_whole_and_cut() -> None:
    counts = dict.fromkeys(("files", "no feed", "entries", "papers", "mentions", "with a paper", "cut"), 0)
    for path in files():
        body = path.read_bytes()
        page = read(body)
        counts["files"] += 1
        counts["no feed"] += page is None
        counts["entries"] += page.claims[0].seen if page else 0
        counts["papers"] += len(page.sightings) if page else 0
        counts["mentions"] += len(page.mentions) if page else 0
        mentioning = read(with_a_paper(body))
        known = {one.key for one in mentioning.mentions} if mentioning else set()
        counts["with a paper"] += len(known)
        for cut in cuts(with_a_paper(body)):
            part = read(cut)
            counts["cut"] += len(part.mentions) if part else 0
            assert {one.key for one in part.mentions} <= known if part else True, path.name
    print(counts)
    assert counts["with a paper"] > 0


@pytest.mark.real
@pytest.mark.parametrize("render", [render_rss, render_atom, render_json])
def test_hostile_strings_in_titles_and_texts(render: Callable[[Sequence[Post]], bytes]) -> None:
    posts = [Post(title=text, body=f"{text} {ARXIV}", id=f"post-{n}") for n, text in enumerate(strings())]
    kept = 0
    for first in range(0, len(posts), 100):
        page = read(render(posts[first : first + 100]))
        assert page is not None
        kept += len(page.mentions)
        assert {one.key.rpartition("#")[2] for one in page.mentions} <= {one.id for one in posts[first : first + 100]}
    assert kept > 0.95 * len(posts)


@pytest.mark.real
def test_hostile_strings_in_abstracts() -> None:
    printed = [Article(title="x", doi=f"10.5555/{n}", url=f"{BLOG}/{n}", abstract=text) for n, text in enumerate(strings())]
    for first in range(0, len(printed), 100):
        part = printed[first : first + 100]
        page = read(render_journal(part))
        assert page is not None
        assert [one.key for one in page.sightings] == [one.doi for one in part]
