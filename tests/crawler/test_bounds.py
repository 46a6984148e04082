"""What is refused before it is parsed, for a parser would take too much memory or time over it."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from crawler.author_list import names
from crawler.errors import ReadError
from crawler.readers.arxiv_feed import read_arxiv_feed
from crawler.readers.arxiv_listing import read_arxiv_listing
from crawler.readers.bounds import TAGS, refuse_floods, refuse_long_tags
from crawler.source import Fetched, Page

AT = datetime(2026, 8, 12, 2, tzinfo=UTC)
FEED = b"<rss version='2.0'><channel><title>t</title>%b<item%b><guid>1</guid></item></channel></rss>"


def fetched(body: bytes) -> Fetched:
    return Fetched(source="one", scope="cs.CV", url="https://papers.test/", status=200, headers={}, body=body, at=AT)


def test_a_document_has_so_many_tags_and_no_more() -> None:
    refuse_floods(fetched(b"<" * TAGS))
    with pytest.raises(ReadError, match="more than 500,000 tags"):
        refuse_floods(fetched(b"<" * (TAGS + 1)))
    with pytest.raises(ReadError, match="more than 7 tags"):
        refuse_floods(fetched(b"<a/>" * 8), 7)


def test_a_tag_is_so_long_and_no_longer() -> None:
    refuse_long_tags(fetched(b"<a " + b"x" * 19_997 + b">" + b"y" * 30_000))
    with pytest.raises(ReadError, match="a tag of more than 20,000 bytes"):
        refuse_long_tags(fetched(b"<a " + b"x" * 19_998 + b">"))


@pytest.mark.parametrize(
    ("read", "body"),
    [
        (read_arxiv_feed, FEED % (b"<a/>" * 200_000, b"")),
        (read_arxiv_feed, FEED % (b"", b" a='1'" * 40_000)),
        (read_arxiv_listing, b"<html><body>" + b"<a/>" * 400_000),
        (read_arxiv_listing, b"<html><body" + b" a='1'" * 80_000 + b">"),
    ],
)
def test_what_no_parser_would_come_to_the_end_of_is_refused(read: Callable[[Fetched], Page], body: bytes) -> None:
    with pytest.raises(ReadError, match="more than"):
        read(fetched(body))


def test_many_backslashes_are_as_good_as_one() -> None:
    assert names("Ann" + "\\" * 200_000 + " Other") == names("Ann\\ Other")
