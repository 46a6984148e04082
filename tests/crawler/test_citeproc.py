"""The papers of a volume of PMLR as YAML: what a parser of YAML would read, and more where it would read nothing."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.calendar import Due
from crawler.errors import ReadError
from crawler.identifiers import Identifier
from crawler.links import Link
from crawler.readers.citeproc import key_of, read_citeproc, read_pmlr_citeproc
from crawler.samples.pmlr import Paper, Volume, render_citeproc, render_list, render_volume
from crawler.sighting import Author, Tag
from crawler.source import Fetched
from crawler.text import clean
from crawler.verdict import Seen, judge

NOON = datetime(2024, 8, 12, 12, tzinfo=UTC)
PAGE = "https://proceedings.mlr.press/v235/"
URL = f"{PAGE}assets/bib/citeproc.yaml"
SAMPLES = Path(__file__).parents[2] / "../shared/samples/pmlr"
texts = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=40)


def response(body: bytes, scope: str = "ICML2024", url: str = URL, at: datetime = NOON) -> Fetched:
    return Fetched(source="pmlr", scope=scope, url=url, status=200, headers={}, body=body, at=at)


def volume(*papers: Paper, **parts: Any) -> Volume:
    return Volume(**{"number": 235, "title": "Proceedings of ICML 2024", "papers": papers, **parts})


def paper(name: str = "lovelace24a", **parts: Any) -> Paper:
    return Paper(**{"name": name, "title": f"On {name}", **parts})


def test_a_paper_with_all_it_may_have() -> None:
    one = paper(
        title="The engine's '$n$' cards: a study",
        abstract="We don't say \\emph{how}.\n\n- title: 'no entry'",
        authors=(("Lovelace", "Ada"), ("de: Morgan", "Augustus"), ("'t Hooft", "Mary"), ("Aakash", "")),
        doi="10.1000/X.1",
    )
    page = read_citeproc(response(render_citeproc(volume(one, paper("b24a", abstract="")))))
    found, other = page.sightings
    assert (found.key, found.title) == ("v235/lovelace24a", "The engine's '$n$' cards: a study")
    assert found.abstract == "We don't say \\emph{how}. - title: 'no entry'"
    assert found.url == "https://proceedings.mlr.press/v235/lovelace24a.html"
    assert found.authors == (Author("Ada Lovelace"), Author("Augustus de: Morgan"), Author("Mary 't Hooft"), Author("Aakash"))
    assert found.identifiers == (Identifier("pmlr", "v235/lovelace24a"), Identifier("doi", "10.1000/x.1"))
    assert [link.kind for link in found.links] == ["pdf"]
    assert (found.action, found.tags, other.abstract) == ("new", (Tag("venue", "ICML2024"),), "")
    (claim,) = page.claims
    assert (claim.expected, claim.seen, page.whole, page.follow, page.rejects) == (None, 2, True, (PAGE,), ())


@settings(max_examples=50)
@given(st.lists(st.tuples(texts, texts), min_size=1, max_size=4))
def test_what_is_yaml_is_read_as_yaml(said: list[tuple[str, str]]) -> None:
    papers = [paper(f"a24{place}", title=f"On {title}", abstract=abstract) for place, (title, abstract) in enumerate(said)]
    body = render_citeproc(volume(*papers))
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    known = [(clean(one["title"], 500), clean(one["abstract"])) for one in yaml.load(body, loader)]
    assert [(one.title, one.abstract) for one in read_citeproc(response(body)).sightings] == known


@pytest.mark.parametrize("stray", [b"\x02", b"\x08", b"\xc2\x80\xc2\x9d", b"\xff\xfe", b"\xe2\x80", b"\0"])
def test_a_stray_character_costs_nothing_else(stray: bytes) -> None:
    body = render_citeproc(volume(paper("a24a"), paper("b24a"))).replace(b"On a24a", b"On a24a" + stray)
    with pytest.raises((yaml.YAMLError, UnicodeDecodeError)):
        yaml.safe_load(body)
    page = read_citeproc(response(body))
    assert [one.title.rstrip("\ufffd") for one in page.sightings] == ["On a24a", "On b24a"]
    assert (page.rejects, page.whole) == ((), True)


def test_prefixes_and_suffixes_are_parts_of_a_name() -> None:
    body = render_citeproc(volume(paper())).replace(
        b"given: Ada\n    family: Lovelace",
        b"given: Ada\n    prefix: van\n    family: Lovelace\n    suffix: III\n    orcid: 0000",
    )
    assert read_citeproc(response(body)).sightings[0].authors == (Author("Ada van Lovelace III"),)


def test_what_other_templates_may_add() -> None:
    body = render_citeproc(volume(paper())).replace(
        b"\n  page:",
        b"\n  openreview: 'AbC_d-9f0x'\n  software: \"https://github.com/ada/engine\"\n  arxiv: 2401.00001v1\n  page:",
    )
    (found,) = read_citeproc(response(body)).sightings
    assert found.identifiers[1:] == (Identifier("arxiv", "2401.00001"), Identifier("openreview", "AbC_d-9f0x"))
    assert Link("https://github.com/ada/engine", "code", official=True) in found.links


def test_a_volume_asked_for_by_number_has_its_edition_from_its_page() -> None:
    body = render_citeproc(volume(paper(), booktitle="Proceedings of the Workshop on Looms"))
    (found,) = read_citeproc(response(body, "v235")).sightings
    assert (found.tags, found.action) == ((Tag("track", "workshop"),), "new")
    (old,) = read_citeproc(response(body, "v235", at=datetime(2026, 8, 12, tzinfo=UTC))).sightings
    assert old.action is None


@pytest.mark.parametrize("cut", [b"b24a.html", b"On b24a", b"  - given: Charles", b"  issued:"])
def test_a_list_that_breaks_off_has_the_papers_before(cut: bytes) -> None:
    body = render_citeproc(volume(paper("a24a"), paper("b24a")))
    page = read_citeproc(response(body[: body.rindex(cut) + 2]))
    assert [one.key for one in page.sightings] == ["v235/a24a"]
    assert [one.why for one in page.rejects] == ["the list breaks off in this entry"]
    assert (page.whole, page.claims[0].seen) == (False, 2)


def test_one_bad_entry_costs_no_other() -> None:
    body = render_citeproc(volume(paper("a24a", title=""), paper("b24a"), paper("c24a")))
    page = read_citeproc(response(body.replace(b"URL: https://proceedings.mlr.press/v235/b24a.html", b"URL: elsewhere")))
    assert [one.key for one in page.sightings] == ["v235/c24a"]
    assert [(one.key, one.why) for one in page.rejects] == [("v235/a24a", "no title"), ("On b24a", "no id")]


def test_list_papers_and_page_follow_each_other_and_make_one_whole() -> None:
    one = volume(paper("a24a", openreview="AbC_d-9f0x", software="https://github.com/ada/engine"), paper("b24a"))
    pages = [
        read_pmlr_citeproc(response(render_list([one]), url="https://proceedings.mlr.press/proceedings.yaml")),
        read_pmlr_citeproc(response(render_citeproc(one))),
        read_pmlr_citeproc(response(render_volume(one), url=PAGE)),
    ]
    assert [page.follow for page in pages] == [(URL,), (PAGE,), ()]
    beside = pages[2].sightings[0]
    assert (beside.action, beside.abstract) == (None, "")
    assert Identifier("openreview", "AbC_d-9f0x") in beside.identifiers
    seen = Seen(
        claims=tuple(claim for page in pages for claim in page.claims),
        keys=frozenset(one.key for page in pages for one in page.sightings),
        dated=False,
    )
    verdict = judge(seen, None, Due(None, NOON))
    assert (verdict.kind, verdict.expected, verdict.seen) == ("complete", 2, 2)


def test_papers_that_the_page_has_and_the_list_has_not_are_missed() -> None:
    one = volume(paper("a24a"), paper("b24a"))
    claims = (
        *read_pmlr_citeproc(response(render_citeproc(replace(one, papers=one.papers[:1])))).claims,
        *read_pmlr_citeproc(response(render_volume(one), url=PAGE)).claims,
    )
    seen = Seen(claims=claims, keys=frozenset({"v235/a24a"}), dated=False)
    assert judge(seen, None, Due(None, NOON)).kind == "partial"


@pytest.mark.parametrize(
    "body",
    [b"", b"\n\n", b"<html><title>Just a moment</title></html>", b"[]", b"error: offline", b"404", b"- title", b"\xff" * 9],
)
def test_what_is_no_list_is_said_to_be_none(body: bytes) -> None:
    with pytest.raises(ReadError):
        read_citeproc(response(body))


def test_a_list_of_very_many_is_refused() -> None:
    for body in (b"- title: ''\n" * 50_002, b"- title: ''\n" + b"  - given: x\n" * 1_000_001):
        with pytest.raises(ReadError, match="more than"):
            read_citeproc(response(body))


@settings(max_examples=50)
@given(
    st.integers(0, 1500), st.binary(max_size=12) | st.sampled_from([b"'", b"- title: '", b"\n  author: ", b"\n  - given: x"])
)
def test_whatever_comes_is_a_list_or_is_none(place: int, noise: bytes) -> None:
    body = render_citeproc(volume(paper("a24a"), paper("b24a")))
    for altered in (body[:place] + noise, body[:place] + noise + body[place:], noise):
        try:
            page = read_citeproc(response(altered))
        except ReadError:
            continue
        assert len(page.sightings) + len(page.rejects) <= 4


def test_the_key_of_an_address() -> None:
    assert key_of("https://proceedings.mlr.press/v235/lovelace24a.html") == "v235/lovelace24a"


@pytest.mark.real
def test_real_papers() -> None:
    posts = sorted((SAMPLES / "v247_posts").glob("*.md")) if SAMPLES.exists() else []
    if not posts:
        pytest.skip("the real samples are not here")
    known = [yaml.safe_load(post.read_text().split("---\n")[1]) for post in posts]
    papers = tuple(
        Paper(
            name=one["id"],
            title=one["title"],
            abstract=one.get("abstract", ""),
            authors=tuple((person["family"], person.get("given", "")) for person in one["author"]),
        )
        for one in known
    )
    page = read_citeproc(response(render_citeproc(volume(*papers, number=247)), "COLT2024"))
    assert (page.rejects, page.whole, len(page.sightings)) == ((), True, len(posts))
    for one, raw in zip(page.sightings, known, strict=True):
        assert (one.title, one.abstract) == (clean(raw["title"], 500), clean(raw.get("abstract", "")))
        assert [author.name for author in one.authors] == [
            f"{person.get('given', '')} {person['family']}".strip() for person in raw["author"]
        ]
