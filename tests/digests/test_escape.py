import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from digests.escape import Written, code, columns, finalize_markdown, finalize_text, link, plain, safe_url, scalar, wrap
from tests.digests.hostile import texts

often = settings(deadline=None, max_examples=100)


@often
@given(texts)
def test_plain_text_is_one_clean_line(text: str) -> None:
    line = plain(text)
    assert plain(line) == line
    assert line == line.strip()
    assert "  " not in line
    assert line.encode().decode() == line


def test_plain_text_is_cut_with_a_mark() -> None:
    assert plain("a" * 9, 5) == "aaaa…"
    assert plain("a" * 5, 5) == "aaaaa"
    assert plain(" a\u200b \n b ") == "a b"


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("SAM-2: 98.1% of D²Net (a.k.a. X) = 3 + 4 > 2", "SAM-2: 98.1% of D²Net (a.k.a. X) = 3 + 4 > 2"),
        ("a | b <c", r"a \| b \<c"),
        ("AT&T & co", r"AT\&T & co"),
        ("a_b *c* `d` [e]", r"a\_b \*c\* \`d\` \[e\]"),
        ("# a #b C#", r"\# a \#b C\#"),
        ("- a - b", r"\- a - b"),
        ("12. a 3. b", r"12\. a 3. b"),
        ("1234567890. is no item", "1234567890. is no item"),
        ("http://a.b www.c.d", r"http\://a.b www\.c.d"),
        ("a == b === c", r"a \=\= b \=\=\= c"),
        ("5%% of {{x}}", r"5\%\% of \{{x}}"),
        ("$5 ~x~ x^2 me@b.c", r"\$5 \~x\~ x\^2 me\@b.c"),
    ],
)
def test_markdown_escapes_what_means_something_and_no_more(text: str, escaped: str) -> None:
    assert finalize_markdown(text) == escaped


@often
@given(texts)
def test_escaped_markdown_shows_as_it_was(text: str) -> None:
    (paragraph,) = [
        token for token in MarkdownIt("commonmark").parse(f"x\n\n{finalize_markdown(plain(text) or 'y')}") if token.level
    ][1:]
    children = paragraph.children or []
    assert "".join(child.content for child in children) == (plain(text) or "y")
    assert {child.type for child in children} == {"text"}


@often
@given(texts)
def test_a_code_span_holds_its_text(text: str) -> None:
    label = plain(text) or "x"
    (token,) = [token for token in MarkdownIt("commonmark").parse(f"a {code(label)} b") if token.children]
    before, span, after = token.children or []
    assert (before.content, span.type, span.content, after.content) == ("a ", "code_inline", label, " b")


def test_links() -> None:
    assert link("A [b]", "https://a.example/?a=1&copy;=2") == r"[A \[b\]](https://a.example/?a=1&amp;copy;=2)"
    assert link("A", None) == "A"


def test_finalizers_leave_alone_what_is_written() -> None:
    assert finalize_markdown(Written("**a**")) == "**a**"
    assert finalize_text(Written("a\nb")) == "a\nb"
    assert finalize_text("a\nb") == "a b"
    assert finalize_text(" · ") == " · "
    assert finalize_text(7) == "7"


def test_scalars_are_json() -> None:
    assert scalar('a "b": c') == r'"a \"b\": c"'
    assert scalar(3) == "3"


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://arxiv.org/abs/2601.09108v2", "https://arxiv.org/abs/2601.09108v2"),
        ("HTTP://a.example/(x) y", "HTTP://a.example/%28x%29%20y"),
        ("https://a.example/'\"<>`|\\^[]$", "https://a.example/%27%22%3C%3E%60%7C%5C%5E%5B%5D%24"),
        ("https://a.example/%28?q=1&r=2#f", "https://a.example/%28?q=1&r=2#f"),
        ("mailto:a@b.example?subject=x", "mailto:a@b.example?subject=x"),
        ("  https://a.example/语  ", "https://a.example/%E8%AF%AD"),
        ("mailto:", None),
        ("https:///path", None),
        ("javascript:alert(1)", None),
        ("javascript://a.example/%0aalert(1)", None),
        ("JaVaScRiPt:alert(1)", None),
        ("java\tscript:alert(1)", None),
        ("ht\ntps://a.example", None),
        ("data:text/html,x", None),
        ("file:///etc/passwd", None),
        ("//a.example", None),
        ("a.example", None),
        ("http://[", None),
        ("", None),
    ],
)
def test_only_addresses_that_lead_somewhere_are_safe(url: str, safe: str | None) -> None:
    assert safe_url(url) == safe


@often
@given(texts, st.sampled_from(["", "  "]))
def test_wrapping_keeps_every_word(text: str, indent: str) -> None:
    lines = wrap(text, indent).split("\n")
    assert "".join(lines).replace(" ", "") == plain(text).replace(" ", "")
    for line in lines:
        assert line.startswith(indent)
        assert columns(line) <= 72 or " " not in line.strip()


def test_wrapping() -> None:
    assert wrap("word " * 20) == ("word " * 14).strip() + "\n" + ("word " * 6).strip()
    assert wrap("a " + "x" * 80 + " b") == "a\n" + "x" * 80 + "\nb"
    assert wrap("语" * 40) == "语" * 36 + "\n" + "语" * 4
    assert wrap("语" * 36 + "。") == "语" * 35 + "\n" + "语。"
    assert columns("语义 seg") == 8
