"""OpenReview's lists of notes as its two APIs write them, of papers of our own, and what it answers to who has no token."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

_FULL = 1000
# A moment of some day, in milliseconds; every note has several, and none of them is an announcement.
_MOMENT = 1_760_000_000_000

CHALLENGE = json.dumps({"name": "ChallengeRequiredError", "challengeUrl": "https://openreview.net/challenge"}).encode()
"""What comes with status 403 in place of a list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """One paper that was handed in. `more` are further fields of its content, `parts` those of the note itself."""

    id: str
    title: str
    venueid: str = "ICLR.cc/2025/Conference"
    venue: str = "ICLR 2025 Poster"
    authors: tuple[str, ...] = ("Ada Lovelace", "Charles Babbage")
    abstract: str = "We describe an engine."
    more: Mapping[str, Any] = field(default_factory=dict)
    parts: Mapping[str, Any] = field(default_factory=dict)


def render_notes(papers: Sequence[Submitted], count: int | None = None, *, old: bool = False) -> bytes:
    """Write a page of a list, `old` as API v1 does."""
    notes = [_note(paper, old=old) for paper in papers]
    return json.dumps({"notes": notes, "count": len(papers) if count is None else count}).encode()


def answer_notes(url: str, papers: Sequence[Submitted]) -> bytes:
    """Write the page of the list that an address asks for: of a group at v2, of all that was handed in at v1."""
    asked = dict(parse_qsl(urlsplit(url).query))
    old = "invitation" in asked
    group = asked.get("invitation", "").partition("/-/")[0] or asked.get("content.venueid", "")
    wanted = [one for one in papers if one.venueid == group or (old and one.venueid.startswith(f"{group}/"))]
    begin, limit = int(asked.get("offset", "0")), min(int(asked.get("limit", str(_FULL))), _FULL)
    return render_notes(wanted[begin : begin + limit], len(wanted), old=old)


def _note(paper: Submitted, *, old: bool) -> dict[str, Any]:
    content: dict[str, Any] = {
        "title": paper.title,
        "authors": list(paper.authors),
        "authorids": [f"~{name.replace(' ', '_')}1" for name in paper.authors],
        "keywords": ["engines"],
        "abstract": paper.abstract,
        "venue": paper.venue,
        "venueid": paper.venueid,
        "pdf": f"/pdf/{'0' * 40}.pdf",
        "_bibtex": f"@{_kind(paper)}{{\nlovelace,\ntitle={{{paper.title}}},\n}}",
        **paper.more,
    }
    content = {name: value for name, value in content.items() if value is not None}
    version = {} if old else {"version": 2, "domain": paper.venueid, "license": "CC BY 4.0"}
    return {
        "id": paper.id,
        "forum": paper.id,
        "number": 1,
        **dict.fromkeys(("cdate", "tcdate", "mdate", "tmdate", "odate", "pdate"), _MOMENT),
        "readers": ["everyone"],
        **version,
        "content": content if old else {name: {"value": value} for name, value in content.items()},
        **paper.parts,
    }


def _kind(paper: Submitted) -> str:
    return "misc" if "ubmitted" in paper.venue else "inproceedings"
