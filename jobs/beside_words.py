"""What was asked for beside the newest batches, on a terminal: earlier lists, what is talked about, pages of papers."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from crawler.report import Look, trouble_at
from crawler.sources import all_sources
from crawler.text import clean
from crawler.verdict import SETTLED, VerdictKind
from jobs.moments import counted, said_day

_SIGNS: Final[dict[VerdictKind, str]] = {
    "complete": "✓",
    "quiet": "·",
    "partial": "!",
    "stale": "!",
    "throttled": "!",
    "blocked": "✗",
    "failed": "✗",
}
_LINE: Final = 400
# As the crawler says it, in UTC; here it is said in the reader's time zone, while it is still to come.
_UNTIL: Final = re.compile(r"; not before [0-9-]{10} [0-9:]{8} UTC")


def say_beside(looks: Sequence[Look], now: datetime) -> Iterator[str]:
    """Say in a line each what earlier days brought, those that were asked for once more together, and then what is trending."""
    healed = [one for one in looks if one.task == "healing"]
    once_more = [look for look in healed if _is_once_more(look)]
    yield from (_healed(look, now) for look in healed if look not in once_more)
    yield from (_once_more(source, once_more) for source in dict.fromkeys(look.source for look in once_more))
    yield from (_trending(look) for look in looks if look.task == "trending")
    yield from (_articles(look) for look in looks if look.task == "articles")


def head(source: str, scope: str, kind: VerdictKind) -> str:
    """Name a scope of a source, after the sign of a verdict on it."""
    known = all_sources()
    title = known[source].title if source in known else source
    return f"{_SIGNS[kind]} {clean(f'{title} {scope}')}"


def without(source: str, scope: str, why: str) -> str:
    """Say why something went wrong, without what stands elsewhere: the source, and the moment of the next try."""
    return clean(_UNTIL.sub("", why.replace(trouble_at(source, scope, ""), "")), _LINE)


def _is_once_more(look: Look) -> bool:
    """Tell whether a list that was read before was asked for what has been added to it."""
    known = all_sources().get(look.source)
    return known is not None and bool(known.again) and look.verdict.kind in SETTLED


def _once_more(source: str, looks: Sequence[Look]) -> str:
    """Say what the earlier lists of a source brought when they were asked for once more."""
    ours = [look for look in looks if look.source == source]
    found = f"{sum(look.new for look in ours):,} new, {sum(look.updated for look in ours):,} changed"
    asked = counted(sum(look.requests for look in ours), "request")
    lists = counted(len(ours), "earlier list")
    return f"{head(source, ours[0].scope, 'complete')}: {lists} once more; {found}, {asked}"


def _trending(look: Look) -> str:
    """Say what a list of what is talked about brought."""
    if look.verdict.kind not in (*SETTLED, "partial"):
        said = f"not here: {without(look.source, look.scope, look.verdict.why)}"
    else:
        papers, asked = counted(look.seen, "paper"), counted(look.requests, "request")
        said = f"{papers}; {look.new:,} new, {look.updated:,} changed, {asked}"
    return f"{head(look.source, '', look.verdict.kind)}, trending: {said}"


def _articles(look: Look) -> str:
    """Say what pages of papers brought that their lists had left out."""
    read = f"{counted(look.seen, 'paper')} read on {'its' if look.seen == 1 else 'their'} own pages"
    barren = f", {counted(len(look.rejects), 'page')} without one" if look.rejects else ""
    stopped = f"; {without(look.source, look.scope, look.error)}" if look.error else ""
    return f"{head(look.source, '', look.verdict.kind)}: {read}{barren}{stopped}"


def _healed(look: Look, now: datetime) -> str:
    """Say what became of an earlier day."""
    day = said_day(look.day, now) if look.day else ""
    verdict = look.verdict
    match verdict.kind:
        case "complete":
            stated = "" if verdict.expected is None else f" of {verdict.expected}"
            said = f"caught up, all {verdict.seen}{stated}; {look.new} new"
        case "quiet":
            said = "there was no list"
        case _:
            said = f"not here yet: {without(look.source, look.scope, verdict.why)}"
    return f"{head(look.source, look.scope, verdict.kind)}, {day}: {said}"
