"""The proceedings of ICLR (https://proceedings.iclr.cc): its papers, on a page a year.

They appear some months after the conference; its programme is on its virtual site before.
"""

from datetime import timedelta

from crawler.programmes import Edition, Programmes
from crawler.readers.proceedings_app import read_proceedings
from crawler.source import Route, Source, Wanted


def _year_address(wanted: Wanted) -> str:
    edition = Edition.parse(wanted.scope)
    return f"https://proceedings.iclr.cc/paper_files/paper/{edition.year if edition else ''}"


SOURCE = Source(
    name="iclr",
    title="ICLR proceedings",
    routes=(
        Route(
            name="year",
            start=_year_address,
            read=read_proceedings,
            calendar=Programmes(),
            max_bytes=32 * 1024 * 1024,  # 2,260 papers take 1.5 MB
            lasting=True,
        ),
    ),
    delay=timedelta(seconds=2),
    venues=("ICLR",),
)
