"""The fields of a query that are no texts: code, stars, tasks and venues."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.errors import QueryError
from crawler.identifiers import Identifier
from crawler.sighting import Tag
from digests.folded import Folded
from digests.query import candidates, matches, parse
from digests.topic import Reason
from storage.candidates import EDGE, AllOf, AnyOf, Candidates, Counted, HasCode, Tagged
from storage.paper import Paper, PaperCount, PaperRank, tag_key
from tests.digests.digest_examples import CROSS_DATASET, repository

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
BARE = CROSS_DATASET
FULL = replace(
    BARE,
    links=(repository("https://github.com/me/net"),),
    tags=(Tag("task", "Semantic Segmentation"), Tag("task", "Object Tracking"), Tag("venue", "CVPR 2026")),
    counts=(PaperCount(name="stars", value=120, source="huggingface", seen_at=NOON),),
)


def held(asked: Candidates, paper: Paper) -> bool:
    """Tell whether a paper is among the candidates, of words whether it might be."""
    match asked:
        case HasCode(known):
            return bool(paper.code) == known
        case Counted(name, least, most):
            return least <= (paper.count(name) or -1) <= most
        case Tagged(kind, part):
            return any(part in f"{EDGE[kind]}{tag_key(kind, value)}{EDGE[kind]}" for value in paper.tagged(kind))
        case AllOf(parts):
            return all(held(one, paper) for one in parts)
        case AnyOf(parts):
            return any(held(one, paper) for one in parts)
        case _:
            return True


def found(query: str, paper: object = FULL) -> bool:
    return matches(parse(query), Folded.of(paper)) is not None  # type: ignore[arg-type]  # a paper


@pytest.mark.parametrize(
    ("query", "full", "bare"),
    [
        ("code:yes", True, False),
        ("code:no", False, True),
        ("CODE:Yes", True, False),
        ("code:(yes OR no)", True, True),
        ("detection NOT code:yes", False, True),
        ("stars:>100", True, False),
        ("stars:>120", False, False),
        ("stars:>=120", True, False),
        ("stars:<=120", True, False),
        ("stars:<120", False, False),
        ("stars:100", True, False),
        ("stars:＞100", True, False),
        ("task:segmentation", True, False),
        ('task:"semantic segmentation"', True, False),
        ('task:"segmentation object"', False, False),
        ("task:segment*", True, False),
        ("task:tracking code:yes stars:>1", True, False),
        ("venue:CVPR2026", True, False),
        ('venue:"cvpr 2026"', True, False),
        ("venue:CVPR", True, False),
        ("venue:CVPR2025", False, False),
        ("venue:ICCV", False, False),
    ],
)
def test_what_is_found(query: str, full: bool, bare: bool) -> None:  # noqa: FBT001 - a table
    assert (found(query), found(query, BARE)) == (full, bare)
    assert held(candidates(parse(query)), FULL) or not full
    assert held(candidates(parse(query)), BARE) or not bare


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("code:maybe", "code: takes yes or no"),
        ("stars:many", "stars: takes a number, as in stars:>100"),
        ("stars:>", "stars: takes a number"),
        ("venue:...", "there is no letter or digit"),
        ("task:...", "there is no letter or digit"),
    ],
)
def test_what_is_no_value_is_said_to_be_none(query: str, why: str) -> None:
    with pytest.raises(QueryError, match=why):
        parse(query)


def test_why() -> None:
    why = matches(parse("task:tracking code:yes stars:>100 venue:CVPR"), Folded.of(FULL))
    assert why == (Reason("task", "tracking"), Reason("venue", "CVPR"), Reason("code", "yes"), Reason("stars", ">100"))


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_more_and_at_most_part_all_that_were_counted(limit: int, stars: int) -> None:
    counted = replace(BARE, counts=(PaperCount(name="stars", value=stars, source="x", seen_at=NOON),))
    assert found(f"stars:>{limit}", counted) == (stars > limit) != found(f"stars:<={limit}", counted)
    assert found(f"stars:>={limit}", counted) == (stars >= limit) != found(f"stars:<{limit}", counted)


@pytest.mark.parametrize(
    ("query", "matched"),
    [
        ("venue:CVPR2026", True),
        ("venue:CVPR", True),
        ("venue:CVPR2025", False),
        ("track:oral", True),
        ("track:poster", False),
        ("track:or*", True),
        ('track:"datasets and benchmarks"', True),
        ("ccf:A", True),
        ("ccf:b", False),
        ("rank:A", True),
        ("rank:ccf-A", True),
        ('rank:"CORE A*"', True),
        ("rank:A*", True),
        ("rank:一区", True),
        ("rank:1区", True),
        ('rank:"CAS １ 区"', True),
        ("rank:二区", False),
        ("year:2026", True),
        ("year:2025", False),
        ("year:>=2025", True),
        ("year:<2026", False),
        ("engine year:2026 NOT track:poster", True),
    ],
)
def test_venue_track_rank_and_year(query: str, matched: bool) -> None:  # noqa: FBT001
    tags = (Tag("venue", "CVPR2026"), Tag("track", "oral"), Tag("track", "datasets and benchmarks"))
    ranks = tuple(PaperRank(*one, "CVPR2026") for one in (("ccf", "A"), ("core", "A*"), ("cas", "一区")))
    paper = Paper(id=1, title="An engine", url="https://papers.example.org/1", tags=tags, ranks=ranks)
    assert (matches(parse(query), Folded.of(paper)) is not None) == matched


@pytest.mark.parametrize(
    ("query", "matched"),
    [
        ("venue:ICLR2026 track:oral", True),
        ("venue:ICLR2026 track:poster", False),
        ("venue:NeurIPS track:oral", False),
        ("venue:NeurIPS engine track:(oral OR poster)", True),
        ("track:(oral OR poster) venue:(CVPR2026 OR NeurIPS)", True),
        ("track:oral", True),
        ("track:poster year:2026", True),
        ("venue:ICLR2026 venue:NeurIPS", True),
        ("venue:ICLR2026 NOT track:poster", True),
        ("venue:ICLR2026 NOT track:oral", False),
        ("venue:ICLR2026 track:oral NOT venue:NeurIPS", False),
        ("ccf:A track:oral", True),
        ("ccf:A track:poster", False),
        ("(venue:ICLR2026 track:poster) OR loom", False),
        ("(venue:ICLR2026 track:oral) OR loom", True),
        ("engine NOT (venue:ICLR2026 track:poster)", True),
        ("engine NOT (venue:ICLR2026 track:oral)", False),
        ("engine NOT (venue:ICLR2026 track:oral loom)", True),
    ],
)
def test_a_track_beside_a_venue_is_a_track_there(query: str, matched: bool) -> None:  # noqa: FBT001
    tags = (
        Tag("venue", "ICLR2026"),
        Tag("venue", "NeurIPS2025 workshop"),
        Tag("track", "oral", "ICLR2026"),
        Tag("track", "poster", "NeurIPS2025 workshop"),
    )
    ranks = (PaperRank("ccf", "A", "ICLR2026"),)
    paper = Paper(id=1, title="An engine", url="https://papers.example.org/1", tags=tags, ranks=ranks)
    assert (matches(parse(query), Folded.of(paper)) is not None) == matched


@pytest.mark.parametrize("query", ["ccf:D", "year:soon", "track:!", "rank:?"])
def test_a_value_that_cannot_be_is_a_mistake(query: str) -> None:
    with pytest.raises(QueryError):
        parse(query)


@pytest.mark.parametrize(
    ("more", "years"),
    [
        ({"tags": (Tag("venue", "CVPR2026"),), "announced_on": date(2025, 1, 1)}, (2026,)),
        ({"identifiers": (Identifier("arxiv", "2401.00001"),), "tags": (Tag("venue", "TPAMI"),)}, (2024,)),
        ({"identifiers": (Identifier("arxiv", "math/9901001"),)}, (1999,)),
        ({"announced_on": date(2025, 1, 1)}, (2025,)),
        ({}, ()),
    ],
)
def test_the_year_is_that_of_the_edition_or_else_that_of_the_preprint(more: dict[str, Any], years: tuple[int, ...]) -> None:
    assert Paper(id=1, title="An engine", url="https://papers.example.org/1", **more).years == years
