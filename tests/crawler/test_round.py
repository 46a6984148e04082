"""The round of one crawl, without a network: who is asked when, and what becomes of the others when something goes wrong."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import pytest

from crawler.ask import Answer, Ask
from crawler.calendar import ArxivCatchup, ArxivListing, DaysOff
from crawler.errors import ReadError
from crawler.fetch import Fetcher
from crawler.pace import Pace
from crawler.report import CrawlPlan, Errand, HostState, Look, Outlook, Progress, Told
from crawler.rest import all_rested, dated
from crawler.round import Round
from crawler.source import Batch, Checkpoint, DaysOffPage, Fetched, Page, Recorded, Route, Source, Wanted
from crawler.visitor import Visitor
from tests.crawler.playground import DELAY, FEED, LISTING, NOW, TODAY, Daily, frozen_clock, read_badly, read_words, words

YESTERDAY, MONDAY = TODAY - timedelta(days=1), TODAY - timedelta(days=2)
LIST, FED, OFF = "https://papers.test/list/", "https://feed.papers.test/", "https://info.papers.test/days-off"
ROBOTS = "https://info.papers.test/robots.txt"
CHRISTMAS = DaysOff(evenings=frozenset({date(2026, 12, 25)}), years=frozenset({2026}), settled=True)


def list_of(day: date) -> str:
    return f"https://papers.test/day/b/{day}"


def read_days_off(fetched: Fetched) -> DaysOff:
    """Read the page of days off of this world."""
    if fetched.body != b"off":
        raise ReadError(fetched.source, fetched.url, "no list of evenings")
    return CHRISTMAS


def quoted(wanted: Wanted) -> str:
    """Return the address of a listing; for the scope a there is none."""
    if wanted.scope == "a":
        raise LookupError("no address\nover two lines")
    return f"https://papers.test/day/{wanted.scope}/{wanted.day}" if wanted.day else f"{LIST}{wanted.scope}"


LISTED = replace(LISTING, rules="api terms")
A_DAY = replace(LISTED, name="day", start="https://papers.test/day/{scope}/{day}")
SOURCE = Source(
    name="both",
    title="",
    routes=(LISTED, FEED),
    delay=timedelta(),
    healing=A_DAY,
    days_off=DaysOffPage(url=OFF, read=read_days_off),
)
TALKED = "https://papers.test/trending"
TRENDING = replace(SOURCE, trending=replace(LISTED, name="trending", start=TALKED, kind="catalogue"))
ERRANDS = replace(
    SOURCE,
    backfill=replace(LISTED, name="oai", start="https://oai.test/{scope}"),
    lookup=replace(LISTED, name="query", start="https://api.test/{scope}"),
)


def known(*keys: str, scope: str = "a", day: date = TODAY) -> Checkpoint:
    return Checkpoint(source="both", scope=scope, batch=Batch(announced_on=day, keys=frozenset(keys)))


@dataclass
class Trip:
    """One round and what came of it, told and asked in one order: an address, or the looks at a scope."""

    script: Mapping[str, str | int]
    source: Source = SOURCE  # frozen
    order: list[str] = field(default_factory=list)
    recorded: list[tuple[list[str], Checkpoint]] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)

    async def download(self, ask: Ask) -> Answer:
        self.order.append(ask.url)
        match self.script.get(ask.url, 404):
            case int() as status:
                return Answer(url=ask.url, status=status, headers={}, body=b"")
            case text:
                return Answer(url=ask.url, status=200, headers={}, body=text.encode())

    async def read(self, route: Route, fetched: Fetched) -> Page:
        return route.read(fetched)

    async def record(self, page: Page, checkpoint: Checkpoint) -> Recorded:
        self.recorded.append(([sighting.key for sighting in page.sightings], checkpoint))
        return Recorded(new=len(page.sightings))

    def tell(self, told: Told) -> None:
        self.told.append(told)
        match told:
            case (Look(scope=scope), *_) as looks:
                self.order.append(f"{scope}: {', '.join(look.verdict.kind for look in looks)}")
            case Outlook(days_off):
                self.order.append(f"outlook: {days_off is not None}")

    def go(self, *scopes: str, **about: Any) -> list[str]:
        """Go round the scopes and return what was asked and told, in order."""
        plan = CrawlPlan(source="", scopes=scopes, database="", clock=frozen_clock, **about)
        fetcher = Fetcher(
            download=self.download,
            clock=frozen_clock,
            agent="Paperlark/1",
            pace=Pace(delay=timedelta()),
            budget=plan.budget,
            tell=self.tell,
        )
        visitor = Visitor(
            source=self.source,
            fetcher=fetcher,
            clock=frozen_clock,
            read=self.read,
            record=self.record,
            progress=self.tell,
        )
        asyncio.run(Round(plan, visitor, self.tell).go())
        return self.order

    @property
    def looks(self) -> list[Look]:
        return [look for told in self.told if isinstance(told, tuple) for look in told]

    @property
    def outlooks(self) -> list[Outlook]:
        return [told for told in self.told if isinstance(told, Outlook)]


# The newest batches.


def test_the_scopes_are_visited_in_order_and_each_is_told_before_the_next_is_asked() -> None:
    trip = Trip({f"{LIST}a": words("p1"), f"{LIST}b": words("p2", "expect 2"), f"{FED}b": words("p2", "p3")})
    assert trip.go("a", "b", "c") == [
        *(f"{LIST}a", "a: complete"),
        *(f"{LIST}b", f"{FED}b", "b: partial, complete"),
        *(f"{LIST}c", f"{FED}c", "c: failed, failed"),
    ]
    assert [type(told) for told in trip.told if not isinstance(told, HostState)][:3] == [Progress, Progress, tuple]


def test_a_scope_begins_where_it_left_off_or_with_nothing() -> None:
    trip = Trip({f"{LIST}a": words("p1", "p2"), f"{LIST}b": words("p3")})
    trip.go("a", "b", checkpoints={"a": known("p1", "p0", day=YESTERDAY)})
    assert trip.recorded == [(["p1", "p2"], known("p1", "p2")), (["p3"], known("p3", scope="b"))]


@pytest.mark.parametrize(("budget", "asked"), [(1, ["a"]), (2, ["a", "b"]), (3, ["a", "a'", "b"]), (4, ["a", "a'", "b", "b'"])])
def test_what_the_later_scopes_need_of_the_budget_is_kept_for_them(budget: int, asked: list[str]) -> None:
    trip = Trip({f"{LIST}{scope}": words("p1", "expect 2") for scope in "ab"})
    urls = [line for line in trip.go("a", "b", budget=budget) if line.startswith("https:")]
    assert urls == [f"{FED}{scope[0]}" if scope.endswith("'") else f"{LIST}{scope}" for scope in asked]
    assert [look.scope for look in trip.looks if look.route == "listing"] == ["a", "b"]


def test_a_scope_for_which_nothing_is_left_of_the_budget_is_told_so() -> None:
    trip = Trip({f"{LIST}a": words("p1")})
    assert trip.go("a", "b", budget=1) == [f"{LIST}a", "a: complete", "b: failed"]
    assert trip.looks[-1].verdict.next_at == NOW.replace(hour=0) + timedelta(days=1)
    assert "for a day are spent" in (trip.looks[-1].error or "")


def test_a_scope_that_has_all_there_can_be_rests_and_the_others_are_asked() -> None:
    trip = Trip({f"{LIST}b": words("p2")})
    checkpoints = {scope: known("p1", scope=scope) for scope in "ab"}
    order = trip.go("a", "b", checkpoints=checkpoints, settled_at={"a": NOW - timedelta(hours=1)})
    assert order[:2] == ["a: quiet", f"{LIST}b"]
    assert (trip.looks[0].requests, trip.looks[0].route) == (0, "")


def test_an_exception_at_one_scope_does_not_cost_the_others() -> None:
    trip = Trip(
        {f"https://papers.test/day/b/{NOW.date()}": words("p2")}, replace(SOURCE, routes=(replace(LISTED, start=quoted),))
    )
    day = f"https://papers.test/day/b/{NOW.date()}"
    assert trip.go("a", "b") == ["a: failed", day, "b: complete"]
    assert (trip.looks[0].at, trip.looks[0].requests) == (NOW, 0)
    assert "LookupError: no address" in (trip.looks[0].error or "")


def test_what_is_told_of_an_exception_is_one_line() -> None:
    trip = Trip({}, replace(SOURCE, routes=(replace(LISTED, start=quoted),)))
    trip.go("a")
    assert trip.looks[0].error == trip.looks[0].verdict.why == "both a: LookupError: no address over two lines"


def test_a_reader_with_a_mistake_does_not_cost_the_other_scopes() -> None:
    def read(fetched: Fetched) -> Page:
        return read_badly(fetched) if fetched.scope == "a" else read_words(fetched)

    trip = Trip({f"{LIST}a": "x", f"{LIST}b": words("p2")}, replace(SOURCE, routes=(replace(LISTED, read=read),)))
    assert trip.go("a", "b")[1::2] == ["a: failed", "b: complete"]


# The days that are owed.


def page_of(day: date, *lines: str) -> str:
    return words(*lines, day=day)


def test_the_days_owed_are_asked_for_after_the_newest_the_oldest_of_any_scope_first() -> None:
    days = {scope: f"https://papers.test/day/{scope}/" for scope in "ab"}
    script = {f"{LIST}{scope}": words(f"{scope}0") for scope in "ab"}
    script |= {f"{days[scope]}{day}": page_of(day, f"{scope}{day.day}") for scope in "ab" for day in (MONDAY, YESTERDAY)}
    trip = Trip(script)
    order = trip.go("a", "b", owed={"b": (MONDAY, YESTERDAY), "a": (YESTERDAY,)})
    assert order[4:] == [
        *(f"{days['b']}{MONDAY}", "b: complete"),
        *(f"{days['a']}{YESTERDAY}", "a: complete"),
        *(f"{days['b']}{YESTERDAY}", "b: complete"),
    ]
    assert [(look.task, look.day) for look in trip.looks] == [
        *[("newest", TODAY)] * 2,
        *(("healing", MONDAY), ("healing", YESTERDAY), ("healing", YESTERDAY)),
    ]
    assert trip.recorded[2:] == [
        (["b10"], known("b0", scope="b")),
        (["a11"], known("a0")),
        (["b11"], known("b0", scope="b")),
    ]


@pytest.mark.parametrize(("budget", "healed"), [(1, 0), (2, 1), (3, 2), (None, 2)])
def test_days_are_asked_for_as_long_as_the_budget_lasts(budget: int | None, healed: int) -> None:
    trip = Trip({f"{LIST}b": words("p1"), list_of(MONDAY): page_of(MONDAY, "p2"), list_of(YESTERDAY): page_of(YESTERDAY, "p3")})
    trip.go("b", budget=budget, owed={"b": (MONDAY, YESTERDAY)})
    assert [look.verdict.kind for look in trip.looks if look.task == "healing"] == ["complete"] * healed


def test_a_site_that_wants_to_be_left_alone_is_asked_for_no_further_day() -> None:
    trip = Trip({f"{LIST}b": words("p1"), list_of(MONDAY): 429, list_of(YESTERDAY): page_of(YESTERDAY, "p3")})
    trip.go("b", owed={"b": (MONDAY, YESTERDAY)})
    assert [look.verdict.kind for look in trip.looks] == ["complete", "throttled"]
    assert list_of(YESTERDAY) not in trip.order


@pytest.mark.parametrize(
    "reply", [404, "no page of this world", page_of(MONDAY, "p2", "expect 9"), page_of(MONDAY, "expect 0")]
)
def test_a_day_that_does_not_come_does_not_hold_up_the_next(reply: str | int) -> None:
    trip = Trip({f"{LIST}b": words("p1"), list_of(MONDAY): reply, list_of(YESTERDAY): page_of(YESTERDAY, "p3")})
    trip.go("b", owed={"b": (MONDAY, YESTERDAY)})
    assert [look.verdict.kind for look in trip.looks][2:] == ["complete"]


def test_an_exception_at_the_days_of_one_scope_does_not_cost_those_of_the_others() -> None:
    script = {f"{LIST}{scope}": words("p1") for scope in "ab"}
    trip = Trip({**script, list_of(YESTERDAY): page_of(YESTERDAY, "p3")}, replace(SOURCE, healing=replace(A_DAY, start=quoted)))
    trip.go("a", "b", owed={"a": (MONDAY,), "b": (YESTERDAY,)})
    assert trip.order[-1] == "b: complete"
    assert list_of(YESTERDAY) in trip.order


def test_a_source_without_pages_of_days_gone_by_is_not_asked_for_any() -> None:
    trip = Trip({f"{LIST}b": words("p1")}, replace(SOURCE, healing=None))
    assert trip.go("b", owed={"b": (MONDAY, YESTERDAY)}) == [f"{LIST}b", "b: complete"]


# The evenings off.


def resting(**about: Any) -> dict[str, Any]:
    """Return a plan in which nothing can have come since the scope a was asked."""
    return {"checkpoints": {"a": known("p1")}, "settled_at": {"a": NOW - timedelta(hours=1)}, "ask_days_off": True, **about}


def test_a_round_that_costs_nothing_else_asks_when_there_will_be_nothing() -> None:
    trip = Trip({OFF: "off"})
    assert trip.go("a", **resting()) == ["a: quiet", ROBOTS, OFF, "outlook: True"]
    assert trip.outlooks == [Outlook(CHRISTMAS, NOW)]
    assert trip.recorded == []


@pytest.mark.parametrize(
    "about",
    [
        resting(ask_days_off=False),
        resting(settled_at={}),
        resting(owed={"a": (YESTERDAY,)}),
        resting(errand=Errand(keys=("p1",))),
    ],
)
def test_a_round_that_costs_something_or_need_not_know_does_not(about: dict[str, Any]) -> None:
    trip = Trip({OFF: "off", f"{LIST}a": words("p1")})
    assert OFF not in trip.go("a", **about)
    assert trip.outlooks == []


def test_a_source_that_has_no_page_of_its_days_off_is_not_asked_for_it() -> None:
    trip = Trip({}, replace(SOURCE, days_off=None))
    assert trip.go("a", **resting()) == ["a: quiet"]


def test_when_the_budget_is_spent_the_page_of_days_off_is_neither_asked_for_nor_told_of() -> None:
    trip = Trip({OFF: "off"})
    assert trip.go("a", **resting(budget=0)) == ["a: quiet"]


@pytest.mark.parametrize(
    "script",
    [
        {OFF: "something else"},
        {OFF: 404},
        {OFF: 304},
        {OFF: "off", ROBOTS: 500},
        {OFF: "off", ROBOTS: "User-agent: *\nDisallow: /\n"},
    ],
)
def test_a_page_of_days_off_that_cannot_be_read_is_told_as_asked_for(script: dict[str, str | int]) -> None:
    trip = Trip(script)
    trip.go("a", **resting())
    assert trip.outlooks == [Outlook(None, NOW)]


def test_a_page_of_days_off_that_must_wait_is_left_to_a_later_round() -> None:
    trip = Trip({OFF: 429})
    trip.go("a", **resting())
    assert trip.outlooks == []


def test_a_reader_of_days_off_with_a_mistake_is_told_as_asked_for_too() -> None:
    def read(fetched: Fetched) -> DaysOff:
        raise ValueError(f"a mistake at {fetched.url}")

    trip = Trip({OFF: "off"}, replace(SOURCE, days_off=DaysOffPage(url=OFF, read=read)))
    trip.go("a", **resting())
    assert trip.outlooks == [Outlook(None, NOW)]


# A round in which nobody need be asked.


def planned(*scopes: str, **about: Any) -> CrawlPlan:
    """Return a plan in which every scope has all there can be, but for what is said of it."""
    known_to = {scope: known("p1", scope=scope) for scope in scopes}
    settled = dict.fromkeys(scopes, NOW - timedelta(hours=1))
    about = {"checkpoints": known_to, "settled_at": settled, "clock": frozen_clock, **about}
    return CrawlPlan(source="", scopes=scopes, database="", **about)


def test_a_round_in_which_every_scope_rests_is_known_without_making_it() -> None:
    looks = all_rested(SOURCE, planned("a", "b"))
    trip = Trip({})
    trip.go("a", "b", **{name: getattr(planned("a", "b"), name) for name in ("checkpoints", "settled_at")})
    assert list(looks or ()) == trip.looks
    assert [(look.scope, look.verdict.kind, look.requests) for look in trip.looks] == [("a", "quiet", 0), ("b", "quiet", 0)]


@pytest.mark.parametrize(
    "about",
    [
        {"errand": Errand(keys=("p1",))},
        {"owed": {"b": (YESTERDAY,)}},
        {"ask_days_off": True},
        {"settled_at": {"a": NOW - timedelta(hours=1)}},
        {"settled_at": {"a": NOW, "b": NOW - timedelta(hours=9)}},
        {"checkpoints": {"a": known("p1"), "b": known("p1", scope="b", day=YESTERDAY)}},
        {"checkpoints": {"a": known("p1"), "b": Checkpoint(source="both", scope="b")}},
    ],
)
def test_a_round_in_which_there_is_anything_to_ask_for_has_to_be_made(about: dict[str, Any]) -> None:
    assert all_rested(SOURCE, planned("a", "b", **about)) is None


def test_an_evening_off_that_the_source_told_of_lets_a_scope_rest() -> None:
    source = replace(SOURCE, routes=(replace(LISTED, calendar=ArxivListing()),))
    plan = planned("a", checkpoints={"a": known("p1", day=YESTERDAY)})
    assert all_rested(source, plan) is None
    assert all_rested(source, replace(plan, evenings_off=frozenset({YESTERDAY}))) is not None


# Errands.


def test_an_errand_goes_to_every_scope_and_nothing_else_is_done() -> None:
    trip = Trip({f"https://oai.test/{scope}": words(scope) for scope in "ac"}, ERRANDS)
    order = trip.go("a", "b", "c", errand=Errand(since=MONDAY), owed={"a": (MONDAY,)}, ask_days_off=True)
    assert order == [
        *("https://oai.test/a", "a: complete", "https://oai.test/b", "b: failed", "https://oai.test/c", "c: complete"),
    ]
    assert {(look.task, look.route) for look in trip.looks} == {("errand", "oai")}


def test_papers_are_looked_up_where_an_errand_names_them() -> None:
    trip = Trip({"https://api.test/a": words("p1")}, ERRANDS)
    assert trip.go("a", errand=Errand(keys=("p1",), since=MONDAY)) == ["https://api.test/a", "a: complete"]


@pytest.mark.parametrize("errand", [Errand(keys=("p1",)), Errand(since=MONDAY), Errand(since=MONDAY, until=TODAY), Errand()])
def test_an_errand_that_a_source_cannot_be_sent_on_is_a_failed_errand(errand: Errand) -> None:
    trip = Trip({})
    assert trip.go("a", "b", errand=errand) == ["a: failed", "b: failed"]
    assert all(look.error == f"both {look.scope}: this source cannot be asked for that" for look in trip.looks)
    assert {look.task for look in trip.looks} == {"errand"}


def test_an_exception_on_an_errand_is_a_failed_errand_and_does_not_cost_the_other_scopes() -> None:
    trip = Trip({f"{LIST}b": words("p2")}, replace(ERRANDS, backfill=replace(LISTED, start=quoted)))
    assert trip.go("a", "b", errand=Errand(since=MONDAY)) == ["a: failed", f"{LIST}b", "b: complete"]
    assert "LookupError" in (trip.looks[0].error or "")
    assert {look.task for look in trip.looks} == {"errand"}


# What the calendars know.


def test_evenings_off_that_a_source_told_of_are_known_to_all_of_its_calendars() -> None:
    evening = date(2026, 8, 10)
    dates = replace(
        SOURCE, routes=(replace(LISTED, calendar=ArxivListing()), FEED), healing=replace(A_DAY, calendar=ArxivCatchup())
    )
    source = dated(dates, frozenset({evening}))
    batches = (date(2026, 8, 10), date(2026, 8, 12), date(2026, 8, 13))
    for route in (source.routes[0], source.healing):
        assert route is not None
        assert route.calendar.batches(date(2026, 8, 9), date(2026, 8, 14)) == batches
    assert source.routes[1].calendar == Daily()
    assert replace(source, routes=dates.routes, healing=dates.healing) == dates
    assert dated(replace(dates, healing=None), frozenset({evening})).healing is None


def test_a_source_that_told_of_none_is_left_as_it_is() -> None:
    assert dated(SOURCE, frozenset()) is SOURCE
    assert SOURCE.delay < DELAY


# What is talked about.


def test_what_is_talked_about_is_asked_for_once_after_the_newest_and_the_earlier() -> None:
    trip = Trip({f"{LIST}a": words("p1"), f"{LIST}b": words("p2"), TALKED: words("p3", "p4")}, source=TRENDING)
    assert trip.go("a", "b") == [f"{LIST}a", "a: complete", f"{LIST}b", "b: complete", TALKED, "a: complete"]
    last = trip.looks[-1]
    assert (last.task, last.route, last.seen, last.new, last.day, last.settled) == ("trending", "trending", 2, 2, None, None)
    assert trip.recorded[-1] == (["p3", "p4"], known("p1"))


def test_it_is_asked_for_before_the_days_owed_spend_the_budget() -> None:
    days = tuple(TODAY - timedelta(days=age) for age in (3, 2, 1))
    trip = Trip({f"{LIST}a": words("p1"), TALKED: words("p2")}, source=TRENDING)
    order = trip.go("a", budget=3, owed={"a": days})
    assert order[:3] == [f"{LIST}a", "a: complete", TALKED]
    assert sum(one.startswith("https:") for one in order) == 3


def test_it_is_not_asked_for_when_nothing_new_was_or_the_budget_is_spent() -> None:
    assert TALKED not in Trip({}, source=TRENDING).go("a")
    assert TALKED not in Trip({f"{LIST}a": words("p1")}, source=TRENDING).go("a", budget=1)
    assert TALKED in Trip({f"{LIST}a": words("p1")}, source=TRENDING).go("a", budget=2)


def test_that_it_is_not_there_is_a_look_that_failed() -> None:
    trip = Trip({f"{LIST}a": words("p1")}, source=TRENDING)
    assert trip.go("a")[-2:] == [TALKED, "a: failed"]
    assert (trip.looks[-1].task, trip.looks[-1].error) == ("trending", f"both a: HTTP status 404 ({TALKED})")
