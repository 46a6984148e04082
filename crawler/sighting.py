"""What a source says about one paper, and about itself: values only. Every datetime is aware and in UTC."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal, NamedTuple, Self

from crawler.identifiers import Identifier
from crawler.links import Link

KEY_LIMIT: Final = 80
"""How many characters a source's own words for a place have at most: the key of a Reject, the section of a Claim."""

# To look for circles, of which there are none here, takes a seventh of the time.
_ENCODER: Final = json.JSONEncoder(ensure_ascii=True, sort_keys=True, separators=(",", ":"), check_circular=False)

Action = Literal["new", "cross", "replace"]
"""What an announcement says happened: first announced, cross-listed into this scope, or replaced by a new version."""


class Author(NamedTuple):
    """One author as printed, affiliation apart."""

    name: str
    affiliation: str | None = None


class Submission(NamedTuple):
    """One version of a paper as its source dates it: its number, counted from 1, and when it was handed in."""

    version: int
    at: datetime


TagKind = Literal["task", "method", "keyword", "venue", "track"]
"""What a source files a paper under; a venue is an edition, as in CVPR2026, a track is oral, poster, or a part of the venue."""


class Tag(NamedTuple):
    """One heading under which a source has a paper; of a track, the `venue` it is at, where a paper may be at several."""

    kind: TagKind
    value: str
    venue: str = ""


CountName = Literal["stars", "upvotes", "citations"]
"""What sources count: stars of its repository, up-votes of a paper, papers that cite it."""


class Count(NamedTuple):
    """How many of something a source counted when the paper was seen."""

    name: CountName
    value: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One paper as one source described it at one moment.

    Texts are clean (see `crawler.text.clean`) but keep their TeX; `version` counts from 1; `announced_on` is the day
    the source's own calendar gives the announcement; `categories` has the primary one first; `submissions` has the
    versions whose moment the source tells, the first one first; `licence` is its address; `withdrawn`: by its authors
    or the source; `links` are those the source itself states; `second_hand`: it describes papers of other places.
    """

    source: str
    key: str
    seen_at: datetime
    title: str
    url: str
    authors: tuple[Author, ...] = ()
    abstract: str = ""
    identifiers: tuple[Identifier, ...] = ()
    categories: tuple[str, ...] = ()
    comment: str | None = None
    journal_ref: str | None = None
    report_number: str | None = None
    licence: str | None = None
    version: int | None = None
    submissions: tuple[Submission, ...] = ()
    withdrawn: bool = False
    links: tuple[Link, ...] = ()
    tags: tuple[Tag, ...] = ()
    second_hand: bool = False
    counts: tuple[Count, ...] = ()
    scope: str = ""
    action: Action | None = None
    announced_on: date | None = None

    def __post_init__(self) -> None:
        """Refuse what would make the store lie."""
        if self.seen_at.tzinfo is None:
            raise ValueError("a sighting needs an aware datetime")
        if not (self.source and self.key and self.title):
            raise ValueError("a sighting needs a source, a key and a title")

    def content(self) -> dict[str, Any]:
        """Return what the source says of the paper, ready to become JSON, without the moment of saying it.

        That is `seen_at`, `counts`, `action` and `scope`: the same description in two scopes, or read twice, is one sighting.
        What only some sources say is left out where it is not said.
        """
        said: dict[str, Any] = {
            "source": self.source,
            "key": self.key,
            "title": self.title,
            "url": self.url,
            "authors": self.authors,
            "abstract": self.abstract,
            "identifiers": self.identifiers,
            "categories": self.categories,
            "comment": self.comment,
            "journal_ref": self.journal_ref,
            "version": self.version,
            "announced_on": self.announced_on.isoformat() if self.announced_on else None,
        }
        if self.report_number:
            said["report_number"] = self.report_number
        if self.licence:
            said["licence"] = self.licence
        if self.submissions:
            said["submissions"] = [(version, at.isoformat()) for version, at in self.submissions]
        if self.tags:
            said["tags"] = [(tag.kind, tag.value) for tag in self.tags]
        for name in ("links", "withdrawn", "second_hand"):
            if value := getattr(self, name):
                said[name] = value
        return said

    def content_text(self) -> str:
        """Return `content()` as JSON, always in the same form."""
        return _ENCODER.encode(self.content())

    def content_hash(self) -> str:
        """Return 64 hexadecimal digits, equal exactly when `content()` is."""
        return hash_of(self.content_text())

    @classmethod
    def from_content(cls, content: Mapping[str, Any], seen_at: datetime) -> Self:
        """Rebuild the sighting from `content()`; what belongs to the moment is left empty."""
        announced_on = content["announced_on"]
        return cls(
            **{
                **content,
                "seen_at": seen_at,
                "authors": tuple(Author(*author) for author in content["authors"]),
                "identifiers": tuple(Identifier(*identifier) for identifier in content["identifiers"]),
                "categories": tuple(content["categories"]),
                "submissions": tuple(
                    Submission(version, datetime.fromisoformat(at)) for version, at in content.get("submissions", ())
                ),
                "links": tuple(Link(*link) for link in content.get("links", ())),
                "tags": tuple(Tag(*tag) for tag in content.get("tags", ())),
                "announced_on": date.fromisoformat(announced_on) if announced_on else None,
            }
        )


def hash_of(content_text: str) -> str:
    """Return the content hash of a sighting whose content is that text."""
    return hashlib.sha256(content_text.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A post, of a blog or the like, that links to papers: its own key, address and title, and the papers in their order.

    `posted_on` is the day (UTC) by the post's own word, `by` the title of the feed it was in. Texts are clean. `is_news`:
    readers are told of it.
    """

    source: str
    key: str
    url: str
    title: str
    identifiers: tuple[Identifier, ...]
    seen_at: datetime
    posted_on: date | None
    by: str = ""
    is_news: bool = True

    def __post_init__(self) -> None:
        """Refuse what would make the store lie."""
        if self.seen_at.tzinfo is None:
            raise ValueError("a mention needs an aware datetime")
        if not (self.source and self.key and self.url and self.title and self.identifiers):
            raise ValueError("a mention needs a source, a key, an address, a title and a paper")


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a listing says about itself: one section of one scope on one day.

    `expected` is the number of entries the source states, None where it states none; `seen` counts the entries on the
    pages read, rejects included, for a reject was seen though not understood.
    """

    scope: str
    section: str
    announced_on: date | None
    expected: int | None
    seen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """An entry that could not be read: where it stood (its key, or its place on the page; clean and short) and why."""

    key: str
    why: str
