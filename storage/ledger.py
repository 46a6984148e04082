"""The ledger: what each source claimed and what we made of it, per scope and day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import Connection, Select, func, insert, select

from crawler.sighting import Claim
from crawler.verdict import SETTLED, Verdict, VerdictKind
from storage.upsert import upsert
from storage.work_models import ClaimRow, VerdictRow


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerLine:
    """The newest look at one scope: its verdict, by which route, with how many requests, and when."""

    source: str
    scope: str
    route: str
    verdict: Verdict
    requests: int
    rejected: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Day:
    """What a scope's listing of one day claimed, all sections together; `expected` None where it states no number."""

    announced_on: date
    expected: int | None
    seen: int


def save_claims(connection: Connection, source: str, claims: Iterable[Claim]) -> None:
    """Keep the newest word of a listing about itself; a section that goes on over several pages is added up."""
    rows: dict[tuple[str, str, date], dict[str, Any]] = {}
    for claim in claims:
        if claim.announced_on is None:
            continue
        key = {"scope": claim.scope, "section": claim.section, "announced_on": claim.announced_on}
        before = rows.get((claim.scope, claim.section, claim.announced_on), {"expected": None, "seen": 0})
        stated = [number for number in (before["expected"], claim.expected) if number is not None]
        rows[claim.scope, claim.section, claim.announced_on] = {
            "source": source,
            **key,
            "expected": max(stated, default=None),
            "seen": before["seen"] + claim.seen,
        }
    if rows:
        connection.execute(upsert(connection, ClaimRow, set_=("expected", "seen")), list(rows.values()))


def save_line(connection: Connection, line: LedgerLine) -> None:
    """Add one look to the ledger."""
    verdict = line.verdict
    connection.execute(
        insert(VerdictRow).values(
            source=line.source,
            scope=line.scope,
            route=line.route,
            kind=verdict.kind,
            announced_on=verdict.announced_on,
            expected=verdict.expected,
            seen=verdict.seen,
            next_at=verdict.next_at,
            why=verdict.why,
            requests=line.requests,
            rejected=line.rejected,
            at=line.at,
        )
    )


def newest_lines(connection: Connection) -> list[LedgerLine]:
    """Return the newest look at every scope of every source, by name."""
    return _lines(connection, select(func.max(VerdictRow.id)).group_by(VerdictRow.source, VerdictRow.scope))


def asking_lines(connection: Connection) -> list[LedgerLine]:
    """Return the newest look at every scope for which anything was asked: that one rested since says nothing of the source."""
    asked = select(func.max(VerdictRow.id)).where(VerdictRow.requests > 0)
    return _lines(connection, asked.group_by(VerdictRow.source, VerdictRow.scope))


def last_worked(connection: Connection) -> dict[str, LedgerLine]:
    """Return for each source the newest look, at any of its scopes, that gave all there was to be had."""
    settled = select(func.max(VerdictRow.id)).where(VerdictRow.kind.in_(SETTLED)).group_by(VerdictRow.source)
    return {line.source: line for line in _lines(connection, settled)}


def _lines(connection: Connection, ids: Select[Any]) -> list[LedgerLine]:
    row = VerdictRow.__table__
    statement = select(row).where(VerdictRow.id.in_(ids)).order_by(VerdictRow.source, VerdictRow.scope)
    return [
        LedgerLine(
            source=one.source,
            scope=one.scope,
            route=one.route,
            verdict=Verdict(
                kind=cast("VerdictKind", one.kind),
                announced_on=one.announced_on,
                expected=one.expected,
                seen=one.seen,
                next_at=one.next_at,
                why=one.why,
            ),
            requests=one.requests,
            rejected=one.rejected,
            at=one.at,
        )
        for one in connection.execute(statement)
    ]


def newest_day(connection: Connection, source: str, scope: str) -> Day | None:
    """Return the newest day a scope's listing claimed anything of."""
    row = ClaimRow
    of_scope = (row.source == source) & (row.scope == scope)
    on = connection.scalar(select(func.max(row.announced_on)).where(of_scope))
    if on is None:
        return None
    claims = connection.execute(select(row.section, row.expected, row.seen).where(of_scope, row.announced_on == on)).all()
    # A listing claims section by section; a feed tells the same entries again, all at once and without a number.
    sections = [claim for claim in claims if claim.section]
    whole = [claim for claim in claims if not claim.section]
    seen = max(sum(claim.seen for claim in sections), sum(claim.seen for claim in whole))
    return Day(on, _total([claim.expected for claim in sections or whole]), seen)


def _total(expected: Sequence[int | None]) -> int | None:
    known = [number for number in expected if number is not None]
    return sum(known) if len(known) == len(expected) else None


def never_settled(connection: Connection, source: str) -> dict[str, datetime]:
    """Return the scopes of a source that have never given all there was to be had, and since when they are looked at."""
    row, known = VerdictRow, VerdictRow.source == source
    settled = select(row.scope).where(known, row.kind.in_(SETTLED))
    statement = select(row.scope, func.min(row.at)).where(known, row.scope.not_in(settled)).group_by(row.scope)
    return {one.scope: one[1] for one in connection.execute(statement)}


def last_complete(connection: Connection) -> dict[tuple[str, str], datetime]:
    """Return when each scope last gave all of a batch, by source and scope; those that never did are left out."""
    row = VerdictRow
    statement = select(row.source, row.scope, func.max(row.at)).where(row.kind == "complete").group_by(row.source, row.scope)
    return {(source, scope): at for source, scope, at in connection.execute(statement)}


def throttled_since(connection: Connection, source: str, scope: str) -> datetime | None:
    """Return since when a scope has been throttled at every look; None when the newest look was not."""
    return _since(connection, source, scope, "throttled")


def shut_out_since(connection: Connection, source: str, scope: str) -> datetime | None:
    """Return since when a scope has been blocked, or throttled, at every look; None when the newest look was neither."""
    return _since(connection, source, scope, "blocked", "throttled")


def _since(connection: Connection, source: str, scope: str, *kinds: VerdictKind) -> datetime | None:
    of_scope = (VerdictRow.source == source) & (VerdictRow.scope == scope)
    other = select(func.coalesce(func.max(VerdictRow.id), 0)).where(of_scope, VerdictRow.kind.not_in(kinds))
    return connection.scalar(select(func.min(VerdictRow.at)).where(of_scope, VerdictRow.id > other.scalar_subquery()))
