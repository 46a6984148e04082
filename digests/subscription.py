"""A subscription: one reader, their topics, language, cadence and forms. Values and what follows from them; pure."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from digests.matching import Query

Cadence = Literal["day", "week", "month"]
Delivered = Literal["mail", "file"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """What a reader wants to see. `categories` restricts only papers that have arXiv categories; empty: no restriction.

    `cap` is how many papers of it a mail shows; the rest is in the attached list, and a file shows all.
    """

    name: str
    text: str
    query: Query
    categories: tuple[str, ...] = ()
    cap: int = 25

    def fingerprint(self) -> str:
        """Return 64 hexadecimal digits that change when what the topic holds may change."""
        return hashlib.sha256(json.dumps([self.text, sorted(self.categories)]).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """One reader. `language` is "en" or "zh"; `timezone` an IANA name; without `email` there are only files."""

    name: str
    topics: tuple[Topic, ...]
    forms: tuple[Delivered, ...]
    language: str = "en"
    timezone: str = "UTC"
    every: Cadence = "day"
    email: str | None = None

    def day(self, now: datetime) -> date:
        """Return the reader's local date."""
        return now.astimezone(ZoneInfo(self.timezone)).date()

    def period(self, day: date) -> str:
        """Return the key of the period the day is in: `2026-08-12`, `2026-W33` (ISO 8601) or `2026-08`."""
        return period_of(self.every, day)


def period_of(every: Cadence, day: date) -> str:
    """Return the key of the period the day is in: `2026-08-12`, `2026-W33` (ISO 8601) or `2026-08`."""
    match every:
        case "day":
            return day.isoformat()
        case "week":
            year, week, _ = day.isocalendar()
            return f"{year}-W{week:02}"
        case "month":
            return f"{day:%Y-%m}"


def begin_of(every: Cadence, day: date) -> date:
    """Return the first day of the period the day is in."""
    match every:
        case "day":
            return day
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
