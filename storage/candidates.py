"""What the index is asked for: a tree of all and any over folded words (see `crawler.text.fold`), phrases and beginnings.

The index holds the folded title, abstract and author names as three fields, and candidates do not tell them apart: they are
a superset of what a query means, which `digests.query.matches` alone decides.
"""

from dataclasses import dataclass


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


Candidates = Word | Phrase | Prefix | AllOf | AnyOf | Everything
