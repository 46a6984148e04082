"""One polite GET, without a network: a scripted web, a clock that moves only when the fetcher sleeps."""

import asyncio
import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crawler.ask import Answer, Ask, Trouble
from crawler.errors import (
    CertificateError,
    CrawlError,
    FetchError,
    NoConnectionError,
    ReadError,
    RefusedError,
    UnknownHostError,
)
from crawler.feed_health import Hop
from crawler.fetch import Fetcher
from crawler.pace import Pace
from crawler.report import HostState
from crawler.samples.openreview import CHALLENGE
from crawler.sources.feeds import SOURCE as FEEDS

NOW = datetime(2026, 8, 12, 8, tzinfo=UTC)
URL = "https://papers.test/list"
ROBOTS = "https://papers.test/robots.txt"
Outcome = int | tuple[int, Mapping[str, str]] | tuple[int, Mapping[str, str], bytes] | bytes | CrawlError


@dataclass
class Web:
    """Answers by script, the last answer again and again; knows when it was asked what."""

    replies: dict[str, list[Outcome]]
    seconds: float = 0.0
    asked: list[tuple[float, str]] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)
    told: list[HostState] = field(default_factory=list)

    def clock(self) -> datetime:
        return NOW + timedelta(seconds=self.seconds)

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds

    async def download(self, ask: Ask) -> Answer:
        self.asked.append((self.seconds, ask.url))
        self.headers.append(ask.headers)
        replies = self.replies.get(ask.url, [404])
        match replies.pop(0) if len(replies) > 1 else replies[0]:
            case CrawlError() as error:
                raise error
            case bytes() as body:
                return Answer(url=ask.url, status=200, headers={}, body=body, whole=not body.endswith(b"~"))
            case int() as status:
                return Answer(url=ask.url, status=status, headers={}, body=b"")
            case (status, headers):
                return Answer(url=ask.url, status=status, headers=headers, body=b"")
            case (status, headers, text):
                return Answer(url=ask.url, status=status, headers=headers, body=text)

    def get(self, url: str = URL, rules: Any = "api terms", **about: Any) -> tuple[Answer | Trouble, Fetcher]:
        """Ask for `url` as a fetcher that waits 3 s between requests."""
        fetcher = Fetcher(
            **{
                "download": self.download,
                "clock": self.clock,
                "agent": "Paperlark/1",
                "pace": Pace(delay=timedelta(seconds=3)),
                "tell": self.told.append,
                "sleep": self.sleep,
                "timer": lambda: self.seconds,
                "jitter": lambda: 0.0,
                **about,
            }
        )
        return asyncio.run(fetcher.get(ask(url, rules))), fetcher

    @property
    def urls(self) -> list[str]:
        return [url for _, url in self.asked]


def ask(url: str = URL, rules: Any = "api terms") -> Ask:
    return Ask(url=url, headers={"Accept": "text/html"}, rules=rules, max_bytes=100, timeout=timedelta(seconds=9))


def trouble(outcome: Answer | Trouble) -> Trouble:
    assert isinstance(outcome, Trouble)
    return outcome


def body(outcome: Answer | Trouble) -> bytes:
    assert isinstance(outcome, Answer)
    return outcome.body


def test_a_page_is_asked_for_by_name_and_with_what_we_can_unpack() -> None:
    web = Web({URL: [b"page"]})
    outcome, fetcher = web.get()
    assert body(outcome) == b"page"
    assert web.headers == [{"User-Agent": "Paperlark/1", "Accept-Encoding": "gzip", "Accept": "text/html"}]
    assert fetcher.requests == 1
    assert web.told == [HostState(host="papers.test", asked_at=NOW)]


def test_not_modified_is_an_answer() -> None:
    _, fetcher = Web({URL: [304]}).get()
    outcome = asyncio.run(fetcher.get(replace(ask(), headers={"If-None-Match": '"a"'})))
    assert isinstance(outcome, Answer)
    assert outcome.status == 304


def test_not_modified_is_no_answer_to_who_has_not_asked_for_that() -> None:
    outcome, _ = Web({URL: [304]}).get()
    assert trouble(outcome) == Trouble(kind="failed", why=f"HTTP status 304 ({URL})")


@pytest.mark.parametrize("status", [204, 206, 300, 400, 401, 404, 410, 451])
def test_another_status_is_a_failure_that_is_not_asked_again(status: int) -> None:
    web = Web({URL: [status]})
    outcome, _ = web.get()
    answer = trouble(outcome)
    assert (answer.kind, answer.why) == ("failed", f"HTTP status {status} ({URL})")
    assert (answer.cause, answer.missing) == ({404: "missing", 410: "gone"}.get(status, "failed"), status in (404, 410))
    assert len(web.asked) == 1


@pytest.mark.parametrize("failure", [500, 502, 408, FetchError("the line is dead"), b"half a page~"])
def test_what_may_do_better_is_asked_three_times_ever_later(failure: Outcome) -> None:
    web = Web({URL: [failure]})
    outcome, fetcher = web.get()
    assert [at for at, _ in web.asked] == [0, 6, 18]
    assert fetcher.requests == 3
    if isinstance(failure, bytes):
        assert isinstance(outcome, Answer)
        assert not outcome.whole
    else:
        assert trouble(outcome).kind == "failed"
        assert URL in trouble(outcome).why


def test_a_failure_that_passes_is_no_failure() -> None:
    web = Web({URL: [500, FetchError("x"), b"page"]})
    assert body(web.get()[0]) == b"page"


@pytest.mark.parametrize(("error", "kind"), [(ReadError("too large"), "failed"), (RefusedError("inward"), "blocked")])
def test_an_error_that_stays_is_not_asked_again(error: CrawlError, kind: str) -> None:
    web = Web({URL: [error]})
    outcome, _ = web.get()
    assert trouble(outcome).kind == kind
    assert str(error) in trouble(outcome).why
    assert len(web.asked) == 1


@pytest.mark.parametrize("status", [403, 406, 429, 503])
@pytest.mark.parametrize(
    ("header", "rest"),
    [
        ("120", 120),
        ("Wed, 12 Aug 2026 09:00:00 GMT", 3600),
        ("Wed, 12 Aug 2026 07:00:00 GMT", 900),
        ("nonsense", 900),
        ("1000000000", 86400),
        (None, 900),
    ],
)
def test_throttling_ends_in_a_cool_down_and_no_second_request(status: int, header: str | None, rest: int) -> None:
    web = Web({URL: [(status, {"retry-after": header} if header else {})]})
    outcome, _ = web.get()
    until = NOW + timedelta(seconds=rest)
    assert trouble(outcome).kind == "throttled"
    assert trouble(outcome).next_at == until
    assert web.told[-1] == HostState(host="papers.test", asked_at=NOW, cooldown_until=until, strikes=1)
    assert len(web.asked) == 1
    assert web.seconds == 0


@pytest.mark.parametrize("said", [b"Rate exceeded.", b"\xef\xbb\xbfRate exceeded.\r\n"])
def test_a_host_that_says_so_under_the_status_200_is_left_alone_as_well(said: bytes) -> None:
    web = Web({URL: [said]})
    outcome, fetcher = web.get()
    until = NOW + timedelta(minutes=15)
    assert (trouble(outcome).kind, trouble(outcome).next_at, len(web.asked)) == ("throttled", until, 1)
    assert fetcher.hosts["papers.test"].strikes == 1


def test_a_page_about_rates_is_a_page() -> None:
    outcome, _ = Web({URL: [b"<p>Rate exceeded.</p>"]}).get()
    assert body(outcome) == b"<p>Rate exceeded.</p>"


def test_a_short_retry_after_is_waited_for_once() -> None:
    web = Web({URL: [(429, {"retry-after": "60"}), b"page"]})
    outcome, fetcher = web.get()
    assert body(outcome) == b"page"
    assert [at for at, _ in web.asked] == [0, 60]
    assert fetcher.hosts["papers.test"] == HostState(host="papers.test", asked_at=NOW + timedelta(seconds=60))


def test_a_second_short_retry_after_ends_it() -> None:
    web = Web({URL: [(429, {"retry-after": "30"})]})
    outcome, fetcher = web.get()
    assert trouble(outcome).kind == "throttled"
    assert [at for at, _ in web.asked] == [0, 30]
    assert fetcher.hosts["papers.test"].strikes == 2


def test_a_running_cool_down_lets_no_request_out() -> None:
    until = NOW + timedelta(minutes=1)
    web = Web({URL: [b"page"]})
    for rules in ("api terms", "robots"):
        outcome, _ = web.get(rules=rules, hosts={"papers.test": HostState(host="papers.test", cooldown_until=until)})
        assert trouble(outcome).next_at == until
        assert "papers.test" in trouble(outcome).why
    assert web.asked == []


def test_a_cool_down_that_is_over_holds_nobody_and_a_good_answer_clears_the_strikes() -> None:
    state = HostState(host="papers.test", cooldown_until=NOW, strikes=4)
    outcome, fetcher = Web({URL: [b"page"]}).get(hosts={"papers.test": state})
    assert body(outcome) == b"page"
    assert fetcher.hosts["papers.test"] == HostState(host="papers.test", asked_at=NOW)


def test_a_cool_down_is_of_the_whole_site_and_of_no_other() -> None:
    feed, other = "https://feed.papers.test/a", "https://papers.other.test/a"
    web = Web({feed: [403], URL: [b"page"], other: [b"page"]})
    outcome, fetcher = web.get(feed)
    until = NOW + timedelta(minutes=15)
    assert fetcher.hosts == {
        "feed.papers.test": HostState(host="feed.papers.test", asked_at=NOW),
        "papers.test": HostState(host="papers.test", cooldown_until=until, strikes=1),
    }
    hosts = {state.host: state for state in web.told}
    for url in (URL, feed, "https://papers.test:8443/a"):
        outcome, _ = web.get(url, hosts=dict(hosts))
        assert trouble(outcome).next_at == until
    assert body(web.get(other, hosts=dict(hosts))[0]) == b"page"
    assert web.urls == [feed, other]
    web.seconds = 900
    _, fetcher = web.get(URL, hosts=dict(hosts))
    assert fetcher.hosts["papers.test"] == HostState(host="papers.test", asked_at=web.clock())


def test_a_redirect_is_followed_up_to_five_times() -> None:
    chain: dict[str, list[Outcome]] = {f"{URL}{n}": [(302, {"location": f"/list{n + 1}"})] for n in range(5)}
    web = Web({**chain, f"{URL}5": [b"page"]})
    assert body(web.get(f"{URL}0")[0]) == b"page"
    outcome, _ = Web({**chain, f"{URL}5": [(301, {"location": "/list6"})], f"{URL}6": [b"page"]}).get(f"{URL}0")
    assert trouble(outcome) == Trouble(kind="failed", why=f"more than 5 redirects ({URL}0)")


def test_a_redirect_loop_ends() -> None:
    web = Web({URL: [(307, {"location": URL})]})
    assert trouble(web.get()[0]).kind == "failed"
    assert len(web.asked) == 6


@pytest.mark.parametrize(
    ("location", "reached"),
    [
        ("other", "https://papers.test/other"),
        ("//www.papers.test/x#part", "https://www.papers.test/x"),
        ("http://papers.test/a b/ü?q=1%20", "http://papers.test/a%20b/%C3%BC?q=1%20"),
    ],
)
def test_where_a_redirect_leads_is_read_as_browsers_do(location: str, reached: str) -> None:
    web = Web({URL: [(308, {"location": location})], reached: [b"page"]})
    assert body(web.get()[0]) == b"page"


@pytest.mark.parametrize(
    "location",
    ["http://127.0.0.1/", "file:///etc/passwd", "http://[::1]:80/", "ftp://papers.test/", "http://2130706433/", "http://[::1"],
)
def test_a_redirect_inwards_is_blocked_before_it_is_asked(location: str) -> None:
    web = Web({URL: [(302, {"location": location})]})
    outcome, _ = web.get()
    assert trouble(outcome).kind == "blocked"
    assert location in trouble(outcome).why
    assert web.urls == [URL]


def test_a_redirect_without_a_place_is_a_failure() -> None:
    assert trouble(Web({URL: [302]}).get()[0]).why == f"HTTP status 302 ({URL})"


def test_robots_txt_is_asked_first_and_kept() -> None:
    web = Web({ROBOTS: [b"User-agent: *\nDisallow: /x\n"], URL: [b"page"]})
    outcome, fetcher = web.get(rules="robots")
    assert body(outcome) == b"page"
    assert web.asked == [(0, ROBOTS), (3, URL)]
    state = fetcher.hosts["papers.test"]
    assert (state.robots_txt, state.robots_at) == ("User-agent: *\nDisallow: /x\n", NOW)
    again = Web({URL: [b"page"]}, seconds=86399)
    assert body(again.get(rules="robots", hosts={"papers.test": state})[0]) == b"page"
    assert again.urls == [URL]
    tomorrow = Web({ROBOTS: [404], URL: [b"page"]}, seconds=86400)
    tomorrow.get(rules="robots", hosts={"papers.test": state})
    assert tomorrow.urls == [ROBOTS, URL]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 406, 410, 451])
def test_robots_that_do_not_exist_allow_everything(status: int) -> None:
    web = Web({ROBOTS: [status], URL: [b"page"]})
    outcome, fetcher = web.get(rules="robots")
    assert body(outcome) == b"page"
    assert fetcher.hosts["papers.test"].robots_txt == ""


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (500, "failed"),
        (FetchError("no answer"), "failed"),
        (429, "throttled"),
        (503, "throttled"),
        (RefusedError("inward"), "blocked"),
    ],
)
def test_robots_that_cannot_be_read_allow_nothing(reply: Outcome, kind: str) -> None:
    web = Web({ROBOTS: [reply], URL: [b"page"]})
    outcome, fetcher = web.get(rules="robots")
    assert trouble(outcome).kind == kind
    assert "robots.txt" in trouble(outcome).why
    assert set(web.urls) == {ROBOTS}
    assert fetcher.hosts["papers.test"].robots_at is None
    assert fetcher.hosts["papers.test"].asked_at == web.clock()


def test_robots_that_cannot_be_read_are_not_asked_for_again_in_one_crawl() -> None:
    web = Web({ROBOTS: [500], "https://feed.test/": [b"page"]})
    first, fetcher = web.get(rules="robots")
    asked = len(web.asked)
    again = asyncio.run(fetcher.get(ask("https://papers.test/other", "robots")))
    assert (trouble(again), len(web.asked)) == (trouble(first), asked)
    assert body(asyncio.run(fetcher.get(ask("https://feed.test/")))) == b"page"


def test_a_failure_counts_for_the_pause_from_when_it_ended() -> None:
    web = Web({URL: [FetchError("no whole answer within 60 s")]})
    slow = web.download

    async def download(ask: Ask) -> Answer:
        try:
            return await slow(ask)
        finally:
            web.seconds += 60

    web.get(download=download)
    assert all(later - earlier >= 63 for (earlier, _), (later, _) in itertools.pairwise(web.asked))
    assert len(web.asked) == 3


def test_what_robots_disallow_is_blocked_and_not_asked() -> None:
    web = Web({ROBOTS: [b"User-agent: *\nDisallow: /list\n"]})
    outcome, _ = web.get(rules="robots")
    assert trouble(outcome) == Trouble(kind="blocked", why=f"robots.txt does not allow it ({URL})")
    assert web.urls == [ROBOTS]


def test_robots_redirects_are_followed_to_other_hosts_too_but_never_inwards() -> None:
    elsewhere = "https://www.papers.test/robots.txt"
    web = Web({ROBOTS: [(301, {"location": elsewhere})], elsewhere: [b"User-agent: *\nDisallow: /\n"]})
    assert trouble(web.get(rules="robots")[0]).kind == "blocked"
    assert web.urls == [ROBOTS, elsewhere]
    inward = Web({ROBOTS: [(301, {"location": "http://10.0.0.1/robots.txt"})]})
    assert "10.0.0.1" in trouble(inward.get(rules="robots")[0]).why
    assert inward.urls == [ROBOTS]


def test_robots_that_only_redirect_are_taken_for_none() -> None:
    web = Web({ROBOTS: [(302, {"location": ROBOTS})], URL: [b"page"]})
    assert body(web.get(rules="robots")[0]) == b"page"
    assert web.urls == [ROBOTS] * 6 + [URL]


def test_each_hop_is_judged_by_the_robots_of_its_host() -> None:
    other = "https://other.test/list"
    web = Web({URL: [(302, {"location": other})], "https://other.test/robots.txt": [b"User-agent: *\nDisallow: /\n"]})
    for rules, first in (("robots", [ROBOTS]), ("api terms", [])):
        web.asked.clear()
        outcome, _ = web.get(rules=rules)
        assert trouble(outcome).kind == "blocked"
        assert web.urls == [*first, URL, "https://other.test/robots.txt"]


def test_a_crawl_delay_longer_than_ours_is_kept() -> None:
    web = Web({ROBOTS: [b"User-agent: *\nCrawl-delay: 15\n"], URL: [b"page"]})
    web.get(rules="robots")
    assert web.asked == [(0, ROBOTS), (15, URL)]
    mirrored = Web({ROBOTS: [b"User-agent: *\nCrawl-delay: 15\n"], URL: [b"page"]})
    mirrored.get(rules="robots", pace=Pace(delay=timedelta(), heed_crawl_delay=False))
    assert mirrored.asked == [(0, ROBOTS), (0, URL)]


@pytest.mark.parametrize("jitter", [0.0, 1.0])
def test_a_crawl_delay_that_can_just_be_waited_for_is(jitter: float) -> None:
    web = Web({ROBOTS: [b"User-agent: *\nCrawl-delay: 60\n"], URL: [b"page"]})
    assert body(web.get(rules="robots", jitter=lambda: jitter)[0]) == b"page"
    assert [at for at, _ in web.asked] == pytest.approx([0, 60 + 6 * jitter])


def test_a_crawl_delay_nobody_can_wait_for_ends_the_run_after_a_page() -> None:
    robots: Outcome = b"User-agent: *\nCrawl-delay: 600\n"
    web = Web({ROBOTS: [robots], URL: [b"page"]})
    outcome, fetcher = web.get(rules="robots")
    assert body(outcome) == b"page"
    assert web.asked == [(0, ROBOTS), (60, URL)]
    outcome = asyncio.run(fetcher.get(ask(rules="robots")))
    assert trouble(outcome).kind == "throttled"
    assert trouble(outcome).next_at == NOW + timedelta(seconds=660)
    for wait, asked in ((660, [(660, URL)]), (86400, [(86400, ROBOTS), (86460, URL)])):
        later = Web({ROBOTS: [robots], URL: [b"page"]}, seconds=wait)
        assert body(later.get(rules="robots", hosts=dict(fetcher.hosts))[0]) == b"page"
        assert later.asked == asked


def test_reading_robots_anew_does_not_shorten_the_pause_after_a_page() -> None:
    state = HostState(host="papers.test", asked_at=NOW - timedelta(seconds=100))
    web = Web({ROBOTS: [b"User-agent: *\nCrawl-delay: 600\n"], URL: [b"page"]})
    outcome, _ = web.get(rules="robots", hosts={"papers.test": state})
    assert trouble(outcome).next_at == NOW + timedelta(seconds=500)


@pytest.mark.parametrize(("ago", "wait"), [(1, 14), (15, 0), (-50, 15)])
def test_the_pause_after_robots_reaches_over_processes(ago: int, wait: int) -> None:
    robots_at = NOW - timedelta(seconds=ago)
    state = HostState(host="papers.test", robots_txt="User-agent: *\nCrawl-delay: 15\n", robots_at=robots_at)
    web = Web({URL: [b"page"]})
    web.get(hosts={"papers.test": state})
    assert web.asked == [(wait, URL)]


@pytest.mark.parametrize(("ago", "wait"), [(0, 3), (1, 2), (3, 0), (100, 0), (-50, 3)])
def test_the_pause_reaches_over_processes(ago: int, wait: int) -> None:
    web = Web({URL: [b"page"]})
    web.get(hosts={"papers.test": HostState(host="papers.test", asked_at=NOW - timedelta(seconds=ago))})
    assert web.asked == [(wait, URL)]


def test_the_pause_lies_between_any_two_requests_of_a_source() -> None:
    other = "https://feed.test/list"
    web = Web({URL: [(302, {"location": other})], other: [b"page"], "https://feed.test/robots.txt": [404]})
    web.get(jitter=lambda: 1.0)
    gaps = [after - before for (before, _), (after, _) in zip(web.asked, web.asked[1:], strict=False)]
    assert gaps == pytest.approx([3.3, 3.3])


def test_feeds_of_one_host_are_a_second_apart_and_those_of_others_do_not_wait_for_them() -> None:
    feeds = ["https://a.test/1", "https://b.test/1", "https://a.test/2", "https://c.test/1", "https://b.test/2"]
    web = Web({url: [b"feed"] for url in feeds})
    _, fetcher = web.get(feeds[0], pace=Pace(delay=FEEDS.delay))
    for url in feeds[1:]:
        asyncio.run(fetcher.get(replace(ask(url), delay=FEEDS.routes[0].delay or timedelta())))
    assert web.asked == [(at, url) for at, url in zip((0, 0, 1, 1, 1), feeds, strict=True)]


def test_a_long_delay_of_our_own_is_waited_for() -> None:
    web = Web({URL: [(302, {"location": "/next"})], "https://papers.test/next": [b"page"]})
    assert body(web.get(pace=Pace(delay=timedelta(minutes=5)))[0]) == b"page"


HTML = {"content-type": "text/html"}
ANUBIS = b"<!doctype html><html lang=en><head><title>Making sure you&#39;re not a bot!</title></head><body></body></html>"


@pytest.mark.parametrize("status", [200, 401, 403, 406, 418, 429, 500, 503])
def test_who_wants_to_see_a_person_is_left_alone_at_any_status(status: int) -> None:
    web = Web({URL: [(status, {**HTML, "retry-after": "30"}, ANUBIS)]})
    outcome, fetcher = web.get()
    assert trouble(outcome) == Trouble(kind="blocked", why=f"the host wants to see that a person asks: Anubis ({URL})")
    assert (len(web.asked), web.seconds, fetcher.hosts["papers.test"]) == (1, 0, HostState(host="papers.test", asked_at=NOW))


def test_a_host_that_wants_a_person_three_times_is_asked_no_fourth_page() -> None:
    pages = [f"https://papers.test/{number}" for number in range(5)]
    web = Web({URL: [b"page"], **{url: [(200, HTML, ANUBIS)] for url in pages}})
    outcome, fetcher = web.get()
    assert body(outcome) == b"page"
    outcomes = [asyncio.run(fetcher.get(ask(url))) for url in pages]
    assert {trouble(one).kind for one in outcomes} == {"blocked"}
    assert web.urls == [URL, *pages[:3]]


def test_a_challenge_in_json_is_no_throttling() -> None:
    web = Web({URL: [(403, {"content-type": "application/json; charset=utf-8"}, CHALLENGE)]})
    outcome, fetcher = web.get()
    assert (trouble(outcome).kind, trouble(outcome).next_at, fetcher.failing) == ("blocked", None, set())
    assert "ChallengeRequiredError" in trouble(outcome).why


def test_one_host_that_wants_a_person_keeps_no_other_from_being_asked() -> None:
    other = "https://feed.papers.test/list"
    web = Web({URL: [(200, HTML, ANUBIS)], other: [b"page"]})
    _, fetcher = web.get()
    assert body(asyncio.run(fetcher.get(ask(other)))) == b"page"


def test_a_robots_txt_that_wants_a_person_allows_nothing() -> None:
    web = Web({ROBOTS: [(200, HTML, ANUBIS)], URL: [b"page"]})
    outcome, _ = web.get(rules="robots")
    assert (trouble(outcome).kind, web.urls) == ("blocked", [ROBOTS])


def test_a_challenge_is_no_answer_that_ends_a_hosts_strikes() -> None:
    state = HostState(host="papers.test", cooldown_until=NOW, strikes=4)
    _, fetcher = Web({URL: [(200, HTML, ANUBIS)]}).get(hosts={"papers.test": state})
    assert fetcher.hosts["papers.test"].strikes == 4


TOKEN = "correct-horse-battery"


@pytest.mark.parametrize(
    ("location", "is_told"),
    [
        ("/next", True),
        ("https://papers.test/next", True),
        ("https://papers.test:443/next", True),
        ("https://papers.test:8443/next", False),
        ("http://papers.test/next", False),
        ("https://www.papers.test/next", False),
        ("https://papers.test.evil.test/next", False),
        ("https://evil.test/?papers.test", False),
    ],
)
def test_a_token_goes_to_the_host_that_was_asked_and_to_no_other(location: str, *, is_told: bool) -> None:
    told: list[tuple[str, str]] = []

    async def download(one: Ask) -> Answer:
        told.append((one.url, one.headers.get("Authorization", "")))
        moved = {URL: (302, {"location": location})}
        status, headers = moved.get(one.url, (404 if one.url.endswith("robots.txt") else 200, {}))
        return Answer(url=one.url, status=status, headers=headers, body=b"")

    _, fetcher = Web({}).get(download=download)
    told.clear()
    asyncio.run(fetcher.get(replace(ask(), token=TOKEN)))
    assert told[0] == (URL, f"Bearer {TOKEN}")
    assert {words for url, words in told[1:] if not url.endswith("robots.txt")} == {f"Bearer {TOKEN}" if is_told else ""}
    assert {words for url, words in told if url.endswith("robots.txt")} <= {""}


def test_a_token_that_has_left_its_host_does_not_come_back_with_a_third() -> None:
    other = "https://evil.test/list"
    web = Web({URL: [(302, {"location": other})], other: [(302, {"location": "/more"})], "https://evil.test/more": [b"page"]})
    _, fetcher = web.get()
    web.headers.clear()
    asyncio.run(fetcher.get(replace(ask(), token=TOKEN)))
    assert ["Authorization" in headers for headers in web.headers] == [True, False, False]


@pytest.mark.parametrize(
    "failure", [500, 404, 403, FetchError("the line is dead"), ReadError("too large"), (200, HTML, ANUBIS)]
)
def test_no_token_is_in_what_is_said_of_a_failure_or_in_an_ask(failure: Outcome) -> None:
    web = Web({URL: [failure]})
    _, fetcher = web.get()
    asked = replace(ask(), token=TOKEN)
    outcome = asyncio.run(fetcher.get(asked))
    assert (
        TOKEN
        not in f"{outcome!r} {asked!r} {replace(asked, headers={'Authorization': TOKEN})!r} {web.told!r} {fetcher.hosts!r}"
    )


def test_an_ask_keeps_its_bounds_on_every_hop() -> None:
    asked: list[Ask] = []

    async def download(one: Ask) -> Answer:
        asked.append(one)
        return Answer(url=one.url, status=302, headers={"location": "/next"}, body=b"")

    Web({}).get(download=download, pace=Pace(delay=timedelta()))
    assert len(asked) == 6
    assert all(replace(one, url=URL, headers=ask().headers) == ask() for one in asked)


def test_the_redirects_on_the_way_to_an_answer_are_told() -> None:
    there = "https://papers.test/there"
    web = Web({URL: [(301, {"location": "/hop"})], "https://papers.test/hop": [(302, {"location": there})], there: [b"page"]})
    outcome, _ = web.get()
    assert isinstance(outcome, Answer)
    assert outcome.hops == (Hop(301, "https://papers.test/hop"), Hop(302, there))


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (UnknownHostError("x"), "unknown host"),
        (CertificateError("x"), "bad certificate"),
        (NoConnectionError("x"), "refused"),
        (FetchError("x"), "failed"),
        (RefusedError("x"), "failed"),
    ],
)
def test_what_kept_a_page_from_being_fetched_is_told_apart(error: CrawlError, cause: str) -> None:
    outcome, _ = Web({URL: [error]}).get()
    assert trouble(outcome).cause == cause
