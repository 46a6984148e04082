"""Claims and verdicts."""

from datetime import date, datetime, timedelta

from crawler.sighting import Claim
from crawler.verdict import Verdict, VerdictKind
from storage.database import Database
from storage.ledger import (
    Day,
    LedgerLine,
    last_complete,
    last_worked,
    never_settled,
    newest_day,
    newest_lines,
    save_claims,
    save_line,
    shut_out_since,
    throttled_since,
)
from tests.storage.factories import MONDAY, NOON, TUESDAY, rows


def claim(section: str, expected: int | None, seen: int, on: date | None = MONDAY, scope: str = "cs.CV") -> Claim:
    return Claim(scope=scope, section=section, announced_on=on, expected=expected, seen=seen)


def day(database: Database, *claims: Claim) -> Day | None:
    """Keep the claims and return the newest day of cs.CV."""
    with database.writing() as connection:
        save_claims(connection, "arxiv", claims)
    with database.reading() as connection:
        return newest_day(connection, "arxiv", "cs.CV")


def line(kind: VerdictKind, hours: int, scope: str = "cs.CV", source: str = "arxiv") -> LedgerLine:
    verdict = Verdict(
        kind=kind,
        announced_on=MONDAY,
        expected=None if kind == "quiet" else 120,
        seen=100,
        next_at=NOON + timedelta(days=1),
        why="100 of 120 entries",
    )
    at = NOON + timedelta(hours=hours)
    return LedgerLine(source=source, scope=scope, route="listing", verdict=verdict, requests=2, rejected=1, at=at)


def test_a_day_is_the_sum_of_its_sections(database: Database) -> None:
    assert day(database, claim("new", 120, 118), claim("cross", 40, 40)) == Day(MONDAY, 160, 158)


def test_no_claims_no_day(database: Database) -> None:
    assert day(database) is None
    assert day(database, claim("new", 1, 1, on=None), claim("new", 1, 1, scope="cs.LG")) is None


def test_the_newest_day_counts(database: Database) -> None:
    assert day(database, claim("new", 9, 9, TUESDAY), claim("new", 5, 5, MONDAY)) == Day(TUESDAY, 9, 9)


def test_the_newest_word_of_a_section_counts(database: Database) -> None:
    day(database, claim("new", 120, 80))
    assert day(database, claim("new", 121, 121)) == Day(MONDAY, 121, 121)
    with database.reading() as connection:
        assert rows(connection)["claims"] == 1


def test_a_section_that_goes_on_over_pages_is_added_up(database: Database) -> None:
    assert day(database, claim("new", None, 2000), claim("new", 2300, 300)) == Day(MONDAY, 2300, 2300)


def test_a_feed_that_tells_the_day_again_is_not_counted_twice(database: Database) -> None:
    """A listing claims by section, a feed as a whole (section empty) and without a number."""
    day(database, claim("new", 120, 100), claim("cross", 40, 40))
    assert day(database, claim("", None, 160)) == Day(MONDAY, 160, 160)


def test_a_feed_alone_states_no_number(database: Database) -> None:
    assert day(database, claim("", None, 160)) == Day(MONDAY, None, 160)


def test_a_section_without_a_number_leaves_the_sum_unknown(database: Database) -> None:
    assert day(database, claim("new", 120, 120), claim("cross", None, 40)) == Day(MONDAY, None, 160)


def test_an_empty_list_is_a_day_with_nothing(database: Database) -> None:
    assert day(database, claim("", 0, 0)) == Day(MONDAY, 0, 0)


def test_the_newest_look_at_every_scope_is_given_back_as_it_was(database: Database) -> None:
    newest = [line("complete", 3), line("quiet", 1, "cs.LG"), line("failed", 2, "cs.CV", "publisher")]
    with database.writing() as connection:
        for one in (line("partial", 0), line("stale", 0, "cs.LG"), newest[2], newest[1], newest[0]):
            save_line(connection, one)
    with database.reading() as connection:
        assert newest_lines(connection) == newest
        assert rows(connection)["verdicts"] == 5


def test_a_scope_is_throttled_since_the_last_look_that_was_not(database: Database) -> None:
    def since(*lines: LedgerLine) -> datetime | None:
        with database.writing() as connection:
            for one in lines:
                save_line(connection, one)
        with database.reading() as connection:
            return throttled_since(connection, "arxiv", "cs.CV")

    assert since() is None
    assert since(line("throttled", 0), line("throttled", 1)) == NOON
    assert since(line("complete", 2)) is None
    assert since(line("throttled", 3, "cs.LG")) is None
    assert since(line("throttled", 4), line("quiet", 5, "cs.LG"), line("throttled", 6)) == NOON + timedelta(hours=4)


def test_a_scope_is_shut_out_since_the_last_look_that_gave_anything(database: Database) -> None:
    def since(*lines: LedgerLine) -> datetime | None:
        with database.writing() as connection:
            for one in lines:
                save_line(connection, one)
        with database.reading() as connection:
            return shut_out_since(connection, "arxiv", "cs.CV")

    assert since() is None
    # Between two looks that were refused it is put off.
    assert since(line("failed", 0), line("blocked", 1), line("throttled", 2), line("blocked", 3)) == NOON + timedelta(hours=1)
    assert since(line("quiet", 4)) is None


def test_what_has_never_given_all_is_known_since_the_first_look(database: Database) -> None:
    looks = [line("failed", 1), line("partial", 2), line("failed", 0, "cs.LG"), line("quiet", 3, "cs.LG")]
    looks += [line("complete", 4, "cs.CV", "publisher"), line("failed", 5, "cs.RO", "publisher")]
    with database.writing() as connection:
        for one in looks:
            save_line(connection, one)
        assert never_settled(connection, "arxiv") == {"cs.CV": NOON + timedelta(hours=1)}


def test_a_scope_gave_all_of_a_list_last_when_it_was_complete(database: Database) -> None:
    looks = [line("complete", 0), line("complete", 2), line("quiet", 3), line("partial", 1, scope="cs.LG")]
    with database.writing() as connection:
        assert last_complete(connection) == {}
        for one in looks:
            save_line(connection, one)
        assert last_complete(connection) == {("arxiv", "cs.CV"): NOON + timedelta(hours=2)}


def test_an_empty_ledger_has_no_lines(database: Database) -> None:
    with database.reading() as connection:
        assert newest_lines(connection) == []


def test_a_source_worked_last_when_any_of_its_scopes_gave_all(database: Database) -> None:
    looks = [
        line("complete", 0),
        line("quiet", 1, scope="cs.LG"),
        line("partial", 2),
        line("failed", 3, scope="cs.LG"),
        line("blocked", 4, source="cvf", scope="CVPR2026"),
        line("complete", 5, source="ecva", scope="ECCV2026"),
    ]
    with database.writing() as connection:
        for one in looks:
            save_line(connection, one)
    with database.reading() as connection:
        assert last_worked(connection) == {"arxiv": looks[1], "ecva": looks[5]}
