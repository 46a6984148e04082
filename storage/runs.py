"""Runs: one unit of scheduled work for one period, whose key is unique."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple, cast

from sqlalchemy import Connection, and_, func, or_, select

from storage.upsert import insert_or_ignore
from storage.work_models import RunRow

RunState = Literal["due", "running", "done", "failed"]

PLANNED: Final = ("ask", "compose", "write", "deliver", "enrich", "fill", "warn")
"""The kinds that are planned before they are done; runs of other kinds are written down when they are over."""


class RunKey(NamedTuple):
    """What makes a run unique: the kind of work, about what, and for which period."""

    kind: str
    about: str
    period: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run: what kind of work, about what, for which period, and what came of it. Datetimes aware, in UTC.

    `next_at` is when one that failed is begun again; `id` is its number in the store.
    """

    kind: str
    about: str
    period: str
    state: RunState
    started_at: datetime
    finished_at: datetime | None = None
    report: dict[str, Any]
    attempts: int = 1
    next_at: datetime | None = None
    id: int = field(default=0, compare=False)

    @property
    def key(self) -> RunKey:
        """What makes it unique."""
        return RunKey(self.kind, self.about, self.period)

    @property
    def is_given_up(self) -> bool:
        """Whether it failed and is not to be begun again."""
        return self.state == "failed" and self.next_at is None


def save_run(connection: Connection, run: Run) -> bool:
    """Write a run down; False when that run is written already, by this process or another."""
    row = {
        "kind": run.kind,
        "about": run.about,
        "period": run.period,
        "state": run.state,
        "attempts": run.attempts,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "next_at": run.next_at,
        "report": run.report,
    }
    statement = insert_or_ignore(connection, RunRow).values(row).returning(RunRow.id)
    return connection.execute(statement).first() is not None


def find_run(connection: Connection, kind: str, about: str, period: str) -> Run | None:
    """Return the run of that key."""
    row = RunRow
    statement = select(row.__table__).where(row.kind == kind, row.about == about, row.period == period)
    found = connection.execute(statement).first()
    return run_of(found) if found else None


def newest_runs(connection: Connection, limit: int = 20, kind: str | None = None, about: str | None = None) -> list[Run]:
    """Return the newest runs, the newest first.

    Without a `kind` no planned ones that are done, and no parts of a back-fill that wait: there are thousands.
    """
    statement = select(RunRow.__table__).order_by(RunRow.id.desc()).limit(limit)
    if kind is None:
        waits = and_(RunRow.kind == "fill", RunRow.state == "due")
        statement = statement.where(or_(RunRow.kind.not_in(PLANNED), RunRow.state != "done"), ~waits)
    if kind is not None:
        statement = statement.where(RunRow.kind == kind)
    if about is not None:
        statement = statement.where(RunRow.about == about)
    return [run_of(row) for row in connection.execute(statement)]


def count_runs(connection: Connection) -> dict[tuple[str, RunState], int]:
    """Return how many runs are written down, by kind and state."""
    statement = select(RunRow.kind, RunRow.state, func.count()).group_by(RunRow.kind, RunRow.state)
    return {(row[0], cast("RunState", row[1])): row[2] for row in connection.execute(statement)}


def run_of(row: Any) -> Run:
    """Make the value of a row of `runs`."""
    return Run(
        kind=row.kind,
        about=row.about,
        period=row.period,
        state=cast("RunState", row.state),
        started_at=row.started_at,
        finished_at=row.finished_at,
        report=row.report,
        attempts=row.attempts,
        next_at=row.next_at,
        id=row.id,
    )
