"""Addresses as feeds write them: relative, in Unicode, with words for who counts their readers. Pure."""

import re
from typing import Final
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit

from crawler.links import web_address

# A "%" stays as it is, and so does all that an address may have (RFC 3986 §2.2).
_SAFE: Final = "%/:=&?~#+!$,;'@()*[]"
_FEED: Final = re.compile(r"feed:(?://(?!/))?(?=https?:)|feed:(?=//)", re.IGNORECASE)
_COUNTED: Final = re.compile(r"utm_\w+|dgcid|af|rss|fbclid|gclid|mc_[ce]id", re.IGNORECASE)


def absolute(address: str, base: str = "") -> str | None:
    """Return the address of the web that `address` stands for in a document at `base`; None if it is none.

    >>> absolute("../a b", "https://Example.org/blog/feed.xml"), absolute("feed://example.org/rss")
    ('https://example.org/a%20b', 'http://example.org/rss')
    """
    address = address.strip()
    if _FEED.match(address):
        address = _FEED.sub("", address, count=1)
        address = f"http:{address}" if address.startswith("//") else address
    try:
        joined = urljoin(base, address)
        parts = urlsplit(joined)
        host = parts.netloc if parts.netloc.isascii() else parts.netloc.encode("idna").decode()
    except ValueError:  # a bracket in the host, or a name that is none; UnicodeError is one as well
        return None
    if parts.scheme not in ("http", "https"):
        return None
    path, query = (quote(text, safe=_SAFE, errors="replace") for text in (parts.path, parts.query))
    return web_address(parts._replace(netloc=host, path=path, query=query, fragment="").geturl())


def untracked(address: str) -> str:
    """Return an address without what is in it only to count where readers come from.

    >>> untracked("https://example.org/a?id=1&utm_source=rss&dgcid=rss_sd_all")
    'https://example.org/a?id=1'
    """
    head, mark, query = address.partition("?")
    if not mark:
        return address
    asked = parse_qsl(query, keep_blank_values=True)
    kept = [(name, value) for name, value in asked if not _COUNTED.fullmatch(name)]
    if len(kept) == len(asked):
        return address
    return f"{head}?{urlencode(kept)}" if kept else head


def place(address: str) -> str:
    """Return what two spellings of one address have in common: neither scheme nor closing slash, and no counting.

    >>> place("https://example.org/a/?utm_source=rss")
    'example.org/a'
    """
    return untracked(address).partition("://")[2].rstrip("/")
