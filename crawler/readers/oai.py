"""OAI-PMH answers (https://www.openarchives.org/OAI/openarchivesprotocol.html), opened by lxml: records, and what follows.

Errors of the protocol come with HTTP status 200.
"""

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Final
from urllib.parse import quote, urlsplit

from lxml import etree

from crawler.errors import ReadError
from crawler.readers.bounds import refuse_floods
from crawler.sighting import KEY_LIMIT, Reject
from crawler.source import Fetched
from crawler.text import clean

_MOST: Final = 20_000
"""How many records are read at most: arXiv has 2,500 on a page, which is a setting of its server."""

_OAI: Final = "{http://www.openarchives.org/OAI/2.0/}"
_METADATA: Final = f"{_OAI}metadata"
_WRAPPED: Final = (
    '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">{}</OAI-PMH>'
)
_DECLARATION: Final = re.compile(r"\A\s*<\?xml[^>]*\?>")
_NO_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_RECORD: Final = re.compile(r"<record(?=[\s>]|\Z)")
_IDENTIFIER: Final = re.compile(r"<identifier>\s*(?:oai:[^:<\s]*:)?+([^<\s]+)\s*</identifier>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer with records. `follow`, `whole`, `total`, `reached` and `as_of` are what they are in a Page.

    `rejects` are the records that are no well-formed XML, and the one in which the answer breaks off.
    """

    records: Sequence[etree._Element] = ()
    rejects: tuple[Reject, ...] = ()
    follow: tuple[str, ...] = ()
    whole: bool = True
    total: int | None = None
    reached: date | None = None
    as_of: date | None = None


def open_oai(fetched: Fetched) -> Answer:
    """Open an answer; one that says that nothing matches has no records.

    Raises ReadError for what is no answer with records, and for the other errors, with code and words of the server; and for
    that one too where a token had promised more.
    """
    refuse_floods(fetched)
    _limit(fetched.body.count(b"<record"), fetched)  # before there is a tree of them
    root, rejects, whole = _parse(fetched)
    parts = {_local(part): part for part in root}
    as_of = day(parts["responseDate"].text) if "responseDate" in parts else None
    listing = parts.get("ListRecords", parts.get("GetRecord"))
    if listing is None:
        _refuse(parts.get("error"), fetched)
        return Answer(whole=whole, as_of=as_of)
    records = list(listing.iterchildren(f"{_OAI}record"))
    _limit(len(records), fetched)
    token = listing.find(f"{_OAI}resumptionToken")
    days = {element.text for element in listing.iter(f"{_OAI}datestamp")}
    return Answer(
        records=records,
        rejects=tuple(rejects),
        follow=_next_page(token, fetched.url) if whole else (),
        whole=whole,
        total=_total(token),
        reached=max(filter(None, map(day, days)), default=None),
        as_of=as_of,
    )


def metadata(record: etree._Element) -> etree._Element | None:
    """Return the description in a record, in whatever format; None if it has none."""
    for part in record:
        if part.tag == _METADATA:
            return part[0] if len(part) else None
    return None


def key_of(record: etree._Element, place: int) -> str:
    """Return the local part of the identifier in the header of a record, or where it stands if it has none."""
    return _key(etree.tostring(record, encoding="unicode"), place)


def day(text: str | None) -> date | None:
    """Return the day of a datestamp, which may have a time of day; None if it is none."""
    try:
        return date.fromisoformat((text or "").strip()[:10])
    except ValueError:
        return None


def _limit(records: int, fetched: Fetched) -> None:
    if records > _MOST:
        raise ReadError(fetched.source, fetched.url, f"more than {_MOST:,} records")


def _refuse(error: etree._Element | None, fetched: Fetched) -> None:
    if error is None:
        raise ReadError(fetched.source, fetched.url, "no list of records")
    if error.get("code") != "noRecordsMatch" or "&resumptionToken=" in fetched.url:
        code = clean(error.get("code") or "", KEY_LIMIT) or "error"
        raise ReadError(fetched.source, fetched.url, f"{code}: {clean(error.text or '', 300)}")


def _next_page(token: etree._Element | None, url: str) -> tuple[str, ...]:
    """Return the address with the token, if there is one; what a server has quoted in it is quoted once more."""
    text = (token.text or "").strip() if token is not None else ""
    query = f"verb=ListRecords&resumptionToken={quote(text, safe='')}"
    return (urlsplit(url)._replace(query=query, fragment="").geturl(),) if text else ()


def _total(token: etree._Element | None) -> int | None:
    size = (token.get("completeListSize") or "") if token is not None else ""
    return int(size) if re.fullmatch(r"[0-9]{1,9}", size) else None


def _parse(fetched: Fetched) -> tuple[etree._Element, Sequence[Reject], bool]:
    """Return an answer, the rejects that are left out of it, and whether it is whole."""
    root: etree._Element | None
    rejects: list[Reject] = []
    whole = True
    try:
        root = etree.fromstring(fetched.body, _parser())
    except etree.LxmlError:
        root, rejects, whole = _mend(fetched)
    # An answer has no document type: with one it could declare entities.
    if root is None or _local(root) != "OAI-PMH" or root.getroottree().docinfo.internalDTD is not None:
        raise ReadError(fetched.source, fetched.url, "no answer of OAI-PMH")
    return root, rejects, whole


def _parser(*, recover: bool = False) -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        remove_comments=True,
        remove_pis=True,
        remove_blank_text=True,  # the indentation is half of all nodes
        collect_ids=False,
        recover=recover,
    )


def _mend(fetched: Fetched) -> tuple[etree._Element | None, list[Reject], bool]:
    """Read an answer that is no well-formed XML record by record: a slip costs one record, and a cut the one it is in."""
    encoding = "utf-16" if fetched.body[:2] in {BOM_UTF16_LE, BOM_UTF16_BE} else "utf-8-sig"
    text = fetched.body.decode(encoding, "replace")
    if "<!DOCTYPE" in text:
        return None, [], False
    rest, *pieces = _RECORD.split(_NO_XML.sub(" ", _DECLARATION.sub("", text)))
    head, records, rejects = rest, [], []
    _limit(len(pieces), fetched)
    for place, piece in enumerate(pieces, 1):
        record, closing, rest = piece.partition("</record>")
        try:
            records.append(etree.fromstring(_WRAPPED.format(f"<record{record}{closing}").encode(), _parser())[0])
        except etree.LxmlError:
            cut = not closing and place == len(pieces)
            why = "the page breaks off in this record" if cut else "no well-formed XML"
            rejects.append(Reject(key=_key(piece, place), why=why))
    root: etree._Element | None = None
    with suppress(etree.LxmlError):  # without any element it raises, in every mode
        root = etree.fromstring((head + rest if pieces else head).encode(), _parser(recover=True))
    for listing in root.iterchildren(f"{_OAI}ListRecords", f"{_OAI}GetRecord") if root is not None else ():
        listing.extend(records)
    return root, rejects, "</OAI-PMH>" in rest


def _key(text: str, place: int) -> str:
    match = _IDENTIFIER.search(text)
    return (clean(match[1], KEY_LIMIT) if match else "") or f"record {place}"


def _local(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]
