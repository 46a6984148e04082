from dataclasses import replace

import pytest

from crawler.verdict import Verdict
from digests import render
from digests.digest import Digest
from digests.page import page
from digests.paper_words import Link
from tests.digests.digest_examples import (
    CHINESE_MORNING,
    DETECTION,
    MORNING,
    NOTHING_MATCHED,
    SEGMENTATION,
    UPDATES,
    WEEKEND,
    complete,
    source,
)


@pytest.mark.parametrize(
    ("digest", "summary"),
    [
        (MORNING, "9 new papers for you, 3 updates. About 3 minutes."),
        (CHINESE_MORNING, "今天有 9 篇新论文，3 条更新。约 3 分钟读完。"),
        (replace(MORNING, updates=()), "9 new papers for you. About 2 minutes."),
        (replace(MORNING, sections=(), updates=UPDATES[:1]), "No new papers for you, 1 update. About 1 minute."),
        (WEEKEND, "Nothing new for you today."),
    ],
)
def test_the_summary_counts_and_times(digest: Digest, summary: str) -> None:
    assert page(digest).summary == summary


def test_the_preview_is_the_first_titles() -> None:
    assert page(MORNING).preview.startswith("Small but Mighty: ")
    assert page(WEEKEND).preview == "Nothing new for you today."


def test_verdicts_for_programs() -> None:
    assert page(MORNING).verdicts[-1] == "arxiv cs.RO stale 41/41 2026-01-14"
    failed = replace(MORNING, sources=(source("", Verdict(kind="failed"), fresh=False),))
    assert page(failed).verdicts == ("arxiv - failed 0/- -",)


def test_an_empty_digest_says_why() -> None:
    assert page(MORNING).nothing == ""
    assert page(WEEKEND).nothing == "It is the weekend: nothing was announced."
    weekday = replace(MORNING, sections=(), sources=(source("cs.CV", complete(9), fresh=False),))
    assert page(weekday).nothing == "Nothing was announced since your last digest."
    assert page(NOTHING_MATCHED).nothing == "Your topics had nothing today, of 390 papers announced."
    failed = replace(weekday, sources=(source("cs.CV", Verdict(kind="failed"), fresh=False),))
    assert page(failed).nothing == page(replace(weekday, sources=())).nothing == "Nothing new has reached us yet."
    assert page(NOTHING_MATCHED).topics == ()


def test_what_is_left_out_is_linked_where_the_whole_digest_is_published() -> None:
    published = replace(MORNING, site_page="https://papers.example.org/2026-01-15/早报.html")
    href = "https://papers.example.org/2026-01-15/%E6%97%A9%E6%8A%A5.html"
    assert page(published).topics[0].more == Link("and 3 more in the full list", href)
    for form in (render.html, render.markdown, render.text):
        assert href in form(published)


def test_topics_carry_their_count_beside_the_usual_one() -> None:
    segmentation, detection, clouds = page(MORNING).topics
    assert (segmentation.count, segmentation.more) == ("6 today, usually 4", Link("and 3 more in the attached list", None))
    assert (detection.count, detection.more) == ("3 today, usually 5", None)
    assert (clouds.count, clouds.entries) == ("none today, usually 1", ())
    first = replace(MORNING, sections=(replace(DETECTION, history=()),))
    assert page(first).topics[0].count == "3 today"
    assert page(first).topics[0].bars == ()


def test_bars_show_the_last_fourteen_days() -> None:
    long = replace(SEGMENTATION, history=tuple(range(30)))
    bars = page(replace(MORNING, sections=(long,))).topics[0].bars
    assert len(bars) == 14
    assert (min(bars), max(bars)) == (2, 8)
    assert page(replace(MORNING, sections=(replace(DETECTION, history=(0, 0, 300)),))).topics[0].bars == (1, 1, 8, 1)


def test_the_foot_names_the_topics() -> None:
    assert page(CHINESE_MORNING).because == "你订阅了“语义分割”、“目标检测”和“点云”。"
    assert page(replace(MORNING, sections=(DETECTION,))).because == "You read this because of the topic “Object detection”."
    assert page(replace(MORNING, sections=())).because == "You read this because you subscribed to “vision”."


def test_the_way_out_is_a_mail_to_the_owner() -> None:
    stop = page(replace(MORNING, subscription="a&b c", unsubscribe="o?x=1@example.org")).stop
    assert stop is not None
    assert stop.href == "mailto:o%3Fx%3D1@example.org?subject=unsubscribe%20a%26b%20c"
    assert page(replace(MORNING, unsubscribe=None)).stop is None
