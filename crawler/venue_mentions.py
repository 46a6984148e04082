"""Venues in free text as authors write it: comments on arXiv, references to journals. Pure; precision comes first.

What the catalogue knows is found by all its names, what it does not know only where the words around it say clearly that it is
a venue. Each one has a status: whether the paper is accepted there, or merely submitted, or was rejected; `other` is where
another paper is, or nothing of a paper is said, as of challenges and templates.
"""

import re
from bisect import bisect_left
from functools import lru_cache
from typing import Final, Literal, NamedTuple

from crawler.venue_cues import CUES, cue, stated_at
from crawler.venue_parts import FILLERS, WORKSHOPS, settled, tracks
from crawler.venue_phrases import REVIEWING, Hit, Lexicon, shipped_lexicon
from crawler.venue_unlisted import unlisted
from crawler.venue_words import Words, word_set
from crawler.venue_years import YEARS
from crawler.venues import Catalogue, shipped

Status = Literal["accepted", "submitted", "rejected", "other"]

_STATUSES: Final[dict[str, Status]] = {
    **dict.fromkeys("Aa", "accepted"),
    **dict.fromkeys("Ss", "submitted"),
    **dict.fromkeys("R", "rejected"),
    **dict.fromkeys("XPT", "other"),
}
_LINK: Final = re.compile(r"(?:https?://|www\.)\S+")
_LETTERS: Final = re.compile(r"[^\W\d_]+")
_TELLING: Final = frozenset(word for word, kind in CUES.items() if kind in "AaSV") - {"version", "hosted"}
_KINDS: Final = word_set("paper poster oral spotlight highlight findings camera main")
_NOUNS: Final = word_set("conference symposium workshop congress meeting proceedings pages tables figures paper version")
_KEPT: Final = 1024
_REACH: Final = 14
_AFTER: Final = 8


class Named(NamedTuple):
    """A venue that a text names: with its year if it gives one, the part of it (`workshop`, `findings`), and the tracks.

    `main`: it is the main programme, which the text names beside a part.
    """

    venue: str
    year: int | None
    status: Status
    part: str = ""
    tracks: tuple[str, ...] = ()
    main: bool = False

    @property
    def edition(self) -> str:
        """Return how it is tagged: `CVPR2026`, `CVPR2026 workshop`, `TPAMI`; journals have no year here."""
        return f"{self.venue}{self.year or ''}{' ' * bool(self.part)}{self.part}"


def venues_named(text: str, catalogue: Catalogue | None = None) -> tuple[Named, ...]:
    """Return all venues that a text names, in order, each edition of each status once.

    Another catalogue than the shipped one is read anew each time, which takes some milliseconds.

    >>> [(one.edition, one.status) for one in venues_named("Accepted to CVPR'26 Findings. Extends our ICCV 2025 paper")]
    [('CVPR2026 findings', 'accepted'), ('ICCV2025', 'other')]
    """
    if catalogue is None or catalogue is shipped():
        return _named(text)
    return _read(text, Lexicon.of(catalogue))


def accepted_in(comment: str | None, journal_ref: str | None = None) -> tuple[Named, ...]:
    """Return where a paper is accepted, by its authors' comment and its journal reference, each edition once.

    >>> [one.edition for one in accepted_in("Short version in IJCAI 2025", "Trans. Mach. Learn. Res. (2026)")]
    ['TMLR']
    """
    found = [one for one in venues_named(comment) if one.status == "accepted"] if comment else []
    if journal_ref:
        # A reference states a venue from its first word on.
        found += [one._replace(status="accepted") for one in _named(f"Published in {journal_ref}")]
    return _merged(found)


@lru_cache(maxsize=_KEPT)
def _named(text: str) -> tuple[Named, ...]:
    return _read(text, shipped_lexicon())


def _read(text: str, lexicon: Lexicon) -> tuple[Named, ...]:
    told = _LETTERS.findall(text.lower())
    if lexicon.telling.isdisjoint(told) and _TELLING.isdisjoint(told) and "20" not in text:
        return ()
    if "://" in text or "www." in text:
        text = _LINK.sub(" ; ", text)
    words = Words.of(text.replace("\\&", "&") if "\\" in text else text)
    hits = [hit for hit in lexicon.hits(words) if hit.sure or _is_stated(words, hit)]
    others = [hit for hit in unlisted(words, hits) if _is_other(words, hit, lexicon)]
    if others:
        hits = sorted([*hits, *others], key=lambda hit: hit.start)
    return _merged(_Reading(words, hits).named()) if hits else ()


def _is_other(words: Words, hit: Hit, lexicon: Lexicon) -> bool:
    """Tell whether a name is none of the lexicon's, and no slip for one of its acronyms: "ICRL 2026"."""
    if " ".join(words.lows[hit.start : hit.end]) in lexicon.names and " " in hit.venue:
        return False
    return "".join(sorted(hit.venue.lower())) not in lexicon.anagrams or stated_at(words, hit.start)


def _is_stated(words: Words, hit: Hit) -> bool:
    if not hit.journal and hit.end > hit.start + 1 and words.lows[hit.start - 1 : hit.start] == ["in"]:
        return False  # "Language Resources and Evaluation" is a journal, too
    told = words.lows[max(0, hit.start - 3) : hit.start], words.lows[hit.end : hit.end + 1]
    return stated_at(words, hit.start) or "findings" in told[0] or told[1] == ["submission"]


class _Reading:
    """The venues of a text as they are read from left to right."""

    def __init__(self, words: Words, hits: list[Hit]) -> None:
        self._words, self._hits = words, hits
        cues = [(place, cue(words, place)) for place, low in enumerate(words.lows) if low in CUES]
        self._kinds = [kind for _, kind in cues if kind]
        self._places = [place for place, kind in cues if kind]

    def named(self) -> list[Named]:
        """Return what is said of each venue, in order."""
        words = self._words
        found: list[Named] = []
        said, begin, sentence, free = "", 0, -1, 0
        for hit in settled(words, self._hits):
            if words.sentence[hit.start] != sentence:
                said, begin, sentence = "", words.beginning(hit.start), words.sentence[hit.start]
                free = begin
            said = self._said(said, begin, hit.start)
            last = bisect_left(self._places, hit.start) - 1
            around = tracks(words, hit, max(free, self._places[last]) if last >= 0 else free)
            year = hit.year or (None if hit.journal else self._later_year(hit))
            found.append(Named(hit.venue, year, self._status(said, hit), hit.part, around, hit.main))
            said, begin, free = said.replace("X", ""), hit.stop, words.behind_brackets(hit.stop)
        return found

    def _said(self, said: str, begin: int, end: int) -> str:
        """Add what the words from one place to another say of the status: one letter of each sort, the last one said."""
        for kind in self._kinds[bisect_left(self._places, begin) : bisect_left(self._places, end)]:
            alike = next((sort for sort in ("ASR", "as") if kind in sort), kind)
            said = "".join(one for one in said if one not in alike) + kind
        return said

    def _status(self, said: str, hit: Hit) -> Status:
        first, last = bisect_left(self._places, hit.end), bisect_left(self._places, min(hit.ceiling, hit.stop + _AFTER))
        after = self._kinds[first:last]
        if "X" in said or "T" in said or after[:1] == ["T"]:
            return "other"
        if hit.venue == REVIEWING.acronym:
            return "submitted"  # it reviews papers for others
        for one in (*reversed(said), *after):
            if one in "ASR":
                return _STATUSES[one]
        for one in (*(kind for kind in after if kind in "sP"), *(kind for kind in said if kind == "P"), *reversed(said)):
            return _STATUSES[one]
        return "accepted" if self._is_bare(hit) else "other"

    def _is_bare(self, hit: Hit) -> bool:
        """Tell whether a clause is about nothing but the venue, as in "ICLR 2026 oral"."""
        words, place = self._words, hit.start
        while place > 0 and (words.gap(place).endswith("(") or not words.ends_clause(place)):
            place -= 1
            if words.lows[place] in WORKSHOPS:
                break
            if place < hit.start - _REACH or not self._is_filler(place):
                return False
            if words.gap(place + 1).endswith("(") and _NOUNS.isdisjoint(words.lows[max(0, place - _REACH) : place + 1]):
                return False  # another paper's name, perhaps
        for place in range(hit.stop, hit.ceiling):
            if (
                words.ends_clause(place)
                or words.lows[place] in WORKSHOPS
                or (place == hit.stop and words.lows[place] in _KINDS)
            ):
                return True
            if place > hit.stop + _REACH or not self._is_filler(place):
                return False
        return True

    def _is_filler(self, place: int) -> bool:
        word, low = self._words.words[place], self._words.lows[place]
        return low in FILLERS or word[0].isupper() or low.isdecimal()

    def _later_year(self, hit: Hit) -> int | None:
        lows = self._words.lows
        later = (place for place in range(hit.stop, hit.ceiling) if lows[place] in YEARS and lows[place - 1] != "arxiv")
        return next((YEARS[lows[place]] for place in later), None)


def _merged(found: list[Named]) -> tuple[Named, ...]:
    """Return each edition once: one without a year or a part is the one that has it."""
    if len(found) < 2:
        return tuple(found)
    years = {(one.venue, one.status): one.year for one in reversed(found) if one.year}
    dated = [one if one.year else one._replace(year=years.get((one.venue, one.status))) for one in found]
    parts = {one[:3]: one.part for one in reversed(dated) if one.part}
    merged: dict[tuple[object, ...], Named] = {}
    for one in dated:
        whole = one if one.part or one.main else one._replace(part=parts.get(one[:3], ""))
        same = merged.get(whole[:4], whole)
        merged[whole[:4]] = same._replace(tracks=tuple(dict.fromkeys((*same.tracks, *one.tracks))))
    return tuple(merged.values())
