"""The ACL Anthology's feed of the papers that came in last, of all venues (https://aclanthology.org/papers/index.xml).

Its template is `hugo/layouts/_default/rss.xml` of github.com/acl-org/acl-anthology: the id is the paper's, the description its
authors and the title of its volume, the date that on which the volume came in. All that came in on the oldest day are there.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from crawler.identifiers import Identifier
from crawler.links import Link
from crawler.readers.acl_volume import key_of, volume_of
from crawler.readers.feed import open_feed
from crawler.readers.programme import Entry, programme
from crawler.readers.rfc822 import moment
from crawler.sighting import KEY_LIMIT, Reject
from crawler.source import Fetched, Page
from crawler.text import clean

__all__ = ["key_of", "read_acl_feed"]

YOUNG: Final = timedelta(days=30)
"""What came in longer ago is not announced when the feed is read for the first time."""

_SITE: Final = "https://aclanthology.org"
_FRONT_MATTER: Final = re.compile(r".*\.0|[A-Z]\d\d-\d0{3}")
_BETWEEN: Final = re.compile(r", (?:and )?| and ")


def read_acl_feed(fetched: Fetched) -> Page:
    """Read the feed. A volume's front matter is no paper. Raises ReadError for what is no feed."""
    feed = open_feed(fetched)
    papers = [entry for entry in feed.entries if not _FRONT_MATTER.fullmatch(_key(entry))]
    page = programme(fetched, (*map(_entry, papers), *feed.rejects), whole=feed.whole)
    old = {_key(entry) for entry in papers if _is_old(entry, fetched)}
    return replace(page, sightings=tuple(replace(one, action=None) if one.key in old else one for one in page.sightings))


def _key(entry: Mapping[str, Any]) -> str:
    """Return the id of a paper, which is what the entry is called by; feedparser takes it for an address in the site."""
    called = str(entry["id"]).strip().rstrip("/").rpartition("/")[2]
    return key_of(f"{_SITE}/{called}")


def _entry(entry: Mapping[str, Any]) -> Entry | Reject:
    key = _key(entry)
    if not key:
        return Reject(key=clean(str(entry["id"]), KEY_LIMIT), why="no id")
    volume = volume_of(key)
    return Entry(
        key=key,
        title=str(entry.get("title", "")),
        url=f"{_SITE}/{key}/",
        authors=_authors(str(entry.get("description", ""))),
        identifiers=(Identifier("acl", key),),
        links=(Link(f"{_SITE}/{key}.pdf", "pdf"),),
        tracks=(volume.track,) if volume else (),
        edition=volume.edition if volume else "",
    )


def _authors(description: str) -> list[str]:
    """Return who is named before the title of the volume: nobody, where there are no authors."""
    named, found, _ = f" {clean(description)}".partition(" in ")
    return _BETWEEN.split(named.strip()) if found and named.strip() else []


def _is_old(entry: Mapping[str, Any], fetched: Fetched) -> bool:
    came = moment(str(entry.get("published", "")))
    return came is not None and fetched.at - came > YOUNG
