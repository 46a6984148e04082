"""The names by which the field knows a paper, parsed and normalised. Pure.

arXiv: https://info.arxiv.org/help/arxiv_identifier.html (new style since April 2007, old style `archive/YYMMNNN`
before). DOI: ISO 26324; matching is case-insensitive, so the normal form is lower case. Categories:
https://arxiv.org/category_taxonomy.
"""

import re
from collections.abc import Iterable
from typing import Final, NamedTuple, Self

_ARXIV: Final = re.compile(
    r"(?:arxiv:\s*|oai:arxiv\.org:|https?://(?:[a-z.]+\.)?arxiv\.org/(?:abs|pdf|html|format)/)?"
    r"(?P<id>\d{4}\.\d{4,5}|[a-z-]{2,20}(?:\.[a-z]{2})?/\d{7})"
    r"(?:v(?P<version>[1-9]\d{0,3}))?(?:\.pdf)?",
    re.IGNORECASE | re.ASCII,
)
_DOI: Final = re.compile(r"(?:doi:\s*|https?://(?:dx\.)?doi\.org/)?(?P<doi>10\.[0-9]{4,9}/\S*[^\s.,;])", re.IGNORECASE)
_ARXIV_DOI: Final = re.compile(r"10\.48550/arxiv\.(?P<id>.+)", re.IGNORECASE)
_LONGEST_DOI: Final = 255  # characters; the standard sets no limit, but no registered DOI comes near
_FIRST: Final = 90  # arXiv began in 1991
_CATEGORY: Final = re.compile(r"[a-z][a-z-]{0,20}[a-z](?:\.[A-Za-z][A-Za-z-]{0,20}[A-Za-z])?")


class Identifier(NamedTuple):
    """One name of a paper: a scheme (`arxiv`, `doi`, …) and the value in its normal form."""

    scheme: str
    value: str

    def __str__(self) -> str:
        """`scheme:value`, the form `show` takes."""
        return f"{self.scheme}:{self.value}"

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read an identifier as people write it: `arxiv:2401.00001v2`, a DOI, the URL of either; else None."""
        text = text.strip()
        if found := arxiv_id(text):
            return cls("arxiv", found[0])
        if value := doi(text):
            inner = _ARXIV_DOI.fullmatch(value)
            found = arxiv_id(inner["id"]) if inner else None
            return cls("arxiv", found[0]) if found else cls("doi", value)
        return None


def arxiv_id(text: str) -> tuple[str, int | None] | None:
    """Split an arXiv id, in any of its spellings, into the id without version and the version.

    >>> arxiv_id("https://arxiv.org/pdf/2401.00001v2.pdf")
    ('2401.00001', 2)
    """
    match = _ARXIV.fullmatch(text.strip())
    if match is None:
        return None
    archive, slash, number = match["id"].rpartition("/")
    # Old ids are written with and without the subject class (math.GT/0309136); arXiv's own normal form has none.
    value = archive.partition(".")[0].lower() + slash + number if slash else match["id"]
    return value, int(match["version"]) if match["version"] else None


def arxiv_year(value: str) -> int | None:
    """Return the year in which an arXiv id was given; None for what is none.

    >>> arxiv_year("2401.00001"), arxiv_year("math/9901001"), arxiv_year("")
    (2024, 1999, None)
    """
    digits = value.rpartition("/")[2][:2]
    if not digits.isdecimal() or arxiv_id(value) is None:
        return None
    return (1900 if int(digits) > _FIRST else 2000) + int(digits)


def doi(text: str) -> str | None:
    """Return the DOI in `text` in lower case, without resolver, blank or closing punctuation; None if there is none.

    What is not printable, or longer than 255 characters, is none.
    """
    match = _DOI.fullmatch(text.strip().rstrip(".,;"))
    value = match["doi"].lower() if match else ""
    return value if value and value.isprintable() and len(value) <= _LONGEST_DOI else None


def arxiv_categories(texts: Iterable[str]) -> tuple[str, ...]:
    """Return those of `texts` that have the shape of an arXiv category, each once.

    >>> arxiv_categories(["cs.CV", "hep-th", "cs.CV", "68T45"])
    ('cs.CV', 'hep-th')
    """
    return tuple(dict.fromkeys(text for text in texts if _CATEGORY.fullmatch(text)))
