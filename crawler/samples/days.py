"""Two simulated mornings, for `paperlark demo` and the tests: what lists and feeds show when a reader looks.

On the second morning cs.LG is late: its list is still that of the first. What the batches hold is in days.toml.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Any, Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from crawler.calendar import ArxivFeed
from crawler.readers.arxiv_query import day_address
from crawler.samples.arxiv import Entry, render_catchup, render_listing
from crawler.samples.arxiv_feed import render_atom, render_feed
from crawler.samples.arxiv_query import answer_query
from crawler.samples.cvf_days import programme_pages
from crawler.samples.huggingface_days import list_pages
from crawler.sighting import Action
from crawler.source import Wanted

SCOPES: Final = ("cs.CV", "cs.LG")
"""The categories that have pages."""

_ROBOTS: Final = b"""User-agent: *
Allow: /abs/
Allow: /list/
Allow: /catchup/
Disallow: /
Crawl-delay: 15
"""
_HTML: Final = "text/html; charset=utf-8"
_THURSDAY: Final = date(2026, 1, 15)
_FRIDAY: Final = date(2026, 1, 16)
_HALF_PAST_TEN: Final = datetime(2026, 1, 15, 10, 30, tzinfo=ZoneInfo("Asia/Shanghai"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Morning:
    """One morning: when the reader's run is (aware), and the day of the batch that the list of each scope shows then."""

    now: datetime
    shown: Mapping[str, date]

    def pages(self) -> dict[str, tuple[str, bytes]]:
        """Return the content type and the body of every page by its address without `https://`, as a mirror has it.

        The lists show a new batch on the evening before its day, the feeds only on that day in New York: there, a
        morning in Shanghai is the day before.
        """
        fed = ArxivFeed().newest(self.now)
        lists = {
            f"arxiv.org/list/{scope}/new": (_HTML, render_listing(scope, day, batch(scope, day)))
            for scope, day in self.shown.items()
        }
        feeds = {
            f"rss.arxiv.org/rss/{scope}": ("application/rss+xml; charset=utf-8", render_feed(scope, fed, batch(scope, fed)))
            for scope in self.shown
        }
        atoms = {
            f"rss.arxiv.org/atom/{scope}": ("application/atom+xml; charset=utf-8", render_atom(scope, fed, batch(scope, fed)))
            for scope in self.shown
        }
        days = {
            f"arxiv.org/catchup/{scope}/{day}?abs=True": (_HTML, render_catchup(scope, day, batch(scope, day)))
            for scope in self.shown
            for day in (_THURSDAY, _FRIDAY)
            if day <= fed
        }
        return {
            "arxiv.org/robots.txt": ("text/plain; charset=utf-8", _ROBOTS),
            **lists,
            **feeds,
            **atoms,
            **days,
            **_searches(),
            **list_pages(self.now.date()),
            **programme_pages(self.now.date()),
        }


def _searches() -> dict[str, tuple[str, bytes]]:
    """Return the answers of the API, whose index has not yet taken in what is new."""
    addresses = (day_address(Wanted(scope=scope, day=day)) for scope in SCOPES for day in (_THURSDAY, _FRIDAY))
    return {
        address.removeprefix("https://"): ("application/atom+xml; charset=utf-8", answer_query(urlsplit(address).query, ()))
        for address in addresses
    }


MORNINGS: Final = (
    Morning(now=_HALF_PAST_TEN, shown=dict.fromkeys(SCOPES, _THURSDAY)),
    Morning(now=_HALF_PAST_TEN.replace(day=16), shown={"cs.CV": _FRIDAY, "cs.LG": _THURSDAY}),
)
"""The mornings of the batches dated Thursday and Friday, 15 and 16 January 2026."""


@dataclass(frozen=True, slots=True)
class _Notice:
    """An entry of the batch of one day, and the categories that list it."""

    on: date
    scopes: tuple[str, ...]
    entry: Entry


def batch(scope: str, day: date) -> tuple[Entry, ...]:
    """Return what the batch of `scope` dated `day` holds, by id; nothing on other days than those of MORNINGS."""
    entries = (
        replace(notice.entry, action=_action(notice.entry, scope))
        for notice in _notices()
        if notice.on == day and scope in notice.scopes
    )
    return tuple(sorted(entries, key=lambda entry: entry.id))


def _action(entry: Entry, scope: str) -> Action:
    if entry.version > 1:
        return "replace"
    return "new" if entry.categories[0] == scope else "cross"


@cache
def _notices() -> tuple[_Notice, ...]:
    rows = tomllib.loads(files("crawler.samples").joinpath("days.toml").read_text("utf-8"))
    papers = {row["id"]: row for row in rows["papers"]}
    first = [_Notice(row["on"], tuple(row["categories"]), _entry(row)) for row in papers.values()]
    return (*first, *(_changed(papers[change["id"]], change) for change in rows["changes"]))


def _changed(paper: Mapping[str, Any], change: Mapping[str, Any]) -> _Notice:
    entry = _entry({**paper, **change})
    added = tuple(category for category in entry.categories if category not in paper["categories"])
    return _Notice(change["on"], added or entry.categories, entry)


def _entry(row: Mapping[str, Any]) -> Entry:
    return Entry(
        id=row["id"],
        title=row["title"],
        authors=tuple(row["authors"]),
        abstract=" ".join(row["abstract"].split()),
        categories=tuple(row["categories"]),
        version=row.get("version", 1),
        comment=row.get("comment"),
    )
