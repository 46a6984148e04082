"""The tables of papers and of what was shown. A row never leaves this package: `storage.paper` and its neighbours are seen.

The tables of the work itself are in `storage.work_models`.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint
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
    report_number: Mapped[str | None]
    licence: Mapped[str | None]
    withdrawn: Mapped[bool]


class IdentifierRow(Base):
    """Whose name is this? One row per name, so a lookup by name is a lookup by key."""

    __tablename__ = "identifiers"

    scheme: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)
    paper_id: Mapped[int] = mapped_column(KEY, ForeignKey("papers.id"), index=True)


class TitleRow(Base):
    """A title that a paper has, or had by some sighting: lists of proceedings keep those that authors have changed since."""

    __tablename__ = "titles"
    # Nothing but the key: a table of its own beside it would only be a second copy. And no foreign key, which would cost an
    # index by paper that nobody else asks for: papers go only when they are joined, and `storage.join` moves their titles.
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 - SQLAlchemy types it so

    #: What papers of the same title have in common (`storage.titles.title_key`); short ones are left out.
    key: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    paper_id: Mapped[int] = mapped_column(KEY, primary_key=True, autoincrement=False)


class VersionRow(Base):
    """The versions of a paper we have seen; day and moment are null until a source tells them."""

    __tablename__ = "versions"

    paper_id: Mapped[int] = mapped_column(KEY, ForeignKey("papers.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    announced_on: Mapped[date | None]
    #: When its authors handed it in.
    submitted_at: Mapped[datetime | None]


class LinkRow(Base):
    """An address that somebody says belongs to a paper; one row for everybody who says it."""

    __tablename__ = "links"

    paper_id: Mapped[int] = mapped_column(KEY, ForeignKey("papers.id"), primary_key=True)
    #: What the spellings of the address have in common (`crawler.links.Link.key`).
    key: Mapped[str] = mapped_column(primary_key=True)
    #: A source, or `authors`.
    said_by: Mapped[str] = mapped_column(primary_key=True)
    url: Mapped[str]
    kind: Mapped[str]
    #: Whether it is the authors' own; null where that is not said.
    official: Mapped[bool | None]
    #: When it was first said.
    seen_at: Mapped[datetime]


class TagRow(Base):
    """What a source files a paper under: its tasks, methods, keywords and venues."""

    __tablename__ = "tags"
    # Serves `list --venue` and `task:`.
    __table_args__ = (Index(None, "kind", "key"),)

    paper_id: Mapped[int] = mapped_column(KEY, ForeignKey("papers.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    #: The value, folded; of a track, with the key of its venue behind it.
    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


class CountRow(Base):
    """How many of something a source counted last, and when."""

    __tablename__ = "counts"
    # Serves `stars:>100`.
    __table_args__ = (Index(None, "name", "value"),)

    paper_id: Mapped[int] = mapped_column(KEY, ForeignKey("papers.id"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int] = mapped_column(KEY)
    seen_at: Mapped[datetime]


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
    #: The number it had before it was given a later one; null for nearly all.
    first_sequence: Mapped[int | None] = mapped_column(KEY)
    paper_id: Mapped[int] = mapped_column(KEY, ForeignKey("papers.id"))
    kind: Mapped[str]
    #: What tells two events of one kind apart: nothing for `announced`, the day for `revised`, the scope for `cross-listed`,
    #: the address for `code`.
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
