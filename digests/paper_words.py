"""A paper, a match and an update in words: what is printed of them, cleaned, shortened, in the reader's language. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Final, NamedTuple
from urllib.parse import quote

from crawler.sighting import Author
from crawler.text import NAME_LIMIT, TITLE_LIMIT
from digests.code_words import LABEL_LIMIT, code_is_out, code_label
from digests.digest import Update
from digests.escape import plain, safe_url, said
from digests.excerpt import abstract
from digests.language import Language
from digests.post_words import discussed, post
from digests.topic import Match, Reason
from digests.venue_words import edition_words, raised, stated_venue, track_of, venue_label
from storage.event import Event
from storage.paper import Paper

COMMENT_LIMIT: Final = 140
_MANY_AUTHORS: Final = 6
_NO_ANCHOR: Final = re.compile(r"[^A-Za-z0-9.-]+")
_PLACEHOLDER: Final = "\0"


class Link(NamedTuple):
    """A word and where it leads; nowhere when `href` is None."""

    text: str
    href: str | None


@dataclass(frozen=True, slots=True)
class Why:
    """One reason of a match: the reader's `words`, with what stands before and after them, the comma between two included."""

    before: str
    words: str
    after: str


@dataclass(frozen=True, slots=True)
class PaperWords:
    """A paper. `venue`, `code` and `labels` are the small labels, of which the first two are those to notice."""

    anchor: str
    title: Link
    authors: str
    venue: str
    code: str
    labels: tuple[str, ...]
    abstract: str
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A new paper, and why it is here. `anchor` is empty where the page has the paper's anchor already."""

    anchor: str
    paper: PaperWords
    why: tuple[Why, ...]
    group: str = ""
    """The part of a programme that begins with this paper; empty where none does."""


@dataclass(frozen=True, slots=True)
class News:
    """An update: what happened, to which paper, what else is known of it, and the code or the post that it is about."""

    what: str
    title: Link
    about: tuple[str, ...]
    link: Link | None = None


def entry(match: Match, language: Language, anchors: set[str], newest: date | None = None) -> Entry:
    """Put a new paper into words; `anchors` are those the page has, to which the paper's is added.

    One of an earlier batch than the `newest` on the page says of which.
    """
    paper = paper_words(match.paper, language)
    on = match.event.on
    if on is not None and newest is not None and on < newest:
        label = language.gettext("announced on %(date)s", date=language.day(on))
        paper = replace(paper, labels=(*paper.labels, label))
    anchor = "" if paper.anchor in anchors else paper.anchor
    anchors.add(paper.anchor)
    return Entry(anchor, paper, _reasons(match.why, language))


@lru_cache(maxsize=1024)
def paper_words(paper: Paper, language: Language) -> PaperWords:
    """Put a paper into words: once for all forms of a digest and all who read it."""
    links = _links(paper, language)
    return PaperWords(
        anchor=_anchor(paper),
        title=_title(paper, links),
        authors=_authors(paper.authors, language),
        venue=venue_label(paper, language) or stated_venue(paper),
        code=code_label(paper, language),
        labels=_labels(paper),
        abstract=abstract(paper.abstract),
        links=links,
    )


def news(update: Update, language: Language) -> News:
    """Put an update into words."""
    shown = language.gettext("shown on %(date)s", date=language.day(update.shown_on))
    comment = said(str(update.event.detail.get("comment") or ""), COMMENT_LIMIT)
    what, title = _happened(update.event, language), paper_words(update.paper, language).title
    if update.event.kind == "code":
        name, href, by = code_is_out(update.event.detail, language)
        return News(what, title, (by, shown), Link(name, href))
    if update.event.kind == "mentioned":
        return News(what, title, (shown,), Link(*post(update.event.detail)))
    if update.event.kind == "accepted":
        by_authors = language.gettext("named by the authors") if "said" in update.event.detail else ""
        return News(what, title, (*filter(None, (by_authors, track_of(update.event, language))), shown))
    return News(what, title, (shown, language.gettext("“%(comment)s”", comment=comment)) if comment else (shown,))


def _title(paper: Paper, links: Sequence[Link]) -> Link:
    """Return the title with the paper's own address, or the first of its others."""
    first = links[0].href if links else None
    return Link(said(paper.title, TITLE_LIMIT) or "…", safe_url(paper.url) or first)


def _links(paper: Paper, language: Language) -> tuple[Link, ...]:
    found = []
    if arxiv := paper.identifier("arxiv"):
        name = quote(plain(arxiv), safe="/")
        found.append(Link(language.gettext("arXiv"), f"https://arxiv.org/abs/{name}"))
        found.append(Link(language.gettext("PDF"), f"https://arxiv.org/pdf/{name}"))
    elif paper.open_access and (href := safe_url(paper.open_access.url)):
        found.append(Link(language.gettext("PDF"), href))
    if doi := paper.identifier("doi"):
        found.append(Link(language.gettext("DOI"), f"https://doi.org/{quote(plain(doi), safe='/')}"))
    if paper.code and (href := safe_url(paper.code[0].url)):
        found.append(Link(language.gettext("Code"), href))
    if paper.project_page and (href := safe_url(paper.project_page.url)):
        found.append(Link(language.gettext("Project page"), href))
    return tuple(found)


def _anchor(paper: Paper) -> str:
    """Return an id that stays the same whatever happens to the paper: its arXiv id, else its number in this store."""
    arxiv = paper.identifier("arxiv")
    return _NO_ANCHOR.sub("-", f"arxiv-{arxiv}" if arxiv else f"paper-{paper.id}")


def _authors(authors: Sequence[Author], language: Language) -> str:
    """Join the names; of a long list the first three and the last, who leads the group in many fields."""
    if len(authors) <= _MANY_AUTHORS:
        return _names(authors)
    first, last, left_out = _names(authors[:3]), _names(authors[-1:]), len(authors) - 4
    return language.gettext("%(first)s … %(last)s, and %(count)s more", first=first, last=last, count=left_out)


def _names(authors: Sequence[Author]) -> str:
    return said(", ".join(author.name[:NAME_LIMIT] for author in authors), NAME_LIMIT * _MANY_AUTHORS)


def _labels(paper: Paper) -> tuple[str, ...]:
    version = f"v{paper.version}" if paper.version and paper.version > 1 else ""
    labels = (*paper.categories[:1], paper.identifier("arxiv") or "", version, *paper.tagged("task")[:2])
    return tuple(shown for label in labels if label and (shown := plain(label, LABEL_LIMIT)))


@lru_cache(maxsize=1024)
def _reasons(reasons: tuple[Reason, ...], language: Language) -> tuple[Why, ...]:
    """Say each field once, with all the words found in it."""
    words: dict[str, list[str]] = {}
    for reason in reasons:
        words.setdefault(reason.field, []).append(plain(reason.words, LABEL_LIMIT))
    whys = [_reason(field, language.listing(found), language) for field, found in words.items()]
    comma = language.gettext(", ")
    return (*whys[:1], *(replace(one, before=f"{comma}{one.before}") for one in whys[1:]))


def _reason(field: str, words: str, language: Language) -> Why:
    sentences = {
        "title": language.gettext("title has %(words)s", words=_PLACEHOLDER),
        "abstract": language.gettext("abstract has %(words)s", words=_PLACEHOLDER),
        "author": language.gettext("author %(words)s", words=_PLACEHOLDER),
        "category": language.gettext("category %(words)s", words=_PLACEHOLDER),
        "task": language.gettext("task %(words)s", words=_PLACEHOLDER),
        "venue": language.gettext("venue %(words)s", words=_PLACEHOLDER),
        "track": language.gettext("track %(words)s", words=_PLACEHOLDER),
        "ccf": language.gettext("CCF rank %(words)s", words=_PLACEHOLDER),
        "rank": language.gettext("rank %(words)s", words=_PLACEHOLDER),
        "year": language.gettext("year: %(words)s", words=_PLACEHOLDER),
        "code": language.gettext("code: %(words)s", words=_PLACEHOLDER),
        "stars": language.gettext("stars: %(words)s", words=_PLACEHOLDER),
    }
    before, _, after = sentences[field].partition(_PLACEHOLDER)
    return Why(before, words, after)


def _happened(event: Event, language: Language) -> str:
    """Say in two or three words what happened to the paper."""
    version, category = event.detail.get("version"), event.detail.get("category")
    if event.kind == "revised" and isinstance(version, int):
        return language.gettext("v%(version)s", version=version)
    if event.kind == "cross-listed" and isinstance(category, str):
        return language.gettext("Also in %(category)s", category=plain(category, LABEL_LIMIT))
    if event.kind == "accepted" and (venue := str(event.detail.get("venue") or "")):
        return language.gettext("Accepted at %(venue)s", venue=edition_words(venue, language))
    if event.kind == "raised":
        return raised(event, language)
    if event.kind == "mentioned":
        return discussed(event.detail, language)
    said = {
        "revised": language.gettext("New version"),
        "withdrawn": language.gettext("Withdrawn"),
        "code": language.gettext("Code is out"),
        "cross-listed": language.gettext("Cross-listed"),
        "accepted": language.gettext("Accepted"),
    }
    return said.get(event.kind, language.gettext("Announced again"))
