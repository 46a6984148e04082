"""What is in `deploy`, as far as it can be tried without the services it is for."""

import os
import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest
import yaml

from tests.crawler.origin import serving
from tests.faults import week
from tests.faults.books import DAYS, READERS, lay_out
from tests.faults.reader import COMMAND, Reader, digests, open_reader

RECIPE = Path(__file__).parents[2] / "deploy" / "paperlark.yml"
STORE = "paperlark.db"
PATIENCE = 120


def steps() -> list[str]:
    """Return the shell of the steps that are ours, without the installation."""
    jobs = yaml.safe_load(RECIPE.read_text("utf-8"))["jobs"]
    return [step["run"] for step in jobs["morning"]["steps"] if "run" in step and not step["run"].startswith("pip ")]


def morning(reader: Reader, origin: Path, day: date, kept: Path) -> Path:
    """Do what the recipe does on a day: on a new machine with a fresh checkout, and the store that was kept."""
    folder = origin.parent / f"{day}"
    subprocess.run(["git", "clone", "-q", str(origin), str(folder)], check=True, timeout=PATIENCE)
    if kept.exists():
        shutil.copy(kept, folder / STORE)
    path = f"{COMMAND.parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**reader.environment(week.noon(day), measured=False), "PATH": path, "HOME": str(origin.parent)}
    for step in steps():
        ended = subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-c", step],
            cwd=folder,
            env=environment,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr.decode()
    assert not [one for one in (f"{STORE}-wal", f"{STORE}-shm") if (folder / one).exists()]
    shutil.copy(folder / STORE, kept)
    return folder


@pytest.mark.slow
def test_two_mornings_of_the_recipe_for_github(tmp_path: Path) -> None:
    origin, kept = tmp_path / "origin.git", tmp_path / "kept.db"
    with serving() as web, open_reader(tmp_path / "work", web.url) as reader:
        reader.folder.mkdir()
        lay_out(reader, web, DAYS[0])
        git = ["git", "-C", str(reader.folder), "-c", "user.name=me", "-c", "user.email=me@example.org"]
        settings = reader.folder / "paperlark.toml"
        settings.write_text(settings.read_text("utf-8").replace('output = "digests"\n', ""), "utf-8")
        for words in (["init", "-q", "-b", "main"], ["add", "paperlark.toml"], ["commit", "-qm", "Settings"]):
            subprocess.run([*git, *words], check=True, timeout=PATIENCE)
        subprocess.run(["git", "clone", "-q", "--bare", str(reader.folder), str(origin)], check=True, timeout=PATIENCE)
        for day in DAYS:
            lay_out(reader, web, day)
            folder = morning(reader, origin, day, kept)
        (folder / "paperlark-digests").rename(folder / "digests")
        shown = [paper for digest in digests(folder).values() for paper in digest.new]
        assert len(digests(folder)) == len(DAYS) * len(READERS)
        assert shown
        assert len(shown) == len(READERS) * len(set(shown))
        assert len(reader.mail.bodies) == len(DAYS) * len(READERS)
        log = ["git", "-C", str(origin), "log", "--format=%s"]
        told = subprocess.run(log, check=True, capture_output=True, timeout=PATIENCE).stdout.decode()
        assert len(told.splitlines()) == 1 + len(DAYS)
