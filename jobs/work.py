"""Doing one run: claim it, do it, write down what came of it. The same in the daemon's own processes and on any machine."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from crawler.errors import PaperlarkError, SettingsError
from crawler.report import BESIDE, Errand, Progress
from crawler.text import clean
from jobs.agenda import sources_on
from jobs.alarm_mail import troubles_of, warn
from jobs.articles import articles_step
from jobs.batches import batch_of
from jobs.digesting import Digested
from jobs.due import again_at, asking, day_of
from jobs.exits import not_written, without_server
from jobs.filling import span_of
from jobs.steps import RUN_PATIENCE, Office, crawl_step, digest_step, office_by, send_step, write_step
from storage.leases import lease, leases
from storage.outbox import FILES, Delivery, is_due, parts_due
from storage.planned import Outcome, claim_run, finish_run, open_runs, runs_of
from storage.runs import Run, RunKey

if TYPE_CHECKING:
    from jobs.settings import Settings

_SOON: Final = timedelta(minutes=10)
_LATEST: Final = timedelta(hours=3)
_STOPPED: Final = ("failed", "throttled", "blocked")
"""The verdicts after which there is more to come of a past that does not change any more."""

_LATE_LIST: Final = timedelta(minutes=30)
"""How long after a digest without anything in it another is made, while a source may still tell what it has."""


def work(settings: "Settings", environ: Mapping[str, str], key: RunKey) -> None:
    """Open the store and do a run, and those that wait to be done together with it."""
    with office_by(settings, environ) as office:
        with office.database.reading() as connection:
            batch = batch_of(open_runs(connection, office.clock()), key)
        do(office, *batch)


def do(office: Office, *keys: RunKey) -> list[Run]:
    """Do runs of one kind and return them as they were claimed, without those that are not open, or that others are at."""
    with leases(office.database, (lease_of(key) for key in keys)) as held:
        with office.database.writing() as connection:
            now = office.clock()  # one moment for all: by that they are known to have been done together (`begun_with`)
            named = (claim_run(connection, key, now) for key in keys if lease_of(key) in held)
            runs = [run for run in named if run is not None]
        if runs:
            outcomes = _attempt(office, runs)
            with office.database.writing() as connection:
                for run, outcome in zip(runs, outcomes, strict=True):
                    finish_run(connection, run, outcome, office.clock())
        return runs


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


def _attempt(office: Office, runs: Sequence[Run]) -> list[Outcome]:
    try:
        return _ACTS[runs[0].kind](office, runs)
    except PaperlarkError as error:
        why = str(error)
    except Exception as error:  # noqa: BLE001 - a mistake in one run must not end the daemon's day: it is told, and tried again
        why = f"{type(error).__name__}: {error}"
    if len(runs) == 1:
        return [_broken(runs[0], why, office.clock())]
    # What one of them breaks is broken in it alone.
    return [outcome for run in runs for outcome in _attempt(office, [run])]


def _one_by_one(act: Callable[[Office, Run], Outcome]) -> Callable[[Office, Sequence[Run]], list[Outcome]]:
    return lambda office, runs: [act(office, run) for run in runs]


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


def _compose(office: Office, runs: Sequence[Run]) -> list[Outcome]:
    now, done = office.clock(), dict[str, Digested]()
    days = {run.about: _day_of(office, run, now) for run in runs}
    for day in sorted(set(days.values())):
        names = [name for name, its in days.items() if its == day]
        done |= zip(names, digest_step(office, names, day), strict=True)
    is_late = any(_is_empty(one) for one in done.values()) and _is_a_source_late(office, now)
    return [_composed(done[run.about], now, is_late=is_late) for run in runs]


def _day_of(office: Office, run: Run, now: datetime) -> date:
    reader = next((one for one in office.settings.subscriptions if one.name == run.about), None)
    if reader is None:
        raise SettingsError([f"there is no subscription {run.about} any more"])
    return day_of(reader.every, run.period, now.astimezone(ZoneInfo(reader.timezone)).date())


def _composed(digested: Digested, now: datetime, *, is_late: bool) -> Outcome:
    report = {"papers": digested.papers, "updates": digested.updates}
    if _is_empty(digested) and is_late:
        return Outcome(state="failed", next_at=now + _LATE_LIST, report={**report, "error": "empty, and a source is late"})
    return Outcome(report=report)


def _is_empty(digested: Digested) -> bool:
    return not (digested.papers or digested.updates)


def _is_a_source_late(office: Office, now: datetime) -> bool:
    keys = [asking(source, now).key for source in sources_on(office.settings)]
    with office.database.reading() as connection:
        known = runs_of(connection, keys)
    return any(key not in known or known[key].state != "done" for key in keys)


def _write(office: Office, run: Run) -> Outcome:
    def is_left() -> bool:
        with office.database.reading() as connection:
            return is_due(connection, office.clock(), FILES)

    return _delivered(office, run, _until_nothing_is_left(partial(write_step, office), is_left, not_written))


def _deliver(office: Office, run: Run) -> Outcome:
    parts = [int(run.about)] if run.about else None

    def is_left() -> bool:
        with office.database.reading() as connection:
            left = parts_due(connection, office.clock()) if office.settings.smtp else []
        return bool(left if parts is None else {*left} & {*parts})

    return _delivered(office, run, _until_nothing_is_left(partial(send_step, office, parts), is_left, without_server))


def _until_nothing_is_left(
    step: Callable[[], Sequence[Delivery]], is_left: Callable[[], bool], is_stuck: Callable[[Delivery], bool]
) -> tuple[list[Delivery], bool]:
    """Deliver, and what has come meanwhile as well; return what became of all, and whether something is stuck.

    That is at somebody else's, or waits for a server, or for room on the disk.
    """
    done: list[Delivery] = []
    while some := step():
        done += some
        if any(map(is_stuck, some)):
            return done, True
        if not is_left():
            return done, False
    return done, is_left()


def _delivered(office: Office, run: Run, delivered: tuple[list[Delivery], bool]) -> Outcome:
    deliveries, is_stuck = delivered
    report: dict[str, int] = dict(Counter(one.state for one in deliveries))
    if is_stuck:
        return Outcome(state="failed", next_at=later(run.attempts, office.clock()), report=report)
    return Outcome(report=report)


def _enrich(office: Office, run: Run) -> Outcome:
    looks = articles_step(office, [run.about], _quiet)
    return Outcome(report={"seen": sum(look.seen for look in looks), "requests": sum(look.requests for look in looks)})


def _warn(office: Office, run: Run) -> Outcome:
    del run
    now = office.clock()
    return Outcome(report={"mails": warn(office, now), "troubles": troubles_of(office, now)})


def _fill(office: Office, run: Run) -> Outcome:
    since, until = span_of(run.period)
    looks = crawl_step(office, [run.about], _quiet, patience=RUN_PATIENCE, errand=Errand(since=since, until=until))
    stopped = [look.verdict for look in looks if look.verdict.kind in _STOPPED]
    report = {"verdicts": {look.scope: look.verdict.kind for look in looks}, "new": sum(look.new for look in looks)}
    next_at = again_at(stopped, run.attempts, office.clock())
    return Outcome(state="failed" if next_at else "done", next_at=next_at, report=report)


def _quiet(progress: Progress) -> None:
    del progress


_ACTS: Final[Mapping[str, Callable[[Office, Sequence[Run]], list[Outcome]]]] = {
    "ask": _one_by_one(_ask),
    "compose": _compose,
    "write": _one_by_one(_write),
    "deliver": _one_by_one(_deliver),
    "warn": _one_by_one(_warn),
    "enrich": _one_by_one(_enrich),
    "fill": _one_by_one(_fill),
}
