"""Settings from the environment: PAPERLARK_DATABASE, PAPERLARK_SMTP__HOST; lists and tables as JSON."""

import json
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, Final

from pydantic_settings import BaseSettings, EnvSettingsSource
from pydantic_settings.sources.utils import parse_env_vars

from jobs.mistakes import PREFIX, TABLES, nearest

DELIMITER: Final = "__"
_NO_SETTINGS: Final = frozenset({"PAPERLARK_MIRROR", "PAPERLARK_NOW"})


def read_environment(settings: type[BaseSettings], environ: Mapping[str, str]) -> dict[str, Any]:
    """Return the tree of what is set; every leaf is text. An empty variable counts as unset."""
    source = EnvSettingsSource(settings, case_sensitive=False, env_prefix=PREFIX, env_nested_delimiter=DELIMITER)
    # The source would read os.environ; which environment there is, is for our caller to say.
    source.env_vars = parse_env_vars(environ, ignore_empty=True)
    return source()


def decode(tree: Mapping[str, Any]) -> dict[str, Any]:
    """Return the tree with its lists and tables read. JSON that cannot be read stays text, which is then found wrong."""
    return {key: decode(value) if isinstance(value, Mapping) else _decode(value) for key, value in tree.items()}


def _decode(text: str) -> Any:
    if text.lstrip().startswith(("[", "{")):
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            pass
    return text


def merge(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Lay one tree over another: tables are joined, everything else is replaced."""
    both = {
        key: merge(under[key], value) if isinstance(value, Mapping) and isinstance(under.get(key), Mapping) else value
        for key, value in over.items()
    }
    return {**under, **both}


def misspelt(environ: Mapping[str, str], known: Iterable[str]) -> Iterator[str]:
    """Say which variables set nothing though they read as if they should, or are set twice.

    `known` are all settings, as `database` and `smtp__host`. Other variables that begin with PAPERLARK_ are left alone: the
    mail server's password may lie in any of them.
    """
    known = frozenset(known)
    names = sorted(name.upper() for name, value in environ.items() if value and name.upper().startswith(PREFIX))
    for name in names:
        key = name.removeprefix(PREFIX).lower()
        table, inner, _ = key.partition(DELIMITER)
        if inner and table not in TABLES:
            yield f"{name}: unknown table{nearest(table, TABLES)}"
        elif not inner and key not in known and not key.endswith("password") and name not in _NO_SETTINGS:
            near = get_close_matches(key, known, 1, cutoff=0.8)
            yield from (f"{name}: is no setting; did you mean {PREFIX}{guess.upper()}?" for guess in near)
        elif doubled := [other for other in names if other.startswith(name + DELIMITER)]:
            yield f"{name}: sets what {doubled[0]} sets too; keep one of them"
