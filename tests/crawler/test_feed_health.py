"""What becomes of a feed's address: moved, gone, dead, alive again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.feed_health import (
    PATIENCE,
    Failure,
    FeedState,
    Happened,
    Hop,
    Outcome,
    is_due,
    judge_feed,
    needs_person,
    permanent,
)
from crawler.feed_words import line_for_status

START = datetime(2026, 8, 14, 10, 30, tzinfo=UTC)
DAY = timedelta(days=1)
OLD, NEW, OTHER = "https://old.example.org/feed", "https://new.example.org/feed", "https://other.example.org/feed"
FEED = FeedState(url=OLD)
OK, GONE, MISSING = Outcome(happened="ok"), Outcome(happened="gone"), Outcome(happened="missing")
MOVED = Outcome(happened="ok", moved_to=NEW)
FAILURES: tuple[Failure, ...] = get_args(Failure)
DEAD: tuple[Failure, ...] = tuple(one for one in FAILURES if one != "failed")
outcomes = st.builds(
    Outcome,
    happened=st.sampled_from(("ok", *FAILURES)),
    moved_to=st.sampled_from(["", NEW, OTHER, "http://new.example.org/feed"]),
)


def after(state: FeedState, *outcomes: Outcome) -> tuple[FeedState, list[str]]:
    """Return what is remembered after these, a day apart, and the lines on the way."""
    lines = []
    for number, outcome in enumerate(outcomes):
        state, line = judge_feed(state, outcome, START + number * DAY)
        lines += [line] if line else []
    return state, lines


def asked(state: FeedState, outcome: Outcome, moments: list[datetime]) -> list[datetime]:
    """Return when a feed was asked that always answers the same, by one who looks at these moments."""
    asked_at = []
    for now in moments:
        if is_due(state, now):
            asked_at.append(now)
            state = judge_feed(state, outcome, now).state
    return asked_at


def test_an_address_changes_after_three_permanent_redirects_and_says_so() -> None:
    state, lines = after(FEED, MOVED, MOVED)
    assert (state.url, state.moved_to, state.moved_times, lines) == (OLD, NEW, 2, [])
    state, lines = after(FEED, MOVED, MOVED, MOVED)
    assert (state.url, state.moved_to, state.moved_times) == (NEW, "", 0)
    assert lines == [f"{OLD} has moved for good, as it said 3 times in a row: it is {NEW} now"]


@pytest.mark.parametrize(
    "between", [OK, MISSING, Outcome(happened="ok", moved_to=OTHER), Outcome(happened="no feed", moved_to=NEW)]
)
def test_the_three_are_in_a_row_and_to_one_place(between: Outcome) -> None:
    state, lines = after(FEED, MOVED, MOVED, between, MOVED, MOVED)
    assert (state.url, state.moved_times, lines) == (OLD, 2, [])


@pytest.mark.parametrize(
    "to",
    ["http://old.example.org/feed", "https://127.0.0.1/feed", "https://u:p@new.example.org/", "file:///etc/passwd", OLD, "x"],
)
def test_some_places_no_address_moves_to(to: str) -> None:
    state, lines = after(FEED, *[Outcome(happened="ok", moved_to=to)] * 5)
    assert (state.url, state.moved_times, lines) == (OLD, 0, [])


@pytest.mark.parametrize(
    ("statuses", "place"),
    [((), 0), ((301,), 1), ((308, 301), 2), ((301, 302, 301), 1), ((302, 301), 0), ((303,), 0), ((307,), 0)],
)
def test_a_temporary_redirect_never_counts(statuses: tuple[int, ...], place: int) -> None:
    hops = [Hop(status, f"https://hop{number}.example/feed") for number, status in enumerate(statuses, 1)]
    assert permanent(hops) == (f"https://hop{place}.example/feed" if place else "")


def test_gone_is_for_good() -> None:
    state, lines = after(FEED, GONE)
    assert state.gone
    assert lines == [f"{OLD} is gone for good (410) and is not asked for any more"]
    assert not any(is_due(state, START + number * DAY) for number in range(-1, 400))
    line = line_for_status(state, START)
    assert line == "gone for good (410) since 2026-08-14; not asked for any more"


@pytest.mark.parametrize("failure", DEAD)
def test_a_dead_feed_is_asked_once_a_day_and_later_once_a_week(failure: Failure) -> None:
    hours = [START + timedelta(hours=number) for number in range(24 * 100)]
    days = [now.date() for now in asked(FEED, Outcome(happened=failure), hours)]
    assert len(set(days)) == len(days)
    assert days[:30] == [START.date() + number * DAY for number in range(30)]
    assert {later - earlier for earlier, later in pairwise(days[30:])} == {timedelta(days=7)}
    assert (hours[-1].date() - days[-1]) < timedelta(days=7)


def test_who_looks_once_a_day_a_little_earlier_or_later_misses_none() -> None:
    moments = [START + number * DAY + timedelta(seconds=(-1) ** number * 40) for number in range(20)]
    assert asked(FEED, MISSING, moments) == moments


def test_a_server_in_trouble_may_be_asked_again_the_same_day() -> None:
    state, _ = after(FEED, Outcome(happened="failed"))
    assert is_due(state, START + timedelta(hours=1))
    later = judge_feed(state, Outcome(happened="failed"), START + 2 * DAY).state
    assert not is_due(later, START + 2 * DAY + timedelta(hours=1))
    assert "at every run" in line_for_status(state, START)
    assert "once a day" in line_for_status(later, START + 2 * DAY)


@pytest.mark.parametrize("failure", FAILURES)
def test_every_dead_feed_has_a_line_and_a_living_one_has_none(failure: Failure) -> None:
    state, _ = after(FEED, OK, Outcome(happened=failure))
    line = line_for_status(state, START + DAY)
    assert line.startswith("no feed since 2026-08-15: ")
    assert line_for_status(state, START + DAY + PATIENCE).endswith("; asked once a week")
    assert line_for_status(after(FEED, OK)[0], START) == ""


def test_a_clock_that_was_put_back_silences_no_feed() -> None:
    state, _ = after(FEED, MISSING)
    assert is_due(state, START - 400 * DAY)


@settings(max_examples=50)
@given(st.lists(outcomes, max_size=12), st.sampled_from(["ok", *FAILURES]))
def test_an_answer_makes_all_well(before: list[Outcome], happened: Happened) -> None:
    state, _ = after(FEED, *before, OK)
    assert state == FeedState(url=state.url, last_asked=START + len(before) * DAY)
    assert is_due(state, START)
    failed = judge_feed(state, Outcome(happened=happened), START + 50 * DAY).state
    assert (failed.failing_since is None) == (happened == "ok")


@settings(max_examples=50)
@given(
    st.lists(st.tuples(outcomes | st.just(GONE), st.timedeltas(timedelta(0), timedelta(days=9))), max_size=30),
)
def test_never_more_requests_than_days_while_it_is_dead(looks: list[tuple[Outcome, timedelta]]) -> None:
    state, now, dead_days = FEED, START, []
    for outcome, pause in looks:
        now += pause
        was_dead = state.failing_since is not None and state.failure in DEAD
        if is_due(state, now):
            assert not state.gone
            if was_dead:
                dead_days.append(now.date())
            state = judge_feed(state, outcome, now).state
        assert bool(line_for_status(state, now)) == (state.failing_since is not None)
    assert len(set(dead_days)) == len(dead_days)


@settings(max_examples=50)
@given(st.lists(outcomes, max_size=12))
def test_an_address_moves_only_where_it_was_sent_three_times(looks: list[Outcome]) -> None:
    state, lines = after(FEED, *looks)
    sent = [one.moved_to for one in looks if one.happened == "ok"]
    assert state.url == OLD or sent.count(state.url) >= 3
    assert not state.url.startswith("http:")
    assert bool(lines) >= (state.url != OLD)
    assert replace(state, url=OLD).moved_times < 3


def test_a_person_is_called_after_a_week_and_no_longer_after_thirty_days() -> None:
    state, _ = after(FEED, MISSING)
    since = state.failing_since or START
    called = [number for number in range(60) if needs_person(state, since + number * DAY)]
    assert called == list(range(7, 30))
    assert not needs_person(FEED, START + 10 * DAY)
