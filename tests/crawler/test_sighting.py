import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.identifiers import Identifier
from crawler.sighting import Author, Sighting

NOW = datetime(2026, 8, 12, 16, tzinfo=UTC)
_text = st.text(min_size=1, max_size=20)
sightings = st.builds(
    Sighting,
    source=_text,
    key=_text,
    seen_at=st.datetimes(timezones=st.just(UTC)),
    title=_text,
    url=_text,
    authors=st.lists(st.builds(Author, _text, st.none() | _text), max_size=3).map(tuple),
    abstract=st.text(max_size=20),
    identifiers=st.lists(st.builds(Identifier, _text, _text), max_size=3).map(tuple),
    categories=st.lists(_text, max_size=3).map(tuple),
    comment=st.none() | _text,
    journal_ref=st.none() | _text,
    version=st.none() | st.integers(1, 99),
    scope=st.text(max_size=5),
    action=st.sampled_from((None, "new", "cross", "replace")),
    announced_on=st.none() | st.dates(),
)
often = settings(deadline=None, max_examples=100)


@often
@given(sightings)
def test_a_sighting_comes_back_from_json_but_for_its_moment(sighting: Sighting) -> None:
    stored = json.loads(json.dumps(sighting.content()))
    assert Sighting.from_content(stored, NOW) == replace(sighting, seen_at=NOW, action=None, scope="")


@often
@given(sightings, sightings)
def test_hashes_are_equal_exactly_when_the_contents_are(one: Sighting, other: Sighting) -> None:
    assert (one.content_hash() == other.content_hash()) == (one.content() == other.content())


@often
@given(sightings)
def test_the_moment_is_no_part_of_the_hash_and_the_rest_is(sighting: Sighting) -> None:
    digest = sighting.content_hash()
    assert len(digest) == 64
    assert replace(sighting, seen_at=NOW, action="new", scope="elsewhere").content_hash() == digest
    assert replace(sighting, title=sighting.title + "!").content_hash() != digest
    assert replace(sighting, announced_on=date(1991, 8, 14)).content_hash() != digest or sighting.announced_on


def test_lone_surrogates_do_not_break_the_hash() -> None:
    assert Sighting(source="a", key="b", seen_at=NOW, title="\ud800", url="").content_hash()


@pytest.mark.parametrize(
    "wrong",
    [{"source": ""}, {"key": ""}, {"title": ""}, {"seen_at": datetime(2026, 8, 12)}],  # noqa: DTZ001 - the point
)
def test_a_sighting_that_would_lie_is_refused(wrong: dict[str, object]) -> None:
    plain = Sighting(source="a", key="b", seen_at=NOW, title="c", url="")
    with pytest.raises(ValueError, match="a sighting needs"):
        replace(plain, **wrong)  # type: ignore[arg-type]  # wrong on purpose
