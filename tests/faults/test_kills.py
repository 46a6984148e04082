"""`paperlark run` killed by SIGKILL, and run again: nothing is lost, and nothing is sent twice but what nobody could know of."""

import os
import random
import shutil
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path

import pytest

from tests.crawler.origin import Origin, serving
from tests.digests.mail_server import Act
from tests.faults import week
from tests.faults.books import DAYS, begun, check_all, lay_out, opened
from tests.faults.reader import DEADLINE, Done, Reader, check_manners, open_reader
from tests.faults.site import listing

_CLOCK = time.monotonic  # read to know how long a run takes, so that it can be killed at any part of it


@dataclass
class Scene:
    """A reader whose runs are killed. `handed_over`: see `check_mails`."""

    reader: Reader
    web: Origin
    handed_over: Counter[str] = field(default_factory=Counter)

    def kill(self, at: datetime, when: Callable[[subprocess.Popen[bytes]], None]) -> bool:
        """Start a run and kill it, its children included, once `when` returns; tell whether it was still running."""
        process = subprocess.Popen(
            self.reader.call("run", "--json"),
            env=self.reader.environment(at, measured=False),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        with process:
            try:
                when(process)
            finally:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
            # The pipes end when the last of its processes has.
            out, err = process.communicate(timeout=DEADLINE)
        check_manners(Done(process.returncode, out.decode(), err.decode()))
        if self.reader.database:
            await_backends(self.reader)
        self.handed_over.update(begun(self.reader))
        return process.returncode == -signal.SIGKILL

    def kill_at(self, at: datetime, trap: "Trap") -> None:
        """Start a run and kill it at an event."""
        assert self.kill(at, lambda _: trap.wait()), trap
        trap.spring()

    def finish(self, day: date) -> float:
        """Run until nothing is left to do, and return for how many seconds it ran."""
        begun_at = _CLOCK()
        done = self.reader.does(week.noon(day), "run", "--json", measured=False)
        assert done.status == 0, done
        return _CLOCK() - begun_at


@dataclass
class Trap:
    """A place where a server stops a run until it has been killed."""

    caught: threading.Event = field(default_factory=threading.Event)
    killed: threading.Event = field(default_factory=threading.Event)

    def hold(self) -> None:
        """Be called by the server, and hold it."""
        self.caught.set()
        self.killed.wait(DEADLINE)

    def wait(self) -> None:
        """Wait until the run is caught."""
        assert self.caught.wait(DEADLINE), "the run never came here"

    def spring(self) -> None:
        """Let the server go on."""
        self.killed.set()


def await_backends(reader: Reader) -> None:
    """Wait until PostgreSQL has noticed that its clients are dead."""
    with opened(reader) as store:
        store.execute(
            "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def at_page(scene: Scene, target: str) -> Trap:
    """Catch the run when it asks for a page."""
    trap = Trap()

    def watch(asked: str) -> None:
        if asked == target and not trap.caught.is_set():
            trap.hold()

    scene.web.watch = watch
    return trap


def at_mail(scene: Scene, step: str, *, accepted: bool = False) -> Trap:
    """Catch the run at a step of a mail's way, before the server answers; it may have accepted the mail."""
    trap = Trap()
    scene.reader.mail.script(step, Act(first=trap.hold, then="hang up", keep=accepted))
    return trap


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with serving() as web, open_reader(tmp_path, web.url) as reader:
        yield Scene(reader, web)


@pytest.fixture
def postgres_scene(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Scene]:
    database = request.getfixturevalue("postgres").create()
    with serving() as web, open_reader(tmp_path, web.url, database) as reader:
        yield Scene(reader, web)


def test_killed_again_and_again_nothing_is_lost_and_nothing_comes_twice(scene: Scene) -> None:
    first, second = DAYS
    seed = random.SystemRandom().randrange(10**6)
    print("seed", seed)
    lay_out(scene.reader, scene.web, first)
    scene.kill_at(week.noon(first), at_page(scene, "arxiv.org/robots.txt"))
    duration = scene.finish(first)
    check_all(scene.reader, (first,), Counter())
    lay_out(scene.reader, scene.web, second)
    for part in random.Random(seed).choices(range(100), k=2):
        scene.kill(week.noon(second), after(duration * part / 100))
    scene.kill_at(week.noon(second), at_page(scene, listing("cs.RO")))
    before = len(scene.reader.mail.kept)
    scene.kill_at(week.noon(second), at_mail(scene, "DATA"))
    assert len(scene.reader.mail.kept) == before
    scene.kill_at(week.noon(second), at_mail(scene, "dot", accepted=True))
    scene.finish(second)
    check_all(scene.reader, DAYS, scene.handed_over)


def after(seconds: float) -> Callable[[subprocess.Popen[bytes]], None]:
    """Wait until a run has ended or has run for so long."""

    def wait(process: subprocess.Popen[bytes]) -> None:
        with suppress(subprocess.TimeoutExpired):
            process.wait(seconds)

    return wait


def test_an_accepted_mail_whose_sender_died_comes_again_byte_for_byte(postgres_scene: Scene) -> None:
    (day, _), scene = DAYS, postgres_scene
    lay_out(scene.reader, scene.web, day)
    scene.kill_at(week.noon(day), at_page(scene, listing("cs.RO")))
    scene.kill_at(week.noon(day), at_mail(scene, "dot", accepted=True))
    (first,) = scene.reader.mail.bodies
    scene.finish(day)
    assert scene.reader.mail.bodies.count(first) == 2
    assert len(scene.reader.mail.bodies) == 3
    check_all(scene.reader, (day,), scene.handed_over)
