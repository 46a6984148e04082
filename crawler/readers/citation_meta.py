"""Pages of single papers by their `citation_*` tags, which publishers print for Google Scholar, as Highwire did first.

CVF, PMLR, the proceedings of NeurIPS and ICLR, the ACL Anthology and every Open Journal Systems (AAAI) have them; they differ
in quotes and in the order of attributes, in whether authors are `Last, First`, and in where the abstract stands, if it does.
(https://scholar.google.com/intl/en/scholar/inclusion.html#indexing)
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import Final, NamedTuple
from urllib.parse import parse_qs, urlsplit

from lxml import etree

from crawler.errors import ReadError
from crawler.identifiers import Identifier, arxiv_id
from crawler.links import Link, web_address
from crawler.programmes import Programmes
from crawler.readers.arxiv_sections import is_ended, parse
from crawler.readers.programme import Entry, given_first, sighting
from crawler.readers.ptitle_rows import absolute, words
from crawler.sighting import KEY_LIMIT, Author, Reject
from crawler.source import Fetched, Page, Reader, Route, Wanted
from crawler.text import NAME_LIMIT, clean

_PREFIX: Final = "citation_"
_MOST_AUTHORS: Final = 5000
_MOST_PARTS: Final = 20
_FORUM: Final = re.compile(r"[A-Za-z0-9_-]{5,40}")
_NO_FORUM: Final = "false"  # what PMLR writes where a paper has none
_LAYOUT: Final = ("div", "footer", "h1", "h2", "h3", "h4", "header", "main", "nav", "p", "section", "table", "ul")
_FOLLOWING: Final = etree.XPath(f"following::*[{' or '.join(f'self::{tag}' for tag in _LAYOUT)}][1]")


class Filing(NamedTuple):
    """Where a paper stands: its edition (None: not known, so it is that of the scope), and the tracks."""

    edition: str | None = None
    tracks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """What the page of one paper says; texts as they stand there."""

    title: str
    authors: tuple[Author, ...] = ()
    abstract: str = ""
    identifiers: tuple[Identifier, ...] = ()
    links: tuple[Link, ...] = ()


def page_address(wanted: Wanted, site: str = "") -> str:
    """Return the address of the page of a paper, whose key it is; that of the `site` where none is asked for."""
    return next(iter(wanted.keys), site)


def article_route(site: str, read: Reader) -> Route:
    """Return the route to the page of one paper at a site of proceedings."""
    return Route(
        name="article",
        start=partial(page_address, site=site),
        read=read,
        calendar=Programmes(),
        kind="catalogue",
        max_bytes=4 * 1024 * 1024,
    )


def nowhere(_url: str) -> Filing:
    """Tell that an address does not say where its paper stands."""
    return Filing()


def read_citation_meta(
    key_of: Callable[[str], str], *, scheme: str = "", abstract: str = "", filed: Callable[[str], Filing] = nowhere
) -> Reader:
    """Make a reader of pages of papers, each a sighting of a catalogue under the key that `key_of` has for its address.

    That key is an identifier of the `scheme`, if one is named. `abstract` is an XPath of the elements or texts that make it;
    without, or where there are none, it is `citation_abstract`. The reader raises ReadError for a page without
    `citation_title`, as pages of errors and puzzles for robots are, and for one that breaks off before its text begins.
    """
    find = etree.XPath(abstract) if abstract else None

    def read(fetched: Fetched) -> Page:
        root = parse(fetched)
        key = key_of(fetched.url)
        own = (Identifier(scheme, key),) if scheme else ()
        article = _article(root, fetched, find)
        return of_article(replace(article, identifiers=(*own, *article.identifiers)), fetched, key, filed(fetched.url))

    return read


def of_article(article: Article, fetched: Fetched, key: str, filing: Filing) -> Page:
    """Make the page of one paper."""
    entry = Entry(
        key=key,
        title=article.title,
        url=fetched.url,
        abstract=article.abstract,
        identifiers=article.identifiers,
        links=article.links,
        tracks=filing.tracks,
        edition=filing.edition,
    )
    one = sighting(entry, fetched)
    if isinstance(one, Reject):
        return Page(kind="catalogue", rejects=(one,))
    return Page(kind="catalogue", sightings=(replace(one, action=None, authors=article.authors),))


def no_paper(root: etree._Element, fetched: Fetched) -> ReadError:
    """Return the error that says a page is not of a paper, and what it is titled."""
    title = clean(root.findtext(".//title") or "", KEY_LIMIT)
    return ReadError(fetched.source, fetched.url, f'no paper on the page titled "{title}"')


def is_over(element: etree._Element, fetched: Fetched) -> bool:
    """Tell whether all of an element came: its page ended, or went on after it.

    Not every site closes its `html`, so that its absence alone does not mean that a page broke off.
    """
    return is_ended(fetched) or bool(_FOLLOWING(element))


def _article(root: etree._Element, fetched: Fetched, find: etree.XPath | None) -> Article:
    tags = [(name, one) for one in root.iter("meta") if (name := (one.get("name") or "").strip().lower()).startswith(_PREFIX)]
    said = [(name.removeprefix(_PREFIX), clean(one.get("content") or "")) for name, one in tags]
    first = dict(reversed(said))
    if not first.get("title"):
        raise no_paper(root, fetched)
    if not is_over(tags[-1][1], fetched):
        raise ReadError(fetched.source, fetched.url, "the page breaks off in its head")
    pdf = web_address(absolute(fetched.url, first.get("pdf_url", "")))
    return Article(
        title=first["title"],
        authors=tuple(islice(_authors(said), _MOST_AUTHORS)),
        abstract=(_found(find(root), fetched) if find else "") or first.get("abstract", ""),
        identifiers=tuple(dict.fromkeys((*_identifiers(first), *_linked(root)))),
        links=(Link(pdf, "pdf"),) if pdf and first.get("pdf_url") else (),
    )


def _authors(said: list[tuple[str, str]]) -> Iterator[Author]:
    """Give the authors, each with the first institution that follows the name."""
    last: Author | None = None
    for name, content in said:
        if name == "author":
            if last:
                yield last
            printed = clean(given_first(content), NAME_LIMIT)
            last = Author(printed) if printed else None
        elif name == "author_institution" and last and last.affiliation is None:
            last = last._replace(affiliation=clean(content, NAME_LIMIT) or None)
    if last:
        yield last


def _identifiers(first: dict[str, str]) -> Iterator[Identifier]:
    if found := arxiv_id(first.get("arxiv_id", "")):
        yield Identifier("arxiv", found[0])
    if named := Identifier.parse(first.get("doi", "")):
        yield named


def _linked(root: etree._Element) -> Iterator[Identifier]:
    """Give what the paper is called elsewhere: by links that say so, for there are others, to papers that are cited."""
    for link in root.iter("a"):
        href, text = link.get("href") or "", words(link).strip("[] ").lower()
        if text == "arxiv" and (found := arxiv_id(href.partition("?")[0].rstrip("/"))):
            yield Identifier("arxiv", found[0])
        elif text == "openreview" and (forum := _forum(href)):
            yield Identifier("openreview", forum)


def _forum(href: str) -> str:
    address = absolute("", href)
    parts = urlsplit(address)
    forum = parse_qs(parts.query).get("id", [""])[0] if parts.hostname == "openreview.net" else ""
    return forum if _FORUM.fullmatch(forum) and forum != _NO_FORUM else ""


def _found(parts: object, fetched: Fetched) -> str:
    """Return the text of what an XPath found; "" if the page breaks off in it."""
    nodes = parts[:_MOST_PARTS] if isinstance(parts, list) else []
    if not nodes or not is_over(nodes[-1] if etree.iselement(nodes[-1]) else nodes[-1].getparent(), fetched):
        return ""
    return clean(" ".join(words(one) if etree.iselement(one) else str(one) for one in nodes))
