"""Whether a paper was withdrawn, by what its authors say: the plain sentences count, and nothing that only looks like them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.withdrawal import says_withdrawn

HEAD = 400
SENTENCE = "This paper has been withdrawn by the authors."


@pytest.mark.parametrize(
    "text",
    [
        "This paper has been withdrawn",
        "This paper has been withdrawn by the authors due to a crucial error in equation 3.",
        "this article is withdrawn because Lemma 2 is wrong",
        "The paper was withdrawn: it is superseded by arXiv:2601.00001",
        "Our manuscript has now been withdrawn, see the note",
        "THIS SUBMISSION HAS BEEN WITHDRAWN",
        "The arXiv version has been withdrawn by arXiv administrators",
        "This preprint is temporarily withdrawn until the data are released",
        "This work is being withdrawn",
        "This document is hereby withdrawn.",
        "Withdrawn",
        "withdrawn.",
        "(withdrawn)",
        "[Withdrawn by the authors]",
        "Withdrawn due to an error",
        "Paper withdrawn",
        "Article withdrawn by the author",
        "  Paper withdrawn.  ",
        "12 pages, 3 figures. This paper has been withdrawn",
        "12 pages; withdrawn",
        "12 pages. Withdrawn since the proof is wrong",
        "An error was found! This paper has been withdrawn.",
    ],
)
def test_plain_sentences_say_that_a_paper_was_withdrawn(text: str) -> None:
    assert says_withdrawn(text)


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "9 pages, accepted at CVPR 2026",
        "We withdrew a claim; 9 pages",
        "A claim of the first version is withdrawn",
        "The second theorem has been withdrawn",
        "Theorem 2 of the first version has been withdrawn",
        "We study why papers are withdrawn",
        "We study samples withdrawn from the pool",
        "This paper is about drugs that were withdrawn",
        "This paper has not been withdrawn",
        "This paper has been withdrawnish",
        "Withdrawn claims are listed in the appendix",
        "Withdrawn drugs; a survey",
        "Replaces the withdrawn paper arXiv:2601.00001",
        "This paper replaces one that has been withdrawn",
        "A survey of articles withdrawn by their authors",
    ],
)
def test_sentences_about_something_else_do_not(text: str | None) -> None:
    assert not says_withdrawn(text)


@given(st.text(max_size=600))
def test_any_text_is_answered_and_one_without_the_word_never_says_so(text: str) -> None:
    assert says_withdrawn(text) <= ("withdrawn" in text.lower())


_PIECES = st.lists(
    st.sampled_from(("This paper", " has been", " withdrawn", " by", "the", ". ", "! ", " ", "9 pages", "(", ".", "\n", "é")),
    max_size=200,
).map("".join)


@given(_PIECES)
def test_a_text_of_any_length_is_answered_by_its_head(text: str) -> None:
    head = f"{text[: HEAD - 60]} {'a' * 1000}"
    assert says_withdrawn(f"{head}. {SENTENCE} " + "word " * 100_000) == says_withdrawn(head)


def test_a_sentence_far_into_a_text_is_not_looked_for() -> None:
    assert says_withdrawn(f"{'word ' * 60}. {SENTENCE}")
    assert not says_withdrawn(f"{'word ' * 400}. {SENTENCE}")


@pytest.mark.parametrize("before", range(HEAD - 12, HEAD + 1))
def test_a_word_at_the_end_of_the_head_is_not_taken_for_the_end_of_its_sentence(before: int) -> None:
    text = f"{'a' * (before - 2)}. Withdrawn claims are listed in the appendix."
    assert text.index("Withdrawn") == before
    assert not says_withdrawn(text)


@given(_PIECES)
def test_the_case_of_the_letters_does_not_matter(text: str) -> None:
    assert says_withdrawn(text) == says_withdrawn(text.upper()) == says_withdrawn(text.lower())
