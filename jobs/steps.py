"""The steps of a morning, each over everything the settings name: crawl, digest, send."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Final
from urllib.parse import urlsplit

from crawler.errors import SettingsError, StorageError
from crawler.report import Errand, Look, Progress
from digests.render import markdown
from digests.subscription import Subscription
from jobs.banner import watched
from jobs.clock import Clock
from jobs.crawling import crawl_source
from jobs.digesting import Desk, Digested, Draft, draft, draft_of_day, existing, publish
from jobs.letters import letters
from jobs.orders import order_of, orders
from jobs.planning import sent_for
from jobs.scopes import Parts
from jobs.sending import send_due, write_due
from jobs.settings import Settings, load_settings
from jobs.wanted import sender, smtp, subscriptions
from storage.checkpoints import days_read
from storage.database import Connection, Database, open_database
from storage.outbox import Delivery, Message, body, of_period, reopen, unsettled

#: How long the daily job waits for another crawl before it writes digests without what that one finds.
RUN_PATIENCE: Final = timedelta(minutes=30)

_TRIES: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """What every step works with."""

    settings: Settings
    clock: Clock
    mirror: str | None
    database: Database


def _mirror(text: str) -> str | None:
    """Read PAPERLARK_MIRROR: the address that stands in for the web; None where it is unset or empty."""
    try:
        parts = urlsplit(text)
        sound = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        sound = False
    if text and not sound:
        raise SettingsError(["PAPERLARK_MIRROR: must be an address, as in http://127.0.0.1:9000"])
    return text or None


@contextmanager
def open_office(config: Path | None, environ: Mapping[str, str]) -> Iterator[Office]:
    """Read the settings and open the store."""
    with office_by(load_settings(config, environ), environ) as office:
        yield office


@contextmanager
def office_by(settings: Settings, environ: Mapping[str, str]) -> Iterator[Office]:
    """Open the store of settings that have been read."""
    clock = Clock.from_environment(environ)
    mirror = _mirror(environ.get("PAPERLARK_MIRROR", ""))
    database = open_database(settings.database_url, clock())
    try:
        yield Office(settings=settings, clock=clock, mirror=mirror, database=database)
    finally:
        database.close()


def crawl_step(
    office: Office,
    names: Sequence[str],
    progress: Callable[[Progress], None],
    *,
    patience: timedelta = timedelta(),
    errand: Errand | Parts | None = None,
) -> list[Look]:
    """Crawl the named sources, or every one the settings turn on; one look per scope, and one per earlier day asked for.

    `patience` is how long to wait for another process that is crawling the same. An `errand` is done in place of the round;
    parts of one source are asked for whether the settings turn it on or not.
    """
    looks: list[Look] = []
    for order in [order_of(office, names, errand)] if isinstance(errand, Parts) else orders(office, names):
        ours = replace(sent_for(order, errand, office.clock().date()), patience=patience)
        looks += crawl_source(office.database, office.settings.database_url, ours, office.clock, progress)
    return looks


def digest_step(office: Office, names: Sequence[str], on: date | None = None) -> list[Digested]:
    """Compose and write down the digests that are due, of the named subscriptions or of all; `on` a day that is not today."""
    now = office.clock()
    with office.database.reading() as connection:
        desk = _desk(office, connection)
        found = [(one, _due(desk, one, now, on)) for one in _named(office, names)]
    return [one if isinstance(one, Digested) else _publish(office, subscription, one, on) for subscription, one in found]


def _due(desk: Desk, subscription: Subscription, now: datetime, on: date | None) -> Digested | Draft:
    """Return the digest of the period, or what is to become it; one that is open gives way to one that shows something."""
    stored = existing(desk.connection, subscription, on or subscription.day(now))
    if stored and not stored.is_open:
        return stored
    one = draft(desk, subscription, now, on)
    return stored if stored and not (one.digest.papers or one.digest.changes) else one


def _publish(office: Office, subscription: Subscription, one: Draft, on: date | None) -> Digested:
    for _ in range(_TRIES):
        now = office.clock()
        messages = letters(one.digest, subscription, one.period, sender(office.settings), now)
        if publish(office.database, one, messages, now):
            return _new(subscription, one, messages)
        # Another process was first, with this period or, around midnight, with the one before.
        with office.database.reading() as connection:
            found = _due(_desk(office, connection), subscription, now, on)
        if isinstance(found, Digested):
            return found
        one = found
    raise StorageError(f"the digest of {subscription.name} was changed by other processes {_TRIES} times")


def _new(subscription: Subscription, one: Draft, messages: Sequence[Message]) -> Digested:
    return Digested(
        subscription=subscription.name,
        period=one.period,
        papers=one.digest.papers,
        updates=one.digest.changes,
        files=tuple(message.recipient for message in messages if message.form != "mail"),
        state="new",
    )


def preview_step(office: Office, names: Sequence[str], on: date | None) -> list[Digested]:
    """Show what is pending, or the digest of a day: the stored one, else what was announced then. Nothing is consumed."""
    with office.database.reading() as connection:
        desk = _desk(office, connection)
        return [_preview(desk, subscription, on, office) for subscription in _named(office, names)]


def _preview(desk: Desk, subscription: Subscription, on: date | None, office: Office) -> Digested:
    stored = existing(desk.connection, subscription, on) if on else None
    one = draft_of_day(desk, subscription, on) if on else draft(desk, subscription, office.clock())
    written = _stored_markdown(desk.connection, stored) if stored else None
    return Digested(
        subscription=subscription.name,
        period=one.period,
        papers=stored.papers if stored else one.digest.papers,
        updates=stored.updates if stored else one.digest.changes,
        files=stored.files if stored else (),
        state="stored" if stored else "preview",
        markdown=written or markdown(one.digest),
    )


def _stored_markdown(connection: Connection, stored: Digested) -> str | None:
    """Return the digest as it was written; None when it went out in other forms only."""
    for message in of_period(connection, stored.subscription, stored.period):
        if message.form == "markdown":
            return body(connection, message).decode()
    return None


def write_step(office: Office, digested: Iterable[Digested] = ()) -> list[Delivery]:
    """Write the files that are in the outbox; those of the digests just looked at again where somebody has removed them."""
    for one in digested:
        gone = [place for place in one.files if not (office.settings.output / place).exists()]
        if one.state == "stored" and gone:
            with office.database.writing() as connection:
                reopen(connection, one.subscription, one.period, gone)
    return write_due(office.database, office.settings.output, office.clock)


def send_step(office: Office, parts: Iterable[int] | None = None) -> list[Delivery]:
    """Send the mails that are in the outbox, or those in some of its parts."""
    chance = Random()  # noqa: S311 - it spreads retries, and guards nothing
    return send_due(office.database, smtp(office.settings), office.clock, chance, parts)


def mails_waiting(office: Office) -> int:
    """Count the mails in the outbox that are neither sent nor given up."""
    with office.database.reading() as connection:
        return sum(one.form == "mail" and one.state != "failed" for one in unsettled(connection))


def _desk(office: Office, connection: Connection) -> Desk:
    return Desk(connection, watched(office.settings, office.clock(), days_read(connection)))


def _named(office: Office, names: Sequence[str]) -> list[Subscription]:
    known = {subscription.name: subscription for subscription in subscriptions(office.settings)}
    missing = [name for name in names if name not in known]
    if missing:
        raise SettingsError([f"there is no subscription {name}; known: {', '.join(known)}" for name in missing])
    return [known[name] for name in names] if names else list(known.values())
