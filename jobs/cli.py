"""The command line, and the one place where whatever goes wrong becomes lines a person can act on."""

import os
import sys
import unicodedata
from collections.abc import Iterator
from io import TextIOWrapper
from typing import Final

from crawler.errors import PaperlarkError, QueryError, SchemaError, SettingsError
from crawler.text import clean
from jobs import commands_daily, commands_import, commands_ledger, commands_serve, commands_sources, commands_store
from jobs.console import app, fail

__all__ = [
    "app",
    "commands_daily",
    "commands_import",
    "commands_ledger",
    "commands_serve",
    "commands_sources",
    "commands_store",
    "main",
]

_POINTED: Final = 200


def main() -> None:
    """Run the command line; whatever goes wrong ends in lines a person can act on."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A title with a letter that the terminal's encoding has not is no reason to stop.
            stream.reconfigure(errors="replace")
    try:
        app(prog_name="paperlark")
    except SettingsError as error:
        fail(error.mistakes, 2)
    except QueryError as error:
        fail([f"{error.why} (column {error.column})", *_pointed(error)], 2)
    except PaperlarkError as error:
        fail([str(error)], 2 if isinstance(error, SchemaError) else 1)
    except Exception as error:
        if os.environ.get("PAPERLARK_TRACEBACK"):
            raise
        what = clean(f"{type(error).__name__}: {error}", 400)
        fail([f"this is a mistake of Paperlark: {what}", "set PAPERLARK_TRACEBACK=1 to see where it is"], 1)


def _pointed(error: QueryError) -> Iterator[str]:
    """Point at the place of the mistake, unless the query is too long for it to be seen."""
    query = "".join(character if character.isprintable() else " " for character in error.query)
    before = sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in query[: error.column - 1])
    if len(query) <= _POINTED:
        yield f"    {query}"
        yield f"    {' ' * before}^"
