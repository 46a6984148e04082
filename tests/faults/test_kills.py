"""`paperlark run` killed by SIGKILL, and run again: nothing is lost, and no mail comes twice that was not accepted."""

import os
import random
import shutil
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import pytest

from tests.crawler.origin import Origin, serving
from tests.digests.mail_server import Act, Kept
from tests.faults import week
from tests.faults.books import DAYS, begun, check_all, lay_out, opened
from tests.faults.reader import DEADLINE, Done, Reader, check_manners, open_reader
from tests.faults.site import listing

pytestmark = pytest.mark.slow

_CLOCK = time.monotonic  # read to know how long a run takes, so that it can be killed at any part of it
_GLANCE = 0.1  # seconds after which somebody who waits looks whether there is still somebody to wait for


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
        done = Done(process.returncode, out.decode(), err.decode())
        check_manners(done)
        if self.reader.database:
            await_backends(self.reader)
        self.handed_over.update(begun(self.reader))
        print(done)
        return process.returncode == -signal.SIGKILL

    def kill_at(self, at: datetime, trap: "Trap") -> None:
        """Start a run and kill it at an event."""
        try:
            assert self.kill(at, trap.wait)
        finally:
            trap.killed.set()

    def finish(self, day: date) -> tuple[float, float]:
        """Run to the end, and return for how many seconds it ran: as a whole, and from its first request on."""
        begun_at, before = _CLOCK(), len(self.web.requests)
        done = self.reader.does(week.noon(day), "run", "--json", measured=False)
        assert done.status == 0, done
        asked = self.web.requests[before:]
        return _CLOCK() - begun_at, _CLOCK() - asked[0].at if asked else 0.0


@dataclass
class Trap:
    """A place where a server stops a run until it has been killed."""

    caught: threading.Event = field(default_factory=threading.Event)
    killed: threading.Event = field(default_factory=threading.Event)

    def hold(self) -> None:
        """Be called by the server, and hold it."""
        self.caught.set()
        self.killed.wait(DEADLINE)

    def wait(self, run: subprocess.Popen[bytes]) -> None:
        """Wait until the run is caught, or has ended without."""
        while not self.caught.wait(_GLANCE) and run.poll() is None:
            continue


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


def after(seconds: float) -> Callable[[subprocess.Popen[bytes]], None]:
    """Return what waits until a run has ended or has run for so long."""

    def wait(process: subprocess.Popen[bytes]) -> None:
        with suppress(subprocess.TimeoutExpired):
            process.wait(seconds)

    return wait


def after_page(scene: Scene, seconds: float) -> Callable[[subprocess.Popen[bytes]], None]:
    """Return what waits until a run has asked for a page, and for so long after that."""
    asked = threading.Event()
    scene.web.watch = lambda _target: asked.set()

    def wait(process: subprocess.Popen[bytes]) -> None:
        while not asked.wait(_GLANCE) and process.poll() is None:
            continue
        after(seconds)(process)

    return wait


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
    days = first, second, third = week.DAYS
    lay_out(scene.reader, scene.web, first)
    scene.kill_at(week.noon(first), at_page(scene, "arxiv.org/robots.txt"))
    whole, rest = scene.finish(first)
    check_all(scene.reader, days[:1], scene.handed_over)

    lay_out(scene.reader, scene.web, second)
    seed = random.SystemRandom().randrange(10**6)
    print("seed", seed)
    chance = random.Random(seed)
    scene.kill(week.noon(second), after(whole * chance.random()))
    scene.kill(week.noon(second), after_page(scene, rest * chance.random()))
    scene.finish(second)
    check_all(scene.reader, days[:2], scene.handed_over)

    lay_out(scene.reader, scene.web, third)
    scene.kill_at(week.noon(third), at_page(scene, listing("cs.RO")))
    before = len(scene.reader.mail.kept)
    scene.kill_at(week.noon(third), at_mail(scene, "DATA"))
    assert len(scene.reader.mail.kept) == before
    scene.kill_at(week.noon(third), at_mail(scene, "dot", accepted=True))
    scene.finish(third)
    check_all(scene.reader, days, scene.handed_over)


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


POINTS = 20
"""At how many points of a run it is killed: one at random in each twentieth of its time. The daemon is killed at far more."""


@dataclass(frozen=True)
class Before:
    """A folder after a first day, the mails of that day, and for how many seconds a run takes.

    `whole` is a first run; `rest` a second one, from its first request on.
    """

    folder: Path
    mails: list[Kept]
    whole: float
    rest: float


@pytest.fixture(scope="module")
def day_before(tmp_path_factory: pytest.TempPathFactory) -> Before:
    folder, other = tmp_path_factory.mktemp("before"), tmp_path_factory.mktemp("measured")
    with serving() as web, open_reader(folder, web.url) as reader:
        scene = Scene(reader, web)
        lay_out(reader, web, DAYS[0])
        whole, _ = scene.finish(DAYS[0])
        shutil.copytree(folder, other, dirs_exist_ok=True)
        mails = list(reader.mail.kept)
    with serving() as web, open_reader(other, web.url) as reader:
        lay_out(reader, web, DAYS[1])
        _, rest = Scene(reader, web).finish(DAYS[1])
    return Before(folder, mails, whole, rest)


def kill_once(scene: Scene, days: tuple[date, ...], when: Callable[[subprocess.Popen[bytes]], None]) -> None:
    """Kill the run of the last of the days, run again, and look at the books."""
    lay_out(scene.reader, scene.web, days[-1])
    scene.kill(week.noon(days[-1]), when)
    scene.finish(days[-1])
    check_all(scene.reader, days, scene.handed_over)


def point(seconds: float, part: int) -> float:
    """Return a moment at random in one of the parts of so many seconds, and tell which it is."""
    chosen = (part + random.random()) / POINTS * seconds
    print(f"killed after {chosen:.3f} of {seconds:.3f} s")
    return chosen


@pytest.mark.slow
@pytest.mark.parametrize("part", range(0, POINTS, 2))
def test_killed_on_the_first_day(scene: Scene, day_before: Before, part: int) -> None:
    kill_once(scene, DAYS[:1], after(point(day_before.whole, part)))


@pytest.mark.slow
@pytest.mark.parametrize("part", range(1, POINTS, 2))
def test_killed_on_the_second_day_after_the_first_page(scene: Scene, day_before: Before, part: int) -> None:
    shutil.copytree(day_before.folder, scene.reader.folder, dirs_exist_ok=True)
    scene.reader.mail.kept.extend(day_before.mails)
    kill_once(scene, DAYS, after_page(scene, point(day_before.rest, part)))


@pytest.mark.slow
@pytest.mark.parametrize("part", range(3, POINTS, 7))
def test_killed_on_postgresql(postgres_scene: Scene, day_before: Before, part: int) -> None:
    kill_once(postgres_scene, DAYS[:1], after(point(day_before.whole, part)))
