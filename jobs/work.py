"""Doing one run: claim it, do it, write down what came of it. The same in the daemon's own processes and on any machine."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from crawler.errors import PaperlarkError, SettingsError
from crawler.report import BESIDE, Progress
from crawler.text import clean
from jobs.agenda import sources_on
from jobs.alarm_mail import troubles_of, warn
from jobs.articles import articles_step
from jobs.due import again_at, asking, day_of
from jobs.exits import not_written, without_server
from jobs.steps import RUN_PATIENCE, Office, crawl_step, digest_step, open_office, send_step, write_step
from storage.leases import lease
from storage.outbox import FILES, due
from storage.planned import Outcome, claim_run, finish_run, open_runs, runs_of
from storage.runs import Run, RunKey

_AT_A_TIME: Final = 200
"""So many digests are made by one process at most."""

_SOON: Final = timedelta(minutes=10)
_LATEST: Final = timedelta(hours=3)
_LATE_LIST: Final = timedelta(minutes=30)
"""How long after a digest without anything in it another is made, while a source may still tell what it has."""


def work(config: Path | None, environ: Mapping[str, str], key: RunKey) -> None:
    """Open the store and do a run; of digests those as well that are waiting: to begin takes longer than to make one."""
    with open_office(config, environ) as office:
        do(office, key)
        if key.kind == "compose":
            with office.database.reading() as connection:
                waiting = [run.key for run in open_runs(connection, office.clock()) if run.kind == "compose"]
            for other in waiting[:_AT_A_TIME]:
                do(office, other)


def do(office: Office, key: RunKey) -> Run | None:
    """Do a run and return it as it was claimed; None when it is not open, or somebody else is at it."""
    with lease(office.database, lease_of(key)) as held:
        if not held:
            return None
        with office.database.writing() as connection:
            run = claim_run(connection, key, office.clock())
        if run is not None:
            outcome = _attempt(office, run)
            with office.database.writing() as connection:
                finish_run(connection, run, outcome, office.clock())
        return run


def lease_of(key: RunKey) -> str:
    """Return the name of the right to do a run. Of one kind and about one thing only one is done at a time."""
    return f"run:{key.kind}:{key.about}"


def is_to_do(office: Office, key: RunKey) -> bool:
    """Tell whether a run is open, and nobody is at it: a look that costs nothing beside a process."""
    with lease(office.database, lease_of(key)) as is_free, office.database.reading() as connection:
        return is_free and any(run.key == key for run in open_runs(connection, office.clock()))


def later(attempts: int, now: datetime) -> datetime:
    """Return when a run that failed so many times is begun again: later and later."""
    return now + min(_SOON * (1 << max(0, min(attempts - 1, 5))), _LATEST)


def give_back(office: Office, key: RunKey, why: str) -> None:
    """Write down for a process that died what came of its run, unless it had, or another one has claimed it since."""
    with lease(office.database, lease_of(key)) as held:
        if not held:
            return
        with office.database.writing() as connection:
            run, now = runs_of(connection, [key]).get(key), office.clock()
            if run and run.state in ("due", "running"):
                finish_run(connection, run, _broken(run, why, now), now)


def _broken(run: Run, why: str, now: datetime) -> Outcome:
    return Outcome(state="failed", next_at=later(run.attempts, now), report={"error": clean(why, 400)})


def _attempt(office: Office, run: Run) -> Outcome:
    try:
        return _ACTS[run.kind](office, run)
    except PaperlarkError as error:
        return _broken(run, str(error), office.clock())
    except Exception as error:  # noqa: BLE001 - a mistake in one run must not end the daemon's day: it is told, and tried again
        return _broken(run, f"{type(error).__name__}: {error}", office.clock())


def _ask(office: Office, run: Run) -> Outcome:
    looks = crawl_step(office, [run.about], _quiet, patience=RUN_PATIENCE)
    newest = [look for look in looks if look.task not in BESIDE]
    now = office.clock()
    next_at = again_at((look.verdict for look in newest), run.attempts, now)
    report = {
        "verdicts": {look.scope: look.verdict.kind for look in newest},
        "requests": sum(look.requests for look in looks),
        "new": sum(look.new for look in looks),
    }
    return Outcome(state="failed" if next_at else "done", next_at=next_at, report=report)


def _compose(office: Office, run: Run) -> Outcome:
    readers = {one.name: one for one in office.settings.subscriptions}
    if run.about not in readers:
        raise SettingsError([f"there is no subscription {run.about} any more"])
    reader, now = readers[run.about], office.clock()
    day = day_of(reader.every, run.period, now.astimezone(ZoneInfo(reader.timezone)).date())
    (digested,) = digest_step(office, [run.about], day)
    unwritten = [one.recipient for one in write_step(office, [digested]) if not_written(one)]
    report = {"papers": digested.papers, "updates": digested.updates, "unwritten": unwritten}
    if not (digested.papers or digested.updates) and _is_a_source_late(office, now):
        return Outcome(state="failed", next_at=now + _LATE_LIST, report={**report, "error": "empty, and a source is late"})
    return Outcome(report=report)


def _is_a_source_late(office: Office, now: datetime) -> bool:
    keys = [asking(source, now).key for source in sources_on(office.settings)]
    with office.database.reading() as connection:
        known = runs_of(connection, keys)
    return any(key not in known or known[key].state != "done" for key in keys)


def _deliver(office: Office, run: Run) -> Outcome:
    deliveries = [*write_step(office), *send_step(office)]
    report: dict[str, int] = dict(Counter(one.state for one in deliveries))
    now, forms = office.clock(), (*FILES, *(("mail",) if office.settings.smtp else ()))
    with office.database.reading() as connection:
        left = due(connection, now, forms)
    stuck = any(not_written(one) or without_server(one) for one in deliveries)
    # Whatever is left is being sent by somebody else, or waits for a server, or for room on the disk.
    return Outcome(state="failed", next_at=later(run.attempts, now), report=report) if left or stuck else Outcome(report=report)


def _enrich(office: Office, run: Run) -> Outcome:
    looks = articles_step(office, [run.about], _quiet)
    return Outcome(report={"seen": sum(look.seen for look in looks), "requests": sum(look.requests for look in looks)})


def _warn(office: Office, run: Run) -> Outcome:
    del run
    now = office.clock()
    return Outcome(report={"mails": warn(office, now), "troubles": troubles_of(office, now)})


def _quiet(progress: Progress) -> None:
    del progress


_ACTS: Final[Mapping[str, Callable[[Office, Run], Outcome]]] = {
    "ask": _ask,
    "compose": _compose,
    "deliver": _deliver,
    "warn": _warn,
    "enrich": _enrich,
}
