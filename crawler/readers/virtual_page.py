"""The page of one event on the virtual site of a conference, for the abstract that the list may lack.

https://icml.cc/virtual/2026/poster/12345. The title is in `.event-title`, the authors in `.event-organizers`, parted by dots,
the abstract in `.abstract-text-inner` below the heading "Abstract", after which a summary for laymen may follow in the same
markup. Older pages have `#abstractExample`, and a heading of another class above it.
"""

import re
from dataclasses import dataclass, field, replace
from typing import Final

from lxml import etree

from crawler.errors import ReadError
from crawler.identifiers import Identifier
from crawler.readers.arxiv_sections import is_ended, parse
from crawler.readers.markup import text_in
from crawler.readers.programme import Entry, sighting, unescaped
from crawler.readers.virtual_event import edition_of, identifiers_in, key_of, track_at
from crawler.sighting import KEY_LIMIT, Reject
from crawler.source import Fetched, Page, Wanted
from crawler.text import TEXT_LIMIT, clean

_TITLES: Final = ("event-title", "main-title")
_AUTHORS: Final = ("event-organizers", "card-subtitle")
_ABSTRACTS: Final = ("abstract-text-inner", "abstractExample", "abstract-text", "abstract-display")
_NAMES: Final = frozenset(_TITLES + _AUTHORS + _ABSTRACTS)
_DOT: Final = re.compile(r"[⋅·•∙]")
_LABEL: Final = re.compile(r"\s*Abstract\s*:?\s*(?=\S)")
_LONGEST: Final = 4 * TEXT_LIMIT  # of a text, with the blanks between its lines


@dataclass(slots=True)
class _Told:
    """What the page says, each by the name of the class or id that it stands in, and where it leads."""

    texts: dict[str, str] = field(default_factory=dict)
    identifiers: dict[str, set[Identifier]] = field(default_factory=dict)

    def first(self, names: tuple[str, ...]) -> str:
        """Return the first text that there is."""
        return next((self.texts[name] for name in names if self.texts.get(name)), "")


def page_address(wanted: Wanted) -> str:
    """Return the address of the page of one paper, which is asked for by it."""
    return "".join(wanted.keys)


def read_virtual_page(fetched: Fetched) -> Page:
    """Read the page of one event, a catalogue of one paper.

    Raises ReadError for one that breaks off, as half an abstract would be taken for the whole, and for one without a title.
    """
    root = parse(fetched)
    if not is_ended(fetched):
        raise ReadError(fetched.source, fetched.url, "the page breaks off")
    told = _take_apart(root)
    title = told.first(_TITLES)
    if not title or not key_of(fetched.url):
        name = clean(root.findtext(".//title") or "", KEY_LIMIT)
        raise ReadError(fetched.source, fetched.url, f'no paper on the page titled "{name}"')
    entry = Entry(
        key=key_of(fetched.url),
        title=title,
        url=fetched.url,
        authors=tuple(name for one in _DOT.split(told.first(_AUTHORS)) if (name := one.strip())),
        abstract=_LABEL.sub("", told.first(_ABSTRACTS), count=1),
        # Of two forums one is another paper's.
        identifiers=tuple(one for same in told.identifiers.values() if len(same) == 1 for one in same),
        tracks=track_at(fetched.url),
        edition=edition_of(fetched.url),
    )
    one = sighting(entry, fetched)
    if isinstance(one, Reject):
        return Page(kind="catalogue", rejects=(one,))
    return Page(kind="catalogue", sightings=(replace(one, action=None),))


def _take_apart(root: etree._Element) -> _Told:
    """Walk over the page once; of what is there twice the first counts, but nothing below the heading of another summary."""
    told, lay = _Told(), False
    for element in root.iter(etree.Element):
        if element.tag == "a":
            for one in identifiers_in(element.get("href") or ""):
                told.identifiers.setdefault(one.scheme, set()).add(one)
        for name in (*(element.get("class") or "").split(), element.get("id") or ""):
            if name == "abstract-header":
                lay = "lay" in _text(element).casefold().split()
            elif name in _NAMES and not told.texts.get(name) and not (lay and name in _ABSTRACTS):
                told.texts[name] = _text(element)
    return told


def _text(element: etree._Element) -> str:
    return clean(unescaped(text_in(element, _LONGEST)), _LONGEST)
