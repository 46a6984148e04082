"""arXiv as the tests serve it: robots.txt, and the list and the feed of a category as they show a batch."""

from collections.abc import Sequence
from datetime import date

from crawler.samples.arxiv import Entry, render_catchup, render_listing
from crawler.samples.arxiv_feed import render_feed
from tests.crawler.origin import Origin, Reply

HTML = {"Content-Type": "text/html; charset=utf-8"}
RSS = {"Content-Type": "application/rss+xml; charset=utf-8"}
ROBOTS = "User-agent: *\nAllow: /list/\nAllow: /catchup/\nDisallow: /search\nCrawl-delay: 15\n"
CAPTCHA = Reply("<html><head><title>Are you a robot?</title></head><body><h1>Please wait</h1></body></html>", headers=HTML)


def listing(scope: str) -> str:
    """Return where the list of a category is served."""
    return f"arxiv.org/list/{scope}/new"


def feed(scope: str) -> str:
    """Return where the feed of a category is served."""
    return f"rss.arxiv.org/rss/{scope}"


def atom(scope: str) -> str:
    """Return where the same feed is served once more."""
    return f"rss.arxiv.org/atom/{scope}"


def list_page(scope: str, day: date, entries: Sequence[Entry]) -> Reply:
    """Return the list of a batch."""
    return Reply(render_listing(scope, day, entries), headers=HTML)


def feed_page(scope: str, day: date, entries: Sequence[Entry]) -> Reply:
    """Return the feed of a batch."""
    return Reply(render_feed(scope, day, entries), headers=RSS)


def catchup(scope: str, day: date) -> str:
    """Return where the batch of a day of a category is served."""
    return f"arxiv.org/catchup/{scope}/{day}?abs=True"


def catchup_page(scope: str, day: date, entries: Sequence[Entry]) -> Reply:
    """Return the page of the batch of a day."""
    return Reply(render_catchup(scope, day, entries), headers=HTML)


def show(origin: Origin, scope: str, day: date, entries: Sequence[Entry]) -> None:
    """Let the list, the page of the day and the feed of a category all show a batch."""
    origin.script(listing(scope), list_page(scope, day, entries))
    origin.script(catchup(scope, day), catchup_page(scope, day, entries))
    origin.script(feed(scope), feed_page(scope, day, entries))


def cut(page: Reply) -> Reply:
    """Return a page that ends in the middle, as if that were all of it."""
    body = page.body if isinstance(page.body, bytes) else page.body.encode()
    return Reply(body[: len(body) // 2], headers=page.headers)
