"""Reaching a mail server: connecting, securing the connection and logging in (RFC 5321, RFC 3207, RFC 4954).

A password goes over TLS with a verified certificate, or not at all; it is in no error, and in no other words of ours.
"""

import base64
import smtplib
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal
from urllib.parse import quote

from crawler.errors import DeliveryError
from crawler.text import clean
from digests.address import Address

Security = Literal["starttls", "tls", "none"]


@dataclass(frozen=True, slots=True)
class Login:
    """Who logs in. `password` is asked for at each connection, and kept nowhere."""

    username: str
    password: Callable[[], str] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Smtp:
    """A mail server, and who sends through it: the address bounces go to.

    `patience` is how long to wait for the answer to the final dot, `timeout` for any other step (RFC 5321 §4.5.3.2).
    """

    host: str
    port: int
    security: Security
    sender: Address
    login: Login | None = None
    timeout: timedelta = timedelta(minutes=1)
    patience: timedelta = timedelta(minutes=10)

    @property
    def place(self) -> str:
        """The server, as an error names it."""
        return f"{self.host}:{self.port}"


def connect(smtp: Smtp) -> smtplib.SMTP:
    """Return a connection that is ready for mail; a DeliveryError when the server, the network or the login is not.

    There is no debugging output to be had from it: that of smtplib shows the password.
    """
    if smtp.security == "none" and smtp.login is not None:
        raise DeliveryError(smtp.place, 'a password needs a secure connection: set security = "starttls" or "tls"')
    # Before connecting, for a command that asks its owner for the key may take longer than a server waits.
    password = smtp.login.password() if smtp.login else ""
    ready = False
    server = _connected(smtp)
    try:
        _secure(server, smtp)
        if smtp.login is not None:
            _log_in(server, smtp.place, smtp.login.username, password)
        ready = True
    finally:
        if not ready:
            server.close()
    return server


def _connected(smtp: Smtp) -> smtplib.SMTP:
    seconds = smtp.timeout.total_seconds()
    try:
        # With a name of its own for now: smtplib would ask the DNS for one, and may wait long for it.
        if smtp.security == "tls":
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(smtp.host, smtp.port, "localhost", timeout=seconds, context=context)
        return smtplib.SMTP(smtp.host, smtp.port, "localhost", timeout=seconds)
    except (OSError, UnicodeError) as error:
        raise DeliveryError(smtp.place, because(error)) from None


def _secure(server: smtplib.SMTP, smtp: Smtp) -> None:
    try:
        _introduce(server)
        server.ehlo_or_helo_if_needed()
        if smtp.security == "starttls":
            if not server.has_extn("starttls"):
                raise DeliveryError(smtp.place, 'it offers no STARTTLS, without which nothing is sent; try security = "tls"')
            server.starttls(context=ssl.create_default_context())
            server.ehlo_or_helo_if_needed()
    except OSError as error:
        raise DeliveryError(smtp.place, because(error)) from None


def _introduce(server: smtplib.SMTP) -> None:
    """Say our address where a server's name belongs (RFC 5321 §4.1.3): a laptop has no name that others know."""
    if server.sock is None:
        return
    # The dot goes out on its own, and must not wait until what came before it is confirmed.
    server.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    address = str(server.sock.getsockname()[0]).partition("%")[0]
    server.local_hostname = f"[IPv6:{address}]" if ":" in address else f"[{address}]"


def _log_in(server: smtplib.SMTP, place: str, username: str, password: str) -> None:
    """Log in as RFC 4954 has it. Not by smtplib's own login(), which cannot send a password beyond ASCII."""
    whole = _base64(f"\0{username}\0{password}")
    ways = server.esmtp_features.get("auth", "").upper().split()
    try:
        if "PLAIN" in ways:
            code, words = server.docmd("AUTH", f"PLAIN {whole}")
        elif "LOGIN" in ways:
            code, words = server.docmd("AUTH", f"LOGIN {_base64(username)}")
            if code == 334:
                code, words = server.docmd(_base64(password))
        else:
            raise DeliveryError(place, "it offers neither of the ways to log in that we know, PLAIN and LOGIN")
    except OSError as error:
        raise DeliveryError(place, "while logging in", because(error)) from None
    if code != 235:
        # Some servers repeat the line they do not like.
        quoted = {quote(password, safe=safe, errors="surrogateescape") for safe in ("", "/")}
        hidden = {whole, _base64(password), password, *quoted}
        said = words.decode("utf-8", "replace")
        told = any(secret and secret in said for secret in hidden)
        raise DeliveryError(place, f"the login as {clean(username)} was refused", f"{code} {'' if told else readable(words)}")


def _base64(text: str) -> str:
    # What came from the environment in no encoding goes out as the bytes it was.
    return base64.b64encode(text.encode("utf-8", "surrogateescape")).decode("ascii")


def because(error: OSError | UnicodeError) -> str:
    """Return what went wrong in the server's words, else in the system's."""
    if isinstance(error, smtplib.SMTPResponseException):
        words = error.smtp_error
        return f"{error.smtp_code} {readable(words if isinstance(words, bytes) else words.encode())}"
    return clean(error.strerror if isinstance(error, OSError) and error.strerror else str(error), 200)


def readable(words: bytes) -> str:
    """Return what a server said, on one line."""
    return clean(words.decode("utf-8", "replace"), 200)
