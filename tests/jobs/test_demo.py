"""The demo: two mornings that a newcomer can look at, and nothing of theirs is touched."""

import json
import re
import subprocess
import sys
from dataclasses import replace
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from crawler.samples.days import MORNINGS, SCOPES, batch
from tests.jobs.conftest import Call

_LINKED = re.compile(r"^### \[.*\]\(https://arxiv\.org/abs/(\d{4}\.\d{5})\)$", re.MULTILINE)
_UPDATED = re.compile(r"^- \*\*.*\]\(https://arxiv\.org/abs/(\d{4}\.\d{5})\)", re.MULTILINE)
DAYS = ("2026-01-15", "2026-01-16")


@pytest.fixture
def digests(demo_folder: Path) -> list[str]:
    return [(demo_folder / "digests" / day / "morning.md").read_text(encoding="utf-8") for day in DAYS]


@pytest.fixture
def said(demo_folder: Path) -> str:
    return (demo_folder / "said.txt").read_text(encoding="utf-8")


def test_what_an_earlier_demo_left_is_gone_and_the_rest_is_there(demo_folder: Path) -> None:
    assert not list(demo_folder.rglob("left.txt"))
    assert (demo_folder / "notes.txt").read_text() == "not ours"
    written = {str(path.relative_to(demo_folder / "digests")) for path in (demo_folder / "digests").rglob("*.*")}
    assert written == {f"{day}/{name}.{form}" for day in DAYS for name in ("morning", "早报") for form in ("md", "html")}


def test_the_second_morning_repeats_nothing_and_shows_new_versions(digests: list[str]) -> None:
    first, second = (set(_LINKED.findall(digest)) for digest in digests)
    assert len(first) > 10
    assert second
    assert not first & second
    updated = set(_UPDATED.findall(digests[1]))
    assert updated
    assert updated <= first
    assert not _UPDATED.findall(digests[0])


def test_only_what_was_announced_is_shown(digests: list[str]) -> None:
    announced = {entry.id for morning in MORNINGS for scope in SCOPES for entry in batch(scope, morning.shown[scope])}
    announced.add("2601.08022")  # on Hugging Face's list alone
    assert {paper for digest in digests for paper in _LINKED.findall(digest)} <= announced


def test_the_banner_of_the_second_morning_names_the_list_that_is_late(digests: list[str]) -> None:
    assert "yesterday's list again" in digests[1]
    assert "yesterday's list again" not in digests[0]


def test_code_that_came_out_on_the_second_day_is_an_update(digests: list[str]) -> None:
    out = "- **Code is out** · [Towards Robust Cross-Dataset Object Detection"
    assert [out in digest for digest in digests] == [False, True]
    assert (
        "[Ritabrata04/cdod-icpr](https://github.com/Ritabrata04/cdod-icpr) · named by Hugging Face · shown on 15 January"
        in digests[1]
    )
    assert "came late" not in digests[1]


def test_the_chinese_digest_is_chinese_and_has_the_same_papers(demo_folder: Path, digests: list[str]) -> None:
    for day, english in zip(DAYS, digests, strict=True):
        chinese = (demo_folder / "digests" / day / "早报.md").read_text(encoding="utf-8")
        assert "## 语义分割" in chinese
        assert set(_LINKED.findall(chinese)) == set(_LINKED.findall(english))


def test_the_mails_are_mails(demo_folder: Path) -> None:
    mails = sorted((demo_folder / "mail").glob("*.eml"))
    assert len(mails) == 4
    identities = set()
    for path in mails:
        message = message_from_bytes(path.read_bytes(), policy=policy.default)
        assert all(part.defects == [] for part in message.walk())
        assert all(max(map(len, part.as_bytes().split(b"\n"))) < 998 for part in message.walk())
        assert message["To"] == "reader@example.org"
        assert message["List-Unsubscribe"].startswith("<mailto:lark@example.org?")
        assert message["List-Id"]
        assert message["Auto-Submitted"] == "auto-generated"
        assert [part.get_content_type() for part in message.walk()][:3] == [
            "multipart/alternative",
            "text/plain",
            "text/html",
        ]
        identities.add(message["Message-ID"])
    assert len(identities) == 4


def test_it_says_what_happened_and_what_to_type_next(demo_folder: Path, said: str) -> None:
    assert said.index("Thursday, 15 January 2026") < said.index("Friday, 16 January 2026")
    assert "✓ arXiv cs.CV: all" in said
    assert "! arXiv cs.LG: still the list of 15 January" in said
    assert "next at Fri 16 Jan 09:30" in said
    assert str(demo_folder / "digests") in said
    assert str(demo_folder / "mail") in said
    last = said.splitlines()[-4:]
    assert last[0] == "What to type next:"
    assert "search segmentation" in last[1]
    assert [re.search(r"\b(run|init)\b", line) is not None for line in last[2:]] == [True, True]


def test_what_it_says_to_type_works(demo: Path, call: Call, said: str) -> None:
    assert "search segmentation" in said
    found = call("--config", "paperlark.toml", "search", "segmentation", "--json")
    assert found.status == 0
    assert len(json.loads(found.out)) > 1


def test_a_folder_of_somebody_elses_is_left_alone(call: Call, alone: Path) -> None:
    for name, content in (("notes.txt", b"mine"), ("paperlark.toml", b"[paperlark]\n"), ("paperlark.toml", b"\xff\xfe")):
        folder = alone / f"folder{len(content)}"
        folder.mkdir()
        (folder / name).write_bytes(content)
        said = call("demo", "--out", str(folder))
        assert (said.status, said.out) == (2, "")
        assert said.err == f"paperlark: {folder}: is not empty and was not written by a demo; name another folder with --out\n"
        assert [path.read_bytes() for path in folder.iterdir()] == [content]


def test_a_file_or_a_place_where_nothing_can_be_written_is_a_mistake(call: Call, alone: Path) -> None:
    (alone / "file").write_text("mine")
    said = call("demo", "--out", "file")
    assert (said.status, said.err.count("\n")) == (2, 1)
    said = call("demo", "--out", "file/folder")
    assert said.status == 2
    assert "cannot be written" in said.err
    assert (alone / "file").read_text() == "mine"


def test_it_needs_no_network_no_settings_and_no_home(tmp_path: Path) -> None:
    # Whoever asks a name service, or connects to anything but this machine, is stopped.
    guard = (
        "import socket, sys\n"
        "def audit(event, args):\n"
        "    if event == 'socket.connect' and isinstance(args[1], tuple) and args[1][0] != '127.0.0.1':\n"
        "        raise AssertionError(args[1])\n"
        "    if event == 'socket.getaddrinfo' and args[0] not in ('127.0.0.1', None):\n"
        "        raise AssertionError(args[0])\n"
        "sys.addaudithook(audit)\n"
    )
    (tmp_path / "sitecustomize.py").write_text(guard)
    code = "import sys; sys.argv = ['paperlark', 'demo']; from jobs.cli import main; main()"
    root = Path(__file__).parent.parent.parent
    environ = {"PYTHONPATH": f"{tmp_path}:{root}", "PATH": "/nowhere"}
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("✓ arXiv cs.") == 3
    assert len(list((tmp_path / "paperlark-demo" / "mail").iterdir())) == 4


def test_a_demo_that_fails_does_not_end_well(call: Call, alone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The site has lost the pages of one list.
    monkeypatch.setattr("jobs.demo.MORNINGS", [replace(MORNINGS[0], shown={"cs.CV": MORNINGS[0].shown["cs.CV"]})])
    (alone / "empty").mkdir()
    said = call("demo", "--out", "empty")
    assert said.status == 1
    assert "✗ arXiv cs.LG: " in said.out
    assert "✓ arXiv cs.CV: all" in said.out
