from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.calendar import Due
from crawler.sighting import Claim
from crawler.source import Batch
from crawler.verdict import Seen, judge, judge_day

TODAY, YESTERDAY, EARLIER = date(2026, 8, 12), date(2026, 8, 11), date(2026, 8, 10)
NEXT_AT = datetime(2026, 8, 13, 0, 30, tzinfo=UTC)
DUE, NOT_DUE = Due(TODAY, NEXT_AT), Due(None, NEXT_AT)


def claim(seen: int, expected: int | None = None, on: date | None = TODAY, section: str = "new") -> Claim:
    return Claim(scope="cs.CV", section=section, announced_on=on, expected=expected, seen=seen)


def look(*keys: str, on: date | None = TODAY, dated: bool = True, whole: bool = True) -> Seen:
    """Return a look that saw every entry it was told of; a feed (`dated` false) is told of none."""
    expected = len(keys) if dated else None
    return Seen(claims=(claim(len(keys), expected, on),), keys=frozenset(keys), dated=dated, whole=whole)


def batch(*keys: str, on: date = YESTERDAY) -> Batch:
    return Batch(announced_on=on, keys=frozenset(keys))


def test_a_listing_of_the_batch_due_with_all_its_entries_is_complete() -> None:
    verdict = judge(look("a", "b"), batch("z"), DUE)
    assert (verdict.kind, verdict.announced_on, verdict.expected, verdict.seen) == ("complete", TODAY, 2, 2)
    assert verdict.next_at == NEXT_AT
    assert verdict.why == "all 2 of 2 entries of the list of 2026-08-12"


def test_a_list_that_shares_entries_with_the_last_is_complete_by_its_heading() -> None:
    assert judge(look("a"), batch("a", "b"), DUE).kind == "complete"


def test_a_second_look_is_quiet_and_says_when_the_next_is_due() -> None:
    verdict = judge(look("a", "b"), batch("a", "b", on=TODAY), DUE)
    assert (verdict.kind, verdict.next_at) == ("quiet", NEXT_AT)
    assert verdict.why == "nothing new since the list of 2026-08-12; the next is due at 2026-08-13 00:30 UTC"


def test_a_list_that_has_grown_is_complete_again() -> None:
    assert judge(look("a", "b", "c"), batch("a", "b", on=TODAY), DUE).kind == "complete"


@pytest.mark.parametrize("keys", [("a",), ("a", "new to us")])
def test_an_older_list_than_is_due_is_stale_whether_or_not_it_has_something_new(keys: tuple[str, ...]) -> None:
    verdict = judge(look(*keys, on=YESTERDAY), batch("a"), DUE)
    assert (verdict.kind, verdict.announced_on, verdict.next_at) == ("stale", YESTERDAY, None)
    assert verdict.why == "still the list of 2026-08-11, although that of 2026-08-12 was due"


def test_a_list_ahead_of_the_calendar_is_complete() -> None:
    assert judge(look("a"), batch("z", on=EARLIER), Due(YESTERDAY, NEXT_AT)).kind == "complete"


def test_fewer_entries_than_stated_in_one_section_is_partial_though_another_has_more() -> None:
    seen = Seen(claims=(claim(3, 5), claim(7, 5, section="cross")), keys=frozenset("abcdefghij"), dated=True)
    verdict = judge(seen, None, DUE)
    assert (verdict.kind, verdict.expected, verdict.seen) == ("partial", 10, 10)
    assert verdict.why == "2 of the entries stated did not come, 10 did"


def test_the_parts_of_a_section_add_up_over_pages() -> None:
    claims = (claim(2, 3), claim(1, 3), claim(1, 1, section="cross"))
    verdict = judge(Seen(claims=claims, keys=frozenset("abcd"), dated=True), None, DUE)
    assert (verdict.kind, verdict.expected, verdict.seen) == ("complete", 4, 4)


def test_pages_of_two_batches_are_no_complete_one() -> None:
    claims = (claim(2, 3, on=YESTERDAY), claim(1, 3))
    assert judge(Seen(claims=claims, keys=frozenset("abc"), dated=True), None, DUE).kind == "partial"


def test_a_section_without_a_number_leaves_the_expected_number_open() -> None:
    verdict = judge(Seen(claims=(claim(2, 2), claim(1, section="cross")), keys=frozenset("abc"), dated=True), None, DUE)
    assert (verdict.kind, verdict.expected, verdict.why) == ("complete", None, "all 3 entries of the list of 2026-08-12")


@pytest.mark.parametrize("keys", [(), ("a",)])
def test_a_list_that_breaks_off_is_partial(keys: tuple[str, ...]) -> None:
    verdict = judge(look(*keys, whole=False), batch("z"), DUE)
    assert (verdict.kind, verdict.why) == ("partial", f"the list broke off after {len(keys)} entries")


def test_a_cut_copy_of_a_known_list_is_quiet_unless_it_states_more_entries() -> None:
    known = batch("a", "b", "c", on=TODAY)
    cut = Seen(claims=(claim(1, 3),), keys=frozenset("a"), dated=True, whole=False)
    assert judge(cut, known, DUE).kind == "quiet"
    assert judge(replace(cut, claims=(claim(1, 4),)), known, DUE).kind == "partial"


@pytest.mark.parametrize("rejected", [1, 2, 4])
def test_one_entry_that_could_not_be_read_makes_a_list_partial(rejected: int) -> None:
    seen = Seen(claims=(claim(4, 4),), keys=frozenset("abcd"[rejected:]), rejected=rejected, dated=True)
    verdict = judge(seen, None, DUE)
    assert (verdict.kind, verdict.why) == ("partial", f"{rejected} of 4 entries could not be read")


def test_a_list_with_rejects_brings_nothing_new_once_another_route_read_them_all() -> None:
    seen = Seen(claims=(claim(4, 4),), keys=frozenset("abc"), rejected=1, dated=True)
    assert judge(seen, batch("a", "b", "c", "d", on=TODAY), DUE).kind == "quiet"
    assert judge(seen, batch("a", "b", "c", on=TODAY), DUE).kind == "partial"


@pytest.mark.parametrize("last", [None, batch("a")])
def test_an_empty_list_while_a_batch_is_due_is_stale(last: Batch | None) -> None:
    verdict = judge(look(), last, DUE)
    assert (verdict.kind, verdict.why) == ("stale", "an empty list, although that of 2026-08-12 was due")


@pytest.mark.parametrize(("last", "due"), [(batch("a", on=TODAY), DUE), (batch("a"), NOT_DUE), (None, NOT_DUE)])
@pytest.mark.parametrize("dated", [True, False])
def test_an_empty_list_with_nothing_due_is_quiet(last: Batch | None, due: Due, dated: bool) -> None:  # noqa: FBT001
    verdict = judge(look(dated=dated), last, due)
    assert (verdict.kind, verdict.next_at) == ("quiet", NEXT_AT)


def test_a_feed_of_known_entries_is_the_last_list_again_whatever_its_date() -> None:
    assert judge(look("a", dated=False), batch("a", "b"), DUE).announced_on == YESTERDAY
    assert judge(look("a", dated=False), batch("a", "b"), DUE).kind == "stale"
    assert judge(look("a", dated=False), batch("a", "b", on=TODAY), DUE).kind == "quiet"
    assert judge(look("a", dated=False), batch("a", "b"), NOT_DUE).kind == "quiet"


def test_a_feed_with_something_new_is_the_list_due() -> None:
    verdict = judge(look("a", "new", "newer", dated=False, on=None), batch("a"), DUE)
    assert (verdict.kind, verdict.announced_on, verdict.expected, verdict.seen) == ("complete", TODAY, None, 3)
    assert judge(look("a", dated=False), batch("z"), NOT_DUE).announced_on == TODAY


def test_a_feed_half_of_which_was_in_the_last_list_is_that_list_again() -> None:
    seen = look("a", "late", dated=False)
    verdict = judge(seen, batch("a", "b"), DUE)
    assert (verdict.kind, verdict.announced_on) == ("stale", YESTERDAY)
    verdict = judge(seen, batch("a", "b", on=TODAY), DUE)
    assert (verdict.kind, verdict.announced_on) == ("complete", TODAY)
    assert judge(replace(seen, dated=True), batch("a", "b"), DUE).kind == "complete"
    assert judge(look("a", "late", "later", dated=False), batch("a", "b"), DUE).announced_on == TODAY


def test_an_old_list_is_quiet_when_what_is_due_was_had() -> None:
    verdict = judge(look("a", "old", on=YESTERDAY), batch("z", on=TODAY), DUE)
    assert (verdict.kind, verdict.announced_on, verdict.next_at) == ("quiet", YESTERDAY, NEXT_AT)


def test_a_listing_that_has_lost_its_heading_is_judged_like_a_feed() -> None:
    assert judge(look("a", on=None), batch("a"), DUE).kind == "stale"
    assert judge(look("a", on=None), batch("z"), DUE).announced_on == TODAY


_days = st.sampled_from((EARLIER, YESTERDAY, TODAY))
_keys = st.frozensets(st.sampled_from("abcdef"))
_claims = st.builds(
    claim,
    st.integers(0, 6),
    st.none() | st.integers(0, 6),
    st.none() | _days,
    st.sampled_from(("new", "cross")),
)
_looks = st.builds(
    Seen,
    claims=st.lists(_claims, max_size=4).map(tuple),
    keys=_keys,
    rejected=st.integers(0, 1),
    dated=st.booleans(),
    whole=st.booleans(),
)
_batches = st.none() | st.builds(Batch, announced_on=_days, keys=_keys)
_dues = st.builds(Due, st.none() | _days, st.just(NEXT_AT))


@settings(deadline=None, max_examples=300)
@given(_looks, _batches, _dues)
def test_every_look_has_one_verdict_and_it_keeps_its_promises(seen: Seen, last: Batch | None, due: Due) -> None:
    verdict = judge(seen, last, due)
    assert verdict == judge(seen, last, due)
    assert verdict.kind in ("complete", "partial", "stale", "quiet")
    assert verdict.why
    assert "\n" not in verdict.why
    assert (verdict.next_at is None) == (verdict.kind in ("partial", "stale"))
    if verdict.kind == "complete":
        assert seen.whole
        assert not seen.rejected
        assert verdict.expected is None or verdict.seen >= verdict.expected
        assert verdict.announced_on is None or due.batch_on is None or verdict.announced_on >= due.batch_on
    if verdict.kind == "quiet" and due.batch_on is not None:
        assert last is not None
        assert last.announced_on >= due.batch_on
        old = verdict.announced_on is not None and verdict.announced_on < due.batch_on
        assert old or seen.keys <= last.keys or verdict.seen == 0


@pytest.mark.parametrize(
    ("days", "kind", "why"),
    [
        (1, "stale", "the list of 2026-08-12 is empty still"),
        (2, "stale", "the list of 2026-08-12 is empty still"),
        (3, "quiet", "there was no list of 2026-08-12"),
        (80, "quiet", "there was no list of 2026-08-12"),
    ],
)
def test_an_empty_day_is_believed_when_it_stays_empty(days: int, kind: str, why: str) -> None:
    now = datetime(2026, 8, 12, 2, 30, tzinfo=UTC) + timedelta(days=days)
    verdict = judge_day(look(), TODAY, now, NEXT_AT)
    assert (verdict.kind, verdict.why, verdict.next_at) == (kind, why, NEXT_AT if kind == "quiet" else None)


@settings(deadline=None, max_examples=300)
@given(_looks, _batches, _dues, st.timedeltas(timedelta(), timedelta(hours=1)))
def test_after_a_complete_look_the_same_page_is_quiet(seen: Seen, last: Batch | None, due: Due, later: timedelta) -> None:
    verdict = judge(seen, last, due)
    if verdict.kind == "complete" and verdict.announced_on:
        recorded = Batch(announced_on=verdict.announced_on, keys=seen.keys)
        assert judge(seen, recorded, Due(due.batch_on, due.next_at + later)).kind == "quiet"
