from dataclasses import replace

import pytest
from hypothesis import given, settings

from crawler.identifiers import Identifier
from crawler.sighting import Author
from digests.digest import Update
from digests.escape import columns, plain, said
from digests.excerpt import ABSTRACT_LIMIT, abstract, excerpt
from digests.language import language
from digests.paper_words import Link, entry, news, paper_words
from digests.topic import Reason
from storage.event import EventKind
from tests.digests.digest_examples import CROSS_DATASET, FAKE_IMAGES, GLOVEGO, TEA, THURSDAY, TRACKING, WEFT, event, match
from tests.digests.hostile import texts

often = settings(deadline=None, max_examples=100)
ENGLISH, CHINESE = language("en"), language("zh")


def test_links_lead_to_the_paper() -> None:
    words = paper_words(WEFT, ENGLISH)
    assert words.title == Link(WEFT.title, "https://arxiv.org/abs/2601.09108")
    assert words.links == (
        Link("arXiv", "https://arxiv.org/abs/2601.09108"),
        Link("PDF", "https://arxiv.org/pdf/2601.09108"),
    )


def test_a_paper_of_another_place_has_no_pdf_link() -> None:
    paper = replace(WEFT, identifiers=(Identifier("doi", "10.1000/a#b?c"),), url="javascript:alert(1)")
    words = paper_words(paper, ENGLISH)
    assert words.links == (Link("DOI", "https://doi.org/10.1000/a%23b%3Fc"),)
    assert words.title.href == "https://doi.org/10.1000/a%23b%3Fc"
    assert words.anchor == f"paper-{paper.id}"
    assert paper_words(replace(paper, identifiers=()), ENGLISH).title.href is None


def test_an_old_arxiv_id_makes_an_anchor_too() -> None:
    paper = replace(WEFT, identifiers=(Identifier("arxiv", "math-ph/0309136"),))
    words = paper_words(paper, ENGLISH)
    assert (words.anchor, words.links[0].href) == ("arxiv-math-ph-0309136", "https://arxiv.org/abs/math-ph/0309136")


def test_tex_is_made_readable() -> None:
    words = paper_words(FAKE_IMAGES, ENGLISH)
    assert words.title.text.startswith("R²BD: ")
    assert "22× faster and keeps over 90% of" in words.abstract


def test_a_long_list_of_authors_is_shortened_in_the_middle() -> None:
    assert paper_words(WEFT, ENGLISH).authors == "Yanguang Sun, Chao Wang, Jian Yang, Lei Luo"
    assert paper_words(TRACKING, ENGLISH).authors == (
        "Bahar Khodabakhshian, Nima Hashemi, Armin Saadat … Teresa Tsang, and 5 more"
    )
    assert paper_words(TRACKING, CHINESE).authors.endswith(" … Teresa Tsang，另有 5 位")
    six = replace(WEFT, authors=tuple(Author(name) for name in "ABCDEF"))
    assert paper_words(six, ENGLISH).authors == "A, B, C, D, E, F"


@pytest.mark.parametrize(
    ("comment", "journal_ref", "venue"),
    [
        ("Accepted at AAAI 2026", None, "Accepted at AAAI 2026"),
        ("8 pages, accepted as a Short Paper at VISAPP 2026", None, "accepted as a Short Paper at VISAPP 2026"),
        ("Accepted by ISBI 2026. Code: https://a.example", None, "Accepted by ISBI 2026"),
        ("15 pages, 4 figures, 6 tables", None, ""),
        (None, None, ""),
        ("15 pages", "Nature 12 (2026)", "Nature 12 (2026)"),
        ("accepted " * 20, None, plain("accepted " * 20, 60)),
    ],
)
def test_the_venue_is_what_helps_to_decide(comment: str | None, journal_ref: str | None, venue: str) -> None:
    paper = replace(WEFT, comment=comment, journal_ref=journal_ref)
    assert paper_words(paper, ENGLISH).venue == venue


def test_labels() -> None:
    assert paper_words(CROSS_DATASET, ENGLISH).labels == ("cs.CV", "2601.09497")
    assert paper_words(TEA, ENGLISH).labels == ("cs.CV", "2601.04956", "v2")
    assert paper_words(replace(WEFT, categories=(), identifiers=(), version=None), ENGLISH).labels == ()


def test_an_abstract_ends_with_a_sentence_or_a_word() -> None:
    assert paper_words(TRACKING, ENGLISH).abstract.endswith("gets wrong.")
    assert excerpt("One sentence. " * 40).endswith("sentence. One sentence.")
    assert excerpt("word " * 100) == ("word " * 56).rstrip() + " …"
    assert excerpt("a, e.g. B " * 60).endswith(" …")
    assert excerpt("x" * 400) == "x" * 280 + " …"
    assert excerpt("short") == "short"
    assert excerpt("语义分割。" * 60) == "语义分割。" * 28
    assert columns(excerpt("语" * 400)) <= ABSTRACT_LIMIT + 2


@pytest.mark.parametrize("formula", ["", "$\\mathbf{x}_{i}$ ", "\\textbf{\\emph{a}} " * 3])
def test_an_abstract_is_shortened_as_if_all_of_it_had_been_made_readable(formula: str) -> None:
    text = f"We weave {formula}with engines. " * 60
    assert abstract(text) == excerpt(said(text))


@often
@given(texts)
def test_an_excerpt_is_a_short_beginning(text: str) -> None:
    whole = plain(text * 40)
    cut = excerpt(whole)
    assert whole.startswith(cut.removesuffix(" …"))
    assert columns(cut) <= ABSTRACT_LIMIT + 4


def test_why_names_each_field_once() -> None:
    reasons = (
        Reason("title", "segmentation"),
        Reason("title", "remote sensing"),
        Reason("abstract", "wavelet"),
        Reason("author", "Luo"),
        Reason("category", "cs.CV"),
    )
    why = entry(match(WEFT, "T", *reasons), ENGLISH, set()).why
    assert len(why) == 4
    assert "".join(reason.before + reason.words + reason.after for reason in why) == (
        "title has segmentation and remote sensing, abstract has wavelet, author Luo, category cs.CV"
    )


def test_a_page_has_a_papers_anchor_once() -> None:
    anchors: set[str] = set()
    assert [entry(match(GLOVEGO, "T"), ENGLISH, anchors).anchor for _ in range(2)] == ["arxiv-2601.09528", ""]


@pytest.mark.parametrize(
    ("kind", "detail", "english", "chinese"),
    [
        ("revised", {"version": 2}, "v2", "v2"),
        ("revised", {}, "New version", "有新版本"),
        ("cross-listed", {"category": "cs.RO"}, "Also in cs.RO", "同时列入 cs.RO"),
        ("cross-listed", {}, "Cross-listed", "新增分类"),
        ("announced", {}, "Announced again", "再次公布"),
    ],
)
def test_what_happened(kind: EventKind, detail: dict[str, object], english: str, chinese: str) -> None:
    update = Update(event=event(TEA, kind, detail), paper=TEA, shown_on=THURSDAY)
    assert (news(update, ENGLISH).what, news(update, CHINESE).what) == (english, chinese)
    assert news(update, ENGLISH).about == ("shown on 15 January",)


def test_code_that_is_out_is_a_link_to_it() -> None:
    detail: dict[str, object] = {"url": "https://github.com/a/b", "said": "authors"}
    found = news(Update(event=event(TEA, "code", detail), paper=TEA, shown_on=THURSDAY), ENGLISH)
    assert (found.link, found.about) == (Link("a/b", "https://github.com/a/b"), ("named by the authors", "shown on 15 January"))


def test_an_update_quotes_its_author() -> None:
    update = Update(event=event(TEA, "revised", {"comment": "fixed\ntable 3 " * 30}), paper=TEA, shown_on=THURSDAY)
    quoted = news(update, ENGLISH).about[1]
    assert quoted.startswith("“fixed table 3 fixed")
    assert quoted.endswith("…”")
