"""Days and hours as the terminal says them: in the reader's time zone, with the year only where it is not this one. Pure."""

from datetime import date, datetime
from zoneinfo import ZoneInfo


def said_day(day: date, now: datetime) -> str:
    """Say a day: `15 January`, or `15 January 2026` from another year.

    >>> said_day(date(2026, 1, 5), datetime(2026, 8, 1)), said_day(date(2026, 1, 5), datetime(2027, 8, 1))
    ('5 January', '5 January 2026')
    """
    return f"{day.day} {day:%B}" + ("" if day.year == now.year else f" {day.year}")


def said_moment(moment: datetime, timezone: str, now: datetime) -> str:
    """Say a moment (aware) in an IANA time zone: `Fri 16 Jan 09:30`, or `Fri 16 Jan 2026 09:30` from another year."""
    local = moment.astimezone(ZoneInfo(timezone))
    year = "" if local.year == now.astimezone(local.tzinfo).year else f" {local.year}"
    return f"{local:%a} {local.day} {local:%b}{year} {local:%H:%M}"


def counted(count: int, one: str, several: str = "") -> str:
    """Say a number of things.

    >>> counted(1, "request"), counted(2, "request"), counted(0, "reply", "replies")
    ('1 request', '2 requests', '0 replies')
    """
    return f"{count} {one if count == 1 else several or f'{one}s'}"
