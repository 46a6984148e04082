"""The versions of papers: when each was announced, and when it was handed in, whoever told it and in whatever order."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.identifiers import Identifier
from crawler.sighting import Sighting, Submission
from storage.database import Database
from storage.papers import Version, find, versions
from storage.versions import Dates, record_versions, save_versions, versions_of
from tests.storage.factories import MONDAY, NOON, TUESDAY, WEDNESDAY, emptied, page, sighting, write

REUSED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=15)
FIRST, SECOND = NOON - timedelta(days=9), NOON - timedelta(days=2)
ARXIV, DOI = Identifier("arxiv", "2608.00001"), Identifier("doi", "10.1000/1")


def known(database: Database, name: Identifier = ARXIV) -> list[Version]:
    with database.reading() as connection:
        found = find(connection, name)
        assert found is not None
        return versions(connection, found.id)


def papers(database: Database, count: int) -> list[int]:
    """Announce papers of which no version is known, and return their ids."""
    write(database, page(*(sighting(f"2608.{number:05}") for number in range(1, count + 1))))
    with database.reading() as connection:
        found = [find(connection, Identifier("arxiv", f"2608.{number:05}")) for number in range(1, count + 1)]
    return [one.id for one in found if one]


def seen(version: int | None, *submitted: datetime, **parts: Any) -> Sighting:
    """Tell of a version, and when it and the ones before it were handed in."""
    submissions = tuple(Submission(number, at) for number, at in enumerate(submitted, 1))
    return sighting(version=version, submissions=submissions, **parts)


def test_an_announcement_gives_the_day_and_a_catalogue_the_moments_of_all_versions(database: Database) -> None:
    write(database, page(seen(1)), page(seen(2, action="replace", announced_on=WEDNESDAY)))
    assert known(database) == [Version(1, MONDAY), Version(2, WEDNESDAY)]
    catalogue = page(seen(3, FIRST, SECOND, NOON, action=None, announced_on=None), kind="catalogue")
    for one in (catalogue, page(seen(1))):
        write(database, one)
        assert known(database) == [Version(1, MONDAY, FIRST), Version(2, WEDNESDAY, SECOND), Version(3, None, NOON)]


def test_a_version_that_is_known_by_its_moment_alone_is_a_version(database: Database) -> None:
    write(database, page(seen(None, FIRST, SECOND, action=None), kind="catalogue"))
    assert known(database) == [Version(1, None, FIRST), Version(2, None, SECOND)]


def test_a_cross_listing_tells_of_a_version_and_not_of_its_day(database: Database) -> None:
    write(database, page(seen(2, action="cross", announced_on=TUESDAY)))
    assert known(database) == [Version(2, None)]


def test_a_description_without_a_version_tells_of_none(database: Database) -> None:
    write(database, page(seen(None)))
    assert known(database) == []


def test_of_two_days_and_of_two_moments_the_earlier_stays(database: Database) -> None:
    later, earlier = (
        page(seen(1, SECOND, announced_on=WEDNESDAY, action="replace")),
        page(seen(1, FIRST, announced_on=TUESDAY, action="new")),
    )
    for order in ((later, earlier), (earlier, later)):
        with emptied(database):
            write(database, *order)
            assert known(database) == [Version(1, TUESDAY, FIRST)]


def test_within_one_page_the_earlier_stays_too(database: Database) -> None:
    write(database, page(seen(1, SECOND, announced_on=WEDNESDAY), seen(1, FIRST, announced_on=TUESDAY)))
    assert known(database) == [Version(1, TUESDAY, FIRST)]


def test_joined_papers_keep_the_earlier_day_and_moment_of_every_version(database: Database) -> None:
    printed = seen(1, FIRST, key="p1", source="publisher", identifiers=(DOI,), announced_on=WEDNESDAY)
    write(database, page(printed), page(seen(1, SECOND, NOON, announced_on=TUESDAY)))
    both = sighting("c1", source="catalogue", identifiers=(ARXIV, DOI), action=None, announced_on=None)
    write(database, page(both, kind="catalogue"))
    assert known(database) == known(database, DOI) == [Version(1, TUESDAY, FIRST), Version(2, None, NOON)]


def test_a_moment_comes_back_in_utc(database: Database) -> None:
    there = datetime.fromisoformat("2026-08-01T09:00:00+08:00")
    write(database, page(seen(1, there, action=None), kind="catalogue"))
    ((_, _, moment),) = known(database)
    assert moment == there
    assert moment is not None
    assert moment.tzinfo is UTC


def test_versions_are_asked_for_by_many_papers_at_once(database: Database) -> None:
    first, second = papers(database, 2)
    with database.writing() as connection:
        save_versions(connection, {(first, 1): Dates(MONDAY), (second, 7): Dates(None, NOON)})
        save_versions(connection, {})
    with database.reading() as connection:
        assert versions_of(connection, range(first, first + 2000)) == {
            (first, 1): Dates(MONDAY),
            (second, 7): Dates(None, NOON),
        }
        assert versions_of(connection, [second, second, second + 99]) == {(second, 7): Dates(None, NOON)}
        assert versions_of(connection, []) == {}


_SAID = st.tuples(
    st.integers(0, 1),
    st.integers(1, 3),
    st.none() | st.sampled_from((MONDAY, TUESDAY, WEDNESDAY)),
    st.none() | st.sampled_from((FIRST, SECOND, NOON)),
)


def earliest(said: Sequence[tuple[int, int, date | None, datetime | None]], ids: Sequence[int]) -> dict[tuple[int, int], Dates]:
    """Return the earliest of what was said of each version."""
    found = {}
    for paper, version in {one[:2] for one in said}:
        days = [day for *key, day, _ in said if key == [paper, version] and day]
        moments = [at for *key, _, at in said if key == [paper, version] and at]
        found[ids[paper], version] = Dates(min(days, default=None), min(moments, default=None))
    return found


@REUSED
@given(said=st.lists(_SAID, max_size=8), data=st.data())
def test_dates_do_not_depend_on_the_order_in_which_they_are_told(
    database: Database, said: list[tuple[int, int, date | None, datetime | None]], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(said))
    with emptied(database):
        ids = papers(database, 2)
        for paper, version, day, at in shuffled:
            with database.writing() as connection:
                save_versions(connection, {(ids[paper], version): Dates(day, at)})
        with database.reading() as connection:
            assert versions_of(connection, ids) == earliest(said, ids)


@REUSED
@given(said=st.lists(_SAID, max_size=8), cut=st.integers(0, 8))
def test_what_is_told_on_one_page_or_on_two_is_the_same(
    database: Database, said: list[tuple[int, int, date | None, datetime | None]], cut: int
) -> None:
    def told(version: int, day: date | None, at: datetime | None) -> Sighting:
        return sighting(version=version, announced_on=day, submissions=(Submission(version, at),) if at else ())

    with emptied(database):
        ids = papers(database, 2)
        pages = [
            [(ids[paper], told(version, day, at)) for paper, version, day, at in some] for some in (said[:cut], said[cut:])
        ]
        for one in pages:
            with database.writing() as connection:
                record_versions(connection, one)
        with database.reading() as connection:
            assert versions_of(connection, ids) == earliest(said, ids)
