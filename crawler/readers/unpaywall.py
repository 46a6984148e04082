"""Unpaywall's page of a DOI, with the copies of it that anybody may read: https://unpaywall.org/products/api.

It wants to know who asks, by a mail address. Whatever is missing, null or of another type is not said.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

from crawler.errors import ReadError
from crawler.identifiers import Identifier, doi
from crawler.links import Link, web_address
from crawler.readers.json_api import count_of, list_of, open_json, table_of, text_of
from crawler.sighting import KEY_LIMIT, Author, Reject, Sighting
from crawler.source import Fetched, Page, Wanted
from crawler.text import NAME_LIMIT, TITLE_LIMIT, clean

_API = "https://api.unpaywall.org/v2"


def work_address(wanted: Wanted) -> str:
    """Return the address of the page of one DOI."""
    return f"{_API}/{quote(''.join(wanted.keys), safe='/')}?{urlencode({'email': wanted.contact})}"


def read_work(fetched: Fetched) -> Page:
    """Read the page of one DOI. Raises ReadError for what is none."""
    work = open_json(fetched)
    if not isinstance(work, dict):
        raise ReadError(fetched.source, fetched.url, "no page of a DOI")
    one = _work(work, fetched)
    return Page(kind="catalogue", sightings=(one,)) if isinstance(one, Sighting) else Page(kind="catalogue", rejects=(one,))


def _work(work: dict[str, Any], fetched: Fetched) -> Sighting | Reject:
    name = doi(text_of(work.get("doi")))
    title = clean(text_of(work.get("title")), TITLE_LIMIT)
    if not name or not title:
        return Reject(key=clean(name or "", KEY_LIMIT), why="no title" if name else "no DOI")
    if name != doi(fetched.scope):
        return Reject(key=clean(name, KEY_LIMIT), why="not the DOI that was asked for")
    journal, year = clean(text_of(work.get("journal_name")), TITLE_LIMIT), count_of(work.get("year"))
    return Sighting(
        source=fetched.source,
        key=name,
        seen_at=fetched.at,
        title=title,
        url=f"https://doi.org/{quote(name, safe='/')}",
        authors=tuple(_authors(work)),
        identifiers=(Identifier("doi", name),),
        journal_ref=f"{journal} ({year})" if journal and year else journal or None,
        links=tuple(_copies(work))[:1],
        second_hand=True,
    )


def _authors(work: dict[str, Any]) -> Iterator[Author]:
    for author in map(table_of, list_of(work.get("z_authors"))):
        parts = (text_of(author.get(part)) for part in ("given", "family"))
        name = clean(" ".join(parts), NAME_LIMIT) or clean(text_of(author.get("raw_author_name")), NAME_LIMIT)
        if name:
            yield Author(name)


def _copies(work: dict[str, Any]) -> Iterator[Link]:
    """Yield the copies as PDF, the best by Unpaywall's word first."""
    if work.get("is_oa") is not True:
        return
    for place in (work.get("best_oa_location"), *list_of(work.get("oa_locations"))):
        if url := web_address(text_of(table_of(place).get("url_for_pdf"))):
            yield Link(url, "pdf")
