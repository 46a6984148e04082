"""The two servers of the demo, on loopback: one that stands in for the web, one that takes the mails."""

import asyncio
import hashlib
import re
import socket
import threading
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from email import policy
from email.parser import BytesHeaderParser
from functools import partial
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import TCPServer, ThreadingMixIn
from typing import Any, Final

from aiosmtpd.smtp import SMTP, Envelope, Session

Pages = Mapping[str, tuple[str, bytes]]
"""Content type and body of each page by its address on the server, query included, without the first slash."""

_HOST: Final = "127.0.0.1"
_POLL: Final = 0.02  # seconds until a server notices that it is to stop
_LIST_LABEL: Final = re.compile(r"<([^.>]+)\.[^>]*>\s*\Z")
_NO_WORD: Final = re.compile(r"[\W_]+")


@contextmanager
def page_server(pages: Callable[[], Pages]) -> Iterator[str]:
    """Serve what `pages` returns at each request; yield the address of the server, without a slash at the end.

    What is not among the pages is 404; what the client has already, by its ETag, is 304.
    """
    server = _Server((_HOST, 0), partial(_Answer, pages))
    thread = threading.Thread(target=server.serve_forever, args=(_POLL,), name="demo pages")
    thread.start()
    try:
        yield f"http://{_HOST}:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Server(ThreadingMixIn, TCPServer):
    # Not http.server.HTTPServer, which asks the name service who 127.0.0.1 is: where there is no network, that takes
    # seconds.
    daemon_threads = True
    request_queue_size = 64


class _Answer(BaseHTTPRequestHandler):
    """Answers one request and hangs up: HTTP/1.0, so that no connection is left open when the server stops."""

    def __init__(self, pages: Callable[[], Pages], *args: Any) -> None:
        self.pages = pages
        super().__init__(*args)

    def do_GET(self) -> None:
        """Send the page, if it is there and the client has not got it yet."""
        page = self.pages().get(self.path.removeprefix("/"))
        if page is None:
            self.send_error(404)
            return
        content_type, body = page
        etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        known = etag in self.headers.get("If-None-Match", "")
        self.send_response(304 if known else 200)
        self.send_header("ETag", etag)
        if not known:
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if not known:
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the standard library's
        """Keep still: the terminal belongs to the demo."""


@contextmanager
def mail_server(folder: Path) -> Iterator[int]:
    """Take mails by SMTP; yield the port.

    Every mail accepted is a file in `folder` before the client is told so: `001-morning.eml` holds the bytes of the first
    as they came, named after its list, or else its subject. Numbers go on after those of the files already there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    loop, stop = asyncio.new_event_loop(), asyncio.Event()
    # Bound here and not in the thread: from now on a client can connect, and no port is an error here.
    with socket.create_server((_HOST, 0)) as listener:
        thread = threading.Thread(target=_run, args=(loop, _receive(listener, folder, stop)), name="demo mails")
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            loop.call_soon_threadsafe(stop.set)
            thread.join()


def _run(loop: asyncio.AbstractEventLoop, receiving: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(receiving)


async def _receive(listener: socket.socket, folder: Path, stop: asyncio.Event) -> None:
    loop, box, sessions = asyncio.get_running_loop(), _Mailbox(folder), []

    def session() -> SMTP:
        # Told the host's name, for it would ask the name service otherwise.
        sessions.append(SMTP(box, hostname="localhost", loop=loop))
        return sessions[-1]

    server = await loop.create_server(session, sock=listener)
    await stop.wait()
    server.close()
    for one in sessions:
        if one.transport is not None:
            one.transport.close()


class _Mailbox:
    """What aiosmtpd hands each mail to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        numbers = (file.name.partition("-")[0] for file in folder.glob("*-*.eml"))
        self.last = max((int(number) for number in numbers if number.isdecimal()), default=0)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - its name
        """Write the mail down and accept it."""
        content = envelope.original_content or b""
        self.last += 1
        name = f"{self.last:03}-{slug_of(content)}.eml"
        (self.folder / name).write_bytes(content)
        return "250 OK"


def slug_of(content: bytes) -> str:
    """Return the name of the list the mail is of, or its subject, as it may stand in the name of a file."""
    headers = BytesHeaderParser(policy=policy.default).parsebytes(content)
    listed = _LIST_LABEL.search(str(headers.get("List-Id", "")))
    words = listed[1] if listed else str(headers.get("Subject", ""))
    return _NO_WORD.sub("-", words.casefold())[:40].strip("-") or "mail"
