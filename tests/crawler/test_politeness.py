from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from protego import Protego

from crawler.politeness import (
    ROBOTS_LIMIT,
    back_off,
    calmed,
    crawl_delay,
    kept_robots,
    knows_robots,
    may_fetch,
    resting,
    retry_after,
    scrapy_settings,
    throttled,
    user_agent,
)
from crawler.report import HostState

NOW = datetime(2026, 8, 12, 8, tzinfo=UTC)
DAY = timedelta(days=1)
HOST = HostState(host="papers.test")


@pytest.mark.parametrize(
    ("contact", "agent"),
    [
        ("", "Paperlark/1.2"),
        ("you@example.org", "Paperlark/1.2 (+mailto:you@example.org)"),
        ("you@example.org\r\nX-Evil: 1", "Paperlark/1.2 (+mailto:you@example.orgX-Evil:1)"),
        ("(you)", "Paperlark/1.2 (+mailto:you)"),
    ],
)
def test_the_user_agent_names_us_and_whom_to_write_to(contact: str, agent: str) -> None:
    assert user_agent("1.2", contact) == agent


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0),
        ("120", 120),
        (" 7 ", 7),
        ("1000000000", 86400),
        ("9" * 5000, 86400),
        ("Wed, 12 Aug 2026 08:05:00 GMT", 300),
        ("Wednesday, 12-Aug-26 08:05:00 GMT", 300),
        ("Wed Aug 12 08:05:00 2026", 300),
        ("Wed, 12 Aug 2026 10:05:00 +0200", 300),
        ("Fri, 12 Aug 2039 08:00:00 GMT", 86400),
        ("Wed, 12 Aug 2026 08:00:00 GMT", None),
        ("Tue, 11 Aug 2026 08:05:00 GMT", None),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
        ("٣", None),
        ("Wed, 99 Aug 2026 08:05:00 GMT", None),
        ("Wed, 12 Aug 99999999999 08:05:00 GMT", None),
        ("600, 3600", 3600),
        ("600,600", 600),
        ("600, soon", None),
    ],
)
def test_retry_after_is_read_in_seconds_and_as_a_date(header: str, seconds: int | None) -> None:
    assert retry_after(header, NOW) == (None if seconds is None else timedelta(seconds=seconds))


@given(st.text(max_size=40))
def test_no_retry_after_asks_for_more_than_a_day(header: str) -> None:
    rest = retry_after(header, NOW)
    assert rest is None or timedelta() <= rest <= DAY


@given(st.timedeltas(timedelta(seconds=1), timedelta(hours=23)))
def test_a_date_is_as_good_as_seconds(rest: timedelta) -> None:
    until = (NOW + rest).replace(microsecond=0)
    assert retry_after(format_datetime(until, usegmt=True), NOW) == ((until - NOW) or None)


def test_without_retry_after_the_rest_doubles_with_each_strike_up_to_a_day() -> None:
    state, rests = HOST, []
    for _ in range(10):
        state = throttled(state, "garbage", NOW, 0.0)
        assert state.cooldown_until is not None
        rests.append((state.cooldown_until - NOW) / timedelta(minutes=1))
    assert rests == [15, 30, 60, 120, 240, 480, 960, 1440, 1440, 1440]
    assert calmed(state) == HOST


@given(st.integers(0, 10**6), st.floats(0, 1))
def test_jitter_never_shortens_the_rest_and_never_makes_it_longer_than_a_day(strikes: int, jitter: float) -> None:
    state = HostState(host="papers.test", strikes=strikes)
    plain, jittered = (throttled(state, "", NOW, amount).cooldown_until for amount in (0.0, jitter))
    assert plain is not None
    assert jittered is not None
    assert plain <= jittered <= NOW + DAY


@pytest.mark.parametrize(
    ("until", "rests"),
    [(None, False), (timedelta(), False), (-DAY, False), (timedelta(seconds=1), True), (DAY, True), (2 * DAY, False)],
)
def test_a_host_rests_until_its_cool_down_is_over(until: timedelta | None, *, rests: bool) -> None:
    state = HostState(host="papers.test", cooldown_until=None if until is None else NOW + until)
    assert resting(state, NOW) == (state.cooldown_until if rests else None)


@pytest.mark.parametrize(
    ("age", "known"), [(timedelta(), True), (DAY - timedelta(seconds=1), True), (DAY, False), (-timedelta(hours=1), False)]
)
def test_robots_are_known_for_a_day(age: timedelta, *, known: bool) -> None:
    assert knows_robots(HostState(host="papers.test", robots_txt="", robots_at=NOW - age), NOW) == known
    assert not knows_robots(HOST, NOW)


ROBOTS = (
    "\ufeffUser-agent: other\nDisallow: /\n\nUser-agent: paperlark\nCrawl-delay: 7\nDisallow: /private\nAllow: /private/x$\n"
)


def test_robots_rules_for_us_are_followed() -> None:
    text = kept_robots(ROBOTS.encode())
    assert may_fetch(text, "https://papers.test/list")
    assert not may_fetch(text, "https://papers.test/private/y")
    assert may_fetch(text, "https://papers.test/private/x")
    assert crawl_delay(text) == timedelta(seconds=7)


@pytest.mark.parametrize(
    ("robots", "seconds"),
    [(None, 0), ("", 0), ("Crawl-delay: x", 0), ("Crawl-delay: 99999999999", 3600), ("Crawl-delay: -1", 0)],
)
def test_a_crawl_delay_is_bounded(robots: str | None, seconds: int) -> None:
    text = robots and f"User-agent: *\n{robots}\n"
    assert crawl_delay(text) == timedelta(seconds=seconds)


def test_a_huge_robots_txt_is_kept_up_to_the_limit_and_cut_at_a_line() -> None:
    line = b"Disallow: /somewhere/far/away/it/goes/on/and/on\n"
    body = b"User-agent: *\nDisallow: /private\n" + line * (600 * 1024 // len(line))
    kept = kept_robots(body)
    assert 500 * 1024 <= len(kept) <= ROBOTS_LIMIT
    assert kept.encode().splitlines()[-1] + b"\n" == line
    assert not may_fetch(kept, "https://papers.test/private")


@given(st.binary(max_size=300))
def test_any_bytes_are_a_robots_txt(body: bytes) -> None:
    text = kept_robots(body)
    assert "\x00" not in text
    assert may_fetch(text, "https://papers.test/x") == Protego.parse(text).can_fetch("https://papers.test/x", "Paperlark")
    assert timedelta() <= crawl_delay(text) <= timedelta(hours=1)


def test_back_off_grows_with_the_tries_and_never_below_the_delay() -> None:
    delay = timedelta(seconds=3)
    assert [back_off(delay, tries, 0.0) for tries in (1, 2)] == [2 * delay, 4 * delay]
    assert back_off(delay, 1, 1.0) == 3 * delay
    assert back_off(timedelta(), 1, 1.0) == timedelta()


def test_scrapy_is_left_nothing_but_the_download() -> None:
    settings = scrapy_settings("http://127.0.0.1:9000")
    assert settings["DOWNLOAD_VERIFY_CERTIFICATES"] is True
    assert set(settings["DOWNLOAD_HANDLERS_BASE"]) == {"http", "https"}
    assert set(settings["DOWNLOAD_HANDLERS_BASE"].values()) == {"crawler.mirror.Handler"}
    assert not any(settings[name] for name in ("DOWNLOADER_MIDDLEWARES_BASE", "SPIDER_MIDDLEWARES_BASE", "EXTENSIONS_BASE"))
