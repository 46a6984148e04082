"""Runs, checkpoints, hosts and the small tools below them."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from storage.chunks import chunks
from storage.database import Database
from storage.runs import Run, RunState, find_run, newest_runs, save_run
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


@given(items=st.lists(st.integers(), max_size=50), size=st.integers(1, 20))
def test_pieces_make_up_the_whole(items: list[int], size: int) -> None:
    pieces = list(chunks(items, size))
    assert [item for piece in pieces for item in piece] == items
    assert all(0 < len(piece) <= size for piece in pieces)
