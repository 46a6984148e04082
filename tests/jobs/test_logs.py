"""The log: a line for each event, whatever is in it; with no secret, whatever form it has; from several processes at once."""

import io
import json
import random
import re
import resource
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from filelock import FileLock
from hypothesis import given
from hypothesis import strategies as st

from crawler.errors import StorageError
from jobs.log_file import LogFile
from jobs.logs import LIMIT, Log, open_log
from jobs.redaction import MARK, hiding, secrets_of
from jobs.settings import load_settings
from jobs.tables import LogSettings
from tests.storage.children import at_once, hear, kill, running

NOW = datetime(2026, 8, 12, 9, 0, 1, 999_999, tzinfo=UTC)
CANARY = "correct-horse/battery@staple"


class Terminal(io.StringIO):
    """A terminal whose letters are ASCII's."""

    def write(self, text: str) -> int:
        text.encode("ascii")
        return super().write(text)


class Gone(io.StringIO):
    """A terminal that is no longer there."""

    def write(self, text: str) -> int:
        raise BrokenPipeError


def into(path: Path) -> LogSettings:
    """Return the settings of a log into a file."""
    return LogSettings.model_validate({"file": str(path)})


def written(event: str, *, form: str = "text", secrets: Sequence[str] = (), **fields: object) -> str:
    """Return what the log writes of an event."""
    stream = io.StringIO()
    with open_log(LogSettings.model_validate({"format": form}), stream, lambda: NOW, secrets) as log:
        log(event, **fields)  # type: ignore[arg-type]  # a level among them
    return stream.getvalue()


def parsed(line: str) -> dict[str, str]:
    """Read a line of text as whoever searches the log would."""
    word = r'("(?:[^"\\]|\\.)*"|\S*)'
    fields = re.sub(rf"^\S+ {word}", "", line.removesuffix("\n"))
    found = re.findall(rf" (\w+)={word}", fields)
    return {key: json.loads(value) if value.startswith('"') else value for key, value in found}


def test_an_event_is_a_line() -> None:
    told = written("ask.done", source="arxiv", verdict="complete", seen=713, why="a b", seconds=0.5, fresh=True, error=None)
    assert told == ('2026-08-12T09:00:01Z ask.done source=arxiv verdict=complete seen=713 why="a b" seconds=0.5 fresh=true\n')


def test_an_event_is_an_object() -> None:
    told = written("ask.done", form="json", source="arxiv", seen=713, why="语 义", fresh=False, error=None, ratio=float("nan"))
    assert told == (
        '{"at": "2026-08-12T09:00:01Z", "event": "ask.done", "level": "info", '
        '"source": "arxiv", "seen": 713, "why": "语 义", "fresh": false, "ratio": "nan"}\n'
    )


def test_the_level_is_said_where_it_is_another() -> None:
    stream = io.StringIO()
    with open_log(LogSettings(), stream, lambda: NOW) as log:
        log.warning("ask.late", source="arxiv")
        log.error("ask.failed")
        log("ask.failed", level="error")
    assert stream.getvalue().splitlines() == [
        "2026-08-12T09:00:01Z ask.late level=warning source=arxiv",
        *["2026-08-12T09:00:01Z ask.failed level=error"] * 2,
    ]


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("", '""'),
        ("a=b", '"a=b"'),
        ('say "a\\b"', r'"say \"a\\b\""'),
        ("a\x1b[31m\r\nb\x00\u202e\u2028c\u2066d\x85e", '"a [31m b cd e"'),
        ("语义分割", "语义分割"),
        (NOW.astimezone(timezone(timedelta(hours=8))), "2026-08-12T09:00:01Z"),
        (date(2026, 8, 12), "2026-08-12"),
        (StorageError("while reading"), f'"{StorageError("while reading")}"'),
        (("a", 1), "\"('a', 1)\""),
        ("x" * 501, "x" * 499 + "…"),
        (10**30, "1" + "0" * 30),
    ],
)
def test_a_value_is_one_word_or_in_quotes(value: object, told: str) -> None:
    assert written("e", why=value) == f"2026-08-12T09:00:01Z e why={told}\n"


def test_a_field_does_not_hide_the_moment_or_the_event() -> None:
    fields = {"at": "10:30", "source": "arxiv"}
    assert json.loads(written("e", form="json", **fields)) == {
        "at": "2026-08-12T09:00:01Z",
        "event": "e",
        "level": "info",
        "at_": "10:30",
        "source": "arxiv",
    }


@given(st.text(), st.text(), st.sampled_from(["text", "json"]))
def test_whatever_is_in_it_an_event_is_one_line_that_moves_no_cursor(event: str, value: str, form: str) -> None:
    told = written(event, form=form, why=value)
    assert told.endswith("\n")
    assert len(told.splitlines()) == 1
    assert not [one for one in told[:-1] if unicodedata.category(one) in ("Cc", "Zl", "Zp", "Cs")]
    assert not [
        one for one in told if unicodedata.bidirectional(one) in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "PDI")
    ]
    told_value = json.loads(told)["why"] if form == "json" else parsed(told)["why"]
    assert len(told_value) <= LIMIT


# A mark is no secret, and what is nothing but blanks or layout is none that could be seen.
SECRETS = st.text(min_size=4).filter(lambda secret: "*" not in secret and len(secret.split()) == 1)
FORMS = (
    str,
    quote,
    quote_plus,
    lambda text: quote(text, safe=""),
    lambda text: quote(text, safe=" +"),
    lambda text: quote(quote(text, safe=""), safe=""),
    lambda text: re.sub("%..", lambda match: match[0].lower(), quote(text, safe="")),
    lambda text: repr(text)[1:-1],
    lambda text: ascii(text)[1:-1],
    lambda text: json.dumps(text)[1:-1],
    lambda text: repr(json.dumps(text))[2:-2],
)


@given(
    st.lists(SECRETS.filter(lambda secret: not re.search("[\ud800-\udfff]", secret)), min_size=1, max_size=3),
    st.data(),
)
def test_no_secret_is_shown_in_any_form(secrets: list[str], data: st.DataObject) -> None:
    hide = hiding(secrets)
    secret, form = data.draw(st.sampled_from(secrets)), data.draw(st.sampled_from(FORMS))
    assert hide(form(secret)).strip(MARK) == ""
    around = data.draw(st.text(alphabet="ab:/@?&= ", max_size=5)), data.draw(st.text(alphabet="ab:/@?&= ", max_size=5))
    for text in (f"{around[0]}{form(secret)}{around[1]}", f"postgresql://lark:{form(secret)}@db/papers"):
        assert form(secret) not in hide(text)
        for kind in ("text", "json"):
            told = written("e", form=kind, secrets=secrets, why=text)
            shown = json.loads(told)["why"] if kind == "json" else parsed(told)["why"]
            assert secret not in shown
            assert form(secret) not in shown


@given(st.text("abcXYZ019-_/@%&é语", min_size=4), st.sampled_from(["\u200b", "\u202e", "\ufeff"]), st.data())
def test_a_secret_is_not_put_together_by_leaving_out_what_nobody_sees(secret: str, unseen: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(1, len(secret) - 1))
    assert secret not in parsed(written("e", secrets=[secret], why=secret[:place] + unseen + secret[place:]))["why"]


def test_a_secret_that_is_cut_short_is_not_half_shown() -> None:
    told = written("e", secrets=[CANARY], why="x" * (LIMIT - 10) + CANARY)
    assert CANARY[:5] not in told


def test_of_two_secrets_the_longer_is_hidden_whole() -> None:
    assert hiding(["lark", "lark-and-thrush"])("lark-and-thrush lark") == f"{MARK} {MARK}"


def test_no_secrets_hide_nothing() -> None:
    assert hiding([])("a text") == hiding([""])("a text") == "a text"


def test_a_number_that_holds_a_secret_is_hidden() -> None:
    assert written("e", secrets=["8472"], seen=1847200).endswith(f"seen=1{MARK}00\n")


def test_a_run_of_backslashes_takes_no_longer_than_any_other_text() -> None:
    assert hiding(["\\" * 30 + "x"])("\\" * 5_000) == "\\" * 5_000


def test_the_secrets_of_the_settings_are_known(tmp_path: Path) -> None:
    path = tmp_path / "paperlark.toml"
    (tmp_path / "token").write_text("token-in-a-file\n")
    (tmp_path / "token").chmod(0o600)
    path.write_text(
        '[paperlark]\ndatabase = "postgresql+psycopg://lark:p%40ss@db/papers?sslpassword=inner&password=other"\n'
        '[sources.openreview]\ntoken_file = "token"\n'
        '[smtp]\nhost = "smtp.example.org"\nusername = "you"\npassword_env = "MAIL_PASSWORD"\nfrom = "you@example.org"\n'
    )
    path.chmod(0o600)
    settings = load_settings(path, {})
    assert secrets_of(settings, {"MAIL_PASSWORD": CANARY}) == {"p%40ss", "inner", "other", "token-in-a-file", CANARY}
    # One that is not there, or that only a command knows, stops no log.
    assert CANARY not in secrets_of(settings, {})
    path.write_text(path.read_text().replace('password_env = "MAIL_PASSWORD"', 'password_command = "false"'))
    assert "token-in-a-file" in secrets_of(load_settings(path, {}), {})
    assert CANARY in secrets_of(load_settings(path, {}), {"PAPERLARK_SMTP_PASSWORD": CANARY})
    assert hiding(secrets_of(settings, {}))("p@ss, p%40ss") == f"{MARK}, {MARK}"


def test_a_terminal_that_has_not_the_letters_or_is_gone_stops_nothing() -> None:
    terminal = Terminal()
    with open_log(LogSettings(), terminal, lambda: NOW) as log:
        log("e", why="语")
    assert terminal.getvalue() == "2026-08-12T09:00:01Z e why=\\u8bed\n"
    with open_log(LogSettings(), Gone(), lambda: NOW) as log:
        log("e")
    closed = io.StringIO()
    closed.close()
    with open_log(LogSettings(), closed, lambda: NOW) as log:
        log("e")


def test_a_file_gets_the_lines_and_the_terminal_none(tmp_path: Path) -> None:
    stream, path = io.StringIO(), tmp_path / "logs" / "paperlark.log"
    with open_log(into(path), stream, lambda: NOW) as log:
        log("first")
        log("second", why="语")
    assert path.read_text(encoding="utf-8").splitlines() == [
        "2026-08-12T09:00:01Z first",
        "2026-08-12T09:00:01Z second why=语",
    ]
    assert path.stat().st_mode & 0o777 == 0o600
    assert stream.getvalue() == ""


@pytest.fixture(params=["full disk", "no folder", "another process"])
def unwritable(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """Give the place of a log that cannot be written."""
    path = tmp_path / "paperlark.log"
    if request.param == "full disk":
        path.symlink_to("/dev/full")
        yield path
    elif request.param == "no folder":
        (tmp_path / "file").write_text("")
        yield tmp_path / "file" / "paperlark.log"
    else:
        with FileLock(f"{path}.lock"):
            yield path


def test_what_cannot_be_written_goes_to_the_terminal(unwritable: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.log_file._PATIENCE", 0)
    stream = io.StringIO()
    with open_log(into(unwritable), stream, lambda: NOW, [CANARY]) as log:
        log("first", why=CANARY)
        log("second")
    why, *lines = stream.getvalue().splitlines()
    assert why.startswith(f"paperlark: {unwritable}: the log cannot be written: ")
    assert lines == [f"2026-08-12T09:00:01Z first why={MARK}", "2026-08-12T09:00:01Z second"]


def test_a_file_that_can_be_written_again_is(tmp_path: Path) -> None:
    stream, path = io.StringIO(), tmp_path / "paperlark.log"
    path.mkdir()
    with open_log(into(path), stream, lambda: NOW) as log:
        log("first")
        path.rmdir()
        log("second")
        path.unlink()
        path.mkdir()
        log("third")
    assert [line.rpartition(" ")[2] for line in stream.getvalue().splitlines() if "cannot" not in line] == ["first", "third"]
    assert stream.getvalue().count("cannot be written") == 2


def lines_of(path: Path) -> list[bytes]:
    """Return the lines of a log, the oldest first."""
    files = sorted(path.parent.glob("paperlark.log.*[0-9]"), key=lambda one: -int(one.suffix[1:]))
    return [line for one in (*files, path) for line in one.read_bytes().splitlines(keepends=True)]


def test_a_full_file_is_set_aside_and_the_oldest_goes(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "paperlark.log", size=20, kept=2)
    for number in range(9):
        log.write(b"line %03d\n" % number)
    assert lines_of(log.path) == [b"line %03d\n" % number for number in range(4, 9)]
    assert sorted(one.name for one in tmp_path.glob("*.log*") if one.suffix != ".lock") == [
        "paperlark.log",
        "paperlark.log.1",
        "paperlark.log.2",
    ]


def test_what_a_process_left_that_died_while_it_set_files_aside_loses_none(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "paperlark.log", size=9, kept=5)
    for name, line in {"": b"line 004\n", ".1": b"line 003\n", ".3": b"line 002\n", ".4": b"line 001\n"}.items():
        log.path.with_name(f"paperlark.log{name}").write_bytes(line)
    log.write(b"line 005\n")
    assert lines_of(log.path) == [b"line %03d\n" % number for number in range(1, 6)]


def test_a_line_that_a_process_left_half_written_spoils_no_other(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "paperlark.log")
    log.path.write_bytes(b"half a li")
    log.write(b"whole\n")
    assert log.path.read_bytes() == b"half a li\nwhole\n"


def write_where_there_is_room_for_twenty(folder: str) -> tuple[str | None, bytes]:
    """Write lines where a file may have twenty bytes; return what went wrong, and what the file has."""
    log = LogFile(Path(folder, "paperlark.log"))
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20, usual[1]))
    try:
        log.write(b"ten bytes\n")
        try:
            log.write(b"more than ten bytes\n")
        except OSError as error:
            return error.strerror, log.path.read_bytes()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
    return None, b""


def test_of_a_line_for_which_there_is_no_room_nothing_is_left(tmp_path: Path) -> None:
    assert at_once(write_where_there_is_room_for_twenty, [(str(tmp_path),)]) == [("File too large", b"ten bytes\n")]


def test_a_line_that_is_longer_than_a_file_is_kept(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "paperlark.log", size=5, kept=1)
    log.write(b"longer\n")
    log.write(b"longer still\n")
    assert lines_of(log.path) == [b"longer\n", b"longer still\n"]


def test_a_file_that_cannot_be_set_aside_grows(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "paperlark.log", size=5, kept=1)
    (tmp_path / "paperlark.log.1" / "folder").mkdir(parents=True)
    log.write(b"first\n")
    log.write(b"second\n")
    assert log.path.read_bytes() == b"first\nsecond\n"


def write_many(folder: str, name: str, times: int) -> str:
    """Write lines into a log that turns over every few of them."""
    log = LogFile(Path(folder, "paperlark.log"), size=2_000, kept=500)
    for number in range(times):
        log.write(f"{name} {number} {'x' * (number % 50)}.\n".encode())
    return "done"


def test_several_processes_lose_no_line(tmp_path: Path) -> None:
    assert at_once(write_many, [(str(tmp_path), name, 250) for name in "abcd"]) == ["done"] * 4
    lines = [line.decode().split() for line in lines_of(tmp_path / "paperlark.log")]
    assert len(lines) == 1_000
    for name in "abcd":
        assert [int(line[1]) for line in lines if line[0] == name] == list(range(250))
    assert all(line[-1] == "x" * (int(line[1]) % 50) + "." for line in lines)
    assert len(list(tmp_path.glob("paperlark.log.*"))) > 10


def write_for_ever(pipe: Pipe, folder: str, name: str) -> None:
    """Write lines until killed, and tell the number of each once it is written."""
    log = LogFile(Path(folder, "paperlark.log"), size=500, kept=500)
    number = 0
    while True:
        log.write(f"{name} {number}.\n".encode())
        pipe.send(number)
        number += 1


def test_a_process_that_is_killed_takes_no_line_of_another_with_it(tmp_path: Path) -> None:
    told: dict[str, int] = {}
    chance = random.Random(6)
    for name in "abcdef":
        with running(write_for_ever, str(tmp_path), name) as (child, pipe):
            told[name] = max(hear(pipe) for _ in range(chance.randint(1, 60)))
            kill(child)
    log = LogFile(tmp_path / "paperlark.log", size=500, kept=500)
    log.write(b"last 0.\n")
    lines = [line.decode().split() for line in lines_of(tmp_path / "paperlark.log")]
    for name, number in told.items():
        written_down = [int(line[1].rstrip(".")) for line in lines if line[0] == name and line[-1].endswith(".")]
        assert written_down[: number + 1] == list(range(number + 1))
    assert lines[-1] == ["last", "0."]


def test_a_log_travels_to_another_process_by_its_settings(tmp_path: Path) -> None:
    settings = into(tmp_path / "paperlark.log")
    assert at_once(_say, [(settings, name) for name in "ab"]) == ["done"] * 2
    assert sorted(line.split()[-1] for line in lines_of(tmp_path / "paperlark.log")) == [b"name=a", b"name=b"]


def _say(settings: LogSettings, name: str) -> str:
    with open_log(settings, io.StringIO(), lambda: NOW) as log:
        assert isinstance(log, Log)
        log("said", name=name)
    return "done"
