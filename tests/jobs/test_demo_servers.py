import smtplib
import socket
import threading
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.demo_servers import mail_server, page_server, slug_of

PAGES = {
    "arxiv.org/list/cs.CV/new": ("text/html; charset=utf-8", "<h3>Über</h3>".encode()),
    "arxiv.org/list/cs.CV/new?skip=1&show=2": ("text/html", b"second page"),
    "empty.test/": ("text/plain", b""),
}
MAIL = b"List-Id: Morning <morning.example.org>\r\nSubject: =?utf-8?q?Sch=C3=B6n?=\r\n\r\n.dot\r\n..dots\r\n\xe8\xaf\xad\r\n"


@pytest.fixture(autouse=True)
def nothing_is_left_behind() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    for thread in set(threading.enumerate()) - before:
        thread.join(10)
        assert not thread.is_alive(), thread.name


def get(base: str, target: str, headers: dict[str, str] | None = None) -> tuple[HTTPResponse, bytes]:
    connection = HTTPConnection(urlsplit(base).netloc, timeout=10)
    try:
        connection.request("GET", target, headers=headers or {})
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


def send(port: int, content: bytes, recipient: str = "you@example.org") -> None:
    with smtplib.SMTP("127.0.0.1", port, local_hostname="localhost", timeout=10) as client:
        client.sendmail("me@example.org", [recipient], content)


@pytest.mark.parametrize("address", PAGES)
def test_a_page_comes_as_it_is(address: str) -> None:
    with page_server(lambda: PAGES) as base:
        response, body = get(base, f"/{address}")
        assert (response.status, response.headers["Content-Type"], body) == (200, *PAGES[address])


def test_the_server_is_on_loopback() -> None:
    with page_server(lambda: PAGES) as base:
        assert base.startswith("http://127.0.0.1:")
        assert not base.endswith("/")


@pytest.mark.parametrize("target", ["/", "/arxiv.org/list/cs.LG/new", "/arxiv.org/list/cs.CV/new?skip=2", "//etc/passwd"])
def test_what_is_not_among_the_pages_is_not_there(target: str) -> None:
    with page_server(lambda: PAGES) as base:
        assert get(base, target)[0].status == 404


def test_what_the_client_has_already_is_not_sent_again() -> None:
    target = "/arxiv.org/list/cs.CV/new"
    with page_server(lambda: PAGES) as base:
        etag = get(base, target)[0].headers["ETag"]
        for known in (etag, f'"other", W/{etag}'):
            response, body = get(base, target, {"If-None-Match": known})
            assert (response.status, response.headers["ETag"], body) == (304, etag, b"")
        assert get(base, target, {"If-None-Match": '"other"'})[0].status == 200


def test_the_pages_may_change_and_their_etags_with_them() -> None:
    pages = dict(PAGES)
    with page_server(lambda: pages) as base:
        etag = get(base, "/empty.test/")[0].headers["ETag"]
        pages["empty.test/"] = ("text/plain", b"news")
        response, body = get(base, "/empty.test/", {"If-None-Match": etag})
        assert (response.status, body) == (200, b"news")
        assert response.headers["ETag"] != etag


def test_a_client_that_says_nothing_keeps_neither_others_waiting_nor_the_server_from_stopping() -> None:
    with page_server(lambda: PAGES) as base:
        address = urlsplit(base)
        silent = socket.create_connection((address.hostname or "", address.port or 0), 10)
        assert get(base, "/empty.test/")[0].status == 200
    silent.close()


def test_nobody_listens_afterwards(tmp_path: Path) -> None:
    with page_server(lambda: PAGES) as base, mail_server(tmp_path) as port:
        ports = [urlsplit(base).port or 0, port]
    for closed in ports:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", closed), 10)


def test_a_server_stops_when_the_work_inside_fails(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), page_server(lambda: PAGES), mail_server(tmp_path):
        _ = 1 / 0


def test_a_mail_is_kept_byte_for_byte(tmp_path: Path) -> None:
    with mail_server(tmp_path / "mail") as port:
        send(port, MAIL)
        # Before the server stops: it was written down before it was accepted.
        assert {file.name: file.read_bytes() for file in (tmp_path / "mail").iterdir()} == {"001-morning.eml": MAIL}


def test_mails_are_numbered_as_they_come_whoever_brings_them(tmp_path: Path) -> None:
    subjects = [f"Subject {number}" for number in range(3)]
    with mail_server(tmp_path) as port:
        for subject in subjects:
            send(port, f"Subject: {subject}\r\n\r\nbody\r\n".encode())
        with smtplib.SMTP("127.0.0.1", port, local_hostname="localhost", timeout=10) as client:
            for subject in subjects:
                client.sendmail("me@example.org", ["you@example.org"], f"Subject: {subject}\r\n\r\nbody\r\n")
    names = [f"{number + 1:03}-subject-{number % 3}.eml" for number in range(6)]
    assert sorted(file.name for file in tmp_path.iterdir()) == names


def test_numbers_go_on_after_the_mails_already_there(tmp_path: Path) -> None:
    for name in ("041-old.eml", "notes.txt", "x-y.eml"):
        (tmp_path / name).write_bytes(b"kept")
    with mail_server(tmp_path) as port:
        send(port, MAIL)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["041-old.eml", "042-morning.eml", "notes.txt", "x-y.eml"]


def test_a_client_in_the_middle_of_a_mail_does_not_keep_the_server_from_stopping(tmp_path: Path) -> None:
    with mail_server(tmp_path) as port:
        client = smtplib.SMTP("127.0.0.1", port, local_hostname="localhost", timeout=10)
        client.ehlo()
        client.mail("me@example.org")
        client.rcpt("you@example.org")
        client.putcmd("data")
        assert client.getreply()[0] == 354
        client.send(b"Subject: half\r\n\r\nand then")
    with pytest.raises(smtplib.SMTPServerDisconnected):
        client.getreply()
    client.close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("headers", "slug"),
    [
        ("List-Id: <morning.example.org>\r\nSubject: x\r\n", "morning"),
        ("List-Id: A <B> <my-list.example.org>\r\n", "my-list"),
        ("List-Id: no brackets\r\nSubject: Papers, today!\r\n", "papers-today"),
        ("Subject: =?utf-8?b?5LuK5aSpIDQg56+H?=\r\n", "今天-4-篇"),
        ("Subject: ../../etc/passwd\r\n", "etc-passwd"),
        ("Subject: ---\r\n", "mail"),
        ("", "mail"),
    ],
)
def test_a_mail_is_named_after_its_list_or_else_its_subject(headers: str, slug: str) -> None:
    assert slug_of(f"{headers}\r\nbody\r\n".encode()) == slug


@given(st.text(st.sampled_from("abZ09 ./\\:<>=?_-é語\t"), max_size=80) | st.text(max_size=30))
def test_whatever_a_header_says_the_name_is_one_of_a_file(value: str) -> None:
    for header in ("List-Id", "Subject"):
        slug = slug_of(f"{header}: {value}\r\n\r\n".encode("utf-8", "surrogateescape"))
        assert 0 < len(slug.encode()) <= 200
        assert all(character.isalnum() or character == "-" for character in slug)
