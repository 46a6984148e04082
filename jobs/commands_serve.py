"""The commands that go on until somebody stops them. Each loads what it needs when it runs."""

import os
import sys
from typing import Annotated

import typer

from jobs.console import Config, app


@app.command()
def serve(context: typer.Context, config: Config = None) -> None:
    """Crawl, digest and send by itself, every day, until it is stopped."""
    from jobs.clock import Clock
    from jobs.daemon import open_daemon
    from jobs.logs import open_log
    from jobs.redaction import secrets_of
    from jobs.settings import load_settings

    file = config or context.obj
    settings = load_settings(file, os.environ)
    clock = Clock.from_environment(os.environ)
    with (
        open_log(settings.log, sys.stderr, clock, secrets_of(settings, os.environ)) as log,
        open_daemon(file, os.environ, log) as daemon,
    ):
        daemon.run()


@app.command()
def worker(
    context: typer.Context,
    *,
    at_once: Annotated[int, typer.Option("--at-once", metavar="N", min=1, max=64, help="So many runs at a time.")] = 2,
    config: Config = None,
) -> None:
    """Do what a `serve` with workers hands over, until stopped."""
    from jobs.clock import Clock
    from jobs.logs import open_log
    from jobs.redaction import secrets_of
    from jobs.settings import load_settings
    from jobs.workers import work_on

    file = config or context.obj
    settings = load_settings(file, os.environ)
    with open_log(settings.log, sys.stderr, Clock.from_environment(os.environ), secrets_of(settings, os.environ)) as log:
        work_on(file, os.environ, log, at_once)
