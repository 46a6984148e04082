"""The lists of the proceedings of NeurIPS and ICLR in three markups, and what is made of whatever else may come."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.errors import ReadError
from crawler.identifiers import Identifier
from crawler.links import Link
from crawler.readers.proceedings_app import key_of, read_proceedings
from crawler.samples.proceedings_app import Book, Markup, Paper, render_book
from crawler.sighting import Author, Tag
from crawler.source import Fetched, Wanted
from crawler.sources import find

URL = "https://proceedings.neurips.cc/paper_files/paper/2024"
SAMPLES = Path(__file__).parents[2] / "../shared/samples/neurips"
MARKUPS: tuple[Markup, ...] = ("new", "old", "plain")
ENGINE = Paper(number=1, title="A Note on the Engine")
LOOM = Paper(number=2, title="Looms & Cards", authors=("王力宏", "Edward Kasner, Jr."), track="Datasets_and_Benchmarks_Track")

PIECES = (
    *(
        b"<li>",
        b"<i>",
        b"</i>",
        b"<a title='paper title' href='",
        b"<a href='/book/1.pdf'>",
        b"/paper/2024/hash/a-Abstract.html'>",
    ),
    *(b"</a>", b"<span class='paper-count'>", b"7 papers", b"\xff", b"&nbsp;&#0;", b"x"),
)


def response(body: bytes, url: str = URL, scope: str = "NeurIPS2024") -> Fetched:
    at = datetime(2026, 8, 14, 12, tzinfo=UTC)
    return Fetched(source="neurips", scope=scope, url=url, status=200, headers={}, body=body, at=at)


def book(*papers: Paper, **parts: Any) -> bytes:
    return render_book(Book(**{"title": "Advances 37", "year": 2024, "papers": papers, **parts}))


@pytest.mark.parametrize("markup", MARKUPS)
def test_papers_with_their_authors_tracks_and_addresses(markup: Markup) -> None:
    page = read_proceedings(response(book(ENGINE, LOOM, markup=markup)))
    one, two = page.sightings
    assert (one.key, one.title) == ("c4ca4238a0b923820dcc509a6f75849b", "A Note on the Engine")
    assert one.url == f"{URL}/hash/{one.key}-Abstract-Conference.html"
    assert one.links == (Link(f"{URL}/file/{one.key}-Paper-Conference.pdf", "pdf"),)
    assert one.authors == (Author("Ada Lovelace"), Author("Charles Babbage"))
    assert (one.identifiers, one.action) == ((Identifier("neurips", one.key),), "new")
    assert one.tags == (Tag("venue", "NeurIPS2024"),)
    assert two.title == "Looms & Cards"
    assert two.authors == (Author("王力宏"), Author("Edward Kasner Jr."))
    assert two.tags == (Tag("venue", "NeurIPS2024"), Tag("track", "datasets and benchmarks"))
    assert two.links[0].url.endswith("-Paper-Datasets_and_Benchmarks_Track.pdf")
    (claim,) = page.claims
    assert (claim.expected, claim.seen, claim.section) == (2 if markup == "new" else None, 2, "")
    assert (page.kind, page.rejects, page.follow, page.whole) == ("announcement", (), (), True)


def test_until_2021_the_address_names_no_track() -> None:
    old = Paper(number=27, title="Reckoning", track="")
    page = read_proceedings(response(book(old, year=1987), URL.replace("2024", "1987"), "NeurIPS1987"))
    assert page.sightings[0].tags == (Tag("venue", "NeurIPS1987"),)
    assert page.sightings[0].links[0].url.endswith("/file/02e74f10e0327ad868d138f2b4fdd6f0-Paper.pdf")


@pytest.mark.parametrize(
    ("track", "name"),
    [
        ("Datasets_and_Benchmarks", "datasets and benchmarks"),
        ("Position_Paper_Track", "position paper"),
        ("Creative_AI_Track", "creative ai"),
    ],
)
def test_tracks_have_one_name_in_all_years(track: str, name: str) -> None:
    page = read_proceedings(response(book(Paper(number=3, title="T", track=track))))
    assert page.sightings[0].tags[1:] == (Tag("track", name),)


def test_where_the_address_names_no_track_the_entry_may() -> None:
    body = book(ENGINE).replace(b"-Conference", b"").replace(b'data-track="conference"', b'data-track="position_paper_track"')
    assert read_proceedings(response(body)).sightings[0].tags[1:] == (Tag("track", "position paper"),)


def test_papers_that_are_stated_and_not_there_are_claimed_all_the_same() -> None:
    (claim,) = read_proceedings(response(book(ENGINE, count=2260))).claims
    assert (claim.expected, claim.seen) == (2260, 1)


def test_the_further_volumes_of_a_year_are_followed_and_counted_apart() -> None:
    volumes = ("vol38-main-conference", "vol38-main-conference")
    page = read_proceedings(response(book(ENGINE, volumes=volumes)))
    assert page.follow == (f"{URL}/vol38-main-conference",)
    volume = read_proceedings(response(book(LOOM, volumes=("vol38-creative",)), page.follow[0]))
    assert volume.follow == ()
    assert [claim.section for claim in (*page.claims, *volume.claims)] == ["", "vol38-main-conference"]


def test_a_year_that_has_nothing_but_volumes_is_no_mistake() -> None:
    page = read_proceedings(response(book(volumes=("vol38-main-conference",), markup="old")))
    assert (page.sightings, page.follow) == ((), (f"{URL}/vol38-main-conference",))


def test_titles_keep_their_words_tex_and_ampersands() -> None:
    title = "Dynamic  Sparse\u00a0No $k<2$ Training: R&amp;D"
    (found,) = read_proceedings(response(book(Paper(number=4, title=title)))).sightings
    assert found.title == "Dynamic Sparse No $k<2$ Training: R&D"


def test_an_italic_word_of_a_title_is_no_author() -> None:
    body = book(Paper(number=5, title="KMEANS"), markup="old").replace(b"KMEANS", b"On <i>k</i>-Means")
    (found,) = read_proceedings(response(body)).sightings
    assert (found.title, found.authors[0].name) == ("On k-Means", "Ada Lovelace")


def test_numbers_are_the_ids_of_the_oldest_markup() -> None:
    body = b"<html><ul><li><a href='/book/3241.pdf'>T</a> <i>A B, C D</i></li></ul></html>"
    (found,) = read_proceedings(response(body)).sightings
    assert (found.key, found.url) == ("3241", "https://proceedings.neurips.cc/book/3241.pdf")
    assert found.links == (Link("https://proceedings.neurips.cc/book/3241.pdf", "pdf"),)


def test_links_that_are_no_papers_are_left_out_and_papers_without_id_rejected() -> None:
    body = book(ENGINE, LOOM).replace(LOOM.path(2024).encode(), b"/elsewhere").replace(b"<ul", b"<a href='/admin'>x</a><ul", 1)
    page = read_proceedings(response(body))
    assert [one.title for one in page.sightings] == ["A Note on the Engine"]
    assert [(one.key, one.why) for one in page.rejects] == [("Looms & Cards", "no id")]
    assert page.claims[0].seen == 2


def test_the_entry_in_which_a_page_breaks_off_is_a_reject() -> None:
    body = book(ENGINE, LOOM)
    page = read_proceedings(response(body[: body.index(b"Looms") + 3]))
    assert ([one.key for one in page.sightings], page.whole) == ([ENGINE.hash], False)
    assert [(one.key, one.why) for one in page.rejects] == [(LOOM.hash, "the page breaks off in this entry")]


def test_the_papers_of_another_year_are_another_page() -> None:
    with pytest.raises(ReadError, match="papers of 2023, and none of 2024"):
        read_proceedings(response(book(ENGINE, year=2023)))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"{}",
        b"\0\xff",
        b"<html><title>Making sure you're not a bot!</title><body>Loading</body></html>",
        b"<html><title>Just a moment...</title></html>",
        b"<li>" * 500_000,
    ],
)
def test_what_is_no_list_is_said_to_be_none(body: bytes) -> None:
    with pytest.raises(ReadError):
        read_proceedings(response(body))


def test_a_list_that_says_it_is_empty() -> None:
    page = read_proceedings(response(book()))
    assert (page.sightings, page.claims, page.whole) == ((), (), True)


@settings(max_examples=50)
@given(st.data())
def test_half_a_page_says_nothing_that_the_whole_does_not(data: st.DataObject) -> None:
    body = book(ENGINE, LOOM, volumes=("vol1",), markup=data.draw(st.sampled_from(MARKUPS)))
    known = {one.content_hash() for one in read_proceedings(response(body)).sightings}
    cut = body[: data.draw(st.integers(0, len(body) - 10))]
    try:
        page = read_proceedings(response(cut))
    except ReadError:
        return
    assert not page.whole
    assert {one.content_hash() for one in page.sightings} <= known


@settings(max_examples=50)
@given(st.lists(st.sampled_from(PIECES), max_size=30))
def test_whatever_comes_is_a_page_or_a_read_error(parts: list[bytes]) -> None:
    try:
        page = read_proceedings(response(b"".join(parts)))
    except ReadError:
        return
    assert sum(claim.seen for claim in page.claims) >= len(page.sightings) + len(page.rejects)


@settings(max_examples=50)
@given(st.integers(0, 10**6), st.sampled_from(["", "Conference", "Position_Paper_Track"]), st.integers(1987, 2030))
def test_the_page_of_a_paper_has_the_key_of_the_list(number: int, track: str, year: int) -> None:
    paper = Paper(number=number, title="T", track=track)
    assert key_of(f"https://papers.nips.cc{paper.path(year)}?utm_source=x") == paper.hash


def test_an_address_of_another_kind_has_no_key() -> None:
    assert key_of(URL) == key_of("https://proceedings.neurips.cc/paper_files/paper/4601-/bibtex") == ""


@pytest.mark.parametrize(("name", "scope"), [("neurips", "NeurIPS2024"), ("iclr", "ICLR2026")])
def test_a_source_asks_for_the_page_of_a_year(name: str, scope: str) -> None:
    (route,) = find(name).routes
    assert route.address(Wanted(scope=scope)) == f"https://proceedings.{name}.cc/paper_files/paper/{scope[-4:]}"
    assert (route.lasting, find(name).venues) == (True, (scope[:-4],))


@pytest.mark.real
def test_a_real_page() -> None:
    sample = SAMPLES / "iclr2024_proceedings_index_prefix.html"
    if not sample.exists():
        pytest.skip("the real samples are not here")
    url = "https://proceedings.iclr.cc/paper_files/paper/2024"
    page = read_proceedings(response(sample.read_bytes(), url, "ICLR2024"))
    assert (len(page.sightings), page.rejects, page.claims[0].expected) == (6, (), 2260)
    assert all(one.authors and one.links and len(one.key) == 32 for one in page.sightings)
    assert page.sightings[4].title == "Dynamic Sparse No Training: Training-Free Fine-tuning for Sparse LLMs"
