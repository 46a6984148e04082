"""The contract between a place that announces papers and the one spider that visits it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal

from crawler.calendar import Calendar
from crawler.sighting import Claim, Reject, Sighting

Kind = Literal["announcement", "catalogue"]
"""`announcement`: these are new today. `catalogue`: these exist."""

Rules = Literal["robots", "api terms"]
"""Whether a route follows robots.txt, or the terms of a named API, OAI or RSS host."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """One HTTP response with status 200: header names in lower case, the body decompressed, `at` aware and in UTC."""

    source: str
    scope: str
    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What was read in one response. `follow` holds the absolute URLs of what belongs to it: next page, article pages.

    `dated`: the document's heading dates its batch (a feed's date cannot be trusted); `whole`: it does not break off.
    """

    kind: Kind
    sightings: tuple[Sighting, ...] = ()
    claims: tuple[Claim, ...] = ()
    follow: tuple[str, ...] = ()
    rejects: tuple[Reject, ...] = ()
    dated: bool = False
    whole: bool = True


Reader = Callable[[Fetched], Page]
"""Pure. Raises ReadError when the document as a whole is not what was promised; one bad entry is a Reject."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One way to ask a source. `start` is a URL that may hold `{scope}`."""

    name: str
    start: str
    read: Reader
    calendar: Calendar
    kind: Kind = "announcement"
    rules: Rules = "robots"
    accept: str = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.1"
    max_bytes: int = 32 * 1024 * 1024
    timeout: timedelta = timedelta(seconds=60)
    max_pages: int = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A place that announces papers: its routes in the order to try them, and the pause between two requests."""

    name: str
    title: str
    routes: tuple[Route, ...]
    delay: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """The newest announcement of one scope that was read completely: its day and the keys in it."""

    announced_on: date
    keys: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """Where one scope of a source left off. `validators` maps a route's name to its (ETag, Last-Modified)."""

    source: str
    scope: str
    batch: Batch | None = None
    validators: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Recorded:
    """What recording a page changed: papers that are new to the store, and papers that changed."""

    new: int = 0
    updated: int = 0


Sink = Callable[[Page, Checkpoint], Recorded]
"""Writes a page and the checkpoint that vouches for it in one transaction."""
