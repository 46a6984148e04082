"""The commands that tell of venues and of sources. Each loads what it needs when it runs."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from jobs.console import Config, Json, app, day, fail, office_of, tell

venues = typer.Typer(invoke_without_command=True, rich_markup_mode=None)
app.add_typer(venues, name="venues")


@venues.callback()
def list_venues(
    context: typer.Context,
    *,
    ccf: Annotated[str, typer.Option("--ccf", metavar="RANK", help="Only those that CCF ranks A, B or C now.")] = "",
    find: Annotated[str, typer.Option("--find", metavar="TEXT", help="Only those with it in one of their names.")] = "",
    as_json: Json = False,
    config: Config = None,
) -> None:
    """List the venues that are known, with their ranks."""
    if context.invoked_subcommand:
        context.obj = config or context.obj
        return
    from jobs.venue_lists import chosen, known_venues
    from jobs.venue_words import say_venues, venues_shape

    if ccf.upper() not in ("", "A", "B", "C"):
        fail([f"--ccf: A, B or C, not {ccf}"], 2)
    with office_of(context, config) as office:
        known, now = known_venues(office), office.clock()
        found = chosen(known.catalogue, ccf.upper(), find, now.year)
        tell(venues_shape(found, known, now) if as_json else say_venues(found, known, now))


@venues.command()
def update(context: typer.Context, *, as_json: Json = False, config: Config = None) -> None:
    """Bring in the full lists: CCF's catalogue, and ccfddl's.

    They come from https://github.com/WenyanLiu/CCFrank4dblp and https://ccfddl.github.io. A rank holds from today on, and
    that of an earlier year stays as it is.
    """
    from jobs.exits import crawl_exit
    from jobs.venue_lists import update_lists
    from jobs.venue_words import say_update, update_shape

    with office_of(context, config) as office:
        looks = update_lists(office)
        tell(update_shape(looks) if as_json else say_update(looks))
        raise typer.Exit(crawl_exit(office, looks))


@venues.command("import")
def import_ranks_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV, or with tabs or semicolons; UTF-8 or GB18030.")],
    *,
    since: Annotated[
        date | None, typer.Option("--since", metavar="DATE", parser=day, help="They hold from that day on; default: today.")
    ] = None,
    as_json: Json = False,
    config: Config = None,
) -> None:
    """Take in ranks of your own, from a table.

    Its first line is a heading. The first column, or one called venue, acronym, name, journal, 期刊, 会议 or issn, names the
    venue; each other column is a list of ranks, by the name above it. A list takes the place of what it said before, or with
    --since of what it said from that day on.
    """
    from jobs.venue_lists import import_ranks
    from jobs.venue_words import ranks_shape, say_ranks

    with office_of(context, config) as office:
        told = import_ranks(office, file, since)
        tell(ranks_shape(told) if as_json else say_ranks(told, office.clock()))
        raise typer.Exit(int(not told.schemes))


@app.command()
def sources(
    context: typer.Context,
    *,
    live: Annotated[bool, typer.Option("--live", help="Ask each that is on, once and now; keep nothing.")] = False,
    as_json: Json = False,
    config: Config = None,
) -> None:
    """List the sources: what each can do, and how it does."""
    from jobs.live import live_looks
    from jobs.source_list import source_states
    from jobs.source_list_words import say_live, say_sources, sources_shape

    with office_of(context, config) as office:
        states = source_states(office)
        if not live:
            tell(sources_shape(states) if as_json else say_sources(states, office.settings.timezone, office.clock()))
            return
        looks = []
        for look in live_looks(office):
            looks.append(look)
            if not as_json:
                tell(say_live(look))
        if as_json:
            tell(sources_shape(states, looks))
        elif not looks:
            tell("No source is turned on, or none has anything to be asked for today.")
        raise typer.Exit(int(any(look.verdict.kind in ("blocked", "failed") for look in looks)))
