"""The command line as its users meet it: what it prints, in words and as JSON, and how it ends."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import typer

from crawler.samples.days import MORNINGS
from jobs.cli import app
from jobs.demo_servers import mail_server, page_server
from jobs.init import toml
from jobs.settings import load_settings
from storage.candidates import Everything
from storage.database import HEAD, open_database
from storage.leases import lease
from storage.outbox import Message, enqueue
from storage.papers import search
from tests.jobs.conftest import Call
from tests.storage import factories

ROOT = Path(__file__).parent.parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
FRIDAY = "2026-01-16T12:00:00+08:00"
POSE = "2601.08982"

CRAWL = {
    "source",
    "scope",
    "route",
    "verdict",
    "announced_on",
    "requests",
    "seen",
    "new",
    "updated",
    "rejected",
    "seconds",
    "error",
}
DIGEST = {"subscription", "period", "papers", "updates", "files"}
SEND = {"subscription", "recipient", "state", "attempts", "message_id", "error"}
PAPER = {"id", "title", "authors", "arxiv_id", "doi", "venue", "code_urls", "url", "announced_on"}
SHOWN = {*PAPER, "identifiers", "versions", "sightings", "events"}
SOURCE = {"source", "scope", "verdict", "announced_on", "expected", "seen", "at"}


@pytest.fixture
def friday(demo: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in the demo's folder at noon of its second day."""
    monkeypatch.setenv("PAPERLARK_NOW", FRIDAY)
    return demo


@pytest.fixture
def morning(alone: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Stand in a folder of one's own on the demo's first morning, with the web and a mail server at hand."""
    monkeypatch.setenv("PAPERLARK_NOW", MORNINGS[0].now.isoformat())
    with page_server(MORNINGS[0].pages) as mirror, mail_server(alone / "mail") as port:
        monkeypatch.setenv("PAPERLARK_MIRROR", mirror)
        reader = 'name = "morning"\nemail = "reader@example.org"'
        smtp = f'[smtp]\nhost = "127.0.0.1"\nport = {port}\nsecurity = "none"\nfrom = "lark@example.org"'
        write(alone / "paperlark.toml", reader=reader, smtp=smtp)
        yield alone


def write(path: Path, query: str = "segmentation", reader: str = 'name = "morning"', smtp: str = "") -> Path:
    """Write settings that are good for everything but mail."""
    text = f"""
[sources.arxiv]
categories = ["cs.CV"]
[[topics]]
name = "Segmentation"
query = {toml(query)}
[[subscriptions]]
{reader}
{smtp}
"""
    path.write_text(text, encoding="utf-8")
    return path


def paperlark(*words: str, folder: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a process of its own, with the shell's pipes around it: `words` end up in `sh -c`."""
    command = f"{sys.executable} -c 'from jobs.cli import main; main()' {' '.join(words)}"
    known = {**os.environ, "PYTHONPATH": str(ROOT), **environ}
    pipe = ["bash", "-o", "pipefail", "-c", command]
    return subprocess.run(pipe, cwd=folder, env=known, capture_output=True, encoding="utf-8", errors="replace", check=False)


# What is documented.


def commands(group: Any = None, before: str = "") -> dict[str, Any]:
    """Return every command there is by the words that call it."""
    found = {}
    top: Any = typer.main.get_command(app)
    for name, command in (group or top).commands.items():
        inner = getattr(command, "commands", None)
        found.update(commands(command, f"{before}{name} ") if inner else {f"{before}{name}": command})
        if inner and command.invoke_without_command:
            found[f"{before}{name}"] = command
    return found


def documented() -> dict[str, str]:
    """Return the rows of the README's table of commands: the call by the words that begin it."""
    rows = re.findall(r"^\| `paperlark ([^`]+)` \|", README, re.MULTILINE)
    return {re.split(r" (?=[A-Z\[-])", row)[0]: row for row in rows}


def test_the_readme_and_the_commands_are_in_step() -> None:
    assert sorted(documented()) == sorted(commands())


@pytest.mark.parametrize("name", sorted(commands()))
def test_every_option_of_a_command_is_in_the_readme(name: str) -> None:
    options = {text for parameter in commands()[name].params for text in parameter.opts if text.startswith("--")}
    assert set(re.findall(r"--[a-z-]+", documented()[name])) == options - {"--config"}
    assert ("--config" in options) == (name not in ("demo", "init"))


@pytest.mark.parametrize("name", sorted(commands()))
def test_every_command_has_help_that_fits(name: str, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    said = call(*name.split(), "--help")
    assert (said.status, said.err) == (0, "")
    assert said.out.startswith(f"Usage: paperlark {name} ")
    assert all(len(line) <= 80 for line in said.out.splitlines())


def test_the_list_of_commands_has_whole_sentences(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    listed = call("--help").out.partition("Commands:\n")[2].splitlines()
    assert len(listed) == len({name.split()[0] for name in commands()})
    assert all(line.endswith(".") and not line.endswith("...") for line in listed)


def test_the_settings_of_the_readme_load(tmp_path: Path) -> None:
    example = re.search(r"```toml\n(.*?)```", README, re.DOTALL)
    assert example is not None
    (tmp_path / "paperlark.toml").write_text(example[1], encoding="utf-8")
    settings = load_settings(tmp_path / "paperlark.toml", {"PAPERLARK_SMTP_PASSWORD": "x"})
    assert settings.subscriptions[0].topics == (settings.topics[0].name,)
    assert settings.smtp is not None


def test_the_mistake_in_the_readme_is_told_so(call: Call) -> None:
    example = re.search(r"^    \$ paperlark search '(.*)'\n    (paperlark: .*)$", README, re.MULTILINE)
    assert example is not None
    said = call("search", example[1])
    assert said.err.splitlines()[0] == example[2]


# Without settings, and with wrong ones.


def test_in_an_empty_folder_every_question_is_answered(call: Call) -> None:
    assert "Nothing was asked yet: paperlark run" in call("status").out
    assert call("send").out == "Nothing to send.\n"
    assert call("search", "engine").out == "No paper in the store matches.\n"
    assert json.loads(call("search", "engine", "--json").out) == []
    assert call("export").out == ""
    said = call("check")
    assert said.status == 0
    assert "✓ settings: none, so arXiv cs.CV and Hugging Face with six starter topics; your own: paperlark init" in said.out
    assert "✓ mail: none, digests are files only" in said.out


def test_a_run_without_settings_says_what_it_did(call: Call, alone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAPERLARK_NOW", MORNINGS[0].now.isoformat())
    with page_server(MORNINGS[0].pages) as mirror:
        monkeypatch.setenv("PAPERLARK_MIRROR", mirror)
        said = call("run")
    assert said.status == 0
    assert "✓ arXiv cs.CV: all 19 of 19 announced on 15 January" in said.out
    assert "There is no paperlark.toml here, so this was arXiv cs.CV and Hugging Face, six starter topics" in said.out
    files = sorted((alone / "paperlark-digests").rglob("morning.*"))
    assert [path.suffix for path in files] == [".html", ".md"]
    assert str(files[0].relative_to(alone)) in said.out
    assert "arxiv cs.CV, listing: 19 of 19 papers read" in said.err


@pytest.mark.parametrize("words", [("status",), ("check",), ("crawl",), ("run",), ("db", "upgrade"), ("search", "engine")])
def test_every_mistake_of_the_settings_is_a_line(call: Call, alone: Path, words: tuple[str, ...]) -> None:
    (alone / "paperlark.toml").write_text('[paperlark]\ntimezone = "Mars"\nlanguage = "fr"\n[nonsense]\n', encoding="utf-8")
    said = call(*words)
    lines = (said.out if words == ("check",) else said.err).splitlines()
    assert (said.status, len(lines)) == (2, 3)
    assert all("paperlark.toml: " in line for line in lines)
    assert not list(alone.glob("*.db"))


def test_the_settings_are_named_before_or_after_the_command(call: Call, alone: Path) -> None:
    write(alone / "other.toml", reader='name = "evening"')
    assert "evening, " in call("--config", "other.toml", "digest").out
    assert "evening, " in call("digest", "--config", "other.toml").out
    (alone / "paperlark.toml").write_text("nonsense")
    assert call("--config", "other.toml", "db", "upgrade").status == 0
    assert call("db", "upgrade", "--config", "other.toml").status == 0
    assert call("--config", "paperlark.toml", "digest", "--config", "other.toml").status == 0
    said = call("digest", "--config", "missing.toml")
    assert (said.status, said.err) == (
        2,
        "paperlark: missing.toml: there is no such file; this writes one: paperlark init\n",
    )


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("crawl", "nosuch"), "there is no source nosuch; known: acl, arxiv, cvf"),
        (("digest", "nobody"), "there is no subscription nobody; known: morning"),
        (("digest", "--dry-run", "nobody"), "there is no subscription nobody; known: morning"),
        (("export", "--format", "word"), "there is no format word; known: jsonl"),
        (("digest", "--on", "yesterday"), "yesterday is no day; write it as 2026-01-15"),
        (("digest", "--on", "2026-02-30"), "2026-02-30 is no day; write it as 2026-01-15"),
        (("search", "a", "--limit", "0"), "--limit"),
        (("search",), "QUERY"),
        (("nonsense",), "nonsense"),
        (("crawl", "--nonsense"), "--nonsense"),
    ],
)
def test_a_wrong_call_ends_2_and_says_why(call: Call, words: tuple[str, ...], why: str) -> None:
    said = call(*words)
    assert (said.status, said.out) == (2, "")
    assert why in said.err


def test_a_source_that_is_off_is_told_how_to_be_turned_on(call: Call, alone: Path) -> None:
    (alone / "paperlark.toml").write_text("[sources]\n")
    assert call("crawl", "arxiv").err == "paperlark: arxiv is not turned on: add [sources.arxiv] to the settings\n"
    said = call("crawl")
    assert (said.status, said.out) == (0, "No source is turned on; add [sources.arxiv] to the settings.\n")
    assert "no subscription in the settings" in call("digest").out
    assert "no subscription in the settings" in call("digest", "--dry-run").out
    assert json.loads(call("digest", "--json").out) == {"digests": []}


@pytest.mark.parametrize(
    ("query", "lines"),
    [
        ("segmentation AND (medical OR", ["column 27", "segmentation AND (medical OR", " " * 26 + "^"]),
        ("医学 AND", ["column 4", "医学 AND", " " * 5 + "^"]),
        ("NOT engine", ["column", "NOT engine", "^"]),
        ("a\x1b[31m\nb (", ["column", "a [31m b (", "^"]),
        ("(" + "word " * 100, ["column"]),
    ],
)
def test_a_mistake_in_a_query_is_pointed_at(call: Call, query: str, lines: list[str]) -> None:
    said = call("search", query)
    assert (said.status, said.out) == (2, "")
    told = said.err.splitlines()
    assert len(told) == len(lines)
    assert lines[0] in told[0]
    assert [line.removeprefix("paperlark:     ") for line in told[1:2]] == lines[1:2]
    assert [line.removeprefix("paperlark:     ").endswith(lines[-1]) for line in told[2:]] == [True] * len(lines[2:])
    assert "\x1b" not in said.err


# The day's work.


def test_the_daily_job(call: Call, morning: Path) -> None:
    said = call("run", "--json")
    done = json.loads(said.out)
    assert (said.status, said.err) == (0, "")
    assert set(done) == {"runs", "digests", "deliveries"}
    (run,), (digest,), deliveries = done["runs"], done["digests"], done["deliveries"]
    assert run.keys() >= CRAWL
    assert digest.keys() >= DIGEST
    assert all(one.keys() >= SEND for one in deliveries)
    expected = ("arxiv", "cs.CV", "listing", "complete", "2026-01-15", 19, 19, 0, None)
    names = ("source", "scope", "route", "verdict", "announced_on", "seen", "new", "rejected", "error")
    assert tuple(run[name] for name in names) == expected
    assert all(Path(file).is_file() for file in digest["files"])
    assert [(one["form"], one["state"], one["attempts"]) for one in deliveries] == [
        ("markdown", "sent", 1),
        ("html", "sent", 1),
        ("mail", "sent", 1),
    ]
    (mail,) = (morning / "mail").glob("*.eml")
    assert deliveries[-1]["message_id"] in mail.read_text()
    again = json.loads(call("run", "--json").out)
    assert (again["runs"][0]["verdict"], again["runs"][0]["new"]) == ("quiet", 0)
    assert [one["state"] for one in again["digests"]] == ["stored"]
    assert again["deliveries"] == []
    assert len(list((morning / "mail").glob("*.eml"))) == 1


def test_the_daily_job_step_by_step(call: Call, morning: Path) -> None:
    said = call("crawl")
    assert (said.status, said.out.splitlines()[0]) == (0, "✓ arXiv cs.CV: all 19 of 19 announced on 15 January")
    assert "19 papers read" in said.err
    crawled = json.loads(call("crawl", "arxiv", "--json").out)
    assert [one["verdict"] for one in crawled["runs"]] == ["quiet"]
    said = call("digest", "morning")
    assert said.status == 0
    assert "paperlark-digests/2026-01-15/morning.md" in said.out
    assert "1 mail in the outbox; this sends what is due: paperlark send" in said.out
    assert (morning / "paperlark-digests/2026-01-15/morning.html").is_file()
    assert not list((morning / "mail").glob("*.eml"))
    sent = json.loads(call("send", "--json").out)
    assert [one["state"] for one in sent["deliveries"]] == ["sent"]
    assert call("send").out == "Nothing to send.\n"
    assert "in the outbox" not in call("digest").out


def test_a_server_that_does_not_answer_defers_the_mail_and_needs_a_person(call: Call, morning: Path) -> None:
    with closing(open_database(f"sqlite:///{morning / 'paperlark.db'}")) as database, database.writing() as connection:
        message = Message(
            subscription="morning", period="2026-01-14", form="mail", recipient="a@example.org", message_id="<1@a>", body=b"x"
        )
        enqueue(connection, [message], datetime(2026, 1, 15, tzinfo=UTC))
    text = (morning / "paperlark.toml").read_text()
    (morning / "paperlark.toml").write_text(re.sub(r"port = \d+", "port = 9", text))
    said = call("send")
    assert said.status == 1
    assert said.out.startswith("! morning, 2026-01-14: mail to a@example.org, not sent yet; next try with the next run")
    assert call("status").status == 1


def test_another_process_at_the_source_is_told_and_fails_nothing(call: Call, morning: Path) -> None:
    with closing(open_database(f"sqlite:///{morning / 'paperlark.db'}")) as database, lease(database, "site:arxiv.org") as held:
        assert held
        said = call("crawl")
    assert (said.status, said.out.splitlines()[0]) == (0, "! arXiv cs.CV: another Paperlark process is asking arXiv now")


def test_a_place_where_no_digest_can_be_written_needs_a_person(call: Call, alone: Path) -> None:
    write(alone / "paperlark.toml")
    (alone / "paperlark-digests").write_text("a file in the way")
    said = call("digest")
    assert said.status == 1
    assert sum(line.startswith("✗ ") for line in said.out.splitlines()) == 2
    assert (call("status").status, call("send").status) == (1, 1)
    assert "✗ morning, " in call("send").out
    (alone / "paperlark-digests").unlink()
    assert call("send").status == 0
    assert call("status").status == 0


def test_what_went_wrong_at_a_source_is_1(call: Call, alone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(alone / "paperlark.toml")
    monkeypatch.setenv("PAPERLARK_NOW", MORNINGS[0].now.isoformat())
    with page_server(dict) as mirror:
        monkeypatch.setenv("PAPERLARK_MIRROR", mirror)
        said = call("crawl")
        assert (said.status, said.out[0]) == (1, "✗")
        assert json.loads(call("run", "--json").out)["runs"][0]["verdict"] == "failed"
    assert call("status").status == 1


# Looking, without changing anything.


def test_the_digest_of_a_day(call: Call, friday: Path) -> None:
    stored = (friday / "digests/2026-01-15/morning.md").read_text(encoding="utf-8")
    assert call("digest", "morning", "--on", "2026-01-15").out.rstrip("\n") == stored.rstrip("\n")
    told = json.loads(call("digest", "--on", "2026-01-15", "--json").out)["digests"]
    assert [(one["subscription"], one["period"], one["state"]) for one in told] == [
        ("morning", "2026-01-15", "stored"),
        ("早报", "2026-01-15", "stored"),
    ]
    assert all(Path(file).is_file() for one in told for file in one["files"])
    told = json.loads(call("digest", "--dry-run", "--json").out)["digests"]
    assert [(one["papers"], one["updates"], one["state"], one["files"]) for one in told] == [(0, 0, "preview", [])] * 2
    assert "# Friday, 16 January 2026" in call("digest", "--dry-run", "morning").out
    assert "written before; what came since will be in the next one" in call("digest").out


def test_the_status(call: Call, friday: Path) -> None:
    said = call("status")
    assert said.status == 0
    assert (
        "✓ arXiv cs.CV: all 18 of 18 announced on 16 January\n    asked Fri 16 Jan 10:30, next at Mon 19 Jan 09:30" in said.out
    )
    assert "! arXiv cs.LG: still the list of 15 January, although a newer one was due" in said.out
    assert "✓ Fri 16 Jan 10:30  digest 早报, 2026-01-16: 12 new papers, 3 updates" in said.out
    assert said.out.endswith("Outbox: 12 sent\n")
    state = json.loads(call("status", "--json").out)
    assert set(state) >= {"sources", "runs", "outbox"}
    assert all(one.keys() >= SOURCE for one in state["sources"])
    verdicts = [(one["scope"], one["verdict"]) for one in state["sources"]]
    assert verdicts == [("cs.CV", "complete"), ("cs.LG", "stale"), ("WACV2026", "complete"), ("", "complete")]
    assert state["outbox"] == {"sent": 12}
    assert [run["state"] for run in state["runs"]] == ["done"] * 10


def test_papers_with_code_are_listed_as_a_table(call: Call, friday: Path) -> None:
    said = call("list", "--with-code", "--sort", "stars")
    head, _, *rows = said.out.splitlines()
    assert (said.status, head) == (0, "| Paper | Code | Stars | Venue |")
    assert [row.split(" | ")[2] for row in rows] == ["17", "9", "", ""]
    assert "https://github.com/Ritabrata04/cdod-icpr" in rows[0]
    assert len(call("list").out.splitlines()) > len(rows) + 2
    assert [
        one["stars"] for one in json.loads(call("list", "--with-code", "--sort", "stars", "--limit", "2", "--json").out)
    ] == [17, 9]
    assert call("list", "--venue", "CVPR2026").out == "No paper in the store matches.\n"
    cut = call("list", "--limit", "2")
    assert (len(cut.out.splitlines()), cut.err) == (4, "paperlark: these are the first 2; for more of them: --limit 4\n")
    starred = call("search", "code:yes", "--sort", "stars", "--limit", "1").out
    assert starred.endswith("The first 1 of 4; all of them: --limit 4\n")
    assert call("list", "--sort", "age").err == "paperlark: --sort: newest or stars, not age\n"
    found = json.loads(call("search", "code:yes", "stars:>9", "--sort", "stars", "--json").out)
    assert [one["arxiv_id"] for one in found] == ["2601.09497"]


def test_searching(call: Call, friday: Path) -> None:
    found = json.loads(call("search", "segmentation", "--json").out)
    assert all(one.keys() >= PAPER for one in found)
    (pose,) = (one for one in found if one["arxiv_id"] == POSE)
    assert pose["url"] == f"https://arxiv.org/abs/{POSE}"
    assert (pose["announced_on"], pose["venue"], pose["code_urls"]) == (
        "2026-01-15",
        None,
        ["https://github.com/MiraPurkrabek/BBoxMaskPose"],
    )
    assert pose["authors"] == ["Constantin Kolomiiets", "Miroslav Purkrabek", "Jiri Matas"]
    many = json.loads(call("search", "NOT", "nonsense", "category:cs.CV", "--json").out)
    assert len(many) > 20
    assert json.loads(call("search", "NOT nonsense category:cs.CV", "--limit", "3", "--json").out) == many[:3]
    said = call("search", "title:pose")
    assert "SAM-pose2seg: Pose-Guided Human Instance Segmentation in Crowds\n" in said.out
    assert f"    https://arxiv.org/abs/{POSE}" in said.out
    assert all(len(line) <= 80 for line in said.out.splitlines() if "://" not in line)


def test_what_the_limit_cuts_off_is_counted(call: Call, friday: Path) -> None:
    whole = call("search", "category:cs.CV").out
    hits = whole.count("https://arxiv.org/abs/")
    assert "--limit" not in whole
    cut = call("search", "category:cs.CV", "--limit", "3").out
    assert cut.count("https://arxiv.org/abs/") == 3
    assert cut.splitlines()[-1] == f"The newest 3 of {hits}; all of them: --limit {hits}"
    assert len(json.loads(call("search", "category:cs.CV", "--limit", "3", "--json").out)) == 3


@pytest.mark.parametrize(("text", "name"), [("2601.99999", "arxiv:2601.99999"), ("10.1000/182", "doi:10.1000/182")])
def test_a_search_for_a_name_that_finds_nothing_says_how_to_ask_for_it(call: Call, text: str, name: str) -> None:
    said = call("search", text)
    assert (said.status, said.out) == (
        0,
        f"No paper in the store matches.\nTo see the paper of that name: paperlark show {name}\n",
    )
    assert call("search", text, "--json").out == "[]\n"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (f"arXiv:{POSE}", f"arxiv:{POSE}"),
        (f"https://arxiv.org/abs/{POSE}v1", f"arxiv:{POSE}"),
        ("https://doi.org/10.1016/S0031-3203(99)00137-5", "'doi:10.1016/s0031-3203(99)00137-5'"),
    ],
)
def test_a_search_for_a_name_that_is_no_query_says_how_to_ask_for_it(call: Call, text: str, name: str) -> None:
    said = call("search", text)
    assert (said.status, said.out) == (2, "")
    assert said.err == f"paperlark: this is the name of a paper and no query; to see that paper: paperlark show {name}\n"


@pytest.mark.parametrize("name", [POSE, f"arXiv:{POSE}v1", f"https://arxiv.org/pdf/{POSE}", "id"])
def test_showing_a_paper(call: Call, friday: Path, name: str) -> None:
    if name == "id":
        (name,) = (one["id"] for one in json.loads(call("search", "author:Purkrabek", "--json").out))
    shown = json.loads(call("show", name, "--json").out)
    assert shown.keys() >= SHOWN
    assert shown["identifiers"] == [f"arxiv:{POSE}"]
    assert [(one["version"], one["on"]) for one in shown["versions"]] == [(1, "2026-01-15"), (2, "2026-01-16")]
    assert [(one["kind"], one["on"], one["detail"]["version"]) for one in shown["events"]] == [
        ("announced", "2026-01-15", 1),
        ("revised", "2026-01-16", 2),
    ]
    assert shown["sightings"][0].items() >= {"source": "arxiv", "key": POSE}.items()
    said = call("show", name)
    assert "15 January: announced" in said.out
    assert "16 January: a new version (v2)" in said.out
    assert f"arxiv:{POSE}" in said.out
    assert f"Hugging Face: https://huggingface.co/papers/{POSE}" in said.out
    # An address is not broken, however long it is.
    assert all(len(line) <= 80 or ": https://" in line for line in said.out.splitlines())


def test_where_the_code_is_and_who_says_so_is_shown(call: Call, friday: Path) -> None:
    said = call("show", "2601.09497").out.splitlines()
    assert "code: https://github.com/Ritabrata04/cdod-icpr (Hugging Face)" in said
    assert "code: https://github.com/MiraPurkrabek/BBoxMaskPose (the authors, official)" in call("show", POSE).out


def test_what_papers_with_code_has_told_is_shown_by_any_name(call: Call, alone: Path, tmp_path: Path) -> None:
    page = "https://proceedings.example.org/engine"
    told = {
        "paper_url": "https://paperswithcode.com/paper/engine",
        "title": "An Engine",
        "abstract": "It weaves.",
        "url_abs": page,
    }
    entry = {**told, "tasks": ["Weaving"], "methods": [{"name": "Loom"}], "proceeding": "CVPR 2023 1"}
    dump = tmp_path / "papers.json"
    dump.write_text(json.dumps([entry, {**entry, "tasks": ["Spinning"]}]))
    assert call("import", str(dump)).status == 0
    said = call("show", page).out
    assert "venues: CVPR2023\ntasks: Spinning, Weaving\nmethods: Loom\n" in said
    assert said.count("read at Papers with Code") == 1
    assert call("show", "https://proceedings.example.org/other").status == 1


@pytest.mark.parametrize("name", ["2601.99999", "nonsense", "paperlark:999999", "paperlark:x", ":", "doi:10.1/x", "10.1/x"])
def test_a_paper_that_is_not_there(call: Call, name: str) -> None:
    said = call("show", name)
    assert (said.status, said.out) == (1, "")
    help_ = "to ask arXiv: --fetch; to look for words: paperlark search"
    assert said.err == f"paperlark: no paper here is called {name}; {help_}\n"


def test_the_export_has_every_paper_on_a_line(call: Call, friday: Path) -> None:
    said = call("export", "--format", "jsonl")
    papers = [json.loads(line) for line in said.out.splitlines()]
    with closing(open_database(f"sqlite:///{friday / 'paperlark.db'}")) as database, database.reading() as connection:
        stored = list(search(connection, Everything()))
    assert all(one.keys() >= {*PAPER, "abstract", "categories"} for one in papers)
    assert [one["id"] for one in papers] == [f"paperlark:{one.id}" for one in stored]


# Settings and store.


def test_init_writes_settings_that_work(call: Call, alone: Path) -> None:
    said = call("init", "mine")
    assert (said.status, said.out) == (
        0,
        "Wrote mine/paperlark.toml. Read it through, then: paperlark check, paperlark run\n",
    )
    assert call("--config", "mine/paperlark.toml", "check").status == 0
    said = call("init", "mine")
    assert (said.status, said.out) == (2, "")
    assert "is there already" in said.err
    assert call("init").status == 0
    assert (alone / "paperlark.toml").is_file()


def test_an_upgrade_says_where_the_store_is(call: Call, alone: Path) -> None:
    for _ in range(2):
        said = call("db", "upgrade")
        assert (said.status, said.out) == (0, f"The store is at {HEAD}.\n")
    assert (alone / "paperlark.db").is_file()


def test_an_old_store_is_copied_before_it_is_upgraded(call: Call, alone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    call("db", "upgrade")
    monkeypatch.setattr("storage.database.HEAD", "9999")
    monkeypatch.setattr("jobs.caring.HEAD", "9999")
    said = call("db", "upgrade")
    (backup,) = alone.glob("paperlark.db.*.backup")
    assert (said.status, said.out) == (0, f"The store is at 9999. A copy of it as it was: {backup}\n")


def test_a_store_of_a_newer_version_is_left_alone(call: Call, alone: Path) -> None:
    call("db", "upgrade")
    with closing(open_database(f"sqlite:///{alone / 'paperlark.db'}")) as database, database.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    for words in (("status",), ("run",)):
        said = call(*words)
        assert (said.status, said.err.count("\n")) == (2, 1)
        assert "install a newer Paperlark" in said.err
    assert not list(alone.glob("*.backup"))


def test_an_old_store_on_postgresql_names_the_command(
    call: Call, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = request.getfixturevalue("postgres")
    url = server.create(request.getfixturevalue("postgres_template"))
    monkeypatch.setenv("PAPERLARK_DATABASE", url)
    with closing(open_database(url)) as database:
        factories.write(database, factories.page(factories.sighting()))
    monkeypatch.setattr("storage.database.HEAD", "9999")
    said = call("status")
    assert (said.status, said.out) == (2, "")
    assert "run: paperlark db upgrade" in said.err
    assert said.err.count("\n") == 1


@pytest.mark.parametrize("words", [("status",), ("search", "engine"), ("export",), ("run",), ("db", "upgrade")])
def test_a_store_that_cannot_be_opened_is_one_line(call: Call, alone: Path, words: tuple[str, ...]) -> None:
    (alone / "paperlark.db").write_text("this is no database" * 100)
    said = call(*words)
    assert (said.status, said.out, said.err.count("\n")) == (1, "", 1)
    assert "file is not a database" in said.err


# When things go wrong.


def test_a_mistake_of_ours_is_told_without_a_traceback(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_office: object) -> None:
        raise RuntimeError("boom\n\x1b[31mred")

    monkeypatch.setattr("jobs.state.state_of", broken)
    said = call("status")
    assert said.status == 1
    assert said.err.splitlines() == [
        "paperlark: this is a mistake of Paperlark: RuntimeError: boom [31mred",
        "paperlark: set PAPERLARK_TRACEBACK=1 to see where it is",
    ]
    monkeypatch.setenv("PAPERLARK_TRACEBACK", "1")
    monkeypatch.setattr(sys, "argv", ["paperlark", "status"])
    from jobs.cli import main

    with pytest.raises(RuntimeError, match="boom"):
        main()


def test_whoever_stops_reading_early_has_made_no_mistake(friday: Path) -> None:
    done = paperlark("export", "|", "head", "-n", "1", folder=friday)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["id"]


def test_an_answer_that_cannot_be_printed_is_told(friday: Path) -> None:
    done = paperlark("export", ">/dev/full", folder=friday)
    assert (done.returncode, done.stderr) == (1, "paperlark: the answer could not be printed: No space left on device\n")


def test_a_terminal_without_the_letters_loses_letters_and_nothing_else(friday: Path, call: Call) -> None:
    environ = {"PYTHONIOENCODING": "gbk"}
    done = paperlark("status", folder=friday, **environ)
    assert (done.returncode, done.stderr) == (0, "")
    assert "? arXiv cs.CV: all 18 of 18" in done.stdout
    exported = paperlark("export", folder=friday, **environ).stdout.splitlines()
    plain = call("export").out.splitlines()
    assert [json.loads(line) for line in exported] == [json.loads(line) for line in plain]
