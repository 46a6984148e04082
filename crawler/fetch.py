"""One polite GET: the guard, robots.txt, the pause before, redirects, retries, and what the status means.

It owns every failure: whatever happens ends as an Answer that can be read or as a Trouble that says why not. What makes
the request itself (`download`), the clocks and the sleep are given to it.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, Literal
from urllib.parse import urljoin

from crawler.errors import CrawlError, RefusedError
from crawler.guard import host_of, redirected, refusal
from crawler.politeness import (
    PATIENCE,
    THROTTLING,
    back_off,
    calmed,
    crawl_delay,
    kept_robots,
    knows_robots,
    may_fetch,
    resting,
    throttled,
)
from crawler.report import HostState, site_of
from crawler.source import Rules

MAX_REDIRECTS: Final = 5
RETRIES: Final = 2

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
# RFC 9309 lets the other 4xx mean that there is no robots.txt.
_ROBOTS_THROTTLING: Final = frozenset({429, 503})
_ROBOTS_BYTES: Final = 8 * 1024 * 1024
_ROBOTS_TIMEOUT: Final = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One GET: where, with which headers, under which rules, how many bytes at most and how long at most."""

    url: str
    headers: Mapping[str, str]
    rules: Rules
    max_bytes: int
    timeout: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One HTTP response: header names in lower case, the body unpacked; `whole` is False when it broke off."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    whole: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Why there is nothing to read, in one line, and when to come back, if the host or its cool-down says so."""

    kind: Literal["throttled", "blocked", "failed"]
    why: str
    next_at: datetime | None = None


Download = Callable[[Ask], Awaitable[Answer]]
"""Makes one request and follows nothing. Raises CrawlError; `retry` tells whether the same request may do better."""


@dataclass(slots=True, kw_only=True)
class Fetcher:
    """Asks for pages, one at a time, and remembers what the hosts have told.

    `delay` lies between any two requests; `heed_crawl_delay` is off where a mirror stands in for the hosts. `tell` is
    given every new HostState at once, so that the next process knows it whatever becomes of this one.
    """

    download: Download
    clock: Callable[[], datetime]
    agent: str
    delay: timedelta
    heed_crawl_delay: bool = True
    hosts: dict[str, HostState] = field(default_factory=dict)
    tell: Callable[[HostState], None]
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    timer: Callable[[], float] = time.monotonic
    jitter: Callable[[], float] = random.random
    requests: int = 0
    asked: dict[str, float] = field(default_factory=dict)
    """When each host was asked last in this process, by `timer`; for its robots.txt, under `host/robots.txt`."""

    async def get(self, ask: Ask) -> Answer | Trouble:
        """Ask for a page and follow its redirects; an Answer has the status 200 or 304."""
        home, url = None, ask.url
        for _ in range(1 + MAX_REDIRECTS):
            if why := refusal(url):
                return Trouble(kind="blocked", why=f"{why} ({url})")
            home = home or host_of(url)
            # The terms of an API are those of its own host; wherever else it sends us, robots.txt decides.
            if (ask.rules == "robots" or host_of(url) != home) and (trouble := await self._ask_robots(url)):
                return trouble
            answer = await self._ask(replace(ask, url=url))
            if isinstance(answer, Trouble) or answer.status in {200, 304}:
                return answer
            location = answer.headers.get("location")
            if answer.status not in _REDIRECTS or not location:
                return Trouble(kind="failed", why=f"HTTP status {answer.status} ({url})")
            url = redirected(url, location)
        return Trouble(kind="failed", why=f"more than {MAX_REDIRECTS} redirects ({ask.url})")

    async def _ask_robots(self, url: str) -> Trouble | None:
        """Ask what robots.txt says of `url`, of the host itself at most once a day."""
        host = host_of(url)
        if not knows_robots(self._state(host), self.clock()):
            robots_txt = await self._read_robots(url)
            if isinstance(robots_txt, Trouble):
                self._keep(replace(self._state(host), asked_at=self.clock()))
                return robots_txt
            self._keep(replace(self._state(host), robots_txt=robots_txt, robots_at=self.clock()))
        if may_fetch(self._state(host).robots_txt or "", url):
            return None
        return Trouble(kind="blocked", why=f"robots.txt does not allow it ({url})")

    async def _read_robots(self, url: str) -> str | Trouble:
        """Fetch the robots.txt of the host of `url` as RFC 9309 §2.3.1 says: 4xx allows all, 5xx or silence nothing."""
        robots_url = urljoin(url, "/robots.txt")
        for _ in range(1 + MAX_REDIRECTS):
            if why := refusal(robots_url):
                return Trouble(kind="blocked", why=f"{why} ({robots_url})")
            ask = Ask(url=robots_url, headers={}, rules="robots", max_bytes=_ROBOTS_BYTES, timeout=_ROBOTS_TIMEOUT)
            answer = await self._ask(ask, for_robots=True)
            if isinstance(answer, Trouble):
                return replace(answer, why=f"robots.txt could not be read: {answer.why}")
            if answer.status in _REDIRECTS and "location" in answer.headers:
                robots_url = redirected(robots_url, answer.headers["location"])
            elif answer.status >= 500:
                return Trouble(kind="failed", why=f"robots.txt: HTTP status {answer.status} ({robots_url})")
            else:
                return kept_robots(answer.body) if answer.status == 200 else ""
        return ""

    async def _ask(self, ask: Ask, *, for_robots: bool = False) -> Answer | Trouble:
        """Ask one address, again after an error (twice) and after a short Retry-After (once)."""
        host, tries, waited = host_of(ask.url), 0, False
        throttling = _ROBOTS_THROTTLING if for_robots else THROTTLING
        while True:
            if trouble := await self._pause(host):
                return trouble
            outcome = await self._request(ask, _robots(host) if for_robots else host)
            if isinstance(outcome, Answer) and outcome.status in throttling:
                if (rest := self._throttle(host, outcome)) > PATIENCE or waited:
                    return _rest(self._state(site_of(host)))
                waited = True
                await self.sleep(rest.total_seconds())
                self._keep(replace(self._state(site_of(host)), cooldown_until=None))
            elif tries < RETRIES and _may_do_better(outcome):
                tries += 1
                await self.sleep(back_off(self.delay, tries, self.jitter()).total_seconds())
            elif isinstance(outcome, CrawlError):
                kind: Literal["blocked", "failed"] = "blocked" if isinstance(outcome, RefusedError) else "failed"
                return Trouble(kind=kind, why=f"{outcome} ({ask.url})")
            else:
                return outcome

    async def _pause(self, host: str) -> Trouble | None:
        """Wait until `host` may be asked; when that takes too long, say so instead."""
        if resting(self._state(site_of(host)), self.clock()):
            return _rest(self._state(site_of(host)))
        wait = self._wait(host)
        if wait > max(PATIENCE, self.delay * 2):
            why = f"{host} asks for a longer pause than a crawl waits"
            return Trouble(kind="throttled", why=why, next_at=self.clock() + wait)
        await self.sleep(wait.total_seconds() * (1 + self.jitter() / 10))
        return None

    def _wait(self, host: str) -> timedelta:
        """Return how long to wait before `host` may be asked: its own pause since it was, ours since any was.

        After its robots.txt, no longer than a crawl waits: read anew each day, it would put off a daily crawl for ever.
        """
        state, now = self._state(host), self.timer()
        pause = max(self.delay, crawl_delay(state.robots_txt) if self.heed_crawl_delay else timedelta())
        waits = [self.delay - timedelta(seconds=now - at) for at in self.asked.values()]

        def left(pause: timedelta, asked: str, before: datetime | None) -> timedelta:
            if asked in self.asked:
                return pause - timedelta(seconds=now - self.asked[asked])
            # A time in the future can only come from a clock that was wrong.
            return min(pause, before + pause - self.clock()) if before else timedelta()

        waits.append(left(pause, host, state.asked_at))
        waits.append(left(min(pause, max(PATIENCE, self.delay)), _robots(host), state.robots_at))
        return max(timedelta(), *waits)

    async def _request(self, ask: Ask, asked: str) -> Answer | CrawlError:
        """Make one request and keep when it was made."""
        host = host_of(ask.url)
        self.requests += 1
        self.asked[asked] = self.timer()
        if asked == host:
            self._keep(replace(self._state(host), asked_at=self.clock()))
        headers = {"User-Agent": self.agent, "Accept-Encoding": "gzip", **ask.headers}
        try:
            answer = await self.download(replace(ask, headers=headers))
        except CrawlError as error:
            return error
        self.asked[asked] = self.timer()
        if answer.status < 400 and self._state(site_of(host)).strikes:
            self._keep(calmed(self._state(site_of(host))))
        return answer

    def _throttle(self, host: str, answer: Answer) -> timedelta:
        """Keep that `host` asked us to slow down, for its whole site, and return for how long."""
        now = self.clock()
        state = throttled(self._state(site_of(host)), answer.headers.get("retry-after", ""), now, self.jitter())
        self._keep(state)
        return (state.cooldown_until or now) - now

    def _state(self, host: str) -> HostState:
        return self.hosts.get(host) or HostState(host=host)

    def _keep(self, state: HostState) -> None:
        self.hosts[state.host] = state
        self.tell(state)


def _robots(host: str) -> str:
    return f"{host}/robots.txt"


def _rest(state: HostState) -> Trouble:
    why = f"{state.host} asked us to slow down; not before {state.cooldown_until:%Y-%m-%d %H:%M:%S %Z}"
    return Trouble(kind="throttled", why=why, next_at=state.cooldown_until)


def _may_do_better(outcome: Answer | CrawlError) -> bool:
    if isinstance(outcome, CrawlError):
        return outcome.retry
    return outcome.status >= 500 or outcome.status == 408 or not outcome.whole
