"""What one crawl is to do, by what the store remembers: the plan that the child process is given."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from crawler.calendar import KNOWN_YEARS
from crawler.feed_health import FEEDS
from crawler.healing import once_more, owed
from crawler.report import CrawlPlan, Errand, HostState, site_of
from crawler.source import Route, Source, Wanted
from crawler.sources import all_sources
from crawler.venues import shipped
from crawler.verdict import SETTLED
from jobs.clock import Clock
from jobs.feeds import feed_plan
from jobs.scopes import Parts, editions_since
from storage.checkpoints import checkpoints
from storage.database import Connection
from storage.days import days_since, first_days
from storage.hosts import hosts
from storage.ledger import asking_lines
from storage.schedules import Schedule, schedule

#: How long before its end a year's list of evenings off is looked for, and how often.
_AHEAD: Final = timedelta(days=45)
_AGAIN: Final = timedelta(days=7)
# Any scope, day and paper would do: only the hosts of the addresses are looked at.
_ANY_DAY: Final = date(2026, 1, 5)
_ANYTHING: Final = Wanted(scope="cs.CV", day=_ANY_DAY, since=_ANY_DAY, until=_ANY_DAY, keys=("2601.00001",))


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to crawl: a source and where it is found by import, its scopes, and how to ask.

    `patience` is how long to wait until another process that is asking the same sites is done. Without an `errand` the
    newest batches are asked for, and the earlier ones that are owed; `insist`: also where it was not time yet to ask again.
    `token` is the user's own, for a source that wants one; `lacks` says why it is not there where it should be, and nothing is
    asked. `addresses` are those that scopes have in the settings.
    """

    source: Source
    place: str
    scopes: tuple[str, ...]
    contact: str = ""
    delay: timedelta | None = None
    mirror: str | None = None
    patience: timedelta = timedelta()
    errand: Errand | None = None
    insist: bool = False
    token: str = field(default="", repr=False)
    lacks: str = ""
    addresses: Mapping[str, str] = field(default_factory=dict)


def sent_for(order: Order, errand: Errand | Parts | None, today: date) -> Order:
    """Return an order with its errand; of proceedings, those of the years since a day are asked for edition by edition."""
    if errand is None or isinstance(errand, Parts):
        return order
    if errand.since and order.source.venues:
        scopes = editions_since(order.source, errand.since, errand.until or today, shipped())
        return replace(order, scopes=scopes, insist=True)
    return replace(order, errand=errand)


def plan_of(connection: Connection, url: str, order: Order, clock: Clock) -> CrawlPlan:
    """Return the plan for an order; `url` opens the database once more, in the child process."""
    source, now = order.source, clock()
    known, told = hosts(connection), schedule(connection, order.source.name)
    daily = order.errand is None
    plan = CrawlPlan(
        source=order.place,
        scopes=order.scopes,
        database=url,
        checkpoints=checkpoints(connection, source.name, order.scopes),
        hosts=known,
        contact=order.contact,
        delay=order.delay,
        mirror=order.mirror,
        clock=clock,
        settled_at=_settled_at(connection, source) if daily and not order.insist else {},
        owed=_to_ask(connection, source, order.scopes, now) if daily else {},
        budget=_budget(order, known.values(), now) if daily else None,
        evenings_off=told.evenings_off,
        ask_days_off=daily and source.days_off is not None and _is_unknown(told, now),
        errand=order.errand,
        token=order.token,
        addresses=order.addresses,
    )
    return feed_plan(connection, plan, insist=order.insist) if order.addresses else plan


def owed_days(connection: Connection, source: Source, scopes: Collection[str], now: datetime) -> Mapping[str, tuple[date, ...]]:
    """Return for each scope the days of earlier batches that are still owed, oldest first; those that owe none are left out."""
    if source.healing is None:
        return {}
    calendar = source.routes[0].calendar.without(schedule(connection, source.name).evenings_off)
    newest, oldest = calendar.due(now).batch_on, now.date() - source.memory
    first = first_days(connection, source.name)
    ledger: dict[str, dict[date, str]] = {scope: {} for scope in scopes}
    for one in days_since(connection, source.name, scopes, oldest):
        ledger[one.scope][one.day] = one.kind
    days = {scope: owed(ledger[scope], calendar, newest, max(oldest, first.get(scope, date.max))) for scope in scopes}
    return {scope: some for scope, some in days.items() if some}


def _to_ask(connection: Connection, source: Source, scopes: Collection[str], now: datetime) -> Mapping[str, tuple[date, ...]]:
    """Return the days to ask for beside the newest: those owed, and those that may have more to show than they had."""
    owing = owed_days(connection, source, scopes, now)
    if not source.again:
        return owing
    looked_on: dict[str, dict[date, date]] = {scope: {} for scope in scopes}
    for one in days_since(connection, source.name, scopes, now.date() - source.memory):
        looked_on[one.scope][one.day] = one.at.date()
    days = {scope: {*owing.get(scope, ()), *once_more(looked_on[scope], source.again, now.date())} for scope in scopes}
    return {scope: tuple(sorted(some)) for scope, some in days.items() if some}


def leased(order: Order) -> tuple[str, ...]:
    """Return what nobody else may be asking meanwhile: the sites of the source.

    Feeds are one thing, with those of their sites that other sources ask too: a lease for each would be hundreds.
    """
    if not order.addresses:
        return sites(order.source)
    theirs = {site for source in all_sources().values() if source.name != FEEDS for site in sites(source)}
    return tuple(sorted({FEEDS, *(theirs & {site_of(urlsplit(url).hostname or "") for url in order.addresses.values()})}))


def sites(source: Source) -> tuple[str, ...]:
    """Return the sites a source's routes ask, each standing for all its subdomains: they share one lease."""
    more = (source.healing, source.backfill, source.span, source.lookup, source.trending)
    routes: Iterable[Route] = (*source.routes, *(route for route in more if route))
    return tuple(sorted({site_of(urlsplit(route.address(_ANYTHING)).hostname or "") for route in routes}))


def _settled_at(connection: Connection, source: Source) -> Mapping[str, datetime]:
    """Return when scopes were asked last and had no more to give: a programme not today, even if a part of it is missing."""
    kinds = (*SETTLED, "partial", "stale") if source.routes[0].lasting else SETTLED
    lines = (line for line in asking_lines(connection) if line.source == source.name)
    return {line.scope: line.at for line in lines if line.verdict.kind in kinds}


def _budget(order: Order, known: Iterable[HostState], now: datetime) -> int | None:
    """Return how many requests are left of the day's, which other runs of the same day have had their share of."""
    if order.source.daily_budget is None:
        return None
    ours = set(sites(order.source))
    spent = sum(host.spent for host in known if host.spent_on == now.date() and site_of(host.host) in ours)
    return max(0, order.source.daily_budget(len(order.scopes)) - spent)


def _is_unknown(told: Schedule, now: datetime) -> bool:
    """Tell whether the evenings off of the weeks to come are not known, and it is time to ask for them."""
    known = (now + _AHEAD).year in KNOWN_YEARS | told.years
    return not known and (told.asked_at is None or now - told.asked_at >= _AGAIN)
