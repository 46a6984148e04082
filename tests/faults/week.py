"""A week of six categories at arXiv in which something goes wrong every day, and what a reader should get of it.

Nothing here is computed by the code under test: what is wanted, when it can be known and what a list is worth is said
by the script itself.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time

from crawler.samples.arxiv import Entry
from tests.crawler.origin import Origin, Reply
from tests.faults.site import CAPTCHA, cut, feed, feed_page, list_page, listing, show

SCOPES = ("cs.CV", "cs.LG", "cs.RO", "cs.AI", "eess.IV", "cs.CL")
MON, TUE, WED, THU, FRI, SAT = (date(2026, 2, day) for day in range(2, 8))
DAYS = (MON, TUE, WED, THU, FRI)
QUERY = "title:skylark"


def noon(day: date, hour: int = 12) -> datetime:
    """Return an hour in UTC at which the lists and the feeds of that day are both out."""
    return datetime.combine(day, time(hour), UTC)


def paper(scope: str, day: date, number: int) -> Entry:
    """Return a paper; those of even number are wanted."""
    kind = "Skylark" if number % 2 == 0 else "Sparrow"
    return Entry(
        id=f"26{day.month:02}.{SCOPES.index(scope) + 1}{day.day:02}{number:02}",
        title=f"{kind} {number} of {scope} <{day}> & its song",
        authors=("First Author", "Second Author"),
        abstract=f"What sings at {scope} on {day}, number {number}.",
        categories=(scope,),
    )


def batch(scope: str, day: date) -> tuple[Entry, ...]:
    """Return what the list of a category announces on a day: its own papers, one of a neighbour's today, one of yesterday's."""
    neighbour = SCOPES[SCOPES.index(scope) - 1]
    crossing = [paper(neighbour, day, 0)] + ([paper(neighbour, DAYS[DAYS.index(day) - 1], 2)] if day != MON else [])
    own = tuple(_crossed(paper(scope, day, number), scope) for number in range(4))
    others = tuple(replace(_crossed(one, neighbour), action="cross") for one in crossing)
    revised = (replace(_crossed(paper(scope, TUE, 0), scope), action="replace", version=2),)
    return own + others + (revised if (scope, day) == ("cs.CV", THU) else ())


def _crossed(entry: Entry, scope: str) -> Entry:
    """Let the papers that a neighbour lists too say so."""
    neighbour = SCOPES[(SCOPES.index(scope) + 1) % len(SCOPES)]
    crosses = entry.id.endswith(("00", "02"))
    return replace(entry, categories=(scope, neighbour)) if crosses else entry


KNOWN_ON: Mapping[tuple[str, date], date] = {
    ("eess.IV", TUE): WED,
    ("cs.CL", WED): THU,
}
"""Lists that came too late for the digest of their day, and the day of the digest they are in."""

VERDICTS: Mapping[tuple[str, date], tuple[str, str]] = {
    ("cs.LG", TUE): ("complete", "rss"),
    ("eess.IV", TUE): ("stale", "rss"),
    ("cs.RO", WED): ("complete", "rss"),
    ("cs.CL", WED): ("stale", "rss"),
    ("cs.AI", THU): ("complete", "rss"),
}
"""The verdict and the route of every look that is not a complete list."""


def announce(origin: Origin, day: date) -> None:
    """Let the pages be as they are at noon of a day."""
    for scope in SCOPES:
        show(origin, scope, day, batch(scope, day))
    if day == TUE:
        origin.script(listing("cs.LG"), Reply("out of order", status=500))
        # No announcement at all: the list is yesterday's, the feed was built without entries.
        origin.script(listing("eess.IV"), list_page("eess.IV", MON, batch("eess.IV", MON)))
        origin.script(feed("eess.IV"), feed_page("eess.IV", TUE, ()))
    if day == WED:
        both = batch("eess.IV", TUE) + tuple(one for one in batch("eess.IV", WED) if one not in batch("eess.IV", TUE))
        show(origin, "eess.IV", WED, both)
        origin.script(listing("cs.RO"), cut(list_page("cs.RO", WED, batch("cs.RO", WED))))
        # Late: the list and the feed are both those of yesterday.
        show(origin, "cs.CL", TUE, batch("cs.CL", TUE))
    if day == THU:
        origin.script(listing("cs.AI"), CAPTCHA)


def come_late(origin: Origin) -> None:
    """Let the list that was late on Wednesday be there."""
    show(origin, "cs.CL", WED, batch("cs.CL", WED))


def announced() -> dict[str, Entry]:
    """Return every paper of the week by its id, as it was listed first."""
    return {entry.id: entry for day in reversed(DAYS) for scope in SCOPES for entry in batch(scope, day)}


def wanted_on(day: date) -> set[str]:
    """Return the papers that belong into the digest of a day."""
    first: dict[str, date] = {}
    for listed in DAYS:
        for scope in SCOPES:
            for entry in batch(scope, listed):
                known = KNOWN_ON.get((scope, listed), listed)
                if entry.title.startswith("Skylark") and entry.action != "replace":
                    first[entry.id] = min(known, first.get(entry.id, known))
    return {paper_id for paper_id, known in first.items() if known == day}
