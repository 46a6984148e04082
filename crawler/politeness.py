"""How hosts are treated: what robots.txt allows, how long to wait, when to leave a host alone. Pure.

robots.txt: RFC 9309, read by Protego. `Retry-After`: RFC 9110 §10.2.3. 403 and 406 count as throttling because arXiv, and
many a firewall, answer them to clients that ask too much.
"""

from codecs import BOM_UTF8
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any, Final

from protego import Protego

from crawler.report import HostState

ROBOT: Final = "Paperlark"
"""The name that robots.txt may speak of."""

THROTTLING: Final = frozenset({403, 406, 429, 503})
PATIENCE: Final = timedelta(seconds=60)
"""The longest a crawl waits; what asks for more ends it."""

ROBOTS_LIMIT: Final = 512 * 1024
"""How many characters of a robots.txt are kept; RFC 9309 §2.5 asks for 500 KiB at least."""

_ROBOTS_AGE: Final = timedelta(hours=24)
_LONGEST_REST: Final = timedelta(hours=24)
_CLOCKS_DIFFER: Final = timedelta(hours=1)
_FIRST_REST: Final = timedelta(minutes=15)
# A host whose Crawl-delay is longer could not be read within the day its robots.txt stays valid.
_LONGEST_CRAWL_DELAY: Final = timedelta(hours=1)


def user_agent(version: str, contact: str) -> str:
    """Return the User-Agent: who we are, and whom to write to.

    >>> user_agent("1.0", "you@example.org")
    'Paperlark/1.0 (+mailto:you@example.org)'
    """
    contact = "".join(character for character in contact if "!" <= character <= "~" and character not in "()<>\\")
    return f"{ROBOT}/{version} (+mailto:{contact})" if contact else f"{ROBOT}/{version}"


def kept_robots(body: bytes) -> str:
    """Return the text of a robots.txt as far as it is kept, cut at the end of a line."""
    text = body[: 4 * ROBOTS_LIMIT].decode("utf-8-sig", "replace").replace("\x00", "")
    return text if len(text) <= ROBOTS_LIMIT else text[:ROBOTS_LIMIT].rpartition("\n")[0]


def knows_robots(state: HostState, now: datetime) -> bool:
    """Tell whether the robots.txt in `state` is still valid at `now`."""
    return state.robots_at is not None and timedelta() <= now - state.robots_at < _ROBOTS_AGE


def may_fetch(robots_txt: str, url: str) -> bool:
    """Tell whether `robots_txt` lets us ask for `url`."""
    return bool(_rules(robots_txt).can_fetch(url, ROBOT))


def crawl_delay(robots_txt: str | None) -> timedelta:
    """Return the pause that `robots_txt` asks for between two requests; zero if it asks for none."""
    seconds: float = (_rules(robots_txt).crawl_delay(ROBOT) if robots_txt else None) or 0.0
    return timedelta(seconds=min(max(seconds, 0.0), _LONGEST_CRAWL_DELAY.total_seconds()))


@lru_cache(maxsize=16)
def _rules(robots_txt: str) -> Protego:
    return Protego.parse(robots_txt)


def retry_after(value: str, now: datetime) -> timedelta | None:
    """Read a Retry-After header, seconds or a date: how long from `now`, at most a day; None if it says nothing useful.

    Of several numbers the longest counts: a server and the cache before it may each have sent a header of their own.
    """
    value = value.strip()
    numbers = [number.strip() for number in value.split(",")]
    if all(number.isascii() and number.isdigit() for number in numbers):
        return min(timedelta(seconds=max(min(int(number[:12]), 10**9) for number in numbers)), _LONGEST_REST)
    try:
        until = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(until - now, _LONGEST_REST) if until > now else None


def throttled(state: HostState, header: str, now: datetime, jitter: float) -> HostState:
    """Return the host's state after it answered a throttling status with Retry-After `header` (empty: none).

    Without a useful header the rest is 15 minutes, doubled by every strike in a row, up to a day; `jitter`, from 0 to
    1, makes it up to a quarter longer, so that many clients do not come back together.
    """
    doubled = _FIRST_REST * 2 ** min(state.strikes, 8) * (1 + jitter / 4)
    rest = retry_after(header, now)
    rest = min(doubled, _LONGEST_REST) if rest is None else rest
    return replace(state, cooldown_until=now + rest, strikes=state.strikes + 1)


def asks_for_a_rest(body: bytes) -> bool:
    """Tell whether an answer, whatever its status, is arXiv's plain "Rate exceeded.", which has come with 200 as well.

    >>> asks_for_a_rest(b"Rate exceeded."), asks_for_a_rest(b"<p>Rate exceeded.</p>")
    (True, False)
    """
    return len(body) < 100 and body.removeprefix(BOM_UTF8).strip().lower().rstrip(b".") == b"rate exceeded"


def calmed(state: HostState) -> HostState:
    """Return the host's state after it answered as it should."""
    return replace(state, cooldown_until=None, strikes=0)


def counted(state: HostState, now: datetime, *, for_robots: bool, budgeted: bool) -> HostState:
    """Return the host's state when it is asked at `now`: for a page that is kept, and a request of a budget is counted."""
    if not for_robots:
        state = replace(state, asked_at=now)
    if budgeted:
        spent = state.spent if state.spent_on == now.date() else 0
        state = replace(state, spent=spent + 1, spent_on=now.date())
    return state


def resting(state: HostState, now: datetime) -> datetime | None:
    """Return until when the host must be left alone; None if it may be asked now.

    A time much more than a day ahead can only come from a clock that was wrong; a little may be that of this one.
    """
    until = state.cooldown_until
    return until if until is not None and now < until <= now + _LONGEST_REST + _CLOCKS_DIFFER else None


def back_off(delay: timedelta, tries: int, jitter: float) -> timedelta:
    """Return how long to wait before try number `tries` + 1 at a host asked every `delay`; `jitter` from 0 to 1."""
    return delay * (2.0**tries * (1 + jitter / 2))


def scrapy_settings(mirror: str | None) -> dict[str, Any]:
    """Return Scrapy's settings: one request at a time, certificates verified, and none of its extras.

    Its middlewares, extensions and log are all left out: what they do is done, and judged, in `crawler.fetch`; without
    them no cookie, referrer, proxy of the environment, telnet console or remote control exists.
    """
    return {
        "DOWNLOADER_MIDDLEWARES_BASE": {},
        "SPIDER_MIDDLEWARES_BASE": {},
        "EXTENSIONS_BASE": {},
        "DOWNLOAD_HANDLERS_BASE": {"http": "crawler.mirror.Handler", "https": "crawler.mirror.Handler"},
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        "DOWNLOAD_DELAY": 0,
        "DOWNLOAD_WARNSIZE": 0,
        "CONCURRENT_REQUESTS": 1,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        "PAPERLARK_MIRROR": mirror,
        "STATS_CLASS": "scrapy.statscollectors.DummyStatsCollector",
        "DUPEFILTER_CLASS": "scrapy.dupefilters.BaseDupeFilter",
        "LOG_ENABLED": False,
    }
