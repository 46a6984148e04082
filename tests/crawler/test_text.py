import gc
import io
import logging
import unicodedata
import weakref
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from crawler.author_list import names
from crawler.sighting import Author
from crawler.text import NAME_LIMIT, clean, fold, readable

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


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("A. Ross and B. Lee", ["A. Ross", "B. Lee"]),
        ("A. Ross, B. Lee, and C. Fox", ["A. Ross", "B. Lee", "C. Fox"]),
        ("A. Ross &  B. Lee\n  and C. Fox AND D. Roe", ["A. Ross", "B. Lee", "C. Fox", "D. Roe"]),
        ("Andy Sand and Anders And", ["Andy Sand", "Anders And"]),
        ("Ann A. de la Cruz,B. Lee , C. Fox,, ", ["Ann A. de la Cruz", "B. Lee", "C. Fox"]),
        (
            "John Smith, Jr., Jane Doe, Sr, W. T. Hill III, Carl, IV",
            ["John Smith Jr.", "Jane Doe Sr", "W. T. Hill III", "Carl IV"],
        ),
        ("Anatoly Zlotnik and Jr-Shin Li, Jr", ["Anatoly Zlotnik", "Jr-Shin Li Jr"]),
        ("III, A. Ross", ["III", "A. Ross"]),
        ("A. Ross, et al.", ["A. Ross"]),
        ("A. Ross and B. Lee et al", ["A. Ross", "B. Lee"]),
        (r"C. Bal\'azs, P. Erd\H{o}s, K. G\"odel", ["C. Balázs", "P. Erdős", "K. Gödel"]),
        (r"Stanis{\l}awa Nov\'a{k}ov\'a and J{\o}rgen \AA s", ["Stanisława Nováková", "Jørgen Ås"]),
        (r"J.\,P. Doe, R.~Roe, \\ Ann Lee \& B. Fox", ["J. P. Doe", "R. Roe", "Ann Lee", "B. Fox"]),
        ("ATLAS Collaboration: G. Aad, B. Abbott", ["ATLAS Collaboration", "G. Aad", "B. Abbott"]),
        ("QUaD collaboration : P. Ade", ["QUaD collaboration", "P. Ade"]),
        ("The T2K Beam Group: A. Ross", ["The T2K Beam Group", "A. Ross"]),
        ("with an appendix by: A. Ross", ["with an appendix by: A. Ross"]),
        ("J. Doe for the ATLAS Collaboration, B. Lee", ["J. Doe for the ATLAS Collaboration", "B. Lee"]),
        ("J. Doe for the CDF and D0 Collaborations", ["J. Doe for the CDF and D0 Collaborations"]),
        ("The LIGO Collaboration and the Virgo Collaboration", ["The LIGO Collaboration", "the Virgo Collaboration"]),
        ("Xiaoming (Tom) Wang, B. Lee", ["Xiaoming (Tom) Wang", "B. Lee"]),
        ("A. Ross (1), B. Lee (*), C. Fox (1-3)", ["A. Ross", "B. Lee", "C. Fox"]),
    ],
)
def test_names_come_apart_as_a_reader_would_take_them(text: str, found: list[str]) -> None:
    assert names(text) == tuple(map(Author, found))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("A. Ross (1), B. Lee (1,2) ((1) MIT, (2) KEK, Tsukuba)", [("A. Ross", "MIT"), ("B. Lee", "MIT; KEK, Tsukuba")]),
        ("A. Ross(1 and 2)((1)MIT,(2)KEK.)", [("A. Ross", "MIT; KEK")]),
        ("A. Ross (1) (2) (for us), ( (1) MIT and (2) KEK )", [("A. Ross", "MIT; KEK; for us")]),
        ("A. Ross (a, b), B. Lee (b) ((a) MIT; (b) KEK)", [("A. Ross", "MIT; KEK"), ("B. Lee", "KEK")]),
        ("A. Ross (*) and B. Lee (†) ((*) MIT, (†) KEK)", [("A. Ross", "MIT"), ("B. Lee", "KEK")]),
        (
            "A. Ross (1), B. Lee (2) ((1) Institute (IAS), Oslo, (2) KEK)",
            [("A. Ross", "Institute (IAS), Oslo"), ("B. Lee", "KEK")],
        ),
        ("A. Ross (1) and B. Lee (2), (1) MIT, Boston, (2) KEK", [("A. Ross", "MIT, Boston"), ("B. Lee", "KEK")]),
        ("A. Ross (1, 7) ((1) MIT)", [("A. Ross", "MIT")]),
        ("A. Ross (1) ((1) MIT, (2) K", [("A. Ross", "MIT")]),
        ("A. Ross (1) ((1) MIT), B. Lee (1)", [("A. Ross", "MIT"), ("B. Lee", "MIT")]),
        ("A. Ross (x, y), B. Lee (2008)", [("A. Ross", "x, y"), ("B. Lee", "2008")]),
        ("A. Ross ((here), (there))", [("A. Ross", "(here), (there)")]),
        ("(1) A. Ross, (2) B. Lee", [("(1) A. Ross", None), ("(2) B. Lee", None)]),
        (r"A. Ross, Jr. (Universit\'e de Paris) and B. Lee (MIT)", [("A. Ross Jr.", "Université de Paris"), ("B. Lee", "MIT")]),
        ("ATLAS Collaboration (CERN): G. Aad", [("ATLAS Collaboration", "CERN"), ("G. Aad", None)]),
        ("A. Ross (MIT). ", [("A. Ross", "MIT")]),
        ("A. Ross (never closed, B. Lee (MIT), C. Fox", [("A. Ross", "never closed"), ("B. Lee", "MIT"), ("C. Fox", None)]),
    ],
)
def test_places_are_those_that_the_marks_name(text: str, found: list[tuple[str, str | None]]) -> None:
    assert names(text) == tuple(Author(*author) for author in found)


@often
@given(wild)
def test_names_are_clean_and_never_empty(text: str) -> None:
    for author in names(text):
        assert author.name == clean(author.name, NAME_LIMIT)
        assert author.name
        assert author.affiliation != ""


@often
@given(st.text(st.sampled_from("ab ()(),1;:*\\'.{}&~$"), max_size=60).map(lambda text: text.replace("b", " and ")))
def test_no_list_is_too_broken_to_be_taken_apart(text: str) -> None:
    found = names(text)
    assert all(author.name == clean(author.name, NAME_LIMIT) != "" for author in found)
    assert all(
        author.affiliation is None or author.affiliation == clean(author.affiliation, NAME_LIMIT) != "" for author in found
    )


_part = st.text(st.sampled_from("abcé .-"), min_size=1, max_size=10).map(clean).filter(bool)
_separator = st.sampled_from([", ", ",", " and ", ", and ", " & ", ",\n  ", " , "])


@often
@given(st.lists(st.tuples(_part, _separator), min_size=1))
def test_names_joined_by_anything_come_apart_again(parts: list[tuple[str, str]]) -> None:
    text = "".join(name + separator for name, separator in parts[:-1]) + parts[-1][0]
    assert [author.name for author in names(text)] == [name for name, _ in parts]


@often
@given(
    st.lists(st.tuples(_part, st.lists(st.integers(0, 4), unique=True)), min_size=1), st.lists(_part, min_size=5, max_size=5)
)
def test_numbered_places_find_their_authors(authors: list[tuple[str, list[int]]], texts: list[str]) -> None:
    places = [f"Place {letter} of x{text.strip(' .')}x" for letter, text in zip("ABCDE", texts, strict=True)]
    text = ", ".join(name + (f" ({','.join(map(str, marks))})" if marks else "") for name, marks in authors)
    text += " (" + ", ".join(f"({mark}) {place}" for mark, place in enumerate(places)) + ")"
    expected = [(name, "; ".join(places[mark] for mark in marks) or None) for name, marks in authors]
    assert [(author.name, author.affiliation) for author in names(text)] == expected


@pytest.mark.parametrize(
    "text", ["(" * 50_000, "(," * 25_000, ")(" * 25_000, " , (1)x" * 10_000, "(1)" * 20_000, ", Jr" * 20_000]
)
def test_a_list_of_nothing_but_marks_names_nobody_twice(text: str) -> None:
    found = names(text)
    assert len(found) <= text.count(",") + 1


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
        (r"\DJ okovi\'c, {\DJ}uro, \dj{}ak", "Đoković, Đuro, đak"),
        (r"\textbf{bold \emph{both}} \url{https://example.org}", "bold both https://example.org"),
        (r"{GAN}s for {3D}", "GANs for 3D"),
        (r"$50%$ off", "50% off"),
        (r"\$5 and $a\$b$, $$x$", "$5 and a$b, $x"),
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
        ("naïve—ΑΒ¬Γ_Δ\u2028ok", "naïve αβ γ δ ok"),
        ("half \ud800pair × 语9", "half pair 语 9"),
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


@pytest.fixture
def without_collector() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("without_collector")
def test_a_formula_keeps_nothing_alive_that_its_readers_hold() -> None:
    class Tree:
        """The tree of a page, which may be large."""

    def read() -> weakref.ref[Tree]:
        tree = Tree()
        assert fold(r"$\frac{\alpha}{held}$") == "α held"
        return weakref.ref(tree)

    assert read()() is None
