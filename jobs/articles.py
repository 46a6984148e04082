"""The step after a morning's digests: what lists of proceedings leave out is read on the pages of the papers, some a run."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from crawler.report import Errand, Look, Progress
from crawler.sources import find
from jobs.crawling import crawl_source
from jobs.orders import order_if_possible
from storage.articles import articles_to_read, save_asked

if TYPE_CHECKING:
    from jobs.steps import Office

MOST: Final = 300
"""So many pages are asked for in one run at most, of all sources together; the next run goes on."""

_AGAIN: Final = timedelta(days=30)
"""A page that has told nothing is asked for once more after so long."""


def articles_step(office: "Office", sources: Iterable[str], progress: Callable[[Progress], None]) -> list[Look]:
    """Ask for pages of papers that have no abstract, of those of the sources that have such pages; a look for each source."""
    looks: list[Look] = []
    left = MOST
    for name in sources:
        if find(name).article is not None and left:
            found = _read(office, name, left, progress)
            left -= sum(look.seen + len(look.rejects) for look in found)
            looks += found
    return looks


def _read(office: "Office", name: str, most: int, progress: Callable[[Progress], None]) -> list[Look]:
    now = office.clock()
    with office.database.reading() as connection:
        waiting = articles_to_read(connection, name, now - _AGAIN, most)
    if not waiting:
        return []
    order = replace(order_if_possible(office, find(name), ("",)), errand=Errand(articles=tuple(one.url for one in waiting)))
    looks = crawl_source(office.database, office.settings.database_url, order, office.clock, progress)
    asked = sum(look.seen + len(look.rejects) for look in looks)
    with office.database.writing() as connection:
        save_asked(connection, name, (one.key for one in waiting[:asked]), now)
    return looks
