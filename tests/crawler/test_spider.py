"""What the spider makes of Scrapy's failures, without a process of its own; tests/crawler/test_crawl.py has the rest."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from OpenSSL import SSL
from scrapy import exceptions
from service_identity.exceptions import VerificationError
from twisted.internet import error as internet
from twisted.python import failure as python
from twisted.web import client as web

from crawler.ask import Ask
from crawler.errors import CertificateError, FetchError, NoConnectionError, ReadError, RefusedError, UnknownHostError
from crawler.report import CrawlPlan, failed_look
from crawler.spider import SourceSpider, Worker, _explained, _without_secret

# Twisted types some of its errors and not others.
ConnectError: Any = internet.ConnectError
Failure: Any = python.Failure
ResponseFailed: Any = web.ResponseFailed


def frozen() -> datetime:
    return datetime(2026, 8, 14, tzinfo=UTC)


ASK = Ask(url="https://papers.test/", headers={}, rules="robots", max_bytes=1000, timeout=timedelta(seconds=5))


@pytest.mark.parametrize(
    ("error", "refused", "kind", "words"),
    [
        (exceptions.CannotResolveHostError("x"), "10.0.0.1", RefusedError, "its name leads to 10.0.0.1"),
        (exceptions.CannotResolveHostError("x"), None, UnknownHostError, "its name could not be looked up"),
        (exceptions.DownloadTimeoutError("x"), None, FetchError, "no whole answer within 5 s"),
        (exceptions.DownloadCancelledError("x"), None, ReadError, "larger than 1,000 bytes"),
        (exceptions.DownloadConnectionRefusedError("refused"), None, NoConnectionError, "refused"),
        (exceptions.DownloadFailedError("x"), None, FetchError, "DownloadFailedError: x"),
        (ConnectError(string="no route"), None, FetchError, "no route"),
    ],
)
def test_a_failure_of_scrapy_is_said_in_our_words(error: Exception, refused: str | None, kind: type, words: str) -> None:
    explained = _explained(error, ASK, refused)
    assert type(explained) is kind
    assert words in str(explained)


def test_the_first_reason_of_a_failed_response_is_enough() -> None:
    error = exceptions.DownloadFailedError("[<twisted.python.failure.Failure ...>]")
    error.__cause__ = ResponseFailed([Failure(internet.ConnectionLost("the line is dead"))])
    assert str(_explained(error, ASK, None)).endswith("the line is dead.")


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        (SSL.Error([("SSL routines", "", "certificate verify failed")]), CertificateError),
        (VerificationError(errors=[]), CertificateError),
        (SSL.Error([("SSL routines", "", "wrong version number")]), FetchError),
        (internet.ConnectionLost("the line is dead"), FetchError),
    ],
)
def test_a_certificate_that_nobody_vouches_for_is_told_apart(reason: Exception, kind: type) -> None:
    error = exceptions.DownloadFailedError("x")
    error.__cause__ = ResponseFailed([Failure(reason)])
    assert type(_explained(error, ASK, None)) is kind


@pytest.mark.parametrize("database", ["postgresql+psycopg://me:s3cret@db.example/papers", "sqlite:///s3cret.db"])
def test_no_look_tells_the_address_or_password_of_the_database(database: str) -> None:
    look = failed_look("arxiv", "cs.CV", f"cannot open {database} with s3cret" * ("@" in database), datetime.now(UTC))
    kept = _without_secret(look, CrawlPlan(source="", scopes=(), database=database, clock=frozen))
    assert "s3cret" not in f"{kept.error} {kept.verdict.why}"
    assert "arxiv cs.CV" in (kept.error or "")


@pytest.mark.parametrize("quoted", ["ada@example.org", "ada%40example.org"])
def test_no_look_tells_who_asks(quoted: str) -> None:
    look = failed_look("unpaywall", "10.1000/1", f"HTTP status 422 (https://api.test/?email={quoted})", frozen())
    kept = _without_secret(look, CrawlPlan(source="", scopes=(), database="", contact="ada@example.org", clock=frozen))
    assert (kept.error, kept.verdict.why) == ("unpaywall 10.1000/1: HTTP status 422 (https://api.test/?email=***)",) * 2


def test_no_look_tells_the_token() -> None:
    look = failed_look("openreview", "ICLR2025", "the header is odd: Bearer s3cret", frozen())
    plan = CrawlPlan(source="", scopes=(), database="", token="s3cret", clock=frozen)
    kept = _without_secret(look, plan)
    assert kept.error == "openreview ICLR2025: the header is odd: Bearer ***"
    assert "s3cret" not in f"{kept!r} {plan!r}"


def test_the_visitor_has_the_token_of_the_plan() -> None:
    plan = CrawlPlan(source="crawler.sources.openreview:SOURCE", scopes=(), database="", token="s3cret", clock=frozen)
    nobody: Any = None
    spider = SourceSpider(plan, Worker("", ""), nobody, nobody)
    assert (spider.visitor.token, spider.visitor.source.token) == ("s3cret", True)
