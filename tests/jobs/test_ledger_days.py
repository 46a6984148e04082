"""What the looks of a crawl say of days, as the ledger keeps it."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.report import Look, Task, failed_look
from crawler.verdict import Verdict, VerdictKind
from jobs.crawling import ledger_days
from storage.days import LedgerDay

NOW = datetime(2026, 8, 12, 3, tzinfo=UTC)
MONDAY, TUESDAY, WEDNESDAY = date(2026, 8, 10), date(2026, 8, 11), date(2026, 8, 12)
OPEN: tuple[VerdictKind, ...] = ("partial", "stale", "throttled", "blocked", "failed")
KINDS: tuple[VerdictKind, ...] = ("complete", "quiet", *OPEN)


def look(kind: VerdictKind, on: date | None = WEDNESDAY, **parts: Any) -> Look:
    """Look at the batch due on Wednesday, and find one of another day perhaps."""
    known = {"source": "arxiv", "scope": "cs.CV", "route": "listing", "at": NOW, "day": WEDNESDAY}
    verdict = Verdict(kind=kind, announced_on=on, expected=20, seen=19, why=f"{kind}, it said")
    return Look(verdict=verdict, **{**known, **parts})


def told(*looks: Look) -> list[tuple[date, str, str, int | None, int]]:
    """Return day, kind and route of what is kept, with the numbers stated and seen."""
    return [(one.day, one.kind, one.route, one.expected, one.seen) for one in ledger_days(looks)]


def test_a_batch_that_was_read_completely_is_kept_with_all_that_is_known_of_it() -> None:
    assert ledger_days([look("complete", settled=WEDNESDAY)]) == [
        LedgerDay(
            source="arxiv",
            scope="cs.CV",
            day=WEDNESDAY,
            kind="complete",
            route="listing",
            expected=20,
            seen=19,
            why="complete, it said",
            at=NOW,
        )
    ]


def test_a_batch_that_did_not_come_completely_is_open() -> None:
    assert told(look("partial")) == [(WEDNESDAY, "partial", "listing", 20, 19)]


def test_the_route_that_gave_the_most_counts() -> None:
    partial, failed, complete = look("partial"), look("failed", None), look("complete", route="rss", settled=WEDNESDAY)
    assert told(partial, complete) == [(WEDNESDAY, "complete", "rss", 20, 19)]
    assert told(partial, failed) == told(failed, partial) == [(WEDNESDAY, "partial", "listing", 20, 19)]
    assert told(partial, look("partial", route="rss")) == [(WEDNESDAY, "partial", "rss", 20, 19)]


def test_an_old_list_leaves_the_day_open_and_tells_nothing_of_its_numbers() -> None:
    assert told(look("stale", TUESDAY)) == [(WEDNESDAY, "stale", "listing", None, 0)]


def test_an_older_batch_that_was_read_instead_is_complete_and_the_one_that_was_due_is_open() -> None:
    assert told(look("stale", TUESDAY, settled=TUESDAY)) == [
        (TUESDAY, "complete", "listing", 20, 19),
        (WEDNESDAY, "stale", "listing", None, 0),
    ]


def test_an_older_batch_by_one_route_and_the_newest_by_another_are_both_complete() -> None:
    looks = look("stale", TUESDAY, settled=TUESDAY), look("complete", route="rss", settled=WEDNESDAY)
    assert told(*looks) == [(TUESDAY, "complete", "listing", 20, 19), (WEDNESDAY, "complete", "rss", 20, 19)]


@pytest.mark.parametrize("kind", ["failed", "blocked", "throttled"])
def test_a_list_that_could_not_be_read_leaves_its_day_open(kind: VerdictKind) -> None:
    assert told(look(kind, None)) == [(WEDNESDAY, kind, "listing", None, 0)]
    assert told(look(kind, WEDNESDAY)) == [(WEDNESDAY, kind, "listing", 20, 19)]


@pytest.mark.parametrize(
    "quiet", [look("quiet"), look("quiet", TUESDAY), look("quiet", None, day=None), look("complete"), look("quiet", route="")]
)
def test_a_look_that_read_nothing_new_says_nothing_of_its_day(quiet: Look) -> None:
    assert ledger_days([quiet]) == []


@pytest.mark.parametrize("kind", OPEN)
def test_when_nothing_was_due_nothing_is_open(kind: VerdictKind) -> None:
    assert ledger_days([look(kind, None, day=None)]) == []


def test_a_look_that_failed_before_it_knew_of_any_day_says_nothing() -> None:
    assert ledger_days([failed_look("arxiv", "cs.CV", "the crawling process was killed", NOW)]) == []


@pytest.mark.parametrize("kind", KINDS)
def test_an_earlier_day_that_was_asked_for_is_what_it_is_found_to_be(kind: VerdictKind) -> None:
    healed = look(kind, MONDAY, task="healing", day=MONDAY, route="catchup")
    assert told(healed) == [(MONDAY, kind, "catchup", 20, 19)]


def test_an_earlier_day_that_could_not_be_asked_for_has_no_numbers() -> None:
    assert told(look("throttled", None, task="healing", day=MONDAY)) == [(MONDAY, "throttled", "listing", None, 0)]


@pytest.mark.parametrize("kind", KINDS)
def test_an_errand_says_nothing_of_any_day(kind: VerdictKind) -> None:
    assert ledger_days([look(kind, None, task="errand", day=None)]) == []
    assert ledger_days([look(kind, None, task="errand")]) == []


_DAYS = st.sampled_from((MONDAY, TUESDAY, WEDNESDAY))
_LOOKS = st.builds(
    look,
    st.sampled_from(KINDS),
    st.none() | _DAYS,
    day=st.none() | _DAYS,
    settled=st.none() | _DAYS,
    route=st.sampled_from(("listing", "rss")),
)


@given(looks=st.lists(_LOOKS, min_size=1, max_size=4), task=st.sampled_from(("newest", "healing")))
def test_no_day_is_made_up_and_none_is_final_that_no_look_has_settled(looks: list[Look], task: Task) -> None:
    days = ledger_days(looks)
    settled = {one.settled for one in looks} - {None}
    assert {one.day for one in days} <= settled | {one.day for one in looks}
    assert {one.day for one in days if one.kind == "complete"} == settled
    assert all(one.kind != "quiet" for one in days)
    assert len([one for one in days if one.kind not in ("complete", "quiet")]) <= 1
