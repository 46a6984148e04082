"""The distributed way: runs are handed to Procrastinate, and workers on any machine do them.

It is transport, and decides nothing: a job names a run, which the worker claims or leaves (`jobs.work`). One that is lost is
handed over again as long as its run is open, and while it waits its lock keeps it from being there twice.
"""

import asyncio
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, ClassVar, Final

from procrastinate import App, PsycopgConnector, SyncPsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Status

from crawler.errors import PaperlarkError, SettingsError, StorageError
from jobs.agenda import AT_LEISURE
from jobs.children import GRACE, Children, Ended, Nurse
from jobs.queue_log import away, hushed
from jobs.rereading import Rereading
from jobs.sharing import as_shared, lacking, queue_of, queues
from jobs.steps import Office, open_office
from jobs.work import give_back, is_to_do
from storage.queue import SCHEMA, check_queue, queue_address
from storage.runs import Run, RunKey

if TYPE_CHECKING:
    from jobs.logs import Log
    from jobs.settings import Settings

TASK: Final = "paperlark.run"
AT_HOME: Final = ("write", "warn")
"""The kinds that are done where the daemon is: its disk is where readers find their files."""

_WAITING: Final = 100
_AGAIN: Final = 30.0
"""Seconds after which a run that is still open is handed over once more: whoever had it may have died."""

_PAUSE: Final = 5.0
"""Seconds after which a store that did not answer is asked again."""

_HEARTBEAT: Final = 10.0
_STALLED: Final = 60.0
"""Seconds without a heartbeat after which a worker counts as dead."""


@dataclass(slots=True)
class Queue:
    """What a daemon hands its runs to; what is to be done on its own machine it has its own children do."""

    app: App
    home: Children
    glance: ClassVar[timedelta] = timedelta(seconds=5)
    _handed: dict[RunKey, float] = field(default_factory=dict)

    def takes(self, run: Run, most: int) -> bool:
        """Tell whether another run may be handed over: a hundred wait at most, and each is handed over once a while."""
        if run.kind in AT_HOME:
            return self.home.takes(run, most)
        self._handed = {key: at for key, at in self._handed.items() if time.monotonic() - at < _AGAIN}
        return len(self._handed) < _WAITING and run.key not in self._handed

    def start(self, run: Run, settings: "Settings", environ: Mapping[str, str]) -> bool:
        """Hand a run over; False when it is waiting already."""
        if run.kind in AT_HOME:
            return self.home.start(run, settings, environ)
        self._handed[run.key] = time.monotonic()
        queue = queue_of(run.kind, run.about)
        # With the queue in the lock: one that an older Paperlark left in a queue of another name stands in nobody's way.
        job = self.app.configure_task(TASK, queueing_lock=f"{queue} {run.about} {run.period}", queue=queue)
        try:
            job.defer(**run.key._asdict())
        except AlreadyEnqueued:
            return False
        except ConnectorException as error:
            raise StorageError("while handing over") from error
        return True

    def ended(self) -> list[Ended]:
        """Return the children that have ended since the last call; what came of other runs is in the store."""
        return self.home.ended()

    def stop(self) -> list[Ended]:
        """Tell the children to stop; workers go on."""
        return self.home.stop()


@contextmanager
def open_queue(office: Office, home: Children, log: "Log") -> Iterator[Queue]:
    """Open the queue of the store; SchemaError where it has none. `home` are the daemon's own children."""
    check_queue(office.database)
    app = App(connector=SyncPsycopgConnector(**_connection(office)))
    with hushed(log), app.open():
        yield Queue(app, home)


def _connection(office: Office) -> dict[str, Any]:
    return {"conninfo": queue_address(office.settings.database_url), "kwargs": {"options": f"-c search_path={SCHEMA}"}}


def work_on(config: Path | None, environ: Mapping[str, str], log: "Log", at_once: int) -> None:
    """Do runs that are handed over, so many at once, until somebody wants it to stop."""
    with open_office(config, environ) as office:
        if office.database.is_sqlite:
            raise SettingsError(
                ["a store that workers share is on PostgreSQL; on one machine, `paperlark serve` does all itself"]
            )
        check_queue(office.database)
        shared = as_shared(office, environ)
        missing = dict(lacking(shared, environ))
        for queue, why in missing.items():
            log.warning("worker.leaves", runs=queue, why=why)
        taken = [queue for queue in queues() if queue not in (*AT_HOME, *missing)]
        worker = _Worker(office, Rereading(office.settings.file), environ, log, taken)
        with hushed(log):
            asyncio.run(worker.go_on(at_once))


@dataclass(slots=True)
class _Worker:
    office: Office
    settings_file: Rereading
    environ: Mapping[str, str]
    log: "Log"
    queues: Sequence[str]
    nurse: Nurse = field(default_factory=Nurse)
    _silent: bool = False
    _one: Lock = field(default_factory=Lock)
    _leisure: Lock = field(default_factory=Lock)
    """Held while a run is done that may take long and waits for nobody, so that there is a place for the others."""

    async def go_on(self, at_once: int) -> None:
        self.log("worker.start", store=self.office.settings.database, at_once=at_once)
        stopping = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, partial(self._stop, stopping))
        while not stopping.is_set():
            try:
                await self._take(at_once, stopping)
            except ConnectorException as error:
                # What was being done is still open in the store, and is handed over anew.
                self._is_silent(away(error))
                with suppress(TimeoutError):
                    await asyncio.wait_for(stopping.wait(), _PAUSE)
        self.log("worker.stop")

    async def _take(self, at_once: int, stopping: asyncio.Event) -> None:
        """Take runs from the queue until it is to stop; ConnectorException when the store has been silent for long."""
        app = App(connector=PsycopgConnector(**_connection(self.office)))
        app.task(name=TASK)(self.do)
        async with app.open_async():
            for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=_STALLED):
                # Left behind by a worker that died: its run is handed over anew by whoever looks at the agenda.
                await app.job_manager.finish_job(job, Status.FAILED, delete_job=True)
            self._answers()
            work = asyncio.ensure_future(
                app.run_worker_async(
                    queues=self.queues,
                    concurrency=at_once,
                    delete_jobs="always",
                    install_signal_handlers=False,
                    shutdown_graceful_timeout=GRACE + 3,
                    update_heartbeat_interval=_HEARTBEAT,
                )
            )
            stop = asyncio.ensure_future(stopping.wait())
            await asyncio.wait([work, stop], return_when=asyncio.FIRST_COMPLETED)
            stop.cancel()
            work.cancel()
            await asyncio.wait([work])
            if not work.cancelled() and (error := work.exception()) and not stopping.is_set():
                raise error if isinstance(error, ConnectorException) else StorageError("while waiting for work") from error

    def _is_silent(self, error: PaperlarkError) -> None:
        """Tell that the store does not answer, or has no settings to go by, once until it does."""
        if not self._silent:
            self.log.error("settings.missing" if isinstance(error, SettingsError) else "store.silent", error=str(error))
        self._silent = True

    def _answers(self) -> None:
        if self._silent:
            self.log("store.back")
        self._silent = False

    def _stop(self, stopping: asyncio.Event) -> None:
        self.nurse.stopping.set()
        stopping.set()

    def do(self, kind: str, about: str, period: str) -> None:
        """Do a run, one of those at leisure at a time: another is handed over anew; called in a thread."""
        if kind not in AT_LEISURE:
            self._do(RunKey(kind, about, period))
        elif self._leisure.acquire(blocking=False):
            try:
                self._do(RunKey(kind, about, period))
            finally:
                self._leisure.release()

    def _do(self, key: RunKey) -> None:
        """Do a run in a child, if it is still to be done."""
        with self._one:
            self.office = self.settings_file.of(self.office, self.log)
        try:
            office = as_shared(self.office, self.environ)
            is_wanted = is_to_do(office, key)
            self._answers()
            if not is_wanted:
                return
            self.log("run.start", **key._asdict())
            error = self.nurse.attend(key, office.settings, {**self.environ, **office.clock.variable()})
            self.log("run.end", **key._asdict(), process=error or None)
            if error and not self.nurse.stopping.is_set():
                give_back(office, key, error)
        except PaperlarkError as error_:
            self._is_silent(error_)
