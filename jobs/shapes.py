"""What `--json` prints. Keys may be added, never renamed: programs of other people read them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from crawler.report import Look
from crawler.sighting import Sighting
from jobs.digesting import Digested
from storage.event import Event
from storage.ledger import LedgerLine
from storage.outbox import Delivery, OutboxState
from storage.paper import Paper
from storage.papers import Version
from storage.runs import Run


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
                "missed": [_day(day) for day in look.verdict.missed],
                "rejects": [{"key": reject.key, "why": reject.why} for reject in look.rejects],
            }
            for look in looks
        ]
    }


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
        "venue": None,
        "code_urls": [],
        "url": paper.url,
        "announced_on": _day(paper.announced_on),
        "categories": list(paper.categories),
        "version": paper.version,
    }


def exported_shape(paper: Paper) -> dict[str, Any]:
    """Shape one paper with all the text that is kept of it."""
    return {
        **paper_shape(paper),
        "identifiers": [str(name) for name in paper.identifiers],
        "abstract": paper.abstract,
        "comment": paper.comment,
        "journal_ref": paper.journal_ref,
    }


def shown_shape(
    paper: Paper, versions: Sequence[Version], sightings: Sequence[Sighting], events: Sequence[Event]
) -> dict[str, Any]:
    """Shape all that is known of one paper."""
    return {
        **exported_shape(paper),
        "versions": [{"version": one.version, "on": _day(one.announced_on)} for one in versions],
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
    }


def status_shape(lines: Iterable[LedgerLine], runs: Iterable[Run], outbox: Mapping[OutboxState, int]) -> dict[str, Any]:
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
            }
            for line in lines
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
            for run in runs
        ],
        "outbox": dict(outbox),
    }


def _day(value: date | None) -> str | None:
    return value.isoformat() if value else None


def _moment(value: datetime | None) -> str | None:
    return value.isoformat() if value else None
