"""Asking the store: what `search`, `show` and `export` read."""

from collections.abc import Iterator, Sequence
from datetime import date
from heapq import nlargest
from itertools import islice
from typing import Literal, NamedTuple

from crawler.errors import SettingsError
from crawler.identifiers import Identifier
from crawler.report import Errand
from crawler.sighting import Sighting
from crawler.text import clean
from digests.folded import Folded
from digests.query import candidates, matches, parse
from jobs.scopes import Parts
from storage.candidates import Everything
from storage.database import Database
from storage.event import Event
from storage.mentions import Post, mentions_of
from storage.paper import Paper
from storage.papers import Version, events, find, find_page, search, sightings, versions


class Known(NamedTuple):
    """All that is known of one paper."""

    paper: Paper
    versions: list[Version]
    sightings: list[Sighting]
    events: list[Event]
    mentions: Sequence[Post] = ()


Order = Literal["newest", "stars"]
"""The newest in the store first, or those whose repository has the most stars."""


def search_papers(database: Database, text: str, limit: int, sort: Order = "newest") -> list[Paper]:
    """Return the first papers that match the query; the index proposes, the query's own meaning decides."""
    query = parse(text)
    with database.reading() as connection:
        proposed = search(connection, candidates(query))
        found = (paper for paper in proposed if matches(query, Folded.of(paper)) is not None)
        return _first(found, limit, sort)


def list_papers(database: Database, venue: str, limit: int, sort: Order, *, with_code: bool) -> list[Paper]:
    """Return the first papers of a venue (empty: of all), with code or whether they have some or not."""
    query = " ".join(([f'venue:"{venue}"'] if venue else []) + (["code:yes"] if with_code else []))
    if query:
        return search_papers(database, query, limit, sort)
    return _first(every_paper(database), limit, sort)


def _first(found: Iterator[Paper], limit: int, sort: Order) -> list[Paper]:
    if sort == "newest":
        return list(islice(found, limit))
    return nlargest(limit, found, key=lambda paper: (-1 if (stars := paper.count("stars")) is None else stars, paper.id))


def known_of(database: Database, text: str) -> Known | None:
    """Return all that is known of the paper of that name, None when there is none."""
    text = clean(text)
    name = Identifier.parse(text) or _own(text)
    if name is None:
        return None
    with database.reading() as connection:
        paper = find(connection, name) or find_page(connection, text)
        if paper is None:
            return None
        return Known(
            paper,
            versions(connection, paper.id),
            sightings(connection, paper.id),
            events(connection, paper.id),
            mentions_of(connection, paper.identifiers),
        )


def _own(text: str) -> Identifier | None:
    scheme, _, value = text.strip().partition(":")
    return Identifier(scheme.lower(), value) if scheme and value else None


def errand_of(since: date | None, until: date | None, limit: int | None, parts: Parts) -> Errand | Parts | None:
    """Return what a crawl is sent for by its options, None for the newest batches; SettingsError for what makes no sense."""
    if parts != Parts():
        if since or until or limit:
            raise SettingsError(["--edition and --volume ask for all of it: neither --since nor --limit goes with them"])
        return parts
    if since is None:
        if until or limit:
            raise SettingsError([f"{'--until' if until else '--limit'} goes with --since"])
        return None
    if until and until < since:
        raise SettingsError([f"--until: {until} lies before {since}"])
    return Errand(since=since, until=until, limit=limit)


def every_paper(database: Database) -> Iterator[Paper]:
    """Yield every paper, the newest first."""
    with database.reading() as connection:
        yield from search(connection, Everything())
