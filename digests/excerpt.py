"""The beginning of an abstract, which is what a digest has room for. Pure."""

import re
from typing import Final

from digests.escape import columns, said

ABSTRACT_LIMIT: Final = 280
# Not after an abbreviation such as "e.g.", nor before a word that goes on in lower case.
_SENTENCE_END: Final = re.compile(r"[.!?。！？](?:(?<=[。！？])|(?<=[^\s.]{2}[.!?])(?=\s+[\"“(]?[A-Z]))")


def abstract(text: str) -> str:
    """Return the beginning of an abstract; no more of its TeX is made readable, which takes its time, than may be needed."""
    shown = said(text[: 2 * ABSTRACT_LIMIT])
    if len(text) > 2 * ABSTRACT_LIMIT and columns(shown) < 1.25 * ABSTRACT_LIMIT:
        shown = said(text[: 4 * ABSTRACT_LIMIT])
    return excerpt(shown)


def excerpt(text: str, limit: int = ABSTRACT_LIMIT) -> str:
    """Return the beginning of `text`, about `limit` columns, cut after a sentence if one ends late enough, else a word.

    >>> excerpt("We cut. Then more words follow.", limit=10)
    'We cut.'
    """
    if columns(text) <= limit:
        return text
    # As many characters as fill the limit: half as many where every one is an ideograph.
    room = limit * len(text) // columns(text)
    ends = [match.end() for match in _SENTENCE_END.finditer(text, room // 2, room + 1)]
    if ends:
        return text[: ends[-1]]
    head = text[: room + 1]
    return (head.rpartition(" ")[0] or head[:-1]).rstrip(" ,;:，；：、") + " …"
