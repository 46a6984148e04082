"""The commands that ask the store, and care for it. Each loads what it needs when it runs."""

import os
import shlex
from typing import Annotated

import typer

from jobs.console import Config, Json, app, db, fail, office_of, tell


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
    from crawler.errors import QueryError
    from jobs.asking import search_papers
    from jobs.cards import COUNTED, say_papers
    from jobs.shapes import paper_shape

    text = " ".join(query)
    instead = _instead(text)
    with office_of(context, config) as office:
        try:
            papers = search_papers(office.database, text, limit if as_json else limit + COUNTED)
        except QueryError:
            if instead:
                fail([f"this is the name of a paper and no query; to see that paper: {instead}"], 2)
            raise
        if as_json:
            tell([paper_shape(paper) for paper in papers])
        else:
            tell(say_papers(papers, limit))
            if instead and not papers:
                tell(f"To see the paper of that name: {instead}")


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
    fetch: Annotated[bool, typer.Option("--fetch", help="Ask arXiv for what the store has not.")] = False,
    as_json: Json = False,
    config: Config = None,
) -> None:
    """Show all that is known of one paper."""
    from jobs.asking import known_of
    from jobs.cards import say_known
    from jobs.fetching import fetch_missing
    from jobs.shapes import shown_shape

    with office_of(context, config) as office:
        asked = fetch_missing(office, name) if fetch else None
        known = known_of(office.database, name)
        if asked and asked.error:
            fail([asked.error], 1) if known is None else typer.echo(f"paperlark: {asked.error}", err=True)
        if known is None:
            fail([_unknown(name, fetched=asked is not None)], 1)
        tell(shown_shape(*known) if as_json else say_known(known, office.settings.timezone, office.clock()))


def _unknown(name: str, *, fetched: bool) -> str:
    if fetched:
        return f"nobody knows a paper called {name}"
    return f"no paper here is called {name}; to ask arXiv: --fetch; to look for words: paperlark search"


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
        fail([f"there is no format {form}; known: jsonl"], 2)
    with office_of(context, config) as office:
        for paper in every_paper(office.database):
            tell(exported_shape(paper), indent=None)


@db.command()
def upgrade(context: typer.Context, config: Config = None) -> None:
    """Bring the store to the schema of this Paperlark."""
    from jobs.asking import upgrade_store

    typer.echo(upgrade_store(config or context.find_root().obj, os.environ))
