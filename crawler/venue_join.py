"""Lists of venues put together with the catalogue that ships: which are one venue, and which rank holds since when. Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from functools import reduce
from typing import Final, NamedTuple, TypeAlias

from crawler.venues import Catalogue, Rank, Venue, plain

_WORD: Final = re.compile(r"[^\W\d_]{5,}")
_ANY_VENUE: Final = frozenset(
    (
        *("international", "conference", "journal", "transactions", "symposium", "workshop", "annual", "european", "asian"),
        *("meeting", "association", "proceedings", "letters", "magazine", "joint", "advances", "systems", "computer"),
    )
)
"""Words that say nothing of what a venue is about."""
_COMPLETE: Final = "ccf"
"""The scheme of which the catalogue that ships knows every rank its venues have: one that it does not state is none."""
_BEST: Final = {"A*": 0, "A": 1, "B": 2, "C": 3}


class VenueList(NamedTuple):
    """Venues by one list; of two lists that rank a venue the one of more `weight` knows better."""

    venues: Sequence[Venue]
    weight: int = 0


def join(ours: Catalogue, lists: Iterable[VenueList]) -> Catalogue:
    """Return the catalogue with the venues of the lists, of which an earlier one says how a venue is called.

    A venue that is in it gets ranks and further spellings; the others come after it, the better ranked first. What was the rank
    of a venue before the first day of a list stays so.
    """
    known = _Known(ours)
    for venues, weight in lists:
        for venue in venues:
            known.add(venue, weight)
    count = len(ours.venues)
    joined = [
        replace(venue, ranks=_ranks(venue, told, whole=place < count))
        for place, (venue, told) in enumerate(zip(known.venues, known.told, strict=True))
    ]
    return Catalogue.of((*joined[:count], *sorted(joined[count:], key=_order)), ours.ranked_on)


def followed(before: tuple[Rank, ...], told: tuple[Rank, ...]) -> tuple[Rank, ...]:
    """Return the ranks of one scheme by two lists: those of the one before the first day of the other, and then the other's."""
    later = sorted(told, key=lambda rank: rank.since)
    return (*(rank for rank in before if not later or rank.since < later[0].since), *later)


def changes(ranks: Iterable[Rank], newest: Rank | None = None) -> tuple[Rank, ...]:
    """Return of the ranks of one scheme, in their order, those that come after the `newest` so far and are another than it."""
    kept: list[Rank] = []
    for rank in ranks:
        if (rank.since > newest.since and rank.value != newest.value) if newest else rank.value:
            kept.append(rank)
            newest = rank
    return tuple(kept)


_Told: TypeAlias = dict[str, dict[int, tuple[Rank, ...]]]
"""Ranks by their scheme and the weight of the list."""


class _Known:
    """The venues so far, and what the lists have told of the ranks of each."""

    def __init__(self, ours: Catalogue) -> None:
        self.venues: list[Venue] = []
        self.told: list[_Told] = []
        self._streams: dict[str, int] = {}
        self._names: dict[tuple[str, bool], int] = {}
        self._acronyms: dict[tuple[str, bool], list[int]] = {}
        self._claimed: set[str] = set()
        for venue in ours.venues:
            self._append(venue)

    def add(self, told: Venue, weight: int) -> None:
        """Take in a venue of a list of that weight."""
        place = self._find(told)
        if place is None:
            self._append(replace(told, ranks=()))
            place = len(self.venues) - 1
        else:
            self._extend(place, told)
        for scheme in dict.fromkeys(rank.scheme for rank in told.ranks):
            ranks = tuple(rank for rank in told.ranks if rank.scheme == scheme)
            by_weight = self.told[place].setdefault(scheme, {})
            by_weight[weight] = _merged((*by_weight.get(weight, ()), *ranks))

    def _find(self, told: Venue) -> int | None:
        """Return which of the venues it is: by its stream, by a full name, or by an acronym that nothing speaks against."""
        if (place := self._streams.get(told.dblp.casefold())) is not None:
            return place
        kinds = (True, False) if _is_journal(told) else (False, True)
        for kind in kinds if not told.dblp else kinds[:1]:
            for name in (told.name, *told.names, *told.stated):
                if (place := self._names.get((plain(name), kind))) is not None:
                    return place
        same = self._acronyms.get((plain(told.acronym), _is_journal(told)), ())
        return next((place for place in same if _may_be(self.venues[place], told)), None)

    def _append(self, venue: Venue) -> None:
        self.venues.append(venue)
        self.told.append({})
        self._index(len(self.venues) - 1, venue)

    def _extend(self, place: int, told: Venue) -> None:
        """Keep the full names by which the list knows it, unless another is called so, and the stream that was not known."""
        ours = self.venues[place]
        full = dict.fromkeys((told.name, *told.names, *told.stated))
        more = [name for name in full if plain(name) not in self._claimed]
        venue = replace(ours, stated=(*ours.stated, *more), dblp=ours.dblp or told.dblp, issn=ours.issn or told.issn)
        self.venues[place] = venue
        self._index(place, venue)

    def _index(self, place: int, venue: Venue) -> None:
        kind = _is_journal(venue)
        if venue.dblp:
            self._streams.setdefault(venue.dblp.casefold(), place)
        for name in venue.spellings:
            self._names.setdefault((plain(name), kind), place)
            self._claimed.add(plain(name))
        self._acronyms.setdefault((plain(venue.acronym), kind), []).append(place)


def _is_journal(venue: Venue) -> bool:
    return venue.kind == "journal"


def _may_be(ours: Venue, told: Venue) -> bool:
    """Tell whether two venues of one acronym may be one: their streams are not two, and their names are about the same."""
    if ours.dblp and told.dblp:
        return False
    about = [{*map(str.casefold, _WORD.findall(one.name))} - _ANY_VENUE for one in (ours, told)]
    return bool(about[0] & about[1]) or plain(told.name) == plain(told.acronym)


def _ranks(venue: Venue, told: _Told, *, whole: bool) -> tuple[Rank, ...]:
    """Return all ranks of a venue: its own, and of those told what is another than the newest of its own."""
    ranks: list[Rank] = []
    for scheme in dict.fromkeys((*(rank.scheme for rank in venue.ranks), *told)):
        ours = sorted((rank for rank in venue.ranks if rank.scheme == scheme), key=lambda rank: rank.since)
        by_weight = told.get(scheme, {})
        known: tuple[Rank, ...] = reduce(followed, (by_weight[weight] for weight in sorted(by_weight)), ())
        theirs = changes(known, ours[-1] if ours else None)
        if whole and theirs and not ours and scheme == _COMPLETE:
            ours = [Rank(scheme, date(theirs[0].since.year - 1, 12, 31), "")]
        ranks += (*ours, *theirs)
    return tuple(ranks)


def _merged(ranks: Iterable[Rank]) -> tuple[Rank, ...]:
    """Return one rank for each day, the better one where a list has two rows of a venue, as when it has changed its name."""
    by_day: dict[date, Rank] = {}
    for rank in sorted(ranks, key=lambda one: (one.since, not one.value, one.value)):
        by_day.setdefault(rank.since, rank)
    return tuple(by_day.values())


def _order(venue: Venue) -> tuple[int, str]:
    newest = max((rank for rank in venue.ranks if rank.scheme == _COMPLETE), key=lambda rank: rank.since, default=None)
    return _BEST.get(newest.value, len(_BEST)) if newest else len(_BEST), plain(venue.acronym)
