"""ACL Anthology, what came in last (https://aclanthology.org/papers/index.xml): papers of all venues, without abstracts.

A source of its own, for it has no editions and no end: nothing is due on any day, and whatever is new in it is announced.
Volumes come in when they come in, some thousands of papers on one day and none for a week.
"""

from datetime import timedelta

from crawler.programmes import Programmes
from crawler.readers.acl_feed import read_acl_feed
from crawler.source import Route, Source

SOURCE = Source(
    name="acl_feed",
    title="ACL Anthology, new",
    routes=(
        Route(
            name="rss",
            start="https://aclanthology.org/papers/index.xml",
            read=read_acl_feed,
            calendar=Programmes(),
            accept="application/rss+xml,application/xml;q=0.9,*/*;q=0.1",
        ),
    ),
    delay=timedelta(seconds=2),
)
