"""What papers that share no identifier are joined by: their titles, and the people who wrote them. Pure."""

import hashlib
from collections.abc import Iterable
from functools import lru_cache
from typing import Final, NamedTuple

from crawler.sighting import Author
from crawler.text import fold, fold_apart

MOST_NAMESAKES: Final = 50
"""A title that more papers have ("Front Cover and Table of Contents") says nothing of any."""

#: Shorter titles ("Introduction", "Editorial Note") are those of many papers, some by authors of the same name.
_SHORTEST: Final = 16  # letters and digits
_MOST_AUTHORS: Final = 40
_SEVERAL: Final = 2
_SUFFIXES: Final = frozenset({"jr", "sr", "ii", "iii", "iv"})


class Person(NamedTuple):
    """An author as far as spellings of one name agree: the folded words before the surname, and it."""

    given: tuple[str, ...]
    surname: str

    def is_like(self, other: "Person") -> bool:
        """Tell whether both may be one.

        So it is when the surnames and what is given of the first names agree, be it an initial, a second name or nothing; when
        a double surname is cut to its first; and when the same words stand in another order.
        """
        if self.surname == other.surname:
            return self._agrees(other)
        return _is_cut(self, other) or _is_cut(other, self) or sorted(self.words) == sorted(other.words)

    @property
    def words(self) -> tuple[str, ...]:
        """All words of the name, in their order."""
        return (*self.given, self.surname)

    def _agrees(self, other: "Person") -> bool:
        if not self.given or not other.given:
            return True
        first, theirs = self.given[0], other.given[0]
        whole = {word for word in self.given if len(word) > 1}
        return first.startswith(theirs) or theirs.startswith(first) or not whole.isdisjoint(other.given)


def _is_cut(one: Person, other: Person) -> bool:
    """Tell whether the other one has only the first of two surnames: Maria Garcia Lopez, and Maria Garcia."""
    return len(one.given) > 1 and other.surname == one.given[-1] and one.given[0] == other.words[0]


@lru_cache(maxsize=4096)
def title_key(title: str) -> int | None:
    """Return a number of 64 bits, signed, that equal folded titles have in common, blanks apart; None for a short title.

    >>> title_key("Semi-Supervised Learning of Engines") == title_key("SemiSupervised learning of engines.")
    True
    """
    folded = fold_apart(title).replace(" ", "")
    if len(folded) < _SHORTEST:
        return None
    return int.from_bytes(hashlib.blake2b(folded.encode(), digest_size=8).digest(), signed=True)


def keys_of(titles: Iterable[str]) -> list[int]:
    """Return the keys of those of the titles that are long enough."""
    return [key for title in titles if (key := title_key(title)) is not None]


@lru_cache(maxsize=1024)
def people(authors: tuple[Author, ...]) -> tuple[Person, ...]:
    """Return the authors as they are compared, the first forty and the last, each once.

    >>> people((Author("Jun-Yan Zhu"), Author("A. Doe, Jr.")))
    (Person(given=('jun', 'yan'), surname='zhu'), Person(given=('a',), surname='doe'))
    """
    some = authors if len(authors) <= _MOST_AUTHORS else (*authors[:_MOST_AUTHORS], authors[-1])
    return tuple(dict.fromkeys(person for author in some if (person := _person(author.name))))


def _person(name: str) -> Person | None:
    words = tuple(fold(name).split())
    while len(words) > _SEVERAL and words[-1] in _SUFFIXES:
        words = words[:-1]
    return Person(words[:-1], words[-1]) if words else None


def wrote_together(ours: Iterable[Person], theirs: Iterable[Person]) -> bool:
    """Tell whether two lists of authors are those of one paper: they have two people in common, or all that the shorter has.

    One alone is not enough where both have several, for of some surnames there are millions, unless all surnames agree, one
    after the other: somebody is Robert here and Bob there.
    """
    one, other = tuple(ours), tuple(theirs)
    needed = min(_SEVERAL, len(one), len(other))
    found = sum(any(person.is_like(another) for another in other) for person in one)
    back = sum(any(person.is_like(another) for another in one) for person in other)
    common = min(found, back)
    are_named_alike = [person.surname for person in one] == [person.surname for person in other]
    return needed > 0 and (common >= needed or (common > 0 and are_named_alike))
