"""The volumes of PMLR: which there are, and which of them is that of an edition (https://proceedings.mlr.press).

The list is there twice, made of the same repositories by two templates of github.com/mlresearch/mlresearch.github.io: as
`proceedings.yaml`, a line to a field, and as the page for people. What a volume is called was written by hand: "Proceedings of
ICML 2023", "COLT 2020 Proceedings", "ICML 2013, 1st Cycle", "Proceedings of GRaM at ICML 2024". Numbers do not follow time.
"""

import re
from collections.abc import Iterable
from itertools import islice
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from lxml import etree

from crawler.errors import ReadError
from crawler.programmes import Edition
from crawler.readers.arxiv_sections import is_ended, parse
from crawler.source import Fetched, Page, Wanted
from crawler.venues import Catalogue, shipped

HOST: Final = "https://proceedings.mlr.press"
_LONGEST: Final = 1000  # characters of a volume's name
_MOST: Final = 10_000  # volumes
_SCOPE: Final = re.compile(r"[vr]?\d{1,4}")
_HREF: Final = re.compile(r"(?:https?://proceedings\.mlr\.press)?/?(?P<volume>[vr]\d{1,4})/?")
_FIELD: Final = re.compile(r"^(?:- |  )(?P<name>volume|description):[ \t]*(?P<value>.*)$", re.MULTILINE)
_YEAR: Final = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_ORDINAL: Final = re.compile(
    r"\d+(?:st|nd|rd|th)|(?:twenty|thirty|forty|fifty)(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)?|first|"
    r"second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|(?:thir|four|fif|six|seven|eigh|nine)teenth|"
    r"(?:twent|thirt|fort|fift)ieth"
)
# What stands beside the name of a conference in that of its volume.
_FILLERS: Final = frozenset(("proceedings", "of", "the", "annual", "volume", "cycle", "and"))


class Volume(NamedTuple):
    """A volume as the list has it: its name in addresses, v235, and what it is called."""

    name: str
    title: str


def is_index(url: str) -> bool:
    """Tell whether an address is that of the list, in either form."""
    return urlsplit(url).path in ("", "/", "/proceedings.yaml")


def volume_of(scope: str) -> str:
    """Return the volume that a scope names; empty if it names none.

    >>> volume_of("v235"), volume_of("235"), volume_of("ICML2024")
    ('v235', 'v235', '')
    """
    if not _SCOPE.fullmatch(scope):
        return ""
    return f"v{scope}" if scope.isdecimal() else scope


def citeproc_address(wanted: Wanted) -> str:
    """Return where to begin: with the papers of a volume as YAML, or with the list of volumes as such."""
    volume = volume_of(wanted.scope)
    return citeproc_of(volume) if volume else f"{HOST}/proceedings.yaml"


def volume_address(wanted: Wanted) -> str:
    """Return where to begin: with the page of a volume, or with that of the list of volumes."""
    volume = volume_of(wanted.scope)
    return f"{HOST}/{volume}/" if volume else f"{HOST}/"


def citeproc_of(volume: str) -> str:
    """Return the address of the papers of a volume as YAML."""
    return f"{HOST}/{volume}/assets/bib/citeproc.yaml"


def read_index(fetched: Fetched) -> Page:
    """Read the list for the volumes of an edition, which follow as the same form of page; none, if there is no volume yet.

    Raises ReadError for what is no list of volumes.
    """
    is_yaml = urlsplit(fetched.url).path.endswith(".yaml")
    volumes = _of_yaml(fetched) if is_yaml else _of_page(fetched)
    if not volumes:
        raise ReadError(fetched.source, fetched.url, "no list of volumes")
    edition = Edition.parse(fetched.scope)
    found = choose(volumes, edition, shipped()) if edition else ()
    follow = tuple(citeproc_of(name) if is_yaml else f"{HOST}/{name}/" for name in found)
    return Page(kind="announcement", follow=follow, whole=is_yaml or is_ended(fetched))


def choose(volumes: Iterable[Volume], edition: Edition, venues: Catalogue) -> tuple[str, ...]:
    """Return the volumes of an edition: those called by its name and year and nothing else, or those of its workshops.

    What only mentions the conference is of a workshop held at it.
    """
    venue = venues.find(edition.acronym)
    spellings = (edition.acronym, *(venue.spellings if venue else ()))
    names = {core for one in spellings if (core := core_of(one))}
    then = [one for one in volumes if str(edition.year) in _YEAR.findall(one.title)]
    main = [one.name for one in then if core_of(one.title) in names]
    if not edition.part:
        return tuple(dict.fromkeys(main))
    if edition.part != "workshops":
        return ()
    beside = (
        one.name for one in then if one.name not in main and any(f" {name} " in f" {core_of(one.title)} " for name in names)
    )
    return tuple(dict.fromkeys(beside))


def core_of(title: str) -> str:
    """Return what is left of the name of a volume or a conference without year, ordinals and what all have.

    >>> core_of("Proceedings of the Thirty-Seventh Annual Conference on Learning Theory"), core_of("COLT 2020 Proceedings")
    ('conference on learning theory', 'colt')
    """
    text = _YEAR.sub(" ", title[:_LONGEST].casefold())
    words = re.findall(r"[^\W_]+", text)
    return " ".join(word for word in words if word not in _FILLERS and not _ORDINAL.fullmatch(word))


def edition_of(name: str, year: int, venues: Catalogue) -> str:
    """Return the edition of a conference, by its name in whatever dress, where the catalogue has it; else nothing."""
    core = core_of(name)
    known = (one for one in venues.venues if core and core in map(core_of, one.spellings))
    return next((f"{one.acronym}{year}" for one in known), "")


def _of_yaml(fetched: Fetched) -> list[Volume]:
    """Read the list as the lines it is made of: a quote in a volume's name would make it no YAML."""
    text = fetched.body.decode("utf-8-sig", "replace")
    found, name = [], ""
    for field in islice(_FIELD.finditer(text), 2 * _MOST):
        value = field["value"].strip()
        if field["name"] == "volume":
            number = value.strip("\"'")
            name = f"v{number}" if number.isascii() and number.isdecimal() and len(number) < 5 else ""
        elif name:
            found.append(Volume(name, value.strip('"')))
            name = ""
    return found


def _of_page(fetched: Fetched) -> list[Volume]:
    items = (item for item in parse(fetched).iter("li") if next(item.iterancestors("li"), None) is None)
    return [volume for item in items if (volume := _of_item(item))]


def _of_item(item: etree._Element) -> Volume | None:
    link = next(item.iter("a"), None)
    match = _HREF.fullmatch(link.get("href", "")) if link is not None else None
    if link is None or match is None:
        return None
    rest = "".join(map(str, item.itertext()))
    return Volume(match["volume"], rest.replace("".join(map(str, link.itertext())), "", 1).strip(" \n:-"))
