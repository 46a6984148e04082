"""RSS and Atom in all their dialects, opened by feedparser: from bytes only, and knowing when they break off."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final
from xml.sax import SAXException

from crawler.errors import ReadError
from crawler.sighting import Reject
from crawler.source import Fetched

_ROOT: Final = re.compile(rb"<(rss|feed|rdf:rdf)[\s>]", re.IGNORECASE)
_ENDS: Final = {b"rss": b"</channel></rss>", b"feed": b"</feed>", b"rdf:rdf": b"</rdf:RDF>"}
_OPENING: Final = re.compile(rb"<(?:item|entry)[\s>]")
_CLOSING: Final = re.compile(rb"</(?:item|entry)>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """One feed document. `entries` are feedparser's mappings, texts neither sanitised nor clean; `whole`: uncut."""

    title: str
    subtitle: str
    entries: tuple[Mapping[str, Any], ...]
    rejects: tuple[Reject, ...] = ()
    whole: bool = True


def open_feed(fetched: Fetched) -> Feed:
    """Open a feed. An entry without id is a reject, as is the entry in which a feed breaks off.

    Raises ReadError for what is no feed at all: an HTML page, JSON, nothing.
    """
    document = _parse(fetched, fetched.body)
    # A mistake in the XML alone does not tell a slip from a feed that breaks off: feedparser reads on after either.
    well_formed = not isinstance(document.get("bozo_exception"), SAXException)
    whole = well_formed or fetched.body.rstrip().lower().endswith((b"</rss>", b"</feed>", b"</rdf:rdf>"))
    if not whole:
        document = _parse(fetched, _mend(fetched.body))
    if not document.get("version"):
        raise ReadError(fetched.source, fetched.url, "no RSS or Atom feed")
    entries = list(document["entries"])
    rejects = [Reject(key=f"entry {place}", why="no id") for place, entry in enumerate(entries, 1) if not entry.get("id")]
    if not whole and _OPENING.search(fetched.body, _end_of_entries(fetched.body)):
        rejects.append(Reject(key=f"entry {len(entries) + 1}", why="the feed breaks off in this entry"))
    return Feed(
        title=document["feed"].get("title", ""),
        subtitle=document["feed"].get("subtitle", ""),
        entries=tuple(entry for entry in entries if entry.get("id")),
        rejects=tuple(rejects),
        whole=whole,
    )


def _parse(fetched: Fetched, body: bytes) -> Mapping[str, Any]:
    import feedparser  # type: ignore[import-untyped]  # noqa: PLC0415 - no types; 50 ms, and most days need no feed

    try:
        # Given text, or bare bytes, feedparser would open a file of that name. What it may not do is change texts:
        # taken for HTML, a title with a "<" in it would lose words.
        document: Mapping[str, Any] = feedparser.parse(
            BytesIO(body),
            response_headers={"content-type": fetched.headers.get("content-type", ""), "content-location": fetched.url},
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
    return body[: _end_of_entries(body)] + (_ENDS[root[1].lower()] if root else b"")


def _end_of_entries(body: bytes) -> int:
    """Return where the last whole entry ends, or the first begins if none is whole."""
    ends = [match.end() for match in _CLOSING.finditer(body)]
    if ends:
        return ends[-1]
    opening = _OPENING.search(body)
    return opening.start() if opening else len(body)
