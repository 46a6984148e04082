"""A day of many mails: how many a second a daemon's workers hand to a mail server that takes its time over each."""

import asyncio
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from storage.database import open_database
from storage.outbox import Message, enqueue
from tests.benchmarks.process import COMMAND

ANSWER: Final = 0.02
"""Seconds after which the server accepts a mail: it is on a network, and keeps what it accepts."""

DOMAINS: Final = 400
_BODY: Final = b"Message-ID: <%d@example.org>\r\nContent-Type: text/plain\r\n\r\n" + b"A digest of some length.\r\n" * 800
_AT_ONCE: Final = 500
_PATIENCE: Final = 900
_SETTINGS: Final = """
[paperlark]
database = "{url}"
[serve]
workers = true
[smtp]
host = "127.0.0.1"
port = {port}
security = "none"
from = "Paperlark <lark@example.org>"
"""


@dataclass
class Sink:
    """A server's handler that counts what it accepted, and when."""

    recipients: list[str] = field(default_factory=list)
    times: list[float] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Accept a mail."""
        del server, session
        await asyncio.sleep(ANSWER)
        self.times.append(time.monotonic())
        self.recipients += envelope.rcpt_tos
        return "250 OK"


def rate(url: str, folder: Path, mails: int, workers: int) -> float:
    """Return how many mails a second so many workers send, out of a new store at `url`."""
    _fill(url, mails)
    sink = Sink()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    controller = Controller(sink, hostname="127.0.0.1", port=port, server_hostname="localhost")
    controller.start()
    try:
        config = folder / f"{mails}-{workers}.toml"
        config.write_text(_SETTINGS.format(url=url, port=port), "utf-8")
        config.chmod(0o600)
        with _running(config, workers):
            _await(sink, mails)
    finally:
        controller.stop()
    if len(set(sink.recipients)) != mails:
        raise RuntimeError(f"{len(sink.recipients)} mails to {len(set(sink.recipients))} recipients in place of {mails}")
    return (mails - 1) / (sink.times[-1] - sink.times[0])


def _fill(url: str, mails: int) -> None:
    now = datetime.now(UTC)
    with closing(open_database(url)) as database:
        for start in range(0, mails, _AT_ONCE):
            with database.writing() as connection:
                enqueue(connection, (_message(number) for number in range(start, min(start + _AT_ONCE, mails))), now)


def _message(number: int) -> Message:
    return Message(
        subscription=f"reader {number}",
        period="2026-08-25",
        form="mail",
        recipient=f"reader{number}@{number % DOMAINS}.example.org",
        message_id=f"<{number}@example.org>",
        body=_BODY % number,
    )


@contextmanager
def _running(config: Path, workers: int) -> Iterator[None]:
    words = [["db", "upgrade"], ["serve"], *(["worker", "--at-once", "1"] for _ in range(workers))]
    log = config.with_suffix(".log")
    processes = []
    try:
        for one in words:
            with log.open("ab") as written:
                command = [COMMAND, "--config", str(config), *one]
                processes.append(subprocess.Popen(command, env={**os.environ}, stdout=written, stderr=written))
            if one == words[0] and processes[0].wait(_PATIENCE):
                raise RuntimeError(log.read_text("utf-8"))
        yield
    finally:
        for process in processes:
            process.send_signal(signal.SIGTERM)
        for process in processes:
            process.wait(_PATIENCE)


def _await(sink: Sink, mails: int) -> None:
    until = time.monotonic() + _PATIENCE
    while len(sink.times) < mails:
        if time.monotonic() > until:
            raise RuntimeError(f"only {len(sink.times)} of {mails} mails were sent")
        time.sleep(0.1)
