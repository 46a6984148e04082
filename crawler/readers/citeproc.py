"""The papers of a volume of PMLR as `assets/bib/citeproc.yaml` (template of that name in github.com/mlresearch/jekyll-theme).

It is the only page with all abstracts. It is no YAML for long: names are set in it as they are, and one stray character in an
abstract makes the whole of it unreadable to a parser of YAML. So the lines of the template are read, and nothing else: texts in
single quotes, in which a quote is two, and names to the end of the line. Only OpenReview and software are not in it, for which
the volume's page is read after it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from crawler.errors import ReadError
from crawler.identifiers import Identifier, arxiv_id, doi
from crawler.links import Link, page_link, web_address
from crawler.readers.pmlr_index import HOST, is_index, read_index, volume_of
from crawler.readers.pmlr_volume import beside, is_old, key_of, read_pmlr_volume, tracks_of, unannounced
from crawler.readers.programme import Entry, programme
from crawler.sighting import KEY_LIMIT, Reject
from crawler.source import Fetched, Page
from crawler.text import clean

__all__ = ["key_of", "read_citeproc", "read_pmlr_citeproc"]

_PATH: Final = re.compile(r"/(?P<volume>[vr]\d{1,4})/assets/bib/citeproc\.yaml")
_FIELD: Final = re.compile(
    r"^(?P<lead>- |  - | {2,4})(?:(?P<text>title|abstract|note|series|container-title|publisher):[ \t]*'"
    r"(?P<quoted>(?:[^']|'')*+)'|(?P<name>[A-Za-z-]+):[ \t]*(?P<plain>.*))",
    re.MULTILINE,
)
_NAME: Final = ("given", "prefix", "family", "suffix")
_MOST: Final = 50_000
"""How many papers are read at most: the largest volumes have some thousands."""

_MOST_LINES: Final = 1_000_000  # a paper has some fifty, most of which name its editors


@dataclass(slots=True)
class _Record:
    """One paper: its fields by their names, and its authors, each with the parts of a name."""

    fields: dict[str, str] = field(default_factory=dict)
    authors: list[dict[str, str]] = field(default_factory=list)
    group: str = ""
    last: str = ""

    def add(self, lead: str, name: str, value: str) -> None:
        """Add a field: of the paper, or of a person in the group of people that came last."""
        if lead in ("- ", "  "):
            self.fields.setdefault(name, value)
            self.group = self.last = name
        elif self.group == "author":
            if lead == "  - ":
                self.authors.append({})
            if self.authors:
                self.authors[-1].setdefault(name, value)


def read_pmlr_citeproc(fetched: Fetched) -> Page:
    """Read the papers of a volume, the list of volumes before it, or the page of the volume after it, by the address.

    Raises ReadError for what is none of them.
    """
    if is_index(fetched.url):
        return read_index(fetched)
    return read_citeproc(fetched) if _PATH.fullmatch(urlsplit(fetched.url).path) else beside(read_pmlr_volume(fetched))


def read_citeproc(fetched: Fetched) -> Page:
    """Read the papers of a volume; its page follows. Raises ReadError for what has no papers in this form, an empty one too."""
    if fetched.body.count(b"\n- ") > _MOST or fetched.body.count(b"\n") > _MOST_LINES:
        raise ReadError(fetched.source, fetched.url, f"more than {_MOST:,} papers")
    text = fetched.body.decode("utf-8-sig", "replace")
    records = list(_records(text)) if not text.lstrip().startswith("<") else []
    if not records:
        raise ReadError(fetched.source, fetched.url, "no list of papers")
    # There is no sign at the end; but all entries end alike.
    whole = records[-1].last == records[0].last and "issued" in records[-1].fields
    read = records if whole else records[:-1]
    entries: list[Entry | Reject] = [_entry(one, fetched) for one in read]
    if not whole:
        entries.append(
            Reject(key=clean(records[-1].fields.get("title", ""), KEY_LIMIT), why="the list breaks off in this entry")
        )
    match = _PATH.fullmatch(urlsplit(fetched.url).path)
    page = programme(fetched, entries, whole=whole, follow=(f"{HOST}/{match['volume']}/",) if match else ())
    return unannounced(page) if is_old(fetched, _year(records[0])) else page


def _records(text: str) -> Iterator[_Record]:
    record: _Record | None = None
    for found in _FIELD.finditer(text):
        if found["lead"] == "- ":
            if record is not None:
                yield record
            record = _Record()
        if record is not None:
            if found["text"]:
                record.add(found["lead"], found["text"], found["quoted"].replace("''", "'"))
            else:
                record.add(found["lead"], found["name"], _plain(found["plain"]))
    if record is not None:
        yield record


def _plain(value: str) -> str:
    """Return a value of one line, without the quotes around all of it, if there are any."""
    value = value.strip()
    around = value[:1] if len(value) > 1 and value[0] in "\"'" and value[-1] == value[0] else ""
    return value[1:-1].replace("''", "'") if around == "'" else value[1:-1] if around else value


def _entry(record: _Record, fetched: Fetched) -> Entry:
    said = record.fields
    key = key_of(said.get("URL", ""))
    return Entry(
        key=key,
        title=said.get("title", ""),
        url=f"{HOST}/{key}.html",
        authors=[" ".join(part for name in _NAME if (part := person.get(name, ""))) for person in record.authors],
        abstract=said.get("abstract", ""),
        identifiers=(Identifier("pmlr", key), *_identifiers(said)),
        links=tuple(_links(said)),
        tracks=(*tracks_of(fetched, said.get("container-title", "")), said.get("section", "")),
        # The year in it is that of publication, which may be the one after the conference: its page knows better.
        edition="" if volume_of(fetched.scope) else None,
    )


def _identifiers(said: dict[str, str]) -> Iterator[Identifier]:
    if value := doi(said.get("DOI", "")):
        yield Identifier("doi", value)
    if found := arxiv_id(said.get("arxiv", "")):
        yield Identifier("arxiv", found[0])
    if re.fullmatch(r"[A-Za-z0-9_-]{6,40}", said.get("openreview", "")):
        yield Identifier("openreview", said["openreview"])


def _links(said: dict[str, str]) -> Iterator[Link]:
    if url := web_address(said.get("PDF", "")):
        yield Link(url, "pdf")
    if link := page_link(said.get("software", ""), official=True):
        yield link


def _year(record: _Record) -> int:
    """Return the year in which a volume was published; 0 if it does not say."""
    year = record.fields.get("published", "")[:4]
    return int(year) if year.isascii() and year.isdecimal() else 0
