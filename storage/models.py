"""The tables. A row never leaves this package: `storage.paper`, `storage.event` and their neighbours are what others see."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.columns import KEY, Base


class PaperRow(Base):
    """What `storage.merge` made of a paper's sightings."""

    __tablename__ = "papers"
    # An id is never given twice: an alias may still carry it.
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012 - SQLAlchemy types it so

    id: Mapped[int] = mapped_column(KEY, primary_key=True)
    title: Mapped[str]
    url: Mapped[str]
    abstract: Mapped[str]
    #: Pairs of name and affiliation.
    authors: Mapped[list[Any]]
    #: The primary one first.
    categories: Mapped[list[Any]]
    comment: Mapped[str | None]
    journal_ref: Mapped[str | None]
    version: Mapped[int | None]


class IdentifierRow(Base):
    """Whose name is this? One row per name, so a lookup by name is a lookup by key."""

    __tablename__ = "identifiers"

    scheme: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)
    paper_id: Mapped[int] = mapped_column(KEY, ForeignKey("papers.id"), index=True)


class VersionRow(Base):
    """The versions of a paper we have seen; the day is null until an announcement tells it."""

    __tablename__ = "versions"

    paper_id: Mapped[int] = mapped_column(KEY, ForeignKey("papers.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    announced_on: Mapped[date | None]


class AliasRow(Base):
    """The id of a paper that turned out to be another one."""

    __tablename__ = "paper_aliases"

    id: Mapped[int] = mapped_column(KEY, primary_key=True, autoincrement=False)
    paper_id: Mapped[int] = mapped_column(KEY, ForeignKey("papers.id"), index=True)


class SightingRow(Base):
    """What a source said, for ever; the same words again are the same row."""

    __tablename__ = "sightings"
    __table_args__ = (UniqueConstraint("source", "key", "content_hash"),)

    id: Mapped[int] = mapped_column(KEY, primary_key=True)
    source: Mapped[str]
    key: Mapped[str]
    content_hash: Mapped[str]
    paper_id: Mapped[int] = mapped_column(KEY, ForeignKey("papers.id"), index=True)
    content: Mapped[dict[str, Any]]
    #: When it was first said.
    seen_at: Mapped[datetime]


class EventRow(Base):
    """One thing that happened to a paper; (paper, kind, key) makes sure that it happened once."""

    __tablename__ = "events"
    __table_args__ = (
        UniqueConstraint("paper_id", "kind", "key"),
        # Serves newest_batches(): what was announced last, per source.
        Index(None, "source", "kind", "on"),
    )

    id: Mapped[int] = mapped_column(KEY, primary_key=True)
    #: Grows in commit order (see `counters`), so whoever remembers the last one skips nothing.
    sequence: Mapped[int] = mapped_column(KEY, unique=True)
    paper_id: Mapped[int] = mapped_column(KEY, ForeignKey("papers.id"))
    kind: Mapped[str]
    #: What tells two events of one kind apart: nothing for `announced`, the day for `revised`, the scope for `cross-listed`.
    key: Mapped[str]
    source: Mapped[str]
    at: Mapped[datetime]
    on: Mapped[date | None]
    detail: Mapped[dict[str, Any]]


class CounterRow(Base):
    """Numbers given out in commit order: the row's lock is held until the transaction that took a number ends."""

    __tablename__ = "counters"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int] = mapped_column(KEY)


class DigestEventRow(Base):
    """What was shown to whom, whatever became of the mail."""

    __tablename__ = "digest_events"
    # Serves history(): how many a topic showed, period by period.
    __table_args__ = (Index(None, "subscription", "topic", "period"),)

    subscription: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(KEY, ForeignKey("events.id"), primary_key=True, index=True)
    #: Under which topic; empty for an update.
    topic: Mapped[str]
    period: Mapped[str]


class MarkRow(Base):
    """The last event a subscription considered for a topic; another query text is another topic."""

    __tablename__ = "marks"

    subscription: Mapped[str] = mapped_column(primary_key=True)
    #: Empty for the updates.
    topic: Mapped[str] = mapped_column(primary_key=True)
    #: SHA-256 of the query and what else decides what the topic holds.
    query_hash: Mapped[str] = mapped_column(primary_key=True)
    sequence: Mapped[int] = mapped_column(KEY)


class ClaimRow(Base):
    """What a listing said about itself, the newest word of it."""

    __tablename__ = "claims"

    source: Mapped[str] = mapped_column(primary_key=True)
    scope: Mapped[str] = mapped_column(primary_key=True)
    announced_on: Mapped[date] = mapped_column(primary_key=True)
    section: Mapped[str] = mapped_column(primary_key=True)
    #: Null where the listing states no number.
    expected: Mapped[int | None]
    seen: Mapped[int]


class VerdictRow(Base):
    """One look at one scope of a source; rows are only added."""

    __tablename__ = "verdicts"
    __table_args__ = (Index(None, "source", "scope", "id"),)

    id: Mapped[int] = mapped_column(KEY, primary_key=True)
    source: Mapped[str]
    scope: Mapped[str]
    route: Mapped[str]
    kind: Mapped[str]
    announced_on: Mapped[date | None]
    expected: Mapped[int | None]
    seen: Mapped[int]
    next_at: Mapped[datetime | None]
    why: Mapped[str]
    #: The days of batches before this one that were not read completely.
    missed: Mapped[list[Any]]
    requests: Mapped[int]
    rejected: Mapped[int]
    at: Mapped[datetime]


class CheckpointRow(Base):
    """Where a source scope left off; written in the transaction of the page it vouches for."""

    __tablename__ = "checkpoints"

    source: Mapped[str] = mapped_column(primary_key=True)
    scope: Mapped[str] = mapped_column(primary_key=True)
    #: The last complete batch: its day and its keys; null before the first one.
    announced_on: Mapped[date | None]
    keys: Mapped[list[Any]]
    #: Route name to ETag and Last-Modified.
    validators: Mapped[dict[str, Any]]


class RunRow(Base):
    """One unit of scheduled work for one period; the key makes sure there is one."""

    __tablename__ = "runs"
    __table_args__ = (UniqueConstraint("kind", "about", "period"),)

    id: Mapped[int] = mapped_column(KEY, primary_key=True)
    kind: Mapped[str]
    about: Mapped[str]
    period: Mapped[str]
    state: Mapped[str]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    report: Mapped[dict[str, Any]]


class HostLeaseRow(Base):
    """What a host told us, for the next process: its robots.txt, when we last asked, until when it wants peace."""

    __tablename__ = "host_leases"

    host: Mapped[str] = mapped_column(primary_key=True)
    robots_txt: Mapped[str | None]
    robots_at: Mapped[datetime | None]
    asked_at: Mapped[datetime | None]
    cooldown_until: Mapped[datetime | None]
    #: Throttled answers in a row; each one doubles the next cool-down.
    strikes: Mapped[int]


class OutboxRow(Base):
    """One rendered form of one digest for one recipient, kept as the bytes that go out."""

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("subscription", "period", "form", "recipient"),
        # Serves due(): what is still to be delivered.
        Index(None, "state", "next_at"),
    )

    id: Mapped[int] = mapped_column(KEY, primary_key=True)
    subscription: Mapped[str]
    period: Mapped[str]
    form: Mapped[str]
    #: A mail address, or the file's place below the output folder.
    recipient: Mapped[str]
    message_id: Mapped[str]
    state: Mapped[str]
    attempts: Mapped[int]
    next_at: Mapped[datetime | None]
    error: Mapped[str | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    #: Last, so that whoever looks for a state does not walk over the bytes.
    body: Mapped[bytes]
