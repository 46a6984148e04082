"""One answer of arXiv's query API, an Atom feed, and its entries (https://info.arxiv.org/help/api/user-manual.html).

The form is that of the server of 2025 (github.com/arXiv/arxiv-search), or of the one before it: what differs, such as the
order of the elements and attributes that are gone, is not looked at.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Final

from lxml import etree

from crawler.errors import ReadError
from crawler.identifiers import Identifier, arxiv_categories, arxiv_id, doi
from crawler.readers.bounds import refuse_floods
from crawler.sighting import KEY_LIMIT, Author, Reject, Sighting, Submission
from crawler.source import Fetched
from crawler.text import NAME_LIMIT, TITLE_LIMIT, clean
from crawler.withdrawal import says_withdrawn

_ATOM: Final = "http://www.w3.org/2005/Atom"
_ARXIV: Final = "http://arxiv.org/schemas/atom"
_FEED: Final = f"{{{_ATOM}}}feed"
_ENTRY: Final = f"{{{_ATOM}}}entry"
_TOTAL: Final = "{http://a9.com/-/spec/opensearch/1.1/}totalResults"
_HTML: Final = re.compile(r"<(?:!doctype\s+)?html\b", re.IGNORECASE)
_TITLE: Final = re.compile(r"<title[^<>]*>([^<]*)", re.IGNORECASE)
_DECLARED: Final = re.compile(r"""<\?xml[^>]*encoding\s*=\s*["'](?!utf-?8["']|us-ascii["'])""", re.IGNORECASE)
_NO_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_MOST: Final = 20_000
"""How many entries are read at most: the server has 2,000 on a page at most."""

_NUMBER: Final = re.compile(r"\s*(\d{1,9})\s*", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer taken apart: its whole entries, and how many the search has in all (None: it does not say).

    `rejects` holds the entry in which the document breaks off; `whole`: it does not.
    """

    entries: tuple[etree._Element, ...]
    total: int | None
    rejects: tuple[Reject, ...] = ()
    whole: bool = True


def open_answer(fetched: Fetched) -> Answer:
    """Take an answer apart, as far as it can be read.

    Raises ReadError for what is no Atom feed, or declares a document type, and for the feed that stands for an error.
    """
    entries: list[etree._Element] = []
    feed, torn, whole = None, None, True
    try:
        for event, element in _events(_document(fetched)):
            if element.tag == _FEED:
                feed = element
            elif event == "start":
                torn = element
            else:
                entries.append(element)
                torn = None
    except etree.XMLSyntaxError:
        whole = False
    if feed is None:
        raise ReadError(fetched.source, fetched.url, "no Atom feed")
    for entry in entries:
        _refuse_an_error(entry, fetched)
    stated = _NUMBER.fullmatch(feed.findtext(_TOTAL) or "")
    return Answer(
        entries=tuple(entries),
        total=int(stated[1]) if stated else None,
        rejects=() if torn is None else (_torn(torn, len(entries) + 1),),
        whole=whole,
    )


def _document(fetched: Fetched) -> bytes:
    """Return the body as XML in UTF-8, without characters that XML does not have."""
    refuse_floods(fetched)
    text = _NO_XML.sub("", fetched.body.decode("utf-8", "replace")).strip("\ufeff \t\r\n")
    if not text.startswith("<"):  # throttled, the server has said "Rate exceeded." under the status 200
        why = f'no Atom feed but "{clean(text, 100)}"' if text else "the answer is empty"
        raise ReadError(fetched.source, fetched.url, why)
    if _HTML.match(text):
        title = _TITLE.search(text)
        raise ReadError(fetched.source, fetched.url, f'an HTML page titled "{clean(title[1], 100) if title else ""}"')
    if text.count("<entry") > _MOST:
        raise ReadError(fetched.source, fetched.url, f"more than {_MOST:,} entries")
    if _DECLARED.match(text):
        raise ReadError(fetched.source, fetched.url, "no Atom feed in UTF-8")
    if "<!DOCTYPE" in text:  # arXiv's feeds have none; it could define entities that grow without bound or name files
        raise ReadError(fetched.source, fetched.url, "no Atom feed but a document with a type declaration")
    return text.encode()


def _events(document: bytes) -> "etree.iterparse[tuple[str, etree._Element]]":
    return etree.iterparse(
        BytesIO(document),
        events=("start", "end"),
        tag=(_FEED, _ENTRY),
        encoding="utf-8",
        no_network=True,
        resolve_entities=False,
        remove_comments=True,
        remove_pis=True,
    )


def _refuse_an_error(entry: etree._Element, fetched: Fetched) -> None:
    """Raise the error an entry stands for: its id is the address of an explanation, and no paper's."""
    parts = _parts(entry)
    if "/api/errors" in _text(parts, "id"):
        raise ReadError(fetched.source, fetched.url, clean(_text(parts, "summary"), 300) or "an error without a word")


def _torn(entry: etree._Element, place: int) -> Reject:
    found = arxiv_id(_text(_parts(entry), "id"))
    return Reject(key=found[0] if found else f"entry {place}", why="the answer breaks off in this entry")


def read_query_entry(entry: etree._Element, fetched: Fetched) -> Sighting | Reject:
    """Read one paper: `published` is when its first version was handed in, `updated` when the one shown was."""
    parts = _parts(entry)
    found = arxiv_id(_text(parts, "id"))
    title = clean(_text(parts, "title"), TITLE_LIMIT)
    if found is None:
        return Reject(key=clean(_text(parts, "id"), KEY_LIMIT) or title[:KEY_LIMIT] or "entry", why="no arXiv id")
    key, version = found
    if not title:
        return Reject(key=key, why="no title")
    abstract, comment = clean(_text(parts, "summary")), clean(_text(parts, "comment")) or None
    terms = (element.get("term") or "" for name in ("primary_category", "category") for element in parts.get(name, ()))
    return Sighting(
        source=fetched.source,
        key=key,
        seen_at=fetched.at,
        title=title,
        url=f"https://arxiv.org/abs/{key}",
        authors=_authors(parts),
        identifiers=(Identifier("arxiv", key), *_dois(parts)),
        abstract=abstract,
        categories=arxiv_categories(map(str.strip, terms)),
        comment=comment,
        journal_ref=clean(_text(parts, "journal_ref")) or None,
        version=version,
        submissions=_submissions(parts, version),
        withdrawn=says_withdrawn(comment) or says_withdrawn(abstract),
        scope=fetched.scope,
    )


def _parts(entry: etree._Element) -> Mapping[str, list[etree._Element]]:
    """Return the children of an entry by name: Atom's own, and those arXiv adds to them."""
    parts: dict[str, list[etree._Element]] = {}
    for child in entry:
        namespace, _, name = child.tag[1:].rpartition("}")
        if namespace in (_ATOM, _ARXIV):
            parts.setdefault(name, []).append(child)
    return parts


def _text(parts: Mapping[str, list[etree._Element]], name: str) -> str:
    """Return the text of the first element of that name."""
    return _string(parts[name][0]) if name in parts else ""


def _string(element: etree._Element) -> str:
    return etree.tostring(element, method="text", encoding="unicode", with_tail=False)


def _authors(parts: Mapping[str, list[etree._Element]]) -> tuple[Author, ...]:
    found = []
    for element in parts.get("author", ()):
        said = _parts(element)
        places = (clean(_string(place), NAME_LIMIT) for place in said.get("affiliation", ()))
        if name := clean(_text(said, "name"), NAME_LIMIT):
            found.append(Author(name, clean("; ".join(filter(None, places)), NAME_LIMIT) or None))
    return tuple(found)


def _dois(parts: Mapping[str, list[etree._Element]]) -> tuple[Identifier, ...]:
    """Return the DOIs, each once; of several, some are elements of their own and some stand in one."""
    texts = (text for element in parts.get("doi", ()) for text in (element.text or "").split())
    return tuple(dict.fromkeys(Identifier("doi", value) for text in texts if (value := doi(text))))


def _submissions(parts: Mapping[str, list[etree._Element]], version: int | None) -> tuple[Submission, ...]:
    first, shown = _moment(_text(parts, "published")), _moment(_text(parts, "updated"))
    found = [Submission(1, first)] if first else []
    if shown and version and version > 1:
        found.append(Submission(version, shown))
    return tuple(found)


def _moment(text: str) -> datetime | None:
    """Return a moment as Atom writes it (RFC 3339) in UTC; None for what is none."""
    try:
        moment = datetime.fromisoformat(text.strip())
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None
