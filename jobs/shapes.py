"""What `--json` prints. Keys may be added, never renamed: programs of other people read them."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from crawler.report import Look
from crawler.sighting import Sighting, Tag
from digests.places import places
from jobs.digesting import Digested
from jobs.state import State
from storage.event import Event
from storage.mentions import Post
from storage.outbox import Delivery
from storage.paper import Paper
from storage.papers import Version
from storage.runs import RunKey


def crawl_shape(looks: Iterable[Look]) -> dict[str, Any]:
    """Shape the looks of a crawl."""
    return {
        "runs": [
            {
                "source": look.source,
                "scope": look.scope,
                "route": look.route,
                "verdict": look.verdict.kind,
                "announced_on": _day(look.verdict.announced_on),
                "requests": look.requests,
                "seen": look.seen,
                "new": look.new,
                "updated": look.updated,
                "rejected": len(look.rejects),
                "seconds": round(look.seconds, 3),
                "error": look.error,
                "expected": look.verdict.expected,
                "why": look.verdict.why,
                "next_at": _moment(look.verdict.next_at),
                "task": look.task,
                "rejects": [{"key": reject.key, "why": reject.why} for reject in look.rejects],
            }
            for look in looks
        ]
    }


def left_shape(left: Iterable[RunKey]) -> dict[str, Any]:
    """Shape the parts of a back-fill that are left to a daemon."""
    return {"runs": [], "left": [{"source": key.about, "period": key.period} for key in left]}


def digest_shape(digested: Iterable[Digested], output: Path) -> dict[str, Any]:
    """Shape what became of the digests, whose files lie below `output`."""
    return {
        "digests": [
            {
                "subscription": one.subscription,
                "period": one.period,
                "papers": one.papers,
                "updates": one.updates,
                "files": [str(output / place) for place in one.files],
                "state": one.state,
            }
            for one in digested
        ]
    }


def send_shape(deliveries: Iterable[Delivery]) -> dict[str, Any]:
    """Shape what became of the messages."""
    return {
        "deliveries": [
            {
                "subscription": one.subscription,
                "recipient": one.recipient,
                "state": one.state,
                "attempts": one.attempts,
                "message_id": one.message_id,
                "error": one.error,
                "period": one.period,
                "form": one.form,
                "next_at": _moment(one.next_at),
            }
            for one in deliveries
        ]
    }


def paper_shape(paper: Paper) -> dict[str, Any]:
    """Shape one paper, as `search` and `export` list it."""
    return {
        "id": f"paperlark:{paper.id}",
        "title": paper.title,
        "authors": [author.name for author in paper.authors],
        "arxiv_id": paper.identifier("arxiv"),
        "doi": paper.identifier("doi"),
        "venue": paper.places[0].venue if paper.places else None,
        "code_urls": [link.url for link in paper.code],
        "url": paper.url,
        "announced_on": _day(paper.announced_on),
        "categories": list(paper.categories),
        "version": paper.version,
        "withdrawn": paper.withdrawn,
        "stars": paper.count("stars"),
        "tasks": list(paper.tagged("task")),
        "year": next(iter(paper.years), None),
        "tracks": list(paper.places[0].tracks if paper.places else paper.tagged("track")),
        "venues": [{"venue": place.venue, "tracks": list(place.tracks)} for place in paper.places],
        "ranks": [{"scheme": rank.scheme, "rank": rank.value, "venue": rank.venue} for rank in paper.ranks],
    }


def exported_shape(paper: Paper) -> dict[str, Any]:
    """Shape one paper with all the text that is kept of it."""
    return {
        **paper_shape(paper),
        "identifiers": [str(name) for name in paper.identifiers],
        "abstract": paper.abstract,
        "comment": paper.comment,
        "journal_ref": paper.journal_ref,
        "report_number": paper.report_number,
        "licence": paper.licence,
        "links": [
            {
                "url": link.url,
                "kind": link.kind,
                "official": link.official,
                "said_by": list(link.said_by),
                "seen_at": _moment(link.seen_at),
            }
            for link in paper.links
        ],
        "tags": [_tag(tag) for tag in paper.tags],
        "counts": [
            {"name": one.name, "value": one.value, "source": one.source, "seen_at": _moment(one.seen_at)}
            for one in paper.counts
        ],
    }


def shown_shape(
    paper: Paper,
    versions: Sequence[Version],
    sightings: Sequence[Sighting],
    events: Sequence[Event],
    mentions: Sequence[Post] = (),
) -> dict[str, Any]:
    """Shape all that is known of one paper."""
    return {
        **exported_shape(paper),
        "versions": [
            {"version": one.version, "on": _day(one.announced_on), "submitted_at": _moment(one.submitted_at)}
            for one in versions
        ],
        "sightings": [
            {
                "source": one.source,
                "key": one.key,
                "seen_at": _moment(one.seen_at),
                "announced_on": _day(one.announced_on),
                "version": one.version,
                "title": one.title,
            }
            for one in sightings
        ],
        "events": [{"kind": one.kind, "on": _day(one.on), "detail": dict(one.detail)} for one in events],
        "mentions": [
            {"title": one.title, "url": one.url, "by": one.by, "on": _day(one.posted_on), "seen_at": _moment(one.seen_at)}
            for one in mentions
        ],
        "places": [{"name": name, "url": url} for name, url in places(paper)],
    }


def status_shape(state: State) -> dict[str, Any]:
    """Shape the state of the whole."""
    return {
        "sources": [
            {
                "source": line.source,
                "scope": line.scope,
                "verdict": line.verdict.kind,
                "announced_on": _day(line.verdict.announced_on),
                "expected": line.verdict.expected,
                "seen": line.verdict.seen,
                "at": _moment(line.at),
                "route": line.route,
                "why": line.verdict.why,
                "next_at": _moment(line.verdict.next_at),
                "requests": line.requests,
                "owed": [_day(day) for day in state.owed.get((line.source, line.scope), ())],
            }
            for line in state.lines
        ],
        "runs": [
            {
                "kind": run.kind,
                "about": run.about,
                "period": run.period,
                "state": run.state,
                "started_at": _moment(run.started_at),
                "finished_at": _moment(run.finished_at),
            }
            for run in state.runs
        ],
        "outbox": dict(state.outbox),
        "feeds": _feeds(state),
        "left": [{"source": source, "parts": number} for source, number in state.left.items()],
    }


def _feeds(state: State) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "url": state.addresses[name],
            "address": feed.url,
            "gone": feed.gone,
            "failing_since": _moment(feed.failing_since),
            "failure": feed.failure,
            "asked_at": _moment(feed.last_asked),
        }
        for name, feed in state.feeds.items()
    ]


def _tag(tag: Tag) -> dict[str, str]:
    return {"kind": tag.kind, "value": tag.value, **({"venue": tag.venue} if tag.venue else {})}


def _day(value: date | None) -> str | None:
    return value.isoformat() if value else None


def _moment(value: datetime | None) -> str | None:
    return value.isoformat() if value else None
