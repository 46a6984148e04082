"""Which entries of feeds are papers, and what journals' feeds say of them.

ScienceDirect has no DOI, and the authors in words of its description; IEEE parts authors with semicolons; Nature has news among
its papers, and begins descriptions with where they were published; OJS (JAIR) has all authors in one element or in several.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from crawler.addresses import absolute, place, untracked
from crawler.author_list import names
from crawler.identifiers import Identifier
from crawler.paper_links import is_news, named, paper_at, papers_in
from crawler.readers.feed_item import Item, short
from crawler.readers.markup import plain
from crawler.readers.programme import Entry, given_first, sighting
from crawler.sighting import Reject, Sighting
from crawler.source import Fetched
from crawler.text import NAME_LIMIT, clean

# The pages of papers by their addresses, where those hold no name of the paper.
_PAGES: Final = re.compile(
    r"(?:ieeexplore\.ieee\.org/(?:abstract/)?document/\d+|(?:www\.)?sciencedirect\.com/science/article/(?:abs/)?pii/\w+"
    r"|(?:www\.)?jmlr\.org/papers/v\d+/[\w-]+\.html|[\w.-]+/(?:[\w.-]+/){0,4}article/view/[\w.-]+"
    r"|(?:papers\.nips\.cc|proceedings\.neurips\.cc|proceedings\.iclr\.cc)/paper\w*/[\w./-]+)",
    re.IGNORECASE,
)
# What these show is what people say of a paper.
_TALK: Final = re.compile(r"(?:[\w-]+\.)*(?:huggingface\.co|hf\.co|alphaxiv\.org|scirate\.com)", re.IGNORECASE)
_PREAMBLE: Final = re.compile(
    r"\A(?:(?:arXiv:\S+ )?Announce Type: \S+ (?:Abstract: )?|[^;]{1,120}, Published online: [^;]{1,40}; (?:doi:\S+ ?)?"
    r"|(?:abstract|ABSTRACT|Abstract)(?:[:.] ?| (?=[A-Z])))"
)
_SCIENCEDIRECT: Final = re.compile(r"Publication date: .{0,80}?Source: (?:.{0,300}?Author\(s\): ?(?P<authors>.*))?")
_DEGREES: Final = frozenset({"phd", "md", "msc", "jr", "sr", "ii", "iii", "iv", "dphil", "mph"})


def is_paper(item: Item) -> bool:
    """Tell whether an entry is a paper, and not a post."""
    if is_news(item.link) or any(map(is_news, (*item.names, item.id, item.source))):
        return False
    filed = bool(item.journal.strip() and item.link)
    return filed or bool(_PAGES.fullmatch(place(item.link))) or bool(_stated(item) or _linked(item))


def sighting_of(item: Item, fetched: Fetched, site: str) -> Sighting | Reject:
    """Make a sighting of an entry that is a paper; it is second-hand where only a link from another place says so."""
    stated = _stated(item)
    found = tuple(dict.fromkeys((*stated, *_linked(item))))
    summary = clean(item.summary)
    told = _SCIENCEDIRECT.match(summary)
    url = untracked(item.link) or _page(found)
    entry = Entry(
        key=_key(item, found),
        title=item.title,
        url=url,
        authors=tuple(_authors((told["authors"] or "",) if told else item.people)),
        abstract="" if told or summary == clean(item.title) else _PREAMBLE.sub("", summary, count=1),
        identifiers=found,
        edition="",
    )
    one = sighting(entry, fetched)
    if isinstance(one, Reject):
        return one
    first_hand = bool(stated or item.journal.strip()) or _place_of(url) in (_place_of(site), _place_of(fetched.url))
    return replace(one, second_hand=not first_hand, journal_ref=clean(item.journal, NAME_LIMIT) or None)


def _stated(item: Item) -> tuple[Identifier, ...]:
    """Return the names by which a feed itself files an entry as a paper."""
    stated = (*(one for name in item.names if (one := _named(name))), *papers_in(item.source, 1))
    return tuple(dict.fromkeys(stated))


def _named(text: str) -> Identifier | None:
    """Return the paper of a name; a bare number that looks like one of arXiv's may be anything."""
    one = named(text.strip().removeprefix("info:doi/"))
    return None if one and one.scheme == "arxiv" and "arxiv" not in text.lower() else one


def _linked(item: Item) -> tuple[Identifier, ...]:
    """Return the names of a paper in the id of an entry, and in its link."""
    linked = None if _TALK.fullmatch(item.link.partition("://")[2].partition("/")[0]) else paper_at(item.link)
    return tuple(one for one in (_named(item.id), linked) if one)


def _key(item: Item, found: tuple[Identifier, ...]) -> str:
    """Return the key of a paper: its DOI, its arXiv id, or else where its page is."""
    by_scheme = {one.scheme: one.value for one in reversed(found)}
    return by_scheme.get("doi") or by_scheme.get("arxiv") or short(place(item.link))


def _page(found: tuple[Identifier, ...]) -> str:
    """Return the address of the page of a paper without link."""
    for scheme, value in found:
        where = {"doi": "https://doi.org/", "arxiv": "https://arxiv.org/abs/"}.get(scheme)
        if where and (page := absolute(f"{where}{value}")):
            return page
    return ""


def _authors(people: tuple[str, ...]) -> Iterator[str]:
    """Yield the names of authors: of several each as it is, of a single text what its commas part."""
    texts = [clean(plain(text)) for text in people]
    for text in texts:
        last, comma, first = text.partition(",")
        one = bool(comma) and "," not in first and first.replace(".", "").strip().lower() not in _DEGREES
        if one and (len(texts) > 1 or " " not in last):
            yield given_first(text)
        elif "@" not in text:
            yield from (author.name for author in names(text))


def _place_of(address: str) -> tuple[str, ...]:
    """Return the last two names of the host, which a publisher's feeds and pages share."""
    return tuple(address.partition("://")[2].partition("/")[0].lower().split(".")[-2:])
