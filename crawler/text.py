"""Text as strangers write it, made fit to keep (`clean`), to read (`readable`) and to compare (`fold`). Pure.

TeX in titles and abstracts follows arXiv's rules (https://info.arxiv.org/help/prep.html): `$…$` is mathematics,
accents and a few text macros may stand outside it, and an unescaped `%` is a per cent sign, not a comment.
"""

import logging
import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache, lru_cache, partial
from typing import Final

TITLE_LIMIT: Final = 500
NAME_LIMIT: Final = 200
TEXT_LIMIT: Final = 20_000

# Invisible characters that change the layout of the text around them, and code points that are none (XML 1.0 §2.2).
_INVISIBLE: Final = re.compile("[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\uffff\ud800-\udfff]")
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_ASCII_CONTROLS: Final = bytes((*range(32), 127))

# Pandoc's rule: no blank inside the dollars, no digit after the closing one, so "$5 and $10" is money; a macro is none.
# The dollar comes before what must not be before it, for then it is looked for in a sixth of the time.
_MATH: Final = re.compile(r"\$(?<!\\\$)(\\[A-Za-z]+|(?=\S)(?:[^$\\]|\\.){1,400}+(?<=\S)(?=\$(?!\d)))\$")
_ACCENT: Final = re.compile(
    r"""\{?\\(?:["'`^~=.]\s*|[uvHcdbkr](?=\s*[{\\])\s*|[uvHcdbkr]\s+)(?:\{\\?[A-Za-z]\}|\\[ij](?![A-Za-z])|[A-Za-z])\}?"""
)
_LETTER: Final = re.compile(r"\{?\\(?:ss|ae|AE|oe|OE|aa|AA|DJ|dj|o|O|l|L|i|j)(?![A-Za-z])(?:\{\})?\s?\}?")
_ACCENTED: Final = re.compile(r"""\\["'`^~=.uvHcdbkr]""")
_LETTERED: Final = re.compile(r"\\(?:ss|ae|AE|oe|OE|aa|AA|DJ|dj|o|O|l|L|i|j)(?![A-Za-z])")
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

_NO_WORD: Final = re.compile(r"[\W_]+")
_NO_WORD_BEYOND_ASCII: Final = re.compile(r"[^\x00-\x7f\w]+")
# Of UTF-8: a byte beyond ASCII stays what it is.
_ASCII_WORDS: Final = bytes(
    code if code > 127 else ord(chr(code).lower()) if chr(code).isalnum() else 32 for code in range(256)
)
_IDEOGRAPH: Final = re.compile("([\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])")


def clean(text: str, limit: int = TEXT_LIMIT) -> str:
    r"""Return `text` on one line in NFC, without control, layout or non-characters, at most `limit` characters long.

    >>> clean("A\r\nB\x00 \ud800C")
    'A B C'
    """
    text = text.strip()
    if "  " in text or not _is_printable(text):  # to see that a text is in order is twice as fast as to put it in order
        text = " ".join(text.split())
        if not _is_printable(text):
            text = " ".join(_INVISIBLE.sub("", _CONTROL.sub(" ", text)).split())
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _is_printable(text: str) -> bool:
    if text.isascii():  # the same as below in a third of the time
        return len(text.encode().translate(None, _ASCII_CONTROLS)) == len(text)
    return text.isprintable()


def readable(text: str) -> str:
    r"""Return `text` with its TeX as Unicode where Unicode has it, and as plain letters where it has not.

    >>> readable(r"$\pi_0$ by Erd\H{o}s: 98.1\% on D$^2$Net")
    'π₀ by Erdős: 98.1% on D²Net'
    """
    if not ("\\" in text or "$" in text or "{" in text):
        return text
    return " ".join(_spelt_out(text).split())


def _spelt_out(text: str) -> str:
    """Return what `readable` does, but for the blanks that are left of what was taken out."""
    if "$" in text:
        text = _MATH.sub(lambda match: _math(match[1]), text)
    if "\\" in text:
        text = _without_macros(text)
    return _BRACED.sub(r"\1", text) if "{" in text else text


def _without_macros(text: str) -> str:
    # Both look at every character, for a brace may come first; and most macros are neither.
    if _ACCENTED.search(text):
        text = _ACCENT.sub(lambda match: _tex(match[0]), text)
    if _LETTERED.search(text):
        text = _LETTER.sub(lambda match: _tex(match[0]), text)
    for _ in range(_DEPTH):
        text, count = _STYLED.subn(r"\1", text)
        if not count:
            break
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
        return clean(next(_converted(tex)))
    except (LatexWalkerError, IndexError, ValueError, RecursionError):
        return tex


def _converted(tex: str) -> Iterator[str]:
    """Yield `tex` as plain text.

    pylatexenc ends every text by an error that it keeps, in a cycle with the frames of all who wait for it, up to whoever reads
    a page of 2,500 records. The frame of a generator is the last of them, and so the page goes as soon as it is done with.
    """
    yield _converter()(tex)


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
    return " ".join(fold_apart(text).split())


def fold_apart(text: str) -> str:
    """Return what `fold` does, but for how many blanks are between two words and around them: in a fifth of the time."""
    text = _spelt_out(text)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
        text = _NO_WORD_BEYOND_ASCII.sub(" ", _IDEOGRAPH.sub(r" \1 ", text).casefold())
    # Most of most texts is ASCII, and this many times as fast as any pattern.
    return text.encode().translate(_ASCII_WORDS).decode()
