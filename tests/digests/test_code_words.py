"""Code in words: the label, the links, and the update."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from digests.code_words import code_is_out, code_label, repository
from digests.language import language
from digests.paper_words import Link, paper_words
from storage.paper import PaperCount, PaperLink
from tests.digests.digest_examples import POSE2SEG, WEFT
from tests.digests.digest_examples import repository as code

ENGLISH, CHINESE = language("en"), language("zh")
NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)


def test_the_label_names_the_repository_and_its_stars() -> None:
    assert code_label(WEFT, ENGLISH) == ""
    assert code_label(POSE2SEG, ENGLISH) == "code · MiraPurkrabek/BBoxMaskPose ★ 212"
    assert code_label(POSE2SEG, CHINESE) == "代码 · MiraPurkrabek/BBoxMaskPose ★ 212"
    many = replace(POSE2SEG, counts=(PaperCount(name="stars", value=12345, source="x", seen_at=NOON),))
    assert code_label(many, ENGLISH).endswith(" ★ 12,345")
    assert code_label(replace(POSE2SEG, counts=()), ENGLISH) == "code · MiraPurkrabek/BBoxMaskPose"


def test_what_is_known_to_be_of_others_is_said_to_be() -> None:
    links = [code("https://github.com/a/b", official=official) for official in (True, None, False)]
    labels = [code_label(replace(WEFT, links=(link,)), ENGLISH) for link in links]
    assert labels == ["code · a/b", "code · a/b", "code by others · a/b"]


def test_a_paper_links_its_code_and_its_page() -> None:
    page = PaperLink(url="https://me.github.io/net", kind="page", official=True, said_by=("authors",), seen_at=NOON)
    links = paper_words(replace(WEFT, links=(code("https://github.com/a/b"), page)), ENGLISH).links
    assert links[-2:] == (Link("Code", "https://github.com/a/b"), Link("Project page", "https://me.github.io/net"))
    assert paper_words(replace(WEFT, links=(page,)), ENGLISH).code == ""


@pytest.mark.parametrize(
    ("said", "english", "chinese"),
    [
        ("authors", "named by the authors", "作者给出"),
        ("huggingface", "named by Hugging Face", "由 Hugging Face 给出"),
        ("elsewhere", "named by elsewhere", "由 elsewhere 给出"),
    ],
)
def test_the_update_says_where_and_by_whose_word(said: str, english: str, chinese: str) -> None:
    detail = {"url": "https://github.com/a/b", "said": said}
    assert code_is_out(detail, ENGLISH) == ("a/b", "https://github.com/a/b", english)
    assert code_is_out(detail, CHINESE) == ("a/b", "https://github.com/a/b", chinese)


def test_an_address_that_leads_nowhere_is_no_link() -> None:
    assert code_is_out({"url": "javascript:alert(1)", "said": "authors"}, ENGLISH)[1] is None


def test_a_long_name_is_cut_and_nothing_is_lost_of_a_short_one() -> None:
    assert repository("https://gitlab.com/group/inner/net") == "group/inner/net"
    assert len(code_label(replace(WEFT, links=(code(f"https://github.com/{'a' * 90}/b"),)), ENGLISH)) < 80
