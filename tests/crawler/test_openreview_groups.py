"""OpenReview's groups: of which edition each is, what is accepted by its name, and where the lists are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.readers.openreview_groups import ACRONYMS, Group, groups_of, list_address


@pytest.mark.parametrize(
    ("name", "edition", "part"),
    [
        ("ICLR.cc/2025/Conference", "ICLR2025", ()),
        ("NeurIPS.cc/2024/Datasets_and_Benchmarks_Track", "NeurIPS2024", ("datasets and benchmarks",)),
        ("NeurIPS.cc/2023/Track/Datasets_and_Benchmarks", "NeurIPS2023", ("datasets and benchmarks",)),
        ("ICML.cc/2025/Position_Paper_Track", "ICML2025", ("position paper",)),
        ("robot-learning.org/CoRL/2024/Conference", "CoRL2024", ()),
        ("colmweb.org/COLM/2025/Conference", "COLM2025", ()),
        ("ICLR.cc/2025/Workshop/SCI-FM", "ICLR2025", ("workshop", "SCI-FM")),
        ("NeurIPS.cc/2025/Workshop_Mexico_City/Looms", "NeurIPS2025", ("workshop", "Looms")),
        ("ICLR.cc/2024/TinyPapers", "ICLR2024", ("tinypapers",)),
        ("TMLR", "", ()),
    ],
)
def test_a_group_of_what_is_accepted(name: str, edition: str, part: tuple[str, ...]) -> None:
    group = Group(name)
    assert (group.is_venue, group.edition, group.part) == (True, edition, part)


@pytest.mark.parametrize(
    "name",
    [
        "ICLR.cc/2025/Conference/Submission",
        "ICLR.cc/2025/Conference/Rejected_Submission",
        "ICLR.cc/2025/Conference/Withdrawn_Submission",
        "ICLR.cc/2025/Conference/Desk_Rejected_Submission",
        "ICLR.cc/2025/Conference/Rejected",
        "ICLR.cc/2025/Workshop/Looms/Rejected_Submission",
        "OpenReview.net/Public_Article",
        "OpenReview.net/Archive",
        "dblp.org/journals/CORR/2025",
        "dblp.org/conf/ICLR/2025",
        "DBLP.org/conf/2025/ICLR",
        "TMLR/Under_Review",
        "ICLR.cc/2025",
        "ICLR.cc",
        "",
    ],
)
def test_a_group_of_what_nobody_has_accepted(name: str) -> None:
    assert not Group(name).is_venue


@pytest.mark.parametrize(
    ("scope", "names"),
    [
        ("ICLR2025", ["ICLR.cc/2025/Conference"]),
        ("NeurIPS2023", ["NeurIPS.cc/2023/Conference", "NeurIPS.cc/2023/Track/Datasets_and_Benchmarks"]),
        (
            "NeurIPS2025",
            [
                "NeurIPS.cc/2025/Conference",
                "NeurIPS.cc/2025/Datasets_and_Benchmarks_Track",
                "NeurIPS.cc/2025/Position_Paper_Track",
            ],
        ),
        ("ICML2024", ["ICML.cc/2024/Conference"]),
        ("CoRL2024", ["robot-learning.org/CoRL/2024/Conference"]),
        ("TMLR", ["TMLR"]),
        ("CVPR2026", []),
        ("ICLR2025_workshops", []),
        ("", []),
    ],
)
def test_an_edition_has_the_groups_of_all_its_tracks(scope: str, names: list[str]) -> None:
    assert [group.name for group in groups_of(scope)] == names


@pytest.mark.parametrize(
    ("scope", "is_old"),
    [
        *(("ICLR2023", True), ("ICLR2024", False), ("NeurIPS2022", True), ("NeurIPS2023", False)),
        *(("ICML2023", False), ("COLM2024", False), ("CoRL2023", True), ("CoRL2024", False)),
    ],
)
def test_each_venue_has_moved_to_the_second_api_with_one_edition(scope: str, *, is_old: bool) -> None:
    assert groups_of(scope)[0].is_old == is_old


def test_the_addresses_of_the_lists() -> None:
    assert list_address(groups_of("ICLR2025")[0]) == (
        "https://api2.openreview.net/notes?content.venueid=ICLR.cc/2025/Conference&limit=1000&offset=0"
    )
    assert list_address(groups_of("NeurIPS2022")[0]) == (
        "https://api.openreview.net/notes?invitation=NeurIPS.cc/2022/Conference/-/Blind_Submission&limit=1000&offset=0"
    )
    assert list_address(Group("TMLR")) == (
        "https://api2.openreview.net/notes?content.venueid=TMLR&sort=tmdate:desc&limit=1000&offset=0"
    )


@given(st.sampled_from(ACRONYMS), st.integers(2018, 2040))
def test_the_groups_of_an_edition_are_of_that_edition(acronym: str, year: int) -> None:
    groups = groups_of(f"{acronym}{year}")
    assert groups
    assert all(group.is_venue and group.edition == f"{acronym}{year}" for group in groups)


@given(st.text(max_size=40))
def test_any_name_may_be_that_of_a_group(name: str) -> None:
    group = Group(name)
    assert list_address(group).startswith("https://api2.openreview.net/notes?content.venueid=")
    assert not group.part or group.edition
