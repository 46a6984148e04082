"""The commands of every day: from `demo` and `init` to `run` and `status`. Each loads what it needs when it runs."""

import os
import sys
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from jobs.console import Config, Json, app, day, office_of, tell


@app.command()
def demo(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where to write; emptied first.")] = Path("paperlark-demo"),
) -> None:
    """Show two mornings, offline, from the crawl to the mail.

    It is the real pipeline, over a small copy of arXiv and with a mail server, both on this machine.
    """
    from jobs.demo import run_demo

    raise typer.Exit(run_demo(out))


@app.command()
def init(folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to write paperlark.toml.")] = Path()) -> None:
    """Write a commented paperlark.toml to begin with."""
    from jobs.init import place, settings_text, write_settings
    from jobs.questions import ask

    place(folder)  # before any question, for there may be a file already
    path = write_settings(folder, settings_text(ask(sys.stdin.isatty())))
    typer.echo(f"Wrote {path}. Read it through, then: paperlark check, paperlark run")


@app.command()
def check(context: typer.Context, config: Config = None) -> None:
    """Look at settings, store, sources and mail; say what to mend."""
    from jobs.checking import examine

    found = examine(config or context.obj, os.environ)
    for line in found.lines:
        typer.echo(line)
    raise typer.Exit(found.status)


@app.command()
def crawl(
    context: typer.Context,
    sources: Annotated[list[str] | None, typer.Argument(metavar="SOURCE", help="Default: all in the settings.")] = None,
    *,
    since: Annotated[
        date | None, typer.Option("--since", metavar="DATE", parser=day, help="Fill the store from that day on.")
    ] = None,
    until: Annotated[
        date | None, typer.Option("--until", metavar="DATE", parser=day, help="With --since: up to that day only.")
    ] = None,
    limit: Annotated[int | None, typer.Option("--limit", metavar="N", min=1, help="With --since: so many a scope.")] = None,
    later: Annotated[bool, typer.Option("--later", help="With --since: leave it to `serve`, part by part.")] = False,
    edition: Annotated[list[str] | None, typer.Option(metavar="EDITION", help="Of one source: as in CVPR2026.")] = None,
    volume: Annotated[list[str] | None, typer.Option(metavar="VOLUME", help="Of one source: as in 235, of pmlr.")] = None,
    as_json: Json = False,
    config: Config = None,
) -> None:
    """Ask the sources now; with --since, fill the store from the past."""
    from jobs.articles import articles_step
    from jobs.asking import errand_of
    from jobs.exits import crawl_exit
    from jobs.filling import leave
    from jobs.progress import following
    from jobs.scopes import Parts
    from jobs.shapes import crawl_shape, left_shape
    from jobs.steps import crawl_step
    from jobs.words import say_left, say_looks

    errand = errand_of(since, until, limit, Parts(tuple(edition or ()), tuple(volume or ())))
    with office_of(context, config) as office:
        if later:
            left = leave(office, sources or [], errand)
            tell(left_shape(left) if as_json else say_left(left))
            return
        with following(quiet=as_json) as progress:
            looks = crawl_step(office, sources or [], progress, errand=errand)
            looks += articles_step(office, dict.fromkeys(look.source for look in looks), progress) if not since else []
        tell(crawl_shape(looks) if as_json else say_looks(office, looks))
        raise typer.Exit(crawl_exit(office, looks))


@app.command()
def digest(
    context: typer.Context,
    subscriptions: Annotated[
        list[str] | None, typer.Argument(metavar="SUBSCRIPTION", help="Default: all in the settings.")
    ] = None,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what is pending and consume nothing.")] = False,
    on: Annotated[
        date | None, typer.Option("--on", metavar="DATE", parser=day, help="Show the digest of that day; consume nothing.")
    ] = None,
    as_json: Json = False,
    config: Config = None,
) -> None:
    """Compose and write what is pending."""
    from jobs.shapes import digest_shape
    from jobs.steps import digest_step, mails_waiting, preview_step, write_step
    from jobs.words import say_digests, say_pages

    with office_of(context, config) as office:
        if dry_run or on:
            shown = preview_step(office, subscriptions or [], on)
            tell(digest_shape(shown, office.settings.output) if as_json else say_pages(shown))
            return
        digested = digest_step(office, subscriptions or [])
        failed = [one for one in write_step(office, digested) if one.state != "sent"]
        if as_json:
            tell(digest_shape(digested, office.settings.output))
        else:
            tell(say_digests(office, digested, failed, mails_waiting(office)))
        raise typer.Exit(1 if failed else 0)


@app.command()
def send(context: typer.Context, *, as_json: Json = False, config: Config = None) -> None:
    """Deliver what is in the outbox."""
    from jobs.exits import send_exit
    from jobs.shapes import send_shape
    from jobs.steps import send_step, write_step
    from jobs.words import say_deliveries

    with office_of(context, config) as office:
        deliveries = [*write_step(office), *send_step(office)]
        tell(send_shape(deliveries) if as_json else say_deliveries(office, deliveries))
        raise typer.Exit(send_exit(deliveries))


@app.command()
def run(context: typer.Context, *, as_json: Json = False, config: Config = None) -> None:
    """Crawl, digest and send, once: the daily job."""
    from jobs.articles import articles_step
    from jobs.exits import crawl_exit, send_exit
    from jobs.progress import following
    from jobs.shapes import crawl_shape, digest_shape, send_shape
    from jobs.steps import RUN_PATIENCE, crawl_step, digest_step, send_step, write_step
    from jobs.words import say_morning

    with office_of(context, config) as office:
        with following(quiet=as_json) as progress:
            looks = crawl_step(office, [], progress, patience=RUN_PATIENCE)
        digested = digest_step(office, [])
        deliveries = [*write_step(office, digested), *send_step(office)]
        with following(quiet=as_json) as progress:
            looks += articles_step(office, office.settings.sources, progress)
        if as_json:
            tell({**crawl_shape(looks), **digest_shape(digested, office.settings.output), **send_shape(deliveries)})
        else:
            tell(say_morning(office, looks, digested, deliveries))
        raise typer.Exit(max(crawl_exit(office, looks), send_exit(deliveries)))


@app.command()
def status(context: typer.Context, *, as_json: Json = False, config: Config = None) -> None:
    """Show sources, runs and outbox; not 0 when a person is needed."""
    from jobs.exits import status_exit
    from jobs.shapes import status_shape
    from jobs.state import state_of
    from jobs.words import say_status

    with office_of(context, config) as office:
        state = state_of(office)
        tell(status_shape(state) if as_json else say_status(office, state))
        raise typer.Exit(status_exit(office, state))
