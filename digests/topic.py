"""A topic: what a reader wants to see, and a match: an event in it, with why."""

from dataclasses import dataclass
from typing import Literal

from storage.event import Event
from storage.paper import Paper

Field = Literal["title", "abstract", "author", "category", "task", "venue", "track", "ccf", "rank", "year", "code", "stars"]


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason why a paper matched: the field, and the reader's words that were found there."""

    field: Field
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """An event in a topic, with why. `score` orders the matches of a topic, higher first."""

    event: Event
    paper: Paper
    topic: str
    why: tuple[Reason, ...]
    score: float = 0.0
