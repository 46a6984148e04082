"""RSS and Atom in all their dialects, opened by feedparser: from bytes only, and knowing when they break off."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, Final
from xml.sax import SAXException

from crawler.errors import ReadError
from crawler.readers.bounds import refuse_floods, refuse_long_tags
from crawler.sighting import Reject
from crawler.source import Fetched

_ROOT: Final = re.compile(rb"<((?:[\w.-]{1,40}:)?(?:rss|feed|rdf))[\s>]", re.IGNORECASE)
_RSS: Final = b"rss"
_OPENING: Final = re.compile(rb"<(?:[\w.-]{1,40}:)?(?:item|entry)[\s>]")
_CLOSING: Final = re.compile(rb"</(?:[\w.-]{1,40}:)?(?:item|entry)\s*>")
_ANY_ENTRY: Final = re.compile(rb"<(?:[\w.-]+:)?(?:item|entry)[\s/>]", re.IGNORECASE)
_ENDED: Final = re.compile(rb"</(?:[\w.-]{1,40}:)?(?:rss|feed|rdf)\s*>\s*\Z", re.IGNORECASE)
_MOST: Final = 4000
"""How many entries are read at most: feedparser needs half a millisecond and more for each, and all of them at once."""

_MOST_TAGS: Final = 200_000
# feedparser looks for an address of e-mail in the names of authors, and takes the square of its length over each word.
_LONG_WORD: Final = re.compile(rb"([\w.+-]{1000})[\w.+-]+")

_REFERENCE: Final = re.compile(rb"&#(?:[xX]([0-9a-fA-F]+)|([0-9]+));?")
_NO_CHARACTER: Final = b"&#xFFFD;"


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """One feed document. `entries` are feedparser's mappings, texts neither sanitised nor clean; `whole`: uncut.

    `about` is feedparser's mapping of the feed itself, `version` its name for the dialect: `rss20`, `atom10`.
    """

    title: str
    subtitle: str
    entries: tuple[Mapping[str, Any], ...]
    rejects: tuple[Reject, ...] = ()
    whole: bool = True
    about: Mapping[str, Any] = field(default_factory=dict)
    version: str = ""


def open_feed(fetched: Fetched, *, nameless: bool = False) -> Feed:
    """Open a feed. An entry without id is a reject, as is the entry in which a feed breaks off.

    `nameless`: entries without id are entries, and addresses stay as they are written, relative or not. Raises ReadError
    for what is no feed at all (an HTML page, JSON, nothing), and for a feed of more than 4,000 entries.
    """
    refuse_floods(fetched, _MOST_TAGS)
    refuse_long_tags(fetched)
    if sum(1 for _ in _ANY_ENTRY.finditer(fetched.body.replace(b"\0", b""))) > _MOST:  # in UTF-16 every other byte is NUL
        raise ReadError(fetched.source, fetched.url, f"more than {_MOST:,} entries")
    body = _LONG_WORD.sub(rb"\1", _REFERENCE.sub(_character, fetched.body))
    base = "" if nameless else fetched.url
    document = _parse(fetched, body, base)
    # A mistake in the XML alone does not tell a slip from a feed that breaks off: feedparser reads on after either.
    well_formed = not isinstance(document.get("bozo_exception"), SAXException)
    whole = well_formed or _ENDED.search(body) is not None
    if not whole:
        document = _parse(fetched, _mend(body), base)
    if not document.get("version"):
        raise ReadError(fetched.source, fetched.url, "no RSS or Atom feed")
    entries, rejects = list(document["entries"]), []
    # Where no end of an entry can be made out, as in UTF-16, the last one may be half an entry.
    blind = not whole and entries and not _OPENING.search(body)
    if blind:
        entries.pop()
    if not nameless:
        rejects = [Reject(key=f"entry {place}", why="no id") for place, entry in enumerate(entries, 1) if not entry.get("id")]
    if blind or (not whole and _OPENING.search(body, _end_of_entries(body))):
        rejects.append(Reject(key=f"entry {len(entries) + 1}", why="the feed breaks off in this entry"))
    return Feed(
        title=document["feed"].get("title", ""),
        subtitle=document["feed"].get("subtitle", ""),
        entries=tuple(entry for entry in entries if nameless or entry.get("id")),
        rejects=tuple(rejects),
        whole=whole,
        about=document["feed"],
        version=document["version"],
    )


def _character(reference: re.Match[bytes]) -> bytes:
    """Return a numeric reference as it is, or one to U+FFFD for what is no character (XML 1.0 §2.2).

    One of those makes the document unreadable to one of feedparser's parsers, and makes the other raise.
    """
    digits, base = (reference[1], 16) if reference[1] else (reference[2], 10)
    code = int(digits[-9:], base) if not digits[:-9].strip(b"0") else -1
    is_one = code in {0x9, 0xA, 0xD} or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or 0x10000 <= code <= 0x10FFFF
    return reference[0] if is_one else _NO_CHARACTER


def _parse(fetched: Fetched, body: bytes, base: str) -> Mapping[str, Any]:
    import feedparser  # type: ignore[import-untyped]  # noqa: PLC0415 - no types; 50 ms, and most days need no feed

    try:
        # Given text, or bare bytes, feedparser would open a file of that name. What it may not do is change texts:
        # taken for HTML, a title with a "<" in it would lose words.
        document: Mapping[str, Any] = feedparser.parse(
            BytesIO(body),
            response_headers={"content-type": fetched.headers.get("content-type", ""), "content-location": base},
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except Exception as error:  # its parsers raise whatever their input trips: this is the one seam for it
        raise ReadError(fetched.source, fetched.url) from error
    return document


def _mend(body: bytes) -> bytes:
    """Return a feed that breaks off as one that ends after its last whole entry.

    In XML that is well-formed again every text is what it was; feedparser's second parser, for the rest, mistakes some.
    """
    root = _ROOT.search(body)
    if root is None:
        return body[: _end_of_entries(body)]
    channel = b"</channel>" if root[1].lower() == _RSS else b""
    return body[: _end_of_entries(body)] + channel + b"</" + root[1] + b">"


def _end_of_entries(body: bytes) -> int:
    """Return where the last whole entry ends, or the first begins if none is whole."""
    ends = [match.end() for match in _CLOSING.finditer(body)]
    if ends:
        return ends[-1]
    opening = _OPENING.search(body)
    return opening.start() if opening else len(body)
