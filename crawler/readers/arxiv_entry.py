"""One entry of arXiv's listing and catch-up pages: a `dt` with the links and a `dd` with the description."""

import re
from datetime import date
from typing import Final, cast, get_args

from lxml import etree

from crawler.author_list import names
from crawler.identifiers import Identifier, arxiv_categories, arxiv_id
from crawler.sighting import KEY_LIMIT, Action, Author, Reject, Sighting
from crawler.source import Fetched
from crawler.text import NAME_LIMIT, TITLE_LIMIT, clean
from crawler.withdrawal import says_withdrawn

_SUBJECT: Final = re.compile(r"\(([^()]*)\)\s*(?=;|$)")
_HIDDEN_URL: Final = re.compile(r"this \w+ URL")


def read_entry(
    dt: etree._Element, dd: etree._Element | None, *, fetched: Fetched, section: str, announced_on: date | None
) -> Sighting | Reject:
    """Read one entry of the `section`, which is an Action where the sections are not days."""
    key, version = _links(dt)
    fields = {} if dd is None else _fields(dd)
    title = clean(fields.get("title", ""), TITLE_LIMIT)
    if not key or not title:
        return Reject(key=key or place_of(dt), why="no title" if key else "no arXiv id")
    action = _action(section, dt)
    comment = clean(fields.get("comments", "")) or None
    return Sighting(
        source=fetched.source,
        key=key,
        seen_at=fetched.at,
        title=title,
        url=f"https://arxiv.org/abs/{key}",
        authors=() if dd is None else _authors(dd),
        identifiers=(Identifier("arxiv", key),),
        abstract=clean(fields.get("abstract", "")),
        comment=comment,
        journal_ref=clean(fields.get("journal-ref", "")) or None,
        categories=arxiv_categories(_SUBJECT.findall(fields.get("subjects", ""))),
        # A paper is new with its first version, whatever the page links to; of others only that link tells the version.
        version=version or (1 if action == "new" else None),
        withdrawn=says_withdrawn(comment),
        scope=fetched.scope,
        action=action,
        announced_on=announced_on,
    )


def _links(dt: etree._Element) -> tuple[str, int | None]:
    """Return the id of an entry, empty if it has none, and its version where the link to its HTML form tells it."""
    key, version = "", None
    for link in dt.iter("a"):
        href = link.get("href") or ""
        if not key and "/abs/" in href and (found := arxiv_id(href.partition("/abs/")[2])):
            key = found[0]
        elif "/html/" in href and (found := arxiv_id(href.partition("/html/")[2])):
            version = found[1]
    return key, version


def place_of(dt: etree._Element) -> str:
    """Return where on the list an entry stands: the name of its anchor, `item212`; `entry` where it has none."""
    names_of_links = (clean(link.get("name") or "", KEY_LIMIT) for link in dt.iter("a"))
    return next(filter(None, names_of_links), "entry")


def _action(section: str, dt: etree._Element) -> Action:
    """Return what happened to the paper: by its section, or where the sections are days, by the note at the entry."""
    if section in get_args(Action):
        return cast("Action", section)
    note = _string(dt)
    return "cross" if "(cross-list from" in note else "replace" if "(replaced)" in note else "new"


def _fields(dd: etree._Element) -> dict[str, str]:
    """Return the texts of a description by the name in their class (`list-title` is `title`), without their labels."""
    fields: dict[str, str] = {}
    for element in dd.iter("div", "p"):
        name = (element.get("class") or "").partition(" ")[0]
        if name.startswith("list-") and name != "list-authors":
            fields.setdefault(name.removeprefix("list-"), text_of(element))
        elif name == "mathjax":
            fields.setdefault("abstract", text_of(element))
    return fields


def text_of(element: etree._Element) -> str:
    """Return the text of `element`: no label, a blank for a line break, the address where a link hides it."""
    for child in element.iter("span", "br", "a"):
        if child.tag == "span" and child.get("class") == "descriptor":
            child.text = None
        elif child.tag == "br":
            child.tail = f" {child.tail or ''}"
        elif child.tag == "a" and _HIDDEN_URL.fullmatch(child.text or ""):
            child.text = child.get("href")
    return _string(element)


def _string(element: etree._Element) -> str:
    return etree.tostring(element, method="text", encoding="unicode", with_tail=False)


def _authors(dd: etree._Element) -> tuple[Author, ...]:
    """Return the authors as linked, what stands in parentheses after a link being the affiliation."""
    for element in dd.iter("div"):
        if element.get("class") == "list-authors":
            found = tuple(
                Author(name, clean((link.tail or "").partition("(")[2].rpartition(")")[0], NAME_LIMIT) or None)
                for link in element.iter("a")
                if (name := clean(_string(link), NAME_LIMIT))
            )
            return found or _unlinked(text_of(element))
    return ()


def _unlinked(text: str) -> tuple[Author, ...]:
    return () if text.strip() == "(author list is unavailable)" else names(text)
