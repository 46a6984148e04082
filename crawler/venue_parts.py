"""Which part of a venue a text means: its workshops or its findings, and in which tracks. Pure."""

from itertools import pairwise
from typing import Final

from crawler.venue_cues import CUES
from crawler.venue_phrases import PUBLISHERS, Hit
from crawler.venue_unlisted import acronym_before, is_acronym
from crawler.venue_words import Words, word_set

WORKSHOPS: Final = word_set("workshop workshops bridge srw ws")
_BESIDES: Final = word_set("located colocated collocated conjunction")
_PARTS: Final = WORKSHOPS | _BESIDES | {"findings", "symposium"}
_CONNECTORS: Final = word_set(
    "at with in of the conjunction co located colocated collocated held hosted by part workshop workshops conference ieee acm"
    " annual th st nd rd to be as"
)
# Words that belong to a mere name of a venue: "ICLR 2026 oral", "main conference paper at ICLR 2026".
FILLERS: Final = word_set(
    "d&b paper main conference pages figures tables poster posters oral spotlight highlight full short long regular"
    " in at papers for the of to an a as ieee acm cvf annual th st nd rd best award outstanding demo demonstration"
    " demonstrations system track industry industrial camera ready version workshop workshops findings proceedings"
    " accepted research student doctoral special session code project page and d b datasets benchmarks description"
    " task this is our journal on appendix final author preprint technical applied position vol volume no pp issue"
    " article articles blue sky symposium series part supplementary material social good impact alignment area w"
    " international january february march april may june july august september october november december congress"
    " appear with co located colocated collocated conjunction"
)
_TRACKS: Final = {
    **{track: track for track in word_set("oral spotlight highlight poster demo industry full short doctoral")},
    "demonstration": "demo",
    "demonstrations": "demo",
    "industrial": "industry",
}
_SETS: Final = ({"datasets", "benchmarks"}, {"d", "b"})
_BEST: Final = {"paper", "award"}
_TELLING: Final = _TRACKS.keys() | {"best", "datasets", "d"}
_BOTH: Final = word_set("and also well plus")
_LINKS: Final = _BOTH | word_set("as the a an its at in to by for accepted presented published")
_REACH: Final = 14
_LONG: Final = 2 * _REACH
_TITLE: Final = 3


def settled(words: Words, hits: list[Hit]) -> list[Hit]:
    """Give the venues of a text their parts and bounds, and leave workshops out where their hosts are named."""
    kept: list[Hit] = []
    before: Hit | None = None
    for number, hit in enumerate(hits):
        if before and words.sentence[before.start] != words.sentence[hit.start]:
            before = None
        hit.floor = before.stop if before else words.beginning(hit.start)
        hit.ceiling = min(
            words.until(hit.stop, _LONG), *(after.start for after in hits[number + 1 : number + 2]), len(words.words)
        )
        if before is None or not _is_joined(words, before, hit, kept):
            hit.part = hit.part or _part(words, hit)
            kept.append(hit)
        before = hit
    for one, after in pairwise(kept):
        _tell_apart(words, one, after)
    return kept


def _tell_apart(words: Words, hit: Hit, after: Hit) -> None:
    """Note where the main programme is named beside a workshop of it: "CVPR 2026 and the CVPR 2026 workshop"."""
    of_one_year = hit.year == after.year or None in (hit.year, after.year)
    if hit.venue != after.venue or {hit.part, after.part} != {"", "workshop"} or not of_one_year:
        return
    place = after.start
    while place > hit.stop and words.lows[place - 1] in _LINKS:
        place -= 1
    main = after if hit.part else hit
    main.main = not _BOTH.isdisjoint(words.lows[place : after.start]) or words.lows[main.stop : main.stop + 1] == ["main"]


def _is_joined(words: Words, before: Hit, hit: Hit, kept: list[Hit]) -> bool:
    """Tell whether a venue is no other one than that before it, or no place of the paper; a host takes its workshop's place."""
    if _is_guest_of(words, hit, before):
        before.part, before.year = "workshop", before.year or hit.year
        return True
    if _is_held_at(words, before, hit):
        if before.listed:
            return True  # it is where the other one meets
        hit.part = "workshop"
    elif not hit.listed:
        return before.listed and before.part == "workshop" and words.gap(hit.start).endswith("(")
    if not before.listed and kept and kept[-1] is before and "and" not in words.lows[before.stop : hit.start]:
        hit.part = hit.part or _part(words, hit)
        if hit.part == "workshop":
            del kept[-1]
    return False


def _part(words: Words, hit: Hit) -> str:
    """Return the part of a venue that the words around it mean; empty for its main programme, and for journals."""
    if hit.journal:
        return ""
    if not _PARTS.isdisjoint(words.all):
        told = _behind(words, hit) or _before(words, hit.start, hit.floor)
        if told:
            return told
    return "workshop" if _has_guest_behind(words, hit) or _has_guest_before(words, hit.start, hit.floor) else ""


def tracks(words: Words, hit: Hit, begin: int) -> tuple[str, ...]:
    """Return the tracks that the words around a venue name, from a place on."""
    if _TELLING.isdisjoint(words.all):
        return ()
    near = [*words.lows[max(begin, hit.start - _REACH) : hit.start], *words.lows[hit.end : min(hit.ceiling, hit.stop + _REACH)]]
    told = [_TRACKS[low] for low in near if low in _TRACKS]
    if any(both.issubset(near) for both in _SETS):
        told.append("datasets and benchmarks")
    if "best" in near and not _BEST.isdisjoint(near):
        told.append("best paper")
    return tuple(dict.fromkeys(told))


def _is_held_at(words: Words, hit: Hit, after: Hit) -> bool:
    """Tell whether a venue is held at the one named next: "TeachNLP 2026 (co-located with EACL 2026)"."""
    if after.journal or after.start - hit.stop > _REACH / 2 or words.sentence[hit.start] != words.sentence[after.start]:
        return False
    between = words.lows[hit.stop : after.start]
    if not _CONNECTORS.issuperset(between):
        return False
    if not _BESIDES.isdisjoint(between):
        return True
    if hit.listed or "at" in between or "@" in words.said(hit.start, after.end):
        return not hit.listed
    return not between and "," in words.gap(after.start) and _before(words, hit.start, hit.start - _REACH) == "workshop"


def _is_guest_of(words: Words, hit: Hit, host: Hit) -> bool:
    """Tell whether a venue that is not listed stands right behind a listed one: "EACL SIGTURK 2026"."""
    beside = host.stop == hit.start and words.gap(hit.start) == " "
    return beside and host.listed and not hit.listed and not host.journal and not hit.journal


def _behind(words: Words, hit: Hit) -> str:
    for place in range(hit.end, min(hit.ceiling, hit.stop + _REACH)):
        low, gap = words.lows[place], words.gap(place)
        if place > hit.stop and gap != " " and not gap.startswith(")") and gap != " - " and words.ends_clause(place):
            break
        is_workshop = low in WORKSHOPS or (low == "symposium" and hit.listed and ":" not in gap)  # AAAI has some in spring
        if is_workshop or low == "findings":
            hit.stop = max(hit.stop, place + 1)  # it is no part of what is named next
            return "workshop" if is_workshop else low
        if low == "and" or CUES.get(low) in ("A", "S"):
            break
    return ""


def _before(words: Words, start: int, floor: int) -> str:
    for place in range(start - 1, max(floor, start - _LONG, 0) - 1, -1):
        low = words.lows[place]
        if low in WORKSHOPS or low in _BESIDES:
            return "workshop"
        if low == "findings" and words.lows[place + 1] in ("of", "at", "in", "the"):
            return "findings"
        if CUES.get(low) in ("A", "S"):
            break
    return ""


def _has_guest_behind(words: Words, hit: Hit) -> bool:
    """Tell whether an acronym stands behind a venue as what is held there: "EACL 2026 SIGTURK"."""
    if not hit.listed or hit.stop >= hit.ceiling or words.gap(hit.stop) != " ":
        return False
    start = words.spans[hit.stop][0]
    word, _, after = words.text[start : start + _LONG].partition(" ")
    if after and word[-1].isalnum() and after[0] not in "([-":
        return False
    word = word.rstrip(".,;:)")
    return len(word) > 2 and is_acronym(word) and word.lower() not in FILLERS


def _has_guest_before(words: Words, start: int, floor: int) -> bool:
    """Tell whether an acronym or a title stands before a venue as what is held there: "MWE at EACL", "GLOW@WWW"."""
    if start <= floor:
        return False
    gap = words.gap(start)
    if "@" in gap:
        return words.words[start - 1][0].isupper() and _is_name(words, start - 1)
    if gap in ("-", "_"):
        return is_acronym(words.words[start - 1]) and _is_name(words, start - 1)
    while start > floor and words.lows[start - 1] in ("the", "ieee", "acm"):
        start -= 1
    start -= 1
    if start <= floor or words.lows[start] != "at":
        return False
    name, place = acronym_before(words, start)
    if len(name) > 2 and place >= floor and _is_name(words, start - 1):
        return True
    title = range(max(floor, start - _TITLE), start)
    return len(title) == _TITLE and all(words.words[one][0].isupper() and _is_name(words, one) for one in title)


def _is_name(words: Words, place: int) -> bool:
    low = words.lows[place]
    return not (low in FILLERS or low in CUES or low in PUBLISHERS)
