"""The lists of the proceedings of NeurIPS and of ICLR, which one application serves: a page a year, with all of its papers.

https://proceedings.neurips.cc/paper_files/paper/2024 and https://proceedings.iclr.cc/paper_files/paper/2024. A paper is a link
to its page, `/hash/<id>-Abstract[-<track>].html`, and what follows it up to the next are its authors: in
`span.paper-authors` since 2026, in `i` before. `.paper-count` states how many there are, `li[data-track]` the track of each,
which the address says as well. Since 2025 a year may have volumes, whose pages the year's links to. An id is the MD5 of the
paper's number on its host. The proceedings of datasets and benchmarks of 2021, on a host of their own, count anew from 1.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlsplit

from lxml import etree

from crawler.errors import ReadError
from crawler.identifiers import Identifier
from crawler.links import Link
from crawler.programmes import Edition
from crawler.readers.arxiv_sections import is_ended, parse
from crawler.readers.markup import text_in
from crawler.readers.programme import Entry, programme, track_of, unescaped
from crawler.sighting import KEY_LIMIT, Reject
from crawler.source import Fetched, Page, Wanted
from crawler.text import NAME_LIMIT, clean

_PAPER: Final = re.compile(
    r"(?:https?://[\w.-]+)?(?P<path>/(?:[\w-]+/){0,4}?"
    r"(?:(?P<year>\d{4})/hash/(?P<hash>[0-9A-Za-z]{1,64})-Abstract(?:-(?P<track>\w{1,80}))?\.html|book/(?P<number>\d{1,9})\.pdf))"
    r"(?:[?#].*)?",
    re.ASCII,
)
_VOLUME: Final = re.compile(r"/(?:paper_files/)?paper/(?P<year>\d{4})/(?P<volume>[A-Za-z][\w-]{0,80})/?", re.ASCII)
_YEAR: Final = re.compile(r"/(?:paper_files/)?paper/(?P<year>\d{4})/?", re.ASCII)
ABSTRACT: Final = "//section[h2[.='Abstract']]/*[not(self::h2)]|//h4[.='Abstract']/following-sibling::p"
"""Where the page of one paper has its abstract, since 2026 and before."""

_COUNT: Final = re.compile(r"\s*(\d{1,3}(?:,\d{3})+|\d{1,7})\s+papers?\b", re.ASCII)
_SUFFIX: Final = re.compile(r"(?:Jr|Sr|II|III|IV)\.?")
_LONGEST: Final = 100_000  # characters of a text; 5,000 authors have fewer


@dataclass(slots=True)
class _Listed:
    """A paper as the page has it: where its link leads, its texts, and the track of the `li` around it."""

    href: str
    title: str
    track: str
    authors: str = ""


@dataclass(slots=True)
class _List:
    """What is on the page: papers, the number stated, paths of further volumes; `there`: it says that it is a list."""

    papers: list[_Listed]
    volumes: list[str]
    expected: int | None = None
    there: bool = False


def year_address(site: str, wanted: Wanted) -> str:
    """Return the address of the page of the year of an edition."""
    edition = Edition.parse(wanted.scope)
    return f"{site}/paper_files/paper/{edition.year if edition else ''}"


def key_of(url: str) -> str:
    """Return the key under which the list has the paper at an address, empty for an address of another kind.

    >>> key_of("https://proceedings.iclr.cc/paper_files/paper/2024/hash/00153f90d9177dd3a872133972bc8dea-Abstract-Conference.html")
    '00153f90d9177dd3a872133972bc8dea'
    """
    match = _PAPER.fullmatch(url)
    return (match["hash"] or match["number"]) if match else ""


def read_proceedings(fetched: Fetched) -> Page:
    """Read the list of a year, which the lists of its further volumes follow, or that of a volume.

    Raises ReadError for a page without such a list, as one that wants to know whether a person asks is, and for one with
    papers of another year only.
    """
    root = parse(fetched)
    found = _take_apart(root)
    if not (found.there or found.papers or found.volumes):
        title = clean(root.findtext(".//title") or "", KEY_LIMIT)
        raise ReadError(fetched.source, fetched.url, f'no list of papers on the page titled "{title}"')
    _refuse_other_years(found, fetched)
    parts, ended = urlsplit(fetched.url), is_ended(fetched)
    entries = list(_entries(found, fetched.source, parts.netloc))
    if entries and not ended and fetched.body.rfind(b"<li") > fetched.body.rfind(b"</li>"):
        # A title may be cut as well.
        entries[-1] = Reject(key=entries[-1].key, why="the page breaks off in this entry")
    page = programme(fetched, entries, expected=found.expected, whole=ended, follow=_further(found, fetched.url))
    # Every volume states a number of its own.
    section = clean(volume["volume"], KEY_LIMIT) if (volume := _VOLUME.fullmatch(parts.path)) else ""
    return replace(page, claims=tuple(replace(claim, section=section) for claim in page.claims))


def _further(found: _List, url: str) -> tuple[str, ...]:
    """Return the addresses of the volumes of a year; those of a volume's page lead back, or to what the year's has too."""
    parts = urlsplit(url)
    year = _YEAR.fullmatch(parts.path)
    volumes = ((path, _VOLUME.fullmatch(path)) for path in found.volumes)
    paths = [path for path, match in volumes if year and match and match["year"] == year["year"]]
    return tuple(f"https://{parts.netloc}{path}" for path in dict.fromkeys(paths))


def _take_apart(root: etree._Element) -> _List:
    """Walk over the page once: an `li` has the track of the links in it, and a link the authors that come after it."""
    found, track = _List([], []), ""
    for element in root.iter("ul", "li", "a", "span", "i"):
        classes = (element.get("class") or "").split()
        if element.tag == "li":
            track = element.get("data-track") or ""
        elif element.tag == "a":
            _add_link(found, element, track)
        elif "paper-count" in classes:
            found.there = True
            match = _COUNT.match(_text(element))
            found.expected = int(match[1].replace(",", "")) if match and found.expected is None else found.expected
        elif "paper-list" in classes:
            found.there = True
        elif found.papers and not found.papers[-1].authors and _has_authors(element, classes):
            found.papers[-1].authors = _text(element)
    return found


def _has_authors(element: etree._Element, classes: list[str]) -> bool:
    """Tell whether an element is the one with the authors; an `i` in a title is a word of it."""
    return "paper-authors" in classes or (element.tag == "i" and next(element.iterancestors("a"), None) is None)


def _add_link(found: _List, link: etree._Element, track: str) -> None:
    href = link.get("href") or ""
    if link.get("title") == "paper title" or _PAPER.fullmatch(href):
        found.papers.append(_Listed(href, _text(link), track))
    elif _VOLUME.fullmatch(href):
        found.volumes.append(href)


def _text(element: etree._Element) -> str:
    return unescaped(text_in(element, _LONGEST))


def _refuse_other_years(found: _List, fetched: Fetched) -> None:
    edition = Edition.parse(fetched.scope)
    matches = (_PAPER.fullmatch(paper.href) for paper in found.papers)
    years = {match["year"] for match in matches if match and match["year"]}
    if edition and years and str(edition.year) not in years:
        raise ReadError(fetched.source, fetched.url, f"papers of {max(years)}, and none of {edition.year}")


def _entries(found: _List, source: str, host: str) -> Iterator[Entry | Reject]:
    for paper in found.papers:
        match = _PAPER.fullmatch(paper.href)
        if match is None:
            yield Reject(key=clean(paper.title, KEY_LIMIT), why="no id")
            continue
        key, url = match["hash"] or match["number"], f"https://{host}{match['path']}"
        # The page says nothing else of where the paper itself is, and its address has always been this one.
        paper_url = url.replace("/hash/", "/file/").replace("-Abstract", "-Paper").removesuffix(".html").removesuffix(".pdf")
        yield Entry(
            key=key,
            title=paper.title,
            url=url,
            authors=tuple(_names(paper.authors)),
            identifiers=(Identifier(source, key),),
            links=(Link(f"{paper_url}.pdf", "pdf"),),
            tracks=(track_of(match["track"] or paper.track),),
        )


def _names(text: str) -> list[str]:
    """Take a list of authors apart at its commas; a suffix stays with its name."""
    names: list[str] = []
    for one in text.split(","):
        name = clean(one, NAME_LIMIT)
        if names and _SUFFIX.fullmatch(name):
            names[-1] += f" {name}"
        elif name:
            names.append(name)
    return names
