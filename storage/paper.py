"""A paper: what we believe, merged from its sightings."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, NamedTuple

from crawler.appearances import Place, places
from crawler.identifiers import Identifier, arxiv_year
from crawler.links import LinkKind
from crawler.programmes import Edition
from crawler.sighting import Author, CountName, Tag, TagKind
from crawler.text import fold

CODE: Final[tuple[LinkKind, ...]] = ("code", "model")
"""What counts as code: repositories, and those of Hugging Face for models."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperLink:
    """A link of a paper: who says so, the first one first, and since when (aware, UTC).

    `official` is whether it is the authors' own repository: what they say, or else whoever knows; None where nobody does.
    """

    url: str
    kind: LinkKind
    official: bool | None
    said_by: tuple[str, ...]
    seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperCount:
    """How many of something a source counted last, and when (aware, UTC)."""

    name: CountName
    value: int
    source: str
    seen_at: datetime


class PaperRank(NamedTuple):
    """The rank that a list (`ccf`, `core`, …) gives to a venue where the paper appears."""

    scheme: str
    value: str
    venue: str


def tag_key(kind: TagKind, value: str) -> str:
    """Return what two spellings of one heading have in common; of an edition, that blanks make no difference.

    >>> tag_key("task", "Semantic-Segmentation"), tag_key("venue", "CVPR 2026")
    ('semantic segmentation', 'cvpr2026')
    """
    folded = fold(value)
    return folded.replace(" ", "") if kind == "venue" else folded


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One paper. Texts are clean and keep their TeX; `version` counts from 1; `announced_on` is its first announcement.

    `licence` is the address of one; `withdrawn` is the newest word of its authors or source; `links` has code first.
    """

    id: int
    title: str
    url: str
    authors: tuple[Author, ...] = ()
    abstract: str = ""
    identifiers: tuple[Identifier, ...] = ()
    categories: tuple[str, ...] = ()
    comment: str | None = None
    journal_ref: str | None = None
    version: int | None = None
    report_number: str | None = None
    licence: str | None = None
    withdrawn: bool = False
    announced_on: date | None = None
    links: tuple[PaperLink, ...] = ()
    tags: tuple[Tag, ...] = ()
    counts: tuple[PaperCount, ...] = ()
    ranks: tuple[PaperRank, ...] = ()

    def identifier(self, scheme: str) -> str | None:
        """Return the paper's name in one scheme, the first in order where it has several."""
        return next((identifier.value for identifier in self.identifiers if identifier.scheme == scheme), None)

    @property
    def code(self) -> tuple[PaperLink, ...]:
        """Where its code is, the authors' own first."""
        return tuple(link for link in self.links if link.kind in CODE)

    @property
    def project_page(self) -> PaperLink | None:
        """The page of the project."""
        return next((link for link in self.links if link.kind == "page"), None)

    @property
    def open_access(self) -> PaperLink | None:
        """A copy that anybody may read."""
        return next((link for link in self.links if link.kind == "pdf"), None)

    def tagged(self, kind: TagKind) -> tuple[str, ...]:
        """Return what the paper is filed under."""
        return tuple(dict.fromkeys(tag.value for tag in self.tags if tag.kind == kind))

    @property
    def places(self) -> tuple[Place, ...]:
        """Where it appears, each place with its tracks, the one to name first at the beginning."""
        return places(self.tags) if self.tags else ()

    @property
    def years(self) -> tuple[int, ...]:
        """The years of the editions where it appears, in that order; else that of its arXiv id, or of its announcement."""
        editions = (Edition.parse(place.venue) for place in self.places)
        if years := tuple(dict.fromkeys(edition.year for edition in editions if edition)):
            return years
        handed_in = arxiv_year(self.identifier("arxiv") or "") or (self.announced_on.year if self.announced_on else None)
        return (handed_in,) if handed_in else ()

    def count(self, name: CountName) -> int | None:
        """Return how many there were when they were counted last; None if nobody has."""
        return next((count.value for count in self.counts if count.name == name), None)
