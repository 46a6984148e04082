"""What a document may have at most before it is parsed: trees take a hundred bytes for what takes three on the wire. Pure."""

import re
from typing import Final

from crawler.errors import ReadError
from crawler.source import Fetched

TAGS: Final = 500_000
"""More than twice what a full page of arXiv has: 2,500 records of 80 tags."""

# Both libxml2's parser of HTML and feedparser take the square of its length over what is in a tag.
_LONG_TAG: Final = re.compile(rb"<[^<>]{20000}")


def refuse_floods(fetched: Fetched, tags: int = TAGS) -> None:
    """Raise ReadError for a document with very many tags."""
    if fetched.body.count(b"<") > tags:
        raise ReadError(fetched.source, fetched.url, f"more than {tags:,} tags")


def refuse_long_tags(fetched: Fetched) -> None:
    """Raise ReadError for a document with a very long tag."""
    if _LONG_TAG.search(fetched.body):
        raise ReadError(fetched.source, fetched.url, "a tag of more than 20,000 bytes")
