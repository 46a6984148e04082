"""Delivering what the outbox holds: what is about to happen to a mail is written down before it happens.

A process that dies in between leaves the mail as `sending`, and the next one sends the same bytes again: nothing is lost,
and a second copy has the Message-ID of the first.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Final

from crawler.errors import DeliveryError
from crawler.text import clean
from digests.deliver import Outcome, Post, open_smtp
from digests.files import write_file
from digests.smtp import Smtp
from storage.database import Database
from storage.leases import lease
from storage.outbox import FILES, Delivery, Form, OutboxState, begin, body, due, parts_due, settle

Clock = Callable[[], datetime]
Settled = Callable[[Delivery, Outcome], Delivery]

# RFC 5321 §4.5.4.1: a sender gives up after four or five days; in between it waits longer and longer.
_FIRST_WAIT: Final = timedelta(minutes=5)
_LONGEST_WAIT: Final = timedelta(hours=24)
_PATIENCE: Final = timedelta(days=5)
# And not before it has really tried: five days may pass with the machine asleep.
_TRIES: Final = 5


def send_due(
    database: Database, smtp: Smtp | None, clock: Clock, chance: Random, parts: Iterable[int] | None = None
) -> list[Delivery]:
    """Send every mail that is due, or those in some of the `parts`, and return what became of each.

    Without a server they stay as they are. A part that another process is sending is left to it. A server that cannot be
    reached, or lets nobody in, is no fault of a mail: what is left is tried again at the next call, so that whoever mended the
    settings need not wait.
    """
    done, trouble = list[Delivery](), ""
    settled = partial(_settled, database, clock, chance)
    with database.reading() as connection:
        chosen = parts_due(connection, clock()) if parts is None else list(parts)
    with ExitStack() as stack:
        line = _Line(smtp, stack) if smtp else None
        for part in chosen:
            with _due(database, ("mail",), clock, part) as mails:
                if line is None:
                    done += mails
                    continue
                waiting = deque(mails)
                try:
                    if not trouble:
                        done += _sent(database, line, waiting, settled)
                except DeliveryError as error:
                    trouble = clean(str(error), 500)
                done += [_kept(database, mail, trouble, clock()) for mail in waiting]
    return done


def write_due(database: Database, folder: Path, clock: Clock) -> list[Delivery]:
    """Write every digest that is due to its place below `folder`, and return what became of each.

    One that cannot be written is tried again each time: whoever made room need not wait.
    """
    with _due(database, FILES, clock) as files:
        return [_written(database, folder, file, clock()) for file in files]


@contextmanager
def _due(database: Database, forms: tuple[Form, ...], clock: Clock, part: int | None = None) -> Iterator[list[Delivery]]:
    # Files have a lease of their own, and each part of the mails: a file does not wait for a slow server.
    with lease(database, f"outbox {' '.join(forms)}{'' if part is None else f' {part}'}") as held:
        if not held:
            yield []
            return
        with database.reading() as connection:
            waiting = due(connection, clock(), forms, part)
        yield waiting


@dataclass(slots=True)
class _Line:
    """The connection to a server, made when it is needed first and again when it was lost."""

    smtp: Smtp
    stack: ExitStack
    _post: Post | None = None

    def post(self) -> tuple[Post, bool]:
        """Return the connection, and whether it is a new one; DeliveryError when there is none to be had."""
        if self._post is not None and self._post.is_open():
            return self._post, False
        self.stack.close()
        self._post = self.stack.enter_context(open_smtp(self.smtp))
        return self._post, True


def _sent(database: Database, line: _Line, waiting: deque[Delivery], settled: Settled) -> Iterator[Delivery]:
    """Send the mails that wait, the first first; what is left there when no server can be had was not sent."""
    while waiting:
        post, is_new = line.post()
        waiting[0], content = _begun(database, waiting[0])
        outcome = post.send(waiting[0].recipient, content)
        # Some servers close a connection after so many mails. That is not the fault of the next, which gets a new connection.
        if is_new or post.is_open() or outcome.state != "deferred":
            yield settled(waiting.popleft(), outcome)


def _begun(database: Database, mail: Delivery) -> tuple[Delivery, bytes]:
    with database.writing() as connection:
        return begin(connection, mail), body(connection, mail)


def _settled(database: Database, clock: Clock, chance: Random, mail: Delivery, outcome: Outcome) -> Delivery:
    now, error = clock(), clean(outcome.error or "", 500)
    with database.writing() as connection:
        if outcome.state == "accepted":
            return settle(connection, mail, "sent", now)
        if outcome.state == "refused":
            return settle(connection, mail, "failed", now, (None, error))
        if now - mail.created_at >= _PATIENCE and mail.attempts >= _TRIES:
            why = f"given up after {_PATIENCE.days} days and {mail.attempts} tries: {error}"
            return settle(connection, mail, "failed", now, (None, why))
        return settle(connection, mail, outcome.state, now, (now + wait(mail.attempts, chance), error))


def _kept(database: Database, mail: Delivery, error: str, now: datetime) -> Delivery:
    """Leave a mail as it is for want of a server, not of time; what may have been accepted before stays unknown."""
    state: OutboxState = "unknown" if mail.state == "unknown" else "deferred"
    with database.writing() as connection:
        return settle(connection, mail, state, now, (None, error))


def wait(attempts: int, chance: Random) -> timedelta:
    """Return how long to leave a mail alone after so many attempts: twice as long each time, never two alike."""
    # Ten doublings are more than a day, and no number of attempts may grow beyond a date.
    longest = min(_FIRST_WAIT * (1 << min(attempts - 1, 10)), _LONGEST_WAIT)
    return longest * chance.uniform(0.8, 1)


def _written(database: Database, folder: Path, file: Delivery, now: datetime) -> Delivery:
    with database.reading() as connection:
        content = body(connection, file)
    error = None
    try:
        write_file(folder, file.recipient, content)
    except DeliveryError as problem:
        error = clean(str(problem), 500)
    with database.writing() as connection:
        begun = begin(connection, file)
        if error is None:
            return settle(connection, begun, "sent", now)
        return settle(connection, begun, "deferred", now, (now, error))
