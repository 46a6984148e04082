"""Visits to one scope, without a network: the real routes, judge and fetcher over scripted answers."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from crawler.ask import Answer, Ask
from crawler.errors import FetchError, ReadError, StorageError
from crawler.fetch import Fetcher
from crawler.pace import Pace
from crawler.report import Look, Progress
from crawler.rest import rested
from crawler.samples.openreview import CHALLENGE
from crawler.source import Batch, Checkpoint, Fetched, Page, Recorded, Route, Source
from crawler.visit import heal, visit
from crawler.visitor import Visitor
from tests.crawler.playground import FEED, LISTING, NOW, TODAY, Daily, frozen_clock, read_badly, read_words, words

YESTERDAY = TODAY - timedelta(days=1)
LIST_URL, FEED_URL = "https://papers.test/list/a", "https://feed.papers.test/a"
Script = Mapping[str, str | int | Answer | Exception]


@dataclass
class Trip:
    """One visit and what came of it."""

    script: Script
    routes: tuple[Route, ...] = (replace(LISTING, rules="api terms"), FEED)
    checkpoint: Checkpoint = Checkpoint(source="both", scope="a")  # noqa: RUF009 - frozen
    healing: Route | None = None
    failing: Exception | None = None
    budget: int | None = None
    token: str = field(default="", repr=False)
    wants_token: bool = False
    always: tuple[str, ...] = ()
    news: list[list[str]] = field(default_factory=list)
    asked: list[Ask] = field(default_factory=list)
    recorded: list[tuple[list[str], Checkpoint]] = field(default_factory=list)
    claimed: list[int] = field(default_factory=list)
    progress: list[Progress] = field(default_factory=list)

    async def download(self, ask: Ask) -> Answer:
        self.asked.append(ask)
        match self.script.get(ask.url, 404):
            case Exception() as error:
                raise error
            case Answer() as answer:
                return replace(answer, url=ask.url)
            case int() as status:
                return Answer(url=ask.url, status=status, headers={}, body=b"")
            case text:
                return Answer(url=ask.url, status=200, headers={"etag": '"e"'}, body=text.encode())

    async def read(self, route: Route, fetched: Fetched) -> Page:
        return route.read(fetched)

    async def record(self, page: Page, checkpoint: Checkpoint) -> Recorded:
        if self.failing:
            raise self.failing
        self.recorded.append(([sighting.key for sighting in page.sightings], checkpoint))
        self.news.append([sighting.key for sighting in page.sightings if sighting.action])
        self.claimed.append(sum(claim.seen for claim in page.claims))
        return Recorded(new=len(page.sightings), updated=1)

    def go(self, reserve: int = 0) -> tuple[Look, ...]:
        looks, _ = asyncio.run(visit(self.visitor(), "a", self.checkpoint, reserve))
        return looks

    def visitor(self) -> Visitor:
        fetcher = Fetcher(
            download=self.download,
            clock=frozen_clock,
            agent="Paperlark/1",
            pace=Pace(delay=timedelta()),
            budget=self.budget,
            tell=lambda state: None,
        )
        return Visitor(
            source=Source(
                name="both",
                title="",
                routes=self.routes,
                delay=timedelta(),
                healing=self.healing,
                token=self.wants_token,
                always=self.always,
            ),
            fetcher=fetcher,
            clock=frozen_clock,
            read=self.read,
            record=self.record,
            progress=self.progress.append,
            token=self.token,
        )

    @property
    def urls(self) -> list[str]:
        return [ask.url for ask in self.asked]


def known(day: date, *keys: str, **validators: tuple[str, str]) -> Checkpoint:
    return Checkpoint(source="both", scope="a", batch=Batch(announced_on=day, keys=frozenset(keys)), validators=validators)


def test_a_complete_listing_is_recorded_with_the_checkpoint_that_vouches_for_it() -> None:
    trip = Trip({LIST_URL: words("p1", "p2", "expect 2")})
    (look,) = trip.go()
    assert (look.source, look.scope, look.route, look.at) == ("both", "a", "listing", NOW)
    assert (look.verdict.kind, look.verdict.announced_on, look.verdict.expected) == ("complete", TODAY, 2)
    assert (look.requests, look.seen, look.new, look.updated, look.error) == (1, 2, 2, 1, None)
    assert (look.rejects, look.day, look.settled) == ((), TODAY, TODAY)
    assert trip.recorded == [(["p1", "p2"], known(TODAY, "p1", "p2", listing=('"e"', "")))]
    assert [(step.pages, step.papers, step.expected) for step in trip.progress] == [(0, 0, None), (1, 2, 2)]


def test_an_entry_that_could_not_be_read_moves_nothing_and_lets_the_feed_try() -> None:
    listed = {LIST_URL: words("p1", "p2", "expect 3", "reject p3")}
    trip = Trip(listed)
    look, _ = trip.go()
    assert (look.verdict.kind, look.verdict.why) == ("partial", "1 of 3 entries could not be read")
    assert ([reject.key for reject in look.rejects], look.new) == (["p3"], 2)
    assert trip.recorded == [(["p1", "p2"], Checkpoint(source="both", scope="a"))]
    trip = Trip({**listed, FEED_URL: words("p1", "p2", "p3")})
    assert [look.verdict.kind for look in trip.go()] == ["partial", "complete"]
    assert trip.recorded[-1] == (["p1", "p2", "p3"], known(TODAY, "p1", "p2", "p3", feed=('"e"', "")))
    (look,) = Trip(listed, checkpoint=trip.recorded[-1][1]).go()
    assert look.verdict.kind == "quiet"


def test_the_rejects_of_all_pages_count() -> None:
    second = f"{LIST_URL}?2"
    script = {LIST_URL: words("p1", "reject p0", "expect 3", f"follow {second}"), second: words("p2", "expect 3")}
    look, _ = Trip(script).go()
    assert (look.verdict.kind, look.verdict.why) == ("partial", "1 of 3 entries could not be read")


def test_a_feed_with_a_part_of_the_last_batch_takes_nothing_out_of_it() -> None:
    undated = words("p2", "p3").replace("dated\n", "")
    trip = Trip({LIST_URL: 500, FEED_URL: undated}, checkpoint=known(YESTERDAY, "p1", "p2"))
    _, look = trip.go()
    assert (look.verdict.kind, look.verdict.announced_on, look.new) == ("stale", YESTERDAY, 2)
    assert trip.recorded == [(["p2", "p3"], known(YESTERDAY, "p1", "p2", "p3", feed=('"e"', "")))]


def test_a_partial_listing_keeps_no_validator_moves_no_batch_and_lets_the_feed_try() -> None:
    before = known(YESTERDAY, "p0", listing=('"old"', ""))
    trip = Trip({LIST_URL: words("p1", "expect 2"), FEED_URL: words("p1", "p2")}, checkpoint=before)
    first, second = trip.go()
    assert [first.verdict.kind, second.verdict.kind] == ["partial", "complete"]
    assert trip.recorded[0] == (["p1"], before)
    assert trip.recorded[1] == (["p1", "p2"], known(TODAY, "p1", "p2", listing=('"old"', ""), feed=('"e"', "")))


def test_a_feed_with_fewer_entries_than_the_listing_stated_is_not_complete() -> None:
    trip = Trip({LIST_URL: words("p1", "expect 9"), FEED_URL: words("p1", "p2")})
    _, look = trip.go()
    assert (look.verdict.kind, look.verdict.expected, look.verdict.seen) == ("partial", 9, 2)
    assert "another route stated 9" in look.verdict.why
    assert [checkpoint.batch for _, checkpoint in trip.recorded] == [None, None]


def test_yesterdays_list_again_is_stale_and_not_recorded() -> None:
    before = known(YESTERDAY, "p1", "p2")
    trip = Trip({LIST_URL: words("p1", "p2", day=YESTERDAY)}, checkpoint=before)
    look, _ = trip.go()
    assert (look.verdict.kind, look.new, look.seen) == ("stale", 0, 2)
    assert trip.recorded == []


def test_a_feed_with_nothing_due_yet_neither_excuses_a_listing_that_is_late_nor_is_asked() -> None:
    routes = (replace(LISTING, rules="api terms"), replace(FEED, calendar=Daily(YESTERDAY)))
    trip = Trip({LIST_URL: words("p1", day=YESTERDAY)}, routes=routes, checkpoint=known(YESTERDAY, "p1"))
    assert [look.verdict.kind for look in trip.go()] == ["stale"]
    assert trip.urls == [LIST_URL]


def test_a_route_that_may_show_more_is_asked_and_judged_by_what_is_due() -> None:
    before = TODAY - timedelta(days=2)
    routes = (replace(LISTING, rules="api terms"), replace(FEED, calendar=Daily(YESTERDAY)))
    script = {LIST_URL: words("p1", day=before), FEED_URL: words("p2", day=YESTERDAY)}
    trip = Trip(script, routes=routes, checkpoint=known(before, "p1"))
    looks = trip.go()
    assert [(look.verdict.kind, look.day, look.settled) for look in looks] == [
        ("stale", TODAY, None),
        ("stale", TODAY, YESTERDAY),
    ]
    assert trip.recorded[-1][1].batch == Batch(announced_on=YESTERDAY, keys=frozenset({"p2"}))


def test_no_route_is_tried_with_what_the_other_scopes_need() -> None:
    trip = Trip({LIST_URL: words("p1", "expect 2"), FEED_URL: words("p1", "p2")}, budget=4)
    assert [look.route for look in trip.go(reserve=3)] == ["listing"]
    assert [look.route for look in replace(trip, asked=[]).go(reserve=2)] == ["listing", "feed"]


def test_a_route_that_can_show_no_whole_batch_is_partial_at_best_and_moves_nothing() -> None:
    routes = (replace(LISTING, rules="api terms"), replace(FEED, exhaustive=False))
    trip = Trip({LIST_URL: 500, FEED_URL: words("p1", "p2")}, routes=routes)
    look = trip.go()[1]
    assert (look.verdict.kind, look.settled) == ("partial", None)
    assert "does not say how many there are" in look.verdict.why
    assert trip.recorded == [(["p1", "p2"], Checkpoint(source="both", scope="a"))]


def test_a_feed_of_an_older_day_brings_its_papers_under_that_day_while_the_listing_is_late() -> None:
    routes = (replace(LISTING, rules="api terms"), replace(FEED, calendar=Daily(YESTERDAY)))
    trip = Trip({LIST_URL: 500, FEED_URL: words("p1", day=YESTERDAY)}, routes=routes)
    looks = trip.go()
    assert [look.verdict.kind for look in looks] == ["failed", "stale"]
    assert trip.recorded == [(["p1"], known(YESTERDAY, "p1", feed=('"e"', "")))]


def test_what_all_pages_of_a_listing_claim_goes_with_each_of_them() -> None:
    second = f"{LIST_URL}?2"
    trip = Trip({LIST_URL: words("p1", "expect 2", f"follow {second}"), second: words("p2", "expect 2")})
    (look,) = trip.go()
    assert (look.verdict.kind, look.verdict.seen) == ("complete", 2)
    assert trip.claimed == [1, 2]


def test_todays_list_again_is_quiet_and_the_feed_is_not_asked() -> None:
    trip = Trip({LIST_URL: words("p1")}, checkpoint=known(TODAY, "p1"))
    (look,) = trip.go()
    assert look.verdict.kind == "quiet"
    assert trip.recorded == []
    assert trip.urls == [LIST_URL]


def test_a_late_but_new_batch_is_recorded_and_kept_although_a_newer_one_is_due() -> None:
    older = YESTERDAY - timedelta(days=1)
    trip = Trip({LIST_URL: words("p1", "expect 1", day=YESTERDAY)}, checkpoint=known(older, "p0"))
    look, _ = trip.go()
    assert (look.verdict.kind, look.verdict.announced_on, look.new) == ("stale", YESTERDAY, 1)
    assert trip.recorded == [(["p1"], known(YESTERDAY, "p1", listing=('"e"', "")))]


def test_a_late_and_partial_batch_is_recorded_but_not_vouched_for() -> None:
    before = known(YESTERDAY - timedelta(days=1), "p0")
    trip = Trip({LIST_URL: words("p1", "expect 2", day=YESTERDAY)}, checkpoint=before)
    trip.go()
    assert trip.recorded == [(["p1"], before)]


def test_an_older_list_never_moves_the_checkpoint_back() -> None:
    route = replace(LISTING, rules="api terms", calendar=Daily(YESTERDAY))
    trip = Trip({LIST_URL: words("p7", "expect 1", day=YESTERDAY)}, (route,), known(TODAY, "p1"))
    trip.go()
    assert [checkpoint.batch for _, checkpoint in trip.recorded] == [Batch(announced_on=TODAY, keys=frozenset({"p1"}))]


def test_a_new_day_of_known_papers_is_new() -> None:
    trip = Trip({LIST_URL: words("p1", "expect 1")}, checkpoint=known(YESTERDAY, "p1"))
    (look,) = trip.go()
    assert look.verdict.kind == "complete"
    assert trip.recorded == [(["p1"], known(TODAY, "p1", listing=('"e"', "")))]


def test_the_validators_ask_whether_anything_changed() -> None:
    before = known(TODAY, "p1", listing=('"e"', "Wed, 12 Aug 2026 00:00:00 GMT"))
    trip = Trip({LIST_URL: 304}, checkpoint=before)
    (look,) = trip.go()
    assert look.verdict.kind == "quiet"
    assert (look.seen, trip.recorded) == (0, [])
    assert trip.asked[0].headers["If-None-Match"] == '"e"'
    assert trip.asked[0].headers["If-Modified-Since"] == "Wed, 12 Aug 2026 00:00:00 GMT"


def test_not_modified_is_stale_when_a_newer_batch_is_due() -> None:
    before = known(YESTERDAY, "p1", listing=('"e"', ""))
    look, _ = Trip({LIST_URL: 304}, checkpoint=before).go()
    assert (look.verdict.kind, look.verdict.announced_on) == ("stale", YESTERDAY)


def test_not_modified_without_a_batch_is_no_batch() -> None:
    before = Checkpoint(source="both", scope="a", validators={"listing": ('"e"', "")})
    route = replace(LISTING, rules="api terms", calendar=Daily(None))
    (look,) = Trip({LIST_URL: 304}, (route,), before).go()
    assert (look.verdict.kind, look.verdict.announced_on) == ("quiet", None)


def test_a_server_without_validators_leaves_none_behind() -> None:
    answer = Answer(url="", status=200, headers={}, body=words("p1").encode())
    trip = Trip({LIST_URL: answer}, checkpoint=known(YESTERDAY, "p0", listing=('"old"', "")))
    trip.go()
    assert trip.recorded[0][1].validators == {}


PAGES = {
    LIST_URL: words("p1", "p2", "expect 4", f"follow {LIST_URL}?2"),
    f"{LIST_URL}?2": words("p3", "p4", "expect 4", f"follow {LIST_URL}", f"follow {LIST_URL}?2"),
}


def test_pages_are_read_once_each_and_only_the_last_one_moves_the_batch() -> None:
    trip = Trip(PAGES)
    (look,) = trip.go()
    assert trip.urls == [LIST_URL, f"{LIST_URL}?2"]
    assert (look.verdict.kind, look.verdict.seen, look.verdict.expected, look.new) == ("complete", 4, 4, 4)
    assert trip.recorded[0] == (["p1", "p2"], Checkpoint(source="both", scope="a"))
    assert trip.recorded[1] == (["p3", "p4"], known(TODAY, "p1", "p2", "p3", "p4", listing=('"e"', "")))


def test_validators_are_sent_for_the_first_page_only() -> None:
    trip = Trip(PAGES, checkpoint=known(YESTERDAY, "p0", listing=('"e"', "")))
    trip.go()
    assert ["If-None-Match" in ask.headers for ask in trip.asked] == [True, False]


@pytest.mark.parametrize("lost", [500, FetchError("no answer"), "no page of this world", 404])
def test_a_lost_page_leaves_what_the_others_gave(lost: Any) -> None:
    trip = Trip({**PAGES, f"{LIST_URL}?2": lost})
    look, _ = trip.go()
    assert (look.verdict.kind, look.verdict.seen, look.verdict.expected, look.new) == ("partial", 2, 4, 2)
    assert f"{LIST_URL}?2" in (look.error or "")
    assert (look.error or "") in look.verdict.why
    assert [checkpoint.batch for _, checkpoint in trip.recorded] == [None]


def test_throttling_at_a_later_page_says_when_to_come_back() -> None:
    look, _ = Trip({**PAGES, f"{LIST_URL}?2": 429}).go()
    assert (look.verdict.kind, look.verdict.seen, look.verdict.announced_on) == ("throttled", 2, TODAY)
    assert look.verdict.next_at is not None
    assert look.verdict.next_at > NOW


def test_a_listing_without_end_is_left_at_its_limit() -> None:
    script = {f"{LIST_URL}{n}": words(f"p{n}", f"follow {LIST_URL}{n}0") for n in ("", "0", "00", "000")}
    trip = Trip(script, (replace(LISTING, rules="api terms", max_pages=3),))
    (look,) = trip.go()
    assert (look.verdict.kind, look.seen, len(trip.asked)) == ("partial", 3, 3)
    assert "more than 3 pages" in (look.error or "")


@pytest.mark.parametrize("cut", [True, False])
def test_a_cut_listing_gives_what_came_and_is_partial(*, cut: bool) -> None:
    body = words("p1", "p2", *(["cut"] if cut else []))
    trip = Trip({LIST_URL: Answer(url="", status=200, headers={"etag": "e"}, body=body.encode(), whole=cut)})
    look, _ = trip.go()
    assert (look.verdict.kind, look.new) == ("partial", 2)
    assert (look.error is None) == cut
    assert trip.recorded == [(["p1", "p2"], Checkpoint(source="both", scope="a"))]


@pytest.mark.parametrize("error", [StorageError("disk full"), OSError("no space"), RuntimeError("a mistake\nof two lines")])
def test_a_sink_that_raises_fails_the_look_and_moves_nothing(error: Exception) -> None:
    looks = Trip({LIST_URL: words("p1"), FEED_URL: words("p1")}, failing=error).go()
    assert [look.verdict.kind for look in looks] == ["failed", "failed"]
    for look in looks:
        assert str(error).split("\n")[0] in (look.error or "")
        assert "\n" not in look.verdict.why
        assert (look.verdict.announced_on, look.new) == (TODAY, 0)


def test_a_reader_that_raises_fails_its_look_alone() -> None:
    broken = replace(LISTING, rules="api terms", read=read_badly)
    first, second = Trip({LIST_URL: "x", FEED_URL: words("p1")}, (broken, FEED)).go()
    assert first.verdict.kind == "failed"
    assert first.error == f"both a: ValueError: a mistake over two lines in a ({LIST_URL})"
    assert second.verdict.kind == "complete"


def test_a_page_that_is_not_what_was_promised_names_source_scope_and_place() -> None:
    look, _ = Trip({LIST_URL: "<html>sorry</html>"}).go()
    assert look.verdict.kind == "failed"
    assert look.error == f"both a: the page is not what the source promised: both: no page of this world ({LIST_URL})"
    assert look.verdict.why == look.error


def test_a_reader_that_names_the_place_itself_is_not_helped() -> None:
    def read(fetched: Fetched) -> Page:
        raise ReadError(fetched.url, "nothing in it")

    (look,) = Trip({LIST_URL: "x"}, (replace(LISTING, rules="api terms", read=read),)).go()
    assert (look.error or "").count(LIST_URL) == 1


def test_a_throttled_site_is_not_asked_again_by_another_route_of_it() -> None:
    listing, elsewhere = replace(LISTING, rules="api terms"), "https://feed.elsewhere.test/a"
    routes = (listing, replace(listing, name="again"), FEED, replace(FEED, start=elsewhere))
    trip = Trip({LIST_URL: 429}, routes)
    looks = trip.go()
    assert [(look.verdict.kind, look.requests) for look in looks] == [
        *[("throttled", 1)],
        *[("throttled", 0)] * 2,
        ("failed", 1),
    ]
    assert trip.urls == [LIST_URL, elsewhere]


def test_a_catalogue_is_recorded_whatever_the_last_batch_was() -> None:
    def read(fetched: Fetched) -> Page:
        return replace(read_words(fetched), kind="catalogue")

    trip = Trip({LIST_URL: words("p1")}, (replace(LISTING, rules="api terms", read=read),), known(TODAY, "p1"))
    trip.go()
    assert [keys for keys, _ in trip.recorded] == [["p1"]]


def test_a_scope_is_quoted_in_the_address() -> None:
    trip = Trip({})
    asyncio.run(visit(trip.visitor(), "a/../b c+d?", Checkpoint(source="both", scope="x")))
    assert trip.urls[0] == "https://papers.test/list/a%2F..%2Fb%20c+d%3F"


# Earlier days.

DAY_URL = f"https://papers.test/day/a/{YESTERDAY}"
A_DAY = replace(LISTING, name="day", start="https://papers.test/day/{scope}/{day}", rules="api terms")


def healed(trip: Trip) -> Look:
    looks = asyncio.run(heal(replace(trip, healing=A_DAY).visitor(), "a", trip.checkpoint, [YESTERDAY]))
    assert looks is not None
    (one,) = looks
    return one


def test_an_earlier_day_is_recorded_whole_and_moves_no_checkpoint() -> None:
    trip = Trip({DAY_URL: words("p1", "p2", "expect 2", day=YESTERDAY)}, checkpoint=known(TODAY, "p1", "p3"))
    look = healed(trip)
    assert (look.task, look.day, look.verdict.kind, look.verdict.announced_on) == ("healing", YESTERDAY, "complete", YESTERDAY)
    assert trip.recorded == [(["p1", "p2"], known(TODAY, "p1", "p3"))]
    assert trip.urls == [DAY_URL]


def test_an_earlier_day_that_holds_nothing_may_still_be_late() -> None:
    trip = Trip({DAY_URL: words("expect 0", day=YESTERDAY)})
    look = healed(trip)
    assert (look.verdict.kind, look.verdict.why) == ("stale", f"the list of {YESTERDAY} is empty still")
    assert trip.recorded == []


@pytest.mark.parametrize(
    ("page", "kind"),
    [
        (words("p1", "expect 2", day=YESTERDAY), "partial"),
        (words("p1", "cut", day=YESTERDAY), "partial"),
        (words("cut", day=YESTERDAY), "partial"),
        ("<html>", "failed"),
        (404, "failed"),
        (429, "throttled"),
    ],
)
def test_an_earlier_day_of_which_something_is_missing_stays_open(page: str | int, kind: str) -> None:
    assert healed(Trip({DAY_URL: page})).verdict.kind == kind


def test_a_source_without_pages_of_days_gone_by_heals_nothing() -> None:
    trip = Trip({})
    assert asyncio.run(heal(trip.visitor(), "a", trip.checkpoint, [YESTERDAY])) is None
    assert trip.urls == []


# Nothing to ask for.


def test_a_scope_that_has_all_there_can_be_is_not_asked_again() -> None:
    trip = Trip({}, checkpoint=known(TODAY, "p1", "p2"))
    one = rested(trip.visitor().source, trip.checkpoint, NOW - timedelta(hours=1), NOW)
    assert one is not None
    assert (one.verdict.kind, one.verdict.announced_on, one.requests, one.route) == ("quiet", TODAY, 0, "")
    assert one.verdict.next_at == NOW + timedelta(days=1)


@pytest.mark.parametrize(
    ("checkpoint", "asked_at"),
    [
        (known(TODAY, "p1"), None),
        (known(TODAY, "p1"), NOW - timedelta(hours=9)),
        (known(YESTERDAY, "p1"), NOW - timedelta(hours=1)),
        (Checkpoint(source="both", scope="a"), NOW - timedelta(hours=1)),
    ],
)
def test_a_scope_is_asked_when_anything_may_have_come_since(checkpoint: Checkpoint, asked_at: datetime | None) -> None:
    assert rested(Trip({}).visitor().source, checkpoint, asked_at, NOW) is None


def bearers(trip: Trip) -> dict[str, bool]:
    trip.go()
    return {ask.url: ask.headers.get("Authorization") == "Bearer s3cret" for ask in trip.asked}


def test_a_token_goes_to_where_a_route_begins_and_to_no_page_elsewhere() -> None:
    near, far = f"{LIST_URL}?2", "https://evil.test/a"
    script = {LIST_URL: words("p1", f"follow {near}", f"follow {far}"), near: words("p2"), far: words("p3")}
    routes = (replace(LISTING, rules="api terms"),)
    trip = Trip({**script, "https://evil.test/robots.txt": 404}, routes=routes, token="s3cret", wants_token=True)
    assert bearers(trip) == {LIST_URL: True, near: True, far: False}


def test_a_redirect_takes_the_token_and_the_pages_that_follow_nowhere_else() -> None:
    far, further = "https://evil.test/a", "https://evil.test/b"
    moved = Answer(url="", status=302, headers={"location": far}, body=b"")
    script: Script = {LIST_URL: moved, far: words("p1", f"follow {further}"), further: words("p2")}
    trip = Trip(script, routes=(replace(LISTING, rules="api terms"),), token="s3cret", wants_token=True)
    assert bearers(trip) == {LIST_URL: True, "https://evil.test/robots.txt": False, far: False, further: False}


def test_a_source_that_wants_no_token_gets_none() -> None:
    trip = Trip({LIST_URL: words("p1")}, token="s3cret")
    assert set(bearers(trip).values()) == {False}
    assert "s3cret" not in repr(trip.visitor())


WALL = Answer(url="", status=403, headers={"content-type": "application/json"}, body=CHALLENGE)


@pytest.mark.parametrize(("token", "wants_token", "said"), [("", True, True), ("s3cret", True, False), ("", False, False)])
def test_who_is_not_let_in_without_a_token_is_told_what_to_set(token: str, *, wants_token: bool, said: bool) -> None:
    trip = Trip({LIST_URL: WALL}, routes=(replace(LISTING, rules="api terms"),), token=token, wants_token=wants_token)
    (look,) = trip.go()
    assert (look.verdict.kind, look.requests) == ("blocked", 1)
    assert ("a token is needed: set token_env in [sources.both]" in (look.error or "")) == said
    assert "s3cret" not in repr(look)


def test_no_second_try_takes_what_is_reserved_for_the_scopes_after_this() -> None:
    trip = Trip({LIST_URL: FetchError("a timeout"), FEED_URL: 404}, budget=3)
    trip.go(reserve=2)
    assert trip.urls == [LIST_URL]
