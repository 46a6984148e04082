"""Whole processes: the daily run with all it starts, and `--help`, beside what their libraries alone cost to import."""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from crawler.readers.hf_papers import day_address, trending_address, week_address
from crawler.source import Wanted
from jobs.demo_servers import page_server
from tests.benchmarks import measure
from tests.benchmarks.corpus import PAPERS_A_DAY, SCOPE
from tests.benchmarks.day import Shelf
from tests.benchmarks.measure import Spent, least

COMMAND: Final = str(Path(sys.executable).with_name("paperlark"))
_EMPTY: Final = ("application/json", b"[]")
_ROBOTS: Final = ("text/plain", b"User-agent: *\nAllow: /list/\nDisallow: /\n")

#: What a morning needs of other people's code: for the process itself, and for the child that crawls.
_LIBRARIES: Final = (
    "typer, pydantic_settings, sqlalchemy.orm, jinja2, css_inline, babel.dates",
    "lxml.etree, sqlalchemy.orm, scrapy.crawler, scrapy.core.downloader.handlers.http11, twisted.internet.asyncioreactor",
)


def morning(shelf: Shelf, folder: Path, times: int) -> tuple[Spent, Spent]:
    """Return what `paperlark run` takes on a day with a full list, and what importing its libraries alone does."""
    ours = least([_run(shelf, folder) for _ in range(times)])
    bare = [least([_python(f"import {names}", folder) for _ in range(times)]) for names in _LIBRARIES]
    return ours, Spent(sum(one.seconds for one in bare), max(one.memory for one in bare))


def help_page(folder: Path, times: int) -> tuple[Spent, Spent]:
    """Return what `paperlark --help` takes, and what Python does to start and end."""
    ours = [measure.of_process([COMMAND, "--help"], os.environ, folder)[0] for _ in range(times)]
    return least(ours), least([_python("pass", folder) for _ in range(times)])


def _run(shelf: Shelf, folder: Path) -> Spent:
    """Run the daily job, without a settings file and so without mail, for the next day of the shelf."""
    _, fetched = shelf.next_day()
    pages = {f"arxiv.org/list/{SCOPE}/new": ("text/html; charset=utf-8", fetched.body), "arxiv.org/robots.txt": _ROBOTS}
    pages |= {address.removeprefix("https://"): _EMPTY for address in _hugging_face(fetched.at)}
    with page_server(lambda: pages) as mirror:
        environ = {
            **quiet(folder),
            "PAPERLARK_DATABASE": shelf.url,
            "PAPERLARK_MIRROR": mirror,
            "PAPERLARK_NOW": fetched.at.isoformat(),
        }
        spent, printed = measure.of_process([COMMAND, "run", "--json"], environ, folder)
    done = json.loads(printed)
    seen, papers = [run["seen"] for run in done["runs"]], [digest["papers"] for digest in done["digests"]]
    if sum(seen) != PAPERS_A_DAY or not all(papers):
        raise RuntimeError(f"the daily job did not do what it should: {printed[:1000]}")
    return spent


def _hugging_face(now: datetime) -> Iterator[str]:
    """Yield the addresses of every list that may be asked for at that moment."""
    for age in range(100):
        wanted = Wanted(scope="", day=now.date() - timedelta(days=age))
        yield from (day_address(wanted), week_address(wanted))
    yield trending_address(wanted)


def quiet(folder: Path) -> Mapping[str, str]:
    """Return an environment without settings of whoever runs the benchmarks."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PAPERLARK_")}
    return {**kept, "HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}


def _python(code: str, folder: Path) -> Spent:
    return measure.of_process([sys.executable, "-c", code], quiet(folder), folder)[0]
