"""The proceedings of NeurIPS since 1987 (https://proceedings.neurips.cc): its papers with their tracks, on a page a year.

They appear some months after the conference; its programme is on its virtual site before. There is no robots.txt. The
proceedings of datasets and benchmarks of 2021 are on another host, with ids that are those of other papers here.
"""

from datetime import timedelta
from functools import partial
from typing import Final

from crawler.programmes import Programmes
from crawler.readers.citation_meta import article_route, read_citation_meta
from crawler.readers.proceedings_app import ABSTRACT, key_of, read_proceedings, year_address
from crawler.source import Route, Source

_SITE: Final = "https://proceedings.neurips.cc"

SOURCE = Source(
    name="neurips",
    title="NeurIPS proceedings",
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
    article=article_route(_SITE, read_citation_meta(key_of, scheme="neurips", abstract=ABSTRACT)),
    venues=("NeurIPS",),
)
