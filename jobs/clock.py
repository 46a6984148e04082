"""The one clock of a process: what everything that needs the time is given."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Self

from crawler.errors import SettingsError

VARIABLE: Final = "PAPERLARK_NOW"
_YEARS: Final = range(1970, 3000)


@dataclass(frozen=True, slots=True)
class Clock:
    """The real clock, or one that runs `ahead` of it. A copy sent to another process shows the same time."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        """Return the time: aware, in UTC."""
        return datetime.now(UTC) + self.ahead

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """Return the clock that now shows PAPERLARK_NOW, or the real one where that is unset or empty.

        It is a moment in ISO 8601 with its offset from UTC; SettingsError for anything else.
        """
        text = environ.get(VARIABLE, "")
        return cls(_moment(text) - datetime.now(UTC)) if text else cls()


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None and moment.year in _YEARS:
            return moment.astimezone(UTC)
    except ValueError:
        pass
    why = f"must be a moment with its offset from UTC, of a year from {_YEARS[0]} to {_YEARS[-1]}"
    raise SettingsError([f"{VARIABLE}: {why}, as in 2026-11-22T08:00:00+00:00"])
