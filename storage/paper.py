"""A paper: what we believe, merged from its sightings."""

from dataclasses import dataclass
from datetime import date

from crawler.identifiers import Identifier
from crawler.sighting import Author


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One paper. Texts are clean and keep their TeX; `version` counts from 1; `announced_on` is its first announcement.

    `licence` is the address of one; `withdrawn` is the newest word of its authors or source.
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

    def identifier(self, scheme: str) -> str | None:
        """Return the paper's name in one scheme, the first in order where it has several."""
        return next((identifier.value for identifier in self.identifiers if identifier.scheme == scheme), None)
