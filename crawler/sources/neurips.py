"""The proceedings of NeurIPS since 1987 (https://proceedings.neurips.cc): its papers with their tracks, on a page a year.

They appear some months after the conference; its programme is on its virtual site before. There is no robots.txt. The
proceedings of datasets and benchmarks of 2021 are on another host, with ids that are those of other papers here.
"""

from datetime import timedelta

from crawler.programmes import Edition, Programmes
from crawler.readers.proceedings_app import read_proceedings
from crawler.source import Route, Source, Wanted


def _year_address(wanted: Wanted) -> str:
    edition = Edition.parse(wanted.scope)
    return f"https://proceedings.neurips.cc/paper_files/paper/{edition.year if edition else ''}"


SOURCE = Source(
    name="neurips",
    title="NeurIPS proceedings",
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
    venues=("NeurIPS",),
)
