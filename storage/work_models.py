"""The tables of the work: what sources said of themselves, where each left off, runs, hosts, and what goes out."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.columns import KEY, Base


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
    requests: Mapped[int]
    rejected: Mapped[int]
    at: Mapped[datetime]


class DayRow(Base):
    """What became of the batch of one day of one scope: the ledger that gaps are healed by."""

    __tablename__ = "days"

    source: Mapped[str] = mapped_column(primary_key=True)
    scope: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    #: The kind of the verdict; one that is final (complete; quiet: there was no batch) stays.
    kind: Mapped[str]
    route: Mapped[str]
    expected: Mapped[int | None]
    seen: Mapped[int]
    why: Mapped[str]
    at: Mapped[datetime]


class ScheduleRow(Base):
    """What a source has told of the evenings on which it will announce nothing."""

    __tablename__ = "schedules"

    source: Mapped[str] = mapped_column(primary_key=True)
    #: The evenings, as dates.
    evenings_off: Mapped[list[Any]]
    #: The years whose list is complete.
    years: Mapped[list[Any]]
    asked_at: Mapped[datetime]


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
    #: Where a back-fill stands (`crawler.source.Harvest`); null before the first one.
    harvest: Mapped[dict[str, Any] | None]


class MentionRow(Base):
    """That a post links to a paper, which the store may know or not."""

    __tablename__ = "mentions"
    # Serves mentions_of(): who spoke of a paper.
    __table_args__ = (Index(None, "scheme", "value"),)

    source: Mapped[str] = mapped_column(primary_key=True)
    #: The post's own id.
    key: Mapped[str] = mapped_column(primary_key=True)
    scheme: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)
    url: Mapped[str]
    title: Mapped[str]
    #: Who posts there, in the feed's own words.
    by: Mapped[str]
    posted_on: Mapped[date | None]
    seen_at: Mapped[datetime]


class ArticleRow(Base):
    """That the page of a paper was asked for, and has not told what its list leaves out."""

    __tablename__ = "articles"

    source: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    asked_at: Mapped[datetime]


class VenueRow(Base):
    """A venue by a list beyond the catalogue that ships: a whole catalogue, or ranks of the user's own."""

    __tablename__ = "venues"

    list: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[dict[str, Any]]


class FeedRow(Base):
    """What became of the address of a feed (`crawler.feed_health`)."""

    __tablename__ = "feeds"

    name: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[dict[str, Any]]


class RunRow(Base):
    """One unit of scheduled work for one period; the key makes sure there is one."""

    __tablename__ = "runs"
    __table_args__ = (
        UniqueConstraint("kind", "about", "period"),
        # Serves open_runs(): what is still to be done.
        Index(None, "state", "next_at"),
    )

    id: Mapped[int] = mapped_column(KEY, primary_key=True)
    kind: Mapped[str]
    about: Mapped[str]
    period: Mapped[str]
    state: Mapped[str]
    #: How often it was begun.
    attempts: Mapped[int]
    #: When it was begun; of one that was not, since when it is due.
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    #: When it is begun again; null where it is not.
    next_at: Mapped[datetime | None]
    report: Mapped[dict[str, Any]]


class SharedSettingsRow(Base):
    """The settings that a daemon shares with its workers, the only row."""

    __tablename__ = "shared_settings"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    tree: Mapped[dict[str, Any]]


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
    #: How many requests of the daily budget were made on the UTC day `spent_on`.
    spent: Mapped[int]
    spent_on: Mapped[date | None]


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
