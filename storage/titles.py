"""What papers that share no identifier are joined by: their titles, and the people who wrote them. Pure."""

import hashlib
from collections.abc import Iterable
from functools import lru_cache
from typing import Final, NamedTuple

from crawler.sighting import Author
from crawler.text import fold

MOST_NAMESAKES: Final = 50
"""A title that more papers have ("Front Cover and Table of Contents") says nothing of any."""

#: Shorter titles ("Introduction", "Editorial Note") are those of many papers, some by authors of the same name.
_SHORTEST: Final = 16  # letters and digits
_MOST_AUTHORS: Final = 40
_SEVERAL: Final = 2
_SUFFIXES: Final = frozenset({"jr", "sr", "ii", "iii", "iv"})


class Person(NamedTuple):
    """An author as far as spellings of one name agree: folded; `words` are those of the whole name, in their order."""

    surname: str
    initial: str
    words: tuple[str, ...]

    def is_like(self, other: "Person") -> bool:
        """Tell whether both may be one: surname and initial agree, or the words do, whichever stands first.

        A name of one word agrees with all of that surname.
        """
        if self.surname == other.surname and (not self.initial or not other.initial or self.initial == other.initial):
            return True
        return sorted(self.words) == sorted(other.words)


@lru_cache(maxsize=4096)
def title_key(title: str) -> int | None:
    """Return a number of 64 bits, signed, that equal folded titles have in common, blanks apart; None for a short title.

    >>> title_key("Semi-Supervised Learning of Engines") == title_key("SemiSupervised learning of engines.")
    True
    """
    folded = fold(title).replace(" ", "")
    if len(folded) < _SHORTEST:
        return None
    return int.from_bytes(hashlib.blake2b(folded.encode(), digest_size=8).digest(), signed=True)


def keys_of(titles: Iterable[str]) -> list[int]:
    """Return the keys of those of the titles that are long enough."""
    return [key for title in titles if (key := title_key(title)) is not None]


@lru_cache(maxsize=1024)
def people(authors: tuple[Author, ...]) -> tuple[Person, ...]:
    """Return the authors as they are compared, the first forty and the last, each once.

    >>> people((Author("Jun-Yan Zhu"), Author("A. Doe, Jr.")))[1]
    Person(surname='doe', initial='a', words=('a', 'doe'))
    """
    some = authors if len(authors) <= _MOST_AUTHORS else (*authors[:_MOST_AUTHORS], authors[-1])
    return tuple(dict.fromkeys(person for author in some if (person := _person(author.name))))


def _person(name: str) -> Person | None:
    words = tuple(fold(name).split())
    while len(words) > _SEVERAL and words[-1] in _SUFFIXES:
        words = words[:-1]
    return Person(words[-1], words[0][0] if len(words) > 1 else "", words) if words else None


def wrote_together(ours: Iterable[Person], theirs: Iterable[Person]) -> bool:
    """Tell whether two lists of authors are those of one paper: they have two people in common, or all that the shorter has.

    One alone is not enough where both have several: of some surnames there are millions.
    """
    one, other = tuple(ours), tuple(theirs)
    needed = min(_SEVERAL, len(one), len(other))
    found = sum(any(person.is_like(another) for another in other) for person in one)
    back = sum(any(person.is_like(another) for another in one) for person in other)
    return needed > 0 and min(found, back) >= needed
