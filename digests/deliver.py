"""Handing a mail to a server (RFC 5321): one connection for many mails, one transaction for each recipient.

Whether a message was accepted is certain but for one moment: between its final dot and the server's answer to it
(RFC 1047). So the dot is sent on its own; what is lost before it was not accepted, what is lost after it is `unknown`.
"""

import re
import smtplib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, Literal

from digests.address import Address
from digests.smtp import Smtp, because, connect, readable

# What a server says of the login (RFC 4954 §6), not of the message.
_ABOUT_LOGIN: Final = (530, 534, 535, 538)
_GOODBYE: Final = timedelta(seconds=5)
_BLOCK: Final = 65_536
_DOT: Final = re.compile(rb"^\.", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one message: `deferred` and `unknown` may be tried again, `refused` may not."""

    state: Literal["accepted", "deferred", "refused", "unknown"]
    error: str | None = None


@dataclass(slots=True)
class Post:
    """A connection to a mail server. It is closed once it is lost, or the server's answers make no sense."""

    smtp: Smtp
    server: smtplib.SMTP = field(repr=False)

    def is_open(self) -> bool:
        """Whether another message can be sent through it."""
        return self.server.sock is not None

    def send(self, recipient: str, body: bytes) -> Outcome:
        """Hand one message over, whose lines end in CRLF; whatever the server or the network does is an Outcome."""
        address = Address.parse(recipient)
        if address is None:
            return Outcome("refused", "this is not an address that mail servers take")
        try:
            declined = self._offer(address, len(body))
            if declined is not None:
                return declined
            stuffed = _DOT.sub(b"..", body if body.endswith(b"\r\n") else body + b"\r\n")
            # In blocks, because the timeout counts for each of them.
            for start in range(0, len(stuffed), _BLOCK):
                self.server.send(stuffed[start : start + _BLOCK])
        except OSError as error:
            return self._lost("deferred", f"before the end of the message: {because(error)}")
        return self._finish()

    def _offer(self, recipient: Address, size: int) -> Outcome | None:
        """Say who writes to whom; None when the server waits for the message."""
        # RFC 1870: a server that limits the size says so here.
        limit = f" SIZE={size}" if self.server.has_extn("size") else ""
        commands = (("MAIL", f"FROM:<{self.smtp.sender.mailbox}>{limit}"), ("RCPT", f"TO:<{recipient.mailbox}>"), ("DATA", ""))
        for verb, about in commands:
            code, words = self.server.docmd(verb, about)
            if code // 100 != (3 if verb == "DATA" else 2):
                return self._declined(verb, code, words)
        return None

    def _finish(self) -> Outcome:
        try:
            self._wait(self.smtp.patience)
            self.server.send(b".\r\n")
            code, words = self.server.getreply()
            self._wait(self.smtp.timeout)
        except OSError as error:
            return self._lost("unknown", f"after the end of the message: {because(error)}")
        if code // 100 == 2:
            return Outcome("accepted")
        if code // 100 in (4, 5):
            return self._declined("the message", code, words)
        return self._lost("unknown", f"after the end of the message: {code} {readable(words)}")

    def _declined(self, what: str, code: int, words: bytes) -> Outcome:
        error = f"{what}: {code} {readable(words)}"
        if code == 421 or code // 100 not in (4, 5):
            return self._lost("deferred", error)
        with suppress(OSError):
            if self.server.docmd("RSET")[0] != 250:
                self.hang_up()
        return Outcome("refused" if code // 100 == 5 and code not in _ABOUT_LOGIN else "deferred", error)

    def _lost(self, state: Literal["deferred", "unknown"], error: str) -> Outcome:
        self.hang_up()
        return Outcome(state, error)

    def _wait(self, longest: timedelta) -> None:
        if self.server.sock is not None:
            self.server.sock.settimeout(longest.total_seconds())

    def hang_up(self) -> None:
        """Close the connection without a word."""
        self.server.close()

    def take_leave(self) -> None:
        """Say goodbye as the protocol has it; nothing depends on the answer."""
        with suppress(OSError):
            self._wait(min(_GOODBYE, self.smtp.timeout))
            self.server.docmd("QUIT")


@contextmanager
def open_smtp(smtp: Smtp) -> Iterator[Post]:
    """Give a connection that is ready for mail; a DeliveryError when there is none to be had."""
    post = Post(smtp, connect(smtp))
    try:
        yield post
        post.take_leave()
    finally:
        post.hang_up()
