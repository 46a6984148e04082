"""What goes into a crawl and what comes back: values only. Every datetime is aware and in UTC."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Final, Literal

from crawler.calendar import DaysOff
from crawler.feed_health import Outcome
from crawler.sighting import Reject
from crawler.source import Checkpoint
from crawler.text import clean
from crawler.verdict import Verdict

_LINE: Final = 400
# What a person would rather be told of a scope that was looked at by several routes.
_RANK: Final = ("complete", "quiet", "partial", "stale", "throttled", "blocked", "failed")


def utc_now() -> datetime:
    """Return the time of the machine's own clock."""
    return datetime.now(UTC)


def site_of(host: str) -> str:
    """Return the site that a host, with or without its port, belongs to: one lease, and one cool-down, for all of it.

    >>> site_of("rss.arxiv.org:443"), site_of("arxiv.org"), site_of("192.0.2.1")
    ('arxiv.org', 'arxiv.org', '192.0.2.1')
    """
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    labels = name.rstrip(".").split(".")
    return name if name.startswith("[") or labels[-1].isdigit() else ".".join(labels[-2:])


@dataclass(frozen=True, slots=True, kw_only=True)
class HostState:
    """What one host has told us. `host` is lower case, with its port when that is not the scheme's own.

    `robots_txt` is the text read at `robots_at` (empty: there is none, all is allowed; None: never read); `asked_at` is
    when the host was last asked for a page, or in vain for its robots.txt. A cool-down is of a whole site, so it stands
    in the state whose `host` is the `site_of` this one: no request goes to the site before `cooldown_until`, and
    `strikes` counts the times in a row it asked us to slow down. `spent` is how many requests of the daily budget the
    host has had on the UTC day `spent_on`.
    """

    host: str
    robots_txt: str | None = None
    robots_at: datetime | None = None
    asked_at: datetime | None = None
    cooldown_until: datetime | None = None
    strikes: int = 0
    spent: int = 0
    spent_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """What a crawl is sent for, other than the newest batches: papers by their `keys`, or what came in a span of days.

    With `since` alone that is everything that changed since; `limit` is how many papers are enough. `articles` are addresses of
    pages of single papers.
    """

    since: date | None = None
    until: date | None = None
    limit: int | None = None
    keys: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlPlan:
    """One crawl of one source, for the newest batches unless there is an `errand`.

    `source` names the Source by import, `module:NAME`. `delay` replaces the source's own pauses between requests;
    `mirror` is the address that stands in for the web. `clock` must be picklable; it gives the time of every value.
    `settled_at` is when a scope was last asked and had nothing more to give; `owed` has the days of earlier batches to
    ask for again, oldest first; `budget` is how many requests there may be in
    all (None: as many as it takes). `evenings_off` are those the source has told of, beyond the calendar's own;
    `ask_days_off`: have it tell. `token` is the user's own, for a source that wants one; `addresses` are those of scopes that
    have one in the settings.
    """

    source: str
    scopes: tuple[str, ...]
    database: str = field(repr=False)
    checkpoints: Mapping[str, Checkpoint] = field(default_factory=dict)
    hosts: Mapping[str, HostState] = field(default_factory=dict)
    contact: str = ""
    delay: timedelta | None = None
    mirror: str | None = None
    clock: Callable[[], datetime] = utc_now
    settled_at: Mapping[str, datetime] = field(default_factory=dict)
    owed: Mapping[str, tuple[date, ...]] = field(default_factory=dict)
    budget: int | None = None
    evenings_off: frozenset[date] = frozenset()
    ask_days_off: bool = False
    errand: Errand | None = None
    token: str = field(default="", repr=False)
    addresses: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far the look at one scope by one route has come; `expected` is None while no number is stated.

    `share` is how much of the way is gone, from 0 to 1, where that can be told.
    """

    source: str
    scope: str
    route: str
    pages: int = 0
    papers: int = 0
    expected: int | None = None
    share: float | None = None


Task = Literal["newest", "healing", "trending", "articles", "errand"]
"""What a look was for: the newest batch, an earlier one, what is talked about, pages of single papers, or an errand."""

BESIDE: Final[frozenset[Task]] = frozenset({"healing", "trending", "articles"})
"""What is asked for beside the newest batch: when it fails, nobody is called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look at one scope of a source by one route.

    `seen` counts the papers read, `new` and `updated` those the store had not or not so; `error` is one line when the
    verdict is throttled, blocked or failed, or when a later page was lost. `day` is that of the batch the look was for
    (None: nothing was due), `settled` that of the batch of which it has read all, be it an older one. `outcome` is what came of
    its first request, None where that was not made or put off.
    """

    source: str
    scope: str
    route: str
    verdict: Verdict
    at: datetime
    requests: int = 0
    seen: int = 0
    new: int = 0
    updated: int = 0
    rejects: tuple[Reject, ...] = ()
    seconds: float = 0.0
    error: str | None = None
    task: Task = "newest"
    day: date | None = None
    settled: date | None = None
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlReport:
    """Everything one crawl gave: a look per scope and route tried, in order, and the hosts it spoke to.

    `healed` are the looks at earlier days and at what is talked about.
    """

    looks: tuple[Look, ...]
    hosts: tuple[HostState, ...]
    requests: int
    healed: tuple[Look, ...] = ()

    @property
    def results(self) -> tuple[Look, ...]:
        """The look that counts for each scope, in the order of the scopes: the best one, of equals the last."""
        scopes = dict.fromkeys(look.scope for look in self.looks)
        return tuple(best([look for look in self.looks if look.scope == scope]) for scope in scopes)


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the source's page of days off said (None: nothing that could be read), and when it was asked."""

    days_off: DaysOff | None
    at: datetime


Told = Progress | HostState | Outlook | tuple[Look, ...]
"""What a crawl tells as it goes: how far it is, what a host said, and the looks at a scope when it is done with it."""


def trouble_at(source: str, scope: str, why: str) -> str:
    """Say in a line what went wrong with which part of a source, or with one that has none."""
    return f"{f'{source} {scope}'.rstrip()}: {clean(why, _LINE)}"


def failed_look(source: str, scope: str, why: str, at: datetime, task: Task = "newest") -> Look:
    """Return the look at a scope that no route could be asked about."""
    error = trouble_at(source, scope, why)
    verdict = Verdict(kind="failed", why=error)
    return Look(source=source, scope=scope, route="", verdict=verdict, at=at, error=error, task=task)


def best(looks: list[Look]) -> Look:
    """Return the look whose verdict says most; of equals the last that knows of which day it is, else the last."""
    return min(reversed(looks), key=lambda look: (_RANK.index(look.verdict.kind), look.verdict.announced_on is None))
