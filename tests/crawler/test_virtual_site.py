"""The lists and pages of virtual sites: events become papers, each once, and what is made of whatever else may come."""

import json
from datetime import UTC, datetime
from hashlib import md5
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.errors import ReadError
from crawler.identifiers import Identifier
from crawler.links import Link
from crawler.readers import virtual_site
from crawler.readers.virtual_event import HOSTS, edition_of, identifiers_in, key_of
from crawler.readers.virtual_page import read_virtual_page
from crawler.readers.virtual_site import list_address, read_virtual_site
from crawler.samples.virtual_site import Event, render_event, render_events
from crawler.sighting import Author, Sighting, Tag
from crawler.source import Fetched, Page, Wanted
from crawler.sources import find

URL = "https://neurips.cc/static/virtual/data/neurips-2025-orals-posters.json"
SAMPLES = Path(__file__).parents[2] / "../shared/samples/neurips"
FORUM = "https://openreview.net/forum?id=1tzlbKySxX"
TOLD: dict[str, Any] = json.loads(render_events([Event(id=7, title="A Note on the Engine")]))["results"][0]
values = st.one_of(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    st.sampled_from(
        ["Poster", "/virtual/2025/poster/7", FORUM, [], {}, [[]], [{"fullname": 1}], [{"uri": "http://["}], "&#1114112;"]
    ),
)


def response(body: bytes, url: str = URL, scope: str = "NeurIPS2025") -> Fetched:
    at = datetime(2026, 8, 14, 12, tzinfo=UTC)
    return Fetched(source="virtual", scope=scope, url=url, status=200, headers={}, body=body, at=at)


def read(*events: Event, count: int | None = None) -> Page:
    return read_virtual_site(response(render_events(events, count)))


def changed(event: Event, **parts: Any) -> Page:
    (told,) = json.loads(render_events([event]))["results"]
    return read_virtual_site(response(json.dumps({"count": 1, "results": [{**told, **parts}]}).encode()))


def tracks(one: Sighting) -> list[str]:
    return [tag.value for tag in one.tags if tag.kind == "track"]


def event(number: int = 7, title: str = "A Note on the Engine", **parts: Any) -> Event:
    return Event(**{"id": number, "title": title, **parts})


def test_a_paper_with_all_it_may_have() -> None:
    told = event(
        authors=("Ada Lovelace", "AT&T's Engine"),
        paper=FORUM,
        topic="Engines->Looms",
        keywords=("cards",),
        abstract="$a<b$ & c",
    )
    page = read(told)
    (found,) = page.sightings
    assert (found.key, found.title) == ("NeurIPS2025-7", "A Note on the Engine")
    assert found.url == "https://neurips.cc/virtual/2025/poster/7"
    assert found.authors == (Author("Ada Lovelace"), Author("AT&T's Engine"))
    assert (found.abstract, found.action) == ("$a<b$ & c", "new")
    assert found.identifiers == (Identifier("openreview", "1tzlbKySxX"), Identifier("virtual", "NeurIPS2025-7"))
    assert found.tags == (
        Tag("venue", "NeurIPS2025"),
        Tag("track", "poster"),
        *(Tag("keyword", word) for word in ("Engines", "Looms", "cards")),
    )
    (claim,) = page.claims
    assert (claim.expected, claim.seen, page.rejects, page.follow, page.whole) == (1, 1, (), (), True)


@pytest.mark.parametrize(
    "shared",
    [
        {"paper": FORUM, "title": "Another Title"},
        {"uid": "ab" * 16, "authors": ("C. Babbage",)},
        {"related": (7,), "authors": ("C. Babbage",)},
        {"paper": "https://openreview.net/forum?id=2025-Oral--9558-a-note"},
    ],
)
def test_the_oral_of_a_poster_is_the_same_paper_in_two_tracks(shared: dict[str, Any]) -> None:
    oral = event(**{"number": 3, "kind": "Oral", "decision": "Accept (oral)", "abstract": None, **shared})
    poster = event(paper=FORUM, uid=shared.get("uid"), decision="Accept (oral)")
    page = read(oral, poster)
    (found,) = page.sightings
    assert (found.key, found.title, found.url) == ("NeurIPS2025-7", poster.title, "https://neurips.cc/virtual/2025/poster/7")
    assert sorted(tracks(found)) == ["oral", "poster"]
    assert {Identifier("virtual", "NeurIPS2025-3"), Identifier("openreview", "1tzlbKySxX")} <= set(found.identifiers)
    assert (page.claims[0].expected, page.claims[0].seen) == (2, 2)


def test_papers_of_two_tracks_with_one_number_are_two() -> None:
    uid = md5(b"3327", usedforsecurity=False).hexdigest()
    data = "https://openreview.net/group?id=NeurIPS.cc/2025/Datasets_and_Benchmarks_Track"
    page = read(event(1, "Engines", uid=uid), event(2, "Looms", uid=uid, group=data), event(3, "Cards", related=(1, 2)))
    assert [one.title for one in page.sightings] == ["Engines", "Looms", "Cards"]
    assert tracks(page.sightings[1]) == ["poster", "datasets and benchmarks"]


def test_one_event_may_show_that_two_others_are_of_one_paper() -> None:
    first, second = event(1, paper=FORUM, authors=("A",)), event(2, uid="u1", authors=("B",))
    between = event(3, paper=FORUM, uid="u1", kind="Spotlight", authors=("C",))
    assert [one.key for one in read(first, second, between).sightings] == ["NeurIPS2025-1"]


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ({"decision": "Accept (regular)"}, ["poster"]),
        ({"decision": "Accept (spotlight poster)"}, ["poster", "spotlight"]),
        ({"decision": "Highlight"}, ["poster", "highlight"]),
        ({"decision": None, "kind": "Oral"}, ["oral"]),
        ({"group": "https://openreview.net/group?id=ICML.cc/2026/Position_Paper_Track"}, ["poster", "position paper"]),
        ({"group": "https://openreview.net/group?id=NeurIPS.cc%2F2023%2FTrack%2FDatasets_and_Benchmarks"},
         ["poster", "datasets and benchmarks"]),
        ({"group": "https://openreview.net/group?id=TMLR", "decision": None}, ["poster", "journal track"]),
        ({"group": "https://jmlr.org/papers/v26"}, ["poster", "journal track"]),
        ({"group": "https://openreview.net/group?id=ICLR.cc/2026/BlogPosts"}, ["poster", "blog posts"]),
        ({"group": "https://openreview.net/group?id=NeurIPS.cc/2025/Workshop_Mexico_City/Looms"}, ["poster", "workshop"]),
        ({"group": "https://openreview.net/group?id=thecvf.com/CVPR/2026/Findings"}, ["poster", "findings"]),
        ({"session": "Findings Poster Session 2"}, ["poster", "findings"]),
        ({"group": "https://cvpr.thecvf.com/Conferences/2026/AcceptedPapers"}, ["poster"]),
    ],
)  # fmt: skip
def test_tracks_are_how_a_paper_is_presented_and_where_it_was_handed_in(told: dict[str, Any], found: list[str]) -> None:
    (one,) = read(event(**told)).sightings
    assert tracks(one) == found
    part = next((f" {part}" for part in ("workshop", "findings") if part in found), "")
    assert Tag("venue", f"NeurIPS2025{part}") in one.tags


@pytest.mark.parametrize(
    "told",
    [
        {"visible": False},
        {"authors": ()},
        {"kind": "Invited Talk"},
        {"kind": "Oral Session"},
        {"kind": "Workshop"},
        {"kind": "Tutorial"},
        {"decision": "Reject"},
        {"decision": None, "abstract": None, "group": ""},
    ],
)
def test_what_is_no_paper_is_counted_and_left_out(told: dict[str, Any]) -> None:
    page = read(event(1, "Looms"), event(**told))
    assert [one.title for one in page.sightings] == ["Looms"]
    assert (page.claims[0].expected, page.claims[0].seen, page.rejects) == (2, 2, ())


def test_events_that_are_stated_and_not_there_are_claimed_all_the_same() -> None:
    (claim,) = read(event(), count=6628).claims
    assert (claim.expected, claim.seen) == (6628, 1)


def test_a_list_is_empty_until_there_is_a_programme() -> None:
    page = read()
    assert (page.sightings, page.claims, page.rejects) == ((), (), ())


@pytest.mark.parametrize(
    ("parts", "why"),
    [({"name": None}, "no title"), ({"id": None, "virtualsite_url": None}, "no id"), ({"name": " "}, "no title")],
)
def test_a_paper_without_title_or_number_is_a_reject(parts: dict[str, Any], why: str) -> None:
    page = changed(event(), **parts)
    assert [one.why for one in page.rejects] == [why]
    assert (page.sightings, page.claims[0].seen) == ((), 1)


def test_what_may_be_missing_may_be_null_and_the_number_is_enough_of_an_address() -> None:
    kept = ("id", "name", "authors", "eventtype", "decision")
    told = json.loads(render_events([event(kind="Oral", keywords=("x",), topic="y")]))["results"][0]
    (found,) = changed(event(), **{name: value if name in kept else None for name, value in told.items()}).sightings
    assert (found.url, found.key) == ("https://neurips.cc/virtual/2025/oral/7", "NeurIPS2025-7")
    assert (found.abstract, found.links, tracks(found)) == ("", (), ["oral", "poster"])


def test_links_and_identifiers_of_all_places() -> None:
    (found,) = changed(
        event(),
        paper_url="https://proceedings.neurips.cc/paper_files/paper/2024/hash/ab12-Abstract-Conference.html",
        paper_pdf_url="https://openreview.net/pdf?id=1tzlbKySxX",
        url="https://engine.example.org/",
        eventmedia=[
            {"uri": "https://arxiv.org/abs/2501.00001v2"},
            {"uri": "https://github.com/Ada/Engine/tree/main"},
            None,
            {},
        ],
        keywords="cards; looms, ",
    ).sightings
    assert found.links == (
        Link("https://openreview.net/pdf?id=1tzlbKySxX", "pdf"),
        Link("https://engine.example.org/", "page"),
        Link("https://github.com/Ada/Engine", "code"),
    )
    assert [str(one) for one in found.identifiers[:3]] == ["neurips:ab12", "openreview:1tzlbKySxX", "arxiv:2501.00001"]
    assert [tag.value for tag in found.tags if tag.kind == "keyword"] == ["cards", "looms"]


def test_markup_in_texts_is_no_part_of_them() -> None:
    (found,) = changed(event(), name="<i>k</i>-Means", abstract="<p>One.</p><p>Two &amp;lt; three.<br/>R&D</p>").sightings
    assert (found.title, found.abstract) == ("k-Means", "One. Two &lt; three. R&D")


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{", b"null", b"[]", b'{"count": 1}', b'{"results": {}}', b"\xff", b"[" * 9000),
        *(b"<html><title>Just a moment...</title></html>", b" <!doctype html><title>Making sure you are not a bot!</title>"),
        b'{"results": [' + b"0," * 100_000 + b"0]}",
    ],
)
def test_what_is_no_list_is_said_to_be_none(body: bytes) -> None:
    with pytest.raises(ReadError):
        read_virtual_site(response(body))


def test_very_many_tables_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(virtual_site, "_MOST_TABLES", 100)
    with pytest.raises(ReadError, match="more than 100 objects and arrays"):
        read_virtual_site(response(b'{"results": [' + b"{}," * 100 + b"{}]}"))


@settings(max_examples=40)
@given(st.lists(st.dictionaries(st.sampled_from(list(TOLD)), values, max_size=4), max_size=3), st.lists(values, max_size=2))
def test_whatever_the_events_are_every_one_is_counted(odd: list[dict[str, Any]], others: list[Any]) -> None:
    results = [{**TOLD, **one} for one in odd] + others
    page = read_virtual_site(response(json.dumps({"count": len(results), "results": results}).encode()))
    assert sum(claim.seen for claim in page.claims) == len(results)
    assert len(page.sightings) + len(page.rejects) <= len(results)
    assert all(one.why and one.key for one in page.rejects)


@settings(max_examples=30)
@given(
    st.permutations([event(1, uid="u"), event(2, kind="Oral", uid="u"), event(3, "Looms"), event(4, "Looms", kind="Spotlight")])
)
def test_in_whatever_order_events_come_the_papers_are_the_same(events: list[Event]) -> None:
    assert {one.key for one in read(*events).sightings} == {"NeurIPS2025-1", "NeurIPS2025-3"}


@pytest.mark.parametrize(("acronym", "host"), HOSTS.items())
def test_every_conference_has_its_own_site(acronym: str, host: str) -> None:
    address = list_address(Wanted(scope=f"{acronym}2026"))
    assert address == f"https://{host}/static/virtual/data/{acronym.lower()}-2026-orals-posters.json"
    assert key_of(f"https://{host}/virtual/2026/loc/paris/poster/12") == f"{acronym}2026-12"
    source = find("virtual")
    assert acronym in source.venues
    assert (source.delay.total_seconds(), source.routes[0].lasting) == (10, True)


def test_an_address_of_another_kind_has_no_key() -> None:
    assert key_of(URL) == edition_of(URL) == key_of("https://neurips.cc/virtual/2025/papers.html") == ""


@pytest.mark.parametrize(
    "url",
    [
        *("", "x", "http://[", "https://openreview.net/group?id=1tzlbKySxX", "https://example.org/forum?id=1tzlbKySxX"),
        "https://openreview.net/forum?id=2025-Oral--9558-x",
        "https://datasets-benchmarks-proceedings.neurips.cc/paper_files/paper/2021/hash/a-Abstract-round1.html",
    ],
)
def test_addresses_that_name_no_paper(url: str) -> None:
    assert list(identifiers_in(url)) == []


def page_of(one: Event, url: str = "https://neurips.cc/virtual/2025/poster/7") -> Page:
    return read_virtual_page(response(render_event(one), url))


def test_the_page_of_an_event_has_the_abstract_that_the_list_lacks() -> None:
    told = event(paper=FORUM, abstract="We describe an engine & its cards.")
    page = page_of(told)
    (found,), (listed,) = page.sightings, read(told).sightings
    assert (page.kind, found.action, found.abstract) == ("catalogue", None, "We describe an engine & its cards.")
    for name in ("source", "key", "title", "url", "authors"):
        assert getattr(found, name) == getattr(listed, name)
    assert found.tags == (Tag("venue", "NeurIPS2025"), Tag("track", "poster"))
    assert found.identifiers == (Identifier("openreview", "1tzlbKySxX"),)


def test_the_summary_for_laymen_is_not_the_abstract() -> None:
    body = render_event(event()).replace(b'<h3 class="abstract-header">Abstract</h3>\n', b"").replace(
        b'<div class="abstract-text-inner"><p>We describe an engine.</p></div>', b""
    )  # fmt: skip
    (found,) = read_virtual_page(response(body, "https://neurips.cc/virtual/2025/poster/7")).sightings
    assert found.abstract == ""


def test_older_pages_have_other_names() -> None:
    body = (
        "<html><h2 class='card-title main-title'>Looms</h2><h3 class='card-subtitle mb-2'>Ada Lovelace · 王力宏</h3>"
        "<div id='abstractExample'><span>Abstract:</span><p>One.</p><p>Two.</p></div></html>"
    )
    (found,) = read_virtual_page(response(body.encode(), "https://icml.cc/virtual/2022/oral/17")).sightings
    assert (found.key, found.title, found.abstract) == ("ICML2022-17", "Looms", "One. Two.")
    assert [one.name for one in found.authors] == ["Ada Lovelace", "王力宏"]


def test_of_two_forums_none_is_taken_for_that_of_the_paper() -> None:
    body = render_event(event(paper=FORUM)).replace(b"</main>", b'<a href="https://openreview.net/forum?id=abcdefghij">x</a>')
    assert read_virtual_page(response(body, "https://neurips.cc/virtual/2025/poster/7")).sightings[0].identifiers == ()


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"\0", b"<html><title>Just a moment...</title></html>", render_event(event())[:-20]]
)
def test_what_is_no_page_of_a_paper_is_said_to_be_none(body: bytes) -> None:
    with pytest.raises(ReadError):
        read_virtual_page(response(body, "https://neurips.cc/virtual/2025/poster/7"))


def test_a_page_at_another_address_is_none_of_a_paper() -> None:
    with pytest.raises(ReadError, match="no paper on the page titled"):
        page_of(event(), "https://neurips.cc/virtual/2025/papers.html")


def test_the_page_of_a_paper_is_asked_for_by_its_address() -> None:
    route = find("virtual").article
    assert route is not None
    assert route.address(Wanted(scope="", keys=("https://neurips.cc/virtual/2025/poster/7",))).endswith("/poster/7")


@pytest.mark.real
def test_two_real_events() -> None:
    sample = SAMPLES / "virtual_neurips2025_orals_posters_two_records.json"
    if not sample.exists():
        pytest.skip("the real samples are not here")
    page = read_virtual_site(response(sample.read_bytes()))
    assert [one.key for one in page.sightings] == ["NeurIPS2025-119663", "NeurIPS2025-114995"]
    assert [tracks(one) for one in page.sightings] == [["poster"], ["oral"]]
    assert [one.identifiers[0].value for one in page.sightings] == ["1tzlbKySxX", "1kPO9vCRbg"]
    assert (page.rejects, page.claims[0].expected, page.claims[0].seen) == ((), 2, 2)
