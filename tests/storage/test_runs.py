"""Runs, checkpoints, hosts and the small tools below them."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from storage.chunks import chunks
from storage.database import Database
from storage.planned import (
    Outcome,
    claim_run,
    finish_run,
    forget_runs,
    give_up_runs,
    next_run_at,
    open_runs,
    plan_runs,
    runs_of,
)
from storage.runs import Run, RunKey, RunState, count_runs, find_run, newest_runs, save_run
from tests.storage.factories import NOON


def run(kind: str = "digest", about: str = "morning", period: str = "2026-08-12", state: RunState = "done") -> Run:
    return Run(
        kind=kind,
        about=about,
        period=period,
        state=state,
        started_at=NOON,
        finished_at=NOON + timedelta(seconds=2) if state == "done" else None,
        report={"papers": 3, "files": ["2026-08-12/morning.md"]},
    )


def test_a_run_is_written_once(database: Database) -> None:
    with database.writing() as connection:
        assert save_run(connection, run())
    with database.writing() as connection:
        assert not save_run(connection, run(state="failed"))
    with database.reading() as connection:
        assert find_run(connection, "digest", "morning", "2026-08-12") == run()
        assert find_run(connection, "digest", "evening", "2026-08-12") is None


def test_the_newest_runs_come_first(database: Database) -> None:
    runs = [run(period=f"2026-08-{day}", state="failed" if day == 11 else "done") for day in range(10, 14)]
    crawl = run("crawl", "arxiv", "2026-08-12T08")
    with database.writing() as connection:
        for one in (*runs, crawl):
            save_run(connection, one)
    with database.reading() as connection:
        assert newest_runs(connection) == [crawl, *reversed(runs)]
        assert newest_runs(connection, 2, "digest") == [runs[3], runs[2]]
        assert newest_runs(connection, kind="crawl", about="arxiv") == [crawl]
        assert newest_runs(connection, about="evening") == []


def test_runs_are_counted_by_kind_and_state(database: Database) -> None:
    with database.writing() as connection:
        assert count_runs(connection) == {}
        for one in (run(), run(period="2026-08-13"), run(about="evening", state="failed"), run("crawl", "arxiv")):
            save_run(connection, one)
        assert count_runs(connection) == {("digest", "done"): 2, ("digest", "failed"): 1, ("crawl", "done"): 1}


KEY = RunKey("ask", "arxiv", "2026-08-12T00:30")
SOON = timedelta(minutes=15)


def planned(database: Database, *keys: RunKey) -> None:
    with database.writing() as connection:
        plan_runs(connection, keys, NOON)


def is_open(database: Database, now: datetime = NOON) -> list[RunKey]:
    with database.reading() as connection:
        return [run.key for run in open_runs(connection, now)]


def claimed(database: Database, now: datetime = NOON) -> Run:
    with database.writing() as connection:
        run = claim_run(connection, KEY, now)
    assert run is not None
    return run


def over(database: Database, run: Run, outcome: Outcome) -> None:
    with database.writing() as connection:
        finish_run(connection, run, outcome, NOON)


def test_a_planned_run_is_open_until_it_is_done(database: Database) -> None:
    planned(database, KEY, KEY)
    assert is_open(database) == [KEY]
    run = claimed(database)
    assert (run.state, run.attempts) == ("running", 1)
    # Whoever claimed it may have died.
    assert is_open(database) == [KEY]
    over(database, run, Outcome(report={"seen": 7}))
    assert is_open(database) == []
    planned(database, KEY)
    with database.writing() as connection:
        assert claim_run(connection, KEY, NOON) is None
        (done,) = runs_of(connection, [KEY, KEY._replace(period="2026-08-13T00:30")]).values()
    assert (done.state, done.report, done.finished_at) == ("done", {"seen": 7}, NOON)


def test_a_run_that_failed_is_open_again_in_its_time(database: Database) -> None:
    planned(database, KEY)
    over(database, claimed(database), Outcome(state="failed", next_at=NOON + SOON))
    assert is_open(database) == []
    with database.reading() as connection:
        assert next_run_at(connection, NOON) == NOON + SOON
    assert is_open(database, NOON + SOON) == [KEY]
    again = claimed(database, NOON + SOON)
    assert (again.attempts, again.next_at) == (2, None)
    over(database, again, Outcome(state="failed"))
    assert is_open(database, NOON + 9 * SOON) == []


def test_one_that_was_stopped_in_the_middle_goes_on_with_the_same_attempt(database: Database) -> None:
    with database.writing() as connection:
        plan_runs(connection, [KEY], NOON)
        assert claim_run(connection, KEY, NOON) is not None
        again = claim_run(connection, KEY, NOON + timedelta(minutes=5))
    assert again is not None
    assert (again.attempts, again.started_at) == (1, NOON + timedelta(minutes=5))


def test_runs_whose_time_is_over_are_not_begun_again(database: Database) -> None:
    planned(database, KEY)
    with database.writing() as connection:
        give_up_runs(connection, [KEY], NOON)
        assert claim_run(connection, KEY, NOON) is None
        forget_runs(connection, NOON + SOON)
        assert runs_of(connection, [KEY]) == {}


def test_what_is_planned_is_told_while_it_is_not_done(database: Database) -> None:
    planned(database, KEY)
    with database.reading() as connection:
        assert [run.key for run in newest_runs(connection)] == [KEY]
    over(database, claimed(database), Outcome())
    with database.reading() as connection:
        assert newest_runs(connection) == []
        assert [run.state for run in newest_runs(connection, kind="ask")] == ["done"]


class Counted(RunKey):
    """A key that counts how often it is compared with another."""

    __slots__ = ()
    compared = 0
    __hash__ = RunKey.__hash__

    def __eq__(self, other: object) -> bool:
        Counted.compared += 1
        return super().__eq__(other)


def test_the_runs_of_many_readers_are_found_without_comparing_each_with_each(database: Database) -> None:
    keys = [Counted("compose", f"reader{number}", "2026-08-12") for number in range(200)]
    with database.writing() as connection:
        plan_runs(connection, keys, NOON)
    with database.reading() as connection:
        Counted.compared = 0
        assert len(runs_of(connection, keys)) == 200
    assert Counted.compared <= 3 * 200


def test_a_run_of_another_kind_is_never_open(database: Database) -> None:
    with database.writing() as connection:
        save_run(connection, run("crawl", "arxiv", state="failed"))
    assert is_open(database) == []


@given(items=st.lists(st.integers(), max_size=50), size=st.integers(1, 20))
def test_pieces_make_up_the_whole(items: list[int], size: int) -> None:
    pieces = list(chunks(items, size))
    assert [item for piece in pieces for item in piece] == items
    assert all(0 < len(piece) <= size for piece in pieces)
