"""The command line. Each command loads what it needs when it runs, so that `--help` answers at once."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from crawler.errors import PaperlarkError, QueryError, SettingsError

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


@app.command()
def demo(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where to write; emptied first.")] = Path("paperlark-demo"),
) -> None:
    """Show two mornings, offline: the real pipeline over a small copy of arXiv, and a mail server, on this machine."""
    from jobs.demo import run_demo

    run_demo(out)


@app.command()
def init(folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="Where to write paperlark.toml.")] = Path()) -> None:
    """Write a commented paperlark.toml to begin with."""
    from jobs.init import ask, write_settings

    path = write_settings(folder, ask(sys.stdin.isatty()))
    typer.echo(f"Wrote {path}. Read it through, then: paperlark check, paperlark run")


@app.command()
def check(context: typer.Context, config: Config = None) -> None:
    """Look at the settings, the store, the sources and the mail server, and say what to mend, all at once."""
    from jobs.checking import examine

    found = examine(config or context.obj, os.environ)
    for line in found.lines:
        typer.echo(line)
    raise typer.Exit(2 if found.wrong else 0)


@app.command()
def crawl(
    context: typer.Context,
    sources: Annotated[list[str] | None, typer.Argument(metavar="[SOURCE]...", help="Default: all in the settings.")] = None,
    *,
    as_json: Json = False,
    config: Config = None,
) -> None:
    """Ask the sources now."""
    from jobs.exits import crawl_exit
    from jobs.progress import following
    from jobs.shapes import crawl_shape
    from jobs.steps import crawl_step
    from jobs.words import say_looks

    with _office(context, config) as office:
        with following(quiet=as_json) as progress:
            looks = crawl_step(office, sources or [], progress)
        _tell(crawl_shape(looks) if as_json else say_looks(office, looks))
        raise typer.Exit(crawl_exit(office, looks))


@app.command()
def digest(
    context: typer.Context,
    subscriptions: Annotated[
        list[str] | None, typer.Argument(metavar="[SUBSCRIPTION]...", help="Default: all in the settings.")
    ] = None,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what is pending and consume nothing.")] = False,
    on: Annotated[
        datetime | None, typer.Option("--on", metavar="DATE", help="Show the digest of that day; consume nothing.")
    ] = None,
    as_json: Json = False,
    config: Config = None,
) -> None:
    """Compose and write what is pending."""
    from jobs.shapes import digest_shape
    from jobs.steps import digest_step, preview_step, write_step
    from jobs.words import say_digests, say_pages

    with _office(context, config) as office:
        if dry_run or on:
            shown = preview_step(office, subscriptions or [], on.date() if on else None)
            _tell(digest_shape(shown) if as_json else say_pages(shown))
            return
        digested = digest_step(office, subscriptions or [])
        failed = [one for one in write_step(office) if one.state != "sent"]
        _tell(digest_shape(digested) if as_json else say_digests(office, digested, failed))
        raise typer.Exit(1 if failed else 0)


@app.command()
def send(context: typer.Context, *, as_json: Json = False, config: Config = None) -> None:
    """Deliver what is in the outbox."""
    from jobs.exits import send_exit
    from jobs.shapes import send_shape
    from jobs.steps import send_step, write_step
    from jobs.words import say_deliveries

    with _office(context, config) as office:
        deliveries = [*write_step(office), *send_step(office)]
        _tell(send_shape(deliveries) if as_json else say_deliveries(deliveries))
        raise typer.Exit(send_exit(deliveries))


@app.command()
def run(context: typer.Context, *, as_json: Json = False, config: Config = None) -> None:
    """Crawl, digest and send, once: the daily job."""
    from jobs.exits import crawl_exit, send_exit
    from jobs.progress import following
    from jobs.shapes import crawl_shape, digest_shape, send_shape
    from jobs.steps import crawl_step, digest_step, send_step, write_step
    from jobs.words import say_morning

    with _office(context, config) as office:
        with following(quiet=as_json) as progress:
            looks = crawl_step(office, [], progress)
        digested = digest_step(office, [])
        deliveries = [*write_step(office), *send_step(office)]
        if as_json:
            _tell({**crawl_shape(looks), **digest_shape(digested), **send_shape(deliveries)})
        else:
            _tell(say_morning(office, looks, digested, deliveries))
        raise typer.Exit(max(crawl_exit(office, looks), send_exit(deliveries)))


@app.command()
def status(context: typer.Context, *, as_json: Json = False, config: Config = None) -> None:
    """Show the last verdict of every source, the runs and the outbox; not 0 when something needs a person."""
    from jobs.exits import status_exit
    from jobs.shapes import status_shape
    from jobs.steps import state_of
    from jobs.words import say_status

    with _office(context, config) as office:
        state = state_of(office)
        _tell(status_shape(state.lines, state.runs, state.outbox) if as_json else say_status(office, state))
        raise typer.Exit(status_exit(office, state))


@app.command()
def search(
    context: typer.Context,
    query: Annotated[list[str], typer.Argument(metavar="QUERY", help='Words, "phrases", AND OR NOT, title: author: …')],
    *,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, help="Show at most so many.")] = 50,
    as_json: Json = False,
    config: Config = None,
) -> None:
    """Find papers in the store, the newest first."""
    from jobs.asking import search_papers
    from jobs.shapes import paper_shape
    from jobs.words import say_papers

    with _office(context, config) as office:
        papers = search_papers(office.database, " ".join(query), limit)
        _tell([paper_shape(paper) for paper in papers] if as_json else say_papers(papers))


@app.command()
def show(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="ID", help="An arXiv id, a DOI, the address of either.")],
    *,
    as_json: Json = False,
    config: Config = None,
) -> None:
    """Show all that is known of one paper."""
    from jobs.asking import known_of
    from jobs.shapes import shown_shape
    from jobs.words import say_known

    with _office(context, config) as office:
        known = known_of(office.database, name)
        if known is None:
            _fail([f"no paper called {name} is in the store"], 1)
        _tell(shown_shape(*known) if as_json else say_known(*known))


@app.command()
def export(
    context: typer.Context,
    *,
    form: Annotated[str, typer.Option("--format", metavar="FORM", help="jsonl: one paper a line.")] = "jsonl",
    config: Config = None,
) -> None:
    """Print every paper in the store."""
    from jobs.asking import every_paper
    from jobs.shapes import exported_shape

    if form != "jsonl":
        _fail([f"there is no format {form}; known: jsonl"], 2)
    with _office(context, config) as office:
        for paper in every_paper(office.database):
            _tell(exported_shape(paper), indent=None)


@db.command()
def upgrade(context: typer.Context, config: Config = None) -> None:
    """Bring the store to the schema of this Paperlark."""
    from jobs.asking import upgrade_store

    typer.echo(upgrade_store(config or context.find_root().obj, os.environ))


@contextmanager
def _office(context: typer.Context, config: Path | None) -> "Iterator[Office]":
    from jobs.steps import open_office

    with open_office(config or context.obj, os.environ) as office:
        yield office


def _tell(what: Any, indent: int | None = 2) -> None:
    import json

    typer.echo(what if isinstance(what, str) else json.dumps(what, ensure_ascii=False, indent=indent))


def _fail(lines: list[str] | tuple[str, ...], status: int) -> NoReturn:
    for line in lines:
        typer.echo(f"paperlark: {line}", err=True)
    raise SystemExit(status)


def main() -> None:
    """Run the command line; whatever goes wrong ends in lines a person can act on."""
    try:
        app()
    except SettingsError as error:
        _fail(error.mistakes, 2)
    except QueryError as error:
        _fail([error.why + f" (column {error.column})", f"    {error.query}", "    " + " " * (error.column - 1) + "^"], 2)
    except PaperlarkError as error:
        _fail([str(error)], 2 if type(error).__name__ == "SchemaError" else 1)
    except BrokenPipeError:
        # `paperlark export | head`: nobody reads on, which is no mistake of anybody.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(0) from None
    except Exception as error:
        if os.environ.get("PAPERLARK_TRACEBACK"):
            raise
        name = type(error).__name__
        _fail([f"this is a mistake of Paperlark: {name}: {error}", "set PAPERLARK_TRACEBACK=1 to see where it is"], 1)
