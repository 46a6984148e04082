"""What strangers write, made harmless for the place it is put in. Pure.

CommonMark 0.31 (https://spec.commonmark.org/0.31.2/) allows a backslash before any ASCII punctuation. Escaped is what
means something there, in GitHub's dialect (https://github.github.com/gfm/: tables, strikethrough, bare addresses, `$…$`)
or in Obsidian's (`==marked==`, `%%hidden%%`, `[[page]]`, `#tag`, `^block`), and nothing else: the source stays readable.
"""

import json
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final
from urllib.parse import quote, urlsplit

from crawler.text import TEXT_LIMIT, clean, readable

WIDTH: Final = 72
_SAID_LIMIT: Final = 1120
_SCHEMES: Final = frozenset({"http", "https", "mailto"})
# Of what RFC 3986 allows in a URL, all but the quotes, brackets and dollars that end a link or begin a formula somewhere.
_URL_SAFE: Final = "%/:=&?~#+!,;@*"

# Every alternative begins with a literal, which lets the engine skip all other characters.
_MEANINGFUL: Final = re.compile(
    r"[\\`*_\[\]<|~$^#@]|&(?=[#A-Za-z])|:(?=//)|=(?:(?==)|(?<===))|%(?:(?=%)|(?<=%%))|\{(?=[{%#])|\.(?<=\b[wW]{3}\.)"
)
# At the start of a line: what begins a heading, a quotation, an item, a rule or an underline.
_LEADING: Final = re.compile(r"(\d{1,9}(?=[.)]))?([-+=>:.)])")
# Unicode's East Asian Width W and F (UAX 11), by blocks; and what a line may not be broken within: a word, or an ideograph
# with the closing punctuation after it, as Chinese typesetting wants.
_WIDE: Final = re.compile(
    "[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\U0001f300-\U0001faff"
    "\U00020000-\U0003fffd]"
)
_UNBROKEN: Final = re.compile(
    "(?:[\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff]|[^\\s\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff]+)[，。、；：？！）》”’…]*\\s?"
)
#: Nearly every address a digest prints, arXiv's and doi.org's among them, is as plain as this.
_PLAIN_URL: Final = re.compile(r"(?=.{,2000}\Z)https?://[a-z0-9]+(?:[.-][a-z0-9]+)*(?:/[A-Za-z0-9._/-]*)?")
_BLANKS: Final = re.compile(" +")
_TICKS: Final = re.compile("`+")


class Written(str):
    """Text that is already written for the place it goes to: a finalizer leaves it alone."""

    __slots__ = ()


def plain(text: str, limit: int = TEXT_LIMIT) -> str:
    """Return `text` on one line, without control or layout characters, at most `limit` characters long."""
    text = _inline(text).strip()
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def finalize_text(value: object) -> str:
    """Write a value into plain text: one line, no control characters; the blank at either end is kept."""
    return value if isinstance(value, Written) else _inline(str(value))


def _inline(text: str) -> str:
    if not text.isprintable():
        return clean(text)
    return _BLANKS.sub(" ", text) if "  " in text else text


def finalize_markdown(value: object) -> str:
    r"""Write a value into Markdown so that it shows as it is, wherever it stands in a line.

    >>> print(finalize_markdown("1. a_b [x](http://y)"))
    1\. a\_b \[x\](http\://y)
    """
    return value if isinstance(value, Written) else _marked_down(str(value))


@lru_cache(maxsize=2048)  # half of what a digest prints is small words, again and again
def _marked_down(text: str) -> str:
    text = _MEANINGFUL.sub(_escaped, _inline(text))
    start = _LEADING.match(text)
    return f"{text[: start.start(2)]}\\{text[start.start(2) :]}" if start else text


def _escaped(match: re.Match[str]) -> str:
    return "\\" + match[0]


def code(text: str) -> Written:
    """Write a code span of Markdown: its fence is longer than any run of backticks within."""
    text = plain(text)
    fence, gap = "`", ""
    if "`" in text:
        fence, gap = "`" * (1 + max(map(len, _TICKS.findall(text)))), " "
    # A code span does not protect a pipe from a table, nor a dollar sign before it from GitHub's formulas; we have neither.
    return Written(f"{fence}{gap}{text}{gap}{fence}")


def codes(texts: Iterable[str]) -> Written:
    """Write a row of code spans, one for each text that is not empty."""
    return Written(" ".join(code(text) for text in texts if text))


def link(text: str, href: str | None) -> Written:
    """Write a link of Markdown; the text alone where there is nowhere to go. `href` is one that `safe_url` gave."""
    shown = finalize_markdown(text)
    return Written(f"[{shown}]({href.replace('&', '&amp;')})" if href and shown else shown)


def links(several: Iterable[tuple[str, str | None]]) -> Written:
    """Write a row of links, each of a text and where it leads."""
    return Written(" · ".join(link(text, href) for text, href in several))


def scalar(text: object) -> Written:
    """Write a scalar of YAML: a string in double quotes, whose escapes are JSON's (YAML 1.2 §1.3)."""
    return Written(json.dumps(plain(text) if isinstance(text, str) else text, ensure_ascii=False))


def safe_url(url: str) -> str | None:
    """Return `url` percent-encoded where it must be; None unless it leads to a host by http(s), or is a mail address."""
    if _PLAIN_URL.fullmatch(url):
        return url
    url = plain(url)
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme not in _SCHEMES or not (parts.path if parts.scheme == "mailto" else parts.netloc):
        return None
    return quote(url, safe=_URL_SAFE, errors="replace")


def wrap(text: str, indent: str = "") -> Written:
    """Break plain text into lines of at most 72 columns, each after `indent`; a longer word stays whole, as links must."""
    text, room = plain(text), WIDTH - len(indent)
    lines = _fill if columns(text) == len(text) else _fill_wide
    return Written(indent + f"\n{indent}".join(lines(text, room)))


def _fill(text: str, room: int) -> Iterator[str]:
    start = 0
    while len(text) - start > room:
        # The last blank that leaves the line short enough, else the first after a word that is too long.
        end = text.rfind(" ", start, start + room + 1)
        end = end if end >= 0 else text.find(" ", start)
        if end < 0:
            break
        yield text[start:end]
        start = end + 1
    yield text[start:]


def _fill_wide(text: str, room: int) -> Iterator[str]:
    line, width = "", 0
    for word in _UNBROKEN.findall(text):
        if line and width + columns(word.rstrip()) > room:
            yield line.rstrip()
            line, width = "", 0
        line, width = line + word, width + columns(word)
    yield line.rstrip()


def columns(text: str) -> int:
    """Return how many columns a terminal gives to `text`: an ideograph takes two.

    >>> columns("语义 seg")
    8
    """
    return len(text) if text.isascii() else len(text) + len(_WIDE.findall(text))


def said(text: str, limit: int = _SAID_LIMIT) -> str:
    """Return what a stranger wrote on one line, its TeX made readable, at most `limit` characters long."""
    return plain(readable(plain(text)), limit) if "\\" in text or "$" in text or "{" in text else plain(text, limit)
