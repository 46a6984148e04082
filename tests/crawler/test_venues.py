"""The catalogue of venues: what ships is whole and precise, and every venue is found by whatever it is called."""

import re
import tomllib
from collections import Counter
from dataclasses import fields
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler import venues
from crawler.programmes import Edition
from crawler.venues import Catalogue, Rank, Venue, plain, read_venue, shipped

FILE = Path(venues.__file__).with_name("venues.toml")
TABLES: list[dict[str, Any]] = tomllib.loads(FILE.read_text(encoding="utf-8"))["venues"]
CATALOGUE = Path(__file__).parents[2] / "../shared/samples/ccf/ccf_catalogue_dblp_url.tsv"
ALL = shipped().venues
SPELT = [(name, venue) for venue in ALL for name in venue.spellings]
KEYS = {field.name for field in fields(Venue)} - {"ranks"} | {"ccf", "core"}


def known(acronym: str) -> Venue:
    found = shipped().find(acronym)
    assert found is not None
    return found


def test_every_entry_loads_and_has_no_key_that_nobody_reads() -> None:
    assert len(ALL) == len(TABLES)
    assert [one.acronym for one in ALL] == [one["acronym"] for one in TABLES]
    assert {key for one in TABLES for key in one} <= KEYS
    assert {one.kind for one in ALL} == {"conference", "workshop", "journal"}
    assert shipped().ranked_on == date(2026, 4, 6)


def test_no_name_is_claimed_twice() -> None:
    claimed = Counter(plain(name) for name, _ in SPELT)
    assert {name for name, count in claimed.items() if count > 1} == set()
    assert all(claimed)


def test_acronyms_and_streams_and_issns_are_those_of_one_venue() -> None:
    for values in (
        [one.acronym.casefold() for one in ALL],
        [one.dblp for one in ALL if one.dblp],
        [issn for one in ALL for issn in one.issn],
    ):
        assert {value for value, count in Counter(values).items() if count > 1} == set()


def test_the_file_is_in_order() -> None:
    headings, order = [], [""]
    for line in FILE.read_text(encoding="utf-8").partition("\n\n")[2].splitlines():
        if re.fullmatch(r"# [a-z ]+", line):
            headings.append(line)
            order = [""]
        elif line.startswith("acronym = "):
            order.append(line.strip('"').casefold())
            assert order == sorted(order)
    assert headings == sorted(headings)
    assert len(headings) == len(set(headings)) > 1


@pytest.mark.parametrize("venue", ALL, ids=lambda venue: venue.acronym)
def test_a_venue_is_well_formed(venue: Venue) -> None:
    assert venue.acronym == venue.acronym.strip()
    assert Edition.parse(f"{venue.acronym}2026") == Edition(venue.acronym, 2026)
    assert re.fullmatch(r"(conf|journals)/[a-z0-9-]+|", venue.dblp)
    assert all(re.fullmatch(r"\d{4}-\d{3}[\dX]", issn) and is_right(issn) for issn in venue.issn)
    assert venue.month is None or 1 <= venue.month <= 12
    assert venue.every in (1, 2)
    assert (venue.every > 1) == (venue.first > 0)
    if venue.kind == "journal":
        assert (venue.month, venue.every) == (None, 1)
        assert venue.dblp.startswith("journals/")
    else:
        assert venue.issn == ()


def is_right(issn: str) -> bool:
    digits = ["0123456789X".index(digit) for digit in issn.replace("-", "")]
    return sum(digit * weight for digit, weight in zip(digits, range(8, 0, -1), strict=True)) % 11 == 0


@pytest.mark.parametrize("venue", [one for one in ALL if one.ranks], ids=lambda venue: venue.acronym)
def test_ranks_are_in_order_and_each_is_another_than_the_one_before(venue: Venue) -> None:
    assert all(rank.value in {"A", "B", "C"} for rank in venue.ranks[1:])
    assert venue.ranks[0].value in {"", "A", "B", "C"}
    assert all(one.since < two.since and one.value != two.value for one, two in pairwise(venue.ranks))
    assert {rank.since for rank in venue.ranks} <= {date(2022, 12, 1), shipped().ranked_on}


@pytest.mark.real
def test_ranks_are_those_of_the_real_catalogue() -> None:
    if not CATALOGUE.exists():
        pytest.skip("the real samples are not here")
    listed: dict[str, set[str]] = {}
    for line in CATALOGUE.read_text(encoding="utf-8").splitlines()[1:]:
        cells = line.split("\t")
        if len(cells) > 3 and cells[3]:  # some have no stream, and one has its columns parted by blanks
            listed.setdefault(cells[3].strip("/ "), set()).add(cells[0].strip())
    ours = {one.dblp: {rank} for one in ALL if (rank := one.rank("ccf", 2026))}
    theirs = {one.dblp: listed[one.dblp] for one in ALL if one.dblp in listed}
    assert ours == theirs
    assert len(theirs) > 100


@pytest.mark.parametrize(
    ("acronym", "year", "rank"),
    [
        ("CVPR", 2026, "A"),
        ("CVPR", 2012, "A"),  # before the first list we know: by that one
        ("ICLR", 2025, ""),
        ("ICLR", 2026, "A"),
        ("IJCAI", 2025, "A"),
        ("IJCAI", 2030, "B"),
        ("TMM", 2023, "B"),
        ("WACV", 2026, ""),
        ("Findings", 2024, ""),
    ],
)
def test_the_rank_of_a_year_stays_with_that_year(acronym: str, year: int, rank: str) -> None:
    assert known(acronym).rank("ccf", year) == rank


def test_a_new_list_changes_no_rank_of_before() -> None:
    then = Rank("ccf", date(2022, 12, 1), "C")
    old = Venue(acronym="X", name="X", kind="conference", ranks=(then, Rank("core", date(2021, 1, 1), "A*")))
    new = Venue(acronym="X", name="X", kind="conference", ranks=(Rank("ccf", date(2026, 4, 6), "B"), *old.ranks))
    assert [old.rank("ccf", year) for year in range(2010, 2026)] == [new.rank("ccf", year) for year in range(2010, 2026)]
    assert [new.rank("ccf", 2026), old.rank("ccf", 2026), new.rank("core", 2026), new.rank("none", 2026)] == [
        "B",
        "C",
        "A*",
        "",
    ]


@pytest.mark.parametrize(
    ("acronym", "held", "not_held"),
    [
        ("CVPR", (2012, 2025, 2026), ()),
        ("ICCV", (2011, 2013, 2023, 2025), (2012, 2024, 2026)),
        ("ECCV", (2012, 2024, 2026), (2013, 2025)),
        ("ACCV", (2022, 2024, 2026), (2023, 2025)),
        ("IPMI", (2023, 2025), (2024, 2026)),
        ("LREC", (2022, 2024, 2026), (2025,)),
        ("TPAMI", (), (2025, 2026)),
    ],
)
def test_some_are_held_every_other_year(acronym: str, held: tuple[int, ...], not_held: tuple[int, ...]) -> None:
    assert [year for year in (*held, *not_held) if known(acronym).is_held(year)] == [*held]


@pytest.mark.parametrize(
    ("name", "acronym"),
    [
        ("NIPS", "NeurIPS"),
        ("Advances in Neural Information Processing Systems", "NeurIPS"),
        ("International Conference on Neural Information Processing", "ICONIP"),
        ("IEEE Transactions on Pattern Analysis and Machine Intelligence", "TPAMI"),
        ("IEEE Trans. Pattern Anal. Mach. Intell.", "TPAMI"),
        ("T-PAMI", "TPAMI"),
        ("Proceedings of the IEEE/CVF Conference on Computer Vision and Pattern Recognition", "CVPR"),
        ("Proceedings of the AAAI Conference on Artificial Intelligence", "AAAI"),
        ("Computer Vision & Image Understanding", "CVIU"),
        ("ACMMM", "ACM MM"),
        ("RAL", "RA-L"),
        ("sigkdd", "KDD"),
        ("Pattern Recognition", "PR"),
        ("Findings of EMNLP", "Findings"),
        ("INTERSPEECH", "Interspeech"),
    ],
)
def test_a_venue_is_found_by_whatever_it_is_called(name: str, acronym: str) -> None:
    assert known(name).acronym == acronym


@pytest.mark.parametrize("name", ["", " ", "-", "MM", "arXiv", "Conference", "CVPR2026", "国际会议"])
def test_what_is_no_venue_is_not_found(name: str) -> None:
    assert shipped().find(name) is None


@given(st.sampled_from(SPELT), st.randoms(use_true_random=False))
def test_case_and_blanks_and_punctuation_make_no_difference(spelt: tuple[str, Venue], random: Any) -> None:
    name, venue = spelt
    told = "".join(
        random.choice((letter.upper(), letter.lower())) + random.choice(("", "", " ", "-", ".\u00a0")) for letter in name
    )
    assert shipped().find(told) is venue


@pytest.mark.parametrize(
    "phrase",
    [
        *("machine learning", "pattern recognition", "artificial intelligence", "neural networks", "computational linguistics"),
        *("medical image analysis", "computer vision and pattern recognition", "knowledge discovery and data mining"),
        *("acl", "pr", "cl", "rss", "kdd", "www", "log", "cviu", "clear", "alt", "tip", "chi", "media", "findings"),
    ],
)
def test_words_like_others_are_a_venue_only_where_one_is_stated(phrase: str) -> None:
    assert shipped().find(phrase) is not None
    assert [one.acronym for one in ALL if plain(phrase) in map(plain, one.in_text)] == []


def test_in_a_text_a_venue_has_its_names_and_its_acronym_if_nothing_else_is_called_so() -> None:
    assert known("ACL").in_text[0] == "Annual Meeting of the Association for Computational Linguistics"
    assert known("NeurIPS").in_text[:3] == ("NeurIPS", "Conference on Neural Information Processing Systems", "NIPS")
    assert known("Neural Networks").in_text == ()


@pytest.mark.parametrize(
    ("told", "edition"),
    [
        ("cvpr2026", "CVPR2026"),
        ("CVPR 2026", "CVPR2026"),
        (" CVPR-2026\n", "CVPR2026"),
        ("nips2018", "NeurIPS2018"),
        ("3dv 2026", "3DV2026"),
        ("ACM Multimedia 2024", "ACM MM2024"),
        ("CVPR2026_findings", "CVPR2026_findings"),
        ("iccv2025_Workshops", "ICCV2025_workshops"),
        ("Conference on Language Modeling (2025", "COLM2025"),
        ("tpami 2024", "TPAMI2024"),
        ("CVPR", None),
        ("2026", None),
        ("", None),
        ("Nowhere2026", None),
        ("CVPR20266", None),
        ("CVPR1826", None),
        ("CVPR 2026 in Denver", None),
        ("CVPR2026_", None),
        ("CVPR2026_work\u017fhops", None),
        ("v235", None),
    ],
)
def test_an_edition_is_brought_into_its_one_form(told: str, edition: str | None) -> None:
    assert shipped().canonical(told) == edition


@given(st.sampled_from(SPELT), st.integers(1900, 2099), st.sampled_from(["", " ", "-", " '", "\u00a0"]))
def test_every_spelling_has_editions_that_are_one_edition(spelt: tuple[str, Venue], year: int, gap: str) -> None:
    name, venue = spelt
    found = shipped().canonical(f"{name}{gap}{year}")
    assert found == f"{venue.acronym}{year}"
    assert shipped().canonical(found) == found
    assert Edition.parse(found) == Edition(venue.acronym, year)


@given(st.text(st.sampled_from("aV 3_-'20é\n１")) | st.text())
def test_any_other_text_is_no_edition(text: str) -> None:
    found = shipped().canonical(text)
    assert found is None or Edition.parse(found) is not None


def test_of_two_venues_of_one_name_the_first_has_it() -> None:
    one, two = (read_venue({"acronym": acronym, "name": "Same"}) for acronym in ("ONE", "TWO"))
    catalogue = Catalogue.of([one, two])
    assert (catalogue.find("same"), catalogue.find("two"), catalogue.ranked_on) == (one, two, None)
    assert (one.kind, one.ranks, one.is_held(2026), one.ambiguous) == ("conference", (), True, False)
