"""Secrets, kept out of what is written: whatever form they have there, `***` stands in their place."""

import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import groupby
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, unquote_plus

from crawler.errors import SettingsError
from crawler.text import clean
from jobs import addresses, secrets

if TYPE_CHECKING:
    from jobs.settings import Settings

MARK: Final = "***"
_NAMED_SO: Final = re.compile(r"PAPERLARK_\w*(?:PASSWORD|TOKEN)", re.IGNORECASE)


def hiding(hidden: Iterable[str]) -> Callable[[str], str]:
    """Return what hides these secrets in a text: as they are, percent-encoded by anybody's rules, decoded, or escaped.

    >>> hiding(["p@ss/word"])("postgresql://lark:p%40ss%2Fword@db/papers")
    'postgresql://lark:***@db/papers'
    """
    forms = {form for one in hidden for form in (one, unquote(one), unquote_plus(one), clean(one)) if form}
    # The longest first, for one may hold another.
    pattern = re.compile("|".join(map(_pattern, sorted(forms, key=lambda form: (-len(form), form)))) or "(?!)")
    return lambda text: pattern.sub(MARK, text)


def _pattern(secret: str) -> str:
    parts = ((is_slash, "".join(run)) for is_slash, run in groupby(secret, lambda character: character == "\\"))
    # A run of backslashes is one part, however often each was doubled on its way.
    return "".join(rf"(?:\\|{_percent(run[0])})+" if is_slash else "".join(map(_character, run)) for is_slash, run in parts)


def _character(character: str) -> str:
    """Return the pattern of a character as it is, percent-encoded (more than once, too), or as Python and JSON escape it."""
    escaped = {ascii(character)[1:-1], json.dumps(character)[1:-1]} - {character}
    if character in "\"'":
        escaped.add(f"\\{character}")
    forms = [_percent(character), *(r"\\+".join(map(re.escape, form.split("\\"))) for form in sorted(escaped))]
    # As it is last of all: a per cent sign begins its own encoding.
    return f"(?:{'|'.join([*forms, re.escape(character), *(['[+]'] if character == ' ' else [])])})"


def _percent(character: str) -> str:
    encoded = "".join(f"%(?:25)*{byte:02x}" for byte in character.encode("utf-8", "surrogatepass"))
    return f"(?i:{encoded})"


def secrets_of(settings: "Settings", environ: Mapping[str, str] = os.environ) -> frozenset[str]:
    """Return the secrets that the settings hold or name, but for those that only a command would tell.

    A command may ask its owner for a key, and is run when its secret is needed. What is not there is no secret.
    """
    found = {*addresses.passwords(settings.database_url)}
    # Settings that are edited, or shared with a worker (`jobs.sharing`), may name these later.
    found |= {value for name, value in environ.items() if _NAMED_SO.fullmatch(name)}
    for setting, places in _places(settings):
        with suppress(SettingsError):
            found.add(secrets.fetch(setting, places, environ) or "")
    return frozenset(found - {""})


def _places(settings: "Settings") -> Iterator[tuple[str, secrets.Places]]:
    if settings.smtp:
        yield "smtp.password", secrets.Places(settings.smtp.password_env, settings.smtp.password_file)
    for name, source in settings.sources.items():
        yield f"sources.{name}.token", secrets.Places(source.token_env, source.token_file)
