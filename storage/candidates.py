"""What the store is asked for: a tree of all and any over folded words, phrases and beginnings, headings, code and counts.

Words are folded (see `crawler.text.fold`). The index holds the folded title, abstract and author names as three fields, and
candidates do not tell them apart: they are a superset of what a query means, which `digests.query.matches` alone decides.
"""

from dataclasses import dataclass
from typing import Final

from crawler.sighting import CountName, TagKind


@dataclass(frozen=True, slots=True)
class Word:
    """One folded word."""

    text: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """Folded words next to each other, in one field."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Prefix:
    """Any folded word that begins with `text`."""

    text: str


@dataclass(frozen=True, slots=True)
class Tagged:
    """A heading of that kind whose key holds `part`, which may begin or end with the `EDGE` of its kind."""

    kind: TagKind
    part: str


@dataclass(frozen=True, slots=True)
class HasCode:
    """Whether there is code."""

    known: bool


@dataclass(frozen=True, slots=True)
class Counted:
    """A number of that name that some source has counted, and that lies between the two, both included."""

    name: CountName
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every one of the parts."""

    parts: tuple["Candidates", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of the parts."""

    parts: tuple["Candidates", ...]


@dataclass(frozen=True, slots=True)
class Everything:
    """Every paper: the index cannot narrow it."""


EDGE: Final[dict[TagKind, str]] = {"task": " ", "method": " ", "keyword": " ", "venue": "\n", "track": "\n"}
"""What stands before and after a key when a part of it is looked for: a blank where words are, a line end where it is whole."""

Words = Word | Phrase | Prefix
Candidates = Words | Tagged | HasCode | Counted | AllOf | AnyOf | Everything
