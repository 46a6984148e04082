"""Which sightings are one paper, and which of their words win. Pure: the policy of identity.

The result is a function of the set of sightings, so it does not depend on the order in which they arrived.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from crawler.identifiers import Identifier
from crawler.sighting import Sighting
from storage.namesakes import EXCLUSIVE, Titled, are_one, names
from storage.paper import Paper
from storage.titles import MOST_NAMESAKES, title_key

_NOBODY: Final = Identifier("", "")


@dataclass(frozen=True, slots=True)
class Cluster:
    """Sightings of one paper, with the ids of the stored papers they belong to (none: a new paper; two: they are one)."""

    sightings: tuple[Sighting, ...]
    paper_ids: tuple[int, ...]


@dataclass(slots=True)
class _Group:
    """A tree of joined groups, as in union-find: what `into` points to holds everything."""

    names: set[Identifier]
    stored: tuple[Titled, ...] = ()
    sightings: list[Sighting] = field(default_factory=list)
    paper_ids: set[int] = field(default_factory=set)
    into: "_Group | None" = None

    def root(self) -> "_Group":
        """Return the group that holds everything this one was joined into."""
        group = self
        while group.into is not None:
            group = group.into
        return group

    def contradicts(self, other: "_Group") -> bool:
        """Whether both have a name in a scheme that has one for each paper, and share none."""
        for scheme in EXCLUSIVE:
            ours = {name for name in self.names if name.scheme == scheme}
            theirs = {name for name in other.names if name.scheme == scheme}
            if ours and theirs and ours.isdisjoint(theirs):
                return True
        return False

    def words(self) -> tuple[Titled, ...]:
        """Return what its sightings, stored and fresh, say of themselves to others of the same title."""
        return (*self.stored, *(Titled.of(one) for one in self.sightings))

    def take(self, other: "_Group") -> None:
        """Join `other` into this one."""
        self.names |= other.names
        self.stored += other.stored
        self.sightings += other.sightings
        self.paper_ids |= other.paper_ids
        other.into = self


def cluster(
    sightings: Iterable[Sighting],
    known: Mapping[int, frozenset[Identifier]],
    titled: Mapping[int, tuple[Titled, ...]] | None = None,
) -> list[Cluster]:
    """Group sightings that share a name with each other or with a stored paper, or else a title and authors.

    `known` has, for each stored paper that any of the sightings may be, all of its names, `titled` its own sightings where one
    of them has a title of the fresh ones.
    """
    seen = list(sightings)
    groups = [
        _Group(set(theirs), (titled or {}).get(paper_id) or (Titled.unread(theirs),), paper_ids={paper_id})
        for paper_id, theirs in sorted(known.items())
    ]
    groups += [_Group(set(names(one)), sightings=[one]) for one in seen]
    doubled = _of_one_title(groups)
    for first, *others in _shared(groups):
        for other in others:
            one, two = first.root(), other.root()
            if one is not two and not one.contradicts(two):
                one.take(two)
    for members in doubled:
        for place, member in enumerate(members):
            for other in members[:place]:
                one, two = other.root(), member.root()
                if one is not two and are_one(one.words(), two.words()):
                    one.take(two)
    return [
        Cluster(tuple(group.sightings), tuple(sorted(group.paper_ids)))
        for group in groups
        if group.into is None and group.sightings
    ]


def _of_one_title(groups: Sequence[_Group]) -> list[list[_Group]]:
    """Return the groups that have a title in common: most titles are those of one paper, which is compared with nothing."""
    by_title: dict[int, list[_Group]] = {}
    for group in groups:
        keys = [title_key(one.title) for one in group.sightings] or {one.key for one in group.stored}
        for key in keys:
            if key is not None:
                by_title.setdefault(key, []).append(group)
    return [
        sorted(members, key=lambda group: min(group.names, default=_NOBODY))[:MOST_NAMESAKES]
        for _, members in sorted(by_title.items())
        if len(members) > 1
    ]


def _shared(groups: Sequence[_Group]) -> list[list[_Group]]:
    """Return the groups that share a name, exclusive schemes first, since a shared arXiv id outweighs a shared DOI."""
    by_name: dict[Identifier, list[_Group]] = {}
    for group in groups:
        for name in group.names:
            by_name.setdefault(name, []).append(group)
    shared = [(name, members) for name, members in by_name.items() if len(members) > 1]
    shared.sort(key=lambda item: (item[0].scheme not in EXCLUSIVE, item[0]))
    return [members for _, members in shared]


def merge(paper_id: int, sightings: Iterable[Sighting]) -> Paper:
    """Make one paper of its sightings: of each field, the newest description that has it.

    Newest by the day of the announcement, or for want of one the day on which the version described was handed in, then by
    version; what still ties is decided by the content itself, never by the order of arrival. Identifiers add up.
    """
    newest = list(sightings)
    if len(newest) == 1:
        return _alone(paper_id, newest[0])
    if len({_age(each) for each in newest}) < len(newest):
        newest.sort(key=Sighting.content_hash, reverse=True)
    newest.sort(key=_age, reverse=True)
    # What a list says of papers of other places counts where their own place says nothing.
    newest.sort(key=lambda one: one.second_hand)
    top = newest[0]
    return Paper(
        id=paper_id,
        title=top.title,
        url=top.url,
        authors=next((each.authors for each in newest if each.authors), ()),
        abstract=next((each.abstract for each in newest if each.abstract), ""),
        identifiers=tuple(sorted({name for each in newest for name in each.identifiers})),
        categories=next((each.categories for each in newest if each.categories), ()),
        comment=next((each.comment for each in newest if each.comment), None),
        journal_ref=next((each.journal_ref for each in newest if each.journal_ref), None),
        version=max((each.version for each in newest if each.version), default=None),
        report_number=next((each.report_number for each in newest if each.report_number), None),
        licence=next((each.licence for each in newest if each.licence), None),
        withdrawn=any(each.withdrawn for each in newest if _is_as_new(each, top)),
    )


def _is_as_new(one: Sighting, top: Sighting) -> bool:
    """Tell whether one description is of the same day as the newest, or of the same version: not each says all there is."""
    return _day(one) == _day(top) or (one.version is not None and one.version == top.version)


def _alone(paper_id: int, sighting: Sighting) -> Paper:
    """Make a paper of its only sighting: what `merge` would make of it, in a third of the time."""
    return Paper(
        id=paper_id,
        title=sighting.title,
        url=sighting.url,
        authors=sighting.authors,
        abstract=sighting.abstract,
        identifiers=tuple(sorted(set(sighting.identifiers))),
        categories=sighting.categories,
        comment=sighting.comment or None,
        journal_ref=sighting.journal_ref or None,
        version=sighting.version or None,
        report_number=sighting.report_number or None,
        licence=sighting.licence or None,
        withdrawn=sighting.withdrawn,
    )


def _age(sighting: Sighting) -> tuple[date, int]:
    return _day(sighting), sighting.version or 0


def _day(sighting: Sighting) -> date:
    handed_in = sighting.submissions[-1].at.date() if sighting.submissions else date.min
    return sighting.announced_on or handed_in
