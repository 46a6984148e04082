"""Delivering what the outbox holds, to real servers and real folders, through deaths, refusals and silence."""

import base64
import logging
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.address import Address
from digests.smtp import Login, Smtp
from jobs.sending import send_due, wait, write_due
from storage.database import Database, open_database
from storage.leases import lease, leases
from storage.outbox import PARTS, Delivery, Form, Message, enqueue, of_period, part_of, parts_due
from tests.digests.mail_server import DROP, OWN, STALL, Act, MailServer, mail_server, make_certificate, reply

NOON = datetime(2026, 8, 12, 12, tzinfo=UTC)
ROOT = Path(__file__).parent.parent.parent
SECRET = "geheim/Wörter+&%41"


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as running:
        yield running


def smtp(server: MailServer, patience: float = 10) -> Smtp:
    return Smtp(
        host="127.0.0.1",
        port=server.port,
        security="none",
        sender=Address("lark", "example.org"),
        timeout=timedelta(seconds=10),
        patience=timedelta(seconds=patience),
    )


def content(recipient: str) -> bytes:
    return f"Message-ID: <{recipient}>\r\n\r\n.A digest for {recipient}\r\n".encode()


def put(database: Database, *recipients: str, form: Form = "mail", at: datetime = NOON) -> None:
    messages = [
        Message(
            subscription="morning",
            period="2026-08-12",
            form=form,
            recipient=recipient,
            message_id=f"<{recipient}>" if form == "mail" else "",
            body=content(recipient),
        )
        for recipient in recipients
    ]
    with database.writing() as connection:
        enqueue(connection, messages, at)


def stored(database: Database) -> list[Delivery]:
    with database.reading() as connection:
        return of_period(connection, "morning", "2026-08-12")


def send(database: Database, server: MailServer, after: timedelta = timedelta(), patience: float = 10) -> list[Delivery]:
    done = send_due(database, smtp(server, patience), lambda: NOON + after, Random(1))
    known = {one.id: one for one in stored(database)}
    assert done == [known[one.id] for one in done]
    return done


def states(deliveries: list[Delivery]) -> dict[str, str]:
    return {one.recipient: one.state for one in deliveries}


def test_every_mail_is_sent_once_through_one_connection(database: Database, server: MailServer) -> None:
    put(database, "a@example.org", "b@example.org", "c@example.org")
    done = send(database, server)
    assert states(done) == {"a@example.org": "sent", "b@example.org": "sent", "c@example.org": "sent"}
    assert [(one.attempts, one.next_at, one.error) for one in done] == [(1, None, None)] * 3
    assert send(database, server, timedelta(days=1)) == []
    assert server.bodies == [content(one) for one in ("a@example.org", "b@example.org", "c@example.org")]
    assert server.connections == 1


def test_with_nothing_to_send_nobody_is_asked(database: Database) -> None:
    put(database, "2026-08-12/morning.md", form="markdown")
    assert send(database, MailServer(port=1)) == []


def test_without_a_server_the_mails_stay_as_they_are(database: Database) -> None:
    put(database, "a@example.org")
    assert send_due(database, None, lambda: NOON, Random(1)) == stored(database)
    assert states(stored(database)) == {"a@example.org": "pending"}


def test_two_processes_do_not_send_the_same_mail(database: Database, server: MailServer) -> None:
    put(database, "a@example.org")
    with lease(database, f"outbox mail {part_of('a@example.org')}") as held:
        assert held
        assert send(database, server) == []
    assert states(send(database, server)) == {"a@example.org": "sent"}


def test_all_mails_to_one_domain_are_in_one_part(database: Database, server: MailServer) -> None:
    put(database, "a@example.org", "b@EXAMPLE.org", "c@example.net")
    part = part_of("whoever@Example.Org")
    assert part_of("c@example.net") != part
    with database.reading() as connection:
        assert parts_due(connection, NOON) == sorted({part, part_of("c@example.net")})
    done = send_due(database, smtp(server), lambda: NOON, Random(1), [part])
    assert states(done) == {"a@example.org": "sent", "b@EXAMPLE.org": "sent"}
    assert states(send(database, server)) == {"c@example.net": "sent"}


def test_parts_share_a_connection(database: Database, server: MailServer) -> None:
    put(database, *(f"a@{number}.example.org" for number in range(20)))
    assert {one.state for one in send(database, server)} == {"sent"}
    assert server.connections == 1


@pytest.mark.parametrize(("code", "state"), [("450", "deferred"), ("550", "failed")])
@pytest.mark.parametrize("step", ["RCPT b@example.org", "dot"])
def test_one_refused_recipient_does_not_stop_the_others(
    database: Database, server: MailServer, step: str, code: str, state: str
) -> None:
    put(database, "b@example.org", "a@example.org", "c@example.org")
    server.script(step, reply(f"{code} 4.2.1 not now"))
    refused, *others = send(database, server)
    assert states(others) == {"a@example.org": "sent", "c@example.org": "sent"}
    assert (refused.state, refused.attempts) == (state, 1)
    assert refused.error is not None
    assert refused.error.endswith(f"{code} 4.2.1 not now")
    assert send(database, server, timedelta(minutes=1)) == []
    again = send(database, server, timedelta(minutes=5))
    assert states(again) == ({"b@example.org": "sent"} if state == "deferred" else {})
    assert len(server.bodies) == len(set(server.bodies)) == 2 + len(again)


@pytest.mark.parametrize("act", [DROP, reply("421 4.3.2 no more for now")])
@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
def test_a_connection_that_grew_old_is_replaced_at_once(database: Database, server: MailServer, step: str, act: Act) -> None:
    put(database, "a@example.org", "b@example.org", "c@example.org")
    server.script(step, OWN, act)
    assert [(one.state, one.attempts) for one in send(database, server)] == [("sent", 1), ("sent", 2), ("sent", 1)]
    assert server.connections == 2
    assert len(server.bodies) == 3


def test_a_server_that_ends_each_connection_after_one_mail_gets_them_all(database: Database, server: MailServer) -> None:
    put(database, "a@example.org", "b@example.org", "c@example.org")
    again = reply("421 4.7.0 too many mails in one connection")
    server.script("RCPT b@example.org", again)
    server.script("RCPT c@example.org", again)
    done = send(database, server)
    assert [(one.state, one.attempts) for one in done] == [("sent", 1), ("sent", 2), ("sent", 2)]
    assert server.connections == 3
    assert len(server.bodies) == 3


def test_a_mail_that_breaks_every_connection_does_not_stop_the_others(database: Database, server: MailServer) -> None:
    put(database, "a@example.org", "b@example.org", "c@example.org")
    server.script("RCPT b@example.org", DROP, DROP, DROP)
    assert states(send(database, server)) == {"a@example.org": "sent", "b@example.org": "deferred", "c@example.org": "sent"}
    assert len(server.bodies) == 2


def test_a_server_that_cannot_be_reached_defers_every_mail(database: Database, server: MailServer) -> None:
    put(database, "a@example.org", "b@example.org")
    server.script("connect", reply("421 4.3.2 closed for today"))
    done = send(database, server)
    assert [(one.state, one.attempts) for one in done] == [("deferred", 0)] * 2
    assert {one.error for one in done} == {
        f"the message could not be handed over: 127.0.0.1:{server.port}: 421 4.3.2 closed for today"
    }
    # At once: whoever mended the server or the settings need not wait.
    assert [one.state for one in send(database, server)] == ["sent"] * 2
    assert len(server.bodies) == 2


def test_mails_wait_for_a_server_however_long_it_stays_away(database: Database, server: MailServer) -> None:
    put(database, "a@example.org")
    server.script("connect", reply("421 4.3.2 closed for today"))
    assert [(one.state, one.next_at) for one in send(database, server, timedelta(days=40))] == [("deferred", None)]
    assert [one.state for one in send(database, server, timedelta(days=40))] == ["sent"]


def test_what_may_have_been_accepted_stays_unknown_while_the_server_is_away(database: Database, server: MailServer) -> None:
    put(database, "a@example.org")
    server.script("dot", DROP)
    assert [one.state for one in send(database, server)] == ["unknown"]
    server.script("connect", reply("421 4.3.2 closed for today"))
    assert [one.state for one in send(database, server, timedelta(minutes=10))] == ["unknown"]
    assert [one.state for one in send(database, server, timedelta(minutes=10))] == ["sent"]
    assert len(set(server.bodies)) == 1


def test_a_server_that_is_lost_on_the_way_defers_what_is_left(database: Database, server: MailServer) -> None:
    put(database, "a@example.org", "b@example.org", "c@example.org")
    closed = reply("421 4.3.2 closed for today")
    server.script("RCPT b@example.org", replace(DROP, first=lambda: server.script("connect", closed)))
    done = send(database, server)
    assert states(done) == {"a@example.org": "sent", "b@example.org": "deferred", "c@example.org": "deferred"}
    assert states(send(database, server, timedelta(minutes=10))) == {"b@example.org": "sent", "c@example.org": "sent"}
    assert server.bodies == [content(one.recipient) for one in done]


@pytest.mark.parametrize("keep", [True, False])
@pytest.mark.parametrize("then", ["hang up", "wait"])
def test_a_mail_of_unknown_fate_goes_again_as_the_same_bytes(
    database: Database, server: MailServer, then: str, *, keep: bool
) -> None:
    put(database, "a@example.org", "b@example.org")
    server.script("dot", Act(then=then, keep=keep))
    first, second = send(database, server, patience=0.5 if then == "wait" else 10)
    assert (first.state, second.state) == ("unknown", "sent")
    assert first.next_at is not None
    assert NOON + timedelta(minutes=1) < first.next_at <= NOON + timedelta(minutes=5)
    assert send(database, server, timedelta(minutes=1)) == []
    [again] = send(database, server, timedelta(minutes=5))
    assert (again.state, again.attempts) == ("sent", 2)
    assert sorted(server.bodies) == [content("a@example.org")] * (1 + keep) + [content("b@example.org")]


def test_greylisting_is_waited_out(database: Database, server: MailServer) -> None:
    put(database, "a@example.org")
    server.script("RCPT", *[reply("451 4.7.1 greylisted")] * 3)
    now, attempts = NOON, []
    while states(stored(database)) != {"a@example.org": "sent"}:
        [one] = send(database, server, now - NOON)
        attempts.append(now)
        now = one.next_at or now
    waits = [later - earlier for earlier, later in pairwise(attempts)]
    assert len(waits) == 3
    assert all(timedelta(minutes=4) * 2**n <= wait <= timedelta(minutes=5) * 2**n for n, wait in enumerate(waits))
    assert len(server.bodies) == 1


@pytest.mark.parametrize("act", [reply("450 4.2.1 busy"), DROP])
def test_a_mail_is_given_up_after_five_days_and_says_so(database: Database, server: MailServer, act: Act) -> None:
    put(database, "a@example.org")
    server.script("RCPT", *[act] * 5)
    # Five days may pass with the machine asleep: it is also five tries.
    for tried in range(1, 5):
        assert [one.state for one in send(database, server, timedelta(days=tried + 4))] == ["deferred"]
    [one] = send(database, server, timedelta(days=10))
    assert (one.state, one.next_at) == ("failed", None)
    assert one.error is not None
    assert one.error.startswith("given up after 5 days and 5 tries: ")
    assert send(database, server, timedelta(days=12)) == []


@given(st.integers(1, 10_000), st.randoms(use_true_random=False))
def test_the_wait_doubles_up_to_a_day_and_is_never_short(attempts: int, chance: Random) -> None:
    longest = min(timedelta(minutes=5) * 2 ** min(attempts - 1, 20), timedelta(days=1))
    assert longest * 0.8 <= wait(attempts, chance) <= longest


def test_no_two_wait_alike() -> None:
    chance = Random(1)
    assert len({wait(1, chance) for _ in range(20)}) == 20


@pytest.mark.parametrize(("step", "kept"), [("DATA", False), ("dot", False), ("dot", True)])
def test_a_killed_process_loses_nothing_and_repeats_only_what_was_accepted(
    store_url: str, server: MailServer, step: str, *, kept: bool
) -> None:
    with closing(open_database(store_url)) as database:
        put(database, "a@example.org", "b@example.org", at=datetime.now(UTC))
        command = [sys.executable, "-m", "tests.jobs.sender", store_url, str(server.port)]
        with subprocess.Popen(command, cwd=ROOT) as child:
            server.script(step, Act(then="wait", keep=kept, first=child.kill))
            assert child.wait(timeout=60) == -signal.SIGKILL
        first, second = stored(database)
        assert (first.state, first.attempts, second.state) == ("sending", 1, "pending")
        # PostgreSQL needs a moment to notice that the holder of the lease is gone; until then nothing is sent.
        tries = (send_due(database, smtp(server), lambda: datetime.now(UTC), Random(1)) for _ in range(10_000))
        assert [(one.state, one.attempts) for one in next(filter(None, tries))] == [("sent", 2), ("sent", 1)]
        assert sorted(server.bodies) == [content("a@example.org")] * (1 + kept) + [content("b@example.org")]


def forms(secret: str) -> tuple[str, ...]:
    plain, whole = secret.encode(), f"\0lark\0{secret}".encode()
    coded = [base64.b64encode(one).decode() for one in (plain, whole)]
    return (secret, *coded, quote(secret), quote(secret, safe=""))


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A certificate the system trusts."""
    path = make_certificate(tmp_path / "server.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    return path


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> Iterator[Callable[[], str]]:
    """What was logged at any level, and what was printed. The server, which logs what it hears, is not what is tested."""
    log = logging.getLogger("mail.log")
    log.propagate = False
    with caplog.at_level(logging.DEBUG):
        yield lambda: "".join([*capfd.readouterr(), caplog.text])
    log.propagate = True


@pytest.mark.parametrize("act", [OWN, DROP, STALL, *(reply(f"535 {form}") for form in forms(SECRET) if form.isascii())])
def test_a_login_that_fails_loses_nothing_and_tells_no_password(
    database: Database, certificate: Path, said: Callable[[], str], act: Act
) -> None:
    put(database, "a@example.org", "b@example.org")
    with mail_server(certificate) as server:
        server.login = ("lark", "another")
        server.script("AUTH", act)
        right = replace(smtp(server), security="starttls", login=Login("lark", lambda: SECRET))
        wrong = replace(right, timeout=timedelta(seconds=1)) if act is STALL else right
        done = send_due(database, wrong, lambda: NOON, Random(1))
        assert states(done) == {"a@example.org": "deferred", "b@example.org": "deferred"}
        assert all(one.error and "127.0.0.1" in one.error for one in done)
        server.login = ("lark", SECRET)
        again = send_due(database, right, lambda: NOON + timedelta(hours=1), Random(1))
        assert states(again) == {"a@example.org": "sent", "b@example.org": "sent"}
        assert len(server.bodies) == 2
    everything = f"{said()}{done}{again}{stored(database)}{right}{right.login}"
    assert [form for form in forms(SECRET) if form in everything] == []


def write(database: Database, folder: Path) -> list[Delivery]:
    return write_due(database, folder, lambda: NOON)


def test_every_file_is_written_once(database: Database, tmp_path: Path) -> None:
    put(database, "2026-08-12/morning.md", form="markdown")
    put(database, "2026-08-12/morning.html", form="html")
    put(database, "a@example.org")
    done = write(database, tmp_path / "out")
    assert [(one.form, one.state, one.attempts, one.error) for one in done] == [
        ("markdown", "sent", 1, None),
        ("html", "sent", 1, None),
    ]
    assert done == stored(database)[:2]
    assert (tmp_path / "out/2026-08-12/morning.md").read_bytes() == content("2026-08-12/morning.md")
    (tmp_path / "out/2026-08-12/morning.md").unlink()
    assert write(database, tmp_path / "out") == []
    assert states(stored(database))["a@example.org"] == "pending"


def test_files_do_not_wait_for_mails(database: Database, tmp_path: Path) -> None:
    put(database, "morning.md", form="markdown")
    with leases(database, [f"outbox mail {part}" for part in range(PARTS)]):
        assert states(write(database, tmp_path)) == {"morning.md": "sent"}


def test_a_file_that_cannot_be_written_says_why_and_is_tried_again(database: Database, tmp_path: Path) -> None:
    put(database, "2026-08-12/morning.md", "2026-08-13/morning.md", form="markdown")
    (tmp_path / "2026-08-12").write_bytes(b"in the way")
    first, second = write(database, tmp_path)
    assert (first.state, second.state) == ("deferred", "sent")
    assert first.error is not None
    assert "2026-08-12/morning.md" in first.error
    (tmp_path / "2026-08-12").unlink()
    [again] = write(database, tmp_path)
    assert (again.state, again.attempts, again.error) == ("sent", 2, None)
