"""What each subscription was shown, and how far it has read: digest_events and marks."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final, NamedTuple

from sqlalchemy import Connection, delete, func, insert, select

from storage.chunks import chunks
from storage.event import Event
from storage.events import event_of
from storage.models import DigestEventRow, EventRow, MarkRow
from storage.upsert import insert_or_ignore


class TopicKey(NamedTuple):
    """A topic as the marks know it: another query under the same name is another topic. Both empty: the updates."""

    topic: str
    query_hash: str


UPDATES = TopicKey("", "")

_UPDATES: Final = ("revised", "withdrawn", "code", "accepted", "raised", "mentioned")


class Showing(NamedTuple):
    """One event shown under one topic (empty: as an update)."""

    event_id: int
    topic: str


def marks(connection: Connection, subscription: str) -> dict[TopicKey, int]:
    """Return the last event the subscription considered, per topic."""
    rows = connection.execute(
        select(MarkRow.topic, MarkRow.query_hash, MarkRow.sequence).where(MarkRow.subscription == subscription)
    )
    return {TopicKey(row.topic, row.query_hash): row.sequence for row in rows}


def shown_papers(connection: Connection, subscription: str, paper_ids: Iterable[int]) -> set[int]:
    """Return those of the papers that the subscription was shown already."""
    return set(_first_shown(connection, subscription, paper_ids))


def updates_since(connection: Connection, subscription: str, sequence: int) -> list[tuple[Event, date]]:
    """Return what happened after that event to papers the subscription was shown, each with the day it was first shown.

    Among it is that a programme has what its authors had `told` before, which is a number and no news.
    """
    row = EventRow
    # What was given a later number has happened when it had its first one.
    unread = row.sequence > sequence, func.coalesce(row.first_sequence, row.sequence) > sequence
    statement = select(row.__table__).where(*unread, row.kind.in_(_UPDATES))
    events = [event_of(row) for row in connection.execute(statement.order_by(EventRow.sequence))]
    before = _shown_events(connection, subscription, (event.id for event in events))
    events = [event for event in events if event.id not in before]
    first = _first_shown(connection, subscription, (event.paper_id for event in events))
    return [(event, first[event.paper_id]) for event in events if event.paper_id in first]


def _shown_events(connection: Connection, subscription: str, event_ids: Iterable[int]) -> set[int]:
    """Return those of the events that the subscription was shown: one of two that become one gets the later number."""
    row = DigestEventRow
    return {
        event_id
        for some in chunks(sorted(event_ids))
        for event_id in connection.scalars(select(row.event_id).where(row.subscription == subscription, row.event_id.in_(some)))
    }


def _first_shown(connection: Connection, subscription: str, paper_ids: Iterable[int]) -> dict[int, date]:
    """Return the day on which each of the papers was first shown, of those that were."""
    # Not a join: SQLite would begin one with all that the subscription was ever shown.
    of_event = (DigestEventRow.subscription == subscription) & (DigestEventRow.event_id == EventRow.id)
    period = select(DigestEventRow.period).where(of_event).scalar_subquery()
    first: dict[int, date] = {}
    for some in chunks(sorted(set(paper_ids))):
        for paper_id, shown_in in connection.execute(select(EventRow.paper_id, period).where(EventRow.paper_id.in_(some))):
            if shown_in is not None:
                on = date.fromisoformat(shown_in)
                first[paper_id] = min(first.get(paper_id, on), on)
    return first


def history(connection: Connection, subscription: str, topic: str, periods: Iterable[str]) -> tuple[int, ...]:
    """Return how many papers the topic showed in each of the periods, in their order."""
    wanted = list(periods)
    statement = (
        select(DigestEventRow.period, func.count())
        .where(
            DigestEventRow.subscription == subscription,
            DigestEventRow.topic == topic,
            DigestEventRow.period.in_(wanted),
        )
        .group_by(DigestEventRow.period)
    )
    counts = {row[0]: row[1] for row in connection.execute(statement)}
    return tuple(counts.get(period, 0) for period in wanted)


def save_shown(connection: Connection, subscription: str, period: str, showings: Iterable[Showing]) -> None:
    """Note what a digest shows, in the transaction that puts it into the outbox."""
    rows = [{"subscription": subscription, "period": period, **showing._asdict()} for showing in showings]
    if rows:
        connection.execute(insert_or_ignore(connection, DigestEventRow), rows)


def save_marks(connection: Connection, subscription: str, topics: Mapping[TopicKey, int]) -> None:
    """Note how far the subscription has read in each topic, and forget the topics it no longer has.

    A topic that comes back after months is a new one: it must not bring those months along.
    """
    connection.execute(delete(MarkRow).where(MarkRow.subscription == subscription))
    rows = [{"subscription": subscription, **key._asdict(), "sequence": sequence} for key, sequence in topics.items()]
    if rows:
        connection.execute(insert(MarkRow), rows)
