"""What each subscription was shown, and how far it has read: digest_events and marks."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection, func, select
from sqlalchemy.orm import aliased

from storage.chunks import chunks
from storage.event import Event
from storage.events import event_of
from storage.models import DigestEventRow, EventRow, MarkRow
from storage.upsert import insert_or_ignore, upsert


class TopicKey(NamedTuple):
    """A topic as the marks know it: another query under the same name is another topic. Both empty: the updates."""

    topic: str
    query_hash: str


UPDATES = TopicKey("", "")


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
    shown: set[int] = set()
    for some in chunks(sorted(set(paper_ids))):
        statement = (
            select(EventRow.paper_id)
            .join(DigestEventRow, DigestEventRow.event_id == EventRow.id)
            .where(DigestEventRow.subscription == subscription, EventRow.paper_id.in_(some))
        )
        shown.update(connection.scalars(statement))
    return shown


def updates_since(connection: Connection, subscription: str, sequence: int) -> list[tuple[Event, date]]:
    """Return what happened after that event to papers the subscription was shown, each with the day it was first shown."""
    earlier = aliased(EventRow)
    statement = (
        select(EventRow.__table__, func.min(DigestEventRow.period).label("period"))
        .join(earlier, earlier.paper_id == EventRow.paper_id)
        .join(DigestEventRow, DigestEventRow.event_id == earlier.id)
        .where(EventRow.sequence > sequence, EventRow.kind == "revised", DigestEventRow.subscription == subscription)
        .group_by(EventRow.id)
        .order_by(EventRow.sequence)
    )
    return [(event_of(row), date.fromisoformat(row.period)) for row in connection.execute(statement)]


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
    """Note how far the subscription has read in each topic."""
    rows = [{"subscription": subscription, **key._asdict(), "sequence": sequence} for key, sequence in topics.items()]
    if rows:
        connection.execute(upsert(connection, MarkRow, set_=("sequence",)), rows)
