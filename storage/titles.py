"""What papers that share no identifier are joined by: their titles, and the surnames of their authors. Pure."""

import hashlib
from collections.abc import Iterable
from functools import lru_cache
from typing import Final, NamedTuple

from crawler.sighting import Author
from crawler.text import fold

#: Shorter titles ("Introduction", "Editorial Note") are those of many papers, some by authors of the same surname.
_SHORTEST: Final = 16  # letters and digits
_MOST_AUTHORS: Final = 40


class Titled(NamedTuple):
    """A stored paper's title, as it is looked up, and its authors."""

    key: int
    authors: tuple[Author, ...]


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


@lru_cache(maxsize=4096)
def surnames(authors: tuple[Author, ...]) -> frozenset[str]:
    """Return the folded last words of the authors' names, of the first forty and the last."""
    some = authors if len(authors) <= _MOST_AUTHORS else (*authors[:_MOST_AUTHORS], authors[-1])
    return frozenset(folded.rpartition(" ")[2] for author in some if (folded := fold(author.name)))


def keys_of(titles: Iterable[str]) -> list[int]:
    """Return the keys of those of the titles that are long enough."""
    return [key for title in titles if (key := title_key(title)) is not None]
