"""arXiv's query API: the addresses that ask it, and its answers (https://info.arxiv.org/help/api/user-manual.html).

It finds papers by their ids, or by a category and the minutes between which their first version was handed in. To the
server (search/services/index/prepare.py in github.com/arXiv/arxiv-search) a minute is its first second, so that a range
up to 23:59 would lack the last papers of the day. Ranges here are half-open: their end is asked for as well, but what
lies there is left to the range that begins with it. So ranges in a row cover time without gap or overlap.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from crawler.calendar import ARXIV_EVENINGS_OFF, NEW_YORK, is_arxiv_batch
from crawler.readers.arxiv_query_entry import open_answer, read_query_entry
from crawler.sighting import Claim, Reject, Sighting
from crawler.source import Fetched, Page, Wanted

Span = tuple[datetime, datetime]
"""From the first moment up to the second, which is not in it: whole minutes, aware and in UTC."""

_API: Final = "https://export.arxiv.org/api/query"
_SIZE: Final = 1000  # the manual recommends no more to a page
_WINDOW: Final = 10_000  # the server shows no entry beyond, although the manual says 30,000
_MINUTE: Final = timedelta(minutes=1)
_FORM: Final = "%Y%m%d%H%M"
_RANGE: Final = re.compile(r"submittedDate:\[(\d{12}) TO (\d{12})\]", re.ASCII)
_DAY: Final = timedelta(days=1)
_SUNDAY: Final = 6
_DEADLINE: Final = time(14)

# The archives that have subject classes (https://arxiv.org/category_taxonomy); the others are categories themselves.
_ARCHIVES: Final = frozenset(
    ("astro-ph", "cond-mat", "cs", "econ", "eess", "math", "nlin", "physics", "q-bio", "q-fin", "stat")
)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What an address asks for: from the entry `start` on, `size` entries, handed in within the `span` if it has one."""

    parameters: Mapping[str, str]
    start: int
    size: int
    span: Span | None


def papers_address(wanted: Wanted) -> str:
    """Return the address of the papers with the ids `wanted.keys`, of which there are 1 to 200."""
    return _address({"id_list": ",".join(wanted.keys), "start": "0", "max_results": str(len(wanted.keys))})


def span_address(wanted: Wanted) -> str:
    """Return the address of the papers of a category, or archive, handed in from `since` to the end of `until` (GMT).

    Without them there is nothing to search for: it is the bare address of the API, which answers with an error.
    """
    if wanted.since is None or wanted.until is None:
        return _API
    begin, end = (datetime.combine(day, time(), UTC) for day in (wanted.since, wanted.until + _DAY))
    return _search(wanted.scope, (begin, end))


def day_address(wanted: Wanted, evenings_off: frozenset[date] = ARXIV_EVENINGS_OFF) -> str:
    """Return the address of the papers that belong to arXiv's batch dated `wanted.day`.

    Without a day it is the bare address of the API, which answers with an error.
    """
    return _API if wanted.day is None else _search(wanted.scope, window(wanted.day, evenings_off))


def window(day: date, evenings_off: frozenset[date] = ARXIV_EVENINGS_OFF) -> Span:
    """Return when the papers of the batch dated `day` were handed in (https://info.arxiv.org/help/availability.html).

    It begins where that of the batch before ended; that of a day without batch is empty.
    """
    before = day - _DAY
    while not is_arxiv_batch(before, evenings_off):
        before -= _DAY
    begin = _deadline(before)
    return begin, _deadline(day) if is_arxiv_batch(day, evenings_off) else begin


def read_arxiv_query(fetched: Fetched) -> Page:
    """Read one page of papers found by their ids, or by a span, as a catalogue.

    `follow` leads to the next page; or, when the server would not show them all, to the two halves of the span. Raises
    ReadError for what is no Atom feed, and for the feed arXiv sends in place of an error.
    """
    answer, asked = open_answer(fetched), _asked(fetched.url)
    found = [read_query_entry(entry, fetched) for entry in answer.entries]
    sightings = [one for one in found if isinstance(one, Sighting)]
    kept = tuple(one for one in sightings if _is_within(one, asked.span))
    follow, whole = _further(asked, answer.total, len(found)) if answer.whole else ((), False)
    return Page(
        kind="catalogue",
        sightings=kept,
        rejects=tuple(one for one in found if isinstance(one, Reject)) + answer.rejects,
        follow=follow,
        whole=whole,
        total=None if answer.total is None else answer.total - len(sightings) + len(kept),
    )


def read_arxiv_batch(fetched: Fetched) -> Page:
    """Read one page of the papers handed in for the batch of `fetched.batch_on`, as its announcement.

    A paper that has a second version by now was announced all the same. Raises ReadError as `read_arxiv_query` does.
    """
    page = read_arxiv_query(fetched)
    seen = len(page.sightings) + len(page.rejects)
    claim = Claim(scope=fetched.scope, section="", announced_on=fetched.batch_on, expected=None, seen=seen)
    return replace(
        page,
        kind="announcement",
        sightings=tuple(_announced(sighting, fetched) for sighting in page.sightings),
        claims=(claim,) if len(page.follow) < 2 else (),  # what is asked for anew in two halves is counted there
        total=None,
    )


def _announced(sighting: Sighting, fetched: Fetched) -> Sighting:
    primary = sighting.categories[0] if sighting.categories else ""
    is_home = primary == fetched.scope or primary.startswith(f"{fetched.scope}.")
    return replace(sighting, action="new" if is_home else "cross", announced_on=fetched.batch_on)


def _is_within(sighting: Sighting, span: Span | None) -> bool:
    """Tell whether a paper lies before the end of the span; one whose moment is not told is taken at the search's word."""
    first = next((one.at for one in sighting.submissions if one.version == 1), None)
    return span is None or first is None or first < span[1]


def _further(asked: _Asked, total: int | None, received: int) -> tuple[tuple[str, ...], bool]:
    """Return where to find what this page does not show of the `total`, and whether all of it will be found there."""
    reached = asked.start + received
    if total is None:
        total = reached + (received >= asked.size > 0)
    if reached >= total:
        return (), True
    if "id_list" in asked.parameters:
        return (), False
    # The server is known to send an empty page now and then where there should be one: a narrower question helps.
    if (total > _WINDOW or not received) and (halves := _halves(asked)):
        return halves, True
    if not received or reached >= _WINDOW:
        return (), False
    # After a page with fewer entries than asked for, what it lacks is asked for again.
    further = {"start": str(reached), "max_results": str(min(asked.size, _WINDOW - reached))}
    return (_address({**asked.parameters, **further}),), total <= _WINDOW


def _halves(asked: _Asked) -> tuple[str, ...]:
    """Return the addresses of the two halves of a span; nothing where there is no span, or it is of one minute."""
    if asked.span is None or asked.span[1] - asked.span[0] <= _MINUTE:
        return ()
    begin, end = asked.span
    middle = begin + (end - begin) // _MINUTE // 2 * _MINUTE
    query = asked.parameters["search_query"]
    return tuple(
        _address({**asked.parameters, "search_query": _RANGE.sub(_range(half), query, count=1), "start": "0"})
        for half in ((begin, middle), (middle, end))
    )


def _asked(url: str) -> _Asked:
    """Read an address of the API, with the server's defaults for what it leaves out."""
    parameters = dict(parse_qsl(urlsplit(url).query))
    match = _RANGE.search(parameters.get("search_query", ""))
    return _Asked(
        parameters=parameters,
        start=_number(parameters.get("start", ""), 0),
        size=_number(parameters.get("max_results", ""), 10),
        span=_span(match[1], match[2]) if match else None,
    )


def _number(text: str, default: int) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else default


def _span(*minutes: str) -> Span | None:
    try:
        begin, end = (datetime.strptime(minute, _FORM).replace(tzinfo=UTC) for minute in minutes)
    except ValueError:
        return None
    return begin, end


def _search(scope: str, span: Span) -> str:
    category = f"{scope}.*" if scope in _ARCHIVES else scope
    return _address(
        {
            "search_query": f"cat:{category} AND {_range(span)}",
            "sortBy": "submittedDate",
            "sortOrder": "ascending",
            "start": "0",
            "max_results": str(_SIZE),
        }
    )


def _range(span: Span) -> str:
    return f"submittedDate:[{span[0]:{_FORM}} TO {span[1]:{_FORM}}]"


def _address(parameters: Mapping[str, str]) -> str:
    return f"{_API}?{urlencode(parameters, safe=':*,/')}"


def _deadline(batch_on: date) -> datetime:
    """Return until when papers came into a batch: 14:00 on its evening; a Sunday's takes those of up to Friday."""
    evening = batch_on - _DAY
    closing = evening - 2 * _DAY if evening.weekday() == _SUNDAY else evening
    return datetime.combine(closing, _DEADLINE, NEW_YORK).astimezone(UTC)
