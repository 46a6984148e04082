"""What is pruned, and that nothing but words nobody needs is lost by it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from crawler.identifiers import Identifier
from crawler.links import Link
from crawler.sighting import Author, Sighting, Tag
from storage.database import Database
from storage.integrity import check_store
from storage.merge import merge
from storage.models import SightingRow
from storage.prune import Stored, dispensable, prune
from tests.storage.factories import MONDAY, NOON, TUESDAY, look, page, sighting, write

YEAR = timedelta(365)
LONG_AGO = NOON - YEAR


def silent(_done: int, _of: int) -> None:
    pass


def kept(database: Database) -> list[tuple[str, str | None, int]]:
    """Return source, comment and age in days of the sightings that are left."""
    with database.reading() as connection:
        rows = connection.execute(select(SightingRow.source, SightingRow.content, SightingRow.seen_at)).all()
    return sorted(((source, content["comment"], (NOON - seen_at).days) for source, content, seen_at in rows), key=repr)


def said(*comments: str | None, **parts: Any) -> list[Sighting]:
    """Describe one paper once a day, long ago, each time with another comment."""
    return [
        sighting(comment=comment, version=1, seen_at=LONG_AGO + timedelta(day), **parts) for day, comment in enumerate(comments)
    ]


def record(database: Database, some: Sequence[Sighting]) -> None:
    write(database, *(page(one) for one in some))


def test_what_the_source_has_said_anew_goes_and_nothing_else_changes(database: Database) -> None:
    """Of words that are as new as each other it is by chance which ones the paper has: those stay as well."""
    comments = ("1 page", "2 pages", "3 pages")
    record(database, [*said(*comments, announced_on=None), sighting("2608.00002", comment="Another paper")])
    record(database, said("elsewhere", source="publisher", announced_on=None))
    before, told = look(database), []
    pruned = prune(database, NOON, lambda done, of: told.append((done, of)))
    needed = {"3 pages", merge(1, said(*comments, announced_on=None)).comment}
    assert {comment for _, comment, _ in kept(database)} == {*needed, "Another paper", "elsewhere"}
    assert (pruned.sightings, pruned.needed) == (3 - len(needed), len(needed) - 1)
    assert told == [(1, 1)]
    assert [one[:3] for one in look(database)] == [one[:3] for one in before]
    assert list(check_store(database, silent)) == []


def test_a_newer_description_takes_the_place_of_an_older_one(database: Database) -> None:
    first, second = said("1 page", "2 pages", announced_on=None)
    second = replace(second, announced_on=MONDAY)
    record(database, [first, second])
    pruned = prune(database, NOON, silent)
    assert (pruned.sightings, pruned.needed) == (1, 0)
    assert pruned.bytes == len(first.content_text())
    assert kept(database) == [("arxiv", "2 pages", 364)]
    assert prune(database, NOON, silent).sightings == 0


def test_what_is_young_stays(database: Database) -> None:
    first, second = said("1 page", "2 pages", announced_on=None)
    record(database, [first, replace(second, announced_on=MONDAY)])
    assert prune(database, first.seen_at, silent).sightings == 0
    assert prune(database, first.seen_at + timedelta(seconds=1), silent).sightings == 1


def test_a_trial_deletes_nothing(database: Database) -> None:
    first, second = said("1 page", "2 pages", announced_on=None)
    record(database, [first, replace(second, announced_on=MONDAY)])
    tried = prune(database, NOON, silent, dry=True)
    assert len(kept(database)) == 2
    assert prune(database, NOON, silent) == tried


@pytest.mark.parametrize(
    "lost",
    [
        {"title": "An Earlier Title of the Paper"},
        {"identifiers": (Identifier("arxiv", "2608.00001"), Identifier("doi", "10.1000/1"))},
        {"tags": (Tag("task", "Segmentation"),)},
        {"links": (Link("https://github.com/me/net", "code", None),)},
        {"abstract": "Code: https://github.com/me/net"},
        {"comment": "Accepted at CVPR 2026"},
        {"journal_ref": "J. Engines 7"},
        {"report_number": "R-7"},
        {"licence": "https://creativecommons.org/licenses/by/4.0/"},
        {"version": 1},
        {"authors": (Author("Ada Lovelace"), Author("Charles Babbage"))},
    ],
    ids=lambda lost: next(iter(lost)),
)
def test_what_still_supplies_something_stays(database: Database, lost: dict[str, Any]) -> None:
    first = sighting(seen_at=LONG_AGO, **{"announced_on": None, "version": 2, **lost})
    record(database, [first, sighting(seen_at=LONG_AGO + timedelta(1), version=2, announced_on=TUESDAY)])
    pruned = prune(database, NOON, silent)
    assert (pruned.sightings, pruned.needed) == (0, 1)
    assert len(kept(database)) == 2


@st.composite
def descriptions(draw: st.DrawFn, days: Sequence[int | None], source: str = "arxiv") -> Sighting:
    """Draw what says little, so that much of it is said more than once; of the days some before MONDAY."""
    day = draw(st.sampled_from(days))
    return sighting(
        "k",
        source=source,
        title=draw(st.sampled_from(["Paper of One", "Paper of Another"])),
        abstract=draw(st.sampled_from(["", "An engine."])),
        comment=draw(st.sampled_from([None, "1 page", "2 pages"])),
        version=draw(st.sampled_from([None, 1, 2])),
        withdrawn=draw(st.booleans()),
        announced_on=None if day is None else MONDAY - timedelta(day),
    )


@given(
    st.lists(descriptions((None, 0, 2, 4)), min_size=2, max_size=6),
    # On a day of its own: of two that are equally new it is by chance whose words win.
    descriptions((1, 3, 5), source="publisher"),
)
def test_whatever_is_told_later_meets_the_same_paper(told: list[Sighting], later: Sighting) -> None:
    stored = [Stored(number, one, superseded=number < len(told) - 1) for number, one in enumerate(told)]
    gone = {one.id for one in dispensable(stored)}
    left = [one.sighting for one in stored if one.id not in gone]
    assert stored[-1].id not in gone
    assert merge(1, left) == merge(1, told)
    assert merge(1, [*left, later]) == merge(1, [*told, later])
