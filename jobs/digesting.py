"""The digest step: read what is pending, compose, render, and put it into the outbox in one transaction."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Final, Literal

from digests.digest import Digest, Pending, SourceLine, Update, compose
from digests.matching import Folded
from digests.subscription import Subscription
from storage.database import Connection, Database
from storage.event import Event
from storage.events import announced_on, announced_since, last_sequence, newest_batch
from storage.ledger import Day, LedgerLine, newest_day, newest_lines
from storage.outbox import Message, enqueue
from storage.paper import Paper
from storage.papers import papers_by_id
from storage.runs import Run, find_run, newest_runs, save_run
from storage.shown import UPDATES, Showing, TopicKey, history, marks, save_marks, save_shown, shown_papers, updates_since

#: How many earlier digests a topic's usual number is taken from.
HISTORY: Final = 14


@dataclass(frozen=True, slots=True)
class Watched:
    """A source as the settings turn it on: its name, how a person knows it, and its scopes."""

    name: str
    title: str
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A digest composed and not yet written down, with what writing it down must note."""

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
    """What became of one subscription's digest. `stored`: it was written before, by an earlier run of this period."""

    subscription: str
    period: str
    papers: int
    updates: int
    files: tuple[str, ...]
    state: Literal["new", "stored", "preview"]
    markdown: str | None = None


@dataclass(slots=True)
class Desk:
    """What one run has read from the store so far, so that all its subscriptions together cost the reading once."""

    connection: Connection
    watched: Sequence[Watched]
    papers: dict[int, Paper] = field(default_factory=dict)
    folded: dict[int, Folded] = field(default_factory=dict)
    since: dict[int, list[Event]] = field(default_factory=dict)

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

    def read(self, paper_ids: Iterable[int]) -> None:
        """Have these papers at hand, and their folded fields."""
        missing = set(paper_ids) - self.papers.keys()
        for paper in papers_by_id(self.connection, missing):
            self.papers[paper.id] = paper
            self.folded[paper.id] = Folded.of(paper)


def existing(connection: Connection, subscription: Subscription, day: date) -> Digested | None:
    """Return the digest that was written for the period of that day, None when there is none yet."""
    period = subscription.period(day)
    run = find_run(connection, "digest", subscription.name, period)
    if run is None:
        return None
    return Digested(
        subscription=subscription.name,
        period=period,
        papers=run.report["papers"],
        updates=run.report["updates"],
        files=tuple(run.report["files"]),
        state="stored",
    )


def draft(desk: Desk, subscription: Subscription, now: datetime) -> Draft:
    """Compose what is pending for one subscription; nothing is consumed."""
    read = marks(desk.connection, subscription.name)
    topics = {TopicKey(topic.name, topic.fingerprint()): topic.name for topic in subscription.topics}
    announcements = {name: desk.announced(read.get(key)) for key, name in topics.items()}
    updates = updates_since(desk.connection, subscription.name, read[UPDATES]) if UPDATES in read else []
    everything = {event.paper_id for events in announcements.values() for event in events}
    desk.read(everything | {event.paper_id for event, _ in updates})
    shown = shown_papers(desk.connection, subscription.name, everything)
    runs = newest_runs(desk.connection, HISTORY, "digest", subscription.name)
    days_before = [run.report["day"] for run in reversed(runs)]
    pending = Pending(
        announcements={
            name: [(event, desk.papers[event.paper_id]) for event in events if event.paper_id not in shown]
            for name, events in announcements.items()
        },
        updates=tuple(Update(event=event, paper=desk.papers[event.paper_id], shown_on=on) for event, on in updates),
        history={name: history(desk.connection, subscription.name, name, days_before) for name in announcements},
    )
    known = runs[0].report.get("days", {}) if runs else {}
    sources, days = _sources(desk, known)
    day = subscription.day(now)
    last = last_sequence(desk.connection)
    return Draft(
        subscription=subscription,
        period=subscription.period(day),
        digest=compose(subscription, day, sources, pending, desk.folded),
        marks=dict.fromkeys([*topics, UPDATES], last),
        read=read,
        days=days,
    )


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
        "updates": len(digest.updates),
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


def _sources(desk: Desk, known: Mapping[str, Any]) -> tuple[list[SourceLine], dict[str, str]]:
    """Say what each watched scope gave; `known` are the days of the batches the reader's last digest knew of."""
    titles = {(source.name, scope): source.title for source in desk.watched for scope in source.scopes}
    lines, days = [], {}
    for line in newest_lines(desk.connection):
        if (line.source, line.scope) not in titles:
            continue
        day = newest_day(desk.connection, line.source, line.scope)
        place = f"{line.source}/{line.scope}"
        if day:
            days[place] = day.announced_on.isoformat()
        fresh = day is not None and known.get(place) != days[place]
        lines.append(_source_line(line, titles[line.source, line.scope], day if fresh else None))
    return lines, days


def _source_line(line: LedgerLine, title: str, new: Day | None) -> SourceLine:
    verdict = line.verdict
    if new and verdict.kind in ("complete", "quiet"):
        # The newest look may have found nothing new; what the reader has not heard of yet is the batch before it.
        verdict = replace(verdict, announced_on=new.announced_on, expected=new.expected, seen=new.seen)
    return SourceLine(
        source=line.source,
        title=title,
        scope=line.scope,
        verdict=verdict,
        fresh=new is not None,
        looked_at=line.at,
    )
