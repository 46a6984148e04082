"""Hugging Face's daily papers as its API writes them, of papers of our own."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

_FULL = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One paper on the list of a day `on`. `repository`, `stars` and `page` may be missing, as they mostly are."""

    id: str
    title: str
    on: date
    published: date
    authors: tuple[str, ...] = ("Ada Lovelace",)
    summary: str = "We describe an engine."
    upvotes: int = 0
    repository: str = ""
    stars: int = 0
    page: str = ""
    keywords: tuple[str, ...] = ()


def render_daily(papers: Iterable[Listed]) -> bytes:
    """Write a list."""
    return json.dumps([_entry(paper) for paper in papers]).encode()


def render_paper(paper: Listed) -> bytes:
    """Write the page of one paper."""
    return json.dumps(_paper(paper)).encode()


def answer_daily(url: str, papers: Sequence[Listed]) -> bytes:
    """Write the page of the list that an address asks for, of these papers; what one day has is in the order given.

    What is trending is what has the most votes.
    """
    asked = dict(parse_qsl(urlsplit(url).query))
    limit, page = min(int(asked.get("limit", "50")), _FULL), int(asked.get("p", "0"))
    trending = asked.get("sort") == "trending"
    wanted = [paper for paper in papers if trending or _is_wanted(paper, asked)]
    if trending:
        wanted.sort(key=lambda paper: -paper.upvotes)
    return render_daily(wanted[page * limit : (page + 1) * limit])


def _is_wanted(paper: Listed, asked: dict[str, str]) -> bool:
    year, week, _ = paper.on.isocalendar()
    if "week" in asked:
        return asked["week"] == f"{year}-W{week:02}"
    return asked.get("date") == paper.on.isoformat()


def _entry(paper: Listed) -> dict[str, Any]:
    # The outer moment is that of the inner one in another time zone, the evening before.
    shifted = f"{paper.published - timedelta(days=1)}T20:00:00.000Z"
    return {
        "paper": _paper(paper),
        "publishedAt": shifted,
        "title": paper.title,
        "summary": paper.summary,
        "thumbnail": f"https://cdn-thumbnails.example.org/{paper.id}.png",
        "numComments": 1,
        "submittedBy": {"_id": "0" * 24, "name": "reader"},
        "isAuthorParticipating": False,
    }


def _paper(paper: Listed) -> dict[str, Any]:
    return {
        "id": paper.id,
        "authors": [{"_id": f"{place:024}", "name": name, "hidden": False} for place, name in enumerate(paper.authors)],
        "publishedAt": f"{paper.published}T00:00:00.000Z",
        "submittedOnDailyAt": f"{paper.on}T00:00:00.000Z",
        "title": paper.title,
        "submittedOnDailyBy": {"_id": "0" * 24, "name": "reader"},
        "summary": paper.summary,
        "upvotes": paper.upvotes,
        "discussionId": "1" * 24,
        **(
            {"githubRepo": paper.repository, "githubRepoAddedBy": "auto", "githubStars": paper.stars}
            if paper.repository
            else {}
        ),
        **({"projectPage": paper.page} if paper.page else {}),
        **({"ai_keywords": list(paper.keywords)} if paper.keywords else {}),
    }
