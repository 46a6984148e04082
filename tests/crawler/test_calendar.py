from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.calendar import (
    ARXIV_EVENINGS_OFF,
    GRACE,
    NEW_YORK,
    ArxivCatchup,
    ArxivFeed,
    ArxivListing,
    Calendar,
    is_arxiv_batch,
)

Arxiv = ArxivListing | ArxivCatchup | ArxivFeed

MINUTE = timedelta(minutes=1)
CALENDARS = (ArxivListing(), ArxivCatchup(), ArxivFeed())
calendars = st.sampled_from(CALENDARS)
moments = st.datetimes(datetime(2024, 1, 1), datetime(2029, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - given one
several_years = settings(deadline=None, max_examples=200)


def eastern(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK)


@pytest.mark.parametrize(
    ("now", "batch", "following"),
    [
        ("2026-08-11 20:29", "2026-08-11", "2026-08-11 20:30"),
        ("2026-08-11 20:30", "2026-08-12", "2026-08-12 20:30"),
        ("2026-08-14 12:00", "2026-08-14", "2026-08-16 20:30"),  # Friday
        ("2026-08-15 23:00", "2026-08-14", "2026-08-16 20:30"),  # Saturday still shows Friday's
        ("2026-08-16 20:30", "2026-08-17", "2026-08-17 20:30"),  # Sunday evening: Monday's
        ("2026-01-01 22:00", "2026-01-01", "2026-01-04 20:30"),  # New Year: nothing announced that Thursday evening
        ("2026-12-28 21:00", "2026-12-29", "2026-12-30 20:30"),  # nothing on Tuesday 29 December
        ("2026-12-31 12:00", "2026-12-31", "2027-01-03 20:30"),
        ("2026-03-08 21:00", "2026-03-09", "2026-03-09 20:30"),  # the clocks went forward that morning
        ("2026-11-01 20:29", "2026-10-30", "2026-11-01 20:30"),  # and back
    ],
)
def test_the_listing_shows_the_newest_batch_until_the_next(now: str, batch: str, following: str) -> None:
    due = ArxivListing().due(eastern(now))
    assert due.batch_on == date.fromisoformat(batch)
    assert due.next_at == eastern(following)
    assert due.next_at.tzinfo is UTC


@pytest.mark.parametrize(
    ("now", "batch", "following"),
    [
        ("2026-08-12 00:29", None, "2026-08-12 00:30"),
        ("2026-08-12 00:30", "2026-08-12", "2026-08-13 00:30"),
        ("2026-08-12 23:59", "2026-08-12", "2026-08-13 00:30"),
        ("2026-08-14 23:59", "2026-08-14", "2026-08-17 00:30"),
        ("2026-08-15 12:00", None, "2026-08-17 00:30"),
        ("2026-01-02 12:00", None, "2026-01-05 00:30"),
        ("2026-11-27 12:00", None, "2026-11-30 00:30"),  # the day after Thanksgiving
        ("2026-03-08 12:00", None, "2026-03-09 00:30"),
    ],
)
def test_the_feed_shows_a_batch_on_its_day_only(now: str, batch: str | None, following: str) -> None:
    due = ArxivFeed().due(eastern(now))
    assert due.batch_on == (date.fromisoformat(batch) if batch else None)
    assert due.next_at == eastern(following)


@pytest.mark.parametrize(
    ("now", "batch"),
    [("2026-08-12 00:00", "2026-08-12"), ("2026-08-11 23:59", "2026-08-11"), ("2026-08-16 12:00", "2026-08-14")],
)
def test_a_feed_with_entries_is_taken_to_show_the_newest_day_begun(now: str, batch: str) -> None:
    assert ArxivFeed().newest(eastern(now)) == ArxivCatchup().newest(eastern(now)) == date.fromisoformat(batch)


@pytest.mark.parametrize(
    ("now", "batch"),
    [
        ("2026-08-11 19:59", "2026-08-11"),
        ("2026-08-11 20:00", "2026-08-12"),
        ("2026-08-14 21:00", "2026-08-14"),  # Friday evening
        ("2026-11-26 21:00", "2026-11-26"),  # Thanksgiving
    ],
)
def test_the_listing_may_show_a_batch_from_the_hour_on(now: str, batch: str) -> None:
    assert ArxivListing().newest(eastern(now)) == date.fromisoformat(batch)


@pytest.mark.parametrize(
    ("now", "batch", "following"),
    [
        ("2026-08-12 00:29", "2026-08-11", "2026-08-12 00:30"),
        ("2026-08-12 00:30", "2026-08-12", "2026-08-13 00:30"),
        ("2026-08-14 23:59", "2026-08-14", "2026-08-17 00:30"),
        ("2026-08-15 12:00", "2026-08-14", "2026-08-17 00:30"),  # Saturday: still Friday's
        ("2026-11-27 12:00", "2026-11-26", "2026-11-30 00:30"),  # the day after Thanksgiving
        ("2026-03-08 12:00", "2026-03-06", "2026-03-09 00:30"),  # the clocks went forward that morning
        ("2026-11-01 12:00", "2026-10-30", "2026-11-02 00:30"),  # and back
    ],
)
def test_the_catchup_has_the_newest_day_begun_until_the_next(now: str, batch: str, following: str) -> None:
    due = ArxivCatchup().due(eastern(now))
    assert due.batch_on == date.fromisoformat(batch)
    assert due.next_at == eastern(following)


@pytest.mark.parametrize(
    ("now", "evening"),
    [
        ("2026-08-11 20:29", "2026-08-10 20:30"),
        ("2026-08-11 20:30", "2026-08-11 20:30"),
        ("2026-08-14 23:00", "2026-08-13 20:30"),  # none on Friday
        ("2026-08-16 20:29", "2026-08-13 20:30"),
        ("2026-08-16 20:30", "2026-08-16 20:30"),
        ("2026-11-27 12:00", "2026-11-26 20:30"),  # Thanksgiving is disregarded
        ("2026-03-08 20:30", "2026-03-08 20:30"),
        ("2026-11-01 20:29", "2026-10-29 20:30"),
    ],
)
def test_the_last_evening_that_may_have_brought_anything(now: str, evening: str) -> None:
    found = ArxivListing().last_chance(eastern(now))
    assert found == eastern(evening)
    assert found.tzinfo is UTC


@pytest.mark.parametrize("evening", sorted(ARXIV_EVENINGS_OFF))
def test_no_batch_is_dated_the_day_after_an_evening_off(evening: date) -> None:
    assert not is_arxiv_batch(evening + timedelta(days=1))
    assert is_arxiv_batch(evening) or evening.weekday() > 4 or evening - timedelta(days=1) in ARXIV_EVENINGS_OFF


@pytest.mark.parametrize("calendar", CALENDARS)
def test_the_batches_between_two_days(calendar: Calendar) -> None:
    def between(after: str, before: str) -> list[str]:
        return [str(day) for day in calendar.batches(date.fromisoformat(after), date.fromisoformat(before))]

    assert between("2026-08-10", "2026-08-14") == ["2026-08-11", "2026-08-12", "2026-08-13"]
    assert between("2026-08-13", "2026-08-18") == ["2026-08-14", "2026-08-17"]
    assert between("2026-11-26", "2026-11-30") == []  # nothing was announced on the evening of Thanksgiving
    assert between("2026-08-14", "2026-08-10") == between("2026-08-14", "2026-08-14") == []
    many = between("2025-08-14", "2026-08-14")
    assert (many[0], many[-1], many) == ("2025-08-15", "2026-08-13", sorted(many))


@several_years
@given(moments, calendars)
def test_what_is_due_stays_so_until_the_next_is(now: datetime, calendar: Calendar) -> None:
    due = calendar.due(now)
    assert due.next_at > now
    assert due.next_at - now <= timedelta(days=6)
    last = calendar.due(due.next_at - MINUTE)
    assert last.next_at == due.next_at
    assert last.batch_on in (due.batch_on, None)  # a feed empties at midnight
    following = calendar.due(due.next_at)
    assert following.batch_on is not None
    assert due.batch_on is None or following.batch_on > due.batch_on


@several_years
@given(moments, st.floats(0, 1))
def test_the_listing_is_constant_between_two_batches(now: datetime, part: float) -> None:
    due = ArxivListing().due(now)
    assert ArxivListing().due(now + (due.next_at - now - MINUTE) * part).batch_on == due.batch_on


@several_years
@given(moments)
def test_batches_are_of_working_days_and_both_routes_agree_on_them(now: datetime) -> None:
    listed, fed = ArxivListing().due(now).batch_on, ArxivFeed().due(now).batch_on
    assert listed is not None
    assert listed.weekday() < 5
    assert is_arxiv_batch(listed)
    assert fed is None or fed == now.astimezone(NEW_YORK).date() <= listed
    assert ArxivFeed().newest(now) <= listed + timedelta(days=1)


@several_years
@given(moments, moments, st.sampled_from((ArxivListing(), ArxivCatchup())))
def test_later_never_means_an_older_batch(one: datetime, other: datetime, calendar: Calendar) -> None:
    earlier, later = (calendar.due(moment).batch_on for moment in sorted((one, other)))
    assert earlier is not None
    assert later is not None
    assert earlier <= later


def test_every_half_hour_of_a_year_has_its_batch_and_its_next() -> None:
    now, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    while now < end:
        dues = {calendar: (calendar.due(now), calendar.newest(now)) for calendar in CALENDARS}
        for due, newest in dues.values():
            assert due.next_at > now
            assert due.batch_on is None or due.batch_on <= newest
        (listed, may_be_listed), (caught_up, begun), (fed, may_be_fed) = dues.values()
        assert listed.batch_on is not None
        assert caught_up.batch_on is not None
        assert caught_up.batch_on <= listed.batch_on
        assert begun == may_be_fed <= may_be_listed
        assert fed.next_at == caught_up.next_at
        assert fed.batch_on in (caught_up.batch_on, None)
        now += timedelta(minutes=30)


nights = st.sampled_from([datetime(2026, 3, 8, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)])
changes = st.builds(lambda night, minutes: night + timedelta(minutes=minutes), nights, st.integers(-24 * 60, 48 * 60))
"""Around the nights in which New York sets its clocks."""


@several_years
@given(moments | changes)
def test_the_catchup_follows_the_listing_by_four_hours(now: datetime) -> None:
    listed, caught_up = ArxivListing().due(now), ArxivCatchup().due(now + timedelta(hours=4))
    assert caught_up.batch_on == listed.batch_on
    assert caught_up.next_at == listed.next_at + timedelta(hours=4)
    assert ArxivCatchup().newest(now + timedelta(hours=4)) == ArxivListing().newest(now)


@several_years
@given(moments | changes, st.sampled_from((ArxivListing(), ArxivCatchup())), st.booleans())
def test_what_may_be_shown_is_due_a_grace_later(now: datetime, calendar: Calendar, local: bool) -> None:  # noqa: FBT001
    moment = now.astimezone(NEW_YORK) if local else now
    assert calendar.newest(moment) == calendar.due(now + GRACE).batch_on
    assert calendar.due(moment) == calendar.due(now)


@several_years
@given(moments, calendars, st.lists(st.integers(-9, 9), max_size=4))
def test_evenings_off_are_added_to_those_known(now: datetime, calendar: Arxiv, offsets: list[int]) -> None:
    evenings = frozenset(now.date() + timedelta(days=offset) for offset in offsets)
    later = calendar.without(evenings)
    assert later == later.without(evenings) == type(calendar)(ARXIV_EVENINGS_OFF | evenings)
    assert calendar.without(frozenset()) == calendar == type(calendar)()
    gone = {evening + timedelta(days=1) for evening in evenings}
    due = later.due(now)
    assert due.batch_on not in gone
    assert due.next_at >= calendar.due(now).next_at
    assert later.newest(now) not in gone
    around = now.date() - timedelta(days=20), now.date() + timedelta(days=20)
    assert set(later.batches(*around)) == set(calendar.batches(*around)) - gone


@several_years
@given(moments | changes)
def test_nothing_is_announced_between_the_settled_evening_and_now(now: datetime) -> None:
    evening = ArxivListing().last_chance(now)
    assert evening <= now
    assert now - evening < timedelta(days=3, hours=1)
    assert ArxivListing().last_chance(evening) == evening
    assert ArxivListing().last_chance(evening - timedelta(microseconds=1)) < evening
    local = evening.astimezone(NEW_YORK)
    assert (local.hour, local.minute) == (20, 30)
    assert local.weekday() not in (4, 5)
    assert ArxivListing().due(now) == ArxivListing().due(evening)


@several_years
@given(moments | changes, calendars)
def test_a_batch_that_is_due_came_at_a_chance_there_was(now: datetime, calendar: Arxiv) -> None:
    chance = calendar.last_chance(now)
    assert chance <= now
    assert chance.tzinfo is UTC
    assert calendar.last_chance(now.astimezone(NEW_YORK)) == calendar.last_chance(chance) == chance
    assert calendar.due(now).next_at == calendar.due(chance).next_at
    assert calendar.without(frozenset({now.date()})).last_chance(now) == chance
    everything = type(calendar)(frozenset())
    assert everything.due(chance - MINUTE).next_at == chance
    assert everything.due(now).next_at > now
