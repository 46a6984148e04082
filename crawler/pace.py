"""How long to wait before a host may be asked: its own pause since it was, ours since any of the source's hosts was."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from crawler.politeness import PATIENCE, crawl_delay
from crawler.report import HostState


def robots_of(host: str) -> str:
    """Return the name under which it is kept when a host was asked for its robots.txt."""
    return f"{host}/robots.txt"


class Moment(NamedTuple):
    """One moment by the clock (aware, UTC) and by the timer, whose seconds run on whatever happens to the clock."""

    now: datetime
    timer: float


@dataclass(slots=True, kw_only=True)
class Pace:
    """The pauses of one crawl.

    `delay` lies between any two requests; `heed_crawl_delay` is off where a mirror stands in for the hosts. `asked` has
    when each host was asked last in this process, in seconds of a monotonic clock; for its robots.txt, under `robots_of`.
    """

    delay: timedelta
    heed_crawl_delay: bool = True
    asked: dict[str, float] = field(default_factory=dict)

    def wait(self, state: HostState, delay: timedelta, site: Iterable[HostState], moment: Moment) -> timedelta:
        """Return how long to wait before the host of `state` may be asked, which wants `delay` between its own requests.

        `site` has the states of all hosts of the same site, which were perhaps asked by a process before this one. After
        its robots.txt, no longer than a crawl waits: read anew each day, it would put off a daily crawl for ever.
        """
        return max(timedelta(), *self._own(state, delay, moment), *self._any(site, moment))

    def _own(self, state: HostState, delay: timedelta, moment: Moment) -> Iterator[timedelta]:
        own = max(self.delay, delay)
        pause = max(own, crawl_delay(state.robots_txt) if self.heed_crawl_delay else timedelta())
        yield self._left(pause, state.host, state.asked_at, moment)
        yield self._left(min(pause, max(PATIENCE, own)), robots_of(state.host), state.robots_at, moment)

    def _any(self, site: Iterable[HostState], moment: Moment) -> Iterator[timedelta]:
        yield from (self.delay - timedelta(seconds=moment.timer - at) for at in self.asked.values())
        for state in site:
            yield self._left(self.delay, state.host, state.asked_at, moment)
            yield self._left(self.delay, robots_of(state.host), state.robots_at, moment)

    def _left(self, pause: timedelta, asked: str, before: datetime | None, moment: Moment) -> timedelta:
        """Return what is left of a `pause` since `asked` was, in this process or, by its word, in the one `before`."""
        if asked in self.asked:
            return pause - timedelta(seconds=moment.timer - self.asked[asked])
        # A time in the future can only come from a clock that was wrong.
        return min(pause, before + pause - moment.now) if before else timedelta()
