"""The ledger of days: what became of every batch of every scope, so that no gap is forgotten before it is healed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, cast

from sqlalchemy import Connection, Row, and_, func, select, true

from crawler.verdict import SETTLED, VerdictKind
from storage.upsert import upsert
from storage.work_models import ClaimRow, DayRow

_TOLD: Final = ("kind", "route", "expected", "seen", "why", "at")


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerDay:
    """The batch of one day of one scope: the verdict, by which route, how many entries were stated and seen, and when.

    `expected` is None where no number is stated.
    """

    source: str
    scope: str
    day: date
    kind: VerdictKind
    route: str
    expected: int | None
    seen: int
    why: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Section:
    """What a listing said of one of its sections, and how many of its entries were seen."""

    name: str
    expected: int | None
    seen: int


def save_days(connection: Connection, days: Iterable[LedgerDay]) -> None:
    """Write down what became of some days.

    A verdict that was final stays, unless a final one comes again; and what has seen nothing does not hide that entries of
    that day were seen.
    """
    for one in days:
        row = {name: getattr(one, name) for name in LedgerDay.__dataclass_fields__}
        seen = true() if one.seen else DayRow.seen == 0
        open_ = seen if one.kind in SETTLED else and_(DayRow.kind.not_in(SETTLED), seen)
        connection.execute(upsert(connection, DayRow, _TOLD, open_), [row])


def days_since(connection: Connection, source: str, scopes: Iterable[str], since: date) -> list[LedgerDay]:
    """Return the days of these scopes from `since` on, by scope and day."""
    row = DayRow.__table__
    statement = select(row).where(DayRow.source == source, DayRow.scope.in_(list(scopes)), DayRow.day >= since)
    return [_day(one) for one in connection.execute(statement.order_by(DayRow.scope, DayRow.day))]


def first_days(connection: Connection, source: str) -> Mapping[str, date]:
    """Return for each scope the first day it was asked for: what came before is history and owed to nobody."""
    statement = select(DayRow.scope, func.min(DayRow.day)).where(DayRow.source == source).group_by(DayRow.scope)
    return {row[0]: row[1] for row in connection.execute(statement)}


def sections_of(connection: Connection, source: str, scope: str, day: date) -> list[Section]:
    """Return the sections of one day's listing by name; a feed has one without a name."""
    row = ClaimRow
    statement = select(row.section, row.expected, row.seen).where(
        row.source == source, row.scope == scope, row.announced_on == day
    )
    return [Section(*one) for one in connection.execute(statement.order_by(row.section))]


def _day(row: Row[tuple[object, ...]]) -> LedgerDay:
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it
    values["kind"] = cast("VerdictKind", values["kind"])
    return LedgerDay(**values)
