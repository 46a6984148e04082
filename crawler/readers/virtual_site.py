"""The list of orals and posters on the virtual site of a conference: the first complete one that programs can read.

https://neurips.cc/static/virtual/data/neurips-2025-orals-posters.json, and likewise at the other hosts. It has `count` and
`results`, which are events: a poster, and of some papers an oral or a spotlight beside it. Abstracts are in it, or in a second
file by the numbers of the events, or only on the pages of the events. Before there is a programme it is there and empty.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import quote

from crawler.errors import ReadError
from crawler.programmes import Edition
from crawler.readers.json_api import count_of, open_json, table_of
from crawler.readers.programme import Entry, programme
from crawler.readers.virtual_event import HOSTS, Event, read_event
from crawler.sighting import Reject
from crawler.source import Fetched, Page, Wanted

_MOST_EVENTS: Final = 100_000
_MOST_TABLES: Final = 3_000_000  # braces and brackets; 7,000 events have some 100,000, and the TeX in their abstracts more


def list_address(wanted: Wanted) -> str:
    """Return the address of the list of an edition."""
    edition = Edition.parse(wanted.scope)
    acronym, year = (edition.acronym, str(edition.year)) if edition else (wanted.scope, "")
    # Nothing is asked of an edition that has no site here, so that of the first one will do.
    host = HOSTS.get(acronym, HOSTS["NeurIPS"])
    return f"https://{host}/static/virtual/data/{quote(acronym.lower(), safe='')}-{year}-orals-posters.json"


def read_virtual_site(fetched: Fetched) -> Page:
    """Read the list of an edition: a paper with several events is one paper, in the tracks of all of them.

    What is no paper is counted, for `count` counts it, and left out. Raises ReadError for what is no list of events.
    """
    if fetched.body.count(b"{") + fetched.body.count(b"[") > _MOST_TABLES:
        raise ReadError(fetched.source, fetched.url, f"more than {_MOST_TABLES:,} objects and arrays")
    told = table_of(open_json(fetched))
    results = told.get("results")
    if not isinstance(results, list) or len(results) > _MOST_EVENTS:
        raise ReadError(fetched.source, fetched.url, "no list of events, or one of very many")
    return programme(fetched, _entries(results, fetched), expected=count_of(told.get("count")))


def _entries(results: Sequence[object], fetched: Fetched) -> Iterator[Entry | Reject | None]:
    """Return an entry for each event, those of one paper under the key of the first poster of it."""
    events: list[Event] = []
    for place, value in enumerate(results, 1):
        one = read_event(value, fetched)
        if isinstance(one, Event):
            events.append(one)
        else:
            yield replace(one, key=f"entry {place}") if one else None
    # What the first entry says counts, and the page of the poster is that of the paper.
    events.sort(key=lambda event: not event.is_poster)
    for event, first in zip(events, _firsts(events), strict=True):
        yield replace(event.entry, key=events[first].entry.key)


def _firsts(events: Sequence[Event]) -> list[int]:
    """Return for each event the place of the first one of its paper: those that share a token, or are so linked by others."""
    above = list(range(len(events)))
    holders: dict[tuple[str, ...], int] = {}

    def first(place: int) -> int:
        while above[place] != place:
            above[place] = place = above[above[place]]
        return place

    for place, event in enumerate(events):
        for token in event.tokens:
            one, two = first(place), first(holders.setdefault(token, place))
            above[max(one, two)] = min(one, two)
    return [first(place) for place in range(len(events))]
