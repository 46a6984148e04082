"""Any feed: RSS 0.9x, 1.0 and 2.0, Atom, JSON Feed. Entries that are papers are sightings, posts about papers are mentions.

An entry is a paper where it is named as one (a DOI in PRISM, Dublin Core, its id or its link), where it is filed in a journal
(`prism:publicationName`), and where its own link is the page of one: at arXiv, OpenReview, the ACL Anthology, the CVF, PMLR,
or a publisher. All else is a post, which counts for the papers that it links to and for nothing where it links to none.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Final

from crawler.addresses import place, untracked
from crawler.paper_links import papers_in
from crawler.readers.feed_item import AnyFeed, Item, digest, short
from crawler.readers.feed_paper import is_paper, sighting_of
from crawler.readers.json_feed import open_json_feed
from crawler.readers.xml_feed import open_xml_feed
from crawler.sighting import Claim, Mention, Reject, Sighting
from crawler.source import Fetched, Page
from crawler.text import NAME_LIMIT, TITLE_LIMIT, clean

MOST_PAPERS: Final = 20
"""How many papers a post is counted for: one with more is a list of everything."""

MOST_POSTS: Final = 500
"""How many posts of a feed are read, the newest ones: some feeds have all that was ever written."""

_JSON: Final = (b"{", b"[")
_BEFORE: Final = b"\xef\xbb\xbf \t\r\n"
_OPENING_WORDS: Final = 120
# An address, and a URN: names that no two sites give.
_EVERYWHERE: Final = re.compile(r"://|\A(?:tag|urn|uuid|doi|info):", re.IGNORECASE)


def read_paper_feed(fetched: Fetched) -> Page:
    """Read any feed. What one of another site says of a paper there is second-hand.

    An entry has a key by its id, its link, or its title and day; one without any is a reject. Raises ReadError for what is
    no feed, and for a feed of more than 4,000 entries.
    """
    is_json = fetched.body.lstrip(_BEFORE).startswith(_JSON)
    feed = open_json_feed(fetched) if is_json else open_xml_feed(fetched)
    sorted_out = [(item, is_paper(item)) for item in feed.items]
    said = [item for item, one_is in sorted_out if one_is]
    papers = [sighting_of(item, fetched, feed.site) for item in said]
    where = place(feed.site or fetched.url).partition("/")[0]
    posts = [(_key(item, where), item) for item, one_is in sorted_out if not one_is]
    unread = [one for one in papers if isinstance(one, Reject)] + [Reject(key="", why="no id") for key, _ in posts if not key]
    seen = len(feed.items) + len(feed.rejects)
    return Page(
        kind="announcement",
        sightings=_once(one for one in papers if isinstance(one, Sighting)),
        mentions=_mentions([(key, item) for key, item in posts if key], feed, fetched),
        rejects=(*feed.rejects, *(replace(one, key=one.key or f"entry without id {n}") for n, one in enumerate(unread, 1))),
        claims=(Claim(scope=fetched.scope, section="", announced_on=fetched.batch_on, expected=None, seen=seen),),
        whole=feed.whole,
        posted={one.key: item.posted_on for item, one in zip(said, papers, strict=True) if item.posted_on and one.key},
    )


def _once(sightings: Iterable[Sighting]) -> tuple[Sighting, ...]:
    """Return each paper once, under all its names."""
    found: dict[str, Sighting] = {}
    for one in sightings:
        known = found.setdefault(one.key, one)
        names = tuple(dict.fromkeys((*known.identifiers, *one.identifiers)))
        found[one.key] = replace(known, identifiers=names) if names != known.identifiers else known
    return tuple(found.values())


def _key(post: Item, where: str) -> str:
    """Return the key of a post; empty where there is nothing to know it by. An id that may be that of any site has its own."""
    title, name = clean(post.title, TITLE_LIMIT), clean(post.id)
    name = name if not name or _EVERYWHERE.search(name) else f"{where}#{name}"
    if key := name or place(post.link):
        return short(key)
    return digest(f"{title} {post.posted_on}") if title else ""


def _mentions(posts: list[tuple[str, Item]], feed: AnyFeed, fetched: Fetched) -> tuple[Mention, ...]:
    """Return the posts that link to papers, each once, of the newest ones; of those without a day, the first ones."""
    by = clean(feed.title, NAME_LIMIT)
    found: dict[str, Mention] = {}
    newest = sorted(posts, key=lambda each: each[1].posted_on or date.min, reverse=True)[:MOST_POSTS]
    for key, post in newest:
        papers = papers_in("\n".join((post.link, *post.texts)), MOST_PAPERS)
        if papers and key not in found:
            found[key] = Mention(
                source=fetched.source,
                key=key,
                url=untracked(post.link) or feed.site,
                title=_title(post, key),
                identifiers=papers,
                seen_at=fetched.at,
                posted_on=post.posted_on,
                by=by,
            )
    return tuple(found.values())


def _title(post: Item, key: str) -> str:
    """Return the title of a post; of one without, as short ones often are, its first words."""
    return clean(post.title, TITLE_LIMIT) or clean(post.summary, _OPENING_WORDS) or place(post.link) or key
