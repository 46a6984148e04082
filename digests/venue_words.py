"""Venues in words: the label of a paper that appears somewhere, and the programme that a day brought. Pure."""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Final

from crawler.appearances import Appearance, standing
from crawler.programmes import Edition
from digests.escape import plain, said
from digests.language import Language
from storage.event import Event
from storage.paper import Paper, PaperRank

LABEL_LIMIT: Final = 60
# The part of an author's comment that helps to decide: where the paper was accepted, not how many pages it has.
_VENUE: Final = re.compile(r"\b(?:accepted|to appear|published|oral|spotlight|highlight|best paper)\b", re.IGNORECASE)
_COMMENT_PARTS: Final = re.compile(r"(?<=[.;])\s+|,\s+(?=\D)")
_CCF: Final = "ccf"
_NOWHERE: Final = Appearance("")


def venue_label(paper: Paper, language: Language) -> str:
    """Name where a paper appears, with its track and the rank in CCF's catalogue; empty where no source lists it anywhere."""
    if not (places := paper.places):
        return ""
    venue, tracks = places[0]
    rank = next((one for one in paper.ranks if one.scheme == _CCF and one.venue == venue), None)
    said = (edition_words(venue, language), _track(tracks[0] if tracks else "", language), _rank(rank))
    return plain(" · ".join(filter(None, said)), LABEL_LIMIT)


def stated_venue(paper: Paper) -> str:
    """Return what the journal reference says, or that part of the authors' comment which tells where a paper was accepted."""
    if paper.journal_ref:
        return said(paper.journal_ref, LABEL_LIMIT)
    parts = _COMMENT_PARTS.split(said(paper.comment)) if paper.comment and _VENUE.search(paper.comment) else []
    return next((plain(part.rstrip(".;"), LABEL_LIMIT) for part in parts if _VENUE.search(part)), "")


def edition_words(venue: str, language: Language) -> str:
    """Say an edition as people do: `CVPR 2026`, `CVPR 2026 workshop`; a journal by its name.

    What the tag says of parts is the reader's language's to say.
    """
    edition = Edition.parse(venue)
    if edition is None:
        return plain(venue, LABEL_LIMIT)
    name = plain(f"{edition.acronym} {edition.year}", LABEL_LIMIT)
    match edition.part:
        case "workshop":
            return language.gettext("%(venue)s workshop", venue=name)
        case "findings":
            return language.gettext("%(venue)s findings", venue=name)
        case _:
            return name


def appearance(event: Event) -> Appearance:
    """Return the edition and the track that an event tells; empty where it tells none."""
    return Appearance(str(event.detail.get("venue") or ""), str(event.detail.get("track") or ""))


def placed(event: Event) -> Appearance:
    """Return the edition and the track of an event that a programme told; both empty for any other."""
    if "venue" not in event.detail or event.kind not in ("announced", "accepted") or "said" in event.detail:
        return _NOWHERE
    return appearance(event)


def track_of(event: Event, language: Language) -> str:
    """Name the track of an event."""
    return _track(appearance(event).track, language)


def raised(event: Event, language: Language) -> str:
    """Say in which rarer track a paper is now."""
    venue, track = edition_words(appearance(event).venue, language), track_of(event, language)
    return language.gettext("%(venue)s: now %(track)s", venue=venue, track=track)


def group_words(event: Event, language: Language) -> str:
    """Name the part of a programme that a new paper stands in; empty for what no programme told."""
    venue, track = placed(event)
    return " · ".join(filter(None, (edition_words(venue, language), _track(track, language)))) if venue else ""


def group_order(event: Event) -> tuple[str, tuple[int, str]]:
    """Order new papers by where they stand: what no programme told first, then by edition and track."""
    venue, track = placed(event)
    return venue, standing(track) if venue else (0, "")


def programme_words(new: Iterable[Event], seen: Iterable[Event], language: Language) -> tuple[str, ...]:
    """Say of each programme that the day brought how many of its papers are `new` to the reader, and how many were `seen`."""
    shown, known = (Counter(placed(event)[0] for event in events) for events in (new, seen))
    return tuple(_programme(venue, shown[venue], known[venue], language) for venue in sorted({*shown, *known} - {""}))


def _programme(venue: str, new: int, seen: int, language: Language) -> str:
    name = edition_words(venue, language)
    papers = language.ngettext("%(count)s new paper for you", "%(count)s new papers for you", new)
    if not seen:
        return language.gettext("%(venue)s: %(papers)s.", venue=name, papers=papers)
    known = language.ngettext("you saw %(count)s as a preprint", "you saw %(count)s as preprints", seen)
    return language.gettext("%(venue)s: %(papers)s; %(known)s.", venue=name, papers=papers, known=known)


def _track(track: str, language: Language) -> str:
    words = {
        "oral": language.gettext("oral"),
        "spotlight": language.gettext("spotlight"),
        "highlight": language.gettext("highlight"),
        "poster": language.gettext("poster"),
        "workshop": "",
        "findings": "",
    }
    return words.get(track, plain(track, LABEL_LIMIT))


def _rank(rank: PaperRank | None) -> str:
    return f"CCF {plain(rank.value, LABEL_LIMIT)}" if rank else ""
