"""The outbox: rendered messages, kept as the bytes that go out, until somebody has accepted them.

pending → sending → sent | deferred (until `next_at`; without one, for want of a server) | failed | unknown.
`sending` is committed before the message is handed over; `unknown` is a message whose server fell silent after the final
dot, and is sent again with the same bytes and the same Message-ID (RFC 1047 on why there is no better answer).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal, cast
from zlib import crc32

from sqlalchemy import ColumnElement, Connection, Row, and_, exists, func, or_, select, update
from sqlalchemy.orm import aliased

from storage.upsert import insert_or_ignore
from storage.work_models import OutboxRow

OutboxState = Literal["pending", "sending", "sent", "deferred", "failed", "unknown"]
Form = Literal["mail", "markdown", "html"]

_UNSENT: Final = ("pending", "sending", "deferred", "failed", "unknown")

FILES: Final[tuple[Form, ...]] = ("markdown", "html")

PARTS: Final = 16
"""Into so many parts mails are split, by the domains of their recipients: each part is sent by one process at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One form of one digest for one recipient: a mail address, or a path below the output folder."""

    subscription: str
    period: str
    form: Form
    recipient: str
    message_id: str
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What became of a message so far. Datetimes aware, in UTC."""

    id: int
    subscription: str
    period: str
    form: Form
    recipient: str
    message_id: str
    state: OutboxState
    attempts: int
    created_at: datetime
    next_at: datetime | None
    error: str | None


def enqueue(connection: Connection, messages: Iterable[Message], at: datetime) -> None:
    """Put messages into the outbox; one that is there already stays as it was."""
    rows = [
        {
            "subscription": message.subscription,
            "period": message.period,
            "form": message.form,
            "recipient": message.recipient,
            "message_id": message.message_id,
            "body": message.body,
            "state": "pending",
            "attempts": 0,
            "created_at": at,
        }
        for message in messages
    ]
    if rows:
        connection.execute(insert_or_ignore(connection, OutboxRow), rows)


def next_due_at(connection: Connection, now: datetime) -> datetime | None:
    """Return when the next of the messages that wait is tried again."""
    row = OutboxRow
    return connection.scalar(select(func.min(row.next_at)).where(row.state.in_(("deferred", "unknown")), row.next_at > now))


def part_of(recipient: str) -> int:
    """Return the part of the mails that one is in: all to one domain are in the same."""
    return crc32(recipient.rpartition("@")[2].lower().encode()) % PARTS


def parts_due(connection: Connection, now: datetime) -> list[int]:
    """Return the parts in which mails are to be sent now."""
    recipients = connection.scalars(select(OutboxRow.recipient).where(_is_due(now, ("mail",))).distinct())
    return sorted({part_of(recipient) for recipient in recipients})


def due(connection: Connection, now: datetime, forms: Iterable[Form], part: int | None = None) -> list[Delivery]:
    """Return what is to be delivered now, oldest first; of mails a `part`, or all.

    The caller holds the lease of these, so what is still `sending` was left behind by a process that died.
    """
    found = _deliveries(connection, _is_due(now, forms))
    return found if part is None else [one for one in found if part_of(one.recipient) == part]


def is_due(connection: Connection, now: datetime, forms: Iterable[Form]) -> bool:
    """Tell whether there is anything to be delivered now."""
    return connection.scalar(select(OutboxRow.id).where(_is_due(now, forms)).limit(1)) is not None


def _is_due(now: datetime, forms: Iterable[Form]) -> ColumnElement[bool]:
    row = OutboxRow
    open_ = or_(
        row.state.in_(("pending", "sending")),
        and_(row.state.in_(("deferred", "unknown")), or_(row.next_at <= now, row.next_at.is_(None))),
    )
    return and_(open_, row.form.in_(list(forms)))


def reopen(connection: Connection, subscription: str, period: str, places: Iterable[str]) -> None:
    """Have files written again that somebody has removed."""
    of_digest = (OutboxRow.subscription == subscription) & (OutboxRow.period == period) & OutboxRow.form.in_(FILES)
    connection.execute(
        update(OutboxRow)
        .where(of_digest, OutboxRow.recipient.in_(list(places)), OutboxRow.state == "sent")
        .values(state="pending")
    )


def body(connection: Connection, delivery: Delivery) -> bytes:
    """Return the bytes of a message."""
    return connection.execute(select(OutboxRow.body).where(OutboxRow.id == delivery.id)).scalar_one()


def begin(connection: Connection, delivery: Delivery) -> Delivery:
    """Note that the message is about to be handed over, and return it so."""
    begun = replace(delivery, state="sending", attempts=delivery.attempts + 1, error=None)
    _save(connection, begun, state=begun.state, attempts=begun.attempts, error=None)
    return begun


def settle(
    connection: Connection,
    delivery: Delivery,
    state: OutboxState,
    at: datetime,
    retry: tuple[datetime | None, str | None] = (None, None),
) -> Delivery:
    """Note what became of the message, and return it so; `retry` is when to try again and what went wrong."""
    next_at, error = retry
    _save(connection, delivery, state=state, next_at=next_at, error=error, sent_at=at if state == "sent" else None)
    return replace(delivery, state=state, next_at=next_at, error=error)


def of_period(connection: Connection, subscription: str, period: str) -> list[Delivery]:
    """Return the messages of one digest."""
    return _deliveries(connection, and_(OutboxRow.subscription == subscription, OutboxRow.period == period))


def unsettled(connection: Connection) -> list[Delivery]:
    """Return the messages that are not sent, oldest first."""
    # Named one by one, which the index serves; to see that a row is not "sent", SQLite would read past its body.
    return _deliveries(connection, OutboxRow.state.in_(_UNSENT))


def given_up(connection: Connection) -> list[Delivery]:
    """Return the messages that were given up, but for those whose recipient has got a later one since."""
    later = aliased(OutboxRow)
    reached = exists().where(
        later.recipient == OutboxRow.recipient, later.form == OutboxRow.form, later.id > OutboxRow.id, later.state == "sent"
    )
    return _deliveries(connection, and_(OutboxRow.state == "failed", ~reached))


def counts(connection: Connection) -> dict[OutboxState, int]:
    """Return how many messages are in each state."""
    rows = connection.execute(select(OutboxRow.state, func.count()).group_by(OutboxRow.state))
    return {cast("OutboxState", row[0]): row[1] for row in rows}


def _save(connection: Connection, delivery: Delivery, **values: object) -> None:
    connection.execute(update(OutboxRow).where(OutboxRow.id == delivery.id).values(**values))


def _deliveries(connection: Connection, where: ColumnElement[bool]) -> list[Delivery]:
    columns = [column for column in OutboxRow.__table__.columns if column.name != "body"]
    return [_delivery(row) for row in connection.execute(select(*columns).where(where).order_by(OutboxRow.id))]


def _delivery(row: Row[tuple[object, ...]]) -> Delivery:
    values = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for it
    return Delivery(**{name: values[name] for name in Delivery.__dataclass_fields__})
