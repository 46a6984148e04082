"""What a query means: which papers it matches and why, and what the index may be asked for. Pure.

A word or phrase without a field is looked for in the title and the abstract. Names and categories are looked at only where
the query says so: the surname of an author would answer for a method of the same name, and noise is what readers leave for.
"""

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from os.path import commonprefix
from typing import Final, get_args

from digests.folded import Folded
from digests.term import Term
from digests.topic import Field, Reason
from storage.candidates import AllOf, AnyOf, Candidates, Counted, Everything, HasCode, Phrase, Prefix, Tagged, Word

REASON_LIMIT: Final = 8
"""More reasons than these say nothing more to a reader."""

_AT_A_PLACE: Final[AbstractSet[Field | None]] = {"venue", "track", "ccf", "rank"}
_ORDER: Final[tuple[Field, ...]] = get_args(Field)


@dataclass(frozen=True, slots=True)
class Not:
    """The papers without the term; `column` is where the reader wrote the NOT, counted from 1."""

    term: Term
    column: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class And:
    """Every one of the parts, of which there are two or more."""

    parts: tuple["Query", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one of the parts, of which there are two or more."""

    parts: tuple["Query", ...]


Query = Term | Not | And | Or


def matches(query: Query, text: Folded) -> tuple[Reason, ...] | None:
    """Return why the paper matches, None if it does not.

    Each condition that was met gives one reason, with the field that tells most; title before abstract, author, category.
    """
    found = _find(query, text)
    if found is None:
        return None
    # One condition in two spellings ("detector" OR "detectors") is one reason, in the words that came first.
    distinct: dict[tuple[Field, frozenset[str]], Reason] = {}
    for term, place in found:
        distinct.setdefault((place, frozenset(term.needles or (term.typed,))), Reason(place, term.typed))
    return tuple(sorted(distinct.values(), key=lambda reason: _ORDER.index(reason.field))[:REASON_LIMIT])


_Found = list[tuple[Term, Field]]


def _find(query: Query, text: Folded) -> _Found | None:
    match query:
        case Term():
            place = _place(query, text)
            return None if place is None else [(query, place)]
        case Not(term):
            return [] if _place(term, text) is None else None
        case And(parts):
            return _find_all(parts, text)
        case Or(parts):
            return _find_any(parts, text)


def _find_all(parts: Sequence[Query], text: Folded) -> _Found | None:
    """Find every part; a track that is asked for beside a venue, or a rank, is one that the paper has there."""
    together = _of_one_place(parts) if text.places else ()
    if not together:
        return _find_each(parts, text)
    at_one = (_find_each(together, place) for place in text.places)
    found = next((found for found in at_one if found is not None), None)
    others = _find_each([part for part in parts if part not in together], text)
    return None if found is None or others is None else [*found, *others]


def _find_any(parts: Sequence[Query], text: Folded) -> _Found | None:
    """Find any of the parts; what must not be together at one place may be at several."""
    together = _of_one_place([part.term for part in parts if isinstance(part, Not)]) if text.places else ()
    denied = [Not(term) for term in together if isinstance(term, Term)]
    met = [found for part in parts if part not in denied and (found := _find(part, text)) is not None]
    if together and all(_find_each(together, place) is None for place in text.places):
        met.append([])
    return list(chain.from_iterable(met)) if met else None


def _find_each(parts: Iterable[Query], text: Folded) -> _Found | None:
    met: _Found = []
    for part in parts:
        found = _find(part, text)
        if found is None:
            return None
        met += found
    return met


def _of_one_place(parts: Sequence[Query]) -> tuple[Query, ...]:
    """Return those of the parts of a conjunction that one place has to meet together; none where a track is not among them."""
    told = [(part, set(_fields(part))) for part in parts]
    together = [(part, fields) for part, fields in told if fields <= _AT_A_PLACE]
    fields = set().union(*(one for _, one in together))
    return tuple(part for part, _ in together) if len(fields) > 1 and "track" in fields else ()


def _fields(query: Query) -> Iterator[Field | None]:
    """Yield the fields of all terms; None for words, and for a venue or a rank that the paper must have nowhere."""
    match query:
        case Term(field=field):
            yield field
        case Not(term):
            yield term.field if term.field == "track" else None
        case And(parts) | Or(parts):
            for part in parts:
                yield from _fields(part)


def _place(term: Term, text: Folded) -> Field | None:
    """Return the field in which the term is found, the title before the abstract."""
    if term.bounds is not None:
        numbers = text.year if term.field == "year" else (text.stars,)
        return term.field if any(term.bounds[0] <= number <= term.bounds[1] for number in numbers) else None
    for place in (term.field,) if term.field else _ORDER[:2]:
        words: str = getattr(text, place)
        if _beginning(term.needles) in words and any(needle in words for needle in term.needles):
            return place
    return None


@lru_cache(maxsize=4096)
def _beginning(needles: tuple[str, ...]) -> str:
    """Return what all the needles begin with: most texts have not even that, which is one look instead of several."""
    return commonprefix(needles)  # noqa: RUF071 - they are no paths


def candidates(query: Query) -> Candidates:
    """Return what to ask the index for: every paper that matches is among the answers."""
    match query:
        case Not():
            return Everything()
        case Term():
            return _of_term(query)
        case And(parts):
            return _all_of(candidates(part) for part in parts)
        case Or(parts):
            return _any_of(candidates(part) for part in parts)


def _of_term(term: Term) -> Candidates:
    match term:
        case Term(field="category" | "year"):
            return Everything()
        case Term(field="ccf" | "rank"):
            return Tagged("venue", "")
        case Term(field="code"):
            return HasCode(known="\nyes\n" in term.needles)
        case Term(field="stars", bounds=(least, most)):
            return Counted("stars", least, most)
        case Term(field="task" | "venue" | "track" as kind):
            return _any_of(Tagged(kind, needle) for needle in term.needles)
        case _:
            return _any_of(_indexed(needle) for needle in term.needles)


def _indexed(needle: str) -> Candidates:
    words = tuple(needle.split())
    if needle.endswith(" "):
        return _adjacent(words)
    return _all_of([_adjacent(words[:-1]), Prefix(words[-1])])


def _adjacent(words: tuple[str, ...]) -> Candidates:
    if len(words) > 1:
        return Phrase(words)
    return Word(words[0]) if words else Everything()


def _all_of(parts: Iterable[Candidates]) -> Candidates:
    known = tuple(dict.fromkeys(part for part in parts if part != Everything()))
    if len(known) > 1:
        return AllOf(known)
    return known[0] if known else Everything()


def _any_of(parts: Iterable[Candidates]) -> Candidates:
    distinct = tuple(dict.fromkeys(parts))
    if Everything() in distinct:
        return Everything()
    return AnyOf(distinct) if len(distinct) > 1 else distinct[0]
