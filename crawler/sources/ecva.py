"""ECVA (https://www.ecva.net/papers.php): ECCV since 2018, a year after the other on one page.

Its robots.txt names Googlebot only, and is followed; it is asked once a second at most.
"""

from datetime import timedelta

from crawler.programmes import Programmes
from crawler.readers.citation_meta import article_route
from crawler.readers.ecva_listing import SITE, read_ecva_article, read_ecva_listing
from crawler.source import Route, Source

SOURCE = Source(
    name="ecva",
    title="ECVA",
    routes=(
        Route(
            name="list",
            start=f"{SITE}papers.php",
            read=read_ecva_listing,
            calendar=Programmes(),
            lasting=True,
            max_bytes=64 * 1024 * 1024,
        ),
    ),
    delay=timedelta(seconds=1),
    venues=("ECCV",),
    article=article_route(SITE, read_ecva_article),
)
