"""Unpaywall (https://unpaywall.org), which is asked where a DOI can be read for nothing. It announces no papers."""

from datetime import timedelta
from typing import Final

from crawler.calendar import Daily
from crawler.readers.unpaywall import read_work, work_address
from crawler.source import Route, Source

PLACE: Final = f"{__name__}:SOURCE"
"""Where it is found by import."""

SOURCE: Final = Source(
    name="unpaywall",
    title="Unpaywall",
    routes=(),
    delay=timedelta(seconds=1),
    lookup=Route(
        name="doi",
        start=work_address,
        read=read_work,
        calendar=Daily(begins=timedelta()),
        kind="catalogue",
        rules="api terms",
        accept="application/json",
        max_bytes=2 * 1024 * 1024,
    ),
    lookup_size=1,
)
