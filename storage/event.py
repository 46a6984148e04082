"""An event: one thing that happened to a paper, once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

EventKind = Literal["announced", "cross-listed", "revised", "withdrawn", "code", "accepted", "raised", "mentioned"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened to a paper.

    `sequence` grows in commit order; `at` (aware, UTC) is when we learned of it; `on` is the source's day of it;
    `detail` holds what the source said: `version`, `comment` of a revision, `category` of a cross-listing, `url` of code
    and who has `said` so, `venue` and `track` of an announcement or an acceptance, which is `told` where its authors had said
    so before, and of one that is `raised` to a rarer track; `title`, `url` and `by` of a post.
    """

    id: int
    sequence: int
    paper_id: int
    kind: EventKind
    source: str
    at: datetime
    on: date | None
    detail: Mapping[str, Any] = field(default_factory=dict)
