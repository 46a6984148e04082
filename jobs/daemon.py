"""`serve`: look at the agenda, start what is on it in child processes, sleep until the next look. It never works itself."""

import os
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any, Final

from crawler.errors import PaperlarkError, SettingsError
from jobs.agenda import AT_LEISURE, agenda, next_look
from jobs.alarm import Alarm, Jumps
from jobs.batches import heads
from jobs.children import Children, Ended, Nurse
from jobs.rereading import Rereading
from jobs.sharing import share
from jobs.steps import Office, open_office
from jobs.work import give_back, lease_of
from storage.leases import lease
from storage.planned import begun_with, runs_of
from storage.runs import Run

if TYPE_CHECKING:
    from jobs.logs import Log
    from jobs.settings import Settings
    from jobs.workers import Queue

WATCH: Final = 30.0
"""Seconds between two glances at the clocks and the children."""

_AT_LEAST: Final = timedelta(minutes=5)
"""How often the agenda is looked at whatever happens: others may have put something into the store."""

_AFTER_TROUBLE: Final = timedelta(seconds=30)
MOST: Final = 4
"""So many runs at once; what asks hosts asks each of them one at a time, whoever runs it (`jobs.crawling`)."""


@dataclass(slots=True, kw_only=True)
class Daemon:
    """A daemon at work. `beat` is when it last looked around, by the monotonic clock."""

    office: Office
    settings_file: Rereading
    tell: "Log"
    alarm: Alarm
    hands: "Children | Queue"
    watch: float = WATCH
    stopping: bool = False
    beat: float = field(default_factory=time.monotonic)
    _jumps: Jumps = field(default_factory=Jumps)
    _silent: bool = False
    _shared: "Settings | None" = None

    def run(self) -> None:
        """Work until somebody wants it to stop; then stop the children, which finish or roll back."""
        self.tell("serve.start", store=self.office.settings.database, subscriptions=len(self.office.settings.subscriptions))
        while not self.stopping:
            self.beat = time.monotonic()
            self.look()
            self._sleep()
        for ended in self.hands.stop():
            self._note(ended)
        self.tell("serve.stop")

    def stop(self, *_: object) -> None:
        """Have it stop, soon; a signal handler."""
        self.stopping = True
        # By another thread: this one may be holding the lock of what it would ring.
        Thread(target=self.alarm.ring).start()

    def _sleep(self) -> None:
        """Wait for the alarm, or for a clock that was set, with a glance around every half a minute."""
        while not self.alarm.wait(self.watch) and not self.stopping:
            self.beat = time.monotonic()
            if jumped := self._jumps.since_last():
                self.tell.warning("clock.jumped", seconds=round(jumped))
                return
            if self.settings_file.is_edited() or [self._note(ended) for ended in self.hands.ended()]:
                return
        self._jumps.since_last()

    def look(self) -> None:
        """Take note of the children that ended, start what is due, and set the alarm."""
        for ended in self.hands.ended():
            self._note(ended)
        self.office = self.settings_file.of(self.office, self.tell)
        later = _AFTER_TROUBLE / self.office.clock.rate
        try:
            if self.office.settings is not self._shared:
                share(self.office)
                self._shared = self.office.settings
            runs = agenda(self.office, self.office.clock())
            for run in heads(runs):
                self._start(run)
            now = self.office.clock()
            later = min(self.office.clock.until(next_look(self.office, now)), self.hands.glance if runs else _AT_LEAST)
            if self._silent:
                self.tell("store.back")
            self._silent = False
        except PaperlarkError as error:
            self._is_silent(error)
        self.alarm.set_to(later)

    def _is_silent(self, error: PaperlarkError) -> None:
        """Tell that the store does not answer, once until it does."""
        if not self._silent:
            self.tell.error("store.silent", error=str(error))
        self._silent = True

    def _start(self, run: Run) -> None:
        """Start a run, unless somebody is at it, or at the same thing: whoever ends wakes us for another look."""
        if not self.hands.takes(run, MOST // 2 if run.kind in AT_LEISURE else MOST):
            return
        with lease(self.office.database, lease_of(run.key)) as is_free:
            pass
        if is_free and self.hands.start(run, self.office.settings, {**os.environ, **self.office.clock.variable()}):
            self.tell("run.start", kind=run.kind, about=run.about, period=run.period, attempt=run.attempts + 1)

    def _note(self, ended: Ended) -> bool:
        """Log what came of a run, and of those that were done with it; where its process broke off, write that down for it."""
        try:
            # Told to stop, it goes on as soon as there is a daemon again; over its time or its memory, it has to wait.
            if ended.error and not self.stopping:
                give_back(self.office, ended.run.key, ended.error)
            runs = self._stored(ended.run)
        except PaperlarkError as error:
            self._is_silent(error)
            return True
        for run in runs:
            self._tell_end(run, ended.error if run.key == ended.run.key else "")
        return True

    def _tell_end(self, run: Run, error: str) -> None:
        told: dict[str, Any] = {
            "kind": run.kind,
            "about": run.about,
            "period": run.period,
            "state": run.state,
            "next_at": run.next_at,
        }
        report: dict[str, Any] = {
            key: str(value) for key, value in run.report.items() if key not in told and value not in ({}, [], "")
        }
        tell = self.tell.warning if error or run.state != "done" else self.tell
        tell("run.end", **told, process=error or None, **report)

    def _stored(self, run: Run) -> list[Run]:
        with self.office.database.reading() as connection:
            stored = runs_of(connection, [run.key]).get(run.key, run)
            if run.kind != "compose":
                return [stored]
            return [stored, *(other for other in begun_with(connection, stored) if other.key != stored.key)]


@contextmanager
def _hands(office: Office, alarm: Alarm, log: "Log") -> "Iterator[Children | Queue]":
    """Give what runs are handed to: all that is different where there are workers."""
    if not office.settings.serve.workers:
        yield Children(Nurse(), alarm.ring)
        return
    if office.database.is_sqlite:
        raise SettingsError(["serve.workers: a store that workers share is on PostgreSQL"])
    from jobs.workers import open_queue  # noqa: PLC0415 - an extra

    with open_queue(office, Children(Nurse(), alarm.ring), log) as queue:
        yield queue


@contextmanager
def open_daemon(config: Path | None, environ: Mapping[str, str], log: "Log") -> Iterator[Daemon]:
    """Open the store and get ready; while the block runs, SIGTERM and SIGINT stop the daemon, and do not end the process."""
    with ExitStack() as stack:
        office = stack.enter_context(open_office(config, environ))
        alarm = stack.enter_context(Alarm())
        settings_file = Rereading(office.settings.file)
        hands = stack.enter_context(_hands(office, alarm, log))
        daemon = Daemon(office=office, settings_file=settings_file, tell=log, alarm=alarm, hands=hands)
        for number in (signal.SIGTERM, signal.SIGINT):
            stack.callback(signal.signal, number, signal.signal(number, daemon.stop))
        if office.settings.serve.listen:
            from jobs.health import open_health  # noqa: PLC0415 - a server of HTTP that few daemons are
            from jobs.metrics import vitals_of  # noqa: PLC0415

            vitals = vitals_of(lambda: daemon.office, lambda: time.monotonic() - daemon.beat)
            stack.enter_context(open_health(office.settings.serve.listen, vitals, log))
        yield daemon
