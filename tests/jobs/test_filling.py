"""Back-fills that are left to a daemon: every day in one part, and no part is given up or begun for ever."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.errors import SettingsError
from crawler.report import Errand
from crawler.sources import find
from jobs.agenda import agenda
from jobs.filling import MOST_ATTEMPTS, leave, parts, span_of
from storage.database import Database
from storage.planned import Outcome, claim_run, finish_run, left_to_do, runs_of
from storage.runs import RunKey
from tests.jobs.offices import Desk

DAYS = st.dates(date(1991, 8, 1), date(2100, 12, 31))
MONTH = "2026-07-01/2026-07-31"
ON = date(2026, 8, 12)


@given(DAYS, st.timedeltas(timedelta(), timedelta(days=1500)), st.sampled_from(["arxiv", "cvf"]))
def test_every_day_is_in_one_part_and_no_part_is_long(since: date, length: timedelta, name: str) -> None:
    until, at = since + length, since
    for part in parts(find(name), since, until):
        first, last = span_of(part)
        assert first == at
        assert first <= last
        assert (first.year, name == "cvf" or first.month) == (last.year, name == "cvf" or last.month)
        at = last + timedelta(days=1)
    assert at == until + timedelta(days=1)


def test_a_part_is_a_month_or_a_year_of_proceedings() -> None:
    assert list(parts(find("arxiv"), date(2025, 12, 24), date(2026, 2, 3))) == [
        "2025-12-24/2025-12-31",
        "2026-01-01/2026-01-31",
        "2026-02-01/2026-02-03",
    ]
    assert list(parts(find("cvf"), date(2024, 2, 29), date(2025, 7, 1))) == ["2024-02-29/2024-12-31", "2025-01-01/2025-07-01"]


@pytest.fixture
def desk(database: Database, store_url: str, tmp_path: Path) -> Desk:
    return Desk(database, store_url, tmp_path)


def test_parts_are_begun_one_after_the_other_and_the_future_has_none(desk: Desk) -> None:
    office = desk.office(ON)
    left = leave(office, ["arxiv"], Errand(since=date(2026, 7, 1), until=date(2100, 1, 1)))
    assert left == [RunKey("fill", "arxiv", MONTH), RunKey("fill", "arxiv", "2026-08-01/2026-08-12")]
    on_agenda = [run.key for run in agenda(office, office.clock())]
    assert on_agenda[-2:] == left


def test_a_part_that_fails_again_and_again_is_given_up_until_somebody_leaves_it_anew(desk: Desk) -> None:
    office = desk.office(ON)
    (key,) = leave(office, ["arxiv"], Errand(since=date(2026, 7, 1), until=date(2026, 7, 31)))
    for _ in range(MOST_ATTEMPTS):
        assert key in [run.key for run in agenda(office, office.clock())]
        with office.database.writing() as connection:
            run = claim_run(connection, key, office.clock())
            assert run is not None
            finish_run(connection, run, Outcome(state="failed", next_at=office.clock()), office.clock())
    assert key not in [run.key for run in agenda(office, office.clock())]
    with office.database.reading() as connection:
        assert runs_of(connection, [key])[key].next_at is None
        assert left_to_do(connection, "fill") == {}
    assert leave(office, ["arxiv"], Errand(since=date(2026, 7, 1), until=date(2026, 7, 31))) == [key]
    assert key in [run.key for run in agenda(office, office.clock())]
    with office.database.reading() as connection:
        assert left_to_do(connection, "fill") == {"arxiv": 1}


def test_the_future_is_no_past(desk: Desk) -> None:
    with pytest.raises(SettingsError, match="2026-08-13 is yet to come"):
        leave(desk.office(ON), ["arxiv"], Errand(since=date(2026, 8, 13)))


def test_a_source_without_a_past_says_so(desk: Desk) -> None:
    with pytest.raises(SettingsError, match="not turned on"):
        leave(desk.office(ON), ["huggingface"], Errand(since=date(2026, 7, 1)))
