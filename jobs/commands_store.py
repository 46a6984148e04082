"""The commands that ask the store, and care for it. Each loads what it needs when it runs."""

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jobs.console import Config, Json, app, db, fail, office_of, tell

if TYPE_CHECKING:
    from jobs.asking import Order

Sort = Annotated[str, typer.Option("--sort", metavar="ORDER", help="newest, or stars: of its repository.")]


@app.command()
def search(
    context: typer.Context,
    query: Annotated[list[str], typer.Argument(metavar="QUERY", help='Words, "phrases", AND OR NOT, title: code:yes …')],
    *,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, help="Show at most so many.")] = 50,
    sort: Sort = "newest",
    as_json: Json = False,
    config: Config = None,
) -> None:
    """Find papers in the store."""
    from crawler.errors import QueryError
    from jobs.asking import search_papers
    from jobs.cards import COUNTED, say_papers
    from jobs.shapes import paper_shape

    text = " ".join(query)
    instead = _instead(text)
    with office_of(context, config) as office:
        try:
            papers = search_papers(office.database, text, limit if as_json else limit + COUNTED, _order(sort))
        except QueryError:
            if instead:
                fail([f"this is the name of a paper and no query; to see that paper: {instead}"], 2)
            raise
        if as_json:
            tell([paper_shape(paper) for paper in papers])
        else:
            tell(say_papers(papers, limit, _order(sort)))
            if instead and not papers:
                tell(f"To see the paper of that name: {instead}")


def _order(sort: str) -> "Order":
    if sort not in ("newest", "stars"):
        fail([f"--sort: newest or stars, not {sort}"], 2)
    return "stars" if sort == "stars" else "newest"


@app.command(name="list")
def list_(
    context: typer.Context,
    *,
    venue: Annotated[str, typer.Option("--venue", metavar="EDITION", help="As in CVPR2026, or CVPR for all of them.")] = "",
    with_code: Annotated[bool, typer.Option("--with-code", help="Only papers whose code is known.")] = False,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, help="Show at most so many.")] = 1000,
    sort: Sort = "newest",
    as_json: Json = False,
    config: Config = None,
) -> None:
    """List papers as a table in Markdown."""
    from digests.paper_table import paper_table
    from jobs.asking import list_papers
    from jobs.shapes import paper_shape

    with office_of(context, config) as office:
        papers = list_papers(office.database, venue, limit + 1, _order(sort), with_code=with_code)
        papers, more = papers[:limit], len(papers) > limit
        if as_json:
            tell([paper_shape(paper) for paper in papers])
        else:
            tell("\n".join(paper_table(papers)) if papers else "No paper in the store matches.")
        if more and not as_json:
            typer.echo(f"paperlark: these are the first {limit:,}; for more of them: --limit {2 * limit}", err=True)


def _instead(text: str) -> str:
    """Return the command that shows the paper `text` is the name of; empty when it is none."""
    from crawler.identifiers import Identifier
    from crawler.text import clean

    name = Identifier.parse(clean(text))
    return f"paperlark show {shlex.quote(str(name))}" if name else ""


@app.command()
def show(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="ID", help="An arXiv id, a DOI, the address of either.")],
    *,
    fetch: Annotated[bool, typer.Option("--fetch", help="Ask for what the store has not.")] = False,
    as_json: Json = False,
    config: Config = None,
) -> None:
    """Show all that is known of one paper."""
    from jobs.asking import known_of
    from jobs.cards import say_known
    from jobs.fetching import fetch_missing
    from jobs.shapes import shown_shape

    with office_of(context, config) as office:
        asked = fetch_missing(office, name) if fetch else []
        known = known_of(office.database, name)
        errors = [look.error for look in asked if look.error]
        if known is None:
            fail(errors or [_unknown(name, fetch=fetch, asked=bool(asked))], 1)
        for error in errors:
            typer.echo(f"paperlark: {error}", err=True)
        tell(shown_shape(*known) if as_json else say_known(known, office.settings.timezone, office.clock()))


def _unknown(name: str, *, fetch: bool, asked: bool) -> str:
    if asked:
        return f"nobody knows a paper called {name}"
    to_ask = "" if fetch else "; to ask arXiv: --fetch"
    return f"no paper here is called {name}{to_ask}; to look for words: paperlark search"


@app.command()
def export(
    context: typer.Context,
    *,
    form: Annotated[str, typer.Option("--format", metavar="FORM", help="jsonl: one paper a line; opml: the feeds.")] = "jsonl",
    config: Config = None,
) -> None:
    """Print every paper in the store, or the list of feeds."""
    from jobs.asking import every_paper
    from jobs.feed_lists import opml_of
    from jobs.shapes import exported_shape

    if form not in ("jsonl", "opml"):
        fail([f"there is no format {form}; known: jsonl, opml"], 2)
    with office_of(context, config) as office:
        if form == "opml":
            tell(opml_of(office.settings).rstrip())
            return
        for paper in every_paper(office.database):
            tell(exported_shape(paper), indent=None)


@db.command()
def upgrade(context: typer.Context, config: Config = None) -> None:
    """Bring the store to the schema of this Paperlark."""
    from jobs.caring import upgrade_store

    typer.echo(upgrade_store(config or context.find_root().obj, os.environ))


@db.command()
def backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A new file, which becomes a store on SQLite.")],
    config: Config = None,
) -> None:
    """Copy the store into a file, while others go on writing.

    What is copied is the store as it stands when the copy begins, be it on SQLite or on PostgreSQL.
    """
    from jobs.caring import backed_up

    with office_of(context, config) as office:
        tell(backed_up(office, file))


@db.command(name="check")
def check_store(context: typer.Context, config: Config = None) -> None:
    """Look whether the store is whole: a line for each thing that is wrong.

    That is damage to the file, rows without those they refer to, papers that are not what their sightings make of them, and
    search words, titles and numbers that do not fit. Nothing is changed.
    """
    from jobs.caring import mistakes

    found = False
    with office_of(context, config) as office:
        for line in mistakes(office):
            found = True
            tell(line)
    if found:
        raise typer.Exit(1)
    tell("Nothing is wrong with the store.")


@db.command()
def vacuum(context: typer.Context, config: Config = None) -> None:
    """Make the store as small as it can be.

    A store on SQLite is written anew, for which nobody else may be using it.
    """
    from jobs.caring import vacuumed

    with office_of(context, config) as office:
        tell(vacuumed(office))


@db.command()
def prune(
    context: typer.Context,
    *,
    days: Annotated[int, typer.Option("--older-than", metavar="DAYS", min=1, max=36500, help="Leave what is younger.")] = 90,
    dry: Annotated[bool, typer.Option("--dry-run", help="Delete nothing, and say what would be.")] = False,
    config: Config = None,
) -> None:
    """Delete old descriptions of papers that their source has replaced.

    One stays by which alone something is known of its paper: a name, a title, a version, a link, or a word that is shown.
    """
    from jobs.caring import pruned

    with office_of(context, config) as office:
        tell("\n".join(pruned(office, days, dry=dry)))


@db.command()
def copy(
    context: typer.Context,
    url: Annotated[str, typer.Argument(metavar="URL", help="As in postgresql+psycopg://user@host/name.")],
    config: Config = None,
) -> None:
    """Copy the store into an empty database, SQLite or PostgreSQL.

    Every table is compared, and what was stopped in the middle is refused until it is copied once more. A password need not
    stand in the URL: PostgreSQL's own PGPASSWORD and ~/.pgpass are read too.
    """
    from jobs.caring import copied

    with office_of(context, config) as office:
        lines, different = copied(office, url)
        tell("\n".join(lines))
        if different:
            fail([f"the copy is not the same, and will be refused: {', '.join(different)}"], 1)
