"""How much a match has to say, and which comes first. Pure."""

from collections.abc import Iterable, Sequence
from typing import Final

from digests.topic import Field, Match, Reason
from digests.venue_words import group_order
from storage.event import EventKind

# A title is chosen to say what a paper is about, and a followed author is asked for by name; a category says little.
_WEIGHTS: Final[dict[Field, float]] = {
    "title": 3.0,
    "author": 3.0,
    "task": 2.0,
    "abstract": 1.0,
    **dict.fromkeys(("category", "venue", "track", "ccf", "rank", "year", "code", "stars"), 0.5),
}
_KINDS: Final[dict[EventKind, int]] = {"announced": 0, "accepted": 0, "cross-listed": 1, "revised": 2}


def score(why: Sequence[Reason]) -> float:
    """Return the weight of the reasons: a title weighs more than an abstract, and each further reason adds to it."""
    return sum(_WEIGHTS[reason.field] for reason in why)


def order(matches: Iterable[Match]) -> tuple[Match, ...]:
    """Put the best first: by score, then what was announced before what was only cross-listed, then the newest paper.

    The papers of a programme stand together, after the others, in the order of its tracks.
    """
    return tuple(sorted(matches, key=_place))


def _place(match: Match) -> tuple[tuple[str, tuple[int, str]], float, int, int, int]:
    return group_order(match.event), -match.score, _KINDS[match.event.kind], -match.paper.id, -match.event.id
