"""The page of a volume of PMLR (template `_includes/pmlr/home.html` of github.com/mlresearch/jekyll-theme).

It has no abstracts, and what the volume's `citeproc.yaml` lacks: the papers' places at OpenReview and their software. Its
heading names the conference with its days. Papers may stand in sections. It does not say how many papers there should be.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Final
from urllib.parse import parse_qs, urljoin, urlsplit

from lxml import etree

from crawler.errors import ReadError
from crawler.identifiers import Identifier, arxiv_id, doi
from crawler.links import Link, page_link, web_address
from crawler.programmes import Edition
from crawler.readers.arxiv_sections import is_ended, parse
from crawler.readers.pmlr_index import HOST, edition_of, is_index, read_index, volume_of
from crawler.readers.programme import Entry, programme
from crawler.source import Fetched, Page
from crawler.text import clean
from crawler.venues import shipped

_KEY: Final = re.compile(
    r"https?://(?:proceedings\.mlr\.press/(?P<volume>[vr]\d{1,4})/(?P<paper>[\w.+-]{1,100}?)(?:\.html|/(?P=paper)\.pdf)|"
    r"raw\.githubusercontent\.com/mlresearch/(?P<raw_volume>[vr]\d{1,4})/[\w-]+/assets/(?P<raw_paper>[\w.+-]{1,100})/"
    r"(?P=raw_paper)\.pdf)",
    re.ASCII,
)
_HEADING: Final = re.compile(
    r"(?:Volume|Reissue|Issue) [VR]?\d{1,4}: (?P<name>.{3,300}?), (?=\d)[^,]{0,60}?(?P<year>(?:19|20)\d\d)\b", re.IGNORECASE
)
_HEADINGS: Final = 20  # are looked at; there is one
_BETWEEN: Final = re.compile(r",\s+(?!(?:Jr|Sr|II|III|IV)\b)")
_FORUM: Final = re.compile(r"[\w-]{6,40}", re.ASCII)


def key_of(url: str) -> str:
    """Return the key of the paper that an address leads to, volume and name; empty for any other address.

    >>> key_of("https://proceedings.mlr.press/v97/lovelace19a.html")
    'v97/lovelace19a'
    """
    match = _KEY.fullmatch(url)
    return f"{match['volume'] or match['raw_volume']}/{match['paper'] or match['raw_paper']}" if match else ""


def read_pmlr_pages(fetched: Fetched) -> Page:
    """Read the page of a volume, or the page that lists them, which that of an edition's volume follows.

    Raises ReadError for what is neither.
    """
    return read_index(fetched) if is_index(fetched.url) else read_pmlr_volume(fetched)


def read_pmlr_volume(fetched: Fetched) -> Page:
    """Read the page of a volume; one without papers is of a volume that is to come. Raises ReadError for any other page."""
    root = parse(fetched)
    heading = next((found for one in islice(root.iter("h2"), _HEADINGS) if (found := _HEADING.match(_text(one)))), None)
    rows = list(_rows(root))
    if not (rows or heading):
        title = clean(root.findtext(".//title") or "", 80)
        raise ReadError(fetched.source, fetched.url, f'no volume on the page titled "{title}"')
    name, year = (heading["name"], int(heading["year"])) if heading else ("", 0)
    volume = _Volume(fetched, name, edition_of(name, year, shipped()) if name else "")
    page = programme(fetched, (volume.read(row, section) for row, section in rows), whole=is_ended(fetched))
    return unannounced(page) if is_old(fetched, year) else page


def beside(page: Page) -> Page:
    """Return the page of a volume that has been read in another form: it announces nothing, and counts how many there are."""
    claims = tuple(replace(claim, expected=claim.seen, seen=0) for claim in page.claims)
    return replace(unannounced(page), claims=claims, rejects=())


def unannounced(page: Page) -> Page:
    """Return a page none of whose papers is news."""
    return replace(page, sightings=tuple(replace(one, action=None) for one in page.sightings))


def is_old(fetched: Fetched, year: int) -> bool:
    """Tell whether the volume of that year, asked for by its number, is too old to be news: of editions the calendar knows."""
    return bool(volume_of(fetched.scope) and year) and fetched.at.year - year > 1


def tracks_of(fetched: Fetched, *names: str) -> tuple[str, ...]:
    """Return the track of the papers of a volume with those names: "workshop" for one of a workshop."""
    edition = Edition.parse(fetched.scope)
    is_one = (edition is not None and edition.part == "workshops") or any("workshop" in name.lower() for name in names)
    return ("workshop",) if is_one else ()


class _Volume:
    """What is common to the papers of a volume."""

    def __init__(self, fetched: Fetched, name: str, edition: str) -> None:
        self.fetched, self.name = fetched, name
        self.edition = edition if volume_of(fetched.scope) else None

    def read(self, row: etree._Element, section: str) -> Entry:
        """Read one paper."""
        parts = {one.get("class", ""): one for one in row.iter("p", "span")}
        links = [(_text(one).lower(), self._address(one)) for one in row.iter("a")]
        key = next((key for _, url in links if (key := key_of(url))), "")
        info = _text(parts.get("info"))
        return Entry(
            key=key,
            title=_text(parts.get("title")),
            url=f"{HOST}/{key}.html",
            authors=_BETWEEN.split(_text(parts.get("authors"))),
            identifiers=(Identifier("pmlr", key), *(found for _, url in links for found in _identifiers(url))),
            links=tuple(_links(links)),
            tracks=(*tracks_of(self.fetched, self.name, info), section),
            edition=self.edition,
        )

    def _address(self, link: etree._Element) -> str:
        try:
            return urljoin(self.fetched.url, link.get("href", "").strip())
        except ValueError:  # half an IPv6 address
            return ""


def _rows(root: etree._Element) -> Iterator[tuple[etree._Element, str]]:
    """Return the papers and the section that each is in, if there are any."""
    section = ""
    for element in root.iter("h3", "div"):
        if element.tag == "h3":
            section = _text(element)
        elif element.get("class") == "paper" and not any(one.get("class") == "paper" for one in element.iterancestors("div")):
            yield element, section


def _identifiers(url: str) -> Iterator[Identifier]:
    # The address alone: what the link does when it is clicked names another.
    parts = urlsplit(url)
    if parts.hostname == "openreview.net":
        forum = "".join(parse_qs(parts.query).get("id", [])[:1])
        if _FORUM.fullmatch(forum) and forum not in ("false", "undefined"):
            yield Identifier("openreview", forum)
    elif found := arxiv_id(url):
        yield Identifier("arxiv", found[0])
    elif parts.hostname in ("doi.org", "dx.doi.org") and (value := doi(url)):
        yield Identifier("doi", value)


def _links(links: list[tuple[str, str]]) -> Iterator[Link]:
    for text, url in links:
        if text in ("download pdf", "pdf") and (address := web_address(url)):
            yield Link(address, "pdf")
        elif text in ("software", "code") and (link := page_link(url, official=True)):
            yield link


def _text(element: etree._Element | None) -> str:
    return " ".join("".join(map(str, element.itertext())).split()) if element is not None else ""
