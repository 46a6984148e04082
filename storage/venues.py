"""The venues the store knows beyond those that ship: published lists, and ranks of the user's own; and the ranks of papers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date
from typing import Any, Final, NamedTuple
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, Row, delete, select

from crawler.programmes import Edition
from crawler.readers.venue_list import CCF
from crawler.sighting import Reject, Tag
from crawler.source import Recorded
from crawler.venue_join import VenueList, changes, join
from crawler.venues import Catalogue, Rank, Venue, plain, shipped
from storage.bulk import encode, insert_rows
from storage.counters import take
from storage.models import CounterRow
from storage.paper import PaperRank
from storage.work_models import VenueRow

OWN: Final = "own "
"""What the names of the user's own lists begin with."""

_CHANGES: Final = "venues"
_HEAD: Final = ""
"""The key of the row that is of a whole list; no venue's is empty."""
_KEPT: Final = 0.8
_known: WeakKeyDictionary[Engine, tuple[int, Catalogue]] = WeakKeyDictionary()


def catalogue(connection: Connection) -> Catalogue:
    """Return the catalogue that ships, with what the store has been told beyond it."""
    changes = connection.scalar(select(CounterRow.value).where(CounterRow.name == _CHANGES)) or 0
    if not changes:
        return shipped()
    known = _known.get(connection.engine)
    if known is None or known[0] != changes:
        known = _known[connection.engine] = (changes, _read(connection))
    return known[1]


def bring_in(connection: Connection, name: str, venues: Sequence[Venue]) -> Recorded:
    """Keep a published list, unless it has lost more than a fifth of what it had: then it is another one, or cut off."""
    had = next((one.venues for one in lists(connection) if one.name == name), 0)
    if len(venues) < _KEPT * had:
        why = f"{len(venues)} venues, where there were {had} before: kept is what there was"
        return Recorded(rejects=(Reject(key=name, why=why),))
    return save_venues(connection, name, venues)


def save_venues(connection: Connection, name: str, venues: Iterable[Venue]) -> Recorded:
    """Keep the venues of a list, whose ranks hold from their first day on; what the list said of the days before stays.

    A venue that is no longer in it has no rank from then on. Of one the store knows otherwise, its ranks are added.
    """
    told = _keyed(venues)
    on = min((rank.since for venue in told.values() for rank in venue.ranks), default=date.max)
    before = {row.key: _venue(row.content) for row in _rows(connection, name)}
    after = {
        **{key: gone for key, venue in before.items() if (gone := _since(venue, (), on)).ranks},
        **{
            key: _since(replace(venue, ranks=before[key].ranks if key in before else ()), venue.ranks, on)
            for key, venue in told.items()
        },
    }
    forget_venues(connection, name)
    head = (name, _HEAD, encode({"on": on.isoformat(), "venues": len(told)}))
    rows = [(name, key, encode(_told(venue))) for key, venue in after.items()]
    insert_rows(connection, VenueRow, ("list", "key", "content"), [head, *rows])
    take(connection, _CHANGES, 1)
    changed = sum(key in before and before[key] != venue for key, venue in after.items())
    return Recorded(new=len(told.keys() - before.keys()), updated=changed)


def forget_venues(connection: Connection, name: str) -> None:
    """Forget all that a list has ever said."""
    connection.execute(delete(VenueRow).where(VenueRow.list == name))


class KnownList(NamedTuple):
    """A list that was brought in: its name, the first day of what it says now, and how many venues it has."""

    name: str
    on: date
    venues: int


def lists(connection: Connection) -> list[KnownList]:
    """Return the lists the store has, by name."""
    heads = select(VenueRow.list, VenueRow.content).where(VenueRow.key == _HEAD).order_by(VenueRow.list)
    return [
        KnownList(name, date.fromisoformat(content["on"]), content["venues"]) for name, content in connection.execute(heads)
    ]


def ranks_of(known: Catalogue, tags: Iterable[Tag]) -> tuple[PaperRank, ...]:
    """Return the ranks of the editions among the headings of a paper: a workshop has none of its host's."""
    found = (rank for tag in tags if tag.kind == "venue" for rank in _ranks(known, tag.value))
    return tuple(dict.fromkeys(found))


def _ranks(known: Catalogue, tagged: str) -> Iterable[PaperRank]:
    edition = Edition.parse(tagged)
    venue = known.find(edition.acronym if edition else tagged)
    if venue is None or (edition is not None and edition.part):
        return
    for scheme in dict.fromkeys(rank.scheme for rank in venue.ranks):
        if value := venue.rank(scheme, edition.year if edition else date.max.year):
            yield PaperRank(scheme, value, tagged)


def _read(connection: Connection) -> Catalogue:
    """Put the lists together: of the published ones CCF's own knows its ranks better, and the user's lists know best."""
    found: dict[str, list[Venue]] = {}
    for row in _rows(connection):
        found.setdefault(row.list, []).append(_venue(row.content))
    order = sorted(found, key=lambda name: (name.startswith(OWN), name != CCF, name))
    weights = {name: 2 if name.startswith(OWN) else int(name == CCF) for name in order}
    return join(shipped(), (VenueList(found[name], weights[name]) for name in order))


def _rows(connection: Connection, name: str | None = None) -> Sequence[Row[Any]]:
    row = VenueRow
    statement = select(row.list, row.key, row.content).where(row.key != _HEAD).order_by(row.list, row.key)
    return connection.execute(statement if name is None else statement.where(row.list == name)).all()


def _keyed(venues: Iterable[Venue]) -> dict[str, Venue]:
    """Return venues by what a list knows them by from one edition to the next: the stream, else the name."""
    found: dict[str, Venue] = {}
    for venue in venues:
        key = venue.dblp or plain(venue.name) or venue.name
        found[f"{key} {plain(venue.name)}" if key in found else key] = venue
    return found


def _since(venue: Venue, told: Iterable[Rank], on: date) -> Venue:
    """Return a venue with the ranks it had before a day, and from then on those told: none of a scheme that is not."""
    by_scheme = {rank.scheme: rank for rank in told}
    ranks: list[Rank] = []
    for scheme in dict.fromkeys((*(rank.scheme for rank in venue.ranks), *by_scheme)):
        had = [rank for rank in venue.ranks if rank.scheme == scheme and rank.since < on]
        ranks += (*had, *changes([by_scheme.get(scheme, Rank(scheme, on, ""))], had[-1] if had else None))
    return replace(venue, ranks=tuple(ranks))


def _told(venue: Venue) -> Mapping[str, Any]:
    ranks = [(rank.scheme, rank.since.isoformat(), rank.value) for rank in venue.ranks]
    said = {**asdict(venue), "ranks": ranks}
    return {name: value for name, value in said.items() if value not in ((), [], "", None, False)}


def _venue(content: Mapping[str, Any]) -> Venue:
    ranks = tuple(Rank(scheme, date.fromisoformat(since), value) for scheme, since, value in content.get("ranks", ()))
    tuples = {name: tuple(content.get(name, ())) for name in ("names", "stated", "issn")}
    return Venue(**{**content, **tuples, "ranks": ranks})
