"""A digest: the ordered result for one subscription and period, as a value; and how it is composed. Pure."""

from dataclasses import dataclass
from datetime import date, datetime

from crawler.verdict import Verdict
from digests.topic import Match
from storage.event import Event
from storage.paper import Paper


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLine:
    """What one scope of one source gave: `scope` may be empty; `fresh` when its batch came since the reader's last digest.

    `verdict` is the newest look's; when `fresh`, `announced_on`, `expected` and `seen` of it are those of the new batch.
    """

    source: str
    title: str
    scope: str
    verdict: Verdict
    fresh: bool
    looked_at: datetime


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
    unsubscribe: str | None = None
    """The address to write to in order to stop the mail; None when there is nobody to write to."""

    @property
    def papers(self) -> int:
        """The number of new papers in the digest, those left out of this form included."""
        return sum(len(section.matches) + section.more for section in self.sections)
