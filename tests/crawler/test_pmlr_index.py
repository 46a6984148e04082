"""PMLR's list of volumes, in both its forms, and which of them is that of an edition."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.errors import ReadError
from crawler.programmes import Edition
from crawler.readers.pmlr_index import (
    Volume,
    choose,
    citeproc_address,
    core_of,
    edition_of,
    is_index,
    read_index,
    volume_address,
)
from crawler.samples import pmlr
from crawler.source import Fetched, Wanted
from crawler.sources import find
from crawler.venues import Catalogue, Venue, shipped

NOON = datetime(2026, 8, 12, 12, tzinfo=UTC)
LIST = "https://proceedings.mlr.press/proceedings.yaml"
INDEX = "https://proceedings.mlr.press/"
ICML = Venue(acronym="ICML", name="International Conference on Machine Learning", kind="conference")
COLT = Venue(acronym="COLT", name="Conference on Learning Theory", kind="conference", names=("Annual COLT",))
VENUES = Catalogue.of((ICML, COLT))
VOLUMES = tuple(
    pmlr.Volume(number=number, title=title)
    for number, title in (
        (251, "Proceedings of GRaM at ICML 2024"),
        (241, 'Proceedings on "No, it is not" at NeurIPS 2023 Workshops'),
        (235, "Proceedings of ICML 2024"),
        (99, "COLT 2019"),
        (125, "COLT 2020 Proceedings"),
        (75, "Proceedings of COLT 2018"),
        (60, "The 7th Workshop on Looms & Engines, ICML 2024"),
        (28, "ICML 2013, 3rd Cycle"),
        (19, "Proceedings of the 24th Annual Conference on Learning Theory 2011"),
        (15, "AISTATS 2011 "),
    )
)
both_forms = pytest.mark.parametrize(
    ("url", "body", "volume"),
    [
        (LIST, pmlr.render_list(VOLUMES), "https://proceedings.mlr.press/{}/assets/bib/citeproc.yaml"),
        (INDEX, pmlr.render_index(VOLUMES), "https://proceedings.mlr.press/{}/"),
    ],
    ids=["yaml", "page"],
)


def response(body: bytes, url: str = LIST, scope: str = "ICML2024") -> Fetched:
    return Fetched(source="pmlr", scope=scope, url=url, status=200, headers={}, body=body, at=NOON)


@both_forms
@pytest.mark.parametrize(
    ("scope", "name"),
    [
        ("ICML2024", "v235"),
        ("icml2024", "v235"),
        ("COLT2018", "v75"),
        ("COLT2019", "v99"),
        ("COLT2020", "v125"),
        ("ICML2013", "v28"),
        ("AISTATS2011", "v15"),
    ],
)
def test_the_volume_of_an_edition_follows_by_its_name_and_year(
    url: str, body: bytes, volume: str, scope: str, name: str
) -> None:
    page = read_index(response(body, url, scope))
    assert page.follow == (volume.format(name),)
    assert (page.sightings, page.claims, page.rejects, page.whole) == ((), (), (), True)


@both_forms
@pytest.mark.parametrize("scope", ["ICML2025", "NeurIPS2023", "GRaM2023", "LR2024", "ICML2024_findings", "Looms2024", "cs.CV"])
def test_an_edition_without_a_volume_has_an_empty_page(url: str, body: bytes, volume: str, scope: str) -> None:
    page = read_index(response(body, url, scope))
    assert (page.follow, page.claims, page.whole) == ((), (), True)


@both_forms
def test_workshops_are_the_volumes_that_only_mention_it(url: str, body: bytes, volume: str) -> None:
    page = read_index(response(body, url, "ICML2024_workshops"))
    assert page.follow == tuple(volume.format(name) for name in ("v251", "v60"))


def test_a_volume_is_found_by_every_name_of_its_venue_in_whatever_dress() -> None:
    volumes = [Volume(f"v{one.number}", one.title) for one in VOLUMES]
    assert choose(volumes, Edition("COLT", 2011), VENUES) == ("v19",)
    assert choose(volumes, Edition("Conference on Learning Theory", 2020), VENUES) == ("v125",)
    assert choose(volumes, Edition("COLT", 2011), Catalogue.of(())) == ()
    assert edition_of("The Thirty Seventh Annual Conference on Learning Theory", 2024, VENUES) == "COLT2024"
    assert edition_of("Looms and Engines", 2024, VENUES) == edition_of("", 2024, VENUES) == ""


@pytest.mark.parametrize(
    ("title", "core"),
    [
        (
            "Proceedings of the Forty-first International Conference on Machine Learning",
            "international conference on machine learning",
        ),
        ("Twentieth Conference on Learning Theory 2007", "conference on learning theory"),
        ("Proceedings of ICML2024", "icml"),
        ("Conference on Health, Inference, and Learning", "conference on health inference learning"),
        ("2024", ""),
        ("", ""),
    ],
)
def test_what_is_left_of_a_name(title: str, core: str) -> None:
    assert core_of(title) == core


def test_a_name_alone_is_no_volume_of_every_venue() -> None:
    assert choose([Volume("v1", "Proceedings of the 2024")], Edition("the", 2024), VENUES) == ()


@pytest.mark.parametrize(
    ("scope", "citeproc", "page"),
    [
        ("v235", "https://proceedings.mlr.press/v235/assets/bib/citeproc.yaml", "https://proceedings.mlr.press/v235/"),
        ("235", "https://proceedings.mlr.press/v235/assets/bib/citeproc.yaml", "https://proceedings.mlr.press/v235/"),
        ("r1", "https://proceedings.mlr.press/r1/assets/bib/citeproc.yaml", "https://proceedings.mlr.press/r1/"),
        ("ICML2024", LIST, INDEX),
    ],
)
def test_where_to_begin(scope: str, citeproc: str, page: str) -> None:
    wanted = Wanted(scope=scope)
    assert (citeproc_address(wanted), volume_address(wanted)) == (citeproc, page)
    assert is_index(citeproc) == is_index(page) == (scope == "ICML2024")


def test_a_list_in_which_a_volume_says_too_little_loses_that_one_alone() -> None:
    body = b'\n- volume: 1\n  url: x\n- volume: x\n  description: "ICML 2024"\n- volume: 3\n  description: ICML 2024\n'
    assert read_index(response(body)).follow == ("https://proceedings.mlr.press/v3/assets/bib/citeproc.yaml",)


def test_a_page_that_breaks_off_may_lack_the_volume() -> None:
    body = pmlr.render_index(VOLUMES)
    assert not read_index(response(body[: body.index(b"v235")], INDEX)).whole


@pytest.mark.parametrize("url", [LIST, INDEX])
@pytest.mark.parametrize(
    "body", [b"", b"<html><title>Just a moment</title></html>", b"[]", b"\xff\xfe\0", b"<li><a>x</a></li>"]
)
def test_what_is_no_list_is_said_to_be_none(url: str, body: bytes) -> None:
    with pytest.raises(ReadError):
        read_index(response(body, url))


@settings(max_examples=50)
@given(
    st.binary(max_size=60)
    | st.lists(st.sampled_from(["- volume: 1\n", "  description: ICML 2024\n", "<li>", "x"])).map(
        lambda parts: "".join(parts).encode()
    )
)
def test_whatever_comes_is_a_list_or_is_none(body: bytes) -> None:
    for url in (LIST, INDEX):
        try:
            read_index(response(body, url))
        except ReadError:
            continue


def test_the_source_has_two_routes_with_nothing_in_common_but_the_host() -> None:
    source = find("pmlr")
    asked = [[route.address(Wanted(scope=scope)) for route in source.routes] for scope in ("ICML2024", "v235")]
    assert len({url for urls in asked for url in urls}) == 4
    assert {(route.lasting, route.rules) for route in source.routes} == {(True, "robots")}
    assert source.volumes
    assert all(shipped().find(acronym) for acronym in source.venues)


@pytest.mark.parametrize("acronym", find("pmlr").venues)
def test_every_venue_of_the_source_is_found_by_its_acronym_and_by_its_name(acronym: str) -> None:
    venue = shipped().find(acronym)
    assert venue is not None
    for name in (acronym, venue.name):
        volumes = [Volume("v1", f"Proceedings of {name} 2024"), Volume("v2", f"{name} 2023 Proceedings")]
        assert choose(volumes, Edition(acronym, 2024), shipped()) == ("v1",)
        assert edition_of(f"The Twelfth {name}", 2024, shipped()) == f"{acronym}2024"
