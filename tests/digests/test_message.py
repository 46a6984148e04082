"""The bytes of a mail, read back by the standard library's parser."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.headerregistry import AddressHeader
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crawler.text import NAME_LIMIT, clean
from digests.address import Address
from digests.message import SUBJECT_LIMIT, Letter, build, encoded_size, list_id, message_id
from tests.digests.hostile import PAYLOADS, texts

NAUGHTY = Path("../shared/samples/hostile/blns/blns.json")

LETTER = Letter(
    subject="Paperlark: 12 new papers",
    sender=Address("lark", "example.org", "Paperlark"),
    recipient=Address("you", "example.org"),
    message_id=message_id("morning", "2026-08-12", "you@example.org", "example.org"),
    date=datetime(2026, 8, 12, 2, 30, tzinfo=UTC),
    list_name="Paperlark: morning",
    list_id=list_id("morning", "example.org"),
    unsubscribe=Address("owner", "example.org"),
)

HEADERS = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "List-Id",
    "List-Unsubscribe",
    "Auto-Submitted",
    "MIME-Version",
    "Content-Type",
]


def read(mail: bytes) -> EmailMessage:
    message = message_from_bytes(mail, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def content(message: EmailMessage, form: str) -> str:
    part = message.get_body((form,))
    assert isinstance(part, EmailMessage)
    text = part.get_content()
    assert isinstance(text, str)
    return text.replace("\r\n", "\n")


def lines(text: str) -> str:
    """The text as a mail has it: whichever way its lines ended, and without what Unicode has no place for."""
    return re.sub(r"\r\n?", "\n", text).encode("utf-8", "replace").decode()


def mailboxes(message: EmailMessage) -> list[str]:
    header = message["From"]
    assert isinstance(header, AddressHeader)
    return [one.addr_spec for one in header.addresses]


def decoded(message: EmailMessage, name: str) -> str:
    """A header as RFC 2047 has it; the newer parser of Python 3.11 leaves blanks between encoded words in a name."""
    [raw] = [raw for known, raw in message.raw_items() if known == name]
    return str(make_header(decode_header(re.sub(r"\r\n\s+", " ", raw))))


def check(mail: bytes) -> EmailMessage:
    """Whatever is in it, a mail is lines of ASCII that fit, and has each header once."""
    assert mail.isascii()
    assert mail.replace(b"\r\n", b"").count(b"\n") == mail.replace(b"\r\n", b"").count(b"\r") == 0
    assert max(len(line) for line in mail.split(b"\r\n")) <= 998
    message = read(mail)
    assert list(message.keys()) == HEADERS
    assert message.defects == []
    return message


def test_a_mail_has_the_headers_of_a_list_and_both_bodies() -> None:
    mail = build(LETTER, "12 papers\n", "<p>12 papers</p>\n")
    message = check(mail)
    assert message["From"] == "Paperlark <lark@example.org>"
    assert message["To"] == "you@example.org"
    assert message["Subject"] == "Paperlark: 12 new papers"
    assert message["Message-ID"] == LETTER.message_id
    assert message["List-Unsubscribe"] == "<mailto:owner@example.org?subject=unsubscribe%20Paperlark%3A%20morning>"
    assert message["List-Id"] == "Paperlark: morning <morning.example.org>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["MIME-Version"] == "1.0"
    assert parsedate_to_datetime(message["Date"]) == LETTER.date
    assert [part.get_content_type() for part in message.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    assert content(message, "plain") == "12 papers\n"
    assert content(message, "html") == "<p>12 papers</p>\n"


def test_the_same_letter_is_the_same_bytes() -> None:
    assert build(LETTER, "a", "b") == build(replace(LETTER), "a", "b")
    assert build(LETTER, "a", "b") != build(replace(LETTER, date=datetime(2026, 8, 13, tzinfo=UTC)), "a", "b")


@given(texts)
def test_a_mail_of_text_alone_has_no_other_body(text: str) -> None:
    mail = build(LETTER, text)
    message = read(mail)
    assert mail.isascii()
    assert list(message.keys()) == [*HEADERS, "Content-Transfer-Encoding"]
    assert (message.defects, message.get_content_type()) == ([], "text/plain")
    assert content(message, "plain").rstrip("\n") == lines(text).rstrip("\n")
    assert max(len(line) for line in mail.split(b"\r\n")) <= 998


def test_without_somebody_to_write_to_there_is_no_way_to_unsubscribe() -> None:
    message = read(build(replace(LETTER, unsubscribe=None), "a", "b"))
    assert [name for name in message if name.startswith("List")] == ["List-Id"]


def test_an_attachment_comes_after_the_bodies() -> None:
    message = check(build(LETTER, "a", "b", ("2026-08-12-morning.html", b"<p>all</p>")))
    kinds = ["multipart/mixed", "multipart/alternative", "text/plain", "text/html", "text/html"]
    assert [part.get_content_type() for part in message.walk()] == kinds
    [attached] = message.iter_attachments()
    assert isinstance(attached, EmailMessage)
    assert (attached.get_filename(), attached.get_content()) == ("2026-08-12-morning.html", "<p>all</p>")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("晨报 2026-08-12.html", "text/html"),
        ("morning.md", "text/markdown"),
        ('it\'s a "test"; x=1.md', "text/markdown"),
        ("morning", "application/octet-stream"),
    ],
)
def test_an_attachment_keeps_its_name(name: str, kind: str) -> None:
    [attached] = check(build(LETTER, "a", "b", (name, b"c"))).iter_attachments()
    assert (attached.get_filename(), attached.get_content_type()) == (name, kind)


@given(texts, st.binary(max_size=200))
def test_any_attachment_arrives(name: str, data: bytes) -> None:
    [attached] = check(build(LETTER, "a", "b", (name + ".bin", data))).iter_attachments()
    assert attached.get_payload(decode=True) == data
    assert (attached.get_filename() or "").endswith(".bin")


@given(texts, texts, texts)
@example("=?utf-8?q?Bcc=3A?=", "=?utf-8?b?QQ==?=", "?=")
@example("x" * 5000, "语" * 5000, "🦜" * 5000)
@example("Subject\r\nBcc: me@example.org", "\r\n\r\nbody", "a\r\n b")
@example("", "", "")
def test_any_subject_and_any_names_round_trip_and_inject_nothing(subject: str, sender: str, name: str) -> None:
    letter = replace(LETTER, subject=subject, sender=Address("lark", "example.org", sender), list_name=name)
    message = check(build(letter, "a", "b"))
    assert message["Subject"] == clean(subject, SUBJECT_LIMIT)
    assert mailboxes(message) == ["lark@example.org"]
    shown = clean(sender, NAME_LIMIT)
    assert decoded(message, "From") == (f"{shown} <lark@example.org>" if shown else "lark@example.org")
    assert message["List-Id"].strip() == f"{clean(name, NAME_LIMIT)} <morning.example.org>".strip()
    [line] = [line for line in build(letter, "a", "b").split(b"\r\n") if line.startswith(b"List-Unsubscribe: ")]
    assert unquote(line.decode()).endswith(f"?subject=unsubscribe {clean(name, 40)}>")


@pytest.mark.parametrize("name", ["百灵鸟 Paperlark 晨报", 'Smith, J. "Jo"', "a@b.example", "Ünïcode"])
def test_a_name_is_read_by_the_newer_parser_too(name: str) -> None:
    header = read(build(replace(LETTER, sender=Address("lark", "example.org", name)), "a", "b"))["From"]
    assert isinstance(header, AddressHeader)
    assert [(one.display_name, one.addr_spec) for one in header.addresses] == [(name, "lark@example.org")]


@given(texts, texts)
@example("a\r\nb\rc\n", "--=_alternative_x\r\n.\r\n")
@example("trailing \t \n" * 3, "语义分割 " * 300)
@example(" " * 2000, "\n" * 50)
def test_any_text_arrives_as_it_was(text: str, html: str) -> None:
    message = check(build(LETTER, text, html))
    assert len(list(message.walk())) == 3
    assert content(message, "plain") == lines(text)
    assert content(message, "html") == lines(html)


@given(st.text(max_size=400))
def test_the_size_of_the_html_is_that_of_its_part(html: str) -> None:
    mail = build(LETTER, "text", html)
    assert len(mail.split(b"--=_alternative_")[2].partition(b"\r\n")[2]) == encoded_size(html) + 2


@pytest.mark.parametrize(("html", "encoding"), [("<p>plain</p>" * 99, "quoted-printable"), ("语义分割" * 99, "base64")])
def test_each_part_has_the_shorter_encoding(html: str, encoding: str) -> None:
    part = read(build(LETTER, html, html)).get_body(("html",))
    assert part is not None
    assert part["Content-Transfer-Encoding"] == encoding


@given(st.lists(st.tuples(texts, st.text(max_size=5), st.text(max_size=5)), unique=True, max_size=5))
@example([("a", "bc", "d"), ("ab", "c", "d"), ("a", "b", "cd"), ("\ud800", "", ""), ("?", "", "")])
def test_each_digest_of_each_reader_has_one_message_id(digests: list[tuple[str, str, str]]) -> None:
    ids = [message_id(*digest, "example.org") for digest in digests]
    assert ids == [message_id(*digest, "example.org") for digest in digests]
    assert len(set(ids)) == len(digests)
    assert all(re.fullmatch(r"<[0-9a-f]{32}@example\.org>", one) for one in ids)


@given(st.sets(texts, max_size=5))
@example({"morning", "Morning", "morning ", "晨报", "早报", "", "a" * 100, "a" * 101})
def test_each_list_has_an_id_that_fits_a_header(names: set[str]) -> None:
    ids = [list_id(name, "example.org") for name in names]
    assert len(set(ids)) == len(names)
    assert all(re.fullmatch(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.example\.org", one) for one in ids)


def test_a_plain_name_is_its_list_id() -> None:
    assert list_id("morning", "example.org") == "morning.example.org"


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_payload_in_every_place_makes_a_whole_mail(payload: str) -> None:
    letter = replace(LETTER, subject=payload, sender=Address("lark", "example.org", payload), list_name=payload)
    message = check(build(letter, payload, payload, (payload, payload.encode("utf-8", "replace"))))
    assert message["Subject"] == clean(payload, SUBJECT_LIMIT)
    assert content(message, "plain") == lines(payload)


@pytest.mark.real
def test_naughty_strings_make_whole_mails() -> None:
    if not NAUGHTY.is_file():
        pytest.skip("the list of naughty strings is not beside the project")
    strings = json.loads(NAUGHTY.read_text())
    assert len(strings) > 500
    for text in strings:
        letter = replace(LETTER, subject=text, sender=Address("lark", "example.org", text), list_name=text)
        message = check(build(letter, text, text))
        assert message["Subject"] == clean(text, SUBJECT_LIMIT)
        assert content(message, "html") == lines(text)
