"""Names of venues among the words of a text: those that a catalogue has, the longest first, with the year beside them. Pure."""

from dataclasses import dataclass
from functools import cache
from typing import Final, NamedTuple, Self

from crawler.venue_words import WORD, Words, word_set
from crawler.venue_years import BETWEEN, LEADS, year_after, year_before
from crawler.venues import Catalogue, Venue, shipped

PUBLISHERS: Final = frozenset(["ieee", "acm", "cvf", "rsj", "iapr"])
_FOLLOWERS: Final = BETWEEN | word_set(
    "journal spotlight highlight award bridge doctoral industrial special best full regular camera code project accepted at in"
    " volume vol no issue student demonstration demonstrations submission and companion"
)
_GENERAL: Final = frozenset(["conference", "international", "transactions", "journal", "workshop", "symposium", "annual"])
_GOES_ON: Final = frozenset(["and", "for", "in", "of", "on", "with", "from", "&"])
_LIST_REACH: Final = 8


class Known(NamedTuple):
    """What a name means. `sure`: wherever it stands; an acronym is one word, with `part` that of a part of the venue."""

    venue: Venue
    sure: bool
    acronym: bool
    part: str = ""


@dataclass(slots=True)
class Hit:
    """A venue that a text names by the words from `start` to `end`; with its year they end at `stop`.

    What is said of it stands between `floor` and `ceiling`. `main`: it is the main programme, beside a workshop of it.
    """

    start: int
    end: int
    stop: int
    venue: str
    journal: bool
    sure: bool
    year: int | None = None
    part: str = ""
    listed: bool = True
    main: bool = False
    floor: int = 0
    ceiling: int = 0


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The names of a catalogue by their words; `lengths` are those of the names that begin with a word, the longest first.

    Where a text has none of the words that are `telling`, it has no name. `anagrams` are the sorted letters of acronyms.
    """

    names: dict[str, Known]
    lengths: dict[str, tuple[int, ...]]
    telling: frozenset[str]
    anagrams: frozenset[str]

    @classmethod
    def of(cls, catalogue: Catalogue) -> Self:
        """Put down all names that a text may have."""
        names: dict[str, Known] = {}
        venues = [venue for venue in catalogue.venues if venue.acronym != "Findings"]
        for venue in venues:
            for name in venue.spellings:
                alone = name in venue.stated or (venue.ambiguous and name == venue.acronym)
                names.setdefault(_key(name), Known(venue, not alone, " " not in name))
        for venue in (one for one in venues if one.kind == "conference" and not one.ambiguous and one.acronym.isupper()):
            for suffix in ("W", "-W", "Ws"):
                names.setdefault(_key(venue.acronym + suffix), Known(venue, sure=True, acronym=True, part="workshop"))
        for key, known in list(names.items()):
            rest = _without_publishers(key)
            if rest != key and rest.count(" ") > 1 and not rest.startswith("conference "):
                names.setdefault(rest, known)
            names.setdefault(key.replace("transactions", "transaction"), known)
        if acl := catalogue.find("ACL"):
            findings = "findings of the association for computational linguistics"
            names[findings] = Known(acl, sure=True, acronym=False, part="findings")
        names |= {_key(name): Known(REVIEWING, name != "ARR", name == "ARR") for name in REVIEWING.spellings}
        lengths: dict[str, set[int]] = {}
        for key in names:
            lengths.setdefault(key.partition(" ")[0], set()).add(key.count(" ") + 1)
        anagrams = frozenset("".join(sorted(key)) for key, known in names.items() if known.acronym and len(key) > 3)
        telling = frozenset(next(word for word in key.split() if word.isalpha()) for key in names)
        return cls(names, {word: tuple(sorted(counts, reverse=True)) for word, counts in lengths.items()}, telling, anagrams)

    def hits(self, words: Words) -> list[Hit]:
        """Return the names in a text, in order; a word is of one name at most."""
        found: list[Hit] = []
        place, lows, lengths = 0, words.lows, self.lengths
        while place < len(lows):
            counts = lengths.get(lows[place])
            hit = self._longest(words, place, counts) if counts else None
            if hit is None:
                place += 1
                continue
            place = hit.stop
            before = found[-1] if found else None
            if before and before.part == "findings" and hit.start == before.stop and not hit.journal:
                found[-1], hit.part = hit, hit.part or "findings"  # "Findings of the Association …: EMNLP 2026"
            elif before and before.venue == hit.venue and hit.start - before.stop <= 1 and _is_again(words, before, hit):
                before.end, before.stop = hit.end, hit.stop
                before.year, before.sure, before.part = before.year or hit.year, True, before.part or hit.part
            else:
                found.append(hit)
        return found

    def _longest(self, words: Words, place: int, counts: tuple[int, ...]) -> Hit | None:
        for count in counts:
            known = self.names.get(words.lows[place] if count == 1 else " ".join(words.lows[place : place + count]))
            if known and place + count <= len(words.lows) and (hit := _hit(words, place, place + count, known)):
                return hit
        return None


REVIEWING: Final = Venue(
    acronym="ARR", name="ACL Rolling Review", kind="journal", names=("ACL ARR", "ARR ACL", "Rolling Review"), ambiguous=True
)


@cache
def shipped_lexicon() -> Lexicon:
    """Return the names of the catalogue that Paperlark ships with."""
    return Lexicon.of(shipped())


def _key(name: str) -> str:
    return " ".join("and" if word == "&" else word.lower() for word in WORD.findall(name)).removeprefix("the ")


def _without_publishers(key: str) -> str:
    words = key.split()
    while words and words[0] in PUBLISHERS:
        del words[0]
    return " ".join(words)


def _is_again(words: Words, before: Hit, hit: Hit) -> bool:
    """Tell whether a name is said again, in another way, right behind itself."""
    return words.sentence[before.start] == words.sentence[hit.start] and None in (before.year, hit.year)


def _names_another(words: Words, end: int) -> bool:
    """Tell whether an acronym is of those who hold another conference: "ACM SIGIR Conference on …"."""
    return words.lows[end : end + 2] in (["conference", "on"], ["symposium", "on"]) or words.lows[end : end + 1] == [
        "international"
    ]


def _hit(words: Words, start: int, end: int, known: Known) -> Hit | None:
    said = words.said(start, end)
    journal = known.venue.kind == "journal"
    year, stop = (None, end) if journal else year_after(words, end, acronym=known.acronym or end - start == 2)
    if known.acronym:
        fits = (
            not _names_another(words, end)
            and " " not in said
            and "," not in said
            and (said != said.lower() or year is not None)
        )
        fits = fits and (known.sure or said.upper() == said or said == known.venue.acronym)
    else:
        fits = not (_GENERAL.isdisjoint(words.lows[start:end]) and _names_another(words, end))
        fits = (
            fits
            and (said[0].isupper() or said[0].isdigit() or not _GENERAL.isdisjoint(words.lows[start:end]))
            and ";" not in said
        )
        fits = fits and not (goes_on(words, end, sure=known.sure) or _began_before(words, start))
    if not fits:
        return None
    if not journal and year is None:
        year = year_before(words, start)
    sure = known.sure or (year is not None and not journal)
    return Hit(start, end, stop, known.venue.acronym, journal, sure, year, known.part)


def goes_on(words: Words, end: int, *, sure: bool) -> bool:
    """Tell whether a name that ends at a place is the beginning of a longer one: "Machine Learning and Computing"."""
    if end >= len(words.words):
        return False
    gap, word, low = words.gap(end), words.words[end], words.lows[end]
    if gap == ", ":
        return _is_list(words, end)
    if gap == ": ":
        return not sure and word[0].isupper()
    if gap not in (" ", "-", " - ", " & "):
        return False
    if low in _GOES_ON and not (low == "in" and sure):
        return end + 1 < len(words.words) and words.gap(end + 1) == " " and words.words[end + 1][0].isupper()
    return word[0].isupper() and not word.isupper() and low not in _FOLLOWERS


def _is_list(words: Words, place: int) -> bool:
    """Tell whether the words behind a comma go on to an "and" with another capital: "Learning, Optimization, and Data"."""
    for here in range(place, min(place + _LIST_REACH, len(words.words) - 1)):
        if words.lows[here] == "and":
            return words.words[here + 1][0].isupper()
        if not words.words[here][0].isupper() or words.gap(here).strip() not in ("", ","):
            return False
    return False


def _began_before(words: Words, start: int) -> bool:
    """Tell whether a name that begins with a general word had begun before: "Chinese Conference on …"."""
    if not start or words.lows[start] not in _GENERAL or words.gap(start) not in (" ", "-"):
        return False
    word, low = words.words[start - 1], words.lows[start - 1]
    return word[0].isupper() and low not in LEADS and not low.endswith(("th", "ed", "in", "at", "by"))
