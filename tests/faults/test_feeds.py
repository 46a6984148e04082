"""Four days of feeds that move, are gone, missing, dead, cut off or no feeds: what is asked, and what the reader is told."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.report import Look
from crawler.samples.feeds import ARTICLES, Article, Post, render_journal, render_rss
from jobs.asking import known_of
from jobs.exits import crawl_exit, status_exit
from jobs.live import live_looks
from jobs.shapes import shown_shape, status_shape
from jobs.source_list import source_states
from jobs.source_list_words import say_sources
from jobs.state import state_of
from jobs.steps import Office, crawl_step, digest_step, open_office, write_step
from jobs.words import say_looks, say_status
from tests.crawler.origin import Origin, Reply, serving

pytestmark = pytest.mark.slow

FIRST = date(2026, 8, 10)
HOUR = time(10)
DOI = "10.5555/loom-026-1"
OLD, NEW = "old.example.net/feed", "new.example.net/feed"
ADDRESSES = {
    "Engines": "https://www.engines.example.com/feed",
    "Ada": "https://ada.example.org/feed",
    "Moving": f"https://{OLD}",
    **{name: f"https://{name.lower()}.example.org/feed" for name in ("Cut", "Dead", "Gone", "Lost", "Page")},
}
SETTINGS = """
[paperlark]
database = "sqlite:///{folder}/paperlark.db"
output = "{folder}/digests"
{feeds}
[[topics]]
name = "Engines"
query = "engine OR loom"
[[subscriptions]]
name = "morning"
forms = ["file"]
"""
SITE = "https://ada.example.org"
HOSTILE = "On <b>looms</b>](javascript:1) & `more`"
POSTS = (
    Post(title="A first look", body=f"doi:{DOI}", url=f"{SITE}/first", on=FIRST),
    Post(title="Long ago", body=f"doi:{DOI}", url=f"{SITE}/ago", on=FIRST - timedelta(days=90)),
    Post(title="My garden", body="Roses.", url=f"{SITE}/garden", on=FIRST),
)
LATER = Post(title=HOSTILE.replace("<", "&lt;"), body=f"https://doi.org/{DOI}", url=f"{SITE}/later", on=FIRST)
ADDED = Article(title="Later looms", doi="10.5555/loom-026-9", url="https://www.engines.example.com/articles/loom-026-9")


@dataclass(frozen=True)
class Day:
    """One day: what was asked for, what each feed gave, what was said and how it ended, and the digest."""

    asked: Sequence[str]
    looks: Mapping[str, Look]
    said: str
    exits: tuple[int, int]
    digest: str


@dataclass(frozen=True)
class Lived:
    """The days, and what there is to see on the last."""

    days: Sequence[Day]
    shown: Mapping[str, Any]
    status: str
    shape: Mapping[str, Any]
    listed: str
    live: Look


def reply(body: bytes) -> Reply:
    return Reply(body, headers={"Content-Type": "application/rss+xml", "ETag": f'"{len(body)}"'})


def serve(origin: Origin, number: int) -> None:
    """Let the feeds be as they are on a day."""
    origin.script("ada.example.org/feed", reply(render_rss([*POSTS] if number == 0 else [LATER, *POSTS], "Ada & co")))
    origin.script("www.engines.example.com/feed", reply(render_journal([*ARTICLES] if number < 2 else [ADDED, *ARTICLES])))
    origin.script(OLD, Reply(status=301, headers={"Location": f"https://{NEW}"}))
    origin.script(NEW, reply(render_rss(POSTS[2:])))
    origin.script("gone.example.org/feed", Reply(status=410))
    origin.script("dead.example.org/robots.txt", Reply(hang_up=True))
    origin.script("page.example.org/feed", Reply("<html><body>Welcome</body></html>", headers={"Content-Type": "text/html"}))
    whole = render_rss([Post(title=f"Cut {n}", body=f"doi:10.5555/cut.{n}", url=f"{SITE}/cut/{n}", on=FIRST) for n in (1, 2)])
    origin.script("cut.example.org/feed", reply(whole[: whole.rindex(b"<item>") + 30] if number == 0 else whole))


def not_modified(origin: Origin, target: str, headers: Mapping[str, str]) -> Reply | None:
    """Answer as a server does that is told what somebody has already."""
    known, replies = headers.get("if-none-match"), origin.replies.get(target, [])
    return Reply(status=304) if known and replies and replies[0].headers.get("ETag") == known else None


def opened(config: Path, origin: Origin, number: int, hour: time = HOUR) -> AbstractContextManager[Office]:
    now = datetime.combine(FIRST + timedelta(days=number), hour, UTC)
    return open_office(config, {"PAPERLARK_MIRROR": origin.url, "PAPERLARK_NOW": now.isoformat()})


def live(config: Path, origin: Origin, number: int) -> Day:
    serve(origin, number)
    origin.requests.clear()
    with opened(config, origin, number) as office:
        looks = crawl_step(office, [], lambda _: None)
        done = digest_step(office, [])
        write_step(office, done)
        (place,) = [place for one in done for place in one.files if place.endswith(".md")]
        exits = (crawl_exit(office, looks), status_exit(office, state_of(office)))
        asked = [target for target in origin.asked() if not target.endswith("robots.txt")]
        written = (office.settings.output / place).read_text("utf-8")
        return Day(asked, {look.scope: look for look in looks}, say_looks(office, looks), exits, written)


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Lived:
    folder = tmp_path_factory.mktemp("feeds")
    feeds = "\n".join(f'[[feeds]]\nname = "{name}"\nurl = "{address}"' for name, address in ADDRESSES.items())
    config = folder / "paperlark.toml"
    config.write_text(SETTINGS.format(folder=folder, feeds=feeds))
    with serving() as origin:
        origin.respond = lambda target, headers: not_modified(origin, target, headers)
        days = [live(config, origin, number) for number in range(4)]
        with opened(config, origin, 3, time(10, 30)) as office:
            asked_again = crawl_step(office, [], lambda _: None)
            assert {look.requests for look in asked_again if look.scope in ("Ada", "Engines", "Moving", "Cut")} == {0}
            known = known_of(office.database, DOI)
            assert known
            state = state_of(office)
            listed = say_sources(source_states(office), "UTC", office.clock())
            (answer,) = live_looks(office)
            return Lived(days, shown_shape(*known), say_status(office, state), status_shape(state), listed, answer)


def verdicts(day: Day) -> dict[str, str]:
    return {name: look.verdict.kind for name, look in day.looks.items()}


def test_no_feed_keeps_another_from_being_read(lived: Lived) -> None:
    assert verdicts(lived.days[0]) == {
        **dict.fromkeys(("Ada", "Engines", "Moving"), "complete"),
        **dict.fromkeys(("Dead", "Gone", "Lost", "Page"), "failed"),
        "Cut": "partial",
    }
    assert [day.exits for day in lived.days] == [(0, 0)] * 4


def test_a_feed_that_was_cut_off_is_read_whole_the_next_day_and_its_first_part_is_no_news_twice(lived: Lived) -> None:
    assert [verdicts(day)["Cut"] for day in lived.days] == ["partial", "complete", "quiet", "quiet"]


def test_an_address_changes_after_three_permanent_redirects_in_a_row(lived: Lived) -> None:
    asked = [[target for target in day.asked if target in (OLD, NEW)] for day in lived.days]
    assert asked == [[OLD, NEW], [OLD, NEW], [OLD, NEW], [NEW]]
    moved = f"https://{OLD} has moved for good, as it said 3 times in a row: it is https://{NEW} now"
    assert [moved in day.said for day in lived.days] == [False, False, True, False]
    assert f"! has moved for good, and is asked for at https://{NEW}" in lived.status


def test_one_that_is_gone_is_never_asked_again_and_said_once(lived: Lived) -> None:
    assert [day.asked.count("gone.example.org/feed") for day in lived.days] == [1, 0, 0, 0]
    line = "The feed Gone is gone for good (410); it is not asked for any more."
    assert [line in day.digest for day in lived.days] == [True, False, False, False]
    assert "! gone for good (410) since 2026-08-10; not asked for any more" in lived.status


def test_dead_ones_are_said_in_every_digest_and_in_the_status(lived: Lived) -> None:
    for name, why in {
        "Lost": "it is not there (404)",
        "Dead": "it could not be fetched",
        "Page": "what is there is no feed",
    }.items():
        line = f"The feed {name} could not be read since 10 August: {why}."
        assert [line in day.digest for day in lived.days] == [True] * 4
        assert f"! no feed since 2026-08-10: {why}; asked once a day" in lived.status
    assert [day.asked.count("lost.example.org/feed") for day in lived.days] == [1] * 4


def test_programs_are_told_of_every_feed(lived: Lived) -> None:
    feeds = {feed["name"]: feed for feed in lived.shape["feeds"]}
    assert list(feeds) == list(ADDRESSES)
    assert {name: feed["failure"] for name, feed in feeds.items() if feed["failure"]} == {
        "Dead": "failed",
        "Lost": "missing",
        "Page": "no feed",
    }
    assert [name for name, feed in feeds.items() if feed["gone"]] == ["Gone"]
    assert (feeds["Moving"]["url"], feeds["Moving"]["address"]) == (f"https://{OLD}", f"https://{NEW}")


def test_what_has_not_changed_is_not_sent_again(lived: Lived) -> None:
    assert verdicts(lived.days[3]) == {
        **dict.fromkeys(("Ada", "Engines", "Moving", "Cut"), "quiet"),
        **dict.fromkeys(("Dead", "Lost", "Page"), "failed"),
    }
    assert "nothing new since 2026-08-11" in lived.days[3].said


def test_papers_are_announced_and_posts_about_them_are_updates_each_once(lived: Lived) -> None:
    assert ["### " in day.digest for day in lived.days] == [True, False, True, False]
    assert "Weaving n-grams" in lived.days[0].digest
    assert "Later looms" in lived.days[2].digest
    assert ["Discussed at" in day.digest for day in lived.days] == [False, True, False, False]
    (line,) = [line for line in lived.days[1].digest.splitlines() if "Discussed at" in line]
    paper = "[Weaving n-grams](https://www.engines.example.com/articles/loom-026-1)"
    post = rf"[On \<b>looms\</b>\](javascript:1) & \`more\`]({SITE}/later)"
    assert line == f"- **Discussed at Ada & co** · {paper} · {post} · shown on 10 August"


def test_the_card_has_one_line_for_all_feeds(lived: Lived) -> None:
    lines = [[line for line in day.digest.splitlines() if "**Feeds**" in line] for day in lived.days]
    assert lines == [
        ["> - 🟢 **Feeds** 2 new papers"],
        ["> - 🟢 **Feeds** new posts"],
        ["> - 🟢 **Feeds** 1 new paper"],
        ["> - ⚪ **Feeds** nothing new since 12 August"],
    ]


def test_show_has_every_post_the_old_ones_too(lived: Lived) -> None:
    assert [(one["url"], one["by"], one["on"]) for one in lived.shown["mentions"]] == [
        (f"{SITE}/later", "Ada & co", "2026-08-10"),
        (f"{SITE}/first", "Ada & co", "2026-08-10"),
        (f"{SITE}/ago", "Ada & co", "2026-05-12"),
    ]
    told = [event["detail"]["url"] for event in lived.shown["events"] if event["kind"] == "mentioned"]
    assert told == [f"{SITE}/first", f"{SITE}/later"]


def test_the_list_of_sources_names_them_and_asks_the_first(lived: Lived) -> None:
    (feeds,) = [block for block in lived.listed.split("\n\n") if block.startswith("feeds, ")]
    assert feeds.splitlines()[:3] == [
        f"feeds, Feeds: on for {', '.join(ADDRESSES)}",
        "    any feed",
        "    asked: each once an hour at most",
    ]
    assert "nothing new since" in feeds
    assert (lived.live.scope, lived.live.verdict.kind, lived.live.error) == ("Engines", "complete", None)
