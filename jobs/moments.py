"""Days and hours as the terminal says them: in the reader's time zone, with the year only where it is not plain. Pure."""

from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

#: A day that lies farther back than this is told with its year, though it be this one.
_RECENT: Final = timedelta(days=200)


def said_day(day: date, now: datetime) -> str:
    """Say a day: `15 January`, or `15 January 2026` from another year or long after.

    >>> said_day(date(2026, 1, 5), datetime(2026, 5, 1)), said_day(date(2026, 1, 5), datetime(2027, 8, 1))
    ('5 January', '5 January 2026')
    """
    return f"{day.day} {day:%B}{_year(day, now.date())}"


def said_moment(moment: datetime, timezone: str, now: datetime) -> str:
    """Say a moment (aware) in an IANA time zone: `Fri 16 Jan 09:30`, or `Fri 16 Jan 2026 09:30` as a day would."""
    local = moment.astimezone(ZoneInfo(timezone))
    year = _year(local.date(), now.astimezone(local.tzinfo).date())
    return f"{local:%a} {local.day} {local:%b}{year} {local:%H:%M}"


def _year(day: date, today: date) -> str:
    return "" if day.year == today.year and today - day <= _RECENT else f" {day.year}"


def counted(count: int, one: str, several: str = "") -> str:
    """Say a number of things.

    >>> counted(1, "request"), counted(2, "request"), counted(0, "reply", "replies")
    ('1 request', '2 requests', '0 replies')
    """
    return f"{count} {one if count == 1 else several or f'{one}s'}"


def said_duration(seconds: float) -> str:
    """Say how long something takes, as exactly as anybody wants to know.

    >>> said_duration(59.4), said_duration(90), said_duration(5400)
    ('59 s', '2 min', '1 h 30 min')
    """
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def said_size(count: int) -> str:
    """Say a number of bytes, as exactly as anybody wants to know.

    >>> said_size(900), said_size(1_234_567), said_size(12_345_678_901)
    ('1 kB', '1.2 MB', '12,345.7 MB')
    """
    return f"{count / 1e6:,.1f} MB" if count >= 100_000 else f"{count / 1e3:.0f} kB"
