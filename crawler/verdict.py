"""What one look at one scope of a source gave. Pure."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

VerdictKind = Literal["complete", "partial", "stale", "quiet", "throttled", "blocked", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The judgement on one source scope at one look.

    `announced_on` is the day of the batch judged; `expected` and `seen` count entries (None: the source states no number);
    `next_at` (aware, UTC) is when the next batch or the next try is due; `why` is one line for a person, in English.
    """

    kind: VerdictKind
    announced_on: date | None = None
    expected: int | None = None
    seen: int = 0
    next_at: datetime | None = None
    why: str = ""
