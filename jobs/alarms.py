"""What a person must look at, though the daemon goes on: what the store knows of it, and, pure, whether that is too much."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple
from zoneinfo import ZoneInfo

from crawler.verdict import SETTLED
from digests import alarm_words
from digests.alarm_words import Command
from digests.language import Language
from jobs.banner import Watched, watched
from jobs.due import Planned, composing
from storage.checkpoints import days_read
from storage.database import Connection
from storage.days import days_since, first_days
from storage.ledger import never_settled, newest_lines, shut_out_since
from storage.outbox import Delivery, given_up, unsettled
from storage.planned import runs_of
from storage.runs import Run
from storage.schedules import schedule

if TYPE_CHECKING:
    from jobs.steps import Office

SILENT: Final = 3
"""So many announcement days in a row without a complete batch are too many."""

SHUT_OUT: Final = timedelta(days=7)
WAITING: Final = timedelta(hours=24)
LATE: Final = timedelta(days=1)

OURS: Final = "paperlark:owner"
"""What the mails to the owner have for a subscription; no reader's can be called so, for its name goes into names of files."""

#: A batch is given so long after its hour: it is asked for again and again inside the day.
_PATIENCE: Final = timedelta(hours=12)
_MEMORY: Final = timedelta(days=30)


class Scope(NamedTuple):
    """One scope of a source, and what the last look at it said."""

    source: str
    title: str
    scope: str
    why: str = ""

    @property
    def name(self) -> str:
        """What a person calls it."""
        return f"{self.title} {self.scope}".strip()


class Unwritten(NamedTuple):
    """A digest whose period has begun a day ago, and the run that has not written it."""

    planned: Planned
    run: Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the store knows that is a trouble once it has lasted too long. Moments are aware.

    `silent` are scopes with the announcement days since which they have had no complete batch, `shut_out` those that are
    refused, since when.
    """

    silent: Mapping[Scope, tuple[date, ...]] = field(default_factory=dict)
    shut_out: Mapping[Scope, datetime] = field(default_factory=dict)
    given_up: tuple[Delivery, ...] = ()
    waiting: tuple[Delivery, ...] = ()
    unwritten: tuple[Unwritten, ...] = ()


class Trouble(NamedTuple):
    """One thing for a person: what it is, for comparing it with what was told before; in words; and what to run."""

    keys: tuple[str, ...]
    words: str
    commands: tuple[Command, ...]


def troubles(facts: Facts, language: Language, timezone: str, now: datetime) -> list[Trouble]:
    """Say what a person must look at, in the owner's language and time zone. Pure."""
    zone = ZoneInfo(timezone)
    parts = (_silent(facts, language), _shut_out(facts, language, zone, now), _mail(facts, language, zone, now))
    return [*(one for part in parts for one in part), *_late(facts, language, zone)]


def _silent(facts: Facts, language: Language) -> Iterator[Trouble]:
    groups: dict[tuple[str, tuple[date, ...]], list[Scope]] = {}
    for scope, days in facts.silent.items():
        if len(days) >= SILENT:
            groups.setdefault((scope.source, days), []).append(scope)
    for (_, days), some in groups.items():
        words = alarm_words.silent([one.name for one in some], len(days), days[0], some[0].why, language)
        yield Trouble(_keys("silent", some), words, ("ledger", "sources --live"))


def _shut_out(facts: Facts, language: Language, zone: ZoneInfo, now: datetime) -> Iterator[Trouble]:
    groups: dict[str, list[Scope]] = {}
    for scope, since in facts.shut_out.items():
        if now - since >= SHUT_OUT:
            groups.setdefault(scope.source, []).append(scope)
    for some in groups.values():
        since = min(facts.shut_out[one] for one in some)
        words = alarm_words.shut_out([one.name for one in some], since.astimezone(zone).date(), some[0].why, language)
        yield Trouble(_keys("shut out", some), words, ("sources --live",))


def _mail(facts: Facts, language: Language, zone: ZoneInfo, now: datetime) -> Iterator[Trouble]:
    if facts.given_up:
        keys = tuple(map(given_up_key, facts.given_up))
        words = alarm_words.given_up([(one.recipient, one.error or "") for one in facts.given_up], language)
        yield Trouble(keys, words, ("status", "check"))
    late = [one for one in facts.waiting if now - one.created_at > WAITING]
    if late:
        why = next((one.error for one in late if one.error), "")
        since = min(one.created_at for one in late).astimezone(zone).date()
        yield Trouble(("waiting",), alarm_words.waiting(len(late), since, why, language), ("check", "send"))


def _late(facts: Facts, language: Language, zone: ZoneInfo) -> Iterator[Trouble]:
    for planned, run in facts.unwritten:
        since, why = planned.due_at.astimezone(zone).date(), str(run.report.get("error") or "")
        words = alarm_words.unwritten(run.about, run.period, since, why, language)
        yield Trouble((f"digest {run.about}",), words, ("digest", "check"))


def given_up_key(one: Delivery) -> str:
    """Return what a message that was given up is told as."""
    return f"given up {one.id}"


def _keys(what: str, scopes: Iterable[Scope]) -> tuple[str, ...]:
    return tuple(f"{what} {one.source}/{one.scope}" for one in scopes)


def facts_of(office: "Office", now: datetime) -> Facts:
    """Read what the store knows."""
    with office.database.reading() as connection:
        on = watched(office.settings, now, days_read(connection))
        lines = {(line.source, line.scope): line.verdict for line in newest_lines(connection)}
        scopes = {
            (one.name, name): Scope(one.name, one.source.title, name, lines[one.name, name].why)
            for one in on
            for name in one.scopes
            if (one.name, name) in lines
        }
        days = {scopes[place]: days for one in on for place, days in _days_without(connection, one, now) if place in scopes}
        since = {scopes[place]: shut_out_since(connection, *place) for place in scopes}
        return Facts(
            silent=days,
            shut_out={scope: moment for scope, moment in since.items() if moment},
            given_up=tuple(one for one in given_up(connection) if _is_reader_mail(one)),
            waiting=tuple(one for one in unsettled(connection) if _is_reader_mail(one) and one.state != "failed"),
            unwritten=tuple(_unwritten(connection, office, now)),
        )


def _is_reader_mail(one: Delivery) -> bool:
    # A mail of ours that cannot be delivered is no reason for another one.
    return one.form == "mail" and one.subscription != OURS


def _days_without(connection: Connection, one: Watched, now: datetime) -> Iterator[tuple[tuple[str, str], tuple[date, ...]]]:
    """Yield the scopes of a source with the newest announcement days, if there are such, that have no complete batch."""
    route = one.source.routes[0]
    if route.lasting or route.unscheduled:
        return
    calendar = route.calendar.without(schedule(connection, one.name).evenings_off)
    oldest = now.date() - max(_MEMORY, one.source.memory)
    # Of what could never be asked no day is known.
    looks = {scope: at.date() for scope, at in never_settled(connection, one.name).items()}
    first = looks | dict(first_days(connection, one.name))
    ledger = days_since(connection, one.name, one.scopes, oldest)
    settled = {(day.scope, day.day) for day in ledger if day.kind in SETTLED}
    for scope in one.scopes:
        own = calendar.of(scope)
        newest = own.due(now - _PATIENCE).batch_on
        if newest is None or scope not in first:
            continue
        days = own.batches(max(oldest, first[scope]) - timedelta(days=1), newest + timedelta(days=1))
        begin = max((number for number, day in enumerate(days, 1) if (scope, day) in settled), default=0)
        yield (one.name, scope), days[begin:]


def _unwritten(connection: Connection, office: "Office", now: datetime) -> Iterator[Unwritten]:
    """Yield the digests of a day ago that are not written, but for those whose reader has had the next one since."""
    readers = office.settings.subscriptions
    planned = [(composing(reader, now - LATE), composing(reader, now)) for reader in readers]
    runs = runs_of(connection, [one.key for pair in planned for one in pair])
    for before, newest in planned:
        run, later = runs.get(before.key), runs.get(newest.key)
        if run and run.state != "done" and not (later and later.state == "done"):
            yield Unwritten(before, run)
