"""arXiv's routes as the tests of bad input serve them, and crawls of them: in a child process, or near, without a network.

A near crawl is the real one, with the real store, from the order to the ledger; only the one function that makes a request
is replaced, and the clock, which moves when the crawl sleeps. A place is an address without its `https://`.
"""

import asyncio
import ctypes
import os
import select
import shutil
import signal
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote, urlsplit

from sqlalchemy import Engine, event

from crawler import crawl as process
from crawler.ask import Answer, Ask
from crawler.errors import CrawlError, StorageError
from crawler.guard import GuardedResolver
from crawler.readers.arxiv_oai import oai_set
from crawler.report import CrawlPlan, CrawlReport, Errand, HostState, Look, Told
from crawler.samples.arxiv import Entry, render_catchup, render_listing
from crawler.samples.arxiv_feed import render_atom, render_feed
from crawler.samples.arxiv_oai import Record, oai_token, render_oai
from crawler.samples.arxiv_query import Submitted, render_query
from crawler.sighting import Submission
from crawler.source import Checkpoint, Fetched, Page, Recorded, Route, Sink, Source, Wanted
from crawler.sources.arxiv import SOURCE
from crawler.spider import SourceSpider, Worker
from jobs.crawling import crawl_source
from jobs.planning import Order
from storage.checkpoints import checkpoints
from storage.database import Database, open_database
from storage.days import days_since
from storage.hosts import hosts
from storage.record import open_sink
from tests.crawler.arxiv_days import entry
from tests.crawler.origin import Origin, Reply, Request, _Handler

if TYPE_CHECKING:
    from jobs.clock import Clock

TUESDAY, WEDNESDAY, THURSDAY = (date(2026, 8, day) for day in (11, 12, 13))
SCOPE = "cs.CV"
SINCE = date(2026, 8, 1)
ROBOTS = "arxiv.org/robots.txt"
DAILY = ("listing", "catchup", "rss", "atom", "query")
"""The routes to a batch, in the order in which they are tried."""

_IN_OPEN = 0x20
MOST = 100
"""How many requests a Web answers: more than any of these days needs."""

HTML = {"Content-Type": "text/html; charset=utf-8"}
XML = {"Content-Type": "application/xml; charset=utf-8"}
GONE = Reply("out of order", status=404, headers=HTML)

PEAKS = "TEST_PEAKS"
"""The variable of the environment that names the file in which what is read in IMPATIENT's process is measured."""


def measured(one: Route) -> Route:
    """Return a route that is asked for half a second, and writes down with how many megabytes at most it was read."""

    def read(fetched: Fetched) -> Page:
        try:
            return one.read(fetched)
        finally:
            with Path(os.environ[PEAKS]).open("a") as file:
                file.write(f"{fetched.scope} {peak()}\n")

    return replace(one, timeout=timedelta(seconds=0.5), read=read)


def peak() -> int:
    """Return the most memory that this process has had since it was asked last, in megabytes; but for Linux, none."""
    if sys.platform != "linux":
        return 0
    # What getrusage() tells is at least what the parent had when it made this process.
    lines = Path("/proc/self/status").read_text().splitlines()
    Path("/proc/self/clear_refs").write_text("5")
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) // 1024


IMPATIENT = replace(
    SOURCE, routes=tuple(map(measured, SOURCE.routes)), backfill=measured(SOURCE.backfill) if SOURCE.backfill else None
)
"""arXiv, asked by somebody who waits for half a second, and whose memory is measured."""


def noon(day: date) -> datetime:
    """Return noon in New York, when the list and the feed of a day are both out."""
    return datetime.combine(day, time(16), UTC)


def papers(first: int = 1, count: int = 4, **changes: Any) -> list[Entry]:
    """Return entries from a number on."""
    return [entry(number, **changes) for number in range(first, first + count)]


def ids(entries: Sequence[Entry]) -> set[str]:
    """Return the ids of entries."""
    return {one.id for one in entries}


def submitted(entries: Sequence[Entry], day: date = WEDNESDAY) -> list[Submitted]:
    """Return entries as the API knows them: handed in on the day before they were announced."""
    at = datetime.combine(day - timedelta(days=1), time(10), UTC)
    return [Submitted(entry=one, published=at) for one in entries]


def records(entries: Sequence[Entry], day: date = WEDNESDAY) -> list[Record]:
    """Return entries as OAI-PMH has them: changed on one day, handed in on the day before."""
    at = datetime.combine(day - timedelta(days=1), time(10), UTC)
    return [Record(entry=one, datestamp=day, submissions=(Submission(1, at),)) for one in entries]


def route(name: str) -> Route:
    """Return a route of arXiv by its name: one of DAILY, or `oai` or `span`, by which the store is filled."""
    others = {"oai": SOURCE.backfill, "span": SOURCE.span}
    return others.get(name) or next(one for one in SOURCE.routes if one.name == name)


def address(name: str, scope: str = SCOPE, day: date = WEDNESDAY) -> str:
    """Return where a route begins."""
    return route(name).address(Wanted(scope=scope, day=day, since=SINCE, until=day))


def place(name: str, scope: str = SCOPE, day: date = WEDNESDAY) -> str:
    """Return where a route begins, as a place."""
    return address(name, scope, day).removeprefix("https://")


def good(name: str, entries: Sequence[Entry], scope: str = SCOPE, day: date = WEDNESDAY) -> bytes:
    """Return what a route answers when all is well."""
    query = urlsplit(address(name, scope, day)).query
    match name:
        case "listing":
            return render_listing(scope, day, entries)
        case "catchup":
            return render_catchup(scope, day, entries)
        case "rss":
            return render_feed(scope, day, entries)
        case "atom":
            return render_atom(scope, day, entries)
        case "oai":
            return render_oai(records(entries, day), asked_of_oai(scope), noon(day))
        case _:
            return render_query(submitted(entries, day), query, len(entries))


def reply(name: str, entries: Sequence[Entry], scope: str = SCOPE, day: date = WEDNESDAY, **headers: str) -> Reply:
    """Return that as a reply."""
    kind = HTML if name in ("listing", "catchup") else XML
    return Reply(good(name, entries, scope, day), headers=kind | headers)


def read(name: str, body: bytes, scope: str = SCOPE, day: date = WEDNESDAY, **headers: str) -> Page:
    """Read a body as the route does."""
    fetched = Fetched(
        source="arxiv",
        scope=scope,
        url=address(name, scope, day),
        status=200,
        headers=headers,
        body=body,
        at=noon(day),
        batch_on=day,
    )
    return route(name).read(fetched)


def asked_of_oai(scope: str = SCOPE) -> dict[str, str]:
    """Return the arguments with which a back-fill begins."""
    return {"verb": "ListRecords", "metadataPrefix": "arXivRaw", "set": oai_set(scope), "from": SINCE.isoformat()}


def chain(entries: Sequence[Entry], size: int = 2, scope: str = SCOPE, day: date = WEDNESDAY) -> dict[str, Reply]:
    """Return the pages of a back-fill by their places, in order; each but the last one leads to the next by a token."""
    asked = asked_of_oai(scope)
    found, where = {}, place("oai", scope)
    for skip in range(0, len(entries), size):
        token = oai_token(asked, skip + size) if skip + size < len(entries) else "" if skip else None
        body = render_oai(records(entries[skip : skip + size], day), asked, noon(day), token)
        found[where] = Reply(body, headers=XML)
        where = after(token or "")
    return found


def spanned(entries: Sequence[Entry], size: int = 2, scope: str = SCOPE, day: date = WEDNESDAY) -> dict[str, Reply]:
    """Return the pages of a search by their places, in order; the server shows fewer entries on each than it is asked for."""
    where = place("span", scope, day)
    return {
        where.replace("start=0", f"start={skip}"): Reply(
            render_query(submitted(entries[skip : skip + size], day), urlsplit(where).query, len(entries)), headers=XML
        )
        for skip in range(0, len(entries), size)
    }


def after(token: str) -> str:
    """Return the place of the page to which a token leads."""
    return f"oaipmh.arxiv.org/oai?verb=ListRecords&resumptionToken={quote(token, safe='')}"


@dataclass(frozen=True, slots=True)
class At:
    """A clock that stands still, and can be sent to a child."""

    now: datetime

    def __call__(self) -> datetime:
        """Return the moment."""
        return self.now


@dataclass(slots=True)
class Web:
    """A web without a network: answers by place, the last one of a place again and again, and what was asked when."""

    now: datetime = noon(WEDNESDAY)  # noqa: RUF009 - frozen
    replies: dict[str, list[Reply | CrawlError]] = field(default_factory=dict)
    asked: list[tuple[datetime, str]] = field(default_factory=list)
    headers: dict[str, Mapping[str, str]] = field(default_factory=dict)
    """The headers with which each place was asked last."""
    looks: list[Look] = field(default_factory=list)
    """The looks of the last crawl, one for each route that was tried."""

    def script(self, target: str, *replies: Reply | CrawlError | str | bytes) -> None:
        """Answer `target` by `replies` in turn, and by the last one from then on."""
        self.replies[target] = [Reply(one) if isinstance(one, str | bytes) else one for one in replies]

    def clock(self) -> datetime:
        """Return the time, which moves only when a crawl sleeps."""
        return self.now

    def timer(self) -> float:
        """Return the seconds that have passed since some moment."""
        return self.now.timestamp()

    async def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)

    async def download(self, ask: Ask) -> Answer:
        """Answer one request; what is not scripted is not there."""
        assert len(self.asked) < MOST, "a crawl without end"
        target = ask.url.removeprefix("https://")
        self.asked.append((self.now, target))
        self.headers[target] = {name.lower(): value for name, value in ask.headers.items()}
        replies = self.replies.get(target, [GONE])
        one = replies.pop(0) if len(replies) > 1 else replies[0]
        if isinstance(one, CrawlError):
            raise one
        body = one.body.encode() if isinstance(one.body, str) else one.body
        headers = {name.lower(): value for name, value in one.headers.items()}
        whole = one.length is None or one.length == len(body)
        return Answer(url=ask.url, status=one.status, headers=headers, body=body, whole=whole)

    def places(self) -> list[str]:
        """Return what was asked for, in order."""
        return [target for _, target in self.asked]

    def crawl(self, plan: CrawlPlan, sink: str, tell: Callable[[Told], None]) -> CrawlReport:
        """Do what `crawler.crawl.crawl` does, here."""
        line = _Line()
        worker = Worker(sink, plan.database)
        spider = SourceSpider(plan, worker, GuardedResolver(None), line.said.append)
        fetcher = spider.visitor.fetcher
        fetcher.download, fetcher.sleep = self.download, self.sleep
        fetcher.timer = self.timer
        asyncio.run(_finish(spider))
        told = process._Told()
        process._listen(line, told, tell)  # type: ignore[arg-type]  # what it needs of a Connection is here
        report = process._report(plan, told, 0)
        self.looks = [*report.looks, *report.healed]
        return report


@dataclass(slots=True)
class _Line:
    """What a child would have sent."""

    said: list[Told] = field(default_factory=list)

    def recv(self) -> Told:
        if not self.said:
            raise EOFError
        return self.said.pop(0)


async def _finish(spider: SourceSpider) -> None:
    async for _ in spider.start():
        pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A store, and who crawls for it; without a `mirror` it needs a Web, by which `jobs.crawling` must be made to crawl."""

    database: Database
    url: str
    mirror: str | None = None

    def crawls(
        self,
        *scopes: str,
        clock: Callable[[], datetime],
        errand: Errand | None = None,
        source: tuple[Source, str] = (SOURCE, "crawler.sources.arxiv:SOURCE"),
    ) -> list[Look]:
        """Crawl the scopes and return what is told of them; none of it may show our insides."""
        order = Order(source=source[0], place=source[1], scopes=scopes, mirror=self.mirror, errand=errand)
        looks = crawl_source(self.database, self.url, order, cast("Clock", clock), lambda _progress: None)
        for look in looks:
            check_words(look)
        return looks

    def fills(self, clock: Callable[[], datetime], since: date = SINCE, until: date | None = None) -> Look:
        """Fill the store from a day on, and return what is told of it."""
        (look,) = self.crawls(SCOPE, clock=clock, errand=Errand(since=since, until=until))
        return look

    def checkpoint(self, scope: str = SCOPE) -> Checkpoint:
        """Return where a scope left off."""
        with self.database.reading() as connection:
            return checkpoints(connection, "arxiv", [scope])[scope]

    def days(self, scope: str = SCOPE) -> dict[date, str]:
        """Return what became of the days of a scope."""
        with self.database.reading() as connection:
            return {one.day: one.kind for one in days_since(connection, "arxiv", [scope], date(2026, 1, 1))}

    def hosts(self) -> dict[str, HostState]:
        """Return what hosts have told."""
        with self.database.reading() as connection:
            return hosts(connection)

    def rows(self, statement: str) -> list[Any]:
        """Return what the store answers to a statement, in order; of one column, its values."""
        with closing(sqlite3.connect(self.database.engine.url.database or "")) as driver:
            found = driver.execute(statement).fetchall()
        return sorted((row[0] if len(row) == 1 else row for row in found), key=repr)

    def ids(self) -> set[str]:
        """Return the arXiv ids of the papers in the store; none may be there twice."""
        found = self.rows("SELECT value FROM identifiers JOIN papers ON papers.id = paper_id WHERE scheme = 'arxiv'")
        assert len(found) == len(set(found))
        return set(found)

    def books(self) -> dict[str, list[Any]]:
        """Return all that the store says of papers, whenever it was said."""
        of_paper = "FROM {} JOIN identifiers USING (paper_id) WHERE scheme = 'arxiv'"
        return {
            "papers": self.rows(
                "SELECT value, title, abstract, authors, categories, comment, journal_ref, version, licence, withdrawn"
                " FROM papers JOIN identifiers ON papers.id = paper_id WHERE scheme = 'arxiv'"
            ),
            "sightings": self.rows("SELECT source, key, content FROM sightings"),
            "versions": self.rows(f"SELECT value, version, announced_on, submitted_at {of_paper.format('versions')}"),
            "events": self.rows(f'SELECT value, kind, key, "on" {of_paper.format("events")}'),
        }


def check_words(look: Look) -> None:
    """Check that what a look says is one line for a person that names source and scope, and shows none of our insides."""
    for words in filter(None, (look.error, look.verdict.why)):
        assert "Traceback" not in words
        assert "\n" not in words
        assert words.isprintable()
    if look.verdict.kind in ("failed", "blocked", "throttled"):
        assert look.error
        assert look.error.startswith(f"{look.source} {look.scope}: ") or look.source in look.error


@contextmanager
def open_desk(template: Path, folder: Path, mirror: str | None = None) -> Iterator[Desk]:
    """Open an empty store in a folder."""
    path = folder / "store.db"
    shutil.copy(template, path)
    url = f"sqlite:///{path}"
    with closing(open_database(url)) as database:
        yield Desk(database=database, url=url, mirror=mirror)


@contextmanager
def open_deadly(url: str) -> Iterator[Sink]:
    """The real sink, in a process that dies when its first page is about to be committed."""
    event.listen(Engine, "commit", lambda _connection: os.kill(os.getpid(), signal.SIGKILL))
    with open_sink(url) as sink:
        yield sink


@contextmanager
def open_failing(url: str) -> Iterator[Sink]:
    """The real sink on a store that fails when a page is about to be committed."""

    def fail(_connection: object) -> None:
        raise StorageError("the disk is full")

    with open_sink(url) as sink:

        def write(page: Page, checkpoint: Checkpoint) -> Recorded:
            event.listen(Engine, "commit", fail)
            try:
                return sink(page, checkpoint)
            finally:
                event.remove(Engine, "commit", fail)

        yield write


@contextmanager
def watched(file: Path) -> Iterator[Callable[[], bool]]:
    """Give a function that tells whether a file has been opened since; but for Linux, it never has."""
    if sys.platform != "linux":
        yield lambda: False
        return
    libc = ctypes.CDLL(None)
    queue = libc.inotify_init1(os.O_NONBLOCK)
    libc.inotify_add_watch(queue, bytes(file), _IN_OPEN)
    try:
        yield lambda: bool(select.select([queue], [], [], 0)[0])
    finally:
        os.close(queue)


@dataclass(slots=True)
class Unruly(Origin):
    """A server some of whose answers are no answers; they are written by what stands in `rogues`, by place."""

    rogues: dict[str, Callable[[_Handler], None]] = field(default_factory=dict)


@contextmanager
def misbehaving() -> Iterator[Unruly]:
    """Run an unruly server on a free port of 127.0.0.1."""
    origin = Unruly("")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Rogue, origin))
    server.daemon_threads = True
    origin.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield origin
    finally:
        origin.stopping.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Rogue(_Handler):
    def do_GET(self) -> None:  # noqa: N802 - the standard library's name
        target = self.path.removeprefix("/")
        rogue = self.origin.rogues.get(target) if isinstance(self.origin, Unruly) else None
        if rogue is None:
            super().do_GET()
            return
        self.origin.requests.append(Request(target, {}, 0.0))
        self.close_connection = True
        with suppress(OSError):  # the client hangs up
            rogue(self)


def endless(handler: _Handler) -> None:
    """Send chunks for as long as they are taken."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while not handler.origin.stopping.is_set():
        handler.wfile.write(b"10000\r\n" + b"<p>endless words" * 4096 + b"\r\n")


def dripping(handler: _Handler) -> None:
    """Send a byte ten times a second, for as long as they are taken."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    while not handler.origin.stopping.wait(0.1):
        handler.wfile.write(b"<")


def babbling(handler: _Handler) -> None:
    """Send headers for as long as they are taken."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    while not handler.origin.stopping.is_set():
        handler.wfile.write(b"".join(b"X-%d: %s\r\n" % (number, b"y" * 100) for number in range(1000)))
