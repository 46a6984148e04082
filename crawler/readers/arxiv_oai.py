"""arXiv's records in OAI-PMH: https://info.arxiv.org/help/oa/index.html, templates of github.com/arXiv/oaipmh (2026-08).

They are read in the formats `arXivRaw`, which alone has all the versions, and `arXiv`. In the second, `created` is the day
of the first version by the old server and of the newest by the new one, so it is that of version 1 only where nothing was
`updated`. `acm-class` is not read: the server prints another field in it.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Final
from urllib.parse import quote

from lxml import etree

from crawler.author_list import names
from crawler.identifiers import Identifier, arxiv_categories, arxiv_id, doi
from crawler.readers.oai import day, key_of, metadata, open_oai
from crawler.readers.rfc822 import moment
from crawler.sighting import Author, Reject, Sighting, Submission
from crawler.source import Fetched, Page, Wanted
from crawler.text import NAME_LIMIT, TITLE_LIMIT, clean, readable
from crawler.withdrawal import says_withdrawn

BAD_TOKEN: Final = "badResumptionToken"  # noqa: S105 - the protocol's name for an error
"""What a ReadError says first, after source and address, when the server does not take a token, or takes it no longer."""

_SERVER: Final = "https://oaipmh.arxiv.org/oai"
_EARLIEST: Final = date(2005, 9, 16)  # the server's earliestDatestamp; to ask for an earlier one is a badArgument
_GROUPS: Final = frozenset({"cs", "econ", "eess", "math", "q-bio", "q-fin", "stat"})  # all other archives are in physics
_VERSION: Final = re.compile(r"v?([1-9][0-9]{0,3})")
_BETWEEN_DOIS: Final = re.compile(r"\s+|[,;](?=10\.)")
_LICENCE: Final = re.compile(r"https?://[!-~]{1,240}")

_History = tuple[int | None, tuple[Submission, ...], bool]
"""The number of the newest version, the versions with their moments, and whether the newest one withdraws the paper."""


def oai_address(wanted: Wanted) -> str:
    """Return the address of the first page of what changed in a category or an archive since a day, or ever."""
    since = f"&from={max(wanted.since, _EARLIEST).isoformat()}" if wanted.since else ""
    return f"{_SERVER}?verb=ListRecords&metadataPrefix=arXivRaw&set={quote(oai_set(wanted.scope), safe=':')}{since}"


def oai_set(scope: str) -> str:
    """Return the set of a category or an archive.

    >>> oai_set("cs.CV"), oai_set("math"), oai_set("hep-th"), oai_set("physics.optics")
    ('cs:cs:CV', 'math', 'physics:hep-th', 'physics:physics:optics')
    """
    archive, dot, subject = scope.partition(".")
    if archive in _GROUPS:
        return f"{archive}:{archive}:{subject}" if dot else archive
    return f"physics:{archive}:{subject}" if dot else f"physics:{archive}"


def read_arxiv_oai(fetched: Fetched) -> Page:
    """Read one page of records; what follows is the next. Of a page that breaks off, what is before the cut.

    Raises ReadError for what is no answer of the protocol and, with the code and the words of the server, for its errors;
    that nothing matches is none.
    """
    answer = open_oai(fetched)
    found: list[Sighting | Reject] = []
    for place, record in enumerate(answer.records, 1):
        found.append(_read(record, place, fetched))
        record.clear()  # or the whole tree is there beside all that was read of it
    return Page(
        kind="catalogue",
        sightings=tuple(entry for entry in found if isinstance(entry, Sighting)),
        rejects=(*(entry for entry in found if isinstance(entry, Reject)), *answer.rejects),
        follow=answer.follow,
        whole=answer.whole,
        total=answer.total,
        reached=answer.reached,
        as_of=answer.as_of,
    )


def _read(record: etree._Element, place: int, fetched: Fetched) -> Sighting | Reject:
    fields: dict[str, str] = {}
    versions: list[etree._Element] = []
    authors: tuple[Author, ...] = ()
    description = metadata(record)
    namespace = 0 if description is None else description.tag.rfind("}") + 1
    # One walk over the fields: to look each one up by its name takes twice as long, and by XPath eight times.
    for field in () if description is None else description:
        name = field.tag[namespace:]
        if name == "version":
            versions.append(field)
        elif name == "authors":
            authors = _authors(field)
        else:
            fields[name] = field.text or ""
    found = arxiv_id(fields.get("id", ""))
    title = clean(fields.get("title", ""), TITLE_LIMIT)
    if found is None or not title:
        return Reject(key=found[0] if found else key_of(record, place), why="no title" if found else "no arXiv id")
    history = _history(versions) if versions else _first(fields)
    return _sighting((found[0], title, authors), fields, history, fetched)


def _sighting(
    heading: tuple[str, str, tuple[Author, ...]], fields: Mapping[str, str], history: _History, fetched: Fetched
) -> Sighting:
    key, title, authors = heading
    version, submissions, gone = history
    abstract, comment = _text(fields, "abstract") or "", _text(fields, "comments")
    dois = dict.fromkeys(map(doi, _BETWEEN_DOIS.split(fields["doi"]))) if "doi" in fields else ()
    return Sighting(
        source=fetched.source,
        key=key,
        seen_at=fetched.at,
        title=title,
        url=f"https://arxiv.org/abs/{key}",
        authors=authors,
        abstract=abstract,
        identifiers=(Identifier("arxiv", key), *[Identifier("doi", value) for value in dois if value]),
        categories=_categories(fields.get("categories", "")),
        comment=comment,
        journal_ref=_text(fields, "journal-ref"),
        report_number=_text(fields, "report-no"),
        licence=_licence(fields.get("license", "")),
        version=version,
        submissions=submissions,
        withdrawn=gone or _says_withdrawn(comment) or _says_withdrawn(abstract),
        scope=fetched.scope,
    )


def _text(fields: Mapping[str, str], name: str) -> str | None:
    text = fields.get(name)
    return (clean(text) or None) if text else None


def _says_withdrawn(text: str | None) -> bool:
    # Most texts have not got the word, which is found out much faster than whether they have the sentence.
    return text is not None and "withdrawn" in text.lower() and says_withdrawn(text)


# Most papers share these three with another one, and to remember them is ten times as fast as to read them.
@lru_cache(maxsize=4096)
def _categories(text: str) -> tuple[str, ...]:
    return arxiv_categories(text.split())


@lru_cache(maxsize=256)
def _licence(text: str) -> str | None:
    return text.strip() if _LICENCE.fullmatch(text.strip()) else None


@lru_cache(maxsize=256)
def _number(text: str) -> int | None:
    match = _VERSION.fullmatch(text)
    return int(match[1]) if match else None


def _history(versions: Sequence[etree._Element]) -> _History:
    """Read the versions of a record in the format `arXivRaw`."""
    moments: dict[int, datetime] = {}
    number, flags = None, ""
    for version in versions:
        number, flags = _number(version.get("version") or ""), ""
        for field in version:
            name = field.tag
            if name.endswith("}date"):
                at = moment((field.text or "").strip())
                if number and at:
                    moments[number] = at
            elif name.endswith("}source_type"):
                flags = field.text or ""
    return number, tuple([Submission(*item) for item in sorted(moments.items())]), "I" in flags


def _first(fields: Mapping[str, str]) -> _History:
    """Read what the format `arXiv` tells of the versions."""
    created = None if "updated" in fields else day(fields.get("created"))
    if created is None:
        return None, (), False
    return 1, (Submission(1, datetime.combine(created, time(), UTC)),), False


def _authors(element: etree._Element) -> tuple[Author, ...]:
    """Read the authors: one text in the format `arXivRaw`, each in pieces in `arXiv`."""
    if not len(element):
        return names(element.text or "")
    return tuple(author for author in map(_author, element) if author)


def _author(element: etree._Element) -> Author | None:
    """Read an author in pieces; the colon that arXiv has after a collaboration is none."""
    pieces: dict[str, list[str]] = {}
    for piece in element:
        pieces.setdefault(piece.tag.rpartition("}")[2], []).append(piece.text or "")
    name = _name(" ".join(text for part in ("forenames", "keyname", "suffix") for text in pieces.get(part, ())))
    return Author(name, _name("; ".join(pieces.get("affiliation", ()))) or None) if name.strip(" :") else None


def _name(text: str) -> str:
    return clean(readable(clean(text)), NAME_LIMIT)
