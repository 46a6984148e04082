"""Papers with Code's lists: the papers, their links and headings, and what is made of whatever else may come."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.errors import ReadError
from crawler.identifiers import Identifier
from crawler.links import Link
from crawler.readers.pwc_entry import edition
from crawler.readers.pwc_papers import (
    day_address,
    paper_address,
    read_day,
    read_paper,
    read_span,
    read_trending,
    span_address,
    trending_address,
)
from crawler.samples.paperswithcode import Catalogued, answer_list, render_paper
from crawler.sighting import KEY_LIMIT, Author, Claim, Count, Reject, Tag
from crawler.source import Fetched, Page, Reader, Wanted

THURSDAY = date(2026, 8, 13)
NOON = datetime(2026, 8, 14, 12, tzinfo=UTC)
URL = day_address(Wanted(scope="", day=THURSDAY))
PAPER = paper_address(Wanted(scope="", keys=("2608.00001",)))
SAMPLES = Path(__file__).parents[2] / "../shared/samples/pwc"
WORDS = ("id", "arxiv_id", "title", "authors", "tasks", "repositories", "url", "results", "count", "conference_name", "x")
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner),
    max_leaves=12,
)


def response(body: bytes, url: str = URL, scope: str = "") -> Fetched:
    return Fetched(source="paperswithcode", scope=scope, url=url, status=200, headers={}, body=body, at=NOON)


def catalogued(number: int = 1, **parts: Any) -> Catalogued:
    known: dict[str, Any] = {"id": f"2608.{number:05}", "title": f"Paper {number}", "published": THURSDAY}
    return Catalogued(**{**known, **parts})


def listed(*rows: object, **more: Any) -> bytes:
    applied = {"start_date": THURSDAY.isoformat(), "end_date": THURSDAY.isoformat()}
    return json.dumps({"count": len(rows), "results": rows, "applied_filters": applied, **more}).encode()


def read(url: str, papers: list[Catalogued], reader: Reader = read_day) -> Page:
    return reader(response(answer_list(url, papers), url))


def test_a_paper_with_all_it_may_have() -> None:
    one = catalogued(
        authors=("Ada Lovelace", "王力宏"),
        repositories=(("https://github.com/them/copy", False, 900), ("https://github.com/Me/Net.git", True, 12)),
        pages=("https://me.github.io/net/",),
        models=("https://huggingface.co/me/net",),
        tasks=("Object Detection", "Weaving"),
        methods=("Loom",),
        conference="CVPR 2026",
        citations=7,
    )
    (found,) = read(URL, [one]).sightings
    assert (found.key, found.title, found.url) == ("2608.00001", "Paper 1", "https://arxiv.org/abs/2608.00001")
    assert found.identifiers == (Identifier("arxiv", "2608.00001"),)
    assert found.authors == (Author("Ada Lovelace"), Author("王力宏"))
    assert found.links == (
        Link("https://github.com/Me/Net", "code", official=True),
        Link("https://github.com/them/copy", "code", official=False),
        Link("https://huggingface.co/me/net", "model"),
        Link("https://me.github.io/net/", "page"),
    )
    assert found.tags == (
        *(Tag("task", "Object Detection"), Tag("task", "Weaving"), Tag("method", "Loom")),
        Tag("venue", "CVPR2026"),
    )
    assert found.counts == (Count("citations", 7), Count("stars", 12))
    assert (found.second_hand, found.action, found.announced_on) == (True, "new", THURSDAY)


def test_the_stars_are_those_of_the_repository_named_first() -> None:
    theirs, ours = ("https://github.com/them/copy", False, 900), ("https://github.com/me/net", True, 12)
    for repositories, stars in (((theirs, ours), 12), ((theirs,), 900)):
        (found,) = read(URL, [catalogued(repositories=repositories)]).sightings
        assert Count("stars", stars) in found.counts


def test_a_day_says_how_many_it_has_and_goes_on_until_all_are_read() -> None:
    papers = [catalogued(number) for number in range(1, 232)]
    url = URL
    keys: list[str] = []
    claims: list[Claim] = []
    for _ in range(3):
        page = read(url, papers)
        keys += [one.key for one in page.sightings]
        claims += page.claims
        url = page.follow[0] if page.follow else ""
    assert (len(set(keys)), len(keys), url) == (231, 231, "")
    assert [(claim.expected, claim.seen) for claim in claims] == [(231, 100), (231, 100), (231, 31)]
    assert {claim.announced_on for claim in claims} == {THURSDAY}
    assert page.kind == "announcement"
    assert page.dated


@pytest.mark.parametrize("says", ["count", "next", "page_size", "count and page_size"])
def test_a_server_with_smaller_pages_than_were_asked_for_is_read_to_its_end(says: str) -> None:
    url, keys, asked = URL, list[int](), 0
    while url and asked < 9:
        number = int(dict(parse_qsl(urlsplit(url).query))["page"])
        rows = [{"id": str(10_000 + one), "title": f"Paper {one}"} for one in range(130)][(number - 1) * 50 : number * 50]
        said: dict[str, object] = {"count": 130, "next": "https://paperswithcode.co/x" if number < 3 else None, "page_size": 50}
        answer = {name: value for name, value in said.items() if name in says}
        page = read_day(response(listed(*rows, **{"count": None, **answer}), url))
        keys += [int(one.key.removeprefix("id:")) for one in page.sightings]
        url, asked = next(iter(page.follow), ""), asked + 1
    assert (sorted(keys), asked, page.whole) == (list(range(10_000, 10_130)), 3, True)


def test_several_days_are_a_catalogue_from_the_oldest_on() -> None:
    papers = [catalogued(number, published=date(2026, 1 + number % 7, 3)) for number in range(150)]
    url = span_address(Wanted(scope="", since=date(2026, 3, 1), until=date(2026, 6, 30)))
    page = read(url, papers, read_span)
    assert (page.kind, page.claims, page.total, len(page.sightings), page.follow) == ("catalogue", (), 85, 85, ())
    assert page.reached == date(2026, 6, 3)
    assert {one.action for one in page.sightings} == {None}


def test_a_back_fill_of_one_day_announces_nothing() -> None:
    url = span_address(Wanted(scope="", since=THURSDAY, until=THURSDAY))
    page = read(url, [catalogued()], read_span)
    assert (page.kind, page.claims, page.as_of, [one.action for one in page.sightings]) == (
        "catalogue",
        (),
        NOON.date(),
        [None],
    )


def test_a_list_longer_than_its_pages_goes_on_at_the_day_it_has_come_to() -> None:
    papers = [catalogued(number, published=date(2026, 1 + number // 6000, 3)) for number in range(1, 12_001)]
    url, keys, asked = span_address(Wanted(scope="", since=date(2026, 1, 1))), set[str](), 0
    while url:
        page = read(url, papers, read_span)
        keys |= {one.key for one in page.sightings}
        url, asked = next(iter(page.follow), ""), asked + 1
        assert page.whole
    assert (len(keys), asked) == (12_000, 161)


def test_a_single_day_longer_than_its_pages_is_not_whole() -> None:
    url = span_address(Wanted(scope="", since=THURSDAY, until=THURSDAY)).replace("&page=1", "&page=100")
    page = read(url, [catalogued(number) for number in range(1, 10_100)], read_span)
    assert (len(page.sightings), page.follow, page.whole) == (100, (), False)


@pytest.mark.parametrize(
    "entries",
    [
        [{"paper_url": "https://a.example.org/1/full"}, {"paper_url": "https://a.example.org/2/full"}],
        [{"paper_url": "https://a.example.org/3/516"}, {"id": 516}, {"id": "5160"}, {"id": "slug-516"}],
        [{"route_identifier": "math/0112017"}, {"route_identifier": "cs/0112017"}],
        [{"route_identifier": "10.1109/5.77"}, {"route_identifier": "10.1145/5.77"}],
        [{"id": "long-" * 20 + "one"}, {"id": "long-" * 20 + "two"}],
        [{"paper_url": f"https://paperswithcode.com/paper/{'long-' * 20}{end}"} for end in ("one", "two")],
    ],
)
def test_two_papers_never_have_one_key(entries: list[dict[str, Any]]) -> None:
    page = read_day(response(listed(*({"title": "A", **entry} for entry in entries))))
    keys = [one.key for one in page.sightings]
    assert len(set(keys)) == len(entries)
    assert all(len(key) <= KEY_LIMIT for key in keys)


@pytest.mark.parametrize(
    ("scope", "filters"),
    [
        ("", ""),
        ("CVPR2026", "conference=CVPR+2026&"),
        ("CVPR 2026", "conference=CVPR+2026&"),
        ("3DV2026", "conference=3DV+2026&"),
        ("task:Object Detection", "task=Object+Detection&"),
        ("method:Loom", "method=Loom&"),
    ],
)
def test_an_edition_a_task_or_a_method_is_asked_for_by_its_name(scope: str, filters: str) -> None:
    url = day_address(Wanted(scope=scope, day=THURSDAY))
    assert url.startswith(f"https://paperswithcode.co/api/v1/papers/?{filters}start_date=2026-08-13&end_date=2026-08-13&")
    papers = [
        catalogued(1, conference="CVPR 2026", tasks=("Object Detection",)),
        catalogued(2, conference="3DV 2026", methods=("Loom",)),
    ]
    assert len(read(url, papers).sightings) == (1 if filters else 2)


@pytest.mark.parametrize(
    "applied", [None, {}, {"start_date": "2026-08-13"}, {"start_date": "2026-08-13", "end_date": None}, []]
)
def test_a_list_of_other_days_than_were_asked_for_is_refused(applied: object) -> None:
    with pytest.raises(ReadError, match="has not applied"):
        read_day(response(listed({"id": 1, "title": "A"}, applied_filters=applied)))


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"<!doctype html><title>Just a moment</title>", "a web page where JSON was promised"),
        (b"", "no JSON"),
        (b'{"count": 1, "resu', "no JSON"),
        (b"\xff\xfe", "not UTF-8"),
        (b"null", "no list of papers"),
        (b'{"detail": "Not found"}', "no list of papers"),
        (b'{"results": {"id": 1}}', "no list of papers"),
    ],
)
def test_what_is_no_list_is_refused(body: bytes, why: str) -> None:
    with pytest.raises(ReadError, match=why):
        read_day(response(body))


def test_entries_that_cannot_be_read_cost_only_themselves() -> None:
    page = read_day(response(listed(None, 3, [], {}, {"id": "a"}, {"title": "B"}, {"id": "c", "title": "C\r\n c"})))
    assert [(one.key, one.title) for one in page.sightings] == [("c", "C c")]
    assert page.rejects == (
        *(Reject(key=f"entry {place}", why="no id") for place in (1, 2, 3, 4)),
        Reject(key="a", why="no title"),
        Reject(key="entry 6", why="no id"),
    )
    assert page.claims[0].seen == 7


def test_a_paper_with_null_everywhere_has_what_is_left() -> None:
    row = dict.fromkeys(json.loads(render_paper(catalogued()))) | {"id": 17, "title": "A"}
    (found,) = read_day(response(listed(row))).sightings
    assert (found.key, found.url, found.identifiers) == ("id:17", "https://paperswithcode.co/paper/17", ())
    assert not any((found.authors, found.links, found.tags, found.counts))


@pytest.mark.parametrize(
    ("parts", "names"),
    [
        ({"arxiv_id": "2608.00001v3"}, {"arxiv:2608.00001"}),
        ({"arxiv_id": "cs/0101001v1"}, {"arxiv:cs/0101001"}),
        ({"arxiv_id": None, "url_abs": "http://arxiv.org/abs/2608.00001v5"}, {"arxiv:2608.00001"}),
        ({"url_abs": "https://doi.org/10.1145/1234.5678"}, {"doi:10.1145/1234.5678"}),
        ({"source_url": "https://doi.org/10.48550/arXiv.2608.00001"}, {"arxiv:2608.00001"}),
        (
            {"arxiv_id": "2608.00001", "url_abs": "https://doi.org/10.1145/1234.5678"},
            {"arxiv:2608.00001", "doi:10.1145/1234.5678"},
        ),
        ({"arxiv_id": "nonsense", "url_abs": 7}, set()),
    ],
)
def test_the_names_of_a_paper(parts: dict[str, Any], names: set[str]) -> None:
    (found,) = read_day(response(listed({"id": "x", "title": "A", **parts}))).sightings
    assert set(map(str, found.identifiers)) == names


def test_one_repository_in_two_spellings_is_one() -> None:
    addresses = ("https://github.com/Me/Net", "https://github.com/me/net/tree/main", "http://www.github.com/me/net.git")
    (found,) = read_day(response(listed({"id": "x", "title": "A", "repositories": list(addresses)}))).sightings
    assert found.links == (Link("https://github.com/Me/Net", "code"),)


def test_an_old_paper_that_is_listed_late_is_not_announced() -> None:
    url = day_address(Wanted(scope="", day=date(2026, 5, 16)))
    (found,) = read(url, [catalogued(published=date(2026, 5, 16))]).sightings
    assert (found.action, found.announced_on) == (None, date(2026, 5, 16))


def test_the_page_of_one_paper() -> None:
    one = catalogued(repositories=(("https://github.com/me/net", True, 3),))
    page = read_paper(response(render_paper(one), PAPER))
    assert (page.kind, page.sightings[0].links) == ("catalogue", (Link("https://github.com/me/net", "code", official=True),))
    assert read_paper(response(b"{}", PAPER)).rejects == (Reject(key="", why="no id"),)
    with pytest.raises(ReadError, match="no paper"):
        read_paper(response(b"[]", PAPER))


def test_what_is_talked_about_is_one_page_and_not_announced() -> None:
    url = trending_address(Wanted(scope=""))
    assert url == "https://paperswithcode.co/api/v1/papers/trending?limit=100&max_age_days=90"
    rows = json.loads(
        answer_list("https://paperswithcode.co/api/v1/papers/?page_size=100", [catalogued(n) for n in range(120)])
    )
    for body in (rows, rows["results"]):
        page = read_trending(response(json.dumps(body).encode(), url))
        assert (page.kind, page.claims, page.follow, len(page.sightings)) == ("catalogue", (), (), 100)
        assert {one.action for one in page.sightings} == {None}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("CVPR 2026", "CVPR2026"),
        ("CVPR 2019 6", "CVPR2019"),
        ("3DV 2026", "3DV2026"),
        ("neurips-2019-12", "NEURIPS2019"),
        ("NeurIPS2023", "NeurIPS2023"),
        ("ICLR 2020 1", "ICLR2020"),
        ("proceedings-of-the-27th-international", ""),
        ("CVPR 20261", ""),
        ("2026 CVPR", ""),
        ("", ""),
    ],
)
def test_the_edition_that_a_text_begins_with(text: str, found: str) -> None:
    assert edition(text) == found


@given(st.lists(values, max_size=5), values, values)
def test_whatever_comes_every_entry_is_a_paper_or_a_reject(rows: list[Any], count: Any, extra: Any) -> None:
    page = read_day(response(listed(*rows, count=count, x=extra)))
    assert len(page.sightings) + len(page.rejects) == len(rows)
    assert all(one.title and one.key for one in page.sightings)


@given(values)
def test_whatever_comes_a_page_is_read_or_refused(value: Any) -> None:
    for reader in (read_day, read_span, read_paper):
        try:
            reader(response(json.dumps(value).encode()))
        except ReadError:
            continue


@pytest.mark.real
def test_the_old_api_in_which_the_successor_writes_too() -> None:
    if not SAMPLES.is_dir():
        pytest.skip("the real samples are not here")
    body = (SAMPLES / "api_v1_paper_list_response.json").read_bytes()
    page = read_span(response(body, "https://paperswithcode.co/api/v1/papers/?page=1"))
    assert (len(page.sightings), page.rejects, page.total) == (50, (), 761_618)
    rows = json.loads(body)["results"]
    expected = [row["arxiv_id"] or row["id"] for row in rows]
    assert [one.key for one in page.sightings] == expected
    assert not any(link for one in page.sightings for link in one.links)
    (gan,) = read_paper(response((SAMPLES / "api_v1_paper_get_response.json").read_bytes(), PAPER)).sightings
    assert (gan.key, gan.authors[0].name, gan.tags) == ("1406.2661", "Ian J. Goodfellow", ())
