"""Whole lists of venues with their ranks, as others publish them for programs. Pure.

The catalogue of the China Computer Federation, by CCFrank4dblp (https://github.com/WenyanLiu/CCFrank4dblp, MIT): a file of
JavaScript in which each venue is a string, rank, abbreviation (which may be empty), name and stream of DBLP parted by tabs.
Conferences by ccfddl (https://github.com/ccfddl/ccf-deadlines, MIT): one list in YAML, a record each with title, description,
`rank` by CCF, CORE and Tsinghua (`N`: none), and stream of DBLP. It is read by lines: no more of YAML is in it.

A rank holds from the day of the answer on, for neither says since when it does.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from crawler.errors import ReadError
from crawler.sighting import KEY_LIMIT, Reject
from crawler.source import Fetched, Page
from crawler.text import TITLE_LIMIT, clean
from crawler.venues import Rank, Venue, VenueKind, plain

CCF: Final = "ccf"
CCFDDL: Final = "ccfddl"

_LEAST: Final = 20
"""So many venues a list has at least."""
_RANK_LIMIT: Final = 12
_SCHEMES: Final = ("ccf", "core", "thcpl")
_CCF_RANKS: Final = ("A", "B", "C")

_STRING: Final = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
_ESCAPE: Final = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|(.))")
_ESCAPED: Final = {"t": "\t", "n": "\n", "r": "\r", "b": " ", "f": " ", "v": " ", "0": " "}
# One row of 2026 has blanks before its stream where there should be a tab.
_STREAM: Final = re.compile(r"\s/?((?:conf|journals)/[^/\s]+)")
_JOURNAL: Final = re.compile(r"\b(?:journal|transactions|letters|magazine)\b", re.IGNORECASE)
_KEY: Final = re.compile(r"([A-Za-z_][\w ]*?) *:(?: +(.*))?")
_COMMENT: Final = re.compile(r"(?:^|\s)#.*")
_FOLDED: Final = re.compile(r"[>|][+-]?")


def read_venue_list(fetched: Fetched) -> Page:
    """Read the list that the scope names. Raises ReadError for what is no such list, or has fewer venues than any."""
    try:
        text = fetched.body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ReadError(fetched.source, fetched.url, "not UTF-8") from None
    on = fetched.at.date()
    read = list(_catalogue(text, on) if fetched.scope == CCF else _deadlines(text, on))
    venues = _one_each(one for one in read if isinstance(one, Venue))
    if len(venues) < _LEAST:
        raise ReadError(fetched.source, fetched.url, f"no list of venues: {len(venues)} of them are in it")
    rejects = tuple(one for one in read if isinstance(one, Reject))
    return Page(kind="catalogue", venues=venues, rejects=rejects, total=len(venues), as_of=on)


def _one_each(venues: Iterable[Venue]) -> tuple[Venue, ...]:
    """Return each venue once, for one that has had two streams has two rows; and a stream with the first that is in it."""
    found: dict[tuple[object, ...], Venue] = {}
    streams: set[str] = set()
    for venue in venues:
        key = (plain(venue.acronym), plain(venue.name), venue.ranks)
        if key not in found:
            found[key] = replace(venue, dblp="") if venue.dblp in streams else venue
            streams.add(venue.dblp)
    return tuple(found.values())


def _catalogue(text: str, on: date) -> Iterator[Venue | Reject]:
    for match in _STRING.finditer(text):
        cells = _ESCAPE.sub(_unescaped, match[1]).split("\t", 2)
        if len(cells) == 3:
            yield _row(cells, on)


def _unescaped(match: re.Match[str]) -> str:
    if code := match[1] or match[2]:
        return chr(int(code, 16))
    return _ESCAPED.get(match[3], match[3])


def _row(cells: list[str], on: date) -> Venue | Reject:
    rank, acronym, rest = cells
    stream = _STREAM.search(rest)
    name = clean(rest[: stream.start()] if stream else rest, TITLE_LIMIT)
    rank, acronym = rank.strip(), clean(acronym, TITLE_LIMIT)
    if not plain(name):
        return Reject(key=clean(acronym, KEY_LIMIT), why="no name")
    if rank not in _CCF_RANKS:
        return Reject(key=clean(name, KEY_LIMIT), why="no rank")
    dblp = stream[1] if stream else ""
    kind = _kind(name, dblp)
    return Venue(acronym=acronym if plain(acronym) else name, name=name, kind=kind, dblp=dblp, ranks=(Rank("ccf", on, rank),))


def _kind(name: str, dblp: str) -> VenueKind:
    is_journal = dblp.startswith("journals/") if dblp else _JOURNAL.search(name)
    return "journal" if is_journal else "conference"


@dataclass(slots=True)
class _Record:
    """What the lines of one record have said so far: its own keys, and those of its ranks."""

    said: dict[str, str] = field(default_factory=dict)
    ranks: dict[str, str] = field(default_factory=dict)
    key: str = ""

    def take(self, line: str, *, deeper: bool) -> None:
        """Take in a line, that of a key or one below it."""
        match = _KEY.fullmatch(line)
        if not deeper:
            self.key = match[1] if match else ""
            if match:
                self.said.setdefault(match[1], _value(match[2] or ""))
        elif self.key == "rank" and match:
            self.ranks.setdefault(match[1], _value(match[2] or ""))
        elif self.key in ("title", "description"):
            self.said[self.key] = f"{self.said.get(self.key, '')} {line}"

    def venue(self, on: date) -> Venue | Reject:
        """Return the venue of the record."""
        acronym, name = (clean(_unquoted(self.said.get(key, "")), TITLE_LIMIT) for key in ("title", "description"))
        if not plain(acronym):
            return Reject(key=clean(name, KEY_LIMIT), why="no title")
        ranks = ((scheme, clean(self.ranks.get(scheme, ""), _RANK_LIMIT)) for scheme in _SCHEMES)
        stream = clean(self.said.get("dblp", ""), KEY_LIMIT).strip("/ ")
        return Venue(
            acronym=acronym,
            name=name if plain(name) else acronym,
            kind="conference",
            dblp=f"conf/{stream}" if stream and "/" not in stream else stream,
            ranks=tuple(Rank(scheme, on, rank) for scheme, rank in ranks if rank and rank.upper() != "N"),
        )


def _deadlines(text: str, on: date) -> Iterator[Venue | Reject]:
    record: _Record | None = None
    margin: int | None = None
    for line in text.splitlines():
        bare = line.strip()
        if not bare or bare.startswith("#"):
            continue
        indent = len(line) - len(line.lstrip(" "))
        if bare.startswith("- ") and (margin is None or indent == margin):
            if record:
                yield record.venue(on)
            record, margin = _Record(), indent
            record.take(bare[2:].strip(), deeper=False)
        elif record and margin is not None and indent > margin:
            record.take(bare, deeper=indent > margin + 2)
    if record:
        yield record.venue(on)


def _value(text: str) -> str:
    """Return what a scalar says; of one that goes on in the next lines, its beginning."""
    text = text.strip()
    if _FOLDED.fullmatch(text) or text in ("~", "null"):
        return ""
    return text if text[:1] in ("'", '"') else _COMMENT.sub("", text)


def _unquoted(text: str) -> str:
    text = text.strip()
    if text[:1] == "'" and text.endswith("'"):
        return text[1:-1].replace("''", "'")
    return _ESCAPE.sub(_unescaped, text[1:-1]) if text[:1] == '"' and text.endswith('"') else text
