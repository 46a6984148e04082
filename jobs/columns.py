"""Tables on a terminal: columns as wide as what is in them, but for one that gives way. Pure."""

from collections.abc import Iterator, Sequence
from typing import Final

from rich.cells import cell_len, set_cell_size

_GAP: Final = "  "
_LEAST: Final = 12


def table(heading: Sequence[str], rows: Sequence[Sequence[str]], gives_way: int, width: int) -> Iterator[str]:
    """Yield the lines of a table that is `width` wide at most; a column in which nothing stands is left out.

    The column that `gives_way` is cut, with an ellipsis, to what the others leave; a wide letter takes two places.
    """
    places = [place for place in range(len(heading)) if any(row[place] for row in rows)]
    widths = {place: max(cell_len(row[place]) for row in (heading, *rows)) for place in places}
    others = sum(widths[place] for place in places if place != gives_way) + len(_GAP) * (len(places) - 1)
    if gives_way in widths:
        widths[gives_way] = min(widths[gives_way], max(_LEAST, width - others))
    for row in (heading, *rows):
        yield _GAP.join(set_cell_size(fitted(row[place], widths[place]), widths[place]) for place in places).rstrip()


def fitted(text: str, width: int) -> str:
    """Return a text as it is, or cut to so many places of a terminal.

    >>> fitted("Ada Lovelace", 8), fitted("语义分割", 6), fitted("Ada", 8)
    ('Ada Lov…', '语义 …', 'Ada')
    """
    return text if cell_len(text) <= width else f"{set_cell_size(text, width - 1)}…"
