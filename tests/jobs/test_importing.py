"""Taking in arXiv's snapshot: the same papers from any file it comes in, nothing twice, nothing announced."""

import gzip
import io
import json
import os
import sys
import threading
import zipfile
from codecs import BOM_UTF8
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.identifiers import Identifier
from crawler.readers.arxiv_snapshot import LONGEST
from crawler.sighting import Reject, Sighting, Submission
from jobs.commands_import import _following, figures, say_imports
from jobs.importing import Advance, Imported, import_files
from jobs.moments import said_duration
from jobs.snapshot import SnapshotFile
from storage.database import Database, open_database
from storage.events import announced_since
from storage.papers import find, sightings, versions
from storage.runs import newest_runs
from tests.jobs.conftest import Call
from tests.jobs.offices import Desk, day
from tests.storage.factories import MONDAY, look, page, rows, sighting, write

EXCERPT = Path("../shared/samples/arxiv/kaggle_arxiv-metadata-oai-snapshot_excerpt.jsonl")
SHAPE = {"file", "lines", "new", "updated", "rejected", "seconds", "error"}


def paper(number: int, **parts: Any) -> bytes:
    """Write a line of the snapshot."""
    record = {
        "id": f"2608.{number:05}",
        "authors": "Ada Lovelace",
        "title": f"Paper\n  2608.{number:05}",
        "comments": None,
        "doi": f"10.1000/{number}",
        "categories": "cs.CV cs.LG",
        "license": None,
        "abstract": "  We describe an\nengine.\n",
        "versions": [{"version": "v1", "created": "Mon, 3 Aug 2026 19:18:42 GMT"}],
        "update_date": "2026-08-04",
        "authors_parsed": [["Lovelace", "Ada", ""]],
    }
    return json.dumps({**record, **parts}).encode()


def lines(*numbers: int) -> bytes:
    return b"".join(paper(number) + b"\n" for number in numbers)


def packed(text: bytes, name: str = "arxiv-metadata-oai-snapshot.json", **others: bytes) -> bytes:
    """Put a member into an archive, after the `others`."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for other, content in {**others, name: text}.items():
            archive.writestr(other, content)
    return whole.getvalue()


@pytest.fixture
def desk(database: Database, store_url: str, tmp_path: Path) -> Desk:
    return Desk(database, store_url, tmp_path)


def import_(desk: Desk, content: bytes, name: str = "snapshot.json") -> Imported:
    """Import a file with that in it."""
    path = desk.folder / name
    path.write_bytes(content)
    return import_path(desk, path)


def import_path(desk: Desk, path: Path) -> Imported:
    (one,) = import_files(desk.office(day(0)), [path], lambda _: None)
    assert one.file == str(path)
    assert one.error is None or one.error.startswith(f"{path}: ")
    return one


def error_of(one: Imported) -> str:
    return (one.error or "").removeprefix(f"{one.file}: ")


def counted(one: Imported) -> tuple[int, int, int, int]:
    return one.lines, one.new, one.updated, one.rejected


def announced(database: Database) -> list[tuple[str, Any]]:
    with database.reading() as connection:
        return [(event.kind, event.on) for event in announced_since(connection, 0)]


def stored(database: Database) -> dict[str, int]:
    """Count the rows that say something of papers."""
    with database.reading() as connection:
        return {name: count for name, count in rows(connection).items() if name not in ("runs", "counters")}


# What comes out of it.


def test_a_plain_file_one_in_gzip_and_one_in_a_zip_give_the_same_papers(desk: Desk) -> None:
    text = lines(1, 2, 3)
    assert counted(import_(desk, text)) == (3, 3, 0, 0)
    papers, content = look(desk.database), stored(desk.database)
    assert [parts["title"] for parts, *_ in papers] == [f"Paper 2608.0000{number}" for number in (1, 2, 3)]
    for other in (
        gzip.compress(text, mtime=0),
        packed(text),
        packed(text, readme=b"no"),
        gzip.compress(text[:900], mtime=0) + gzip.compress(text[900:]),
    ):
        for name in ("snapshot.json.gz", "snapshot.zip", "snapshot"):
            assert counted(import_(desk, other, name)) == (3, 0, 0, 0)
    assert (look(desk.database), stored(desk.database)) == (papers, content)


@pytest.mark.parametrize("pack", [gzip.compress, packed])
def test_a_packed_file_alone_gives_the_papers(desk: Desk, pack: Any) -> None:
    assert counted(import_(desk, pack(lines(1, 2, 3)))) == (3, 3, 0, 0)


def test_versions_and_their_dates_are_kept(desk: Desk) -> None:
    import_(desk, lines(1))
    with desk.database.reading() as connection:
        known = find(connection, Identifier("doi", "10.1000/1"))
        assert known is not None
        (said,) = sightings(connection, known.id)
        assert [one.version for one in versions(connection, known.id)] == [1]
    assert (known.version, known.announced_on) == (1, None)
    assert said.submissions == (Submission(1, datetime(2026, 8, 3, 19, 18, 42, tzinfo=UTC)),)


def test_a_later_snapshot_updates(desk: Desk) -> None:
    import_(desk, lines(1, 2))
    changed = paper(2, title="Another title", versions=[{"version": "v2", "created": "Tue, 4 Aug 2026 19:18:42 GMT"}])
    assert counted(import_(desk, paper(1) + b"\n" + changed)) == (2, 0, 1, 0)
    assert [parts["title"] for parts, *_ in look(desk.database)] == ["Another title", "Paper 2608.00001"]


@pytest.mark.parametrize(
    "text",
    [
        BOM_UTF8 + lines(1, 2),
        lines(1, 2).replace(b"\n", b"\r\n"),
        lines(1, 2).rstrip(b"\n"),
        b"\n \r\n" + lines(1) + b"\n\n" + lines(2) + b"\n",
        lines(1) + BOM_UTF8 + lines(2),
    ],
)
def test_line_ends_empty_lines_and_byte_order_marks_are_no_matter(one_desk: Desk, text: bytes) -> None:
    assert counted(import_(one_desk, text)) == (2, 2, 0, 0)


def test_lines_that_cannot_be_read_are_counted_and_the_first_are_named(one_desk: Desk) -> None:
    text = b"{\n\n" + lines(1) + b"\n".join([paper(9, id=7), b"[]", *[b"x"] * 10]) + b"\n" + lines(2)
    one = import_(one_desk, text)
    assert (counted(one), one.error) == ((15, 2, 0, 13), None)
    assert one.rejects[:3] == (
        Reject(key="line 1", why="no JSON"),
        Reject(key="line 4", why="its id is no text"),
        Reject(key="line 5", why="no JSON object"),
    )
    assert len(one.rejects) == 5


def test_a_line_too_long_is_one_reject_whatever_its_length(one_desk: Desk) -> None:
    long = paper(9, abstract="x" * (3 * LONGEST))
    one = import_(one_desk, lines(1) + long + b"\n" + lines(2) + long)
    assert counted(one) == (4, 2, 0, 2)
    assert [reject.key for reject in one.rejects] == ["line 2", "line 4"]
    assert "longer than" in one.rejects[0].why


def test_long_lines_do_not_gather(one_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.importing._PAGE_BYTES", 3000)
    (one_desk.folder / "snapshot.json").write_bytes(lines(*range(20)))
    steps: list[Advance] = []
    (one,) = import_files(one_desk.office(day(0)), [one_desk.folder / "snapshot.json"], steps.append)
    assert counted(one) == (20, 20, 0, 0)
    assert len(steps) > 2


# Nothing twice, nothing lost, nothing announced.


def test_the_same_file_again_changes_nothing(desk: Desk) -> None:
    import_(desk, lines(1, 2))
    before, content = stored(desk.database), look(desk.database)
    assert counted(import_(desk, lines(1, 2))) == (2, 0, 0, 0)
    assert counted(import_(desk, lines(1, 1, 2))) == (3, 0, 0, 0)
    assert (stored(desk.database), look(desk.database)) == (before, content)


def listed(number: int) -> Sighting:
    return sighting(f"2608.{number:05}", version=1)


@pytest.mark.parametrize("first", ["the import", "the announcement"])
def test_an_import_announces_nothing_and_swallows_no_announcement(desk: Desk, first: str) -> None:
    if first == "the import":
        import_(desk, lines(1, 2, 3))
        assert announced(desk.database) == []
    write(desk.database, page(listed(1), listed(2)))
    import_(desk, lines(1, 2, 3))
    assert announced(desk.database) == [("announced", MONDAY)] * 2
    write(desk.database, page(listed(1), listed(2)))
    assert announced(desk.database) == [("announced", MONDAY)] * 2
    with desk.database.reading() as connection:
        assert rows(connection)["papers"] == 3
    (shown,) = desk.digest(MONDAY).values()
    assert sorted(shown) == ["2608.00001", "2608.00002"]


def test_an_import_between_two_digests_is_in_neither(one_desk: Desk) -> None:
    one_desk.announce(listed(1))
    assert one_desk.digest(day(0)) == {"Engines": ["2608.00001"]}
    import_(one_desk, lines(1, 2, 3))
    assert one_desk.digest(day(1)) == {}
    one_desk.announce(sighting("2608.00002", announced_on=day(2)))
    assert one_desk.digest(day(2)) == {"Engines": ["2608.00002"]}


class StoppedError(Exception):
    pass


def test_an_import_that_was_stopped_is_run_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.importing.PAGE", 2)
    path = desk.folder / "snapshot.json"
    path.write_bytes(lines(1, 2, 3, 4, 5))

    def stop(advance: Advance) -> None:
        if advance.lines == 4:
            raise StoppedError

    with pytest.raises(StoppedError):
        import_files(desk.office(day(0)), [path], stop)
    assert len(look(desk.database)) == 4
    assert counted(import_path(desk, path)) == (5, 1, 0, 0)
    assert len(look(desk.database)) == 5


def test_the_run_is_written_down(desk: Desk) -> None:
    import_(desk, lines(1))
    import_(desk, gzip.compress(lines(1, 2), mtime=0)[:-9], "a\u202eb.gz")
    import_(desk, b"")
    import_path(desk, desk.folder / "missing.json")
    with desk.database.reading() as connection:
        runs = newest_runs(connection)
    assert [(run.kind, run.about, run.state) for run in runs] == [
        ("import", "ab.gz", "failed"),
        ("import", "snapshot.json", "done"),
    ]
    assert runs[1].report == {"lines": 1, "new": 1, "updated": 0, "rejected": 0}
    assert runs[1].period == runs[1].started_at.isoformat()
    assert runs[1].started_at <= (runs[1].finished_at or runs[1].started_at)


# Files that are damaged, or none.


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "there is nothing in it"),
        (b"\n \n", "there is nothing in it"),
        (gzip.compress(b"", mtime=0), "there is nothing in it"),
        (packed(b""), "there is nothing in it"),
        (packed(lines(1), "a.json", **{"b.json": lines(2)}), "there are several files in it; unpack it first"),
        (b"id,title\n2608.00001,Paper\n", "this is neither arXiv's snapshot nor a dump of Papers with Code"),
        (b'[{"id": "2608.00001"}]', "this is no dump of Papers with Code"),
        (lines(1).decode().encode("utf-16"), "this is neither arXiv's snapshot nor a dump of Papers with Code"),
        (b'{"x":1}\n' * 30 + lines(1), "this is neither arXiv's snapshot nor a dump of Papers with Code"),
        (packed(lines(1), "papers.csv"), "there is no .json or .jsonl file in it"),
        (packed(lines(1), "__MACOSX/._a.json"), "there is no .json or .jsonl file in it"),
        (packed(lines(1))[:-30], "it breaks off"),
        (b"PK\5\6" + bytes(18), "there is no .json or .jsonl file in it"),
        (gzip.compress(lines(1), mtime=0)[:8], "it breaks off"),
        (b"\x1f\x8b" + b"no gzip, whatever it says", "it cannot be unpacked: Unknown compression method"),
    ],
)
def test_what_is_no_snapshot_is_said(one_desk: Desk, content: bytes, why: str) -> None:
    one = import_(one_desk, content)
    assert (counted(one), error_of(one)) == ((0, 0, 0, 0), why)


def test_a_file_that_cannot_be_opened_is_said(one_desk: Desk) -> None:
    assert error_of(import_path(one_desk, one_desk.folder / "missing.json")) == "No such file or directory"
    assert error_of(import_path(one_desk, one_desk.folder)) == "Is a directory"


def test_a_file_goes_on_after_one_that_cannot_be_read(one_desk: Desk) -> None:
    (one_desk.folder / "good.json").write_bytes(lines(1))
    paths = [one_desk.folder / "missing.json", one_desk.folder / "good.json"]
    found = import_files(one_desk.office(day(0)), paths, lambda _: None)
    assert [(one.lines, bool(one.error)) for one in found] == [(0, True), (1, False)]


def noisy(count: int) -> bytes:
    """Write lines that do not pack well."""
    return b"".join(paper(number, comments=os.urandom(400).hex()) + b"\n" for number in range(count))


def test_a_gzip_that_breaks_off_keeps_every_line_before(desk: Desk) -> None:
    text = noisy(60)
    whole = gzip.compress(text, mtime=0)
    one = import_(desk, whole[: len(whole) // 2])
    assert error_of(one) == f"it breaks off (after line {one.lines})"
    assert 20 < one.lines < 40
    assert counted(one) == (one.lines, one.lines, 0, 0)
    assert len(look(desk.database)) == one.lines
    damaged = bytearray(whole)
    damaged[-6] ^= 1
    one = import_(desk, bytes(damaged))
    assert error_of(one).startswith("it cannot be unpacked: CRC check failed")
    assert (one.lines, one.rejected) == (60, 0)


def test_a_zip_that_is_damaged_inside_is_said(one_desk: Desk) -> None:
    whole = bytearray(packed(noisy(60)))
    whole[len(whole) // 2] ^= 255
    one = import_(one_desk, bytes(whole))
    assert error_of(one).startswith("it cannot be unpacked: ")


def test_a_zip_with_a_password_or_of_another_kind_is_said(one_desk: Desk) -> None:
    locked = bytearray(packed(lines(1)))
    for mark, place in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        locked[locked.index(mark) + place] |= 1
    assert "password required" in error_of(import_(one_desk, bytes(locked)))
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("snapshot.json", lines(1))
    assert error_of(import_(one_desk, whole.getvalue())).endswith("unpack it first")


SHORT = (packed(lines(1, 2)), gzip.compress(lines(1, 2), mtime=0), lines(1, 2))


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(whole=st.sampled_from(SHORT), data=st.data())
def test_a_file_damaged_anywhere_ends_in_an_error_at_most(tmp_path: Path, whole: bytes, data: st.DataObject) -> None:
    content = bytearray(whole)
    for _ in range(data.draw(st.integers(0, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    (tmp_path / "damaged").write_bytes(content[: data.draw(st.integers(0, len(content)))])
    file = SnapshotFile.of(tmp_path / "damaged")
    found = list(file.lines())
    assert all(text.strip() for _, text in found)
    assert found or file.error


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_pipe_can_be_read(one_desk: Desk) -> None:
    pipe = one_desk.folder / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(gzip.compress(lines(1, 2), mtime=0),))
    writer.start()
    one = import_path(one_desk, pipe)
    writer.join()
    assert (counted(one), one.error) == ((2, 2, 0, 0), None)


# How far it has come.


@pytest.mark.parametrize("pack", [bytes, gzip.compress, packed])
def test_progress_is_told_in_bytes_of_the_file_itself(one_desk: Desk, monkeypatch: pytest.MonkeyPatch, pack: Any) -> None:
    monkeypatch.setattr("jobs.importing.PAGE", 100)
    monkeypatch.setattr("jobs.snapshot.CHUNK", 4096)
    path = one_desk.folder / "snapshot"
    path.write_bytes(pack(noisy(300)))
    steps: list[Advance] = []
    import_files(one_desk.office(day(0)), [path], steps.append)
    assert [step.lines for step in steps] == [100, 200, 300]
    assert {step.total for step in steps} == {path.stat().st_size}
    shares = [step.position / (step.total or 1) for step in steps]
    assert shares == sorted(shares)
    assert shares == pytest.approx([1 / 3, 2 / 3, 1], abs=0.15)


def step(lines: int, position: int = 0, total: int | None = None, seconds: float = 10) -> Advance:
    return Advance(file="/papers/snapshot [1].json", lines=lines, seconds=seconds, position=position, total=total)


def test_figures() -> None:
    assert figures(step(50_000, 250, 1000)) == "50,000 lines, 5,000 a second, 30 s left"
    assert figures(step(50_000, 1000, 1000)) == "50,000 lines, 5,000 a second, 0 s left"
    assert figures(step(7)) == "7 lines, 1 a second"
    assert figures(step(7, seconds=0)) == "7 lines"
    assert [said_duration(seconds) for seconds in (59.4, 90, 3599, 5400)] == ["59 s", "2 min", "1 h 0 min", "1 h 30 min"]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(stream: io.StringIO, monkeypatch: pytest.MonkeyPatch, steps: Iterable[Advance], *, quiet: bool = False) -> str:
    for name, value in (("TERM", "xterm"), ("COLUMNS", "100"), ("NO_COLOR", "1")):
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "stderr", stream)
    with _following(quiet=quiet) as progress:
        for one in steps:
            progress(one)
    return stream.getvalue()


def test_elsewhere_a_line_is_said_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = [step(number * 2500, number, 100) for number in range(1, 101)]
    said = shown(io.StringIO(), monkeypatch, steps).splitlines()
    assert len(said) == 5
    assert said[0] == "snapshot [1].json: 50,000 lines, 5,000 a second, 40 s left"


@pytest.mark.parametrize("total", [1000, None])
def test_on_a_terminal_there_is_a_bar_which_is_gone_at_the_end(monkeypatch: pytest.MonkeyPatch, total: int | None) -> None:
    told = shown(Terminal(), monkeypatch, [step(2500, 250, total), step(5000, 500, total)])
    assert "snapshot [1].json" in told
    assert "5,000 lines, 500 a second" in told
    assert ("50%" in told) == (total is not None)
    assert told.endswith("\x1b[2K")


@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
def test_for_programs_there_is_nothing(monkeypatch: pytest.MonkeyPatch, stream: type[io.StringIO]) -> None:
    assert shown(stream(), monkeypatch, [step(1_000_000, 1, 2)], quiet=True) == ""


# What is said of it.


def imported(**parts: Any) -> Imported:
    known: dict[str, Any] = {
        "file": "a.json",
        "lines": 3,
        "new": 0,
        "updated": 0,
        "rejected": 0,
        "rejects": (),
        "seconds": 1.25,
    }
    return Imported(**{**known, **parts})


def test_what_a_file_gave_is_said() -> None:
    many = imported(file="snapshot.json.gz", lines=2_054_579, new=2_054_000, updated=579, seconds=1032.4)
    assert say_imports([many]) == "✓ snapshot.json.gz: 2,054,579 lines, 2,054,000 new, 579 changed, 1,032 s"
    assert say_imports([imported()]) == "✓ a.json: 3 lines, nothing new, 1.2 s"
    rejects = tuple(Reject(key=f"line {number}", why="no JSON") for number in (1, 2))
    assert say_imports([imported(lines=9, new=2, rejected=7, rejects=rejects)]).splitlines() == [
        "! a.json: 9 lines, 2 new, 7 not read, 1.2 s",
        "    could not read line 1: no JSON",
        "    could not read line 2: no JSON",
        "    and 5 more that could not be read",
    ]
    assert say_imports([imported(rejected=3)]).startswith("✗ a.json: ")
    broken = imported(new=3, error="a\x1b[31m.gz: it breaks off (after line 3)")
    assert say_imports([broken, imported(lines=0, error="b.json: No such file or directory")]).splitlines() == [
        "✗ a [31m.gz: it breaks off (after line 3)",
        "    kept what was read before: 3 lines, 3 new, 1.2 s",
        "✗ b.json: No such file or directory",
    ]


# The command.


def test_the_command(call: Call, alone: Path) -> None:
    (alone / "snapshot.json.gz").write_bytes(gzip.compress(lines(1, 2) + b"{\n", mtime=0))
    said = call("import", "snapshot.json.gz")
    assert (said.status, said.err) == (0, "")
    first, second = said.out.splitlines()
    assert first.startswith("! snapshot.json.gz: 3 lines, 2 new, 1 not read, ")
    assert second == "    could not read line 3: no JSON"
    assert "2608.00001" in call("show", "2608.00001").out
    assert [paper["version"] for paper in json.loads(call("search", "engine", "--json").out)] == [1, 1]
    assert "import snapshot.json.gz: done" in call("status").out
    assert "0 new papers" in call("digest").out


def test_for_programs(call: Call, alone: Path) -> None:
    (alone / "a.json").write_bytes(lines(1) + b"{\n")
    said = call("import", "a.json", "missing.json", "--json")
    assert (said.status, said.err) == (1, "")
    told = json.loads(said.out)
    assert set(told) == {"imports"}
    assert all(one.keys() >= SHAPE for one in told["imports"])
    first, second = told["imports"]
    assert {name: first[name] for name in SHAPE - {"seconds"}} == {
        "file": "a.json",
        "lines": 2,
        "new": 1,
        "updated": 0,
        "rejected": 1,
        "error": None,
    }
    assert first["rejects"] == [{"key": "line 2", "why": "no JSON"}]
    assert second["error"] == "missing.json: No such file or directory"


def test_the_exit_status(call: Call, alone: Path) -> None:
    (alone / "good.json").write_bytes(lines(1))
    (alone / "none.json").write_bytes(paper(1, title=None))
    (alone / "cut.gz").write_bytes(gzip.compress(lines(1), mtime=0)[:-5])
    (alone / "empty.json").write_bytes(b"")
    assert call("import", "good.json", "good.json").status == 0
    for name in ("none.json", "cut.gz", "empty.json", "missing.json", "."):
        assert call("import", "good.json", name).status == 1
        assert call("import", name, "--json").status == 1
    for words in ((), ("--json",), ("good.json", "--nonsense")):
        assert call("import", *words).status == 2


@pytest.mark.real
def test_the_real_line_and_a_day_that_follows(desk: Desk) -> None:
    if not EXCERPT.is_file():
        pytest.skip(f"{EXCERPT} is not here")
    content = EXCERPT.read_bytes()
    assert counted(import_(desk, content)) == (1, 1, 0, 0)
    assert counted(import_(desk, gzip.compress(content, mtime=0))) == (1, 0, 0, 0)
    replaced = sighting("0704.0001", action="replace", version=3, announced_on=MONDAY + timedelta(days=1))
    write(desk.database, page(replaced))
    with closing(open_database(desk.url)) as database:
        ((parts, known, events, _),) = look(database)
    assert (parts["version"], parts["journal_ref"]) == (3, "Phys.Rev.D76:013009,2007")
    assert [one.version for one in known][-2:] == [2, 3]
    assert [event[0] for event in events] == ["revised"]
