"""Hugging Face papers (https://huggingface.co/papers): what its readers hand in every day, with repositories and up-votes.

The list of a day is asked for on that day. It fills up for two weeks, and repositories come later still, so the lists of the
last fourteen days, and those of 30 and 90 days ago, are asked for again, a week at a time.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from crawler.calendar import Daily
from crawler.readers.hf_papers import (
    day_address,
    paper_address,
    read_daily,
    read_paper,
    read_trending,
    trending_address,
    week_address,
    week_of,
)
from crawler.source import Route, Source

_BUDGET: Final = 20
_FILLING: Final = 14

_DAILY: Final = Route(
    name="daily",
    start=day_address,
    read=read_daily,
    calendar=Daily(begins=timedelta(hours=6)),  # the first lists of a day are there in its morning in Europe
    rules="api terms",
    accept="application/json",
    max_bytes=8 * 1024 * 1024,
)

SOURCE = Source(
    name="huggingface",
    title="Hugging Face",
    routes=(_DAILY,),
    delay=timedelta(seconds=1),
    healing=replace(_DAILY, name="weekly", start=week_address, covers=week_of),
    memory=timedelta(days=97),
    again=tuple(timedelta(days=age) for age in (*range(1, _FILLING + 1), 30, 90)),
    lookup=replace(_DAILY, name="paper", start=paper_address, read=read_paper, kind="catalogue"),
    lookup_size=1,
    trending=replace(_DAILY, name="trending", start=trending_address, read=read_trending, kind="catalogue"),
    daily_budget=lambda scopes: _BUDGET,  # noqa: ARG005 - there is one scope
)
