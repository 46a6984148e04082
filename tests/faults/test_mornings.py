"""Days of arXiv, each met by the real `paperlark run`: what a reader gets over a week in which something always goes wrong."""

import gzip
import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.samples.arxiv import Entry
from crawler.samples.days import MORNINGS, SCOPES, batch
from jobs.demo_servers import page_server
from tests.crawler.origin import Reply, serving
from tests.digests.mail_server import reply
from tests.faults import site, week
from tests.faults.reader import Digest, Done, Reader, by_id, digests, mailed, open_reader, states, write_settings

pytestmark = pytest.mark.slow

SAMPLES = Path("../shared/samples/arxiv")
THURSDAY, FRIDAY = (morning.now for morning in MORNINGS)
HOUR = timedelta(hours=1)

needs_samples = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the real samples are not beside the project")


# The two mornings of the demo, on both databases.


@dataclass(frozen=True)
class OwnDays:
    """What came of the two mornings: the runs in order, and the store in the end."""

    reader: Reader
    thursday: Done
    again: Done
    friday: Done
    stored: dict[str, dict[str, Any]]


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def own_days(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnDays]:
    folder = tmp_path_factory.mktemp("own")
    database = request.getfixturevalue("postgres").create() if request.param == "postgres" else ""
    morning = MORNINGS[0]
    with page_server(lambda: morning.pages()) as web, open_reader(folder, web, database) as reader:  # noqa: PLW0108 - late
        write_settings(reader, SCOPES, "segmentation", zone="Asia/Shanghai")
        thursday = reader.does(THURSDAY, "run", "--json")
        again = reader.does(THURSDAY + HOUR, "run", "--json")
        morning = MORNINGS[1]
        friday = reader.does(FRIDAY, "run", "--json")
        yield OwnDays(reader, thursday, again, friday, reader.exported(FRIDAY + HOUR))


def own_entries(*days: date) -> dict[str, Entry]:
    """Return the entries of some days, each paper's newest version, the day of its announcement first."""
    entries: dict[str, Entry] = {}
    for entry in (entry for day in days for scope in SCOPES for entry in batch(scope, day)):
        if entry.id not in entries or entry.version >= entries[entry.id].version:
            entries[entry.id] = entry
    return entries


def about_segmentation(*days: date) -> set[str]:
    """Return the ids of the papers of some days that are new on them and speak of segmentation, in one form or another."""
    listed = [entry for day in days for scope in SCOPES for entry in batch(scope, day) if entry.action != "replace"]
    return {entry.id for entry in listed if re.search(r"(?i)\bsegmentations?\b", f"{entry.title} {entry.abstract}")}


def test_every_paper_is_stored_once_with_its_fields(own_days: OwnDays) -> None:
    entries = own_entries(THURSDAY.date(), FRIDAY.date())
    assert own_days.stored.keys() == entries.keys()
    for paper_id, entry in entries.items():
        paper = own_days.stored[paper_id]
        assert paper["title"] == entry.title
        assert paper["authors"] == [author.partition(" (")[0] for author in entry.authors]
        assert paper["abstract"] == entry.abstract
        assert paper["comment"] == entry.comment
        assert paper["categories"] == list(entry.categories)
        assert paper["version"] == entry.version
        assert paper["url"] == f"https://arxiv.org/abs/{paper_id}"


def test_a_second_run_the_same_day_stores_and_sends_nothing(own_days: OwnDays) -> None:
    assert own_days.thursday.status == own_days.again.status == 0
    assert own_days.thursday.verdicts == dict.fromkeys(SCOPES, "complete")
    assert own_days.thursday.new == len(own_entries(THURSDAY.date()))
    assert own_days.again.verdicts == dict.fromkeys(SCOPES, "quiet")
    assert [(look["new"], look["updated"]) for look in own_days.again.said["runs"]] == [(0, 0), (0, 0)]
    assert own_days.again.said["deliveries"] == []
    assert own_days.again.said["digests"] == [{**own_days.thursday.said["digests"][0], "state": "stored"}]


def test_the_next_day_sends_only_what_is_new(own_days: OwnDays) -> None:
    thursday, friday = THURSDAY.date(), FRIDAY.date()
    shown = digests(own_days.reader.folder)
    assert shown.keys() == {("morning", thursday), ("morning", friday)}
    assert set(shown["morning", thursday].new) == about_segmentation(thursday)
    # cs.LG is late on Friday.
    of_friday = [e for e in batch("cs.CV", friday) if e.action != "replace"]
    assert set(shown["morning", friday].new) == about_segmentation(friday) & {entry.id for entry in of_friday}
    revised = {entry.id for entry in batch("cs.CV", friday) if entry.action == "replace"}
    assert set(shown["morning", friday].updated) == revised & about_segmentation(thursday) != set()
    assert mailed(own_days.reader.mail.bodies) == {about: {*one.new, *one.updated} for about, one in shown.items()}


def test_a_list_that_is_late_is_called_stale(own_days: OwnDays) -> None:
    assert own_days.friday.status == 0
    assert own_days.friday.verdicts == {"cs.CV": "complete", "cs.LG": "stale"}


# Four days, the second of them a bad one.


@dataclass(frozen=True)
class Week:
    """What came of the days: the runs at noon, that of Thursday evening, the retry of Thursday's mail, and what is left."""

    reader: Reader
    runs: dict[date, Done]
    evening: Done
    retry: Done
    stored: dict[str, dict[str, Any]]
    shown: dict[tuple[str, date], Digest]
    asked: dict[date, list[str]]
    before_retry: dict[str, bytes]


@pytest.fixture(scope="module")
def a_week(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Week]:
    folder = tmp_path_factory.mktemp("week")
    runs: dict[date, Done] = {}
    asked: dict[date, list[str]] = {}
    with serving() as web, open_reader(folder, web.url) as reader:
        web.script("arxiv.org/robots.txt", site.ROBOTS)
        write_settings(reader, week.SCOPES, week.QUERY)
        for day in week.DAYS:
            week.announce(web, day)
            if day == week.THU:
                reader.mail.script("dot", reply("451 4.3.0 try again later"))
            if day == week.FRI:
                write_settings(reader, week.SCOPES, week.QUERY, names=("morning", "late"))
            before = len(web.requests)
            runs[day] = reader.does(week.noon(day), "run", "--json")
            asked[day] = web.asked()[before:]
            if day == week.THU:
                bodies = outbox(folder)
                retry = reader.does(week.noon(day, 13), "send", "--json")
                week.come_late(web)
                evening = reader.does(week.noon(day, 18), "run", "--json")
        runs[week.SAT] = reader.does(week.noon(week.SAT), "run", "--json")
        stored = reader.exported(week.noon(week.SAT, 13))
        yield Week(reader, runs, evening, retry, stored, digests(folder), asked, bodies)


def outbox(folder: Path) -> dict[str, bytes]:
    """Return the bytes of every mail in the store, by Message-ID."""
    with closing(sqlite3.connect(folder / "paperlark.db")) as store:
        return dict(store.execute("SELECT message_id, body FROM outbox WHERE form = 'mail'"))


def test_each_trouble_has_its_verdict_and_the_feed_takes_over(a_week: Week) -> None:
    fine = dict.fromkeys(week.SCOPES, ("complete", "listing"))
    for day, looks in {week.WED: fine, week.THU: week.THURSDAY, week.FRI: fine}.items():
        done = a_week.runs[day]
        newest = [look for look in done.said["runs"] if look["task"] == "newest"]
        assert {look["scope"]: (look["verdict"], look["route"]) for look in newest} == looks
        assert (done.status, done.err) == (0, "")


def test_every_announced_paper_is_stored_once(a_week: Week) -> None:
    announced = week.announced()
    assert {one: paper["title"] for one, paper in a_week.stored.items()} == {
        one: entry.title for one, entry in announced.items()
    }
    assert {one for one, paper in a_week.stored.items() if paper["version"] != 1} == {week.REVISED}


def test_every_wanted_paper_is_in_the_digest_of_its_day_and_in_no_other(a_week: Week) -> None:
    for day in week.DAYS:
        assert Counter(a_week.shown["morning", day].new) == Counter(week.wanted_on(day)), day
    everything = Counter(paper for (name, _), one in a_week.shown.items() if name == "morning" for paper in one.new)
    assert everything == Counter({one for one, entry in week.announced().items() if entry.title.startswith("Skylark")})


def test_a_new_version_is_an_update_once(a_week: Week) -> None:
    updated = {about: one.updated for about, one in a_week.shown.items() if one.updated}
    assert updated == {("morning", week.FRI): (week.REVISED,)}


def test_all_that_is_known_of_a_paper_can_be_shown(a_week: Week) -> None:
    shown = a_week.reader.does(week.noon(week.SAT, 14), "show", week.REVISED, "--json").said
    assert {**shown, **a_week.stored[week.REVISED]} == shown
    assert [(one["version"], one["on"]) for one in shown["versions"]] == [(1, "2026-02-04"), (2, "2026-02-06")]
    assert [(event["kind"], event["on"]) for event in shown["events"]] == [
        ("announced", "2026-02-04"),
        ("revised", "2026-02-06"),
    ]
    assert {sighting["source"] for sighting in shown["sightings"]} == {"arxiv"}


def test_the_mails_hold_what_the_files_hold(a_week: Week) -> None:
    in_files = {about: {*one.new, *one.updated} for about, one in a_week.shown.items() if about[1] != week.SAT}
    assert mailed(a_week.reader.mail.bodies) == in_files


def test_a_weekend_is_quiet_with_a_file_and_without_a_mail(a_week: Week) -> None:
    saturday = a_week.runs[week.SAT]
    assert saturday.status == 0
    assert saturday.verdicts == dict.fromkeys(week.SCOPES, "quiet")
    assert saturday.new == 0
    assert {one["form"] for one in saturday.said["deliveries"]} == {"markdown", "html"}
    assert a_week.shown["morning", week.SAT] == Digest((), ())


def test_a_late_list_makes_no_second_digest(a_week: Week) -> None:
    noon, evening = a_week.runs[week.THU], a_week.evening
    assert (evening.status, evening.said["deliveries"]) == (0, [])
    assert evening.said["digests"] == [{**one, "state": "stored"} for one in noon.said["digests"]]
    assert {look["scope"] for look in evening.said["runs"] if look["new"]} == {"cs.CL"}
    assert evening.verdicts["cs.CL"] == "complete"


def test_a_new_subscription_begins_with_the_newest_batch_and_no_history(a_week: Week) -> None:
    assert {day for name, day in a_week.shown if name == "late"} == {week.FRI, week.SAT}
    assert Counter(a_week.shown["late", week.FRI].new) == Counter(week.newest_batch())


def test_a_mail_that_failed_is_sent_again_and_not_written_again(a_week: Week) -> None:
    thursday = a_week.runs[week.THU]
    assert thursday.status == 0
    assert states(thursday) == {"morning@example.org": "deferred"}
    assert a_week.retry.status == 0
    (delivery,) = a_week.retry.said["deliveries"]
    assert (delivery["state"], delivery["attempts"], delivery["recipient"]) == ("sent", 2, "morning@example.org")
    message_id = delivery["message_id"]
    assert message_id in {one["message_id"] for one in thursday.said["deliveries"]}
    body = a_week.before_retry[message_id]
    assert by_id(a_week.reader.mail.bodies)[message_id] == [body]
    # The server heard the same bytes twice.
    heard = b"".join(piece for _, piece in a_week.reader.mail.heard)
    assert heard.count(re.sub(rb"(?m)^\.", b"..", body)) == 2


def test_no_mail_came_twice(a_week: Week) -> None:
    assert {len(copies) for copies in by_id(a_week.reader.mail.bodies).values()} == {1}
    assert len(a_week.reader.mail.kept) == 4


def test_a_day_costs_a_request_for_each_category_and_few_more(a_week: Week) -> None:
    lists = [site.listing(scope) for scope in week.SCOPES]
    assert Counter(a_week.asked[week.WED]) == Counter(["arxiv.org/robots.txt", *lists])
    assert len(a_week.asked[week.THU]) <= 3 * len(week.SCOPES) + 10


# Real days, rendered into arXiv's pages, and pages as they were captured.


def corpus(day: str) -> dict[str, dict[str, Any]]:
    """Return what was really listed on a day, each paper once."""
    with gzip.open(SAMPLES / "corpus" / "arxiv_2026-01_2026-02.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return {row["id"]: row for row in rows if row["_day"] == day}


def real_entries(scope: str, day: str) -> tuple[Entry, ...]:
    """Return the entries of a category's list on a day."""
    return tuple(
        Entry(
            id=row["id"],
            title=row["title"],
            authors=tuple(row["authors"]),
            abstract=row["summary"],
            categories=tuple(row["categories"]),
            comment=row["comment"],
            action="new" if row["categories"][0] == scope else "cross",
        )
        for row in corpus(day).values()
        if scope in row["categories"]
    )


def plain(text: str) -> str:
    """Return a text without what a page or a reader may change in it: blanks and forms of one letter."""
    return re.sub(r"\s+", "", text)


@pytest.mark.real
@needs_samples
def test_real_days_by_list_and_by_feed(tmp_path: Path) -> None:
    scopes, days = ("cs.CV", "cs.CL"), ("2026-01-14", "2026-01-15", "2026-01-16")
    listed = {(scope, day): real_entries(scope, day) for scope in scopes for day in days}
    with serving() as web, open_reader(tmp_path, web.url) as reader:
        write_settings(reader, scopes, '"language model"')
        for day in days:
            on = date.fromisoformat(day)
            for scope in scopes:
                site.show(web, scope, on, listed[scope, day])
                if day == days[1]:
                    web.script(site.listing(scope), Reply("out of order", status=500))
            done = reader.does(datetime.combine(on, time(12), UTC), "run", "--json")
            fed = day == days[1]
            assert (done.status, done.verdicts) == (0, dict.fromkeys(scopes, "partial" if fed else "complete"))
            newest = [look for look in done.said["runs"] if look["task"] == "newest"]
            assert {look["route"] for look in newest} == {"rss" if fed else "listing"}
            assert done.new == len({entry.id for scope in scopes for entry in listed[scope, day]})
        again = reader.does(datetime.combine(on, time(13), UTC), "run", "--json")
        assert (again.status, again.new, again.said["deliveries"]) == (0, 0, [])
        stored, shown = reader.exported(datetime.combine(on, time(14), UTC)), digests(tmp_path)
    entries = {entry.id: entry for one in listed.values() for entry in one}
    assert stored.keys() == entries.keys()
    for paper_id, entry in entries.items():
        paper = stored[paper_id]
        assert plain(paper["title"]) == plain(entry.title)
        assert [plain(name) for name in paper["authors"]] == [plain(name.partition(" (")[0]) for name in entry.authors]
        assert plain(paper["abstract"]) == plain(entry.abstract)
        assert paper["categories"] == list(entry.categories)
    for day in days:
        new = {entry.id: f"{entry.title}\n{entry.abstract}" for scope in scopes for entry in listed[scope, day]}
        wanted = {one for one, text in new.items() if re.search(r"(?i)(?<!\w)language[\s\-]+models?(?!\w)", text)}
        assert Counter(shown["morning", date.fromisoformat(day)].new) == Counter(wanted)


@pytest.mark.real
@needs_samples
def test_a_captured_list_and_a_captured_feed(tmp_path: Path) -> None:
    page = (SAMPLES / "listing" / "polaris_arxiv_listing_sample.html").read_bytes()
    fed = (SAMPLES / "rss" / "RENDERED_rss_cs.AI_2025-08-20.xml").read_bytes()
    with serving() as web, open_reader(tmp_path, web.url) as reader:
        write_settings(reader, ["cs.AI"], "learning")
        web.script("arxiv.org/robots.txt", (SAMPLES / "robots_arxiv.org_2026-06-26.txt").read_text("utf-8"))
        web.script(site.feed("cs.AI"), Reply(fed, headers=site.RSS))
        by_feed = reader.does(datetime(2025, 8, 20, 12, tzinfo=UTC), "run", "--json")
        web.script(site.listing("cs.AI"), Reply(page, headers=site.HTML))
        by_list = reader.does(datetime(2026, 8, 12, 12, tzinfo=UTC), "run", "--json")
        stored = reader.exported(datetime(2026, 8, 12, 13, tzinfo=UTC))
    of_feed = set(re.findall(rb"<link>https://arxiv.org/abs/([\d.]+)</link>", fed))
    of_list = set(re.findall(rb'href ="/abs/([\d.]+)"', page))
    assert (by_feed.status, by_list.status) == (0, 0)
    assert (by_feed.verdicts, by_list.verdicts) == ({"cs.AI": "partial"}, {"cs.AI": "complete"})
    assert (by_feed.new, by_list.new) == (len(of_feed), len(of_list))
    assert stored.keys() == {found.decode() for found in of_feed | of_list}
    lookahead = stored["2608.09967"]
    assert lookahead["title"] == "SPOTting the Future: Lookahead Explanations for Deep Reinforcement Learning"
    assert lookahead["authors"] == ["Tamar Gozlan", "Claudia V. Goldman"]
    assert lookahead["categories"] == ["cs.AI", "cs.LG"]
    assert lookahead["announced_on"] == "2026-08-12"
    words = stored["2508.13426"]
    assert words["title"].startswith("ALIGN: Word Association Learning for Cross-Cultural Generalization")
    assert (words["announced_on"], words["version"]) == ("2025-08-20", 1)
