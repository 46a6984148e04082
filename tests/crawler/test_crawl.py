"""Whole crawls in a process of their own, against a server on loopback that stands in for the web."""

import gzip
import json
import multiprocessing
import os
import signal
import ssl
import subprocess
import sys
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from crawler.crawl import crawl
from crawler.report import CrawlPlan, CrawlReport, HostState, Progress, Told, utc_now
from crawler.source import Batch, Checkpoint
from tests.crawler.origin import Origin, Reply, serving
from tests.crawler.playground import NOW, TODAY, frozen_clock, words

SINK = "tests.crawler.playground:open_file"


@pytest.fixture
def origin() -> Iterator[Origin]:
    with serving() as origin:
        yield origin


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """The file that the sink writes to."""
    return tmp_path / "pages"


def plan(name: str, *scopes: str, pages: Path, **about: Any) -> CrawlPlan:
    source = name if ":" in name else f"tests.crawler.playground:{name}"
    return CrawlPlan(source=source, scopes=scopes, database=f"file:{pages}", **{"clock": frozen_clock, **about})


def run(plan: CrawlPlan) -> CrawlReport:
    return crawl(plan, SINK, lambda message: None)


def recorded(pages: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in pages.read_text().splitlines()]


def kinds(report: CrawlReport) -> list[tuple[str, str, str]]:
    return [(look.scope, look.route, look.verdict.kind) for look in report.looks]


def test_a_morning(origin: Origin, pages: Path) -> None:
    origin.script("papers.test/robots.txt", "User-agent: Paperlark\nDisallow: /list/secret\n")
    origin.script(
        "papers.test/list/a", Reply(words("p1", "expect 2", "follow https://papers.test/list/a?2"), headers={"ETag": '"a"'})
    )
    origin.script(
        "papers.test/list/a?2", Reply(gzip.compress(words("p2", "expect 2").encode()), headers={"Content-Encoding": "gzip"})
    )
    origin.script("papers.test/list/b", words("p3", "expect 2"))
    origin.script("feed.papers.test/b", words("p3", "p4"))
    origin.script("papers.test/list/c", Reply(status=304))
    origin.script("papers.test/list/e", Reply("<html>sorry</html>"))
    origin.script("feed.papers.test/secret", words("p5"))
    batch = Batch(announced_on=TODAY, keys=frozenset({"p0"}))
    before = {"c": Checkpoint(source="both", scope="c", batch=batch, validators={"listing": ('"c"', "")})}
    delay = timedelta(milliseconds=40)
    told: list[Told] = []
    report = crawl(
        plan(
            "BOTH",
            "a",
            "b",
            "c",
            "secret",
            "e",
            pages=pages,
            mirror=origin.url,
            delay=delay,
            checkpoints=before,
            contact="me@papers.test",
        ),
        SINK,
        told.append,
    )
    assert kinds(report) == [
        *(("a", "listing", "complete"), ("b", "listing", "partial"), ("b", "feed", "complete"), ("c", "listing", "quiet")),
        *(
            ("secret", "listing", "blocked"),
            ("secret", "feed", "complete"),
            ("e", "listing", "failed"),
            ("e", "feed", "failed"),
        ),
    ]
    assert [(look.scope, look.verdict.kind) for look in report.results] == [
        *(("a", "complete"), ("b", "complete"), ("c", "quiet"), ("secret", "complete"), ("e", "failed")),
    ]
    _check_what_was_recorded(pages)
    _check_what_was_asked(origin, report, delay)
    steps = [message for message in told if isinstance(message, Progress)]
    assert {host.host: host for host in told if isinstance(host, HostState)} == {host.host: host for host in report.hosts}
    assert [(step.scope, step.pages, step.papers) for step in steps[:4]] == [("a", 0, 0), ("a", 1, 1), ("a", 2, 2), ("b", 0, 0)]


def _check_what_was_recorded(pages: Path) -> None:
    lines = recorded(pages)
    assert [(line["scope"], line["keys"], line["batch"], line["held"], line["etag"]) for line in lines] == [
        ("a", "p1", "None", [], ""),
        ("a", "p2", str(TODAY), ["p1", "p2"], '"a"'),
        ("b", "p3", "None", [], ""),
        ("b", "p3,p4", str(TODAY), ["p3", "p4"], ""),
        ("secret", "p5", str(TODAY), ["p5"], ""),
    ]
    (place,) = {line["place"] for line in lines}
    process, thread = place.split(".")
    assert process != str(os.getpid())
    assert pages.with_suffix(".closed").read_text() == thread


def _check_what_was_asked(origin: Origin, report: CrawlReport, delay: timedelta) -> None:
    paths = ("robots.txt", "list/a", "list/a?2", "list/b", "list/c", "list/e")
    assert [target for target in origin.asked() if target.startswith("papers.test/")] == [
        f"papers.test/{path}" for path in paths
    ]
    assert report.requests == len(origin.requests) == sum(look.requests for look in report.looks)
    gaps = [after.at - before.at for before, after in zip(origin.requests, origin.requests[1:], strict=False)]
    assert min(gaps) >= delay.total_seconds()
    asked = {request.target: request.headers for request in origin.requests}
    assert {headers["user-agent"] for headers in asked.values()} == {
        f"Paperlark/{version('paperlark')} (+mailto:me@papers.test)"
    }
    assert {headers["accept-encoding"] for headers in asked.values()} == {"gzip"}
    assert asked["feed.papers.test/b"]["accept"] == "application/rss+xml"
    assert asked["papers.test/list/c"]["if-none-match"] == '"c"'
    assert not {"cookie", "referer"} & {name for headers in asked.values() for name in headers}
    hosts = {host.host: host for host in report.hosts}
    assert set(hosts) == {"papers.test", "feed.papers.test"}
    assert hosts["papers.test"].robots_at == NOW
    assert hosts["feed.papers.test"].robots_at is None


def zeros(megabytes: int) -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    return b"".join([packer.compress(bytes(1024 * 1024)) for _ in range(megabytes)]) + packer.flush()


def test_a_hostile_morning(origin: Origin, pages: Path) -> None:
    feed = "feed.papers.test"
    page = words("p1", "p2")
    origin.script(f"{feed}/bomb", Reply(zeros(400), headers={"Content-Encoding": "gzip"}))
    origin.script(f"{feed}/large", Reply(bytes(2 * 1024 * 1024)))
    origin.script(f"{feed}/endless", Reply(bytes(2 * 1024 * 1024), length=2**40))
    origin.script(f"{feed}/short", Reply(page, length=len(page) + 100))
    origin.script(f"{feed}/cut", Reply(gzip.compress(page.encode())[:-12], headers={"Content-Encoding": "gzip"}))
    origin.script(f"{feed}/healed", Reply(page, length=len(page) + 100), page)
    origin.script(f"{feed}/stall", Reply("never", stall=True))
    origin.script(f"{feed}/inward", Reply(status=302, headers={"Location": origin.url + "/trap"}))
    origin.script(f"{feed}/file", Reply(status=302, headers={"Location": "file:///etc/passwd"}))
    origin.script(f"{feed}/brotli", Reply(b"x", headers={"Content-Encoding": "br"}))
    origin.script(f"{feed}/headers", Reply(page, headers={f"X-{n}": "y" for n in range(5000)}))
    origin.script(f"{feed}/babble", Reply(page, headers={f"X-{n}": "y" * 1000 for n in range(1200)}))
    origin.script(f"{feed}/unlucky", words("unlucky"))
    origin.script(f"{feed}/fine", words("p9"))
    scopes = (
        "healed",
        "bomb",
        "large",
        "endless",
        "short",
        "cut",
        "stall",
        "inward",
        "file",
        "brotli",
        "headers",
        "babble",
        "unlucky",
        "fine",
    )
    report = run(plan("ONE", *scopes, pages=pages, mirror=origin.url))
    found = {look.scope: look for look in report.looks}
    assert {scope: found[scope].verdict.kind for scope in scopes} == {
        **dict.fromkeys(("bomb", "large", "endless", "stall", "brotli", "babble", "unlucky"), "failed"),
        **dict.fromkeys(("short", "cut"), "partial"),
        **dict.fromkeys(("inward", "file"), "blocked"),
        **dict.fromkeys(("healed", "headers", "fine"), "complete"),
    }
    said = {scope: look.error or "" for scope, look in found.items()}
    assert "larger than 1,048,576 bytes once unpacked" in said["bomb"]
    assert "larger than 1,048,576 bytes" in said["large"]
    assert "broke off" in said["short"]
    assert "more than 1,048,576 bytes of headers" in said["babble"]
    assert "no whole answer within 0.4 s" in said["stall"]
    assert "not write to ***" in said["unlucky"]
    assert f"{feed}/trap" not in origin.asked()
    assert "trap" not in origin.asked()
    assert [origin.asked().count(f"{feed}/{scope}") for scope in ("bomb", "short", "healed", "stall")] == [1, 3, 2, 1]
    places = {"inward": f"({origin.url}/trap)", "file": "(file:///etc/passwd)", "unlucky": "***"}
    for scope in found.keys() - {"healed", "headers", "fine"}:
        assert said[scope].startswith(f"one {scope}: ")
        assert places.get(scope, f"(https://{feed}/{scope})") in said[scope]
        assert "\n" not in said[scope]
    assert [line["scope"] for line in recorded(pages)] == ["healed", "short", "cut", "headers", "fine"]
    assert recorded(pages)[-1]["megabytes"] < 300


def test_a_cool_down_is_obeyed_by_the_next_crawl(origin: Origin, pages: Path) -> None:
    origin.script("feed.papers.test/a", Reply(status=429, headers={"Retry-After": "3600"}))
    first = run(plan("ONE", "a", "b", pages=pages, mirror=origin.url))
    assert [(look.verdict.kind, look.requests) for look in first.looks] == [("throttled", 1), ("throttled", 0)]
    until = NOW + timedelta(hours=1)
    assert first.hosts == (
        HostState(host="feed.papers.test", asked_at=NOW),
        HostState(host="papers.test", cooldown_until=until, strikes=1),
    )
    again = run(plan("ONE", "a", pages=pages, mirror=origin.url, hosts={host.host: host for host in first.hosts}))
    assert [(look.verdict.kind, look.verdict.next_at, look.requests) for look in again.looks] == [("throttled", until, 0)]
    assert origin.asked() == ["feed.papers.test/a"]
    assert not pages.exists()


def test_a_huge_robots_txt_is_read_and_its_host_not_asked_again_that_day(origin: Origin, pages: Path) -> None:
    origin.script("papers.test/robots.txt", "User-agent: *\nDisallow: /list/a\n" + "Disallow: /x\n" * 50_000)
    first = run(plan("BOTH", "a", pages=pages, mirror=origin.url))
    assert first.looks[0].verdict.kind == "blocked"
    origin.script("papers.test/list/b", words("p1"))
    hosts = {host.host: host for host in first.hosts}
    second = run(plan("BOTH", "a", "b", pages=pages, mirror=origin.url, hosts=hosts))
    assert kinds(second) == [("a", "listing", "blocked"), ("a", "feed", "failed"), ("b", "listing", "complete")]
    assert origin.asked().count("papers.test/robots.txt") == 1


def test_a_killed_process_is_a_look_that_failed(origin: Origin, pages: Path) -> None:
    for scope in ("a", "b", "c"):
        origin.script(f"feed.papers.test/{scope}", words("p1"))
    report = run(plan("DEADLY", "a", "b", "c", pages=pages, mirror=origin.url))
    assert [(look.scope, look.verdict.kind) for look in report.looks] == [("a", "complete"), ("b", "failed"), ("c", "failed")]
    assert [look.error for look in report.looks[1:]] == [
        f"deadly {scope}: the crawling process was killed by signal 9" for scope in "bc"
    ]
    assert [host.host for host in report.hosts] == ["feed.papers.test"]


@pytest.mark.parametrize("source", ["tests.crawler.nowhere:SOURCE", "tests.crawler.playground:NOTHING"])
def test_a_source_that_cannot_be_imported_is_a_look_that_failed(
    source: str, pages: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    report = run(plan(source, "a", pages=pages))
    (look,) = report.looks
    assert look.verdict.kind == "failed"
    assert source.rpartition(":")[2] in (look.error or "") or "nowhere" in (look.error or "")
    assert capfd.readouterr().err == ""


def test_a_reader_and_a_sink_with_mistakes_end_in_one_line(
    origin: Origin, pages: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    origin.script("feed.papers.test/a", words("p1"))
    (look,) = run(plan("CLUMSY", "a", pages=pages, mirror=origin.url)).looks
    assert look.error == "clumsy a: ValueError: a mistake over two lines in a (https://feed.papers.test/a)"
    (look,) = run(plan("LOST", "a", pages=pages, mirror=origin.url)).looks
    assert look.error == "lost a: LookupError: no such day: 12"
    (look,) = crawl(plan("ONE", "a", pages=pages, mirror=origin.url), "tests.crawler.nowhere:open", lambda message: None).looks
    assert look.verdict.kind == "failed"
    assert "ModuleNotFoundError" in (look.error or "")
    assert capfd.readouterr().err == ""


def test_a_name_that_leads_inwards_is_never_connected_to(origin: Origin, pages: Path) -> None:
    report = run(plan("tests.crawler.inward:SOURCE", origin.url.rpartition(":")[2], pages=pages))
    inward, nowhere = report.looks
    assert inward.verdict.kind == "blocked"
    assert "no address of the public internet" in (inward.error or "")
    assert nowhere.verdict.kind == "failed"
    assert "could not be looked up" in (nowhere.error or "")
    assert origin.requests == []


def test_a_certificate_nobody_vouches_for_is_a_failure(tmp_path: Path, pages: Path) -> None:
    with serving(_self_signed(tmp_path)) as origin:
        (look,) = run(plan("ONE", "a", pages=pages, mirror=origin.url, clock=utc_now)).looks
    assert look.at.tzinfo == UTC
    assert look.verdict.kind == "failed"
    assert "certificate verify failed" in (look.error or "")
    assert origin.requests == []


def _self_signed(folder: Path) -> ssl.SSLContext:
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    certificate = builder.not_valid_before(now).not_valid_after(now + timedelta(hours=1)).sign(key, hashes.SHA256())
    pem = serialization.Encoding.PEM
    (folder / "tls.pem").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()) + certificate.public_bytes(pem)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "tls.pem")
    return context


def test_who_stops_listening_ends_the_child(origin: Origin, pages: Path) -> None:
    origin.script("feed.papers.test/a", Reply(stall=True))

    def interrupt(message: Told) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        crawl(plan("PATIENT", "a", pages=pages, mirror=origin.url), SINK, interrupt)
    assert multiprocessing.active_children() == []


ORPHAN = """
from pathlib import Path
from tests.crawler.test_crawl import crawl, plan, SINK
if __name__ == "__main__":
    crawl(plan("PATIENT", "a", pages=Path({pages!r}), mirror={mirror!r}), SINK, lambda message: None)
"""


def test_a_child_does_not_outlive_its_parent(origin: Origin, pages: Path, tmp_path: Path) -> None:
    origin.script("feed.papers.test/a", Reply(length=10, stall=True))
    script = tmp_path / "orphan.py"
    script.write_text(ORPHAN.format(pages=str(pages), mirror=origin.url))
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    with subprocess.Popen([sys.executable, script], env=environment) as parent:
        assert origin.stalling.wait(20)
        parent.send_signal(signal.SIGKILL)
    assert origin.deserted.wait(20)


def test_the_parent_needs_no_scrapy_and_a_plan_tells_no_secret(pages: Path) -> None:
    code = "import sys, crawler.crawl; print({'scrapy', 'twisted', 'lxml', 'protego'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"
    assert str(pages) not in repr(plan("ONE", "a", pages=pages))
