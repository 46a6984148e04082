"""The versions of papers: when each was announced, and when it was handed in."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import date, datetime
from typing import Final, NamedTuple, TypeVar

from sqlalchemy import Connection, select

from crawler.sighting import Sighting
from storage.bulk import insert_rows
from storage.chunks import chunks
from storage.models import VersionRow

T = TypeVar("T", date, datetime)


class Dates(NamedTuple):
    """The day a version was announced and the moment (aware, UTC) it was handed in, where a source told them."""

    announced_on: date | None = None
    submitted_at: datetime | None = None


_REPLACED: Final = (
    "ON CONFLICT (paper_id, version) DO UPDATE SET announced_on = excluded.announced_on, submitted_at = excluded.submitted_at"
)

Versions = Mapping[tuple[int, int], Dates]
"""By paper and number."""


def record_versions(connection: Connection, seen: Iterable[tuple[int, Sighting]], made: AbstractSet[int] = frozenset()) -> None:
    """Note the versions seen, each with the earliest day a source announced it as new or as a replacement.

    Of the papers `made` just now there are none yet.
    """
    dates: dict[tuple[int, int], Dates] = {}
    for paper_id, sighting in seen:
        if sighting.version is not None and (sighting.action or not sighting.submissions):
            on = sighting.announced_on if sighting.action in ("new", "replace") else None
            _note(dates, (paper_id, sighting.version), Dates(announced_on=on))
        for version, at in sighting.submissions:
            _note(dates, (paper_id, version), Dates(None, at))
    save_versions(connection, dates, made)


def save_versions(connection: Connection, dates: Versions, made: AbstractSet[int] = frozenset()) -> None:
    """Write down versions with their dates; of two days, and of two moments, the earlier one stays.

    Papers `made` just now have no versions yet.
    """
    known = versions_of(connection, {paper_id for paper_id, _ in dates} - made)
    rows = [
        (*key, *earliest)
        for key, each in dates.items()
        if (earliest := _earlier(known[key], each) if key in known else each) != known.get(key)
    ]
    insert_rows(connection, VersionRow, ("paper_id", "version", *Dates._fields), rows, _REPLACED)


def versions_of(connection: Connection, paper_ids: Iterable[int]) -> Versions:
    """Return the versions of these papers that are known."""
    known = {}
    for some in chunks(sorted(paper_ids)):
        rows = connection.execute(select(VersionRow.__table__).where(VersionRow.paper_id.in_(some)))
        known.update({(row.paper_id, row.version): Dates(row.announced_on, row.submitted_at) for row in rows})
    return known


def _note(dates: dict[tuple[int, int], Dates], key: tuple[int, int], said: Dates) -> None:
    if (before := dates.setdefault(key, said)) is not said:
        dates[key] = _earlier(before, said)


def _earlier(one: Dates, other: Dates) -> Dates:
    return Dates(_least(one.announced_on, other.announced_on), _least(one.submitted_at, other.submitted_at))


def _least(one: T | None, other: T | None) -> T | None:
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)
