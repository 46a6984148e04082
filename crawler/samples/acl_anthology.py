"""The ACL Anthology's XML and its feed in the form of its schema and its template, of papers of our own."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from html import escape
from typing import Final

_SITE: Final = "https://aclanthology.org"


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One paper: `title` and `abstract` may have the Anthology's markup. Each author has a first and a last name.

    `beside` is further elements, as they stand in the file.
    """

    number: int
    title: str
    authors: tuple[tuple[str, str], ...] = (("Ada", "Lovelace"),)
    affiliation: str = ""
    abstract: str = "We describe an engine."
    doi: str = ""
    code: str = ""
    awards: tuple[str, ...] = ()
    beside: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """One volume of a collection, with the short names of its venues."""

    name: str
    title: str
    venues: tuple[str, ...]
    year: int
    papers: tuple[Paper, ...] = ()
    kind: str = "proceedings"


def render_collection(collection: str, volumes: Iterable[Volume], *, hashed: bool = True) -> bytes:
    """Write a collection; `hashed`: as since 2025, when no paper says its id."""
    inner = "".join(_volume(collection, one, hashed=hashed) for one in volumes)
    text = f"<?xml version='1.0' encoding='UTF-8'?>\n<collection id=\"{collection}\">\n{inner}</collection>\n"
    return text.encode()


def paper_id(collection: str, volume: Volume, number: int) -> str:
    """Return the id of a paper."""
    return f"{collection}-{volume.name}.{number}" if "." in collection else f"{collection}-{volume.name}{number:03}"


def _volume(collection: str, volume: Volume, *, hashed: bool) -> str:
    front = paper_id(collection, volume, 0)
    venues = "".join(f"      <venue>{one}</venue>\n" for one in volume.venues)
    papers = "".join(_paper(paper_id(collection, volume, paper.number), paper, hashed=hashed) for paper in volume.papers)
    return f"""  <volume id="{volume.name}" ingest-date="{volume.year}-07-14" type="{volume.kind}">
    <!-- {_SITE}/{front.rpartition(".")[0] or front[:-3]}/ -->
    <meta>
      <booktitle>{escape(volume.title)}</booktitle>
      <editor><first>Charles</first><last>Babbage</last></editor>
      <month>July</month>
      <year>{volume.year}</year>
{venues}    </meta>
    <frontmatter>
      {_where(front, hashed=hashed)}
      <bibkey>engines-{volume.year}-{volume.name}</bibkey>
    </frontmatter>
{papers}  </volume>
"""


def _paper(key: str, paper: Paper, *, hashed: bool) -> str:
    of = f"<affiliation>{escape(paper.affiliation)}</affiliation>" if paper.affiliation else ""
    parts = [
        f"<title>{paper.title}</title>",
        *(f"<author><first>{first}</first><last>{last}</last>{of}</author>" for first, last in paper.authors),
        "<pages>1-15</pages>",
        *([f"<abstract>{paper.abstract}</abstract>"] if paper.abstract else []),
        _where(key, hashed=hashed),
        f"<bibkey>lovelace-{paper.number}</bibkey>",
        *([f"<doi>{paper.doi}</doi>"] if paper.doi else []),
        *(f"<award>{award}</award>" for award in paper.awards),
        *([f'<pwccode url="{paper.code}" additional="false">code</pwccode>'] if paper.code else []),
        *([paper.beside] if paper.beside else []),
    ]
    inner = "".join(f"      {part}\n" for part in parts)
    return f'    <paper id="{paper.number}">\n      <!-- {_SITE}/{key}/ -->\n{inner}    </paper>\n'


def _where(key: str, *, hashed: bool) -> str:
    return '<pdf hash="cb020e86"/>' if hashed else f'<url hash="a3b4bfc3">{key}</url>'


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One paper in the feed, by its id, on the day on which its volume came in; `authors` as they are named there."""

    key: str
    title: str
    on: date
    authors: str = "Ada Lovelace"
    volume: str = "Proceedings of the 63rd Annual Meeting on Engines (Volume 1: Long Papers)"


def render_acl_feed(items: Iterable[Item]) -> bytes:
    """Write the feed of what came in last."""
    return f"""<?xml version="1.0" encoding="utf-8" standalone="yes"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom">
  <channel>
    <title>Papers on ACL Anthology</title>
    <link>{_SITE}/papers/</link>
    <description>Recent content in Papers on ACL Anthology</description>
    <generator>Hugo -- gohugo.io</generator>
    <language>en-us</language>
    <atom:link href="{_SITE}/papers/index.xml" rel="self" type="application/rss+xml" />
    {"".join(map(_item, items))}
  </channel>
</rss>
""".encode()


def _item(item: Item) -> str:
    day = format_datetime(datetime.combine(item.on, time(), UTC))
    return f"""
    <item>
      <title>{escape(item.title)}</title>
      <link>{_SITE}/{item.key}/</link>
      <pubDate>{day}</pubDate>
      <guid>{item.key}</guid>
      <description>{escape(item.authors)} in {escape(item.volume)}</description>
    </item>
    """
