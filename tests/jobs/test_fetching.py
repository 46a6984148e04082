"""`paperlark show --fetch` and the options of `paperlark crawl`, with an API of our own on this machine."""

import json
import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from crawler.readers.arxiv_query import papers_address, span_address
from crawler.samples.arxiv import Entry
from crawler.samples.arxiv_query import Submitted, answer_query
from crawler.samples.huggingface import Listed, render_paper
from crawler.source import Wanted
from jobs.demo_servers import Pages, page_server
from jobs.fetching import fetch_missing
from jobs.steps import open_office
from jobs.work import do
from storage.database import open_database
from storage.leases import lease
from storage.planned import runs_of
from storage.runs import RunKey
from tests.crawler.origin import Reply, serving
from tests.jobs.conftest import Call

NOW = "2026-01-16T12:00:00+08:00"
API = "export.arxiv.org/api/query?"
POSE = "2601.08982"
JSON = "application/json"
DOI = "10.1000/engine.1"
COPY = "https://papers.example.org/engine.pdf"
WORK = {"doi": DOI, "title": "An Engine", "is_oa": True, "best_oa_location": {"url_for_pdf": COPY}}
ATOM = "application/atom+xml; charset=utf-8"
FIRST, SECOND = datetime(2026, 1, 13, 9, tzinfo=UTC), datetime(2026, 1, 16, 3, tzinfo=UTC)


def submitted(name: str, version: int = 1, comment: str | None = None) -> Submitted:
    entry = Entry(
        id=name,
        title=f"Paper {name}",
        authors=("Ada Lovelace",),
        abstract="We describe an engine.",
        categories=("cs.CV", "cs.LG"),
        version=version,
        comment=comment,
    )
    return Submitted(entry=entry, published=FIRST, updated=SECOND if version > 1 else None)


PAPERS = (
    submitted("2601.00001"),
    submitted("2601.00002", 2, "This paper has been withdrawn by the authors"),
    submitted(POSE, 3),
)


LISTED = Listed(
    id="2601.00002",
    title="Paper 2601.00002",
    on=date(2026, 1, 14),
    published=date(2026, 1, 13),
    repository="https://github.com/ada/engine",
    stars=7,
)


@dataclass
class Arxiv:
    """What arXiv's API and the lists were asked, and how often anything was; a list knows one paper."""

    asked: list[str] = field(default_factory=list)
    lists: list[str] = field(default_factory=list)
    served: int = 0

    def pages(self) -> Pages:
        """Answer any question to the API, and those about the paper of the list; nothing else is there."""
        self.served += 1
        return _Answers(self)


class _Answers(dict[str, tuple[str, bytes]]):
    def __init__(self, web: Arxiv) -> None:
        super().__init__()
        self.web = web

    def get(self, path: str, _default: object = None) -> tuple[str, bytes] | None:  # type: ignore[override]
        if path.startswith(API):
            self.web.asked.append(path)
            return ATOM, answer_query(path.removeprefix(API), PAPERS)
        self.web.lists.append(path)
        if path == f"api.unpaywall.org/v2/{DOI}?email=ada%40example.org":
            return JSON, json.dumps(WORK).encode()
        return (JSON, render_paper(LISTED)) if path == f"huggingface.co/api/papers/{LISTED.id}" else None


@pytest.fixture
def arxiv(alone: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Arxiv]:
    """Stand in an empty folder, with an API at hand that knows three papers."""
    known = Arxiv()
    monkeypatch.setenv("PAPERLARK_NOW", NOW)
    with page_server(known.pages) as mirror:
        monkeypatch.setenv("PAPERLARK_MIRROR", mirror)
        yield known


def look_up(*names: str) -> str:
    """Return what the API is asked for papers of these names."""
    return papers_address(Wanted(scope="", keys=names)).removeprefix("https://")


def test_an_unknown_paper_is_fetched_and_shown_and_then_it_is_known(call: Call, arxiv: Arxiv) -> None:
    said = call("show", "2601.00001", "--fetch")
    assert (said.status, said.err) == (0, "")
    assert said.out.startswith("Paper 2601.00001\n    Ada Lovelace · cs.CV\n    https://arxiv.org/abs/2601.00001\n")
    assert arxiv.asked == [look_up("2601.00001")]
    shown = json.loads(call("show", "https://arxiv.org/pdf/2601.00001v1", "--fetch", "--json").out)
    assert (shown["arxiv_id"], shown["announced_on"], shown["events"]) == ("2601.00001", None, [])
    assert [(one["version"], one["on"], one["submitted_at"]) for one in shown["versions"]] == [(1, None, FIRST.isoformat())]
    assert call("show", "2601.00001").out == said.out
    assert len(arxiv.asked) == 1
    assert json.loads(call("status", "--json").out)["sources"] == []


def test_of_a_paper_that_is_known_what_is_missing_is_fetched_once(call: Call, demo: Path, arxiv: Arxiv) -> None:
    before = json.loads(call("show", POSE, "--json").out)
    shown = json.loads(call("show", POSE, "--fetch", "--json").out)
    assert arxiv.asked == [look_up(POSE)]
    assert (shown["id"], shown["announced_on"]) == (before["id"], before["announced_on"])
    assert (shown["title"], shown["version"]) == (f"Paper {POSE}", 3)
    assert shown["events"] == before["events"]
    assert [(one["version"], one["on"], one["submitted_at"]) for one in shown["versions"]] == [
        (1, "2026-01-15", FIRST.isoformat()),
        (2, "2026-01-16", None),
        (3, None, SECOND.isoformat()),
    ]
    assert json.loads(call("show", POSE, "--fetch", "--json").out) == shown
    assert len(arxiv.asked) == 1


def test_any_name_of_arxivs_will_do_and_a_version_that_is_not_known_is_asked_for(alone: Path, arxiv: Arxiv) -> None:
    with open_office(None, os.environ) as office:
        look, _ = fetch_missing(office, "https://doi.org/10.48550/arXiv.2601.00001")
        assert (look.source, look.task, look.verdict.kind, look.requests, look.new) == ("arxiv", "errand", "complete", 1, 1)
        assert [one.source for one in fetch_missing(office, " arXiv:2601.00001v1 ")] == ["huggingface"]
        again, _ = fetch_missing(office, "2601.00001v2")
        assert (again.verdict.kind, again.new) == ("complete", 0)
    assert arxiv.asked == [look_up("2601.00001")] * 2


def test_a_list_is_asked_for_the_code_until_it_is_known(call: Call, arxiv: Arxiv) -> None:
    shown = json.loads(call("show", "2601.00002", "--fetch", "--json").out)
    assert [(one["url"], one["said_by"]) for one in shown["links"]] == [("https://github.com/ada/engine", ["huggingface"])]
    assert {one["name"]: one["value"] for one in shown["counts"]}["stars"] == 7
    assert call("show", "2601.00002", "--fetch").err == ""
    assert arxiv.lists == ["huggingface.co/api/papers/2601.00002"]
    assert len(arxiv.asked) == 1
    for _ in range(2):
        said = call("show", "2601.00001", "--fetch")
        assert (said.status, said.err) == (0, "")
    assert arxiv.lists[1:] == ["huggingface.co/api/papers/2601.00001"] * 2


def test_of_a_doi_a_copy_that_anybody_may_read_is_looked_for_by_who_says_who_it_is(
    call: Call, arxiv: Arxiv, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert call("show", DOI, "--fetch").status == 1
    assert arxiv.served == 0
    monkeypatch.setenv("PAPERLARK_CONTACT", "ada@example.org")
    for _ in range(2):
        shown = json.loads(call("show", f"https://doi.org/{DOI}", "--fetch", "--json").out)
        assert (shown["title"], shown["links"][0]["url"], shown["links"][0]["kind"]) == ("An Engine", COPY, "pdf")
    assert f"Open access: {COPY}" in call("show", DOI).out
    assert len(arxiv.lists) == 1
    said = call("show", "10.1000/other", "--fetch")
    assert (said.status, said.err) == (1, "paperlark: nobody knows a paper called 10.1000/other\n")


def test_a_paper_that_was_withdrawn_is_shown_so(call: Call, arxiv: Arxiv) -> None:
    shown = json.loads(call("show", "2601.00002", "--fetch", "--json").out)
    assert (shown["withdrawn"], [one["kind"] for one in shown["events"]]) == (True, ["withdrawn"])
    said = call("show", "2601.00002")
    assert (said.status, said.err) == (0, "")
    assert "16 January: withdrawn" in said.out


@pytest.mark.parametrize("name", ["10.1000/182", "https://doi.org/10.1000/182", "nonsense", "paperlark:7", ""])
def test_what_is_no_name_of_arxivs_is_not_asked_for(call: Call, arxiv: Arxiv, name: str) -> None:
    said = call("show", name, "--fetch")
    assert (said.status, said.out, said.err.count("\n")) == (1, "", 1)
    assert arxiv.served == 0


def test_a_paper_nobody_knows_is_told_so(call: Call, arxiv: Arxiv) -> None:
    said = call("show", "2601.00009", "--fetch")
    assert (said.status, said.out, said.err) == (1, "", "paperlark: nobody knows a paper called 2601.00009\n")
    assert arxiv.asked == [look_up("2601.00009")]


def test_an_api_that_wants_to_be_left_alone_is_a_line_and_is_left_alone(
    call: Call, demo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAPERLARK_NOW", NOW)
    before = call("status").out
    with serving() as origin:
        origin.script(look_up("2601.00001"), Reply(status=503, headers={"Retry-After": "600"}))
        monkeypatch.setenv("PAPERLARK_MIRROR", origin.url)
        unknown, known = call("show", "2601.00001", "--fetch"), call("show", POSE, "--fetch")
    told = "arxiv.org asked us to slow down; not before 2026-01-16 04:1"
    assert (unknown.status, unknown.out, unknown.err.count("\n")) == (1, "", 1)
    assert unknown.err.startswith(f"paperlark: arxiv 2601.00001: {told}")
    # What is known of a paper is shown all the same.
    assert (known.status, known.out, known.err.count("\n")) == (0, call("show", POSE).out, 1)
    assert known.err.startswith(f"paperlark: arxiv {POSE}: {told}")
    assert origin.asked() == [look_up("2601.00001")]
    assert call("status").out.split("\n\n")[0] == before.split("\n\n")[0]


def test_while_another_process_is_asking_arxiv_nothing_is_asked(call: Call, alone: Path, arxiv: Arxiv) -> None:
    with closing(open_database(f"sqlite:///{alone / 'paperlark.db'}")) as database, lease(database, "site:arxiv.org") as held:
        assert held
        said = call("show", "2601.00001", "--fetch")
    assert (said.status, said.out) == (1, "")
    assert said.err == "paperlark: another Paperlark process is asking arXiv now\n"
    assert arxiv.served == 0


def test_without_being_told_to_nothing_is_fetched(call: Call, arxiv: Arxiv) -> None:
    said = call("show", "2601.00001")
    assert (said.status, arxiv.served) == (1, 0)
    assert "--fetch" in said.err


# What came in a span of days.


def test_a_span_of_the_past_is_taken_in_and_announces_nothing(call: Call, alone: Path, arxiv: Arxiv) -> None:
    said = call("crawl", "arxiv", "--since", "2026-01-12", "--until", "2026-01-14", "--json")
    (run,) = json.loads(said.out)["runs"]
    wanted = {
        "source": "arxiv",
        "scope": "cs.CV",
        "task": "errand",
        "verdict": "complete",
        "new": 3,
        "requests": 1,
        "error": None,
    }
    assert said.status == 0
    assert run.items() >= wanted.items()
    asked = span_address(Wanted(scope="cs.CV", since=date(2026, 1, 12), until=date(2026, 1, 14)))
    assert arxiv.asked == [asked.removeprefix("https://")]
    assert len(json.loads(call("search", "engine", "--json").out)) == 3
    assert json.loads(call("digest", "--dry-run", "--json").out)["digests"][0]["papers"] == 0
    assert json.loads(call("ledger", "--json").out) == {"days": []}


def test_a_past_that_is_left_to_serve_is_taken_in_part_by_part(call: Call, alone: Path, arxiv: Arxiv) -> None:
    said = call("crawl", "arxiv", "--since", "2025-12-20", "--later")
    assert (said.status, arxiv.served) == (0, 0)
    assert said.out == "arxiv: 2 parts left to `paperlark serve`\nWhat is not done yet is told by: paperlark status\n"
    assert "2 parts of the past of arxiv to come" in call("status").out
    assert json.loads(call("status", "--json").out)["left"] == [{"source": "arxiv", "parts": 2}]
    periods = ["2025-12-20/2025-12-31", "2026-01-01/2026-01-16"]
    with open_office(None, os.environ) as office:
        for period in periods:
            (run,) = do(office, RunKey("fill", "arxiv", period))
            with office.database.reading() as connection:
                assert runs_of(connection, [run.key])[run.key].state == "done"
    spans = [tuple(map(date.fromisoformat, period.split("/"))) for period in periods]
    assert arxiv.asked == [
        span_address(Wanted(scope="cs.CV", since=since, until=until)).removeprefix("https://") for since, until in spans
    ]
    assert len(json.loads(call("search", "engine", "--json").out)) == 3
    assert json.loads(call("status", "--json").out)["left"] == []
    assert json.loads(call("crawl", "--since", "2026-01-01", "--later", "--json").out) == {
        "runs": [],
        "left": [{"source": "arxiv", "period": "2026-01-01/2026-01-16"}],
    }


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--later",), "--later goes with --since alone or with --until, as in: crawl arxiv --since 2024-01-01 --later"),
        (
            ("--since", "2026-01-01", "--limit", "3", "--later"),
            "--later goes with --since alone or with --until, as in: crawl arxiv --since 2024-01-01 --later",
        ),
        (("--until", "2026-01-01"), "--until goes with --since"),
        (("--limit", "3"), "--limit goes with --since"),
        (("--until", "2026-01-01", "--limit", "3"), "--until goes with --since"),
        (("--since", "2026-01-05", "--until", "2026-01-04"), "--until: 2026-01-04 lies before 2026-01-05"),
    ],
)
def test_options_that_make_no_sense_together_are_a_line(call: Call, arxiv: Arxiv, words: tuple[str, ...], why: str) -> None:
    for name in ((), ("arxiv",)):
        said = call("crawl", *name, *words)
        assert (said.status, said.out, said.err) == (2, "", f"paperlark: {why}\n")
    assert arxiv.served == 0


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--since", "yesterday"), "yesterday is no day; write it as 2026-01-15"),
        (("--since", "30d"), "30d is no day; write it as 2026-01-15"),
        (("--since", "2026-01-01", "--until", "2026-02-30"), "2026-02-30 is no day; write it as 2026-01-15"),
        (("--since", "2026-01-01", "--limit", "0"), "--limit"),
        (("--since", "2026-01-01", "--limit", "many"), "--limit"),
    ],
)
def test_options_that_are_no_days_or_numbers_end_2(call: Call, arxiv: Arxiv, words: tuple[str, ...], why: str) -> None:
    said = call("crawl", "arxiv", *words)
    assert (said.status, said.out) == (2, "")
    assert why in said.err
    assert arxiv.served == 0
