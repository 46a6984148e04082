"""Four days of six categories at arXiv, the second of them a bad one, and what a reader should get of them.

Nothing here is computed by the code under test: what is wanted, when it can be known and what a list is worth is said
by the script itself.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time

from crawler.samples.arxiv import Entry
from tests.crawler.origin import Origin, Reply
from tests.faults.site import CAPTCHA, catchup, catchup_page, cut, feed, feed_page, list_page, listing, show

SCOPES = ("cs.CV", "cs.LG", "cs.RO", "cs.AI", "eess.IV", "cs.CL")
WED, THU, FRI, SAT = (date(2026, 2, day) for day in range(4, 8))
DAYS = (WED, THU, FRI)
QUERY = "title:skylark"
REVISED = "2602.10400"
"""A paper of Wednesday that has a new version on Friday."""


def noon(day: date, hour: int = 12) -> datetime:
    """Return an hour in UTC at which the lists and the feeds of that day are both out."""
    return datetime.combine(day, time(hour), UTC)


def paper(scope: str, day: date, number: int) -> Entry:
    """Return a paper; those of even number are wanted, and listed by a second category too."""
    wanted = number % 2 == 0
    place = SCOPES.index(scope)
    return Entry(
        id=f"26{day.month:02}.{place + 1}{day.day:02}{number:02}",
        title=f"{'Skylark' if wanted else 'Sparrow'} {number} of {scope} <{day}> & its song",
        authors=("First Author", "Second Author"),
        abstract=f"What sings at {scope} on {day}, number {number}.",
        categories=(scope, SCOPES[(place + 1) % len(SCOPES)]) if wanted else (scope,),
    )


def batch(scope: str, day: date) -> tuple[Entry, ...]:
    """Return what the list of a category has on a day: papers of its own, one of another today, one of another yesterday."""
    other = SCOPES[SCOPES.index(scope) - 1]
    own = [paper(scope, day, number) for number in range(4)]
    crossing = [paper(other, day, 0)] + ([paper(other, DAYS[DAYS.index(day) - 1], 2)] if day != WED else [])
    revised = [paper(scope, WED, 0)] if (scope, day) == ("cs.CV", FRI) else []
    return (
        *own,
        *(replace(entry, action="cross") for entry in crossing),
        *(replace(entry, action="replace", version=2) for entry in revised),
    )


KNOWN_ON: Mapping[tuple[str, date], date] = {("eess.IV", THU): FRI, ("cs.CL", THU): FRI}
"""The lists that came too late for the digest of their day, and the day of the digest they are in."""

THURSDAY: Mapping[str, tuple[str, str]] = {
    "cs.CV": ("complete", "listing"),
    "cs.LG": ("partial", "rss"),
    "cs.RO": ("complete", "catchup"),
    "cs.AI": ("complete", "catchup"),
    "eess.IV": ("stale", "listing"),
    "cs.CL": ("stale", "rss"),
}
"""The verdicts and the routes of the bad day."""


def announce(origin: Origin, day: date) -> None:
    """Let the pages be as they are at noon of a day."""
    for scope in SCOPES:
        show(origin, scope, day, batch(scope, day))
    if day == THU:
        origin.script(listing("cs.LG"), Reply("out of order", status=500))
        origin.script(listing("cs.RO"), cut(list_page("cs.RO", THU, batch("cs.RO", THU))))
        origin.script(listing("cs.AI"), CAPTCHA)
        # No announcement at all: the list is yesterday's, the feed was built without entries.
        origin.script(listing("eess.IV"), list_page("eess.IV", WED, batch("eess.IV", WED)))
        origin.script(feed("eess.IV"), feed_page("eess.IV", THU, ()))
        # Late: the list and the feed are both those of yesterday.
        show(origin, "cs.CL", WED, batch("cs.CL", WED))
        for scope in ("eess.IV", "cs.CL"):
            origin.script(catchup(scope, THU), catchup_page(scope, THU, ()))
    if day == FRI:
        # What was not announced on Thursday is announced with Friday's.
        own = batch("eess.IV", FRI)
        show(origin, "eess.IV", FRI, own + tuple(entry for entry in batch("eess.IV", THU) if entry not in own))


def come_late(origin: Origin) -> None:
    """Let the list that was late on Thursday be there."""
    show(origin, "cs.CL", THU, batch("cs.CL", THU))


def announced() -> dict[str, Entry]:
    """Return every paper by its id, as it was listed first."""
    return {entry.id: entry for day in reversed(DAYS) for scope in SCOPES for entry in batch(scope, day)}


def wanted() -> dict[str, date]:
    """Return every wanted paper with the day whose digest it belongs into: the first on which one list had it in time."""
    first: dict[str, date] = {}
    for day in DAYS:
        for scope in SCOPES:
            for entry in batch(scope, day):
                if entry.title.startswith("Skylark"):
                    known = KNOWN_ON.get((scope, day), day)
                    first[entry.id] = min(known, first.get(entry.id, known))
    return first


def wanted_on(day: date) -> set[str]:
    """Return the papers that belong into the digest of a day."""
    return {paper_id for paper_id, known in wanted().items() if known == day}


def newest_batch() -> set[str]:
    """Return the wanted papers that were new on Friday to one list at least."""
    listed = [entry for scope in SCOPES for entry in batch(scope, FRI)] + list(batch("eess.IV", THU))
    found = {entry.id for entry in listed if entry.title.startswith("Skylark") and entry.action != "replace"}
    # On the list of eess.IV at last, but cs.CL had it the day before.
    return found - {paper("eess.IV", THU, 0).id}
