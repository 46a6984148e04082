import pickle
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from crawler.errors import SettingsError
from jobs.clock import Clock

NOON = datetime(2026, 8, 12, 12, tzinfo=UTC)


@pytest.mark.parametrize("environ", [{}, {"PAPERLARK_NOW": ""}])
def test_without_the_variable_it_is_the_real_clock(environ: dict[str, str]) -> None:
    with time_machine.travel(NOON, tick=False):
        assert Clock.from_environment(environ)() == NOON


def test_it_starts_at_the_variable_and_ticks() -> None:
    with time_machine.travel(NOON, tick=False) as world:
        clock = Clock.from_environment({"PAPERLARK_NOW": "2026-11-22T08:00:00+08:00"})
        assert clock() == datetime(2026, 11, 22, 0, tzinfo=UTC)
        assert clock().tzinfo is UTC
        world.shift(timedelta(minutes=3))
        assert clock() == datetime(2026, 11, 22, 0, 3, tzinfo=UTC)


def test_a_copy_in_another_process_shows_the_same_time() -> None:
    with time_machine.travel(NOON, tick=False) as world:
        clock = Clock.from_environment({"PAPERLARK_NOW": "2031-01-01T00:00:00Z"})
        world.shift(60)
        assert pickle.loads(pickle.dumps(clock))() == clock() == datetime(2031, 1, 1, 0, 1, tzinfo=UTC)


def test_it_may_run_faster_to_try_weeks_in_minutes() -> None:
    with time_machine.travel(NOON, tick=False) as world:
        clock = Clock.from_environment({"PAPERLARK_NOW": "2026-08-01T00:00:00Z@336"})
        world.shift(timedelta(minutes=1))
        assert clock() == datetime(2026, 8, 1, 5, 36, tzinfo=UTC)
        assert clock.until(datetime(2026, 8, 1, 11, 12, tzinfo=UTC)) == timedelta(minutes=1)
        other = Clock.from_environment(clock.variable())
        world.shift(timedelta(minutes=1))
        assert other() == clock() == datetime(2026, 8, 1, 11, 12, tzinfo=UTC)


@pytest.mark.parametrize("environ", [{}, {"PAPERLARK_NOW": "2031-01-01T00:00:00Z"}])
def test_another_process_is_given_the_same_clock(environ: dict[str, str]) -> None:
    with time_machine.travel(NOON, tick=False):
        clock = Clock.from_environment(environ)
        assert Clock.from_environment(clock.variable())() == clock()


@pytest.mark.parametrize("rate", ["", "0", "-3", "1.5", "100001", "fast", "²"])
def test_a_rate_is_a_whole_number(rate: str) -> None:
    with pytest.raises(SettingsError, match="rate"):
        Clock.from_environment({"PAPERLARK_NOW": f"2031-01-01T00:00:00Z@{rate}"})


@pytest.mark.parametrize(
    "text",
    [
        "now",
        "2026-11-22",
        "2026-11-22T08:00:00",
        "08:00+00:00",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "\ud800",
    ],
)
def test_anything_else_is_a_mistake_in_one_line(text: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Clock.from_environment({"PAPERLARK_NOW": text})
    (line,) = caught.value.mistakes
    assert line.startswith("PAPERLARK_NOW: ")
    assert "2026-11-22T08:00:00+00:00" in line


@given(st.text())
def test_no_text_is_more_than_a_mistake(text: str) -> None:
    try:
        clock = Clock.from_environment({"PAPERLARK_NOW": text})
    except SettingsError:
        return
    assert clock().tzinfo is UTC


def test_it_needs_no_settings() -> None:
    loaded = "import sys, jobs.clock; print(*(name for name in ('pydantic', 'sqlalchemy', 'scrapy') if name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", loaded], capture_output=True, check=True, text=True).stdout.split() == []
