"""`paperlark venues` and `paperlark sources`: what is known, what is brought in, and how every source does."""

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from crawler.report import Look
from crawler.samples.days import MORNINGS
from crawler.samples.venue_lists import CATALOGUE, DEADLINES, RECORDS, ROWS, records, render_catalogue, render_deadlines, rows
from crawler.sighting import Reject, Tag
from crawler.sources import all_sources
from crawler.venues import Rank, read_venue, shipped
from crawler.verdict import Verdict
from jobs.asking import search_papers
from jobs.demo_servers import page_server
from jobs.steps import open_office
from jobs.venue_words import say_update
from storage.leases import lease
from storage.venues import save_venues
from tests.jobs.conftest import Call
from tests.storage.factories import page, sighting, write
from tests.storage.factories import rows as table_rows

NOW = "2026-11-26T12:00:00+08:00"
TEXT = "text/plain; charset=utf-8"


@pytest.fixture
def web(alone: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, tuple[str, bytes]]]:
    """Stand in an empty folder, with both lists at hand; give the pages, to be changed."""
    pages = {
        CATALOGUE: (TEXT, render_catalogue((*ROWS, *rows(40)))),
        DEADLINES: (TEXT, render_deadlines((*RECORDS, *records(20)))),
    }
    monkeypatch.setenv("PAPERLARK_NOW", NOW)
    monkeypatch.setenv("COLUMNS", "80")
    with page_server(lambda: pages) as mirror:
        monkeypatch.setenv("PAPERLARK_MIRROR", mirror)
        yield pages


def found(query: str) -> list[str]:
    with open_office(None, os.environ) as office:
        return [paper.title for paper in search_papers(office.database, query, 10)]


def announce(*papers: tuple[str, str]) -> None:
    with open_office(None, os.environ) as office:
        write(office.database, page(*(sighting(key, tags=(Tag("venue", venue),)) for key, venue in papers)))


# What is known.


def test_the_venues_that_ship_are_listed_by_acronym(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("PAPERLARK_NOW", NOW)
    said = call("venues")
    assert (said.status, said.err) == (0, "")
    lines = said.out.splitlines()
    names = [line.split("  ")[0] for line in lines[1:-3]]
    assert len(names) == len(shipped().venues)
    assert names[:2] == sorted(names[:2], key=str.casefold)
    assert all(cell_len(line) <= 80 for line in lines)
    assert [" ".join(line.split()) for line in lines if line.startswith("ICLR ")] == [
        "ICLR Intl. Conf. on Learning Rep… conference A since 2026 Apr"
    ]
    assert lines[-2:] == [
        f"{len(names)} venues; ranks by CCF's catalogue of 6 April 2026",
        "The full lists are not here yet: paperlark venues update",
    ]


def test_venues_are_found_by_rank_and_by_any_name(call: Call) -> None:
    assert all(one["ccf"] == "A" for one in json.loads(call("venues", "--ccf", "a", "--json").out)["venues"])
    assert [one["acronym"] for one in json.loads(call("venues", "--find", "nips", "--json").out)["venues"]] == ["NeurIPS"]
    assert call("venues", "--find", "xyzzy").out.startswith(f"0 of {len(shipped().venues)} venues; ranks by CCF's")
    wrong = call("venues", "--ccf", "D")
    assert (wrong.status, wrong.err) == (2, "paperlark: --ccf: A, B or C, not D\n")


def test_the_json_of_a_venue(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAPERLARK_NOW", NOW)
    told = json.loads(call("venues", "--find", "ICLR", "--json").out)
    (one,) = told["venues"]
    assert (told["ranked_on"], told["lists"]) == ("2026-04-06", [])
    assert (one["acronym"], one["kind"], one["ccf"], one["month"], one["dblp"]) == ("ICLR", "conference", "A", 4, "conf/iclr")
    assert one["ranks"] == [
        {"scheme": "ccf", "rank": "", "since": "2022-12-01"},
        {"scheme": "ccf", "rank": "A", "since": "2026-04-06"},
    ]


# What is brought in.


def test_the_full_lists_are_brought_in_and_papers_have_their_ranks(call: Call, web: dict[str, tuple[str, bytes]]) -> None:
    announce(("2608.00001", "CVPR2026"), ("2608.00002", "WACV2026"), ("2608.00003", "DE2026"))
    assert found('rank:"CORE A*"') == []
    said = call("venues", "update")
    assert (said.status, said.err) == (0, "")
    assert said.out.splitlines() == [
        "✓ CCF catalogue, by CCFrank4dblp: 49 venues, 49 new, 0 changed",
        "✓ conferences, by ccfddl: 25 venues, 25 new, 0 changed",
    ]
    assert call("venues").out.splitlines()[-1] == "Full lists: ccf (49) on 26 November, ccfddl (25) on 26 November"
    assert found('rank:"CORE A*"') == found("rank:THCPL-A") == ["Paper 2608.00001"]
    assert found('rank:"CORE A"') == ["Paper 2608.00002"]
    assert found("ccf:B") == ["Paper 2608.00003"]
    (one,) = json.loads(call("search", "ccf:A", "--json").out)
    assert one["ranks"] == [
        {"scheme": "ccf", "rank": "A", "venue": "CVPR2026"},
        {"scheme": "core", "rank": "A*", "venue": "CVPR2026"},
        {"scheme": "thcpl", "rank": "A", "venue": "CVPR2026"},
    ]
    with open_office(None, os.environ) as office, office.database.reading() as connection:
        assert table_rows(connection)["checkpoints"] == table_rows(connection)["verdicts"] == 0


def test_a_list_that_has_shrunk_is_refused_and_one_that_is_not_there_needs_a_person(
    call: Call, web: dict[str, tuple[str, bytes]]
) -> None:
    with open_office(None, os.environ) as office, office.database.writing() as connection:
        engines = [read_venue({"acronym": f"E{number}", "name": f"Engines {number}"}) for number in range(90)]
        save_venues(connection, "ccf", [replace(one, ranks=(Rank("ccf", date(2026, 5, 1), "B"),)) for one in engines])
    del web[DEADLINES]
    lists = json.loads(call("venues", "update", "--json").out)["lists"]
    assert [(one["list"], one["verdict"], one["venues"], one["new"]) for one in lists] == [
        ("ccf", "partial", 49, 0),
        ("ccfddl", "failed", 0, 0),
    ]
    assert lists[1]["error"].endswith("HTTP status 404 (https://ccfddl.github.io/conference/allconf.yml)")
    assert call("venues").out.splitlines()[-1] == "Full lists: ccf (90) on 1 May 2026"
    assert say_update(Look(**_look(one)) for one in lists).splitlines() == [
        "! CCF catalogue, by CCFrank4dblp: 49 venues, nothing new",
        "    ccf: 49 venues, where there were 90 before: kept is what there was",
        "✗ conferences, by ccfddl: HTTP status 404 (https://ccfddl.github.io/conference/allconf.yml)",
    ]


def _look(told: dict[str, Any]) -> dict[str, Any]:
    return {
        "source": "venue-lists",
        "scope": told["list"],
        "route": "list",
        "verdict": Verdict(kind=told["verdict"]),
        "at": datetime(2026, 11, 26, tzinfo=UTC),
        "seen": told["venues"],
        "rejects": tuple(Reject(**reject) for reject in told["rejects"]),
        "error": told["error"],
    }


# Ranks of one's own.


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_ranks_of_ones_own_find_papers(call: Call, alone: Path, encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAPERLARK_NOW", NOW)
    announce(("2608.00001", "TPAMI2024"), ("2608.00002", "Annals of Looms2026"), ("2608.00003", "CVPR2025"))
    table = (
        "刊名,ISSN,中科院分区,JCR\n"
        "ieee trans. pattern anal. mach. intell.,,一区,Q1\n"
        ",0920-5691,2区,Q1\n"
        ",,1区,Q1\n"
        "Annals of Looms,1234-5679,4区,\n"
        ",1111-1111,3区,\n"
        "TPAMI,,二区,Q1\n"
    )
    (alone / "ranks.csv").write_bytes(table.encode(encoding))
    said = call("venues", "import", "ranks.csv")
    assert (said.status, said.err) == (0, "")
    assert said.out.splitlines() == [
        "! ranks.csv: 2 venues known, 1 new, 3 rows not understood",
        "    中科院分区, jcr, from 26 November on",
        "    line 4: no venue is named",
        "    line 6: no venue with the ISSN 1111-1111 is known",
        "    line 7: TPAMI stands in line 2 with another rank",
    ]
    assert found("rank:一区") == found("rank:1区") == found("rank:Q1") == ["Paper 2608.00001"]
    assert found('rank:"中科院分区 4区"') == ["Paper 2608.00002"]
    assert "Ranks of your own: jcr (2), 中科院分区 (3)" in call("venues").out
    assert "IJCV" in call("venues", "--find", "IJCV").out
    told = json.loads(call("venues", "import", "ranks.csv", "--json").out)
    assert (told["schemes"], told["matched"], told["new"]) == (["中科院分区", "jcr"], 3, 0)
    assert [one["line"] for one in told["rejects"]] == [4, 6, 7]


def test_a_list_is_replaced_or_goes_on_from_a_day(call: Call, alone: Path) -> None:
    announce(("2608.00001", "CVPR2024"), ("2608.00002", "CVPR2026"), ("2608.00003", "ECCV2026"))
    (alone / "one.tsv").write_text("venue\tCORE\nCVPR\tB\nECCV\tB\n", encoding="utf-8")
    (alone / "two.tsv").write_text("venue\tCORE\nCVPR\tA*\n", encoding="utf-8")
    call("venues", "import", "one.tsv")
    assert len(found("rank:B")) == len(found("rank:core-B")) + 0 == 3
    call("venues", "import", "one.tsv", "--since", "2023-01-01")
    call("venues", "import", "two.tsv", "--since", "2025-01-01")
    assert (found('rank:"CORE A*"'), found("rank:core-B")) == (["Paper 2608.00002"], ["Paper 2608.00001"])
    call("venues", "import", "two.tsv")
    assert len(found('rank:"CORE A*"')) == 2
    assert found("rank:core-B") == []


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "ranks.csv: No such file or directory"),
        (b"", "ranks.csv: it is empty"),
        (b"venue\nCVPR\n", "ranks.csv: it gives no ranks: each is a column of its own, with the name of the list above it"),
    ],
)
def test_what_is_no_file_of_ranks_is_told(call: Call, alone: Path, content: bytes | None, why: str) -> None:
    if content is not None:
        (alone / "ranks.csv").write_bytes(content)
    said = call("venues", "import", "ranks.csv")
    assert (said.status, said.err) == (2, f"paperlark: {why}\n")


def test_a_file_without_a_single_rank_is_told(call: Call, alone: Path) -> None:
    (alone / "ranks.csv").write_text("venue,CORE\nCVPR,\n", encoding="utf-8")
    said = call("venues", "import", "ranks.csv")
    assert (said.status, said.out.splitlines()[0]) == (1, "✗ ranks.csv: 0 venues known, 0 new")


# Sources.


def test_every_source_is_listed_with_what_it_can_do(call: Call, demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAPERLARK_NOW", "2026-01-16T12:00:00+08:00")
    said = call("sources")
    assert (said.status, said.err) == (0, "")
    heads = {line.partition(",")[0] for line in said.out.splitlines() if line[:1].strip()}
    assert heads == set(all_sources())
    assert said.out.splitlines()[:5] == [
        "arxiv, arXiv: on for cs.CV, cs.LG",
        "    daily list; earlier days; back-fill; look-up",
        "    asked: 16 requests a day at most",
        "    last worked: Fri 16 Jan 10:30, cs.CV, 18 entries of 16 January",
        "    ! arXiv cs.LG: still the list of 2026-01-15, although that of 2026-01-16 was due",
    ]
    told = {one["source"]: one for one in json.loads(call("sources", "--json").out)["sources"]}
    assert (told["arxiv"]["on"], told["arxiv"]["scopes"]) == (True, ["cs.CV", "cs.LG"])
    assert (told["arxiv"]["last_worked"]["verdict"], told["arxiv"]["last_worked"]["seen"]) == ("complete", 18)
    assert [one["verdict"] for one in told["arxiv"]["wrong"]] == ["stale"]
    assert (told["openreview"]["on"], told["openreview"]["token"], told["openreview"]["last_worked"]) == (False, True, None)
    assert (told["cvf"]["can"], told["cvf"]["requests_a_day"]) == (["programmes", "pages of papers"], None)
    assert "volumes" in told["pmlr"]["can"]
    assert "live" not in told


@pytest.fixture
def morning(alone: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Stand in a folder of one's own on the demo's first morning, with the web at hand and arXiv turned on."""
    monkeypatch.setenv("PAPERLARK_NOW", MORNINGS[0].now.isoformat())
    (alone / "paperlark.toml").write_text(
        '[sources.arxiv]\ncategories = ["cs.CV", "cs.LG"]\n[sources.ecva]\n', encoding="utf-8"
    )
    with page_server(MORNINGS[0].pages) as mirror:
        monkeypatch.setenv("PAPERLARK_MIRROR", mirror)
        yield alone


def test_a_live_source_is_asked_once_and_nothing_of_it_is_kept(call: Call, morning: Path) -> None:
    said = call("sources", "--live", "--json")
    assert (said.status, said.err) == (0, "")
    live = json.loads(said.out)["live"]
    assert [(one["source"], one["scope"], one["verdict"], one["seen"]) for one in live] == [("arxiv", "cs.CV", "complete", 19)]
    with open_office(None, os.environ) as office, office.database.reading() as connection:
        kept = table_rows(connection)
    assert {name for name, count in kept.items() if count} <= {"counters", "host_leases"}
    assert kept["host_leases"] > 0


def test_a_live_source_that_fails_is_1_and_one_that_is_busy_is_not(
    call: Call, morning: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_office(None, os.environ) as office, lease(office.database, "site:arxiv.org"):
        said = call("sources", "--live")
    assert (said.status, said.out) == (0, "! arXiv cs.CV: another Paperlark process is asking arXiv now\n")
    with page_server(dict) as mirror:
        monkeypatch.setenv("PAPERLARK_MIRROR", mirror)
        said = call("sources", "--live")
    assert said.status == 1
    assert said.out.startswith("✗ arXiv cs.CV: HTTP status 404")


def test_all_editions_are_told_that_are_asked_for_now(call: Call, alone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAPERLARK_NOW", "2026-11-26T09:00:00+00:00")
    (alone / "paperlark.toml").write_text("[sources.cvf]\n[sources.acl]\n", encoding="utf-8")
    said, told = call("sources").out, json.loads(call("sources", "--json").out)["sources"]
    acl, cvf_ = (one["scopes"] for one in told if one["on"])
    assert {"ACL2026", "EMNLP2026", "EMNLP2026_findings", "TACL2026", "CL2026"} < set(acl)
    assert said.startswith(f"acl, ACL Anthology: on for {len(acl)} lists\n    asked for now: AACL2025, AACL2026, ACL2026, ")
    assert ", ".join(acl) in " ".join(said.split())
    assert f"cvf, CVF Open Access: on for {', '.join(cvf_)}\n" in said


def test_a_source_that_is_on_and_has_nothing_due_is_told_so(call: Call, alone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAPERLARK_NOW", datetime(2027, 12, 1, tzinfo=UTC).isoformat())
    (alone / "paperlark.toml").write_text("[sources.ecva]\n", encoding="utf-8")
    assert call("sources").out.startswith("ecva, ECVA: on, with nothing due today\n    programmes of ECCV; pages of papers\n")
    assert call("sources", "--live").out == "No source is turned on, or none has anything to be asked for today.\n"
