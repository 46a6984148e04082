"""Settings that a daemon shares with workers, by the store: a machine that has none of its own needs only the database's URL.

What belongs to a machine stays there: its own places, its commands, and every secret, of which settings only say where it is.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from crawler.errors import SettingsError
from jobs.agenda import sources_on
from jobs.orders import order_for
from jobs.settings import Settings, load_settings
from jobs.steps import Office
from storage.shared_settings import share_settings, shared_settings

_OWN: Final = frozenset({"database", "output", "log", "serve"})


def shareable(settings: Settings) -> dict[str, Any]:
    """Return what of the settings is the same on every machine, as a tree that `load_settings` takes."""
    tree = {key: value for key, value in settings.tree.items() if key not in _OWN}
    if "smtp" in tree:
        tree["smtp"] = _without_command(tree["smtp"], "password", "SMTP")
    sources = tree.get("sources", {})
    return {**tree, "sources": {name: _without_command(one, "token", name) for name, one in sources.items()}}


def _without_command(table: Mapping[str, Any], secret: str, owner: str) -> dict[str, Any]:
    """Let no machine run what another one has put into the store: there, a variable has the secret."""
    kept = {key: value for key, value in table.items() if key != f"{secret}_command"}
    return kept if len(kept) == len(table) else {**kept, f"{secret}_env": f"PAPERLARK_{owner}_{secret}".upper()}


def share(office: Office) -> None:
    """Share the settings of an office with its workers; nothing where it has none."""
    if office.database.is_sqlite:
        return
    with office.database.writing() as connection:
        share_settings(connection, shareable(office.settings) if office.settings.serve.workers else None)


def as_shared(office: Office, environ: Mapping[str, str]) -> Office:
    """Return an office with the settings that are shared, where this machine has no settings file of its own."""
    if not office.settings.is_default or office.database.is_sqlite:
        return office
    with office.database.reading() as connection:
        tree = shared_settings(connection)
    return office if tree is None else replace(office, settings=load_settings(None, environ, tree))


def lacking(office: Office, environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Say which kinds of runs cannot be done here for want of a secret, and of which."""
    smtp = office.settings.smtp
    try:
        if smtp and smtp.username and smtp.password(environ) is None:
            yield "deliver", f"smtp: {smtp.username} needs a password_env, password_file or password_command"
    except SettingsError as error:
        yield "deliver", "; ".join(error.mistakes)
    for source in sources_on(office.settings):
        try:
            order_for(office, source, ())
        except SettingsError as error:
            yield from ((kind, "; ".join(error.mistakes)) for kind in ("ask", "enrich", "fill"))
