"""The virtual sites of NeurIPS, ICML, ICLR, CVPR, ICCV, ECCV and MLSys: their programmes, weeks before the proceedings.

One file an edition lists all orals and posters, with the forum of each paper at OpenReview, by which other sources know it.
Abstracts that are not in it are on the pages of the posters; there is a file of abstracts, too, which names no paper.
"""

from datetime import timedelta

from crawler.programmes import Programmes
from crawler.readers.virtual_event import HOSTS
from crawler.readers.virtual_page import page_address, read_virtual_page
from crawler.readers.virtual_site import list_address, read_virtual_site
from crawler.source import Route, Source

SOURCE = Source(
    name="virtual",
    title="Virtual sites of conferences",
    routes=(
        Route(
            name="list",
            start=list_address,
            read=read_virtual_site,
            calendar=Programmes(),
            accept="application/json",
            max_bytes=96 * 1024 * 1024,  # 7,000 papers with their abstracts take half of it
            timeout=timedelta(minutes=3),
            lasting=True,
        ),
    ),
    delay=timedelta(seconds=10),
    article=Route(name="paper", start=page_address, read=read_virtual_page, calendar=Programmes(), kind="catalogue"),
    venues=tuple(HOSTS),
)
