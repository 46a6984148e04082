"""What to crawl: an order for each source that is on, or for one by its parts, as the settings want it asked."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from crawler.errors import SettingsError
from crawler.feed_health import FEEDS
from crawler.source import Source
from crawler.sources import all_sources, find, place
from jobs.banner import Watched, watched
from jobs.feeds import addresses_of
from jobs.planning import Order
from jobs.scopes import Parts
from storage.checkpoints import days_read

if TYPE_CHECKING:
    from jobs.steps import Office


def orders(office: "Office", names: Sequence[str]) -> list[Order]:
    """Return what to crawl; a name that the settings do not turn on is a SettingsError.

    So is a token that cannot be had, of a source that is named; of one that is not, the order says so.
    """
    with office.database.reading() as connection:
        enabled = {one.name: one for one in watched(office.settings, office.clock(), days_read(connection))}
    known = all_sources()
    missing = [
        f"{name} is not turned on: add {'[[feeds]]' if name == FEEDS else f'[sources.{name}]'} to the settings"
        if name in known
        else f"there is no source {name}; known: {', '.join(known)}"
        for name in names
        if name not in enabled
    ]
    if missing:
        raise SettingsError(missing)
    return [_order(office, one, named=name in names) for name, one in enabled.items() if not names or name in names]


def _order(office: "Office", one: Watched, *, named: bool) -> Order:
    make = order_for if named else order_if_possible
    return replace(make(office, one.source, one.scopes), insist=named and one.name == FEEDS)


def order_of(office: "Office", names: Sequence[str], parts: Parts) -> Order:
    """Return what to crawl of one source by its parts; SettingsError when it is not one, or has none of that name."""
    if len(names) != 1:
        raise SettingsError(["--edition and --volume go with one source, as in: crawl cvf --edition CVPR2026"])
    source = find(names[0])
    if source.name == FEEDS:
        raise SettingsError(["feeds have neither editions nor volumes"])
    return replace(order_for(office, source, parts.scopes(source)), insist=True)


def order_for(office: "Office", source: Source, scopes: tuple[str, ...]) -> Order:
    """Return what to crawl of a source, as the settings want it asked; SettingsError for a token that cannot be had."""
    wanted = office.settings.sources.get(source.name)
    token = wanted.token(source.name) if wanted and source.token else None
    return replace(_without_token(office, source, scopes), token=token or "")


def order_if_possible(office: "Office", source: Source, scopes: tuple[str, ...]) -> Order:
    """Return the order for a source; one that says what it lacks where its token cannot be had."""
    try:
        return order_for(office, source, scopes)
    except SettingsError as error:
        return replace(_without_token(office, source, scopes), lacks="; ".join(error.mistakes))


def _without_token(office: "Office", source: Source, scopes: tuple[str, ...]) -> Order:
    wanted = office.settings.sources.get(source.name)
    return Order(
        source=source,
        place=place(source.name),
        scopes=scopes,
        contact=office.settings.contact,
        delay=wanted.delay if wanted else None,
        mirror=office.mirror,
        addresses=addresses_of(office.settings) if source.name == FEEDS else {},
    )
