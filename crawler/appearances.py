"""Where a paper appears: an edition of a venue, or a journal, with the part of it and the track. Pure."""

from typing import Final, NamedTuple

from crawler.sighting import Sighting
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
