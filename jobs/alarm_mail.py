"""The mail to the owner when something needs a person: once a day at most, and not every day about the same."""

import shlex
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from digests.alarm_words import alarm_subject, alarm_text
from digests.language import language
from digests.message import Letter, build, list_id, message_id
from jobs.alarms import OURS, Facts, Trouble, facts_of, given_up_key, troubles
from jobs.letters import Sender
from jobs.wanted import sender
from storage.database import Connection
from storage.outbox import Message, enqueue
from storage.planned import Outcome, finish_run
from storage.runs import Run, newest_runs, save_run

if TYPE_CHECKING:
    from jobs.settings import Settings
    from jobs.steps import Office

KIND, ABOUT = "warned", "owner"
"""The kind of the runs that remember what the owner was told, and what they are about."""

AGAIN: Final = timedelta(days=7)
"""What is told already is told once more after so long."""


def warn(office: "Office", now: datetime) -> int:
    """Put a mail to the owner into the outbox if there is something new to tell, or a week has passed; return how many: 0 or 1.

    Without a mail server there is nobody to tell.
    """
    writer = sender(office.settings)
    if writer is None:
        return 0
    day, facts = now.astimezone(ZoneInfo(office.settings.timezone)).date(), facts_of(office, now)
    with office.database.writing() as connection:
        last = next(iter(newest_runs(connection, 1, KIND, ABOUT)), None)
        before = last.report if last else {"keys": [], "given_up": [], "mailed_on": None}
        if before["mailed_on"] == day.isoformat():
            return 0
        found = _told_in_words(office.settings, _untold(facts, before), now)
        keys = sorted({key for one in found for key in one.keys})
        due = bool(keys) and _is_due(keys, before, day)
        if keys or before["keys"]:
            told = {"keys": keys, "given_up": [given_up_key(one) for one in facts.given_up]}
            _remember(connection, last, {**told, "mailed_on": day.isoformat() if due else before["mailed_on"]}, (day, now))
        if due:
            enqueue(connection, [_message(office.settings, writer, found, (day, now))], now)
    return int(due)


def troubles_of(office: "Office", now: datetime) -> list[str]:
    """Return what a person must look at, in words: for the log, whoever is told of it by mail."""
    return [one.words for one in _told_in_words(office.settings, facts_of(office, now), now)]


def _told_in_words(settings: "Settings", facts: Facts, now: datetime) -> list[Trouble]:
    return troubles(facts, language(settings.language), settings.timezone, now)


def _untold(facts: Facts, before: dict[str, Any]) -> Facts:
    """Leave out the messages given up that were told of: each is lost once."""
    return replace(facts, given_up=tuple(one for one in facts.given_up if given_up_key(one) not in before["given_up"]))


def _is_due(keys: list[str], before: dict[str, Any], day: date) -> bool:
    if before["mailed_on"] is None or set(keys) - set(before["keys"]):
        return True
    # Whichever way: a clock that was once far ahead must not silence us until then.
    return abs(day - date.fromisoformat(before["mailed_on"])) >= AGAIN


def _remember(connection: Connection, last: Run | None, report: dict[str, Any], at: tuple[date, datetime]) -> None:
    day, now = at
    if last and last.period == day.isoformat():
        finish_run(connection, last, Outcome(report=report), now)
        return
    run = Run(kind=KIND, about=ABOUT, period=day.isoformat(), state="done", started_at=now, finished_at=now, report=report)
    save_run(connection, run)


def _message(settings: "Settings", writer: Sender, found: list[Trouble], at: tuple[date, datetime]) -> Message:
    (day, now), words = at, language(settings.language)
    period, domain, recipient = day.isoformat(), writer.address.domain, writer.owner
    identity = message_id(OURS, period, recipient.mailbox, domain)
    letter = Letter(
        subject=alarm_subject(len(found), words),
        sender=writer.address,
        recipient=recipient,
        message_id=identity,
        date=now,
        list_name="Paperlark",
        list_id=list_id(OURS, domain),
    )
    config = f" --config {shlex.quote(str(settings.file.absolute()))}" if settings.file else ""
    commands = [command for one in found for command in ("status", *one.commands)]
    text = alarm_text([one.words for one in found], commands, config, words)
    return Message(
        subscription=OURS,
        period=period,
        form="mail",
        recipient=recipient.mailbox,
        message_id=identity,
        body=build(letter, text),
    )
