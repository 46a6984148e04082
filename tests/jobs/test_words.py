"""What the terminal shows: plain lines, in the reader's time zone, and nothing a stranger wrote that moves the cursor."""

import unicodedata
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.errors import FetchError
from crawler.identifiers import Identifier
from crawler.report import Look
from crawler.sighting import Author, Reject
from crawler.verdict import Verdict, VerdictKind
from jobs.asking import Known
from jobs.cards import COUNTED, say_known, say_papers
from jobs.clock import Clock
from jobs.digesting import Digested
from jobs.moments import counted, said_day, said_moment
from jobs.settings import load_settings
from jobs.state import State
from jobs.steps import Office
from jobs.words import say_deliveries, say_digests, say_looks, say_morning, say_pages, say_status
from storage.database import open_database
from storage.event import Event
from storage.ledger import LedgerLine
from storage.mentions import Post
from storage.outbox import Delivery
from storage.paper import Paper
from storage.papers import Version
from storage.runs import Run
from tests.storage.factories import sighting

NOW = datetime(2026, 1, 15, 2, 30, tzinfo=UTC)
NEXT = datetime(2026, 1, 16, 1, 30, tzinfo=UTC)
FRIDAY = "Fri 16 Jan 09:30"
HOSTILE = "a\x1b[31m\r\nb\x00\u202e [bold]c[/bold] \u2028d"
PAPER = Paper(id=1, title="On Engines", url="https://arxiv.org/abs/2601.00001")


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    (tmp_path / "paperlark.toml").write_text('[paperlark]\ntimezone = "Asia/Shanghai"\noutput = "out"\n')
    settings = load_settings(tmp_path / "paperlark.toml", {})
    with closing(open_database(settings.database_url)) as database:
        yield Office(settings=settings, clock=Clock(NOW - datetime.now(UTC)), mirror=None, database=database)


def verdict(kind: VerdictKind, on: date | None = date(2026, 1, 15), **parts: Any) -> Verdict:
    return Verdict(**{"kind": kind, "announced_on": on, "expected": 19, "seen": 19, "why": "said in words", **parts})


def look(judged: Verdict, **parts: Any) -> Look:
    known = {"source": "arxiv", "scope": "cs.CV", "route": "listing", "at": NOW, "requests": 1, "seconds": 0.61}
    return Look(verdict=judged, **{**known, **parts})


def delivery(state: str, form: str = "mail", error: str | None = None, next_at: datetime | None = None) -> Delivery:
    return Delivery(
        id=1,
        subscription="morning",
        period="2026-01-15",
        form=form,  # type: ignore[arg-type]  # any form
        recipient="reader@example.org" if form == "mail" else "2026-01-15/morning.md",
        message_id="",
        state=state,  # type: ignore[arg-type]  # any state
        attempts=1,
        created_at=NOW,
        next_at=next_at,
        error=error,
    )


def digested(papers: int, updates: int, *files: str, state: Any = "new") -> Digested:
    return Digested(subscription="morning", period="2026-01-15", papers=papers, updates=updates, files=files, state=state)


def test_days_and_moments_say_the_year_only_when_it_is_another() -> None:
    assert said_day(date(2026, 1, 5), NOW) == "5 January"
    assert said_day(date(2025, 12, 31), NOW) == "31 December 2025"
    assert said_moment(NEXT, "Asia/Shanghai", NOW) == "Fri 16 Jan 09:30"
    assert said_moment(NEXT, "America/New_York", NOW) == "Thu 15 Jan 20:30"
    # Of the same year, and yet so long ago that one would look for it in the next.
    assert said_day(date(2026, 1, 5), datetime(2026, 7, 24, tzinfo=UTC)) == "5 January"
    assert said_day(date(2026, 1, 5), datetime(2026, 7, 25, tzinfo=UTC)) == "5 January 2026"
    assert said_moment(NEXT, "UTC", datetime(2026, 12, 1, tzinfo=UTC)) == "Fri 16 Jan 2026 01:30"
    # In Shanghai it is a new year already.
    eve = datetime(2026, 12, 31, 20, tzinfo=UTC)
    assert said_moment(eve, "Asia/Shanghai", NOW) == "Fri 1 Jan 2027 04:00"
    assert said_moment(eve, "Asia/Shanghai", eve) == "Fri 1 Jan 04:00"
    assert said_moment(eve, "UTC", NOW) == "Thu 31 Dec 20:00"


def test_one_is_singular_and_everything_else_is_not() -> None:
    assert [counted(count, "update") for count in (0, 1, 2)] == ["0 updates", "1 update", "2 updates"]
    assert [counted(count, "reply", "replies") for count in (1, 21)] == ["1 reply", "21 replies"]


@pytest.mark.parametrize(
    ("judged", "line"),
    [
        (verdict("complete"), "✓ arXiv cs.CV: all 19 of 19 announced on 15 January"),
        (verdict("complete", expected=None, seen=1), "✓ arXiv cs.CV: 1 paper announced on 15 January"),
        (verdict("complete", date(2025, 12, 31)), "✓ arXiv cs.CV: all 19 of 19 announced on 31 December 2025"),
        (verdict("complete", None), "✓ arXiv cs.CV: said in words"),
        (verdict("quiet"), "· arXiv cs.CV: nothing new since 15 January"),
        (verdict("quiet", None), "· arXiv cs.CV: nothing due"),
        (verdict("stale"), "! arXiv cs.CV: still the list of 15 January, although a newer one was due"),
        (verdict("stale", None), "! arXiv cs.CV: nothing yet, although a list was due"),
        (verdict("partial"), "! arXiv cs.CV: said in words"),
        (verdict("throttled"), "! arXiv cs.CV: said in words"),
        (verdict("blocked"), "✗ arXiv cs.CV: said in words"),
        (verdict("failed", why=""), "✗ arXiv cs.CV: failed"),
        (verdict("failed", why=HOSTILE), "✗ arXiv cs.CV: a [31m b [bold]c[/bold] d"),
    ],
)
def test_what_a_source_gave_is_a_line(office: Office, judged: Verdict, line: str) -> None:
    assert say_looks(office, [look(judged)]).splitlines()[0] == line


@pytest.mark.parametrize(
    ("parts", "judged", "line"),
    [
        (
            {"new": 15, "updated": 3},
            verdict("complete", next_at=NEXT),
            "15 new, 3 changed, 1 request, 0.6 s, next at Fri 16 Jan 09:30",
        ),
        ({"requests": 2}, verdict("quiet"), "nothing new, 2 requests, 0.6 s"),
        ({"requests": 0}, verdict("throttled", next_at=NEXT), "nothing new, next try at Fri 16 Jan 09:30"),
        ({"requests": 0}, verdict("throttled", next_at=NOW - timedelta(hours=1)), "nothing new"),
        ({"requests": 0}, verdict("throttled", next_at=NOW + timedelta(seconds=30)), "nothing new"),
        ({"requests": 0}, verdict("throttled"), "nothing new"),
    ],
)
def test_what_it_cost_is_the_next_line(office: Office, parts: dict[str, Any], judged: Verdict, line: str) -> None:
    assert say_looks(office, [look(judged, **parts)]).splitlines()[1] == f"    {line}"


def test_an_error_is_told_once(office: Office) -> None:
    told = say_looks(office, [look(verdict("failed", why="the page is gone"), error="the page is gone")])
    assert told.count("gone") == 1
    told = say_looks(office, [look(verdict("complete"), error="a later page is gone")])
    assert told.endswith("\n    a later page is gone")


def test_what_is_trending_is_a_line_at_the_end(office: Office) -> None:
    error = "arxiv cs.CV: HTTP status 500 (https://arxiv.org)"
    asked = replace(look(verdict("complete")), task="trending", seen=100, new=2, updated=1, requests=1)
    told = say_looks(office, [asked, look(verdict("complete"))])
    assert told.splitlines()[-1] == "✓ arXiv, trending: 100 papers; 2 new, 1 changed, 1 request"
    told = say_looks(office, [look(verdict("complete")), replace(asked, verdict=verdict("failed", why=error), error=error)])
    assert told.splitlines()[-1] == "✗ arXiv, trending: not here: HTTP status 500 (https://arxiv.org)"


def test_a_source_is_named_once(office: Office) -> None:
    error = "arxiv cs.CV: HTTP status 500 (https://arxiv.org)"
    told = say_looks(office, [look(verdict("failed", why=error), error=error)])
    assert told.splitlines()[0] == "✗ arXiv cs.CV: HTTP status 500 (https://arxiv.org)"
    assert told.count("cs.CV") == 1
    told = say_looks(office, [look(verdict("partial", why=f"12 did not come; {error}"), error=error)])
    assert told.splitlines()[0] == "! arXiv cs.CV: 12 did not come; HTTP status 500 (https://arxiv.org)"
    told = say_looks(office, [look(verdict("complete"), error=error)])
    assert told.splitlines()[-1] == "    HTTP status 500 (https://arxiv.org)"


def test_when_to_come_back_is_said_once_and_here(office: Office) -> None:
    why = "arxiv cs.CV: arxiv.org asked us to slow down; not before 2026-01-16 01:30:00 UTC"
    told = say_looks(office, [look(verdict("throttled", why=why, next_at=NEXT), error=why, requests=0)])
    assert told.splitlines() == [
        "! arXiv cs.CV: arxiv.org asked us to slow down",
        "    nothing new, next try at Fri 16 Jan 09:30",
    ]


def test_when_nothing_answered_at_all_it_may_be_this_machine(office: Office) -> None:
    silent, refused = str(FetchError("its name could not be looked up")), "HTTP status 500 (https://arxiv.org)"
    gone = [look(verdict("failed", why=f"arxiv {scope}: {silent}"), scope=scope) for scope in ("cs.CV", "cs.LG")]
    assert say_looks(office, gone).splitlines()[-1] == "Nothing could be reached: is this machine online?"
    for answered in (verdict("failed", why=refused), verdict("complete"), verdict("blocked", why=silent)):
        assert "online" not in say_looks(office, [*gone, look(answered)])
    assert "online" not in say_looks(office, [])


def test_a_few_rejects_are_named_and_the_others_counted(office: Office) -> None:
    rejects = tuple(Reject(key=f"entry {number}{HOSTILE}", why="no title") for number in range(7))
    lines = say_looks(office, [look(verdict("complete"), rejects=rejects)]).splitlines()
    assert len(lines) == 2 + 5 + 1
    assert lines[2].startswith("    could not read entry 0a [31m b")
    assert lines[-1] == "    and 2 more that could not be read"
    assert all(line.isprintable() for line in lines)


def test_a_source_that_is_no_more_keeps_its_name(office: Office) -> None:
    assert say_looks(office, [look(verdict("complete"), source="gone")]).startswith("✓ gone cs.CV: all 19")


def test_files_are_named_from_where_one_stands(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = "2026-01-15/morning.md"
    monkeypatch.chdir(tmp_path)
    assert say_digests(office, [digested(1, 0, place)], []) == f"✓ morning, 2026-01-15: 1 new paper\n    {Path('out', place)}"
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert say_digests(office, [digested(2, 1, place)], []) == (
        f"✓ morning, 2026-01-15: 2 new papers, 1 update\n    {tmp_path / 'out' / place}"
    )


def test_digests(office: Office) -> None:
    told = say_digests(office, [digested(0, 2, state="stored")], [delivery("deferred", "markdown", "no room\x1b")], 1)
    assert told.splitlines() == [
        "✓ morning, 2026-01-15: 0 new papers, 2 updates",
        "    written before; what came since will be in the next one",
        "✗ no room",
        "1 mail in the outbox; this sends what is due: paperlark send",
    ]
    assert say_digests(office, [], []).startswith("There is no subscription")
    assert say_pages([]).startswith("There is no subscription")
    assert say_pages([replace(digested(1, 0), markdown="# One"), replace(digested(1, 0), markdown="# Two")]) == "# One\n# Two"


@pytest.mark.parametrize(
    ("one", "line"),
    [
        (delivery("sent"), "✓ morning, 2026-01-15: mail to reader@example.org, sent"),
        (delivery("sent", "html"), "✓ morning, 2026-01-15: 2026-01-15/morning.md, written"),
        (delivery("failed", error="550 nobody"), "✗ morning, 2026-01-15: mail to reader@example.org, given up (550 nobody)"),
        (
            delivery("deferred", error="451 later\r\nX: y", next_at=NEXT),
            "! morning, 2026-01-15: mail to reader@example.org, not sent yet; next try at Fri 16 Jan 09:30 (451 later X: y)",
        ),
        (
            delivery("deferred", error="451 later", next_at=NOW - timedelta(hours=1)),
            "! morning, 2026-01-15: mail to reader@example.org, not sent yet; next try with the next run (451 later)",
        ),
        (delivery("sending"), "! morning, 2026-01-15: mail to reader@example.org, not sent yet; next try with the next run"),
        (delivery("pending"), "! morning, 2026-01-15: mail to reader@example.org, waits: there is no [smtp] in the settings"),
        (
            delivery("deferred", "markdown", "no room", next_at=NEXT),
            "✗ morning, 2026-01-15: 2026-01-15/morning.md, not written; next try with the next run (no room)",
        ),
    ],
)
def test_what_became_of_a_message_is_a_line(office: Office, one: Delivery, line: str) -> None:
    assert say_deliveries(office, [one]) == line


def test_the_morning_tells_of_mails_and_of_what_failed(office: Office) -> None:
    looks, digests = [look(verdict("complete"))], [digested(1, 0)]
    told = say_morning(office, looks, digests, [delivery("sent", "markdown"), delivery("sent")])
    assert told.split("\n\n") == [
        say_looks(office, looks),
        say_digests(office, digests, []),
        say_deliveries(office, [delivery("sent")]),
    ]
    assert "written" not in told
    assert "not written" in say_morning(office, looks, digests, [delivery("deferred", "markdown")])
    assert say_morning(office, looks, digests, []).count("\n\n") == 1


def test_the_status_of_a_store_with_nothing_in_it(office: Office) -> None:
    state = State(lines=[], runs=[], outbox={}, unsettled=[], given_up=[])
    assert say_status(office, state) == "Nothing was asked yet: paperlark run\n\nOutbox: empty"


def test_the_status(office: Office) -> None:
    line = LedgerLine(
        source="arxiv", scope="cs.CV", route="rss", verdict=verdict("throttled", next_at=NEXT), requests=1, rejected=0, at=NOW
    )
    crawl = Run(kind="crawl", about="arxiv", period="x", state="failed", started_at=NOW, report={})
    digest = Run(
        kind="digest", about="morning", period="2026-W03", state="done", started_at=NOW, report={"papers": 1, "updates": 0}
    )
    state = State(
        lines=[line],
        runs=[digest, crawl],
        outbox={"sent": 2, "failed": 1},
        unsettled=[delivery("failed", error="550")],
        given_up=[],
    )
    assert say_status(office, state).splitlines() == [
        "! arXiv cs.CV: said in words",
        "    asked Thu 15 Jan 10:30, next try at Fri 16 Jan 09:30",
        "",
        "✓ Thu 15 Jan 10:30  digest morning, 2026-W03: 1 new paper",
        "✗ Thu 15 Jan 10:30  crawl arxiv: failed",
        "",
        "Outbox: 1 failed, 2 sent",
        "✗ morning, 2026-01-15: mail to reader@example.org, given up (550)",
    ]


def test_a_card_names_a_few_authors_and_counts_the_others() -> None:
    authors = tuple(Author(name) for name in ("A", "B", "C", "D", "E", "F"))
    day = date(2026, 1, 5)
    paper = replace(PAPER, authors=authors, categories=("cs.CV", "cs.LG"), announced_on=day, title=r"$\pi_0$ by Erd\H{o}s")
    assert say_papers([paper]) == (
        "π₀ by Erdős\n    A, B, C, D, and 2 more · cs.CV · 2026-01-05\n    https://arxiv.org/abs/2601.00001"
    )
    assert "A, B, C, D, E · cs.CV" in say_papers([replace(paper, authors=authors[:5])])
    assert say_papers([PAPER, PAPER]) == "\n\n".join([say_papers([PAPER])] * 2)
    assert say_papers([PAPER]) == "On Engines\n    https://arxiv.org/abs/2601.00001"
    assert say_papers([]) == "No paper in the store matches."


def test_papers_that_are_not_shown_are_counted() -> None:
    two = say_papers([PAPER] * 2)
    assert say_papers([PAPER] * 2, limit=2) == two
    assert say_papers([PAPER] * 3, limit=2) == f"{two}\n\nThe newest 2 of 3; all of them: --limit 3"
    many = say_papers([PAPER] * (2 + COUNTED), limit=2)
    assert many == f"{two}\n\nThe newest 2 of {2 + COUNTED} or more; for more of them: --limit 4"


def test_all_that_is_known() -> None:
    paper = replace(
        PAPER,
        abstract="word " * 40,
        comment="8 pages",
        journal_ref="J. 1",
        identifiers=(Identifier("arxiv", "2601.00001"), Identifier("doi", "10.1/x")),
    )
    at = datetime(2026, 1, 15, 16, 30, tzinfo=UTC)
    events = [
        Event(id=1, sequence=1, paper_id=1, kind="announced", source="arxiv", at=at, on=date(2025, 12, 31)),
        Event(id=2, sequence=2, paper_id=1, kind="revised", source="arxiv", at=at, on=None, detail={"version": 2}),
        Event(id=3, sequence=3, paper_id=1, kind="cross-listed", source="arxiv", at=at, on=None, detail={"category": "cs.LG"}),
    ]
    seen = [sighting("2601.00001", seen_at=at), sighting("k", seen_at=at, source="elsewhere")]
    known = Known(paper, [Version(1, None), Version(2, date(2026, 1, 15))], seen, events)
    told = say_known(known, "Asia/Shanghai", NOW).split("\n\n")
    assert told[0] == say_papers([paper])
    assert all(len(line) <= 72 for line in told[1].splitlines())
    assert told[2].splitlines() == ["names: arxiv:2601.00001, doi:10.1/x", "comment: 8 pages", "journal: J. 1"]
    assert told[3].splitlines() == [
        "v1",
        "v2, 15 January",
        "31 December 2025: announced",
        "15 January: a new version (v2)",
        "15 January: cross-listed (cs.LG)",
        "read at arXiv on Fri 16 Jan 00:30, as 2601.00001",
        "read at elsewhere on Fri 16 Jan 00:30, as k",
    ]
    assert told[4].splitlines()[0] == "arXiv: https://arxiv.org/abs/2601.00001"
    bare, elsewhere = say_known(Known(PAPER, [], [], []), "UTC", NOW).split("\n\n")
    assert bare == say_papers([PAPER])
    assert elsewhere.startswith(f"Page: {PAPER.url}\nGoogle Scholar: https://scholar.google.com/")


@given(st.text(min_size=1), st.text(), st.text())
def test_nothing_a_stranger_wrote_moves_the_cursor(title: str, author: str, comment: str) -> None:
    paper = replace(
        PAPER,
        title=title,
        authors=(Author(author),),
        abstract=comment,
        comment=comment,
        url=f"https://x/{author}",
        journal_ref=title,
    )
    seen = [sighting(title, seen_at=NOW + timedelta(hours=1))] if title.strip() else []
    told = say_known(Known(paper, [], seen, []), "UTC", NOW)
    assert not {unicodedata.category(one) for one in told.replace("\n", "")} & {"Cc", "Cs", "Zl", "Zp"}
    assert not set("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069") & set(told)
    broken = [line for line in told.splitlines() if line.isascii() and ": https://" not in line]
    assert all(len(line) <= 80 or " " not in line.strip() for line in broken)


def test_a_source_that_nobody_asks_any_more_is_pointed_at(office: Office) -> None:
    old = LedgerLine(
        source="arxiv",
        scope="cs.CV",
        route="listing",
        verdict=verdict("complete"),
        requests=1,
        rejected=0,
        at=NOW - timedelta(days=5),
    )
    told = say_status(office, State(lines=[old], runs=[], outbox={}, unsettled=[], given_up=[]))
    assert "! not asked since: does the daily job still run?" in told


def test_posts_about_a_paper_and_an_acceptance_are_shown() -> None:
    posts = [
        Post("https://a.example/1", "On \x1b[1m$x^2$", "Ada", date(2026, 1, 14), NOW),
        Post("https://b.example/2", "Two", "", None, NOW),
    ]
    accepted = Event(
        id=1, sequence=1, paper_id=1, kind="accepted", source="cvf", at=NOW, on=date(2026, 1, 15), detail={"venue": "CVPR2026"}
    )
    spoken = replace(accepted, kind="mentioned", detail={"url": "https://a.example/1"})
    told = say_known(Known(PAPER, [], [], [accepted, spoken], posts), "UTC", NOW)
    assert f"discussed at Ada on 2026-01-14: On [1mx²\n    https://a.example/1\n\ndiscussed on {NOW.date()}: Two\n" in told
    assert "15 January: accepted (CVPR2026)" in told
    assert told.count("https://a.example/1") == 1
