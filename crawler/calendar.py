"""When a source should have a new batch. Pure."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Due:
    """What a route should be showing at one moment: the newest batch (None: none), and when the next one comes."""

    batch_on: date | None
    next_at: datetime


class Calendar:
    """placeholder"""

    def due(self, now: datetime) -> Due:
        """placeholder"""
        raise NotImplementedError
