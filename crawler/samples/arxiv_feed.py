"""A day of arXiv as its RSS and its Atom feed, for the demo and the tests: the forms of github.com/arXiv/arxiv-feed."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from html import escape
from typing import Final

from crawler.calendar import NEW_YORK
from crawler.samples.arxiv import MONTHS, WEEKDAYS, Entry

LICENCE: Final = "http://creativecommons.org/licenses/by/4.0/"
"""The licence of every paper in the samples."""

_NO_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_FEED: Final = """<?xml version='1.0' encoding='UTF-8'?>
<rss xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/" \
xmlns:atom="http://www.w3.org/2005/Atom" xmlns:content="http://purl.org/rss/1.0/modules/content/" version="2.0">
  <channel>
    <title>{scope} updates on arXiv.org</title>
    <link>http://rss.arxiv.org/rss/{scope}</link>
    <description>{scope} updates on the arXiv.org e-print archive.</description>
    <atom:link href="http://rss.arxiv.org/rss/{scope}" rel="self" type="application/rss+xml"/>
    <docs>http://www.rssboard.org/rss-specification</docs>
    <language>en-us</language>
    <lastBuildDate>{built}</lastBuildDate>
    <managingEditor>rss-help@arxiv.org</managingEditor>
    <pubDate>{day}</pubDate>
    <skipDays>
      <day>Sunday</day>
      <day>Saturday</day>
    </skipDays>
{items}  </channel>
</rss>
"""
_ATOM: Final = """<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/" \
xmlns="http://www.w3.org/2005/Atom" xml:lang="en-us">
  <id>http://rss.arxiv.org/atom/{scope}</id>
  <title>{scope} updates on arXiv.org</title>
  <updated>{built}</updated>
  <link href="http://rss.arxiv.org/atom/{scope}" rel="self" type="application/atom+xml"/>
  <subtitle>{scope} updates on the arXiv.org e-print archive.</subtitle>
{items}</feed>
"""


def render_feed(scope: str, day: date, entries: Sequence[Entry]) -> bytes:
    """Return `/rss/{scope}` as of the first seconds of `day` in New York; on a day without batch it has no entries.

    As in arXiv's feed, replacements from the sixth version on are left out.
    """
    midnight = datetime.combine(day, time(), NEW_YORK)
    items = "".join(_feed_item(kind, entry, midnight) for kind, entry in _ordered(scope, entries))
    built = _rfc822(midnight.replace(second=7).astimezone(UTC))
    return _FEED.format(scope=xml(scope), built=built, day=_rfc822(midnight), items=items).encode()


def render_atom(scope: str, day: date, entries: Sequence[Entry]) -> bytes:
    """Return `/atom/{scope}`, which has the entries of `render_feed`.

    There `updated` is not when the paper was, but when the feed was made.
    """
    midnight = datetime.combine(day, time(), NEW_YORK)
    built = midnight.astimezone(UTC).replace(second=7, microsecond=866337).isoformat()
    items = "".join(_atom_entry(kind, entry, midnight, built) for kind, entry in _ordered(scope, entries))
    return _ATOM.format(scope=xml(scope), built=built, items=items).encode()


def xml(text: str) -> str:
    """Return `text` as it stands between two tags, without the characters that XML does not have."""
    return escape(_NO_XML.sub("", text), quote=False)


def _ordered(scope: str, entries: Sequence[Entry]) -> list[tuple[str, Entry]]:
    return [
        (kind, entry)
        for kind in ("new", "cross", "replace", "replace-cross")
        for entry in entries
        if _announce_type(scope, entry) == kind and not (entry.action == "replace" and entry.version >= 6)
    ]


def _feed_item(kind: str, entry: Entry, midnight: datetime) -> str:
    lines = [
        f"<title>{xml(entry.title)}</title>",
        f"<link>https://arxiv.org/abs/{entry.id}</link>",
        f"<description>{_described(kind, entry)}</description>",
        f'<guid isPermaLink="false">{_name(entry)}</guid>',
        *(f"<category>{category}</category>" for category in entry.categories),
        f"<pubDate>{_rfc822(midnight)}</pubDate>",
        *_arxivs_own(kind, entry),
    ]
    inner = "".join(f"      {line}\n" for line in lines)
    return f"    <item>\n{inner}    </item>\n"


def _atom_entry(kind: str, entry: Entry, midnight: datetime, built: str) -> str:
    lines = [
        f"<id>{_name(entry)}</id>",
        f"<title>{xml(entry.title)}</title>",
        f"<updated>{built}</updated>",
        f'<link href="https://arxiv.org/abs/{entry.id}" rel="alternate" type="text/html"/>',
        f"<summary>{_described(kind, entry)}</summary>",
        *(f'<category term="{category}"/>' for category in entry.categories),
        f"<published>{midnight.isoformat()}</published>",
        *_arxivs_own(kind, entry),
    ]
    inner = "".join(f"    {line}\n" for line in lines)
    return f"  <entry>\n{inner}  </entry>\n"


def _name(entry: Entry) -> str:
    return f"oai:arXiv.org:{entry.id}v{entry.version}"


def _described(kind: str, entry: Entry) -> str:
    return f"arXiv:{entry.id}v{entry.version} Announce Type: {kind} \nAbstract: {xml(entry.abstract)}"


def _arxivs_own(kind: str, entry: Entry) -> list[str]:
    """Return the elements that are the same in RSS and Atom, being part of neither."""
    return [
        f"<arxiv:announce_type>{kind}</arxiv:announce_type>",
        f"<dc:rights>{LICENCE}</dc:rights>",
        *_optional("arxiv:DOI", entry.doi),
        *_optional("arxiv:journal_reference", entry.journal_ref),
        f"<dc:creator>{xml(', '.join(entry.authors))}</dc:creator>",
    ]


def _optional(name: str, text: str | None) -> list[str]:
    return [f"<{name}>{xml(text)}</{name}>"] if text else []


def _announce_type(scope: str, entry: Entry) -> str:
    return "replace-cross" if entry.action == "replace" and entry.categories[0] != scope else entry.action


def _rfc822(moment: datetime) -> str:
    day = f"{WEEKDAYS[moment.weekday()][:3]}, {moment.day:02} {MONTHS[moment.month - 1][:3]} {moment.year}"
    return f"{day} {moment:%H:%M:%S %z}"
