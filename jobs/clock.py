"""The one clock of a process: what everything that needs the time is given."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Self

from crawler.errors import SettingsError

VARIABLE: Final = "PAPERLARK_NOW"
_YEARS: Final = range(1970, 3000)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FASTEST: Final = 100_000


@dataclass(frozen=True, slots=True)
class Clock:
    """The real clock, or one that runs `ahead` of it, and so many times as fast since it `began` (a real moment).

    A copy sent to another process shows the same time.
    """

    ahead: timedelta = timedelta()
    rate: int = 1
    began: datetime = _EPOCH

    def __call__(self) -> datetime:
        """Return the time: aware, in UTC."""
        return self.at(datetime.now(UTC))

    def at(self, real: datetime) -> datetime:
        """Return what the clock shows at a real moment."""
        if self.rate == 1:
            return real + self.ahead
        return self.began + self.ahead + (real - self.began) * self.rate

    def until(self, moment: datetime) -> timedelta:
        """Return how long it really is until the clock shows that moment; less than nothing for one that was."""
        return (moment - self()) / self.rate

    def variable(self) -> dict[str, str]:
        """Return the environment in which another process has this clock; nothing for the real one."""
        if self == Clock():
            return {}
        return {VARIABLE: self().isoformat() + (f"@{self.rate}" if self.rate != 1 else "")}

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """Return the clock that now shows PAPERLARK_NOW, or the real one where that is unset or empty.

        It is a moment in ISO 8601 with its offset from UTC, and may have a rate after it, to try weeks in minutes: `…@336`.
        SettingsError for anything else.
        """
        text, fast, rate = environ.get(VARIABLE, "").partition("@")
        if not text and not fast:
            return cls()
        began = datetime.now(UTC)
        return cls(_moment(text) - began, _rate(rate) if fast else 1, began if fast else _EPOCH)


def _rate(text: str) -> int:
    if text.isascii() and text.isdecimal() and len(text) <= len(str(_FASTEST)) and 1 <= int(text) <= _FASTEST:
        return int(text)
    raise SettingsError([f"{VARIABLE}: the rate after @ must be a whole number from 1 to {_FASTEST}"])


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None and moment.year in _YEARS:
            return moment.astimezone(UTC)
    except ValueError:
        pass
    why = f"must be a moment with its offset from UTC, of a year from {_YEARS[0]} to {_YEARS[-1]}"
    raise SettingsError([f"{VARIABLE}: {why}, as in 2026-11-22T08:00:00+00:00"])
