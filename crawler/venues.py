"""The venues of the field: conferences and journals, by all the names they go by. Pure; the facts are in `venues.toml`."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple, Self

VenueKind = Literal["conference", "workshop", "journal"]

_FILE: Final = Path(__file__).with_name("venues.toml")
_EDITION: Final = re.compile(r"(?P<name>.*[^\W\d_])[\W_]*(?P<year>(?:19|20)[0-9]{2})(?:_(?P<part>[A-Za-z]+))?", re.DOTALL)


class Rank(NamedTuple):
    """The rank that a list (`ccf`, `core`, …) gives a venue from a day on, until it gives another."""

    scheme: str
    since: date
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Venue:
    """A conference, workshop or journal. `names` are further spellings; `month` is when its programme usually appears.

    An acronym that is `ambiguous` is an ordinary word as well, or short for something else; `stated` are spellings that mean
    the venue only where one is stated. `every` is how many years lie between two editions, `first` the year of one of them;
    `dblp` is its stream there.
    """

    acronym: str
    name: str
    kind: VenueKind
    names: tuple[str, ...] = ()
    stated: tuple[str, ...] = ()
    ambiguous: bool = False
    ranks: tuple[Rank, ...] = ()
    dblp: str = ""
    issn: tuple[str, ...] = ()
    month: int | None = None
    every: int = 1
    first: int = 0

    @property
    def spellings(self) -> tuple[str, ...]:
        """All that it is called where a venue is stated."""
        return tuple(dict.fromkeys((self.acronym, self.name, *self.names, *self.stated)))

    @property
    def in_text(self) -> tuple[str, ...]:
        """What means the venue wherever it stands in a text."""
        alone = () if self.ambiguous else (self.acronym,)
        return tuple(name for name in dict.fromkeys((*alone, self.name, *self.names)) if name not in self.stated)

    def is_held(self, year: int) -> bool:
        """Tell whether there is an edition in that year."""
        return self.kind != "journal" and (year - self.first) % self.every == 0

    def rank(self, scheme: str, year: int) -> str:
        """Return the rank of an edition: that which held at the end of its year; the first one for what came before it.

        Empty where there is none.
        """
        ranks = sorted((one for one in self.ranks if one.scheme == scheme), key=lambda one: one.since)
        then = [one for one in ranks if one.since.year <= year] or ranks[:1]
        return then[-1].value if then else ""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Venues by their names, compared without case, blanks and punctuation; ranks are those of lists up to `ranked_on`."""

    venues: tuple[Venue, ...]
    by_name: Mapping[str, Venue] = field(repr=False)
    ranked_on: date | None = None

    @classmethod
    def of(cls, venues: Iterable[Venue], ranked_on: date | None = None) -> Self:
        """Put venues together; of two that claim one name the first has it."""
        known = tuple(venues)
        by_name: dict[str, Venue] = {}
        for venue in known:
            for name in venue.spellings:
                by_name.setdefault(plain(name), venue)
        return cls(known, by_name, ranked_on)

    def find(self, name: str) -> Venue | None:
        """Return the venue of that name, be it the acronym, the full name or another spelling."""
        return self.by_name.get(plain(name))

    def canonical(self, scope_like: str) -> str | None:
        """Return an edition as it is called here: its year behind any name of the venue, and its part if it is one of a part.

        None where the venue is unknown or the text is no edition. Whether the venue is held in that year is not asked.

        >>> shipped().canonical("nips 2018"), shipped().canonical("cvpr2026_Findings"), shipped().canonical("CVPR")
        ('NeurIPS2018', 'CVPR2026_findings', None)
        """
        match = _EDITION.fullmatch(scope_like.strip())
        venue = self.find(match["name"]) if match else None
        if match is None or venue is None:
            return None
        part = f"_{match['part'].lower()}" if match["part"] else ""
        return f"{venue.acronym}{match['year']}{part}"


def plain(name: str) -> str:
    """Return a name as it is compared.

    >>> plain("T-RO"), plain("Face & Gesture")
    ('tro', 'faceandgesture')
    """
    return "".join(filter(str.isalnum, name.casefold().replace("&", "and")))


@cache
def shipped() -> Catalogue:
    """Return the catalogue that Paperlark ships with."""
    told = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return Catalogue.of((read_venue(one) for one in told["venues"]), date.fromisoformat(told["ranked_on"]))


def read_venue(told: Mapping[str, Any]) -> Venue:
    """Make a venue of its table in TOML."""
    return Venue(
        acronym=told["acronym"],
        name=told["name"],
        kind=told.get("kind", "conference"),
        names=tuple(told.get("names", ())),
        stated=tuple(told.get("stated", ())),
        ambiguous=told.get("ambiguous", False),
        ranks=tuple(
            Rank(scheme, date.fromisoformat(since), value)
            for scheme in ("ccf", "core")
            for since, value in told.get(scheme, ())
        ),
        dblp=told.get("dblp", ""),
        issn=tuple(told.get("issn", ())),
        month=told.get("month"),
        every=told.get("every", 1),
        first=told.get("first", 0),
    )
