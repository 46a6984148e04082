"""How a daemon is, told over HTTP to this machine alone: `/healthz` for a monitor, `/metrics` for Prometheus.

A page that a browser shows could have a name of its own lead here (DNS rebinding); so whoever does not ask for this machine by
its own name gets nothing. Who asks slowly, or does not go on, is cut off, and holds up nobody but himself.
"""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import AF_INET, AF_INET6, SHUT_RDWR, socket
from socketserver import TCPServer
from threading import BoundedSemaphore, Thread, Timer
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from crawler.errors import SettingsError, StorageError
from jobs.addresses import is_loopback
from jobs.logs import Log

LATEST: Final = 120
"""After so many seconds without a tick the main loop counts as stuck."""

METRICS: Final = "text/plain; version=0.0.4; charset=utf-8"
_PLAIN: Final = "text/plain; charset=utf-8"

#: How many are answered at once; one more is turned away.
_ROOM: Final = 8
#: Seconds for a step of whoever asks, and for all of them together.
_STEP: Final = 5
_WHOLE: Final = 15


@dataclass(frozen=True, slots=True)
class Vitals:
    """What tells how a daemon is: the seconds since its last tick, the store's answer (StorageError: none), and its numbers."""

    beat: Callable[[], float]
    store: Callable[[], object]
    metrics: Callable[[], bytes]


class _Answer(NamedTuple):
    status: HTTPStatus
    body: bytes
    type: str = _PLAIN


@contextmanager
def open_health(listen: str, vitals: Vitals, log: Log) -> Iterator[int]:
    """Answer at `HOST:PORT` while the block runs, and give the port; SettingsError where nobody can listen."""
    parts = urlsplit(f"//{listen}")
    # Not asked of any name service, which may know a localhost of its own.
    host = "127.0.0.1" if parts.hostname == "localhost" else parts.hostname or ""
    try:
        server = _Server((host, parts.port or 0), vitals, log)
    except OSError as error:
        raise SettingsError([f"serve.listen: {listen}: {error.strerror or error}"]) from None
    thread = Thread(target=server.serve_forever, name="health", daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Server(ThreadingHTTPServer):
    # On Windows it would let another program listen at the same place.
    allow_reuse_address = os.name == "posix"
    request_queue_size = 2 * _ROOM

    def __init__(self, place: tuple[str, int], vitals: Vitals, log: Log) -> None:
        self.address_family = AF_INET6 if ":" in place[0] else AF_INET
        self.vitals, self.log = vitals, log
        self.room = BoundedSemaphore(_ROOM)
        super().__init__(place, _Handler)

    def server_bind(self) -> None:
        """Listen; HTTPServer's own would ask the name service what this machine is called."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = "", self.socket.getsockname()[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer in a thread, if there is room for another."""
        if not self.room.acquire(blocking=False):
            self.shutdown_request(request)
            return
        try:
            super().process_request(request, client_address)
        except RuntimeError:  # no thread is to be had
            self.room.release()
            raise

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer, in the thread."""
        end = Timer(_WHOLE, _cut, [request])
        end.daemon = True
        end.start()
        try:
            super().process_request_thread(request, client_address)
        finally:
            end.cancel()
            self.room.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Log a mistake of ours; that whoever asked has hung up is none."""
        del request, client_address
        error = sys.exception()
        if not isinstance(error, OSError):
            self.log.error("health.failed", why=f"{type(error).__name__}: {error}")


def _cut(connection: socket) -> None:
    with suppress(OSError):
        connection.shutdown(SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = _STEP
    error_message_format = "%(code)d %(message)s\n"
    error_content_type = _PLAIN

    def do_GET(self) -> None:
        """Answer, with the body."""
        self.wfile.write(self._head())

    def do_HEAD(self) -> None:
        """Answer, without the body."""
        self._head()

    def _head(self) -> bytes:
        answer = self._answer()
        self.send_response(answer.status)
        headers = {"Content-Type": answer.type, "Content-Length": str(len(answer.body)), "Cache-Control": "no-store"}
        for name, value in {**headers, "X-Content-Type-Options": "nosniff"}.items():
            self.send_header(name, value)
        self.end_headers()
        return answer.body

    def _answer(self) -> _Answer:
        if not all(map(_is_this_machine, self.headers.get_all("Host", []))):
            return _said(HTTPStatus.MISDIRECTED_REQUEST, "this is told to this machine alone, by its own name")
        match self.path.partition("?")[0]:
            case "/healthz":
                return _health(self.server.vitals)
            case "/metrics":
                return _metrics(self.server.vitals)
            case _:
                return _said(HTTPStatus.NOT_FOUND, "there are /healthz and /metrics")

    def version_string(self) -> str:
        """Say who answers, and not with which version of what."""
        return "Paperlark"

    def log_message(self, *_: object) -> None:
        """Write nothing down of those who ask: a monitor does so all day."""


def _is_this_machine(host: str) -> bool:
    try:
        parts = urlsplit(f"//{host.strip()}")
    except ValueError:
        return False
    return parts.netloc == host.strip() and parts.username is None and is_loopback(parts.hostname or "")


def _said(status: HTTPStatus, line: str) -> _Answer:
    return _Answer(status, f"{line}\n".encode())


def _health(vitals: Vitals) -> _Answer:
    since = vitals.beat()
    if since > LATEST:
        return _said(HTTPStatus.SERVICE_UNAVAILABLE, f"the main loop has not ticked for {since:.0f} s")
    try:
        vitals.store()
    except StorageError:
        # Not in its words, which may name its place and whoever uses it.
        return _said(HTTPStatus.SERVICE_UNAVAILABLE, "the store does not answer")
    return _said(HTTPStatus.OK, "ok")


def _metrics(vitals: Vitals) -> _Answer:
    try:
        return _Answer(HTTPStatus.OK, vitals.metrics(), METRICS)
    except StorageError:
        return _said(HTTPStatus.SERVICE_UNAVAILABLE, "the store does not answer")
