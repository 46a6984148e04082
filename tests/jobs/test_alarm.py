"""The alarm clock, and clocks that are set."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.alarm import Alarm, Jumps


def test_it_rings_when_it_was_set_to_and_only_once() -> None:
    with Alarm() as alarm:
        alarm.set_to(timedelta(hours=3))
        alarm.set_to(timedelta())
        assert alarm.wait(60)
        assert not alarm.wait(0)


def test_it_rings_when_it_is_told_to_and_not_when_it_was_set_anew() -> None:
    with Alarm() as alarm:
        alarm.set_to(timedelta(hours=3))
        assert not alarm.wait(0)
        alarm.ring()
        assert alarm.wait(0)


def test_a_moment_that_is_past_rings_at_once() -> None:
    with Alarm() as alarm:
        alarm.set_to(timedelta(days=-1))
        assert alarm.wait(60)


class Clocks:
    """Two clocks, the first of which can be set."""

    def __init__(self) -> None:
        self.wall, self.steady = 1_000_000.0, 500.0

    def passes(self, seconds: float) -> None:
        self.wall += seconds
        self.steady += seconds


@pytest.mark.parametrize("seconds", [86_400.0, -86_400.0, 3_600.0, -5.0])
def test_a_clock_that_was_set_is_noticed_once(seconds: float) -> None:
    clocks = Clocks()
    jumps = Jumps(lambda: clocks.wall, lambda: clocks.steady)
    assert jumps.since_last() == 0
    clocks.passes(30)
    clocks.wall += seconds
    assert jumps.since_last() == pytest.approx(seconds)
    clocks.passes(30)
    assert jumps.since_last() == 0


@given(st.lists(st.floats(0, 120), max_size=50), st.floats(-0.001, 0.001))
def test_time_that_passes_is_no_jump_even_on_a_clock_that_is_corrected(pauses: list[float], drift: float) -> None:
    clocks = Clocks()
    jumps = Jumps(lambda: clocks.wall, lambda: clocks.steady)
    for pause in pauses:
        clocks.passes(pause)
        clocks.wall += pause * drift
        assert jumps.since_last() == 0
