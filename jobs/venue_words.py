"""Venues and ranks on a terminal and as JSON."""

import calendar
import shutil
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any, Final

from crawler.readers.venue_list import CCF, CCFDDL
from crawler.report import Look
from crawler.text import clean
from crawler.venues import Rank, Venue
from jobs.beside_words import without
from jobs.columns import fitted, table
from jobs.moments import counted, said_day
from jobs.venue_lists import ImportedRanks, KnownVenues
from storage.venues import OWN

_TITLES: Final = {CCF: "CCF catalogue, by CCFrank4dblp", CCFDDL: "conferences, by ccfddl"}
_HEADING: Final = ("venue", "name", "kind", "CCF", "other ranks", "out in")
_ACRONYM: Final = 16
_OTHERS: Final = 30
_OTHERS_NARROW: Final = 18
_ROWS: Final = 10
_LINE: Final = 400
_NARROW: Final = 110
_SHORTER: Final = {
    "International": "Intl.",
    "Conference": "Conf.",
    "Transactions": "Trans.",
    "Symposium": "Symp.",
    "Proceedings": "Proc.",
    "Journal": "J.",
}
"""How long words of nearly every name are written where there is little room."""


def say_venues(venues: Sequence[Venue], known: KnownVenues, now: datetime) -> str:
    """List venues, and say how many there are, of which day the ranks are, and since when the whole lists are here."""
    width = shutil.get_terminal_size().columns
    rows = [_row(venue, now.year, narrow=width < _NARROW) for venue in venues]
    lines = [*table(_HEADING, rows, 1, width), ""] if rows else []
    return "\n".join((*lines, *_last(venues, known, now)))


def _row(venue: Venue, year: int, *, narrow: bool) -> tuple[str, ...]:
    ccf = newest(venue, CCF)
    changed = ccf is not None and any(rank.value != ccf.value for rank in venue.ranks if rank.scheme == CCF)
    said = (ccf.value or "none") if ccf else ""
    return (
        fitted(venue.acronym, _ACRONYM),
        " ".join(_SHORTER.get(word, word) for word in venue.name.split()) if narrow else venue.name,
        venue.kind,
        f"{said} since {ccf.since.year}" if ccf and changed else said,
        fitted(", ".join(f"{scheme} {rank}" for scheme, rank in _others(venue, year)), _OTHERS_NARROW if narrow else _OTHERS),
        calendar.month_abbr[venue.month] if venue.month else "",
    )


def newest(venue: Venue, scheme: str) -> Rank | None:
    """Return the rank of a venue by a list that was told last."""
    return max((rank for rank in venue.ranks if rank.scheme == scheme), key=lambda rank: rank.since, default=None)


def _others(venue: Venue, year: int) -> Iterator[tuple[str, str]]:
    for scheme in dict.fromkeys(rank.scheme for rank in venue.ranks):
        if scheme != CCF and (rank := venue.rank(scheme, year)):
            yield scheme.upper() if scheme.isascii() else scheme, rank


def _last(venues: Sequence[Venue], known: KnownVenues, now: datetime) -> Iterator[str]:
    of = "" if len(venues) == len(known.catalogue.venues) else f" of {len(known.catalogue.venues):,}"
    ranked_on = known.catalogue.ranked_on
    ranks = f"; ranks by CCF's catalogue of {_day(ranked_on)}" if ranked_on else ""
    yield f"{len(venues):,}{of} venues{ranks}"
    published = [one for one in known.lists if not one.name.startswith(OWN)]
    when = ", ".join(f"{one.name} ({one.venues:,}) on {said_day(one.on, now)}" for one in published)
    yield f"Full lists: {when}" if published else "The full lists are not here yet: paperlark venues update"
    own = ", ".join(f"{one.name.removeprefix(OWN)} ({one.venues:,})" for one in known.lists if one.name.startswith(OWN))
    if own:
        yield f"Ranks of your own: {own}"


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def venues_shape(venues: Iterable[Venue], known: KnownVenues, now: datetime) -> dict[str, Any]:
    """Shape venues, and the lists that they are of."""
    return {
        "venues": [_venue_shape(venue, now.year) for venue in venues],
        "ranked_on": known.catalogue.ranked_on.isoformat() if known.catalogue.ranked_on else None,
        "lists": [{"list": one.name, "on": one.on.isoformat(), "venues": one.venues} for one in known.lists],
    }


def _venue_shape(venue: Venue, year: int) -> dict[str, Any]:
    return {
        "acronym": venue.acronym,
        "name": venue.name,
        "kind": venue.kind,
        "names": list(venue.spellings[2:]) if venue.acronym != venue.name else list(venue.spellings[1:]),
        "ccf": venue.rank(CCF, year) or None,
        "ranks": [{"scheme": rank.scheme, "rank": rank.value, "since": rank.since.isoformat()} for rank in venue.ranks],
        "month": venue.month,
        "dblp": venue.dblp or None,
        "issn": list(venue.issn),
    }


def say_update(looks: Iterable[Look]) -> str:
    """Say what became of each published list."""
    return "\n".join(line for look in looks for line in _update(look))


def _update(look: Look) -> Iterator[str]:
    title = _TITLES.get(look.scope, look.scope)
    if look.error:
        yield f"✗ {title}: {without(look.source, look.scope, look.error)}"
        return
    news = f"{look.new:,} new, {look.updated:,} changed" if look.new or look.updated else "nothing new"
    yield f"{'!' if look.rejects else '✓'} {title}: {look.seen:,} venues, {news}"
    yield from (f"    {clean(f'{reject.key}: {reject.why}', _LINE)}" for reject in look.rejects[:_ROWS])


def update_shape(looks: Iterable[Look]) -> dict[str, Any]:
    """Shape what became of each published list."""
    return {
        "lists": [
            {
                "list": look.scope,
                "verdict": look.verdict.kind,
                "venues": look.seen,
                "new": look.new,
                "changed": look.updated,
                "requests": look.requests,
                "error": look.error,
                "rejects": [{"key": reject.key, "why": reject.why} for reject in look.rejects],
            }
            for look in looks
        ]
    }


def say_ranks(told: ImportedRanks, now: datetime) -> str:
    """Say what came of a file of ranks."""
    sign = "✗" if not told.schemes else "!" if told.bad else "✓"
    known = f"{counted(told.matched, 'venue')} known, {told.new:,} new"
    bad = f", {counted(len(told.bad), 'row')} not understood" if told.bad else ""
    lines = [f"{sign} {clean(told.file, _LINE)}: {known}{bad}"]
    if told.schemes:
        lines.append(f"    {', '.join(told.schemes)}, from {said_day(told.since, now)} on")
    lines += [f"    line {one.line}: {clean(one.why, _LINE)}" for one in told.bad[:_ROWS]]
    if len(told.bad) > _ROWS:
        lines.append(f"    and {len(told.bad) - _ROWS:,} more")
    return "\n".join(lines)


def ranks_shape(told: ImportedRanks) -> dict[str, Any]:
    """Shape what came of a file of ranks."""
    return {
        "file": told.file,
        "since": told.since.isoformat(),
        "schemes": list(told.schemes),
        "matched": told.matched,
        "new": told.new,
        "rejects": [{"line": one.line, "why": one.why} for one in told.bad],
    }
