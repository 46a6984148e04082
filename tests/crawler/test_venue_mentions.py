"""Venues in free text: what is named, whether the paper is accepted there, and how well that does on labelled comments."""

import gzip
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.text import clean
from crawler.venue_mentions import Named, accepted_in, venues_named
from crawler.venues import Catalogue, Venue, plain, shipped

CORPUS: Final = Path(__file__).parents[2] / "../shared/samples/arxiv/corpus"
LABELS: Final = Path(__file__).with_name("venue_labels.tsv")


def accepted(text: str) -> list[str]:
    return [one.edition for one in accepted_in(text)]


@pytest.mark.parametrize(
    ("comment", "editions"),
    [
        ("Accepted to CVPR 2026 (Highlight)", ["CVPR2026"]),
        ("ECCV26", ["ECCV2026"]),
        ("12 pages, to appear in TPAMI", ["TPAMI"]),
        ("CVPR2026 Findings", ["CVPR2026 findings"]),
        ("NeurIPS'25 D&B", ["NeurIPS2025"]),
        ("3 figures, isbi2026", ["ISBI2026"]),
        ("WWW '26", ["WWW2026"]),
        ("AAAI-26 oral", ["AAAI2026"]),
        ("IROS 25", ["IROS2025"]),
        ("Accepted to ICLR 2026, 26 pages", ["ICLR2026"]),
        ("ICLR 26 pages", ["ICLR"]),
        ("Accepted by IJCV, 2026", ["IJCV"]),
        ("EACL main", ["EACL"]),
        ("Accepted by ACM-MM23", ["ACM MM2023"]),
        ("Camera-ready version for LREC 2026", ["LREC2026"]),
        ("This paper was submitted and accepted by ICRA 2026", ["ICRA2026"]),
        ("Accepted with minor revision by TPAMI", ["TPAMI"]),
        ("Accepted to RA-L and presented at ICRA 2026", ["RA-L", "ICRA2026"]),
        ("Accepted to Pattern Recognition", ["PR"]),
        ("Accepted to Computer Vision and Pattern Recognition", ["CVPR"]),
        ("Accepted to the 2026 IEEE Intelligent Vehicles Symposium (IV)", ["IEEE IV2026"]),
        ("Published in Proc. of CHI, 2025", ["CHI2025"]),
        ("Accepteed by ICML 2026", ["ICML2026"]),
        ("ICPR_2026", ["ICPR2026"]),
        ("Code: https://example.org/CVPR2025. Accepted at 3DV 2026", ["3DV2026"]),
    ],
)
def test_where_a_paper_is_accepted(comment: str, editions: list[str]) -> None:
    assert accepted(comment) == editions


@pytest.mark.parametrize(
    ("comment", "editions"),
    [
        ("2026 IEEE/CVF Winter Conference on Applications of Computer Vision (WACV)", ["WACV2026"]),
        ("Accepted at the Conference on Computer Vision and Pattern Recognition 2026", ["CVPR2026"]),
        ("The Web Conference (WWW) 2026", ["WWW2026"]),
        ("Accepted at the 39th Conference on Neural Information Processing Systems (NeurIPS 2025)", ["NeurIPS2025"]),
        ("Accepted to IEEE International Conference on Communications (ICC), Oslo, Norway, May 2026", ["ICC2026"]),
        ("Accepted by ieee transactions on Medical Imaging", ["TMI"]),
        ("To appear in IEEE Transaction on Image Processing", ["TIP"]),
        ("Accepted to Computer Vision and Image Understanding (CVIU)", ["CVIU"]),
        ("Accepted at the International Conference on Neural Information Processing 2025", ["ICONIP2025"]),
        ("European Conference on Computer Vision, ECCV 2024, Milan", ["ECCV2024"]),
    ],
)
def test_full_names_are_found_the_longest_first(comment: str, editions: list[str]) -> None:
    assert accepted(comment) == editions


@pytest.mark.parametrize(
    "comment",
    [
        "Accepted at the International Conference on Machine Learning and Gardening",
        "Accepted at the Chinese Conference on Robot Learning",
        "Accepted at the International Conference on Machine Learning, Gardening, and Cooking",
        "Accepted at the ACM SIGIR Conference on Gardening",
        "Accepted to Machine Learning: Gardens and Kitchens",
    ],
)
def test_the_beginning_of_a_longer_name_is_not_the_venue_of_that_name(comment: str) -> None:
    assert not {"ICML", "CoRL", "SIGIR", "MLJ"} & {one.venue for one in venues_named(comment)}


@pytest.mark.parametrize(
    ("comment", "editions"),
    [
        ("ICLR 2026 Workshop on Gentle Agents", ["ICLR2026 workshop"]),
        ("Accepted to GLOW@WWW2026", ["WWW2026 workshop"]),
        ("Accepted to the TeaNLP 2026 workshop (co-located with EACL 2026)", ["EACL2026 workshop"]),
        ("CVPRW 2025", ["CVPR2025 workshop"]),
        ("Accepted at the Third Workshop on Slow Models (SLOMO) @ EMNLP 2025", ["EMNLP2025 workshop"]),
        ("Accepted to the Workshop on Slow Models (SLOMO), EMNLP 2025", ["EMNLP2025 workshop"]),
        ("Accepted to the AAAI 2026 Workshop on Slow Models (SLOMO)", ["AAAI2026 workshop"]),
        ("Presented at SLOMO at EMNLP 2025", ["EMNLP2025 workshop"]),
        ("EACL 2026 SLOMO", ["EACL2026 workshop"]),
        ("EACL SLOMO 2026", ["EACL2026 workshop"]),
        ("Accepted at WACV Workshops", ["WACV workshop"]),
        ("Accepted to AAAI-26 Bridge Program", ["AAAI2026 workshop"]),
        ("ACL 2025 Student Research Workshop", ["ACL2025 workshop"]),
        ("To appear at the 4th International Workshop on Slow Models (SLOMO 2026)", ["SLOMO2026 workshop"]),
        ("Accepted to CVPR 2026 and the CVPR 2026 workshop X", ["CVPR2026", "CVPR2026 workshop"]),
        ("Accepted to CVPR 2026 main conference & CVPRW 2026", ["CVPR2026", "CVPR2026 workshop"]),
        ("Accepted at the ICML 2026 Workshop on Looms and at ICML 2026", ["ICML2026 workshop", "ICML2026"]),
        ("Accepted to CVPR 2026. Also accepted to the CVPR Workshop on Looms", ["CVPR2026", "CVPR2026 workshop"]),
        ("Accepted to CVPR 2026 (main), CVPR 2026 Workshop on Looms", ["CVPR2026", "CVPR2026 workshop"]),
        ("Accepted to CVPR 2026, CVPR 2026 Workshop on Looms", ["CVPR2026 workshop"]),
        ("Accepted to CVPR 2026. CVPR 2026 Workshop on Looms and Threads", ["CVPR2026 workshop"]),
        ("Accepted to CVPR 2026 and CVPR 2026 Findings", ["CVPR2026 findings"]),
        ("Accepted to CVPR 2026 workshop and ICLR 2026 main", ["CVPR2026 workshop", "ICLR2026"]),
        ("Findings of EACL 2026", ["EACL2026 findings"]),
        ("Accepted to the Findings of ACL", ["ACL findings"]),
        ("In Findings of the Association for Computational Linguistics: EMNLP 2025", ["EMNLP2025 findings"]),
        ("Accepted to EACL26 (Findings)", ["EACL2026 findings"]),
        ("CVPR Findings 2026", ["CVPR2026 findings"]),
        ("Accepted to EACL 2026 (Main Conference)", ["EACL2026"]),
    ],
)
def test_workshops_count_for_their_hosts_and_findings_are_a_part(comment: str, editions: list[str]) -> None:
    assert accepted(comment) == editions


def test_a_workshop_beside_the_main_programme_has_its_own_track() -> None:
    found = accepted_in("Accepted at ICML 2026 (spotlight) and at the ICML 2026 Workshop on Looms (oral)", "ICML 2026")
    assert [(one.edition, one.tracks) for one in found] == [("ICML2026", ("spotlight",)), ("ICML2026 workshop", ("oral",))]


@pytest.mark.parametrize(
    ("comment", "tracks"),
    [
        ("Accepted to CVPR 2026 (Highlight)", ("highlight",)),
        ("ICLR 2026 Oral", ("oral",)),
        ("Spotlight paper at NeurIPS 2025", ("spotlight",)),
        ("NeurIPS'25 D&B", ("datasets and benchmarks",)),
        ("NeurIPS 2025 Datasets and Benchmarks Track, poster", ("poster", "datasets and benchmarks")),
        ("EMNLP 2025 Industry Track", ("industry",)),
        ("Best Paper Award at AAAI 2026", ("best paper",)),
        ("Accepted to EACL 2026 System Demonstrations", ("demo",)),
        ("Accepted to CVPR 2026", ()),
    ],
)
def test_tracks_are_told(comment: str, tracks: tuple[str, ...]) -> None:
    assert [one.tracks for one in accepted_in(comment)] == [tracks]


@pytest.mark.parametrize(
    ("comment", "named"),
    [
        ("Submitted to ICML 2026", [("ICML2026", "submitted")]),
        ("Under review at MIDL 2026", [("MIDL2026", "submitted")]),
        ("Under review as a conference paper at ICLR 2026", [("ICLR2026", "submitted")]),
        ("ACL 2026 Conference Submission", [("ACL2026", "submitted")]),
        ("IEEE Transactions on Robotics (Submitted)", [("T-RO", "submitted")]),
        ("In submission to ECCV", [("ECCV", "submitted")]),
        ("Under revision at TMI", [("TMI", "submitted")]),
        ("To be submitted to IJCAI 2026", [("IJCAI2026", "submitted")]),
        ("Submitted to ACL ARR 2026 January", [("ARR", "submitted")]),
        ("Submitted to Pattern Recognition, 11 pages", [("PR", "submitted")]),
        ("Submitted to Garden Studies", [("Garden Studies", "submitted")]),
        ("Rejected from ICML 2025", [("ICML2025", "rejected")]),
        ("Accepted to SLT 2026 and submitted to TASLP", [("SLT2026", "accepted"), ("TASLP", "submitted")]),
        ("Not accepted at ICLR 2026", [("ICLR2026", "other")]),
        ("Extended version of our CVPR 2025 paper", [("CVPR2025", "other")]),
        ("This is the extended version of a paper accepted at AAAI 2026", [("AAAI2026", "other")]),
        ("A short version was accepted at ICASSP 2026", [("ICASSP2026", "other")]),
        ("A preliminary version appeared in IJCAI 2024", [("IJCAI2024", "other")]),
        ("Extended version of the CVPR 2025 paper, accepted to TPAMI", [("CVPR2025", "other"), ("TPAMI", "accepted")]),
        ("Winner of the CVPR 2026 Gardening challenge", [("CVPR2026", "other")]),
        ("1st place of the ICCV 2025 Gardening competition", [("ICCV2025", "other")]),
        ("CVPR template", [("CVPR", "other")]),
        ("in CVPR 2026 format", [("CVPR2026", "other")]),
        ("We beat all entries of the ICDAR 2019 dataset", [("ICDAR2019", "other")]),
        ("Reproduces GardenNet (CVPR 2024)", [("CVPR2024", "other")]),
        ("Targeting AACL 2026", [("AACL2026", "other")]),
        ("Parts of this work were published at ICLR 2025", [("ICLR2025", "other")]),
    ],
)
def test_what_is_no_acceptance(comment: str, named: list[tuple[str, str]]) -> None:
    assert [(one.edition, one.status) for one in venues_named(comment)] == named


@pytest.mark.parametrize(
    ("comment", "editions"),
    [
        ("Accepted at GARCOL 2025", ["GARCOL2025"]),
        ("Accepted by IEEE ICGDN 2025", ["ICGDN2025"]),
        ("Accepted at GRDN 26", ["GRDN2026"]),
        ("Presented at the International Conference on Garden Robotics (iGaRo)", ["iGaRo"]),
        ("To appear in IEEE Gardening Magazine", ["IEEE Gardening Magazine"]),
        ("Accepted for publication in Garden-Based Systems", ["Garden-Based Systems"]),
        ("Accepted to IEEE Intelligent Gardens", ["IEEE Intelligent Gardens"]),
        ("Submitted and accepted by Journal of Gardens", ["Journal of Gardens"]),
        ("Accepted by Garden & Soil Studies. 9 pages", ["Garden & Soil Studies"]),
        ("In Proceedings ICGP 2025", ["ICGP2025"]),
        ("proc. of IGAIT2026", ["IGAIT2026"]),
        ("GACLIC 2025", ["GACLIC2025"]),
        ("2026 IEEE International Symposium on Garden Architecture (HPGA)", ["HPGA2026"]),
        ("Accepted at the 34th European Symposium on Gardens, Soils and Tools (ESGST 2026)", ["ESGST2026"]),
        ("Accepted at Garden Intelligence Research (GIR)", ["GIR"]),
        ("Accepted at the 2025 GRDC Conference", ["GRDC2025"]),
        ("SPIE Garden Imaging 2026", ["SPIE Garden Imaging2026"]),
    ],
)
def test_venues_that_the_catalogue_has_not_are_found_where_they_are_stated(comment: str, editions: list[str]) -> None:
    assert accepted(comment) == editions


@pytest.mark.parametrize(
    "comment",
    [
        "Preprint. Under review",
        "Accepted to the Findings",
        "Accepted to the Main Conference",
        "Accepted for Oral Presentation",
        "Accepted by Springer Nature",
        "Submitted to IEEE for possible publication",
        "Submitted to an IEEE journal",
        "Submitted to IEEE Journal",
        "To appear in Lecture Notes in Computer Science (LNCS)",
        "To appear in Proceedings of Machine Learning Research (PMLR)",
        "Thesis submitted to Garden University in Partial Fulfillment of the Requirements",
        "Accepted Manuscript. Published under Creative Commons CC BY 2026",
        "Accepted in December 2025",
        "© 2026 IEEE. Personal use of this material is permitted",
        "Published on Zenodo 2025",
        "Accepted, see https://example.org/CVPR2026 and www.example.org/ICLR2026",
        "17 pages, 8 figures",
        "We tip the scales with media in a clear log",
        "ICRL 2026",
        "Published in Language Resources and Evaluation",  # the journal, not the conference
        "",
    ],
)
def test_no_venue(comment: str) -> None:
    assert venues_named(comment) == ()


def test_an_edition_is_named_once_with_all_that_is_told_of_it() -> None:
    found = venues_named("Accepted to CVPR (oral). To appear in CVPR 2026. CVPR 2026 Findings, poster")
    assert found == (Named("CVPR", 2026, "accepted", "findings", ("oral", "poster")),)
    assert accepted("Accepted to ICLR 2025 and ICLR 2026") == ["ICLR2025", "ICLR2026"]


@pytest.mark.parametrize(
    ("reference", "editions"),
    [
        ("Proceedings of the IEEE/CVF Conference on Computer Vision and Pattern Recognition, 2025, pp. 1-9", ["CVPR2025"]),
        ("Pattern Recognition, 2024", ["PR"]),
        ("Neural Networks 150 (2022): 1-10", ["Neural Networks"]),
        ("Computer Vision and Image Understanding Volume 240", ["CVIU"]),
        ("Garden & Soil Studies 300 (2024)", ["Garden & Soil Studies"]),
        ("ECCV 2022 Workshops", ["ECCV2022 workshop"]),
        ("", []),
    ],
)
def test_every_venue_of_a_reference_is_one_of_acceptance(reference: str, editions: list[str]) -> None:
    assert [one.edition for one in accepted_in(None, reference)] == editions


def test_comment_and_reference_are_put_together() -> None:
    assert accepted_in(None) == accepted_in(None, None) == ()
    both = accepted_in("Accepted to CVPR, oral. Submitted to TPAMI", "CVPR 2026")
    assert both == (Named("CVPR", 2026, "accepted", "", ("oral",)),)


def test_another_catalogue_has_other_venues() -> None:
    catalogue = Catalogue.of([Venue(acronym="Garden", name="Conference on Gardens", kind="conference")])
    assert [one.edition for one in venues_named("Accepted to Garden 2026", catalogue)] == ["Garden2026"]
    assert [one.edition for one in venues_named("Conference on Gardens", catalogue)] == ["Garden"]


PIECES: Final = st.sampled_from(
    [
        *(
            "accepted",
            "Accepted to",
            "submitted to",
            "at",
            "@",
            "in",
            "CVPR",
            "CVPR2026",
            "ICLR 2026",
            "'26",
            "2025",
            "Workshop on",
        ),
        *(
            "(",
            ")",
            ",",
            ". ",
            "; ",
            "extended version of",
            "Findings of",
            "IEEE",
            "International Conference on",
            "GARCOL",
            "&",
        ),
        *(
            "Machine Learning",
            "Pattern Recognition",
            "TPAMI",
            "challenge",
            "under review",
            "(WACV)",
            "é",
            "İ",
            "２０２６",
            "\n",
            "-",
        ),
    ]
)
TEXTS: Final = st.lists(PIECES, max_size=25).map(" ".join) | st.lists(PIECES, max_size=15).map("".join) | st.text(max_size=80)


@settings(max_examples=150, deadline=None)
@given(TEXTS)
def test_whatever_is_written_each_edition_is_named_once(text: str) -> None:
    found = venues_named(text)
    assert len({(one.edition, one.status) for one in found}) == len(found)
    assert accepted_in(text) == tuple(one for one in found if one.status == "accepted")
    assert all(one.venue and one.part in ("", "workshop", "findings") for one in found)
    assert venues_named(text) == found


@pytest.mark.parametrize("venue", shipped().venues, ids=lambda venue: venue.acronym)
def test_every_spelling_is_the_venue_where_one_is_stated(venue: Venue) -> None:
    if venue.acronym != "Findings":  # which are parts of ACL, EMNLP and the like
        assert {spelt for spelt in venue.spellings if accepted(f"Accepted to {spelt}") != [venue.acronym]} == set()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([one for one in shipped().venues if not one.ambiguous]), max_size=5, unique=True), st.data())
def test_what_is_found_is_found_again_by_its_own_name_and_in_order(venues: list[Venue], data: st.DataObject) -> None:
    held = [f"{one.acronym}{'' if one.kind == 'journal' else data.draw(st.integers(1990, 2039))}" for one in venues]
    found = venues_named(". ".join(f"Accepted to {edition}" for edition in held))
    assert [one.edition for one in found] == held
    assert [one.edition for one in venues_named(". ".join(one.edition for one in found))] == held


@pytest.mark.parametrize(
    "piece", ["Accepted to CVPR 2026 ", "conference (AB) ", "A2026-", "International Conference on ", "X, ", "@("]
)
def test_a_flood_is_read_word_by_word(piece: str) -> None:
    assert len(venues_named(piece * (100_000 // len(piece)))) <= 1


class Label(NamedTuple):
    venue: str
    year: str
    status: str
    part: str


@dataclass
class Score:
    right: int = 0  # of what was found
    found: int = 0  # of what was to be found
    wrong: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        return self.right / (self.right + len(self.wrong))

    @property
    def recall(self) -> float:
        return self.found / (self.found + len(self.missed))


@cache
def labels() -> dict[str, list[Label]]:
    told: dict[str, list[Label]] = {}
    for line in LABELS.read_text(encoding="utf-8").splitlines():
        if not line.startswith(("#", "arxiv_id")):
            arxiv_id, venue, year, status, part, _ = line.split("\t")
            told.setdefault(arxiv_id, []).extend([Label(venue, year, status, part)] if venue else [])
    return told


@cache
def comments() -> dict[str, str]:
    """Return the comments of the labelled papers; of an id that is listed twice the last one."""
    found = {}
    for file in sorted(CORPUS.glob("*.jsonl.gz")):
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            for row in map(json.loads, lines):
                if row["id"] in labels():
                    found[row["id"]] = clean(row["comment"] or "")
    return found


def are_one(one: str, other: str) -> bool:
    """Tell whether two names are of one venue; of venues that are not in the catalogue they may differ by a letter or two."""
    known = shipped().find(one), shipped().find(other)
    if None not in known:
        return known[0] is known[1]
    return SequenceMatcher(None, plain(one), plain(other), autojunk=False).ratio() >= 0.9


def fits(found: Named, label: Label) -> bool:
    """Tell whether a label is of the edition that was found. A venue that is a workshop by itself is no part of one."""
    known = shipped().find(label.venue)
    same_part = found.part == label.part.replace("main", "") or (known is not None and known.kind == "workshop")
    same_year = not found.year or not label.year or str(found.year) == label.year
    return same_part and same_year and are_one(found.venue, label.venue)


def units(rows: list[Label]) -> tuple[list[Label], list[Label]]:
    """Return the labels of a paper that count, and those of workshops whose host is the first label."""
    own = rows[1:2] if rows and rows[0].part == "workshop" and rows[1:2] and rows[1].part == "workshop" else []
    own = [row for row in own if row.venue != rows[0].venue and row.year == rows[0].year]
    return [row for row in rows if row not in own], own


def score(arxiv_ids: Iterable[str], status: str) -> Score:
    total = Score()
    for arxiv_id in arxiv_ids:
        counted, own = units(labels()[arxiv_id])
        due = [row for row in counted if row.status == status]
        found = [one for one in venues_named(comments()[arxiv_id]) if one.status == status]
        for one in found:
            if any(fits(one, row) for row in due):
                total.right += 1
            elif not any(are_one(one.venue, row.venue) for row in own):
                total.wrong.append(f"{arxiv_id} {one.edition}")
        missed = [row for row in due if not any(fits(one, row) for one in found)]
        total.found += len(due) - len(missed)
        total.missed += [f"{arxiv_id} {row.venue}" for row in missed]
    return total


def lines(scores: dict[str, Score]) -> Iterator[str]:
    for name, one in scores.items():
        yield f"\n{name}: precision {one.precision:.4f}, recall {one.recall:.4f} ({one.found} of {one.found + len(one.missed)})"
        yield f"  wrong: {'; '.join(one.wrong)}\n  missed: {'; '.join(one.missed)}"


@pytest.mark.real
def test_real_comments_are_read_as_people_read_them(capsys: pytest.CaptureFixture[str]) -> None:
    if not comments():
        pytest.skip("the real samples are not here")
    assert comments().keys() == labels().keys()
    halves: list[list[str]] = [[], []]  # the rules were first made on the even ones
    for arxiv_id in labels():
        halves[int(hashlib.sha256(arxiv_id.encode()).hexdigest(), 16) % 2].append(arxiv_id)
    scores = {
        f"{status}, {name}": score(ids, status)
        for status in ("accepted", "submitted")
        for name, ids in (("all", labels()), ("even", halves[0]), ("odd", halves[1]))
    }
    with capsys.disabled():
        print(*lines(scores), sep="\n")
    assert scores["accepted, all"].precision >= 0.99
    assert scores["accepted, all"].recall >= 0.95
