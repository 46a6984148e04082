"""The command line, and the one place where whatever goes wrong becomes lines a person can act on."""

import os
import sys

from crawler.errors import PaperlarkError, QueryError, SchemaError, SettingsError
from jobs import commands_daily, commands_store
from jobs.console import app, fail

__all__ = ["app", "commands_daily", "commands_store", "main"]


def main() -> None:
    """Run the command line; whatever goes wrong ends in lines a person can act on."""
    try:
        app()
    except SettingsError as error:
        fail(error.mistakes, 2)
    except QueryError as error:
        fail([error.why + f" (column {error.column})", f"    {error.query}", "    " + " " * (error.column - 1) + "^"], 2)
    except PaperlarkError as error:
        fail([str(error)], 2 if isinstance(error, SchemaError) else 1)
    except BrokenPipeError:
        # `paperlark export | head`: nobody reads on, which is no mistake of anybody.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(0) from None
    except Exception as error:
        if os.environ.get("PAPERLARK_TRACEBACK"):
            raise
        name = type(error).__name__
        fail([f"this is a mistake of Paperlark: {name}: {error}", "set PAPERLARK_TRACEBACK=1 to see where it is"], 1)
