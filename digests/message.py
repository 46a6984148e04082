"""The bytes of a mail, from what it says: RFC 5322 headers and MIME parts, the same bytes for the same letter. Pure.

Headers of a list mail: List-Id (RFC 2919), List-Unsubscribe (RFC 2369), Auto-Submitted (RFC 3834). There is no
List-Unsubscribe-Post (RFC 8058), which promises a page on the web, and no Precedence, which no standard knows.
"""

import base64
import binascii
import hashlib
import json
import re
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.utils import format_datetime
from typing import Final
from urllib.parse import quote

from crawler.text import NAME_LIMIT, clean
from digests.address import Address

SUBJECT_LIMIT: Final = 200

# A phrase that needs neither quotes nor encoding (RFC 5322 §3.2.3), and a file name that needs neither.
_PLAIN: Final = re.compile(r"[A-Za-z0-9 '_-]{1,60}")
_PLAIN_FILE: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{,99}")
_NO_LABEL: Final = re.compile(r"[^a-z0-9]+")
_LINE_END: Final = re.compile(r"\r\n?")
_TYPES: Final = {"html": "text/html; charset=utf-8", "md": "text/markdown; charset=utf-8"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What stands in the headers of one mail. `date` is aware; `subject` and `list_name` may hold anything.

    `list_id` is made by `list_id()`, `message_id` by `message_id()`; `unsubscribe` is who to write to in order to stop it.
    """

    subject: str
    sender: Address
    recipient: Address
    message_id: str
    date: datetime
    list_name: str
    list_id: str
    unsubscribe: Address | None = None


def build(letter: Letter, text: str, html: str | None = None, attachment: tuple[str, bytes] | None = None) -> bytes:
    """Return the mail: plain text, then HTML if any, then the attachment (its file name and content), with CRLF line ends."""
    body = _text("plain", text)
    if html is not None:
        body = _several("alternative", letter.message_id, body, _text("html", html))
    if attachment is not None:
        body = _several("mixed", letter.message_id, body, _attached(*attachment))
    return "\r\n".join(_headers(letter)).encode("ascii") + b"\r\n" + body


def encoded_size(html: str) -> int:
    """Return how many bytes the HTML part takes in a mail: Gmail shows about 102,000 of them and clips the rest."""
    return len(_text("html", html))


def message_id(subscription: str, period: str, recipient: str, domain: str) -> str:
    """Return the Message-ID of a subscription's digest of a period for a recipient: always the same for the same."""
    return f"<{_digest(json.dumps([subscription, period, recipient]))}@{domain}>"


def list_id(subscription: str, domain: str) -> str:
    """Return the List-Id of a subscription (RFC 2919 §3), without its brackets: `morning.example.org`.

    A name that does not fit into a label of a domain gets a hash of it, so that two names stay two lists.
    """
    label = _NO_LABEL.sub("-", subscription.casefold())[:40].strip("-")
    if label != subscription or not label:
        label = f"{label or 'list'}-{_digest(json.dumps(subscription))[:8]}"
    return f"{label}.{domain}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _headers(letter: Letter) -> list[str]:
    headers = [
        f"From: {_mailbox(letter.sender)}",
        f"To: {_mailbox(letter.recipient)}",
        f"Subject: {_subject(letter.subject)}",
        f"Date: {format_datetime(letter.date)}",
        f"Message-ID: {letter.message_id}",
        f"List-Id: {f'{_phrase(letter.list_name)} <{letter.list_id}>'.lstrip()}",
    ]
    if letter.unsubscribe is not None:
        # On one line, for a folded one has broken signatures; so the name in it is short, whatever it holds.
        what = quote(f"unsubscribe {clean(letter.list_name, 40)}", safe="")
        headers.append(f"List-Unsubscribe: <mailto:{quote(letter.unsubscribe.mailbox, safe='@')}?subject={what}>")
    return [*headers, "Auto-Submitted: auto-generated", "MIME-Version: 1.0"]


def _mailbox(address: Address) -> str:
    name = _phrase(address.name)
    return f"{name} <{address.mailbox}>" if name else address.mailbox


def _subject(text: str) -> str:
    text = clean(text, SUBJECT_LIMIT)
    # Text that looks like an encoded word (RFC 2047) would be decoded; encoded, it comes out as it went in.
    if text.isascii() and "=?" not in text:
        return text
    return Header(text, "utf-8", maxlinelen=76, header_name="Subject").encode(linesep="\r\n")


def _phrase(text: str) -> str:
    text = clean(text, NAME_LIMIT)
    return text if _PLAIN.fullmatch(text) else Header(text, "utf-8", maxlinelen=76).encode(linesep="\r\n")


def _several(kind: str, about: str, *parts: bytes) -> bytes:
    # `=_` occurs in neither encoding of a part (RFC 2045 §5, §6.7), so nothing a stranger wrote can end one.
    boundary = f"=_{kind}_{_digest(about)}"
    opening = f"--{boundary}\r\n".encode("ascii")
    head = f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n'.encode("ascii")
    return head + b"".join(opening + part + b"\r\n" for part in parts) + f"--{boundary}--\r\n".encode("ascii")


def _text(kind: str, text: str) -> bytes:
    data = _LINE_END.sub("\n", text).encode("utf-8", "replace")
    quoted = binascii.b2a_qp(data, istext=True).replace(b"\n", b"\r\n")
    coded = _base64(data.replace(b"\n", b"\r\n"))
    encoding, content = ("base64", coded) if len(coded) < len(quoted) else ("quoted-printable", quoted)
    head = f"Content-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    return head.encode("ascii") + content


def _attached(name: str, content: bytes) -> bytes:
    kind = _TYPES.get(name.rpartition(".")[2], "application/octet-stream")
    head = (
        f"Content-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n"
        f"Content-Disposition: attachment; {_filename(name)}\r\n\r\n"
    )
    return head.encode("ascii") + _base64(content)


def _filename(name: str) -> str:
    """Return the parameter as RFC 2231 §4 has it, on a line under 998 octets."""
    if _PLAIN_FILE.fullmatch(name):
        return f'filename="{name}"'
    return f"filename*=utf-8''{quote(clean(name).encode()[-255:].decode('utf-8', 'ignore'), safe='')}"


def _base64(data: bytes) -> bytes:
    return base64.encodebytes(data).replace(b"\n", b"\r\n")
