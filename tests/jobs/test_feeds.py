"""Feeds in the daily work: which are asked for and where, what is remembered, and when somebody is called."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler.errors import SettingsError
from crawler.feed_health import Failure, FeedState, Outcome
from crawler.report import CrawlPlan, Look
from crawler.source import Batch, Checkpoint
from crawler.sources import find
from crawler.verdict import Verdict, VerdictKind
from jobs.checking import examine
from jobs.clock import Clock
from jobs.exits import crawl_exit, status_exit
from jobs.feeds import health, keep_health
from jobs.orders import order_of, orders
from jobs.planning import Order, leased, plan_of
from jobs.scopes import Parts
from jobs.settings import FeedSettings
from jobs.state import state_of
from jobs.steps import Office
from storage.checkpoints import save_checkpoint
from storage.feeds import Kept, save_feed
from storage.ledger import LedgerLine, save_line
from tests.jobs.offices import Desk, day

NOW = datetime(2026, 8, 10, 12, tzinfo=UTC)
ADDRESSES = {name: f"https://{name}.example.org/feed" for name in ("ada", "bob", "eve")}
FEEDS = tuple(FeedSettings(name=name, url=url) for name, url in ADDRESSES.items())
ORDER = Order(source=find("feeds"), place="crawler.sources.feeds:SOURCE", scopes=tuple(ADDRESSES), addresses=ADDRESSES)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def desk(one_desk: Desk) -> Desk:
    return one_desk


def state(name: str, **about: object) -> FeedState:
    return replace(FeedState(url=ADDRESSES[name], last_asked=NOW - DAY), **about)  # type: ignore[arg-type]


def keep(desk: Desk, name: str, known: FeedState, given: str = "") -> None:
    with desk.database.writing() as connection:
        save_feed(connection, name, Kept(given or ADDRESSES[name], known))


def planned(desk: Desk, **about: bool) -> CrawlPlan:
    with desk.database.reading() as connection:
        return plan_of(connection, "store://", replace(ORDER, **about), Clock(NOW - datetime.now(UTC)))  # type: ignore[arg-type]


def look(name: str, kind: VerdictKind = "failed", outcome: Outcome | None = None, at: datetime = NOW) -> Look:
    return Look(source="feeds", scope=name, route="feed", verdict=Verdict(kind=kind, why="so it was"), at=at, outcome=outcome)


def in_office(desk: Desk, number: int = 0) -> Office:
    office = desk.office(day(number))
    return replace(office, settings=office.settings.model_copy(update={"sources": {}, "feeds": FEEDS}))


# What is asked for.


def test_every_feed_is_asked_for_at_first_at_the_address_of_the_settings(desk: Desk) -> None:
    plan = planned(desk)
    assert (plan.scopes, plan.addresses, plan.settled_at) == (("ada", "bob", "eve"), ADDRESSES, {})
    assert plan.checkpoints == {name: Checkpoint(source="feeds", scope=name) for name in ADDRESSES}


def test_the_dead_are_asked_last_if_it_is_time_and_the_gone_never(desk: Desk) -> None:
    keep(desk, "ada", state("ada", failing_since=NOW - 3 * DAY, failure="missing"))
    keep(desk, "eve", state("eve", failing_since=NOW - DAY, gone=True))
    assert planned(desk).scopes == ("bob", "ada")
    keep(desk, "ada", state("ada", failing_since=NOW - 3 * DAY, failure="missing", last_asked=NOW - HOUR))
    assert planned(desk).scopes == ("bob",)
    assert planned(desk, insist=True).scopes == ("bob", "ada")


def test_who_was_asked_within_the_hour_is_known_unless_one_insists(desk: Desk) -> None:
    keep(desk, "ada", state("ada", last_asked=NOW - HOUR / 2))
    assert planned(desk).settled_at == {"ada": NOW - HOUR / 2}
    assert planned(desk, insist=True).settled_at == {}


def test_another_address_is_another_feed(desk: Desk) -> None:
    known = Checkpoint(source="feeds", scope="ada", batch=Batch(announced_on=NOW.date(), keys=frozenset("p")))
    with desk.database.writing() as connection:
        save_checkpoint(connection, known)
    keep(desk, "ada", state("ada", url="https://moved.example.org/"))
    plan = planned(desk)
    assert (plan.addresses["ada"], plan.checkpoints["ada"]) == ("https://moved.example.org/", known)
    keep(desk, "ada", state("ada", gone=True, failing_since=NOW), given="https://before.example.org/")
    plan = planned(desk)
    assert (plan.addresses["ada"], plan.checkpoints["ada"]) == (ADDRESSES["ada"], Checkpoint(source="feeds", scope="ada"))


def test_feeds_share_a_lease_and_have_those_of_sites_that_others_ask(desk: Desk) -> None:
    assert leased(ORDER) == ("feeds",)
    assert leased(replace(ORDER, addresses={"arxiv": "https://rss.arxiv.org/rss/cs.CV"})) == ("arxiv.org", "feeds")
    assert leased(Order(source=find("arxiv"), place="", scopes=("cs.CV",))) == ("arxiv.org",)


def test_feeds_are_an_order_like_others_which_insists_when_they_are_named(desk: Desk) -> None:
    office = in_office(desk)
    (order,) = orders(office, [])
    assert (order.source.name, order.scopes, order.addresses, order.insist) == ("feeds", tuple(ADDRESSES), ADDRESSES, False)
    assert orders(office, ["feeds"])[0].insist
    with pytest.raises(SettingsError, match="neither editions nor volumes"):
        order_of(office, ["feeds"], Parts(editions=("CVPR2026",)))
    with pytest.raises(SettingsError, match=r"feeds is not turned on: add \[\[feeds\]\] to the settings"):
        orders(desk.office(day(0)), ["feeds"])


# What is remembered.


def test_what_came_of_asking_is_kept_and_said_where_an_address_changes(desk: Desk) -> None:
    told = []
    for outcome in (*[Outcome(happened="ok", moved_to="https://new.example.org/")] * 3, Outcome(happened="gone"), None):
        with desk.database.writing() as connection:
            told.append(keep_health(connection, ADDRESSES, look("ada", "quiet", outcome)).verdict.why.partition("; ")[2])
    assert [line.partition(" ")[2] for line in told] == [
        "",
        "",
        "has moved for good, as it said 3 times in a row: it is https://new.example.org/ now",
        "is gone for good (410) and is not asked for any more",
        "",
    ]
    with desk.database.reading() as connection:
        known = health(connection, ADDRESSES)
    assert (known["ada"].url, known["ada"].gone, known["bob"]) == (
        "https://new.example.org/",
        True,
        FeedState(url=ADDRESSES["bob"]),
    )


# When somebody is called.


@pytest.mark.parametrize(
    ("kind", "failure", "days", "status"),
    [
        ("failed", "missing", 0, 0),
        ("failed", "missing", 6, 0),
        ("blocked", "failed", 7, 1),
        ("failed", "unknown host", 29, 1),
        ("failed", "missing", 30, 0),
        ("failed", None, 0, 1),
        ("quiet", None, 0, 0),
        ("partial", None, 0, 0),
    ],
)
def test_a_dead_feed_calls_somebody_from_its_8th_day_to_its_30th(
    desk: Desk, kind: VerdictKind, failure: Failure | None, days: int, status: int
) -> None:
    office = in_office(desk)
    since = office.clock() - days * DAY if failure else None
    keep(desk, "ada", state("ada", failing_since=since, failure=failure))
    assert crawl_exit(office, [look("ada", kind)]) == status


def test_a_feed_that_puts_us_off_calls_nobody_for_a_week(desk: Desk) -> None:
    for number, status in ((0, 0), (6, 0), (8, 1), (40, 0)):
        line(desk, "ada", "throttled", NOW + number * DAY)
        assert crawl_exit(in_office(desk, number), [look("ada", "throttled")]) == status


def test_one_that_is_seldom_asked_is_not_asleep(desk: Desk) -> None:
    line(desk, "ada", "failed", NOW)
    keep(desk, "ada", state("ada", failing_since=NOW - 30 * DAY, failure="missing"))
    office = in_office(desk, 6)
    assert status_exit(office, state_of(office)) == 0
    line(desk, "bob", "quiet", NOW)
    assert status_exit(office, state_of(office)) == 1


def line(desk: Desk, name: str, kind: VerdictKind, at: datetime) -> None:
    verdict = Verdict(kind=kind)
    with desk.database.writing() as connection:
        save_line(
            connection,
            LedgerLine(source="feeds", scope=name, route="feed", verdict=verdict, requests=1, rejected=0, at=at),
        )


def test_check_names_the_feeds(alone: Path) -> None:
    tables = "".join(f'[[feeds]]\nname = "{name}"\nurl = "{url}"\n' for name, url in ADDRESSES.items())
    config = alone / "paperlark.toml"
    config.write_text(f'[paperlark]\ndatabase = "sqlite:///{alone}/store.db"\n{tables}')
    assert "✓ source: Feeds, ada, bob, eve" in examine(config, {}).lines
