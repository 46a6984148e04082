"""arXiv: a category's listing of the newest batch, and the category's feed when the listing fails.

https://arxiv.org/robots.txt allows /list with a crawl delay of 15 seconds; the feeds fall under the terms of use of
arXiv's APIs (https://info.arxiv.org/help/api/tou.html), which allow one request in three seconds.
"""

from datetime import timedelta

from crawler.calendar import ArxivFeed, ArxivListing
from crawler.readers.arxiv_feed import read_arxiv_feed
from crawler.readers.arxiv_listing import read_arxiv_listing
from crawler.source import Route, Source

SOURCE = Source(
    name="arxiv",
    title="arXiv",
    routes=(
        Route(
            name="listing",
            start="https://arxiv.org/list/{scope}/new",
            read=read_arxiv_listing,
            calendar=ArxivListing(),
        ),
        Route(
            name="rss",
            start="https://rss.arxiv.org/rss/{scope}",
            read=read_arxiv_feed,
            calendar=ArxivFeed(),
            rules="api terms",
            accept="application/rss+xml,application/xml;q=0.9,*/*;q=0.1",
            max_bytes=8 * 1024 * 1024,
        ),
    ),
    delay=timedelta(seconds=15),
)
