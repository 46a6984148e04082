"""OpenReview's lists of notes (https://docs.openreview.net/reference/api-v2), of either API: the accepted papers of a venue.

API v2 wraps every field of a note's content in `{"value": …}`, v1 has it bare. At v2, what is accepted has the venue's own
group as its `venueid`, and what is not has a group below that. At v1 a list is of all that was handed in, so that `count` is
not how many papers there will be, and a refused paper may have that `venueid`, too: the text in `venue` tells, or the entry
for BibTeX. The moments of a note (`pdate`, `odate`) say nothing of an announcement.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from crawler.errors import ReadError
from crawler.identifiers import Identifier, arxiv_id, doi
from crawler.links import URL_LIMIT, Link, code_link, page_link, web_address
from crawler.readers.json_api import count_of, list_of, open_json, table_of, text_of
from crawler.readers.openreview_groups import ROLLING, Group, edition_of, groups_of, is_rolling, list_address
from crawler.readers.programme import Entry, programme
from crawler.sighting import Claim, Reject
from crawler.source import Fetched, Page, Wanted
from crawler.text import clean

SITE: Final = "https://openreview.net"

_FURTHEST: Final = 10_000
"""No list goes on beyond this offset."""

_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,40}")
_ANONYMOUS: Final = re.compile(r"anonymous(?: authors?)?|paper\d+ authors", re.IGNORECASE)
_REFUSED: Final = re.compile(
    r"\b(?:submitted|under review|reject(?:ed)?|withdrawn|decision pending|invite to workshop|submission *$)", re.IGNORECASE
)
_ADDRESS: Final = re.compile(r"""https?://[^\s<>()\[\]"'|]{4,300}""")
_MOST_ADDRESSES: Final = 5
_WORD: Final = re.compile(r"[a-z]+")
_TRACK: Final = re.compile(r"(?:conditional)?(?:(?:oral|spotlight|poster|highlight)s?)+")
_ONE_TRACK: Final = re.compile(r"oral|spotlight|poster|highlight")
_TOP: Final = re.compile(r"top[ -]?(\d{1,2}) ?%")
_CALLED: Final = re.compile(r" *([A-Za-z][\w.-]{1,20}) ((?:19|20)\d\d)\b")
_YEAR: Final = re.compile(r"(?:19|20)\d\d")
_CODE: Final = frozenset(
    (
        *("code", "code_link", "code_url", "code_repository", "software", "url", "dataset_url"),
        *("github", "github_link", "github_url"),
    )
)
_PAGES: Final = frozenset(("website", "webpage", "homepage", "project_page", "project_website", "project_url"))
_IDENTIFIERS: Final = frozenset(
    ("arxiv", "arxiv_id", "arxiv_link", "arxiv_url", "doi", "preprint", "preprint_link", "preprint_url", "html", "pdf", "ee")
)


def notes_address(wanted: Wanted) -> str:
    """Return the address of the list of an edition, of a journal that grows (`TMLR`), or of a group by its own name."""
    group, *_ = groups_of(wanted.scope) or (Group(wanted.scope),)
    return list_address(group)


def read_notes(fetched: Fetched) -> Page:
    """Read a page of a list; it is followed by the rest of it, and by the lists of the venue's other tracks.

    Raises ReadError for what is no list of notes.
    """
    answer = open_json(fetched)
    notes = answer.get("notes") if isinstance(answer, dict) else None
    if not isinstance(notes, list):
        raise ReadError(fetched.source, fetched.url, "no list of notes")
    groups = groups_of(fetched.scope)
    asked, stated = _asked(fetched.url), count_of(answer.get("count"))
    found = [one for place, note in enumerate(notes, 1) if (one := _entry(note, place, groups))]
    further, whole = _further(fetched.url, len(notes), stated)
    page = programme(fetched, found, whole=whole, follow=(*further, *_other_tracks(asked, groups)))
    # Each list states how long it is, of all that it has, be it accepted or not.
    name = asked.get("content.venueid") or asked.get("invitation", "")
    claim = Claim(
        scope=fetched.scope,
        section=clean(name, 80),
        announced_on=fetched.batch_on,
        expected=stated,
        seen=len(notes),
    )
    return replace(page, claims=(claim,) if notes or stated else ())


def _asked(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query))


def _number(asked: Mapping[str, str], name: str) -> int:
    text = asked.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 0


def _further(url: str, had: int, stated: int | None) -> tuple[tuple[str, ...], bool]:
    """Return where a list goes on, if it does, and whether it can be had to its end."""
    asked = _asked(url)
    at, limit = _number(asked, "offset"), _number(asked, "limit")
    reached = at + had
    if not had or (reached >= stated if stated is not None else not limit or had < limit):
        return (), True
    if reached >= _FURTHEST:
        return (), False
    return (urlsplit(url)._replace(query=urlencode({**asked, "offset": reached}, safe="/:")).geturl(),), True


def _other_tracks(asked: Mapping[str, str], groups: tuple[Group, ...]) -> tuple[str, ...]:
    """Return the lists that belong to an edition beside its main one, on the first page of which they are told."""
    if _number(asked, "offset") or not groups or asked.get("content.venueid") != groups[0].name:
        return ()
    return tuple(list_address(one) for one in groups[1:])


def _entry(note: object, place: int, groups: tuple[Group, ...]) -> Entry | Reject | None:
    """Return the paper of a note, None for what is no accepted paper."""
    table = table_of(note)
    key, fields = _id(table), table_of(table.get("content"))
    if table.get("ddate") or (key and text_of(table.get("id")) not in ("", key)):
        return None  # deleted, or a reply to a paper
    if not fields:
        return Reject(key=key or f"entry {place}", why="no content")
    content = {name: one["value"] if _is_wrapped(one) else one for name, one in fields.items()}
    bare = not any(map(_is_wrapped, fields.values()))
    if not _is_accepted(content, groups, bare=bare):
        return None
    return Entry(
        key=key,
        title=text_of(content.get("title")),
        url=f"{SITE}/forum?id={key}",
        authors=tuple(_authors(content)),
        abstract=text_of(content.get("abstract")),
        identifiers=(Identifier("openreview", key), *_identifiers(content)),
        links=tuple(_links(content, official=None if bare else True)),
        tracks=(*Group(text_of(content.get("venueid"))).part, *_tracks(text_of(content.get("venue")))),
        edition=_edition(content, groups),
    )


def _is_wrapped(field: object) -> bool:
    return isinstance(field, dict) and "value" in field


def _id(table: Mapping[str, Any]) -> str:
    forum = text_of(table.get("forum")) or text_of(table.get("id"))
    return forum if _ID.fullmatch(forum) else ""


def _is_accepted(content: Mapping[str, Any], groups: tuple[Group, ...], *, bare: bool) -> bool:
    """Tell whether a note is of an accepted paper, of the groups that were asked for where these are known."""
    venueid, venue = text_of(content.get("venueid")), text_of(content.get("venue")).strip()
    if _REFUSED.search(venue) or not (venueid or bare):
        return False
    if venueid and not (any(venueid == one.name for one in groups) if groups else Group(venueid).is_venue):
        return False
    bibtex = text_of(content.get("_bibtex")).lstrip().lower()
    return not bare or (not bibtex.startswith("@misc") and bool(venue or bibtex.startswith(("@inproceedings", "@article"))))


def _authors(content: Mapping[str, Any]) -> Iterator[str]:
    names = content.get("authors")
    for one in names.split(",") if isinstance(names, str) else list_of(names):
        name = text_of(one) or text_of(table_of(one).get("fullname"))
        if not _ANONYMOUS.fullmatch(name.strip()):
            yield name


def _tracks(venue: str) -> Iterator[str]:
    """Read the tracks out of what a venue calls its papers: `ICLR 2025 Spotlight`, `ICML 2023 OralPoster`."""
    text = _YEAR.split(venue[-200:].lower())[-1]
    if match := _TOP.search(text):
        yield f"top {match[1]}%"
    for word in _WORD.findall(text):
        if _TRACK.fullmatch(word):
            yield from _ONE_TRACK.findall(word)


def _edition(content: Mapping[str, Any], groups: tuple[Group, ...]) -> str | None:
    """Return the edition by the group, or by what the venue calls its papers; None: that of the scope."""
    venueid = text_of(content.get("venueid"))
    if is_rolling(venueid):
        return ROLLING[venueid]
    match = _CALLED.match(text_of(content.get("venue")))
    return Group(venueid).edition or (edition_of(*match.groups()) if match and not groups else None)


def _named(content: Mapping[str, Any], names: frozenset[str]) -> Iterator[str]:
    for name, value in content.items():
        if name.lower().replace(" ", "_").replace("-", "_") in names and isinstance(value, str):
            yield value


def _identifiers(content: Mapping[str, Any]) -> Iterator[Identifier]:
    for value in _named(content, _IDENTIFIERS):
        stated = value.strip() if len(value) <= URL_LIMIT else ""
        if found := arxiv_id(stated):
            yield Identifier("arxiv", found[0])
        elif (found_doi := doi(stated)) and (one := Identifier.parse(found_doi)):
            yield one


def _links(content: Mapping[str, Any], *, official: bool | None) -> Iterator[Link]:
    """Read the links that the authors have filled in; v1 has some in Markdown, and does not say who found them."""
    for value in _named(content, _CODE):
        for address in _addresses(value):
            if link := code_link(address, official=official):
                yield link
    for value in _named(content, _PAGES):
        for address in _addresses(value):
            if link := page_link(address, official=official):
                yield link
    pdf = text_of(content.get("pdf")).strip()
    if pdf and len(pdf) <= URL_LIMIT and (url := _absolute(pdf)):
        yield Link(url, "pdf")


def _addresses(value: str) -> list[str]:
    text = value[:4000]
    found = _ADDRESS.findall(text)[:_MOST_ADDRESSES] or [text.strip()]
    return [one.rstrip(".,;") for one in found]


def _absolute(path: str) -> str | None:
    try:
        return web_address(urljoin(f"{SITE}/", path))
    except ValueError:
        return None
