"""How papers look on a terminal: a card for each in a list, and all that is known of one."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import chain
from typing import Final

from crawler.sighting import TagKind
from crawler.sources import all_sources
from crawler.text import clean, readable
from digests.escape import wrap
from digests.places import places
from jobs.asking import Known, Order
from jobs.moments import said_day, said_moment
from storage.event import Event
from storage.links import AUTHORS
from storage.mentions import Post
from storage.paper import Paper, PaperLink

_EVENTS = {
    "announced": "announced",
    "revised": "a new version",
    "cross-listed": "cross-listed",
    "withdrawn": "withdrawn",
    "code": "code appeared",
    "accepted": "accepted",
    "raised": "in a rarer track",
}
_HEADINGS: Final[tuple[TagKind, ...]] = ("venue", "task", "method")
_INDENT = "    "
_AUTHORS = 5

COUNTED: Final = 1000
"""How many papers beyond the limit are counted: nobody needs the exact number of more, and each has to be read for it."""


def say_papers(papers: Sequence[Paper], limit: int | None = None, sort: Order = "newest") -> str:
    """List papers, the first `limit` of them, and say how many there are when that cuts some off.

    `papers` are at most `limit + COUNTED`: so many of them may be more.
    """
    cards = [_card(paper) for paper in papers[:limit]]
    if limit is not None and len(papers) > limit:
        cards.append(_cut(len(papers), limit, sort))
    return "\n\n".join(cards) or "No paper in the store matches."


def _cut(hits: int, limit: int, sort: Order) -> str:
    first = f"The {'newest' if sort == 'newest' else 'first'} {limit} of {hits}"
    if hits < limit + COUNTED:
        return f"{first}; all of them: --limit {hits}"
    return f"{first} or more; for more of them: --limit {2 * limit}"


def say_known(known: Known, timezone: str, now: datetime) -> str:
    """Say all that is known of one paper; moments in the reader's time zone."""
    paper = known.paper
    facts = [
        ("names", ", ".join(map(str, paper.identifiers))),
        ("comment", paper.comment),
        ("journal", paper.journal_ref),
        *((f"{kind}s", ", ".join(paper.tagged(kind))) for kind in _HEADINGS),
    ]
    parts = (
        [_card(paper)],
        [wrap(readable(paper.abstract))] if paper.abstract else [],
        ["\n".join(wrap(f"{name}: {readable(value)}") for name, value in facts if value)],
        ["\n".join(map(_link, paper.links))],
        ["\n\n".join(map(_mention, known.mentions))],
        ["\n".join(chain(_versions(known, now), _events(known.events, now), _sightings(known, timezone, now)))],
        ["\n".join(f"{name}: {url}" for name, url in places(paper))],
    )
    return "\n\n".join(part for part in chain(*parts) if part)


def _card(paper: Paper) -> str:
    names = [author.name for author in paper.authors]
    authors = ", ".join(names if len(names) <= _AUTHORS else [*names[:4], f"and {len(names) - 4} more"])
    facts = [authors, *paper.categories[:1], paper.announced_on.isoformat() if paper.announced_on else ""]
    about = clean(" · ".join(fact for fact in facts if fact))
    code = [f"{_INDENT}code: {clean(link.url)}{_stars(paper)}" for link in paper.code[:1]]
    lines = [wrap(readable(paper.title)), wrap(about, _INDENT) if about else "", f"{_INDENT}{clean(paper.url)}", *code]
    return "\n".join(line for line in lines if line)


def _link(link: PaperLink) -> str:
    """Say where a link leads, whose it is where that is known, and who says so."""
    whose = {True: ", official", False: ", by others", None: ""}[link.official]
    return f"{link.kind}: {clean(link.url)} ({_named(link.said_by)}{whose})"


def _mention(post: Post) -> str:
    """Say who speaks of a paper, when, and where."""
    by = f" at {clean(post.by)}" if post.by else ""
    return f"{wrap(f'discussed{by} on {post.on}: {readable(post.title)}')}\n{_INDENT}{clean(post.url)}"


def _named(said_by: Iterable[str]) -> str:
    sources = all_sources()
    return ", ".join("the authors" if one == AUTHORS else sources[one].title if one in sources else one for one in said_by)


def _stars(paper: Paper) -> str:
    stars = paper.count("stars")
    return f" ★ {stars:,}" if stars else ""


def _versions(known: Known, now: datetime) -> Iterator[str]:
    for one in known.versions:
        yield f"v{one.version}" + (f", {said_day(one.announced_on, now)}" if one.announced_on else "")


def _events(events: Iterable[Event], now: datetime) -> Iterator[str]:
    for one in events:
        if one.kind == "mentioned":
            continue  # among the posts that speak of it
        details = [
            f"v{one.detail['version']}" if "version" in one.detail else "",
            one.detail.get("category", ""),
            one.detail.get("venue", "") if one.kind in ("accepted", "raised") else "",
            one.detail.get("track", "") if one.kind in ("accepted", "raised") else "",
            one.detail.get("url", ""),
        ]
        about = ", ".join(clean(str(detail)) for detail in details if detail)
        yield f"{said_day(one.on or one.at.date(), now)}: {_EVENTS[one.kind]}" + (f" ({about})" if about else "")


def _sightings(known: Known, timezone: str, now: datetime) -> Iterator[str]:
    read = (
        f"read at {_named([one.source])} on {said_moment(one.seen_at, timezone, now)}, as {clean(one.key)}"
        for one in known.sightings
    )
    yield from dict.fromkeys(read)  # of one paper a dump has several entries
