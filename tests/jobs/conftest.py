"""What the tests of the commands share: calling the command line in this process, and one demo to look at."""

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from jobs.cli import main
from jobs.demo import run_demo
from storage.database import open_database
from tests.jobs.offices import Desk


@dataclass(frozen=True)
class Said:
    """What a command printed, and how it ended."""

    status: int
    out: str
    err: str


Call = Callable[..., Said]


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Stand in an empty folder, with no settings anywhere and the variables of nobody; return the folder."""
    for name in ("HOME", "XDG_CONFIG_HOME", "APPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    for name in ("PAPERLARK_NOW", "PAPERLARK_MIRROR", "PAPERLARK_TRACEBACK", "PAPERLARK_DATABASE"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def call(alone: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Give what calls `paperlark` with some words."""

    def called(*words: str) -> Said:
        monkeypatch.setattr(sys, "argv", ["paperlark", *words])
        capsys.readouterr()
        with pytest.raises(SystemExit) as stopped:
            main()
        printed = capsys.readouterr()
        assert "Traceback" not in printed.err
        code = stopped.value.code
        return Said(code if isinstance(code, int) else 0, printed.out, printed.err)

    return called


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of a demo that was run over what an earlier one had left; `said.txt` has what it printed."""
    folder = tmp_path_factory.mktemp("demo") / "out"
    for left in ("mail", "digests/2025-01-01"):
        (folder / left).mkdir(parents=True)
        (folder / left / "left.txt").write_text("of an earlier demo")
    (folder / "paperlark.db").write_text("no database")
    (folder / "notes.txt").write_text("not ours")
    (folder / "paperlark.toml").write_text("# Written by `paperlark demo`, which empties this folder when it runs again.\n")
    with (folder / "said.txt").open("w", encoding="utf-8") as said, pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdout", said)
        patch.setenv("PAPERLARK_DATABASE", "postgresql+psycopg://nobody@127.0.0.1:9/of-the-demo")
        patch.setenv("PAPERLARK_NOW", "1999-01-01T00:00:00+00:00")
        run_demo(folder)
    return folder


@pytest.fixture
def demo(demo_folder: Path, alone: Path) -> Path:
    """Stand in a copy of the demo's folder."""
    shutil.copytree(demo_folder, alone, dirs_exist_ok=True)
    return alone


@pytest.fixture
def one_desk(sqlite_template: Path, tmp_path: Path) -> Iterator[Desk]:
    """Give a reader's desk with an empty store, a file."""
    url = f"sqlite:///{tmp_path / 'store.db'}"
    (tmp_path / "store.db").write_bytes(sqlite_template.read_bytes())
    with closing(open_database(url)) as opened:
        yield Desk(opened, url, tmp_path)
