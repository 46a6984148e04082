"""The proceedings of ICLR (https://proceedings.iclr.cc): its papers, on a page a year.

They appear some months after the conference; its programme is on its virtual site before.
"""

from datetime import timedelta
from functools import partial
from typing import Final

from crawler.programmes import Programmes
from crawler.readers.citation_meta import article_route, read_citation_meta
from crawler.readers.proceedings_app import ABSTRACT, key_of, read_proceedings, year_address
from crawler.source import Route, Source

_SITE: Final = "https://proceedings.iclr.cc"

SOURCE = Source(
    name="iclr",
    title="ICLR proceedings",
    routes=(
        Route(
            name="year",
            start=partial(year_address, _SITE),
            read=read_proceedings,
            calendar=Programmes(),
            max_bytes=32 * 1024 * 1024,  # 2,260 papers take 1.5 MB
            lasting=True,
        ),
    ),
    delay=timedelta(seconds=2),
    article=article_route(_SITE, read_citation_meta(key_of, scheme="iclr", abstract=ABSTRACT)),
    venues=("ICLR",),
)
