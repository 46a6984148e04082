"""The pages of arXiv that list a day's papers, taken apart: its heading, its totals, its sections and their entries.

The listing and the catch-up pages differ in the heading and in how they say that there is nothing; the sections are the
same (templates of github.com/arXiv/arxiv-browse). A section states how many entries it has and how many of them the
page shows; an entry is a `dt` with the links and a `dd` with the description. What an entry says is read elsewhere.
"""

import re
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from lxml import etree

from crawler.errors import ReadError
from crawler.readers.arxiv_entry import text_of
from crawler.readers.bounds import refuse_floods, refuse_long_tags
from crawler.sighting import KEY_LIMIT, Action
from crawler.source import Fetched
from crawler.text import clean

MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MOST_TAGS: Final = 400_000  # a page of 2,000 entries with abstracts has some 150,000
_DATE: Final = re.compile(r"\b(\d{1,2}) ([A-Z][a-z]{2})[a-z]* (\d{4})\b")
_SECTION: Final = re.compile(
    r"(?P<name>[^(]+?)\s*"
    r"\((?:continued,\s*)?showing\s+(?:first\s+|last\s+)?(?P<shown>\d{1,6})\s+of\s+(?P<all>\d{1,6})\s+entries\s*\)"
)
_ACTIONS: Final[dict[str, Action]] = {"new": "new", "cross": "cross", "replacement": "replace"}
_TOTAL: Final = re.compile(r"\s*Total of (\d{1,6}) entries")
_CATCHUP: Final = "Catchup results for "


@dataclass(slots=True)
class Section:
    """One section of the page: what its heading says, and its entries as pairs of `dt` and `dd`.

    `name` is an Action, or what the heading says.
    """

    name: str
    shown: int = 0
    expected: int | None = None
    announced_on: date | None = None
    entries: list[tuple[etree._Element, etree._Element | None]] = field(default_factory=list)


@dataclass(slots=True)
class Listing:
    """The page taken apart. `total` counts the entries of all its pages; `empty`: it says there are none."""

    announced_on: date | None = None
    total: int | None = None
    empty: bool = False
    sections: list[Section] = field(default_factory=list)

    def days(self) -> frozenset[date]:
        """Return every day that the page dates itself or one of its sections with."""
        found = (self.announced_on, *(section.announced_on for section in self.sections))
        return frozenset(day for day in found if day is not None)

    def shown(self) -> int:
        """Return how many entries the sections say are on this page."""
        return sum(section.shown for section in self.sections)

    def stated(self) -> int:
        """Return how many entries there are on all pages, as far as this one tells."""
        return self.total or sum(section.expected or 0 for section in self.sections)


def parse(fetched: Fetched) -> etree._Element:
    """Return the root of an HTML page. Raises ReadError for one with nothing in it, and for one of very many tags."""
    refuse_floods(fetched, _MOST_TAGS)
    refuse_long_tags(fetched)
    # What is no UTF-8, and NUL, would end the text early inside libxml2.
    body = fetched.body.decode("utf-8", "replace").replace("\0", " ").encode()
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    root: etree._Element | None = None
    with suppress(etree.LxmlError):  # versions of lxml differ in whether an empty page raises, or gives None
        root = etree.fromstring(body, parser)
    if root is None:
        raise ReadError(fetched.source, fetched.url, "the page is empty")
    return root


def is_ended(fetched: Fetched) -> bool:
    """Tell whether the page came to its end: every whole one closes its `html`."""
    return b"</html" in fetched.body[-1000:].lower()


def take_apart(root: etree._Element) -> Listing:
    """Walk over the page once and put everything where it belongs."""
    listing = Listing()
    for element in root.iter("h1", "h3", "dt", "dd", "p", "div"):
        if element.tag == "h1":
            _add_title(listing, clean(text_of(element)))
        elif element.tag == "h3":
            _add_heading(listing, clean(text_of(element)))
        elif element.tag in ("dt", "dd"):
            _add_part(listing, element)
        elif element.get("class") in (None, "paging"):  # the others hold what authors wrote
            _add_sentence(listing, element.text or "")
    return listing


def _add_title(listing: Listing, text: str) -> None:
    """Take up the title of the page, which dates a catch-up page."""
    if text.startswith(_CATCHUP):
        listing.announced_on = listing.announced_on or _day(text.rpartition(" on ")[2])


def _add_heading(listing: Listing, text: str) -> None:
    """Take up a heading: the day of the page, or a section (which carried the day itself until 2024)."""
    day = _day(text)
    name = text.partition(" ")[0].lower()
    if match := _SECTION.fullmatch(text):
        name = _ACTIONS.get(name) or clean(match["name"], KEY_LIMIT)
        listing.sections.append(Section(name, int(match["shown"]), int(match["all"]), day))
    elif name in _ACTIONS:
        listing.sections.append(Section(_ACTIONS[name], announced_on=day))
    listing.announced_on = listing.announced_on or day


def _add_part(listing: Listing, element: etree._Element) -> None:
    """Take up an entry, or the description of the last one."""
    if element.tag == "dt":
        if not listing.sections:
            listing.sections.append(Section(""))
        listing.sections[-1].entries.append((element, None))
    elif listing.sections:
        entries = listing.sections[-1].entries
        if entries and entries[-1][1] is None:
            entries[-1] = (entries[-1][0], element)


def _add_sentence(listing: Listing, text: str) -> None:
    """Take up what the page says outside its headings and entries: how many entries there are, or that there are none."""
    if text.lstrip().startswith(("No updates", "No further updates")):
        listing.empty = True
    elif match := _TOTAL.match(text):
        listing.total = int(match[1])


def _day(text: str) -> date | None:
    match = _DATE.search(text)
    if match is None or match[2].lower() not in MONTHS:
        return None
    try:
        return date(int(match[3]), MONTHS.index(match[2].lower()) + 1, int(match[1]))
    except ValueError:
        return None
