"""A reader's machine: settings in a folder of its own, and the real command beside loopback pages and a mail server."""

import json
import os
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

from tests.digests.mail_server import MailServer, mail_server

COMMAND = Path(sys.executable).with_name("paperlark")
DEADLINE = 120
"""Seconds after which a command that still runs is a failed test."""

_NEW = re.compile(r'<a id="arxiv-([\d.]+)"></a>')
_SEEN = re.compile(r"\(https://arxiv\.org/abs/([\d.]+)\)")
_LINKED = re.compile(r"https://arxiv\.org/abs/([\d.]+)")


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    status: int
    out: str
    err: str

    @property
    def said(self) -> Any:
        """What it printed as JSON."""
        return json.loads(self.out)

    @property
    def verdicts(self) -> dict[str, str]:
        """The verdict on each scope."""
        return {look["scope"]: look["verdict"] for look in self.said["runs"] if look["task"] == "newest"}

    @property
    def new(self) -> int:
        """How many papers the store had not."""
        return sum(look["new"] for look in self.said["runs"])


@dataclass
class Reader:
    """One reader's folder. `web` is the address of what stands in for the web; `database` empty: the file in the folder."""

    folder: Path
    web: str
    mail: MailServer
    database: str = ""

    def environment(self, at: datetime, *, measured: bool = True) -> dict[str, str]:
        """Return the environment of a command that begins `at`; a process to be killed is not `measured` by coverage."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PAPERLARK_")}
        if not measured:
            kept = {name: value for name, value in kept.items() if not name.startswith("COVERAGE_")}
        ours = {"PAPERLARK_MIRROR": self.web, "PAPERLARK_NOW": at.isoformat(), "PAPERLARK_SMTP__PORT": str(self.mail.port)}
        return kept | ours | ({"PAPERLARK_DATABASE": self.database} if self.database else {})

    def call(self, *arguments: str) -> list[str]:
        """Return the words of a command."""
        return [str(COMMAND), "--config", str(self.folder / "paperlark.toml"), *arguments]

    def does(self, at: datetime, *arguments: str, measured: bool = True) -> Done:
        """Run a command to its end; whatever happened, it must not show the reader our insides."""
        environment = self.environment(at, measured=measured)
        ended = subprocess.run(self.call(*arguments), env=environment, capture_output=True, timeout=DEADLINE, check=False)
        done = Done(ended.returncode, ended.stdout.decode(), ended.stderr.decode())
        check_manners(done)
        return done

    def exported(self, at: datetime) -> dict[str, dict[str, Any]]:
        """Return every paper of the store by its arXiv id; none may be there twice."""
        done = self.does(at, "export", "--format", "jsonl")
        assert (done.status, done.err) == (0, "")
        papers = [json.loads(line) for line in done.out.split("\n") if line]
        found = {paper["arxiv_id"]: paper for paper in papers}
        assert len(found) == len(papers)
        return found


def check_manners(done: Done) -> None:
    """Check that a command told of no traceback and no mistake of ours."""
    assert "Traceback" not in done.err, done.err
    assert "mistake of Paperlark" not in done.err, done.err


@contextmanager
def open_reader(folder: Path, web: str, database: str = "") -> Iterator[Reader]:
    """Give a reader a mail server, for as long as the block."""
    with mail_server() as mail:
        yield Reader(folder=folder, web=web, mail=mail, database=database)


def write_settings(
    reader: Reader,
    scopes: Sequence[str],
    query: str,
    names: Iterable[str] = ("morning",),
    zone: str = "UTC",
) -> None:
    """Write a settings file: one topic, and a subscription to it of each name, by mail and as files."""
    lines = [
        "[paperlark]",
        'output = "digests"',
        f'timezone = "{zone}"',
        'contact = "owner@example.org"',
        "[sources.arxiv]",
        f"categories = {json.dumps(list(scopes))}",
        "[[topics]]",
        'name = "Larks"',
        f"query = '{query}'",
        "cap = 1000",
    ]
    for name in names:
        lines += ["[[subscriptions]]", f'name = "{name}"', f'email = "{name}@example.org"', 'forms = ["mail", "file"]']
    lines += ["[smtp]", 'host = "127.0.0.1"', "port = 25", 'security = "none"', 'from = "Paperlark <lark@example.org>"']
    (reader.folder / "paperlark.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


@dataclass(frozen=True)
class Digest:
    """The papers a digest names: as new, and as updated."""

    new: tuple[str, ...]
    updated: tuple[str, ...]


def digests(folder: Path) -> dict[tuple[str, date], Digest]:
    """Return what the Markdown files of a reader hold, by subscription and day."""
    found = {}
    for file in (folder / "digests").glob("*/*.md"):
        new, _, updated = file.read_text("utf-8").partition("\n## Updates\n")
        found[file.stem, date.fromisoformat(file.parent.name)] = Digest(tuple(_NEW.findall(new)), tuple(_SEEN.findall(updated)))
    return found


def mailed(bodies: Iterable[bytes]) -> dict[tuple[str, date], set[str]]:
    """Return the papers that each mail names, by subscription and day; no two mails are of the same."""
    found: dict[tuple[str, date], set[str]] = {}
    for body in bodies:
        mail = message_from_bytes(body, policy=policy.default)
        about = (mail["List-Id"].partition("<")[2].partition(".")[0], mail["Date"].datetime.date())
        plain, page = mail.get_body(("plain",)), mail.get_body(("html",))
        assert plain is not None
        assert page is not None
        assert about not in found
        found[about] = set(_LINKED.findall(plain.get_content()))
        assert found[about] == set(_LINKED.findall(page.get_content()))
    return found


def by_id(bodies: Iterable[bytes]) -> dict[str, list[bytes]]:
    """Return the mails by their Message-ID."""
    found = defaultdict(list)
    for body in bodies:
        found[str(message_from_bytes(body, policy=policy.default)["Message-ID"])].append(body)
    return dict(found)


def states(done: Done, form: str = "mail") -> dict[str, str]:
    """Return what became of the messages of one form, by recipient."""
    deliveries: list[Mapping[str, str]] = done.said["deliveries"]
    return {one["recipient"]: one["state"] for one in deliveries if one["form"] == form}
