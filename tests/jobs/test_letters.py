"""What goes out for a digest: files that show all of it, and a mail of a size that mail programs show."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.errors import SettingsError
from digests.address import Address
from digests.digest import Digest, Section
from digests.query import parse
from digests.subscription import Subscription, Topic
from digests.topic import Match, Reason
from jobs.letters import SIZE_LIMIT, Sender, is_quiet, letters
from storage.outbox import Message
from tests.digests.digest_examples import CHINESE_MORNING, MORNING, NOTHING_MATCHED, WEEKEND, event, paper

NOW = datetime(2026, 1, 15, 2, 30, tzinfo=UTC)
LARK = Address("lark", "example.org", "Paperlark")
OWNER = Address("owner", "example.org")
SENDER = Sender(address=LARK, owner=OWNER)
ENGLISH = "Remote sensing images of <cities> & fields are segmented at a fraction of the cost of full fine-tuning. " * 15
CHINESE = "我们提出一种用于遥感图像语义分割的方法，在三个公开数据集上以更低的代价取得更好的结果。" * 30


def reader(digest: Digest, cap: int = 25, **parts: Any) -> Subscription:
    topics = tuple(
        Topic(name=section.topic, text="segmentation", query=parse("segmentation"), cap=cap) for section in digest.sections
    )
    known = {"name": digest.subscription, "forms": ("mail", "file"), "email": "reader@example.org", "topics": topics}
    return Subscription(**{**known, **parts})


def many(count: int, abstract: str, topics: int = 1, language: str = "en") -> Digest:
    """Return a digest with so many long papers in each topic."""
    sections = []
    for topic in range(topics):
        found = []
        for number in range(count):
            one = paper(f"2601.{topic * count + number:05}", f"{number}: {abstract[:200]}", "Ada Lovelace, 王力宏", abstract)
            found.append(Match(event=event(one), paper=one, topic=f"Topic {topic}", why=(Reason("title", "segmentation"),)))
        sections.append(Section(topic=f"Topic {topic}", matches=tuple(found)))
    return replace(MORNING, sections=tuple(sections), language=language)


def written(digest: Digest, sender: Sender | None = SENDER, **parts: Any) -> dict[str, Message]:
    return {one.form: one for one in letters(digest, reader(digest, **parts), "2026-01-15", sender, NOW)}


def mail(digest: Digest, sender: Sender = SENDER, **parts: Any) -> EmailMessage:
    found = message_from_bytes(written(digest, sender, **parts)["mail"].body, policy=policy.default)
    assert isinstance(found, EmailMessage)
    for part in found.walk():
        assert part.defects == []
    return found


def encoded_html(message: EmailMessage) -> str:
    (part,) = [one for one in message.walk() if one.get_content_type() == "text/html" and not one.is_attachment()]
    return part.as_string()


def mailed(message: EmailMessage) -> str:
    body = message.get_body(("html",))
    assert body is not None
    content = body.get_content()
    assert isinstance(content, str)
    return content


def papers_in(html: str) -> int:
    return len(re.findall(r'id="arxiv-', html))


def test_the_files_show_everything() -> None:
    digest = many(60, ENGLISH)
    files = written(digest)
    assert files["markdown"].recipient == "2026-01-15/vision.md"
    assert files["html"].recipient == "2026-01-15/vision.html"
    assert files["markdown"].body.decode().count("\n### ") == 60
    assert papers_in(files["html"].body.decode()) == 60
    assert (files["html"].message_id, files["html"].period, files["html"].subscription) == ("", "2026-01-15", "vision")


def test_a_name_that_is_none_for_a_file_is_made_one() -> None:
    files = letters(MORNING, reader(MORNING, name="../etc/passwd"), "2026-01-15", None, NOW)
    assert all(re.fullmatch(r"2026-01-15/[^/]+\.(md|html)", one.recipient) for one in files)


@pytest.mark.parametrize(
    ("parts", "sender", "forms"),
    [
        ({}, SENDER, {"mail", "markdown", "html"}),
        ({"forms": ("file",)}, SENDER, {"markdown", "html"}),
        ({"forms": ("mail",)}, SENDER, {"mail"}),
        ({"email": None}, SENDER, {"markdown", "html"}),
        ({}, None, {"markdown", "html"}),
    ],
)
def test_only_the_forms_that_are_wanted_and_possible_are_made(
    parts: dict[str, Any], sender: Sender | None, forms: set[str]
) -> None:
    assert set(written(MORNING, sender, **parts)) == forms


def test_on_a_quiet_day_there_is_no_mail() -> None:
    assert is_quiet(WEEKEND)
    assert set(written(WEEKEND)) == {"markdown", "html"}
    for busy in (
        MORNING,
        NOTHING_MATCHED,
        replace(WEEKEND, updates=MORNING.updates),
        replace(WEEKEND, sections=MORNING.sections),
    ):
        assert not is_quiet(busy)
        assert "mail" in written(busy)


def test_the_headers_of_a_mail() -> None:
    message = mail(MORNING)
    assert message["From"] == "Paperlark <lark@example.org>"
    assert message["To"] == "reader@example.org"
    assert message["Subject"] == "Paperlark, 15 January: 9 new papers, 3 updates"
    assert message["List-Id"].endswith("<vision.example.org>")
    assert message["List-Unsubscribe"].startswith("<mailto:owner@example.org?subject=unsubscribe")
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"].datetime == NOW
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert "mailto:owner@example.org" in mailed(message)


def test_a_mail_is_the_same_mail_for_the_same_period_and_reader() -> None:
    first, again = written(MORNING)["mail"], written(MORNING)["mail"]
    assert first == again
    assert first.message_id == mail(MORNING)["Message-ID"]
    others = [
        letters(MORNING, reader(MORNING), "2026-01-16", SENDER, NOW)[-1],
        letters(MORNING, reader(MORNING, email="other@example.org"), "2026-01-15", SENDER, NOW)[-1],
        letters(MORNING, reader(MORNING, name="evening"), "2026-01-15", SENDER, NOW)[-1],
    ]
    assert len({first.message_id, *(one.message_id for one in others)}) == 4


def test_a_mail_has_as_many_papers_as_the_cap_and_all_of_them_attached() -> None:
    message = mail(many(30, "Short."), cap=7)
    assert message.get_content_type() == "multipart/mixed"
    assert papers_in(mailed(message)) == 7
    (attachment,) = message.iter_attachments()
    assert attachment.get_filename() == "paperlark-2026-01-15.html"
    assert papers_in(attachment.get_content()) == 30
    text = message.get_body(("plain",))
    assert text is not None
    assert "and 23 more in the attached list" in text.get_content()
    assert "30 new papers" in message["Subject"]


def test_nothing_is_attached_when_the_mail_shows_all() -> None:
    assert list(mail(many(7, "Short."), cap=7).iter_attachments()) == []


def test_where_digests_are_published_the_mail_links_there() -> None:
    message = mail(many(30, "Short."), replace(SENDER, site_url="https://papers.example.org/lark/"), cap=7)
    assert "https://papers.example.org/lark/2026-01-15/vision.html" in mailed(message)
    assert list(message.iter_attachments()) == []


@pytest.mark.parametrize(("abstract", "language"), [(ENGLISH, "en"), (CHINESE, "zh"), (CHINESE, "en")])
@pytest.mark.parametrize(("count", "topics", "cap"), [(500, 1, 1000), (100, 5, 25), (10, 40, 25)])
def test_no_mail_is_longer_than_mail_programs_show(abstract: str, language: str, count: int, topics: int, cap: int) -> None:
    digest = many(count, abstract, topics, language)
    message = mail(digest, cap=cap)
    assert len(encoded_html(message).encode().replace(b"\n", b"\r\n")) <= SIZE_LIMIT
    (attachment,) = message.iter_attachments()
    assert papers_in(attachment.get_content()) == count * topics
    assert "mailto:owner@example.org" in mailed(message)


def test_a_chinese_digest_is_a_chinese_mail() -> None:
    message = mail(CHINESE_MORNING)
    assert "篇新论文" in message["Subject"]
    assert "语义分割" in mailed(message)


def test_an_address_that_is_none_is_a_mistake_of_the_settings() -> None:
    with pytest.raises(SettingsError, match="vision: nobody is no mail address"):
        written(MORNING, email="nobody")


@given(st.lists(st.integers(0, 12), min_size=1, max_size=4), st.integers(1, 10))
@settings(max_examples=15, deadline=None)
def test_mail_and_files_count_alike(sizes: list[int], cap: int) -> None:
    full = many(12, "Short.", topics=len(sizes)).sections
    sections = tuple(replace(one, matches=one.matches[:size]) for one, size in zip(full, sizes, strict=True))
    digest = replace(MORNING, sections=sections)
    files, message = written(digest, cap=cap), mail(digest, cap=cap)
    assert files["markdown"].body.decode().count("\n### ") == sum(sizes) == digest.papers
    assert papers_in(mailed(message)) == sum(min(size, cap) for size in sizes)
    assert bool(list(message.iter_attachments())) == any(size > cap for size in sizes)
