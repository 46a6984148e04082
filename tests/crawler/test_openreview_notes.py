"""OpenReview's lists: what is accepted and in which track, what each paper has, and how the pages of a list hang together."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.errors import ReadError
from crawler.identifiers import Identifier
from crawler.links import Link
from crawler.readers.openreview_notes import notes_address, read_notes
from crawler.samples.openreview import CHALLENGE, Submitted, answer_notes, render_notes
from crawler.sighting import Author, Sighting, Tag
from crawler.source import Fetched, Page, Wanted
from crawler.sources import find

TODAY = date(2026, 8, 14)
NOON = datetime(2026, 8, 14, 12, tzinfo=UTC)
GROUP = "ICLR.cc/2025/Conference"
SAMPLES = Path(__file__).parents[2] / "../shared/samples/openreview"


def address(scope: str = "ICLR2025") -> str:
    return notes_address(Wanted(scope=scope))


def response(body: bytes, scope: str = "ICLR2025", url: str = "") -> Fetched:
    url = url or address(scope)
    return Fetched(source="openreview", scope=scope, url=url, status=200, headers={}, body=body, at=NOON, batch_on=TODAY)


def read(*papers: Submitted, scope: str = "ICLR2025", old: bool = False) -> Page:
    return read_notes(response(render_notes(papers, old=old), scope))


def the_only(page: Page) -> Sighting:
    (one,) = page.sightings
    return one


def tags(one: Sighting, kind: str) -> list[str]:
    return [tag.value for tag in one.tags if tag.kind == kind]


def test_a_paper_with_all_it_may_have() -> None:
    more = {
        "code": "https://github.com/Me/Net.git",
        "project_page": "https://me.github.io/net/",
        "arXiv link": "https://arxiv.org/abs/2401.00001v2",
        "doi": "https://doi.org/10.1000/ABC",
        "TLDR": "An engine.",
        "supplementary_material": "/attachment/0.zip",
        "code_of_ethics": "I acknowledge it.",
    }
    page = read(Submitted(id="aB-c_1", title="An  Engine", more=more, authors=("Ada Lovelace", "王力宏")))
    one = the_only(page)
    assert (one.key, one.title, one.url) == ("aB-c_1", "An Engine", "https://openreview.net/forum?id=aB-c_1")
    assert one.authors == (Author("Ada Lovelace"), Author("王力宏"))
    assert one.abstract == "We describe an engine."
    assert one.identifiers == (
        Identifier("openreview", "aB-c_1"),
        Identifier("arxiv", "2401.00001"),
        Identifier("doi", "10.1000/abc"),
    )
    assert one.links == (
        Link("https://github.com/Me/Net", "code", official=True),
        Link("https://me.github.io/net/", "page", official=True),
        Link(f"https://openreview.net/pdf/{'0' * 40}.pdf", "pdf"),
    )
    assert one.tags == (Tag("venue", "ICLR2025"), Tag("track", "poster"))
    assert (one.action, one.announced_on, one.scope) == ("new", None, "ICLR2025")
    (claim,) = page.claims
    assert (claim.scope, claim.announced_on, claim.expected, claim.seen) == ("ICLR2025", TODAY, 1, 1)
    assert (page.kind, page.follow, page.rejects, page.whole) == ("announcement", (), (), True)


def test_authors_may_be_people_with_names_or_one_text_or_nobody_yet() -> None:
    people = [{"fullname": "Ada Lovelace", "username": "~Ada_Lovelace1"}, {"username": "~X1"}, 7, None]
    assert the_only(read(Submitted(id="a", title="T", more={"authors": people}))).authors == (Author("Ada Lovelace"),)
    text = {"authors": "Ada Lovelace, Charles Babbage"}
    assert len(the_only(read(Submitted(id="a", title="T", more=text), scope="ICLR2025")).authors) == 2
    assert the_only(read(Submitted(id="a", title="T", authors=("Anonymous",)))).authors == ()


@pytest.mark.parametrize(
    ("venue", "tracks"),
    [
        ("ICLR 2025 Poster", ["poster"]),
        ("ICLR 2025 Spotlight", ["spotlight"]),
        ("ICLR 2025 Oral", ["oral"]),
        ("ICLR 2024 oral", ["oral"]),
        ("ICLR 2026 ConditionalPoster", ["poster"]),
        ("ICLR 2026 ConditionalOral", ["oral"]),
        ("ICLR 2023 notable top 5%", ["top 5%"]),
        ("ICLR 2023 notable top 25%", ["top 25%"]),
        ("NeurIPS 2022 Accept", []),
        ("ICML 2023 OralPoster", ["oral", "poster"]),
        ("ICML 2025 spotlightposter", ["spotlight", "poster"]),
        ("NeurIPS 2024 Track Datasets and Benchmarks Poster", ["poster"]),
        ("COLM 2025", []),
        ("Temporal Posters of Loral 2025 Corporal", []),
        ("", []),
    ],
)
def test_the_track_is_read_out_of_what_the_venue_calls_its_papers(venue: str, tracks: list[str]) -> None:
    assert tags(the_only(read(Submitted(id="a", title="T", venue=venue))), "track") == tracks


@pytest.mark.parametrize(
    ("venueid", "venue"),
    [
        (f"{GROUP}/Submission", "ICLR 2025 Conference Submission"),
        (f"{GROUP}/Rejected_Submission", "Submitted to ICLR 2025"),
        (f"{GROUP}/Withdrawn_Submission", "ICLR 2025 Conference Withdrawn Submission"),
        (f"{GROUP}/Desk_Rejected_Submission", "ICLR 2025 Conference Desk Rejected Submission"),
        (GROUP, "Submitted to ICLR 2025"),
        ("ICLR.cc/2024/Conference", "ICLR 2024 poster"),
        ("ICLR.cc/2025/Workshop/Looms", "Looms 2025 Poster"),
        ("OpenReview.net/Public_Article", "ICLR 2025"),
        ("dblp.org/journals/CORR/2025", "CoRR 2025"),
        (None, "ICLR 2025 Poster"),
    ],
)
def test_what_is_not_accepted_there_is_seen_and_neither_a_paper_nor_a_reject(venueid: Any, venue: str) -> None:
    other = Submitted(id="b", title="Other", venue=venue, more={"venueid": venueid})
    page = read(Submitted(id="a", title="T"), other)
    assert [one.key for one in page.sightings] == ["a"]
    assert (page.rejects, [(claim.expected, claim.seen) for claim in page.claims]) == ((), [(2, 2)])


def test_what_was_deleted_or_is_an_answer_to_a_paper_is_no_paper() -> None:
    deleted = Submitted(id="b", title="Gone", parts={"ddate": 1_760_000_000_000})
    emptied = Submitted(id="c", title="Gone", parts={"ddate": 1_760_000_000_000, "content": {}})
    reply = Submitted(id="d", title="Paper Decision", parts={"forum": "a"})
    page = read(Submitted(id="a", title="T"), deleted, emptied, reply)
    assert ([one.title for one in page.sightings], page.rejects, page.claims[0].seen) == (["T"], (), 4)


OLD = {"venueid": "ICLR.cc/2022/Conference"}


@pytest.mark.parametrize(
    ("venue", "more", "accepted"),
    [
        ("ICLR 2022 Poster", OLD, True),
        ("ICLR 2022 Poster", {"venueid": None}, True),
        ("ICLR 2022 Submitted", {**OLD, "_bibtex": "@inproceedings{a}"}, False),  # though with the venue's own group
        ("Submitted to ICLR 2022", {"venueid": None}, False),
        ("", {"venueid": None, "_bibtex": "@inproceedings{\na}"}, True),
        ("", {"venueid": None, "_bibtex": " @misc{\na}"}, False),
        ("", {"venueid": None, "_bibtex": None}, False),
        ("", {**OLD, "_bibtex": None}, False),
        ("ICLR 2022 Poster", {**OLD, "_bibtex": "@misc{a}"}, False),
        ("CoRR 2022", {"venueid": "dblp.org/journals/corr/2022"}, False),
    ],
)
def test_at_the_first_api_the_venue_tells_or_the_bibtex(venue: str, more: dict[str, Any], *, accepted: bool) -> None:
    page = read(Submitted(id="a", title="T", venue=venue, more=more), scope="ICLR2022", old=True)
    assert len(page.sightings) == accepted
    assert all(tags(one, "venue") == ["ICLR2022"] for one in page.sightings)
    assert page.claims[0].seen == 1


def test_the_first_api_has_links_in_markdown_and_does_not_say_whose_they_are() -> None:
    badge = (
        "[![github](/images/github_icon.svg) me/net](https://github.com/me/net) + [more](https://paperswithcode.com/paper/1)"
    )
    one = the_only(read(Submitted(id="a", title="T", more={**OLD, "code": badge, "pdf": None}), scope="ICLR2022", old=True))
    assert one.links == (Link("https://github.com/me/net", "code"),)


def test_workshops_have_the_edition_they_belong_to_and_their_names_as_tracks() -> None:
    looms = Submitted(id="a", title="T", venueid="NeurIPS.cc/2025/Workshop/Looms", venue="Looms 2025 Poster")
    refused = Submitted(id="b", title="U", venueid="NeurIPS.cc/2025/Workshop/Looms/Rejected_Submission", venue="Submitted")
    one = the_only(read(looms, refused, scope="NeurIPS.cc/2025/Workshop/Looms"))
    assert (tags(one, "venue"), tags(one, "track")) == (["NeurIPS2025 workshop"], ["workshop", "looms", "poster"])


def test_a_journal_has_no_edition_but_its_name() -> None:
    accepted = Submitted(id="a", title="T", venueid="TMLR", venue="Accepted by TMLR")
    under_review = Submitted(id="b", title="U", venueid="TMLR/Under_Review", venue="Under review for TMLR")
    one = the_only(read(accepted, under_review, scope="TMLR"))
    assert one.tags == (Tag("venue", "TMLR"),)


def test_without_a_group_the_edition_is_what_the_venue_says_or_the_one_asked_for() -> None:
    bare = Submitted(id="a", title="T", venue="MIDL 2022 Oral", more={"venueid": None})
    assert tags(the_only(read(bare, scope="elsewhere", old=True)), "venue") == ["MIDL2022"]
    unnamed = Submitted(id="a", title="T", venue="Accept (Oral)", more={"venueid": None})
    assert tags(the_only(read(unnamed, scope="ICLR2019", old=True)), "venue") == ["ICLR2019"]


def walk(papers: list[Submitted], scope: str = "ICLR2025") -> tuple[list[str], list[Page]]:
    waiting, urls, pages = [address(scope)], [], []
    while waiting:
        urls.append(waiting.pop(0))
        pages.append(read_notes(response(answer_notes(urls[-1], papers), scope, urls[-1])))
        waiting += [url for url in pages[-1].follow if url not in waiting]
    return urls, pages


def test_a_long_list_is_read_to_its_end() -> None:
    papers = [Submitted(id=f"p{number}", title=f"Paper {number}", authors=()) for number in range(2300)]
    urls, pages = walk(papers)
    assert [parse_qs(urlsplit(url).query)["offset"] for url in urls] == [["0"], ["1000"], ["2000"]]
    assert {url.partition("?")[0] for url in urls} == {"https://api2.openreview.net/notes"}
    assert [one.key for page in pages for one in page.sightings] == [paper.id for paper in papers]
    assert {claim.expected for page in pages for claim in page.claims} == {2300}
    assert sum(claim.seen for page in pages for claim in page.claims) == 2300


def test_the_tracks_with_groups_of_their_own_are_lists_of_the_edition_with_claims_of_their_own() -> None:
    main = [Submitted(id=f"p{number}", title="T", venueid="NeurIPS.cc/2025/Conference") for number in range(3)]
    other = "NeurIPS.cc/2025/Datasets_and_Benchmarks_Track"
    track = [Submitted(id="d", title="D", venueid=other, venue="NeurIPS 2025 Datasets and Benchmarks Track spotlight")]
    urls, pages = walk([*main, *track], "NeurIPS2025")
    assert len(urls) == 3
    assert [[claim.expected for claim in page.claims] for page in pages] == [[3], [1], []]
    assert len({claim.section for page in pages for claim in page.claims}) == 2
    assert tags(pages[1].sightings[0], "track") == ["datasets and benchmarks", "spotlight"]


def test_all_that_was_handed_in_is_counted_at_the_first_api() -> None:
    group = "ICLR.cc/2022/Conference"
    accepted = Submitted(id="a", title="T", venueid=group, venue="ICLR 2022 Poster")
    refused = [Submitted(id=f"r{n}", title="R", venueid=group, venue="ICLR 2022 Submitted") for n in range(4)]
    _, (page,) = walk([accepted, *refused], "ICLR2022")
    assert ([one.key for one in page.sightings], page.rejects) == (["a"], ())
    assert [(claim.expected, claim.seen) for claim in page.claims] == [(5, 5)]


@pytest.mark.parametrize(
    ("body", "offset", "goes_on", "whole"),
    [
        ({"notes": [{}], "count": 2}, "0", True, True),
        ({"notes": [], "count": 2}, "0", False, True),  # to ask for the same once more would never end
        ({"notes": [{}], "count": 20_000}, "9999", False, False),
        ({"notes": [{}], "count": 1}, "0", False, True),
        ({"notes": [{}]}, "0", False, True),
        ({"notes": [{}] * 1000}, "0", True, True),
        ({"notes": [{}], "count": 2}, "-5", True, True),
        ({"notes": [{}], "count": 2}, "99999999999", True, True),
        ({"notes": [{}], "count": "2"}, "0", False, True),
    ],
)
def test_when_a_list_goes_on(body: dict[str, Any], offset: str, *, goes_on: bool, whole: bool) -> None:
    url = address().replace("offset=0", f"offset={offset}")
    page = read_notes(response(json.dumps(body).encode(), url=url))
    assert (bool(page.follow), page.whole) == (goes_on, whole)


@pytest.mark.parametrize(
    ("note", "key", "why"),
    [
        (None, "entry 2", "no content"),
        ({"id": "b"}, "b", "no content"),
        ({"id": "b", "content": {"title": {"value": ""}, "venueid": {"value": GROUP}}}, "b", "no title"),
        ({"id": "b c", "content": {"title": {"value": "T"}, "venueid": {"value": GROUP}}}, "T", "no id"),
        ({"content": {"title": {"value": "T"}, "venueid": {"value": GROUP}}}, "T", "no id"),
    ],
)
def test_one_bad_note_costs_no_other(note: object, key: str, why: str) -> None:
    answer = json.loads(render_notes([Submitted(id=name, title="T") for name in "abc"]))
    answer["notes"][1] = note
    page = read_notes(response(json.dumps(answer).encode()))
    assert [one.key for one in page.sightings] == ["a", "c"]
    assert [(one.key, one.why) for one in page.rejects] == [(key, why)]
    assert page.claims[0].seen == 3


def test_an_edition_that_has_nothing_yet_is_an_empty_list() -> None:
    page = read_notes(response(render_notes([])))
    assert (page.sightings, page.claims, page.rejects, page.follow) == ((), (), (), ())


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"<!doctype html><html>", b"{", b"\xff\xfe", b"[" * 100_000, b"[]", b"null", b"7", b"{}", CHALLENGE),
        *(b'{"notes": {}}', b'{"notes": null, "count": 3}', b'{"name": "NotFoundError", "status": 404}'),
    ],
)
def test_what_is_no_list_is_said_to_be_none(body: bytes) -> None:
    with pytest.raises(ReadError):
        read_notes(response(body))


FIELDS = ("title", "venueid", "venue", "authors", "abstract", "_bibtex", "pdf", "code", "arxiv", "doi", "website")
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12) | st.sampled_from([GROUP, "ICLR 2025 Oral", "https://["]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["value", "fullname"]), inner, max_size=2),
    max_leaves=6,
)
NOTES = st.fixed_dictionaries(
    {}, optional={"id": VALUES, "forum": VALUES, "ddate": VALUES, "content": st.dictionaries(st.sampled_from(FIELDS), VALUES)}
)


@settings(max_examples=50)
@given(st.lists(NOTES | VALUES, max_size=4), VALUES, st.sampled_from(["ICLR2025", "ICLR2022", "TMLR", "x", ""]))
def test_whatever_the_notes_are_all_are_seen(notes: list[Any], count: Any, scope: str) -> None:
    page = read_notes(response(json.dumps({"notes": notes, "count": count}).encode(), scope))
    assert sum(claim.seen for claim in page.claims) == len(notes)
    assert len(page.sightings) + len(page.rejects) <= len(notes)


@settings(max_examples=50)
@given(st.integers(0, 600))
def test_half_an_answer_is_no_list(cut: int) -> None:
    body = render_notes([Submitted(id="a", title="T")])
    with pytest.raises(ReadError):
        read_notes(response(body[: min(cut, len(body) - 1)]))


def test_the_source_asks_for_editions_with_a_token() -> None:
    source = find("openreview")
    (route,) = source.routes
    assert (source.token, route.lasting, route.rules) == (True, True, "api terms")
    assert "ICLR" in source.venues
    assert route.address(Wanted(scope="ICLR2025")) == address()


@pytest.mark.real
def test_a_real_note() -> None:
    sample = SAMPLES / "api2_notes_search_real_note.json"
    if not sample.exists():
        pytest.skip("the real samples are not here")
    page = read_notes(response(sample.read_bytes(), scope="", url="https://api2.openreview.net/notes/search?term=x"))
    one = the_only(page)
    raw = json.loads(sample.read_text())["notes"][0]
    assert (one.key, one.title) == (raw["forum"], raw["content"]["title"]["value"])
    assert [author.name for author in one.authors] == raw["content"]["authors"]["value"]
    assert one.links == (Link(f"https://openreview.net{raw['content']['pdf']['value']}", "pdf"),)
    assert (tags(one, "venue"), tags(one, "track")) == (["NeurIPS2025 workshop"], ["workshop", "regml", "poster"])
    assert (page.claims[0].expected, page.claims[0].seen, page.rejects) == (10_000, 1, ())
