"""Text as strangers write it, made fit to keep (`clean`), to read (`readable`) and to compare (`fold`). Pure.

TeX in titles and abstracts follows arXiv's rules (https://info.arxiv.org/help/prep.html): `$…$` is mathematics,
accents and a few text macros may stand outside it, and an unescaped `%` is a per cent sign, not a comment.
"""

import logging
import re
import sys
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, lru_cache, partial
from typing import Final

from crawler.sighting import Author

TITLE_LIMIT: Final = 500
NAME_LIMIT: Final = 200
TEXT_LIMIT: Final = 20_000

# Invisible characters that change the layout of the text around them, and code points that are none (XML 1.0 §2.2).
_INVISIBLE: Final = re.compile("[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\uffff\ud800-\udfff]")
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")

# Pandoc's rule: no blank inside the dollars, no digit after the closing one, so "$5 and $10" is money; a macro is none.
_MATH: Final = re.compile(r"(?<!\\)\$(\\[A-Za-z]+|(?=\S)(?:[^$\\]|\\.){1,400}?(?<=\S)(?=\$(?!\d)))\$")
_ACCENT: Final = re.compile(
    r"""\{?\\(?:["'`^~=.]\s*|[uvHcdbkr](?=\s*[{\\])\s*|[uvHcdbkr]\s+)(?:\{\\?[A-Za-z]\}|\\[ij](?![A-Za-z])|[A-Za-z])\}?"""
)
_LETTER: Final = re.compile(r"\{?\\(?:ss|ae|AE|oe|OE|aa|AA|o|O|l|L|i|j)(?![A-Za-z])(?:\{\})?\s?\}?")
_STYLED: Final = re.compile(
    r"\\(?:text(?:bf|it|tt|sc|rm|sf|sl|up|md)?|emph|underline|math(?:bf|it|rm|tt|sf)|mbox|url)\s*\{([^{}]*)\}"
)
_DEPTH: Final = 4  # how deep styles are nested in each other: from the inside out
_NO_TEX: Final = re.compile(r"[^\\{}$^_~#&%`'\"?!<>-]*")
_ESCAPED: Final = re.compile(r"\\([%&#_${}])")
_BRACED: Final = re.compile(r"\{([A-Za-z0-9 +-]*)\}")

_SUPERSCRIPTS: Final = str.maketrans("0123456789+-=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ")
_SUBSCRIPTS: Final = str.maketrans("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎")
_RAISED: Final = re.compile(r"\^(?:\{(?:\\text\{)?([0-9+\-=()ni]+)\}?\}|([0-9n]))")
_LOWERED: Final = re.compile(r"_(?:\{(?:\\text\{)?([0-9+\-=()]+)\}?\}|([0-9]))")

_NO_PLAIN_LIST: Final = ("(", "\\", " and ", "&", ":", "{", "~", "$", " et al", " AND ")
_BETWEEN: Final = re.compile(
    r",| (?:and|&) (?!(?:the )?[\w./-]+ Collaborations\b)"
    r"|(?:(?<=collaboration)|(?<=collaborations)|(?<=group)|(?<=team)|(?<=consortium)|^) ?:",
    re.IGNORECASE,
)
_SUFFIXES: Final = frozenset(suffix + dot for suffix in ("Jr", "Sr", "II", "III", "IV") for dot in ("", "."))
_ET_AL: Final = re.compile(r",? et\.? al\b\.?")
_TEX_BLANK: Final = re.compile(r"\\+[ ,;:]")
_NUMBER: Final = re.compile(r"\d{1,3}(?:-\d{1,3})?|[*†‡§¶#]{1,3}")
_PLACE: Final = re.compile(r"\(\s*(\d{1,3}|[A-Za-z]|[*†‡§¶#]{1,3})\s*\)")
_BETWEEN_MARKS: Final = re.compile(r"[\s,;&]+(?:and\b[\s,;&]*)?")

_NO_WORD: Final = re.compile(r"[\W_]+")
_ASCII_WORDS: Final = {code: chr(code).lower() if chr(code).isalnum() else " " for code in range(128)}
_IDEOGRAPH: Final = re.compile("([\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])")


def clean(text: str, limit: int = TEXT_LIMIT) -> str:
    r"""Return `text` on one line in NFC, without control, layout or non-characters, at most `limit` characters long.

    >>> clean("A\r\nB\x00 \ud800C")
    'A B C'
    """
    text = text.strip()
    if "  " in text or not text.isprintable():  # to see that a text is in order is twice as fast as to put it in order
        text = " ".join(text.split())
        if not text.isprintable():
            text = " ".join(_INVISIBLE.sub("", _CONTROL.sub(" ", text)).split())
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def names(text: str) -> tuple[Author, ...]:
    r"""Take an author list apart as arXiv has it (https://info.arxiv.org/help/prep.html#author).

    Commas, "and" and "&" part the authors, and a colon after a collaboration does; what stands in parentheses after a
    name is its affiliation, of which a list at the end may give the places: `A. Doe (1) ((1) MIT)`. A suffix stays with
    its name, and accents in TeX are letters. Numbers that no list explains are left out.

    >>> names(r"Ada Lovelace (A, London) and P. Erd\H{o}s, Jr")
    (Author(name='Ada Lovelace', affiliation='A, London'), Author(name='P. Erdős Jr', affiliation=None))
    """
    text = clean(text, sys.maxsize)
    if not any(map(text.__contains__, _NO_PLAIN_LIST)):
        found = [name.strip() for name in text.split(",")]
        if _SUFFIXES.isdisjoint(found):
            return tuple([Author(name if len(name) <= NAME_LIMIT else clean(name, NAME_LIMIT)) for name in found if name])
    # Before the commas are counted: TeX has one in its thin space.
    text = readable(_TEX_BLANK.sub(" ", text)).replace("~", " ")
    return _Names().read(clean(_ET_AL.sub("", text), sys.maxsize))


@dataclass(slots=True)
class _Names:
    """An author list being taken apart: who was found with what stood in parentheses, and who is being read."""

    found: list[tuple[str, list[str]]] = field(default_factory=list)
    places: dict[str, str] = field(default_factory=dict)
    name: str = ""
    groups: list[str] = field(default_factory=list)

    def read(self, text: str) -> tuple[Author, ...]:
        pieces = _pieces(text)
        for place, (piece, in_brackets) in enumerate(pieces):
            if not in_brackets:
                self._add_text(piece)
            elif _PLACE.match(piece.lstrip()):
                self.places |= _places(piece)
            elif self._is_over() and _NUMBER.fullmatch(piece.strip()) and pieces[place + 1][0].lstrip()[:1].isalnum():
                # A list of places that has no parentheses of its own.
                self.places |= _places("".join(f"({part})" if inner else part for part, inner in pieces[place:]))
                break
            else:
                self.groups.append(piece)
        self._close()
        return tuple(Author(name, _affiliation(groups, self.places)) for name, groups in self.found)

    def _is_over(self) -> bool:
        return not self.name.strip() and bool(self.found and self.found[-1][1])

    def _add_text(self, text: str) -> None:
        first, *others = _BETWEEN.split(text)
        if not self.groups:
            self.name += first
        elif first.strip(" .;"):  # what stands inside a name is a part of it: Xiaoming (Tom) Wang
            self.name = " ".join((self.name, *(f"({group})" for group in self.groups), first))
            self.groups = []
        for other in others:
            self._close()
            self.name = other

    def _close(self) -> None:
        name = clean(self.name, NAME_LIMIT)
        if name in _SUFFIXES and self.found:
            before, groups = self.found[-1]
            self.found[-1] = (clean(f"{before} {name}", NAME_LIMIT), groups + self.groups)
        elif name:
            self.found.append((name, self.groups))
        self.name, self.groups = "", []


def _pieces(text: str) -> list[tuple[str, bool]]:
    """Return what stands outside of all parentheses, and inside of the outermost ones, in turns."""
    pieces, depth, start = [], 0, 0
    for match in re.finditer(r"[()]", text):
        opens = match[0] == "("
        if depth == (0 if opens else 1):
            pieces.append((text[start : match.start()], not opens))
            start = match.end()
        depth = max(0, depth + (1 if opens else -1))
    if depth and not _PLACE.match(text[start:].lstrip()):
        # A parenthesis that never closes would swallow everybody after it: it closes before the next comma.
        closed = ",".join(part + ")" * (part.count("(") - part.count(")")) for part in text.split(","))
        if closed != text:
            return _pieces(closed)
    return [*pieces, (text[start:], depth > 0), ("", False)]


def _places(text: str) -> dict[str, str]:
    """Return the places of a list by their marks: `(1) MIT, (2) KEK, Tsukuba`."""
    _, *parts = _PLACE.split(text)
    texts = (part.strip(" .,;").removesuffix(" and").rstrip(" ,;") for part in parts[1::2])
    return {mark: place for mark, place in zip(parts[::2], texts, strict=True) if place}


def _affiliation(groups: list[str], places: dict[str, str]) -> str | None:
    """Return what stood in parentheses after a name, with places for their marks."""
    found: list[str] = []
    for group in groups:
        marks = [mark for mark in _BETWEEN_MARKS.split(group) if mark]
        known = all(mark in places or _NUMBER.fullmatch(mark) for mark in marks)
        found += [places[mark] for mark in marks if mark in places] if known else [group.strip()]
    return clean("; ".join(dict.fromkeys(found)), NAME_LIMIT) or None


def readable(text: str) -> str:
    r"""Return `text` with its TeX as Unicode where Unicode has it, and as plain letters where it has not.

    >>> readable(r"$\pi_0$ by Erd\H{o}s: 98.1\% on D$^2$Net")
    'π₀ by Erdős: 98.1% on D²Net'
    """
    if not ("\\" in text or "$" in text or "{" in text):
        return text
    text = _MATH.sub(lambda match: _math(match[1]), text)
    if "\\" in text:
        text = _without_macros(text)
    return " ".join(_BRACED.sub(r"\1", text).split())


def _without_macros(text: str) -> str:
    text = _ACCENT.sub(lambda match: _tex(match[0]), text)
    text = _LETTER.sub(lambda match: _tex(match[0]), text)
    for _ in range(_DEPTH):
        text = _STYLED.sub(r"\1", text)
    return _ESCAPED.sub(r"\1", text)


@lru_cache(maxsize=4096)
def _math(tex: str) -> str:
    tex = _RAISED.sub(lambda match: (match[1] or match[2]).translate(_SUPERSCRIPTS), tex)
    tex = _LOWERED.sub(lambda match: (match[1] or match[2]).translate(_SUBSCRIPTS), tex)
    # pylatexenc drops what it does not know, and takes a bare per cent sign for a comment.
    plain = _tex(re.sub(r"(?<!\\)%", r"\\%", tex))
    return plain or _NO_WORD.sub(" ", tex).strip()


@lru_cache(maxsize=4096)
def _tex(tex: str) -> str:
    if _NO_TEX.fullmatch(tex):  # half of all formulas are a letter or a number
        return clean(tex)
    # Imported late: it takes 30 ms, and most texts have no TeX.
    from pylatexenc.latexwalker import LatexWalkerError  # type: ignore[import-untyped]  # noqa: PLC0415 - no types

    try:
        return clean(_converter()(tex))
    except (LatexWalkerError, IndexError, ValueError, RecursionError):
        return tex


@cache
def _converter() -> Callable[[str], str]:
    from pylatexenc.latex2text import LatexNodes2Text  # type: ignore[import-untyped]  # noqa: PLC0415 - see _tex
    from pylatexenc.latexwalker import get_default_latex_context_db  # noqa: PLC0415 - see _tex

    # It warns of every macro without its arguments; what a stranger wrote is no concern of the user's terminal.
    logging.getLogger("pylatexenc").setLevel(logging.ERROR)
    converter = LatexNodes2Text(math_mode="text", strict_latex_spaces=True)
    # The macros it knows are given to it: it would gather them anew for every text, which takes longer than the text.
    return partial(converter.latex_to_text, latex_context=get_default_latex_context_db())


def fold(text: str) -> str:
    """Return the words of `text` for matching: no TeX, NFKC, case folded, a blank between words, each ideograph a word.

    >>> fold("Open-Vocabulary 3D Ｓegmentation 语义")
    'open vocabulary 3d segmentation 语 义'
    """
    text = readable(text)
    if text.isascii():  # the same as below, five times as fast
        return " ".join(text.translate(_ASCII_WORDS).split())
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    text = _IDEOGRAPH.sub(r" \1 ", text)
    return _NO_WORD.sub(" ", text.casefold()).strip()
