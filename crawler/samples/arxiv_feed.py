"""A day of arXiv as its RSS feed, for the demo and the tests, in the form of github.com/arXiv/arxiv-feed."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from html import escape
from typing import Final

from crawler.calendar import NEW_YORK
from crawler.samples.arxiv import MONTHS, WEEKDAYS, Entry

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


def render_feed(scope: str, day: date, entries: Sequence[Entry]) -> bytes:
    """Return `/rss/{scope}` as of the first seconds of `day` in New York; on a day without batch it has no entries.

    As in arXiv's feed, replacements from the sixth version on are left out.
    """
    midnight = datetime.combine(day, time(), NEW_YORK)
    ordered = [
        (kind, entry)
        for kind in ("new", "cross", "replace", "replace-cross")
        for entry in entries
        if _announce_type(scope, entry) == kind and not (entry.action == "replace" and entry.version >= 6)
    ]
    items = "".join(_feed_item(kind, entry, midnight) for kind, entry in ordered)
    built = _rfc822(midnight.replace(second=7).astimezone(UTC))
    return _FEED.format(scope=_xml(scope), built=built, day=_rfc822(midnight), items=items).encode()


def _feed_item(kind: str, entry: Entry, midnight: datetime) -> str:
    version = f"{entry.id}v{entry.version}"
    lines = [
        f"<title>{_xml(entry.title)}</title>",
        f"<link>https://arxiv.org/abs/{entry.id}</link>",
        f"<description>arXiv:{version} Announce Type: {kind} \nAbstract: {_xml(entry.abstract)}</description>",
        f'<guid isPermaLink="false">oai:arXiv.org:{version}</guid>',
        *(f"<category>{category}</category>" for category in entry.categories),
        f"<pubDate>{_rfc822(midnight)}</pubDate>",
        f"<arxiv:announce_type>{kind}</arxiv:announce_type>",
        "<dc:rights>http://creativecommons.org/licenses/by/4.0/</dc:rights>",
        *_optional("arxiv:DOI", entry.doi),
        *_optional("arxiv:journal_reference", entry.journal_ref),
        f"<dc:creator>{_xml(', '.join(entry.authors))}</dc:creator>",
    ]
    inner = "".join(f"      {line}\n" for line in lines)
    return f"    <item>\n{inner}    </item>\n"


def _optional(name: str, text: str | None) -> list[str]:
    return [f"<{name}>{_xml(text)}</{name}>"] if text else []


def _announce_type(scope: str, entry: Entry) -> str:
    return "replace-cross" if entry.action == "replace" and entry.categories[0] != scope else entry.action


def _rfc822(moment: datetime) -> str:
    day = f"{WEEKDAYS[moment.weekday()][:3]}, {moment.day:02} {MONTHS[moment.month - 1][:3]} {moment.year}"
    return f"{day} {moment:%H:%M:%S %z}"


def _xml(text: str) -> str:
    return escape(_NO_XML.sub("", text), quote=False)
