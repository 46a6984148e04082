"""Every place of proceedings on loopback, asked by the command line: counts, verdicts, digests, and what goes wrong."""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from crawler.samples import cvf, openreview, pmlr
from crawler.sighting import Author
from jobs.demo_servers import page_server
from storage.database import open_database
from tests.jobs.conftest import Call
from tests.jobs.proceedings_world import (
    CVF,
    ECVA,
    FINDINGS,
    JSON,
    NOTES,
    PMLR,
    SHARED,
    TMLR,
    WORKSHOP,
    World,
    everything,
    title,
)
from tests.storage.factories import page, sighting, write

SETTINGS = """
[paperlark]
timezone = "UTC"
contact = "me@example.org"
[sources.cvf]
editions = ["CVPR2026", "CVPR2026_workshops", "cvpr2026_findings"]
[sources.ecva]
editions = ["ECCV2026"]
[sources.neurips]
editions = ["NeurIPS2025"]
[sources.iclr]
editions = ["ICLR2026"]
[sources.virtual]
editions = ["CVPR2026"]
[sources.pmlr]
editions = ["ICML2026"]
[sources.openreview]
editions = ["ICLR2026"]
[sources.acl]
editions = ["ACL2026"]
[[topics]]
name = "Segmentation"
query = "segmentation"
categories = ["cs.CV"]
[[topics]]
name = "Looms by CCF"
query = "ccf:A looms"
[[subscriptions]]
name = "morning"
"""

COUNTS = {
    ("cvf", "CVPR2026"): ("complete", 7),
    ("cvf", "CVPR2026_workshops"): ("complete", 5),
    ("cvf", "CVPR2026_findings"): ("complete", 2),
    ("ecva", "ECCV2026"): ("complete", 4),
    ("neurips", "NeurIPS2025"): ("complete", 6),
    ("iclr", "ICLR2026"): ("complete", 3),
    ("virtual", "CVPR2026"): ("complete", 2),
    ("pmlr", "ICML2026"): ("complete", 8),
    ("openreview", "ICLR2026"): ("complete", 3),
    ("acl", "ACL2026"): ("complete", 3),
}
"""The verdict and how many papers were read; those of PMLR in its list and once more on the page that follows."""

PREPRINT = sighting(
    "2601.00001",
    title=SHARED.upper(),
    authors=(Author("Ada Lovelace"),),
    announced_on=date(2026, 1, 5),
    seen_at=datetime(2026, 1, 5, 8, tzinfo=UTC),
)
JULY = "2026-07-20T09:00:00+00:00"


@pytest.fixture
def world(alone: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Serve every list, and have the command line ask there."""
    assert alone.is_dir()  # where no address of a mirror is but that of the test
    found = everything()
    with page_server(found.served) as mirror:
        monkeypatch.setenv("PAPERLARK_MIRROR", mirror)
        monkeypatch.setenv("PAPERLARK_NOW", JULY)
        yield found


@pytest.fixture
def folder(alone: Path) -> Path:
    (alone / "paperlark.toml").write_text(SETTINGS, encoding="utf-8")
    return alone


def runs(call: Call, *words: str) -> dict[tuple[str, str, str], dict[str, Any]]:
    said = call("crawl", *words, "--json")
    assert said.err == ""
    return {(one["source"], one["scope"], one["task"]): one for one in json.loads(said.out)["runs"]}


def newest(found: dict[tuple[str, str, str], dict[str, Any]]) -> dict[tuple[str, str], tuple[str, int]]:
    return {key[:2]: (one["verdict"], one["seen"]) for key, one in found.items() if key[2] == "newest"}


def search(call: Call, query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(call("search", query, "--json").out)
    return found


def test_one_crawl_reads_every_place_and_the_next_one_asks_none(world: World, folder: Path, call: Call) -> None:
    with closing(open_database(f"sqlite:///{folder / 'paperlark.db'}")) as database:
        write(database, page(PREPRINT))
    found = runs(call)
    assert newest(found) == COUNTS
    assert not [one["error"] for one in found.values() if one["error"]]
    pages = {source: one["seen"] for (source, _, task), one in found.items() if task == "articles"}
    # The paper that is known as a preprint has an abstract; the others of CVF and ECVA are on pages of their own.
    assert pages == {"cvf": len(CVF) - 1 + len(WORKSHOP) + len(FINDINGS), "ecva": len(ECVA), "neurips": 0}
    assert len(search(call, "segmentation")) == 1 + 6 + 5 + 2 + 4 + 6 + 3 + 1 + 4 + 3  # the shared one of three lists is one
    again = runs(call)
    assert {verdict for verdict, _ in newest(again).values()} == {"quiet"}
    assert {key: one["requests"] for key, one in again.items() if one["requests"]} == {}


def test_a_preprint_and_two_lists_are_one_paper_with_venue_track_and_rank(world: World, folder: Path, call: Call) -> None:
    with closing(open_database(f"sqlite:///{folder / 'paperlark.db'}")) as database:
        write(database, page(PREPRINT))
    call("crawl", "cvf", "virtual")
    (paper,) = search(call, "looms")
    assert (paper["arxiv_id"], paper["venue"]) == ("2601.00001", "CVPR2026")
    shown = json.loads(call("show", "2601.00001", "--json").out)
    assert {one["kind"] for one in shown["events"]} == {"announced", "accepted", "raised"}
    (accepted,) = [one for one in shown["events"] if one["kind"] == "accepted"]
    assert accepted["detail"] == {"venue": "CVPR2026", "track": "oral"}
    assert {one["source"] for one in shown["sightings"]} == {"arxiv", "cvf", "virtual"}
    assert search(call, "venue:CVPR2026 track:oral ccf:A year:2026") == [paper]
    assert len(search(call, 'venue:"CVPR2026 workshop"')) == 5


def test_the_programme_is_one_digest_without_what_was_shown(
    world: World, folder: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A topic's categories do not silence papers of proceedings; what the reader saw as a preprint is an update."""
    del world.pages["openaccess.thecvf.com/CVPR2026?day=all"]
    settings = SETTINGS.partition("[sources.ecva]")[0] + SETTINGS[SETTINGS.index("[[topics]]") :]
    (folder / "paperlark.toml").write_text(settings.replace("[sources.cvf]", "[sources.arxiv]\n[sources.cvf]"), "utf-8")
    with closing(open_database(f"sqlite:///{folder / 'paperlark.db'}")) as database:
        write(database, page(PREPRINT))
    (first,) = json.loads(call("digest", "--json").out)["digests"]
    assert (first["papers"], first["updates"]) == (1, 0)
    early = newest(runs(call, "cvf", "--edition", "CVPR2026"))
    assert early == {("cvf", "CVPR2026"): ("stale", 0)}
    monkeypatch.setenv("PAPERLARK_NOW", "2026-07-21T09:00:00+00:00")
    world.list_cvf(CVF)
    assert newest(runs(call, "cvf"))["cvf", "CVPR2026"] == ("complete", 7)
    (second,) = json.loads(call("digest", "--json").out)["digests"]
    assert (second["papers"], second["updates"]) == (6 + 5 + 2, 1)
    markdown = (folder / next(file for file in second["files"] if file.endswith(".md"))).read_text("utf-8")
    assert "CVPR 2026: 6 new papers for you; you saw 1 as a preprint." in markdown
    assert "**Accepted at CVPR 2026**" in markdown
    assert markdown.count(SHARED.upper()) == 1
    monkeypatch.setenv("PAPERLARK_NOW", "2026-07-22T09:00:00+00:00")
    call("crawl", "cvf")
    (third,) = json.loads(call("digest", "--json").out)["digests"]
    assert (third["papers"], third["updates"]) == (0, 0)


def test_an_edition_of_years_ago_fills_the_store_and_no_digest(world: World, folder: Path, call: Call) -> None:
    old = [cvf.Listed(title="Segmentation in the Days of Old", conference="CVPR", year=2023)]
    world.pages["openaccess.thecvf.com/CVPR2023?day=all"] = ("text/html", cvf.render_list(old, year=2023))
    assert newest(runs(call, "cvf", "--edition", "cvpr2023")) == {("cvf", "CVPR2023"): ("complete", 1)}
    assert len(search(call, "venue:CVPR2023")) == 1
    (digest,) = json.loads(call("digest", "--json").out)["digests"]
    assert digest["papers"] == 0


TRUNCATED = cvf.render_list(CVF)[:-700]
CHALLENGE = b"<!doctype html><html><head><title>Just a moment...</title></head><body></body></html>"


@pytest.mark.slow
@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        (TRUNCATED, "partial"),
        (cvf.render_list(CVF[:2]), "partial"),
        (b"<html><body><h1>It works!</h1></body></html>", "failed"),
        (b"", "failed"),
        (CHALLENGE, "blocked"),
        (cvf.render_list([*CVF, *CVF]), "quiet"),
    ],
    ids=["half a page", "a fall by a fifth", "another page", "nothing", "a challenge", "each paper twice"],
)
def test_a_list_that_has_gone_wrong_takes_nothing_back(
    world: World, call: Call, monkeypatch: pytest.MonkeyPatch, body: bytes, verdict: str
) -> None:
    runs(call, "cvf", "--edition", "CVPR2026")
    before = search(call, "venue:CVPR2026")
    world.pages["openaccess.thecvf.com/CVPR2026?day=all"] = ("text/html", body)
    monkeypatch.setenv("PAPERLARK_NOW", "2026-07-21T09:00:00+00:00")
    said = call("crawl", "cvf", "--edition", "CVPR2026", "--json")
    found = json.loads(said.out)["runs"]
    assert [one["verdict"] for one in found if one["task"] == "newest"] == [verdict]
    assert said.status == int(verdict in ("failed", "blocked"))
    assert search(call, "venue:CVPR2026") == before


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("crawl", "cvf", "--edition", "ICML2026"), "CVF Open Access has no ICML2026; its venues are CVPR, ICCV, WACV, ACCV"),
        (("crawl", "cvf", "--volume", "235"), "CVF Open Access has no volumes"),
        (("crawl", "arxiv", "--edition", "CVPR2026"), "arXiv has no editions"),
        (("crawl", "cvf", "--edition", "CVPR2026_foo"), "it has CVPR2026, CVPR2026_workshops, CVPR2026_findings"),
        (("crawl", "pmlr", "--volume", "../../etc"), "../../etc is no volume of PMLR"),
        (("crawl", "--edition", "CVPR2026"), "--edition and --volume go with one source"),
        (("crawl", "cvf", "--edition", "CVPR2026", "--since", "2026-01-01"), "neither --since nor --limit goes with them"),
    ],
)
def test_what_a_source_has_not_is_said(folder: Path, call: Call, words: tuple[str, ...], why: str) -> None:
    said = call(*words)
    assert (said.status, said.out) == (2, "")
    assert why in said.err


SECRET = "correct horse battery"
WITHOUT_TOKEN = """
[sources.cvf]
editions = ["CVPR2026"]
[sources.openreview]
editions = ["ICLR2026", "ICLR2025"]
token_file = "token"
[[subscriptions]]
name = "morning"
[[topics]]
name = "Segmentation"
query = "segmentation"
"""


def test_a_token_that_cannot_be_had_is_the_trouble_of_its_source_alone(world: World, folder: Path, call: Call) -> None:
    (folder / "paperlark.toml").write_text(WITHOUT_TOKEN, "utf-8")
    (folder / "token").write_text(SECRET, "utf-8")
    (folder / "token").chmod(0o600)
    morning = call("run", "--json")
    told = json.loads(morning.out)
    assert morning.status == 1
    why = "sources.openreview.token: what is there is no token, which has letters, digits and -._~+/= alone"
    assert {(one["source"], one["scope"], one["verdict"], one["error"]) for one in told["runs"] if one["task"] == "newest"} == {
        ("cvf", "CVPR2026", "complete", None),
        ("openreview", "ICLR2026", "failed", f"openreview ICLR2026: {why}"),
        ("openreview", "ICLR2025", "failed", f"openreview ICLR2025: {why}"),
    }
    (digest,) = told["digests"]
    assert digest["papers"] == len(CVF)
    markdown = (folder / next(file for file in digest["files"] if file.endswith(".md"))).read_text("utf-8")
    assert "ICLR 2025 (OpenReview) and ICLR 2026 (OpenReview) could not be read" in markdown
    status = call("status")
    assert status.status == 1
    assert why in " ".join(status.out.split())
    for words in (("crawl", "openreview"), ("crawl", "openreview", "--edition", "ICLR2026")):
        said = call(*words)
        assert (said.status, said.out, said.err) == (2, "", f"paperlark: {why}\n")
    checked = call("check")
    assert checked.status == 2
    assert f"✗ source: OpenReview, ICLR2026, ICLR2025: {why}" in checked.out
    assert call("sources", "--live").status == 1
    spoken = [morning, status, checked, call("sources"), call("sources", "--live", "--json"), call("ledger", "--json")]
    assert SECRET not in "".join(said.out + said.err for said in spoken) + markdown


ANOTHER = openreview.Submitted(id="tmlr000009", title="Segmentation at Last", venueid="TMLR", venue="Accepted by TMLR")


def test_a_journal_is_read_first_without_news_and_then_day_by_day(
    world: World, folder: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "paperlark.toml").write_text(
        SETTINGS.replace('editions = ["ICLR2026"]', "", 2).replace("[sources.iclr]", ""), "utf-8"
    )
    found = newest(runs(call, "openreview"))
    assert found["openreview", "TMLR"] == ("complete", 2)
    assert found["openreview", "ICLR2026"] == ("complete", 3)  # due about now, without being named
    assert len(search(call, "venue:TMLR")) == 2
    (digest,) = json.loads(call("digest", "--json").out)["digests"]
    assert digest["papers"] == 3
    world.pages[TMLR] = (JSON, openreview.answer_notes(f"https://{TMLR}", (*NOTES, ANOTHER)))
    monkeypatch.setenv("PAPERLARK_NOW", "2026-07-21T09:00:00+00:00")
    assert newest(runs(call, "openreview"))["openreview", "TMLR"] == ("complete", 3)
    (digest,) = json.loads(call("digest", "--json").out)["digests"]
    assert digest["papers"] == 1


def test_since_a_day_is_every_edition_since(world: World, folder: Path, call: Call) -> None:
    old = [cvf.Listed(title="Segmentation in the Days of Old", conference="CVPR", year=2024)]
    world.pages["openaccess.thecvf.com/CVPR2024?day=all"] = ("text/html", cvf.render_list(old, year=2024))
    found = newest(runs(call, "cvf", "--since", "2024-03-01"))
    assert {scope for _, scope in found} == {
        *("CVPR2024", "ACCV2024", "WACV2025", "CVPR2025", "ICCV2025", "WACV2026", "CVPR2026"),
    }
    assert (found["cvf", "CVPR2024"], found["cvf", "CVPR2026"]) == (("complete", 1), ("complete", 7))
    assert {scope for _, scope in newest(runs(call, "cvf", "--since", "2024-06-15", "--until", "2024-12-31"))} == {
        *("CVPR2024", "ACCV2024"),
    }


def test_a_programme_that_nobody_named_is_looked_for_until_it_is_out_and_then_for_additions(
    world: World, folder: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    del world.pages["openaccess.thecvf.com/CVPR2026?day=all"]
    (folder / "paperlark.toml").write_text("[sources.cvf]\n", encoding="utf-8")
    looks = []
    for moment in ("2026-07-10", "2027-01-15", "2027-01-22", "2028-02-25", "2028-02-27"):
        monkeypatch.setenv("PAPERLARK_NOW", f"{moment}T09:00:00+00:00")
        looks.append(newest(runs(call, "cvf")).get(("cvf", "CVPR2026"), ("", 0))[0])
        if moment == "2027-01-15":
            world.list_cvf(CVF)
    assert looks == ["stale", "quiet", "complete", "quiet", ""]
    (cvf_,) = [one for one in json.loads(call("sources", "--json").out)["sources"] if one["source"] == "cvf"]
    assert "CVPR2026" not in cvf_["scopes"]
    assert "WACV2028" in cvf_["scopes"]


def test_a_run_that_asks_nothing_does_not_put_the_next_look_off(
    world: World, folder: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    del world.pages["openaccess.thecvf.com/CVPR2026?day=all"]
    (folder / "paperlark.toml").write_text(SETTINGS.replace(', "CVPR2026_workshops", "cvpr2026_findings"', ""), "utf-8")
    looks = []
    for moment in ("20T09", "20T21", "21T09", "21T21", "22T09"):
        monkeypatch.setenv("PAPERLARK_NOW", f"2026-05-{moment}:00:00+00:00")
        looks.append(runs(call, "cvf")["cvf", "CVPR2026", "newest"])
        if moment == "21T21":
            world.list_cvf(CVF)
    assert [bool(look["requests"]) for look in looks] == [True, False, True, False, True]
    assert [look["verdict"] for look in looks] == [*["quiet"] * 4, "complete"]


WORKSHOPS = "openaccess.thecvf.com/CVPR2026_workshops/"


def on(monkeypatch: pytest.MonkeyPatch, day: int, hour: int = 9) -> None:
    monkeypatch.setenv("PAPERLARK_NOW", f"2026-07-{day}T{hour:02}:00:00+00:00")


def test_a_workshop_that_is_missing_costs_none_of_the_others_and_its_papers_come_when_it_is_there(
    world: World, folder: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = world.pages.pop(f"{WORKSHOPS}NTIRE")
    key = ("cvf", "CVPR2026_workshops", "newest")
    looks = [runs(call, "cvf")[key], runs(call, "cvf")[key]]
    (digest,) = json.loads(call("digest", "--json").out)["digests"]
    assert digest["papers"] == len(CVF) + len(FINDINGS) + 2  # those of the other workshop
    world.pages[f"{WORKSHOPS}NTIRE"] = missing
    on(monkeypatch, 21)
    looks.append(runs(call, "cvf")[key])
    (digest,) = json.loads(call("digest", "--json").out)["digests"]
    assert digest["papers"] == 3
    assert [(look["verdict"], bool(look["requests"])) for look in looks] == [
        *[("partial", True), ("partial", False), ("complete", True)],
    ]
    assert f"1 page of the list could not be read: HTTP status 404 (https://{WORKSHOPS}NTIRE)" in looks[0]["error"]


def test_a_programme_that_was_read_in_part_and_is_gone_needs_a_person(
    world: World, folder: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.pages["openaccess.thecvf.com/CVPR2026?day=all"] = ("text/html", TRUNCATED)
    assert newest(runs(call, "cvf"))["cvf", "CVPR2026"][0] == "partial"
    del world.pages["openaccess.thecvf.com/CVPR2026?day=all"]
    on(monkeypatch, 21)
    said = call("crawl", "cvf", "--json")
    (look,) = [one for one in json.loads(said.out)["runs"] if (one["scope"], one["task"]) == ("CVPR2026", "newest")]
    assert (look["verdict"], said.status) == ("failed", 1)
    assert "the list was there before" in look["error"]


def test_a_list_whose_addresses_have_changed_announces_nothing_twice(
    world: World, folder: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks, papers = [], []
    for day, address in ((20, ""), (21, "_new"), (22, "_new"), (23, "_new")):
        on(monkeypatch, day)
        markup = cvf.render_list(CVF).replace(b"_paper.html", f"{address}_paper.html".encode())
        world.pages["openaccess.thecvf.com/CVPR2026?day=all"] = ("text/html", markup)
        looks.append(runs(call, "cvf", "--edition", "CVPR2026")["cvf", "CVPR2026", "newest"]["verdict"])
        (digest,) = json.loads(call("digest", "--json").out)["digests"]
        papers.append((digest["papers"], digest["updates"]))
    assert looks == ["complete", "complete", "quiet", "quiet"]
    assert papers == [(len(CVF), 0), *[(0, 0)] * 3]


def test_a_journal_with_an_entry_that_cannot_be_read_tells_what_is_new(
    world: World, folder: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = SETTINGS.replace('[sources.openreview]\neditions = ["ICLR2026"]', "[sources.openreview]\neditions = []")
    (folder / "paperlark.toml").write_text(settings, "utf-8")
    broken = openreview.Submitted(id="tmlr000008", title="", venueid="TMLR", venue="Accepted by TMLR")
    news = []
    for day, notes in ((20, (*NOTES, broken)), (21, (*NOTES, broken, ANOTHER)), (22, (*NOTES, broken, ANOTHER))):
        on(monkeypatch, day)
        world.pages[TMLR] = (JSON, openreview.answer_notes(f"https://{TMLR}", notes))
        assert newest(runs(call, "openreview"))["openreview", "TMLR"][0] == "partial"
        (digest,) = json.loads(call("digest", "--json").out)["digests"]
        news.append(digest["papers"])
    assert news == [3, 1, 0]  # at first those of ICLR2026, whose month it is


def test_a_paper_that_is_added_on_two_pages_of_a_list_is_one_and_announced_once(
    world: World, folder: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PMLR tells of each paper in a file, and once more on the page that follows."""
    numbers, late = [], pmlr.Paper(name="lovelace26z", title=title("PMLR", 0))
    for day, volume in ((20, PMLR), (21, replace(PMLR, papers=(*PMLR.papers, late)))):
        on(monkeypatch, day)
        index = pmlr.render_list([volume]) + f"# as of July {day}\n".encode()
        world.pages["proceedings.mlr.press/proceedings.yaml"] = ("text/yaml", index)
        world.pages["proceedings.mlr.press/v300/"] = ("text/html", pmlr.render_volume(volume))
        world.pages["proceedings.mlr.press/v300/assets/bib/citeproc.yaml"] = ("text/yaml", pmlr.render_citeproc(volume))
        assert newest(runs(call, "pmlr", "--edition", "ICML2026"))["pmlr", "ICML2026"][0] == "complete"
        (digest,) = json.loads(call("digest", "--json").out)["digests"]
        numbers.append((digest["papers"], len(search(call, "segmentation"))))
    assert numbers == [(4, 4), (1, 5)]


def test_a_paper_that_a_later_page_of_a_list_gains_is_news_though_the_first_has_not_changed(
    world: World, folder: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    on(monkeypatch, 20)
    assert newest(runs(call, "cvf"))["cvf", "CVPR2026_workshops"][0] == "complete"
    added = cvf.Listed(title="Segmentation Added to a Workshop Later On", part="W", workshop="NTIRE")
    world.pages["openaccess.thecvf.com/CVPR2026_workshops/NTIRE"] = ("text/html", cvf.render_list((*WORKSHOP[:3], added)))
    on(monkeypatch, 21)
    looks = runs(call, "cvf")
    assert newest(looks)["cvf", "CVPR2026_workshops"] == ("complete", len(WORKSHOP) + 1)
    assert len(search(call, '"added to a workshop"')) == 1


def test_a_page_that_changes_and_gains_nothing_is_known_by_its_new_stamp(
    world: World, folder: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    on(monkeypatch, 20)
    runs(call, "cvf")
    listing = "openaccess.thecvf.com/CVPR2026?day=all"
    kind, body = world.pages[listing]
    world.pages[listing] = (kind, body.replace(b"</body>", b"<!-- made anew --></body>"))
    seen = []
    for day in (21, 22):
        on(monkeypatch, day)
        seen.append(runs(call, "cvf")["cvf", "CVPR2026", "newest"]["seen"])
    # Read once, and then not changed: a page of which nothing comes has no entries.
    assert seen == [len(CVF), 0]
