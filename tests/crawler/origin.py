"""A scripted HTTP server on loopback: it logs each request with the monotonic time, and answers as it is told.

It stands in for the web as the mirror: the answer to `https://HOST/PATH` is scripted under `HOST/PATH`.
"""

import ssl
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer. `length` is the Content-Length sent when it is not the body's; `stall` never sends a body.

    `pause` is how many seconds lie between two bytes of the body. `hang_up` sends nothing at all: the connection is closed
    without a word.
    """

    body: bytes | str = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    length: int | None = None
    stall: bool = False
    hang_up: bool = False
    pause: float = 0


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came in; header names in lower case, `at` monotonic seconds."""

    target: str
    headers: Mapping[str, str]
    at: float


@dataclass(slots=True)
class Origin:
    """The server: `script` what it answers, read what it was asked."""

    url: str
    requests: list[Request] = field(default_factory=list)
    replies: dict[str, list[Reply]] = field(default_factory=lambda: defaultdict(list))
    stopping: threading.Event = field(default_factory=threading.Event)
    stalling: threading.Event = field(default_factory=threading.Event)
    """Set when an answer began to stall."""
    deserted: threading.Event = field(default_factory=threading.Event)
    """Set when a client went away while its answer stalled."""
    watch: Callable[[str], None] = lambda _target: None
    """Called with what is asked for, before it is answered."""
    respond: Callable[[str, Mapping[str, str]], Reply | None] = lambda _target, _headers: None
    """Asked with the target and the headers of a request before the script is; what it returns, if anything, is the answer."""

    def script(self, target: str, *replies: Reply | str) -> None:
        """Answer `target` (`HOST/PATH?QUERY`) by `replies` in turn, and by the last one from then on."""
        self.replies[target] = [reply if isinstance(reply, Reply) else Reply(reply) for reply in replies]

    def asked(self) -> list[str]:
        """Return what was asked for, in order."""
        return [request.target for request in self.requests]

    def answer(self, target: str) -> Reply:
        """Return the next answer to `target`; what is not scripted is not there."""
        replies = self.replies.get(target, [])
        return (replies.pop(0) if len(replies) > 1 else replies[0]) if replies else Reply(status=404)


@contextmanager
def serving(tls: ssl.SSLContext | None = None) -> Iterator[Origin]:
    """Run a server on a free port of 127.0.0.1, over TLS if given a context."""
    origin = Origin("")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, origin))
    server.daemon_threads = True
    origin.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_address[1]}"
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield origin
    finally:
        origin.stopping.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def __init__(self, origin: Origin, *args: Any) -> None:
        self.origin = origin
        super().__init__(*args)

    def do_GET(self) -> None:
        origin = self.origin
        target = self.path.removeprefix("/")
        headers = {name.lower(): value for name, value in self.headers.items()}
        origin.requests.append(Request(target, headers, time.monotonic()))
        origin.watch(target)
        reply = origin.respond(target, headers) or origin.answer(target)
        if reply.hang_up:
            self.close_connection = True
            return
        body = reply.body.encode() if isinstance(reply.body, str) else reply.body
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.status not in {204, 304}:
            self.send_header("Content-Length", str(len(body) if reply.length is None else reply.length))
        self.end_headers()
        if reply.stall:
            self.stall()
        elif reply.pause:
            self.trickle(body, reply.pause)
        elif reply.status not in {204, 304}:
            self.wfile.write(body)
        self.close_connection = reply.stall or reply.length is not None

    def stall(self) -> None:
        self.wfile.flush()
        self.origin.stalling.set()
        self.connection.settimeout(0.05)
        while not self.origin.stopping.is_set():
            with suppress(TimeoutError):
                if not self.hears():
                    self.origin.deserted.set()
                    return

    def trickle(self, body: bytes, pause: float) -> None:
        self.origin.stalling.set()
        with suppress(OSError):
            for byte in body:
                self.wfile.write(bytes([byte]))
                if self.origin.stopping.wait(pause):
                    return

    def hears(self) -> bytes:
        """Return what the client says; nothing when it has gone, with or without taking leave."""
        try:
            said: bytes = self.connection.recv(1)
        except ConnectionResetError:
            return b""
        return said

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the standard library's
        """Keep still."""
