"""What would be lost with a sighting: all that the store makes of one, and would make anew of it were its paper split. Pure."""

from collections.abc import Hashable, Iterator, Sequence
from datetime import date
from typing import Final

from crawler.sighting import Sighting
from crawler.venue_mentions import accepted_in
from storage.links import stated_by
from storage.merge import merge
from storage.namesakes import Titled
from storage.paper import Paper, tag_key
from storage.tags import tags_of_venues

_WORDS: Final = ("title", "authors", "abstract", "categories", "comment", "journal_ref", "report_number", "licence")


def supplied_by(sighting: Sighting) -> frozenset[Hashable]:
    """Return all that a sighting says which is kept beside the description of its paper."""
    return frozenset(_supplied_by(sighting))


def _supplied_by(one: Sighting) -> Iterator[Hashable]:
    # What other papers of its title are compared with, its names included.
    yield Titled.of(one)
    listed = any(tag.kind == "venue" for tag in one.tags)
    named = () if listed else accepted_in(one.comment, one.journal_ref)
    for tag in (*one.tags, *tags_of_venues(named)):
        yield tag.kind, tag_key(tag.kind, tag.value)
    for said in stated_by(0, one):
        yield said.link.key, said.link.kind, said.link.official, said.said_by
    yield from one.submissions
    if one.withdrawn:
        yield "withdrawn", _day(one), one.version


def believed(sightings: Sequence[Sighting]) -> tuple[Paper, tuple[Hashable, ...], dict[int, date | None]]:
    """Return the paper that sightings make, how new those are that have its words, and when its versions were announced.

    Were one as newly told as before, but of older words, what is told later of a day between would win where it has not won.
    """
    newest = sorted(sightings, key=_rank, reverse=True)
    ranks = (next((_rank(one) for one in newest if getattr(one, word)), None) for word in _WORDS)
    announced: dict[int, date | None] = {}
    for one in sightings:
        if one.version is not None:
            days = (announced.get(one.version), one.announced_on)
            announced[one.version] = min((day for day in days if day), default=None)
    return merge(0, sightings), tuple(ranks), announced


def _rank(one: Sighting) -> tuple[bool, date, int]:
    """Put sightings in the order in which `storage.merge` takes their words, as far as that is not by chance."""
    return not one.second_hand, _day(one), one.version or 0


def _day(one: Sighting) -> date:
    return one.announced_on or (one.submissions[-1].at.date() if one.submissions else date.min)
