"""What is due and not finished? The one question that a daemon asks the store, whenever it looks.

Its answer gives catch-up after sleep, clock changes, crashes and several daemons at once: what is due is written down as a run
with a unique key (`storage.runs`), and stays on the agenda until somebody has finished it, or its period is over.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from crawler.feed_health import FEEDS
from crawler.source import Source
from crawler.sources import find
from jobs.due import Planned, asked_next, asking, composed_next, composing
from jobs.filling import MOST_ATTEMPTS
from storage.database import Connection
from storage.outbox import FILES, is_due, next_due_at, parts_due
from storage.planned import forget_runs, give_up_runs, next_run_at, open_runs, plan_runs, runs_of, unfinished
from storage.runs import Run, RunKey

if TYPE_CHECKING:
    from jobs.settings import Settings
    from jobs.steps import Office

_ORDER: Final = ("ask", "compose", "write", "deliver", "warn", "enrich", "fill")
"""What goes first: a digest does not wait for the pages of single papers, nor for the past."""

AT_LEISURE: Final = ("enrich", "fill")
"""The kinds that may take an hour each, and wait for nobody: places are left for what has an hour of its own."""

_OF_A_PERIOD: Final = ("ask", "compose", "enrich", "warn")
"""The kinds whose time is over when a new period begins: the new run does what was left."""

_FIRST_ASKED: Final = timedelta(hours=1)
"""So long a digest that is late already waits for what a source tells when it is asked for the first time."""

_KEPT: Final = timedelta(days=90)


def agenda(office: "Office", now: datetime) -> list[Run]:
    """Write down what is due, and return the runs that are to be begun now, or were left behind, what goes first first."""
    settings = office.settings
    asks = {source.name: asking(source, now) for source in sources_on(settings)}
    composes = [composing(reader, now) for reader in settings.subscriptions]
    warning = RunKey("warn", "", f"{now.astimezone(ZoneInfo(settings.timezone)):%Y-%m-%d}")
    with office.database.reading() as connection:
        found = runs_of(connection, [*(one.key for one in (*asks.values(), *composes)), warning])
        # What was given up begins anew when a clock comes to its time once more, or a reader is back in the settings.
        known = {key: run for key, run in found.items() if not run.is_given_up}
        wanted = [*_wanted(asks, composes, known, now), *_delivery(connection, settings, now)]
        wanted += [warning] if all(_is_told(known.get(one.key), now) for one in asks.values()) else []
        left = open_runs(connection, now)
    current = {one.key for one in (*asks.values(), *composes)} | set(wanted)
    over = [run.key for run in left if (run.kind in _OF_A_PERIOD and run.key not in current) or _is_hopeless(run)]
    new = [key for key in wanted if key not in known]
    if new or over:
        with office.database.writing() as connection:
            give_up_runs(connection, over, now)
            plan_runs(connection, new, now)
            forget_runs(connection, now - _KEPT)
            left = open_runs(connection, now)
    return sorted(left, key=lambda run: (_ORDER.index(run.kind), run.id))


def _is_hopeless(run: Run) -> bool:
    return run.kind == "fill" and run.state == "failed" and run.attempts >= MOST_ATTEMPTS


def sources_on(settings: "Settings") -> list[Source]:
    """Return the sources that the settings turn on."""
    return [find(name) for name in (*settings.sources, *((FEEDS,) if settings.feeds else ()))]


def _wanted(
    asks: Mapping[str, Planned], composes: Sequence[Planned], known: Mapping[RunKey, Run], now: datetime
) -> Iterator[RunKey]:
    for one in asks.values():
        yield one.key
        run = known.get(one.key)
        if run and run.state == "done" and find(one.key.about).article is not None:
            yield one.key._replace(kind="enrich")
    for digest in composes:
        if not any(_is_awaited(known.get(ask.key), digest.until, now) for ask in asks.values()):
            yield digest.key


def _is_told(run: Run | None, now: datetime) -> bool:
    """Tell whether a source has been asked, whatever came of it: after a sleep nobody is warned of what comes in a minute.

    One that nobody has asked for long is told of, too: all workers may be gone.
    """
    return run is not None and (run.state in ("done", "failed") or now - run.started_at >= _FIRST_ASKED)


def _is_awaited(run: Run | None, until: datetime, now: datetime) -> bool:
    """Tell whether a source may still tell what it has before a digest goes without it.

    After a sleep the hour until which it would have waited may be over: each source is asked once nevertheless.
    """
    if run is None:
        return True
    if run.state in ("due", "running"):
        return now < (max(until, run.started_at + _FIRST_ASKED) if run.attempts <= 1 else until)
    return run.state == "failed" and run.next_at is not None and max(run.next_at, now) < until


def _delivery(connection: Connection, settings: "Settings", now: datetime) -> Iterator[RunKey]:
    """Yield the runs that deliver what is in the outbox now, unless the last one is not done yet: it takes all with it."""
    wanted = [("write", "")] if is_due(connection, now, FILES) else []
    if settings.smtp and is_due(connection, now, ("mail",)):
        # By one process where there is one machine; by as many as there are parts where there may be many.
        parts = [str(part) for part in parts_due(connection, now)] if settings.serve.workers else [""]
        wanted += [("deliver", part) for part in parts]
    known = unfinished(connection, ("write", "deliver")) if wanted else set()
    yield from (RunKey(*one, f"{now:%Y-%m-%dT%H:%M:%S.%f}") for one in wanted if one not in known)


def next_look(office: "Office", now: datetime) -> datetime:
    """Return when something may be due next; what others put into the store in between is seen by whoever looks earlier."""
    settings = office.settings
    composes = [(composing(reader, now).until, composed_next(reader, now)) for reader in settings.subscriptions]
    moments = [asked_next(source, now) for source in sources_on(settings)]
    moments += [moment for pair in composes for moment in pair]
    moments.append(_midnight(now, settings.timezone))
    with office.database.reading() as connection:
        moments += [moment for moment in (next_run_at(connection, now), next_due_at(connection, now)) if moment]
    return min(moment for moment in moments if moment > now)


def _midnight(now: datetime, timezone: str) -> datetime:
    here = now.astimezone(ZoneInfo(timezone))
    return (here.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)).astimezone(now.tzinfo)
