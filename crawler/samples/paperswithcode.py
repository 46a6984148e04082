"""Papers with Code's lists and pages as the API of its successor writes them, of papers of our own."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, urlsplit

_FULL = 100
_SPAN = {"start_date": "0001-01-01", "end_date": "9999-12-31"}
_FILTERS = ("start_date", "end_date", "conference", "task", "method")


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogued:
    """One paper. Of `repositories` each has its address, whether it is official, and its stars."""

    id: str
    title: str
    published: date
    authors: tuple[str, ...] = ("Ada Lovelace",)
    abstract: str = "We describe an engine."
    repositories: tuple[tuple[str, bool, int], ...] = ()
    pages: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    tasks: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    conference: str | None = None
    citations: int = 0


def answer_list(url: str, papers: Sequence[Catalogued]) -> bytes:
    """Write the page of the list that an address asks for, of these papers."""
    asked = dict(parse_qsl(urlsplit(url).query))
    since, until = (date.fromisoformat(asked.get(name, day)) for name, day in _SPAN.items())
    wanted = [paper for paper in papers if since <= paper.published <= until and _is_wanted(paper, asked)]
    wanted.sort(key=lambda paper: (paper.published, paper.id), reverse=asked.get("order_dir") == "desc")
    size, page = min(int(asked.get("page_size", "20")), _FULL), int(asked.get("page", "1"))
    rows = [_paper(paper) for paper in wanted[(page - 1) * size : page * size]]
    applied = {name: asked[name] for name in _FILTERS if name in asked}
    return json.dumps({"count": len(wanted), "results": rows, "applied_filters": applied}).encode()


def render_paper(paper: Catalogued) -> bytes:
    """Write the page of one paper."""
    return json.dumps(_paper(paper)).encode()


def _is_wanted(paper: Catalogued, asked: dict[str, str]) -> bool:
    return (
        asked.get("conference", paper.conference) == paper.conference
        and ("task" not in asked or asked["task"] in paper.tasks)
        and ("method" not in asked or asked["method"] in paper.methods)
    )


def _paper(paper: Catalogued) -> dict[str, Any]:
    return {
        "id": str(int(paper.id.replace(".", ""))),
        "arxiv_id": paper.id,
        "route_identifier": paper.id,
        "title": paper.title,
        "abstract": paper.abstract,
        "authors": list(paper.authors),
        "published": paper.published.isoformat(),
        "citation_count": paper.citations,
        "conference_name": paper.conference,
        "url_abs": f"https://arxiv.org/abs/{paper.id}v1",
        "url_pdf": f"https://arxiv.org/pdf/{paper.id}v1",
        "has_official_implementation": any(official for _, official, _ in paper.repositories),
        "code_repository_count": len(paper.repositories),
        "repositories": [{"url": url, "is_official": official, "stars": stars} for url, official, stars in paper.repositories],
        "project_pages": [{"url": url} for url in paper.pages],
        "hf_models": list(paper.models),
        "hf_datasets": [],
        "hf_spaces": None,
        "tasks": [{"id": str(place), "name": name} for place, name in enumerate(paper.tasks)],
        "methods": [{"id": str(place), "name": name} for place, name in enumerate(paper.methods)],
        "organizations": [],
    }
