"""RSS 0.9x, 1.0 and 2.0, and Atom, with the elements of Dublin Core, PRISM, FeedBurner and IEEE that tell of papers."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Final

from crawler.addresses import absolute
from crawler.readers.feed import open_feed
from crawler.readers.feed_item import AnyFeed, Item
from crawler.readers.json_api import list_of, table_of, text_of
from crawler.readers.markup import plain
from crawler.source import Fetched

# A picture inside of a text is one tag of any length, for which a feed would be refused.
_PICTURE: Final = re.compile(rb"data:[\w/+.;=-]{1,100},[\w+/=%-]{200,}")
# Some dialects say a year or a month where a day is wanted; feedparser makes the first day of it.
_NO_DAY: Final = re.compile(r"\s*\d{4}(?:-?\d{2})?\s*")
_NAMES: Final = ("prism_doi", "dc_identifier", "prism_url")
_UNMARKED: Final = "text/plain"


def open_xml_feed(fetched: Fetched) -> AnyFeed:
    """Open a feed in XML; entries need no id.

    A relative address is one at the feed's own (Atom, RFC 4287 §2), or at that of its site (RSS, which does not say).
    Raises ReadError for what is no feed at all, and for a feed of more than 4,000 entries.
    """
    feed = open_feed(replace(fetched, body=_PICTURE.sub(b"data:,", fetched.body)), nameless=True)
    site = absolute(text_of(feed.about.get("link")), fetched.url) or fetched.url
    base = fetched.url if feed.version.startswith("atom") else site
    items = tuple(_item(entry, base) for entry in feed.entries)
    return AnyFeed(title=_title(feed.about), site=site, items=items, rejects=feed.rejects, whole=feed.whole)


def _item(entry: Mapping[str, Any], base: str) -> Item:
    contents = [table_of(one) for one in list_of(entry.get("content"))]
    content = [text_of(one.get("value")) for one in contents]
    summary = text_of(entry.get("summary"))
    detail = table_of(entry.get("summary_detail")) if summary else next(iter(contents), {})
    return Item(
        id=text_of(entry.get("id")),
        link=_link(entry, base),
        title=_title(entry),
        description=summary or next(iter(content), ""),
        unmarked=detail.get("type") == _UNMARKED,
        texts=(*(text_of(table_of(one).get("href")) for one in list_of(entry.get("links"))), summary, *content),
        names=tuple(text_of(entry.get(name)) for name in _NAMES),
        people=_people(entry),
        posted_on=_posted(entry),
        journal=plain(text_of(entry.get("prism_publicationname"))),
        source=text_of(entry.get("dc_source")),
    )


def _link(entry: Mapping[str, Any], base: str) -> str:
    link = (text_of(entry.get("feedburner_origlink")) or text_of(entry.get("link"))).strip()
    # Where there is no link, feedparser takes the id for one, which it is only if it looks like it.
    is_id = link == text_of(entry.get("id")).strip() and "://" not in link
    return absolute(link, base) or "" if link and not is_id else ""


def _title(entry: Mapping[str, Any]) -> str:
    """Return a title without markup; feedparser has looked whether it is HTML where the feed does not say."""
    title = text_of(entry.get("title"))
    return title if table_of(entry.get("title_detail")).get("type") == _UNMARKED else plain(title)


def _people(entry: Mapping[str, Any]) -> tuple[str, ...]:
    authors = entry.get("authors")
    if isinstance(authors, str):  # IEEE's own element of that name
        return tuple(authors.split(";"))
    return _given(text_of(table_of(one).get("name")) for one in list_of(authors)) or _given([text_of(entry.get("author"))])


def _given(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(text for text in texts if text.strip())


def _posted(entry: Mapping[str, Any]) -> date | None:
    """Return the day, in UTC, on which an entry says it was written; for want of that, changed."""
    # `get` would answer the one with the other, and warn of it.
    for name in ("published", "updated"):
        if name in entry and f"{name}_parsed" in entry and not _NO_DAY.fullmatch(text_of(entry[name])):
            moment = entry[f"{name}_parsed"]
            try:
                return date(*moment[:3])
            except (TypeError, ValueError):  # none, or a year that is no year
                continue
    return None
