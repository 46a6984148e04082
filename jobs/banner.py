"""What a digest says of its sources: the newest look at each, and whether its batch is news to the reader."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from digests.digest import SourceLine
from storage.database import Connection
from storage.ledger import Day, LedgerLine, newest_day, newest_lines


@dataclass(frozen=True, slots=True)
class Watched:
    """A source as the settings turn it on: its name, how a person knows it, and its scopes."""

    name: str
    title: str
    scopes: tuple[str, ...]


def source_lines(
    connection: Connection, watched: Sequence[Watched], known: Mapping[str, Any]
) -> tuple[list[SourceLine], dict[str, str]]:
    """Say what each watched scope gave; `known` are the days of the batches the reader's last digest knew of."""
    titles = {(source.name, scope): source.title for source in watched for scope in source.scopes}
    lines, days = [], {}
    for line in newest_lines(connection):
        if (line.source, line.scope) not in titles:
            continue
        day = newest_day(connection, line.source, line.scope)
        place = f"{line.source}/{line.scope}"
        if day:
            days[place] = day.announced_on.isoformat()
        fresh = day is not None and known.get(place) != days[place]
        lines.append(_source_line(line, titles[line.source, line.scope], day if fresh else None))
    return lines, days


def _source_line(line: LedgerLine, title: str, new: Day | None) -> SourceLine:
    verdict = line.verdict
    if new and verdict.kind in ("complete", "quiet"):
        # The newest look may have found nothing new; what the reader has not heard of yet is the batch before it.
        verdict = replace(verdict, announced_on=new.announced_on, expected=new.expected, seen=new.seen)
    if new:
        verdict = replace(verdict, missed=new.missed)
    return SourceLine(
        source=line.source,
        title=title,
        scope=line.scope,
        verdict=verdict,
        fresh=new is not None,
        looked_at=line.at,
    )
