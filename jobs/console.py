"""What all commands share: the application, the options that many have, how the store is opened and how answers are told."""

import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from jobs.steps import Office

app = typer.Typer(
    name="paperlark",
    help="One trustworthy page every morning: the new papers for your topics, each exactly once.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
db = typer.Typer(help="Care of the store.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(db, name="db")

Config = Annotated[Path | None, typer.Option("--config", metavar="FILE", help="The settings; default: ./paperlark.toml.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


@app.callback()
def options(context: typer.Context, config: Config = None) -> None:
    """Keep what stands before the command."""
    context.obj = config


def day(text: str) -> date:
    """Read a day of the command line."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text} is no day; write it as 2026-01-15") from None


@contextmanager
def office_of(context: typer.Context, config: Path | None) -> "Iterator[Office]":
    """Open what every step works with, by the settings named before or after the command."""
    from jobs.steps import open_office

    with open_office(config or context.obj, os.environ) as office:
        yield office


def tell(what: Any, indent: int | None = 2) -> None:
    """Print the answer: a text as it is, anything else as JSON."""
    # JSON has a way to write what the terminal's encoding has not.
    ascii_only = sys.stdout.encoding.lower().replace("-", "") != "utf8"
    text = what if isinstance(what, str) else json.dumps(what, ensure_ascii=ascii_only, indent=indent)
    try:
        typer.echo(text)
    except OSError as error:
        # Whatever is still in the buffer would fail once more when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            # `paperlark export | head`: nobody reads on, which is no mistake of anybody.
            raise SystemExit(0) from None
        fail([f"the answer could not be printed: {error.strerror}"], 1)


def fail(lines: Sequence[str], status: int) -> NoReturn:
    """Say what is wrong, a line each, on standard error, and end with this exit status."""
    for line in lines:
        typer.echo(f"paperlark: {line}", err=True)
    raise SystemExit(status)
