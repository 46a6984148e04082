"""A real `paperlark serve` on a stage: its days are minutes, its pages and its mail server are on loopback."""

import os
import re
import signal
import sqlite3
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg

from jobs.clock import Clock
from tests.crawler.origin import Origin, Reply, serving
from tests.faults.arxiv_world import SCOPES, World
from tests.faults.reader import Reader, open_reader, write_settings

_AS_ANY_USER = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search")
"""Without these rights a file or folder that is read-only is so for root as well."""

PATIENCE = 600
"""Seconds after which what is waited for counts as never coming."""


@dataclass
class Stage:
    """A reader whose days are minutes, and the daemon that works for them. `others` are what else was begun."""

    reader: Reader
    clock: Clock
    web: Origin
    world: World
    process: subprocess.Popen[bytes] | None = None
    others: list[subprocess.Popen[bytes]] = field(default_factory=list)
    humble: bool = False
    """Whether commands may do no more than any user, whoever runs the tests."""
    true: Clock | None = None
    """What the web goes by where the clock of the machine is wrong."""
    answering: threading.Event = field(default_factory=threading.Event)
    """Cleared: every page waits until it is set."""

    def respond(self, target: str, headers: Mapping[str, str]) -> Reply:
        """Answer as of whatever the clock shows."""
        self.answering.wait(PATIENCE)
        self.world.now = (self.true or self.clock)()
        return self.world.respond(target, headers)

    @property
    def log(self) -> Path:
        return self.reader.folder / "serve.log"

    @property
    def told(self) -> str:
        return self.log.read_text("utf-8")

    @property
    def settings(self) -> Path:
        return self.reader.folder / "paperlark.toml"

    def edit(self, old: str, new: str) -> None:
        """Change the settings as an editor does: by another file in their place."""
        text = self.settings.read_text("utf-8")
        assert old in text
        beside = self.settings.with_suffix(".new")
        beside.write_text(text.replace(old, new, 1), "utf-8")
        beside.replace(self.settings)

    def call(self, *words: str, measured: bool = True) -> subprocess.Popen[bytes]:
        """Begin a command whose clock is ours, and whose words are in the log."""
        environment = {**self.reader.environment(self.clock(), measured=measured), **self.clock.variable()}
        call = [*(_AS_ANY_USER if self.humble and os.geteuid() == 0 else ()), *self.reader.call(*words)]
        with self.log.open("ab") as log:
            return subprocess.Popen(call, env=environment, stdout=log, stderr=log)

    def begin(self, *, measured: bool = True) -> None:
        self.process = self.call("serve", measured=measured)

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)

    def waits_for(self, pattern: str, times: int = 1) -> None:
        """Wait until the log has lines of that form, so often."""
        self.waits(lambda: self.count(pattern) >= times)

    def rests(self) -> None:
        """Wait until nothing is to be done now: files are written beside the mails, sooner or later than they are sent."""
        self.waits(lambda: not [run for run in self.runs() if run[3] in ("due", "running")])

    def count(self, pattern: str) -> int:
        """Count the lines of that form in the log."""
        return len(re.findall(pattern, self.told, re.MULTILINE))

    def waits(self, what: Any) -> None:
        until = time.monotonic() + PATIENCE
        while not what():
            assert time.monotonic() < until, self.told
            assert self.process is not None
            assert self.process.poll() is None, self.told
            time.sleep(0.05)

    def runs(self) -> list[tuple[str, str, str, str]]:
        asked = "SELECT kind, about, period, state FROM runs"
        if self.reader.database.startswith("postgresql"):
            with psycopg.connect(self.reader.database.replace("+psycopg", "")) as server:
                return [(row[0], row[1], row[2], row[3]) for row in server.execute(asked)]
        file = self.reader.database.removeprefix("sqlite:///") or self.reader.folder / "paperlark.db"
        with closing(sqlite3.connect(file)) as store:
            return store.execute(asked).fetchall()


def since(start: datetime, rate: int) -> Clock:
    return Clock.from_environment({"PAPERLARK_NOW": f"{start.isoformat()}@{rate}"})


@contextmanager
def staged(folder: Path, start: datetime, rate: int, scopes: tuple[str, ...] = SCOPES, database: str = "") -> Iterator[Stage]:
    with serving() as web, open_reader(folder, web.url, database) as reader:
        write_settings(reader, scopes, "title:skylark", zone="Asia/Shanghai")
        stage = Stage(reader, since(start, rate), web, World(now=start))
        stage.answering.set()
        stage.edit("categories =", 'delay = "15ms"\ncategories =')
        web.respond = stage.respond
        try:
            yield stage
        finally:
            for process in filter(None, (stage.process, *stage.others)):
                with suppress(Exception):
                    process.kill()
                    process.wait(PATIENCE)
