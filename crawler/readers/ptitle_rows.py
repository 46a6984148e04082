"""Lists of papers as the Computer Vision Foundation and ECVA print them: a `dt` of class `ptitle` for each, and what follows.

The `dt` holds the title with its link; then come the authors, a form for each with the name in a hidden field, or plain text;
then the links to the paper, its supplement and arXiv, known by their texts, and BibTeX, which says where it was published. A
page has 4 to 15 MB, and its tree would take a multiple of that: it is cut into rows first, and each row is parsed alone.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import pairwise
from typing import Final, NamedTuple
from urllib.parse import quote, unquote, urljoin, urlsplit

from lxml import etree

from crawler.errors import ReadError
from crawler.identifiers import Identifier, arxiv_id, doi
from crawler.links import Link, web_address
from crawler.readers.arxiv_sections import is_ended
from crawler.readers.bounds import refuse_long_tags
from crawler.sighting import KEY_LIMIT, Reject
from crawler.source import Fetched
from crawler.text import TITLE_LIMIT, clean

_MOST_ROWS: Final = 30_000  # ECVA lists every ECCV since 2018 on one page, some 3,000 papers each
_LONGEST_ROW: Final = 400_000  # bytes; the report of a challenge with 200 authors has some 100,000
_ROW: Final = re.compile(rb"<dt\b[^<>]{0,200}\bptitle\b", re.IGNORECASE)
_END: Final = re.compile(rb"</dl\b", re.IGNORECASE)
_FIELDS: Final = frozenset({"query", "query_author"})  # the second since 2021
_COMMA: Final = re.compile(r",(?!\s*(?:Jr|Sr|II|III|IV)\b)")
_DOI: Final = re.compile(r"(?:/chapter)?/(10\.[0-9]{4,9}/.+)")
_DOI_HOSTS: Final = frozenset({"doi.org", "dx.doi.org", "link.springer.com"})
_LONGEST_BIBTEX: Final = 20_000  # characters
_BIBTEX: Final = re.compile(
    r"^\s*(?P<name>booktitle|month|year|pages)\s*=\s*[{\"](?P<value>[^\n]{1,500}?)[}\"]\s*,?\s*$", re.IGNORECASE | re.MULTILINE
)
_MARKS: Final = " *†‡"
_KEPT: Final = ":/?#[]@!$&'()*+,;=%~"


class Row(NamedTuple):
    """One paper: title, absolute address of its page ("": none), authors, and links as texts in lower case and addresses.

    `published` is where and when, and on which pages, by its BibTeX; empty where there is none.
    """

    title: str
    url: str
    authors: tuple[str, ...]
    links: tuple[tuple[str, str], ...]
    published: str = ""


class Cut(NamedTuple):
    """The rows of a page as they stand there; `torn`: the page breaks off in, or right after, the last of them."""

    rows: tuple[bytes, ...]
    torn: bool


def cut(fetched: Fetched) -> Cut:
    """Cut a page into its rows. Raises ReadError for one with very many of them, or with a very long tag."""
    refuse_long_tags(fetched)
    body = _without_comments(fetched.body)
    starts = [match.start() for match in _ROW.finditer(body)]
    if len(starts) > _MOST_ROWS:
        raise ReadError(fetched.source, fetched.url, f"more than {_MOST_ROWS:,} rows")
    rows, over = [], True
    for start, following in pairwise([*starts, len(body)]):
        end = _END.search(body, start, following)
        over = end is not None
        rows.append(body[start : end.start() if end else following])
    return Cut(tuple(rows), torn=not over and not is_ended(fetched))


def read_rows(found: Cut, page: str, mark: bytes = b"") -> Iterator[Row | Reject]:
    """Read the rows of the page at that address that have the `mark` in them; where it breaks off, the last one is a reject."""
    for place, markup in enumerate(found.rows, 1):
        if mark not in markup:
            continue
        row = _row(markup, page)
        if found.torn and place == len(found.rows):
            key = row.key if isinstance(row, Reject) else clean(stem(row.url), KEY_LIMIT)
            yield Reject(key=key, why="the page breaks off in this entry")
        else:
            yield row


def _row(markup: bytes, page: str) -> Row | Reject:
    """Read one row; one that has no link in its title, or is very long, is a reject."""
    root = tree(markup) if len(markup) <= _LONGEST_ROW else None
    head = next(root.iter("dt"), None) if root is not None else None
    if root is None or head is None:
        return Reject(key="", why="a very long row" if len(markup) > _LONGEST_ROW else "no row")
    named = next((link for link in head.iter("a") if link.get("href")), None)
    if named is None:
        return Reject(key=clean(words(head), KEY_LIMIT), why="no link to its page")
    url = absolute(page, named.get("href", ""))
    del named.attrib["href"]  # it is no link of the row like the others
    return Row(
        title=words(named),
        url=url,
        authors=tuple(_authors(root)),
        links=tuple(links_of(root, page)),
        published=published(root),
    )


def published(root: etree._Element) -> str:
    """Return where a paper was published by its BibTeX, as a reference has it; a field that is not closed is none.

    `Proceedings of CVPR, June 2020, pp. 1-10`. Each field stands on a line of its own, however its braces are balanced.
    """
    box = next((one for one in root.iter("div") if "bibref" in (one.get("class") or "").split()), None)
    text = "".join(map(str, box.itertext()))[:_LONGEST_BIBTEX] if box is not None else ""
    said = {match["name"].lower(): match["value"] for match in _BIBTEX.finditer(text)}
    when = " ".join(filter(None, (said.get("month"), said.get("year"))))
    pages = f"pp. {said['pages']}" if said.get("pages") else ""
    return clean(", ".join(filter(None, (said.get("booktitle"), when, pages))), TITLE_LIMIT) if said.get("booktitle") else ""


def stem(url: str) -> str:
    """Return what CVF and ECVA call a paper in the address of its page.

    >>> stem("https://openaccess.thecvf.com/content/CVPR2026/html/Lovelace_Looms_CVPR_2026_paper.html")
    'Lovelace_Looms_CVPR_2026'
    """
    name = clean(unquote(urlsplit(url).path.rpartition("/")[2]), KEY_LIMIT * 4)
    return re.sub(r"(?:_paper)?\.(?:html?|php)\Z", "", name)


def links_of(root: etree._Element, page: str) -> Iterator[tuple[str, str]]:
    """Give the links in an element of a page: their texts in lower case, and absolute addresses."""
    for link in root.iter("a"):
        if (href := link.get("href")) and (url := absolute(page, href)):
            yield words(link).strip("[] ").lower(), url


def identifiers(links: Iterable[tuple[str, str]]) -> Iterator[Identifier]:
    """Give the arXiv id and the DOI that are linked to."""
    for text, url in links:
        if text == "arxiv" and (found := arxiv_id(url.partition("?")[0].rstrip("/"))):
            yield Identifier("arxiv", found[0])
        elif name := doi_in(url):
            yield Identifier("doi", name)


def pdfs(links: Iterable[tuple[str, str]]) -> tuple[Link, ...]:
    """Return the paper as PDF; the supplement is no paper."""
    found = (web_address(url) for text, url in links if text == "pdf")
    return tuple(Link(url, "pdf") for url in found if url)[:1]


def doi_in(url: str) -> str | None:
    """Return the DOI that an address of a resolver or of Springer holds."""
    parts = urlsplit(url)
    match = _DOI.fullmatch(unquote(parts.path)) if parts.hostname in _DOI_HOSTS else None
    return doi(match[1]) if match else None


def absolute(page: str, href: str) -> str:
    """Return where a link of a page leads, in ASCII; "" for what is no address."""
    with suppress(ValueError):
        url = quote(urljoin(page, href.strip()), safe=_KEPT)
        urlsplit(url)
        return url
    return ""


def tree(markup: bytes) -> etree._Element | None:
    """Return the root of some HTML; None if there is nothing in it."""
    # What is no UTF-8, and NUL, would end the text early inside libxml2.
    body = markup.decode("utf-8", "replace").replace("\0", " ").encode()
    with suppress(etree.LxmlError):
        parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
        root: etree._Element | None = etree.fromstring(body, parser)
        return root
    return None


def words(element: etree._Element) -> str:
    """Return the text of an element on one line, a blank for a line break."""
    if not len(element):
        return clean(element.text or "")
    pieces: list[str] = []
    for event, one in etree.iterwalk(element, events=("start", "end")):
        if event == "start":
            pieces += (" " if one.tag == "br" else "", one.text or "")
        elif one is not element:
            pieces.append(one.tail or "")
    return clean("".join(pieces))


def _authors(root: etree._Element) -> Iterator[str]:
    """Give the authors by the hidden fields; without any, by the text that follows the title, where asterisks are marks."""
    fields = [one for one in root.iter("input") if one.get("type") == "hidden" and one.get("name") in _FIELDS]
    if fields:
        yield from filter(None, (clean(one.get("value") or "") for one in fields))
        return
    text = words(plain) if (plain := next(root.iter("dd"), None)) is not None else ""
    if not text.startswith("["):
        yield from names(text)


def names(text: str) -> Iterator[str]:
    """Give the authors of a list in plain text, without the asterisks that are marks.

    >>> list(names("Ada Lovelace*, Alan Turing, Jr., "))
    ['Ada Lovelace', 'Alan Turing, Jr.']
    """
    yield from filter(None, (name.strip(_MARKS) for name in _COMMA.split(text)))


def _without_comments(body: bytes) -> bytes:
    """Leave out what is commented out; a comment that does not end takes the rest of the page with it."""
    kept, at = [], 0
    while (begin := body.find(b"<!--", at)) >= 0:
        kept.append(body[at:begin])
        end = body.find(b"-->", begin + 4)
        if end < 0:
            return b"".join(kept)
        at = end + 3
    return b"".join((*kept, body[at:])) if kept else body
