"""Venues that no catalogue has, where the words around them say clearly that they are some. Pure."""

import re
from typing import Final

from crawler.venue_cues import PREPOSITIONS, stated_at
from crawler.venue_phrases import PUBLISHERS, Hit, goes_on
from crawler.venue_words import Words, word_set
from crawler.venue_years import BESIDE, BETWEEN, SHORT_YEARS, YEARS, year_after, year_before

_SOCIETIES: Final = PUBLISHERS | {"iet", "spie", "siam", "bmc", "plos"}
_ATTACHED: Final = ("", "-", "'", "’", " '", " ’", "‘", " ‘")
_SIGNS: Final = PREPOSITIONS | YEARS.keys() | SHORT_YEARS.keys()
_NAME_REACH: Final = 18
_LONGEST: Final = 100
_SHORTEST: Final = 3
_ACRONYM_REACH: Final = 30
_CHUNK: Final = re.compile(r"[A-Za-z0-9]+(?:[-&/+][A-Za-z0-9]+)*$")
_BRACKETED: Final = re.compile(
    r"(?:(?:IEEE|ACM) )?([A-Za-z0-9]{2,20}(?:[-&/+][A-Za-z0-9]{1,20}){0,3})([ '’,-]{0,2}(?:20)?[0-9]{2})? ?[)\]]"
)
_LITTLE: Final = word_set("of on for and in the und für de")
_CONFERENCES: Final = word_set(
    "conference symposium workshop workshops congress meeting seminar colloquium forum convention school"
)
_JOURNALS: Final = word_set("journal transactions letters letter magazine review reviews transaction")
_MANY: Final = frozenset(["transactions", "journals", "letters"])
_HOUSES: Final = word_set("institute university department school press")
_BEFORE_NAMES: Final = word_set("the The journal Elsevier Springer Wiley th st nd rd")
_BEHIND_NAMES: Final = word_set("as and with in under currently special journal conference on vol volume")
_NO_ACRONYMS: Final = PUBLISHERS | word_set(
    "cc by nc nd sa isbn issn doi pdf arxiv mit usa uk pmlr lncs ceur ai ml nlp llm llms gpt coco voc phd msc bsc spie jpeg"
    " github ca ny uae eu gpu cpu url pages lnai oral poster main spotlight highlight springer january february march april may"
    " june july august september october november december jan feb mar apr jun jul aug sep sept oct nov dec iso imagenet hf"
    " huggingface openreview cv vlm vlms 2d 3d 4d rgb rl td zenodo biorxiv medrxiv accepted submitted preprint"
)
_NO_NAMES: Final = _CONFERENCES | word_set(
    "findings main oral presentation poster university institute press degree fulfillment fulfilment requirements license"
    " licence department college lab laboratory thesis track challenge committee program programme author authors proceedings"
    " proceeding publication publications springer elsevier wiley mdpi editor editors xplore lecture notes pmlr issue tier phd"
    " master bachelor english german french spanish chinese japanese journals code github project page arxiv appendix faculty"
    " volume chapter book"
)


def unlisted(words: Words, hits: list[Hit]) -> list[Hit]:
    """Return the venues in a text that the lexicon has not: where words beside them say clearly what they are."""
    taken = bytearray(len(words.words) + 1)
    for hit in hits:
        taken[hit.start : hit.stop] = b"\x01" * (hit.stop - hit.start)
    found: list[Hit] = []
    brackets = "(" in words.text
    for place, low in enumerate(words.lows):
        if taken[place] or not (low in _SIGNS or (brackets and words.is_opened(place))):
            continue
        other = None if taken[place + 1] and low in PREPOSITIONS else _at(words, place)
        if other and not any(taken[other.start : other.stop]):
            taken[other.start : other.stop] = b"\x01" * (other.stop - other.start)
            found.append(other)
    return found


def acronym_before(words: Words, end: int) -> tuple[str, int]:
    """Return the acronym whose last word comes before a place, and its first word's place; ("", 0) where there is none."""
    last = words.spans[end - 1][1]
    match = _CHUNK.search(words.text[max(0, last - _ACRONYM_REACH) : last])
    chunk = match[0] if match else ""
    while chunk.partition("/")[0].lower() in PUBLISHERS:
        chunk = chunk.partition("/")[2]
    if not is_acronym(chunk):
        return "", 0
    start = end - 1
    while start and words.spans[start][0] > last - len(chunk):
        start -= 1
    return chunk, start


def is_acronym(chunk: str) -> bool:
    """Tell whether a word is one that venues are called by."""
    capitals = sum(map(str.isupper, chunk))
    return capitals > 1 and " " not in chunk and len(chunk) < _ACRONYM_REACH - 6 and chunk.lower() not in _NO_ACRONYMS


def _at(words: Words, place: int) -> Hit | None:
    """Return the venue that a word tells of: a preposition before it, its year, or itself in brackets."""
    low = words.lows[place]
    if low in PREPOSITIONS:
        return _behind_preposition(words, place)
    if low in YEARS or low in SHORT_YEARS:
        return _beside_year(words, place)
    return _in_parentheses(words, place)


def _beside_year(words: Words, place: int) -> Hit | None:
    if not place or not BESIDE.fullmatch(words.gap(place)):
        return None
    end, short = place, len(words.lows[place]) < len("2026")
    while end > max(1, place - 3) and words.lows[end - 1] in BETWEEN:
        end -= 1
    year, stop = year_after(words, end, acronym=True)
    if year is None or stop <= place:
        return None
    name, start = acronym_before(words, end)
    if not name:
        return None if short else _of_society(words, end, place, year)
    if not stated_at(words, start):
        bracketed = words.gap(start).endswith("(")
        apart = "," in words.gap(end) or len(name) < _SHORTEST
        if (apart and not bracketed) or (short and (words.gap(place) not in _ATTACHED or len(name) < _SHORTEST)):
            return None
    return Hit(start, end, stop, name, journal=False, sure=True, year=year, listed=False)


def _of_society(words: Words, end: int, place: int, year: int) -> Hit | None:
    """Return a conference that is called by its society and a subject: "SPIE Medical Imaging 2026"."""
    for start in range(end - 1, max(-1, end - 7), -1):
        if words.lows[start] == "spie" and start < end - 1:
            return Hit(start, end, place + 1, words.said(start, end), journal=False, sure=True, year=year, listed=False)
        if words.gap(start) != " " or not (words.words[start][0].isupper() or words.lows[start] in _LITTLE):
            return None
    return None


def _in_parentheses(words: Words, place: int) -> Hit | None:
    match = _BRACKETED.match(words.text, words.spans[place][0])
    if not match or not is_acronym(match[1]) or match[2] or match[1][-4:] in YEARS:
        return None
    begin, noun = max(0, place - _NAME_REACH), ""
    for here in range(place - 1, begin - 1, -1):
        noun = words.lows[here]
        if noun in _CONFERENCES or noun in _JOURNALS or noun in YEARS or noun in _HOUSES:
            break
    if (noun not in _CONFERENCES and noun not in _JOURNALS) or words.sentence[here] != words.sentence[place]:
        return None
    end = place + 1
    while end < len(words.words) and words.spans[end][1] <= match.end(1):
        end += 1
    if words.lows[place] in PUBLISHERS:
        place, end = place + 1, end + 1
    year, stop = year_after(words, end, acronym=True)
    if year is None:
        year = next((YEARS[low] for low in reversed(words.lows[begin:place]) if low in YEARS), None)
    journal = noun in _JOURNALS
    return Hit(place, end, stop, match[1], journal, sure=True, year=None if journal else year, listed=False)


def _behind_preposition(words: Words, place: int) -> Hit | None:
    start = place + 1
    while start < len(words.lows) and (words.words[start] in _BEFORE_NAMES or words.words[start][0].isdecimal()):
        start += 1
    if start >= len(words.lows) or not words.words[start][0].isupper() or not stated_at(words, start):
        return None
    end = _without_noun(words, start, _name_end(words, start, words.until(start, _NAME_REACH)))
    if words.lows[start] in PUBLISHERS and end - start > 1 and is_acronym(words.said(start + 1, end)):
        start += 1
    name = words.said(start, end)
    if not (is_acronym(name) or _is_name(words, place, start, end)) or not _closes(words, end):
        return None
    if year_after(words, end, acronym=True)[0] and acronym_before(words, end)[0]:
        return None  # it is found by its year
    return _with_bracket(words, start, end)


def _with_bracket(words: Words, start: int, end: int) -> Hit | None:
    """Return what a name stands for: the acronym in brackets behind it, a conference of its year, or a journal."""
    beside = end < len(words.lows) and words.gap(end) == " " and words.lows[end] in YEARS
    year, stop = (YEARS[words.lows[end]], end + 1) if beside else (None, end)
    if bracket := _bracketed(words, stop):
        again = year or bracket[2] or bracket[1][-4:] in YEARS  # it is found by its year
        return None if again else Hit(start, end, stop + 1, bracket[1], journal=True, sure=True, listed=False)
    held = not _CONFERENCES.isdisjoint(words.lows[end : end + 1])
    year = year or (year_before(words, start) if held else None)
    journal = not _JOURNALS.isdisjoint(words.lows[start:end]) or not (year or held)
    return Hit(start, end, stop, words.said(start, end), journal, sure=True, year=None if journal else year, listed=False)


def _without_noun(words: Words, start: int, end: int) -> int:
    """Return where a name ends without "Conference", where it is an acronym but for that."""
    last = end
    while last > start + 1 and words.lows[last - 1] in _CONFERENCES:
        last -= 1
    first = start + (words.lows[start] in PUBLISHERS)
    return last if first < last and is_acronym(words.said(first, last)) else end


def _is_name(words: Words, place: int, start: int, end: int) -> bool:
    """Tell whether words behind a preposition may be the name of a journal."""
    lows, length = words.lows[start:end], len(words.said(start, end))
    if end - start < 2 or length > _LONGEST or not _NO_NAMES.isdisjoint(lows):
        return False
    if end - start == 2 and (lows[1] in _MANY or (lows[0] in PUBLISHERS and lows[1] in _JOURNALS)):
        return False
    return not _JOURNALS.isdisjoint((lows[0], lows[-1])) or lows[0] in _SOCIETIES or _plainly(words, place)


def _bracketed(words: Words, place: int) -> re.Match[str] | None:
    """Return the acronym in brackets that stands at a place."""
    if place >= len(words.words) or not words.gap(place).endswith("("):
        return None
    match = _BRACKETED.match(words.text, words.spans[place][0])
    return match if match and is_acronym(match[1]) else None


def _closes(words: Words, end: int) -> bool:
    """Tell whether a name is whole where it ends."""
    if end >= len(words.words) or (words.lows[end].isdecimal() and len(words.lows[end]) >= _SHORTEST):
        return True
    if words.gap(end).strip() not in ("", ",", "-", "/", "&"):
        return words.gap(end) != ": " or words.words[end][0].islower()
    return (words.gap(end) == ", " or words.lows[end] in _BEHIND_NAMES) and not goes_on(words, end, sure=True)


def _name_end(words: Words, start: int, limit: int) -> int:
    """Return where a name ends that begins at a place: capitalised words, and the little ones between them."""
    end = here = start
    while here < limit:
        gap = words.gap(here)
        if here > start and gap.strip() not in ("", "-", "/", "&"):
            break
        if words.words[here][0].isupper():
            end = here + 1
        elif words.lows[here] not in _LITTLE or here == start:
            break
        here += 1
    return end


def _plainly(words: Words, place: int) -> bool:
    """Tell whether a name without a word for a journal may be one: it was accepted or submitted there, not presented."""
    before = words.lows[max(0, place - 6) : place]
    told = {"accepted", "submitted", "published", "appear", "review", "publication"}.intersection(before)
    return bool(told) and "presented" not in before and words.lows[place] != "for"
