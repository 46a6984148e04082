"""The papers that texts link to, in all the spellings of their addresses; and addresses as feeds write them."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.addresses import absolute, place, untracked
from crawler.identifiers import Identifier
from crawler.paper_links import is_news, named, paper_at, papers_in

ARXIV = Identifier("arxiv", "2401.00001")
words = st.text(
    st.sampled_from("ab1./:?&=#%-_ \"'<>()[]é语\0\ud800") | st.characters(),
    max_size=80,
)


@pytest.mark.parametrize(
    "text",
    [
        "https://arxiv.org/abs/2401.00001",
        "http://www.arxiv.org/abs/2401.00001v3",
        "https://arxiv.org/pdf/2401.00001v2.pdf",
        "https://arxiv.org/pdf/2401.00001.",
        "https://arxiv.org/html/2401.00001v1#S3",
        "(https://export.arxiv.org/abs/2401.00001)",
        "https://ar5iv.labs.arxiv.org/html/2401.00001",
        "https://ar5iv.org/abs/2401.00001",
        "https://www.alphaxiv.org/abs/2401.00001",
        "https://scirate.com/arxiv/2401.00001",
        "https://huggingface.co/papers/2401.00001",
        "https://hf.co/papers/2401.00001",
        "https://doi.org/10.48550/arXiv.2401.00001",
        "//arxiv.org/abs/2401.00001",
        "arxiv.org/abs/2401.00001?utm_source=x",
        "arXiv:2401.00001 [cs.CV]",
        '<a href="https://ARXIV.org/abs/2401.00001">x</a>',
        "&lt;a href=&quot;https://arxiv.org/abs/2401.00001&quot;&gt;",
        "[it](https://arxiv.org/abs/2401.00001)",
        "https://example.org/?u=https://arxiv.org/abs/2401.00001",
    ],
)
def test_arxiv_in_any_spelling(text: str) -> None:
    assert papers_in(f"Look at {text} now", 20) == (ARXIV,)


@pytest.mark.parametrize(
    ("text", "scheme", "value"),
    [
        ("https://arxiv.org/abs/math.GT/0309136v2", "arxiv", "math/0309136"),
        ("https://doi.org/10.1109/TPAMI.2026.0000001", "doi", "10.1109/tpami.2026.0000001"),
        ("http://dx.doi.org/10.1000/a(b)c).", "doi", "10.1000/a(b)c"),
        ("https://doi.org/10.1000%2Fx?utm_source=rss", "doi", "10.1000/x"),
        ("doi: 10.1000/x-1;", "doi", "10.1000/x-1"),
        ("[x](https://doi.org/10.1000/x)", "doi", "10.1000/x"),
        ("https://openreview.net/forum?id=aBc_-12345&noteId=zzzzzzzz", "openreview", "aBc_-12345"),
        ("https://openreview.net/forum?referrer=x&amp;id=aBc_-12345", "openreview", "aBc_-12345"),
        ("https://openreview.net/pdf?id=aBc_-12345", "openreview", "aBc_-12345"),
        ("https://aclanthology.org/2025.acl-long.12/", "acl", "2025.acl-long.12"),
        ("https://aclanthology.org/2025.acl-long.12.pdf", "acl", "2025.acl-long.12"),
        ("https://www.aclweb.org/anthology/P19-1001", "acl", "P19-1001"),
        (
            "https://openaccess.thecvf.com/content/CVPR2026/html/Ada_An_Engine_CVPR_2026_paper.html",
            "cvf",
            "Ada_An_Engine_CVPR_2026",
        ),
        (
            "https://openaccess.thecvf.com/content/CVPR2026/papers/Ada_An_Engine_CVPR_2026_paper.pdf",
            "cvf",
            "Ada_An_Engine_CVPR_2026",
        ),
        ("https://proceedings.mlr.press/v235/lovelace24a.html", "pmlr", "v235/lovelace24a"),
        ("https://proceedings.mlr.press/v235/lovelace24a/lovelace24a.pdf", "pmlr", "v235/lovelace24a"),
    ],
)
def test_papers_of_other_places(text: str, scheme: str, value: str) -> None:
    assert papers_in(f"Look at {text} now", 20) == (Identifier(scheme, value),)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "https://notarxiv.org/abs/2401.00001",
        "https://arxiv.org/list/cs.CV/recent",
        "https://arxiv.org/abs/2401.000012345",
        "https://openreview.net/group?id=ICLR.cc",
        "https://proceedings.mlr.press/v235/",
        "https://proceedings.mlr.press/v235/index.html",
        "https://openaccess.thecvf.com/CVPR2026",
        "https://aclanthology.org/events/acl-2025/",
        "https://huggingface.co/papers",
        "https://doi.org/10.1038/d41586-026-00001-1",
        "2401.00001 and 10.1000/x are no links",
    ],
)
def test_what_links_to_no_paper(text: str) -> None:
    assert papers_in(text, 20) == ()


def test_papers_are_counted_once_in_their_order_and_not_beyond_the_most() -> None:
    text = " ".join(f"https://arxiv.org/abs/2401.{number:05}" for number in (2, 1, 2, 3, 4))
    assert [one.value for one in papers_in(text, 3)] == ["2401.00002", "2401.00001", "2401.00003"]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://arxiv.org/abs/2401.00001", ARXIV),
        ("https://example.org/?u=https://arxiv.org/abs/2401.00001", None),
        ("https://link.springer.com/article/10.1007/s11263-026-1?utm_source=rss", Identifier("doi", "10.1007/s11263-026-1")),
        ("https://dl.acm.org/doi/abs/10.1145/1.2?af=R", Identifier("doi", "10.1145/1.2")),
        ("https://onlinelibrary.wiley.com/doi/10.1111/x.1/full", Identifier("doi", "10.1111/x.1")),
        ("https://journals.plos.org/plosone/article?id=10.1371/journal.pone.1", Identifier("doi", "10.1371/journal.pone.1")),
        ("https://www.biorxiv.org/content/10.1101/2026.01.02.123456v2", Identifier("doi", "10.1101/2026.01.02.123456")),
        ("https://www.nature.com/articles/s42256-026-00001-1", Identifier("doi", "10.1038/s42256-026-00001-1")),
        ("https://www.nature.com/articles/d41586-026-00001-1", None),
        ("https://blog.example.org/10.5/a", None),
        ("http://[broken", None),
        ("", None),
    ],
)
def test_the_paper_of_which_an_address_is_the_page(address: str, expected: Identifier | None) -> None:
    assert paper_at(address) == expected


def test_news_of_nature_has_a_doi_and_is_no_paper() -> None:
    assert is_news("doi:10.1038/d41586-026-00001-1")
    assert named("doi:10.1038/d41586-026-00001-1") is None
    assert named("doi:10.1038/s41586-026-00001-1") == Identifier("doi", "10.1038/s41586-026-00001-1")


@pytest.mark.parametrize(
    ("address", "base", "expected"),
    [
        ("/a/b", "https://example.org/blog/feed.xml", "https://example.org/a/b"),
        ("b", "https://example.org/blog/feed.xml", "https://example.org/blog/b"),
        ("//cdn.example.org/x#part", "https://example.org/", "https://cdn.example.org/x"),
        (" https://Example.org/ä b?q=ü ", "", "https://example.org/%C3%A4%20b?q=%C3%BC"),
        ("https://bücher.example/x", "", "https://xn--bcher-kva.example/x"),
        ("feed:https://example.org/x", "", "https://example.org/x"),
        ("feed://example.org/x", "", "http://example.org/x"),
        ("javascript:alert(1)", "https://example.org/", None),
        ("file:///etc/passwd", "https://example.org/", None),
        ("https://user:word@example.org/", "", None),
        ("https://127.0.0.1/", "", None),
        ("https://example.org:8080/", "", None),
        ("http://[broken", "https://example.org/", None),
        ("https://exa mple.org/", "", None),
        ("", "", None),
    ],
)
def test_absolute_addresses(address: str, base: str, expected: str | None) -> None:
    assert absolute(address, base) == expected


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://e.org/pii/S1?dgcid=rss_sd_all", "https://e.org/pii/S1"),
        ("https://e.org/a?id=1&utm_medium=x&b=", "https://e.org/a?id=1&b="),
        ("https://e.org/a?q=1%202", "https://e.org/a?q=1%202"),
        ("https://e.org/a", "https://e.org/a"),
    ],
)
def test_what_only_counts_readers_is_left_out(address: str, expected: str) -> None:
    assert untracked(address) == expected
    assert place(address) == expected.partition("://")[2]


@settings(max_examples=50)
@given(words)
@pytest.mark.parametrize("read", [lambda text: papers_in(text, 20), paper_at, absolute, untracked, place, named])
def test_no_text_is_too_odd(read: Callable[[str], Any], text: str) -> None:
    read(text)
    read(f"https://arxiv.org/{text}")
    read(f"https://doi.org/10.1000/{text}")


@settings(max_examples=50)
@given(words, words)
def test_an_absolute_address_stays_as_it_is(address: str, base: str) -> None:
    found = absolute(address, f"https://example.org/{base}")
    assert found is None or absolute(found) == found
