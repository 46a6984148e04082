"""arXiv's listing pages, `/list/{category}/new`, as they are since 2024 (templates of github.com/arXiv/arxiv-browse).

A heading dates the page; then a section each for new, cross-listed and replaced papers, which states how many entries
it has and how many of them this page shows; an entry is a `dt` with the links and a `dd` with the description.
"""

import re
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final
from urllib.parse import parse_qs, urlsplit

from lxml import etree

from crawler.calendar import NEW_YORK, ArxivListing
from crawler.errors import ReadError
from crawler.readers.arxiv_entry import read_entry, text_of
from crawler.sighting import KEY_LIMIT, Action, Claim, Reject, Sighting
from crawler.source import Fetched, Page
from crawler.text import clean

_SHOW: Final = 2000  # the most entries arXiv puts on one page, and its default here
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DATE: Final = re.compile(r"\b(\d{1,2}) ([A-Z][a-z]{2})[a-z]* (\d{4})\b")
_SECTION: Final = re.compile(
    r"(?P<name>[^(]+?)\s*"
    r"\((?:continued,\s*)?showing\s+(?:first\s+|last\s+)?(?P<shown>\d{1,6})\s+of\s+(?P<all>\d{1,6})\s+entries\s*\)"
)
_ACTIONS: Final[dict[str, Action]] = {"new": "new", "cross": "cross", "replacement": "replace"}
_TOTAL: Final = re.compile(r"\s*Total of (\d{1,6}) entries")


@dataclass(slots=True)
class _Section:
    """One section of the page: what its heading says, and its entries as pairs of `dt` and `dd`.

    `name` is an Action, or what the heading says.
    """

    name: str
    shown: int = 0
    expected: int | None = None
    announced_on: date | None = None
    entries: list[tuple[etree._Element, etree._Element | None]] = field(default_factory=list)


@dataclass(slots=True)
class _Listing:
    """The page taken apart. `total` counts the entries of all its pages; `empty`: it says there are none."""

    announced_on: date | None = None
    total: int | None = None
    empty: bool = False
    sections: list[_Section] = field(default_factory=list)


def read_arxiv_listing(fetched: Fetched) -> Page:
    """Read one page of a listing: a claim for each section, and the next page when this one does not show all.

    Raises ReadError for a page with neither a dated heading, nor a section, nor the sentence "No updates today.", and for
    one dated in the future.
    """
    root = _parse(fetched)
    listing = _take_apart(root)
    if not (listing.announced_on or listing.sections or listing.empty):
        title = clean(root.findtext(".//title") or "", 80)
        raise ReadError(fetched.source, fetched.url, f'no listing on the page titled "{title}"')
    _refuse_the_future(listing, fetched)
    # Every whole page ends in </html>; counting entries alone would not show that the last section never came.
    whole = b"</html" in fetched.body[-1000:].lower() and bool(listing.sections or listing.empty)
    found = _entries(listing, fetched, torn=not whole and _is_torn(fetched.body))
    return Page(
        kind="announcement",
        sightings=tuple(entry for entry in found if isinstance(entry, Sighting)),
        rejects=tuple(entry for entry in found if isinstance(entry, Reject)),
        claims=_claims(listing, fetched.scope, _day_of(listing, fetched)),
        follow=_next_page(listing, fetched.url) if whole else (),
        dated=listing.announced_on is not None,
        whole=whole,
    )


def _parse(fetched: Fetched) -> etree._Element:
    # What is no UTF-8, and NUL, would end the text early inside libxml2.
    body = fetched.body.decode("utf-8", "replace").replace("\0", " ").encode()
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    root: etree._Element | None = None
    with suppress(etree.LxmlError):  # versions of lxml differ in whether an empty page raises, or gives None
        root = etree.fromstring(body, parser)
    if root is None:
        raise ReadError(fetched.source, fetched.url, "the page is empty")
    return root


def _refuse_the_future(listing: _Listing, fetched: Fetched) -> None:
    """Refuse a page of a day that has no list yet: taken at its word, it would make every list until then an old one."""
    days = (listing.announced_on, *(section.announced_on for section in listing.sections))
    newest = max((day for day in days if day), default=date.min)
    # A list is announced on the evening before its day.
    if newest > fetched.at.astimezone(NEW_YORK).date() + timedelta(days=1):
        raise ReadError(fetched.source, fetched.url, f"dated in the future, {newest}")


def _take_apart(root: etree._Element) -> _Listing:
    """Walk over the page once and put everything where it belongs."""
    listing = _Listing()
    for element in root.iter("h3", "dt", "dd", "p", "div"):
        if element.tag == "h3":
            _add_heading(listing, clean(text_of(element)))
        elif element.tag == "dt":
            if not listing.sections:
                listing.sections.append(_Section(""))
            listing.sections[-1].entries.append((element, None))
        elif element.tag == "dd" and listing.sections:
            entries = listing.sections[-1].entries
            if entries and entries[-1][1] is None:
                entries[-1] = (entries[-1][0], element)
        elif element.tag == "p":
            listing.empty |= (element.text or "").lstrip().startswith("No updates")
        elif element.get("class") == "paging" and (match := _TOTAL.match(element.text or "")):
            listing.total = int(match[1])
    return listing


def _add_heading(listing: _Listing, text: str) -> None:
    """Take up a heading: the day of the page, or a section (which carried the day itself until 2024)."""
    day = _day(text)
    name = text.partition(" ")[0].lower()
    if match := _SECTION.fullmatch(text):
        name = _ACTIONS.get(name) or clean(match["name"], KEY_LIMIT)
        listing.sections.append(_Section(name, int(match["shown"]), int(match["all"]), day))
    elif name in _ACTIONS:
        listing.sections.append(_Section(_ACTIONS[name], announced_on=day))
    listing.announced_on = listing.announced_on or day


def _day(text: str) -> date | None:
    match = _DATE.search(text)
    if match is None or match[2].lower() not in _MONTHS:
        return None
    try:
        return date(int(match[3]), _MONTHS.index(match[2].lower()) + 1, int(match[1]))
    except ValueError:
        return None


def _claims(listing: _Listing, scope: str, day: date | None) -> tuple[Claim, ...]:
    if not listing.sections:
        expected = 0 if listing.empty else None
        return (Claim(scope=scope, section="", announced_on=day, expected=expected, seen=0),)
    return tuple(
        Claim(
            scope=scope,
            section=section.name,
            announced_on=section.announced_on or day,
            expected=section.expected,
            seen=len(section.entries),
        )
        for section in listing.sections
    )


def _next_page(listing: _Listing, url: str) -> tuple[str, ...]:
    """Return the address of the next page, if the sections of this one end before the list does."""
    address = urlsplit(url)
    skip = parse_qs(address.query).get("skip", ["0"])[0]
    shown = sum(section.shown for section in listing.sections)
    reached = (int(skip) if skip.isdecimal() else 0) + shown
    total = listing.total or sum(section.expected or 0 for section in listing.sections)
    if not shown or reached >= total:
        return ()
    return (address._replace(query=f"skip={reached}&show={_SHOW}", fragment="").geturl(),)


def _is_torn(body: bytes) -> bool:
    """Tell whether a page that breaks off does so inside an entry."""
    return max(body.rfind(b"<dt"), body.rfind(b"<dd")) > body.rfind(b"</dd>")


def _entries(listing: _Listing, fetched: Fetched, *, torn: bool) -> list[Sighting | Reject]:
    """Read every entry. The last one of a page that is `torn` in it may miss a part of its abstract: it is a reject."""
    day = _day_of(listing, fetched)
    found = [
        read_entry(dt, dd, fetched=fetched, section=section.name, announced_on=section.announced_on or day)
        for section in listing.sections
        for dt, dd in section.entries
    ]
    if torn and found:
        found[-1] = Reject(key=found[-1].key, why="the page breaks off in this entry")
    return found


def _day_of(listing: _Listing, fetched: Fetched) -> date | None:
    """Return the day of the page; arXiv has left the heading out at times, and then the calendar has to do."""
    return listing.announced_on or ArxivListing().due(fetched.at).batch_on
