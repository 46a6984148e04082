"""Lists that last and of which a part is missing: which pages are asked for none the less, what is remembered, what is news."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from crawler.ask import Answer
from crawler.calendar import Due
from crawler.errors import CertificateError, FetchError, NoConnectionError, UnknownHostError
from crawler.report import Look
from crawler.rest import rested
from crawler.samples.openreview import CHALLENGE
from crawler.source import Checkpoint, Fetched, Page, Source
from crawler.verdict import judge_programme
from crawler.visit import visit
from tests.crawler.playground import NOW, TODAY, read_words, words
from tests.crawler.test_programmes import HAD, PROGRAMME, known, seen
from tests.crawler.test_visit import LIST_URL, Script, Trip

PAGES = tuple(f"{LIST_URL}/{number}" for number in range(1, 9))
MENU = words(*(f"follow {url}" for url in PAGES))
DUE = Due(None, NOW + timedelta(days=1))


def menu(**lost: str | int | Answer | Exception) -> Script:
    """Return a menu and its eight pages with a paper each, but for those that are `lost` (`_3`: the third)."""
    good = {url: words(f"p{number}") for number, url in enumerate(PAGES, 1)}
    return {LIST_URL: MENU, **good, **{PAGES[int(name[1:]) - 1]: page for name, page in lost.items()}}


def read_new(fetched: Fetched) -> Page:
    """Read a page whose papers are all announced."""
    page = read_words(fetched)
    return replace(page, sightings=tuple(replace(one, action="new") for one in page.sightings))


def go(script: Script, checkpoint: Checkpoint | None = None, **about: object) -> tuple[Look, Checkpoint, Trip]:
    """Look once, and return what came of it with the checkpoint that was stored last."""
    trip = Trip(script, routes=(replace(PROGRAMME, read=read_new),), checkpoint=checkpoint or known(), **about)  # type: ignore[arg-type]
    looks, after = asyncio.run(visit(trip.visitor(), "a", trip.checkpoint))
    if trip.recorded:
        assert trip.recorded[-1][1] == after
    return looks[0], after, trip


def news(trip: Trip) -> list[str]:
    """Return the keys of all that was announced."""
    return [key for keys in trip.news for key in keys]


CUT = Answer(url="", status=200, headers={}, body=words("p3").encode(), whole=False)


@pytest.mark.parametrize("lost", [404, 410, 500, "no page of this world", CUT], ids=str)
def test_a_page_that_is_lost_costs_only_itself(lost: str | int | Answer) -> None:
    look, after, trip = go(menu(_3=lost))
    assert list(dict.fromkeys(trip.urls)) == [LIST_URL, *PAGES]
    assert (look.verdict.kind, after.batch, after.validators) == ("partial", None, {})
    assert {keys[0] for keys, _ in trip.recorded if keys} >= {"p1", "p2", "p4", "p8"}
    assert "1 page of the list could not be read" in (look.error or "")
    assert PAGES[2] in (look.error or "")
    assert (look.error or "") in look.verdict.why


def test_of_several_pages_that_are_lost_the_number_is_said_and_the_first() -> None:
    look, _, _ = go(menu(_2=404, _5="no page of this world", _8=404))
    assert look.error == f"both a: 3 pages of the list could not be read, first: HTTP status 404 ({PAGES[1]})"
    assert look.verdict.why.startswith("3 of the pages of the list did not come, 5 entries did")


def test_what_was_there_before_stays_when_a_page_is_lost() -> None:
    before = known(HAD, validators={"listing": ('"e"', "")})
    look, after, _ = go(menu(_1=404), before)
    assert (look.verdict.kind, after.batch, after.validators) == ("partial", HAD, {})


WALL = Answer(url="", status=200, headers={"content-type": "application/json"}, body=CHALLENGE)


@pytest.mark.parametrize(
    ("lost", "kind"),
    [
        (429, "throttled"),
        (WALL, "partial"),
        (NoConnectionError("refused"), "partial"),
        (UnknownHostError("no such host"), "partial"),
        (CertificateError("of another host"), "partial"),
        (FetchError("no whole answer within 60 s"), "partial"),
    ],
    ids=["throttled", "challenge", "refused", "unknown", "certificate", "timeout"],
)
def test_a_host_that_lets_nobody_in_or_is_dead_is_asked_for_no_further_page(lost: int | Answer | Exception, kind: str) -> None:
    look, _, trip = go(menu(_3=lost))
    assert list(dict.fromkeys(trip.urls)) == [LIST_URL, *PAGES[:3]]
    assert (look.verdict.kind, look.seen) == (kind, 2)
    assert "6 pages of the list could not be read" in (look.error or "")


def test_five_pages_in_a_row_that_cannot_be_read_end_it_and_those_that_do_not_exist_count_for_none() -> None:
    unreadable = dict.fromkeys(("_2", "_3", "_4", "_5", "_6"), "no page of this world")
    look, _, trip = go(menu(**unreadable))
    assert trip.urls == [LIST_URL, *PAGES[:6]]
    assert "5 pages in a row that could not be read" in (look.error or "")
    look, _, trip = go(menu(**dict.fromkeys(unreadable, 404)))
    assert (trip.urls, look.seen) == ([LIST_URL, *PAGES], 3)
    look, _, trip = go(menu(**{**unreadable, "_4": words("p4")}))
    assert (trip.urls, look.seen) == ([LIST_URL, *PAGES], 4)


def test_a_page_that_is_barred_costs_only_itself() -> None:
    script = {
        **menu(),
        "https://papers.test/robots.txt": Answer(url="", status=200, headers={}, body=b"User-agent: *\nDisallow: /list/a/3"),
    }
    trip = Trip(script, routes=(replace(PROGRAMME, rules="robots"),))
    (look,) = trip.go()
    assert (look.verdict.kind, look.seen) == ("partial", 7)


def test_pages_that_are_lost_count_for_how_many_there_may_be() -> None:
    trip = Trip(menu(_1=404, _2=404), routes=(replace(PROGRAMME, max_pages=4),))
    (look,) = trip.go()
    assert trip.urls == [LIST_URL, *PAGES[:3]]
    assert "more than 4 pages" in (look.error or "")


def test_a_store_that_cannot_be_written_ends_it() -> None:
    trip = Trip(menu(), routes=(PROGRAMME,), failing=ValueError("full"))
    (look,) = trip.go()
    assert (look.verdict.kind, trip.urls) == ("failed", [LIST_URL, PAGES[0]])


# A programme that was there, and is gone.


def test_a_programme_that_was_read_in_part_and_is_gone_is_no_programme_that_is_not_out() -> None:
    _, after, _ = go({LIST_URL: words("p1", "p2", "reject p3", "expect 3")})
    look, again, _ = go({}, after)
    assert (look.verdict.kind, again) == ("failed", after)
    assert "the list was there before, with 2 entries" in look.verdict.why
    look, _, _ = go({LIST_URL: words("expect 0")}, after)
    assert (look.verdict.kind, look.verdict.why) == ("partial", "0 entries, where there were 2 before")
    look, after, _ = go({LIST_URL: words("p1", "p2", "p3")}, after)
    assert (look.verdict.kind, after.unfinished, after.batch and len(after.batch.keys)) == ("complete", None, 3)


# Lists that never end.


def rolling(*lines: str, checkpoint: Checkpoint | None = None) -> tuple[Look, Checkpoint, list[str]]:
    look, after, trip = go({LIST_URL: words(*lines)}, checkpoint, always=("a",))
    return look, after, news(trip)


def test_what_was_not_in_a_first_reading_that_was_not_whole_is_news() -> None:
    look, after, told = rolling("p1", "p2", "reject p3")
    assert (look.verdict.kind, told) == ("partial", [])
    look, after, told = rolling("p1", "p2", "reject p3", "p4", checkpoint=after)
    assert (look.verdict.kind, told) == ("partial", ["p4"])
    look, after, told = rolling("p1", "p2", "reject p3", "p4", checkpoint=after)
    assert (look.verdict.kind, told) == ("partial", [])
    look, after, told = rolling("p1", "p2", "p3", "p4", "p5", checkpoint=after)
    assert (look.verdict.kind, told, after.unfinished) == ("complete", ["p3", "p5"], None)


def test_a_whole_list_of_what_is_known_ends_what_was_unfinished() -> None:
    _, after, _ = rolling("p1", "p2", "reject p3")
    look, after, _ = rolling("p1", "p2", checkpoint=after)
    assert (look.verdict.kind, after.unfinished, after.validators) == ("quiet", None, {"listing": ('"e"', "")})


def test_pages_that_no_look_has_read_are_no_news_and_those_read_are() -> None:
    second, third = f"{LIST_URL}?2", f"{LIST_URL}?3"
    pages = {LIST_URL: words("p1", f"follow {second}"), second: words("p2", f"follow {third}"), third: words("p3")}
    _, after, trip = go({**pages, second: 500}, always=("a",))
    assert news(trip) == []
    grown = {**pages, LIST_URL: words("p0", "p1", f"follow {second}")}
    look, after, trip = go(grown, after, always=("a",))
    assert (look.verdict.kind, news(trip)) == ("complete", ["p0"])
    _, _, trip = go({**grown, second: words("p2", "p9", f"follow {third}")}, after, always=("a",))
    assert news(trip) == ["p9"]


def a_day_later(checkpoint: Checkpoint) -> Checkpoint:
    """Return a checkpoint as if what it has had been read a day earlier."""
    assert checkpoint.batch is not None
    return replace(checkpoint, batch=replace(checkpoint.batch, announced_on=checkpoint.batch.announced_on - timedelta(days=1)))


def test_an_entry_that_leaves_a_list_that_never_ends_and_returns_is_no_news() -> None:
    _, after, _ = rolling(*"abcdefghij")
    look, after, told = rolling(*"bcdefghij", "k", checkpoint=a_day_later(after))
    assert (look.verdict.kind, told) == ("complete", ["k"])
    look, after, told = rolling(*"abcdefghijk", "l", checkpoint=a_day_later(after))
    assert (look.verdict.kind, told) == ("complete", ["l"])


def test_of_a_list_that_never_ends_a_fall_is_counted_from_the_last_reading() -> None:
    _, after, _ = rolling("a", "b")
    look, after, _ = rolling("b", "c", checkpoint=a_day_later(after))
    assert look.verdict.kind == "complete"
    look, after, _ = rolling("c", "d", checkpoint=a_day_later(after))
    assert look.verdict.kind == "complete"
    look, _, _ = rolling("d", checkpoint=after)
    assert look.verdict.kind == "partial"


# Fewer entries, and other keys.


def test_as_many_entries_under_other_keys_are_the_whole_list() -> None:
    renamed = [f"q{number}" for number in range(9)]
    look, after, _ = go({LIST_URL: words("p0", *renamed)}, known(HAD))
    assert (look.verdict.kind, look.verdict.announced_on) == ("complete", HAD.announced_on)
    assert look.verdict.why == "all 10 entries; 9 of 10 before have gone, or have other keys: none is announced again"
    assert after.batch == replace(HAD, keys=frozenset(("p0", *renamed)))
    look, _, _ = go({LIST_URL: words("p0", *renamed)}, after)
    assert look.verdict.kind == "quiet"


def test_what_has_other_keys_now_is_no_news_on_any_page_and_what_is_added_is() -> None:
    second = f"{LIST_URL}?2"
    keys = sorted(HAD.keys)

    def listed(*lines: str) -> Script:
        return {LIST_URL: words(*lines[:6], f"follow {second}"), second: words(*lines[6:])}

    _, _, trip = go(listed(*(f"q{key}" for key in keys), "p10"), known(HAD))
    assert (news(trip), sum(len(keys) for keys, _ in trip.recorded)) == ([], 11)
    _, after, trip = go(listed("new", *keys, "newer"), known(HAD))
    assert set(news(trip)) == {"new", "newer", *keys}
    assert after.batch == replace(HAD, keys=HAD.keys | {"new", "newer"})


def test_what_is_new_in_a_list_that_has_fallen_waits_until_it_is_whole() -> None:
    _, after, trip = go({LIST_URL: words("p1", "p2", "new")}, known(HAD))
    assert set(news(trip)) == {"p1", "p2"}
    _, _, trip = go({LIST_URL: words(*sorted(HAD.keys), "new")}, after)
    assert "new" in news(trip)
    _, after, trip = go({LIST_URL: words("p1", "p2", "new")}, known(HAD), always=("a",))
    assert (news(trip), after.batch) == ([], HAD)
    _, _, trip = go({LIST_URL: words(*sorted(HAD.keys), "new")}, after, always=("a",))
    assert news(trip) == ["new"]


def test_what_is_new_on_the_pages_that_came_is_news_although_others_were_lost() -> None:
    _, after, trip = go(menu(_1=words("p1", "new"), _3=404, _4=404), known(HAD))
    assert "new" in news(trip)
    assert after.batch == HAD


@pytest.mark.parametrize(
    ("days", "count", "kind"), [(0, 7, "partial"), (2, 7, "partial"), (3, 7, "complete"), (3, 6, "partial")]
)
def test_a_list_with_fewer_entries_is_whole_once_it_has_had_as_many_for_days(days: int, count: int, kind: str) -> None:
    _, after, _ = go({LIST_URL: words(*(f"p{number}" for number in range(7)))}, known(HAD))
    verdict = judge_programme(seen(count), after, DUE, TODAY + timedelta(days=days))
    assert (verdict.kind, verdict.announced_on) == (kind, HAD.announced_on)
    if kind == "complete":
        assert verdict.why == f"all 7 entries, as many as since {TODAY}; there were 10 before"


def test_a_list_that_is_empty_for_days_is_never_whole() -> None:
    _, after, _ = go({LIST_URL: words("expect 0")}, known(HAD))
    assert judge_programme(seen(0), after, DUE, TODAY + timedelta(days=30)).kind == "partial"


def test_since_when_it_has_had_as_many_is_counted_anew_when_the_number_changes() -> None:
    lists = [{LIST_URL: words(*(f"p{number}" for number in range(count)))} for count in (7, 7, 6)]
    after = known(HAD)
    for place, script in enumerate(lists):
        _, after, _ = go(script, after)
        assert after.unfinished is not None
        before = replace(after.unfinished, since=TODAY - timedelta(days=1))
        assert after.unfinished.since == (TODAY - timedelta(days=1) if place == 1 else TODAY)
        after = replace(after, harvest=before)


# When it is asked for again.

SOURCE = Source(name="both", title="", routes=(PROGRAMME,), delay=timedelta())


@pytest.mark.parametrize(
    ("since", "asked_ago", "rests"), [(0, 19, True), (0, 21, False), (30, 24 * 5, True), (30, 24 * 7, False)]
)
def test_a_list_of_which_a_part_is_missing_is_read_once_a_day_at_most(since: int, asked_ago: int, rests: bool) -> None:  # noqa: FBT001
    _, after, _ = go({LIST_URL: words("p1", "reject p2")})
    assert after.unfinished is not None
    after = replace(after, harvest=replace(after.unfinished, since=TODAY - timedelta(days=since)))
    look = rested(SOURCE, after, NOW - timedelta(hours=asked_ago), NOW)
    assert (look is not None) == rests
    if look:
        assert (look.verdict.kind, look.verdict.seen) == ("partial", 1)


def test_a_programme_that_is_overdue_is_so_when_it_is_not_asked_for_too() -> None:
    look = rested(SOURCE, Checkpoint(source="both", scope="CVPR2026"), NOW - timedelta(hours=3), NOW)
    assert look is not None
    assert (look.verdict.kind, look.verdict.why) == ("stale", "not out, although its month has passed")
    look = rested(SOURCE, Checkpoint(source="both", scope="NeurIPS2026"), NOW - timedelta(hours=3), NOW)
    assert look is not None
    assert (look.verdict.kind, look.verdict.why) == ("quiet", "not out yet")
