"""What the words of a source make happen. Pure.

Only announcements make papers new: a catalogue page says that they exist. That one was withdrawn is news whoever says it. The
keys make an event happen once, whichever of a source's routes told it first: `announced` and `withdrawn` have none, `revised`
has the day, `cross-listed` the scope, `code` the address, `accepted` the venue, `raised` venue and track, `mentioned` the post.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final, NamedTuple

from crawler.appearances import Appearance, same, standing, stated
from crawler.feed_health import FEEDS
from crawler.links import Link
from crawler.sighting import Sighting
from crawler.venue_mentions import Named
from crawler.venues import plain
from storage.event import EventKind
from storage.paper import CODE

_SECOND_HAND: Final = "second_hand"
"""The detail of an event of which only a list of other places' papers has told."""

_ORDERS: Final = {"track": standing}
"""How details are put in order of which the first one stays, where that is not their own order."""

_PLACED: Final[tuple[EventKind, ...]] = ("announced", "accepted", "raised")
_SAID: Final = "said"
"""How the key of an acceptance ends of which only the authors have told: a programme tells it to more readers."""

EventKey = tuple[int, EventKind, str]
"""Paper, kind, key: unique in the store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """An event about to be written, or one that was, as far as the rules below need it."""

    paper_id: int
    kind: EventKind
    key: str
    source: str
    on: date | None
    detail: Mapping[str, Any] = field(default_factory=dict)


class Stated(NamedTuple):
    """That a sighting has a link of a paper, and by whose word."""

    paper_id: int
    link: Link
    said_by: str
    sighting: Sighting


class Accepted(NamedTuple):
    """That the authors of a paper say, in the comment or the reference of a sighting, where it is accepted."""

    paper_id: int
    named: Named
    sighting: Sighting


def happenings(
    said: Iterable[tuple[int, Sighting]],
    stored: Mapping[EventKey, Happening],
    by_authors: Mapping[int, Sequence[Appearance]] | None = None,
) -> dict[EventKey, Happening]:
    """Return the events that the sightings, each with its paper's id, add to the stored ones or amend in them.

    An event is amended when a route knows more of it: the version or comment of a revision, an earlier day. `by_authors` has
    where papers are accepted by what their authors wrote from the beginning, of which there is no event.
    """
    now, told, listed = dict(stored), _places(stored, by_authors=True), _places(stored, by_authors=False)
    for paper_id, places in (by_authors or {}).items():
        told.setdefault(paper_id, []).extend(places)
    for paper_id, sighting in said:
        place = stated(sighting)
        by_word = [one for one in told.get(paper_id, ()) if place and same(one.key, place.key)]
        for kind, about in _kinds(paper_id, sighting, place, now):
            happening = _happening(paper_id, sighting, kind, about, place)
            if kind == "accepted" and by_word:
                happening = replace(happening, detail={**happening.detail, "told": True})
            key = (paper_id, kind, about)
            now[key] = amended(now[key], happening) if key in now else happening
        if sighting.action and place and _is_raised(place, (*by_word, *listed.get(paper_id, ()))):
            about = f"{place.key} {place.track}"
            now.setdefault((paper_id, "raised", about), _happening(paper_id, sighting, "raised", about, place))
    return {key: happening for key, happening in now.items() if stored.get(key) != happening}


def code_events(appeared: Iterable[Stated], stored: Mapping[EventKey, Happening]) -> dict[EventKey, Happening]:
    """Return the events that links to code are which nobody had told of before.

    Only of papers announced before: what is known when a paper is announced is shown with it.
    """
    found: dict[EventKey, Happening] = {}
    for paper_id, link, said_by, sighting in appeared:
        key: EventKey = (paper_id, "code", link.key)
        if link.kind not in CODE or (paper_id, "announced", "") not in stored or key in stored:
            continue
        on = sighting.announced_on if sighting.action == "replace" else None
        found[key] = Happening(
            paper_id=paper_id,
            kind="code",
            key=link.key,
            source=sighting.source,
            on=on or sighting.seen_at.date(),
            detail={"url": link.url, "said": said_by},
        )
    return found


def accepted_events(told: Sequence[Accepted], stored: Mapping[EventKey, Happening]) -> dict[EventKey, Happening]:
    """Return the events that the words of authors are: of papers announced before, where no programme has told it."""
    found: dict[EventKey, Happening] = {}
    programmes = _places(stored, by_authors=False) if told else {}
    for paper_id, named, sighting in told:
        about = plain(named.edition)
        key: EventKey = (paper_id, "accepted", f"{about} {_SAID}")
        is_listed = any(same(about, one.key) for one in programmes.get(paper_id, ()))
        if (paper_id, "announced", "") not in stored or is_listed:
            continue
        track = appearance_of(named).track
        found[key] = Happening(
            paper_id=paper_id,
            kind="accepted",
            key=key[2],
            source=sighting.source,
            on=sighting.announced_on or sighting.seen_at.date(),
            detail={"venue": named.edition, **({"track": track} if track else {}), "said": "authors"},
        )
    return {key: happening for key, happening in found.items() if key not in stored}


def appearance_of(named: Named) -> Appearance:
    """Return where authors say that a paper appears, with the rarest of its tracks."""
    return Appearance(named.edition, min(named.tracks, default="", key=standing))


def _places(stored: Mapping[EventKey, Happening], *, by_authors: bool) -> dict[int, list[Appearance]]:
    """Return where papers are known to be accepted, by their ids: by their authors' words alone, or by programmes."""
    found: dict[int, list[Appearance]] = {}
    for one in stored.values():
        if one.kind in _PLACED and "venue" in one.detail and ("said" in one.detail) == by_authors:
            place = Appearance(str(one.detail["venue"]), str(one.detail.get("track") or ""))
            found.setdefault(one.paper_id, []).append(place)
    return found


def _is_raised(place: Appearance, known: Iterable[Appearance]) -> bool:
    """Tell whether a paper that was known to appear at a place is in a rarer track there than was known; a poster is none."""
    before = [standing(one.track) for one in known if same(one.key, place.key)]
    return bool(before) and standing(place.track) < min(standing("poster"), *before)


def _happening(paper_id: int, sighting: Sighting, kind: EventKind, key: str, place: Appearance | None) -> Happening:
    appears = place if kind in _PLACED else None
    told = {
        "version": sighting.version,
        "comment": sighting.comment if kind in ("revised", "withdrawn") else None,
        "category": sighting.scope if kind == "cross-listed" else None,
        "listed": True if kind == "withdrawn" and sighting.action else None,
        "venue": appears.venue if appears else None,
        "track": (appears.track or None) if appears else None,
        _SECOND_HAND: True if sighting.second_hand else None,
    }
    # Programmes and feeds have no day of their own: what is new in them appears when it is there.
    seen_on = sighting.seen_at.date() if sighting.action and (place or sighting.source == FEEDS) else None
    return Happening(
        paper_id=paper_id,
        kind=kind,
        key=key,
        source=sighting.source,
        on=sighting.announced_on or seen_on or (sighting.submissions[-1].at.date() if sighting.submissions else None),
        detail={name: value for name, value in told.items() if value is not None},
    )


def _kinds(
    paper_id: int, sighting: Sighting, place: Appearance | None, now: Mapping[EventKey, Happening]
) -> Iterator[tuple[EventKind, str]]:
    if sighting.action is not None and place is not None and _is_known_elsewhere(paper_id, place, now):
        yield "accepted", place.key
    elif sighting.action is not None:
        yield _announced(paper_id, sighting, now)
    if sighting.withdrawn:
        yield "withdrawn", ""


def _is_known_elsewhere(paper_id: int, place: Appearance, now: Mapping[EventKey, Happening]) -> bool:
    """Tell whether a paper was announced before, and not as one of that place."""
    first = now.get((paper_id, "announced", ""))
    return first is not None and not same(plain(str(first.detail.get("venue", ""))), place.key)


def _announced(paper_id: int, sighting: Sighting, now: Mapping[EventKey, Happening]) -> tuple[EventKind, str]:
    if sighting.action == "replace":
        return "revised", sighting.announced_on.isoformat() if sighting.announced_on else ""
    first = now.get((paper_id, "announced", ""))
    # arXiv lists a paper as new in one category and as cross in others on the same day: that is one announcement.
    if sighting.action == "cross" and first is not None and _later(sighting.announced_on, first.on):
        return "cross-listed", sighting.scope
    return "announced", ""


def _later(day: date | None, than: date | None) -> bool:
    return day is not None and than is not None and day > than


def amended(old: Happening, new: Happening) -> Happening:
    """Return the event that both tell of: as the one of the earlier day has it, with the details that only the other has.

    What is told at second hand counts only while nothing else is told: a list of other places' papers has days of its own.
    Which of them came first makes no difference.
    """
    first = min(old, new, key=_when)
    names = {**old.detail, **new.detail}
    told = {name: min((one.detail[name] for one in (old, new) if name in one.detail), key=_ORDERS.get(name)) for name in names}
    if _SECOND_HAND not in first.detail:
        told.pop(_SECOND_HAND, None)
    return replace(first, detail=told)


def _when(one: Happening) -> tuple[bool, bool, date, str]:
    # Of a withdrawal, the day on which it was announced counts, and not the one on which it was handed in.
    is_told = one.kind == "withdrawn" and "listed" not in one.detail
    return _SECOND_HAND in one.detail, is_told, one.on or date.max, one.source
