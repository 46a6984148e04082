"""ECVA's one page of all ECCVs: the papers of the year that is asked for, and their pages."""

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.errors import ReadError
from crawler.identifiers import Identifier
from crawler.links import Link, web_address
from crawler.readers.ecva_listing import filed, read_ecva_article, read_ecva_listing
from crawler.samples.ecva import Listed, render_article, render_list
from crawler.sighting import Author, Tag
from crawler.source import Fetched, Wanted
from crawler.sources import find

NOON = datetime(2026, 9, 30, 12, tzinfo=UTC)
URL = "https://www.ecva.net/papers.php"
SAMPLES = Path(__file__).parents[2] / "../shared/samples/ecva"
CHAPTER = "10.1007/978-3-031-72649-1_1"
PAPERS = tuple(
    Listed(
        number=number, title=f"Looms & Engines {number}", year=year, doi=CHAPTER, authors=("Ada Lovelace*", "Émilie Noether")
    )
    for year in (2024, 2022)
    for number in (4, 7, 12)
)
PAGE = render_list(PAPERS)
ARTICLE = render_article(PAPERS[0])


def response(body: bytes, scope: str = "ECCV2024", url: str = URL) -> Fetched:
    return Fetched(source="ecva", scope=scope, url=url, status=200, headers={}, body=body, at=NOON, batch_on=NOON.date())


@pytest.mark.parametrize("year", [2024, 2022])
def test_the_papers_of_the_year_asked_for(year: int) -> None:
    page = read_ecva_listing(response(PAGE, f"ECCV{year}"))
    assert [one.key for one in page.sightings] == [f"{number}_ECCV_{year}" for number in (4, 7, 12)]
    one, paper = page.sightings[0], next(paper for paper in PAPERS if paper.year == year)
    assert (one.title, one.url) == ("Looms & Engines 4", paper.url)
    assert one.authors == (Author("Ada Lovelace"), Author("Émilie Noether"))
    assert one.identifiers == (Identifier("ecva", one.key), Identifier("doi", CHAPTER))
    assert one.links == (Link(paper.pdf, "pdf"),)
    assert one.tags == (Tag("venue", f"ECCV{year}"),)
    assert (page.whole, page.rejects, page.claims[0].seen) == (True, (), 3)


@pytest.mark.parametrize("scope", ["ECCV2026", "ECCV2024_workshops", "v235"])
def test_what_is_not_there_yet_or_never_is_an_empty_list(scope: str) -> None:
    page = read_ecva_listing(response(PAGE, scope))
    assert (page.sightings, page.rejects, page.claims) == ((), (), ())


def test_a_paper_without_doi_and_supplement() -> None:
    (one,) = read_ecva_listing(response(render_list([Listed(number=1, title="Looms", supplement="")]))).sightings
    assert one.identifiers == (Identifier("ecva", "1_ECCV_2024"),)
    assert len(one.links) == 1


@given(st.integers(0, PAGE.rindex(b"</html") + 5))
def test_a_page_that_breaks_off_gives_only_papers_that_are_true(length: int) -> None:
    true = {one.key: one for one in read_ecva_listing(response(PAGE)).sightings}
    try:
        page = read_ecva_listing(response(PAGE[:length]))
    except ReadError:
        return
    assert not page.whole
    assert all(true[one.key] == one for one in page.sightings)
    assert all(one.why == "the page breaks off in this entry" for one in page.rejects)


@settings(max_examples=50)
@given(st.integers(0, len(PAGE)), st.binary(max_size=30))
def test_whatever_comes_is_a_page_or_an_error(place: int, noise: bytes) -> None:
    for read, body in ((read_ecva_listing, PAGE), (read_ecva_article, ARTICLE)):
        try:
            page = read(response(body[:place] + noise + body[place:]))
        except ReadError:
            continue
        assert all(one.key and one.title for one in page.sightings)


@pytest.mark.parametrize("body", [b"", b"<html><title>Just a moment...</title></html>", b"\x00\xff"])
def test_what_is_no_page_of_papers_is_said_to_be_none(body: bytes) -> None:
    for read in (read_ecva_listing, read_ecva_article):
        with pytest.raises(ReadError):
            read(response(body))


def test_the_page_of_a_paper_adds_its_abstract() -> None:
    page = read_ecva_article(response(ARTICLE, url=PAPERS[0].url))
    listed = read_ecva_listing(response(PAGE)).sightings[0]
    (one,) = page.sightings
    assert (one.key, one.title, one.authors, one.tags) == (listed.key, listed.title, listed.authors, listed.tags)
    assert (one.identifiers, one.links, one.url) == (listed.identifiers, listed.links, listed.url)
    assert (one.abstract, one.action, page.kind) == ("We describe an engine.", None, "catalogue")


@given(st.integers(0, len(ARTICLE) - 1))
def test_half_a_page_of_a_paper_gives_all_of_its_abstract_or_nothing(length: int) -> None:
    try:
        page = read_ecva_article(response(ARTICLE[:length], url=PAPERS[0].url))
    except ReadError:
        return
    assert [(one.title, one.abstract, len(one.authors)) for one in page.sightings] == [(PAPERS[0].title, PAPERS[0].abstract, 2)]


def test_the_source_has_one_page_for_all_editions() -> None:
    source = find("ecva")
    (route,) = source.routes
    assert (source.venues, source.delay, route.rules) == (("ECCV",), timedelta(seconds=1), "robots")
    assert route.address(Wanted(scope="ECCV2024")) == route.address(Wanted(scope="ECCV2026")) == URL
    assert source.article is not None
    assert source.article.address(Wanted(scope="", keys=(PAPERS[0].url,))) == PAPERS[0].url
    assert source.article.address(Wanted(scope="")) == "https://www.ecva.net/"


@pytest.mark.real
def test_real_addresses_are_kept_as_they_are() -> None:
    path = SAMPLES / "eccv2020_links_derived.csv"
    if not path.exists():
        pytest.skip("the real samples are not here")
    with path.open(newline="") as lines:
        known = list(csv.DictReader(lines))
    rows = "".join(
        f"<dt class=ptitle><a href=papers/eccv_2020/papers_ECCV/html/{number}_ECCV_2020_paper.php>{one['title']}</a></dt>"
        f"<dd>Ada Lovelace*</dd><dd>[<a href={one['main link'].removeprefix('https://www.ecva.net/')}>pdf</a>] "
        f"[<a href='{one['supplemental link']}'>supplementary material</a>]</dd>"
        for number, one in enumerate(known, 1)
    )
    page = read_ecva_listing(response(f"<html><dl>{rows}</dl></html>".encode(), "ECCV2020"))
    assert len(page.sightings) == len(known) == 1358
    assert [[link.url for link in one.links] for one in page.sightings] == [[one["main link"]] for one in known]
    assert {filed(one["main link"]).edition for one in known} == {"ECCV2020"}
    assert all(web_address(one["main link"]) == one["main link"] for one in known)
