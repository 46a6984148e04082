"""A day of arXiv as its listing and its catch-up pages, for the demo and the tests: pages of our own from facts given.

The markup is that of the templates in github.com/arXiv/arxiv-browse, oddities included: headings inside the lists, and
on the catch-up pages links without quotes and a `div` that closes before what belongs in it.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Final

from crawler.calendar import is_arxiv_batch
from crawler.samples.arxiv_entries import Entry, name_of, render_entry
from crawler.sighting import Action

__all__ = ["MONTHS", "WEEKDAYS", "Entry", "render_catchup", "render_listing"]

_SECTIONS: Final[tuple[tuple[Action, str, str], ...]] = (
    ("new", "New", "New submissions"),
    ("cross", "Cross", "Cross-lists"),
    ("replace", "Replacement", "Replacements"),
)
WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_PAGE: Final = """<!DOCTYPE html>
<html lang="en">
<head>  <title>{title} </title>
  <meta charset="utf-8" />
</head>
<body>
<div id='content-inner'>
<div id='dlpage'>
  <h1>{title}</h1>
<ul>
{index}</ul>
{content}</div>
</div>
</body>
</html>
"""
_LISTED: Final = """\
<p>See <a id="recent-{scope}" aria-labelledby="recent-{scope}" href="/list/{scope}/recent">recent</a> articles</p>
<h3>Showing new listings for {day}</h3>
{paging}{sections}{paging}"""
_CAUGHT_UP: Final = """\
<div>
{totals}</div>
{sections}<div></div>
{totals}</div>
"""


def render_listing(scope: str, day: date, entries: Sequence[Entry], *, skip: int = 0, show: int = 2000) -> bytes:
    """Return the page `/list/{scope}/new?skip={skip}&show={show}` of the batch dated `day`."""
    index = "".join(
        f'  <li><a href="/list/{scope}/new?skip={before // show * show}&amp;show={show}#item{before + 1}" '
        f'rel="nofollow">{label}</a></li>\n'
        for before, label in _index(entries)
    )
    content = _LISTED.format(
        scope=scope,
        day=f"{WEEKDAYS[day.weekday()]}, {day.day} {MONTHS[day.month - 1]} {day.year}",
        paging=f"    <div class='paging'>Total of {len(entries)} entries\n    </div>\n" if entries else "",
        sections=_sections(scope, entries, skip, show) or "    <p>No updates today.</p>\n",
    )
    return _page(name_of(scope), index, content)


def render_catchup(scope: str, day: date, entries: Sequence[Entry], *, page: int = 1, size: int = 2000) -> bytes:
    """Return the page `/catchup/{scope}/{day}?abs=True&page={page}` of the batch dated `day`, with `size` entries a page."""
    index = ""
    for before, label in _index(entries):
        at = before // size + 1
        href = "" if at == page else _address(scope, day, at)
        index += f'      <li><a href="{href}#item{before + 1 - (at - 1) * size}">{label}</a></li>\n'
    dated = _short(day)
    nothing = f"  <div>\n    <p>No updates for {dated}</p>\n  </div>\n"
    if page > 1:
        first = f'<a href="{_address(scope, day, 1)}">Go to page 1</a>'
        nothing = f"  <div>\n    No further updates for {dated}\n    <br>\n    {first}\n  </div>\n"
    content = _CAUGHT_UP.format(
        totals=_totals(scope, day, len(entries), page, size),
        sections=_sections(scope, entries, (page - 1) * size, size) or f"<br>\n{nothing}<br>\n",
    )
    return _page(f"Catchup results for {name_of(scope)} on {dated}", index, content)


def _page(title: str, index: str, content: str) -> bytes:
    return _PAGE.format(title=title, index=index, content=content).encode("utf-8", "surrogatepass")


def _index(entries: Sequence[Entry]) -> Iterator[tuple[int, str]]:
    """Give each section that has entries: how many come before it, and what the index calls it."""
    before = 0
    for action, _, label in _SECTIONS:
        if count := sum(entry.action == action for entry in entries):
            yield before, label
        before += count


def _sections(scope: str, entries: Sequence[Entry], skip: int, show: int) -> str:
    """Return the sections as far as they are among the `show` entries after the first `skip`."""
    sections, before = "", 0
    for action, word, _ in _SECTIONS:
        total = [entry for entry in entries if entry.action == action]
        first, last = max(0, skip - before), min(len(total), skip + show - before)
        if first < last:
            items = "".join(render_entry(before + place + 1, total[place], scope) for place in range(first, last))
            heading = f"{word} submissions ({_showing(first, last, len(total))} entries)"
            sections += f"<dl id='articles'>\n    <h3>{heading}</h3>\n{items}</dl>\n"
        before += len(total)
    return sections


def _showing(first: int, last: int, total: int) -> str:
    """Return arXiv's words for the part of a section that is on a page."""
    which = "continued, showing" if first else "showing"
    if last == total:
        return f"{which} last {last - first} of {total}" if first else f"{which} {total} of {total}"
    return f"{which} {last - first} of {total}" if first else f"{which} first {last} of {total}"


def _totals(scope: str, day: date, count: int, page: int, size: int) -> str:
    """Return what stands above and below the entries of a catch-up page: how many there are, and where to go on."""
    numbers = range(1, count // size + 2) if count > size else ()
    links = (f"<a href={_address(scope, day, one)}>{one}</a>" if one != page else f"<span>{one}</span>" for one in numbers)
    pages = f"  View page:{''.join(links)}\n" if numbers else ""
    following = day + timedelta(days=1)
    while not is_arxiv_batch(following):
        following += timedelta(days=1)
    on = f'  <a href="{_address(scope, following, 1)}">Continue catchup on {_short(following)}</a>\n'
    return f"  Total of {count} entries \n{pages}  <br>\n{on}"


def _address(scope: str, day: date, page: int) -> str:
    return f"/catchup/{scope}/{day}?abs=True&amp;page={page}"


def _short(day: date) -> str:
    return f"{WEEKDAYS[day.weekday()][:3]}, {day.day:02} {MONTHS[day.month - 1][:3]} {day.year}"
