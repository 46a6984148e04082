"""Venues in words: labels of papers, parts of programmes, and how many of a programme a reader had seen."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from crawler.sighting import Tag
from digests import render
from digests.digest import Digest, Section, Update, capped
from digests.language import language
from digests.page import page
from digests.paper_words import news, paper_words
from digests.rank import order
from digests.topic import Match, Reason
from digests.venue_words import edition_words, programme_words, venue_label
from storage.event import Event, EventKind
from storage.paper import Paper, PaperRank
from tests.digests.digest_examples import THURSDAY

EN, ZH = language("en"), language("zh")
NOON = datetime(2026, 6, 2, 12, tzinfo=UTC)


def paper(number: int = 1, *tags: Tag, **more: Any) -> Paper:
    known = {"id": number, "title": f"Engines {number}", "url": f"https://papers.example.org/{number}", "tags": tags}
    return Paper(**{**known, **more})


def event(number: int = 1, kind: EventKind = "announced", **detail: Any) -> Event:
    return Event(id=number, sequence=number, paper_id=number, kind=kind, source="cvf", at=NOON, on=NOON.date(), detail=detail)


def match(number: int, **detail: Any) -> Match:
    why = (Reason("title", "engines"),)
    return Match(event=event(number, **detail), paper=paper(number), topic="Engines", why=why, score=3.0)


@pytest.mark.parametrize(
    ("venues", "tracks", "label"),
    [
        (["CVPR2026"], ["poster", "oral"], "CVPR 2026 · oral · CCF A"),
        (["CVPR2026"], [], "CVPR 2026 · CCF A"),
        (["CVPR2026 workshop"], ["workshop", "ntire"], "CVPR 2026 workshop · ntire"),
        (["CVPR2026 workshop", "NeurIPS2025"], ["poster"], "NeurIPS 2025"),
        (["NeurIPS2024", "NeurIPS2025"], [], "NeurIPS 2025"),
        (["TMLR"], [], "TMLR"),
        ([], ["oral"], ""),
    ],
)
def test_the_label_names_edition_track_and_rank(venues: list[str], tracks: list[str], label: str) -> None:
    tags = (*(Tag("venue", one) for one in venues), *(Tag("track", one) for one in tracks))
    one = paper(1, *tags, ranks=(PaperRank("ccf", "A", "CVPR2026"),))
    assert venue_label(one, EN) == label
    assert paper_words(one, EN).venue == label


def test_the_track_of_the_label_is_one_at_the_venue_of_the_label() -> None:
    workshop, main = Tag("venue", "NeurIPS2025 workshop"), Tag("venue", "ICLR2026")
    tracks = (Tag("track", "oral", "NeurIPS2025 workshop"), Tag("track", "poster", "ICLR2026"))
    assert venue_label(paper(1, main, workshop, *tracks), EN) == "ICLR 2026 · poster"
    assert venue_label(paper(1, main, workshop, tracks[0]), EN) == "ICLR 2026"


def test_a_venue_without_its_year_is_the_edition_beside_it() -> None:
    tags = (Tag("venue", "CVPR"), Tag("venue", "CVPR2026"), Tag("track", "oral", "CVPR"))
    assert venue_label(paper(1, *tags), EN) == "CVPR 2026 · oral"


def test_what_authors_say_stands_where_no_source_lists_the_paper() -> None:
    assert paper_words(paper(comment="10 pages. Accepted to Looms 2026"), EN).venue == "Accepted to Looms 2026"


def test_a_strangers_venue_is_short_and_plain() -> None:
    assert len(venue_label(paper(1, Tag("venue", "V" * 500), Tag("track", "t\u202e" * 300)), EN)) <= 60
    assert edition_words("CVPR2026 workshop", ZH) == "CVPR 2026 研讨会"


def test_the_papers_of_a_programme_stand_together_by_track() -> None:
    oral, poster = match(1, venue="CVPR2026", track="oral"), match(2, venue="CVPR2026", track="poster")
    bare, preprint = match(3, venue="CVPR2026"), match(4)
    other = match(5, venue="WACV2026", track="oral")
    assert order([other, poster, bare, preprint, oral]) == (preprint, oral, poster, bare, other)


def digest(matches: tuple[Match, ...], updates: tuple[Update, ...] = ()) -> Digest:
    return Digest(
        subscription="morning",
        period=NOON.date(),
        language="en",
        timezone="UTC",
        sources=(),
        sections=(Section(topic="Engines", matches=order(matches)),),
        updates=updates,
    )


def seen(number: int, **detail: str) -> Update:
    return Update(event=event(number, "accepted", **detail), paper=paper(number), shown_on=THURSDAY)


def test_a_day_with_a_programme_says_what_is_new_and_what_was_seen() -> None:
    matches = (match(1), match(2, venue="CVPR2026", track="oral"), match(3, venue="CVPR2026", track="oral"))
    updates = (seen(7, venue="CVPR2026"), seen(8, venue="CVPR2026"), seen(9, venue="ICML2026", said="authors"))
    one = digest(matches, updates)
    shown = page(one)
    assert shown.programmes == ("CVPR 2026: 2 new papers for you; you saw 2 as preprints.",)
    assert [entry.group for entry in shown.topics[0].entries] == ["", "CVPR 2026 · oral", ""]
    for form in (render.markdown(one), render.html(one), render.text(one)):
        assert "you saw 2 as preprints" in form
        assert form.count("CVPR 2026 · oral") == 1


def test_a_programme_of_nothing_new_and_one_of_nothing_seen() -> None:
    assert programme_words([], [event(venue="CVPR2026")], EN) == ("CVPR 2026: 0 new papers for you; you saw 1 as a preprint.",)
    assert programme_words([event(venue="CVPR2026")], [], EN) == ("CVPR 2026: 1 new paper for you.",)
    assert programme_words([event(kind="revised", venue="CVPR2026")], [event()], EN) == ()


def test_what_authors_had_told_is_counted_and_so_is_what_a_form_leaves_out() -> None:
    matches = (match(2, venue="CVPR2026"), match(3, venue="CVPR2026"))
    whole = replace(digest(matches, (seen(7, venue="CVPR2026"),)), told=(event(8, "accepted", venue="CVPR2026", told=True),))
    said = ("CVPR 2026: 2 new papers for you; you saw 2 as preprints.",)
    assert page(whole).programmes == said
    assert page(capped(capped(whole, {"Engines": 1}, 1), {"Engines": 0}, 0)).programmes == said


def test_a_rarer_track_is_an_update_in_a_few_words() -> None:
    one = replace(seen(1), event=event(1, "raised", venue="CVPR2026", track="oral"))
    assert (news(one, EN).what, news(one, ZH).what) == ("CVPR 2026: now oral", "CVPR 2026：现为口头报告")
    assert page(digest((), (one,))).programmes == ()


def test_an_acceptance_is_an_update_in_a_few_words() -> None:
    listed = news(seen(1, venue="CVPR2026", track="oral"), EN)
    assert (listed.what, listed.about) == ("Accepted at CVPR 2026", ("oral", "shown on 15 January"))
    told = news(seen(1, venue="TPAMI", said="authors"), EN)
    assert (told.what, told.about) == ("Accepted at TPAMI", ("named by the authors", "shown on 15 January"))
    bare = news(replace(seen(1), event=event(1, "accepted")), ZH)
    assert bare.what == "已接收"
