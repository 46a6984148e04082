"""Runs: one unit of scheduled work for one period, whose key is unique."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast

from sqlalchemy import Connection, select

from storage.upsert import insert_or_ignore
from storage.work_models import RunRow

RunState = Literal["done", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run: what kind of work, about what, for which period, and what came of it. Datetimes aware, in UTC."""

    kind: str
    about: str
    period: str
    state: RunState
    started_at: datetime
    finished_at: datetime | None = None
    report: dict[str, Any]


def save_run(connection: Connection, run: Run) -> bool:
    """Write a run down; False when that run is written already, by this process or another."""
    row = {
        "kind": run.kind,
        "about": run.about,
        "period": run.period,
        "state": run.state,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "report": run.report,
    }
    statement = insert_or_ignore(connection, RunRow).values(row).returning(RunRow.id)
    return connection.execute(statement).first() is not None


def find_run(connection: Connection, kind: str, about: str, period: str) -> Run | None:
    """Return the run of that key."""
    row = RunRow
    statement = select(row.__table__).where(row.kind == kind, row.about == about, row.period == period)
    found = connection.execute(statement).first()
    return _run(found) if found else None


def newest_runs(connection: Connection, limit: int = 20, kind: str | None = None, about: str | None = None) -> list[Run]:
    """Return the newest runs, the newest first."""
    statement = select(RunRow.__table__).order_by(RunRow.id.desc()).limit(limit)
    if kind is not None:
        statement = statement.where(RunRow.kind == kind)
    if about is not None:
        statement = statement.where(RunRow.about == about)
    return [_run(row) for row in connection.execute(statement)]


def _run(row: Any) -> Run:
    return Run(
        kind=row.kind,
        about=row.about,
        period=row.period,
        state=cast("RunState", row.state),
        started_at=row.started_at,
        finished_at=row.finished_at,
        report=row.report,
    )
