"""The ACL Anthology's own names for things: collections, volumes and papers (https://aclanthology.org/info/ids). Pure.

Since 2020 the collection of a venue's year is `2025.acl`, a volume of it `2025.acl-long`, a paper `2025.acl-long.2`; before,
the venue was a letter: `P19`, `P19-1`, `P19-1002`. What Findings have of all conferences of a year is one collection.
"""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from crawler.programmes import Edition
from crawler.source import Wanted
from crawler.venues import plain, shipped

_PLACE: Final = "https://raw.githubusercontent.com/acl-org/acl-anthology/master/data/xml"
_NEW_STYLE: Final = 2020
_COLLECTION: Final = re.compile(r"[A-Z]\d\d|\d{4}\.[a-z0-9]+")
_PAPER: Final = re.compile(
    r"https?://(?:www\.)?acl(?:anthology\.org|web\.org/anthology)/"
    r"(?P<id>(?P<collection>[A-Z]\d\d)-\d{4}|(?P<named>\d{4}\.[a-z0-9]{1,40})-(?P<volume>[a-z0-9]{1,40})\.\d{1,5})"
    r"(?:v\d{1,2})?(?:\.pdf|/)?"
)
_LETTERS: Final = dict(
    zip(("acl", "cl", "coling", "conll", "eacl", "emnlp", "ijcnlp", "lrec", "naacl", "tacl"), "PJCKEDILNQ", strict=True)
)
# Conferences that were held with another.
_ELSEWHERE: Final = {"2024.coling": "2024.lrec", "2023.aacl": "2023.ijcnlp", "2025.aacl": "2025.ijcnlp"}
_NO_VENUES: Final = ("ws", "findings")
_TRACKS: Final = ("long", "short", "main", "demo", "industry", "srw", "tutorial")
# Numbered volumes say in their titles what they are.
_TITLES: Final = (
    ("student research workshop", "srw"),
    ("system demonstrations", "demo"),
    ("tutorial", "tutorial"),
    ("industry track", "industry"),
    ("industrial papers", "industry"),
    ("short papers", "short"),
    ("long papers", "long"),
    ("workshop", "workshop"),
)


@dataclass(slots=True, kw_only=True)
class Volume:
    """One volume: its name within the collection, its venues by the Anthology's own short names, its year and title."""

    collection: str
    name: str
    venues: tuple[str, ...] = ()
    year: str = ""
    title: str = ""

    @property
    def edition(self) -> str:
        """The edition of which it is: ACL2025; empty where nothing says so. Findings of a conference are of that."""
        name = self.name if "findings" in self.venues else next((one for one in self.venues if one not in _NO_VENUES), "")
        known = shipped().find(name)
        spelt = known.acronym if known else name.upper()
        return f"{spelt}{self.year}" if spelt and self.year else ""

    @property
    def track(self) -> str:
        """What part of the venue it is: long, short, findings, demo, srw, workshop, …; empty for all of a journal."""
        if "findings" in self.venues:
            return "findings"
        if "ws" in self.venues:
            return "workshop"
        name, title = self.name.removesuffix("s"), self.title.lower()  # it is `demo` one year and `demos` another
        return name if name in _TRACKS else next((track for words, track in _TITLES if words in title), "")

    def paper(self, number: str) -> str:
        """Return the id of one of its papers; empty where the number is none.

        >>> Volume(collection="J89", name="1").paper("2"), Volume(collection="2025.acl", name="long").paper("2")
        ('J89-1002', '2025.acl-long.2')
        """
        if not (_COLLECTION.fullmatch(self.collection) and number.isascii() and number.isdecimal() and len(number) < 6):
            return ""
        if "." in self.collection:
            return f"{self.collection}-{self.name}.{number}" if re.fullmatch("[a-z0-9]{1,40}", self.name) else ""
        if not re.fullmatch("[0-9]{1,3}", self.name):
            return ""
        # Where there are many small volumes their numbers have two digits.
        small = self.collection[0] == "W" or self.collection == "C69" or (self.collection == "D19" and int(self.name) >= 5)
        return (
            f"{self.collection}-{int(self.name):02}{int(number):02}"
            if small
            else f"{self.collection}-{self.name}{int(number):03}"
        )


def key_of(url: str) -> str:
    """Return the id of the paper that an address leads to; empty for any other address.

    >>> key_of("https://aclanthology.org/2025.acl-long.2/"), key_of("https://www.aclweb.org/anthology/P19-1001.pdf")
    ('2025.acl-long.2', 'P19-1001')
    """
    match = _PAPER.fullmatch(url)
    return match["id"] if match else ""


def volume_of(key: str) -> Volume | None:
    """Return the volume of a paper as far as its id tells it: not where the venue is a letter."""
    match = _PAPER.fullmatch(f"https://aclanthology.org/{key}")
    if match is None or not match["named"]:
        return None
    year, _, venue = match["named"].partition(".")
    return Volume(collection=match["named"], name=match["volume"], venues=(venue,), year=year)


def collection_address(wanted: Wanted) -> str:
    """Return the address of the collection of an edition, or of a collection by its name."""
    return f"{_PLACE}/{quote(collection_of(wanted.scope), safe='')}.xml"


def collection_of(scope: str) -> str:
    """Return the collection that has an edition.

    >>> collection_of("ACL2025"), collection_of("EMNLP2018"), collection_of("ACL2025_findings"), collection_of("2025.acl")
    ('2025.acl', 'D18', '2025.findings', '2025.acl')
    """
    edition = Edition.parse(scope)
    if edition is None:
        return scope
    if edition.part:
        return f"{edition.year}.{edition.part}"
    name = plain(edition.acronym)
    if edition.year < _NEW_STYLE and name in _LETTERS:
        return f"{_LETTERS[name]}{edition.year % 100:02}"
    return _ELSEWHERE.get(found := f"{edition.year}.{name}", found)
