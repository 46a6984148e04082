"""The venues of the field: conferences and journals, by all the names they go by. Pure; the facts are in `venues.toml`."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple, Self

VenueKind = Literal["conference", "workshop", "journal"]

_FILE: Final = Path(__file__).with_name("venues.toml")


class Rank(NamedTuple):
    """The rank that a list (`ccf`, `core`, …) gives a venue from a day on, until it gives another."""

    scheme: str
    since: date
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Venue:
    """A conference, workshop or journal. `names` are further spellings; `month` is when its programme usually appears.

    `every` is how many years lie between two editions, `first` the year of one of them; `dblp` is its stream there.
    """

    acronym: str
    name: str
    kind: VenueKind
    names: tuple[str, ...] = ()
    ranks: tuple[Rank, ...] = ()
    dblp: str = ""
    issn: tuple[str, ...] = ()
    month: int | None = None
    every: int = 1
    first: int = 0

    def is_held(self, year: int) -> bool:
        """Tell whether there is an edition in that year."""
        return self.kind != "journal" and (year - self.first) % self.every == 0

    def rank(self, scheme: str, year: int) -> str:
        """Return the rank of an edition: that which held at the end of its year; the first one for what came before it."""
        ranks = sorted((one for one in self.ranks if one.scheme == scheme), key=lambda one: one.since)
        then = [one for one in ranks if one.since.year <= year] or ranks[:1]
        return then[-1].value if then else ""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Venues by their names, compared without case, blanks and hyphens."""

    venues: tuple[Venue, ...]
    by_name: Mapping[str, Venue] = field(repr=False)

    @classmethod
    def of(cls, venues: Iterable[Venue]) -> Self:
        """Put venues together; of two that claim one name the first has it."""
        known = tuple(venues)
        by_name: dict[str, Venue] = {}
        for venue in known:
            for name in (venue.acronym, venue.name, *venue.names):
                by_name.setdefault(plain(name), venue)
        return cls(known, by_name)

    def find(self, name: str) -> Venue | None:
        """Return the venue of that name, be it the acronym, the full name or another spelling."""
        return self.by_name.get(plain(name))


def plain(name: str) -> str:
    """Return a name as it is compared."""
    return "".join(letter for letter in name.casefold() if letter.isalnum())


@cache
def shipped() -> Catalogue:
    """Return the catalogue that Paperlark ships with."""
    return Catalogue.of(read_venue(one) for one in tomllib.loads(_FILE.read_text(encoding="utf-8"))["venues"])


def read_venue(told: Mapping[str, Any]) -> Venue:
    """Make a venue of its table in TOML."""
    return Venue(
        acronym=told["acronym"],
        name=told["name"],
        kind=told["kind"],
        names=tuple(told.get("names", ())),
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
