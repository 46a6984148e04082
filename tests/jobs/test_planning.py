"""What one crawl is to do, by what the store remembers: days owed, requests left, and what need not be asked at all."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.calendar import ArxivListing, is_arxiv_batch
from crawler.report import CrawlPlan, Errand, HostState
from crawler.source import Harvest, Source
from crawler.sources import find
from crawler.verdict import SETTLED, Verdict, VerdictKind
from jobs.clock import Clock
from jobs.planning import Order, owed_days, plan_of, sites
from storage.checkpoints import save_checkpoint
from storage.database import Database
from storage.days import LedgerDay, save_days
from storage.hosts import save_hosts
from storage.ledger import LedgerLine, save_line
from storage.schedules import Schedule, save_schedule
from tests.storage.factories import checkpoint, emptied

REUSED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=15)
KINDS: tuple[VerdictKind, ...] = ("complete", "quiet", "partial", "stale", "throttled", "blocked", "failed")
ARXIV = find("arxiv")
MONDAY = date(2026, 8, 10)
SCOPES = ("cs.CV", "cs.LG")
DAILY = 16
ORDER = Order(source=ARXIV, place="crawler.sources.arxiv:SOURCE", scopes=SCOPES)


def day(number: int) -> date:
    """Return a day, counted from a Monday."""
    return MONDAY + timedelta(days=number)


def noon(on: date) -> datetime:
    return datetime.combine(on, time(12), UTC)


def ledger_day(on: date, kind: VerdictKind = "complete", scope: str = "cs.CV", source: str = "arxiv") -> LedgerDay:
    return LedgerDay(
        source=source, scope=scope, day=on, kind=kind, route="listing", expected=5, seen=5, why="for a test", at=noon(on)
    )


def keep(database: Database, *days: LedgerDay) -> None:
    with database.writing() as connection:
        save_days(connection, days)


def owed(database: Database, on: date, source: Source = ARXIV, scopes: Iterable[str] = SCOPES) -> dict[str, tuple[date, ...]]:
    """Return what is owed at noon of a day."""
    with database.reading() as connection:
        return dict(owed_days(connection, source, tuple(scopes), noon(on)))


def planned(database: Database, at: datetime, **about: Any) -> CrawlPlan:
    """Return the plan of a crawl at a moment."""
    with database.reading() as connection:
        return plan_of(connection, "store://", replace(ORDER, **about), Clock(at - datetime.now(UTC)))


# The days that are owed.


def test_a_scope_that_was_never_asked_for_is_owed_nothing(database: Database) -> None:
    assert owed(database, day(4)) == {}
    keep(database, ledger_day(day(0), source="elsewhere"), ledger_day(day(0), scope="cs.RO"))
    assert owed(database, day(4)) == {}


def test_from_the_first_day_a_scope_was_asked_for_every_batch_is_owed_that_did_not_come(database: Database) -> None:
    keep(database, ledger_day(day(0)), ledger_day(day(2), "partial"), ledger_day(day(3), "quiet"))
    keep(database, ledger_day(day(3), "failed", "cs.LG"))
    assert owed(database, day(8)) == {"cs.CV": (day(1), day(2), day(4), day(7)), "cs.LG": (day(3), day(4), day(7))}
    assert owed(database, day(8), scopes=["cs.LG"]) == {"cs.LG": (day(3), day(4), day(7))}


def test_the_batch_that_is_due_now_is_not_owed_and_neither_is_one_to_come(database: Database) -> None:
    keep(database, ledger_day(day(0)))
    assert owed(database, day(1)) == {}
    assert owed(database, day(2)) == {"cs.CV": (day(1),)}
    # On Saturday and Sunday it is Friday's batch that is due.
    assert owed(database, day(5)) == owed(database, day(6)) == {"cs.CV": (day(1), day(2), day(3))}


def test_a_day_that_came_late_is_owed_no_more(database: Database) -> None:
    keep(database, ledger_day(day(0)), ledger_day(day(1), "stale"))
    assert owed(database, day(3)) == {"cs.CV": (day(1), day(2))}
    keep(database, ledger_day(day(1)), ledger_day(day(2), "quiet"))
    assert owed(database, day(3)) == {}


def test_a_day_that_the_source_does_not_remember_is_owed_no_more(database: Database) -> None:
    keep(database, ledger_day(day(0), "failed"))
    now = day(0) + ARXIV.memory
    assert owed(database, now)["cs.CV"][0] == day(0)
    assert owed(database, now + timedelta(days=1))["cs.CV"][0] == day(1)
    assert owed(database, day(0) + timedelta(days=900))["cs.CV"][0] >= day(900) - ARXIV.memory


def test_evenings_on_which_nothing_was_announced_leave_nothing_owed(database: Database) -> None:
    keep(database, ledger_day(day(0)))
    with database.writing() as connection:
        save_schedule(connection, "arxiv", Schedule(evenings_off=frozenset({day(1)}), asked_at=noon(day(0))))
    assert owed(database, day(4)) == {"cs.CV": (day(1), day(3))}
    january = ledger_day(date(2025, 12, 31))
    keep(database, replace(january, scope="cs.LG"))
    assert owed(database, date(2026, 1, 6), scopes=["cs.LG"]) == {"cs.LG": (date(2026, 1, 1), date(2026, 1, 5))}


def test_a_source_without_pages_of_days_gone_by_owes_nothing(database: Database) -> None:
    keep(database, ledger_day(day(0), "failed"))
    assert owed(database, day(4), replace(ARXIV, healing=None)) == {}


_DAYS = st.dictionaries(st.tuples(st.sampled_from(SCOPES), st.integers(-120, 40).map(day)), st.sampled_from(KINDS), max_size=20)


@REUSED
@given(known=_DAYS, now=st.integers(-30, 40).map(day))
def test_what_is_owed_are_batches_since_the_first_asking_that_are_remembered_and_not_settled(
    database: Database, known: dict[tuple[str, date], VerdictKind], now: date
) -> None:
    with emptied(database):
        keep(database, *(ledger_day(on, kind, scope) for (scope, on), kind in known.items()))
        found = owed(database, now)
    newest = ArxivListing().due(noon(now)).batch_on
    assert newest is not None
    for scope in SCOPES:
        first = min((on for of, on in known if of == scope), default=date.max)
        oldest = max(first, now - ARXIV.memory)
        days = [oldest + timedelta(days=number) for number in range(max(0, (newest - oldest).days if first < newest else 0))]
        wanted = [on for on in days if is_arxiv_batch(on) and known.get((scope, on)) not in SETTLED]
        assert list(found.get(scope, ())) == wanted
    assert all(found.values())


# The requests that are left.


def host(name: str, spent: int, on: date = MONDAY) -> HostState:
    return HostState(host=name, spent=spent, spent_on=on)


def budget(database: Database, *hosts: HostState, on: date = MONDAY, **about: Any) -> int | None:
    with database.writing() as connection:
        save_hosts(connection, hosts)
    return planned(database, noon(on), **about).budget


def test_a_day_begins_with_the_whole_budget_of_its_scopes(database: Database) -> None:
    assert budget(database) == DAILY
    assert budget(database, scopes=("cs.CV",)) == DAILY - 3
    assert budget(database, host("arxiv.org", 0)) == DAILY


def test_what_was_spent_today_at_any_host_of_the_sites_is_taken_off(database: Database) -> None:
    hosts = [host("arxiv.org", 2), host("rss.arxiv.org", 3), host("export.arxiv.org", 1), host("elsewhere.org", 9)]
    assert budget(database, *hosts) == DAILY - 6


def test_a_budget_is_never_less_than_nothing(database: Database) -> None:
    assert budget(database, host("arxiv.org", 500)) == 0


def test_a_new_day_by_utc_begins_anew(database: Database) -> None:
    hosts = [host("arxiv.org", 5, day(-1)), host("rss.arxiv.org", 2)]
    assert budget(database, *hosts) == DAILY - 2
    eve, morning = datetime(2026, 8, 10, 23, 59, tzinfo=UTC), datetime(2026, 8, 11, 0, 1, tzinfo=UTC)
    assert [planned(database, at).budget for at in (eve, morning)] == [DAILY - 2, DAILY]


def test_neither_an_errand_nor_a_source_without_a_budget_is_limited(database: Database) -> None:
    assert budget(database, host("arxiv.org", 5), errand=Errand(since=MONDAY)) is None
    assert budget(database, source=replace(ARXIV, daily_budget=None)) is None


@REUSED
@given(spent=st.lists(st.integers(0, 9), min_size=3, max_size=3))
def test_what_is_left_and_what_was_spent_are_the_whole(database: Database, spent: list[int]) -> None:
    hosts = ("arxiv.org", "rss.arxiv.org", "export.arxiv.org")
    with emptied(database):
        left = budget(database, *(host(*one) for one in zip(hosts, spent, strict=True)))
    assert left == max(0, DAILY - sum(spent))


# What need not be asked.


def line(kind: VerdictKind, hours: int, scope: str = "cs.CV", source: str = "arxiv") -> LedgerLine:
    at = noon(MONDAY) + timedelta(hours=hours)
    return LedgerLine(source=source, scope=scope, route="", verdict=Verdict(kind=kind), requests=1, rejected=0, at=at)


def test_a_scope_is_settled_by_a_newest_look_that_had_nothing_more_to_give(database: Database) -> None:
    with database.writing() as connection:
        for kind in KINDS:
            for one in (line("complete", 0, kind), line(kind, 2, kind), line("complete", 4, kind, source="elsewhere")):
                save_line(connection, one)
    settled = dict.fromkeys(("complete", "quiet"), noon(MONDAY) + timedelta(hours=2))
    assert planned(database, noon(day(1))).settled_at == settled
    assert planned(database, noon(day(1)), errand=Errand(keys=("2608.00001",))).settled_at == {}


def test_a_programme_is_settled_for_the_day_too_when_a_part_of_it_is_missing_or_it_is_overdue(database: Database) -> None:
    with database.writing() as connection:
        for kind in KINDS:
            save_line(connection, line(kind, 2, kind, source="cvf"))
    settled_at = planned(database, noon(day(1)), source=find("cvf"), scopes=("CVPR2026",)).settled_at
    assert set(settled_at) == {"complete", "quiet", "partial", "stale"}


UNKNOWN, KNOWN = datetime(2026, 11, 17, tzinfo=UTC), datetime(2026, 11, 16, tzinfo=UTC)


def asks(database: Database, at: datetime, told: Schedule | None = None, **about: Any) -> bool:
    if told:
        with database.writing() as connection:
            save_schedule(connection, "arxiv", told)
    return planned(database, at, **about).ask_days_off


def test_a_year_is_asked_for_some_weeks_before_it_begins_unless_it_is_known(database: Database) -> None:
    assert not asks(database, KNOWN)
    assert asks(database, UNKNOWN)
    assert asks(database, datetime(2027, 6, 1, tzinfo=UTC))
    assert not asks(database, UNKNOWN, Schedule(years=frozenset({2027}), asked_at=KNOWN - timedelta(days=99)))
    assert asks(database, datetime(2027, 11, 17, tzinfo=UTC))


def test_a_source_that_did_not_tell_is_asked_again_after_a_week(database: Database) -> None:
    for days, again in ((0, False), (6, False), (7, True), (40, True)):
        assert asks(database, UNKNOWN, Schedule(asked_at=UNKNOWN - timedelta(days=days))) == again


def test_neither_an_errand_nor_a_source_without_such_a_page_asks(database: Database) -> None:
    assert not asks(database, UNKNOWN, errand=Errand(since=MONDAY))
    assert not asks(database, UNKNOWN, source=replace(ARXIV, days_off=None))


# The rest of the plan.


def test_the_plan_has_what_the_order_says_and_what_the_store_knows(database: Database) -> None:
    before = replace(checkpoint("1", "2"), harvest=Harvest(since=MONDAY))
    evenings = frozenset({date(2027, 1, 1)})
    with database.writing() as connection:
        save_checkpoint(connection, before)
        save_hosts(connection, [host("arxiv.org", 3), host("elsewhere.org", 1)])
        save_schedule(connection, "arxiv", Schedule(evenings_off=evenings, asked_at=noon(MONDAY)))
        save_days(connection, [ledger_day(day(0)), ledger_day(day(1), "partial")])
    about = {"contact": "me@example.org", "delay": timedelta(seconds=9), "mirror": "http://127.0.0.1:9"}
    plan = planned(database, noon(day(2)), **about)
    assert (plan.source, plan.scopes, plan.database) == (ORDER.place, SCOPES, "store://")
    assert (plan.contact, plan.delay, plan.mirror) == tuple(about.values())
    assert plan.checkpoints == {"cs.CV": before, "cs.LG": replace(checkpoint(scope="cs.LG"), batch=None)}
    assert set(plan.hosts) == {"arxiv.org", "elsewhere.org"}
    assert (plan.evenings_off, plan.owed, plan.errand) == (evenings, {"cs.CV": (day(1),)}, None)
    assert plan.clock().date() == day(2)


def test_the_token_goes_with_the_plan_and_is_not_shown(database: Database) -> None:
    plan = planned(database, noon(day(0)), token="geheim")
    assert plan.token == "geheim"
    assert "geheim" not in f"{plan!r} {replace(ORDER, token='geheim')!r}"
    assert planned(database, noon(day(0))).token == ""


def test_an_errand_owes_no_days(database: Database) -> None:
    keep(database, ledger_day(day(0), "failed"))
    errand = Errand(since=day(0), limit=7)
    plan = planned(database, noon(day(4)), errand=errand)
    assert (plan.owed, plan.errand) == ({}, errand)


# The sites.


def test_the_sites_are_those_of_all_routes_each_once_in_order() -> None:
    assert sites(ARXIV) == ("arxiv.org",)
    assert ARXIV.healing is not None
    elsewhere = [
        replace(ARXIV.healing, start=f"https://{name}/{{scope}}/{{day}}") for name in ("b.test", "a.c.test", "d.test:8443")
    ]
    source = replace(ARXIV, healing=elsewhere[0], backfill=elsewhere[1], lookup=elsewhere[2], span=None)
    assert sites(source) == ("arxiv.org", "b.test", "c.test", "d.test")
