"""What a reader is shown: every paper once, from the newest batch on, whatever the sources and the clocks do."""

import threading
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.sighting import Claim, Tag
from crawler.sources import find
from crawler.verdict import Verdict, VerdictKind
from jobs.banner import Watched
from jobs.digesting import Desk as Reading
from jobs.digesting import draft, publish
from jobs.letters import letters
from jobs.steps import Office, digest_step, preview_step
from jobs.wanted import subscriptions
from storage.database import Database, open_database
from storage.days import LedgerDay, save_days
from storage.ledger import LedgerLine, save_claims, save_line
from storage.outbox import counts
from tests.jobs.offices import Desk, day, keys, name, paper
from tests.storage.factories import emptied

UPDATES = "Updates"
ELSEWHERE = replace(find("arxiv"), name="elsewhere", title="Elsewhere", healing=None)


@pytest.fixture
def desk(database: Database, store_url: str, tmp_path: Path) -> Desk:
    return Desk(database, store_url, tmp_path)


def look(
    desk: Desk,
    kind: VerdictKind,
    on: date,
    seen: int = 5,
    *,
    at: date | None = None,
    scope: str = "cs.CV",
) -> None:
    """Let a scope give a batch, or nothing."""
    verdict = Verdict(kind=kind, announced_on=on, expected=seen, seen=seen, why="for a test")
    looked_at = datetime.combine(at or on, time(3), UTC)
    with desk.database.writing() as connection:
        if kind == "complete":
            claim = Claim(scope=scope, section="new", announced_on=on, expected=seen, seen=seen)
            save_claims(connection, "arxiv", [claim])
        line = LedgerLine(source="arxiv", scope=scope, route="listing", verdict=verdict, requests=1, rejected=0, at=looked_at)
        save_line(connection, line)
        if kind == "complete":
            save_days(connection, [ledger_day(scope, on, looked_at)])


def ledger_day(scope: str, on: date, at: datetime, kind: VerdictKind = "complete") -> LedgerDay:
    """Return what the ledger has of a day."""
    return LedgerDay(
        source="arxiv", scope=scope, day=on, kind=kind, route="listing", expected=5, seen=5, why="for a test", at=at
    )


def test_a_new_subscription_begins_with_the_newest_batch_and_no_history(desk: Desk) -> None:
    desk.announce(paper(1, day(0)), paper(2, day(1)), paper(3, day(1)))
    assert desk.digest(day(1)) == {"Engines": [name(3), name(2)]}
    desk.announce(paper(4, day(2)))
    assert desk.digest(day(2)) == {"Engines": [name(4)]}
    assert desk.digest(day(3)) == {}


def test_the_newest_batch_is_that_of_each_source(desk: Desk) -> None:
    # One source's last day is older than the other's: it is its newest batch all the same.
    desk.announce(paper(1, day(2)), paper(2, day(1)))
    desk.announce(paper(3, day(0), source="elsewhere"), paper(4, day(2), source="nobody asked"))
    with desk.database.reading() as connection:
        reading = Reading(connection, [Watched(find("arxiv"), ("cs.CV",)), Watched(ELSEWHERE, ("",))])
        events = reading.announced(None)
        reading.read(event.paper_id for event in events)
        assert {reading.papers[event.paper_id].identifier("arxiv") for event in events} == {name(1), name(3)}


def test_what_came_while_nobody_looked_is_all_there(desk: Desk) -> None:
    desk.announce(paper(1, day(0)))
    desk.digest(day(0))
    for number in range(1, 4):
        desk.announce(paper(number + 1, day(number)))
    assert sorted(desk.digest(day(3))["Engines"]) == [name(2), name(3), name(4)]


def test_what_the_first_comment_said_of_an_acceptance_is_counted_and_not_told_again(desk: Desk) -> None:
    desk.announce(paper(1, day(0), comment="Accepted to CVPR 2026"), paper(2, day(0)))
    desk.announce(paper(3, day(0), comment="Accepted to CVPR 2026"))
    assert sorted(desk.digest(day(0))["Engines"]) == [name(1), name(2), name(3)]
    track = {1: "poster", 2: "poster", 3: "oral"}
    tags = {number: (Tag("venue", "CVPR2026"), Tag("track", one)) for number, one in track.items()}
    desk.announce(*(paper(number, day(1), source="cvf", tags=tags[number]) for number in tags))
    assert sorted(desk.digest(day(1))[UPDATES]) == [name(2), name(3)]
    said = desk.markdown(day(1).isoformat())
    assert "CVPR 2026: 0 new papers for you; you saw 3 as preprints." in said
    assert said.count("Accepted at CVPR 2026") == said.count("CVPR 2026: now oral") == 1
    assert desk.digest(day(2)) == {}


def test_a_late_list_of_an_old_day_is_not_lost(desk: Desk) -> None:
    desk.announce(paper(1, day(1)))
    desk.digest(day(1))
    desk.announce(paper(2, day(0)))
    assert desk.digest(day(2)) == {"Engines": [name(2)]}


def test_a_changed_query_begins_again_with_the_newest_batch_and_shows_nothing_twice(desk: Desk) -> None:
    desk.announce(paper(1, day(0), abstract="a boat"), paper(2, day(0)))
    assert desk.digest(day(0)) == {"Engines": [name(2)]}
    desk.announce(paper(3, day(1)), paper(4, day(1), abstract="a boat"))
    desk.topics = {"Engines": "engine OR boat"}
    assert sorted(desk.digest(day(1))["Engines"]) == [name(3), name(4)]
    desk.topics = {"Engines": "engine OR boat OR car", "Boats": "boat"}
    assert desk.digest(day(2)) == {}


def test_an_edit_loses_nothing_that_was_waiting_for_the_topic(desk: Desk) -> None:
    desk.subscription["every"] = "week"
    desk.announce(paper(1, day(0)))
    desk.digest(day(0))
    for number in range(1, 4):
        desk.announce(paper(number + 1, day(number)))
    desk.topics = {"Motors": "engine"}
    assert sorted(desk.digest(day(7))["Motors"]) == [name(2), name(3), name(4)]
    for number in range(8, 11):
        desk.announce(paper(number, day(number)))
    desk.topics = {"Motors": "engine OR boat"}
    assert sorted(desk.digest(day(14))["Motors"]) == [name(8), name(9), name(10)]


def test_a_topic_that_comes_back_brings_no_history(desk: Desk) -> None:
    desk.announce(paper(1, day(0)))
    desk.digest(day(0))
    desk.topics = {"Boats": "boat"}
    for number in range(1, 5):
        desk.announce(paper(number + 1, day(number)))
        desk.digest(day(number))
    desk.topics = {"Engines": "engine"}
    assert desk.digest(day(5)) == {"Engines": [name(5)]}


def test_a_digest_that_showed_nothing_leaves_its_day_open(desk: Desk) -> None:
    assert desk.digest(day(0)) == {}
    desk.announce(paper(1, day(0)))
    assert desk.digest(day(0)) == {"Engines": [name(1)]}
    desk.announce(paper(2, day(0)))
    assert desk.digest(day(0)) == {}
    assert [(one.recipient, one.period) for one in desk.messages("2026-08-10.2") if one.form == "markdown"] == [
        ("2026-08-10/morning.md", "2026-08-10.2")
    ]
    assert desk.digest(day(1)) == {"Engines": [name(2)]}


def test_other_topics_open_the_day_again_and_what_was_written_stays(desk: Desk) -> None:
    desk.announce(paper(1, day(0)), paper(2, day(0), abstract="a boat"))
    assert desk.digest(day(0)) == {"Engines": [name(1)]}
    desk.topics = {"Engines": "engine", "Boats": "boat"}
    assert desk.digest(day(0)) == {"Boats": [name(2)]}
    assert keys(desk.markdown("2026-08-10")) == {"Engines": [name(1)]}
    places = [one.recipient for one in desk.messages("2026-08-10.2") if one.form == "markdown"]
    assert places == ["2026-08-10/morning.2.md"]
    desk.announce(paper(3, day(0)))
    assert desk.digest(day(0)) == {}


def test_a_new_topic_brings_the_newest_batch_and_leaves_the_others_their_place(desk: Desk) -> None:
    desk.announce(paper(1, day(0)))
    desk.digest(day(0))
    desk.announce(paper(2, day(1)), paper(3, day(1), abstract="a boat"))
    desk.announce(paper(4, day(2)), paper(5, day(2), abstract="a boat"))
    desk.topics = {"Engines": "engine", "Boats": "boat"}
    found = desk.digest(day(2))
    assert sorted(found["Engines"]) == [name(2), name(4)]
    assert found["Boats"] == [name(5)]


def test_other_categories_make_another_topic(desk: Desk) -> None:
    desk.topics = {"Engines": {"query": "engine", "categories": ["cs.LG"]}}
    desk.announce(paper(1, day(0)), paper(2, day(0), categories=("cs.LG",)))
    assert desk.digest(day(0)) == {"Engines": [name(2)]}
    desk.topics = {"Engines": {"query": "engine", "categories": ["cs.CV"]}}
    assert desk.digest(day(1)) == {"Engines": [name(1)]}


def test_categories_restrict_only_papers_that_have_some(desk: Desk) -> None:
    desk.topics = {"Engines": {"query": "engine", "categories": ["cs.LG"]}}
    desk.announce(paper(1), paper(2, categories=("math.NA", "cs.LG")), paper(3, categories=()))
    assert sorted(desk.digest(day(0))["Engines"]) == [name(2), name(3)]


def test_updates_are_told_only_of_papers_that_were_shown(desk: Desk) -> None:
    desk.announce(paper(1), paper(2, abstract="a boat"))
    desk.digest(day(0))
    desk.announce(
        paper(1, day(1), action="replace", version=2),
        paper(2, day(1), action="replace", version=2, abstract="a boat"),
        paper(3, day(1), action="replace", version=5),
    )
    assert desk.digest(day(1)) == {UPDATES: [name(1)]}
    assert desk.digest(day(2)) == {}


def test_the_newest_of_several_versions_is_told(desk: Desk) -> None:
    desk.announce(paper(1))
    desk.digest(day(0))
    desk.announce(paper(1, day(1), action="replace", version=2))
    desk.announce(paper(1, day(2), action="replace", version=3))
    assert desk.digest(day(2)) == {UPDATES: [name(1)]}
    assert "v3" in desk.markdown("2026-08-12")
    assert "v2" not in desk.markdown("2026-08-12")
    desk.announce(paper(1, day(3), action="replace", version=4))
    assert desk.digest(day(3)) == {UPDATES: [name(1)]}


def test_a_version_that_comes_with_the_paper_is_no_update(desk: Desk) -> None:
    desk.announce(paper(1))
    desk.digest(day(0))
    desk.announce(paper(2, day(1)))
    desk.announce(paper(2, day(2), action="replace", version=2))
    assert desk.digest(day(2)) == {"Engines": [name(2)]}
    assert desk.digest(day(3)) == {}


def test_a_cross_listing_is_new_to_whom_the_paper_was_not_shown(desk: Desk) -> None:
    desk.topics = {"Engines": {"query": "engine", "categories": ["cs.LG"]}, "Boats": "boat"}
    desk.announce(paper(1, day(0)), paper(2, day(0), abstract="a boat"))
    assert desk.digest(day(0)) == {"Boats": [name(2)]}
    cross = {"action": "cross", "scope": "cs.LG", "categories": ("cs.CV", "cs.LG")}
    desk.announce(paper(1, day(1), **cross), paper(2, day(1), abstract="a boat", **cross))
    assert desk.digest(day(1)) == {"Engines": [name(1)]}


def test_a_paper_in_two_topics_is_shown_under_the_first(desk: Desk) -> None:
    desk.topics = {"Boats": "boat", "Engines": "engine"}
    desk.announce(paper(1, abstract="a boat engine"), paper(2))
    assert desk.digest(day(0)) == {"Boats": [name(1)], "Engines": [name(2)]}


@pytest.mark.parametrize(
    ("every", "same", "following"),
    [("day", day(0), day(1)), ("week", day(6), day(7)), ("month", date(2026, 8, 31), date(2026, 9, 1))],
)
def test_there_is_one_digest_a_period_and_what_comes_later_waits(desk: Desk, every: str, same: date, following: date) -> None:
    desk.subscription = {"every": every}
    desk.announce(paper(1, day(0)))
    assert desk.digest(day(0), time(1)) == {"Engines": [name(1)]}
    desk.announce(paper(2, day(0)))
    (again,) = digest_step(desk.office(same, time(23)), [])
    assert (again.state, again.papers, again.updates) == ("stored", 1, 0)
    assert desk.digest(following) == {"Engines": [name(2)]}


def test_the_period_is_the_readers_own_day(desk: Desk) -> None:
    desk.subscription = {"timezone": "Asia/Shanghai"}
    desk.announce(paper(1, day(0)))
    (done,) = digest_step(desk.office(day(0), time(17)), [])
    assert (done.period, done.files[0]) == ("2026-08-11", "2026-08-11/morning.md")


def test_a_day_without_papers_is_a_digest_too(desk: Desk) -> None:
    (done,) = digest_step(desk.office(day(0)), [])
    assert (done.state, done.papers, done.updates) == ("new", 0, 0)
    assert "Nothing new" in desk.markdown("2026-08-10")


def test_looking_consumes_nothing(desk: Desk) -> None:
    desk.announce(paper(1))
    office = desk.office(day(0))
    for on in (None, day(0)):
        for _ in range(2):
            (shown,) = preview_step(office, [], on)
            assert (shown.state, shown.papers, shown.files) == ("preview", 1, ())
            assert keys(shown.markdown or "") == {"Engines": [name(1)]}
    with desk.database.reading() as connection:
        assert counts(connection) == {}
    assert desk.digest(day(0)) == {"Engines": [name(1)]}
    (rest,) = preview_step(office, [], None)
    assert (rest.state, rest.papers) == ("preview", 0)


def test_a_day_gone_by_is_shown_as_it_was_written_else_as_it_was_announced(desk: Desk) -> None:
    desk.announce(paper(1, day(0)))
    desk.announce(paper(2, day(1)))
    desk.digest(day(1))
    office = desk.office(day(4))
    desk.announce(paper(3, day(1)))
    (stored,) = preview_step(office, ["morning"], day(1))
    assert (stored.state, stored.papers) == ("stored", 1)
    assert stored.markdown == desk.markdown("2026-08-11")
    (told,) = preview_step(office, ["morning"], day(0))
    assert (told.state, keys(told.markdown or "")) == ("preview", {"Engines": [name(1)]})
    (nothing,) = preview_step(office, ["morning"], day(3))
    assert (nothing.papers, keys(nothing.markdown or "")) == (0, {})


def test_a_stored_digest_without_a_file_is_told_from_the_announcements(desk: Desk) -> None:
    desk.subscription = {"email": "reader@example.org", "forms": ["mail"]}
    desk.announce(paper(1, day(0)))
    digest_step(desk.office(day(0)), [])
    (stored,) = preview_step(desk.office(day(1)), [], day(0))
    assert (stored.state, stored.files) == ("stored", ())
    assert keys(stored.markdown or "") == {"Engines": [name(1)]}


def test_several_subscriptions_read_for_themselves(desk: Desk) -> None:
    desk.announce(paper(1))
    desk.digest(day(0))
    desk.announce(paper(2, day(1)))
    desk.subscription = {"name": "evening"}
    (evening,) = digest_step(desk.office(day(1)), [])
    assert (evening.subscription, evening.papers) == ("evening", 1)
    desk.subscription = {}
    assert desk.digest(day(1)) == {"Engines": [name(2)]}


def test_each_topic_knows_its_usual_number(desk: Desk) -> None:
    number = 0
    for on, count in enumerate((3, 1, 2)):
        desk.announce(*(paper(number + one, day(on)) for one in range(count)))
        number += count
        desk.digest(day(on))
    assert "3 today" in desk.markdown("2026-08-10")
    assert "usually" not in desk.markdown("2026-08-10")
    assert "1 today, usually 3" in desk.markdown("2026-08-11")
    assert "2 today, usually 2 █▃▅" in desk.markdown("2026-08-12")


def test_updates_are_not_counted_as_usual(desk: Desk) -> None:
    desk.announce(paper(1))
    desk.digest(day(0))
    desk.announce(paper(1, day(1), action="replace", version=2))
    desk.digest(day(1))
    desk.announce(paper(2, day(2)))
    desk.digest(day(2))
    assert "1 today, usually 0" in desk.markdown("2026-08-12")


def test_the_banner_tells_each_batch_once(desk: Desk) -> None:
    look(desk, "complete", day(0))
    desk.digest(day(0))
    assert "all 5 of 5 announced on 10 August" in desk.markdown("2026-08-10")
    look(desk, "quiet", day(0), at=day(1))
    desk.digest(day(1))
    assert "nothing new since 10 August" in desk.markdown("2026-08-11")
    # The batch came complete, and a second look before the digest found nothing further: the reader hears of the batch.
    look(desk, "complete", day(2), seen=7)
    look(desk, "quiet", day(2), seen=0)
    desk.digest(day(2))
    assert "all 7 of 7 announced on 12 August" in desk.markdown("2026-08-12")


def test_the_banner_is_honest_about_what_is_missing(desk: Desk) -> None:
    look(desk, "complete", day(0))
    desk.digest(day(0))
    look(desk, "stale", day(0), at=day(1))
    look(desk, "failed", day(1), at=day(1), scope="cs.LG")
    desk.digest(day(1))
    assert "yesterday's list again" in desk.markdown("2026-08-11")
    assert "could not be read" in desk.markdown("2026-08-11")


def test_the_banner_names_the_lists_that_are_owed_and_those_that_came_late(desk: Desk) -> None:
    look(desk, "complete", day(0))
    look(desk, "complete", day(3))
    look(desk, "quiet", day(3), seen=0)
    desk.digest(day(3))
    assert "the lists of 11 August and 12 August have not come yet" in desk.markdown("2026-08-13")
    look(desk, "quiet", day(3), at=day(4))
    healed_at = datetime.combine(day(4), time(4), UTC)
    with desk.database.writing() as connection:
        save_days(connection, [ledger_day("cs.CV", day(1), healed_at), ledger_day("cs.CV", day(2), healed_at, "partial")])
    desk.announce(paper(7, day(1)))
    desk.announce(paper(8, day(4)))
    desk.digest(day(4))
    written = desk.markdown("2026-08-14")
    assert "cs.CV: the list of 11 August came late; its papers are in this digest." in written
    assert "cs.CV: the list of 12 August has not come yet; its papers follow when it does." in written
    assert written.count("`announced on 11 August`") == 1
    look(desk, "complete", day(7))
    desk.digest(day(7))
    assert "came late" not in desk.markdown("2026-08-17")


def test_a_list_in_time_is_not_late_for_a_reader_who_reads_once_a_week(desk: Desk) -> None:
    desk.subscription = {"every": "week"}
    for number in range(4):
        look(desk, "complete", day(number))
    desk.digest(day(3))
    for number in range(7, 11):
        look(desk, "complete", day(number))
    desk.digest(day(10))
    assert "late" not in desk.markdown("2026-W34")


def test_the_banner_is_silent_about_what_is_not_asked_for(desk: Desk) -> None:
    look(desk, "failed", day(0), scope="cs.RO")
    desk.digest(day(0))
    assert "cs.RO" not in desk.markdown("2026-08-10")


def test_when_every_source_is_quiet_there_is_a_file_and_no_mail(desk: Desk) -> None:
    desk.subscription = {"email": "reader@example.org", "forms": ["mail", "file"]}
    look(desk, "complete", day(0))
    desk.announce(paper(1, abstract="a boat"))
    desk.digest(day(0))
    assert [one.form for one in desk.messages("2026-08-10")] == ["markdown", "html", "mail"]
    look(desk, "quiet", day(0), at=day(1))
    desk.digest(day(1))
    assert [one.form for one in desk.messages("2026-08-11")] == ["markdown", "html"]
    look(desk, "stale", day(0), at=day(2))
    desk.digest(day(2))
    assert [one.form for one in desk.messages("2026-08-12")] == ["markdown", "html", "mail"]


def test_two_processes_at_once_write_one_digest(desk: Desk) -> None:
    desk.subscription = {"email": "reader@example.org", "forms": ["mail", "file"]}
    desk.announce(paper(1))
    office, barrier, states = desk.office(day(0)), threading.Barrier(4), list[str]()

    def work() -> None:
        with closing(open_database(desk.url)) as opened:
            barrier.wait()
            states.extend(one.state for one in digest_step(replace(office, database=opened), []))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(states) == ["new", "stored", "stored", "stored"]
    assert len(desk.messages("2026-08-10")) == 3


def test_a_digest_drafted_before_another_was_written_is_dropped(desk: Desk) -> None:
    # Two processes around midnight: each has a period of its own, and the same paper.
    desk.announce(paper(1))
    late = _Racing(desk, day(1))
    assert desk.digest(day(0), time(23, 59)) == {"Engines": [name(1)]}
    assert late.publish() is False
    assert desk.messages("2026-08-11") == []
    assert desk.digest(day(1), time(0, 1)) == {}


class _Racing:
    """Another process, as far as having read the store."""

    def __init__(self, desk: Desk, on: date) -> None:
        self.office: Office = desk.office(on, time(0, 1))
        (self.subscription,) = subscriptions(self.office.settings)
        with desk.database.reading() as connection:
            reading = Reading(connection, [Watched(find("arxiv"), ("cs.CV",))])
            self.draft = draft(reading, self.subscription, self.office.clock())

    def publish(self) -> bool:
        now = self.office.clock()
        messages = letters(self.draft.digest, self.subscription, self.draft.period, None, now)
        return publish(self.office.database, self.draft, messages, now)


_ACTIONS = st.sampled_from(("new", "cross", "replace"))
_ABSTRACTS = st.sampled_from(("an engine", "a boat", "a boat engine", "a car"))
_BATCHES = st.lists(
    st.tuples(
        st.lists(st.tuples(st.integers(1, 8), _ACTIONS, _ABSTRACTS), max_size=5, unique_by=lambda one: one[0]),
        st.booleans(),
    ),
    min_size=1,
    max_size=5,
)


@given(_BATCHES, st.sampled_from(("day", "week")))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_subscription_is_shown_every_matching_announced_paper_once(
    one_desk: Desk, batches: list[tuple[list[tuple[int, str, str]], bool]], every: str
) -> None:
    desk = replace(one_desk, topics={"Engines": "engine", "Boats": "boat"}, subscription={"every": every})
    with emptied(desk.database):
        desk.digest(day(-7))
        abstracts: dict[int, str] = {}
        announced: set[str] = set()
        shown: list[str] = []
        for number, (batch, looked) in enumerate(batches):
            for key, action, abstract in batch:
                abstracts.setdefault(key, abstract)
                announced |= {name(key)} if action != "replace" and abstracts[key] != "a car" else set()
                scope = "cs.LG" if action == "cross" else "cs.CV"
                desk.announce(paper(key, day(number), action=action, scope=scope, abstract=abstracts[key]))
            if looked:
                found = desk.digest(day(number))
                found.pop(UPDATES, None)
                shown += chain(*found.values())
        found = desk.digest(day(14) + timedelta(days=len(batches)))
        found.pop(UPDATES, None)
        shown += chain(*found.values())
        assert len(shown) == len(set(shown))
        assert set(shown) == announced
