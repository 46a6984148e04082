"""Which periods have begun: every one of a year, once, in every zone."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.sources import find
from crawler.verdict import Verdict
from digests.subscription import Cadence, period_of
from jobs.due import again_at, asked_next, asking, composed_next, composing, day_of
from jobs.tables import SubscriptionSettings

YEAR = 2026
HALF_HOURS = [time(hour, minute) for hour in range(24) for minute in (0, 30)]
# One for each rule there is of its kind: north and south, half and three quarters of an hour, at midnight, none.
SOME = (
    *("UTC", "Asia/Shanghai", "Asia/Kathmandu", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Pacific/Chatham"),
    *("Europe/Berlin", "Europe/London", "Europe/Dublin", "America/New_York", "America/Los_Angeles", "America/St_Johns"),
    *("America/Santiago", "America/Havana", "America/Asuncion", "Africa/Cairo", "Africa/Casablanca", "Asia/Beirut"),
    *("Australia/Lord_Howe", "Antarctica/Troll"),
)


def reader(**parts: Any) -> SubscriptionSettings:
    return SubscriptionSettings(**{"name": "morning", "at": "08:00", "timezone": "UTC", **parts})


def alarms(one: SubscriptionSettings, year: int) -> Iterator[datetime]:
    """Yield the moments at which a daemon that runs through a year would be woken for a reader."""
    now = datetime(year, 1, 1, tzinfo=UTC) - timedelta(days=8)  # in whose week it may lie
    while now.year <= year:
        now = composed_next(one, now)
        yield now


def days_there_are(zone: str, year: int) -> set[date]:
    """Return the dates that any clock of the zone shows in a year."""
    here, begin = ZoneInfo(zone), datetime(year, 1, 1, tzinfo=UTC) - timedelta(days=1)
    moments = (begin + timedelta(hours=hours) for hours in range(24 * 368))
    return {day for moment in moments if (day := moment.astimezone(here).date()).year == year}


def composed(zone: str, at: time, every: Cadence, year: int) -> list[str]:
    """Return the periods of the year in the order in which they begin, as the runs of a daemon would be keyed."""
    one = reader(timezone=zone, at=f"{at:%H:%M}", every=every)
    keys = []
    for now in alarms(one, year):
        planned = composing(one, now)
        assert planned.due_at == now
        # Whoever looks later, up to the next one, finds the same period.
        assert composing(one, composed_next(one, now) - timedelta(seconds=1)).key == planned.key
        keys.append(planned.key.period)
    return keys


def checked(zone: str, times: list[time], year: int = YEAR) -> int:
    """Check that in a year no period of the zone is missed or comes twice, and return how many there were."""
    days, count = days_there_are(zone, year), 0
    cadences: tuple[Cadence, ...] = ("day", "week")
    for every in cadences:
        wanted = {period_of(every, day) for day in days}
        for at in times:
            keys = composed(zone, at, every, year)
            assert len(keys) == len(set(keys)), (zone, at, every)
            assert wanted <= set(keys), (zone, at, every)
            count += len(keys)
    return count


@pytest.mark.parametrize("zone", SOME)
def test_no_period_of_a_year_is_missed_or_doubled(zone: str) -> None:
    assert checked(zone, [time(0), time(0, 30), time(2), time(2, 30), time(8), time(23, 30)]) > 6 * 410


@pytest.mark.slow
def test_no_period_of_a_year_is_missed_or_doubled_in_any_zone(capsys: pytest.CaptureFixture[str]) -> None:
    zones = sorted(available_timezones())
    count = sum(checked(zone, HALF_HOURS) for zone in zones)
    with capsys.disabled():
        print(f"\n{count:,} periods of {YEAR} in {len(zones)} zones, 48 hours of the day: none missed, none doubled")


def test_a_day_that_a_zone_leaves_out_has_no_period() -> None:
    # Samoa went from Thursday, 29 December 2011, to Saturday (tz database, australasia).
    assert date(2011, 12, 30) not in days_there_are("Pacific/Apia", 2011)
    keys = composed("Pacific/Apia", time(8), "day", 2011)
    assert "2011-12-30" not in keys
    assert {"2011-12-29", "2011-12-31"} <= set(keys)


@pytest.mark.parametrize(
    ("at", "on", "moment"),
    [
        ("02:30", "2026-03-29", "2026-03-29T01:30:00+00:00"),  # there is no such hour: it comes an hour later, at 03:30
        ("02:30", "2026-10-25", "2026-10-25T00:30:00+00:00"),  # there are two: the first one
        ("02:30", "2026-10-26", "2026-10-26T01:30:00+00:00"),
    ],
)
def test_an_hour_that_does_not_exist_or_comes_twice(at: str, on: str, moment: str) -> None:
    berlin, begins = reader(timezone="Europe/Berlin", at=at), datetime.fromisoformat(moment)
    planned = composing(berlin, begins)
    assert (planned.key.period, planned.due_at) == (on, begins)
    assert composing(berlin, begins - timedelta(seconds=1)).key.period < on


def test_after_a_long_sleep_the_newest_period_is_due_and_no_other() -> None:
    now = datetime(2026, 8, 12, 7, tzinfo=UTC)
    assert composing(reader(), now).key == ("compose", "morning", "2026-08-11")
    assert composing(reader(every="week"), now).key.period == "2026-W33"
    assert composing(reader(every="month", at="10:00"), datetime(2026, 9, 1, 9, tzinfo=UTC)).key.period == "2026-08"


@pytest.mark.parametrize(
    ("parts", "until"),
    [
        ({}, "2026-08-12T10:00"),
        ({"latest": "09:15"}, "2026-08-12T09:15"),
        ({"at": "22:00", "latest": "01:00"}, "2026-08-12T01:00"),
        ({"latest": "08:00"}, "2026-08-12T08:00"),
    ],
)
def test_a_digest_waits_for_the_sources_until_its_reader_wants_it(parts: dict[str, str], until: str) -> None:
    planned = composing(reader(**parts), datetime(2026, 8, 12, 12, tzinfo=UTC))
    assert planned.until == datetime.fromisoformat(until + "+00:00")


@given(
    every=st.sampled_from(["day", "week", "month"]),
    day=st.dates(date(2000, 1, 1), date(2100, 1, 1)),
    later=st.integers(0, 400),
)
def test_a_digest_is_of_a_day_of_its_period(every: Cadence, day: date, later: int) -> None:
    today, period = day + timedelta(days=later), period_of(every, day)
    found = day_of(every, period, today)
    assert period_of(every, found) == period
    assert found == today or period_of(every, found + timedelta(days=1)) != period


def test_sources_are_asked_by_their_own_calendars() -> None:
    now = datetime(2026, 8, 12, 7, tzinfo=UTC)
    planned = asking(find("arxiv"), now)
    # The batch of that Wednesday was announced at 20:00 in New York on Tuesday, and is given half an hour.
    assert planned == (("ask", "arxiv", "2026-08-12T00:30"), planned.due_at, planned.due_at)
    assert asked_next(find("arxiv"), now) == datetime(2026, 8, 13, 0, 30, tzinfo=UTC)
    saturday = datetime(2026, 8, 15, 12, tzinfo=UTC)
    assert asking(find("arxiv"), saturday).key.period == "2026-08-14T00:30"
    assert asking(find("feeds"), now).key.period == "2026-08-12T06:00"
    assert asked_next(find("feeds"), now) == datetime(2026, 8, 12, 9, tzinfo=UTC)
    assert asking(find("cvf"), now).key.period == "2026-08-12T00:00"


@pytest.mark.parametrize("name", ["arxiv", "huggingface", "paperswithcode", "cvf", "openreview", "feeds"])
def test_what_a_source_is_asked_for_changes_when_it_is_asked_next(name: str) -> None:
    now = datetime(2026, 8, 10, 3, tzinfo=UTC)
    for _ in range(40):
        following = asked_next(find(name), now)
        assert following > now
        assert asking(find(name), following).key.period > asking(find(name), now).key.period
        now = following


NOW = datetime(2026, 8, 12, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kinds", "attempts", "minutes"),
    [
        ([("complete", None), ("quiet", 5)], 1, None),
        ([("stale", 30), ("complete", None)], 1, 30),
        ([("stale", 1)], 1, 10),
        ([("throttled", 2000)], 1, 180),
        ([("failed", None)], 1, 10),
        ([("failed", None)], 3, 40),
        ([("failed", None)], 900, 180),
        ([("stale", 60), ("failed", None)], 2, 60),
        ([("stale", -5)], 2, 20),
    ],
)
def test_a_source_that_has_not_told_all_is_asked_again(
    kinds: list[tuple[Any, int | None]], attempts: int, minutes: int | None
) -> None:
    verdicts = [Verdict(kind=kind, next_at=None if later is None else NOW + timedelta(minutes=later)) for kind, later in kinds]
    wanted = None if minutes is None else NOW + timedelta(minutes=minutes)
    assert again_at(verdicts, attempts, NOW) == wanted
