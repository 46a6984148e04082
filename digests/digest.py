"""A digest: the ordered result for one subscription and period, as a value; and how it is composed. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from crawler.feed_health import FeedState
from crawler.verdict import Verdict
from digests.folded import Folded
from digests.matching import matches
from digests.rank import order, score
from digests.subscription import Subscription, Topic
from digests.topic import Match
from digests.venue_words import appearance
from storage.event import Event
from storage.paper import Paper


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLine:
    """What one scope of one source gave: `scope` may be empty; `fresh` when its batch came since the reader's last digest.

    `verdict` is the newest look's; when `fresh`, `announced_on`, `expected` and `seen` of it are those of the new batch.
    `owed` are the days of earlier batches that have not come yet, `caught_up` of those that came late, since the last digest.
    """

    source: str
    title: str
    scope: str
    verdict: Verdict
    fresh: bool
    looked_at: datetime
    owed: tuple[date, ...] = ()
    caught_up: tuple[date, ...] = ()
    dead: tuple[tuple[str, FeedState], ...] = ()
    """Of feeds, which are one line: those that cannot be read, by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """The new papers of one topic, best first. `history` counts those of the last digests, oldest first, without today."""

    topic: str
    matches: tuple[Match, ...]
    history: tuple[int, ...] = ()
    more: int = 0
    """How many more there are that this form of the digest leaves out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """Something that happened to a paper the reader was shown on `shown_on`."""

    event: Event
    paper: Paper
    shown_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """One page for one reader. `period` is the reader's local date; `timezone` an IANA name; `language` "en" or "zh"."""

    subscription: str
    period: date
    language: str
    timezone: str
    sources: tuple[SourceLine, ...]
    sections: tuple[Section, ...]
    updates: tuple[Update, ...] = ()
    told: tuple[Event, ...] = ()
    """What programmes tell of papers that the reader was shown and whose authors had told it before: a number, and no news."""
    more_updates: int = 0
    """How many more there are that this form of the digest leaves out."""
    unsubscribe: str | None = None
    """The address to write to in order to stop the mail; None when there is nobody to write to."""
    edition: int = 1
    """Which digest of its day it is, of those that show something: a second one has files of its own."""
    site_page: str | None = None
    """Where the whole digest is published; None when what this form leaves out is in an attached list."""
    whole: "Digest | None" = field(default=None, compare=False)
    """The digest with all that this form leaves out; None where it leaves out nothing."""

    @property
    def papers(self) -> int:
        """The number of new papers in the digest, those left out of this form included."""
        return sum(len(section.matches) + section.more for section in self.sections)

    @property
    def changes(self) -> int:
        """The number of updates in the digest, those left out of this form included."""
        return len(self.updates) + self.more_updates


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """What a subscription has still to consider: per topic's name the announcements, with how many its last digests had."""

    announcements: Mapping[str, Sequence[tuple[Event, Paper]]]
    updates: tuple[Update, ...] = ()
    history: Mapping[str, tuple[int, ...]]


def compose(
    subscription: Subscription,
    period: date,
    sources: Sequence[SourceLine],
    pending: Pending,
    folded: Mapping[int, Folded],
) -> Digest:
    """Make the digest of what is pending: each paper once, under the first of the reader's topics it matches.

    `folded` has the folded fields of every pending paper, by its id. A topic with nothing new has an empty section.
    """
    taken: set[int] = set()
    sections = []
    for topic in subscription.topics:
        found = find(topic, pending.announcements.get(topic.name, ()), folded)
        chosen = order(match for match in found if match.paper.id not in taken)
        taken.update(match.paper.id for match in chosen)
        sections.append(Section(topic=topic.name, matches=chosen, history=pending.history.get(topic.name, ())))
    updates = [update for update in pending.updates if update.paper.id not in taken]
    return Digest(
        subscription=subscription.name,
        period=period,
        language=subscription.language,
        timezone=subscription.timezone,
        sources=tuple(sources),
        sections=tuple(sections),
        updates=tuple(_newest(update for update in updates if not _is_told(update))),
        told=tuple(update.event for update in updates if _is_told(update)),
    )


def find(topic: Topic, announced: Iterable[tuple[Event, Paper]], folded: Mapping[int, Folded]) -> list[Match]:
    """Return a match for each announced paper that is in the topic, in the order of the events."""
    found: dict[int, Match] = {}
    for event, paper in announced:
        # What proceedings bring is not silenced by a restriction on arXiv's categories, whatever its preprint is filed under.
        by_arxiv = paper.categories if "venue" not in event.detail else ()
        elsewhere = topic.categories and by_arxiv and set(topic.categories).isdisjoint(by_arxiv)
        if paper.id in found or elsewhere:
            continue
        why = matches(topic.query, folded[paper.id])
        if why is not None:
            found[paper.id] = Match(event=event, paper=paper, topic=topic.name, why=why, score=score(why))
    return list(found.values())


def _newest(updates: Iterable[Update]) -> list[Update]:
    """Keep the newest of several updates of one kind to one paper: v3 today says all that v2 yesterday did.

    Of a paper that was withdrawn nothing else is worth a line, nor that it has a track which its acceptance is told with.
    """
    newest = {(one.paper.id, one.event.kind, _about(one.event)): one for one in updates}
    gone = {paper_id for paper_id, kind, _ in newest if kind == "withdrawn"}
    accepted = {(one.paper.id, *appearance(one.event)) for one in newest.values() if one.event.kind == "accepted"}
    return [
        one
        for (paper_id, kind, _), one in newest.items()
        if kind == "withdrawn"
        or not (paper_id in gone or (kind == "raised" and (paper_id, *appearance(one.event)) in accepted))
    ]


def _about(event: Event) -> int | str:
    """Return what tells two updates of one kind apart: two posts about a paper say two things, as two venues do."""
    match event.kind:
        case "mentioned":
            return event.id
        case "accepted" | "raised":
            return appearance(event).key
        case _:
            return ""


def _is_told(update: Update) -> bool:
    return "told" in update.event.detail


def capped(digest: Digest, caps: Mapping[str, int], updates: int) -> Digest:
    """Return the digest with at most so many papers per topic and so many updates, and with how many are left out."""
    return replace(
        digest,
        whole=digest.whole or digest,
        updates=digest.updates[:updates],
        more_updates=digest.more_updates + max(0, len(digest.updates) - updates),
        sections=tuple(
            replace(
                section,
                matches=section.matches[: caps[section.topic]],
                more=section.more + max(0, len(section.matches) - caps[section.topic]),
            )
            for section in digest.sections
        ),
    )
