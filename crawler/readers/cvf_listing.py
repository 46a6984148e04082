"""CVF Open Access (https://openaccess.thecvf.com): the papers of CVPR, ICCV, WACV and ACCV, and of their workshops.

A conference has one page of all its papers; from 2018 to 2020, and where nothing is asked for, a list of days stands before
it, and the workshops have a menu. Pages say nothing of how many papers there should be, or nothing that could be found. The
address of a paper tells where it stands: `content/CVPR2026`, `CVPR2026F` (findings), `CVPR2026W/NAME` (a workshop), and in
older years `content_CVPR_2020`, `content_CVPRW_2020/html/w42` or `content_cvpr_2017_workshops`.
"""

import re
from typing import Final
from urllib.parse import parse_qs, quote, urlsplit

from lxml import etree

from crawler.errors import ReadError
from crawler.identifiers import Identifier
from crawler.programmes import Edition
from crawler.readers.arxiv_sections import is_ended, parse
from crawler.readers.citation_meta import Filing
from crawler.readers.programme import Entry, programme
from crawler.readers.ptitle_rows import Row, absolute, cut, identifiers, pdfs, read_rows, stem
from crawler.sighting import KEY_LIMIT, Reject
from crawler.source import Fetched, Page, Wanted
from crawler.text import clean

SITE: Final = "https://openaccess.thecvf.com/"

_BY_DAY_SINCE: Final = 2021
_TRACKS: Final = {"workshops": "workshop", "findings": "findings", "w": "workshop", "f": "findings"}
_FILED: Final = re.compile(
    r"/content[/_](?P<acronym>CVPR|ICCV|WACV|ACCV|ECCV)(?P<kind>[WF]?)_?(?:(?P<part>workshops)_)?(?P<year>20\d\d)"
    r"(?:_?(?P<after>W|F|workshops|findings))?/(?:html/)?(?:(?P<name>[^/]+)/)?",
    re.IGNORECASE,
)
_NO_NAME: Final = re.compile(r"html|papers|w?\d+", re.IGNORECASE)  # the number of a workshop tells nobody which it is
_PAPER: Final = re.compile(r"_paper\.(?:html?|php)\b")
_COUNT: Final = re.compile(
    rb"<h[1-6]\b[^<>]{0,200}>\s*(?:Papers\s*\((?P<after>[\d,]{1,9})\)|(?P<before>[\d,]{1,9})\s+papers)\s*</h", re.IGNORECASE
)


def listing_address(wanted: Wanted) -> str:
    """Return the address of the list of an edition, or of a part of it.

    >>> listing_address(Wanted(scope="CVPR2026")), listing_address(Wanted(scope="ICCV2019"))
    ('https://openaccess.thecvf.com/CVPR2026?day=all', 'https://openaccess.thecvf.com/ICCV2019')
    """
    page, edition = SITE + quote(wanted.scope, safe=""), Edition.parse(wanted.scope)
    if edition is None:
        return page
    if edition.part == "workshops":
        return f"{page}/menu"
    undivided = edition.acronym in ("WACV", "ACCV") or edition.year < _BY_DAY_SINCE
    return page if undivided and not edition.part else f"{page}?day=all"


def filed(url: str) -> Filing:
    """Tell where a paper stands by its address."""
    match = _FILED.search(urlsplit(url).path)
    if match is None:
        return Filing()
    part = (match["kind"] or match["part"] or match["after"] or "").lower()
    track = _TRACKS.get(part, "")
    name = match["name"] or ""
    named = track == "workshop" and name and not _NO_NAME.fullmatch(name) and not _PAPER.search(name)
    return Filing(match["acronym"].upper() + match["year"], tuple(filter(None, (track, name if named else ""))))


def read_cvf_listing(fetched: Fetched) -> Page:
    """Read a list of papers, or follow a list of days or of workshops to theirs.

    A page that breaks off is not whole, and its last row is a reject. Raises ReadError for a page of something else.
    """
    found = cut(fetched)
    if not found.rows:
        return _menu(fetched)
    edition = Edition.parse(fetched.scope)
    track = _TRACKS.get(edition.part, "") if edition else ""
    rows = read_rows(found, fetched.url)
    entries = (row if isinstance(row, Reject) else _entry(row, track) for row in rows)
    return programme(fetched, entries, expected=_stated(fetched.body), whole=is_ended(fetched))


def _entry(row: Row, track: str) -> Entry:
    key = stem(row.url)
    return Entry(
        key=key,
        title=row.title,
        url=row.url,
        authors=row.authors,
        identifiers=(Identifier("cvf", key), *identifiers(row.links)),
        links=pdfs(row.links),
        tracks=tuple(filter(None, (track, *filed(row.url).tracks))),
        journal_ref=row.published,
    )


def _stated(body: bytes) -> int | None:
    """Return how many papers a heading above them says there are."""
    match = _COUNT.search(body.partition(b"ptitle")[0])
    digits = (match["after"] or match["before"]).replace(b",", b"") if match else b""
    return int(digits) if digits else None


def _menu(fetched: Fetched) -> Page:
    """Read a page without papers: a menu of days or workshops, or a list that is empty still."""
    root = parse(fetched)
    content = next((one for one in root.iter("div") if one.get("id") == "content"), None)
    further = tuple(_further(content, fetched)) if content is not None else ()
    if content is None or (not further and any(_PAPER.search(link.get("href") or "") for link in content.iter("a"))):
        title = clean(root.findtext(".//title") or "", KEY_LIMIT)
        raise ReadError(fetched.source, fetched.url, f'no list of papers on the page titled "{title}"')
    return programme(fetched, (), whole=is_ended(fetched), follow=further)


def _further(content: etree._Element, fetched: Fetched) -> list[str]:
    """Return the addresses of the lists that a menu leads to: that of all days, or else those of each."""
    edition = Edition.parse(fetched.scope)
    if edition is None:
        return []
    here = urlsplit(fetched.url)
    found = dict.fromkeys(absolute(fetched.url, link.get("href") or "").partition("#")[0] for link in content.iter("a"))
    same = [url for url in found if url != fetched.url and urlsplit(url).hostname == here.hostname]
    if edition.part == "workshops":
        inside = re.compile(rf"/{re.escape(edition.name)}(?:_workshops|W)/(?!(?:menu|index)(?:\.py)?\Z)[^/]+\Z", re.IGNORECASE)
        return [url for url in same if inside.match(urlsplit(url).path)]
    listed = re.compile(rf"/{re.escape(fetched.scope)}(?:\.py)?\Z", re.IGNORECASE)
    days = {url: parse_qs(urlsplit(url).query).get("day", []) for url in same if listed.match(urlsplit(url).path)}
    return [url for url, day in days.items() if day == ["all"]] or [url for url, day in days.items() if day]
