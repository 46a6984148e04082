"""A paper as Papers with Code describes it: in the API of its successor, in the old one, and in the dumps of the old one.

https://paperswithcode.co/api/v1/, by the contract of its command line (github.com/huggingface/pwc-cli, 2026-08); the old API
and the dumps by https://github.com/paperswithcode/paperswithcode-data. What is missing, null or of another type is not said.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, Final
from urllib.parse import quote

from crawler.identifiers import Identifier
from crawler.links import Link, code_link, page_link, web_address
from crawler.readers.json_api import count_of, list_of, table_of, text_of
from crawler.sighting import KEY_LIMIT, Author, Count, Reject, Sighting, Tag, TagKind
from crawler.source import Fetched
from crawler.text import NAME_LIMIT, TITLE_LIMIT, clean

SITE: Final = "https://paperswithcode.co/paper/"
_TAGS: Final = 20  # of one kind
_EDITION: Final = re.compile(r"([0-9]?[A-Za-z][A-Za-z&+]{1,14})[ -]?((?:19|20)[0-9]{2})(?![0-9])")
_ADDRESSES: Final = ("url_abs", "paper_url_abs", "source_url", "url_pdf", "paper_url_pdf")
# The page of a paper at the site that has closed; the last part is its id in the old API as well.
_SLUG: Final = re.compile(r"https?://(?:www\.)?paperswithcode\.com/paper/([^/?#\s]+)/?", re.IGNORECASE)


def read_entry(entry: dict[str, Any], fetched: Fetched) -> Sighting | Reject:
    """Read one paper; it is `second_hand`, and is not announced."""
    names = tuple(_names(entry))
    key = next((name.value for name in names if name.scheme == "arxiv"), "") or _key(entry)
    title = clean(text_of(entry.get("title")) or text_of(entry.get("paper_title")), TITLE_LIMIT)
    if not key or not title:
        return Reject(key=key, why="no title" if key else "no id")
    return Sighting(
        source=fetched.source,
        key=key,
        seen_at=fetched.at,
        title=title,
        url=_url(entry, names, key),
        authors=tuple(_authors(entry)),
        abstract=clean(text_of(entry.get("abstract"))),
        identifiers=names,
        links=tuple(_links(entry)),
        tags=tuple(_tags(entry)),
        counts=tuple(_counts(entry)),
        second_hand=True,
        scope=fetched.scope,
    )


def published(entry: dict[str, Any]) -> date | None:
    """Return the day on which a paper came out."""
    for name in ("published", "date_published", "date"):
        try:
            return date.fromisoformat(text_of(entry.get(name))[:10])
        except ValueError:
            continue
    return None


def edition(text: str) -> str:
    """Return the edition of a conference that a text begins with, as in CVPR2026; nothing for any other text.

    >>> edition("CVPR 2026"), edition("neurips-2019-12"), edition("International Conference")
    ('CVPR2026', 'NEURIPS2019', '')
    """
    match = _EDITION.match(text.strip())
    if match is None:
        return ""
    return (match[1].upper() if match[1].islower() else match[1]) + match[2]


def tags(kind: TagKind, found: Iterable[object]) -> Iterator[Tag]:
    """Yield the headings of one kind: names, or objects that have one."""
    names = (clean(text_of(one) or text_of(table_of(one).get("name")), NAME_LIMIT) for one in found)
    for name in [*dict.fromkeys(filter(None, names))][:_TAGS]:
        yield Tag(kind, name)


def repository(entry: object) -> Link | None:
    """Return a repository, given as an object or an address, as a link; None where it is none."""
    told = table_of(entry)
    address = text_of(entry) or text_of(told.get("url")) or text_of(told.get("repo_url"))
    official = told.get("is_official")
    return code_link(address.strip(), official=official if isinstance(official, bool) else None)


def _names(entry: dict[str, Any]) -> Iterator[Identifier]:
    """Yield the paper's identifiers: that of arXiv as it is said, or else as its address has it; its DOI; its old page's."""
    texts = (text_of(entry.get(name)) for name in ("arxiv_id", "paper_arxiv_id", "doi", *_ADDRESSES))
    parsed = [found for text in texts if text and (found := Identifier.parse(text))]
    for scheme in ("arxiv", "doi"):
        yield from [found for found in parsed if found.scheme == scheme][:1]
    if slug := _slug(entry):
        yield Identifier("paperswithcode", slug)


def _slug(entry: dict[str, Any]) -> str:
    match = _SLUG.fullmatch(clean(text_of(entry.get("paper_url"))))
    return _short(match[1]) if match else ""


def _key(entry: dict[str, Any]) -> str:
    """Return what the paper is called there: slugs, numbers and addresses each in a name space of their own."""
    if slug := _slug(entry):
        return slug
    number = entry.get("id")
    text = str(number) if count_of(number) is not None else clean(text_of(number))
    if text:
        return f"id:{text}" if text.isdecimal() else _short(text)
    for name, space in (("route_identifier", "route"), ("paper_url", "url")):
        if text := clean(text_of(entry.get(name))):
            return _short(f"{space}:{text}")
    return ""


def _short(text: str) -> str:
    """Return a text as it is, or its beginning with a digest of all of it: to cut alone would make one of two."""
    return text if len(text) <= KEY_LIMIT else f"{text[:39]}-{hashlib.sha256(text.encode()).hexdigest()[:40]}"


def _url(entry: dict[str, Any], names: tuple[Identifier, ...], key: str) -> str:
    if names and names[0].scheme == "arxiv":
        return f"https://arxiv.org/abs/{names[0].value}"
    # The page of the site that has closed leads to where its papers are now.
    found = (web_address(text_of(entry.get(name))) for name in (*_ADDRESSES, "paper_url"))
    return next(filter(None, found), None) or f"{SITE}{quote(key.partition(':')[2] or key, safe='.')}"


def _authors(entry: dict[str, Any]) -> Iterator[Author]:
    for author in list_of(entry.get("authors")):
        if name := clean(text_of(author) or text_of(table_of(author).get("name")), NAME_LIMIT):
            yield Author(name)


def _links(entry: dict[str, Any]) -> Iterator[Link]:
    seen: set[str] = set()
    found = [link for one in list_of(entry.get("repositories")) if (link := repository(one))]
    found.sort(key=lambda link: not link.official)
    for name in ("hf_models", "hf_datasets", "hf_spaces"):
        found += [link for one in list_of(entry.get(name)) if (link := code_link(_address(one)))]
    found += [link for one in list_of(entry.get("project_pages")) if (link := page_link(_address(one)))]
    for link in found:
        if link.key not in seen:
            seen.add(link.key)
            yield link


def _address(value: object) -> str:
    return (text_of(value) or text_of(table_of(value).get("url"))).strip()


def _tags(entry: dict[str, Any]) -> Iterator[Tag]:
    yield from tags("task", list_of(entry.get("tasks")))
    yield from tags("method", list_of(entry.get("methods")))
    for name in ("conference_name", "conference", "proceeding"):
        if venue := edition(text_of(entry.get(name)) or text_of(table_of(entry.get(name)).get("name"))):
            yield Tag("venue", venue)
            return


def _counts(entry: dict[str, Any]) -> Iterator[Count]:
    citations = count_of(entry.get("citation_count"))
    if citations is not None:
        yield Count("citations", citations)
    told = sorted(map(table_of, list_of(entry.get("repositories"))), key=lambda one: one.get("is_official") is not True)
    stars = next((found for one in told if repository(one) and (found := count_of(one.get("stars"))) is not None), None)
    if stars is not None:
        yield Count("stars", stars)
