"""Caring for the store: what the commands of `db` do, in the words they say of it."""

from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from crawler.errors import SettingsError
from jobs.addresses import anchored, store_url, without_password
from jobs.clock import Clock
from jobs.headway import headway
from jobs.moments import said_size
from jobs.settings import load_settings
from jobs.steps import Office
from storage.backup import back_up, back_up_to
from storage.copying import Copied, copy_store
from storage.database import HEAD, open_as_is, upgrade
from storage.integrity import check_store
from storage.prune import prune
from storage.queue import bring_up_queue
from storage.vacuum import vacuum

_SHORT = 12
"""So many digits of a hash are enough to compare two by eye."""


def upgrade_store(config: Path | None, environ: Mapping[str, str]) -> str:
    """Bring the store to the newest schema and say what was done."""
    settings = load_settings(config, environ)
    database = open_as_is(settings.database_url)
    try:
        backup = back_up(database, Clock.from_environment(environ)()) if database.is_old_file() else None
        upgrade(database)
        if not database.is_sqlite:
            bring_up_queue(database)
    finally:
        database.close()
    return f"The store is at {HEAD}." + (f" A copy of it as it was: {backup}" if backup else "")


def backed_up(office: Office, file: Path) -> str:
    """Copy the store into a file, and say so."""
    with headway("Copying", "pages" if office.database.is_sqlite else "rows") as told:
        size = back_up_to(office.database, file, told)
    return f"The store is copied to {file}: {said_size(size)}."


def mistakes(office: Office) -> Iterator[str]:
    """Yield a line for each thing that is wrong with the store."""
    with headway("Checking", "papers") as told:
        yield from (f"✗ {line}" for line in check_store(office.database, told))


def vacuumed(office: Office) -> str:
    """Make the store smaller, and say how small."""
    sizes = vacuum(office.database)
    return f"The store has {said_size(sizes.after)}; before it had {said_size(sizes.before)}."


def pruned(office: Office, days: int, *, dry: bool) -> Iterator[str]:
    """Delete superseded sightings older than so many days, or only count them, and say how many."""
    with headway("Pruning", "papers") as told:
        found = prune(office.database, office.clock() - timedelta(days=days), told, dry=dry)
    done = "would be deleted" if dry else "deleted"
    yield f"{_counted(found.sightings, 'superseded sighting')} {done}: {said_size(found.bytes)} of text."
    if found.needed:
        yield f"{_counted(found.needed, 'other')} stayed: something that is known of a paper is by them alone."
    if found.sightings and not dry and office.database.is_sqlite:
        yield "The file gets smaller by: paperlark db vacuum"


def copied(office: Office, text: str) -> tuple[list[str], list[str]]:
    """Copy the store into the empty one at that URL; return what is said of it, and the tables that came otherwise."""
    try:
        url = anchored(store_url(text), Path.cwd())
    except ValueError as error:
        raise SettingsError([f"the URL to copy to {error}"]) from None
    with closing(open_as_is(url)) as target, headway("Copying", "rows") as told:
        tables = copy_store(office.database, target, told)
    different = [one.table for one in tables if not one.same]
    lines = [_said(one) for one in tables]
    if not different:
        lines.append(
            f"All of it is at {without_password(url)}, and the same. To use it from now on: database, in the settings."
        )
    return lines, different


def _said(one: Copied) -> str:
    went = f"{one.table}: {_counted(one.went.rows, 'row')}, {one.went.digest[:_SHORT]}"
    return f"✓ {went}" if one.same else f"✗ {went}; what came: {_counted(one.came.rows, 'row')}, {one.came.digest[:_SHORT]}"


def _counted(count: int, one: str) -> str:
    return f"{count:,} {one}{'' if count == 1 else 's'}"
