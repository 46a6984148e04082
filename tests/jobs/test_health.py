"""The health of a daemon over real HTTP, on loopback: what is answered, to whom, and that nobody can hold it up."""

import io
import json
import socket
import struct
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from http.client import HTTPConnection

import pytest
from prometheus_client.parser import text_string_to_metric_families

from crawler.errors import SettingsError, StorageError
from crawler.verdict import Verdict, VerdictKind
from jobs.health import Vitals, open_health
from jobs.logs import open_log
from jobs.metrics import vitals_of
from jobs.steps import Office
from jobs.tables import FeedSettings, LogSettings
from storage.database import open_database
from storage.days import LedgerDay, save_days
from storage.ledger import LedgerLine, save_line
from storage.outbox import Message, begin, due, enqueue, settle
from storage.planned import Outcome, claim_run, finish_run, plan_runs
from storage.runs import RunKey
from tests.jobs.offices import Desk, day
from tests.storage.factories import NOON

HOST = "127.0.0.1"


@dataclass
class Daemon:
    """A daemon that is as a test wants it: how long ago it ticked, what its store does, and where it answers."""

    since: float = 0.0
    error: Exception | None = None
    numbers: bytes = b"# numbers\n"
    port: int = 0
    said: io.StringIO = field(default_factory=io.StringIO)

    def beat(self) -> float:
        return self.since

    def store(self) -> None:
        if self.error:
            raise self.error

    def metrics(self) -> bytes:
        self.store()
        return self.numbers

    def ask(self, path: str, method: str = "GET", **headers: str) -> tuple[int, str, dict[str, str]]:
        """Return the status, the body and the headers of an answer."""
        with closing(HTTPConnection(HOST, self.port, timeout=30)) as connection:
            connection.request(method, path, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode(), dict(answer.getheaders())

    def say(self, request: bytes) -> bytes:
        """Send these bytes and return all that comes back."""
        with socket.create_connection((HOST, self.port), timeout=30) as connection:
            connection.sendall(request)
            return b"".join(iter(lambda: connection.recv(65536), b""))


@contextmanager
def answering(daemon: Daemon, listen: str = f"{HOST}:0", vitals: Vitals | None = None) -> Iterator[Daemon]:
    """Have a daemon answer."""
    settings = LogSettings(format="json")
    with (
        open_log(settings, daemon.said, lambda: NOON) as log,
        open_health(listen, vitals or Vitals(daemon.beat, daemon.store, daemon.metrics), log) as port,
    ):
        daemon.port = port
        yield daemon


@pytest.fixture(scope="module")
def one_daemon() -> Iterator[Daemon]:
    with answering(Daemon()) as one:
        yield one


@pytest.fixture
def daemon(one_daemon: Daemon) -> Daemon:
    """Give a daemon that is well."""
    one_daemon.since, one_daemon.error = 0.0, None
    return one_daemon


def test_a_daemon_that_ticks_and_whose_store_answers_is_well(daemon: Daemon) -> None:
    status, body, headers = daemon.ask("/healthz")
    assert (status, body) == (200, "ok\n")
    assert headers["Content-Type"] == "text/plain; charset=utf-8"
    assert (headers["Server"], headers["Cache-Control"]) == ("Paperlark", "no-store")
    daemon.since = 120
    assert daemon.ask("/healthz?from=monitor")[0] == 200


def test_a_daemon_that_is_stuck_says_so(daemon: Daemon) -> None:
    daemon.since = 121.4
    assert daemon.ask("/healthz")[:2] == (503, "the main loop has not ticked for 121 s\n")


def test_a_store_that_does_not_answer_is_said_without_its_words(daemon: Daemon) -> None:
    daemon.error = StorageError("while reading", "postgresql+psycopg://lark:secret@db")
    for path in ("/healthz", "/metrics"):
        assert daemon.ask(path)[:2] == (503, "the store does not answer\n")


def test_numbers_are_told(daemon: Daemon) -> None:
    status, body, headers = daemon.ask("/metrics")
    assert (status, body) == (200, "# numbers\n")
    assert headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"


@pytest.mark.parametrize("path", ["/", "/healthz/", "/metrics/x", "/../healthz", "//healthz", "/HEALTHZ", "/%68ealthz", "*"])
def test_there_is_nothing_else(daemon: Daemon, path: str) -> None:
    found = daemon.ask(path)[:2]
    # Two slashes in front are one to the library.
    assert found == ((200, "ok\n") if path == "//healthz" else (404, "there are /healthz and /metrics\n"))


def test_the_head_alone_has_no_body(daemon: Daemon) -> None:
    status, body, headers = daemon.ask("/healthz", "HEAD")
    assert (status, body, headers["Content-Length"]) == (200, "", "3")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "x<script>"])
def test_nothing_can_be_done(daemon: Daemon, method: str) -> None:
    status, body, headers = daemon.ask("/healthz", method)
    assert status == 501
    assert "ok" not in body
    assert headers["Content-Type"] == "text/plain; charset=utf-8"


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.0.0.1:80", "127.8.9.1:1", "localhost", "LocalHost:8765", "[::1]", "[::1]:8765"]
)
def test_whoever_asks_for_this_machine_is_answered(daemon: Daemon, host: str) -> None:
    assert daemon.ask("/healthz", Host=host)[0] == 200


@pytest.mark.parametrize(
    "host",
    [
        *(
            "example.org",
            "127.0.0.1.example.org",
            "localhost.example.org:8765",
            "127.0.0.1@example.org",
            "192.168.1.7",
            "0.0.0.0",
        ),
        *("[::]", "", "127.0.0.1/x", "[::1", "you@127.0.0.1", "127.0.0.1, example.org"),
    ],
)
def test_whoever_asks_for_another_is_not(daemon: Daemon, host: str) -> None:
    for path in ("/healthz", "/metrics", "/"):
        status, body, _ = daemon.ask(path, Host=host)
        assert (status, body) == (421, "this is told to this machine alone, by its own name\n")


def test_of_two_names_both_must_be_ours_and_a_request_as_old_as_to_have_none_is_answered(daemon: Daemon) -> None:
    two = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: example.org\r\n\r\n"
    assert daemon.say(two).startswith(b"HTTP/1.0 421 ")
    assert daemon.say(b"GET http://example.org/healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").startswith(b"HTTP/1.0 404 ")
    assert daemon.say(b"GET /healthz HTTP/1.0\r\n\r\n").endswith(b"\r\n\r\nok\n")


@pytest.mark.parametrize("listen", ["localhost:0", "[::1]:0", "127.0.0.1:0"])
def test_it_listens_where_it_is_told(listen: str) -> None:
    with answering(Daemon(), listen) as daemon:
        host = "::1" if "::1" in listen else HOST
        with closing(HTTPConnection(host, daemon.port, timeout=30)) as connection:
            connection.request("GET", "/healthz")
            assert connection.getresponse().read() == b"ok\n"


def test_a_place_that_is_taken_is_a_mistake_of_the_settings(daemon: Daemon) -> None:
    place = f"{HOST}:{daemon.port}"
    with pytest.raises(SettingsError) as caught, answering(Daemon(), place):
        pass
    assert caught.value.mistakes == (f"serve.listen: {place}: Address already in use",)


def test_when_it_is_over_nobody_listens(daemon: Daemon) -> None:
    with answering(Daemon()) as other:
        pass
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((HOST, other.port))


def test_whoever_does_not_go_on_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.health._Handler.timeout", 0.05)
    with answering(Daemon()) as daemon:
        assert daemon.say(b"GET /healthz HTTP/1.1\r\nHost: local") == b""
        assert daemon.ask("/healthz")[0] == 200


def test_whoever_takes_too_long_over_all_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.health._Handler.timeout", 600)
    monkeypatch.setattr("jobs.health._WHOLE", 0.05)
    with answering(Daemon()) as daemon:
        assert daemon.say(b"GET /healthz HTTP/1.1\r\nHost: local") == b""


@contextmanager
def silent(daemon: Daemon, many: int) -> Iterator[None]:
    """Have so many ask who say nothing."""
    with ExitStack() as stack:
        for _ in range(many):
            stack.enter_context(socket.create_connection((HOST, daemon.port), timeout=30))
        yield


def test_those_who_say_nothing_hold_up_neither_the_others_nor_the_end() -> None:
    with answering(Daemon()) as daemon, silent(daemon, 7):
        assert daemon.ask("/healthz")[0] == 200


def test_of_too_many_at_once_the_last_is_turned_away() -> None:
    with answering(Daemon()) as daemon, silent(daemon, 8), pytest.raises(ConnectionError):
        daemon.ask("/healthz")


def test_whoever_hangs_up_is_no_mistake() -> None:
    with answering(Daemon()) as daemon:
        with socket.create_connection((HOST, daemon.port)) as connection:
            # Closed so, it is reset at once.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.sendall(b"GET /healthz HTTP/1.1\r\n\r\n" * 100)
        assert daemon.ask("/healthz")[0] == 200
    assert daemon.said.getvalue() == ""


def test_a_mistake_of_ours_is_logged() -> None:
    with answering(Daemon(error=ValueError("a\nmistake"))) as daemon:
        assert daemon.say(b"GET /healthz HTTP/1.0\r\n\r\n") == b""
    told = json.loads(daemon.said.getvalue())
    assert (told["event"], told["level"], told["why"]) == ("health.failed", "error", "ValueError: a mistake")


def line(kind: VerdictKind, scope: str = "cs.CV", at: datetime = NOON) -> LedgerLine:
    return LedgerLine(source="arxiv", scope=scope, route="listing", verdict=Verdict(kind=kind), requests=1, rejected=0, at=at)


def numbers(body: str) -> dict[tuple[str, ...], float]:
    """Return the samples of a scrape by name and labels."""
    families = list(text_string_to_metric_families(body))
    samples = [sample for family in families for sample in family.samples]
    return {(sample.name, *(sample.labels[key] for key in sorted(sample.labels))): sample.value for sample in samples}


@pytest.fixture
def office(one_desk: Desk) -> Office:
    return one_desk.office(day(2))


def fill(office: Office) -> None:
    """Have a store tell of everything there are numbers of."""
    gap = LedgerDay(
        source="arxiv", scope="cs.CV", day=date(2026, 8, 10), kind="failed", route="", expected=None, seen=0, why="", at=NOON
    )
    messages = [
        Message(subscription="morning", period=str(n), form="mail", recipient="you@example.org", message_id="", body=b"")
        for n in range(3)
    ]
    keys = [RunKey("ask", "arxiv", "1"), RunKey("ask", "arxiv", "2"), RunKey("compose", "morning", "1")]
    with office.database.writing() as connection:
        save_line(connection, line("complete", at=datetime(2026, 8, 11, 0, 30, tzinfo=UTC)))
        save_line(connection, line("failed"))
        save_line(connection, line("quiet", "cs.LG"))
        save_line(connection, line("complete", "cs.XX"))  # no longer in the settings
        save_days(connection, [gap])
        enqueue(connection, messages, NOON)
        settle(connection, begin(connection, due(connection, NOON, ["mail"])[0]), "sent", NOON)
        plan_runs(connection, keys, NOON)
        for key, state in ((keys[0], "done"), (keys[2], "failed")):
            claimed = claim_run(connection, key, NOON)
            assert claimed
            finish_run(connection, claimed, Outcome(state=state), NOON)  # type: ignore[arg-type]  # one of them


def test_the_numbers_are_those_of_the_store(office: Office) -> None:
    fill(office)
    with answering(Daemon(), vitals=vitals_of(lambda: office, lambda: 90.0)) as daemon:
        assert daemon.ask("/healthz")[0] == 200
        found = numbers(daemon.ask("/metrics")[1])
    ticked = found.pop(("paperlark_last_tick_timestamp_seconds",))
    assert ticked == pytest.approx(office.clock().timestamp() - 90, abs=60)
    assert found.pop(("process_resident_memory_bytes",)) > 0
    assert {key: value for key, value in found.items() if key[0].startswith("paperlark_")} == {
        # Labels in alphabetical order.
        ("paperlark_source_last_complete_timestamp_seconds", "cs.CV", "arxiv"): datetime(
            2026, 8, 11, 0, 30, tzinfo=UTC
        ).timestamp(),
        ("paperlark_source_verdict", "cs.CV", "arxiv", "failed"): 1,
        ("paperlark_source_verdict", "cs.LG", "arxiv", "quiet"): 1,
        ("paperlark_source_owed_days", "cs.CV", "arxiv"): 2,
        ("paperlark_source_owed_days", "cs.LG", "arxiv"): 0,
        ("paperlark_outbox_messages", "pending"): 2,
        ("paperlark_outbox_messages", "sent"): 1,
        ("paperlark_outbox_messages", "sending"): 0,
        ("paperlark_outbox_messages", "deferred"): 0,
        ("paperlark_outbox_messages", "failed"): 0,
        ("paperlark_outbox_messages", "unknown"): 0,
        ("paperlark_runs", "ask", "done"): 1,
        ("paperlark_runs", "ask", "due"): 1,
        ("paperlark_runs", "compose", "failed"): 1,
    }


def test_an_empty_store_has_numbers_too(office: Office) -> None:
    body = vitals_of(lambda: office, lambda: 0.0).metrics().decode()
    assert numbers(body)["paperlark_outbox_messages", "sent"] == 0
    assert "# TYPE paperlark_source_verdict gauge" in body


def test_a_name_of_the_owners_breaks_no_line(one_desk: Desk) -> None:
    name, office = 'a "feed" \\ of {mine}', one_desk.office(day(2))
    feed = FeedSettings(name=name, url="https://example.org/feed")
    office = replace(office, settings=office.settings.model_copy(update={"feeds": (feed,)}))
    with office.database.writing() as connection:
        save_line(connection, replace(line("blocked", name), source="feeds"))
    found = numbers(vitals_of(lambda: office, lambda: 0.0).metrics().decode())
    assert found["paperlark_source_verdict", name, "feeds", "blocked"] == 1


def test_without_a_store_there_are_no_numbers(one_desk: Desk) -> None:
    office = one_desk.office(day(2))
    gone = open_database(one_desk.url)
    vitals = vitals_of(lambda: replace(office, database=gone), lambda: 0.0)
    with answering(Daemon(), vitals=vitals) as daemon:
        assert daemon.ask("/metrics")[0] == 200
        gone.close()
        with office.database.writing() as connection:
            connection.exec_driver_sql("ALTER TABLE runs RENAME TO away")
        assert daemon.ask("/healthz")[:2] == (503, "the store does not answer\n")
        assert daemon.ask("/metrics")[:2] == (503, "the store does not answer\n")


def test_no_paper_no_reader_and_no_secret_is_in_the_numbers(one_desk: Desk) -> None:
    one_desk.subscription = {"email": "reader@example.org", "forms": ["mail", "file"]}
    office = one_desk.office(day(2))
    fill(office)
    body = vitals_of(lambda: office, lambda: 0.0).metrics().decode()
    assert not [word for word in ("example.org", "morning", "engine", "sqlite", str(one_desk.folder)) if word in body]
