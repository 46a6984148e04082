"""An alarm clock, and how to notice that the clock on the wall was set, or that the machine slept.

APScheduler rings it, and decides nothing: after the wall clock jumps back, its alarms are late by as much as it jumped, and
whoever waits compares the wall clock with one that cannot be set.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Self

_NAME: Final = "alarm"
_JITTER: Final = 2.0
"""Seconds by which two clocks may differ that were not set: time servers turn the wall clock a little all the time."""


@dataclass(slots=True)
class Jumps:
    """Compares two clocks, each in seconds; only one of them can be set."""

    wall: Callable[[], float] = time.time
    steady: Callable[[], float] = time.monotonic
    _ahead: float | None = None

    def since_last(self) -> float:
        """Return by how many seconds the wall clock was set since the last call, 0.0 when it was not."""
        ahead = self.wall() - self.steady()
        jumped = 0.0 if self._ahead is None else ahead - self._ahead
        self._ahead = ahead
        return jumped if abs(jumped) > _JITTER else 0.0


@dataclass(slots=True)
class Alarm:
    """Wakes whoever waits at the moment it was last set to, or when it is told to."""

    _rung: threading.Event = field(default_factory=threading.Event)
    _scheduler: Any = None

    def __enter__(self) -> Self:
        from apscheduler.schedulers.background import (  # type: ignore[import-untyped]  # noqa: PLC0415 - only a daemon needs it
            BackgroundScheduler,
        )

        self._scheduler = BackgroundScheduler(timezone=UTC)
        self._scheduler.start()
        return self

    def __exit__(self, *_: object) -> None:
        # One that rings while the scheduler stops is not found any more, which its thread takes for an error.
        self._scheduler.remove_all_jobs()
        self._scheduler.shutdown(wait=False)

    def ring(self) -> None:
        """Wake whoever waits, or is about to."""
        self._rung.set()

    def set_to(self, later: timedelta) -> None:
        """Ring so much later, in place of when it was to ring."""
        at = datetime.now(UTC) + max(later, timedelta())
        self._scheduler.add_job(self.ring, "date", run_date=at, id=_NAME, replace_existing=True, misfire_grace_time=None)

    def wait(self, most: float) -> bool:
        """Wait until it rings, for so many seconds at most; tell whether it rang."""
        rang = self._rung.wait(most)
        if rang:  # else it may ring just now, and nobody has heard it
            self._rung.clear()
        return rang
