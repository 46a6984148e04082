"""`paperlark check` says everything that is wrong, and whose mistake it is."""

from collections.abc import Callable
from pathlib import Path

import pytest

from jobs.checking import Examination, examine
from tests.digests.mail_server import mail_server
from tests.jobs.test_cli import write

Examine = Callable[..., Examination]


@pytest.fixture
def looked(alone: Path) -> Examine:
    """Give what examines settings that are good but for what is said."""

    def look(environ: dict[str, str] | None = None, **parts: str) -> Examination:
        return examine(write(alone / "paperlark.toml", **parts), environ or {})

    return look


def smtp(port: int, *lines: str) -> str:
    return "\n".join(["[smtp]", 'host = "127.0.0.1"', f"port = {port}", 'from = "lark@example.org"', *lines])


def test_when_all_is_well_every_line_says_so(looked: Examine, alone: Path) -> None:
    with mail_server() as server:
        found = looked(smtp=smtp(server.port, 'security = "none"'))
    assert found.status == 0
    assert found.lines == (
        f"✓ settings: {alone / 'paperlark.toml'}",
        f"✓ database: sqlite:///{alone / 'paperlark.db'}",
        "✓ source: arXiv, cs.CV",
        f"✓ mail: 127.0.0.1:{server.port} is ready",
    )
    assert server.bodies == []


def test_every_mistake_is_told_at_once(looked: Examine) -> None:
    found = looked({"PAPERLARK_NOW": "tomorrow"}, query="(", reader='name = "morning"\nevery = "year"')
    assert found.status == 2
    assert [line.partition(" must")[0].partition("query")[0][:2] for line in found.lines] == ["✗ "] * 3
    assert any("PAPERLARK_NOW" in line for line in found.lines)


def test_a_time_that_is_none_is_a_mistake_though_the_settings_are_right(looked: Examine) -> None:
    found = looked({"PAPERLARK_NOW": "tomorrow"})
    assert (found.status, len(found.lines)) == (2, 1)


def test_a_warning_is_no_mistake(looked: Examine, alone: Path) -> None:
    path = write(alone / "paperlark.toml")
    path.write_text(path.read_text().replace('categories = ["cs.CV"]', 'categories = ["cs.CV"]\ndelay = "1s"'))
    found = examine(path, {})
    assert found.status == 0
    assert [line for line in found.lines if line.startswith("! ")]


def test_no_source_is_worth_a_warning(alone: Path) -> None:
    (alone / "paperlark.toml").write_text("[sources]\n")
    found = examine(None, {})
    assert found.status == 0
    assert "! source: none is turned on; add [sources.arxiv]" in found.lines


def test_a_mail_server_that_does_not_answer(looked: Examine) -> None:
    found = looked(smtp=smtp(9, 'security = "none"'))
    assert found.status == 1
    assert found.lines[-1].startswith("✗ mail: 127.0.0.1:9: ")
    assert found.lines[-1].endswith("; see [smtp] in the settings")


def test_a_mail_server_without_the_security_that_is_asked_for(looked: Examine) -> None:
    with mail_server() as server:
        found = looked(smtp=smtp(server.port, 'security = "starttls"'))
    assert found.status == 1
    assert found.lines[-1].startswith(f"✗ mail: 127.0.0.1:{server.port}: ")
    assert "None" not in found.lines[-1]


def test_a_password_that_is_not_there_is_a_mistake_of_the_settings(looked: Examine) -> None:
    found = looked(smtp=smtp(9, 'username = "me"', 'password_env = "NO_SUCH_VARIABLE"'))
    assert found.status == 2
    assert "NO_SUCH_VARIABLE" in found.lines[-1]


def test_a_store_that_cannot_be_opened_hides_nothing_else(looked: Examine, alone: Path) -> None:
    (alone / "paperlark.db").write_text("no database" * 100)
    found = looked(smtp=smtp(9, 'security = "none"'))
    assert found.status == 1
    assert [line[0] for line in found.lines] == ["✓", "✗", "✓", "✗"]
    assert found.lines[1].startswith(f"✗ database: sqlite:///{alone / 'paperlark.db'}: ")
    assert "file is not a database" in found.lines[1]


def test_a_store_in_a_folder_that_is_not_there_is_a_mistake_of_the_settings(looked: Examine) -> None:
    found = looked({"PAPERLARK_DATABASE": "sqlite:////nowhere/at/all.db"})
    assert found.status == 2
    assert any(line.startswith("✗ database: the folder") for line in found.lines)


def test_a_password_in_the_address_of_the_store_is_not_shown(looked: Examine) -> None:
    found = looked({"PAPERLARK_DATABASE": "postgresql+psycopg://me:geheim@127.0.0.1:9/lark"})
    assert found.status == 1
    assert "geheim" not in "".join(found.lines)
    assert "127.0.0.1" in found.lines[1]
