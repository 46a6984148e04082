"""The page of a volume of PMLR: papers, what they are linked to, and what is made of whatever else may come."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.errors import ReadError
from crawler.identifiers import Identifier
from crawler.links import Link
from crawler.readers import pmlr_volume
from crawler.readers.pmlr_volume import key_of, read_pmlr_pages, read_pmlr_volume
from crawler.samples.pmlr import Paper, Volume, render_index, render_volume
from crawler.sighting import Author, Tag
from crawler.source import Fetched
from crawler.venues import Catalogue, Venue

NOON = datetime(2024, 8, 12, 12, tzinfo=UTC)
URL = "https://proceedings.mlr.press/v235/"
SAMPLES = Path(__file__).parents[2] / "../shared/samples"
ICML = Venue(acronym="ICML", name="International Conference on Machine Learning", kind="conference")


def response(body: bytes, scope: str = "ICML2024", url: str = URL, at: datetime = NOON) -> Fetched:
    return Fetched(source="pmlr", scope=scope, url=url, status=200, headers={}, body=body, at=at)


def volume(*papers: Paper, **parts: Any) -> Volume:
    return Volume(**{"number": 235, "title": "Proceedings of ICML 2024", "papers": papers, **parts})


def paper(name: str = "lovelace24a", **parts: Any) -> Paper:
    return Paper(**{"name": name, "title": f"On {name}", **parts})


@pytest.fixture
def catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pmlr_volume, "shipped", lambda: Catalogue.of((ICML,)))


def test_a_paper_with_all_it_may_have() -> None:
    one = paper(
        title="Looms & <Engines> of $n$ cards",
        authors=(("Lovelace", "Ada"), ("Babbage Jr", "Charles"), ("", "Aakash")),
        openreview="AbC_d-9f0x",
        software="https://github.com/ada/engine/tree/main",
    )
    page = read_pmlr_volume(response(render_volume(volume(one))))
    (found,) = page.sightings
    assert (found.key, found.title) == ("v235/lovelace24a", "Looms & <Engines> of $n$ cards")
    assert found.url == "https://proceedings.mlr.press/v235/lovelace24a.html"
    assert found.authors == (Author("Ada Lovelace"), Author("Charles Babbage Jr"), Author("Aakash"))
    assert found.identifiers == (Identifier("pmlr", "v235/lovelace24a"), Identifier("openreview", "AbC_d-9f0x"))
    assert found.links == (
        Link("https://raw.githubusercontent.com/mlresearch/v235/main/assets/lovelace24a/lovelace24a.pdf", "pdf"),
        Link("https://github.com/ada/engine", "code", official=True),
    )
    assert (found.action, found.tags) == ("new", (Tag("venue", "ICML2024"),))
    (claim,) = page.claims
    assert (claim.expected, claim.seen, page.whole, page.follow, page.rejects) == (None, 1, True, (), ())


def test_a_place_at_openreview_that_is_none_is_left_out() -> None:
    (found,) = read_pmlr_volume(response(render_volume(volume(paper(openreview="false"))))).sightings
    assert found.identifiers == (Identifier("pmlr", "v235/lovelace24a"),)


def test_what_else_a_paper_is_linked_to() -> None:
    links = b'[<a href="https://arxiv.org/abs/2401.00001v2">arXiv</a>][<a href="https://doi.org/10.1000/X.1">DOI</a>]'
    body = render_volume(volume(paper())).replace(b"</a>]</p>\n</div>", b"</a>]" + links + b"</p>\n</div>")
    (found,) = read_pmlr_volume(response(body)).sightings
    assert found.identifiers[1:] == (Identifier("arxiv", "2401.00001"), Identifier("doi", "10.1000/x.1"))


@pytest.mark.parametrize(
    ("text", "authors"),
    [
        ("Ada Lovelace, Charles Babbage", ["Ada Lovelace", "Charles Babbage"]),
        ("Charles Babbage, Jr., Ada Lovelace", ["Charles Babbage, Jr.", "Ada Lovelace"]),
        ("\n  Ada\n  Lovelace,&nbsp;\n Mary Somerville\n", ["Ada Lovelace", "Mary Somerville"]),
        ("", []),
    ],
)
def test_authors_as_older_templates_have_them(text: str, authors: list[str]) -> None:
    body = render_volume(volume(paper())).replace(b"Ada Lovelace</span>", text.encode() + b"</span>")
    (found,) = read_pmlr_volume(response(body)).sightings
    assert [one.name for one in found.authors] == authors


def test_sections_and_workshops_are_tracks() -> None:
    papers = (paper("a24a", section="Open Problems"), paper("b24a", section="Original Papers"), paper("c24a"))
    plain = read_pmlr_volume(response(render_volume(volume(*papers))))
    tracks = {one.key: [tag.value for tag in one.tags if tag.kind == "track"] for one in plain.sightings}
    # What stands in no section comes last, and after a heading.
    assert tracks == {"v235/a24a": ["open problems"], "v235/b24a": ["original papers"], "v235/c24a": ["original papers"]}
    held = volume(paper(), booktitle="Proceedings of the Workshop on Looms", number=251)
    for page in (
        read_pmlr_volume(response(render_volume(held), "v251")),
        read_pmlr_volume(response(render_volume(volume(paper())), "ICML2024_workshops")),
    ):
        assert Tag("track", "workshop") in page.sightings[0].tags


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize(
    ("conference", "edition"),
    [
        ("International Conference on Machine Learning, 21-27 July 2024, Vienna, Austria", ["ICML2024"]),
        (
            "The Forty-First International Conference on Machine Learning, 30 June to 03 July 2024, Vienna, Austria",
            ["ICML2024"],
        ),
        ("ICML, 08 July 2023, Vienna", ["ICML2023"]),
        ("Looms, Engines, and Cards, 08 July 2024, Vienna", []),
        ("Workshop at the International Conference on Machine Learning, 08 July 2024, Vienna", []),
    ],
)
def test_the_edition_of_a_volume_asked_for_by_number_is_that_of_its_heading(conference: str, edition: list[str]) -> None:
    body = render_volume(volume(paper(), conference=conference))
    (found,) = read_pmlr_volume(response(body, "v235")).sightings
    assert [tag.value for tag in found.tags if tag.kind == "venue"] == edition
    (asked,) = read_pmlr_volume(response(body, "AISTATS2024")).sightings
    assert [tag.value.split()[0] for tag in asked.tags if tag.kind == "venue"] == ["AISTATS2024"]


@pytest.mark.parametrize(("year", "action"), [(2024, "new"), (2025, "new"), (2026, None), (2040, None)])
def test_an_old_volume_asked_for_by_number_is_no_news(year: int, action: str | None) -> None:
    body = render_volume(volume(paper()))
    (found,) = read_pmlr_volume(response(body, "v235", at=datetime(year, 12, 1, tzinfo=UTC))).sightings
    assert found.action == action


def test_a_volume_without_papers_is_to_come() -> None:
    page = read_pmlr_volume(response(render_volume(volume())))
    assert (page.sightings, page.claims, page.whole) == ((), (), True)


def test_a_page_that_breaks_off_has_the_papers_before() -> None:
    body = render_volume(volume(paper("a24a"), paper("b24a"), paper("c24a")))
    page = read_pmlr_volume(response(body[: body.index(b"On c24a")]))
    assert [one.key for one in page.sightings] == ["v235/a24a", "v235/b24a"]
    assert not page.whole
    assert [one.why for one in page.rejects] == ["no id"]
    assert page.claims[0].seen == 3


def test_one_bad_row_costs_no_other() -> None:
    body = render_volume(volume(paper("a24a"), paper("b24a"), paper("c24a", title="")))
    page = read_pmlr_volume(
        response(body.replace(b'href="https://proceedings.mlr.press/v235/a24a.html"', b'href="http://[::1"'))
    )
    # The address of the PDF tells the key, too.
    assert [one.key for one in page.sightings] == ["v235/a24a", "v235/b24a"]
    assert [(one.key, one.why) for one in page.rejects] == [("v235/c24a", "no title")]


def test_the_list_of_volumes_leads_to_the_page_of_one() -> None:
    body = render_index([volume()])
    assert read_pmlr_pages(response(body, url="https://proceedings.mlr.press/")).follow == (URL,)
    assert read_pmlr_pages(response(render_volume(volume(paper())))).sightings


@pytest.mark.parametrize(
    "body", [b"", b"<html><title>Just a moment...</title></html>", b"{}", b"\0" * 9, render_index([volume()]), b"<" * 20]
)
def test_what_is_no_volume_is_said_to_be_none(body: bytes) -> None:
    with pytest.raises(ReadError):
        read_pmlr_volume(response(body))


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://proceedings.mlr.press/v235/abe24a.html", "v235/abe24a"),
        ("http://proceedings.mlr.press/v28/o-brien13.html", "v28/o-brien13"),
        ("https://proceedings.mlr.press/v97/abe19a/abe19a.pdf", "v97/abe19a"),
        ("https://raw.githubusercontent.com/mlresearch/v235/main/assets/abe24a/abe24a.pdf", "v235/abe24a"),
        ("https://proceedings.mlr.press/v97/abe19a/abe19a-supp.pdf", ""),
        ("https://proceedings.mlr.press/v235/", ""),
        ("https://proceedings.mlr.press/index.html", ""),
        ("https://example.org/v235/abe24a.html", ""),
    ],
)
def test_the_key_of_an_address(url: str, key: str) -> None:
    assert key_of(url) == key


@settings(max_examples=50)
@given(st.integers(0, 3000), st.binary(max_size=12))
def test_whatever_comes_is_a_volume_or_is_none(place: int, noise: bytes) -> None:
    body = render_volume(volume(paper("a24a", openreview="AbC_d-9f0x"), paper("b24a", section="Talks")))
    for altered in (body[:place] + noise, body[:place] + noise + body[place:], noise):
        try:
            page = read_pmlr_volume(response(altered))
        except ReadError:
            continue
        assert len(page.sightings) + len(page.rejects) <= 3


@pytest.mark.real
def test_a_real_page() -> None:
    sample = SAMPLES / "pmlr/v235_index_prefix.html"
    if not sample.exists():
        pytest.skip("the real samples are not here")
    body = sample.read_bytes()
    page = read_pmlr_volume(response(body))
    assert (len(page.sightings), page.rejects) == (3, ())
    assert not page.whole  # it is a part of a page
    for one in page.sightings:
        schemes = {identifier.scheme: identifier.value for identifier in one.identifiers}
        assert schemes["openreview"].encode() in body
        assert schemes["pmlr"] == one.key == key_of(one.url)
        assert [link.kind for link in one.links] == ["pdf"]
        assert len(one.authors) >= 4
    shown = re.findall(rb'<p class="title">([^<]+)</p>', body)
    assert [one.title.encode() for one in page.sightings] == shown


@pytest.mark.real
def test_addresses_of_real_papers() -> None:
    sample = SAMPLES / "gold/pmlr_openreview_alt2025.tsv"
    if not sample.exists():
        pytest.skip("the real samples are not here")
    rows = [line.split("\t") for line in sample.read_text().splitlines()[1:]]
    known = {key_of(row[2]): row[0] for row in rows}
    assert len(known) == len(rows) == 51
    papers = tuple(paper(key.partition("/")[2], openreview=forum) for key, forum in known.items())
    page = read_pmlr_volume(response(render_volume(replace(volume(*papers), number=272)), "ALT2025"))
    assert {one.key: one.identifiers[1].value for one in page.sightings} == known
