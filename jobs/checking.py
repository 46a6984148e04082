"""`paperlark check`: settings, store, sources and mail server, and what to mend, all at once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from crawler.errors import PaperlarkError, SettingsError
from crawler.sources import find
from digests.smtp import connect
from jobs.clock import Clock
from jobs.settings import Settings, load_settings
from jobs.wanted import smtp
from storage.database import open_database


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
    lines = [*_settings(settings), _store(settings, clock), *_sources(settings), *_mail(settings)]
    return Examination(tuple(lines), int(any(line.startswith("✗") for line in lines)))


def _settings(settings: Settings) -> Iterator[str]:
    if settings.is_default:
        yield "✓ settings: none, so arXiv cs.CV with six starter topics; paperlark init writes a file"
    else:
        yield f"✓ settings: {settings.file}"
    yield from (f"! {warning}" for warning in settings.warnings())


def _store(settings: Settings, clock: Clock) -> str:
    try:
        open_database(settings.database_url, clock()).close()
    except PaperlarkError as error:
        return f"✗ database: {error}"
    return f"✓ database: {settings.database}"


def _sources(settings: Settings) -> Iterator[str]:
    for name, source in settings.sources.items():
        yield f"✓ source: {find(name).title}, {', '.join(source.scopes)}"
    if not settings.sources:
        yield "! source: none is turned on; add [sources.arxiv]"


def _mail(settings: Settings) -> Iterator[str]:
    try:
        server = smtp(settings)
        if server is None:
            yield "✓ mail: none, digests are files only"
            return
        connect(server).quit()
    except (PaperlarkError, OSError) as error:
        yield f"✗ mail: {error}"
    else:
        yield f"✓ mail: {server.place} is ready"
