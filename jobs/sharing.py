"""Settings that a daemon shares with workers, by the store: a machine that has none of its own needs only the database's URL.

What belongs to a machine stays there: its own places, its commands, and every secret. Elsewhere a secret is looked for in one
variable, PAPERLARK_SMTP_PASSWORD or PAPERLARK_<SOURCE>_TOKEN, or where the machine's own environment says that it is.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from crawler.errors import SettingsError
from crawler.sources import all_sources
from jobs.agenda import sources_on
from jobs.environment import decode, read_environment
from jobs.orders import order_for
from jobs.settings import Settings, load_settings
from jobs.steps import Office
from storage.runs import PLANNED
from storage.shared_settings import share_settings, shared_settings

_OWN: Final = frozenset({"database", "output", "log", "serve"})
_ASKING: Final = ("ask", "enrich", "fill")
"""The kinds of runs that ask a source."""


def shareable(settings: Settings) -> dict[str, Any]:
    """Return what of the settings is the same on every machine, as a tree that `load_settings` takes."""
    return _without_own(settings.tree)


def _without_own(tree: Mapping[str, Any]) -> dict[str, Any]:
    """Take out what belongs to a machine: of what is shared, and once more of what was read, whoever wrote it there."""

    def bare(table: Mapping[str, Any], secret: str, owner: str) -> dict[str, Any]:
        kept = {key: value for key, value in table.items() if not key.startswith(f"{secret}_")}
        # Let no machine run a command, or send a file or variable of its own, that another one has named in the store.
        return kept if len(kept) == len(table) else {**kept, f"{secret}_env": f"PAPERLARK_{owner}_{secret}".upper()}

    return _secrets_by({key: value for key, value in tree.items() if key not in _OWN}, bare)


def _without_places(tree: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out where a secret is for which the machine's `own` environment names another place."""

    def bare(table: Mapping[str, Any], secret: str, owner: str) -> dict[str, Any]:
        ours = own.get("smtp", {}) if owner == "SMTP" else own.get("sources", {}).get(owner, {})
        named = any(key.startswith(f"{secret}_") for key in ours)
        return {key: value for key, value in table.items() if not (named and key.startswith(f"{secret}_"))}

    return _secrets_by(tree, bare)


def _secrets_by(tree: Mapping[str, Any], change: Callable[[Mapping[str, Any], str, str], dict[str, Any]]) -> dict[str, Any]:
    """Change the tables that say where a secret is."""
    smtp = {"smtp": change(tree["smtp"], "password", "SMTP")} if "smtp" in tree else {}
    return {**tree, **smtp, "sources": {name: change(one, "token", name) for name, one in tree.get("sources", {}).items()}}


def share(office: Office) -> None:
    """Share the settings of an office with its workers; nothing where it has none."""
    if office.database.is_sqlite:
        return
    with office.database.writing() as connection:
        share_settings(connection, shareable(office.settings) if office.settings.serve.workers else None)


def as_shared(office: Office, environ: Mapping[str, str]) -> Office:
    """Return an office with the settings that are shared, where this machine has no settings file of its own.

    SettingsError where none are: those that a reader starts with are nobody's here.
    """
    if not office.settings.is_default or office.database.is_sqlite:
        return office
    with office.database.reading() as connection:
        tree = shared_settings(connection)
    if tree is None:
        raise SettingsError(["no settings are here, and none in the store: start a `paperlark serve` with workers first"])
    shared = _without_places(_without_own(tree), decode(read_environment(Settings, environ)))
    return replace(office, settings=load_settings(None, environ, shared))


def queue_of(kind: str, about: str) -> str:
    """Return the queue of a run: each source has its own, for whoever lacks the token of one can still ask the others."""
    return f"{kind}:{about}" if kind in _ASKING else kind


def queues() -> list[str]:
    """Return the queues of all the runs there can be."""
    return [queue for kind in PLANNED for queue in dict.fromkeys(queue_of(kind, source) for source in all_sources())]


def lacking(office: Office, environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Say of which queues the runs cannot be done here for want of a secret, and of which."""
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
            yield from ((queue_of(kind, source.name), "; ".join(error.mistakes)) for kind in _ASKING)
