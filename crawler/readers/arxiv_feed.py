"""arXiv's RSS and Atom feeds (https://info.arxiv.org/help/rss_specifications.html)."""

import re
from datetime import date
from typing import Any, Final

from crawler.author_list import names
from crawler.calendar import ArxivFeed
from crawler.errors import ReadError
from crawler.identifiers import Identifier, arxiv_categories, arxiv_id, doi
from crawler.readers.feed import Feed, open_feed
from crawler.sighting import KEY_LIMIT, Action, Claim, Reject, Sighting
from crawler.source import Fetched, Page
from crawler.text import TITLE_LIMIT, clean
from crawler.withdrawal import says_withdrawn

# https://info.arxiv.org/help/rss.html: no feed has more entries. What is cut off is not said; the newest papers may be.
_MOST: Final = 2000
_ACTIONS: Final[dict[str, Action]] = {"new": "new", "cross": "cross", "replace": "replace", "replace-cross": "replace"}
_LICENCE: Final = re.compile(r"https?://[!-~]{1,300}")
_PREAMBLE: Final = re.compile(r"\s*(?:arXiv:\S+\s+)?Announce Type:\s*(?P<kind>\S+)\s*(?:Abstract:\s*)?", re.IGNORECASE)


def read_arxiv_feed(fetched: Fetched) -> Page:
    """Read one feed, which holds one batch and states no number of entries.

    RSS and Atom say the same in it. Raises ReadError for what is no feed, and for the feed arXiv sends in place of an
    error.
    """
    feed = open_feed(fetched)
    if feed.title.startswith("Feed error for query"):
        raise ReadError(fetched.source, fetched.url, clean(feed.subtitle, 300))
    # The dates in the feed are not used: they name the day it was asked for, whatever batch is in it, and have been
    # seen wrong both ways (yesterday's batch under today's date, today's under yesterday's). The calendar gives the
    # batch the day that the listing has in its heading; whether the entries are that batch is for judge() to say.
    batch_on = fetched.batch_on or ArxivFeed().newest(fetched.at)
    found = [_read(entry, fetched, batch_on) for entry in feed.entries]
    return Page(
        kind="announcement",
        sightings=tuple(entry for entry in found if isinstance(entry, Sighting)),
        rejects=feed.rejects + tuple(entry for entry in found if isinstance(entry, Reject)),
        claims=(_claim(feed, fetched.scope, batch_on),),
        whole=feed.whole and len(feed.entries) < _MOST,
    )


def _claim(feed: Feed, scope: str, batch_on: date) -> Claim:
    seen = len(feed.entries) + len(feed.rejects)
    return Claim(scope=scope, section="", announced_on=batch_on, expected=None, seen=seen)


def _read(entry: Any, fetched: Fetched, batch_on: date) -> Sighting | Reject:
    """Read one entry; its id `oai:arXiv.org:2508.13426v1` alone tells the version."""
    found = arxiv_id(entry["id"])
    title = clean(entry.get("title", ""), TITLE_LIMIT)
    if found is None:
        return Reject(key=clean(entry["id"], KEY_LIMIT) or "entry", why="no arXiv id")
    key, version = found
    kind = _kind(entry)
    if not title:
        return Reject(key=key, why="no title")
    if kind not in _ACTIONS:  # without an action it would be stored, and never announced
        return Reject(key=key, why=f"an unknown kind of announcement: {clean(kind, KEY_LIMIT) or 'none is stated'}")
    abstract = clean(_PREAMBLE.sub("", entry.get("summary", ""), count=1))
    dois = (doi(text) for text in entry.get("arxiv_doi", "").split())
    return Sighting(
        source=fetched.source,
        key=key,
        seen_at=fetched.at,
        title=title,
        url=f"https://arxiv.org/abs/{key}",
        authors=names(entry.get("author", "")),
        identifiers=(Identifier("arxiv", key), *(Identifier("doi", value) for value in dois if value)),
        abstract=abstract,
        journal_ref=clean(entry.get("arxiv_journal_reference", "")) or None,
        categories=arxiv_categories((tag.get("term") or "").strip() for tag in entry.get("tags", ())),
        licence=_licence(entry.get("rights", "")),
        version=version,
        withdrawn=says_withdrawn(abstract),
        scope=fetched.scope,
        action=_ACTIONS[kind],
        announced_on=batch_on,
    )


def _licence(text: str) -> str | None:
    """Return the address of a licence; a statement of rights in words is none."""
    return text.strip() if _LICENCE.fullmatch(text.strip()) else None


def _kind(entry: Any) -> str:
    """Return the kind of announcement by the entry's own element, or where that does not tell, by its description."""
    stated = entry.get("arxiv_announce_type", "").strip().lower()
    preamble = _PREAMBLE.match(entry.get("summary", ""))
    return preamble["kind"].lower() if preamble and stated not in _ACTIONS else stated
