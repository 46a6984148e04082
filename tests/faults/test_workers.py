"""A daemon and workers on one PostgreSQL: every period once, whichever worker is killed."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from pathlib import Path
from random import Random

import psycopg
import pytest

from jobs.clock import Clock
from tests.conftest import Server
from tests.crawler.origin import serving
from tests.faults.arxiv_world import SCOPES, World
from tests.faults.reader import COMMAND, Reader, digests, open_reader, write_settings

PATIENCE = 300
START = datetime(2026, 8, 24, 2, 35, tzinfo=UTC)
"""The readers' hour, 10:30 in Shanghai, has just been."""


@dataclass
class Stage:
    """A reader's machine with daemons and workers, whose minutes are seconds."""

    reader: Reader
    clock: Clock
    address: str
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def begin(self, *words: str) -> subprocess.Popen[bytes]:
        environment = {**self.reader.environment(self.clock(), measured=False), **self.clock.variable()}
        with (self.reader.folder / f"{words[0]}.log").open("ab") as log:
            process = subprocess.Popen(self.reader.call(*words), env=environment, stdout=log, stderr=log)
        self.processes.append(process)
        return process

    def begin_with_nothing_but_the_store(self, *words: str) -> subprocess.Popen[bytes]:
        """Begin a command as on another machine, where there are no settings."""
        folder = self.reader.folder / "elsewhere"
        folder.mkdir()
        ours = {"HOME": str(folder), "PAPERLARK_MIRROR": self.reader.web, "PAPERLARK_DATABASE": self.reader.database}
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PAPERLARK_", "COVERAGE_", "XDG_"))}
        environment = {**kept, **ours, **self.clock.variable()}
        with (self.reader.folder / f"{words[0]}.log").open("ab") as log:
            process = subprocess.Popen([str(COMMAND), *words], env=environment, stdout=log, stderr=log, cwd=folder)
        self.processes.append(process)
        return process

    def count(self, where: str) -> int:
        with psycopg.connect(self.address) as connection:
            found = connection.execute(f"SELECT count(*) FROM runs WHERE {where}").fetchone()
        return int(found[0]) if found else 0

    def waits(self, where: str, wanted: int) -> None:
        until = time.monotonic() + PATIENCE
        while self.count(where) < wanted:
            assert time.monotonic() < until, self.told()
            time.sleep(0.3)

    def told(self) -> str:
        return "\n".join(log.read_text("utf-8") for log in self.reader.folder.glob("*.log"))


@contextmanager
def staged(folder: Path, postgres: Server, readers: int) -> Iterator[Stage]:
    with ExitStack() as stack:
        url = stack.enter_context(postgres.database())
        web = stack.enter_context(serving())
        reader = stack.enter_context(open_reader(folder, web.url, url))
        clock = Clock.from_environment({"PAPERLARK_NOW": f"{START.isoformat()}@10"})
        web.respond = World(now=START).respond
        write_settings(reader, SCOPES, "title:skylark", [f"reader{number}" for number in range(readers)], "Asia/Shanghai")
        settings = folder / "paperlark.toml"
        text = settings.read_text("utf-8").replace("categories =", 'delay = "15ms"\ncategories =', 1)
        settings.write_text(f"{text}[serve]\nworkers = true\n", "utf-8")
        stage = Stage(reader, clock, url.replace("+psycopg", ""))
        try:
            assert stage.begin("db", "upgrade").wait(PATIENCE) == 0
            yield stage
        finally:
            for process in stage.processes:
                process.kill()
                process.wait()


def test_a_worker_needs_nothing_but_the_store(tmp_path: Path, postgres: Server) -> None:
    with staged(tmp_path, postgres, 2) as stage:
        running = [stage.begin("serve")]
        stage.waits("kind = 'ask'", 1)
        running.append(stage.begin_with_nothing_but_the_store("worker"))
        stage.waits("kind IN ('deliver', 'write') AND state = 'done'", 2)
        for process in running:
            process.send_signal(signal.SIGTERM)
        assert [process.wait(PATIENCE) for process in running] == [0, 0]
        assert len(stage.reader.mail.bodies) == 2
        assert len(digests(tmp_path)) == 2
        assert [path.name for path in (tmp_path / "elsewhere").iterdir()] == []
        assert "Traceback" not in stage.told()


@pytest.mark.slow
def test_two_daemons_and_four_workers_do_every_period_once(tmp_path: Path, postgres: Server) -> None:
    readers, dice = 200, Random("four workers")
    with staged(tmp_path, postgres, readers) as stage:
        daemons = [stage.begin("serve"), stage.begin("serve")]
        workers = [stage.begin("worker", "--at-once", "1") for _ in range(4)]
        kills, until = 0, time.monotonic() + 6 * PATIENCE
        while stage.count("kind = 'compose' AND state = 'done'") < readers:
            assert time.monotonic() < until, stage.told()[-20_000:]
            time.sleep(dice.uniform(3, 8))
            place = dice.randrange(4)
            workers[place].kill()
            workers[place].wait()
            workers[place] = stage.begin("worker", "--at-once", "1")
            kills += 1
        sent = len(stage.reader.mail.bodies)
        stage.waits("kind = 'deliver' AND state = 'done'", 1)
        until = time.monotonic() + PATIENCE
        while len(stage.reader.mail.bodies) < readers or len(digests(tmp_path)) < readers:
            assert time.monotonic() < until, (sent, stage.told()[-20_000:])
            time.sleep(0.3)
        for process in (*daemons, *workers):
            process.send_signal(signal.SIGTERM)
        assert {process.wait(PATIENCE) for process in (*daemons, *workers)} == {0}
        assert kills > 0
        assert stage.count("kind = 'digest'") == readers
        assert len(digests(tmp_path)) == readers
        ids = [str(message_from_bytes(body)["Message-ID"]) for body in stage.reader.mail.bodies]
        assert len(set(ids)) == readers
