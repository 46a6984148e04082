import os
import shlex
import sys
from pathlib import Path

import pytest

from crawler.errors import SettingsError
from jobs import secrets
from jobs.tables import SmtpSettings, SourceSettings

CANARY = "correct-horse-battery"


def smtp(**keys: object) -> SmtpSettings:
    return SmtpSettings.model_validate({"host": "smtp.example.org", "username": "you", "from": "you@example.org", **keys})


def python(code: str) -> str:
    return f"{shlex.quote(sys.executable)} -c {shlex.quote(code)}"


def private(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    path.chmod(0o600)
    return path


def test_the_password_comes_from_the_variable_named() -> None:
    server = smtp(password_env="MAIL_PASSWORD")
    assert server.password({"MAIL_PASSWORD": CANARY}) == CANARY


@pytest.mark.parametrize("environ", [{}, {"MAIL_PASSWORD": ""}])
def test_a_variable_that_is_not_set_is_named(environ: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="MAIL_PASSWORD is not set"):
        smtp(password_env="MAIL_PASSWORD").password(environ)


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
def test_the_password_is_the_only_line_of_the_file(tmp_path: Path, end: bytes) -> None:
    path = private(tmp_path / "password", " pass word ü".encode() + end)
    assert smtp(password_file=str(path)).password({}) == " pass word ü"


@pytest.mark.parametrize(("content", "why"), [(b"", "none"), (b"\n", "one line"), (b"a\nb\n", "gives 2"), (b"\xff", "UTF-8")])
def test_a_file_with_anything_else_is_a_mistake(tmp_path: Path, content: bytes, why: str) -> None:
    with pytest.raises(SettingsError, match=why):
        smtp(password_file=str(private(tmp_path / "password", content))).password({})


def test_a_file_that_is_not_there_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="nowhere cannot be read"):
        smtp(password_file=str(tmp_path / "nowhere")).password({})


@pytest.mark.skipif(os.name != "posix", reason="Windows keeps a user's files to the user without modes")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o666])
def test_a_file_that_others_may_read_is_refused_with_what_to_run(tmp_path: Path, mode: int) -> None:
    path = private(tmp_path / "my password", CANARY.encode())
    path.chmod(mode)
    with pytest.raises(SettingsError) as caught:
        smtp(password_file=str(path)).password({})
    assert f"chmod 600 '{path}'" in str(caught.value)
    assert CANARY not in str(caught.value)


def test_the_password_is_what_the_command_prints_without_a_shell() -> None:
    assert smtp(password_command=python("import sys; print(sys.argv[1])") + " '$HOME; *'").password({}) == "$HOME; *"


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("import sys; sys.exit(3)", "status 3"),
        ("print('a'); print('b')", "gives 2"),
        ("import os; os.write(1, b'\\xff')", "UTF-8"),
    ],
)
def test_a_command_that_fails_is_named_but_its_arguments_are_not(code: str, why: str) -> None:
    with pytest.raises(SettingsError, match=why) as caught:
        smtp(password_command=f"{python(code)} {CANARY}").password({})
    assert sys.executable in str(caught.value)
    assert CANARY not in str(caught.value)


def test_a_command_that_does_not_exist_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be run: No such file"):
        smtp(password_command=str(tmp_path / "nothing")).password({})


def test_a_command_has_no_terminal_to_ask_on() -> None:
    with pytest.raises(SettingsError, match="status 1"):
        smtp(password_command=python("input()")).password({})


def test_a_command_that_hangs_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "COMMAND_SECONDS", 0.2)
    with pytest.raises(SettingsError, match="took more than"):
        smtp(password_command=python("import threading; threading.Event().wait()")).password({})


def test_without_any_of_them_there_is_no_password() -> None:
    assert smtp().password({}) is None


def test_no_password_is_in_the_value() -> None:
    server = smtp(password_command=f"echo {CANARY}")
    assert CANARY not in repr(server)
    assert CANARY not in str(server)


def source(**keys: object) -> SourceSettings:
    return SourceSettings.model_validate({"editions": ["ICLR2026"], **keys})


def test_a_token_comes_from_the_same_three_places(tmp_path: Path) -> None:
    assert source(token_env="MY_TOKEN").token("openreview", {"MY_TOKEN": CANARY}) == CANARY
    path = private(tmp_path / "token", f"{CANARY}\n".encode())
    assert source(token_file=str(path)).token("openreview", {}) == CANARY
    assert source(token_command=python(f"print('{CANARY}')")).token("openreview", {}) == CANARY
    assert source().token("openreview", {}) is None


def test_a_token_that_is_not_there_is_one_line_that_names_its_setting(tmp_path: Path) -> None:
    for keys, line in (
        ({"token_env": "MY_TOKEN"}, "sources.openreview.token_env: the environment variable MY_TOKEN is not set"),
        (
            {"token_file": str(tmp_path / "no")},
            f"sources.openreview.token_file: {tmp_path / 'no'} cannot be read: No such file",
        ),
        (
            {"token_command": python("pass")},
            f"sources.openreview.token_command: {sys.executable} must give one line, the token",
        ),
    ):
        with pytest.raises(SettingsError) as caught:
            source(**keys).token("openreview", {})
        (said,) = caught.value.mistakes
        assert said.startswith(line)


@pytest.mark.parametrize("text", [f"Bearer {CANARY}", f"{CANARY}\t", f"{CANARY}\u00fc", f'"{CANARY}"', f"{CANARY}=x", " "])
def test_what_cannot_stand_in_a_header_is_no_token_and_is_not_repeated(text: str) -> None:
    with pytest.raises(
        SettingsError, match=r"^the settings are wrong: sources\.openreview\.token: what is there is no token"
    ) as caught:
        source(token_env="MY_TOKEN").token("openreview", {"MY_TOKEN": text})
    assert CANARY not in str(caught.value)


def test_no_token_is_in_the_value() -> None:
    assert CANARY not in repr(source(token_command=f"echo {CANARY}"))
