"""Errands, without a network: look-ups and back-fills over scripted catalogues, by the real fetcher."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.ask import Answer, Ask
from crawler.errands import BAD_TOKEN, harvest, look_up
from crawler.errors import FetchError, ReadError, StorageError
from crawler.fetch import Fetcher
from crawler.pace import Pace
from crawler.report import Errand, Look, Progress
from crawler.sighting import Reject, Sighting
from crawler.source import Batch, Checkpoint, Fetched, Harvest, Page, Recorded, Route, Source, Wanted
from crawler.visitor import Visitor
from tests.crawler.playground import FEED, NOW, TODAY, Daily, frozen_clock, read_badly

SINCE, LATER = date(2026, 8, 1), date(2026, 8, 6)
BARE = Checkpoint(source="both", scope="a", batch=Batch(announced_on=TODAY, keys=frozenset({"p0"})))
OAI = "https://oai.test"
FIRST = f"{OAI}/a/2026-08-01"
SECOND, THIRD, FOURTH = f"{OAI}/?token=2", f"{OAI}/?token=3", f"{OAI}/?token=4"
ENDLESS = 40
Reply = str | int | Answer | Exception


def page(*lines: str) -> str:
    """Write a page of a catalogue: a word is the key of a paper; the other lines are those that `read_catalogue` knows."""
    return "\n".join(("#", *lines))


def read_catalogue(fetched: Fetched) -> Page:
    """Read a page: `follow URL`, `reject KEY`, `reached DAY`, `made DAY`, `total N`, and `cut`; `forgotten` is an error."""
    lines = fetched.body.decode().split("\n")
    if lines[0] != "#":
        raise ReadError(fetched.source, fetched.url, f"{BAD_TOKEN}: it has expired" if lines == ["forgotten"] else "no page")
    said = [line.split(" ", 1) for line in lines[1:] if " " in line]
    values = {name: value for name, value in said}  # noqa: C416 - pairs in lists
    keys = [line for line in lines[1:] if " " not in line and line != "cut"]
    return Page(
        kind="catalogue",
        sightings=tuple(_sighting(fetched, key) for key in keys),
        follow=tuple(value for name, value in said if name == "follow"),
        rejects=tuple(Reject(key=value, why="unreadable") for name, value in said if name == "reject"),
        whole="cut" not in lines,
        total=int(values["total"]) if "total" in values else None,
        reached=date.fromisoformat(values["reached"]) if "reached" in values else None,
        as_of=date.fromisoformat(values["made"]) if "made" in values else None,
    )


def _sighting(fetched: Fetched, key: str) -> Sighting:
    return Sighting(source=fetched.source, key=key, seen_at=fetched.at, title=key, url=f"https://papers.test/{key}")


def _since(wanted: Wanted) -> str:
    return f"{OAI}/{wanted.scope}/{wanted.since}"


def _span(wanted: Wanted) -> str:
    return f"https://api.test/{wanted.scope}/{wanted.since}/{wanted.until}"


def _keys(wanted: Wanted) -> str:
    return f"https://api.test/{wanted.scope}?ids={','.join(wanted.keys)}"


BACKFILL = replace(FEED, name="oai", start=_since, read=read_catalogue, kind="catalogue")
SPAN = replace(BACKFILL, name="query", start=_span)
LOOKUP = replace(BACKFILL, name="query", start=_keys)
SOURCE = Source(
    name="both",
    title="",
    routes=(replace(FEED, calendar=Daily()),),
    delay=timedelta(),
    backfill=BACKFILL,
    span=SPAN,
    lookup=LOOKUP,
    lookup_size=2,
)


@dataclass
class Trip:
    """One errand and what came of it; a list in the script answers in turn, the last one again and again."""

    script: Mapping[str, Reply | list[Reply]]
    checkpoint: Checkpoint = BARE  # frozen
    source: Source = SOURCE  # frozen
    failing: dict[str, Exception] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    recorded: list[tuple[list[str], Harvest | None]] = field(default_factory=list)
    checkpoints: list[Checkpoint] = field(default_factory=list)
    progress: list[Progress] = field(default_factory=list)

    async def download(self, ask: Ask) -> Answer:
        before = self.asked.count(ask.url)
        self.asked.append(ask.url)
        if len(self.asked) > ENDLESS:
            pytest.fail(f"asks without end: {self.asked[-3:]}")
        reply = self.script.get(ask.url, 404)
        match reply[min(before, len(reply) - 1)] if isinstance(reply, list) else reply:
            case Exception() as error:
                raise error
            case Answer() as answer:
                return replace(answer, url=ask.url)
            case int() as status:
                return Answer(url=ask.url, status=status, headers={}, body=b"")
            case text:
                return Answer(url=ask.url, status=200, headers={}, body=text.encode())

    async def read(self, route: Route, fetched: Fetched) -> Page:
        return route.read(fetched)

    async def record(self, page: Page, checkpoint: Checkpoint) -> Recorded:
        keys = [sighting.key for sighting in page.sightings]
        for key in keys:
            if key in self.failing:
                raise self.failing[key]
        self.recorded.append((keys, checkpoint.harvest))
        self.checkpoints.append(checkpoint)
        return Recorded(new=len(keys), updated=1)

    def visitor(self) -> Visitor:
        fetcher = Fetcher(
            download=self.download,
            clock=frozen_clock,
            agent="Paperlark/1",
            pace=Pace(delay=timedelta()),
            tell=lambda state: None,
        )
        return Visitor(
            source=self.source,
            fetcher=fetcher,
            clock=frozen_clock,
            read=self.read,
            record=self.record,
            progress=self.progress.append,
        )

    def fill(self, since: date | None = SINCE, until: date | None = None, limit: int | None = None) -> Look:
        """Run a back-fill; the checkpoint is then where the store has it."""
        errand = Errand(since=since, until=until, limit=limit)
        look = asyncio.run(harvest(self.visitor(), "a", self.checkpoint, errand))
        assert look is not None
        self.checkpoint = self.checkpoints[-1] if self.checkpoints else self.checkpoint
        return look

    def find(self, *keys: str) -> Look:
        look = asyncio.run(look_up(self.visitor(), "a", self.checkpoint, keys))
        assert look is not None
        return look

    @property
    def is_open(self) -> bool:
        """Whether the back-fill has not come to its end yet."""
        return not self.harvests or bool(self.harvests[-1] and self.harvests[-1].waiting)

    @property
    def keys(self) -> list[str]:
        return [key for keys, _ in self.recorded for key in keys]

    @property
    def harvests(self) -> list[Harvest | None]:
        return [harvest for _, harvest in self.recorded]


def at(since: date = SINCE, **about: Any) -> Checkpoint:
    """Return a checkpoint whose back-fill has come so far."""
    return replace(BARE, harvest=Harvest(since=since, **about))


THREE = {
    FIRST: page("p1", "p2", "reached 2026-08-03", "made 2026-08-12", "total 5", f"follow {SECOND}"),
    SECOND: page("p3", "p4", "reached 2026-08-07", "made 2026-08-12", f"follow {THIRD}"),
    THIRD: page("p5", "reached 2026-08-11", "made 2026-08-13"),
}


# A back-fill from the first page to the last.


def test_the_pages_of_a_back_fill_are_followed_and_each_is_recorded_with_where_it_stands_after_it() -> None:
    trip = Trip(THREE)
    trip.fill()
    known = Harvest(since=SINCE, as_of=date(2026, 8, 12))
    assert trip.asked == [FIRST, SECOND, THIRD]
    assert trip.recorded == [
        (["p1", "p2"], replace(known, waiting=(SECOND,), reached=date(2026, 8, 3), papers=2)),
        (["p3", "p4"], replace(known, waiting=(THIRD,), reached=date(2026, 8, 7), papers=4)),
        (["p5"], replace(known, reached=date(2026, 8, 11), papers=5)),
    ]
    assert [replace(one, harvest=None) for one in trip.checkpoints] == [BARE] * 3


def test_the_look_tells_what_the_errand_cost_and_brought() -> None:
    look = Trip(THREE).fill()
    known = replace(look, verdict=replace(look.verdict, why=""), seconds=0)
    assert known == Look(
        source="both",
        scope="a",
        route="oai",
        verdict=replace(look.verdict, kind="complete", seen=5, why=""),
        at=NOW,
        requests=3,
        seen=5,
        new=5,
        updated=3,
        task="errand",
    )
    assert look.verdict.why == "5 papers"


def test_the_day_reached_never_goes_back() -> None:
    trip = Trip({FIRST: page("p1", "reached 2026-08-09", f"follow {SECOND}"), SECOND: page("p2", "reached 2026-08-02")})
    trip.fill()
    assert [one.reached for one in trip.harvests if one] == [date(2026, 8, 9)] * 2


def test_what_follows_is_read_depth_first_and_all_of_it_is_remembered() -> None:
    left, right, deep, end = (f"{OAI}/{name}" for name in ("left", "right", "deep", "end"))
    trip = Trip(
        {
            FIRST: page("p1", f"follow {left}", f"follow {right}", f"follow {end}"),
            left: page("p2", f"follow {deep}"),
            deep: page("p3"),
            right: page("p4"),
            end: page("p5"),
        }
    )
    trip.fill()
    assert trip.asked == [FIRST, left, deep, right, end]
    assert [one.waiting for one in trip.harvests if one] == [(left, right, end), (deep, right, end), (right, end), (end,), ()]


def test_nothing_there_is_quiet_and_moves_nothing() -> None:
    trip = Trip({FIRST: page("made 2026-08-12", "reached 2026-08-11")})
    look = trip.fill()
    assert (look.verdict.kind, look.verdict.why, look.requests, trip.recorded) == ("quiet", "nothing there", 1, [])


def test_a_page_without_entries_moves_nothing_and_what_follows_it_is_read() -> None:
    trip = Trip({FIRST: page("p1", f"follow {SECOND}"), SECOND: page(f"follow {THIRD}"), THIRD: page("p2")})
    assert trip.fill().verdict.kind == "complete"
    assert [(keys, one.waiting if one else None) for keys, one in trip.recorded] == [(["p1"], (SECOND,)), (["p2"], ())]


@pytest.mark.parametrize(
    ("source", "errand"),
    [
        (replace(SOURCE, backfill=None), Errand(since=SINCE)),
        (replace(SOURCE, span=None), Errand(since=SINCE, until=LATER)),
        (SOURCE, Errand()),
        (SOURCE, Errand(until=LATER)),
    ],
)
def test_what_a_source_cannot_be_asked_for_is_no_look(source: Source, errand: Errand) -> None:
    trip = Trip({}, source=source)
    assert asyncio.run(harvest(trip.visitor(), "a", BARE, errand)) is None
    assert trip.asked == []


# Going on.


def test_a_back_fill_goes_on_where_it_was_stopped() -> None:
    before = at(waiting=(SECOND, FOURTH), reached=date(2026, 8, 3), as_of=date(2026, 8, 5), papers=2)
    trip = Trip({**THREE, FOURTH: page("p9")}, before)
    look = trip.fill()
    assert trip.asked == [SECOND, THIRD, FOURTH]
    assert (look.seen, look.new) == (4, 4)
    assert trip.harvests[-1] == Harvest(since=SINCE, reached=date(2026, 8, 11), as_of=date(2026, 8, 5), papers=6)


@pytest.mark.parametrize("since", [SINCE, LATER])
def test_a_stopped_back_fill_that_began_early_enough_serves_a_later_day_too(since: date) -> None:
    trip = Trip(THREE, at(waiting=(THIRD,)))
    trip.fill(since)
    assert trip.asked == [THIRD]


def test_one_that_must_begin_earlier_or_has_another_end_begins_anew() -> None:
    span = f"https://api.test/a/{SINCE}/{LATER}"
    trip = Trip({**THREE, span: page("p7")}, at(LATER, waiting=(THIRD,), reached=date(2026, 8, 7), papers=9))
    trip.fill()
    assert trip.asked == [FIRST, SECOND, THIRD]
    assert trip.harvests[0] == replace(trip.harvests[0] or Harvest(since=LATER), since=SINCE, papers=2)
    other = Trip({span: page("p7")}, at(waiting=(THIRD,)))
    other.fill(until=LATER)
    assert other.asked == [span]
    assert other.harvests == [Harvest(since=SINCE, until=LATER, papers=1)]


@pytest.mark.parametrize(
    ("since", "as_of", "asked"),
    [
        (SINCE, date(2026, 8, 10), f"{OAI}/a/2026-08-09"),
        (LATER, date(2026, 8, 10), f"{OAI}/a/2026-08-09"),
        (LATER, date(2026, 8, 3), f"{OAI}/a/2026-08-06"),
        (LATER, LATER, f"{OAI}/a/2026-08-06"),
        (SINCE, None, FIRST),
    ],
)
def test_of_one_that_was_finished_only_what_changed_since_it_began_is_asked_for(
    since: date, as_of: date | None, asked: str
) -> None:
    trip = Trip({asked: page("p1", "made 2026-08-12")}, at(reached=date(2026, 8, 10), as_of=as_of, papers=7))
    trip.fill(since)
    assert trip.asked == [asked]
    assert trip.harvests == [Harvest(since=SINCE, reached=date(2026, 8, 10), as_of=TODAY, papers=8)]


def test_one_that_was_finished_and_brings_nothing_more_stays_as_it_was() -> None:
    trip = Trip({f"{OAI}/a/2026-08-09": page("made 2026-08-12")}, at(as_of=date(2026, 8, 10)))
    assert trip.fill().verdict.kind == "quiet"
    assert trip.recorded == []


def test_a_limit_stops_and_leaves_the_rest_for_the_next_time() -> None:
    trip = Trip(THREE)
    look = trip.fill(limit=3)
    assert (look.verdict.kind, look.seen, look.verdict.why) == ("complete", 4, "4 papers, stopped at the limit")
    assert trip.asked == [FIRST, SECOND]
    assert trip.harvests[-1] == Harvest(
        since=SINCE, waiting=(THIRD,), reached=date(2026, 8, 7), as_of=date(2026, 8, 12), papers=4
    )
    assert trip.fill(limit=3).seen == 1
    assert trip.asked == [FIRST, SECOND, THIRD]


@pytest.mark.parametrize(("limit", "asked"), [(1, 1), (2, 1), (3, 2), (4, 2), (5, 3), (9, 3)])
def test_as_many_papers_as_the_limit_are_enough(limit: int, asked: int) -> None:
    trip = Trip(THREE)
    trip.fill(limit=limit)
    assert trip.asked == [FIRST, SECOND, THIRD][:asked]


@st.composite
def trees(draw: st.DrawFn) -> dict[str, Reply | list[Reply]]:
    """Draw pages that lead to each other like the branches of a tree, each with some papers."""
    urls = [FIRST, *(f"{OAI}/{n}" for n in range(draw(st.integers(0, 7))))]
    parents = [draw(st.integers(0, place)) for place in range(len(urls) - 1)]
    script: dict[str, Reply | list[Reply]] = {}
    for place, url in enumerate(urls):
        papers = [f"{place}.{n}" for n in range(draw(st.integers(1, 3)))]
        children = [f"follow {urls[child + 1]}" for child, parent in enumerate(parents) if parent == place]
        script[url] = page(*papers, *children)
    return script


@settings(max_examples=50, deadline=None)
@given(script=trees(), limits=st.lists(st.integers(1, 4), max_size=10))
def test_a_back_fill_that_is_stopped_again_and_again_reads_what_one_at_a_stroke_does(
    script: dict[str, Reply | list[Reply]], limits: list[int]
) -> None:
    whole, parts = Trip(script), Trip(script)
    whole.fill()
    for limit in (*limits, None):
        if parts.is_open:
            parts.fill(limit=limit)
    assert (parts.asked, parts.keys) == (whole.asked, whole.keys)
    assert parts.checkpoint == whole.checkpoint
    assert sorted(whole.asked) == sorted(script)


# When something goes wrong.


def test_a_forgotten_token_is_made_good_from_the_day_before_the_one_reached() -> None:
    again = f"{OAI}/a/2026-08-02"
    trip = Trip({**THREE, SECOND: "forgotten", again: page("p2", "p3", "reached 2026-08-11")})
    look = trip.fill()
    assert trip.asked == [FIRST, SECOND, again]
    assert (look.verdict.kind, look.seen, look.error) == ("complete", 4, None)
    assert trip.harvests[-1] == Harvest(since=SINCE, reached=date(2026, 8, 11), as_of=date(2026, 8, 12), papers=4)


def test_a_token_forgotten_between_two_crawls_is_made_good_too_and_never_from_before_the_first_day() -> None:
    for reached, again in ((None, FIRST), (SINCE, FIRST), (date(2026, 8, 9), f"{OAI}/a/2026-08-08")):
        trip = Trip({SECOND: "forgotten", again: page("p1")}, at(waiting=(SECOND,), reached=reached))
        assert trip.fill().verdict.kind == "complete"
        assert trip.asked == [SECOND, again]


def test_what_is_left_besides_a_forgotten_token_is_read_after_it_was_made_good() -> None:
    trip = Trip({SECOND: "forgotten", FIRST: page("p1"), FOURTH: page("p2")}, at(waiting=(SECOND, FOURTH)))
    trip.fill()
    assert trip.asked == [SECOND, FIRST, FOURTH]


def test_a_token_forgotten_in_a_span_is_made_good_up_to_its_last_day() -> None:
    begun = at(until=LATER, waiting=(SECOND,), reached=date(2026, 8, 4))
    again = f"https://api.test/a/2026-08-03/{LATER}"
    trip = Trip({SECOND: "forgotten", again: page("p1")}, begun)
    trip.fill(until=LATER)
    assert trip.asked == [SECOND, again]


def test_a_token_forgotten_on_the_first_day_is_made_good_by_reading_its_pages_again() -> None:
    first: list[Reply] = [page("p1", f"reached {SINCE}", f"follow {SECOND}"), page("p1", f"reached {SINCE}", f"follow {THIRD}")]
    trip = Trip({FIRST: first, SECOND: "forgotten", THIRD: page("p2", "reached 2026-08-11")})
    assert trip.fill().verdict.kind == "complete"
    assert trip.asked == [FIRST, SECOND, FIRST, THIRD]
    assert trip.harvests[-1] == Harvest(since=SINCE, reached=date(2026, 8, 11), papers=3)


def test_a_token_that_is_forgotten_at_once_again_ends_it() -> None:
    again = f"{OAI}/a/2026-08-02"
    trip = Trip({**THREE, SECOND: "forgotten", again: page("p2", f"follow {SECOND}")})
    look = trip.fill()
    assert trip.asked == [FIRST, SECOND, again, SECOND]
    assert look.verdict.kind == "failed"
    assert BAD_TOKEN in (look.error or "")
    assert trip.keys == ["p1", "p2", "p2"]


def test_a_token_that_is_forgotten_farther_on_is_made_good_once_more() -> None:
    one, two = f"{OAI}/a/2026-08-02", f"{OAI}/a/2026-08-06"
    script = {**THREE, SECOND: "forgotten", one: page("p3", "reached 2026-08-07", f"follow {THIRD}"), THIRD: "forgotten"}
    trip = Trip({**script, two: page("p5")})
    assert trip.fill().verdict.kind == "complete"
    assert trip.asked == [FIRST, SECOND, one, THIRD, two]


@pytest.mark.parametrize(
    "script",
    [
        {FIRST: page("p1", f"follow {FIRST}")},
        {FIRST: page("p1", f"follow {SECOND}"), SECOND: page("p2", f"follow {SECOND}")},
        {FIRST: page("p1", f"follow {SECOND}"), SECOND: page("p2", f"follow {THIRD}"), THIRD: page("p3", f"follow {SECOND}")},
        {FIRST: page("p1", f"follow {SECOND}"), SECOND: page(f"follow {SECOND}")},
    ],
)
def test_pages_that_lead_round_in_a_circle_end_as_failed(script: dict[str, Reply]) -> None:
    trip = Trip(script)
    look = trip.fill()
    assert look.verdict.kind == "failed"
    assert set(trip.asked) == set(script)
    assert max(map(trip.asked.count, script)) <= 2


@pytest.mark.parametrize("whole", [True, False])
def test_a_page_that_breaks_off_gives_what_came_and_is_asked_for_again_the_next_time(*, whole: bool) -> None:
    text = page("p3", *(["cut"] if whole else []), f"follow {FOURTH}")
    cut = Answer(url="", status=200, headers={}, body=text.encode(), whole=whole)
    trip = Trip({FIRST: page("p1", f"follow {SECOND}", f"follow {THIRD}"), SECOND: [cut], THIRD: page("p5")})
    look = trip.fill()
    assert (look.verdict.kind, look.seen) == ("failed", 2)
    assert f"the answer broke off ({SECOND})" in (look.error or "")
    assert [(keys, one.waiting if one else None) for keys, one in trip.recorded] == [
        (["p1"], (SECOND, THIRD)),
        (["p3"], (SECOND, THIRD)),
    ]
    assert THIRD not in trip.asked
    assert FOURTH not in trip.asked


def test_a_page_that_breaks_off_before_its_first_entry_moves_nothing() -> None:
    trip = Trip({FIRST: page("p1", f"follow {SECOND}"), SECOND: page("cut")})
    assert trip.fill().verdict.kind == "failed"
    assert [one.waiting for one in trip.harvests if one] == [(SECOND,)]


@pytest.mark.parametrize("lost", [404, 500, FetchError("no answer"), "no page of a catalogue"])
def test_a_lost_page_ends_it_names_the_address_once_and_leaves_what_came_before(lost: Reply) -> None:
    trip = Trip({FIRST: page("p1", f"follow {SECOND}"), SECOND: lost})
    look = trip.fill()
    assert (look.verdict.kind, look.verdict.seen, look.new) == ("failed", 1, 1)
    assert (look.error or "").startswith("both a: ")
    assert (look.error or "").count(SECOND) == 1
    assert look.verdict.why == look.error
    assert [one.waiting for one in trip.harvests if one] == [(SECOND,)]


def test_a_reader_with_a_mistake_ends_it_with_the_address() -> None:
    look = Trip({FIRST: "x"}, source=replace(SOURCE, backfill=replace(BACKFILL, read=read_badly))).fill()
    assert look.error == f"both a: ValueError: a mistake over two lines in a ({FIRST})"
    assert look.verdict.kind == "failed"


def test_throttling_ends_it_with_when_to_come_back() -> None:
    answer = Answer(url="", status=503, headers={"retry-after": "600"}, body=b"")
    trip = Trip({FIRST: page("p1", f"follow {SECOND}"), SECOND: answer})
    look = trip.fill()
    assert (look.verdict.kind, look.verdict.next_at) == ("throttled", NOW + timedelta(minutes=10))
    assert (look.seen, look.requests) == (1, 2)
    assert [one.waiting for one in trip.harvests if one] == [(SECOND,)]


@pytest.mark.parametrize("error", [StorageError("disk full"), OSError("no space"), RuntimeError("a mistake\nof two lines")])
def test_a_sink_that_fails_ends_it_and_moves_nothing(error: Exception) -> None:
    trip = Trip(THREE, failing={"p3": error})
    look = trip.fill()
    assert (look.verdict.kind, look.new, look.updated) == ("failed", 2, 1)
    assert str(error).split("\n")[0] in (look.error or "")
    assert "\n" not in (look.error or "")
    assert trip.keys == ["p1", "p2"]
    assert trip.checkpoint.harvest == trip.harvests[0]
    assert THIRD not in trip.asked


def test_entries_that_cannot_be_read_are_counted_and_a_few_are_kept() -> None:
    trip = Trip(
        {
            FIRST: page("p1", *(f"reject a{n}" for n in range(15)), f"follow {SECOND}"),
            SECOND: page("p2", *(f"reject b{n}" for n in range(15))),
        }
    )
    look = trip.fill()
    assert (look.verdict.kind, look.verdict.why) == ("partial", "2 papers, 30 that could not be read")
    assert [one.key for one in look.rejects] == [*(f"a{n}" for n in range(15)), *(f"b{n}" for n in range(5))]


# How far it is.


def test_the_progress_tells_pages_papers_the_first_total_and_the_share_of_the_days() -> None:
    trip = Trip(THREE)
    trip.fill()
    assert [(one.pages, one.papers, one.expected) for one in trip.progress] == [(0, 0, None), (1, 2, 5), (2, 4, 5), (3, 5, 5)]
    assert [one.share for one in trip.progress] == [None, pytest.approx(2 / 11), pytest.approx(6 / 11), pytest.approx(10 / 11)]
    assert {(one.source, one.scope, one.route) for one in trip.progress} == {("both", "a", "oai")}


def test_the_share_of_a_span_is_of_its_own_days_and_begins_where_it_was_stopped() -> None:
    trip = Trip({SECOND: page("p3", "reached 2026-08-05")}, at(until=LATER, waiting=(SECOND,), reached=date(2026, 8, 3)))
    trip.fill(until=LATER)
    assert [one.share for one in trip.progress] == [pytest.approx(2 / 5), pytest.approx(4 / 5)]


def test_a_catalogue_that_does_not_go_by_days_has_no_share() -> None:
    trip = Trip({FIRST: page("p1", "total 1")})
    trip.fill()
    assert [one.share for one in trip.progress] == [None, None]


_DAYS = st.dates(date(2026, 7, 1), date(2026, 9, 30))


@settings(max_examples=50, deadline=None)
@given(since=_DAYS, until=st.none() | _DAYS, reached=_DAYS)
def test_a_share_is_never_less_than_nothing_nor_more_than_all(since: date, until: date | None, reached: date) -> None:
    start = (SPAN if until else BACKFILL).address(Wanted(scope="a", since=since, until=until))
    trip = Trip({start: page("p1", f"reached {reached}")})
    trip.fill(since, until)
    shares = [one.share for one in trip.progress if one.share is not None]
    assert all(0 <= one <= 1 for one in shares)
    assert bool(shares) == ((until or TODAY) > since and reached <= TODAY)


def test_a_search_that_promises_and_shows_nothing_is_given_up() -> None:
    trip = Trip({FIRST: page(f"follow {OAI}/0"), **{f"{OAI}/{n}": page(f"follow {OAI}/{n + 1}") for n in range(ENDLESS)}})
    look = trip.fill()
    assert (look.verdict.kind, len(trip.asked)) == ("failed", 21)
    assert "more than 20 empty pages in a row" in (look.error or "")


def test_empty_pages_between_full_ones_are_passed_over() -> None:
    pages = {f"{OAI}/{n}": page(*["p1"][n % 15 :], f"follow {OAI}/{n + 1}") for n in range(ENDLESS - 2)}
    trip = Trip({FIRST: page(f"follow {OAI}/0"), **pages, f"{OAI}/{ENDLESS - 2}": page("p2")})
    assert trip.fill().verdict.kind == "complete"


# Papers by their keys.


def test_papers_are_looked_up_by_their_keys_so_many_at_a_time() -> None:
    one, two = "https://api.test/a?ids=p1,p2", "https://api.test/a?ids=p3"
    trip = Trip({one: page("p2", "p1"), two: page("p3")})
    look = trip.find("p1", "p2", "p3")
    assert trip.asked == [one, two]
    assert trip.keys == ["p2", "p1", "p3"]
    assert (look.task, look.route, look.verdict.kind, look.requests, look.seen) == ("errand", "query", "complete", 2, 3)
    assert trip.checkpoints == [BARE] * 2


def test_a_look_up_that_finds_nothing_is_quiet_and_one_that_cannot_be_made_is_no_look() -> None:
    trip = Trip({"https://api.test/a?ids=p1": page()})
    assert (trip.find("p1").verdict.kind, trip.recorded) == ("quiet", [])
    trip = Trip({}, source=replace(SOURCE, lookup=None))
    assert asyncio.run(look_up(trip.visitor(), "a", BARE, ["p1"])) is None
    assert trip.asked == []


def test_that_one_paper_has_no_page_there_costs_none_of_the_others() -> None:
    pages = {"https://api.test/a?ids=p3": page("p3")}
    trip = Trip(pages, source=replace(SOURCE, lookup_size=1))
    look = trip.find("p1", "p2", "p3")
    assert (look.verdict.kind, look.seen, look.error, look.requests) == ("complete", 1, None, 3)
    assert trip.keys == ["p3"]


def test_that_a_page_of_several_papers_is_not_there_is_an_error() -> None:
    assert "HTTP status 404" in (Trip({}).find("p1", "p2").error or "")


@pytest.mark.parametrize(("papers", "said"), [(1, "1 paper"), (2, "2 papers"), (1234, "1,234 papers")])
def test_what_an_errand_brought_is_said_in_words(papers: int, said: str) -> None:
    trip = Trip({FIRST: page(*(f"p{number}" for number in range(papers)))})
    assert trip.fill().verdict.why == said


def test_a_look_up_goes_on_to_further_pages_and_does_not_begin_anew_after_an_error() -> None:
    url = "https://api.test/a?ids=p1"
    trip = Trip({url: page("p1", f"follow {SECOND}"), SECOND: "forgotten"})
    look = trip.find("p1")
    assert trip.asked == [url, SECOND]
    assert (look.verdict.kind, look.seen) == ("failed", 1)


def test_a_look_up_moves_no_back_fill() -> None:
    before = at(waiting=(SECOND,), reached=date(2026, 8, 3), papers=2)
    trip = Trip({"https://api.test/a?ids=p1,p2": page("p1"), "https://api.test/a?ids=p3": page("p3")}, before)
    trip.find("p1", "p2", "p3")
    assert trip.harvests == [before.harvest] * 2
    assert {one.share for one in trip.progress} == {None}


def test_every_moment_of_a_look_is_by_the_clock_it_is_given() -> None:
    later: datetime = NOW + timedelta(hours=3)
    trip = Trip({"https://api.test/a?ids=p1": page("p1")})
    look = asyncio.run(look_up(replace(trip.visitor(), clock=lambda: later), "a", BARE, ["p1"]))
    assert look is not None
    assert look.at == later
