"""The real `paperlark serve` killed by SIGKILL two hundred times, at every step of a morning: the books are right all the same.

Each kill is of the daemon with all its processes, at a moment that is drawn by lot within the step it is aimed at. What it hit
is told by the store it leaves.
"""

import os
import signal
import smtplib
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from datetime import time as hour
from pathlib import Path
from random import Random, SystemRandom
from typing import Any

import psycopg
import pytest

from jobs.clock import Clock
from tests.crawler.origin import Origin, Reply, serving
from tests.digests.mail_server import OWN, Act
from tests.faults.arxiv_world import SCOPES, World, truth
from tests.faults.books import begun, rows
from tests.faults.reader import Reader, by_id, digests, mailed, open_reader, write_settings
from tests.faults.test_kills import Trap, await_backends

pytestmark = pytest.mark.slow

PATIENCE = 240
"""Seconds after which what is waited for counts as never coming."""

READERS = tuple(f"reader{number}" for number in range(8))
STEPS = ("crawl", "record", "compose", "outbox", "send")
WEEKS = (
    (date(2026, 9, 17), date(2026, 9, 18), date(2026, 9, 21), date(2026, 9, 22)),
    (date(2026, 8, 24), date(2026, 8, 25)),
    (date(2026, 9, 4), date(2026, 9, 7)),
)
"""Mornings in a row on which nothing is wrong with arXiv."""

AIMS = {"crawl": 4, "anywhen": 2, "record": 5, "compose": 5, "outbox": 4, "send": 5}
"""How many kills of a morning are aimed at what; those that come too late for it, for all of it is done, at the next step."""

MOST_REQUESTS = 12
"""So many requests of a day are killed at most: there are 19 that a day of three lists may have, and then no more."""

_GLANCE = 0.005


@dataclass
class Scene:
    """A reader's machine whose daemon is killed. `hits` has how many kills found a step at work, `served` the lists of a life.

    `excused` counts for each mail how often the server had accepted it and the process died before that was written down.
    """

    reader: Reader
    web: Origin
    dice: Random
    clock: Clock = field(default_factory=Clock)
    world: World = field(default_factory=lambda: World(now=datetime(2026, 8, 24, tzinfo=UTC)))
    process: subprocess.Popen[bytes] | None = None
    hits: Counter[str] = field(default_factory=Counter)
    kills: int = 0
    served: set[str] = field(default_factory=set)
    is_alive: bool = False
    excused: Counter[str] = field(default_factory=Counter)
    mails_before: int = 0
    heard_before: int = 0
    begun_before: Mapping[int, Any] = field(default_factory=dict)
    outbox_before: int = 0
    starts_before: int = 0

    @property
    def day(self) -> date:
        return self.world.newest()

    @property
    def log(self) -> Path:
        return self.reader.folder / "serve.log"

    def respond(self, target: str, headers: Mapping[str, str]) -> Reply:
        """Answer as of whatever the clock shows, and note which list that was."""
        self.world.now = self.clock()
        reply = self.world.respond(target, headers)
        kind, _, scope = target.removeprefix("arxiv.org/").removesuffix("/new").partition("/")
        if self.is_alive and reply.status == 200 and kind == "list":
            self.served.add(scope)
        return reply

    def begin(self) -> None:
        """Start a daemon, the first of a process group of its own."""
        self.served.clear()
        self.mails_before, self.heard_before = len(self.reader.mail.kept), len(self.reader.mail.heard)
        self.begun_before = dict(self.left("SELECT id, started_at FROM runs"))
        self.outbox_before = len(self.left("SELECT id FROM outbox"))
        self.starts_before = self.log.read_bytes().count(b"serve.start") if self.log.exists() else 0
        self.is_alive = True
        environment = {**self.reader.environment(self.clock(), measured=False), **self.clock.variable()}
        with self.log.open("ab") as log:
            call = self.reader.call("serve")
            self.process = subprocess.Popen(call, env=environment, stdout=subprocess.PIPE, stderr=log, start_new_session=True)

    def end(self, number: signal.Signals) -> int:
        """End the daemon by a signal, SIGKILL with all its processes, and return how it ended when the last of them has."""
        assert self.process is not None
        self.is_alive = False
        if number == signal.SIGKILL:
            os.killpg(self.process.pid, number)
        else:
            self.process.send_signal(number)
        self.process.communicate(timeout=PATIENCE)  # the pipe ends when the last of its processes has
        return self.process.returncode

    def kill(self, aim: "Aim") -> None:
        """Start a daemon, kill it when the aim says so, and note what that hit."""
        self.begin()
        trap = Trap()
        try:
            aim(self, trap)
            assert self.end(signal.SIGKILL) == -signal.SIGKILL, self.told()
        finally:
            trap.killed.set()
            self.web.watch = lambda _target: None
        if self.reader.database:
            await_backends(self.reader)
        self.kills += 1
        self.hits.update(self.found())
        self.count_mails(begun(self.reader))

    def found(self) -> set[str]:
        """Return the steps that the dead daemon was at, by what the store says."""
        at_work = self.at_work(self.left)
        states = {state for (state,) in self.left("SELECT state FROM outbox WHERE form = 'mail'")}
        talked = any(b"MAIL FROM" in said.upper() for _, said in self.reader.mail.heard[self.heard_before :])
        steps = {
            "crawl": "ask" in at_work and not self.served & self.unread(),
            "record": "ask" in at_work and bool(self.served & self.unread()),
            "compose": "compose" in at_work,
            "outbox": self.has_mail(self.left) and not talked and bool(states & {"pending", "sending"}),
            "send": talked and "sending" in states,
        }
        return {step for step, is_hit in steps.items() if is_hit} or {"between"}

    def at_work(self, ask: "Ask") -> set[str]:
        """Return the kinds of the runs that are being done; what a daemon before this one had left does not count."""
        running = ask("SELECT id, kind, started_at FROM runs WHERE state = 'running'")
        return {kind for one, kind, started_at in running if started_at != self.begun_before.get(one)}

    def has_mail(self, ask: "Ask") -> bool:
        """Tell whether this daemon put something into the outbox, or has begun to deliver it."""
        return "deliver" in self.at_work(ask) or len(ask("SELECT id FROM outbox")) > self.outbox_before

    def unread(self) -> set[str]:
        """Return the lists of the day that are not in the store."""
        days = dict(self.left("SELECT scope, announced_on FROM checkpoints"))
        return {scope for scope in SCOPES if str(days.get(scope)) != self.day.isoformat()}

    def requests(self) -> int:
        """Return how many requests the day has had."""
        return sum(spent for (spent,) in self.left(f"SELECT spent FROM host_leases WHERE spent_on = '{self.day}'"))

    def left(self, query: str) -> list[tuple[Any, ...]]:
        """Ask the store of a dead daemon, which may not have come to make one."""
        try:
            return rows(self.reader, query)
        except (sqlite3.OperationalError, psycopg.errors.UndefinedTable):
            return []

    def count_mails(self, sending: set[str]) -> None:
        """Note which mails were accepted in the life that is over; one that is not written down will come again."""
        self.reader.mail.scripted.clear()
        # After a conversation of its own, the server has done with whatever the dead one had said.
        with smtplib.SMTP("127.0.0.1", self.reader.mail.port) as call:
            call.noop()
        accepted = by_id(self.reader.mail.bodies[self.mails_before :])
        assert all(len(copies) == 1 for copies in accepted.values())
        self.excused.update(accepted.keys() & sending)

    def live(self, query: str) -> list[tuple[Any, ...]]:
        """Ask the store of a daemon that is at work; not while it dies, so that its store is left as it leaves it."""
        try:
            if self.reader.database:
                with closing(psycopg.connect(self.reader.database.replace("+psycopg", ""))) as store:
                    return store.execute(query).fetchall()
            with closing(sqlite3.connect(f"file:{self.reader.folder / 'paperlark.db'}?mode=rw", uri=True)) as store:
                return store.execute(query).fetchall()
        except (sqlite3.OperationalError, psycopg.errors.UndefinedTable):
            return []

    def waits(self, what: Callable[[], Any], glance: float = _GLANCE) -> None:
        """Wait until something is so, of a daemon that goes on."""
        until = time.monotonic() + PATIENCE
        while not what():
            assert time.monotonic() < until, self.told()
            assert self.process is not None
            assert self.process.poll() is None, self.told()
            time.sleep(glance)

    def has_started(self) -> bool:
        """Tell whether the daemon has opened the store: whoever did so before would mend for it what the last one has left."""
        return self.log.read_bytes().count(b"serve.start") > self.starts_before

    def is_idle(self) -> bool:
        """Tell whether all of the day is done, and nothing waits for another time."""
        composed = f"SELECT 1 FROM runs WHERE kind = 'compose' AND period = '{self.day}' AND state = 'done'"
        return (
            len(self.live(composed)) == len(READERS)
            and not self.live("SELECT 1 FROM runs WHERE state IN ('due', 'running') OR next_at IS NOT NULL")
            and not self.live("SELECT 1 FROM outbox WHERE state <> 'sent'")
        )

    def rests(self) -> None:
        """Let a daemon work until there is nothing left to do, and stop it."""
        self.begin()
        self.waits(self.has_started, 0.1)
        self.waits(self.is_idle, 0.1)
        assert self.end(signal.SIGTERM) == 0, self.told()
        self.count_mails(set())

    def told(self) -> str:
        return self.log.read_text("utf-8")[-20_000:]


Ask = Callable[[str], list[tuple[Any, ...]]]
Aim = Callable[[Scene, Trap], None]
"""Waits, beside a daemon that has just been started, for the moment to kill it."""


def anywhen(scene: Scene, _trap: Trap) -> None:
    time.sleep(scene.dice.uniform(0, 3))


def crawl(scene: Scene, trap: Trap) -> None:
    """Catch it at a request."""
    asked, chosen = 0, min(scene.dice.randint(1, len(scene.unread())) for _ in range(2))

    def watch(_target: str) -> None:
        nonlocal asked
        asked += 1
        if asked == chosen:
            trap.hold()

    scene.web.watch = watch
    scene.waits(trap.caught.is_set)


def record(scene: Scene, _trap: Trap) -> None:
    """Wait until it has a list, and a little longer."""
    chosen = min(scene.dice.randint(1, len(scene.unread())) for _ in range(2))
    scene.waits(lambda: len(scene.served) >= chosen)
    time.sleep(scene.dice.uniform(0, 0.03))


def compose(scene: Scene, _trap: Trap) -> None:
    """Wait until digests are being made, or there are one or two more, and a little longer."""
    before, more = len(composed(scene)), scene.dice.randrange(3)

    def made() -> int:
        return len(scene.live(f"SELECT 1 FROM runs WHERE kind = 'digest' AND period = '{scene.day}'"))

    scene.waits(scene.has_started, 0.02)
    # The last of them may have been made between two glances.
    scene.waits(lambda: "compose" in scene.at_work(scene.live) or made() == len(READERS))
    scene.waits(lambda: made() >= min(before + more, len(READERS) - 1))
    time.sleep(scene.dice.uniform(0, 0.02 if more else 0.1))


def outbox(scene: Scene, trap: Trap) -> None:
    """Wait until there is a mail that nobody has begun to send, or until the server is called."""
    if scene.dice.random() < 0.5:
        scene.waits(scene.has_started, 0.02)
        scene.waits(lambda: scene.has_mail(scene.live))
        time.sleep(scene.dice.uniform(0, 0.1))
        return
    scene.reader.mail.script(scene.dice.choice(["connect", "EHLO"]), Act(first=trap.hold, then="hang up"))
    scene.waits(trap.caught.is_set)


def send(scene: Scene, trap: Trap) -> None:
    """Catch it at a step of a conversation: refused, accepted without a word, or accepted with one."""
    step = scene.dice.choice(["MAIL", "RCPT", "DATA", "body", "dot", "accepted", "answered"])
    place = 0 if step == "body" else scene.dice.randrange(min(2, len(READERS) - len(sent(scene))))
    act = Act(first=trap.hold, then="hang up", keep=step == "accepted")
    if step == "answered":
        act = Act(first=trap.caught.set, then="answer")
    scene.reader.mail.script("dot" if step in ("accepted", "answered") else step, *[OWN] * place, act)
    scene.waits(trap.caught.is_set, 0.001)
    if step == "answered":
        time.sleep(scene.dice.uniform(0, 0.004))


def composed(scene: Scene) -> set[str]:
    return {one for (one,) in scene.left(f"SELECT about FROM runs WHERE kind = 'digest' AND period = '{scene.day}'")}


def sent(scene: Scene) -> set[str]:
    done = f"SELECT subscription FROM outbox WHERE form = 'mail' AND period = '{scene.day}' AND state = 'sent'"
    return {one for (one,) in scene.left(done)}


def aim_of(scene: Scene, wanted: str) -> Aim:
    """Return what is aimed at, or the next step of which something is left."""
    if wanted in ("crawl", "record") and scene.unread() and scene.requests() < MOST_REQUESTS:
        return crawl if wanted == "crawl" else record
    if wanted in ("crawl", "record", "compose") and len(composed(scene)) < len(READERS):
        return compose
    if wanted != "anywhen" and len(sent(scene)) < len(READERS):
        return outbox if wanted == "outbox" else send
    return anywhen


def drawn(dice: Random, aims: Mapping[str, int]) -> list[str]:
    """Return the aims of a morning, in an order that follows the steps."""
    early, late = ([step for step in some for _ in range(aims[step])] for some in (("crawl", "record"), ("outbox", "send")))
    dice.shuffle(late)
    dice.shuffle(early)
    early[1:1] = ["anywhen"] * aims["anywhen"]
    return [*early, *["compose"] * aims["compose"], *late]


def check_books(scene: Scene, days: Sequence[date]) -> None:
    """Check that every paper is in the store, in one digest of each reader and in one mail, and nothing else is anywhere."""
    reader, notices = scene.reader, [notice for notice in truth().notices if notice.on in days]
    listed, first = {notice.entry.id: notice.entry for notice in notices}, dict[str, date]()
    for notice in notices:
        if notice.entry.action != "replace":
            first.setdefault(notice.entry.id, notice.on)
    if not reader.database:
        assert rows(reader, "PRAGMA integrity_check") == [("ok",)]
        assert rows(reader, "PRAGMA foreign_key_check") == []
    query = "SELECT value, title FROM identifiers JOIN papers ON papers.id = paper_id WHERE scheme = 'arxiv'"
    assert sorted(rows(reader, query)) == sorted((name, entry.title) for name, entry in listed.items())
    for table in ("papers", "paper_search"):
        assert rows(reader, f"SELECT count(*) FROM {table}") == [(len(listed),)]
    query = "SELECT value FROM events JOIN identifiers USING (paper_id) WHERE kind = 'announced' AND scheme = 'arxiv'"
    assert sorted(rows(reader, query)) == sorted((name,) for name in first)

    wanted = {name: day for name, day in first.items() if "Skylark" in listed[name].title}
    shown = digests(reader.folder)
    assert shown.keys() == {(name, day) for name in READERS for day in days}
    for (_, day), one in shown.items():
        assert sorted(one.new) == sorted(name for name, known in wanted.items() if known == day)
        revised = {one.entry.id for one in notices if one.on == day and one.entry.action == "replace"}
        assert sorted(one.updated) == sorted(name for name in revised if name in wanted and wanted[name] < day)
    query = "SELECT about, period, state FROM runs WHERE kind = '{}'"
    for kind in ("compose", "digest"):
        assert sorted(rows(reader, query.format(kind))) == sorted((name, str(day), "done") for name in READERS for day in days)
    folder = reader.folder / "digests"
    ours = {Path(str(day), f"{name}.{form}") for day in days for name in READERS for form in ("md", "html")}
    assert {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()} == ours

    assert set(rows(reader, "SELECT state FROM outbox")) == {("sent",)}
    mails = by_id(reader.mail.bodies)
    assert mailed(copies[0] for copies in mails.values()) == {about: {*one.new, *one.updated} for about, one in shown.items()}
    for message_id, copies in mails.items():
        assert len(set(copies)) == 1
        assert len(copies) == 1 + scene.excused[message_id]
    assert "Traceback" not in scene.log.read_text("utf-8")


@contextmanager
def staged(folder: Path, dice: Random, database: str = "") -> Iterator[Scene]:
    folder.mkdir(exist_ok=True)
    with serving() as web, open_reader(folder, web.url, database) as reader:
        write_settings(reader, SCOPES, "title:skylark", READERS, "Asia/Shanghai")
        settings = folder / "paperlark.toml"
        settings.write_text(settings.read_text("utf-8").replace("categories =", 'delay = "15ms"\ncategories =', 1), "utf-8")
        scene = Scene(reader, web, dice)
        web.respond = scene.respond
        try:
            yield scene
        finally:
            if scene.process and scene.process.poll() is None:
                scene.end(signal.SIGKILL)


def play(scene: Scene, days: Sequence[date], aims: Mapping[str, int]) -> Scene:
    """Play mornings: kill after kill, then peace until nothing is left to do, then the books."""
    for place, day in enumerate(days):
        # A minute after the readers' hour, 10:30 in Shanghai; the lists have been out for two and a half hours.
        scene.clock = Clock.from_environment({"PAPERLARK_NOW": f"{datetime.combine(day, hour(2, 31), UTC).isoformat()}@10"})
        scene.world.now = scene.clock()
        for wanted in drawn(scene.dice, aims):
            scene.kill(aim_of(scene, wanted))
        scene.rests()
        check_books(scene, days[: place + 1])
    return scene


def test_two_hundred_kills_at_every_step_of_a_morning(tmp_path: Path) -> None:
    seed = SystemRandom().randrange(10**6)
    print("seed", seed)

    def week(place: int) -> Scene:
        with staged(tmp_path / f"week{place}", Random(f"{seed} {place}")) as scene:
            return play(scene, WEEKS[place], AIMS)

    with ThreadPoolExecutor(2) as pool:
        scenes = list(pool.map(week, range(len(WEEKS))))
    hits = sum((scene.hits for scene in scenes), Counter[str]())
    print(dict(hits), "mails that came again:", sum(scene.excused.total() for scene in scenes))
    assert sum(scene.kills for scene in scenes) == 200
    assert all(hits[step] >= 10 for step in STEPS), hits


def test_kills_at_every_step_on_postgresql(tmp_path: Path, postgres: Any) -> None:
    seed = SystemRandom().randrange(10**6)
    print("seed", seed)
    with postgres.database() as url, staged(tmp_path, Random(seed), url) as scene:
        play(scene, WEEKS[0][:2], {**dict.fromkeys(AIMS, 2), "record": 3})
        print(dict(scene.hits), "mails that came again:", scene.excused.total())
        assert all(scene.hits[step] for step in STEPS), scene.hits
