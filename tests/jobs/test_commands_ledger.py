"""`paperlark ledger`: how far back it looks, and what it tells of the demo's two mornings."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.errors import SettingsError
from jobs.commands_ledger import span
from tests.jobs.conftest import Call

FRIDAY = "2026-01-16T12:00:00+08:00"
NONSENSE = (
    "nonsense",
    "",
    "30",
    "d",
    "-3d",
    "3y",
    "30 d",
    "3d3d",
    "30days",
    "2026-02-30",
    "2026-13-01",
    "15.01.2026",
    "12345d",
)

TWO_MORNINGS = (
    "arXiv cs.CV",
    "Mon Tue Wed Thu Fri",
    "12 Jan ✓ 19 ✓ 18",
    "",
    "arXiv cs.LG",
    "Mon Tue Wed Thu Fri",
    "12 Jan ✓ 9 ! late",
    "16 January: stale by listing, Fri 16 Jan 10:30: still the list of 2026-01-15, although that of 2026-01-16 was due",
    "",
    "Hugging Face",
    "Mon Tue Wed Thu Fri",
    "12 Jan ✓ 1 ✓ 1",
    "",
    "CVF Open Access WACV2026",
    "Mon Tue Wed Thu Fri",
    "12 Jan ✓ 5",
    "",
    "✓ all came ! not all of it, or late ✗ nothing came · no list that day",
)


def lines(drawn: str) -> tuple[str, ...]:
    """Return the lines of a drawing without the blanks between its columns, which other tests look at."""
    return tuple(" ".join(line.split()) for line in drawn.splitlines())


@pytest.fixture
def friday(demo: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in the demo's folder at noon of its second day."""
    monkeypatch.setenv("PAPERLARK_NOW", FRIDAY)
    return demo


@pytest.mark.parametrize(
    ("text", "back"),
    [
        ("30d", timedelta(days=30)),
        ("1d", timedelta(days=1)),
        ("0d", timedelta()),
        ("6w", timedelta(weeks=6)),
        ("3m", timedelta(days=90)),
        (" 6W ", timedelta(weeks=6)),
        ("9999d", timedelta(days=9999)),
        ("2026-01-15", date(2026, 1, 15)),
    ],
)
def test_how_far_to_look_back_is_a_number_of_days_weeks_or_months_or_a_day(text: str, back: timedelta | date) -> None:
    assert span(text) == back


@given(st.dates())
def test_any_day_can_be_named(day: date) -> None:
    assert span(day.isoformat()) == day


@given(st.integers(0, 9999), st.sampled_from("dwm"))
def test_a_span_is_its_number_times_its_unit(number: int, unit: str) -> None:
    assert span(f"{number}{unit}") == number * timedelta(days={"d": 1, "w": 7, "m": 30}[unit])


@pytest.mark.parametrize("text", NONSENSE)
def test_what_is_no_span_is_a_mistake_of_the_call(text: str) -> None:
    with pytest.raises(SettingsError, match="--since: write 30d, 6w or 3m, or a day as 2026-01-15, not"):
        span(text)


@pytest.mark.parametrize("words", [("--since", "nonsense"), ("--since", "30"), ("--json", "--since", "2026-02-30")])
def test_a_wrong_call_ends_2_and_says_why_in_one_line(call: Call, alone: Path, words: tuple[str, ...]) -> None:
    said = call("ledger", *words)
    assert (said.status, said.out) == (2, "")
    assert said.err.count("\n") == 1
    assert said.err.endswith(f"--since: write 30d, 6w or 3m, or a day as 2026-01-15, not {words[-1]}\n")
    assert not list(alone.glob("*.db"))


def test_the_two_mornings_of_the_demo_are_drawn(call: Call, friday: Path) -> None:
    said = call("ledger")
    assert (said.status, lines(said.out), said.err) == (0, TWO_MORNINGS, "")


def test_only_the_days_asked_for_are_drawn(call: Call, friday: Path) -> None:
    for since in ("2026-01-16", "0d"):
        said = call("ledger", "--since", since)
        assert "✓ 18" in said.out
        assert "✓ 19" not in said.out
    assert call("ledger", "--since", "3m").out == call("ledger", "--since", "2026-01-01").out == call("ledger").out
    assert call("ledger", "--since", "2026-01-17").out == "Nothing was asked yet: paperlark run\n"


def test_programs_are_told_the_same_and_every_section(call: Call, friday: Path) -> None:
    said = call("ledger", "--json")
    days = json.loads(said.out)["days"]
    assert (said.status, said.err) == (0, "")
    assert [(one["scope"], one["day"], one["verdict"], one["seen"], one["expected"]) for one in days] == [
        ("cs.CV", "2026-01-15", "complete", 19, 19),
        ("cs.CV", "2026-01-16", "complete", 18, 18),
        ("cs.LG", "2026-01-15", "complete", 9, 9),
        ("cs.LG", "2026-01-16", "stale", 0, None),
        ("", "2026-01-14", "complete", 1, None),
        ("", "2026-01-15", "complete", 1, None),
        ("WACV2026", "2026-01-16", "complete", 5, None),
    ]
    assert all({part["section"] for part in one["sections"]} == {"new", "cross", "replace"} for one in days[:2])
    assert sum(part["seen"] for part in days[0]["sections"]) == 19
    assert [one["source"] for one in days] == 4 * ["arxiv"] + 2 * ["huggingface"] + ["cvf"]


def test_a_week_later_what_was_missed_is_drawn_too(call: Call, friday: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAPERLARK_NOW", "2026-01-21T12:00:00+00:00")
    assert lines(call("ledger").out)[3] == "19 Jan ✗ · ✗"
    days = json.loads(call("ledger", "--json").out)["days"]
    assert [(one["day"], one["verdict"]) for one in days if one["scope"] == "cs.CV"][2:] == [
        ("2026-01-19", None),
        ("2026-01-20", "quiet"),
        ("2026-01-21", None),
    ]


def test_before_anything_was_asked_it_says_how_to_begin(call: Call) -> None:
    said = call("ledger")
    assert (said.status, said.out) == (0, "Nothing was asked yet: paperlark run\n")
    assert json.loads(call("ledger", "--json").out) == {"days": []}
