"""Schedules: the evenings on which a source has told that it will announce nothing."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, select

from storage.upsert import upsert
from storage.work_models import ScheduleRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """What a source has told: evenings off, the years it has told all of, and when it was asked (aware, UTC; None: never)."""

    evenings_off: frozenset[date] = frozenset()
    years: frozenset[int] = frozenset()
    asked_at: datetime | None = None


def schedule(connection: Connection, source: str) -> Schedule:
    """Return what a source has told so far."""
    row = connection.execute(select(ScheduleRow.__table__).where(ScheduleRow.source == source)).first()
    if row is None:
        return Schedule()
    evenings = frozenset(date.fromisoformat(day) for day in row.evenings_off)
    return Schedule(evenings_off=evenings, years=frozenset(row.years), asked_at=row.asked_at)


def save_schedule(connection: Connection, source: str, told: Schedule) -> None:
    """Keep what a source has told, in addition to what it told before."""
    before = schedule(connection, source)
    row = {
        "source": source,
        "evenings_off": sorted(day.isoformat() for day in before.evenings_off | told.evenings_off),
        "years": sorted(before.years | told.years),
        "asked_at": told.asked_at,
    }
    connection.execute(upsert(connection, ScheduleRow, set_=("evenings_off", "years", "asked_at")), [row])
