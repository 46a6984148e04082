"""The settings file: where it is looked for, who may read it, and what it says before anybody has judged it."""

import os
import shlex
import stat
import tomllib
from pathlib import Path
from typing import Any, Final

from typer import get_app_dir

from crawler.errors import SettingsError
from jobs.addresses import holds_password
from jobs.mistakes import TABLES, nearest

NAME: Final = "paperlark.toml"
_MAIN: Final = "paperlark"


def find_file(path: Path | None) -> Path | None:
    """Return the settings file: `path`, else the one in the current folder, else the one in the user's; None: there is none.

    SettingsError when there is nothing at `path`.
    """
    if path is not None:
        if not path.exists():
            raise SettingsError([f"{path}: there is no such file; this writes one: paperlark init"])
        return path
    places = (Path(NAME), Path(get_app_dir(_MAIN)) / NAME)
    return next((place for place in places if place.exists()), None)


def read_file(path: Path) -> dict[str, Any]:
    """Return what the file says in TOML 1.0; SettingsError, with the line, when it cannot be read."""
    try:
        # Editors on Windows put a byte order mark in front, which TOML does not know.
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise SettingsError([f"{path}: cannot be read: {error.strerror}"]) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise SettingsError([f"{path}: line {line}: must be saved as UTF-8"]) from None
    except RecursionError:
        raise SettingsError([f"{path}: is nested too deeply"]) from None
    except ValueError as error:
        raise SettingsError([f"{path}: is not valid TOML: {' '.join(str(error).split())}"]) from None


def flatten(path: Path, content: dict[str, Any], keys: frozenset[str]) -> tuple[dict[str, Any], list[str]]:
    """Take the keys of `[paperlark]` out of their table, and say what stands where it should not. `keys` are all known."""
    tree = {name: value for name, value in content.items() if name in TABLES}
    main = content.get(_MAIN, {})
    lines = [f"{path}: {name}: {_misplaced(name, keys)}" for name in content if name not in TABLES and name != _MAIN]
    if not isinstance(main, dict):
        return tree, [*lines, f"{path}: {_MAIN}: must be a table"]
    own = keys - TABLES
    lines += [f"{path}: {_MAIN}.{name}: unknown key{nearest(name, own)}" for name in main if name not in own]
    return tree | {name: value for name, value in main.items() if name in own}, lines


def _misplaced(name: str, keys: frozenset[str]) -> str:
    if name in keys:
        return f"belongs under [{_MAIN}]"
    return "unknown table" + nearest(name, TABLES | {_MAIN})


def exposed(path: Path, content: dict[str, Any]) -> list[str]:
    """Say so when others may read a file that holds a password."""
    main = content.get(_MAIN)
    url = main.get("database") if isinstance(main, dict) else None
    if not (isinstance(url, str) and holds_password(url)):
        return []
    return [f"{path}: paperlark.database: {why}" for why in open_to_others(path)]


def open_to_others(path: Path) -> list[str]:
    """Say what to run when others than the owner may read the file. Windows keeps a user's files to the user."""
    if os.name != "posix" or not stat.S_IMODE(path.stat().st_mode) & 0o077:
        return []
    return [f"holds a password, and others may read it; run: chmod 600 {shlex.quote(str(path))}"]
