"""arXiv's pages of a day's papers: the listing of the newest batch, and the catch-up page of one gone by.

`/list/{category}/new` shows the newest; `/catchup/{category}/{day}?abs=True` that of any of the last 90 days, since 2024
in the same form (https://arxiv.org/catchup, templates of github.com/arXiv/arxiv-browse).
"""

import re
from datetime import date, timedelta
from typing import Final
from urllib.parse import parse_qs, urlsplit

from crawler.calendar import NEW_YORK, ArxivListing
from crawler.errors import ReadError
from crawler.readers.arxiv_entry import place_of, read_entry
from crawler.readers.arxiv_sections import Listing, is_ended, parse, take_apart
from crawler.sighting import Claim, Reject, Sighting
from crawler.source import Fetched, Page
from crawler.text import clean

_SHOW: Final = 2000  # the most entries arXiv puts on one page of either kind, and its default here
_ITEM: Final = re.compile(r"item(\d{1,7})")


def read_arxiv_listing(fetched: Fetched) -> Page:
    """Read one page of a listing: a claim for each section, and the next page when this one does not show all.

    A page without its date is taken to be of the day expected in it. Raises ReadError for a page with neither a dated
    heading, nor a section, nor the sentence "No updates today.", and for one dated in the future.
    """
    listing = _open(fetched)
    # arXiv has left the heading out at times, and then the calendar has to do.
    day = listing.announced_on or fetched.batch_on or ArxivListing().due(fetched.at).batch_on
    before = _number(fetched.url, "skip", 0)
    following = f"skip={before + listing.shown()}&show={_SHOW}"
    return _page(fetched, listing, day=day, before=before, following=following)


def read_arxiv_catchup(fetched: Fetched) -> Page:
    """Read one page of the catch-up with the day that its address ends in, as a page of the listing is read.

    A page without its date is taken to be of that day. A day without announcement is an empty page that is whole. Raises
    ReadError for a page of another day, for an address without one, and for what no listing may be either.
    """
    asked = _asked(fetched)
    listing = _open(fetched)
    if others := listing.days() - {asked}:
        raise ReadError(fetched.source, fetched.url, f"a page of another day, {max(others)}")
    number = _number(fetched.url, "page", 1)
    before = _before(listing, number)
    return _page(fetched, listing, day=asked, before=before, following=f"abs=True&page={number + 1}")


def _open(fetched: Fetched) -> Listing:
    """Take a page apart, and refuse it if there is no listing on it, or that of a day which has none yet."""
    root = parse(fetched)
    listing = take_apart(root)
    if not (listing.announced_on or listing.sections or listing.empty):
        title = clean(root.findtext(".//title") or "", 80)
        raise ReadError(fetched.source, fetched.url, f'no listing on the page titled "{title}"')
    newest = max(listing.days(), default=date.min)
    # A list is announced on the evening before its day. One of a later day, taken at its word, would make every list
    # until then an old one.
    if newest > fetched.at.astimezone(NEW_YORK).date() + timedelta(days=1):
        raise ReadError(fetched.source, fetched.url, f"dated in the future, {newest}")
    return listing


def _page(fetched: Fetched, listing: Listing, *, day: date | None, before: int, following: str) -> Page:
    """Read a page that `before` entries come before; `following` is the query of the next one, if there should be one."""
    # Counting entries alone would not show that the last section never came; and a page that says there is nothing
    # (more), and states a number of entries beside it, contradicts itself.
    whole = is_ended(fetched) and (bool(listing.sections) or (listing.empty and not listing.total))
    found = _entries(listing, fetched, day, torn=not is_ended(fetched) and _is_torn(fetched.body))
    more = whole and listing.shown() > 0 and before + listing.shown() < listing.stated()
    return Page(
        kind="announcement",
        sightings=tuple(entry for entry in found if isinstance(entry, Sighting)),
        rejects=tuple(entry for entry in found if isinstance(entry, Reject)),
        claims=_claims(listing, fetched.scope, day),
        follow=(urlsplit(fetched.url)._replace(query=following, fragment="").geturl(),) if more else (),
        dated=listing.announced_on is not None,
        whole=whole,
    )


def _claims(listing: Listing, scope: str, day: date | None) -> tuple[Claim, ...]:
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


def _entries(listing: Listing, fetched: Fetched, day: date | None, *, torn: bool) -> list[Sighting | Reject]:
    """Read every entry. The last one of a page that is `torn` in it may miss a part of its abstract: it is a reject."""
    found = [
        read_entry(dt, dd, fetched=fetched, section=section.name, announced_on=section.announced_on or day)
        for section in listing.sections
        for dt, dd in section.entries
    ]
    if torn and found:
        found[-1] = Reject(key=found[-1].key, why="the page breaks off in this entry")
    return found


def _is_torn(body: bytes) -> bool:
    """Tell whether a page that breaks off does so inside an entry."""
    return max(body.rfind(b"<dt"), body.rfind(b"<dd")) > body.rfind(b"</dd>")


def _asked(fetched: Fetched) -> date:
    """Return the day that the address of a catch-up page ends in."""
    try:
        return date.fromisoformat(urlsplit(fetched.url).path.rpartition("/")[2])
    except ValueError as error:
        raise ReadError(fetched.source, fetched.url, "its address names no day") from error


def _number(url: str, name: str, default: int) -> int:
    """Return the number that a parameter of the address has."""
    value = parse_qs(urlsplit(url).query).get(name, [""])[0]
    return int(value) if value.isdecimal() else default


def _before(listing: Listing, page: int) -> int:
    """Return how many entries the pages before this one have: the entries are counted through, by their anchors."""
    first = next((dt for section in listing.sections for dt, _ in section.entries), None)
    counted = None if first is None else _ITEM.fullmatch(place_of(first))
    return int(counted[1]) - 1 if counted else (page - 1) * _SHOW
