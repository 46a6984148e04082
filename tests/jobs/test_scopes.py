"""What a source is asked for: the editions that are named, as it spells them, and those whose time has come."""

import pytest

from crawler.errors import SettingsError
from crawler.sources import find
from jobs.editions import edition_at
from jobs.scopes import Parts

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
