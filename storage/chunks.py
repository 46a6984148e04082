"""Long lists in pieces that a statement can hold."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final, TypeVar

T = TypeVar("T")

#: SQLite allows 32,766 parameters in a statement, PostgreSQL 65,535; beyond a few hundred a longer list is no faster.
SIZE: Final = 500


def chunks(items: Iterable[T], size: int = SIZE) -> Iterator[list[T]]:
    """Yield the items in lists of at most `size`."""
    iterator = iter(items)
    while piece := list(islice(iterator, size)):
        yield piece
