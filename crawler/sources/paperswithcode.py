"""Papers with Code (https://paperswithcode.co, the successor of the site that closed in July 2025): code, tasks, venues.

The papers of a day are asked for on the next one, and once more 1, 7, 30 and 90 days later, for repositories come late. What
the day's budget has no room for waits for the next day.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from crawler.calendar import Daily
from crawler.readers.pwc_papers import (
    day_address,
    paper_address,
    read_day,
    read_paper,
    read_span,
    read_trending,
    span_address,
    trending_address,
)
from crawler.source import Route, Source

_BUDGET: Final = 20

_DAY: Final = Route(
    name="day",
    start=day_address,
    read=read_day,
    # A paper has the day on which it was handed in, and is announced on the evening after it at the earliest.
    calendar=Daily(begins=timedelta(hours=30), weekends=True),
    rules="api terms",
    accept="application/json",
    max_bytes=2 * 1024 * 1024,  # the most that its own command line takes
)
_SPAN: Final = replace(_DAY, name="span", start=span_address, read=read_span, kind="catalogue")

SOURCE = Source(
    name="paperswithcode",
    title="Papers with Code",
    routes=(_DAY,),
    delay=timedelta(seconds=2),  # its limits are not published; sixty a minute are said to be too many
    healing=_DAY,
    any_venue=True,
    memory=timedelta(days=97),
    again=tuple(timedelta(days=1 + age) for age in (1, 7, 30, 90)),
    backfill=_SPAN,
    span=_SPAN,
    lookup=replace(_DAY, name="paper", start=paper_address, read=read_paper, kind="catalogue"),
    lookup_size=1,
    trending=replace(_DAY, name="trending", start=trending_address, read=read_trending, kind="catalogue"),
    daily_budget=lambda scopes: _BUDGET,  # noqa: ARG005 - however many parts of it are asked for
)
