"""The real `paperlark serve` when what it stands on gives way: the database, the disk, the clock, the settings, the web."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import running_postgres
from tests.crawler.origin import Reply
from tests.digests.mail_server import MailServer, mail_server
from tests.faults.arxiv_world import BATCHES, SCOPES, truth
from tests.faults.reader import by_id, digests
from tests.faults.stage import PATIENCE, Stage, since, staged

pytestmark = pytest.mark.slow

MORNING = datetime(2026, 8, 24, 2, 40, tzinfo=UTC)
"""Ten minutes after the reader's hour, 10:30 in Shanghai."""


def fits(stage: Stage, *days: int) -> None:
    """Check that each wanted paper of these days of August was shown once, in a digest and a mail for each of them."""
    shown = [paper for digest in digests(stage.reader.folder).values() for paper in digest.new]
    assert len(shown) == len(set(shown))
    assert set(shown) == wanted(*days)
    mails = by_id(stage.reader.mail.bodies)
    assert all(len(copies) == 1 for copies in mails.values())
    assert "Traceback" not in stage.told, stage.told


def wanted(*days: int) -> set[str]:
    return {
        notice.entry.id
        for notice in truth().notices
        if notice.on in BATCHES
        and notice.on.day in days
        and notice.on.month == 8
        and notice.entry.action != "replace"
        and "Skylark" in notice.entry.title
        and set(notice.entry.categories) & set(SCOPES)
    }


def goes_away(server: Any, way: str) -> None:
    """Take the database away, as an administrator does, or as a machine does that has no memory left."""
    if way == "stopped":
        server.stop()
        return
    postmaster = server.get_postmaster_info().process
    children = postmaster.children()
    postmaster.kill()
    for child in children:
        child.wait(PATIENCE)


@pytest.mark.parametrize("way", ["stopped", "killed"])
def test_a_database_that_goes_away_for_a_while(tmp_path: Path, way: str) -> None:
    with running_postgres() as server, staged(tmp_path, MORNING, 20, database=server.get_uri(driver="psycopg")) as stage:
        stage.begin()
        stage.waits_for(r"run\.start kind=ask")
        time.sleep(1)
        goes_away(server, way)
        stage.waits_for(r"store\.silent")
        time.sleep(5)
        server.ensure_postgres_running()
        stage.waits_for(r"store\.back")
        stage.waits_for(r"run\.end kind=deliver .*state=done sent=1")
        stage.rests()
        stage.rests()
        assert stage.end() == 0
        fits(stage, 24)
        assert (stage.count("store.silent"), stage.count("store.back")) == (1, 1)


def test_a_worker_outlives_its_database(tmp_path: Path) -> None:
    with running_postgres() as server, staged(tmp_path, MORNING, 60, database=server.get_uri(driver="psycopg")) as stage:
        stage.settings.write_text(f"{stage.settings.read_text('utf-8')}[serve]\nworkers = true\n", "utf-8")
        assert stage.call("db", "upgrade").wait(PATIENCE) == 0
        stage.answering.clear()
        stage.begin()
        worker = stage.call("worker")
        stage.others.append(worker)
        stage.waits_for(r"run\.start kind=ask .*T00:30$")
        goes_away(server, "killed")
        stage.answering.set()
        stage.waits_for(r"store\.silent")
        # Longer than its library waits for a connection before it gives up.
        time.sleep(35)
        server.ensure_postgres_running()
        stage.waits(lambda: len(stage.reader.mail.bodies) == 1)
        stage.rests()
        worker.send_signal(signal.SIGTERM)
        assert (worker.wait(PATIENCE), stage.end()) == (0, 0)
        # One line of each of them.
        assert (stage.count("store.silent"), stage.count("store.back")) == (2, 2)
        assert "error connecting" not in stage.told
        fits(stage, 24)


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """Give a disk of two megabytes of its own to a folder; only root may."""
    folder.mkdir()
    if (
        sys.platform != "linux"
        or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)], capture_output=True, check=False
        ).returncode
    ):
        pytest.skip("a small disk is root's to mount, on Linux")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(disk: Path) -> Path:
    """Leave no room on a disk; return what is in the way."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    return ballast


def test_a_disk_with_the_store_that_is_full_for_a_while(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk, staged(tmp_path, MORNING, 60, database=f"sqlite:///{disk}/store.db") as stage:
        stage.answering.clear()
        stage.begin()
        stage.waits_for(r"run\.start kind=ask")
        ballast = fill(disk)
        stage.answering.set()
        stage.waits_for(r"full")
        time.sleep(3)
        ballast.unlink()
        stage.waits_for(r"run\.end kind=deliver .*state=done sent=1")
        stage.rests()
        assert stage.end() == 0

        fits(stage, 24)


def test_a_disk_with_the_digests_that_is_full_for_a_while(tmp_path: Path) -> None:
    with small_disk(tmp_path / "digests") as disk, staged(tmp_path, MORNING, 120) as stage:
        ballast = fill(disk)
        stage.begin()
        stage.waits_for(r"run\.end level=warning kind=write .*state=failed")
        ballast.unlink()
        stage.waits_for(r"run\.end kind=write .*state=done")
        stage.rests()
        assert stage.end() == 0

        fits(stage, 24)


@pytest.mark.parametrize("way", ["read-only", "a file"])
def test_a_folder_for_the_digests_that_nothing_can_be_written_to(tmp_path: Path, way: str) -> None:
    with staged(tmp_path, MORNING, 120) as stage:
        output, stage.humble = tmp_path / "digests", True
        if way == "a file":
            output.write_text("in the way", "utf-8")
        else:
            output.mkdir(0o555)
        stage.begin()
        stage.waits_for(r"run\.end level=warning kind=write .*state=failed")
        output.unlink() if way == "a file" else output.chmod(0o755)
        stage.waits_for(r"run\.end kind=write .*state=done")
        stage.rests()
        assert stage.end() == 0

        fits(stage, 24)


def test_a_store_whose_folder_becomes_read_only(tmp_path: Path) -> None:
    place = tmp_path / "place"
    place.mkdir(0o555)
    with staged(tmp_path, MORNING, 60, database=f"sqlite:///{place}/store.db") as stage:
        stage.humble = True
        assert stage.call("serve").wait(PATIENCE) == 1
        assert stage.told.count("\n") == 1
        assert stage.told.startswith("paperlark: the store did not answer as it should")
        place.chmod(0o755)
        stage.answering.clear()
        stage.begin()
        stage.waits_for(r"run\.start kind=ask")
        place.chmod(0o555)
        for file in place.iterdir():
            file.chmod(0o444)
        stage.answering.set()
        stage.waits_for(r"store\.silent")
        place.chmod(0o755)
        for file in place.iterdir():
            file.chmod(0o644)
        stage.waits_for(r"run\.end kind=deliver .*state=done sent=1")
        stage.rests()
        assert stage.end() == 0

        assert (stage.count("store.silent"), stage.count("store.back")) == (1, 1)
        fits(stage, 24)


def test_a_mail_server_that_is_away_for_a_day(tmp_path: Path) -> None:
    with staged(tmp_path, MORNING, 60) as stage:
        with mail_server() as gone:
            port = gone.port
        stage.reader.mail = MailServer(port)
        stage.begin()
        stage.waits_for(r"run\.end level=warning kind=deliver .*state=failed .*deferred=1")
        assert stage.end() == 0
        # A day and more later: the next digest joins the first mail, and a word to the owner that it waits.
        stage.clock = since(datetime(2026, 8, 25, 5, tzinfo=UTC), 60)
        stage.begin()
        stage.waits_for(r"run\.end kind=compose about=morning period=2026-08-25 state=done")
        stage.waits_for(r"run\.end kind=warn .*period=2026-08-25 state=done mails=1")
        stage.waits_for(r"run\.end level=warning kind=deliver .*state=failed .*deferred=3")
        assert stage.end() == 0
        stage.clock = since(datetime(2026, 8, 26, 4, 40, tzinfo=UTC), 60)
        with mail_server(port=port) as back:
            stage.reader.mail = back
            stage.begin()
            stage.waits_for(r"run\.end kind=compose about=morning period=2026-08-26 state=done")
            stage.waits(lambda: len(back.bodies) == 4)
            stage.rests()
            assert stage.end() == 0
            print(stage.told)
            fits(stage, 24, 25, 26)
            assert sorted(kept.recipients for kept in back.kept) == [("morning@example.org",)] * 3 + [("owner@example.org",)]


def test_a_clock_that_was_a_day_ahead_for_a_while(tmp_path: Path) -> None:
    with staged(tmp_path, MORNING, 60) as stage:
        stage.begin()
        stage.waits_for(r"run\.end kind=deliver .*state=done sent=1")
        stage.rests()
        assert stage.end() == 0
        stage.true = since(datetime(2026, 8, 24, 4, 40, tzinfo=UTC), 60)
        stage.clock = since(datetime(2026, 8, 25, 4, 40, tzinfo=UTC), 60)
        stage.begin()
        stage.waits_for(r"run\.end level=warning kind=ask about=arxiv period=2026-08-25T00:30 state=failed")
        stage.waits_for(r"run\.end level=warning kind=compose about=morning period=2026-08-25 state=failed")
        assert stage.end() == 0
        stage.clock = stage.true
        stage.begin()
        stage.waits_for(r"serve\.start", 3)
        stage.waits(lambda: stage.runs() and not [run for run in stage.runs() if run[3] in ("due", "running")])
        assert stage.end() == 0
        stage.true, stage.clock = None, since(datetime(2026, 8, 25, 2, 40, tzinfo=UTC), 60)
        stage.begin()
        stage.waits_for(r"run\.end kind=compose about=morning period=2026-08-25 state=done")
        assert stage.end() == 0
        # What there were no requests left for, for a day has so many, is in the next digest.
        stage.clock = since(datetime(2026, 8, 26, 4, 40, tzinfo=UTC), 60)
        stage.begin()
        stage.waits_for(r"run\.end kind=compose about=morning period=2026-08-26 state=done")
        # That of the 25th is two: the first, of the hours when the clock was wrong, had nothing in it.
        stage.waits(lambda: len(stage.reader.mail.bodies) == 4)
        assert stage.end() == 0
        fits(stage, 24, 25, 26)
        assert {day.day for _, day in digests(tmp_path)} == {24, 25, 26}


def test_an_hour_that_does_not_exist(tmp_path: Path) -> None:
    # On 6 September the clocks of Santiago go from midnight to one; it is four o'clock here.
    with staged(tmp_path, datetime(2026, 9, 6, 3, 30, tzinfo=UTC), 10) as stage:
        stage.edit('timezone = "Asia/Shanghai"', 'timezone = "America/Santiago"')
        stage.edit('name = "morning"', 'name = "morning"\nat = "00:30"')
        stage.begin()
        stage.waits_for(r"run\.end kind=compose about=morning period=2026-09-05 state=done")
        assert stage.end() == 0
        stage.clock = since(datetime(2026, 9, 6, 4, 25, tzinfo=UTC), 60)
        stage.begin()
        stage.waits_for(r"run\.end kind=compose about=morning period=2026-09-06 state=done")
        assert stage.clock() >= datetime(2026, 9, 6, 4, 30, tzinfo=UTC)
        assert stage.end() == 0
        assert sorted(run[2] for run in stage.runs() if run[0] == "digest") == ["2026-09-05", "2026-09-06"]
        assert stage.count(r"run\.start kind=compose .*period=2026-09-06") == 1


def other_zone(stage: Stage) -> None:
    stage.edit('timezone = "Asia/Shanghai"', 'timezone = "Mars/Base"')


def half(stage: Stage) -> None:
    stage.settings.write_text(stage.settings.read_text("utf-8").partition("query = '")[0] + "query = '", "utf-8")


@pytest.mark.parametrize("spoil", [other_zone, half])
def test_settings_that_go_wrong_in_the_middle_of_a_morning(tmp_path: Path, spoil: Callable[[Stage], None]) -> None:
    with staged(tmp_path, MORNING, 60) as stage:
        stage.answering.clear()
        stage.begin()
        stage.waits_for(r"run\.start kind=ask")
        spoil(stage)
        time.sleep(1.5)
        stage.answering.set()
        stage.waits_for(r"run\.end kind=deliver .*state=done sent=1")
        stage.rests()
        assert stage.end() == 0

        assert stage.count(r"settings\.kept level=error") == 1
        fits(stage, 24)


def test_a_reader_who_is_added_in_the_middle_of_a_morning_has_a_digest(tmp_path: Path) -> None:
    with staged(tmp_path, MORNING, 60) as stage:
        stage.answering.clear()
        stage.begin()
        stage.waits_for(r"run\.start kind=ask")
        stage.edit("[smtp]", '[[subscriptions]]\nname = "another"\n[smtp]')
        time.sleep(1.5)
        stage.answering.set()
        stage.waits_for(r"run\.end kind=compose about=another .*state=done")
        stage.waits_for(r"run\.end kind=deliver .*state=done sent=1")
        stage.rests()
        assert stage.end() == 0
        assert stage.count(r"settings\.read subscriptions=2 sources=1") == 1
        assert {name for name, _ in digests(tmp_path)} == {"morning", "another"}


def test_a_source_that_trickles_is_stopped_with_the_daemon(tmp_path: Path) -> None:
    with staged(tmp_path, MORNING, 1) as stage:
        stage.web.respond = lambda _target, _headers: Reply(bytes(100_000), pause=1)
        stage.begin()
        stage.waits(stage.web.stalling.is_set)
        assert stage.end() == 0
        stage.web.respond = stage.respond
        stage.begin()
        stage.waits_for(r"run\.end kind=deliver .*state=done sent=1")
        stage.rests()
        assert stage.end() == 0
        fits(stage, 24)
