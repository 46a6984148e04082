"""One condition of a query: made from a word or phrase as the reader typed it. Pure."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from crawler.text import clean, fold
from digests.spelling import numbers, spellings
from digests.topic import Field
from storage.paper import tag_key

_COMPARED: Final = re.compile(r"([<>]=?)?\s*([0-9]{1,9})")
_MOST: Final = 10**9
_STARS: Final = ("*", "＊")
# The ranks of the Chinese Academy of Sciences: 一区 to 四区, or 1区 to 4区.
_ZONE: Final = re.compile(r"([一二三四1-4１-４])\s*区")
_LEAVING_OUT: Final = ("-", "!")


@dataclass(frozen=True, slots=True)
class Term:
    """One condition: the reader's own words without quotes, and in which field; None is the title or the abstract.

    `needles` are the strings of which one must be part of the field: folded words between blanks (see `matching.Folded`), a
    category between line ends. One without its closing blank or line end is a beginning. `bounds` are the least and the most
    that a number may be.
    """

    field: Field | None
    typed: str
    needles: tuple[str, ...] = ()
    bounds: tuple[int, int] | None = None


def read_term(text: str, field: Field | None, *, quoted: bool) -> Term | str:
    """Make the condition, or say in a few words why there is none in `text`."""
    text = clean(text)
    if not quoted and field != "rank" and (why := _wrong_word(text)):
        return why
    if field in ("stars", "year"):
        bounds = _years(text) if field == "year" else _bounds(text)
        return bounds if isinstance(bounds, str) else Term(field, text, bounds=bounds)
    needles = _needles_of(text, field, quoted=quoted)
    return needles if isinstance(needles, str) else Term(field, text, needles)


def _needles_of(text: str, field: Field | None, *, quoted: bool) -> tuple[str, ...] | str:
    if field is not None and (read := _READERS.get(field)):
        return read(text)
    return _needles(text, field, quoted=quoted)


def _code(text: str) -> tuple[str, ...] | str:
    answer = text.casefold()
    return (f"\n{answer}\n",) if answer in ("yes", "no") else "code: takes yes or no"


def _ccf(text: str) -> tuple[str, ...] | str:
    rank = text.casefold()
    return (f"\n{rank}\n",) if rank in ("a", "b", "c") else "ccf: takes A, B or C"


def _rank(text: str) -> tuple[str, ...] | str:
    key = rank_key(text)
    return (f"\n{key}\n",) if key else _no_letter(text)


def _track(text: str) -> tuple[str, ...] | str:
    key = tag_key("track", text.rstrip("*＊"))
    return (f"\n{key}" + ("" if text.endswith(_STARS) else "\n"),) if key else _no_letter(text)


def _bounds(text: str) -> tuple[int, int] | str:
    """Read `>100`, `>=100`, `<5`, `<=5`, or a number alone, which is the least."""
    match = _COMPARED.fullmatch(unicodedata.normalize("NFKC", text))
    if match is None:
        return "stars: takes a number, as in stars:>100"
    number = int(match[2])
    least = {">": number + 1, "<": 0, "<=": 0}.get(match[1], number)
    most = {"<": number - 1, "<=": number}.get(match[1], _MOST)
    return least, most


def _years(text: str) -> tuple[int, int] | str:
    """Read `2026`, which is that year, `>=2024`, `>2024`, `<2020` or `<=2020`."""
    match = _COMPARED.fullmatch(unicodedata.normalize("NFKC", text))
    if match is None:
        return "year: takes a year, as in year:2026 or year:>=2024"
    return _bounds(text) if match[1] else (int(match[2]), int(match[2]))


def _no_letter(text: str) -> str:
    return f'there is no letter or digit in "{short(text)}"'


def rank_key(text: str) -> str:
    """Return a rank as it is compared, with the name of its list or without; a star is a part of it, as in CORE A*."""
    return fold(_ZONE.sub(_zone, text).replace("*", " star ").replace("＊", " star "))


def _zone(match: re.Match[str]) -> str:
    return f"{'一二三四'.index(match[1]) + 1 if match[1] in '一二三四' else match[1]}区"


def _venue(text: str) -> tuple[str, ...] | str:
    key = tag_key("venue", text.rstrip("*＊"))
    if not key:
        return _no_letter(text)
    return (f"\n{key}" if text.endswith(_STARS) or not key[-1].isdigit() else f"\n{key}\n",)


def plain_category(text: str) -> str:
    """Return a category as it is compared: whole, for its dot has a meaning; in lower case, with single blanks."""
    return " ".join(text.split()).casefold()


def _wrong_word(text: str) -> str:
    if text in _STARS:
        return "a * stands alone; write it right after the beginning of a word, as in segment*"
    if any(star in text[:-1] for star in _STARS):
        return f'a * can only end a word; to look for the name, write "{short(text)}"'
    # Elsewhere this leaves a word out. Taken as part of the word, it would give the reader the opposite without a sign.
    if text.startswith(_LEAVING_OUT) and spellings(text):
        return f'to leave a word out, write NOT {short(text[1:])}; to look for it, write "{short(text)}"'
    return ""


def _category(text: str) -> tuple[str, ...] | str:
    if any(comma in text for comma in ",，、；;"):
        return "one category at a time, as in category:(cs.CV OR cs.LG)"
    begins = text.endswith(_STARS)
    plain = plain_category(text[:-1] if begins else text)
    return (f"\n{plain}" if begins else f"\n{plain}\n",) if plain else "no category stands in the quotation marks"


def _needles(text: str, field: Field | None, *, quoted: bool) -> tuple[str, ...] | str:
    words = spellings(text)
    if not words:
        return _no_letter(text)
    if text.endswith(_STARS):
        if _is_beginning(text):
            return tuple(f" {word}" for word in words)
        if not quoted:
            return f'too many words begin like {short(text)}; to look for the name, write "{short(text)}"'
    if field not in ("author", "task"):
        words = tuple(number for word in words for number in numbers(word))
    return tuple(dict.fromkeys(f" {word} " for word in words))


def _is_beginning(text: str) -> bool:
    """Whether more than one letter stands right before the star; an ideograph is a word and will do."""
    last = fold(text.rpartition(" ")[2])
    return len(last) > 1 or not last.isascii()


def short(text: str) -> str:
    """Return what the reader typed, cut to the length of a remark."""
    return text if len(text) <= 40 else text[:39] + "…"


_READERS: Final[Mapping[Field, Callable[[str], tuple[str, ...] | str]]] = {
    "category": _category,
    "venue": _venue,
    "track": _track,
    "ccf": _ccf,
    "rank": _rank,
    "code": _code,
}
"""The fields whose values are no words of a text."""
