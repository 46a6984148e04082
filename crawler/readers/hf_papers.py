"""Hugging Face's daily papers and its pages of single papers (https://huggingface.co/docs/hub/api).

Every paper is one of arXiv, by its id without a version. Only `id`, `title`, `authors`, `publishedAt` and `summary` can be
relied on. The outer `publishedAt` of an entry of a list is shifted by the time zone of whoever made it, so the inner one
counts. A list does not say how many entries it should have, and fills up for two weeks.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from crawler.errors import ReadError
from crawler.identifiers import Identifier, arxiv_id
from crawler.links import Link, code_link, page_link
from crawler.readers.json_api import count_of, list_of, open_json, table_of, text_of
from crawler.sighting import KEY_LIMIT, Author, Claim, Count, Reject, Sighting, Tag
from crawler.source import Fetched, Kind, Page, Wanted
from crawler.text import NAME_LIMIT, TITLE_LIMIT, clean

YOUNG: Final = timedelta(days=30)
"""Papers that are older when they are listed are not announced: people bring up old ones, too."""

_API: Final = "https://huggingface.co/api"
_FULL: Final = 100  # entries, the most a page has
_KEYWORDS: Final = 20


def day_address(wanted: Wanted) -> str:
    """Return the address of the list of a day."""
    return _list(date=(wanted.day or date.min).isoformat())


def week_address(wanted: Wanted) -> str:
    """Return the address of the lists of a whole week (ISO 8601), that of a day."""
    year, week, _ = (wanted.day or date.min).isocalendar()
    return _list(week=f"{year}-W{week:02}")


def week_of(day: date) -> tuple[date, ...]:
    """Return the days of the week of a day, Monday first."""
    monday = day - timedelta(days=day.weekday())
    return tuple(monday + timedelta(days=one) for one in range(7))


def paper_address(wanted: Wanted) -> str:
    """Return the address of one paper."""
    return f"{_API}/papers/{''.join(wanted.keys)}"


def trending_address(_wanted: Wanted) -> str:
    """Return the address of the list of what is talked about."""
    return _list(sort="trending")


def _list(**asked: str) -> str:
    return f"{_API}/daily_papers?{urlencode({**asked, 'p': 0, 'limit': _FULL})}"


def read_daily(fetched: Fetched) -> Page:
    """Read a page of a list of a day or a week; a full one is followed by another.

    Raises ReadError for what is no list.
    """
    entries = open_json(fetched)
    if not isinstance(entries, list):
        raise ReadError(fetched.source, fetched.url, "no list of papers")
    found = [_listed(entry, place, fetched) for place, entry in enumerate(entries, 1)]
    days = Counter(on for on, _ in found)
    return Page(
        kind="announcement",
        sightings=tuple(one for _, one in found if isinstance(one, Sighting)),
        rejects=tuple(one for _, one in found if isinstance(one, Reject)),
        claims=tuple(
            Claim(scope=fetched.scope, section="", announced_on=on, expected=None, seen=seen)
            for on, seen in sorted(days.items())
        ),
        follow=(_next(fetched.url),) if len(entries) >= _FULL else (),
        dated=True,
    )


def read_trending(fetched: Fetched) -> Page:
    """Read the first page of what is talked about, of which nothing is announced. Raises ReadError for what is no list."""
    page = read_daily(fetched)
    seen = tuple(replace(one, action=None, announced_on=None) for one in page.sightings)
    return Page(kind="catalogue", sightings=seen, rejects=page.rejects)


def read_paper(fetched: Fetched) -> Page:
    """Read the page of one paper. Raises ReadError for what is none."""
    paper = open_json(fetched)
    if not isinstance(paper, dict):
        raise ReadError(fetched.source, fetched.url, "no paper")
    one = _paper(paper, {}, None, fetched, "catalogue")
    return Page(kind="catalogue", sightings=(one,)) if isinstance(one, Sighting) else Page(kind="catalogue", rejects=(one,))


def _listed(entry: object, place: int, fetched: Fetched) -> tuple[date, Sighting | Reject]:
    outer = table_of(entry)
    paper = table_of(outer.get("paper"))
    on = _day(paper.get("submittedOnDailyAt")) or fetched.batch_on or fetched.at.date()
    one = _paper(paper, outer, on, fetched, "announcement")
    if isinstance(one, Reject) and not one.key:
        return on, Reject(key=f"entry {place}", why=one.why)
    return on, one


def _paper(paper: dict[str, Any], outer: dict[str, Any], on: date | None, fetched: Fetched, kind: Kind) -> Sighting | Reject:
    found = arxiv_id(text_of(paper.get("id")))
    title = clean(text_of(paper.get("title")) or text_of(outer.get("title")), TITLE_LIMIT)
    if found is None or not title:
        why = "no title" if found else "no arXiv id"
        return Reject(key=clean(text_of(paper.get("id")), KEY_LIMIT), why=why)
    key, published = found[0], _day(paper.get("publishedAt"))
    young = on is not None and published is not None and on - published < YOUNG
    return Sighting(
        source=fetched.source,
        key=key,
        seen_at=fetched.at,
        title=title,
        url=f"https://arxiv.org/abs/{key}",
        authors=tuple(_authors(paper)),
        abstract=clean(text_of(paper.get("summary"))),
        identifiers=(Identifier("arxiv", key),),
        links=tuple(_links(paper)),
        tags=tuple(_tags(paper)),
        counts=tuple(_counts(paper)),
        second_hand=True,
        scope=fetched.scope,
        action="new" if kind == "announcement" and young else None,
        announced_on=on,
    )


def _authors(paper: dict[str, Any]) -> Iterator[Author]:
    for author in list_of(paper.get("authors")):
        name = clean(text_of(table_of(author).get("name")), NAME_LIMIT)
        if name and not table_of(author).get("hidden"):
            yield Author(name)


def _links(paper: dict[str, Any]) -> Iterator[Link]:
    repository = code_link(text_of(paper.get("githubRepo")))
    if repository:
        # `githubRepoAddedBy` says who found it, a user or a program, and not whose it is.
        yield repository
    page = page_link(text_of(paper.get("projectPage")))
    if page and not (repository and page.key == repository.key):
        yield page


def _tags(paper: dict[str, Any]) -> Iterator[Tag]:
    for word in list_of(paper.get("ai_keywords"))[:_KEYWORDS]:
        if keyword := clean(text_of(word), NAME_LIMIT):
            yield Tag("keyword", keyword)


def _counts(paper: dict[str, Any]) -> Iterator[Count]:
    upvotes, stars = count_of(paper.get("upvotes")), count_of(paper.get("githubStars"))
    if upvotes is not None:
        yield Count("upvotes", upvotes)
    if stars is not None and paper.get("githubRepo"):
        yield Count("stars", stars)


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(text_of(value)[:10])
    except ValueError:
        return None


def _next(url: str) -> str:
    parts = urlsplit(url)
    asked = dict(parse_qsl(parts.query))
    page = int(asked.get("p", "0")) if asked.get("p", "0").isdecimal() else 0
    return parts._replace(query=urlencode({**asked, "p": page + 1})).geturl()
