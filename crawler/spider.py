"""SourceSpider, the one Scrapy spider: it takes a plan, visits every scope of its source, and tells what it saw.

Scrapy calls a crawl finished whether a callback raised, the server answered 500 or robots.txt refused. So nothing here
is left to callbacks: a visit is one coroutine that awaits its responses, and `crawler.fetch` owns what becomes of them.
"""

import asyncio
import gc
import importlib.metadata
import pkgutil
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote_plus, urlsplit

import scrapy
from OpenSSL import SSL
from scrapy import exceptions
from scrapy.crawler import Crawler
from scrapy.utils.reactor import install_reactor
from service_identity.exceptions import VerificationError
from twisted.internet.error import ConnectError, ConnectionAborted
from twisted.python.failure import Failure
from twisted.web.client import ResponseFailed

from crawler.ask import Answer, Ask
from crawler.errors import (
    CertificateError,
    CrawlError,
    FetchError,
    NoConnectionError,
    ReadError,
    RefusedError,
    UnknownHostError,
)
from crawler.fetch import Fetcher
from crawler.guard import GuardedResolver, inflate
from crawler.mirror import HEADER_BYTES, mirror_address
from crawler.pace import Pace
from crawler.politeness import scrapy_settings, user_agent
from crawler.reading import attempt
from crawler.report import CrawlPlan, Look, Told
from crawler.rest import dated
from crawler.round import Round
from crawler.source import Checkpoint, Fetched, Page, Recorded, Route, Sink, Source
from crawler.visitor import Visitor

_GARBAGE = 30_000


class Worker:
    """The one thread in which readers read and the sink writes, one page at a time; the sink is opened for the first."""

    def __init__(self, sink: str, database: str) -> None:
        self._opener, self._database = sink, database
        self._thread = ThreadPoolExecutor(max_workers=1)
        self._open = ExitStack()
        self._sink: Sink | None = None

    async def read(self, route: Route, fetched: Fetched) -> Page:
        """Read a page."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, route.read, fetched)

    async def record(self, page: Page, checkpoint: Checkpoint) -> Recorded:
        """Hand a page and its checkpoint to the sink."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._write, page, checkpoint)

    async def close(self) -> None:
        """Close the sink, in the thread that opened it."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._open.close)
        self._thread.shutdown()

    def _write(self, page: Page, checkpoint: Checkpoint) -> Recorded:
        if self._sink is None:
            self._sink = self._open.enter_context(pkgutil.resolve_name(self._opener)(self._database))
        return self._sink(page, checkpoint)


class SourceSpider(scrapy.Spider):
    """Visits every scope of a plan, one after the other."""

    name = "paperlark"

    def __init__(self, plan: CrawlPlan, worker: Worker, resolver: GuardedResolver, tell: Callable[[Told], None]) -> None:
        super().__init__()
        self.plan, self.worker, self.resolver, self.tell = plan, worker, resolver, tell
        self.visitor = self._visitor(pkgutil.resolve_name(plan.source))

    async def start(self) -> AsyncIterator[Any]:
        """Do what the plan says, and leave Scrapy nothing to schedule."""
        await attempt(Round(self.plan, self.visitor, self._say).go())
        await attempt(self.worker.close())
        nothing_to_schedule: tuple[Any, ...] = ()
        for request in nothing_to_schedule:
            yield request

    def _say(self, told: Told) -> None:
        if isinstance(told, tuple):
            told = tuple(_without_secret(look, self.plan) for look in told)
        self.tell(told)

    def _visitor(self, source: Source) -> Visitor:
        plan = self.plan
        delay = plan.delay if plan.delay is not None else timedelta() if plan.mirror else None
        fetcher = Fetcher(
            download=self.download,
            clock=plan.clock,
            agent=user_agent(importlib.metadata.version("paperlark"), plan.contact),
            pace=Pace(
                delay=source.delay if delay is None else delay,
                heed_crawl_delay=plan.mirror is None or plan.delay is not None,
            ),
            budget=plan.budget,
            hosts=dict(plan.hosts),
            tell=self.tell,
        )
        return Visitor(
            source=dated(source, plan.evenings_off),
            fetcher=fetcher,
            clock=plan.clock,
            read=self.worker.read,
            record=self.worker.record,
            progress=self.tell,
            delay=delay,
            contact=plan.contact,
            token=plan.token,
            addresses=plan.addresses,
        )

    async def download(self, ask: Ask) -> Answer:
        """Make one request by Scrapy's downloader, which here follows, retries and decides nothing."""
        request = scrapy.Request(
            ask.url,
            headers=dict(ask.headers),
            meta={
                "download_timeout": ask.timeout.total_seconds(),
                "download_maxsize": ask.max_bytes,
                "download_fail_on_dataloss": False,
            },
        )
        self.resolver.refused = None
        try:
            response = await self.crawler.engine.download_async(request)
        except (ConnectError, *_DOWNLOAD_ERRORS) as error:
            raise _explained(error, ask, self.resolver.refused) from None
        headers = {
            name.decode("latin-1").lower(): b", ".join(values).decode("latin-1") for name, values in response.headers.items()
        }
        body, whole = inflate(response.body, headers.get("content-encoding", ""), ask.max_bytes)
        whole = whole and "dataloss" not in response.flags
        return Answer(url=ask.url, status=response.status, headers=headers, body=body, whole=whole)


_DOWNLOAD_ERRORS = (
    exceptions.CannotResolveHostError,
    exceptions.DownloadCancelledError,
    exceptions.DownloadConnectionRefusedError,
    exceptions.DownloadFailedError,
    exceptions.DownloadTimeoutError,
    exceptions.UnsupportedURLSchemeError,
)


def _explained(error: Exception, ask: Ask, refused: str | None) -> CrawlError:
    """Say in our own words why a request failed, and by its class whether to ask again."""
    match error:
        case exceptions.CannotResolveHostError() if refused:
            return RefusedError(f"its name leads to {refused}, which is no address of the public internet")
        case exceptions.CannotResolveHostError():
            return UnknownHostError("its name could not be looked up")
        case exceptions.DownloadTimeoutError():
            return FetchError(f"no whole answer within {ask.timeout.total_seconds():g} s")
        case exceptions.DownloadCancelledError():
            return ReadError(f"larger than {ask.max_bytes:,} bytes")
        case exceptions.DownloadFailedError(__cause__=ResponseFailed(reasons=[first, *_])):
            return _unanswered(first)
        case _:
            is_refused = isinstance(error, exceptions.DownloadConnectionRefusedError)
            return (NoConnectionError if is_refused else FetchError)(f"{type(error).__name__}: {error}")


def _unanswered(failure: Failure) -> CrawlError:
    """Say why there was no whole answer: our limit for headers, a certificate that nobody vouches for, or the line."""
    error, why = failure.value, failure.getErrorMessage()
    if isinstance(error, ConnectionAborted):
        return ReadError(f"more than {HEADER_BYTES:,} bytes of headers")
    is_of_tls = isinstance(error, VerificationError) or (isinstance(error, SSL.Error) and "certificate" in why)
    return (CertificateError if is_of_tls else FetchError)(why)


def _without_secret(look: Look, plan: CrawlPlan) -> Look:
    """Take the database's address and password, a token, and who asks, out of what a look says, should an error quote them."""
    known = (plan.database, urlsplit(plan.database).password, plan.token, plan.contact, quote_plus(plan.contact))
    secrets = [secret for secret in known if secret]

    def hidden(text: str) -> str:
        for secret in secrets:
            text = text.replace(secret, "***")
        return text

    error = None if look.error is None else hidden(look.error)
    return replace(look, error=error, verdict=replace(look.verdict, why=hidden(look.verdict.why)))


def run(plan: CrawlPlan, sink: str, tell: Callable[[Told], None]) -> None:
    """Crawl in this process, in which no reactor has run before and none can again."""
    install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
    from twisted.internet import reactor as installed  # noqa: PLC0415 - importing it installs one

    reactor: Any = installed  # Twisted types it as the least of its interfaces
    resolver = GuardedResolver(reactor.nameResolver, mirror_address(plan.mirror) if plan.mirror else None)
    reactor.installNameResolver(resolver)
    crawler = Crawler(SourceSpider, scrapy_settings(plan.mirror))
    failures: list[Any] = []
    # What the libraries have made stays to the end. And what a page of 2,500 records makes is all gone after it: to look
    # for garbage in it after each 700 objects takes a tenth of the time of a back-fill.
    gc.freeze()
    gc.set_threshold(_GARBAGE)

    def begin() -> None:
        worker = Worker(sink, plan.database)
        crawled: Any = crawler.crawl(plan=plan, worker=worker, resolver=resolver, tell=tell)
        crawled.addErrback(failures.append).addBoth(lambda _: reactor.stop())

    reactor.callWhenRunning(begin)
    reactor.run(installSignalHandlers=False)
    for failure in failures:
        failure.raiseException()
