"""Collections of the ACL Anthology: both forms of the XML, volumes and tracks, and what is made of whatever else comes."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.errors import ReadError
from crawler.identifiers import Identifier
from crawler.links import Link
from crawler.readers.acl_anthology import key_of, read_acl_anthology
from crawler.readers.acl_volume import Volume as Named
from crawler.readers.acl_volume import collection_address, collection_of, volume_of
from crawler.samples.acl_anthology import Paper, Volume, render_collection
from crawler.sighting import Author, Tag
from crawler.source import Fetched, Page, Wanted
from crawler.sources import find
from crawler.text import clean
from crawler.venues import shipped

NOON = datetime(2026, 8, 12, 12, tzinfo=UTC)
SAMPLES = Path(__file__).parents[2] / "../shared/samples/aclanthology"
LONG = "Proceedings of the 63rd Annual Meeting on Engines (Volume 1: Long Papers)"
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


def response(body: bytes, scope: str = "ACL2025") -> Fetched:
    url = collection_address(Wanted(scope=scope))
    return Fetched(source="acl", scope=scope, url=url, status=200, headers={}, body=body, at=NOON)


def volume(*papers: Paper, **parts: Any) -> Volume:
    return Volume(**{"name": "long", "title": LONG, "venues": ("acl",), "year": 2025, "papers": papers, **parts})


def paper(number: int = 1, **parts: Any) -> Paper:
    return Paper(**{"number": number, "title": f"Paper {number}", **parts})


def read(*volumes: Volume, scope: str = "ACL2025", collection: str = "2025.acl", hashed: bool = True) -> Page:
    return read_acl_anthology(response(render_collection(collection, volumes, hashed=hashed), scope))


def tags(page: Page, kind: str) -> list[str]:
    (found,) = page.sightings
    return [tag.value for tag in found.tags if tag.kind == kind]


@pytest.mark.parametrize("hashed", [True, False])
def test_a_paper_with_all_it_may_have(*, hashed: bool) -> None:
    one = paper(
        7,
        title="<fixed-case>L</fixed-case>ooms &amp; <i>engines<b>!</b></i> of <tex-math>n^2</tex-math> cards",
        abstract="See <url>https://example.org/a</url>:\n  <tex-math>\\alpha</tex-math>.",
        authors=(("Ada", "Lovelace"), ("", "Aakash")),
        affiliation="Analytical  Society",
        doi="10.1000/2025.ACL-long.7",
        code="https://github.com/ada/engine",
        awards=("Best Paper", "Outstanding <b>Paper</b>"),
    )
    page = read(volume(one), hashed=hashed)
    (found,) = page.sightings
    assert (found.key, found.url) == ("2025.acl-long.7", "https://aclanthology.org/2025.acl-long.7/")
    assert (found.title, found.abstract) == ("Looms & engines! of $n^2$ cards", "See https://example.org/a: $\\alpha$.")
    assert found.authors == (Author("Ada Lovelace", "Analytical Society"), Author("Aakash", "Analytical Society"))
    assert found.identifiers == (Identifier("acl", "2025.acl-long.7"), Identifier("doi", "10.1000/2025.acl-long.7"))
    assert found.links == (
        Link("https://aclanthology.org/2025.acl-long.7.pdf", "pdf"),
        Link("https://github.com/ada/engine", "code"),
    )
    assert (tags(page, "venue"), tags(page, "track")) == (["ACL2025"], ["long", "best paper", "outstanding paper"])
    assert (found.action, found.withdrawn, found.announced_on) == ("new", False, None)
    (claim,) = page.claims
    assert (claim.expected, claim.seen, page.whole, page.follow, page.rejects) == (1, 1, True, (), ())


@pytest.mark.parametrize("how", ['<retracted date="2025-08-01">An error.</retracted>', '<removed date="2025-08-01"/>'])
def test_what_was_retracted_or_removed_is_withdrawn(how: str) -> None:
    (found,) = read(volume(paper(beside=how))).sightings
    assert found.withdrawn


def test_a_paper_that_is_elsewhere_or_nowhere() -> None:
    body = render_collection("2025.acl", [volume(paper(1), paper(2), paper(3))], hashed=False)
    body = body.replace(b">2025.acl-long.1<", b">http://Example.org/a.pdf<")
    body = body.replace(b'<url hash="a3b4bfc3">2025.acl-long.2</url>', b"")
    links = [one.links for one in read_acl_anthology(response(body)).sightings]
    assert links == [
        (Link("http://example.org/a.pdf", "pdf"),),
        (),
        (Link("https://aclanthology.org/2025.acl-long.3.pdf", "pdf"),),
    ]


@pytest.mark.parametrize(
    ("parts", "track"),
    [
        ({"name": "short"}, ["short"]),
        ({"name": "main"}, ["main"]),
        ({"name": "demos"}, ["demo"]),
        ({"name": "industry"}, ["industry"]),
        ({"name": "srw"}, ["srw"]),
        ({"name": "tutorials"}, ["tutorial"]),
        ({"name": "acl", "venues": ("findings",)}, ["findings"]),
        ({"name": "1", "venues": ("looms", "ws"), "title": "Tutorial Looms"}, ["workshop"]),
        ({"name": "1", "venues": ("looms",), "title": "Proceedings of the 3rd Workshop on Looms"}, ["workshop"]),
        ({"name": "1", "title": LONG}, ["long"]),
        ({"name": "2", "title": "Proceedings of a Meeting (Short Papers)"}, ["short"]),
        ({"name": "3", "title": "Proceedings of a Meeting: System Demonstrations"}, ["demo"]),
        ({"name": "1", "title": "Transactions on Engines, Volume 13", "venues": ("tacl",), "kind": "journal"}, []),
    ],
)
def test_the_track_is_what_the_volume_is(parts: dict[str, Any], track: list[str]) -> None:
    assert tags(read(volume(paper(), **parts)), "track") == track


@pytest.mark.parametrize(
    ("collection", "parts", "edition"),
    [
        ("2025.acl", {}, ["ACL2025"]),
        ("2025.tacl", {"name": "1", "venues": ("tacl",)}, ["TACL2025"]),
        ("2025.findings", {"name": "emnlp", "venues": ("findings",)}, ["EMNLP2025 findings"]),
        ("2025.looms", {"name": "1", "venues": ("ws", "looms")}, ["LOOMS2025 workshop"]),
        ("2025.looms", {"name": "1", "venues": ()}, []),
        ("J89", {"name": "1", "venues": ("cl",), "year": 1989}, ["CL1989"]),
    ],
)
def test_the_edition_is_that_of_the_scope_or_else_of_the_volume(
    collection: str, parts: dict[str, Any], edition: list[str]
) -> None:
    assert tags(read(volume(paper(), **parts), scope=collection, collection=collection), "venue") == edition
    (asked,) = tags(read(volume(paper(), **parts), scope="COLING2024", collection=collection), "venue")
    assert asked.split()[0] == "COLING2024"


def test_findings_of_one_conference_are_those_of_its_volume() -> None:
    volumes = [volume(paper(1), paper(2), name=name, venues=("findings",)) for name in ("acl", "emnlp")]
    page = read(*volumes, scope="EMNLP2025_findings", collection="2025.findings")
    assert [one.key for one in page.sightings] == ["2025.findings-emnlp.1", "2025.findings-emnlp.2"]
    assert {tag for one in page.sightings for tag in one.tags} == {Tag("venue", "EMNLP2025 findings"), Tag("track", "findings")}
    assert [(claim.expected, claim.seen) for claim in page.claims] == [(2, 2)]
    everything = read(*volumes, scope="Findings2025", collection="2025.findings")
    assert {tag.value for one in everything.sightings for tag in one.tags} == {
        "ACL2025 findings",
        "EMNLP2025 findings",
        "findings",
    }
    assert not read(*volumes, scope="EACL2025_findings", collection="2025.findings").claims


def test_findings_of_a_conference_may_go_by_another_of_its_names() -> None:
    page = read(volume(paper(1), name="ijcnlp", venues=("findings",)), scope="AACL2025_findings", collection="2025.findings")
    assert tags(page, "venue") == ["AACL2025 findings"]


@pytest.mark.parametrize(
    ("scope", "collection"),
    [
        ("ACL2025", "2025.acl"),
        ("EMNLP2020", "2020.emnlp"),
        ("ACL2019", "P19"),
        ("NAACL2009", "N09"),
        ("TACL2025", "2025.tacl"),
        ("SemEval2018", "2018.semeval"),
        ("Findings2025", "2025.findings"),
        ("NAACL2025_findings", "2025.findings"),
        ("COLING2024", "2024.lrec"),
        ("AACL2025", "2025.ijcnlp"),
        ("2025.acl", "2025.acl"),
        ("J89", "J89"),
    ],
)
def test_where_an_edition_is(scope: str, collection: str) -> None:
    address = f"https://raw.githubusercontent.com/acl-org/acl-anthology/master/data/xml/{collection}.xml"
    assert (collection_of(scope), collection_address(Wanted(scope=scope))) == (collection, address)


@pytest.mark.parametrize(
    ("collection", "name", "number", "key"),
    [
        ("J89", "1", "1", "J89-1001"),
        ("W19", "5", "12", "W19-0512"),
        ("D19", "1", "7", "D19-1007"),
        ("D19", "50", "7", "D19-5007"),
        ("C69", "1", "1", "C69-0101"),
        ("2025.acl", "long", "1141", "2025.acl-long.1141"),
        ("2025.acl", "long", "x", ""),
        ("2025.acl", "a/b", "1", ""),
        ("J89", "x", "1", ""),
        ("cs.CV", "1", "1", ""),
        ("2025.acl", "long", "², ", ""),
    ],
)
def test_the_id_of_a_paper(collection: str, name: str, number: str, key: str) -> None:
    assert Named(collection=collection, name=name).paper(number) == key
    assert not key or key_of(f"https://aclanthology.org/{key}/") == key


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://aclanthology.org/2025.acl-long.2/", "2025.acl-long.2"),
        ("https://aclanthology.org/2025.acl-long.2.pdf", "2025.acl-long.2"),
        ("http://aclanthology.org/P19-1001v2.pdf", "P19-1001"),
        ("https://www.aclweb.org/anthology/P19-1001/", "P19-1001"),
        ("https://aclanthology.org/volumes/2025.acl-long/", ""),
        ("https://aclanthology.org.example.org/P19-1001/", ""),
        ("", ""),
    ],
)
def test_the_key_of_an_address(url: str, key: str) -> None:
    assert key_of(url) == key


def test_the_volume_that_an_id_tells() -> None:
    found = volume_of("2025.findings-emnlp.12")
    assert found is not None
    assert (found.collection, found.name, found.edition, found.track) == ("2025.findings", "emnlp", "EMNLP2025", "findings")
    assert volume_of("P19-1001") is None


def test_a_collection_without_volumes_has_nothing_yet() -> None:
    page = read()
    assert (page.sightings, page.claims, page.whole) == ((), (), True)


@pytest.mark.parametrize("cut", [b"Paper 3", b"Paper 2", b"<title>Paper 1", b"<volume"])
def test_a_collection_that_breaks_off_has_the_papers_before(cut: bytes) -> None:
    body = render_collection("2025.acl", [volume(paper(1), paper(2), paper(3))])
    page = read_acl_anthology(response(body[: body.index(cut)]))
    assert len(page.sightings) == {b"Paper 3": 2, b"Paper 2": 1}.get(cut, 0)
    assert (page.whole, page.rejects, [claim.expected for claim in page.claims]) == (False, (), [None] * bool(page.sightings))


def test_one_bad_paper_costs_no_other() -> None:
    body = render_collection("2025.acl", [volume(paper(1, title=""), paper(2), paper(3))])
    page = read_acl_anthology(response(body.replace(b'<paper id="2">', b'<paper id="two">')))
    assert [one.key for one in page.sightings] == ["2025.acl-long.3"]
    assert [(one.key, one.why) for one in page.rejects] == [("2025.acl-long.1", "no title"), ("2025.acl-long.two", "no id")]
    assert (page.claims[0].expected, page.claims[0].seen) == (3, 3)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"404: Not Found",
        b"<html><title>Just a moment</title></html>",
        b"<papers><paper id='1'><title>T</title></paper></papers>",
        b"<x><collection id='2025.acl'/></x>",
        b"<collection/>",
        b"\xff\xfe\0",
        b"<?xml version='1.0' encoding='no-such'?><collection id='2025.acl'/>",
        b"<paper" * 50_001,
        b"<" * 2_000_001,
    ],
    ids=range(10),
)
def test_what_is_no_collection_is_said_to_be_none(body: bytes) -> None:
    with pytest.raises(ReadError):
        read_acl_anthology(response(body))


def test_entities_are_not_put_in() -> None:
    declared = f'<!DOCTYPE collection [<!ENTITY l0 "x">{LAUGHS}<!ENTITY f SYSTEM "file:///etc/hostname">]>'.encode()
    body = render_collection("2025.acl", [volume(paper(1, title="A &l9; &f; B"))]).replace(b"?>\n", b"?>\n" + declared, 1)
    page = read_acl_anthology(response(body))
    assert all(len(one.title) < 20 for one in page.sightings)


@settings(max_examples=50)
@given(st.integers(0, 2500), st.binary(max_size=12) | st.sampled_from([b"<paper id='1'>", b"</volume>", b"<meta>", b"&nbsp;"]))
def test_whatever_comes_is_a_collection_or_is_none(place: int, noise: bytes) -> None:
    body = render_collection("2025.acl", [volume(paper(1), paper(2)), volume(paper(1), name="short")])
    for altered in (body[:place] + noise, body[:place] + noise + body[place:], noise):
        try:
            page = read_acl_anthology(response(altered))
        except ReadError:
            continue
        assert len(page.sightings) + len(page.rejects) <= 4


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "scope", "papers", "without_authors"),
    [("2022.acl.xml", "ACL2022", 774, 0), ("J89.xml", "J89", 58, 17), ("2025.acl.first2.xml", "2025.acl", 2, 0)],
)
def test_a_real_collection(name: str, scope: str, papers: int, without_authors: int) -> None:
    sample = SAMPLES / name
    if not sample.exists():
        pytest.skip("the real samples are not here")
    body = sample.read_bytes()
    page = read_acl_anthology(response(body, scope))
    assert (len(page.sightings), page.rejects, page.whole) == (papers, (), True)
    assert [(claim.expected, claim.seen) for claim in page.claims] == [(papers, papers)]
    assert body.count(b"<paper ") == papers
    for one in page.sightings:
        assert one.key == key_of(one.url)
        assert one.title == clean(one.title, 500)
        assert [link.kind for link in one.links].count("pdf") == 1
        # In the older form every paper says its own id.
        assert name.startswith("2025") or f">{one.key}</url>".encode() in body
    # Lists of books received, indexes and the like have none.
    assert sum(not one.authors for one in page.sightings) == without_authors
    assert body.count(b"<doi>10.18653/v1/2022.acl-") in (0, sum(len(one.identifiers) == 2 for one in page.sightings))


def test_the_source_knows_editions_and_collections() -> None:
    source = find("acl")
    (route,) = source.routes
    assert (route.lasting, route.rules, source.volumes) == (True, "robots", True)
    assert all(shipped().find(acronym) for acronym in source.venues)
    assert route.address(Wanted(scope="EMNLP2025_findings")).endswith("/2025.findings.xml")
