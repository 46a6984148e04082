"""The papers of a day of arXiv as its pages list them: an entry of our own from facts given.

The markup is that of the templates in github.com/arXiv/arxiv-browse, oddities included: the blank in `href =`, two
kinds of quotes, the version only where the HTML form is linked.
"""

import re
from dataclasses import dataclass
from html import escape
from typing import Final

from crawler.samples.arxiv_categories import NAMES
from crawler.sighting import Action

_URL: Final = re.compile(r"(https?)://[^\s<>\"'()]*[^\s<>\"'().,;:!?]")
_ITEM: Final = """    <dt>
      <a name='item{place}'>[{place}]</a>
      <a href ="/abs/{id}" title="Abstract" id="{id}">
        arXiv:{id}
      </a>
      {note}
        [{links}]
    </dt>
    <dd>
      <div class='meta'>
        <div class='list-title mathjax'><span class='descriptor'>Title:</span>
          {title}
        </div>
        <div class='list-authors'>{authors}</div>

{comment}{journal_ref}
        <div class='list-subjects'><span class='descriptor'>Subjects:</span>
          {subjects}
        </div>

        <p class='mathjax'>
          {abstract}
        </p>
      </div>
    </dd>
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One paper as a day's pages show it. `categories` has the primary one first; an author may be `Name (Place)`.

    `has_html`: arXiv links an HTML form of the paper, which is where a listing tells the version.
    """

    id: str
    title: str
    authors: tuple[str, ...]
    abstract: str
    categories: tuple[str, ...]
    version: int = 1
    comment: str | None = None
    journal_ref: str | None = None
    doi: str | None = None
    action: Action = "new"
    has_html: bool = True


def render_entry(place: int, entry: Entry, scope: str) -> str:
    """Return the `dt` and the `dd` of an entry, which has the number `place` on the pages of its day."""
    notes = {"new": "", "cross": f"    (cross-list from {entry.categories[0]})", "replace": "    (replaced)"}
    primary, *others = (f"{escape(name_of(category))} ({category})" for category in entry.categories)
    return _ITEM.format(
        place=place,
        id=entry.id,
        note=notes[entry.action],
        links=_links(entry),
        title=_html(entry.title),
        authors=", ".join(_author(author, scope) for author in entry.authors) or "(author list is unavailable)",
        comment=_field("comments mathjax", "Comments", entry.comment),
        journal_ref=_field("journal-ref", "Journal-ref", entry.journal_ref),
        subjects="; ".join((f'<span class="primary-subject">{primary}</span>', *others)),
        abstract=_linked(entry.abstract),
    )


def _links(entry: Entry) -> str:
    html = f"https://arxiv.org/html/{entry.id}v{entry.version}"
    forms = [
        (f"/pdf/{entry.id}", "Download PDF", "pdf", ">pdf"),
        (html, "View HTML", "html", ' rel="noopener noreferrer" target="_blank">html'),
        (f"/format/{entry.id}", "Other formats", "oth", ">other"),
    ]
    return ", ".join(
        f'<a href="{href}" title="{title}" id="{short}-{entry.id}" aria-labelledby="{short}-{entry.id}"{rest}</a>'
        for href, title, short, rest in forms
        if entry.has_html or href != html
    )


def _author(author: str, scope: str) -> str:
    name, bracket, place = author.partition(" (")
    first, _, last = name.rpartition(" ")
    query = f"{last},+{first[:1]}" if first else last
    href = f"https://arxiv.org/search/{scope.partition('.')[0]}?searchtype=author&amp;query={_html(query)}"
    return f'<a href="{href}">{_html(name)}</a>{_html(bracket + place)}'


def _field(name: str, label: str, text: str | None) -> str:
    if not text:
        return ""
    div = f"<div class='list-{name}'><span class='descriptor'>{label}:</span>"
    return f"        {div}\n          {_linked(text)}\n        </div>\n"


def _linked(text: str) -> str:
    """Return `text` with its addresses as links that hide them, as arXiv prints comments and abstracts."""
    parts, end = [], 0
    for match in _URL.finditer(text):
        link = f'rel="external noopener nofollow" class="link-external link-{match[1]}">this {match[1]} URL</a>'
        parts += [_html(text[end : match.start()]), f'<a href="{_html(match[0])}" {link}']
        end = match.end()
    return "".join((*parts, _html(text[end:])))


def name_of(category: str) -> str:
    """Return the name arXiv prints for a category; for one it is not known of, the category."""
    return NAMES.get(category, category)


def _html(text: str) -> str:
    return escape(text).replace("&quot;", "&#34;").replace("&#x27;", "&#39;")
