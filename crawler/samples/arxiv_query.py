"""Answers of arXiv's query API, for the demo and the tests: the form github.com/arXiv/arxiv-search gives them since 2025.

Oddities included: an entry's id is http, its links are https; a range of dates stands in quotes in the title; an error is
a feed with one entry; and asked too often, the server answers in plain text.
"""

import base64
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import parse_qsl

from crawler.identifiers import arxiv_id
from crawler.samples.arxiv import Entry
from crawler.samples.arxiv_feed import xml

THROTTLED: Final = b"Rate exceeded."
"""What arXiv answers who asks too often; with the status 429, and at times with 200."""

_WINDOW: Final = 10_000
_QUERY: Final = re.compile(r"cat:([A-Za-z.*-]+)(?: AND submittedDate:\[(\d{12}) TO (\d{12})\])?")
_QUOTED: Final = re.compile(r"submittedDate:\[(\d{12} TO \d{12})\]")
_FEED: Final = """<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" xmlns:arxiv="http://arxiv.org/schemas/atom" \
xmlns="http://www.w3.org/2005/Atom">
  <id>{id}</id>
  <title>{title}</title>
  <updated>{updated}</updated>
{link}  <opensearch:itemsPerPage>{size}</opensearch:itemsPerPage>
  <opensearch:totalResults>{total}</opensearch:totalResults>
  <opensearch:startIndex>{start}</opensearch:startIndex>
{entries}</feed>
"""
_ERROR: Final = """  <entry>
    <id>{url}</id>
    <title>Error</title>
    <updated>{updated}</updated>
    <link href="{url}" rel="alternate" type="text/html"/>
    <summary>{message}</summary>
    <author>
      <name>arXiv api core</name>
    </author>
  </entry>
"""
_LONG_AGO: Final = datetime(1991, 8, 14, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """One paper as the API knows it: the entry, when its first version was handed in, and when the entry's was (aware).

    `updated` is None for a first version.
    """

    entry: Entry
    published: datetime
    updated: datetime | None = None


def answer_query(query_string: str, papers: Sequence[Submitted]) -> bytes:
    """Return what `/api/query?{query_string}` answers about `papers`.

    It knows `id_list`; and `cat:X`, also `cat:cs.*`, alone or followed by `AND submittedDate:[A TO B]`; both of them
    together; `start`, `max_results`, and the two orders by `submittedDate`. Else the order is that of `papers`, whatever
    that of the ids: a paper arXiv does not have is left out without a word. What the server does not take is an error.
    Raises ValueError for a date that is none, where the server breaks down (status 500).
    """
    asked = {"start": "0", "max_results": "10", **dict(parse_qsl(query_string))}
    if message := _mistake(asked):
        return render_error(message)
    is_meant = _condition(asked.get("search_query", ""))
    names = asked["id_list"].split(",") if "id_list" in asked else None
    found = [paper for paper in papers if is_meant(paper) and (names is None or _is_named(paper, names))]
    if asked.get("sortBy") == "submittedDate":
        found.sort(key=lambda paper: paper.published, reverse=asked.get("sortOrder") != "ascending")
    start = int(asked["start"])
    return render_query(found[start : start + int(asked["max_results"])], query_string, len(found))


def render_query(papers: Sequence[Submitted], query_string: str, total: int) -> bytes:
    """Return the page of `total` papers that shows `papers`, asked for by `query_string`.

    Its `updated`, at arXiv the moment of the call, is here the newest one in it.
    """
    asked = {"search_query": "", "id_list": "", "start": "0", "max_results": "10", **dict(parse_qsl(query_string))}
    search = _QUOTED.sub(r'submittedDate:"\1"', asked["search_query"])
    # Arranged anew by the server, in this order.
    shown = {name: asked[name] for name in ("id_list", "start", "max_results")}
    title = "&".join(f"{name}={text}" for name, text in {"search_query": search, **shown}.items())
    href = f"search_query={search}&start={asked['start']}&max_results={asked['max_results']}&id_list={asked['id_list']}"
    url = f"https://arxiv.org/api/query?{href}".replace(" ", "+").replace('"', "%22")
    digest = base64.b64encode(hashlib.sha1(title.encode(), usedforsecurity=False).digest()).decode()[:-1]
    return _FEED.format(
        id=f"https://arxiv.org/api/{digest}",
        title=xml(f"arXiv Query: {title}"),
        updated=_moment(max((paper.updated or paper.published for paper in papers), default=_LONG_AGO)),
        link=f'  <link href="{xml(url)}" type="application/atom+xml"/>\n',
        size=asked["max_results"],
        total=total,
        start=asked["start"],
        entries="".join(_entry(paper) for paper in papers),
    ).encode()


def render_error(message: str) -> bytes:
    """Return the feed in place of an error, which arXiv sends with the status 400, and once sent with 200."""
    url = "https://arxiv.org/api/errors#" + re.sub(r"\W+", "_", message)
    updated = _moment(_LONG_AGO)
    return _FEED.format(
        id="https://arxiv.org/",
        title="arXiv Search Results",
        updated=updated,
        link="",
        size=1,
        total=1,
        start=0,
        entries=_ERROR.format(url=url, updated=updated, message=xml(message)),
    ).encode()


def _mistake(asked: Mapping[str, str]) -> str:
    """Return what the server finds wrong, in its words as far as they are known."""
    for name in ("max_results", "start"):
        if not asked[name].isdecimal():
            return f"{name} must be an integer"
    for name in filter(None, asked.get("id_list", "").split(",")):
        if arxiv_id(name) is None:
            return f"incorrect id format for {name}"
    if not (asked.get("search_query") or asked.get("id_list")):
        return "Either a search_query or id_list must be specified for the classic API."
    if asked.get("search_query") and not _QUERY.fullmatch(asked["search_query"]):
        return f"Invalid search_query: {asked['search_query']}"
    if int(asked["start"]) + int(asked["max_results"]) > _WINDOW:
        return f"Requested results are outside of the allowed range of {_WINDOW}"
    return ""


def _condition(search_query: str) -> Callable[[Submitted], bool]:
    """Return the test of a search: a category is any of a paper's, and both ends of a range are moments within it."""
    match = _QUERY.fullmatch(search_query)
    if match is None:
        return lambda _: True
    category, begin, end = match.groups()

    def is_meant(paper: Submitted) -> bool:
        categories = paper.entry.categories
        is_in = any(name.startswith(category[:-1]) for name in categories) if category[-1] == "*" else category in categories
        return is_in and (begin is None or _minute(begin) <= paper.published <= _minute(end))

    return is_meant


def _minute(text: str) -> datetime:
    return datetime.strptime(text, "%Y%m%d%H%M").replace(tzinfo=UTC)


def _is_named(paper: Submitted, names: Sequence[str]) -> bool:
    return any(arxiv_id(name) in ((paper.entry.id, None), (paper.entry.id, paper.entry.version)) for name in names)


def _entry(paper: Submitted) -> str:
    entry, name = paper.entry, f"{paper.entry.id}v{paper.entry.version}"
    dois = (entry.doi or "").split()
    lines = [
        f"<id>http://arxiv.org/abs/{name}</id>",
        f"<title>{xml(entry.title)}</title>",
        f"<updated>{_moment(paper.updated or paper.published)}</updated>",
        f'<link href="https://arxiv.org/abs/{name}" rel="alternate" type="text/html"/>',
        f'<link href="https://arxiv.org/pdf/{name}" rel="related" type="application/pdf" title="pdf"/>',
        f"<summary>{xml(entry.abstract)}</summary>",
        *(f'<category term="{category}" scheme="http://arxiv.org/schemas/atom"/>' for category in entry.categories),
        f"<published>{_moment(paper.published)}</published>",
        *([f"<arxiv:comment>{xml(entry.comment)}</arxiv:comment>"] if entry.comment else []),
        f'<arxiv:primary_category term="{entry.categories[0]}"/>',
        *([f"<arxiv:journal_ref>{xml(entry.journal_ref)}</arxiv:journal_ref>"] if entry.journal_ref else []),
        *(_author(author) for author in entry.authors),
        *(f"<arxiv:doi>{xml(doi)}</arxiv:doi>" for doi in dois),
        *(f'<link rel="related" href="https://doi.org/{xml(doi)}" title="doi"/>' for doi in dois),
    ]
    inner = "".join(f"    {line}\n" for line in lines)
    return f"  <entry>\n{inner}  </entry>\n"


def _author(author: str) -> str:
    """Return an author, `Name (Place; Other Place)` with an element for each place."""
    name, _, places = author.partition(" (")
    parts = [f"<name>{xml(name)}</name>"]
    if places:
        parts += [f"<arxiv:affiliation>{xml(place)}</arxiv:affiliation>" for place in places.removesuffix(")").split("; ")]
    inner = "".join(f"      {part}\n" for part in parts)
    return f"<author>\n{inner}    </author>"


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
