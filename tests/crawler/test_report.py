from datetime import UTC, datetime
from itertools import pairwise, permutations
from typing import Any

import pytest

from crawler.report import CrawlPlan, CrawlReport, Look, best, site_of
from crawler.verdict import Verdict

KINDS: tuple[Any, ...] = ("complete", "quiet", "partial", "stale", "throttled", "blocked", "failed")


def look(kind: Any, scope: str = "cs.CV", route: str = "listing") -> Look:
    return Look(source="arxiv", scope=scope, route=route, verdict=Verdict(kind=kind), at=datetime(2026, 8, 12, tzinfo=UTC))


@pytest.mark.parametrize(("better", "worse"), list(pairwise(KINDS)))
def test_the_look_that_says_most_counts(better: Any, worse: Any) -> None:
    for pair in permutations([look(better), look(worse)]):
        assert best(list(pair)).verdict.kind == better


def test_of_equals_the_last_counts() -> None:
    assert best([look("stale"), look("stale", route="rss")]).route == "rss"


def test_every_scope_has_one_result_in_order() -> None:
    looks = (look("partial", "b"), look("failed", "b", "rss"), look("quiet", "a"))
    report = CrawlReport(looks=looks, hosts=(), requests=3)
    assert [(result.scope, result.verdict.kind) for result in report.results] == [("b", "partial"), ("a", "quiet")]


def test_a_plan_does_not_print_its_database() -> None:
    plan = CrawlPlan(source="crawler.sources.arxiv:SOURCE", scopes=("cs.CV",), database="postgresql://me:s3cret@db/x")
    assert "s3cret" not in f"{plan} {plan!r}"


@pytest.mark.parametrize(
    ("host", "site"),
    [
        ("arxiv.org", "arxiv.org"),
        ("rss.arxiv.org", "arxiv.org"),
        ("a.b.arxiv.org:8443", "arxiv.org"),
        ("arxiv.org.", "arxiv.org"),
        ("localhost:80", "localhost"),
        ("192.0.2.1:80", "192.0.2.1"),
        ("[2001:db8::1]", "[2001:db8::1]"),
        ("[2001:db8::1]:8443", "[2001:db8::1]"),
    ],
)
def test_the_site_of_a_host_stands_for_all_its_subdomains(host: str, site: str) -> None:
    assert site_of(host) == site
    assert site_of(site) == site
