"""Author lists as arXiv has them (https://info.arxiv.org/help/prep.html#author), taken apart. Pure."""

import re
import sys
from dataclasses import dataclass, field
from typing import Final

from crawler.sighting import Author
from crawler.text import NAME_LIMIT, clean, readable

_NO_PLAIN_LIST: Final = ("(", "\\", " and ", "&", ":", "{", "~", "$", " et al", " AND ")
_BETWEEN: Final = re.compile(
    r",| (?:and|&) (?!(?:the )?[\w./-]+ Collaborations\b)"
    r"|(?:(?<=collaboration)|(?<=collaborations)|(?<=group)|(?<=team)|(?<=consortium)|^) ?:",
    re.IGNORECASE,
)
_SUFFIXES: Final = frozenset(suffix + dot for suffix in ("Jr", "Sr", "II", "III", "IV") for dot in ("", "."))
_ET_AL: Final = re.compile(r",? et\.? al\b\.?")
_TEX_BLANK: Final = re.compile(r"(?<!\\)\\+[ ,;:]")
_NUMBER: Final = re.compile(r"\d{1,3}(?:-\d{1,3})?|[*†‡§¶#]{1,3}")
_PLACE: Final = re.compile(r"\(\s*(\d{1,3}|[A-Za-z]|[*†‡§¶#]{1,3})\s*\)")
_BETWEEN_MARKS: Final = re.compile(r"[\s,;&]+(?:and\b[\s,;&]*)?")


def names(text: str) -> tuple[Author, ...]:
    r"""Take an author list apart as arXiv has it (https://info.arxiv.org/help/prep.html#author).

    Commas, "and" and "&" part the authors, and a colon after a collaboration does; what stands in parentheses after a
    name is its affiliation, of which a list at the end may give the places: `A. Doe (1) ((1) MIT)`. A suffix stays with
    its name, and accents in TeX are letters. Numbers that no list explains are left out.

    >>> names(r"Ada Lovelace (A, London) and P. Erd\H{o}s, Jr")
    (Author(name='Ada Lovelace', affiliation='A, London'), Author(name='P. Erdős Jr', affiliation=None))
    """
    text = clean(text, sys.maxsize)
    if not any(map(text.__contains__, _NO_PLAIN_LIST)):
        found = text.replace(" ,", ",").replace(", ", ",").split(",")
        if _SUFFIXES.isdisjoint(found):
            return tuple([Author(name if len(name) <= NAME_LIMIT else clean(name, NAME_LIMIT)) for name in found if name])
    # Before the commas are counted: TeX has one in its thin space.
    text = readable(_TEX_BLANK.sub(" ", text)).replace("~", " ")
    return _Names().read(clean(_ET_AL.sub("", text), sys.maxsize))


@dataclass(slots=True)
class _Names:
    """An author list being taken apart: who was found with what stood in parentheses, and who is being read."""

    found: list[tuple[str, list[str]]] = field(default_factory=list)
    places: dict[str, str] = field(default_factory=dict)
    name: str = ""
    groups: list[str] = field(default_factory=list)

    def read(self, text: str) -> tuple[Author, ...]:
        pieces = _pieces(text)
        for place, (piece, in_brackets) in enumerate(pieces):
            if not in_brackets:
                self._add_text(piece)
            elif _PLACE.match(piece.lstrip()):
                self.places |= _places(piece)
            elif self._is_over() and _NUMBER.fullmatch(piece.strip()) and pieces[place + 1][0].lstrip()[:1].isalnum():
                # A list of places that has no parentheses of its own.
                self.places |= _places("".join(f"({part})" if inner else part for part, inner in pieces[place:]))
                break
            else:
                self.groups.append(piece)
        self._close()
        return tuple(Author(name, _affiliation(groups, self.places)) for name, groups in self.found)

    def _is_over(self) -> bool:
        return not self.name.strip() and bool(self.found and self.found[-1][1])

    def _add_text(self, text: str) -> None:
        first, *others = _BETWEEN.split(text)
        if not self.groups:
            self.name += first
        elif first.strip(" .;"):  # what stands inside a name is a part of it: Xiaoming (Tom) Wang
            self.name = " ".join((self.name, *(f"({group})" for group in self.groups), first))
            self.groups = []
        for other in others:
            self._close()
            self.name = other

    def _close(self) -> None:
        name = clean(self.name, NAME_LIMIT)
        if name in _SUFFIXES and self.found:
            before, groups = self.found[-1]
            self.found[-1] = (clean(f"{before} {name}", NAME_LIMIT), groups + self.groups)
        elif name:
            self.found.append((name, self.groups))
        self.name, self.groups = "", []


def _pieces(text: str) -> list[tuple[str, bool]]:
    """Return what stands outside of all parentheses, and inside of the outermost ones, in turns."""
    pieces, depth, start = [], 0, 0
    for match in re.finditer(r"[()]", text):
        opens = match[0] == "("
        if depth == (0 if opens else 1):
            pieces.append((text[start : match.start()], not opens))
            start = match.end()
        depth = max(0, depth + (1 if opens else -1))
    if depth and not _PLACE.match(text[start:].lstrip()):
        # A parenthesis that never closes would swallow everybody after it: it closes before the next comma.
        closed = ",".join(part + ")" * (part.count("(") - part.count(")")) for part in text.split(","))
        if closed != text:
            return _pieces(closed)
    return [*pieces, (text[start:], depth > 0), ("", False)]


def _places(text: str) -> dict[str, str]:
    """Return the places of a list by their marks: `(1) MIT, (2) KEK, Tsukuba`."""
    _, *parts = _PLACE.split(text)
    texts = (part.strip(" .,;").removesuffix(" and").rstrip(" ,;") for part in parts[1::2])
    return {mark: place for mark, place in zip(parts[::2], texts, strict=True) if place}


def _affiliation(groups: list[str], places: dict[str, str]) -> str | None:
    """Return what stood in parentheses after a name, with places for their marks."""
    found: list[str] = []
    for group in groups:
        marks = [mark for mark in _BETWEEN_MARKS.split(group) if mark]
        known = all(mark in places or _NUMBER.fullmatch(mark) for mark in marks)
        found += [places[mark] for mark in marks if mark in places] if known else [group.strip()]
    return clean("; ".join(dict.fromkeys(found)), NAME_LIMIT) or None
