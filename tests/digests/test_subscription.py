"""The reader's own day and period, and when a topic is another topic."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.query import parse
from digests.subscription import Cadence, Subscription, Topic

READER = Subscription(name="morning", topics=(), forms=("file",), timezone="Asia/Shanghai")
DAYS = st.dates(date(1990, 1, 1), date(2100, 1, 1))


def topic(text: str, *categories: str, name: str = "Engines", cap: int = 25) -> Topic:
    return Topic(name=name, text=text, query=parse(text), categories=categories, cap=cap)


@pytest.mark.parametrize(
    ("at", "timezone", "day"),
    [
        (datetime(2026, 1, 15, 15, 59, tzinfo=UTC), "Asia/Shanghai", date(2026, 1, 15)),
        (datetime(2026, 1, 15, 16, 0, tzinfo=UTC), "Asia/Shanghai", date(2026, 1, 16)),
        (datetime(2026, 1, 15, 4, 59, tzinfo=UTC), "America/New_York", date(2026, 1, 14)),
        # Two o'clock comes twice on this night, and is the same day both times.
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "Europe/Berlin", date(2026, 10, 25)),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "Europe/Berlin", date(2026, 10, 25)),
    ],
)
def test_the_day_is_the_readers_own(at: datetime, timezone: str, day: date) -> None:
    assert replace(READER, timezone=timezone).day(at) == day


@pytest.mark.parametrize(
    ("every", "day", "period"),
    [
        ("day", date(2026, 8, 12), "2026-08-12"),
        ("week", date(2026, 8, 12), "2026-W33"),
        ("week", date(2027, 1, 3), "2026-W53"),
        ("week", date(2025, 12, 29), "2026-W01"),
        ("month", date(2026, 8, 12), "2026-08"),
    ],
)
def test_the_period_of_a_day(every: Cadence, day: date, period: str) -> None:
    assert replace(READER, every=every).period(day) == period


@given(DAYS, st.integers(0, 60))
def test_a_week_is_monday_to_sunday_and_a_month_is_a_month(day: date, later: int) -> None:
    other = day + timedelta(days=later)
    weekly, monthly = replace(READER, every="week"), replace(READER, every="month")
    same_week = day - timedelta(days=day.weekday()) == other - timedelta(days=other.weekday())
    assert (weekly.period(day) == weekly.period(other)) == same_week
    assert (monthly.period(day) == monthly.period(other)) == ((day.year, day.month) == (other.year, other.month))


def test_what_a_topic_holds_is_told_by_its_query_and_categories_alone() -> None:
    one = topic("engine", "cs.CV", "cs.LG").fingerprint()
    assert topic("engine", "cs.LG", "cs.CV", name="Motors", cap=3).fingerprint() == one
    others = {
        topic("engines", "cs.CV", "cs.LG").fingerprint(),
        topic("engine").fingerprint(),
        topic("engine", "cs.CV").fingerprint(),
    }
    assert len(others | {one}) == 4
    assert len(one) == 64
