import io
import logging
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from crawler.sighting import Author
from crawler.text import NAME_LIMIT, clean, fold, names, readable

MARKS = "\\${}%^_~=.\"'`uvHabc &#01\n\r\x00\u202e\u00adıİßﬁ語글ͅ\u0301\ud800"
wild = st.text(st.one_of(st.sampled_from(MARKS), st.characters(exclude_categories=())), max_size=60)
tex = st.text(st.sampled_from("\\${}%^_ac \"'`~=.uvH&#05()[]\n"), max_size=80)
often = settings(deadline=None, max_examples=200)


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("  one\r\n two\tthree  ", "one two three"),
        ("nul\x00 bell\x07", "nul bell"),
        ("half \ud800pair", "half pair"),
        ("right\u202e to left\u200b", "right to left"),
        ("soft\u00adhyphen\ufeff", "softhyphen"),
        ("e\u0301", "é"),
        ("\u2028line\u2029", "line"),
        ("", ""),
        (" \n\x00", ""),
    ],
)
def test_clean(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


@often
@given(wild, st.integers(1, 70))
def test_clean_text_is_one_line_that_xml_and_utf8_can_hold(text: str, limit: int) -> None:
    found = clean(text, limit)
    assert clean(found, limit) == found
    assert len(found) <= limit
    assert unicodedata.is_normalized("NFC", found)
    assert found == " ".join(found.split())
    element = etree.Element("a")
    element.text = found
    copy = etree.parse(io.BytesIO(etree.tostring(element))).getroot()
    assert (copy.text or "") == found


def test_a_long_text_ends_in_an_ellipsis_and_not_in_a_blank() -> None:
    assert clean("word " * 100, 21) == "word word word word…"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Ada Lovelace, Alan Turing Jr", [("Ada Lovelace", None), ("Alan Turing Jr", None)]),
        ("Jane Doe (MIT, USA), Bob (X (Y, Z))", [("Jane Doe", "MIT, USA"), ("Bob", "X (Y, Z)")]),
        ("A (never closed, B, C", [("A", "never closed"), ("B", None), ("C", None)]),
        ("A), B", [("A)", None), ("B", None)]),
        (" , ,(only a place)", []),
        ("", []),
    ],
)
def test_names(text: str, found: list[tuple[str, str | None]]) -> None:
    assert names(text) == tuple(Author(*author) for author in found)


@often
@given(wild)
def test_names_are_clean_and_never_empty(text: str) -> None:
    for author in names(text):
        assert author.name == clean(author.name, NAME_LIMIT)
        assert author.name
        assert author.affiliation != ""


_part = st.text(st.sampled_from("abcé .-"), min_size=1, max_size=10).map(clean).filter(bool)


@often
@given(st.lists(st.builds(Author, _part, st.none() | _part)))
def test_names_joined_by_commas_come_apart_again(authors: list[Author]) -> None:
    text = ", ".join(a.name + (f" ({a.affiliation}, here)" if a.affiliation else "") for a in authors)
    assert names(text) == tuple(Author(a.name, f"{a.affiliation}, here" if a.affiliation else None) for a in authors)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("no TeX at all", "no TeX at all"),
        (r"$\pi_0$ and $x^{2}$", "π₀ and x²"),
        (r"an $\ell_1$ loss", "an ℓ₁ loss"),
        ("it costs $5 and then $10", "it costs $5 and then $10"),
        (r"98.1\% of \$5 \& more", "98.1% of $5 & more"),
        (r"Erd\H{o}s, G\"odel, \'Etale, {\L}ukasz, \ss", "Erdős, Gödel, Étale, Łukasz, ß"),
        (r"\textbf{bold \emph{both}} \url{https://example.org}", "bold both https://example.org"),
        (r"{GAN}s for {3D}", "GANs for 3D"),
        (r"$50%$ off", "50% off"),
        (r"$\unknownmacro$", "unknownmacro"),
        ("100 % unescaped", "100 % unescaped"),
    ],
)
def test_readable(text: str, plain: str) -> None:
    assert readable(text) == plain


@often
@given(tex)
def test_no_tex_is_too_broken_to_read(text: str) -> None:
    assert isinstance(readable(text), str)


def test_deeply_nested_tex_is_left_as_it_is() -> None:
    assert readable("$" + "{" * 399 + "$") == "{" * 399


def test_broken_tex_warns_nobody(caplog: pytest.LogCaptureFixture) -> None:
    readable(r"$\frac$")
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


@often
@given(st.text(st.characters(exclude_characters="\\${"), max_size=40))
def test_text_without_tex_is_readable_as_it_is(text: str) -> None:
    assert readable(text) == text


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Open-Vocabulary 3D Ｓegmentation 语义", "open vocabulary 3d segmentation 语 义"),
        (r"D$^2$Net: G\"odel", "d²net gödel".replace("²", "2")),
        ("Straße ﬁne İstanbul", "strasse fine i stanbul"),
        ("snake_case", "snake case"),
        ("—", ""),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


@often
@given(st.one_of(wild, tex))
def test_folded_text_is_words_and_single_blanks_and_folds_to_itself(text: str) -> None:
    folded = fold(text)
    assert fold(folded) == folded
    assert all(word.isalnum() for word in folded.split(" ") if folded)


@often
@given(st.text(st.sampled_from("abc ABC-,.éÉ"), max_size=30))
def test_folding_knows_no_case_and_no_punctuation(text: str) -> None:
    assert fold(text) == fold(text.upper()) == fold(text.replace("-", " ; "))
