"""How long a host is left alone: by the timer of this process, by the clock for what was asked in those before it."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.pace import Moment, Pace, robots_of
from crawler.report import HostState

NOW = datetime(2026, 8, 12, 8, tzinfo=UTC)
HOST, OTHER = "papers.test", "feed.papers.test"
NONE = timedelta()


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


def ago(number: float) -> datetime:
    return NOW - seconds(number)


def wait(
    state: HostState | None = None,
    *others: HostState,
    delay: float = 3,
    own: float = 0,
    asked: dict[str, float] | None = None,
    heed: bool = True,
) -> float:
    """Return for how many seconds the host waits: `asked` has how many ago hosts were in this process."""
    pace = Pace(delay=seconds(delay), heed_crawl_delay=heed, asked={host: 1000.0 - n for host, n in (asked or {}).items()})
    state = state or HostState(host=HOST)
    return pace.wait(state, seconds(own), (state, *others), Moment(NOW, 1000.0)).total_seconds()


def crawl_delay(number: int, **about: datetime) -> HostState:
    return HostState(host=HOST, robots_txt=f"User-agent: *\nCrawl-delay: {number}\n", **about)  # type: ignore[arg-type] # moments


def test_a_host_of_a_site_that_was_never_asked_is_not_kept_waiting() -> None:
    assert wait(HostState(host=HOST), HostState(host=OTHER), own=15) == 0


@pytest.mark.parametrize(("own", "left"), [(0, 1), (1, 1), (3, 1), (15, 13)])
def test_a_host_waits_for_the_longer_of_the_pauses_it_and_the_source_want(own: float, left: float) -> None:
    assert wait(asked={HOST: 2}, own=own) == left
    assert wait(HostState(host=HOST, asked_at=ago(2)), own=own) == left


def test_a_pause_that_is_over_is_no_pause() -> None:
    assert wait(HostState(host=HOST, asked_at=ago(15), robots_at=ago(99)), own=15, asked={OTHER: 3}) == 0


def test_within_a_process_the_timer_counts_and_not_the_clock() -> None:
    set_back, set_forward = HostState(host=HOST, asked_at=ago(-3600)), HostState(host=HOST, asked_at=ago(3600))
    assert wait(set_back, own=15, asked={HOST: 14}) == wait(set_forward, own=15, asked={HOST: 14}) == 1


def test_between_two_hosts_lies_the_pause_of_the_source_and_not_the_longer_one_of_either() -> None:
    assert wait(own=15, asked={OTHER: 1}) == 2
    assert wait(HostState(host=HOST), HostState(host=OTHER, asked_at=ago(1)), own=15) == 2
    assert wait(own=15, asked={robots_of(OTHER): 1}) == 2


def test_another_host_of_the_site_that_a_process_before_asked_for_its_robots_txt_counts_as_asked() -> None:
    assert wait(HostState(host=HOST), HostState(host=OTHER, robots_at=ago(1))) == 2


def test_of_several_pauses_the_longest_is_waited_for() -> None:
    asked = HostState(host=HOST, asked_at=ago(10), robots_at=ago(12))
    assert wait(asked, HostState(host=OTHER, asked_at=ago(2)), own=15, asked={"third.papers.test": 2.5}) == 5
    assert wait(asked, HostState(host=OTHER, asked_at=ago(2)), own=4, asked={"third.papers.test": 2.5}) == 1


def test_a_crawl_delay_is_waited_for_after_a_page_unless_it_is_of_the_hosts_of_a_mirror() -> None:
    asked = crawl_delay(600, asked_at=ago(100))
    assert (wait(asked), wait(asked, heed=False), wait(asked, own=900)) == (500, 0, 800)


@pytest.mark.parametrize(
    ("number", "own", "left"),
    [(15, 0, 13), (60, 0, 58), (600, 0, 58), (600, 15, 58), (600, 300, 298), (600, 900, 898), (0, 15, 13)],
)
def test_after_robots_txt_a_host_waits_no_longer_than_a_crawl_does(number: int, own: float, left: float) -> None:
    told = crawl_delay(number, robots_at=ago(2))
    assert wait(told, own=own) == left
    assert wait(replace(told, robots_at=None), own=own, asked={robots_of(HOST): 2}) == left


def test_a_page_after_robots_txt_is_waited_for_as_after_any_page() -> None:
    assert wait(crawl_delay(600, robots_at=ago(10), asked_at=ago(5))) == 595


@pytest.mark.parametrize("ahead", [1, 60, 10**8])
def test_a_clock_that_was_wrong_costs_one_pause_at_most(ahead: float) -> None:
    assert wait(HostState(host=HOST, asked_at=ago(-ahead)), own=15) == 15
    assert wait(HostState(host=HOST, robots_at=ago(-ahead)), own=15) == 15
    assert wait(HostState(host=HOST), HostState(host=OTHER, asked_at=ago(-ahead)), own=15) == 3


OWN = {"papers.test": 15.0, "api.papers.test": 3.0, "www.papers.test": 15.0}


@dataclass
class Crawls:
    """Crawls of one site, one process after the other, each of which waits as it is told; the time is our own."""

    now: float = 0.0
    pace: Pace = field(default_factory=lambda: Pace(delay=seconds(3)))
    started: float = 0.0
    hosts: dict[str, HostState] = field(default_factory=dict)
    requests: list[tuple[float, str]] = field(default_factory=list)

    def begin(self) -> None:
        """End the process and begin another, with the states that the store has, and a timer of its own."""
        self.pace, self.started = Pace(delay=seconds(3)), self.now - 7

    def ask(self, host: str, idle: float, *, for_robots: bool) -> None:
        self.now += idle
        state = self.hosts.get(host) or HostState(host=host)
        moment = Moment(NOW + seconds(self.now), self.now - self.started)
        self.now += self.pace.wait(state, seconds(OWN[host]), self.hosts.values(), moment).total_seconds()
        self.requests.append((self.now, host))
        self.pace.asked[robots_of(host) if for_robots else host] = self.now - self.started
        at = NOW + seconds(self.now)
        self.hosts[host] = replace(state, robots_at=at) if for_robots else replace(state, asked_at=at)


_ASKS = st.lists(st.tuples(st.sampled_from(sorted(OWN)), st.integers(0, 20), st.booleans(), st.booleans()), max_size=12)


@given(_ASKS)
def test_who_waits_as_told_keeps_every_pause_whatever_is_asked_by_which_process(
    asks: list[tuple[str, int, bool, bool]],
) -> None:
    crawls = Crawls()
    for host, idle, for_robots, anew in asks:
        if anew:
            crawls.begin()
        crawls.ask(host, idle, for_robots=for_robots)
    times = [at for at, _ in crawls.requests]
    assert all(after - before >= 3 - 1e-5 for before, after in pairwise(times))
    for host, own in OWN.items():
        times = [at for at, asked in crawls.requests if asked == host]
        assert all(after - before >= own - 1e-5 for before, after in pairwise(times))


@given(_ASKS)
def test_nobody_waits_longer_than_the_longest_pause(asks: list[tuple[str, int, bool, bool]]) -> None:
    crawls = Crawls()
    for host, idle, for_robots, anew in asks:
        before = crawls.now + idle
        if anew:
            crawls.begin()
        crawls.ask(host, idle, for_robots=for_robots)
        assert NONE <= seconds(crawls.now - before) <= seconds(OWN[host])
