"""The mail server's password: fetched when it is needed, from where the settings say, and kept nowhere."""

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from crawler.errors import SettingsError
from jobs.fields import arguments
from jobs.settings_file import open_to_others

COMMAND_SECONDS: Final = 30


def from_environment(variable: str, environ: Mapping[str, str]) -> str:
    """Return the password in an environment variable; SettingsError when it is unset or empty."""
    if not environ.get(variable):
        raise SettingsError([f"smtp.password_env: the environment variable {variable} is not set"])
    return environ[variable]


def from_file(path: Path) -> str:
    """Return the only line of a file that nobody but its owner may read; SettingsError otherwise."""
    try:
        if lines := open_to_others(path):
            raise SettingsError([f"{path}: {line}" for line in lines])
        text = path.read_bytes()
    except OSError as error:
        raise SettingsError([f"smtp.password_file: {path} cannot be read: {error.strerror}"]) from None
    return _only_line(text, f"smtp.password_file: {path}")


def from_command(command: str) -> str:
    """Return the only line a command prints, run without a shell; SettingsError when it fails or takes 30 seconds.

    What it prints as an error goes to our own, and it may ask nothing.
    """
    words = arguments(command)
    # The command itself may hold a secret, its name hardly.
    where = f"smtp.password_command: {words[0]}"
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
    return _only_line(done.stdout, where)


def _only_line(text: bytes, where: str) -> str:
    try:
        lines = text.decode().removesuffix("\n").removesuffix("\r").splitlines()
    except UnicodeDecodeError:
        raise SettingsError([f"{where} gives no text in UTF-8"]) from None
    if len(lines) != 1 or not lines[0]:
        raise SettingsError([f"{where} must give one line, the password; it gives {len(lines) or 'none'}"])
    return lines[0]
