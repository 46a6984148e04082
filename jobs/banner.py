"""What a digest says of its sources: the newest look at each, and whether its batch is news to the reader."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from crawler.feed_health import FEEDS, FeedState
from crawler.source import Source
from crawler.sources import find
from crawler.verdict import SETTLED, Verdict, VerdictKind
from digests.digest import SourceLine
from jobs.feeds import addresses_of, health
from jobs.planning import owed_days
from jobs.scopes import scopes_of
from storage.database import Connection
from storage.days import days_since
from storage.ledger import Day, LedgerLine, newest_day, newest_lines

if TYPE_CHECKING:
    from jobs.settings import Settings


@dataclass(frozen=True, slots=True)
class Watched:
    """A source as the settings turn it on, and its scopes, with their addresses where they have any."""

    source: Source
    scopes: tuple[str, ...]
    addresses: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The source's own name."""
        return self.source.name


def watched(settings: "Settings", now: datetime, read: Mapping[str, Mapping[str, date]]) -> list[Watched]:
    """Return the sources that are on, with what they are asked for on that day.

    `read` has for each source the scopes that were read whole, with their days (`storage.checkpoints`).
    """
    on, today = settings.sources, now.date()
    sources = [Watched(find(name), scopes_of(find(name), wanted, today, read.get(name, {}))) for name, wanted in on.items()]
    feeds = addresses_of(settings)
    return [*sources, *([Watched(find(FEEDS), tuple(feeds), feeds)] if feeds else [])]


Gaps = Mapping[tuple[str, str], tuple[date, ...]]


@dataclass(frozen=True, slots=True)
class LastDigest:
    """The reader's last digest: when it was made (None: there was none), and the days of the batches it knew of."""

    made_at: datetime | None = None
    days: Mapping[str, Any] | None = None


def gaps(connection: Connection, watched: Sequence[Watched], now: datetime) -> Gaps:
    """Return the days owed of every watched scope, by source and scope."""
    owed = {one.name: owed_days(connection, one.source, one.scopes, now) for one in watched}
    return {(name, scope): days for name, some in owed.items() for scope, days in some.items()}


def source_lines(
    connection: Connection, watched: Sequence[Watched], last: LastDigest, owed: Gaps, now: datetime
) -> tuple[list[SourceLine], dict[str, str]]:
    """Say what each watched scope gave since the `last` digest; and return the days of the batches known now."""
    sources = {(one.name, scope): one for one in watched for scope in one.scopes}
    lines, days, known, feeds = [], {}, last.days or {}, list[tuple[LedgerLine, Day | None]]()
    for line in newest_lines(connection):
        one = sources.get((line.source, line.scope))
        if one is None:
            continue
        day = newest_day(connection, line.source, line.scope)
        place = f"{line.source}/{line.scope}"
        if day:
            days[place] = day.announced_on.isoformat()
        fresh = day is not None and known.get(place) != days[place]
        if line.source == FEEDS:
            feeds.append((line, day if fresh else None))
            continue
        if one.source.routes[0].lasting and not fresh and line.verdict.kind in SETTLED:
            continue  # what is not out yet, or was out long ago, is no news of any morning
        said = _source_line(line, one.source.title, day if fresh else None)
        caught_up = tuple(_caught_up(connection, one.source, line.scope, last.made_at, now))
        lines.append(replace(said, owed=owed.get((line.source, line.scope), ()), caught_up=caught_up))
    if feeds:
        one = sources[FEEDS, feeds[0][0].scope]
        lines.append(_line_of_feeds(one.source.title, feeds, _dead(connection, one.addresses, last.made_at)))
    return lines, days


def _dead(connection: Connection, addresses: Mapping[str, str], since: datetime | None) -> tuple[tuple[str, FeedState], ...]:
    """Return the feeds that cannot be read; one that is gone for good only in the first digest after that."""
    return tuple(
        (name, state)
        for name, state in health(connection, addresses).items()
        if state.failing_since and not (state.gone and since and state.last_asked and state.last_asked <= since)
    )


def _line_of_feeds(
    title: str, feeds: Sequence[tuple[LedgerLine, Day | None]], dead: tuple[tuple[str, FeedState], ...]
) -> SourceLine:
    """Say in one line what all feeds gave, for there may be a hundred; none of them is missed while another can be read."""
    fresh = [day for _, day in feeds if day]
    read = [line.verdict for line, _ in feeds if line.verdict.kind in (*SETTLED, "partial")]
    kind: VerdictKind = "complete" if fresh else "quiet" if read else feeds[0][0].verdict.kind
    days = [day.announced_on for day in fresh] or [verdict.announced_on for verdict in read if verdict.announced_on]
    return SourceLine(
        source=FEEDS,
        title=title,
        scope="",
        verdict=Verdict(kind=kind, announced_on=max(days, default=None), seen=sum(day.seen for day in fresh)),
        fresh=bool(fresh),
        looked_at=max(line.at for line, _ in feeds),
        dead=dead,
    )


def _source_line(line: LedgerLine, title: str, new: Day | None) -> SourceLine:
    verdict = line.verdict
    if new and verdict.kind in ("complete", "quiet"):
        # The newest look may have found nothing new; what the reader has not heard of yet is the batch before it.
        verdict = replace(verdict, announced_on=new.announced_on, expected=new.expected, seen=new.seen)
    return SourceLine(
        source=line.source,
        title=title,
        scope=line.scope,
        verdict=verdict,
        fresh=new is not None,
        looked_at=line.at,
    )


def _caught_up(connection: Connection, source: Source, scope: str, since: datetime | None, now: datetime) -> Iterator[date]:
    """Yield the days whose batches have come since the last digest, and after a newer one was out.

    A source whose lists are asked for again and again, for what is added to them, is never late with one.
    """
    calendar = source.routes[0].calendar
    if since is None or source.again:
        return
    for one in days_since(connection, source.name, [scope], now.date() - max(source.memory, timedelta(days=1))):
        newest = calendar.due(one.at).batch_on
        if one.kind == "complete" and one.at > since and newest is not None and one.day < newest:
            yield one.day
