"""What a source is asked for: the editions that are named, as it spells them, and those whose time has come."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.errors import SettingsError
from crawler.programmes import LOOKED_FOR, Programmes
from crawler.rest import rested
from crawler.source import Batch, Checkpoint
from crawler.sources import find
from crawler.venues import shipped
from jobs.editions import edition_at
from jobs.scopes import Parts, editions_since, scopes_of
from jobs.tables import SourceSettings

# What is named.


@pytest.mark.parametrize(
    ("source", "text", "scope"),
    [
        ("cvf", "cvpr2026", "CVPR2026"),
        ("cvf", "CVPR2026_Findings", "CVPR2026_findings"),
        ("cvf", "cvpr2020_WORKSHOPS", "CVPR2020_workshops"),
        ("cvf", "ICCV2025", "ICCV2025"),
        ("neurips", "nips2018", "NeurIPS2018"),
        ("acl", "emnlp2025_Findings", "EMNLP2025_findings"),
        ("acl", "findings2025", "Findings2025"),
        ("acl", "tacl2025", "TACL2025"),  # a journal has a volume every year
        ("paperswithcode", "CVPR2026", "CVPR2026"),
    ],
)
def test_an_edition_is_spelled_as_its_source_does(source: str, text: str, scope: str) -> None:
    assert edition_at(find(source), text) == scope


@pytest.mark.parametrize(
    ("source", "text", "why"),
    [
        ("cvf", "CVPR2026_foo", "CVF Open Access has no CVPR2026_foo; it has CVPR2026, CVPR2026_workshops, CVPR2026_findings"),
        ("cvf", "cvpr2026_workshop", "CVF Open Access has no cvpr2026_workshop; it has CVPR2026, CVPR2026_workshops, CVPR2026"),
        ("cvf", "CVPR2025_findings", "CVF Open Access has no CVPR2025_findings; it has CVPR2025, CVPR2025_workshops"),
        ("cvf", "ICCV2026", "CVF Open Access has no ICCV2026; ICCV is held every 2 years, as in 2025 and 2027"),
        ("cvf", "iccv2026_workshops", "CVF Open Access has no iccv2026_workshops; ICCV is held every 2 years, as in 2025"),
        ("ecva", "ECCV2024_workshops", "ECVA has no ECCV2024_workshops; it has ECCV2024"),
        ("virtual", "CVPR2026_findings", "Virtual sites of conferences has no CVPR2026_findings; it has CVPR2026"),
        ("acl", "TACL2025_findings", "ACL Anthology has no TACL2025_findings; it has TACL2025"),
        ("acl", "ACL2019_findings", "ACL Anthology has no ACL2019_findings; it has ACL2019"),
        ("cvf", "ICML2026", "CVF Open Access has no ICML2026; its venues are CVPR, ICCV, WACV, ACCV"),
        ("cvf", "findings", "CVF Open Access has no findings; its venues are CVPR, ICCV, WACV, ACCV"),
        ("arxiv", "CVPR2026", "arXiv has no editions"),
        ("huggingface", "CVPR2026", "Hugging Face has no editions"),
        ("paperswithcode", "nonsense", "nonsense is no edition; write its acronym and its year, as in CVPR2026"),
        ("paperswithcode", "CVPR2026_findings", "Papers with Code has no CVPR2026_findings; it has CVPR2026"),
    ],
)
def test_what_does_not_exist_is_refused_with_what_does(source: str, text: str, why: str) -> None:
    with pytest.raises(SettingsError) as caught:
        edition_at(find(source), text)
    (said,) = caught.value.mistakes
    assert said.startswith(why)


@pytest.mark.parametrize("source", ["arxiv", "huggingface", "cvf", "paperswithcode"])
def test_a_source_without_volumes_says_so(source: str) -> None:
    with pytest.raises(SettingsError, match="has no volumes"):
        Parts(volumes=("235",)).scopes(find(source))


# What is looked for where nothing is named.


def looked_for(source: str, today: date, read: Mapping[str, date] | None = None) -> set[str]:
    found = scopes_of(find(source), SourceSettings(), today, read or {})
    assert len(found) == len(set(found))
    return set(found)


JUNE = date(2026, 6, 1)
"""The month of CVPR2026."""


def test_a_programme_is_looked_for_from_a_month_before_its_own() -> None:
    assert "CVPR2026" not in looked_for("cvf", date(2026, 4, 30))
    assert "CVPR2026" in looked_for("cvf", date(2026, 5, 1))


@pytest.mark.parametrize(("days", "there"), [(121, True), (400, True), (401, False)])
def test_one_that_was_not_read_whole_is_looked_for_until_nobody_expects_it_any_more(days: int, there: bool) -> None:  # noqa: FBT001
    assert ("CVPR2026" in looked_for("cvf", JUNE + timedelta(days=days))) == there


@given(found=st.integers(-31, 600), age=st.integers(0, 1000))
def test_one_that_was_read_is_asked_for_as_long_as_anything_may_be_added(found: int, age: int) -> None:
    """It leaves with the last pause after which it is asked for again; one that is read as history is not looked for."""
    first, today = JUNE + timedelta(days=found), JUNE + timedelta(days=found + age)
    now = datetime.combine(today, time(9), UTC)
    batch = Batch(announced_on=first, keys=frozenset({"p1"}))
    checkpoint = Checkpoint(source="cvf", scope="CVPR2026", batch=batch)
    is_asked = rested(find("cvf"), checkpoint, now - timedelta(days=99), now) is None
    assert ("CVPR2026" in looked_for("cvf", today, {"CVPR2026": first})) == (is_asked and found <= LOOKED_FOR.days)


def test_no_year_is_looked_for_in_which_nothing_is_held() -> None:
    assert {scope for scope in looked_for("cvf", date(2026, 11, 26)) if scope.startswith(("ICCV", "ACCV"))} == {"ACCV2026"}


def test_findings_are_looked_for_with_their_conference() -> None:
    summer = looked_for("acl", date(2026, 7, 15))
    assert {"ACL2026", "ACL2026_findings"} <= summer
    assert "EMNLP2026_findings" not in summer
    assert {"EMNLP2026", "EMNLP2026_findings"} <= looked_for("acl", date(2026, 11, 15))
    assert not [scope for scope in looked_for("cvf", date(2026, 7, 15)) if "_" in scope]  # those of CVF are named


@pytest.mark.parametrize("today", [date(2026, 6, 20), date(2026, 9, 20), date(2027, 6, 20)])
def test_findings_come_early_or_late_only_when_their_conference_has(today: date) -> None:
    """The file of all Findings of a year is large, and a conference may not be held at all."""
    assert "ACL2026_findings" not in looked_for("acl", today)
    assert "ACL2026_findings" in looked_for("acl", today, {"ACL2026": date(2026, 6, 19)})
    assert "ACL2026_findings" not in looked_for("acl", date(2027, 9, 1), {"ACL2026": date(2026, 6, 19)})


def test_findings_are_due_in_the_month_of_their_conference() -> None:
    assert Programmes("ACL2026_findings").month == Programmes("ACL2026").month == date(2026, 7, 1)


@pytest.mark.parametrize(
    ("today", "volumes"),
    [
        (date(2026, 11, 26), {"TACL2026", "CL2026"}),
        (date(2027, 1, 1), {"TACL2026", "CL2026", "TACL2027", "CL2027"}),
        (date(2027, 2, 28), {"TACL2026", "CL2026", "TACL2027", "CL2027"}),
        (date(2027, 3, 1), {"TACL2027", "CL2027"}),
    ],
)
def test_journals_are_asked_for_the_volume_of_the_year_and_in_winter_for_that_before(today: date, volumes: set[str]) -> None:
    assert {scope for scope in looked_for("acl", today) if scope.startswith(("TACL", "CL2"))} == volumes


def test_a_list_that_never_ends_is_asked_for_always() -> None:
    assert "TMLR" in looked_for("openreview", date(2026, 11, 26), {"TMLR": date(2020, 1, 1)})


def test_what_is_named_is_asked_for_alone() -> None:
    settings = SourceSettings(editions=("cvpr2020", "CVPR2020"))
    assert scopes_of(find("cvf"), settings, date(2026, 11, 26), {"CVPR2026": JUNE}) == ("CVPR2020",)


def test_since_a_day_are_findings_and_the_volumes_of_journals_too() -> None:
    found = editions_since(find("acl"), date(2025, 5, 1), date(2026, 3, 1), shipped())
    assert {"ACL2025", "ACL2025_findings", "EMNLP2025_findings", "TACL2025", "CL2026"} <= set(found)
    assert not {"NAACL2026", "ACL2026_findings", "TACL2024", "EACL2025"} & set(found)
