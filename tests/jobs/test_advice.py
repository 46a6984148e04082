from pathlib import Path

import pytest

from jobs.settings import load_settings


def warned(folder: Path, text: str) -> list[str]:
    path = folder / "paperlark.toml"
    path.write_text(text)
    return load_settings(path, {}).warnings()


def reader(timezone: str, at: str, every: str = "day") -> str:
    return f"""
        [sources.arxiv]
        [[topics]]
        name = "Depth"
        query = "depth"
        [[subscriptions]]
        name = "morning"
        timezone = "{timezone}"
        at = "{at}"
        every = "{every}"
    """


# arXiv announces at 20:00 in New York, where there is summer time; half an hour later the page is there for sure.
@pytest.mark.parametrize(
    ("timezone", "at", "hours"),
    [
        ("Asia/Shanghai", "08:00", "09:30 in winter, 08:30 in summer"),
        ("Asia/Shanghai", "09:00", "09:30 in winter"),
        ("Europe/Berlin", "02:00", "02:30 in winter, 02:30 in summer"),
        ("Pacific/Auckland", "13:00", "14:30 in winter"),
    ],
)
def test_an_hour_before_the_batch_of_the_day_is_warned_of(tmp_path: Path, timezone: str, at: str, hours: str) -> None:
    assert warned(tmp_path, reader(timezone, at)) == [
        f"subscriptions[1].at: {at} lies before the day's batch of arXiv ({timezone}: {hours})"
    ]


@pytest.mark.parametrize(
    ("timezone", "at"),
    [("Asia/Shanghai", "09:30"), ("Europe/Berlin", "07:00"), ("America/New_York", "07:00"), ("Asia/Shanghai", "23:59")],
)
def test_an_hour_after_it_is_not(tmp_path: Path, timezone: str, at: str) -> None:
    assert warned(tmp_path, reader(timezone, at)) == []


def test_an_hour_of_a_weekly_digest_waits_for_no_batch(tmp_path: Path) -> None:
    assert warned(tmp_path, reader("Asia/Shanghai", "08:00", "week")) == []


def test_asking_faster_than_the_source_wants_is_warned_of(tmp_path: Path) -> None:
    (line,) = warned(tmp_path, reader("UTC", "12:00").replace("[sources.arxiv]", '[sources.arxiv]\ndelay = "500ms"'))
    assert line == "sources.arxiv.delay: 0.5 s, arXiv asks for 15 s; who asks faster may be shut out"


def test_settings_that_do_nothing_are_warned_of(tmp_path: Path) -> None:
    assert [line.partition(":")[0] for line in warned(tmp_path, "")] == ["sources", "subscriptions"]
