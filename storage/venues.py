"""The venues the store knows beyond those that ship: whole lists, and ranks of the user's own; and the ranks of papers."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from datetime import date
from typing import Any, Final
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, delete, select

from crawler.programmes import Edition
from crawler.sighting import Tag
from crawler.venues import Catalogue, Rank, Venue, plain, shipped
from storage.bulk import encode, insert_rows
from storage.counters import take
from storage.models import CounterRow
from storage.paper import PaperRank
from storage.work_models import VenueRow

_CHANGES: Final = "venues"
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


def save_venues(connection: Connection, name: str, venues: Iterable[Venue]) -> None:
    """Keep the venues of a list in place of what it said before. Of one the store knows otherwise, its ranks are added."""
    connection.execute(delete(VenueRow).where(VenueRow.list == name))
    rows = {plain(venue.acronym): (name, plain(venue.acronym), encode(_told(venue))) for venue in venues}
    insert_rows(connection, VenueRow, ("list", "key", "content"), list(rows.values()))
    take(connection, _CHANGES, 1)


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
    """Put the lists together: what the catalogue that ships says of a venue comes first, ranks of all lists add up."""
    by_key = {plain(venue.acronym): venue for venue in shipped().venues}
    by_name = dict(shipped().by_name)
    for row in connection.execute(select(VenueRow.content).order_by(VenueRow.list, VenueRow.key)):
        told = _venue(row.content)
        ours = next((one for name in told.spellings if (one := by_name.get(plain(name)))), None)
        key = plain((ours or told).acronym)
        by_key[key] = _joined(by_key[key], told) if ours else told
        by_name.update({plain(name): by_key[key] for name in by_key[key].spellings})
    return Catalogue.of(by_key.values(), shipped().ranked_on)


def _joined(ours: Venue, told: Venue) -> Venue:
    theirs = {rank.scheme for rank in told.ranks}
    return replace(ours, ranks=(*(rank for rank in ours.ranks if rank.scheme not in theirs), *told.ranks))


def _told(venue: Venue) -> Mapping[str, Any]:
    return {**asdict(venue), "ranks": [(rank.scheme, rank.since.isoformat(), rank.value) for rank in venue.ranks]}


def _venue(content: Mapping[str, Any]) -> Venue:
    ranks = tuple(Rank(scheme, date.fromisoformat(since), value) for scheme, since, value in content["ranks"])
    tuples = {name: tuple(content[name]) for name in ("names", "stated", "issn")}
    return Venue(**{**content, **tuples, "ranks": ranks})
