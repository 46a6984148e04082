"""The ways in which what a reader typed may stand in a paper: joined or apart, one or many. Pure.

The index keeps words as they are, so variants are made on the query's side. A variant that is no word of English costs
nothing; one that is another word would be noise, so the endings below leave alone what only looks like a plural.
"""

import re
from itertools import islice, product
from typing import Final

from crawler.text import clean, fold

_SPELLING_LIMIT: Final = 8

# Between two numbers a hyphen is a range: "2-3 views" are not "23 views".
_JOINT: Final = re.compile(r"(?<=[^\W\d])[-‐‑–·](?=\w)|(?<=\d)[-‐‑–·](?=[^\W\d])")

# The first ending that fits decides what may stand in its place. A single s is taken only from words of four letters or more.
_ENDINGS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("news", ()),
    ("series", ()),
    ("species", ()),
    ("lens", ("lenses",)),
    ("lenses", ("lens",)),
    ("topics", ("topic",)),
    ("metrics", ("metric",)),
    ("topic", ("topics",)),
    ("metric", ("metrics",)),
    ("ics", ()),  # semantics is not many semantic
    ("ic", ()),
    ("ysis", ("yses",)),
    ("yses", ("ysis",)),
    ("ias", ("iases",)),
    ("iases", ("ias",)),
    ("ss", ("sses",)),
    ("sses", ("ss",)),
    ("us", ()),
    ("is", ()),
    ("ies", ("y", "ie")),
    ("xes", ("x", "xe")),
    ("ches", ("ch", "che")),
    ("shes", ("sh", "she")),
    ("s", ("",)),
    ("x", ("xes",)),
    ("ch", ("ches",)),
    ("sh", ("shes",)),
    ("ay", ("ays",)),
    ("ey", ("eys",)),
    ("oy", ("oys",)),
    ("uy", ("uys",)),
    ("y", ("ies",)),
    ("ie", ("ies",)),
    ("", ("s",)),
)


def spellings(typed: str) -> tuple[str, ...]:
    """Return the folded words of `typed`, then the same with hyphenated words joined; empty if it holds no word.

    >>> spellings("multi-view stereo")
    ('multi view stereo', 'multiview stereo')
    """
    options = [dict.fromkeys((chunk, _JOINT.sub("", chunk))) for chunk in clean(typed).split()]
    ways = (fold(" ".join(chunks)) for chunks in islice(product(*options), _SPELLING_LIMIT))
    return tuple(dict.fromkeys(way for way in ways if way))


def numbers(words: str) -> tuple[str, ...]:
    """Return folded words as they are, then with the last one in its English plural or singular.

    >>> numbers("object detector")
    ('object detector', 'object detectors')
    """
    last = words.rpartition(" ")[2]
    if len(last) < 3 or not (last.isascii() and last.isalpha()) or (len(last) == 3 and last.endswith("s")):
        return (words,)
    ending, others = next(row for row in _ENDINGS if last.endswith(row[0]))
    stem = words.removesuffix(ending)
    return (words, *(stem + other for other in others))
