"""The years beside the names of venues in a text: CVPR 2026, ECCV'26, 2026 IEEE Winter Conference. Pure."""

import re
from typing import Final

from crawler.venue_words import Words, word_set

YEARS: Final = {str(year): year for year in range(1980, 2050)}
SHORT_YEARS: Final = {str(year)[2:]: year for year in range(2010, 2040)}
BESIDE: Final = re.compile(r"[\s)\]},'’‘`({_-]{0,4}")
_NOT_OF_YEARS: Final = word_set("page pages pp figure figures table tables references appendices th st nd rd")
BETWEEN: Final = word_set(
    "conference conferences workshop workshops findings symposium congress proceedings proceeding meeting main industry track"
    " srw oral poster demo short long paper w"
)
LEADS: Final = word_set(
    "ieee acm cvf rsj iapr the annual international joint biennial th st nd rd first second third proceedings conference and"
    " proc"
)
_NEAR: Final = 4


def year_after(words: Words, end: int, *, acronym: bool) -> tuple[int | None, int]:
    """Return the year beside a name that ends at a place, and where the two end; two digits are one behind an acronym only."""
    place = end
    while place < min(end + _NEAR, len(words.words)) and BESIDE.fullmatch(words.gap(place)):
        low = words.lows[place]
        if low in YEARS:
            return YEARS[low], place + 1
        if low in SHORT_YEARS and acronym and _is_short_year(words, place, end):
            return SHORT_YEARS[low], place + 1
        if low not in BETWEEN or words.sentence[place] != words.sentence[end - 1]:
            break
        place += 1
    return None, end


def _is_short_year(words: Words, place: int, end: int) -> bool:
    after = words.lows[place + 1] if place + 1 < len(words.words) else ""
    if words.gap(place) in ("'", "’", "‘", "`", " '", " ’", " ‘", " `", "-'"):
        return True
    return after not in _NOT_OF_YEARS and (words.gap(place) in ("", "-") or (words.gap(place) == " " and place <= end + 1))


def year_before(words: Words, start: int) -> int | None:
    """Return the year that stands before a name, perhaps with "IEEE" or a number of the edition between: "2026 40th IEEE …"."""
    for place in range(start - 1, max(-1, start - 7), -1):
        low = words.lows[place]
        if low in YEARS:
            return YEARS[low]
        if low not in LEADS and not (low.isdecimal() and len(low) < _NEAR):
            return None
    return None
