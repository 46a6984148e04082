"""JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/), also where it breaks off."""

import re
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any, Final

from crawler.addresses import absolute
from crawler.errors import ReadError
from crawler.readers.feed_item import AnyFeed, Item
from crawler.readers.json_api import list_of, open_json, table_of, text_of
from crawler.sighting import Reject
from crawler.source import Fetched

_VERSION: Final = "jsonfeed.org/version/1"
_SAYS_VERSION: Final = re.compile(rb'"version"\s*:\s*"https?:\\?/\\?/(?:www\.)?jsonfeed\.org\\?/version\\?/1')
_MOST: Final = 4000
_DEEPEST: Final = 40


def open_json_feed(fetched: Fetched) -> AnyFeed:
    """Open a JSON Feed. Of one that breaks off, the items that are whole are kept; the next one is a reject.

    Raises ReadError for JSON that is no feed, for what is no JSON, and for a feed of more than 4,000 items.
    """
    whole, begun = True, False
    try:
        feed = table_of(open_json(fetched))
    except ReadError:
        whole = False
        feed, begun = _broken_off(fetched.body)
        if not feed:
            raise
    if _VERSION not in text_of(feed.get("version")):
        raise ReadError(fetched.source, fetched.url, "no JSON Feed")
    items = list_of(feed.get("items"))
    if len(items) > _MOST:
        raise ReadError(fetched.source, fetched.url, f"more than {_MOST:,} entries")
    site = absolute(text_of(feed.get("home_page_url")), fetched.url) or fetched.url
    broken = Reject(key=f"entry {len(items) + 1}", why="the feed breaks off in this entry")
    return AnyFeed(
        title=text_of(feed.get("title")),
        site=site,
        items=tuple(_item(table_of(item), site) for item in items),
        rejects=(broken,) if begun else (),
        whole=whole,
    )


def _broken_off(body: bytes) -> tuple[dict[str, Any], bool]:
    """Return what a feed has before the place where it is no sound JSON, and whether that is in an item."""
    # Its parser in C brings the process down over a number of thousands of digits.
    from ijson.backends.python import basic_parse  # type: ignore[import-untyped]  # noqa: PLC0415 - for this alone, no types
    from ijson.common import JSONError, ObjectBuilder  # type: ignore[import-untyped]  # noqa: PLC0415 - see above

    if not _SAYS_VERSION.search(body):
        return {}, False
    feed: dict[str, Any] = {"version": _VERSION, "items": []}
    builder, depth, key = ObjectBuilder(), 0, ""
    try:
        for event, value in basic_parse(BytesIO(body)):
            depth -= event in ("end_map", "end_array")
            if depth == 1 and event == "map_key":
                key = value
            elif depth == 1 and event == "string" and key != "items":
                feed.setdefault(key, value)
            elif depth >= 2 and key == "items":
                builder.event(event, value)
                if depth == 2 and event not in ("start_map", "start_array"):
                    feed["items"].append(builder.value)
                    builder = ObjectBuilder()
            depth += event in ("start_map", "start_array")
            if depth > _DEEPEST:
                break
    except (JSONError, ValueError):
        pass  # that is the place
    return feed, key == "items" and depth > 2


def _item(item: dict[str, Any], site: str) -> Item:
    """Read an item. Its `title` is plain text by the specification, as is `summary`; an `id` may be a number."""
    named = item.get("id")
    url, external = (text_of(item.get(name)) for name in ("url", "external_url"))
    markup, text, summary = (text_of(item.get(name)) for name in ("content_html", "content_text", "summary"))
    authors = list_of(item.get("authors")) or [item.get("author")]
    return Item(
        id=str(named) if isinstance(named, int) and not isinstance(named, bool) and abs(named) < 10**30 else text_of(named),
        link=absolute(url, site) or "" if url.strip() else "",
        title=text_of(item.get("title")),
        description=summary or text or markup,
        unmarked=bool(summary or text),
        texts=(url, external, summary, markup, text),
        names=(text_of(item.get("doi")),),
        people=tuple(name for author in authors if (name := text_of(table_of(author).get("name"))).strip()),
        posted_on=_day(item.get("date_published")) or _day(item.get("date_modified")),
    )


def _day(value: object) -> date | None:
    """Return the day, in UTC, of a moment in the form of RFC 3339."""
    try:
        moment = datetime.fromisoformat(text_of(value))
        return moment.astimezone(UTC).date() if moment.tzinfo else moment.date()
    except (ValueError, OverflowError):
        return None
