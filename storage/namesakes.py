"""Whether sightings that share no identifier, but a title, are of one paper. Pure."""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple, Self

from crawler.appearances import stated
from crawler.identifiers import Identifier
from crawler.sighting import Sighting
from storage.titles import Person, people, title_key, wrote_together

EXCLUSIVE: Final = frozenset({"arxiv"})
"""A paper has one name in these schemes: two of them contradict each other, whatever else the sightings share."""

_LOOSE: Final = frozenset({"cvf", "pwc"})
"""What is made of addresses that a site changes, or of which a paper has two."""

_OWN: Final = "key:"


def names(sighting: Sighting) -> frozenset[Identifier]:
    """Return every name under which the sighting knows its paper, the source's own key among them."""
    return frozenset({*sighting.identifiers, own_name(sighting.source, sighting.key)})


def own_name(source: str, key: str) -> Identifier:
    """Return the name a source's own key makes; no scheme of the field has a colon in it."""
    return Identifier(f"{_OWN}{source}", key)


class Titled(NamedTuple):
    """What a sighting says of itself to others of its title: who wrote it, its names, and the edition it is listed in.

    `key` is None for a title too short to be compared, `edition` empty where the source states no venue.
    """

    key: int | None
    people: tuple[Person, ...]
    names: frozenset[Identifier]
    edition: str

    @classmethod
    def of(cls, sighting: Sighting) -> Self:
        """Make it of a sighting."""
        place = stated(sighting)
        return cls(title_key(sighting.title), people(sighting.authors), names(sighting), place.key if place else "")

    @classmethod
    def unread(cls, known: frozenset[Identifier]) -> Self:
        """Make it of the names of a paper of which nothing else is known."""
        return cls(None, (), known, "")


def are_one(ours: Iterable[Titled], theirs: Iterable[Titled]) -> bool:
    """Tell whether the sightings of two papers are of one: some have title and authors in common, and no names contradict.

    A paper has one name in a scheme for each edition it stands in: it may be printed at a workshop and a year later at the
    conference, or in a journal, with another DOI each time. The keys of a source contradict nothing: a site that lists a paper
    as a poster and as a talk has two, and one that was built anew has others.
    """
    some, others = tuple(ours), tuple(theirs)
    alike = any(
        one.key is not None and one.key == other.key and wrote_together(one.people, other.people)
        for one in some
        for other in others
    )
    return alike and not _contradict(_by_scheme(some), _by_scheme(others))


def _contradict(ours: Mapping[tuple[str, str], set[str]], theirs: Mapping[tuple[str, str], set[str]]) -> bool:
    return any(ours[place].isdisjoint(theirs[place]) for place in ours.keys() & theirs.keys())


def _by_scheme(sightings: Iterable[Titled]) -> dict[tuple[str, str], set[str]]:
    """Return the names by scheme and edition, but for those that are not given to a paper once and for all."""
    found: dict[tuple[str, str], set[str]] = {}
    for one in sightings:
        for name in one.names:
            if name.scheme not in _LOOSE and not name.scheme.startswith(_OWN):
                edition = "" if name.scheme in EXCLUSIVE else one.edition
                found.setdefault((name.scheme, edition), set()).add(name.value)
    return found
