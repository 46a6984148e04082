"""Events: writing what happened, once, and reading it in commit order."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final, cast

from sqlalchemy import Connection, Row, Select, bindparam, func, insert, select, update

from crawler.sighting import Sighting
from storage.acceptances import accepted_by_authors
from storage.announcing import Accepted, EventKey, Happening, Stated, accepted_events, code_events, happenings
from storage.chunks import chunks
from storage.counters import take
from storage.event import Event, EventKind
from storage.models import EventRow

_NEWS: Final = timedelta(days=60)
_ANNOUNCED: Final = ("announced", "cross-listed", "accepted")
_RECENT: Final = timedelta(weeks=4)
"""So long a programme is new to a new reader."""


def last_sequence(connection: Connection) -> int:
    """Return the number of the last event, 0 when there is none."""
    return connection.scalar(select(func.max(EventRow.sequence))) or 0


def announced_since(connection: Connection, sequence: int) -> list[Event]:
    """Return the announcements after the event of that number, in commit order."""
    statement = select(EventRow.__table__).where(EventRow.sequence > sequence, EventRow.kind.in_(_ANNOUNCED))
    return _news(connection, statement)


def announced_on(connection: Connection, source: str, on: date) -> list[Event]:
    """Return the announcements of a source's day, in commit order."""
    statement = select(EventRow.__table__).where(EventRow.source == source, EventRow.kind.in_(_ANNOUNCED), EventRow.on == on)
    return _news(connection, statement)


def _news(connection: Connection, statement: Select[Any]) -> list[Event]:
    """Return the events that bring a paper to readers who were not shown it: that its authors say it is accepted does not."""
    events = (event_of(row) for row in connection.execute(statement.order_by(EventRow.sequence)))
    return [event for event in events if event.kind != "accepted" or "said" not in event.detail]


def newest_batch(connection: Connection, source: str) -> list[Event]:
    """Return the announcements of a source's newest day, in commit order: what a new subscription begins with.

    Of programmes, those of the weeks before as well: one paper that is added to a programme later is not all of it.
    """
    on = _newest_day(connection, source)
    batch = announced_on(connection, source, on) if on else []
    if on is None or not any(_is_of_programme(event) for event in batch):
        return batch
    row = EventRow
    recent = row.source == source, row.kind.in_(_ANNOUNCED), row.on.between(on - _RECENT, on)
    events = _news(connection, select(row.__table__).where(*recent))
    return [event for event in events if event.on == on or _is_of_programme(event)]


def _newest_day(connection: Connection, source: str) -> date | None:
    """Return the newest day on which a source announced anything."""
    row = EventRow
    newest = select(func.max(row.on)).where(row.source == source)
    announced = connection.scalar(newest.where(row.kind == "announced"))
    # Of what its authors say, which is not announced, a store holds much: only what came later is looked at.
    accepted = newest.where(row.kind == "accepted", row.on > (announced or date.min), row.detail["said"].as_string().is_(None))
    return connection.scalar(accepted) or announced


def _is_of_programme(event: Event) -> bool:
    return "venue" in event.detail


def event_of(row: Row[Any]) -> Event:
    """Make the value of a row of `events`."""
    return Event(
        id=row.id,
        sequence=row.sequence,
        paper_id=row.paper_id,
        kind=cast("EventKind", row.kind),
        source=row.source,
        at=row.at,
        on=row.on,
        detail=row.detail,
    )


def happening_of(row: Row[Any]) -> Happening:
    """Make what the rules of `storage.announcing` need of a row of `events`."""
    return Happening(
        paper_id=row.paper_id,
        kind=cast("EventKind", row.kind),
        key=row.key,
        source=row.source,
        on=row.on,
        detail=row.detail,
    )


def record_events(
    connection: Connection,
    said: Sequence[tuple[int, Sighting]],
    appeared: Sequence[Stated] = (),
    accepted: Sequence[Accepted] = (),
) -> None:
    """Write the events that the sightings, each with its paper's id, make happen.

    So do links that have `appeared`, and that authors say for the first time where a paper is `accepted`.
    """
    told: tuple[Stated | Accepted, ...] = (*appeared, *accepted)
    stored = _stored(connection, {*(paper_id for paper_id, _ in said), *(one.paper_id for one in told)})
    by_authors = accepted_by_authors(connection, said, stored)
    wanted = happenings(said, stored, by_authors) | code_events(appeared, stored) | accepted_events(accepted, stored)
    at = max((sighting.seen_at for sighting in (*(one for _, one in said), *(one.sighting for one in told))), default=None)
    new = [happening for key, happening in wanted.items() if key not in stored]
    amended = [happening for key, happening in wanted.items() if key in stored]
    if new and at:
        _insert(connection, new, at)
    if amended:
        _amend(connection, amended)


def record_happenings(connection: Connection, wanted: Mapping[EventKey, Happening], at: datetime) -> None:
    """Write those of the events that are not there yet."""
    stored = _stored(connection, {paper_id for paper_id, _, _ in wanted})
    if new := [happening for key, happening in wanted.items() if key not in stored]:
        _insert(connection, new, at)


def renew_announcements(connection: Connection, paper_ids: Sequence[int], now: datetime) -> None:
    """Give later numbers to the announcements of papers whose abstract has come after them, off a page of their own.

    That is news for some weeks: a back-fill that describes what was announced a year ago brings it to nobody.

    Whoever has read past them, and found nothing in the title alone, meets these papers once more; whoever was shown one is
    not shown it again, and told nothing of it twice: the number that they had at first stays known.
    """
    row = EventRow
    of_papers = row.paper_id.in_(bindparam("papers", expanding=True))
    wanted = (row.kind.in_(_ANNOUNCED), row.at >= now - _NEWS, of_papers)
    ids = [
        one
        for some in chunks(sorted(paper_ids))
        for one in connection.scalars(select(row.id).where(*wanted).order_by(row.sequence), {"papers": some})
    ]
    if ids:
        first = take(connection, "events", len(ids))
        numbers = [{"event": event_id, "number": number} for number, event_id in enumerate(ids, first)]
        later = {"sequence": bindparam("number"), "first_sequence": func.coalesce(row.first_sequence, row.sequence)}
        connection.execute(update(row).where(row.id == bindparam("event")).values(later), numbers)


def _stored(connection: Connection, paper_ids: Iterable[int]) -> dict[EventKey, Happening]:
    stored = {}
    for some in chunks(sorted(paper_ids)):
        for row in connection.execute(select(EventRow.__table__).where(EventRow.paper_id.in_(some))):
            happening = happening_of(row)
            stored[happening.paper_id, happening.kind, happening.key] = happening
    return stored


def _insert(connection: Connection, new: Sequence[Happening], at: datetime) -> None:
    first = take(connection, "events", len(new))
    rows = [
        {
            "sequence": sequence,
            "paper_id": one.paper_id,
            "kind": one.kind,
            "key": one.key,
            "source": one.source,
            "at": at,
            "on": one.on,
            "detail": dict(one.detail),
        }
        for sequence, one in enumerate(new, first)
    ]
    connection.execute(insert(EventRow), rows)


def _amend(connection: Connection, amended: Iterable[Happening]) -> None:
    statement = update(EventRow).where(
        EventRow.paper_id == bindparam("paper"), EventRow.kind == bindparam("of"), EventRow.key == bindparam("about")
    )
    rows = [
        {
            "paper": one.paper_id,
            "of": one.kind,
            "about": one.key,
            "source": one.source,
            "on": one.on,
            "detail": dict(one.detail),
        }
        for one in amended
    ]
    connection.execute(statement, rows)
