"""What the lists of proceedings have in common: papers of one edition, each with a track, and how many there should be.

Readers find the entries in their markup; what is made of them is the same everywhere.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from html import unescape
from typing import Final

from crawler.identifiers import Identifier
from crawler.links import Link, web_address
from crawler.programmes import Edition
from crawler.sighting import KEY_LIMIT, Author, Claim, Reject, Sighting, Tag
from crawler.source import Fetched, Page
from crawler.text import NAME_LIMIT, TITLE_LIMIT, clean

_MOST_AUTHORS: Final = 5000
_PARTS: Final = ("workshop", "findings")
_MOST_KEYWORDS: Final = 20
_REFERENCE: Final = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One paper as a list has it; texts as they stand there. `key` is the source's own id, `url` absolute.

    `edition` is that of the paper where it is not the scope's ("": none is known); `affiliations` are those of the authors, one
    for each ("": not said), where the list has any.
    """

    key: str
    title: str
    url: str
    authors: Sequence[str] = ()
    affiliations: Sequence[str] = ()
    abstract: str = ""
    identifiers: tuple[Identifier, ...] = ()
    links: tuple[Link, ...] = ()
    tracks: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    edition: str | None = None
    withdrawn: bool = False
    journal_ref: str = ""


def sighting(entry: Entry, fetched: Fetched) -> Sighting | Reject:
    """Make a sighting of an entry, announced; one without key, title or web address is a reject."""
    key, title, url = entry.key.strip(), clean(entry.title, TITLE_LIMIT), web_address(entry.url)
    if not key or len(key) > KEY_LIMIT * 4 or not title or url is None:
        why = "no id" if not key else "no title" if not title else "no address"
        return Reject(key=clean(key or title, KEY_LIMIT), why=why)
    words = (clean(one, NAME_LIMIT) for one in entry.keywords[:_MOST_KEYWORDS])
    tracks = tuple(track for track in dict.fromkeys(clean(one, NAME_LIMIT).lower() for one in entry.tracks) if track)
    venue = _venue(entry, tracks, fetched.scope)
    tags = [Tag("venue", venue)] if venue else []
    tags += [Tag("track", track) for track in tracks]
    tags += [Tag("keyword", word) for word in dict.fromkeys(words) if word]
    return Sighting(
        source=fetched.source,
        key=key,
        seen_at=fetched.at,
        title=title,
        url=url,
        authors=tuple(_authors(entry)),
        abstract=clean(entry.abstract),
        identifiers=tuple(dict.fromkeys(entry.identifiers)),
        links=tuple(dict.fromkeys(entry.links)),
        tags=tuple(tags),
        journal_ref=clean(entry.journal_ref, TITLE_LIMIT) or None,
        withdrawn=entry.withdrawn,
        scope=fetched.scope,
        action="new",
    )


def _authors(entry: Entry) -> Iterator[Author]:
    known = len(entry.affiliations)
    for place, name in enumerate(entry.authors[:_MOST_AUTHORS]):
        of = clean(entry.affiliations[place], NAME_LIMIT) if place < known else ""
        if found := clean(name, NAME_LIMIT):
            yield Author(found, of or None)


def _venue(entry: Entry, tracks: tuple[str, ...], scope: str) -> str:
    """Return the edition, with its part: a paper of a workshop at CVPR is none of CVPR."""
    edition = Edition.parse(scope)
    venue = entry.edition if entry.edition is not None else edition.name if edition else ""
    part = next((part for part in _PARTS if part in tracks), "") if venue else ""
    return f"{venue} {part}".strip()


def programme(
    fetched: Fetched,
    entries: Iterable[Entry | Reject | None],
    *,
    expected: int | None = None,
    whole: bool = True,
    follow: tuple[str, ...] = (),
) -> Page:
    """Make the page of a list: a paper that is listed twice, as poster and as oral, is one paper in both tracks.

    `expected` is how many entries the page states, `whole` whether it does not break off. None among the entries is one
    that is no paper: it is counted, for the page counts it, and left out.
    """
    found: dict[str, Sighting] = {}
    rejects: list[Reject] = []
    seen = 0
    for entry in entries:
        seen += 1
        if entry is None:
            continue
        one = entry if isinstance(entry, Reject) else sighting(entry, fetched)
        if isinstance(one, Reject):
            rejects.append(one if one.key else replace(one, key=f"entry {seen}"))
        elif one.key in found:
            found[one.key] = _joined(found[one.key], one)
        else:
            found[one.key] = one
    claim = Claim(scope=fetched.scope, section="", announced_on=fetched.batch_on, expected=expected, seen=seen)
    return Page(
        kind="announcement",
        sightings=tuple(found.values()),
        rejects=tuple(rejects),
        claims=(claim,) if seen or expected else (),
        follow=follow,
        whole=whole,
    )


def _joined(one: Sighting, two: Sighting) -> Sighting:
    """Return one paper of two entries: all that either says of where it stands, the rest by the first that says it."""
    return replace(
        one,
        authors=one.authors or two.authors,
        abstract=one.abstract or two.abstract,
        identifiers=tuple(dict.fromkeys((*one.identifiers, *two.identifiers))),
        links=tuple(dict.fromkeys((*one.links, *two.links))),
        tags=tuple(dict.fromkeys((*one.tags, *two.tags))),
    )


def given_first(name: str) -> str:
    """Return a name as it is printed on papers, from `Last, First` or as it is.

    >>> given_first("Zheng, Lianmin"), given_first("Aakash")
    ('Lianmin Zheng', 'Aakash')
    """
    last, comma, first = name.partition(",")
    return f"{first.strip()} {last.strip()}" if comma and first.strip() else last.strip()


def unescaped(text: str) -> str:
    """Return a text whose references to characters were escaped once too often, as they often are in JSON.

    >>> unescaped("Texas A&amp;M, R&D")
    'Texas A&M, R&D'
    """
    return _REFERENCE.sub(lambda match: unescape(match[0]), text) if "&" in text else text


def track_of(part: str) -> str:
    """Return the name of a track from that of its part of a site, empty for the main one.

    >>> track_of("Datasets_and_Benchmarks_Track"), track_of("BlogPosts"), track_of("Conference")
    ('datasets and benchmarks', 'blog posts', '')
    """
    name = " ".join(_CAMEL.sub(" ", part.replace("_", " ").replace("-", " ")).lower().split()).removesuffix(" track")
    return "" if name in ("conference", "main", "main conference", "none") else name
