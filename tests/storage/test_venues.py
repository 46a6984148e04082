"""Lists of venues in the store: a new one takes the place of the old, and what was true in an earlier year stays true."""

from collections.abc import Iterator
from contextlib import closing
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.sighting import Reject, Tag
from crawler.source import Checkpoint, Page, Recorded
from crawler.venues import Rank, Venue, shipped
from storage.database import Database, open_database
from storage.paper import PaperRank
from storage.record import open_sink
from storage.venues import OWN, KnownList, bring_in, catalogue, forget_venues, lists, ranks_of, save_venues
from tests.storage.factories import emptied

FIRST, LATER = date(2026, 11, 26), date(2028, 1, 10)


def listed(on: date, *told: tuple[str, str], scheme: str = "ccf") -> list[Venue]:
    """Return venues of which the list tells a rank each; an empty one is told no rank of."""
    return [
        Venue(
            acronym=acronym,
            name=f"Conference {acronym}",
            kind="conference",
            dblp=f"conf/{acronym.lower()}",
            ranks=(Rank(scheme, on, rank),) if rank else (),
        )
        for acronym, rank in told
    ]


def save(database: Database, name: str, venues: list[Venue]) -> Recorded:
    with database.writing() as connection:
        return save_venues(connection, name, venues)


def bring(database: Database, name: str, venues: list[Venue]) -> Recorded:
    with database.writing() as connection:
        return bring_in(connection, name, venues)


def ranks(database: Database, acronym: str, *years: int, scheme: str = "ccf") -> list[str]:
    with database.reading() as connection:
        venue = catalogue(connection).find(acronym)
    return [venue.rank(scheme, year) for year in years] if venue else []


def test_without_a_list_the_catalogue_is_the_one_that_ships(database: Database) -> None:
    with database.reading() as connection:
        assert catalogue(connection) is shipped()
        assert lists(connection) == []


def test_a_list_is_there_until_it_is_forgotten(database: Database) -> None:
    assert save(database, "ccf", listed(FIRST, ("ENG", "B"), ("CVPR", "A"))) == Recorded(new=2)
    with database.reading() as connection:
        known = catalogue(connection)
        assert lists(connection) == [KnownList("ccf", FIRST, 2)]
        assert len(known.venues) == len(shipped().venues) + 1
        tags = (Tag("venue", "ENG2026"), Tag("venue", "ENG2026_workshops"), Tag("track", "oral"))
        assert ranks_of(known, tags) == (PaperRank("ccf", "B", "ENG2026"),)
    assert save(database, "ccf", listed(FIRST, ("ENG", "B"), ("CVPR", "A"))) == Recorded()
    with database.writing() as connection:
        forget_venues(connection, "ccf")
        assert lists(connection) == []


def test_what_a_list_said_stays_for_its_years(database: Database) -> None:
    save(database, "ccf", listed(FIRST, ("ENG", "B"), ("OUT", "C"), ("SAME", "C"), ("CVPR", "A")))
    changed = save(database, "ccf", listed(LATER, ("ENG", "A"), ("NEW", "C"), ("SAME", "C"), ("CVPR", "A")))
    assert changed == Recorded(new=1, updated=2)
    assert ranks(database, "ENG", 2025, 2027, 2028) == ["B", "B", "A"]
    assert ranks(database, "OUT", 2025, 2027, 2028) == ["C", "C", ""]
    assert ranks(database, "SAME", 2027, 2028) == ["C", "C"]
    assert [rank for rank in _found(database, "CVPR").ranks if rank.scheme == "ccf"] == list(_shipped("CVPR").ranks)


def _found(database: Database, acronym: str) -> Venue:
    with database.reading() as connection:
        venue = catalogue(connection).find(acronym)
    assert venue is not None
    return venue


def _shipped(acronym: str) -> Venue:
    venue = shipped().find(acronym)
    assert venue is not None
    return venue


def test_a_venue_that_was_told_no_rank_of_is_known_as_long_as_the_list_has_it(database: Database) -> None:
    save(database, "ccfddl", listed(FIRST, ("ENG", ""), ("CARD", "B")))
    assert ranks(database, "ENG", 2026) == [""]
    save(database, "ccfddl", listed(LATER, ("CARD", "B")))
    assert ranks(database, "ENG", 2026) == []


def test_a_list_of_the_same_day_takes_the_place_of_the_one_before(database: Database) -> None:
    save(database, "ccf", listed(FIRST, ("ENG", "B")))
    save(database, "ccf", listed(FIRST, ("ENG", "C")))
    assert ranks(database, "ENG", 2020, 2026) == ["C", "C"]


def test_ccfs_own_catalogue_knows_its_ranks_better_and_the_user_best(database: Database) -> None:
    save(database, "ccfddl", listed(FIRST, ("ENG", "C")))
    save(database, "ccf", listed(FIRST, ("ENG", "B")))
    assert ranks(database, "ENG", 2026) == ["B"]
    save(database, f"{OWN}ccf", listed(LATER, ("ENG", "A")))
    assert ranks(database, "ENG", 2026, 2028) == ["B", "A"]


@pytest.mark.parametrize(("count", "is_kept"), [(8, True), (7, False), (0, False)])
def test_a_published_list_that_has_lost_much_is_refused(database: Database, count: int, is_kept: bool) -> None:  # noqa: FBT001
    many = [(f"ENG{number}", "C") for number in range(10)]
    bring(database, "ccf", listed(FIRST, *many))
    recorded = bring(database, "ccf", listed(LATER, *many[:count]))
    with database.reading() as connection:
        assert lists(connection) == [KnownList("ccf", LATER, count) if is_kept else KnownList("ccf", FIRST, 10)]
    why = f"{count} venues, where there were 10 before: kept is what there was"
    assert recorded.rejects == (() if is_kept else (Reject(key="ccf", why=why),))


def test_the_sink_of_a_crawl_takes_a_list_in_and_keeps_no_checkpoint(store_url: str, database: Database) -> None:
    page = Page(kind="catalogue", venues=tuple(listed(FIRST, ("ENG", "B"))))
    with open_sink(store_url) as sink:
        assert sink(page, Checkpoint(source="venue-lists", scope="ccf")) == Recorded(new=1)
    assert ranks(database, "ENG", 2026) == ["B"]


ranked = st.dictionaries(st.sampled_from(["ENG", "CARD", "CVPR", "WACV", "ICLR"]), st.sampled_from(["A", "B", "C"]), max_size=5)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(["ccf", "ccfddl"]), ranked), min_size=2, max_size=4))
def test_no_list_changes_a_rank_of_an_earlier_year(one_store: Database, told: list[tuple[str, dict[str, str]]]) -> None:
    with emptied(one_store):
        said = []
        for year, (name, of) in enumerate(told, 2027):
            save(one_store, name, listed(date(year, 3, 1), *of.items()))
            said.append({acronym: ranks(one_store, acronym, *range(2020, 2035)) for acronym in ("ENG", "CARD", "WACV", "ICLR")})
        for year, (before, after) in enumerate(pairwise(said), 2028):
            until = year - 2020
            assert {one: found[:until] for one, found in before.items() if found} == {
                one: found[:until] for one, found in after.items() if before[one]
            }


@pytest.fixture
def one_store(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """Give an empty store, a file."""
    (tmp_path / "store.db").write_bytes(sqlite_template.read_bytes())
    with closing(open_database(f"sqlite:///{tmp_path / 'store.db'}")) as opened:
        yield opened
