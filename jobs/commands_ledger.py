"""The command that shows what came of every day. It loads what it needs when it runs."""

import re
from datetime import date, timedelta
from typing import Annotated, Final

import typer

from crawler.errors import SettingsError
from jobs.console import Config, Json, app, office_of, tell

_BACK: Final = re.compile(r"(\d{1,4})([dwm])")
_DAYS: Final = {"d": 1, "w": 7, "m": 30}


def span(text: str) -> timedelta | date:
    """Read how far to look back: `30d`, `6w`, `3m`, or a day."""
    match = _BACK.fullmatch(text.strip().lower())
    if match is None:
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise SettingsError([f"--since: write 30d, 6w or 3m, or a day as 2026-01-15, not {text}"]) from None
    return timedelta(days=int(match[1]) * _DAYS[match[2]])


@app.command()
def ledger(
    context: typer.Context,
    *,
    since: Annotated[
        str, typer.Option("--since", metavar="SPAN", parser=str, help="How far back: 30d, 6w, or a day, 2026-01-15.")
    ] = "30d",
    as_json: Json = False,
    config: Config = None,
) -> None:
    """Show what came of every list, day by day."""
    from jobs.books import books
    from jobs.calendar_words import say_books
    from jobs.ledger_shape import books_shape

    back = span(since)
    with office_of(context, config) as office:
        now = office.clock()
        found = books(office, now.date() - back if isinstance(back, timedelta) else back)
        tell(books_shape(found) if as_json else say_books(found, office.settings.timezone, now))
