"""The shapes that programs read: every promised key, JSON types only, and null where nothing is known."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

from crawler.identifiers import Identifier
from crawler.report import Look
from crawler.sighting import Author, Reject, Tag
from crawler.verdict import Verdict
from jobs.digesting import Digested
from jobs.shapes import crawl_shape, digest_shape, exported_shape, paper_shape, send_shape, shown_shape, status_shape
from jobs.state import State
from storage.event import Event
from storage.ledger import LedgerLine
from storage.outbox import Delivery
from storage.paper import Paper, PaperCount, PaperLink, PaperRank
from storage.papers import Version
from storage.runs import Run
from tests.storage.factories import sighting

NOW = datetime(2026, 1, 15, 2, 30, tzinfo=UTC)
EMPTY = Paper(id=7, title="语义分割", url="https://arxiv.org/abs/2601.00007")
FULL = Paper(
    id=8,
    title="On Engines",
    url="https://arxiv.org/abs/2601.00008",
    authors=(Author("Ada Lovelace", "London"), Author("王力宏")),
    abstract="We describe an engine.",
    identifiers=(Identifier("arxiv", "2601.00008"), Identifier("doi", "10.1/x")),
    categories=("cs.CV", "cs.LG"),
    comment="8 pages",
    journal_ref="J. 1",
    version=2,
    announced_on=date(2026, 1, 14),
    links=(PaperLink(url="https://github.com/me/net", kind="code", official=True, said_by=("authors",), seen_at=NOW),),
    tags=(Tag("task", "Segmentation"), Tag("venue", "CVPR2026")),
    counts=(PaperCount(name="stars", value=12, source="huggingface", seen_at=NOW),),
)


def test_a_crawl() -> None:
    next_at = NOW.astimezone(timezone(timedelta(hours=8)))
    verdict = Verdict(kind="throttled", why="it asked us to wait", next_at=next_at)
    look = Look(
        source="arxiv",
        scope="cs.CV",
        route="listing",
        verdict=verdict,
        at=NOW,
        requests=3,
        seen=5,
        new=2,
        updated=1,
        rejects=(Reject(key="x", why="no title"),),
        seconds=1.23456,
        error="429",
    )
    (run,) = json.loads(json.dumps(crawl_shape([look])))["runs"]
    assert run == {
        "source": "arxiv",
        "scope": "cs.CV",
        "route": "listing",
        "verdict": "throttled",
        "announced_on": None,
        "requests": 3,
        "seen": 5,
        "new": 2,
        "updated": 1,
        "rejected": 1,
        "seconds": 1.235,
        "error": "429",
        "expected": None,
        "why": "it asked us to wait",
        "next_at": "2026-01-15T10:30:00+08:00",
        "task": "newest",
        "rejects": [{"key": "x", "why": "no title"}],
    }
    assert crawl_shape([]) == {"runs": []}


def test_a_digest() -> None:
    one = Digested(subscription="早报", period="2026-W03", papers=2, updates=1, files=("2026-01-15/早报.md",), state="new")
    assert json.loads(json.dumps(digest_shape([one], Path("/out")))) == {
        "digests": [
            {
                "subscription": "早报",
                "period": "2026-W03",
                "papers": 2,
                "updates": 1,
                "files": [str(Path("/out/2026-01-15/早报.md"))],
                "state": "new",
            }
        ]
    }


def test_a_sending() -> None:
    one = Delivery(
        id=1,
        subscription="morning",
        period="2026-01-15",
        form="mail",
        recipient="reader@example.org",
        message_id="<1@example.org>",
        state="deferred",
        attempts=2,
        created_at=NOW,
        next_at=NOW,
        error="451 later",
    )
    assert json.loads(json.dumps(send_shape([one]))) == {
        "deliveries": [
            {
                "subscription": "morning",
                "recipient": "reader@example.org",
                "state": "deferred",
                "attempts": 2,
                "message_id": "<1@example.org>",
                "error": "451 later",
                "period": "2026-01-15",
                "form": "mail",
                "next_at": "2026-01-15T02:30:00+00:00",
            }
        ]
    }


def test_a_paper() -> None:
    assert json.loads(json.dumps(paper_shape(FULL))) == {
        "id": "paperlark:8",
        "title": "On Engines",
        "authors": ["Ada Lovelace", "王力宏"],
        "arxiv_id": "2601.00008",
        "doi": "10.1/x",
        "venue": "CVPR2026",
        "code_urls": ["https://github.com/me/net"],
        "url": "https://arxiv.org/abs/2601.00008",
        "announced_on": "2026-01-14",
        "categories": ["cs.CV", "cs.LG"],
        "version": 2,
        "withdrawn": False,
        "stars": 12,
        "tasks": ["Segmentation"],
        "year": 2026,
        "tracks": [],
        "venues": [{"venue": "CVPR2026", "tracks": []}],
        "ranks": [],
    }
    empty = paper_shape(EMPTY)
    assert (empty["authors"], empty["arxiv_id"], empty["doi"], empty["announced_on"]) == ([], None, None, None)


def test_an_exported_paper_and_a_shown_one_say_all_that_a_listed_one_does() -> None:
    exported = exported_shape(FULL)
    assert exported.items() >= paper_shape(FULL).items()
    assert exported["identifiers"] == ["arxiv:2601.00008", "doi:10.1/x"]
    assert json.loads(json.dumps(exported["links"])) == [
        {
            "url": "https://github.com/me/net",
            "kind": "code",
            "official": True,
            "said_by": ["authors"],
            "seen_at": NOW.isoformat(),
        }
    ]
    assert [one["value"] for one in exported["tags"]] == ["Segmentation", "CVPR2026"]
    assert [one["value"] for one in exported["counts"]] == [12]
    assert (exported["abstract"], exported["comment"], exported["journal_ref"]) == ("We describe an engine.", "8 pages", "J. 1")
    event = Event(
        id=1, sequence=1, paper_id=8, kind="revised", source="arxiv", at=NOW, on=date(2026, 1, 15), detail={"version": 2}
    )
    shown = shown_shape(FULL, [Version(1, None, NOW), Version(2, date(2026, 1, 15))], [sighting(seen_at=NOW)], [event])
    assert shown.items() >= exported.items()
    assert json.loads(json.dumps(shown))["versions"] == [
        {"version": 1, "on": None, "submitted_at": NOW.isoformat()},
        {"version": 2, "on": "2026-01-15", "submitted_at": None},
    ]
    assert shown["events"] == [{"kind": "revised", "on": "2026-01-15", "detail": {"version": 2}}]
    assert shown["sightings"][0].items() >= {"source": "arxiv", "key": "2608.00001", "announced_on": "2026-08-10"}.items()


def test_the_status() -> None:
    line = LedgerLine(
        source="arxiv",
        scope="cs.CV",
        route="rss",
        verdict=Verdict(kind="partial", announced_on=date(2026, 1, 15), expected=9, seen=5, why="cut"),
        requests=4,
        rejected=1,
        at=NOW,
    )
    run = Run(kind="crawl", about="arxiv", period="x", state="failed", started_at=NOW, finished_at=None, report={})
    state = State(
        lines=[line],
        runs=[run],
        outbox={"sent": 3, "failed": 1},
        unsettled=[],
        given_up=[],
        owed={("arxiv", "cs.CV"): (date(2026, 1, 14),)},
    )
    shape = json.loads(json.dumps(status_shape(state)))
    assert shape["sources"] == [
        {
            "source": "arxiv",
            "scope": "cs.CV",
            "verdict": "partial",
            "announced_on": "2026-01-15",
            "expected": 9,
            "seen": 5,
            "at": "2026-01-15T02:30:00+00:00",
            "route": "rss",
            "why": "cut",
            "next_at": None,
            "requests": 4,
            "owed": ["2026-01-14"],
        }
    ]
    assert shape["runs"][0].items() >= {"kind": "crawl", "state": "failed", "finished_at": None}.items()
    assert shape["outbox"] == {"sent": 3, "failed": 1}


def test_where_a_paper_appeared_and_of_which_rank_that_is() -> None:
    one = replace(
        FULL,
        tags=(*FULL.tags, Tag("track", "oral")),
        ranks=(PaperRank("ccf", "A", "CVPR2026"), PaperRank("core", "A*", "CVPR2026")),
    )
    shape = json.loads(json.dumps(paper_shape(one)))
    assert (shape["year"], shape["tracks"]) == (2026, ["oral"])
    assert shape["ranks"] == [
        {"scheme": "ccf", "rank": "A", "venue": "CVPR2026"},
        {"scheme": "core", "rank": "A*", "venue": "CVPR2026"},
    ]
    assert [paper_shape(EMPTY)[key] for key in ("year", "tracks", "ranks")] == [None, [], []]


def test_the_venue_is_the_best_standing_one_and_its_tracks_are_those_there() -> None:
    tags = (
        Tag("venue", "AAAI2027 workshop"),
        Tag("venue", "CVPR2024"),
        Tag("venue", "NeurIPS2026"),
        Tag("track", "oral", "AAAI2027 workshop"),
        Tag("track", "poster", "NeurIPS2026"),
    )
    shape = json.loads(json.dumps(exported_shape(replace(FULL, tags=tags))))
    assert (shape["venue"], shape["tracks"], shape["year"]) == ("NeurIPS2026", ["poster"], 2026)
    assert shape["venues"] == [
        {"venue": "NeurIPS2026", "tracks": ["poster"]},
        {"venue": "CVPR2024", "tracks": []},
        {"venue": "AAAI2027 workshop", "tracks": ["oral"]},
    ]
    assert shape["tags"][-1] == {"kind": "track", "value": "poster", "venue": "NeurIPS2026"}
    assert (paper_shape(EMPTY)["venue"], paper_shape(EMPTY)["venues"]) == (None, [])
