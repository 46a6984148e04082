"""Unpaywall's page of a DOI: the copy that anybody may read, and what is made of whatever else may come."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.errors import ReadError
from crawler.identifiers import Identifier
from crawler.links import Link
from crawler.readers.unpaywall import read_work, work_address
from crawler.sighting import Author, Reject, Sighting
from crawler.source import Fetched, Wanted

NOON = datetime(2026, 8, 14, 12, tzinfo=UTC)
SAMPLES = Path(__file__).parents[2] / "../shared/samples/unpaywall"
DOI = "10.1000/engine(1)"
URL = work_address(Wanted(scope="", keys=(DOI,), contact="ada+papers@example.org"))
WORK: dict[str, Any] = {
    "doi": DOI.upper(),
    "title": "An\r\nEngine",
    "is_oa": True,
    "year": 2026,
    "journal_name": "Annals of Engines",
    "best_oa_location": {"url_for_pdf": None},
    "oa_locations": [{"url_for_pdf": "https://papers.example.org/1.pdf"}, {"url_for_pdf": "https://papers.example.org/2.pdf"}],
    "z_authors": [{"given": "Ada", "family": "Lovelace"}, {"raw_author_name": "王力宏"}, {"given": None}],
}
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*WORK, "url_for_pdf", "given"]), inner),
    max_leaves=8,
)


def response(body: bytes, scope: str = DOI) -> Fetched:
    return Fetched(source="unpaywall", scope=scope, url=URL, status=200, headers={}, body=body, at=NOON)


def read(work: object, scope: str = DOI) -> Sighting | Reject:
    page = read_work(response(json.dumps(work).encode(), scope))
    found: list[Sighting | Reject] = [*page.sightings, *page.rejects]
    assert (page.kind, len(found)) == ("catalogue", 1)
    return found[0]


def test_who_asks_is_in_the_address() -> None:
    assert URL == "https://api.unpaywall.org/v2/10.1000/engine%281%29?email=ada%2Bpapers%40example.org"


def test_a_work_has_the_first_copy_that_is_a_pdf() -> None:
    one = read(WORK)
    assert isinstance(one, Sighting)
    assert (one.key, one.title, one.identifiers) == (DOI, "An Engine", (Identifier("doi", DOI),))
    assert one.links == (Link("https://papers.example.org/1.pdf", "pdf"),)
    assert one.authors == (Author("Ada Lovelace"), Author("王力宏"))
    assert (one.journal_ref, one.second_hand, one.action) == ("Annals of Engines (2026)", True, None)


@pytest.mark.parametrize(
    "parts",
    [
        {"is_oa": False},
        {"is_oa": None},
        {"oa_locations": None},
        {"oa_locations": [{"url_for_pdf": "javascript:alert(1)"}, {"url_for_pdf": "ftp://example.org/1.pdf"}, None]},
    ],
)
def test_a_work_without_such_a_copy_has_none(parts: dict[str, Any]) -> None:
    one = read({**WORK, **parts})
    assert isinstance(one, Sighting)
    assert one.links == ()


def test_another_doi_than_was_asked_for_is_a_reject() -> None:
    assert read({**WORK, "doi": "10.9999/other"}) == Reject(key="10.9999/other", why="not the DOI that was asked for")


def test_without_a_doi_or_a_title_it_is_a_reject() -> None:
    assert read({"title": "A"}) == Reject(key="", why="no DOI")
    assert read({"doi": DOI}) == Reject(key=DOI, why="no title")


@pytest.mark.parametrize("body", [b"[]", b"null", b"<html>", b""])
def test_what_is_no_page_is_refused(body: bytes) -> None:
    with pytest.raises(ReadError):
        read_work(response(body))


@given(st.dictionaries(st.sampled_from(list(WORK)), values))
def test_whatever_comes_is_a_paper_or_a_reject(parts: dict[str, Any]) -> None:
    read({**WORK, **parts})


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "doi", "copies"),
    [
        ("paperqa_01_200", "10.1016/j.xgen.2025.100814", 0),
        ("paperqa_02_200", "10.1023/a:1007154515475", 0),
        ("paperqa_03_200", "10.1007/s40278-023-41815-2", 0),
    ],
)
def test_the_real_pages(name: str, doi: str, copies: int) -> None:
    if not SAMPLES.is_dir():
        pytest.skip("the real samples are not here")
    one = read(json.loads((SAMPLES / f"{name}.json").read_text("utf-8"))["body"], doi)
    assert isinstance(one, Sighting)
    assert (one.key, len(one.links)) == (doi, copies)
    assert one.journal_ref
