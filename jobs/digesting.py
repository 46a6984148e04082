"""The digest step: read what is pending, compose, render, and put it into the outbox in one transaction."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Final, Literal

from digests.digest import Digest, Pending, Update, compose
from digests.folded import Folded
from digests.subscription import Subscription
from jobs.banner import Gaps, LastDigest, Watched, gaps, source_lines
from storage.database import Connection, Database
from storage.event import Event
from storage.events import announced_on, announced_since, last_sequence, newest_batch
from storage.outbox import Message, enqueue
from storage.paper import Paper
from storage.papers import papers_by_id
from storage.runs import Run, find_run, newest_runs, save_run
from storage.shown import UPDATES, Showing, TopicKey, history, marks, save_marks, save_shown, shown_papers, updates_since

#: How many earlier digests a topic's usual number is taken from.
HISTORY: Final = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A digest composed and not yet written down, with what writing it down must note; `period` is the key of its run."""

    subscription: Subscription
    period: str
    digest: Digest
    marks: Mapping[TopicKey, int]
    read: Mapping[TopicKey, int]
    """The marks it began from."""
    days: Mapping[str, str]
    """Per source scope, the day of the newest batch this digest knows of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Digested:
    """What became of one subscription's digest. `stored`: it was written before, by an earlier run of this period.

    A stored one `is_open` when it showed nothing, or other topics than the reader has now: what is there since is not to wait
    for the next period.
    """

    subscription: str
    period: str
    papers: int
    updates: int
    files: tuple[str, ...]
    state: Literal["new", "stored", "preview"]
    markdown: str | None = None
    is_open: bool = False


@dataclass(slots=True)
class Desk:
    """What one run has read from the store so far, so that all its subscriptions together cost the reading once."""

    connection: Connection
    watched: Sequence[Watched]
    papers: dict[int, Paper] = field(default_factory=dict)
    folded: dict[int, Folded] = field(default_factory=dict)
    since: dict[int, list[Event]] = field(default_factory=dict)
    gaps: Gaps | None = None

    def announced(self, mark: int | None) -> list[Event]:
        """Return the announcements after a mark; without one, the newest batch of each watched source."""
        key = -1 if mark is None else mark
        if key not in self.since:
            if mark is None:
                batches = (newest_batch(self.connection, source.name) for source in self.watched)
                self.since[key] = [event for batch in batches for event in batch]
            else:
                self.since[key] = announced_since(self.connection, mark)
        return self.since[key]

    def owed(self, now: datetime) -> Gaps:
        """Return the days owed of every watched scope, as they were when they were first asked for."""
        if self.gaps is None:
            self.gaps = gaps(self.connection, self.watched, now)
        return self.gaps

    def read(self, paper_ids: Iterable[int]) -> None:
        """Have these papers at hand, and their folded fields."""
        missing = set(paper_ids) - self.papers.keys()
        for paper in papers_by_id(self.connection, missing):
            self.papers[paper.id] = paper
            self.folded[paper.id] = Folded.of(paper)


def existing(connection: Connection, subscription: Subscription, day: date) -> Digested | None:
    """Return the newest digest that was written for the period of that day, None when there is none yet."""
    runs = _runs(connection, subscription, subscription.period(day))
    if not runs:
        return None
    report = runs[-1].report
    return Digested(
        subscription=subscription.name,
        period=runs[-1].period,
        papers=report["papers"],
        updates=report["updates"],
        files=tuple(report["files"]),
        state="stored",
        is_open=not (report["papers"] or report["updates"]) or report["topics"] != _topics(subscription),
    )


def _runs(connection: Connection, subscription: Subscription, period: str) -> list[Run]:
    """Return the digests of a period in order: `2026-08-12`, and `2026-08-12.2` when the first one left it open."""
    runs: list[Run] = []
    while run := find_run(connection, "digest", subscription.name, _key(period, len(runs) + 1)):
        runs.append(run)
    return runs


def _key(period: str, number: int) -> str:
    return period if number == 1 else f"{period}.{number}"


def _topics(subscription: Subscription) -> list[list[str]]:
    return [[topic.name, topic.fingerprint()] for topic in subscription.topics]


def draft(desk: Desk, subscription: Subscription, now: datetime, on: date | None = None) -> Draft:
    """Compose what is pending for one subscription, `on` today or a day of its own; nothing is consumed."""
    read = marks(desk.connection, subscription.name)
    topics = {TopicKey(topic.name, topic.fingerprint()): topic.name for topic in subscription.topics}
    announcements = {name: _unread(desk, key, read) for key, name in topics.items()}
    updates = updates_since(desk.connection, subscription.name, read[UPDATES]) if UPDATES in read else []
    everything = {event.paper_id for events in announcements.values() for event in events}
    desk.read(everything | {event.paper_id for event, _ in updates})
    shown = shown_papers(desk.connection, subscription.name, everything)
    runs = newest_runs(desk.connection, HISTORY, "digest", subscription.name)
    day = on or subscription.day(now)
    days_before = [on for on in dict.fromkeys(run.report["day"] for run in reversed(runs)) if on != day.isoformat()]
    pending = Pending(
        announcements={
            name: [(event, desk.papers[event.paper_id]) for event in events if event.paper_id not in shown]
            for name, events in announcements.items()
        },
        updates=tuple(Update(event=event, paper=desk.papers[event.paper_id], shown_on=on) for event, on in updates),
        history={name: history(desk.connection, subscription.name, name, days_before) for name in announcements},
    )
    before = LastDigest(runs[0].started_at, runs[0].report.get("days")) if runs else LastDigest()
    sources, days = source_lines(desk.connection, desk.watched, before, desk.owed(now), now)
    period, last = subscription.period(day), last_sequence(desk.connection)
    shows = [run for run in runs if run.report["day"] == day.isoformat() and (run.report["papers"] or run.report["updates"])]
    return Draft(
        subscription=subscription,
        period=_key(period, len(_runs(desk.connection, subscription, period)) + 1),
        digest=replace(compose(subscription, day, sources, pending, desk.folded), edition=len(shows) + 1),
        marks=dict.fromkeys([*topics, UPDATES], last),
        read=read,
        days=days,
    )


def _unread(desk: Desk, key: TopicKey, read: Mapping[TopicKey, int]) -> list[Event]:
    """Return what a topic has still to consider: a new one begins with the newest batch of each source.

    One that was renamed, or whose query was changed, goes on from where it was as well: what was waiting for it then, at the
    end of a week or after a late list, must not be lost by an edit.
    """
    if key in read:
        return desk.announced(read[key])
    kin = [mark for other, mark in read.items() if key.topic == other.topic or key.query_hash == other.query_hash]
    waiting = desk.announced(min(kin)) if kin else []
    events = {event.sequence: event for event in (*desk.announced(None), *waiting)}
    return [events[sequence] for sequence in sorted(events)]


def draft_of_day(desk: Desk, subscription: Subscription, day: date) -> Draft:
    """Compose what was announced on a day, whether it was shown or not; nothing is consumed."""
    events = [event for source in desk.watched for event in announced_on(desk.connection, source.name, day)]
    desk.read(event.paper_id for event in events)
    pairs = [(event, desk.papers[event.paper_id]) for event in events]
    pending = Pending(announcements={topic.name: pairs for topic in subscription.topics}, history={})
    return Draft(
        subscription=subscription,
        period=subscription.period(day),
        digest=compose(subscription, day, (), pending, desk.folded),
        marks={},
        read={},
        days={},
    )


def publish(database: Database, one: Draft, messages: Sequence[Message], now: datetime) -> bool:
    """Write the digest down: what it shows, how far it read, and its messages, at once; False if another was first.

    That may be another process with the same period, or, around midnight, with the one before.
    """
    digest = one.digest
    report = {
        "day": digest.period.isoformat(),
        "papers": digest.papers,
        "updates": digest.changes,
        "topics": _topics(one.subscription),
        "files": [message.recipient for message in messages if message.form != "mail"],
        "days": dict(one.days),
    }
    run = Run(
        kind="digest",
        about=digest.subscription,
        period=one.period,
        state="done",
        started_at=now,
        finished_at=now,
        report=report,
    )
    with database.writing() as connection:
        if marks(connection, digest.subscription) != one.read or not save_run(connection, run):
            return False
        save_shown(connection, digest.subscription, digest.period.isoformat(), _showings(digest))
        save_marks(connection, digest.subscription, one.marks)
        enqueue(connection, messages, now)
    return True


def _showings(digest: Digest) -> Iterable[Showing]:
    for section in digest.sections:
        for match in section.matches:
            yield Showing(match.event.id, section.topic)
    for update in digest.updates:
        yield Showing(update.event.id, "")
    for event in digest.told:
        yield Showing(event.id, "")
