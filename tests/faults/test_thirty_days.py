"""Thirty days of arXiv with two runs a day, and nearly everything that can go wrong: what came of every paper and every day.

The month is in `arxiv_world`. What is expected here is worked out from its truth and its faults.
"""

import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from crawler.report import Errand, Look
from crawler.samples.arxiv import Entry
from crawler.sources import find
from digests.language import language
from jobs.books import Book, books
from jobs.digesting import Digested
from jobs.planning import owed_days
from jobs.steps import Office, crawl_step, digest_step, open_office, write_step
from storage.days import days_since
from storage.hosts import hosts
from tests.crawler.origin import Origin, Request, serving
from tests.faults.arxiv_world import (
    BAD_MORNING,
    BATCHES,
    CRAWL_DELAY,
    CUT,
    DAY,
    DAYS,
    FIRST,
    NO_BATCH,
    OLD_LIST,
    OUTAGE,
    RETRY_AFTER,
    SCOPES,
    STALE,
    STORM,
    WITHDRAWN,
    Notice,
    World,
    before,
    deadline,
    truth,
)
from tests.faults.reader import Digest, digests

pytestmark = pytest.mark.slow

DELAY = 0.015
"""Seconds between any two requests, as the settings say below."""
_SETTINGS = """
[paperlark]
database = "sqlite:///{folder}/paperlark.db"
output = "{folder}/digests"
timezone = "Asia/Shanghai"
[sources.arxiv]
categories = ["cs.CV", "cs.LG", "cs.RO"]
delay = "15ms"
[[topics]]
name = "Larks"
query = "title:skylark"
cap = 1000
[[subscriptions]]
name = "morning"
forms = ["file"]
"""
AFTER_OUTAGE = OUTAGE[1] + DAY
STORMY, CLEAR = STORM[0].date(), STORM[1].date()
LATE_DAYS = (BAD_MORNING, CLEAR)
"""Of these days all comes in the afternoon, and nothing in the morning."""


def moments() -> Iterator[datetime]:
    """Yield when the runs are: in the morning before the feeds are out, in the afternoon, and once more in the storm.

    Each day they are some seconds later, so that the robots.txt of the morning before is always more than a day old.
    """
    for number, day in enumerate(DAYS):
        hours = [time(2, 30), *([time(2, 40)] if day == STORMY else []), time(14)]
        for hour in hours:
            yield datetime.combine(day, hour, UTC) + number * timedelta(seconds=10)


@dataclass(frozen=True)
class Run:
    """One run: what it found, and what it asked for.

    `peace` is until when the site had asked for peace before it; `ledger` and `owed` are what the days were worth after it.
    """

    at: datetime
    looks: Sequence[Look]
    requests: Sequence[Request]
    peace: datetime | None
    ledger: Mapping[tuple[str, date], str]
    owed: Mapping[str, tuple[date, ...]]

    @property
    def verdicts(self) -> dict[str, str]:
        return {look.scope: look.verdict.kind for look in self.looks if look.task == "newest"}

    @property
    def healed(self) -> list[tuple[str, date | None, str]]:
        return [(look.scope, look.day, look.verdict.kind) for look in self.looks if look.task == "healing"]


@dataclass(frozen=True)
class Store:
    """What the store holds, read by its own driver, by arXiv id."""

    papers: Sequence[tuple[str, int | None, bool]]
    events: Sequence[tuple[Any, ...]]
    versions: Mapping[tuple[str, int], tuple[str | None, str | None]]

    def of(self, kind: str) -> list[tuple[Any, ...]]:
        return [event[1:] for event in self.events if event[0] == kind]


@dataclass
class Month:
    """A reader's month: the folder, the runs, the store and the books after the last of them."""

    folder: Path
    world: World
    web: Origin
    runs: list[Run] = field(default_factory=list)

    def environment(self, at: datetime) -> dict[str, str]:
        self.world.now = at
        return {"PAPERLARK_NOW": at.isoformat(), "PAPERLARK_MIRROR": self.web.url}

    def run(self, at: datetime) -> None:
        """Crawl, write the digest, and note what came of it."""
        before_it = len(self.web.requests)
        with open_office(self.folder / "paperlark.toml", self.environment(at)) as office:
            peace = cooldown(office)
            looks = crawl_step(office, [], lambda _progress: None)
            write_step(office, digest_step(office, []))
            with office.database.reading() as connection:
                ledger = {(one.scope, one.day): str(one.kind) for one in days_since(connection, "arxiv", SCOPES, FIRST)}
                owed = dict(owed_days(connection, find("arxiv"), SCOPES, at))
        self.runs.append(Run(at, looks, self.web.requests[before_it:], peace, ledger, owed))

    def store(self) -> Store:
        name = "(SELECT value FROM identifiers WHERE scheme = 'arxiv' AND paper_id = {})"
        with closing(sqlite3.connect(self.folder / "paperlark.db")) as store:
            papers = store.execute(f"SELECT {name.format('papers.id')}, version, withdrawn FROM papers").fetchall()
            events = store.execute(f'SELECT kind, {name.format("events.paper_id")}, "on", "key", detail FROM events').fetchall()
            days = f"SELECT {name.format('versions.paper_id')}, version, announced_on, submitted_at FROM versions"
            versions = store.execute(days).fetchall()
        return Store(papers, events, {(one, number): (on, at) for one, number, on, at in versions})


def cooldown(office: Office) -> datetime | None:
    with office.database.reading() as connection:
        known = hosts(connection).get("arxiv.org")
    return known.cooldown_until if known else None


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Month]:
    folder = tmp_path_factory.mktemp("month")
    (folder / "paperlark.toml").write_text(_SETTINGS.format(folder=folder), encoding="utf-8")
    world = World(now=datetime.combine(FIRST, time(), UTC))
    with serving() as web:
        web.respond = world.respond
        made = Month(folder, world, web)
        for at in moments():
            made.run(at)
        yield made


@pytest.fixture(scope="module")
def at_the_end(month: Month) -> Store:
    return month.store()


@pytest.fixture(scope="module")
def last_books(month: Month) -> Sequence[Book]:
    with open_office(month.folder / "paperlark.toml", month.environment(month.runs[-1].at)) as office:
        return books(office, FIRST)


@pytest.fixture(scope="module")
def shown(month: Month) -> Mapping[date, Digest]:
    return {day: one for (_, day), one in sorted(digests(month.folder).items()) if day in DAYS}


@dataclass(frozen=True)
class Filled:
    """What came of a back-fill the evening after the month: its looks and requests, the store, and the next digest."""

    looks: Sequence[Look]
    requests: Sequence[Request]
    store: Store
    next_digest: Digested


@pytest.fixture(scope="module")
def filled(month: Month, at_the_end: Store, shown: Mapping[date, Digest]) -> Filled:
    evening = datetime.combine(DAYS[-1], time(20), UTC)
    before_it, config = len(month.web.requests), month.folder / "paperlark.toml"
    with open_office(config, month.environment(evening)) as office:
        looks = crawl_step(office, ["arxiv"], lambda _progress: None, errand=Errand(since=date(2020, 1, 1)))
    with open_office(config, month.environment(evening + timedelta(hours=7))) as office:
        (digested,) = digest_step(office, [])
    return Filled(looks, month.web.requests[before_it:], month.store(), digested)


# The papers.


def test_every_announced_paper_is_stored_once_with_its_day(at_the_end: Store) -> None:
    assert Counter(name for name, *_ in at_the_end.papers) == Counter(list(truth().current))
    announced = [(name, on) for name, on, *_ in at_the_end.of("announced")]
    assert Counter(announced) == Counter((name, on.isoformat()) for name, on in truth().announced().items())


def test_the_versions_are_those_the_lists_have_told(at_the_end: Store) -> None:
    """Where a paper has no HTML form its list tells no version of a replacement; nothing may be made up for it."""
    stored = {name: version for name, version, _ in at_the_end.papers}
    for name, entry in truth().current.items():
        told = stored.get(name)
        assert told == entry.version if entry.has_html else told is None or 1 <= told <= entry.version, name
    days = {
        (notice.entry.id, notice.entry.version): notice.on.isoformat() for notice in truth().notices if brings_version(notice)
    }
    found = {one: on for one, (on, _) in at_the_end.versions.items() if on}
    assert {one: on for one, on in found.items() if days.get(one) != on} == {}
    assert {name for name, _ in days.keys() - found.keys() if truth().current[name].has_html} == set()


def brings_version(notice: Notice) -> bool:
    """Whether one of our lists has the version as new or as a replacement: where it is only crossed it was there before."""
    return notice.entry.action == "replace" or (notice.entry.action == "new" and notice.entry.categories[0] in SCOPES)


def test_what_happened_to_a_paper_later_is_told_once_with_its_day(at_the_end: Store) -> None:
    revised = {(one.entry.id, one.on.isoformat()) for one in truth().notices if one.entry.action == "replace"}
    assert Counter((name, on) for name, on, *_ in at_the_end.of("revised")) == Counter(revised)
    gone = {(one.entry.id, one.on.isoformat()) for one in truth().notices if one.entry.comment == WITHDRAWN}
    assert Counter((name, on) for name, on, *_ in at_the_end.of("withdrawn")) == Counter(gone)
    assert len(gone) == 2
    assert {name for name, _, withdrawn in at_the_end.papers if withdrawn} == {name for name, _ in gone}


# The days.


def true_verdicts(at: datetime) -> dict[str, str]:
    """Return what a run at that moment must say of each category."""
    day, is_morning = at.date(), at.hour < 12
    if day in OUTAGE or (day == BAD_MORNING and is_morning):
        return dict.fromkeys(SCOPES, "failed")
    if STORM[0] <= at < STORM[1]:
        return dict.fromkeys(SCOPES, "throttled")
    comes = day in BATCHES and is_morning is not (day in LATE_DAYS)
    verdicts = dict.fromkeys(SCOPES, "complete" if comes else "quiet")
    if day == OLD_LIST[1]:
        # In the morning a search finds some of it, and nothing says that this is all.
        verdicts[OLD_LIST[0]] = "partial" if is_morning else "complete"
    if day in (STALE[1], CUT[1]):
        scope, kind = (STALE[0], "stale") if day == STALE[1] else (CUT[0], "partial")
        verdicts[scope] = kind
    return verdicts


def test_every_run_says_the_truth_about_every_list(month: Month) -> None:
    said = {f"{run.at:%d %B %H:%M}": run.verdicts for run in month.runs}
    assert said == {f"{run.at:%d %B %H:%M}": true_verdicts(run.at) for run in month.runs}


def test_the_ledger_has_the_same_verdict_on_the_day(month: Month) -> None:
    """A batch that is complete stays so in the ledger, although the next look at its list finds nothing new."""
    for run in month.runs:
        day = run.at.date()
        if day in BATCHES:
            kept = {scope: "complete" if kind == "quiet" else kind for scope, kind in true_verdicts(run.at).items()}
            assert {scope: run.ledger.get((scope, day)) for scope in SCOPES} == kept, run.at


def test_what_is_missing_is_owed_until_it_is_healed(month: Month) -> None:
    """The oldest day is healed first, whatever else happens."""
    healings = {
        STALE[1] + DAY: {(STALE[0], STALE[1])},
        CUT[1] + DAY: {(CUT[0], CUT[1])},
        AFTER_OUTAGE: {(scope, day) for scope in SCOPES for day in OUTAGE},
        CLEAR: {(scope, STORMY) for scope in SCOPES},
    }
    for run in month.runs:
        day, is_morning = run.at.date(), run.at.hour < 12
        owed = {OUTAGE[1]: OUTAGE[0], CLEAR: STORMY if is_morning else None}.get(day)
        assert run.owed == (dict.fromkeys(SCOPES, (owed,)) if owed else {}), run.at
        due = healings.get(day, set()) if is_morning is not (day == CLEAR) else set()
        healed = [(scope, on) for scope, on, kind in run.healed if kind == "complete"]
        assert healed == sorted(due, key=lambda one: (one[1], one[0])), run.at


def test_in_the_end_every_batch_is_complete(last_books: Sequence[Book]) -> None:
    assert [book.scope for book in last_books] == list(SCOPES)
    for book in last_books:
        complete = {one.day: one.line is not None and one.line.kind == "complete" for one in book.days if one.due}
        assert complete == dict.fromkeys(BATCHES, True), book.scope
        others = {one.day for one in book.days if not one.due and one.day <= DAYS[-1]}
        assert others == {NO_BATCH}


def test_the_ledger_counts_what_the_lists_held(last_books: Sequence[Book]) -> None:
    for book in last_books:
        for one in book.days:
            size = len(truth().batch(book.scope, one.day))
            assert not one.due or (one.line and (one.line.expected, one.line.seen) == (size, size)), (book.scope, one.day)


# The requests.


def asked_on(month: Month, day: date) -> list[str]:
    return [request.target for run in month.runs if run.at.date() == day for request in run.requests]


def is_good(day: date) -> bool:
    """Whether every list is complete at the first asking, and nothing is owed."""
    bad = {BAD_MORNING, OLD_LIST[1], STALE[1], STALE[1] + DAY, CUT[1], CUT[1] + DAY, *OUTAGE, AFTER_OUTAGE, STORMY, CLEAR}
    return day in BATCHES and day not in bad


def test_a_good_day_costs_one_request_a_category_and_robots_txt(month: Month) -> None:
    lists = [f"arxiv.org/list/{scope}/new" for scope in SCOPES]
    for day in filter(is_good, DAYS):
        asked = asked_on(month, day)
        assert len(asked) <= len(SCOPES) + 2, day
        assert sorted(set(asked) - {"arxiv.org/robots.txt"}) == sorted(lists)
        assert len(asked) == len(set(asked))


def test_nothing_is_asked_for_that_cannot_be_there(month: Month) -> None:
    """On weekends, and in the second run of a good day or of the holiday, all that can be known is known."""
    quiet = [
        run
        for run in month.runs
        if run.at.weekday() > 4 or (run.at.hour > 12 and (is_good(run.at.date()) or run.at.date() == NO_BATCH))
    ]
    assert len(quiet) > len(DAYS) // 2
    assert {run.at: run.requests for run in quiet if run.requests} == {}
    holiday = [request for run in month.runs if run.at.date() == NO_BATCH for request in run.requests]
    assert sum("if-none-match" in request.headers for request in holiday) == len(SCOPES)
    assert len(holiday) <= len(SCOPES) + 2
    assert month.world.strange == []


def test_no_day_costs_more_than_it_may(month: Month) -> None:
    costs = {day: len(asked_on(month, day)) for day in DAYS}
    assert {day: cost for day, cost in costs.items() if cost > 3 * len(SCOPES) + 10} == {}


def test_a_run_counts_its_requests(month: Month) -> None:
    counted = {run.at: (sum(look.requests for look in run.looks), len(run.requests)) for run in month.runs}
    assert {at: counts for at, counts in counted.items() if counts[0] != counts[1]} == {}


def gaps(requests: Iterable[Request]) -> list[float]:
    return [later.at - earlier.at for earlier, later in pairwise(requests)]


def test_between_two_requests_lies_the_pause(month: Month) -> None:
    """The server's clock sees no less than the pause: it notes a request after it was made, and the next after its answer."""
    short = {run.at: gap for run in month.runs for gap in gaps(run.requests) if gap < DELAY - 0.001}
    assert short == {}
    assert month.world.most_at_once == 1


def test_between_two_requests_to_one_host_lies_the_pause_of_its_robots_txt(month: Month) -> None:
    for run in month.runs:
        if run.at.date() not in (BAD_MORNING, *OUTAGE, STORMY):
            website = [request for request in run.requests if request.target.startswith("arxiv.org/")]
            assert [gap for gap in gaps(website) if gap < CRAWL_DELAY - 0.001] == [], run.at


def test_a_site_that_asks_for_peace_has_it(month: Month) -> None:
    in_peace = [run for run in month.runs if run.peace and run.at < run.peace]
    assert [(run.at.date(), len(run.requests)) for run in in_peace] == [(STORMY, 0), (CLEAR, 0)]
    storm = [run for run in month.runs if STORM[0] <= run.at < STORM[1]]
    first, _, third, fourth = storm
    pages = [[one.target for one in run.requests if not one.target.endswith("/robots.txt")] for run in (first, third)]
    assert pages == [["arxiv.org/list/cs.CV/new"]] * 2
    assert in_peace[0].peace is not None
    assert timedelta(minutes=15) <= in_peace[0].peace - first.at <= timedelta(minutes=20)
    assert fourth.peace is not None
    assert timedelta() <= fourth.peace - third.at - RETRY_AFTER < timedelta(minutes=1)
    assert {look.verdict.next_at for look in fourth.looks} == {fourth.peace}


# The digests.


def first_known(scope: str, day: date, name: str) -> date:
    """Return the day of the first digest that can have what a list of a day says of a paper."""
    if day in OUTAGE:
        return AFTER_OUTAGE
    if day == STORMY:
        return CLEAR
    if (scope, day) == STALE:
        return day + DAY
    if (scope, day) == OLD_LIST:
        return day if is_found(day, name) else day + DAY
    if (scope, day) == CUT:
        return day if is_found(day, name) or name in before_the_cut() else day + DAY
    return day


def is_found(day: date, name: str) -> bool:
    """Whether a search for what was handed in for the batch finds the paper."""
    return deadline(before(day)) <= truth().handed_in[name][0] < deadline(day)


def before_the_cut() -> set[str]:
    """Return the papers whose entries are whole on the page that is cut."""
    page = World(now=datetime.combine(CUT[1], time(12), UTC)).listing(CUT[0]).body
    assert isinstance(page, bytes)
    return {one.decode() for whole in page.split(b"</dd>")[:-1] for one in re.findall(rb'href ="/abs/([\d.]+)"', whole)}


def is_wanted(entry: Entry) -> bool:
    return entry.title.startswith("Skylark")


def wanted() -> dict[str, date]:
    """Return the day of the digest that has each wanted paper as new."""
    first: dict[str, date] = {}
    for notice in truth().notices:
        if is_wanted(notice.entry) and notice.entry.action != "replace":
            for scope in notice.scopes:
                known = first_known(scope, notice.on, notice.entry.id)
                first[notice.entry.id] = min(known, first.get(notice.entry.id, known))
    return first


def updates() -> dict[date, set[str]]:
    """Return the papers that each digest has under its updates: what was shown before, and has changed."""
    shown, found = wanted(), dict[date, set[str]]()
    for notice in truth().notices:
        name = notice.entry.id
        known = min(first_known(scope, notice.on, name) for scope in notice.scopes)
        if notice.entry.action == "replace" and name in shown and shown[name] < known:
            found.setdefault(known, set()).add(name)
    return found


def test_every_wanted_paper_is_new_in_the_first_digest_that_can_have_it(shown: Mapping[date, Digest]) -> None:
    assert list(shown) == list(DAYS)
    expected = wanted()
    assert len(expected) > 200
    for day, one in shown.items():
        assert Counter(one.new) == Counter(name for name, on in expected.items() if on == day), day


def test_every_change_to_a_paper_that_was_shown_is_an_update_once(shown: Mapping[date, Digest]) -> None:
    expected = updates()
    assert len(expected) > 10
    for day, one in shown.items():
        assert Counter(one.updated) == Counter(expected.get(day, ())), day


def test_a_paper_that_comes_late_says_of_which_day_it_is(month: Month, shown: Mapping[date, Digest]) -> None:
    announced, label = truth().announced(), language("en").day
    late = 0
    for day, one in shown.items():
        newest = max((announced[name] for name in one.new), default=day)
        parts = re.split(r'<a id="arxiv-([\d.]+)"></a>', page_of(month, day))
        for name, text in zip(parts[1::2], parts[2::2], strict=True):
            says = re.findall(r"announced on ([\w ]+)`", text.partition("\n## ")[0])
            assert says == ([label(announced[name])] if announced[name] < newest else []), (day, name)
            late += len(says)
    assert late > 50


def page_of(month: Month, day: date) -> str:
    return (month.folder / "digests" / day.isoformat() / "morning.md").read_text("utf-8")


def test_the_next_digest_says_which_lists_came_late(month: Month) -> None:
    both = " and ".join(language("en").day(day) for day in OUTAGE)
    late = {
        STALE[1] + DAY: [("cs.RO", "1 September")],
        CUT[1] + DAY: [("cs.CV", "3 September")],
        AFTER_OUTAGE: [("cs.CV, cs.LG and cs.RO", both)],
        CLEAR: [("cs.CV, cs.LG and cs.RO", "15 September")],
    }
    for day in DAYS:
        said = re.findall(
            r"^> (.+): the lists? of (.+) came late; (?:its|their) papers are in this digest", page_of(month, day), re.MULTILINE
        )
        assert said == late.get(day, []), day


def test_a_digest_has_the_verdicts_of_its_run(month: Month) -> None:
    for day in DAYS:
        written = datetime.combine(day, time(14 if day in LATE_DAYS else 2, 30), UTC)
        said = dict(re.findall(r'"arxiv (\S+) (\w+) ', page_of(month, day).partition("\n---\n")[0]))
        assert said == true_verdicts(written), day


# The catalogue, after the month.


def test_a_back_fill_adds_versions_and_dates(month: Month, at_the_end: Store, filled: Filled) -> None:
    assert {(look.scope, look.route, look.verdict.kind) for look in filled.looks} == {
        (scope, "oai", "complete") for scope in SCOPES
    }
    assert Counter(name for name, *_ in filled.store.papers) == Counter(list(truth().current))
    assert {name: version for name, version, _ in filled.store.papers} == {
        name: entry.version for name, entry in truth().current.items()
    }
    moments_of = {(name, place): at for name, moments in truth().handed_in.items() for place, at in enumerate(moments, 1)}
    assert {one: at for one, (_, at) in filled.store.versions.items()} == {
        one: f"{at:%Y-%m-%d %H:%M:%S.%f}" for one, at in moments_of.items()
    }
    assert any(at is None for _, at in at_the_end.versions.values())


def test_a_back_fill_changes_nothing_that_happened(at_the_end: Store, filled: Filled) -> None:
    assert filled.store.of("announced") == at_the_end.of("announced")
    assert filled.store.events == at_the_end.events


def test_a_back_fill_is_no_news(filled: Filled) -> None:
    assert (filled.next_digest.papers, filled.next_digest.updates) == (0, 0)


def test_a_back_fill_keeps_the_pause(filled: Filled) -> None:
    assert len(filled.requests) == sum(look.requests for look in filled.looks) > len(SCOPES)
    assert [gap for gap in gaps(filled.requests) if gap < DELAY - 0.001] == []
