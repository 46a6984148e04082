"""Collections of the ACL Anthology in XML (https://github.com/acl-org/acl-anthology, `data/xml`, with its schema).

A collection has volumes, a volume has papers and a front matter, which is none. Up to 2025 a paper's `url` says its id, since
then there is a `pdf` without a text: the id is put together of what it stands in. Titles and abstracts have markup in them.
They are read as they come, and each is let go when it has been read: a collection may have thousands.
"""

from collections.abc import Iterator
from io import BytesIO
from typing import Final

from lxml import etree

from crawler.errors import ReadError
from crawler.identifiers import Identifier, doi
from crawler.links import Link, code_link, web_address
from crawler.programmes import Edition
from crawler.readers.acl_volume import Volume, key_of
from crawler.readers.bounds import refuse_floods
from crawler.readers.programme import Entry, programme
from crawler.sighting import KEY_LIMIT, Reject
from crawler.source import Fetched, Page
from crawler.text import clean
from crawler.venues import plain, shipped

__all__ = ["key_of", "read_acl_anthology"]

_MOST_TAGS: Final = 2_000_000  # a collection of 800 papers has some 40,000; no tree is made of all of them
_MOST: Final = 50_000  # papers
_SITE: Final = "https://aclanthology.org"


def read_acl_anthology(fetched: Fetched) -> Page:
    """Read a collection; of one that breaks off, the papers before that. It has as many as there are in it.

    For the scope `ACL2025_findings`, of a collection of Findings those of that conference. Raises ReadError for what is no
    collection.
    """
    refuse_floods(fetched, _MOST_TAGS)
    if fetched.body.count(b"<paper") > _MOST:
        raise ReadError(fetched.source, fetched.url, f"more than {_MOST:,} papers")
    collection = _Collection(Edition.parse(fetched.scope))
    whole = True
    try:
        for event, element in _events(fetched.body):
            collection.take(event, element)
    except etree.LxmlError:
        whole = False
    if not collection.name:
        raise ReadError(fetched.source, fetched.url, "no collection of the ACL Anthology")
    found = collection.entries
    return programme(fetched, found, expected=len(found) if whole and found else None, whole=whole)


def _events(body: bytes) -> Iterator[tuple[str, etree._Element]]:
    events: Iterator[tuple[str, etree._Element]] = etree.iterparse(
        BytesIO(body),
        events=("start", "end"),
        tag=("collection", "volume", "meta", "paper"),
        resolve_entities=False,
        no_network=True,
        remove_comments=True,
        remove_pis=True,
        remove_blank_text=True,
        collect_ids=False,
    )
    return events


class _Collection:
    """What has been read of one collection, element by element."""

    def __init__(self, edition: Edition | None) -> None:
        self.edition = edition
        self.name = ""
        self.volume = Volume(collection="", name="")
        self.entries: list[Entry | Reject] = []

    def take(self, event: str, element: etree._Element) -> None:
        """Take the next element: at its start where it holds others, at its end where all of it is needed."""
        if event == "start":
            if element.tag == "collection" and element.getparent() is None:
                self.name = element.get("id", "")
            elif element.tag == "volume":
                self.volume = Volume(collection=self.name, name=element.get("id", ""))
        elif element.tag == "meta":
            self._describe(element)
        elif element.tag == "paper":
            if self.name and self._is_wanted():
                self.entries.append(self._read(element))
            _let_go(element)

    def _is_wanted(self) -> bool:
        one = self.edition
        if one is None or one.part != "findings":
            return True
        known = shipped().find(self.volume.name)  # AACL is called ijcnlp in some years
        return one.acronym == known.acronym if known else plain(one.acronym) == self.volume.name

    def _describe(self, meta: etree._Element) -> None:
        parent = meta.getparent()
        if parent is not None and parent.tag == "volume":
            self.volume.venues = tuple((one.text or "").strip() for one in meta.iterchildren("venue"))
            self.volume.year = (meta.findtext("year") or "").strip()
            self.volume.title = _text(meta.find("booktitle"))

    def _read(self, paper: etree._Element) -> Entry | Reject:
        volume, number = self.volume, paper.get("id", "")
        key = volume.paper(number)
        title = _text(paper.find("title"))
        if not key:
            where = f"{volume.collection}-{volume.name}.{number}"
            return Reject(key=clean(where, KEY_LIMIT), why="no id")
        names_venue = self.edition is not None and plain(self.edition.acronym) != "findings"
        return Entry(
            key=key,
            title=title,
            url=f"{_SITE}/{key}/",
            authors=[_name(one) for one in paper.iterchildren("author")],
            affiliations=[one.findtext("affiliation") or "" for one in paper.iterchildren("author")],
            abstract=_text(paper.find("abstract")),
            identifiers=(Identifier("acl", key), *_dois(paper)),
            links=tuple(_links(paper, key)),
            tracks=(volume.track, *(_text(one) for one in paper.iterchildren("award"))),
            edition=None if names_venue else volume.edition,
            withdrawn=paper.find("retracted") is not None or paper.find("removed") is not None,
        )


def _name(author: etree._Element) -> str:
    return " ".join(name.strip() for part in ("first", "last") if (name := author.findtext(part)))


def _dois(paper: etree._Element) -> Iterator[Identifier]:
    if value := doi(paper.findtext("doi") or ""):
        yield Identifier("doi", value)


def _links(paper: etree._Element, key: str) -> Iterator[Link]:
    stated = (paper.findtext("url") or "").strip()
    if stated.startswith(("http://", "https://")):  # some have never been copied to the Anthology
        if address := web_address(stated):
            yield Link(address, "pdf")
    elif stated or paper.find("pdf") is not None:
        yield Link(f"{_SITE}/{key}.pdf", "pdf")
    for code in paper.iterchildren("pwccode"):
        if link := code_link(code.get("url", "")):
            yield link


def _text(element: etree._Element | None) -> str:
    """Return the text of an element with whatever markup is in it; formulas are between dollars, as everywhere else."""
    if element is None:
        return ""
    for formula in element.iter("tex-math"):
        if formula.text and "$" not in formula.text:
            formula.text = f"${formula.text}$"
    return "".join(map(str, element.itertext()))


def _let_go(element: etree._Element) -> None:
    """Free what was read, the element and all before it."""
    element.clear()
    parent = element.getparent()
    while parent is not None and (before := element.getprevious()) is not None:
        parent.remove(before)
