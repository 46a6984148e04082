"""One polite GET: the guard, robots.txt, the pause before, redirects, retries, and what the status means.

It owns every failure: whatever happens ends as an Answer that can be read or as a Trouble that says why not. What makes
the request itself (`download`), the clocks and the sleep are given to it.
"""

import asyncio
import random
import time as clocks
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from math import inf
from typing import Final
from urllib.parse import urljoin

from crawler.ask import Answer, Ask, Download, Trouble, trouble_of
from crawler.challenge import challenge
from crawler.errors import ChallengeError, CrawlError
from crawler.feed_health import Happened, Hop
from crawler.guard import host_of, is_at, redirected, refusal
from crawler.pace import Moment, Pace, robots_of
from crawler.politeness import (
    PATIENCE,
    THROTTLING,
    asks_for_a_rest,
    back_off,
    calmed,
    counted,
    kept_robots,
    knows_robots,
    may_fetch,
    resting,
    throttled,
)
from crawler.report import HostState, site_of

MAX_REDIRECTS: Final = 5
RETRIES: Final = 2

_MISSING: Final[dict[int, Happened]] = {404: "missing", 410: "gone"}
_CHALLENGES: Final = 3
"""One page that asks for a person may be one that went wrong; three are a host that lets nobody in."""
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
# RFC 9309 lets the other 4xx mean that there is no robots.txt.
_ROBOTS_THROTTLING: Final = frozenset({429, 503})
_ROBOTS_BYTES: Final = 8 * 1024 * 1024
_ROBOTS_TIMEOUT: Final = timedelta(seconds=30)


@dataclass(slots=True, kw_only=True)
class Fetcher:
    """Asks for pages, one at a time, and remembers what the hosts have told.

    `pace` says how long to wait between two requests. `budget` is how many there may be in all, None for as many as it
    takes. `tell` is given every new HostState at once, so that the next process knows it whatever becomes of this one.
    """

    download: Download
    clock: Callable[[], datetime]
    agent: str
    pace: Pace
    budget: int | None = None
    hosts: dict[str, HostState] = field(default_factory=dict)
    tell: Callable[[HostState], None]
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    timer: Callable[[], float] = clocks.monotonic
    jitter: Callable[[], float] = random.random
    requests: int = 0
    reserve: int = 0
    """How many requests are for others: no second try takes one of these."""
    failing: set[str] = field(default_factory=set)
    """The hosts that were asked again and again in vain: whatever else they are asked for, once has to do."""
    closed: dict[str, Trouble] = field(default_factory=dict)
    """The hosts whose robots.txt cannot be read: they are left alone, lest an outage of the morning cost the evening."""
    wanting: dict[str, list[Trouble]] = field(default_factory=dict)
    """What hosts have said that asked for a person: after the third such page of one no other of its pages is asked for."""

    def left(self) -> float:
        """Return how many more requests the budget allows."""
        return inf if self.budget is None else self.budget - self.requests

    async def get(self, ask: Ask) -> Answer | Trouble:
        """Ask for a page and follow its redirects; an Answer has the status 200 or 304."""
        home, url, hops = None, ask.url, list[Hop]()
        for _ in range(1 + MAX_REDIRECTS):
            if why := refusal(url):
                return Trouble(kind="blocked", why=f"{why} ({url})")
            home = home or host_of(url)
            # The terms of an API are those of its own host; wherever else it sends us, robots.txt decides.
            if (ask.rules == "robots" or host_of(url) != home) and (trouble := await self._ask_robots(url, ask.delay)):
                return trouble
            # The token is for the host that was asked, wherever that sends us.
            answer = await self._ask(replace(ask, url=url, token=ask.token if is_at(url, ask.url) else ""))
            if isinstance(answer, Trouble):
                return answer
            if answer.status == 200 or (answer.status == 304 and _is_conditional(ask)):
                return replace(answer, hops=tuple(hops))
            location = answer.headers.get("location")
            if answer.status not in _REDIRECTS or not location:
                cause = _MISSING.get(answer.status, "failed")
                why = f"HTTP status {answer.status} ({url})"
                return Trouble(kind="failed", why=why, cause=cause)
            url = redirected(url, location)
            hops.append(Hop(answer.status, url))
        return Trouble(kind="failed", why=f"more than {MAX_REDIRECTS} redirects ({ask.url})")

    async def _ask_robots(self, url: str, delay: timedelta) -> Trouble | None:
        """Ask what robots.txt says of `url`, of the host itself at most once a day."""
        host = host_of(url)
        if not knows_robots(self._state(host), self.clock()):
            if trouble := self.closed.get(host):
                return trouble
            robots_txt = await self._read_robots(url, delay)
            if isinstance(robots_txt, Trouble):
                self._keep(replace(self._state(host), asked_at=self.clock()))
                if robots_txt.kind == "failed" and self.left() >= 1:
                    self.closed[host] = robots_txt
                return robots_txt
            self._keep(replace(self._state(host), robots_txt=robots_txt, robots_at=self.clock()))
        if may_fetch(self._state(host).robots_txt or "", url):
            return None
        return Trouble(kind="blocked", why=f"robots.txt does not allow it ({url})")

    async def _read_robots(self, url: str, delay: timedelta) -> str | Trouble:
        """Fetch the robots.txt of the host of `url` as RFC 9309 §2.3.1 says: 4xx allows all, 5xx or silence nothing."""
        robots_url = urljoin(url, "/robots.txt")
        for _ in range(1 + MAX_REDIRECTS):
            if why := refusal(robots_url):
                return Trouble(kind="blocked", why=f"{why} ({robots_url})")
            ask = Ask(url=robots_url, headers={}, rules="robots", max_bytes=_ROBOTS_BYTES, timeout=_ROBOTS_TIMEOUT, delay=delay)
            answer = await self._ask(ask, for_robots=True)
            if isinstance(answer, Trouble):
                return replace(answer, why=f"robots.txt could not be read: {answer.why}")
            if answer.status in _REDIRECTS and "location" in answer.headers:
                robots_url = redirected(robots_url, answer.headers["location"])
            elif not answer.whole:
                return Trouble(kind="failed", why=f"robots.txt broke off ({robots_url})")
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
            said = self.wanting.get(host, [])
            if len(said) >= _CHALLENGES:
                return said[-1]
            if trouble := await self._pause(host, ask.delay):
                return trouble
            outcome = await self._request(ask, robots_of(host) if for_robots else host)
            if isinstance(outcome, Answer) and outcome.status in throttling:
                if (rest := self._throttle(host, outcome)) > PATIENCE or waited:
                    return _rest(self._state(site_of(host)))
                waited = True
                await self.sleep(rest.total_seconds())
                self._keep(replace(self._state(site_of(host)), cooldown_until=None))
            elif tries < RETRIES and host not in self.failing and self.left() > self.reserve and _may_do_better(outcome):
                tries += 1
                await self.sleep(back_off(max(self.pace.delay, ask.delay), tries, self.jitter()).total_seconds())
            else:
                (self.failing.add if _may_do_better(outcome) else self.failing.discard)(host)
                if not isinstance(outcome, CrawlError):
                    return outcome
                trouble = trouble_of(outcome, ask.url)
                if isinstance(outcome, ChallengeError):
                    self.wanting.setdefault(host, []).append(trouble)
                return trouble

    async def _pause(self, host: str, delay: timedelta) -> Trouble | None:
        """Wait until `host` may be asked; when that takes too long, or the budget is spent, say so instead."""
        if resting(self._state(site_of(host)), self.clock()):
            return _rest(self._state(site_of(host)))
        if self.left() < 1:
            return _spent(self.clock())
        site = [state for state in self.hosts.values() if site_of(state.host) == site_of(host)]
        wait = self.pace.wait(self._state(host), delay, site, Moment(self.clock(), self.timer()))
        if wait > max(PATIENCE, max(self.pace.delay, delay) * 2):
            why = f"{host} asks for a longer pause than a crawl waits"
            return Trouble(kind="throttled", why=why, next_at=self.clock() + wait)
        await self.sleep(wait.total_seconds() * (1 + self.jitter() / 10))
        return None

    async def _request(self, ask: Ask, asked: str) -> Answer | CrawlError:
        """Make one request and keep when it was made."""
        host = host_of(ask.url)
        self.requests += 1
        self.pace.asked[asked] = self.timer()
        state = counted(self._state(host), self.clock(), for_robots=asked != host, budgeted=self.budget is not None)
        if state != self._state(host):
            self._keep(state)
        headers = {"User-Agent": self.agent, "Accept-Encoding": "gzip", **ask.headers}
        if ask.token:
            headers["Authorization"] = f"Bearer {ask.token}"
        try:
            answer = await self.download(replace(ask, headers=headers))
        except CrawlError as error:
            return error
        finally:
            self.pace.asked[asked] = self.timer()
        if found := challenge(answer.body, answer.headers.get("content-type", "")):
            return ChallengeError(found)
        if answer.status == 200 and asks_for_a_rest(answer.body):
            return replace(answer, status=429)
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


def _rest(state: HostState) -> Trouble:
    why = f"{state.host} asked us to slow down; not before {state.cooldown_until:%Y-%m-%d %H:%M:%S %Z}"
    return Trouble(kind="throttled", why=why, next_at=state.cooldown_until)


def _is_conditional(ask: Ask) -> bool:
    return not {"If-None-Match", "If-Modified-Since"}.isdisjoint(ask.headers)


def _spent(now: datetime) -> Trouble:
    tomorrow = datetime.combine(now.date() + timedelta(days=1), time(), UTC)
    return Trouble(kind="failed", why="the requests that we allow ourselves for a day are spent", next_at=tomorrow)


def _may_do_better(outcome: Answer | CrawlError) -> bool:
    if isinstance(outcome, CrawlError):
        return outcome.retry
    return outcome.status >= 500 or outcome.status == 408 or not outcome.whole
