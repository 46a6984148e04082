"""Runs that are planned: claimed by whoever does them, finished, and begun again.

Such a run goes from due to running to done, or to failed, and from there, once `next_at` has come, to running again. Whoever
does it holds a lease (`storage.leases`): one that is `running` while nobody holds that was left behind by a process that died.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, Connection, and_, bindparam, case, delete, func, or_, select, update

from storage.runs import PLANNED, Run, RunKey, find_run, run_of
from storage.upsert import insert_or_ignore
from storage.work_models import RunRow

FARTHEST: Final = timedelta(hours=4)
"""A run that failed is begun again sooner than in so long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one attempt at a run; one that failed is tried again at `next_at`, or never."""

    state: Literal["done", "failed"] = "done"
    next_at: datetime | None = None
    report: Mapping[str, Any] = field(default_factory=dict)


def plan_runs(connection: Connection, keys: Iterable[RunKey], now: datetime) -> None:
    """Write down that runs are due; of those that are known only what was given up is due anew."""
    _plan(connection, keys, now, and_(RunRow.state == "failed", RunRow.next_at.is_(None)))


def plan_again(connection: Connection, keys: Iterable[RunKey], now: datetime) -> None:
    """Write down that runs are due, those as well that were over."""
    _plan(connection, keys, now, or_(RunRow.state == "done", RunRow.state == "failed"))


def _plan(connection: Connection, keys: Iterable[RunKey], now: datetime, is_over: ColumnElement[bool]) -> None:
    row, unplanned = RunRow, {"state": "due", "attempts": 0, "started_at": now, "report": {}}
    if not (named := [key._asdict() for key in keys]):
        return
    connection.execute(insert_or_ignore(connection, row), [{**key, **unplanned} for key in named])
    same = (row.kind == bindparam("_kind"), row.about == bindparam("_about"), row.period == bindparam("_period"))
    anew = update(row).where(*same, is_over).values({**unplanned, "finished_at": None, "next_at": None})
    connection.execute(anew, [{f"_{part}": value for part, value in key.items()} for key in named])


def open_runs(connection: Connection, now: datetime) -> list[Run]:
    """Return the planned runs that are to be done now, or were left behind, the oldest first."""
    row = RunRow
    return _found(connection, row.kind.in_(PLANNED), _is_open(now))


def _is_open(now: datetime) -> ColumnElement[bool]:
    # What is put off for longer than anything ever is was put off by a clock that was ahead.
    in_time = or_(RunRow.next_at <= now, RunRow.next_at > now + FARTHEST)
    return or_(RunRow.state.in_(("due", "running")), and_(RunRow.state == "failed", in_time))


def unfinished(connection: Connection, kinds: Iterable[str]) -> set[tuple[str, str]]:
    """Return the kinds of planned runs, and what they are about, of which one is not done yet."""
    row = RunRow
    statement = select(row.kind, row.about).where(row.kind.in_(list(kinds)), row.state != "done").distinct()
    return {(kind, about) for kind, about in connection.execute(statement)}


def left_to_do(connection: Connection, kind: str) -> dict[str, int]:
    """Return how many planned runs of a kind are neither done nor given up, by what they are about."""
    row = RunRow
    is_left = or_(row.state.in_(("due", "running")), and_(row.state == "failed", row.next_at.is_not(None)))
    counted = select(row.about, func.count()).where(row.kind == kind, is_left).group_by(row.about).order_by(row.about)
    return {row.about: row[1] for row in connection.execute(counted)}


def runs_of(connection: Connection, keys: Iterable[RunKey]) -> dict[RunKey, Run]:
    """Return those of the runs that are written down."""
    row, found = RunRow, dict[RunKey, Run]()
    by_kind: dict[str, set[RunKey]] = {}
    for key in keys:
        by_kind.setdefault(key.kind, set()).add(key)
    for kind, some in by_kind.items():
        abouts, periods = {key.about for key in some}, {key.period for key in some}
        named = _found(connection, row.kind == kind, row.about.in_(abouts), row.period.in_(periods))
        found |= {run.key: run for run in named if run.key in some}
    return found


def claim_run(connection: Connection, key: RunKey, now: datetime) -> Run | None:
    """Begin a planned run that is open, and return it; None for any other. The caller holds its lease."""
    row = RunRow
    named = (row.kind == key.kind, row.about == key.about, row.period == key.period)
    # One that was left behind was stopped in the middle, and has not failed: no pause grows by that.
    attempts = case((row.state == "running", row.attempts), else_=row.attempts + 1)
    begun = {"state": "running", "attempts": attempts, "started_at": now, "finished_at": None, "next_at": None}
    claimed = update(row).where(*named, _is_open(now)).values(begun).returning(row.id)
    if connection.execute(claimed).first() is None:
        return None
    return find_run(connection, *key)


def begun_with(connection: Connection, run: Run) -> list[Run]:
    """Return the runs of its kind that were claimed at the very moment that a run was, itself among them: its batch."""
    row = RunRow
    return _found(connection, row.kind == run.kind, row.started_at == run.started_at, row.state != "due")


def finish_run(connection: Connection, run: Run, outcome: Outcome, now: datetime) -> None:
    """Write down what came of a run that was claimed."""
    over = {"state": outcome.state, "finished_at": now, "next_at": outcome.next_at, "report": dict(outcome.report)}
    connection.execute(update(RunRow).where(RunRow.id == run.id).values(over))


def give_up_runs(connection: Connection, keys: Iterable[RunKey], now: datetime) -> None:
    """Note that runs are not to be begun again: their time is over."""
    row = RunRow
    for kind, about, period in keys:
        named = (row.kind == kind, row.about == about, row.period == period, row.state != "done")
        connection.execute(update(row).where(*named).values(state="failed", next_at=None, finished_at=now))


def next_run_at(connection: Connection, now: datetime) -> datetime | None:
    """Return when the next of the runs that failed is begun again."""
    row = RunRow
    later = (row.kind.in_(PLANNED), row.state == "failed", row.next_at > now)
    return connection.scalar(select(func.min(row.next_at)).where(*later))


def forget_runs(connection: Connection, before: datetime) -> None:
    """Remove planned runs that were over before that moment: what they did is written down where it was done."""
    row = RunRow
    connection.execute(delete(row).where(row.kind.in_(PLANNED), row.finished_at < before))


def _found(connection: Connection, *where: ColumnElement[bool]) -> list[Run]:
    return [run_of(row) for row in connection.execute(select(RunRow.__table__).where(*where).order_by(RunRow.id))]
