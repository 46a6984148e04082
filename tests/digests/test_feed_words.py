"""Feeds and posts in words, in both languages."""

from datetime import UTC, date, datetime

import pytest

from crawler.feed_health import Failure, FeedState
from crawler.verdict import Verdict
from digests.digest import SourceLine
from digests.feed_words import brought, dead_feeds
from digests.language import language
from digests.post_words import discussed, post

NOON = datetime(2026, 8, 12, 12, tzinfo=UTC)
ENGLISH, CHINESE = language("en"), language("zh")


def dead(name: str, **about: object) -> tuple[str, FeedState]:
    return name, FeedState(url="https://a.example/", failing_since=NOON, **about)  # type: ignore[arg-type]


def line(*feeds: tuple[str, FeedState]) -> SourceLine:
    verdict = Verdict(kind="quiet", announced_on=date(2026, 8, 12))
    return SourceLine(source="feeds", title="Feeds", scope="", verdict=verdict, fresh=False, looked_at=NOON, dead=feeds)


@pytest.mark.parametrize(
    ("failure", "english", "chinese"),
    [
        ("missing", "it is not there (404)", "该地址不存在（404）"),
        ("unknown host", "its host has no address", "找不到其主机"),
        ("bad certificate", "its certificate is not valid", "其证书无效"),
        ("refused", "its host takes no connection", "其主机拒绝连接"),
        ("no feed", "what is there is no feed", "该地址的内容不是订阅源"),
        ("failed", "it could not be fetched", "未能获取"),
    ],
)
def test_why_a_feed_is_dead(failure: Failure, english: str, chinese: str) -> None:
    one = line(dead("Ada", failure=failure))
    assert [*dead_feeds(one, ENGLISH)] == [f"The feed Ada could not be read since 12 August: {english}."]
    assert [*dead_feeds(one, CHINESE)] == [f"订阅源 Ada 自8月12日起无法读取：{chinese}。"]


def test_five_dead_feeds_are_named_and_the_others_counted() -> None:
    many = [dead(f"Feed {number}", gone=True) for number in range(7)]
    told = [*dead_feeds(line(*many), ENGLISH)]
    assert told[0] == "The feed Feed 0 is gone for good (410); it is not asked for any more."
    assert told[5:] == ["2 more feeds are dead."]
    assert [*dead_feeds(line(*many[:5]), ENGLISH)] == told[:5]
    assert [*dead_feeds(line(), ENGLISH)] == []


def test_what_feeds_brought() -> None:
    assert [brought(count, ENGLISH) for count in (0, 1, 2)] == ["new posts", "1 new paper", "2 new papers"]


def test_a_post_says_where_it_is_and_leads_nowhere_else() -> None:
    detail = {"title": "On\u202e $x^2$\n\x07", "url": "https://a.example/1", "by": "BAIR blog"}
    assert (discussed(detail, ENGLISH), discussed(detail, CHINESE)) == ("Discussed at BAIR blog", "BAIR blog 有文章谈到")
    title, href = post(detail)
    assert title.isprintable()
    assert href == "https://a.example/1"
    assert post({"url": "javascript:alert(1)"}) == ("…", None)
    assert discussed({}, ENGLISH) == "Discussed"
