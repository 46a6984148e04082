"""The contract between a place that announces papers and the one spider that visits it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal
from urllib.parse import quote

from crawler.calendar import Calendar, DaysOff
from crawler.sighting import Claim, Mention, Reject, Sighting
from crawler.venues import Venue

Kind = Literal["announcement", "catalogue", "archive"]
"""`announcement`: these are new today. `catalogue`: these exist. `archive`: so it was once, and nothing of it is news."""

Rules = Literal["robots", "api terms"]
"""Whether a route follows robots.txt, or the terms of a named API, OAI or RSS host."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """One HTTP response with status 200: header names in lower case, the body decompressed, `at` aware and in UTC.

    `batch_on` is the day of the batch that the source's calendar expects in it: for documents that do not say, or whose
    word is not to be trusted.
    """

    source: str
    scope: str
    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    at: datetime
    batch_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What was read in one response. `follow` holds the absolute URLs of what belongs to it: next page, article pages.

    `dated`: the document's heading dates its batch (a feed's date cannot be trusted); `whole`: it does not break off.
    Of a catalogue, `total` is how many entries there are by its own word, `reached` the day up to which this page has
    come where it goes by days, and `as_of` the day it was made. `mentions` are posts that link to papers; `posted` has the days
    of a feed's papers by their keys, where it tells them. A list of venues has `venues` and nothing else.
    """

    kind: Kind
    sightings: tuple[Sighting, ...] = ()
    mentions: tuple[Mention, ...] = ()
    venues: tuple[Venue, ...] = ()
    claims: tuple[Claim, ...] = ()
    follow: tuple[str, ...] = ()
    rejects: tuple[Reject, ...] = ()
    dated: bool = False
    whole: bool = True
    total: int | None = None
    reached: date | None = None
    as_of: date | None = None
    posted: Mapping[str, date] = field(default_factory=dict)


Reader = Callable[[Fetched], Page]
"""Pure. Raises ReadError when the document as a whole is not what was promised; one bad entry is a Reject."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a route is asked for: the newest batch of a scope, that of a `day`, a span of days, or papers by their keys.

    `since` and `until` are both in the span; `contact` is who asks, a mail address, for sites that want to know. `address` is
    where the scope is found, of a source whose scopes have addresses in the settings.
    """

    scope: str
    day: date | None = None
    since: date | None = None
    until: date | None = None
    keys: tuple[str, ...] = ()
    contact: str = ""
    address: str = ""


Start = str | Callable[[Wanted], str]
"""Where a route begins: a URL that may hold `{scope}` and `{day}`, `{address}` alone, or a function that makes one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One way to ask a source.

    `delay` is the pause between two requests to its host, None for the source's own. `exhaustive`: whether it can show
    all of a batch, so that what it shows may be called complete. `lags`: its index follows when it follows, so that it
    says nothing when it finds nothing. `covers` tells which days the page of a day shows, where it is more than that one.
    `lasting`: its list appears once and keeps all that it ever had, as the programme of a conference does; `unscheduled`: it
    shows what came last, whenever that was, as a feed does.
    """

    name: str
    start: Start
    read: Reader
    calendar: Calendar
    kind: Kind = "announcement"
    rules: Rules = "robots"
    accept: str = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.1"
    max_bytes: int = 32 * 1024 * 1024
    timeout: timedelta = timedelta(seconds=60)
    max_pages: int = 20
    delay: timedelta | None = None
    exhaustive: bool = True
    lags: bool = False
    covers: Callable[[date], tuple[date, ...]] | None = None
    lasting: bool = False
    unscheduled: bool = False

    @property
    def dated(self) -> bool:
        """Whether every day has a page of its own."""
        return not self.lasting and (not isinstance(self.start, str) or "{day}" in self.start)

    def address(self, wanted: Wanted) -> str:
        """Return the URL to begin with."""
        if not isinstance(self.start, str):
            return self.start(wanted)
        day = wanted.day.isoformat() if wanted.day else ""
        if self.start == "{address}":
            return wanted.address
        return self.start.replace("{scope}", quote(wanted.scope, safe="+")).replace("{day}", day)


@dataclass(frozen=True, slots=True, kw_only=True)
class DaysOffPage:
    """The page on which a source says when it will announce nothing, and how it is read."""

    url: str
    read: Callable[[Fetched], DaysOff]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of editions that has a list of its own, as `workshops`: at which venues (none named: all), from which year on.

    `due`: it is looked for with the edition itself; others have to be named.
    """

    name: str
    venues: tuple[str, ...] = ()
    since: int = 0
    due: bool = False

    def is_of(self, acronym: str, year: int) -> bool:
        """Tell whether an edition has it."""
        return year >= self.since and (not self.venues or acronym in self.venues)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A place that announces papers: its routes in the order to try them, and the pause between any two requests.

    `healing` shows the batch of any of the last `memory` days; batches that were read are asked for once more when they
    have reached one of the ages `again`, for what has been added to them; `backfill` gives what changed since a day,
    `span` what came between two, `lookup` papers by their keys, at most `lookup_size` at a time; `trending` shows papers of any
    age that are talked about, and is asked for after the newest batch. `daily_budget` says how many requests a day of so many
    scopes may cost.

    Of a place of proceedings the scopes are editions: `venues` are the acronyms of those it has, as it spells them, and `parts`
    the parts of theirs that it lists apart; `volumes`: it can be asked for a volume as well; `always` are scopes of lists that
    never end, of which the first reading is no news; `yearly` are journals among the `venues`, which have a list a year that
    grows until it is over. `any_venue`: it takes an edition of whatever venue as a scope.
    `article` is a page of one paper, by its address, for what the list does not say. `token`: whether it wants a token of the
    user's.
    """

    name: str
    title: str
    routes: tuple[Route, ...]
    delay: timedelta
    healing: Route | None = None
    memory: timedelta = timedelta()
    again: tuple[timedelta, ...] = ()
    backfill: Route | None = None
    span: Route | None = None
    lookup: Route | None = None
    lookup_size: int = 100
    trending: Route | None = None
    article: Route | None = None
    venues: tuple[str, ...] = ()
    any_venue: bool = False
    parts: tuple[Part, ...] = ()
    volumes: bool = False
    always: tuple[str, ...] = ()
    yearly: tuple[str, ...] = ()
    days_off: DaysOffPage | None = None
    daily_budget: Callable[[int], int] | None = None
    token: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """The newest announcement of one scope that was read completely: its day and the keys in it."""

    announced_on: date
    keys: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Harvest:
    """Where a back-fill stands: it began at `since`, has come to `reached`, and goes on at `waiting` (none: it is done).

    `as_of` is the day on which its first page was made: what changed from then on was not in it. `papers` counts those read.
    Of a list that lasts it is the last reading (see `crawler.unfinished`): so many `papers`, and as many `since`; `reached` is
    the day of one that was whole.
    """

    since: date
    until: date | None = None
    waiting: tuple[str, ...] = ()
    reached: date | None = None
    as_of: date | None = None
    papers: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """Where one scope of a source left off. `validators` maps a route's name to its (ETag, Last-Modified)."""

    source: str
    scope: str
    batch: Batch | None = None
    validators: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    harvest: Harvest | None = None

    @property
    def unfinished(self) -> Harvest | None:
        """The last reading of a list that lasts, if a part was missing."""
        return self.harvest if self.harvest and self.harvest.reached is None else None


@dataclass(frozen=True, slots=True)
class Recorded:
    """What recording a page changed: papers that are new to the store, and papers that changed; and what was not taken in."""

    new: int = 0
    updated: int = 0
    rejects: tuple[Reject, ...] = ()


Sink = Callable[[Page, Checkpoint], Recorded]
"""Writes a page and the checkpoint that vouches for it in one transaction."""
