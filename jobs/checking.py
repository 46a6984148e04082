"""`paperlark check`: settings, store, sources and mail server, and what to mend, all at once."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from crawler.errors import DeliveryError, SchemaError, SettingsError, StorageError
from crawler.text import clean
from digests.smtp import connect
from jobs.banner import Watched, watched
from jobs.clock import Clock
from jobs.settings import Settings, load_settings
from jobs.wanted import smtp
from storage.checkpoints import days_read
from storage.database import open_database

Finding = tuple[str, int]
"""One line, and the exit status it asks for."""


@dataclass(frozen=True, slots=True)
class Examination:
    """What was found, a line each, and the exit status: 2 for wrong settings, 1 for what does not answer, else 0."""

    lines: tuple[str, ...]
    status: int


def examine(config: Path | None, environ: Mapping[str, str]) -> Examination:
    """Look at everything the daily job needs, without asking a source or sending a mail."""
    mistakes: list[str] = []
    clock, settings = Clock(), None
    try:
        clock = Clock.from_environment(environ)
    except SettingsError as error:
        mistakes += error.mistakes
    try:
        settings = load_settings(config, environ)
    except SettingsError as error:
        mistakes += error.mistakes
    if settings is None or mistakes:
        return Examination(tuple(f"✗ {line}" for line in mistakes), 2)
    store, read = _store(settings, clock)
    found = [*_settings(settings), store, *_sources(settings, watched(settings, clock(), read)), _mail(settings)]
    return Examination(tuple(line for line, _ in found), max(status for _, status in found))


def _settings(settings: Settings) -> Iterator[Finding]:
    if settings.is_default:
        yield "✓ settings: none, so arXiv cs.CV and Hugging Face with six starter topics; your own: paperlark init", 0
    else:
        yield f"✓ settings: {settings.file}", 0
    yield from ((f"! {warning}", 0) for warning in settings.warnings())


def _store(settings: Settings, clock: Clock) -> tuple[Finding, Mapping[str, Mapping[str, date]]]:
    """Open the store, and return what was read whole of each source as well."""
    try:
        with closing(open_database(settings.database_url, clock())) as database, database.reading() as connection:
            return (f"✓ database: {settings.database}", 0), days_read(connection)
    except SettingsError as error:
        return (f"✗ {'; '.join(error.mistakes)}", 2), {}
    except StorageError as error:
        return (f"✗ database: {settings.database}: {error}", 2 if isinstance(error, SchemaError) else 1), {}


def _sources(settings: Settings, on: Sequence[Watched]) -> Iterator[Finding]:
    for one in on:
        name = ", ".join(filter(None, (one.source.title, *one.scopes)))
        if one.source.token and (lacking := _lacking(settings, one.name)):
            yield f"✗ source: {name}: {lacking}", 2
        elif one.scopes:
            yield f"✓ source: {name}", 0
        else:
            yield f"✓ source: {one.source.title}, whose next programme is not due yet", 0
    if not on:
        yield "! source: none is turned on; add [sources.arxiv]", 0


def _lacking(settings: Settings, name: str) -> str:
    """Say what is wrong with the token of a source; empty where nothing is."""
    try:
        settings.sources[name].token(name)
    except SettingsError as error:
        return "; ".join(error.mistakes)
    return ""


def _mail(settings: Settings) -> Finding:
    server = smtp(settings)
    if server is None:
        return "✓ mail: none, digests are files only", 0
    try:
        # First, for here a password that is not there is a mistake of the settings, and not a server out of reach.
        if settings.smtp and settings.smtp.username:
            settings.smtp.password()
        connection = connect(server)
    except SettingsError as error:
        return f"✗ mail: {'; '.join(error.mistakes)}", 2
    except DeliveryError as error:
        return f"✗ mail: {clean(': '.join(error.about))}; see [smtp] in the settings", 1
    with suppress(OSError):
        connection.quit()
    return f"✓ mail: {server.place} is ready", 0
