"""The bulk path: a back-fill of arXiv's records in pages of 2,500, as a whole `paperlark crawl` beside a bare script."""

import json
import sqlite3
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from sqlalchemy import make_url

from crawler.readers.arxiv_oai import oai_address, read_arxiv_oai
from crawler.samples.arxiv_oai import Record, oai_token, render_oai
from crawler.sighting import Submission
from crawler.source import Fetched, Wanted
from jobs.demo_servers import Pages, page_server
from storage.database import open_database
from tests.benchmarks import measure
from tests.benchmarks.corpus import SCOPE, Corpus
from tests.benchmarks.measure import Spent, least
from tests.benchmarks.postgres import Postgres
from tests.benchmarks.process import COMMAND, quiet

PAGE: Final = 2_500
_NOW: Final = datetime(2026, 8, 12, 16, tzinfo=UTC)
_SINCE: Final = date(2020, 1, 1)
_LICENCE: Final = "http://creativecommons.org/licenses/by/4.0/"
# Far from the numbers of the papers that the stores of the other benchmarks hold.
_ELSEWHERE: Final = 5_000_000


@dataclass(frozen=True, slots=True)
class Taken:
    """What a back-fill took: ours, the same again with nothing new, and the bare script's."""

    ours: Spent
    again: Spent
    bare: Spent


def pages(corpus: Corpus, first: int, count: int) -> Pages:
    """Return the pages of `count` records, the first of which has that number in the corpus."""
    found: dict[str, tuple[str, bytes]] = {}
    url = oai_address(Wanted(scope=SCOPE, since=_SINCE))
    asked = dict(parse_qsl(urlsplit(url).query))
    for skip in range(0, count, PAGE):
        numbers = range(first + skip, first + min(skip + PAGE, count))
        token = oai_token(asked, skip + PAGE) if skip + PAGE < count else ""
        body = render_oai([_record(corpus, number) for number in numbers], asked, _NOW, token)
        found[url.removeprefix("https://")] = ("text/xml; charset=utf-8", body)
        url = next(iter(_follow(url, asked, token)), "")
    return found


def _follow(url: str, asked: Mapping[str, str], token: str) -> tuple[str, ...]:
    body = render_oai([], asked, _NOW, token)
    return read_arxiv_oai(Fetched(source="arxiv", scope=SCOPE, url=url, status=200, headers={}, body=body, at=_NOW)).follow


def _record(corpus: Corpus, number: int) -> Record:
    entry = corpus.stored(number)
    begun = datetime(2020, 1, 2, 12, tzinfo=UTC) + timedelta(minutes=number % 3_000_000)
    versions = 1 + number % 3
    submissions = tuple(Submission(version, begun + timedelta(days=30 * version)) for version in range(1, versions + 1))
    return Record(entry=entry, datestamp=submissions[-1].at.date(), submissions=submissions, licence=_LICENCE)


def taken(corpus: Corpus, folder: Path, count: int, times: int) -> Taken:
    """Measure back-fills of so many records into empty stores, ours and the bare script's, and ours once more."""
    with _serving(pages(corpus, _ELSEWHERE, count)) as web:
        rounds = [_round(web, folder / f"round-{one}", count) for one in range(times)]
    return Taken(least([one.ours for one in rounds]), least([one.again for one in rounds]), least([one.bare for one in rounds]))


def _round(web: str, folder: Path, count: int) -> Taken:
    folder.mkdir()
    ours, bare = (f"sqlite:///{folder / f'{name}.db'}" for name in ("ours", "bare"))
    for url in (ours, bare):
        open_database(url).close()
    first = _run(ours, web, folder, count)
    _forget(ours)
    return Taken(first, _run(ours, web, folder, count), _bare(bare, web, folder))


def into(url: str, corpus: Corpus, folder: Path, count: int) -> tuple[Spent, Spent]:
    """Measure so many records into a store that holds papers, ours and then as many others by the bare script."""
    with _serving(pages(corpus, _ELSEWHERE, count)) as web:
        ours = _run(url, web, folder, count)
    with _serving(pages(corpus, _ELSEWHERE + count, count)) as web:
        bare = _bare(url, web, folder)
    return ours, bare


def on_postgres(server: Postgres, corpus: Corpus, folder: Path, count: int) -> tuple[Spent, Spent]:
    """Measure a back-fill into empty stores on PostgreSQL, ours and the bare script's, with what the server took."""
    ours, bare = server.create(), server.create()
    for url in (ours, bare):
        open_database(url).close()
    with _serving(pages(corpus, _ELSEWHERE, count)) as web:
        return (
            _with_server(server, lambda: _run(ours, web, folder, count)),
            _with_server(server, lambda: _bare(bare, web, folder)),
        )


def _with_server(server: Postgres, work: Callable[[], Spent]) -> Spent:
    before = server.spent()
    done = work()
    return Spent(done.seconds + server.spent() - before, done.memory)


@contextmanager
def _serving(found: Pages) -> Iterator[str]:
    with page_server(lambda: found) as web:
        yield web


def _run(url: str, web: str, folder: Path, count: int) -> Spent:
    environ = {**quiet(folder), "PAPERLARK_DATABASE": url, "PAPERLARK_MIRROR": web, "PAPERLARK_NOW": _NOW.isoformat()}
    spent, printed = measure.of_process([COMMAND, "crawl", "arxiv", "--since", _SINCE.isoformat(), "--json"], environ, folder)
    (run,) = json.loads(printed)["runs"]
    if (run["verdict"], run["seen"]) != ("complete", count):
        raise RuntimeError(f"the back-fill did not do what it should: {printed[:1000]}")
    return spent


def _bare(url: str, web: str, folder: Path) -> Spent:
    environ = {**quiet(folder), "PYTHONPATH": str(Path.cwd())}
    command = [sys.executable, "-m", "tests.benchmarks.bare_oai", url, web, _SINCE.isoformat()]
    return measure.of_process(command, environ, folder)[0]


def _forget(url: str) -> None:
    """Let the next back-fill begin anew, as if nobody had noted where the last one ended."""
    with closing(sqlite3.connect(make_url(url).database or "")) as store, store:
        store.execute("DELETE FROM checkpoints")
