"""How OpenReview calls venues: a group for each edition and track, and the address at which its papers are listed. Pure.

`ICLR.cc/2025/Conference`, `robot-learning.org/CoRL/2024/Conference`, `NeurIPS.cc/2025/Workshop/RegML`. Venues moved from
API v1 to v2 at one edition each; what was before stays at v1.
"""

import re
from dataclasses import dataclass
from typing import Final, NamedTuple
from urllib.parse import quote

from crawler.programmes import Edition
from crawler.venues import shipped

LIMIT: Final = 1000
"""The most notes that a page has."""

ROLLING: Final = {"TMLR": "TMLR"}
"""The groups of journals, which have no editions, and how the journals are called."""

_V1: Final = "https://api.openreview.net/notes"
_V2: Final = "https://api2.openreview.net/notes"
_GROUP: Final = re.compile(r"(?:[^/]+/)?(?P<venue>[^/]+)/(?P<year>(?:19|20)\d\d)/(?P<part>[^/]+(?:/[^/]+)?)")
# What nobody has accepted: the states of a submission, and what users and DBLP have put there themselves.
_NO_VENUE: Final = re.compile(
    r"(?:openreview\.net|dblp\.org)(?:/.*)?|.*/(?:[^/]*submission|reject[^/]*|withdrawn[^/]*|desk[_ ]reject[^/]*)",
    re.IGNORECASE,
)


class _Track(NamedTuple):
    """A track that has a group of its own, from one year to another."""

    name: str
    first: int
    last: int = 9999


class _Venue(NamedTuple):
    """The group above a venue's editions, the first year at v2, and the tracks beside the main one."""

    above: str
    v2: int
    tracks: tuple[_Track, ...] = ()


_DATASETS: Final = (
    _Track("Track/Datasets_and_Benchmarks", 2023, 2023),
    _Track("Datasets_and_Benchmarks_Track", 2024, 2025),
    _Track("Evaluations_and_Datasets_Track", 2026),
)
_POSITION: Final = _Track("Position_Paper_Track", 2025)
_VENUES: Final = {
    "ICLR": _Venue("ICLR.cc", 2024),
    "NeurIPS": _Venue("NeurIPS.cc", 2023, (*_DATASETS, _POSITION)),
    "ICML": _Venue("ICML.cc", 2023, (_POSITION,)),
    "COLM": _Venue("colmweb.org/COLM", 2024),
    "CoRL": _Venue("robot-learning.org/CoRL", 2024),
}

ACRONYMS: Final = tuple(_VENUES)
"""The conferences whose editions are known here."""


@dataclass(frozen=True, slots=True)
class Group:
    """A group by its name; `is_old`: it is at v1, which lists all that was handed in."""

    name: str
    is_old: bool = False

    @property
    def is_venue(self) -> bool:
        """Whether what has this group as its `venueid` is accepted."""
        return is_rolling(self.name) or bool(not _NO_VENUE.fullmatch(self.name) and _GROUP.fullmatch(self.name))

    @property
    def edition(self) -> str:
        """The edition, as the field spells it; "" where the group is of none.

        >>> Group("ICLR.cc/2025/Conference").edition, Group("robot-learning.org/CoRL/2024/Conference").edition
        ('ICLR2025', 'CoRL2024')
        """
        match = _GROUP.fullmatch(self.name)
        if match is None:
            return ""
        return edition_of(match["venue"].partition(".")[0], match["year"])

    @property
    def part(self) -> tuple[str, ...]:
        """The part of the edition as tracks; none for the main one.

        >>> Group("NeurIPS.cc/2025/Workshop/RegML").part, Group("NeurIPS.cc/2025/Datasets_and_Benchmarks_Track").part
        (('workshop', 'RegML'), ('datasets and benchmarks',))
        """
        match = _GROUP.fullmatch(self.name)
        names = match["part"].split("/") if match else []
        if names and names[0].startswith("Workshop"):
            return ("workshop", *names[1:])
        spoken = (name.replace("_", " ").lower().removesuffix(" track") for name in names)
        return tuple(name for name in spoken if name not in ("conference", "track"))


def edition_of(acronym: str, year: str) -> str:
    """Return an edition by its acronym as our catalogue has it, if it has it, and its year."""
    venue = shipped().find(acronym)
    return f"{venue.acronym if venue else acronym}{year}"


def is_rolling(name: str) -> bool:
    """Tell whether a group, or a scope, is that of a journal."""
    return name in ROLLING


def groups_of(scope: str) -> tuple[Group, ...]:
    """Return the groups of an edition, the main one first; none for what is no edition known here."""
    if is_rolling(scope):
        return (Group(scope),)
    edition = Edition.parse(scope)
    venue = _VENUES.get(edition.acronym) if edition and not edition.part else None  # a part has lists elsewhere
    if edition is None or venue is None:
        return ()
    if edition.year < venue.v2:
        return (Group(f"{venue.above}/{edition.year}/Conference", is_old=True),)
    tracks = (track.name for track in venue.tracks if track.first <= edition.year <= track.last)
    return tuple(Group(f"{venue.above}/{edition.year}/{part}") for part in ("Conference", *tracks))


def list_address(group: Group) -> str:
    """Return the address of the first page of a group's list; that of a journal has the newest first."""
    name = quote(group.name, safe="/")
    if group.is_old:
        return f"{_V1}?invitation={name}/-/Blind_Submission&limit={LIMIT}&offset=0"
    order = "&sort=tmdate:desc" if is_rolling(group.name) else ""
    return f"{_V2}?content.venueid={name}{order}&limit={LIMIT}&offset=0"
