"""A day of arXiv as its listing page, for the demo and the tests: a page of our own from facts given.

The markup is that of the templates in github.com/arXiv/arxiv-browse, oddities included: the blank in `href =`, two
kinds of quotes, headings inside the lists, the version only where the HTML form is linked.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Final

from crawler.samples.arxiv_categories import NAMES
from crawler.sighting import Action

_SECTIONS: Final[tuple[tuple[Action, str, str], ...]] = (
    ("new", "New", "New submissions"),
    ("cross", "Cross", "Cross-lists"),
    ("replace", "Replacement", "Replacements"),
)
_URL: Final = re.compile(r"(https?)://[^\s<>\"'()]*[^\s<>\"'().,;:!?]")
WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_PAGE: Final = """<!DOCTYPE html>
<html lang="en">
<head>  <title>{name} </title>
  <meta charset="utf-8" />
</head>
<body>
<div id='content-inner'>
<div id='dlpage'>
  <h1>{name}</h1>
<ul>
{index}</ul>
<p>See <a id="recent-{scope}" aria-labelledby="recent-{scope}" href="/list/{scope}/recent">recent</a> articles</p>
<h3>Showing new listings for {day}</h3>
{paging}{sections}{paging}</div>
</div>
</body>
</html>
"""
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


def render_listing(scope: str, day: date, entries: Sequence[Entry], *, skip: int = 0, show: int = 2000) -> bytes:
    """Return the page `/list/{scope}/new?skip={skip}&show={show}` of the batch dated `day`."""
    by_action = {action: [entry for entry in entries if entry.action == action] for action, _, _ in _SECTIONS}
    index, sections, before = "", "", 0
    for action, word, label in _SECTIONS:
        total = by_action[action]
        first, last = max(0, skip - before), min(len(total), skip + show - before)
        if total:
            href = f"/list/{scope}/new?skip={before // show * show}&amp;show={show}#item{before + 1}"
            index += f'  <li><a href="{href}" rel="nofollow">{label}</a></li>\n'
        if first < last:
            items = "".join(_item(before + place + 1, total[place], scope) for place in range(first, last))
            heading = f"{word} submissions ({_showing(first, last, len(total))} entries)"
            sections += f"<dl id='articles'>\n    <h3>{heading}</h3>\n{items}</dl>\n"
        before += len(total)
    text = _PAGE.format(
        name=_name(scope),
        scope=scope,
        index=index,
        day=f"{WEEKDAYS[day.weekday()]}, {day.day} {MONTHS[day.month - 1]} {day.year}",
        paging=f"    <div class='paging'>Total of {before} entries\n    </div>\n" if before else "",
        sections=sections or "    <p>No updates today.</p>\n",
    )
    return text.encode("utf-8", "surrogatepass")


def _showing(first: int, last: int, total: int) -> str:
    """Return arXiv's words for the part of a section that is on a page."""
    which = "continued, showing" if first else "showing"
    if last == total:
        return f"{which} last {last - first} of {total}" if first else f"{which} {total} of {total}"
    return f"{which} {last - first} of {total}" if first else f"{which} first {last} of {total}"


def _item(place: int, entry: Entry, scope: str) -> str:
    notes = {"new": "", "cross": f"    (cross-list from {entry.categories[0]})", "replace": "    (replaced)"}
    primary, *others = (f"{escape(_name(category))} ({category})" for category in entry.categories)
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


def _name(category: str) -> str:
    return NAMES.get(category, category)


def _html(text: str) -> str:
    return escape(text).replace("&quot;", "&#34;").replace("&#x27;", "&#39;")
