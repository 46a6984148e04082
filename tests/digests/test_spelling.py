"""The variants of what a reader typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.text import fold
from digests.spelling import numbers, spellings
from tests.digests.strategies import PIECES


@pytest.mark.parametrize(
    ("one", "many"),
    [
        ("detector", "detectors"),
        ("category", "categories"),
        ("box", "boxes"),
        ("loss", "losses"),
        ("batch", "batches"),
        ("cache", "caches"),
        ("mesh", "meshes"),
        ("pose", "poses"),
        ("bias", "biases"),
        ("lens", "lenses"),
        ("analysis", "analyses"),
        ("survey", "surveys"),
        ("movie", "movies"),
        ("metric", "metrics"),
        ("llm", "llms"),
        ("object detector", "object detectors"),
    ],
)
def test_one_and_many_find_each_other(one: str, many: str) -> None:
    assert many in numbers(one)
    assert one in numbers(many)


@pytest.mark.parametrize(
    "word", ["a", "ai", "gas", "bus", "corpus", "basis", "news", "series", "semantics", "yolov8", "é", "语"]
)
def test_what_only_looks_like_a_plural_is_left_alone(word: str) -> None:
    assert numbers(word) == (word,)


def test_each_compound_may_be_joined_alone() -> None:
    assert set(spellings("zero-shot multi-view")) == {
        "zero shot multi view",
        "zeroshot multi view",
        "zero shot multiview",
        "zeroshot multiview",
    }


def test_a_range_of_numbers_is_not_joined() -> None:
    assert spellings("2-3 views") == ("2 3 views",)


@given(st.lists(st.sampled_from(PIECES), max_size=30).map(" ".join))
def test_spellings_are_few_folded_and_begin_as_typed(typed: str) -> None:
    ways = spellings(typed)
    assert ways[:1] == ((fold(typed),) if fold(typed) else ())
    assert len(set(ways)) == len(ways) <= 8
    assert all(way == fold(way) for way in ways)
