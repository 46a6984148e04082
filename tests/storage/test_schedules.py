"""The evenings on which a source has told that it will announce nothing."""

from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.database import Database
from storage.schedules import Schedule, save_schedule, schedule
from tests.storage.factories import NOON, emptied

REUSED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=15)
CHRISTMAS, NEW_YEAR = date(2026, 12, 25), date(2027, 1, 1)


def told(*evenings: date, years: tuple[int, ...] = (), hours: int = 0) -> Schedule:
    return Schedule(evenings_off=frozenset(evenings), years=frozenset(years), asked_at=NOON + timedelta(hours=hours))


def kept(database: Database, *several: Schedule, source: str = "arxiv") -> Schedule:
    """Keep what was told, one after the other, and return what is known then."""
    for one in several:
        with database.writing() as connection:
            save_schedule(connection, source, one)
    with database.reading() as connection:
        return schedule(connection, source)


def test_a_source_that_was_never_asked_has_told_nothing(database: Database) -> None:
    assert kept(database) == Schedule(evenings_off=frozenset(), years=frozenset(), asked_at=None)


def test_what_was_told_comes_back_as_it_was(database: Database) -> None:
    one = told(NEW_YEAR, CHRISTMAS, years=(2027, 2026))
    assert kept(database, one) == one
    assert kept(database, source="elsewhere") == Schedule()


def test_what_is_told_later_is_kept_beside_what_was_told_before(database: Database) -> None:
    found = kept(database, told(CHRISTMAS, years=(2026,)), told(NEW_YEAR, years=(2027,), hours=5))
    assert found == told(CHRISTMAS, NEW_YEAR, years=(2026, 2027), hours=5)


def test_an_asking_that_told_nothing_is_remembered_and_takes_nothing_away(database: Database) -> None:
    found = kept(database, told(CHRISTMAS, years=(2026,)), told(hours=9))
    assert found == told(CHRISTMAS, years=(2026,), hours=9)


_DAYS = st.dates(date(2026, 1, 1), date(2030, 12, 31))
_TOLD = st.lists(st.tuples(st.frozensets(_DAYS, max_size=4), st.frozensets(st.integers(2026, 2030), max_size=2)), max_size=4)


@REUSED
@given(several=_TOLD, data=st.data())
def test_evenings_and_years_add_up_whatever_the_order(
    database: Database, several: list[tuple[frozenset[date], frozenset[int]]], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(several))
    with emptied(database):
        found = kept(database, *(told(*days, years=tuple(years)) for days, years in shuffled))
    assert found.evenings_off == frozenset().union(*(days for days, _ in several))
    assert found.years == frozenset().union(*(years for _, years in several))
    assert found.asked_at == (NOON if several else None)
