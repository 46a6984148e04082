"""A real SMTP server on loopback that accepts every mail, but for what a test has scripted: at which step it does what.

Steps: `connect`, `EHLO`, `STARTTLS`, `AUTH`, `MAIL`, `RCPT` (or `RCPT you@example.org`), `DATA`, `body` (in the middle of a
message), `dot` (a whole message has arrived) and `RSET`, `QUIT`. The reply that is scripted for a step is given once, in
place of the server's own. What was accepted, and every byte a client sent, is kept.
"""

# ruff: noqa: N802 - aiosmtpd finds the steps by these names

import asyncio
import socket
import ssl
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from threading import Thread
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

SIZE_LIMIT = 16_000_000


@dataclass(frozen=True)
class Act:
    """Say these bytes, then go on, hang up, keep the client waiting for ever, or answer as the server would by itself.

    `keep`: the message was accepted; `first` is called before anything is said.
    """

    says: bytes = b""
    then: str = "go on"
    keep: bool = False
    first: Callable[[], None] = lambda: None


OWN = Act(then="answer")
DROP = Act(then="hang up")
STALL = Act(then="wait")


def reply(line: str) -> Act:
    """Answer with this line in place of the server's own."""
    return Act(says=f"{line}\r\n".encode())


@dataclass(frozen=True)
class Kept:
    """A message the server accepted: the envelope, and the bytes between DATA and the final dot."""

    sender: str
    recipients: tuple[str, ...]
    body: bytes


@dataclass
class MailServer:
    """What a test tells the server, and what it has seen. `heard` has whether each piece came over TLS."""

    port: int = 0
    login: tuple[str, str] | None = None
    scripted: dict[str, deque[Act]] = field(default_factory=lambda: defaultdict(deque))
    kept: list[Kept] = field(default_factory=list)
    heard: list[tuple[bool, bytes]] = field(default_factory=list)
    connections: int = 0

    def script(self, step: str, *acts: Act) -> None:
        """Do these things, one at each coming of the step."""
        self.scripted[step].extend(acts)

    def next_act(self, *steps: str) -> Act | None:
        """Take what is scripted for the first of these steps that has something."""
        return next((self.scripted[step].popleft() for step in steps if self.scripted[step]), None)

    @property
    def bodies(self) -> list[bytes]:
        """The accepted messages, in order."""
        return [kept.body for kept in self.kept]

    def keep(self, envelope: Envelope) -> None:
        """Accept a message."""
        content = envelope.original_content or b""
        self.kept.append(Kept(envelope.mail_from or "", tuple(envelope.rcpt_tos), content))


class _Scripted(SMTP):
    """One connection."""

    def __init__(self, server: MailServer, **options: Any) -> None:
        super().__init__(self, hostname="mail.example.org", authenticator=self._checked, **options)
        self.server = server
        self.greeted = False

    async def acted(self, *steps: str) -> bool:
        """Do what is scripted for the step, if anything is."""
        act = self.server.next_act(*steps)
        if act is None:
            return False
        if act.keep and self.envelope is not None:
            self.server.keep(self.envelope)
        act.first()
        if act.then == "answer":
            return False
        self._writer.write(act.says)
        if act.then == "hang up" and self.transport is not None:
            self.transport.close()
        if act.then != "go on":
            # The end of the connection ends this wait too.
            await asyncio.Event().wait()
        return True

    def data_received(self, data: bytes) -> None:
        secure = self.transport is not None and self.transport.get_extra_info("ssl_object") is not None
        self.server.heard.append((secure, data))
        super().data_received(data)

    async def push(self, status: Any) -> None:
        if not self.greeted:
            self.greeted = True
            self.server.connections += 1
            if await self.acted("connect"):
                return
        await super().push(status)

    async def smtp_EHLO(self, hostname: str) -> None:
        if not await self.acted("EHLO"):
            await super().smtp_EHLO(hostname)

    async def smtp_HELO(self, hostname: str) -> None:
        if not await self.acted("HELO"):
            await super().smtp_HELO(hostname)

    async def smtp_STARTTLS(self, arg: str) -> None:
        if not await self.acted("STARTTLS"):
            await super().smtp_STARTTLS(arg)

    async def smtp_AUTH(self, arg: str) -> None:
        if not await self.acted("AUTH"):
            await super().smtp_AUTH(arg)

    async def smtp_MAIL(self, arg: str | None) -> None:
        if not await self.acted("MAIL"):
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str | None) -> None:
        if not await self.acted(f"RCPT {(arg or '').removeprefix('TO:<').removesuffix('>')}", "RCPT"):
            await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg: str) -> None:
        if await self.acted("DATA"):
            return
        if self.server.scripted["body"]:
            await self.push("354 go on")
            await self._reader.readline()
            await self.acted("body")
            return
        await super().smtp_DATA(arg)

    async def smtp_RSET(self, arg: str) -> None:
        if not await self.acted("RSET"):
            await super().smtp_RSET(arg)

    async def smtp_QUIT(self, arg: str) -> None:
        if not await self.acted("QUIT"):
            await super().smtp_QUIT(arg)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> bytes:
        scripted = self.server.scripted["dot"]
        if scripted and scripted[0].then == "go on":
            return scripted.popleft().says.removesuffix(b"\r\n")
        await self.acted("dot")
        self.server.keep(envelope)
        return b"250 2.0.0 queued"

    def _checked(self, _server: SMTP, _session: Session, _envelope: Envelope, _way: str, data: Any) -> AuthResult:
        given = (data.login.decode(), data.password.decode()) if isinstance(data, LoginPassword) else None
        return AuthResult(success=given == self.server.login, handled=False)


@contextmanager
def mail_server(
    certificate: Path | None = None, *, implicit: bool = False, ways: str = "PLAIN LOGIN", port: int = 0
) -> Iterator[MailServer]:
    """Run a server for as long as the block. With a certificate it offers STARTTLS, or speaks only TLS if `implicit`.

    `ways` are the ways to log in that it offers, once the connection is secure; it listens at a `port` that is free.
    """
    server = MailServer(port)
    started: Future[tuple[int, Callable[[], object]]] = Future()
    options = {
        "tls_context": _context(certificate) if certificate and not implicit else None,
        "auth_require_tls": not implicit,
        "auth_exclude_mechanism": {"PLAIN", "LOGIN"} - set(ways.split()),
        "data_size_limit": SIZE_LIMIT,
    }
    outer = _context(certificate) if certificate and implicit else None
    thread = Thread(target=lambda: asyncio.run(_serve(server, started, options, outer)), daemon=True)
    thread.start()
    server.port, stop = started.result(timeout=10)
    try:
        yield server
    finally:
        stop()
        thread.join(timeout=10)


async def _serve(
    server: MailServer,
    started: "Future[tuple[int, Callable[[], object]]]",
    options: dict[str, Any],
    outer: ssl.SSLContext | None,
) -> None:
    loop, stop, open_ = asyncio.get_running_loop(), asyncio.Event(), list[_Scripted]()

    def connection() -> _Scripted:
        open_.append(_Scripted(server, loop=loop, **options))
        return open_[-1]

    listener = await loop.create_server(connection, "127.0.0.1", server.port, ssl=outer)
    # Small, so that a client notices soon that nobody reads what it sends.
    listener.sockets[0].setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    started.set_result((listener.sockets[0].getsockname()[1], lambda: loop.call_soon_threadsafe(stop.set)))
    async with listener:
        await stop.wait()
        for one in open_:
            if isinstance(one.transport, asyncio.Transport):
                one.transport.abort()
    # Twice: a transport is closed in the turn after, and what lies under TLS in the one after that.
    for _ in range(3):
        await asyncio.sleep(0)


def _context(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def make_certificate(path: Path, host: str = "127.0.0.1") -> Path:
    """Write a key and a certificate that it signed itself, for a host of this address, and return where they lie."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail.example.org")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(host))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return path
