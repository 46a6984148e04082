"""Where a paper appears: an edition of a venue, or a journal, with the part of it and the track. Pure."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from crawler.programmes import Edition
from crawler.sighting import Sighting, Tag
from crawler.venues import plain

_YEAR: Final = 4  # digits


class Appearance(NamedTuple):
    """A venue as it is tagged (`CVPR2026`, `CVPR2026 workshop`, `TPAMI`) and the track there (`oral`; empty: none is said)."""

    venue: str
    track: str = ""

    @property
    def key(self) -> str:
        """What two spellings of it have in common."""
        return plain(self.venue)


class Place(NamedTuple):
    """A venue where a paper appears, as it is tagged, and in which tracks there, the rarest first."""

    venue: str
    tracks: tuple[str, ...] = ()


def stated(sighting: Sighting) -> Appearance | None:
    """Return where the source of a sighting itself lists the paper; None for what it says of other places' papers."""
    if sighting.second_hand:
        return None
    venue = next((tag.value for tag in sighting.tags if tag.kind == "venue"), "")
    track = min((tag.value for tag in sighting.tags if tag.kind == "track"), default="", key=standing)
    return Appearance(venue, track) if venue else None


def same(one: str, other: str) -> bool:
    """Tell whether two keys of venues are of one edition: one of them may leave the year out, as authors do.

    >>> same("cvpr2026", "cvpr"), same("cvpr2026", "cvpr2025"), same("cvpr2026", "cvpr2026workshop")
    (True, False, False)
    """
    return one == other or other == _without_year(one) or one == _without_year(other)


def _without_year(key: str) -> str:
    return key[:-_YEAR] if key[-_YEAR:].isdecimal() else key


_STANDINGS: Final = ("best paper", "oral", "spotlight", "highlight", "poster")


def standing(track: str) -> tuple[int, str]:
    """Order the tracks that say how a paper is presented, the rarest first; then those that are parts of a programme."""
    return (_STANDINGS.index(track) if track in _STANDINGS else len(_STANDINGS)), track


def places(tags: Sequence[Tag]) -> tuple[Place, ...]:
    """Return where a paper appears by its headings, the place to name first at the beginning, each with the tracks there.

    A venue without a year is left out beside an edition of it, which has its tracks. A track of which nobody says where it
    is belongs to the only place, or to none.

    >>> places((Tag("venue", "ICLR2026 workshop"), Tag("venue", "ICML2026"), Tag("track", "oral", "ICLR2026 workshop")))
    (Place(venue='ICML2026', tracks=()), Place(venue='ICLR2026 workshop', tracks=('oral',)))
    """
    named = {tag.value: plain(tag.value) for tag in tags if tag.kind == "venue"}
    dated = {_without_year(key) for key in named.values() if _without_year(key) != key}
    kept = sorted((name for name, key in named.items() if key not in dated), key=prominence)
    tracks = [tag for tag in tags if tag.kind == "track"]
    loose = {tag.value for tag in tracks if not tag.venue} if len(kept) == 1 else set()
    found = {name: loose | {tag.value for tag in tracks if tag.venue and same(plain(tag.venue), named[name])} for name in kept}
    return tuple(Place(name, tuple(sorted(there, key=standing))) for name, there in found.items())


def prominence(venue: str) -> tuple[bool, int, str]:
    """Order venues, the one to name first at the beginning: main programmes before their parts, then the newest edition."""
    edition = Edition.parse(venue)
    return edition is not None and bool(edition.part), -edition.year if edition else 0, venue
