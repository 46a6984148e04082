"""Handing mails to real servers that accept, refuse, fall silent and hang up at every step."""

import base64
import os
import socket
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest

from crawler.errors import DeliveryError
from digests.address import Address
from digests.deliver import Outcome, open_smtp
from digests.smtp import Login, Security, Smtp
from tests.digests.mail_server import DROP, OWN, SIZE_LIMIT, STALL, Act, MailServer, mail_server, make_certificate, reply

BODY = b"Subject: One\r\n\r\n.hidden\r\n..\r\n.\r\nlast"
ARRIVED = BODY + b"\r\n"
SECRET = "geheim/Wörter+&%41"
#: Longer than any buffer on the way.
LONG = b"A line of a mail that is very long.\r\n" * 400_000


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificate(tmp_path_factory.mktemp("tls") / "server.pem")


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The system trusts the certificate."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    return certificate


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as running:
        yield running


def smtp(server: MailServer, security: Security = "none", login: Login | None = None, wait: float = 10) -> Smtp:
    return Smtp(
        host="127.0.0.1",
        port=server.port,
        security=security,
        sender=Address("lark", "example.org", "Paperlark"),
        login=login,
        timeout=timedelta(seconds=wait),
        patience=timedelta(seconds=wait),
    )


def patience(act: Act | None) -> float:
    """Seconds to wait: a moment for a server that will not answer, and long for one that will."""
    return 0.5 if act is not None and act.then == "wait" else 10


def login(password: str = SECRET) -> Login:
    return Login("lark", lambda: password)


def send(settings: Smtp, *recipients: str) -> list[Outcome]:
    with open_smtp(settings) as post:
        return [post.send(recipient, BODY) for recipient in recipients]


def credentials() -> set[bytes]:
    """The password as it might be written somewhere."""
    plain = SECRET.encode()
    whole = base64.b64encode(b"\0lark\0" + plain)
    return {plain, base64.b64encode(plain), whole, quote(SECRET).encode(), quote(SECRET, safe="").encode()}


def test_many_mails_go_through_one_connection_and_arrive_as_they_were(server: MailServer) -> None:
    outcomes = send(smtp(server), "a@example.org", "b@example.org", "A B <c@例子.中国>")
    assert outcomes == [Outcome("accepted")] * 3
    assert server.connections == 1
    assert [kept.recipients for kept in server.kept] == [("a@example.org",), ("b@example.org",), ("c@xn--fsqu00a.xn--fiqs8s",)]
    assert {kept.sender for kept in server.kept} == {"lark@example.org"}
    assert server.bodies == [ARRIVED] * 3
    assert server.heard[0] == (False, b"ehlo [127.0.0.1]\r\n")
    assert server.heard[-1] == (False, b"QUIT\r\n")


def test_a_mail_longer_than_one_block_arrives_whole(server: MailServer) -> None:
    body = b".line of a long mail\r\n" * 10_000
    with open_smtp(smtp(server)) as post:
        assert post.send("a@example.org", body) == Outcome("accepted")
    assert server.bodies == [body]


def test_a_mail_too_long_for_the_server_is_refused_before_it_is_sent(server: MailServer) -> None:
    with open_smtp(smtp(server)) as post:
        outcome = post.send("a@example.org", b"x" * (SIZE_LIMIT + 1))
        assert post.send("b@example.org", BODY) == Outcome("accepted")
    assert outcome.state == "refused"
    assert outcome.error is not None
    assert outcome.error.startswith("MAIL: 552 ")
    assert sum(len(data) for _, data in server.heard) < 1000


@pytest.mark.parametrize("recipient", ["", "nobody", "two@example.org, three@example.org", "ü@example.org", "a@b\r\nDATA"])
def test_what_is_no_address_is_refused_without_asking(server: MailServer, recipient: str) -> None:
    first, second = send(smtp(server), recipient, "b@example.org")
    assert first == Outcome("refused", "this is not an address that mail servers take")
    assert second.state == "accepted"
    assert len(server.kept) == 1


@pytest.mark.parametrize("step", ["MAIL", "RCPT b@example.org", "DATA", "dot"])
@pytest.mark.parametrize(("code", "state"), [("450", "deferred"), ("550", "refused")])
def test_one_refusal_does_not_touch_the_others(server: MailServer, step: str, code: str, state: str) -> None:
    settings = smtp(server)
    with open_smtp(settings) as post:
        first = post.send("a@example.org", BODY)
        server.script(step, reply(f"{code} 4.2.1 the mailbox is\tbusy"))
        second = post.send("b@example.org", BODY)
        third = post.send("c@example.org", BODY)
    assert (first.state, second.state, third.state) == ("accepted", state, "accepted")
    assert second.error is not None
    assert second.error.endswith(f"{code} 4.2.1 the mailbox is busy")
    assert [kept.recipients for kept in server.kept] == [("a@example.org",), ("c@example.org",)]
    assert server.connections == 1


def test_a_server_that_wants_a_login_first_has_refused_nobody(server: MailServer) -> None:
    server.script("MAIL", reply("530 5.7.0 authentication required"))
    assert send(smtp(server), "a@example.org") == [Outcome("deferred", "MAIL: 530 5.7.0 authentication required")]


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("act", [DROP, STALL, reply("421 4.3.2 closing"), reply("25"), reply("garbage"), Act(b"2", "hang up")])
def test_what_goes_wrong_before_the_message_defers_it_and_ends_the_connection(server: MailServer, step: str, act: Act) -> None:
    server.script(step, act)
    with open_smtp(smtp(server, wait=patience(act))) as post:
        outcome = post.send("a@example.org", BODY)
        assert not post.is_open()
        again = post.send("b@example.org", BODY)
    assert outcome.state == again.state == "deferred"
    assert outcome.error
    assert server.kept == []


@pytest.mark.parametrize("act", [DROP, STALL])
def test_what_is_lost_in_the_middle_of_a_message_is_deferred(server: MailServer, act: Act) -> None:
    server.script("body", act)
    with open_smtp(smtp(server, wait=patience(act))) as post:
        outcome = post.send("a@example.org", LONG)
        assert not post.is_open()
    assert outcome.state == "deferred"
    assert outcome.error is not None
    assert outcome.error.startswith("before the end of the message: ")
    assert server.kept == []


@pytest.mark.parametrize("keep", [True, False])
@pytest.mark.parametrize("act", [Act(then="hang up"), Act(then="wait"), Act(b"25", "hang up"), Act(b"250-", "wait")])
def test_silence_after_the_dot_is_unknown_and_the_same_bytes_can_go_again(server: MailServer, act: Act, *, keep: bool) -> None:
    server.script("dot", replace(act, keep=keep))
    settings = smtp(server)
    [outcome] = send(replace(settings, patience=timedelta(seconds=patience(act))), "a@example.org")
    assert outcome.state == "unknown"
    assert outcome.error is not None
    assert outcome.error.startswith("after the end of the message: ")
    assert send(settings, "a@example.org") == [Outcome("accepted")]
    assert server.bodies == [ARRIVED] * (1 + keep)


def test_the_answer_to_the_dot_is_waited_for_longer_than_any_other(server: MailServer) -> None:
    waits: list[float | None] = []
    with open_smtp(replace(smtp(server), patience=timedelta(seconds=20))) as post:

        def look() -> None:
            waits.append(post.server.sock.gettimeout() if post.server.sock else None)

        for step in ("MAIL", "DATA", "dot", "QUIT"):
            server.script(step, replace(OWN, first=look))
        assert post.send("a@example.org", BODY) == Outcome("accepted")
        look()
    assert waits == [10, 10, 20, 10, 5]


@pytest.mark.parametrize("line", ["354 what?", "100 hm", "nonsense"])
def test_an_answer_to_the_dot_that_means_nothing_is_unknown(server: MailServer, line: str) -> None:
    server.script("dot", reply(line))
    with open_smtp(smtp(server)) as post:
        assert post.send("a@example.org", BODY).state == "unknown"
        assert not post.is_open()


@pytest.mark.parametrize("act", [DROP, STALL, reply("500 what?")])
def test_a_server_that_cannot_start_afresh_is_left(server: MailServer, act: Act) -> None:
    server.script("RCPT", reply("550 no such user"))
    server.script("RSET", act)
    with open_smtp(smtp(server, wait=patience(act))) as post:
        assert post.send("a@example.org", BODY) == Outcome("refused", "RCPT: 550 no such user")
        assert not post.is_open()


@pytest.mark.parametrize("act", [DROP, STALL, reply("500 no")])
def test_a_goodbye_without_an_answer_changes_nothing(server: MailServer, act: Act) -> None:
    server.script("QUIT", act)
    assert send(smtp(server, wait=patience(act)), "a@example.org") == [Outcome("accepted")]


def test_a_failure_of_ours_closes_the_connection_at_once(server: MailServer) -> None:
    with pytest.raises(ZeroDivisionError), open_smtp(smtp(server)) as post:
        _ = 1 // 0
    assert not post.is_open()
    assert (False, b"QUIT\r\n") not in server.heard


@pytest.mark.parametrize(
    ("step", "act"),
    [
        ("connect", reply("421 4.3.2 try again later")),
        ("connect", reply("554 5.7.1 go away")),
        ("connect", DROP),
        ("connect", STALL),
        ("EHLO", DROP),
        ("EHLO", STALL),
        ("EHLO", reply("421 4.3.2 try again later")),
    ],
)
def test_a_server_that_cannot_be_reached_is_one_error(server: MailServer, step: str, act: Act) -> None:
    server.script(step, act)
    server.script("HELO", reply("502 no"))
    with pytest.raises(DeliveryError, match=f"^the message could not be handed over: 127.0.0.1:{server.port}: ") as caught:
        send(smtp(server, wait=patience(act)), "a@example.org")
    assert caught.value.retry
    assert server.kept == []


def test_a_server_of_the_old_protocol_is_spoken_to(server: MailServer) -> None:
    server.script("EHLO", reply("502 5.5.1 not implemented"))
    assert send(smtp(server), "a@example.org") == [Outcome("accepted")]
    assert b"SIZE" not in b"".join(data for _, data in server.heard)


def test_no_server_and_no_such_host_are_errors() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        nobody = MailServer(port=taken.getsockname()[1])
    with pytest.raises(DeliveryError, match="refused"):
        send(smtp(nobody))
    for host in ("no-such-host.invalid", "x" * 64 + ".example.org"):
        settings = Smtp(host=host, port=25, security="none", sender=Address("lark", "example.org"))
        with pytest.raises(DeliveryError, match=host):
            send(settings)


@pytest.mark.parametrize("ways", ["PLAIN", "LOGIN", "PLAIN LOGIN"])
@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_the_password_goes_over_tls_alone(trusted: Path, security: Security, ways: str) -> None:
    with mail_server(trusted, implicit=security == "tls", ways=ways) as server:
        server.login = ("lark", SECRET)
        assert send(smtp(server, security, login()), "a@example.org") == [Outcome("accepted")]
    plain = b"".join(data for secure, data in server.heard if not secure)
    secured = b"".join(data for secure, data in server.heard if secure)
    assert not any(form in plain for form in credentials())
    assert any(form in secured for form in credentials())
    assert server.bodies == [ARRIVED]


def test_a_password_of_any_bytes_goes_out_as_it_was(trusted: Path) -> None:
    raw = b"caf\xe9"
    with mail_server(trusted) as server:
        server.script("AUTH", reply("235 2.7.0 welcome"))
        assert send(smtp(server, "starttls", login(os.fsdecode(raw))), "a@example.org") == [Outcome("accepted")]
    assert base64.b64encode(b"\0lark\0" + raw) in b"".join(data for _, data in server.heard)


def test_without_starttls_nothing_is_sent_and_no_password(server: MailServer) -> None:
    server.login = ("lark", SECRET)
    with pytest.raises(DeliveryError, match="offers no STARTTLS"):
        send(smtp(server, "starttls", login()), "a@example.org")
    assert [data for _, data in server.heard] == [b"ehlo [127.0.0.1]\r\n"]


def test_a_password_is_never_sent_in_the_open(server: MailServer) -> None:
    def unasked() -> str:
        raise AssertionError("the password was asked for")

    with pytest.raises(DeliveryError, match="secure connection"):
        send(smtp(server, "none", Login("lark", unasked)), "a@example.org")
    assert server.connections == 0


@pytest.mark.parametrize("act", [reply("454 4.7.0 TLS is not available"), DROP, STALL])
def test_starttls_that_fails_does_not_go_on_in_the_open(trusted: Path, act: Act) -> None:
    with mail_server(trusted) as server:
        server.script("STARTTLS", act)
        with pytest.raises(DeliveryError):
            send(smtp(server, "starttls", login(), patience(act)), "a@example.org")
    assert [data for _, data in server.heard] == [b"ehlo [127.0.0.1]\r\n", b"STARTTLS\r\n"]


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_nobody_vouches_for_is_an_error(certificate: Path, security: Security) -> None:
    with mail_server(certificate, implicit=security == "tls") as server:
        with pytest.raises(DeliveryError, match="CERTIFICATE_VERIFY_FAILED"):
            send(smtp(server, security, login()), "a@example.org")
        assert server.kept == []
    assert not any(form in data for form in credentials() for _, data in server.heard)


def test_a_certificate_for_another_host_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = make_certificate(tmp_path / "other.pem", "192.0.2.1")
    monkeypatch.setenv("SSL_CERT_FILE", str(other))
    with mail_server(other) as server, pytest.raises(DeliveryError, match="IP address mismatch"):
        send(smtp(server, "starttls", login()), "a@example.org")


def echo(line: bytes) -> Act:
    return Act(b"500 5.5.2 what is " + line + b"?\r\n")


@pytest.mark.parametrize(
    "act",
    [None, reply("454 4.7.0 later"), DROP, STALL, *(echo(form) for form in sorted(credentials()))],
)
def test_a_login_that_fails_is_an_error_without_the_password(trusted: Path, act: Act | None) -> None:
    with mail_server(trusted) as server:
        server.login = ("lark", "another")
        server.script("AUTH", *[act] if act else [])
        settings = smtp(server, "starttls", login(), patience(act))
        with pytest.raises(DeliveryError, match=r"logging in|login as lark") as caught:
            send(settings, "a@example.org")
    words = f"{caught.value} {caught.value!r} {caught.value.about} {settings!r} {settings.login!r}".encode()
    assert not any(form in words for form in credentials())
    assert server.kept == []


def test_a_server_without_a_way_to_log_in_is_an_error(trusted: Path) -> None:
    with mail_server(trusted, ways="") as server, pytest.raises(DeliveryError, match="PLAIN and LOGIN"):
        send(smtp(server, "starttls", login()), "a@example.org")


def test_a_login_the_server_wants_no_password_for_ends_there(trusted: Path) -> None:
    with mail_server(trusted, ways="LOGIN") as server:
        server.script("AUTH", reply("535 5.7.8 no such user"))
        with pytest.raises(DeliveryError, match=r"the login as lark was refused: 535 5\.7\.8 no such user"):
            send(smtp(server, "starttls", login()), "a@example.org")
    assert base64.b64encode(SECRET.encode()) not in b"".join(data for _, data in server.heard)


def test_a_password_that_cannot_be_had_is_its_own_error_before_connecting(trusted: Path) -> None:
    def failing() -> str:
        raise DeliveryError("password_command", "ended with 1")

    with mail_server(trusted) as server, pytest.raises(DeliveryError, match="ended with 1"):
        send(smtp(server, "starttls", Login("lark", failing)), "a@example.org")
    assert server.connections == 0
