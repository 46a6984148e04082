"""Events of the virtual sites of conferences, as their lists have them: which are papers, in which tracks, by which names.

`uid` is the MD5 of the number under which a paper was handed in, so that two tracks of one conference have the same ones, and
`paper_url` of an oral may lead to a forum that does not exist, `?id=2025-Oral--9558-…`. So an event is known by its address,
and two are taken for one paper when something that both have says so.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

from crawler.identifiers import Identifier, arxiv_id, doi
from crawler.links import Link, code_link, page_link, web_address
from crawler.programmes import Edition
from crawler.readers.json_api import count_of, list_of, table_of, text_of
from crawler.readers.proceedings_app import key_of as proceedings_key
from crawler.readers.programme import Entry, track_of, unescaped
from crawler.sighting import Reject
from crawler.source import Fetched
from crawler.venues import plain

HOSTS: Final = {
    "NeurIPS": "neurips.cc",
    "ICML": "icml.cc",
    "ICLR": "iclr.cc",
    "CVPR": "cvpr.thecvf.com",
    "ICCV": "iccv.thecvf.com",
    "ECCV": "eccv.ecva.net",
    "MLSys": "mlsys.org",
}
"""The sites, by the acronyms of their conferences."""

_VENUES: Final = {host: acronym for acronym, host in HOSTS.items()}
_PLACE: Final = r"/virtual/(?P<year>\d{4})/(?:loc/[\w-]+/)?(?P<kind>[\w-]+)/(?P<id>\d{1,12})/?(?:[?#].*)?"
_PATH: Final = re.compile(_PLACE, re.ASCII)
_ADDRESS: Final = re.compile(rf"https?://(?:www\.)?(?P<host>[\w.-]+){_PLACE}", re.ASCII)
_ID: Final = re.compile(r"[\w-]{7,14}", re.ASCII)
_KIND: Final = re.compile(r"(?:.*\W)?(?:oral|spotlight|highlight|poster|paper)s?\s*", re.IGNORECASE | re.DOTALL)
_PRESENTED: Final = re.compile(r"\b(oral|spotlight|highlight|poster|findings)s?\b", re.IGNORECASE)
_REFUSED: Final = re.compile(r"\s*(?:desk[ -]?)?(?:reject|withdr)", re.IGNORECASE)
_GROUP: Final = re.compile(r"openreview\.net/.*?/(?:19|20)\d\d/(?:Track/)?(?P<track>\w{1,80})")
_JOURNAL: Final = re.compile(r"\b(?:TMLR|JMLR|DMLR)\b|journal", re.IGNORECASE)
_BLOCK: Final = re.compile(r"</?(?:p|br|div|ul|ol|li)(?:\s[^<>]{0,200})?/?>", re.IGNORECASE)
_STYLE: Final = re.compile(r"</?(?:i|b|em|strong|sub|sup|a|span|tt|code)(?:\s[^<>]{0,200})?/?>", re.IGNORECASE)
_BETWEEN: Final = re.compile(r"[,;]")
_PROCEEDINGS: Final = {"proceedings.neurips.cc": "neurips", "papers.nips.cc": "neurips", "proceedings.iclr.cc": "iclr"}
_LONG: Final = 2000  # characters, of what is an address or a word or two
_MOST: Final = 100  # related events, media, keywords


@dataclass(frozen=True, slots=True)
class Event:
    """An event that is a paper: its entry, whether it is a poster, and what it has in common with others of its paper."""

    entry: Entry
    is_poster: bool
    tokens: frozenset[tuple[str, ...]]


def key_of(url: str) -> str:
    """Return the key under which the list has the event at an address, empty for an address of another kind.

    >>> key_of("https://neurips.cc/virtual/2025/loc/san-diego/poster/119663")
    'NeurIPS2025-119663'
    """
    match = _ADDRESS.fullmatch(url)
    return f"{edition_of(url)}-{match['id']}" if match else ""


def edition_of(url: str) -> str:
    """Return the edition at whose site an event is, empty for an address of another kind."""
    match = _ADDRESS.fullmatch(url)
    return f"{_VENUES.get(match['host'].lower(), match['host'].lower())}{match['year']}" if match else ""


def presented(text: str) -> tuple[str, ...]:
    """Return the ways of being presented that a text names: oral, poster and so on."""
    return tuple(dict.fromkeys(word.lower() for word in _PRESENTED.findall(text)))


def track_at(url: str) -> tuple[str, ...]:
    """Return how the event at an address is presented by the word of the address."""
    match = _ADDRESS.fullmatch(url)
    return presented(match["kind"]) if match else ()


def identifiers_in(url: str) -> Iterator[Identifier]:
    """Return what an address says of the paper it leads to: its forum, its id at arXiv, its DOI, its place in proceedings."""
    if found := arxiv_id(url):
        yield Identifier("arxiv", found[0])
    if name := doi(url):
        yield Identifier("doi", name)
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").removeprefix("www.")
        forum = parse_qs(parts.query, max_num_fields=9).get("id", [""])[0]
    except ValueError:
        return
    if host == "openreview.net" and parts.path in ("/forum", "/pdf") and _ID.fullmatch(forum):
        yield Identifier("openreview", forum)
    if host in _PROCEEDINGS and (key := proceedings_key(url.strip())):
        yield Identifier(_PROCEEDINGS[host], key)


def read_event(value: object, fetched: Fetched) -> Event | Reject | None:
    """Read one event; None for one that is no paper, or is not shown."""
    event = table_of(value)
    if not event:
        return Reject(key="", why="no event")
    kind, authors = _kind(event), tuple(_authors(event))
    if not authors or not _is_paper(event, kind):
        return None
    url = _url(event, kind, fetched)
    own = (Identifier("virtual", key),) if (key := key_of(url)) else ()
    entry = Entry(
        key=key,
        title=plain_text(event.get("name")),
        url=url,
        authors=authors,
        abstract=plain_text(event.get("abstract")),
        identifiers=(*_identifiers(event), *own),
        links=tuple(_links(event)),
        tracks=tuple(_tracks(event, kind)),
        keywords=tuple(_keywords(event)),
    )
    return Event(entry, "poster" in kind.lower(), frozenset(_tokens(event, entry)))


def plain_text(value: object) -> str:
    """Return a text without the markup that some of the sites have in theirs; empty for what is no text."""
    text = text_of(value)
    if "<" in text:
        text = _STYLE.sub("", _BLOCK.sub(" ", text))
    return unescaped(text)


def _short(event: dict[str, Any], name: str) -> str:
    """Return a text that should be short; empty for one that is not."""
    text = text_of(event.get(name)).strip()
    return text if len(text) <= _LONG else ""


def _kind(event: dict[str, Any]) -> str:
    """Return what kind of event it is. `event_type` may begin with a literal `{location}`."""
    match = _PATH.fullmatch(_short(event, "virtualsite_url"))
    return _short(event, "eventtype") or _short(event, "event_type") or (match["kind"] if match else "")


def _is_paper(event: dict[str, Any], kind: str) -> bool:
    """Tell whether an event with authors is a paper: neither a session, nor a talk, nor what has no paper behind it."""
    said = (text_of(event.get(name)) for name in ("decision", "paper_url", "abstract", "sourceurl"))
    refused = _REFUSED.match(_short(event, "decision"))
    return event.get("visible") is not False and bool(_KIND.fullmatch(kind)) and any(said) and not refused


def _authors(event: dict[str, Any]) -> Iterator[str]:
    for author in list_of(event.get("authors")):
        if name := plain_text(table_of(author).get("fullname")).strip():
            yield name


def _url(event: dict[str, Any], kind: str, fetched: Fetched) -> str:
    """Return where an event is; empty where neither its address nor its number tells."""
    host, edition = urlsplit(fetched.url).netloc, Edition.parse(fetched.scope)
    url = f"https://{host}{_short(event, 'virtualsite_url')}"
    if _ADDRESS.fullmatch(url):
        return url
    number = count_of(event.get("id"))
    words = presented(kind) or ("poster",)
    return f"https://{host}/virtual/{edition.year}/{words[0]}/{number}" if edition and number else ""


def _addresses(event: dict[str, Any]) -> list[str]:
    """Return the addresses that an event has, those of the paper first. `url` is mostly null."""
    media = (table_of(one).get("uri") for one in list_of(event.get("eventmedia"))[:_MOST])
    found = (event.get("paper_url"), event.get("paper_pdf_url"), event.get("url"), *media)
    return [address for one in found if 0 < len(address := text_of(one).strip()) <= _LONG]


def _identifiers(event: dict[str, Any]) -> tuple[Identifier, ...]:
    """Return the first identifier of every scheme that the addresses have."""
    found: dict[str, Identifier] = {}
    for address in _addresses(event):
        for one in identifiers_in(address):
            found.setdefault(one.scheme, one)
    return tuple(found.values())


def _links(event: dict[str, Any]) -> Iterator[Link]:
    if pdf := web_address(_short(event, "paper_pdf_url")):
        yield Link(pdf, "pdf")
    if page := page_link(_short(event, "url")):
        yield page
    for address in _addresses(event):
        if repository := code_link(address):
            yield repository


def _tracks(event: dict[str, Any], kind: str) -> Iterator[str]:
    """Return how a paper is presented, then the part of the conference it was handed in to: its group's at OpenReview."""
    yield from presented(" ".join((kind, _short(event, "event_type"), _short(event, "decision"))))
    if "findings" in _short(event, "session").lower():
        yield "findings"
    place = unquote(_short(event, "sourceurl"))
    match = _GROUP.search(place)
    if _JOURNAL.search(place):
        yield "journal track"
    elif match:
        yield "workshop" if match["track"].lower().startswith("workshop") else track_of(match["track"])


def _keywords(event: dict[str, Any]) -> Iterator[str]:
    told = event.get("keywords")
    words = _BETWEEN.split(told) if isinstance(told, str) else list_of(told)
    # "Computer Vision->Other" is a heading and a part of it.
    yield from (one.strip() for one in plain_text(event.get("topic")).split("->") if one.strip() != "Other")
    yield from (word for one in words[:_MOST] if (word := plain_text(one).strip()))


def _tokens(event: dict[str, Any], entry: Entry) -> Iterator[tuple[str, ...]]:
    """Return what two events of one paper have in common: a name of it, or beside its title one thing more."""
    yield from ((one.scheme, one.value) for one in entry.identifiers)
    if not (title := plain(entry.title)):
        return
    yield "author", title, plain(entry.authors[0])
    if uid := text_of(event.get("uid")):
        yield "uid", title, uid
    for number in (event.get("id"), *list_of(event.get("related_events_ids"))[:_MOST]):
        if count_of(number) is not None:
            yield "event", title, str(number)
