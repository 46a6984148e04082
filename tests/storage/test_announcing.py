"""The rules of what an announcement makes happen."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from crawler.appearances import Appearance
from crawler.sighting import Sighting, Tag
from crawler.venue_mentions import accepted_in
from storage.announcing import Accepted, EventKey, Happening, accepted_events, happenings
from tests.storage.factories import MONDAY, TUESDAY, WEDNESDAY, sighting


def of(*announced: Sighting, stored: dict[EventKey, Happening] | None = None) -> dict[tuple[str, str], date | None]:
    """Return the kind, key and day of what the sightings, all of paper 1, add to or amend in the stored events."""
    made = happenings([(1, seen) for seen in announced], stored or {})
    assert all(key == (one.paper_id, one.kind, one.key) for key, one in made.items())
    return {(one.kind, one.key): one.on for one in made.values()}


def after(*announced: Sighting) -> dict[EventKey, Happening]:
    return happenings([(1, seen) for seen in announced], {})


SEEN = datetime(2026, 8, 20, 9, tzinfo=UTC)
NEW = sighting(version=1)
CROSS = sighting(action="cross", scope="cs.LG")
LATER_CROSS = sighting(action="cross", scope="cs.LG", announced_on=TUESDAY)
REVISED = sighting(action="replace", announced_on=TUESDAY)


def test_new_is_announced_once() -> None:
    assert of(NEW, NEW) == {("announced", ""): MONDAY}
    assert of(NEW, stored=after(NEW)) == {}


@pytest.mark.parametrize("order", [(NEW, CROSS), (CROSS, NEW)])
def test_new_here_and_cross_listed_there_on_one_day_is_one_announcement(order: tuple[Sighting, ...]) -> None:
    assert of(*order) == {("announced", ""): MONDAY}
    assert {one.key for one in after(*order).values()} == {""}


def test_a_cross_listing_of_a_paper_never_announced_announces_it() -> None:
    assert of(LATER_CROSS) == {("announced", ""): TUESDAY}


def test_a_later_cross_listing_is_an_event_per_scope_and_names_it() -> None:
    made = happenings([(1, LATER_CROSS)], after(NEW))
    assert made[1, "cross-listed", "cs.LG"].detail == {"category": "cs.LG"}
    other = sighting(action="cross", scope="cs.RO", announced_on=WEDNESDAY)
    assert set(of(NEW, LATER_CROSS, other)) == {("announced", ""), ("cross-listed", "cs.LG"), ("cross-listed", "cs.RO")}
    again = sighting(action="cross", scope="cs.LG", announced_on=WEDNESDAY)
    assert of(again, stored=after(NEW, LATER_CROSS)) == {}


@pytest.mark.parametrize("day", [None, MONDAY])
def test_a_cross_listing_without_a_later_day_is_no_event_of_its_own(day: date | None) -> None:
    assert of(sighting(action="cross", scope="cs.LG", announced_on=day), stored=after(NEW)) == {}


def test_revisions_are_told_apart_by_their_day() -> None:
    other = sighting(action="replace", announced_on=WEDNESDAY)
    assert set(of(REVISED, REVISED, other)) == {("revised", "2026-08-11"), ("revised", "2026-08-12")}


def test_a_revision_without_a_day_is_one_event() -> None:
    undated = sighting(action="replace", announced_on=None)
    assert of(undated, undated) == {("revised", ""): None}


def test_a_revision_is_amended_by_the_route_that_knows_more() -> None:
    versioned = sighting(action="replace", announced_on=TUESDAY, version=2)
    commented = sighting(action="replace", announced_on=TUESDAY, comment="with proofs")
    for first, second in ((versioned, commented), (commented, versioned)):
        (happening,) = happenings([(1, second)], after(first)).values()
        assert happening.detail == {"version": 2, "comment": "with proofs"}


def test_the_comment_of_a_first_version_is_no_news() -> None:
    (happening,) = after(sighting(version=1, comment="9 pages")).values()
    assert happening.detail == {"version": 1}


def test_an_earlier_announcement_moves_the_event_with_its_source() -> None:
    printed = sighting(source="publisher", announced_on=TUESDAY)
    for announced in ((NEW, printed), (printed, NEW)):
        (happening,) = after(*announced).values()
        assert (happening.on, happening.source) == (MONDAY, "arxiv")
    undated = sighting(source="archive", announced_on=None)
    (happening,) = after(undated, NEW).values()
    assert (happening.on, happening.source) == (MONDAY, "arxiv")


def test_what_is_only_known_is_no_event() -> None:
    assert of(sighting(action=None)) == {}


def test_papers_do_not_share_events() -> None:
    made = happenings([(1, NEW), (2, NEW)], {})
    assert {key[0] for key in made} == {1, 2}


def printed(venue: str = "CVPR2026", track: str = "", **parts: Any) -> Sighting:
    tags = (Tag("venue", venue), *((Tag("track", track),) if track else ()))
    return sighting("k", **{"source": "cvf", "tags": tags, "announced_on": None, "seen_at": SEEN, **parts})


def test_a_paper_new_in_a_programme_is_announced_on_the_day_it_was_seen() -> None:
    (happening,) = after(printed(track="oral")).values()
    assert (happening.kind, happening.on, happening.detail) == (
        "announced",
        SEEN.date(),
        {"venue": "CVPR2026", "track": "oral"},
    )
    assert of(printed(track="oral", seen_at=SEEN + timedelta(days=3)), stored=after(printed(track="oral"))) == {}


def test_a_preprint_in_a_programme_is_accepted_once() -> None:
    made = happenings([(1, printed(track="poster"))], after(NEW))
    assert made.keys() == {(1, "accepted", "cvpr2026")}
    assert made[1, "accepted", "cvpr2026"].detail == {"venue": "CVPR2026", "track": "poster"}
    again = printed(source="virtual", seen_at=SEEN + timedelta(days=1))
    assert of(again, stored={**after(NEW), **made}) == {}
    assert set(of(NEW, printed(), printed("CVPR2026 workshop"))) == {
        ("announced", ""),
        ("accepted", "cvpr2026"),
        ("accepted", "cvpr2026workshop"),
    }


def test_a_paper_announced_in_a_programme_is_not_accepted_there_by_another_list_of_it() -> None:
    assert of(printed(source="pmlr", seen_at=SEEN + timedelta(days=9)), stored=after(printed())) == {}
    assert set(of(printed("TPAMI"), stored=after(printed()))) == {("accepted", "tpami")}


def test_a_list_of_other_places_papers_accepts_none() -> None:
    listed = sighting(source="paperswithcode", tags=(Tag("venue", "CVPR2026"),), second_hand=True, announced_on=TUESDAY)
    assert of(listed, stored=after(NEW)) == {}


def test_a_preprint_that_comes_after_the_programme_is_no_news() -> None:
    later = sighting(announced_on=date(2026, 9, 1))
    assert of(later, stored=after(printed())) == {}


def said(comment: str, **parts: Any) -> list[Accepted]:
    seen = sighting(comment=comment, announced_on=TUESDAY, **parts)
    return [Accepted(1, named, seen) for named in accepted_in(comment)]


def test_the_authors_word_of_an_acceptance_is_an_event_of_a_paper_that_was_announced() -> None:
    made = accepted_events(said("Accepted to CVPR 2026 (Oral)"), after(NEW))
    assert made.keys() == {(1, "accepted", "cvpr2026 said")}
    (happening,) = made.values()
    assert (happening.on, happening.source) == (TUESDAY, "arxiv")
    assert happening.detail == {"venue": "CVPR2026", "track": "oral", "said": "authors"}
    assert accepted_events(said("Accepted to CVPR 2026"), {**after(NEW), **made}) == {}
    assert accepted_events(said("Accepted to CVPR 2026"), {}) == {}


def test_what_a_programme_has_told_authors_need_not() -> None:
    listed = {**after(NEW), **happenings([(1, printed())], after(NEW))}
    assert accepted_events(said("Accepted to CVPR 2026"), listed) == {}
    assert accepted_events(said("Accepted to CVPR"), after(printed())) == {}
    assert len(accepted_events(said("Accepted to TPAMI"), listed)) == 1


def test_what_authors_have_told_a_programme_tells_only_others() -> None:
    told = {**after(NEW), **accepted_events(said("Accepted to CVPR 2026"), after(NEW))}
    (happening,) = happenings([(1, printed(track="poster"))], told).values()
    assert (happening.key, happening.detail) == ("cvpr2026", {"venue": "CVPR2026", "track": "poster", "told": True})


@pytest.mark.parametrize(("first", "second", "stays"), [("poster", "spotlight", "spotlight"), ("highlight", "oral", "oral")])
def test_of_two_tracks_the_rarer_one_stays(first: str, second: str, stays: str) -> None:
    for one, other in ((first, second), (second, first)):
        made = happenings([(1, printed(track=one)), (1, printed(source="virtual", track=other))], after(NEW))
        assert made[1, "accepted", "cvpr2026"].detail["track"] == stays


def test_a_rarer_track_than_was_known_is_news_once() -> None:
    known = {**after(NEW), **happenings([(1, printed())], after(NEW))}
    made = happenings([(1, printed(source="virtual", track="oral"))], known)
    assert set(made) == {(1, "accepted", "cvpr2026"), (1, "raised", "cvpr2026 oral")}
    later = {**known, **made}
    assert happenings([(1, printed(source="virtual", track="oral"))], later) == {}
    assert happenings([(1, printed(track="highlight")), (1, printed(track="poster"))], later) == {}
    assert (1, "raised", "cvpr2026 oral") in happenings([(1, printed(track="oral"))], after(printed(track="spotlight")))


def test_a_poster_and_a_track_elsewhere_are_no_such_news() -> None:
    known = {**after(NEW), **happenings([(1, printed())], after(NEW))}
    assert (1, "raised", "cvpr2026 poster") not in happenings([(1, printed(track="poster"))], known)
    assert set(happenings([(1, printed("ICLR2026", track="oral"))], known)) == {(1, "accepted", "iclr2026")}


def test_the_authors_track_is_known_before_the_programmes() -> None:
    told = {**after(NEW), **accepted_events(said("Accepted to CVPR 2026"), after(NEW))}
    assert set(happenings([(1, printed(track="oral"))], told)) == {(1, "accepted", "cvpr2026"), (1, "raised", "cvpr2026 oral")}
    assert set(happenings([(1, printed(track="poster"))], told)) == {(1, "accepted", "cvpr2026")}
    by_comment = {1: [Appearance("CVPR2026", "oral")]}
    made = happenings([(1, printed(track="oral"))], after(NEW), by_comment)
    assert made.keys() == {(1, "accepted", "cvpr2026")}
    assert made[1, "accepted", "cvpr2026"].detail["told"] is True
