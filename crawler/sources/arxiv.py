"""arXiv: each category's newest batch, day by day; earlier batches that were missed; and all it holds.

The routes to a batch, in the order in which they are tried, and why:

1. `listing`, /list/{category}/new: out first (20:00 in New York), dated, and it states how many entries it has, so that
   "complete" can be known. One request a category.
2. `catchup`, /catchup/{category}/{day}: the same words from another page: when the first is stale or cut, a cache or a
   build has gone wrong that this one does not share. It too states its numbers. Not before midnight in New York.
3. `rss`: made by other software on another host, so it is there when the website is not. It states no numbers, leaves
   replacements from the sixth version on out and has 2,000 entries at most; so always one category to a feed, for of a
   longer one the new papers are cut off first, and what it shows is never called complete. From midnight in New York.
4. `atom`: the feed once more under another address: its cache may be fresh when that of `rss` is stale.
5. `query`, the search of the API: what was handed in for the batch and is announced by now. Its index may lag, so this
   is not complete either. What these three find is announced today; the rest comes when the day is healed.

OAI-PMH is no route to a batch: it says that records changed, not that they were announced. It fills the store from years
gone by, as the API's spans and look-ups do, and announces nothing.

https://arxiv.org/robots.txt allows /list and /catchup with a crawl delay of 15 seconds; the feeds, the API and OAI-PMH
fall under the terms of use of arXiv's APIs (https://info.arxiv.org/help/api/tou.html), which allow one request in three
seconds over all of them.
"""

from datetime import timedelta

from crawler.calendar import ArxivCatchup, ArxivFeed, ArxivListing
from crawler.readers.arxiv_days_off import read_arxiv_days_off
from crawler.readers.arxiv_feed import read_arxiv_feed
from crawler.readers.arxiv_listing import read_arxiv_catchup, read_arxiv_listing
from crawler.readers.arxiv_oai import oai_address, read_arxiv_oai
from crawler.readers.arxiv_query import day_address, papers_address, read_arxiv_batch, read_arxiv_query, span_address
from crawler.source import DaysOffPage, Route, Source

_XML = "application/atom+xml,application/rss+xml,application/xml;q=0.9,*/*;q=0.1"
_PAUSE = timedelta(seconds=15)

_CATCHUP = Route(
    name="catchup",
    start="https://arxiv.org/catchup/{scope}/{day}?abs=True",
    read=read_arxiv_catchup,
    calendar=ArxivCatchup(),
    delay=_PAUSE,
)


def daily_budget(scopes: int) -> int:
    """Return how many requests a day of so many categories may cost, healing included."""
    return 3 * scopes + 10


SOURCE = Source(
    name="arxiv",
    title="arXiv",
    routes=(
        Route(
            name="listing",
            start="https://arxiv.org/list/{scope}/new",
            read=read_arxiv_listing,
            calendar=ArxivListing(),
            delay=_PAUSE,
        ),
        _CATCHUP,
        Route(
            name="rss",
            start="https://rss.arxiv.org/rss/{scope}",
            read=read_arxiv_feed,
            calendar=ArxivFeed(),
            rules="api terms",
            accept=_XML,
            max_bytes=8 * 1024 * 1024,
            exhaustive=False,
        ),
        Route(
            name="atom",
            start="https://rss.arxiv.org/atom/{scope}",
            read=read_arxiv_feed,
            calendar=ArxivFeed(),
            rules="api terms",
            accept=_XML,
            max_bytes=8 * 1024 * 1024,
            exhaustive=False,
        ),
        Route(
            name="query",
            start=day_address,
            read=read_arxiv_batch,
            calendar=ArxivListing(),
            rules="api terms",
            accept=_XML,
            exhaustive=False,
            lags=True,
        ),
    ),
    delay=timedelta(seconds=3),
    healing=_CATCHUP,
    memory=timedelta(days=90),
    backfill=Route(
        name="oai",
        start=oai_address,
        read=read_arxiv_oai,
        calendar=ArxivListing(),
        kind="catalogue",
        rules="api terms",
        accept=_XML,
        timeout=timedelta(minutes=5),
    ),
    span=Route(
        name="query",
        start=span_address,
        read=read_arxiv_query,
        calendar=ArxivListing(),
        kind="catalogue",
        rules="api terms",
        accept=_XML,
    ),
    lookup=Route(
        name="query",
        start=papers_address,
        read=read_arxiv_query,
        calendar=ArxivListing(),
        kind="catalogue",
        rules="api terms",
        accept=_XML,
    ),
    days_off=DaysOffPage(url="https://info.arxiv.org/help/availability.html", read=read_arxiv_days_off),
    daily_budget=daily_budget,
)
