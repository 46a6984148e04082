"""The lists and pages of the virtual sites of conferences, of events of our own."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final

_PAGE: Final = """<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <title>{venue} {kind} {title}</title>
</head>
<body>
<nav><a href="https://openreview.net/">OpenReview</a></nav>
<main>
  <h1 class="event-title">{title}</h1>
  <div class="event-organizers">
    {authors}
  </div>
  <a class="action-btn" href="{paper}">OpenReview</a>
  <div class="abstract-section">
    <h3 class="abstract-header">Abstract</h3>
    <div class="abstract-text-inner"><p>{abstract}</p></div>
  </div>
  <div class="abstract-section">
    <h3 class="abstract-header">Lay Summary</h3>
    <div class="abstract-text-inner"><p>It reckons.</p></div>
  </div>
</main>
</body>
</html>
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event of an edition, as its site has it; `paper` is where the paper is, `group` where it was handed in."""

    id: int
    title: str
    kind: str = "Poster"
    decision: str | None = "Accept (poster)"
    authors: tuple[str, ...] = ("Ada Lovelace", "Charles Babbage")
    abstract: str | None = "We describe an engine."
    paper: str | None = None
    group: str = "https://openreview.net/group?id=NeurIPS.cc/2025/Conference"
    uid: str | None = None
    year: int = 2025
    topic: str | None = None
    keywords: tuple[str, ...] = ()
    related: tuple[int, ...] = ()
    session: str = "Poster Session 1"
    visible: bool = True

    @property
    def path(self) -> str:
        """Where its page is."""
        return f"/virtual/{self.year}/{self.kind.lower()}/{self.id}"


def render_events(events: Sequence[Event], count: int | None = None) -> bytes:
    """Write the list; `count` is the number it states where that is another."""
    told = {"count": len(events) if count is None else count, "next": None, "previous": None}
    return json.dumps({**told, "results": [_event(event) for event in events]}).encode()


def render_event(event: Event, venue: str = "NeurIPS") -> bytes:
    """Write the page of one event."""
    return _PAGE.format(
        venue=venue,
        kind=event.kind,
        title=escape(event.title),
        authors=" ⋅ ".join(escape(name) for name in event.authors),
        paper=event.paper or "#",
        abstract=escape(event.abstract or ""),
    ).encode()


def _event(event: Event) -> dict[str, Any]:
    """Return the event as JSON, with the references to characters that the sites leave in it."""
    return {
        "id": event.id,
        "uid": event.uid,
        "name": escape(event.title, quote=False),
        "authors": [
            {"id": place, "fullname": escape(name, quote=False), "url": None, "institution": None}
            for place, name in enumerate(event.authors)
        ],
        "abstract": escape(event.abstract, quote=False) if event.abstract else None,
        "topic": event.topic,
        "keywords": list(event.keywords),
        "decision": event.decision,
        "session": event.session,
        "eventtype": event.kind,
        "event_type": f"{{location}} {event.kind}",
        "room_name": "Exhibit Hall A",
        "virtualsite_url": event.path,
        "url": None,
        "sourceid": 1,
        "sourceurl": event.group,
        "starttime": f"{event.year}-12-05T16:30:00-08:00",
        "endtime": f"{event.year}-12-05T19:30:00-08:00",
        "paper_url": event.paper,
        "paper_pdf_url": None,
        "eventmedia": [],
        "related_events_ids": list(event.related),
        "visible": event.visible,
    }
