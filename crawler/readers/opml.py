"""Lists of feeds as readers of feeds exchange them: OPML 1.0 and 2.0 (http://opml.org/spec2.opml), in and out."""

import re
from collections.abc import Iterable, Iterator
from html import unescape
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit
from xml.sax.saxutils import escape, quoteattr

from crawler.addresses import absolute, place
from crawler.errors import ReadError
from crawler.sighting import KEY_LIMIT, Reject
from crawler.text import NAME_LIMIT, TITLE_LIMIT, clean

_MOST_BYTES: Final = 4 * 1024 * 1024
_MOST_TAGS: Final = 50_000
# A bare "&" is the commonest slip; XML itself knows five names, and whatever a document declares is taken for a word.
_AMPERSAND: Final = re.compile(
    rb"&(?:(#[0-9]{1,7};|#[xX][0-9a-fA-F]{1,6};|(?:amp|lt|gt|quot|apos);)|([A-Za-z][A-Za-z0-9]{1,30};))?"
)


class Subscribed(NamedTuple):
    """One feed of a list: what it is called, its address, and that of its site (empty: not said)."""

    name: str
    url: str
    site: str = ""


class Opml(NamedTuple):
    """A list of feeds, each once and in the order of the list, and what could not be subscribed to."""

    feeds: tuple[Subscribed, ...]
    rejects: tuple[Reject, ...] = ()


def read_opml(body: bytes) -> Opml:
    """Read a list of feeds; folders are opened, and entries that are no feeds passed over.

    Two spellings of one address, with http and https or with a slash at the end, are one feed. Raises ReadError for what is
    no OPML, is cut off, or is larger than any true list.
    """
    found: dict[str, Subscribed] = {}
    rejects = []
    for outline in _outlines(body):
        said = {str(name).lower(): str(value) for name, value in outline.attrib.items()}
        if not (address := said.get("xmlurl", "").strip()):
            continue
        url = absolute(address)
        if url is None:
            rejects.append(Reject(key=clean(address, KEY_LIMIT) or "outline", why="no address of the web"))
            continue
        name = clean(said.get("text", ""), NAME_LIMIT) or clean(said.get("title", ""), NAME_LIMIT)
        site = absolute(said.get("htmlurl", "")) or ""
        found.setdefault(place(url), Subscribed(name or urlsplit(url).hostname or url, url, site))
    return Opml(tuple(found.values()), tuple(rejects))


def write_opml(feeds: Iterable[Subscribed], title: str) -> bytes:
    """Write a list of feeds as OPML 2.0."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<opml version="2.0">',
        f"<head><title>{escape(clean(title, TITLE_LIMIT))}</title></head>",
        "<body>",
        *map(_line, feeds),
        "</body>",
        "</opml>",
        "",
    ]
    return "\n".join(lines).encode()


def _line(feed: Subscribed) -> str:
    name = _quoted(clean(feed.name, NAME_LIMIT))
    site = f" htmlUrl={_quoted(feed.site)}" if feed.site else ""
    return f'<outline type="rss" text={name} title={name} xmlUrl={_quoted(feed.url)}{site}/>'


def _quoted(text: str) -> str:
    return quoteattr(text, {'"': "&quot;"})


def _outlines(body: bytes) -> Iterator[Any]:
    from lxml import etree  # noqa: PLC0415 - heavy, and most days need no list

    if len(body) > _MOST_BYTES or body.count(b"<") > _MOST_TAGS:
        raise ReadError("OPML", "more than 4 MB, or more than 50,000 tags")
    # In UTF-16 an "&" is not one byte; who writes that does not write by hand.
    sound = body if b"\0" in body else _AMPERSAND.sub(_reference, body.lstrip())
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(sound, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ReadError("OPML", "no XML, or cut off") from error
    if root is None or _local(root) != "opml":
        raise ReadError("OPML", "no list of feeds")
    return (one for one in root.iter() if _local(one) == "outline")


def _local(element: Any) -> str:
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


def _reference(match: re.Match[bytes]) -> bytes:
    """Return a reference that XML knows as it is, one of HTML as the character it stands for, and any other as its words."""
    if match[1]:
        return match[0].lower() if match[1][:1] == b"#" else match[0]
    letters = unescape(match[0].decode())
    if match[2] and not letters.startswith("&"):
        return b"".join(b"&#%d;" % ord(letter) for letter in letters)
    return b"&amp;" + match[0][1:]
