"""CVF Open Access (https://openaccess.thecvf.com): CVPR, ICCV, WACV and ACCV, with their workshops and findings.

Metadata only: the papers are their authors'. The site has no robots.txt, as far as is known, and is asked once a second at
most; a menu of workshops has more than a hundred pages behind it.
"""

from datetime import timedelta
from typing import Final

from crawler.programmes import Programmes
from crawler.readers.citation_meta import article_route, read_citation_meta
from crawler.readers.cvf_listing import SITE, filed, listing_address, read_cvf_listing
from crawler.readers.ptitle_rows import stem
from crawler.source import Part, Route, Source

_LIST: Final = Route(
    name="list",
    start=listing_address,
    read=read_cvf_listing,
    calendar=Programmes(),
    lasting=True,
    max_bytes=64 * 1024 * 1024,
    max_pages=300,
)

SOURCE = Source(
    name="cvf",
    title="CVF Open Access",
    routes=(_LIST,),
    delay=timedelta(seconds=1),
    venues=("CVPR", "ICCV", "WACV", "ACCV"),
    parts=(Part("workshops"), Part("findings", since=2026)),
    article=article_route(SITE, read_citation_meta(stem, scheme="cvf", abstract="//*[@id='abstract']", filed=filed)),
)
