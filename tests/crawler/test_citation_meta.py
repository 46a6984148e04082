"""Pages of single papers by their `citation_*` tags, as several sites write them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.errors import ReadError
from crawler.identifiers import Identifier
from crawler.links import Link
from crawler.readers.citation_meta import Filing, page_address, read_citation_meta
from crawler.samples.cvf import Listed, render_article
from crawler.sighting import Author, Sighting
from crawler.source import Fetched, Wanted

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
URL = "https://papers.example.org/v1/lovelace26a.html"
SAMPLES = Path(__file__).parents[2] / "../shared/samples"
TAGS = (
    ("citation_title", "Looms & Engines"),
    ("citation_author", "Lovelace, Ada"),
    ("citation_author_institution", "Analytical\n Society"),
    ("citation_author_institution", "Second House"),
    ("citation_author", "Émilie Noether"),
    ("citation_publication_date", "2026"),
    ("citation_doi", "https://doi.org/10.1234/Engine.1"),
    ("citation_arxiv_id", "2603.00001v2"),
    ("citation_pdf_url", "/v1/lovelace26a.pdf"),
)
TEXT = '<div class="top"><h1>Looms</h1></div><section><h2>Abstract</h2><p>We weave<br>$x^2$.</p></section><footer>Bye</footer>'
ABSTRACT = "//section[h2[.='Abstract']]/*[not(self::h2)]"


def render(tags: Sequence[tuple[str, str]] = TAGS, text: str = TEXT, *, minified: bool = False) -> bytes:
    """Write a page; `minified` is without quotes and ends, and with the content first."""
    if minified:
        metas = "".join(f'<meta content="{escape(value)}" name={name}>' for name, value in tags)
        return f"<!doctype html><html lang=en-us><head><meta charset=utf-8><title>P</title>{metas}{text}".encode()
    metas = "\n".join(f'<meta name="{name}" content="{escape(value)}"/>' for name, value in tags)
    return f"<html>\n<head>\n<title>P</title>\n{metas}\n</head>\n<body>\n{text}\n</body>\n</html>\n".encode()


def key_of(url: str) -> str:
    return url.rstrip("/").rpartition("/")[2].removesuffix(".html")


def response(body: bytes, url: str = URL, scope: str = "ICML2026") -> Fetched:
    return Fetched(source="pmlr", scope=scope, url=url, status=200, headers={}, body=body, at=NOON)


READ = read_citation_meta(key_of, scheme="pmlr", abstract=ABSTRACT)


def only(body: bytes, url: str = URL) -> Sighting:
    page = READ(response(body, url))
    assert (page.kind, page.rejects, page.claims) == ("catalogue", (), ())
    return page.sightings[0]


@pytest.mark.parametrize("minified", [False, True])
def test_a_paper_with_all_it_may_have(minified: bool) -> None:  # noqa: FBT001 - a case
    one = only(render(minified=minified))
    assert (one.source, one.key, one.title, one.url) == ("pmlr", "lovelace26a", "Looms & Engines", URL)
    assert one.authors == (Author("Ada Lovelace", "Analytical Society"), Author("Émilie Noether"))
    assert one.abstract == "We weave $x^2$."
    assert one.identifiers == (
        Identifier("pmlr", "lovelace26a"),
        Identifier("arxiv", "2603.00001"),
        Identifier("doi", "10.1234/engine.1"),
    )
    assert one.links == (Link("https://papers.example.org/v1/lovelace26a.pdf", "pdf"),)
    assert [(tag.kind, tag.value) for tag in one.tags] == [("venue", "ICML2026")]
    assert (one.action, one.scope, one.announced_on) == (None, "ICML2026", None)


def test_what_is_not_there_is_empty() -> None:
    one = only(render([("citation_title", "Looms")], "<p>x</p>"))
    assert (one.authors, one.abstract, one.links, one.identifiers) == ((), "", (), (Identifier("pmlr", "lovelace26a"),))


def test_the_abstract_is_that_of_the_tags_where_the_page_has_none() -> None:
    body = render([*TAGS, ("citation_abstract", "We  describe.")], "<p>x</p>")
    assert only(body).abstract == "We describe."
    assert read_citation_meta(key_of)(response(body)).sightings[0].abstract == "We describe."


def test_the_address_tells_where_the_paper_stands() -> None:
    read = read_citation_meta(key_of, filed=lambda _url: Filing("CVPR2026", ("findings",)))
    (one,) = read(response(render())).sightings
    assert [(tag.kind, tag.value) for tag in one.tags] == [("venue", "CVPR2026 findings"), ("track", "findings")]


def test_links_that_say_so_are_names_of_the_paper_and_no_others() -> None:
    links = (
        '<div>[<a href="http://arxiv.org/abs/2603.00002v1">arXiv</a>] <a href="https://openreview.net/forum?id=AbC12-_x9Z" '
        "onclick=\"x('https://openreview.net/forum?id=false')\">OpenReview</a> "
        '<a href="https://openreview.net/forum?id=false">OpenReview</a> '
        '<a href="https://arxiv.org/abs/1706.03762">a cited one</a><a href="https://[">arXiv</a></div>'
    )
    assert only(render([("citation_title", "Looms")], links)).identifiers[1:] == (
        Identifier("arxiv", "2603.00002"),
        Identifier("openreview", "AbC12-_x9Z"),
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\x00\xfe",
        b'{"name": "ChallengeRequiredError"}',
        b"<html><head><title>Making sure you're not a bot!</title></head><body><p>x</p></body></html>",
        b'<html><body><div id="papertitle"></div></body></html>',
        render([("citation_title", " ")]),
        render([("citation_author", "Lovelace, Ada")]),
    ],
)
def test_a_page_without_a_title_is_no_paper(body: bytes) -> None:
    with pytest.raises(ReadError):
        READ(response(body))


def test_a_page_without_a_key_is_a_reject() -> None:
    page = read_citation_meta(lambda _url: "")(response(render()))
    assert [(one.key, one.why) for one in page.rejects] == [("Looms & Engines", "no id")]


def test_the_address_of_a_page_is_its_key() -> None:
    assert page_address(Wanted(scope="ICML2026", keys=(URL,))) == URL
    assert page_address(Wanted(scope="ICML2026"), "https://papers.example.org/") == "https://papers.example.org/"


@given(st.integers(0, 5000), st.booleans())
def test_half_a_page_is_true_as_far_as_it_goes(length: int, minified: bool) -> None:  # noqa: FBT001 - drawn
    whole = render(minified=minified)
    true = only(whole)
    try:
        one = only(whole[:length])
    except ReadError:
        return
    assert (one.title, one.authors, one.identifiers, one.links) == (true.title, true.authors, true.identifiers, true.links)
    assert one.abstract in (true.abstract, "")


@given(st.integers(0, 1000), st.binary(max_size=40))
def test_whatever_comes_is_a_page_or_an_error(place: int, noise: bytes) -> None:
    body = render()
    try:
        page = READ(response(body[:place] + noise + body[place:]))
    except ReadError:
        return
    assert all(one.title and one.key == "lovelace26a" for one in page.sightings)


def test_a_page_of_ours_of_cvf() -> None:
    paper = Listed(title="Looms", authors=("Ada Lovelace", "Émilie Noether"), arxiv="2603.00001")
    read = read_citation_meta(key_of, abstract="//*[@id='abstract']")
    (one,) = read(response(render_article(paper), paper.url, "CVPR2026")).sightings
    assert (one.abstract, one.identifiers) == ("We describe an engine.", (Identifier("arxiv", "2603.00001"),))


REAL = {
    "cvf/cvpr2025_vggt_detail_trimmed.html": (
        "//*[@id='abstract']",
        "VGGT: Visual Geometry Grounded Transformer",
        (6, "Jianyuan Wang"),
        0,
        (),
    ),
    "aclanthology/paper_detail_meta_trimmed.html": (
        "//div[contains(@class, 'acl-abstract')]/span",
        "Language Models Resist Alignment: Evidence From Data Compression",
        (10, "Jiaming Ji"),
        0,
        (Identifier("doi", "10.18653/v1/2025.acl-long.1141"),),
    ),
    "pmlr/v235_abad-rocamora24a.html": (
        "//*[@id='abstract']",
        "Revisiting Character-level Adversarial Attacks for Language Models",
        (5, "Elias Abad Rocamora"),
        963,
        (Identifier("openreview", "AZWqXfM6z9"),),
    ),
    "neurips/iclr2024_proceedings_abstract_00153f90.html": (
        ABSTRACT,
        "LabelDP-Pro: Learning with Label Differential Privacy via Projections",
        (6, "Badih Ghazi"),
        909,
        (),
    ),
    "aaai/aaai26_article36958_excerpt.html": (
        "//section[contains(@class, 'abstract')]//text()[not(parent::h2)]",
        "Resource Efficient Sleep Staging via Multi-Level Masking and Prompt Learning",
        (8, "Lejun Ai"),
        1324,
        (Identifier("doi", "10.1609/aaai.v40i1.36958"),),
    ),
}


@pytest.mark.real
@pytest.mark.parametrize("name", REAL)
def test_a_real_page(name: str) -> None:
    if not (SAMPLES / name).exists():
        pytest.skip("the real samples are not here")
    abstract, title, (authors, first), length, identifiers = REAL[name]
    (one,) = read_citation_meta(key_of, abstract=abstract)(response((SAMPLES / name).read_bytes())).sightings
    assert (one.title, len(one.authors), one.authors[0].name) == (title, authors, first)
    assert (len(one.abstract), one.identifiers, len(one.links)) == (length, identifiers, 1)
