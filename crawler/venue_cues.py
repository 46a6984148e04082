"""What the words around a venue say: that a paper is accepted or submitted there, or that a venue is stated at all. Pure."""

from typing import Final

from crawler.venue_words import Words, word_set

# What a word says of the status of a paper: accepted, submitted, rejected; in capitals where it says so for certain. An `X` is
# for another version of the paper, a `P` for a prize or a challenge; `V` are words that must have certain others before them.
CUES: Final[dict[str, str]] = {
    **dict.fromkeys(word_set("accepted accepteed accpeted acceped acepted aceepted acccepted acceptted accept"), "A"),
    **dict.fromkeys(word_set("published presented appeared appears appearing camera"), "A"),
    **dict.fromkeys(word_set("publication presentation proceedings proc press appear acceptance poster oral spotlight"), "a"),
    **dict.fromkeys(word_set("submitted submitting resubmitted submit submittd submited sumbitted"), "S"),
    **dict.fromkeys(["submission"], "s"),
    **dict.fromkeys(word_set("review revision consideration version"), "V"),
    **dict.fromkeys(word_set("rejected declined withdrawn"), "R"),
    **dict.fromkeys(
        word_set(
            "extends extending extension expands supersedes builds portion portions parts targeting targetting targeted planned"
            " cohosted"
        ),
        "X",
    ),
    "hosted": "V",
    **dict.fromkeys(word_set("challenge competition contest winner winning winners champion place rank ranked solution"), "P"),
    **dict.fromkeys(word_set("template format style formatted formatting layout"), "T"),
}
_NEGATIONS: Final = word_set("not if until unless once upon when")
_PENDING: Final = word_set("under in for peer minor major being")
_OTHER_VERSIONS: Final = word_set(
    "extended short shorter preliminary earlier initial previous prior abridged condensed longer long full partial expanded"
    " journal extension"
)
_NEEDED: Final = {
    **dict.fromkeys(["review", "consideration"], (_PENDING, "S")),
    "revision": (_PENDING, "s"),  # a paper may be accepted with a minor one
    "version": (_OTHER_VERSIONS, "X"),
    "hosted": (frozenset(["co"]), "X"),
}
_WILL: Final = frozenset(["to", "will", "may"])
PREPOSITIONS: Final = word_set("to at by in for with")
_ARTICLES: Final = word_set("the journal ieee acm springer elsevier proceedings of annual th st nd rd")
_BACK: Final = 10


def cue(words: Words, place: int) -> str:
    """Return what the word at a place says of the status of a paper (see `CUES`); empty if nothing."""
    low = words.lows[place]
    kind = CUES.get(low, "")
    before = words.lows[max(0, place - 4) : place]
    if kind in ("", "T", "P"):
        return kind
    if not _NEGATIONS.isdisjoint(before[-1:]):
        return "X"
    if kind == "V":
        needed, kind = _NEEDED[low]
        return kind if not needed.isdisjoint(before) else ""
    if low == "submission" and (not _PENDING.isdisjoint(before[-1:]) or words.lows[place + 1 : place + 2] == ["to"]):
        return "S"
    return "A" if low == "appear" and not _WILL.isdisjoint(before) else kind


def stated_at(words: Words, place: int) -> bool:
    """Tell whether a venue is stated by what begins at a place: "accepted for publication in …"."""
    here = place - 1
    while here >= 0 and here > place - 5 and (words.lows[here] in _ARTICLES or words.lows[here].isdecimal()):
        here -= 1
    if here < 0 or words.sentence[here] != words.sentence[min(place, len(words.words) - 1)]:
        return False
    if words.lows[here] in PREPOSITIONS:
        here -= 1
    elif "@" not in words.gap(place) and CUES.get(words.lows[here], "") not in ("A", "S"):
        return False
    for before in range(here, max(-1, here - _BACK), -1):
        if CUES.get(words.lows[before], "") in tuple("AaSsRV"):
            return words.sentence[before] == words.sentence[place - 1]
        if words.words[before][0].isupper():
            return False
    return False
