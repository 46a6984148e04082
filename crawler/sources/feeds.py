"""Feeds of the reader's own choice: a blog, a journal, a laboratory; RSS, Atom and JSON Feed, whatever the dialect.

Its scopes are the names of the `[[feeds]]` in the settings, which have the addresses. A feed goes by no calendar and states no
number: one that was read to its end is complete. It is asked with what it said of its last state (RFC 9110 §13), and answers
most days that nothing has changed; robots.txt holds for it as for any page.
"""

from datetime import timedelta
from typing import Final

from crawler.feed_calendar import Unscheduled
from crawler.feed_health import FEEDS
from crawler.readers.paper_feed import read_paper_feed
from crawler.source import Route, Source

_FEED: Final = Route(
    name="feed",
    start="{address}",
    read=read_paper_feed,
    calendar=Unscheduled(),
    accept="application/rss+xml,application/atom+xml,application/feed+json,application/xml;q=0.9,*/*;q=0.5",
    max_bytes=8 * 1024 * 1024,
    timeout=timedelta(seconds=20),  # many are asked one after the other, and some do not answer
    delay=timedelta(seconds=1),  # between two feeds of one host; those of other hosts need not wait for each other
    unscheduled=True,
)

SOURCE = Source(name=FEEDS, title="Feeds", routes=(_FEED,), delay=timedelta())
