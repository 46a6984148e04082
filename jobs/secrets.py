"""Passwords and tokens: fetched when they are needed, from where the settings say, and kept nowhere."""

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

from crawler.errors import SettingsError
from jobs.fields import arguments
from jobs.settings_file import open_to_others

COMMAND_SECONDS: Final = 30

# RFC 6750 §2.1.
_TOKEN: Final = re.compile(r"[A-Za-z0-9._~+/-]+=*")


class Places(NamedTuple):
    """Where a secret may be: in an environment variable, in a file, or in what a command prints. The first given counts."""

    variable: str | None = None
    file: Path | None = None
    command: str | None = None


def fetch(setting: str, places: Places, environ: Mapping[str, str]) -> str | None:
    """Return the secret of a setting, as in `smtp.password`; None when no place is given.

    SettingsError, a line, when it is not there: a variable unset or empty, a file that others may read, a command that
    fails, anything that gives more than one line.
    """
    if places.variable is not None:
        return _from_environment(setting, places.variable, environ)
    if places.file is not None:
        return _from_file(setting, places.file)
    return None if places.command is None else _from_command(setting, places.command)


def fetch_token(setting: str, places: Places, environ: Mapping[str, str]) -> str | None:
    """Return a secret that goes into a header: what cannot stand there is no token, and a SettingsError."""
    token = fetch(setting, places, environ)
    if token is not None and _TOKEN.fullmatch(token) is None:
        raise SettingsError([f"{setting}: what is there is no token, which has letters, digits and -._~+/= alone"])
    return token


def _from_environment(setting: str, variable: str, environ: Mapping[str, str]) -> str:
    if not environ.get(variable):
        raise SettingsError([f"{setting}_env: the environment variable {variable} is not set"])
    return environ[variable]


def _from_file(setting: str, path: Path) -> str:
    """Return the only line of a file that nobody but its owner may read."""
    try:
        if lines := open_to_others(path):
            raise SettingsError([f"{path}: {line}" for line in lines])
        text = path.read_bytes()
    except OSError as error:
        raise SettingsError([f"{setting}_file: {path} cannot be read: {error.strerror}"]) from None
    return _only_line(text, f"{setting}_file: {path}", _name(setting))


def _from_command(setting: str, command: str) -> str:
    """Return the only line a command prints, run without a shell, in 30 seconds at most.

    What it prints as an error goes to our own, and it may ask nothing.
    """
    words = arguments(command)
    # The command itself may hold a secret, its name hardly.
    where = f"{setting}_command: {words[0]}"
    try:
        done = subprocess.run(  # noqa: S603 - the owner's own command is what this setting is for
            words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=COMMAND_SECONDS, check=False
        )
    except OSError as error:
        raise SettingsError([f"{where} cannot be run: {error.strerror}"]) from None
    except subprocess.TimeoutExpired:
        raise SettingsError([f"{where} took more than {COMMAND_SECONDS} seconds"]) from None
    if done.returncode != 0:
        raise SettingsError([f"{where} failed with status {done.returncode}"])
    return _only_line(done.stdout, where, _name(setting))


def _name(setting: str) -> str:
    return setting.rpartition(".")[2]


def _only_line(text: bytes, where: str, what: str) -> str:
    try:
        lines = text.decode().removesuffix("\n").removesuffix("\r").splitlines()
    except UnicodeDecodeError:
        raise SettingsError([f"{where} gives no text in UTF-8"]) from None
    if len(lines) != 1 or not lines[0]:
        raise SettingsError([f"{where} must give one line, the {what}; it gives {len(lines) or 'none'}"])
    return lines[0]
