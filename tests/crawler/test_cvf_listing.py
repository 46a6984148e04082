"""CVF's lists of every year and their menus: the papers, where they stand, and what is made of half a page."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crawler.errors import ReadError
from crawler.identifiers import Identifier
from crawler.links import Link
from crawler.readers.cvf_listing import filed, listing_address, read_cvf_listing
from crawler.readers.ptitle_rows import stem
from crawler.samples.cvf import Listed, render_article, render_days, render_list, render_workshops
from crawler.sighting import Author, Sighting, Tag
from crawler.source import Fetched, Page, Wanted
from crawler.sources import find

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
SITE = "https://openaccess.thecvf.com"
SAMPLES = Path(__file__).parents[2] / "../shared/samples/cvf"
PAPERS = tuple(
    Listed(title=f"Looms & Engines {number}", authors=("Ada Lovelace", "Émilie du Châtelet"), arxiv=f"2603.{number:05}")
    for number in range(1, 6)
)
PAGE = render_list(PAPERS)


def response(body: bytes, scope: str = "CVPR2026", url: str = "") -> Fetched:
    url = url or listing_address(Wanted(scope=scope))
    return Fetched(source="cvf", scope=scope, url=url, status=200, headers={}, body=body, at=NOON, batch_on=NOON.date())


def told(page: Page) -> list[str]:
    return [one.key for one in page.sightings]


def tracks(one: Sighting) -> list[str]:
    return [tag.value for tag in one.tags if tag.kind == "track"]


@pytest.mark.parametrize(
    ("scope", "address"),
    [
        ("CVPR2013", "/CVPR2013"),
        ("CVPR2019", "/CVPR2019"),
        ("ICCV2019", "/ICCV2019"),
        ("CVPR2020", "/CVPR2020"),
        ("CVPR2021", "/CVPR2021?day=all"),
        ("ICCV2025", "/ICCV2025?day=all"),
        ("WACV2026", "/WACV2026"),
        ("ACCV2024", "/ACCV2024"),
        ("CVPR2026_findings", "/CVPR2026_findings?day=all"),
        ("CVPR2017_workshops", "/CVPR2017_workshops/menu"),
        ("WACV2026_workshops", "/WACV2026_workshops/menu"),
    ],
)
def test_the_address_of_a_list_is_that_of_its_year(scope: str, address: str) -> None:
    assert listing_address(Wanted(scope=scope)) == SITE + address


@pytest.mark.parametrize("year", [2020, 2026])
def test_a_paper_with_all_it_may_have(year: int) -> None:
    paper = Listed(title="Looms & Engines", authors=("Ada Lovelace", "Émilie du Châtelet"), year=year, arxiv="2603.00001v2")
    page = read_cvf_listing(response(render_list([paper], year=year), f"CVPR{year}"))
    (one,) = page.sightings
    assert (one.key, one.title, one.url) == (f"Lovelace_Looms__Engines_CVPR_{year}", "Looms & Engines", paper.url)
    assert one.authors == (Author("Ada Lovelace"), Author("Émilie du Châtelet"))
    assert one.identifiers == (Identifier("cvf", one.key), Identifier("arxiv", "2603.00001"))
    assert one.links == (Link(paper.url.replace("/html/", "/papers/").replace(".html", ".pdf"), "pdf"),)
    assert one.tags == (Tag("venue", f"CVPR{year}"),)
    assert (one.action, one.scope, one.announced_on) == ("new", f"CVPR{year}", None)
    assert [(claim.expected, claim.seen) for claim in page.claims] == [(None, 1)]
    assert (page.kind, page.whole, page.rejects, page.follow) == ("announcement", True, (), ())


def test_links_are_known_by_their_texts_in_whatever_element_and_order_they_stand() -> None:
    body = b"""<html><body><div id="content"><dl>
    <dt class="ptitle"><br><a href="/content/CVPR2026/html/A_B_CVPR_2026_paper.html">Looms <i>and</i> Engines</a></dt>
    <dd><form><input type="hidden" name="query_author" value="Ada  Lovelace"><a href="#">Ada Lovelace</a></form></dd>
    <div class="link2">[<a href="https://arxiv.org/pdf/2603.00001v1">arXiv</a>]
    [<a href="/content/CVPR2026/supplemental/A_B_supplemental.pdf">supp</a>]
    [<a href="/content/CVPR2026/papers/A_B.pdf"> PDF </a>]
    <div class="bibref">@InProceedings{A, title = {B}}}, note = {<a href="/x.pdf">no pdf</a></div></div></dl></body></html>"""
    (one,) = read_cvf_listing(response(body)).sightings
    assert one.title == "Looms and Engines"
    assert one.links == (Link(f"{SITE}/content/CVPR2026/papers/A_B.pdf", "pdf"),)
    assert one.identifiers == (Identifier("cvf", "A_B_CVPR_2026"), Identifier("arxiv", "2603.00001"))
    assert one.authors == (Author("Ada Lovelace"),)


def test_bibtex_that_cannot_be_read_does_no_harm() -> None:
    paper = Listed(title="Looms", bibtex="@InProceedings{{{ title = {A & <b>, author = {,")
    page = read_cvf_listing(response(render_list([paper, *PAPERS])))
    assert told(page) == [paper.stem, *(one.stem for one in PAPERS)]


@pytest.mark.parametrize(("heading", "expected"), [("Papers (7)", 7), ("1,466 papers", 1466), ("Papers", None)])
def test_the_number_that_a_heading_states_is_expected(heading: str, expected: int | None) -> None:
    (claim,) = read_cvf_listing(response(render_list(PAPERS, heading=heading))).claims
    assert (claim.expected, claim.seen) == (expected, 5)


def test_a_paper_listed_twice_is_one() -> None:
    page = read_cvf_listing(response(render_list([*PAPERS, PAPERS[0]])))
    assert told(page) == [one.stem for one in PAPERS]
    assert page.claims[0].seen == 6


def test_days_are_followed_and_everything_before_them() -> None:
    old = read_cvf_listing(response(render_days("CVPR2019", ["2019-06-18", "2019-06-19"]), "CVPR2019"))
    assert old.follow == (f"{SITE}/CVPR2019.py?day=2019-06-18", f"{SITE}/CVPR2019.py?day=2019-06-19")
    assert (old.sightings, old.claims, old.whole) == ((), (), True)
    body = render_days("CVPR2026", ["2026-06-03", "2026-06-04"], everything=True)
    bare = read_cvf_listing(response(body, url=f"{SITE}/CVPR2026"))
    assert bare.follow == (f"{SITE}/CVPR2026?day=all",)
    again = read_cvf_listing(response(body))
    assert again.follow == (f"{SITE}/CVPR2026?day=2026-06-03", f"{SITE}/CVPR2026?day=2026-06-04")


def test_the_menu_of_workshops_is_followed_to_each() -> None:
    page = read_cvf_listing(response(render_workshops("CVPR2026", ["NTIRE", "EarthVision"]), "CVPR2026_workshops"))
    assert page.follow == (f"{SITE}/CVPR2026_workshops/NTIRE", f"{SITE}/CVPR2026_workshops/EarthVision")
    old = read_cvf_listing(response(render_workshops("CVPR2020", ["w42"]), "CVPR2020_workshops"))
    assert old.follow == (f"{SITE}/CVPR2020_workshops/CVPR2020_w42.py",)


@pytest.mark.parametrize("scope", ["A+(2026", "(2026_workshops", "v235", ""])
def test_no_scope_is_a_mistake_of_the_reader(scope: str) -> None:
    assert read_cvf_listing(response(render_days("CVPR2026", ["2026-06-03"]), scope)).follow == ()


@pytest.mark.parametrize(("year", "name", "expected"), [(2026, "NTIRE", ["workshop", "ntire"]), (2020, "w42", ["workshop"])])
def test_a_paper_of_a_workshop_is_in_a_part_of_the_edition(year: int, name: str, expected: list[str]) -> None:
    paper = Listed(title="Looms", year=year, part="W", workshop=name)
    url = f"{SITE}/CVPR{year}_workshops/{name}"
    (one,) = read_cvf_listing(response(render_list([paper], year=year), f"CVPR{year}_workshops", url)).sightings
    assert (one.url, tracks(one)) == (paper.url, expected)
    assert Tag("venue", f"CVPR{year} workshop") in one.tags


def test_findings_are_a_part_of_the_edition() -> None:
    (one,) = read_cvf_listing(response(render_list([Listed(title="Looms", part="F")]), "CVPR2026_findings")).sightings
    assert (one.key, tracks(one)) == ("Lovelace_Looms_CVPRF_2026", ["findings"])
    assert Tag("venue", "CVPR2026 findings") in one.tags


@pytest.mark.parametrize(
    ("path", "edition", "tracks"),
    [
        ("/content/CVPR2024/html/A_CVPR_2024_paper.html", "CVPR2024", ()),
        ("/content/WACV2026W/LLVM/html/A_WACVW_2026_paper.html", "WACV2026", ("workshop", "LLVM")),
        ("/content/CVPR2026F/html/A_CVPRF_2026_paper.html", "CVPR2026", ("findings",)),
        ("/content_ICCVW_2019/html/NAME/A_ICCVW_2019_paper.html", "ICCV2019", ("workshop", "NAME")),
        ("/content_cvpr_2017_workshops/w1/html/A_CVPR_2017_paper.html", "CVPR2017", ("workshop",)),
        ("/content_cvpr_workshops_2015/W02/html/A_2015_CVPR_paper.html", "CVPR2015", ("workshop",)),
        ("/content_iccv_2013/html/A_2013_ICCV_paper.html", "ICCV2013", ()),
        ("/CVPR2026", None, ()),
    ],
)
def test_the_address_tells_where_a_paper_stands(path: str, edition: str | None, tracks: tuple[str, ...]) -> None:
    assert filed(SITE + path) == (edition, tracks)


def test_a_list_that_is_empty_still_is_none() -> None:
    page = read_cvf_listing(response(render_list([])))
    assert (page.sightings, page.rejects, page.claims, page.follow, page.whole) == ((), (), (), (), True)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe\x00",
        b"<html><head><title>Just a moment...</title></head><body></body></html>",
        b'<html><body><div id="content"><ul><li><a href="/content/CVPR2026/html/A_paper.html">A</a></ul></div></body></html>',
        render_article(Listed(title="Looms")).replace(b'id="content"', b'id="other"'),
        b'<dt class="ptitle">' * 30_001,
    ],
)
def test_what_is_no_list_is_said_to_be_none(body: bytes) -> None:
    with pytest.raises(ReadError):
        read_cvf_listing(response(body))


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (b"<br><a href=", b"<br><a name=", "no link to its page"),
        (b'<a href="/content', b'<a href="https://[/content', "no id"),
        (b"Looms &amp; Engines 1</a></dt>", b" </a></dt>", "no title"),
        (b"/content/CVPR2026/html/Love", b"/" + b"n" * 300 + b"/Love", "no address"),
    ],
)
def test_one_bad_row_costs_no_other(old: bytes, new: bytes, why: str) -> None:
    page = read_cvf_listing(response(PAGE.replace(old, new, 1)))
    assert told(page) == [one.stem for one in PAPERS[1:]]
    assert [one.why for one in page.rejects] == [why]
    assert page.claims[0].seen == 5


def test_addresses_that_are_not_in_ascii_are_written_so_that_they_are() -> None:
    body = PAGE.replace(b"Lovelace_Looms__Engines_1_", "Châtelet_Looms 1_".encode())
    one = read_cvf_listing(response(body)).sightings[0]
    assert one.url == f"{SITE}/content/CVPR2026/html/Ch%C3%A2telet_Looms%201_CVPR_2026_paper.html"
    assert one.key == stem(one.url) == "Châtelet_Looms 1_CVPR_2026"


def test_what_is_commented_out_is_not_there() -> None:
    body = PAGE.replace(b'<dt class="ptitle">', b'<!-- <dt class="ptitle"> -->\n<dt class="ptitle">')
    assert told(read_cvf_listing(response(body))) == [one.stem for one in PAPERS]


@given(st.integers(0, PAGE.rindex(b"</html") + 5))
@example(PAGE.rindex(b"</html"))
@example(PAGE.rindex(b"</dl"))
def test_a_page_that_breaks_off_gives_only_papers_that_are_true(length: int) -> None:
    true = {one.key: one for one in read_cvf_listing(response(PAGE)).sightings}
    try:
        page = read_cvf_listing(response(PAGE[:length]))
    except ReadError:
        return
    assert not page.whole
    assert all(true[one.key] == one for one in page.sightings)
    assert len(page.rejects) == (0 if b"</dl" in PAGE[:length] else b'class="ptitle' in PAGE[:length])


@given(st.integers(0, len(PAGE)), st.one_of(st.binary(max_size=30), st.sampled_from([b"<dt class=ptitle>", b"<!--", b"&#0;"])))
def test_whatever_comes_is_a_page_or_an_error(place: int, noise: bytes) -> None:
    try:
        page = read_cvf_listing(response(PAGE[:place] + noise + PAGE[place:]))
    except ReadError:
        return
    assert all(one.key and one.title for one in page.sightings)


def test_the_source_asks_for_pages_of_papers_by_their_addresses() -> None:
    source = find("cvf")
    (route,) = source.routes
    assert (source.venues, source.delay) == (("CVPR", "ICCV", "WACV", "ACCV"), timedelta(seconds=1))
    assert (route.rules, route.lasting, route.address(Wanted(scope="CVPR2026"))) == ("robots", True, f"{SITE}/CVPR2026?day=all")
    paper = Listed(title="Looms", part="W", workshop="NTIRE", abstract="We weave $x^2$.")
    assert source.article is not None
    assert source.article.address(Wanted(scope="CVPR2026_workshops", keys=(paper.url,))) == paper.url
    (one,) = source.article.read(response(render_article(paper), "CVPR2026_workshops", paper.url)).sightings
    listed = read_cvf_listing(response(render_list([paper]), "CVPR2026_workshops", f"{SITE}/CVPR2026_workshops/NTIRE"))
    assert (one.key, one.tags, one.url) == (listed.sightings[0].key, listed.sightings[0].tags, paper.url)
    assert (one.abstract, one.action, one.authors) == ("We weave $x^2$.", None, (Author("Ada Lovelace"),))


def sample(name: str) -> bytes:
    path = SAMPLES / name
    if not path.exists():
        pytest.skip("the real samples are not here")
    return path.read_bytes()


@cache
def real() -> tuple[bytes, Page]:
    """Return the list of CVPR 2020, with its links as the site wrote them, and what is read in it."""
    body = sample("cvpr2020_listing_full_browser_saved.html").replace(b'"https://openaccess.thecvf.com/', b'"')
    return body, read_cvf_listing(response(body, "CVPR2020"))


@pytest.mark.real
def test_the_real_list_of_2020() -> None:
    body, page = real()
    assert (len(page.sightings), page.rejects, page.whole) == (1466, (), True)
    assert all(one.journal_ref and one.authors and one.links for one in page.sightings)
    assert all(one.authors and one.links and one.url.startswith(f"{SITE}/content_CVPR_2020/html/") for one in page.sightings)
    assert sum(len(one.authors) for one in page.sightings) == body.count(b'<input type="hidden" name="query"')
    assert {one.tags for one in page.sightings} == {(Tag("venue", "CVPR2020"),)}
    assert page.sightings[0].authors[1] == Author("Christian Rupprecht")


def rows(body: bytes) -> Iterator[int]:
    return (match.start() for match in re.finditer(b'<dt class="ptitle"', body))


@pytest.mark.real
@settings(max_examples=40)
@given(st.data())
def test_the_real_list_cut_anywhere_gives_only_papers_that_are_true(data: st.DataObject) -> None:
    body, whole = real()
    true = {one.key: one for one in whole.sightings}
    begin = body.index(b"<dt ")
    first = data.draw(st.sampled_from(list(rows(body))[:-20]))
    end = data.draw(st.integers(first, first + 60_000))
    page = read_cvf_listing(response((body[:begin] + body[first:end])[: begin + len(body)], "CVPR2020"))
    assert all(true[one.key] == one for one in page.sightings)
    assert page.whole == (b"</html" in body[first:end])


@pytest.mark.real
def test_the_real_excerpt_of_2026() -> None:
    (one,) = read_cvf_listing(response(sample("cvpr2026_listing_excerpt_third_party.html") + b"</dl></html>")).sightings
    assert (one.key, one.authors) == ("Xiao_Tracking_CVPR_2026", (Author("Jie Xiao"),))
    assert [urlsplit(link.url).path for link in one.links] == ["/content/CVPR2026/papers/Xiao_Tracking_CVPR_2026_paper.pdf"]


def test_the_bibtex_says_where_a_paper_was_published() -> None:
    (one,) = read_cvf_listing(response(render_list([Listed(title="Looms")]))).sightings
    assert one.journal_ref == "Proceedings of CVPR, June 2026"


@pytest.mark.parametrize(
    ("bibtex", "reference"),
    [
        ('@X{a,\nbooktitle = "Looms & {E}ngines",\n pages = {1-10},\nyear = {2026}\n}', "Looms & {E}ngines, 2026, pp. 1-10"),
        ("@X{a,\ntitle = {An {Unbalanced Loom},\nbooktitle = {Looms},\nyear = {2026},", "Looms, 2026"),
        ("@X{a,\nbooktitle = {Looms that never ends,\nyear = {2026},\n}", None),
        ("@X{a,\nyear = {2026}}", None),
        ("{" * 5000, None),
        ("booktitle = {" * 3000, None),
    ],
)
def test_bibtex_with_unbalanced_braces_costs_nothing_else(bibtex: str, reference: str | None) -> None:
    page = read_cvf_listing(response(render_list([Listed(title="Looms", bibtex=bibtex), Listed(title="Cards")])))
    assert [one.title for one in page.sightings] == ["Looms", "Cards"]
    assert (page.sightings[0].journal_ref, page.rejects) == (reference, ())
