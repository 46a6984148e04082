"""The ledger of days: what became of every batch, and that a final word stays."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import product

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.sighting import Claim
from crawler.verdict import SETTLED, VerdictKind
from storage.database import Database
from storage.days import LedgerDay, Section, days_since, first_days, save_days, sections_of
from storage.ledger import save_claims
from tests.storage.factories import MONDAY, NOON, TUESDAY, WEDNESDAY, emptied, rows

REUSED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=15)
KINDS: tuple[VerdictKind, ...] = ("complete", "quiet", "partial", "stale", "throttled", "blocked", "failed")


def day(kind: VerdictKind, on: date = MONDAY, scope: str = "cs.CV", hours: int = 0, source: str = "arxiv") -> LedgerDay:
    """Return what a look, so many hours after noon, makes of a day."""
    return LedgerDay(
        source=source,
        scope=scope,
        day=on,
        kind=kind,
        route="listing",
        expected=None if kind == "quiet" else 120 + hours,
        seen=100 + hours,
        why=f"{kind} after {hours} hours",
        at=NOON + timedelta(hours=hours),
    )


def save(database: Database, days: Iterable[LedgerDay]) -> None:
    """Write each day down in a transaction of its own."""
    for one in days:
        with database.writing() as connection:
            save_days(connection, [one])


def stored(database: Database, *scopes: str, since: date = date.min) -> list[LedgerDay]:
    with database.reading() as connection:
        return days_since(connection, "arxiv", scopes or ("cs.CV",), since)


def test_days_come_back_as_they_were_by_scope_and_day(database: Database) -> None:
    days = [day("complete", TUESDAY, "cs.CV"), day("quiet", MONDAY, "cs.LG"), day("failed", WEDNESDAY, "cs.LG")]
    with database.writing() as connection:
        save_days(connection, [*reversed(days), day("stale", TUESDAY, "cs.RO"), day("partial", source="publisher")])
    assert stored(database, "cs.LG", "cs.CV") == days
    assert stored(database, "cs.LG", since=TUESDAY) == [days[2]]
    assert stored(database, "cs.LG", since=WEDNESDAY) == [days[2]]
    assert stored(database, "hep-th") == []


def test_the_newest_word_counts_but_a_final_one_gives_way_to_none_that_is_not(database: Database) -> None:
    pairs = {MONDAY + timedelta(days=number): pair for number, pair in enumerate(product(KINDS, KINDS))}
    with database.writing() as connection:
        save_days(connection, [day(before, on) for on, (before, _) in pairs.items()])
    with database.writing() as connection:
        save_days(connection, [day(after, on, hours=3) for on, (_, after) in pairs.items()])
    for found, (before, after) in zip(stored(database), pairs.values(), strict=True):
        stays = before in SETTLED and after not in SETTLED
        assert found == (day(before, found.day) if stays else day(after, found.day, hours=3))


def test_within_one_writing_the_order_counts_as_well(database: Database) -> None:
    with database.writing() as connection:
        save_days(connection, [day("partial"), day("complete", hours=1), day("failed", hours=2)])
    assert stored(database) == [day("complete", hours=1)]


def test_days_of_other_scopes_sources_and_dates_are_left_alone(database: Database) -> None:
    others = [day("partial", scope="cs.LG"), day("partial", TUESDAY)]
    save(database, [*others, day("partial", source="publisher"), day("complete")])
    assert stored(database, "cs.CV", "cs.LG") == [day("complete"), others[1], others[0]]
    with database.reading() as connection:
        assert days_since(connection, "publisher", ["cs.CV"], MONDAY) == [day("partial", source="publisher")]


_LOOKS = st.lists(st.tuples(st.sampled_from(KINDS), st.sampled_from((MONDAY, TUESDAY))), max_size=8)


@REUSED
@given(looks=_LOOKS, data=st.data())
def test_in_whatever_order_looks_come_a_day_is_final_if_any_of_them_was(
    database: Database, looks: Sequence[tuple[VerdictKind, date]], data: st.DataObject
) -> None:
    days = [day(kind, on, hours=place) for place, (kind, on) in enumerate(looks)]
    shuffled = data.draw(st.permutations(days))
    with emptied(database):
        save(database, shuffled)
        found = stored(database)
    assert [one.day for one in found] == sorted({one.day for one in days})
    for one in found:
        said = [other for other in shuffled if other.day == one.day]
        final = [other for other in said if other.kind in SETTLED]
        assert one == (final or said)[-1]


def test_the_first_day_is_that_of_each_scope_whatever_became_of_it(database: Database) -> None:
    save(database, [day("complete", WEDNESDAY), day("failed", TUESDAY), day("quiet", WEDNESDAY, "cs.LG")])
    save(database, [day("complete", MONDAY, source="publisher", scope="x")])
    with database.reading() as connection:
        assert first_days(connection, "arxiv") == {"cs.CV": TUESDAY, "cs.LG": WEDNESDAY}
        assert first_days(connection, "nobody") == {}


def test_the_sections_of_a_day_are_those_its_list_claimed(database: Database) -> None:
    def claim(section: str, expected: int | None, seen: int, on: date = MONDAY, scope: str = "cs.CV") -> Claim:
        return Claim(scope=scope, section=section, announced_on=on, expected=expected, seen=seen)

    claims = [claim("New", 120, 118), claim("Cross", 40, 40), claim("", None, 158)]
    others = [claim("New", 9, 9, TUESDAY), claim("New", 7, 7, scope="cs.LG")]
    with database.writing() as connection:
        save_claims(connection, "arxiv", [*claims, *others])
        save_claims(connection, "publisher", [claim("New", 1, 1)])
    with database.reading() as connection:
        assert sections_of(connection, "arxiv", "cs.CV", MONDAY) == [
            Section("", None, 158),
            Section("Cross", 40, 40),
            Section("New", 120, 118),
        ]
        assert sections_of(connection, "arxiv", "cs.CV", WEDNESDAY) == []


def test_a_ledger_of_nothing_is_empty(database: Database) -> None:
    save(database, [])
    with database.writing() as connection:
        save_days(connection, [])
    assert stored(database) == []
    with database.reading() as connection:
        assert rows(connection)["days"] == 0
