"""A feed and its entries, whatever the dialect: what the readers of XML and of JSON make, and papers and posts are made of."""

from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Final

from crawler.readers.markup import plain
from crawler.sighting import KEY_LIMIT, Reject

_KEY_LIMIT: Final = 4 * KEY_LIMIT


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One entry. `link` is absolute; `names` are those under which the feed itself files it: a DOI, an identifier.

    `title` is plain text, not clean; `description` is HTML unless it is `unmarked`; `texts` are those in which links are
    looked for, addresses among them. `people` are authors as they stand there, one or a list in each; `source` is Dublin
    Core's, a citation.
    """

    id: str
    link: str
    title: str
    description: str = ""
    unmarked: bool = False
    texts: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    posted_on: date | None = None
    journal: str = ""
    source: str = ""

    @property
    def summary(self) -> str:
        """The description as plain text, not clean; most are never asked for it."""
        return self.description if self.unmarked else plain(self.description)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyFeed:
    """A feed of any dialect: its title as plain text, the address of its site, its items; `whole`: it does not break off."""

    title: str
    site: str
    items: tuple[Item, ...]
    rejects: tuple[Reject, ...] = ()
    whole: bool = True


def short(key: str) -> str:
    """Return a key as it is, or in place of a very long one what is made of it."""
    return key if len(key) <= _KEY_LIMIT else digest(key)


def digest(text: str) -> str:
    """Return a key that is made of a text."""
    return f"sha256:{sha256(text.encode('utf-8', 'replace')).hexdigest()}"
