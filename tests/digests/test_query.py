"""The query language: what it accepts, what it means, and what it says about mistakes."""

import gzip
import itertools
import json
from pathlib import Path

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from crawler.errors import QueryError
from crawler.sighting import Author
from crawler.text import clean, fold
from digests.folded import Folded
from digests.matching import REASON_LIMIT
from digests.query import NESTING_LIMIT, And, Not, Or, Query, Term, candidates, matches, parse
from digests.topic import Reason
from storage.candidates import AllOf, AnyOf, Candidates, Counted, Everything, HasCode, Phrase, Prefix, Tagged, Word
from storage.paper import Paper
from tests.digests.strategies import Tree, as_typed, conditions, papers, queries, trees

CORPUS = Path("../shared/samples/arxiv/corpus/arxiv_2026-01_2026-02.jsonl.gz")
LETTERS = ("alpha", "beta", "gamma", "delta")


def paper(title: str = "Untitled", abstract: str = "", authors: str = "", categories: str = "") -> Folded:
    names = tuple(Author(name) for name in authors.split(", ") if name)
    url = "https://example.org"
    return Folded.of(Paper(id=1, title=title, url=url, abstract=abstract, authors=names, categories=tuple(categories.split())))


def found(query: str, text: Folded) -> bool:
    return matches(parse(query), text) is not None


def mistake(query: str) -> tuple[int, str]:
    with pytest.raises(QueryError) as caught:
        parse(query)
    assert "\n" not in str(caught.value)
    return caught.value.column, caught.value.why


# --- words, and the spellings in which they find each other ---


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("segmentation", "Semantic Segmentation, Again"),
        ("SEGMENTATION", "semantic segmentation"),
        ("object detector", "A detector of every object"),
        ('"object detector"', "Fast Object Detectors"),
        ('"object detectors"', "A Fast Object Detector"),
        ("category", "Unseen Categories"),
        ("categories", "One Category"),
        ("box", "Boxes"),
        ("boxes", "A Box"),
        ("loss", "Two Losses"),
        ("losses", "A Loss"),
        ("LLM", "LLMs as Judges"),
        ("biases", "Bias in Vision"),
        ("surveys", "A Survey"),
        ("analysis", "Three Analyses"),
        ("batch", "Large Batches"),
        ("multi-view", "Multi-View Stereo"),
        ("multi-view", "Multi View Stereo"),
        ("multi-view", "Multiview Stereo"),
        ('"multi-view stereo"', "Multiview Stereo"),
        ("U-Net", "UNets Revisited"),
        ("3D-GS", "3DGS in the Wild"),
        ("text-to-image", "Text to Image"),
        ('"zero-shot text-to-image"', "Zeroshot Text-to-Image Models"),
        ("C++", "Deep Learning in C++"),
        ("O(n)", "Attention in O(n)"),
        ("(O(n))", "Attention in O(n)"),
        ("DALL·E 2", "DALL-E 2 and after"),
        ('"Chain-of-Thought"', "Chain of Thoughts"),
        ("语义分割", "弱监督语义分割"),
        ('"10:30"', "A Train at 10:30"),
        ("10:30", "A Train at 10:30"),
        ("straße", "STRASSE"),
        (r"$\pi_0$", "π₀: a Policy"),
        ("segment*", "Segmenting Anything"),
        ("U-N*", "U-Net"),
        ("U-N*", "UNets"),
        ('"vision transform*"', "Vision Transformers"),
        ('"open-voc*"', "Open Vocabulary"),
        ("分割*", "语义分割"),
        ("分*", "语义分割"),
        ('"A* search"', "Learning A* Search"),
        ('"A*"', "Learning A* Search"),
        ('"-1"', "The -1 Problem"),
        ('"and"', "Cats and Dogs"),
        ('"NOT"', "What is not said"),
        ("title: cats", "Cats"),
        ("TITLE:cats", "Cats"),
    ],
)
def test_what_is_typed_is_found(query: str, title: str) -> None:
    assert found(query, paper(title))


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("seg", "Segmentation"),
        ('"object detector"', "Detector of an Object"),
        ('"semantic segmentation"', "Semantic Image Segmentation"),
        ("loss", "Los Angeles"),
        ("bias", "Bia"),
        ("bus", "Bu"),
        ("gas", "Ga"),
        ("semantics", "Semantic Scenes"),
        ("news", "New Things"),
        ("2-3", "23 Things"),
        ("multiview", "Multi View"),
        ("segment*", "Resegment"),
        ("分割", "割分"),
        ('"A*"', "Anything"),
        ('"a *"', "Anything"),
        ('"learning a*"', "Learning Anything"),
        ('"AND"', "Cats"),
    ],
)
def test_what_is_not_meant_is_not_found(query: str, title: str) -> None:
    assert not found(query, paper(title))


def test_a_phrase_stays_within_one_field() -> None:
    assert not found('"object detection"', paper("An Object", abstract="Detection of it"))


# --- fields ---


def test_a_word_without_field_is_looked_for_in_title_and_abstract_only() -> None:
    assert found("depth", paper("Depth"))
    assert found("depth", paper("Width", abstract="Not depth"))
    assert not found("he", paper(authors="Kaiming He"))
    assert not found('"cs.CV"', paper(categories="cs.CV"))


def test_a_field_is_looked_at_alone() -> None:
    text = paper("Depth", abstract="Width", authors="Yann LeCun", categories="cs.CV")
    assert found("title:depth abstract:width author:lecun category:cs.cv", text)
    for query in ("title:width", "abstract:depth", "author:depth", "category:depth", "title:lecun"):
        assert not found(query, text)


def test_a_field_reaches_over_its_group_and_not_past_it() -> None:
    text = paper("Depth", abstract="Width")
    assert found("title:(depth OR width)", text)
    assert not found("title:(depth AND width)", text)
    assert found("title:(depth NOT width)", text)
    assert found("title:depth width", text)
    assert not found("NOT title:(depth OR height) width", text)


def test_an_author_phrase_stays_within_one_name() -> None:
    text = paper(authors="Yann LeCun, Geoffrey Hinton")
    assert found('author:"yann lecun"', text)
    assert not found('author:"lecun geoffrey"', text)
    assert found("author:(yann hinton)", text)
    assert found("author:hint*", text)


def test_names_have_no_plural() -> None:
    assert not found("author:jone", paper(authors="Michael Jones"))
    assert not found("author:park", paper(authors="Parks"))


def test_a_category_is_exact_or_a_beginning() -> None:
    text = paper(categories="cs.CV stat.ML")
    for query in ("category:cs.CV", "category:CS.cv", "category:cs.*", "category:stat*", 'category:"stat.ml"'):
        assert found(query, text)
    for query in ("category:cs", "category:cv", "category:cs-cv", "category:ml*", "category:csxcv"):
        assert not found(query, text)
    assert not found("category:cs*", paper())


# --- operators ---


@pytest.mark.parametrize("query", ["a OR b c", "a or (b and c)", "(a) Or b AND c", "a OR ((b) (c))"])
def test_and_binds_closer_than_or(query: str) -> None:
    assert parse(query) == parse("a OR (b AND c)")


@pytest.mark.parametrize("query", ["a NOT b c", "a and not b and c", "a (NOT b) c", "a NOT NOT NOT b c", "a NOT(b) c"])
def test_not_binds_closest(query: str) -> None:
    assert parse(query) == parse("a AND (NOT b) AND c")


@given(trees(st.sampled_from(LETTERS)), st.data())
def test_every_way_to_type_a_tree_means_the_tree(tree: Tree, data: st.DataObject) -> None:
    text = data.draw(as_typed(tree))
    if tree.holds(lambda _: False):
        with pytest.raises(QueryError):
            parse(text)
        return
    query = parse(text)
    for there in itertools.product((True, False), repeat=len(LETTERS)):
        words = set(itertools.compress(LETTERS, there))
        assert (matches(query, paper(" ".join(words))) is not None) == tree.holds(words.__contains__)


@given(conditions(), trees(conditions()), trees(conditions()), st.data())
def test_de_morgan(anchor: str, left: Tree, right: Tree, data: st.DataObject) -> None:
    a, b = data.draw(as_typed(left)), data.draw(as_typed(right))
    assert parse(f"{anchor} NOT (({a}) OR ({b}))") == parse(f"{anchor} AND NOT ({a}) AND NOT ({b})")
    assert parse(f"{anchor} NOT (({a}) AND ({b}))") == parse(f"{anchor} AND (NOT ({a}) OR NOT ({b}))")


def test_chinese_marks_count_as_the_ascii_ones() -> None:
    query = parse("title：（“object detection” or 分割＊）")
    assert matches(query, paper("Object Detection")) == (Reason("title", "object detection"),)
    assert matches(query, paper("图像分割法")) == (Reason("title", "分割＊"),)
    assert matches(query, paper("割", abstract="分割")) is None


def test_a_query_may_stand_on_several_lines() -> None:
    assert parse("a OR\r\n\tb\u3000c") == parse("a OR b c")


def test_a_parsed_query_is_a_value() -> None:
    assert len({parse("a NOT b"), parse("a  NOT  b"), parse("a AND not b")}) == 1


# --- mistakes ---


@pytest.mark.parametrize(
    ("query", "column", "why"),
    [
        ("", 1, "empty"),
        ("  \n", 4, "empty"),
        ("(a", 1, "not closed"),
        ("a ((b)", 3, "not closed"),
        ("a (", 3, "not closed"),
        ("a)", 2, "no opening one"),
        (")", 1, "no opening one"),
        ("a () b", 3, "empty"),
        ('a "b', 3, "quotation mark is not closed"),
        ('"', 1, "quotation mark is not closed"),
        ("a “b", 3, "quotation mark is not closed"),
        ("AND", 1, "AND needs something before"),
        ("or a", 1, "or needs something before"),
        ("(AND a)", 2, "AND needs something before"),
        ("a AND", 3, "AND needs something after"),
        ("a and or b", 3, "and needs something after"),
        ("a (b OR) c", 6, "OR needs something after"),
        ("a NOT", 3, "NOT needs something after"),
        ("title:", 1, "title: needs"),
        ("title: AND", 1, "title: needs"),
        ("(title:)", 2, "title: needs"),
        ("title:author:x", 1, "title: needs"),
        ("title:(a author:x)", 10, "author: stands inside title:"),
        ("foo:bar", 1, "no field foo: (the fields are title:, abstract:, author:, category:"),
        ("N:M sparsity", 1, "quote a word that holds a colon"),
        ("a 标题：b", 3, "no field 标题:"),
        (":a", 1, "no field stands before"),
        ("a *", 3, "stands alone"),
        ("a*b", 1, "only end a word"),
        ("a**", 1, "only end a word"),
        ("(seg)*", 6, "stands alone"),
        ("C++*", 1, "too many words"),
        ("A*", 1, "too many words"),
        ("+++", 1, "no letter or digit"),
        ("a - b", 3, "no letter or digit"),
        ('a ""', 3, "no letter or digit"),
        ('"*"', 1, "no letter or digit"),
        ("a -survey", 3, "write NOT survey"),
        ("a !survey", 3, "write NOT survey"),
        ("category:cs.CV,cs.LG", 10, "one category at a time"),
        ("category:cs.CV，cs.LG", 10, "one category at a time"),
        ("category:cs.CV；cs.LG", 10, "one category at a time"),
        ("segmentation，detection", 13, "write OR (or AND) in place of ，"),
        ("语义分割、目标检测", 5, "write OR (or AND) in place of 、"),
        ("a OR b；c", 7, "write OR (or AND) in place of ；"),
        ("a; b", 2, "write OR (or AND) in place of ;"),
        ("“a b”，“c d”", 6, "write OR (or AND) in place of ，"),
        ("author:何恺明，孙剑", 11, "write OR (or AND) in place of ，"),
        ("a ， b", 3, "write OR (or AND) in place of ，"),
        ("检测 或 分割", 4, 'write OR in place of 或; to look for the word itself, write "或"'),
        ("检测 和 分割", 4, "write AND in place of 和"),
        ("检测 与 分割", 4, "write AND in place of 与"),
        ("检测 非 综述", 4, "write NOT in place of 非"),
        ("(a b) 或 title:c", 7, "write OR in place of 或"),
        ('a 或 "b"', 3, "write OR in place of 或"),
        ("a 与 NOT b", 3, "write AND in place of 与"),
        ("a 或 (b c)", 3, "write OR in place of 或"),
        ("category:*", 10, "stands alone"),
        ('category:" "', 10, "no category"),
        ("NOT a", 1, "NOT alone"),
        ("a OR NOT b", 6, "NOT alone"),
        ("NOT (a AND b)", 1, "NOT alone"),
        ("a (b OR NOT c) OR (NOT d NOT e)", 20, "NOT alone"),
        ("(" * (NESTING_LIMIT + 1) + "a" + ")" * (NESTING_LIMIT + 1), NESTING_LIMIT + 1, "deep"),
        ("(" * 100_000, NESTING_LIMIT + 1, "deep"),
    ],
)
def test_a_mistake_is_one_line_with_its_place(query: str, column: int, why: str) -> None:
    place, said = mistake(query)
    assert (place, why in said) == (column, True), said


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ('"分割，检测"', "图像分割检测"),
        ('"a; b"', "A B"),
        ('a "或" b', "a 或 b"),
        ("或", "a 或 b"),
        ("title:或 b", "a 或 b"),
        ("b 或", "a 或 b"),
        ("或许 b", "或许 b"),
        ("(或)", "a 或 b"),
        ("b AND 或", "a 或 b"),
        ("b OR 非 AND b", "b"),
    ],
)
def test_a_chinese_word_is_a_word_where_it_joins_nothing(query: str, title: str) -> None:
    assert found(query, paper(title))


def test_a_long_word_does_not_make_a_long_remark() -> None:
    assert len(mistake("+" * 5000)[1]) < 200


def test_as_deep_as_allowed_and_as_many_nots_as_wanted() -> None:
    assert parse("(" * NESTING_LIMIT + "a" + ")" * NESTING_LIMIT) == parse("NOT " * 20_000 + "a") == parse("a")


def read(text: str) -> Query | QueryError:
    try:
        return parse(text)
    except QueryError as error:
        return error


_SYNTAX = st.sampled_from(
    [*'()":*-! ，；或非', "AND", "or", "NOT", "title:", "x:", "a", "b*", "+", '"c d"', "（", "”", "category:"]
)


@given(st.text() | st.lists(_SYNTAX, max_size=12).map("".join) | st.lists(_SYNTAX, max_size=12).map(" ".join))
@example("\x00\ud800(")
@example('"$\\')
def test_no_text_raises_anything_but_a_query_error(text: str) -> None:
    got = read(text)
    if isinstance(got, QueryError):
        assert 1 <= got.column <= len(text) + 1
        assert not set("\r\n\x00\x1b\u2028\ud800") & set(str(got))
    else:
        assert matches(got, paper("")) is None


# --- printing and reading again ---


def show(query: Query) -> str:
    match query:
        case Term(field, typed):
            return f'{field}:"{typed}"' if field else f'"{typed}"'
        case Not(term):
            return f"NOT {show(term)}"
        case And(parts):
            return "(" + " AND ".join(map(show, parts)) + ")"
        case Or(parts):
            return "(" + " OR ".join(map(show, parts)) + ")"


@given(queries())
def test_a_query_written_out_reads_as_the_same(text: str) -> None:
    query = parse(text)
    assert parse(show(query)) == query


@given(st.text(min_size=1))
def test_any_word_quoted_reads_as_the_same(text: str) -> None:
    query = read(text)
    assume(not isinstance(query, QueryError))
    assert not isinstance(query, QueryError)
    assert parse(show(query)) == query


# --- why ---


def test_reasons_are_the_readers_words_strongest_field_first() -> None:
    text = paper("U-Nets for Depth", abstract="depth and Width", authors="Yann LeCun", categories="cs.CV")
    query = 'category:cs.* author:"yann lecun" width (“Depth” OR height) unet*'
    why = matches(parse(query.replace("unet*", "U-Net")), text)
    assert why == (
        Reason("title", "Depth"),
        Reason("title", "U-Net"),
        Reason("abstract", "width"),
        Reason("author", "yann lecun"),
        Reason("category", "cs.*"),
    )


def test_one_condition_is_one_reason() -> None:
    text = paper("Detectors", abstract="Detectors")
    assert matches(parse("detector OR detectors OR Detector"), text) == (Reason("title", "detector"),)
    assert matches(parse("title:detector abstract:detector"), text) == (
        Reason("title", "detector"),
        Reason("abstract", "detector"),
    )


def test_a_branch_that_did_not_hold_gives_no_reason() -> None:
    assert matches(parse("(a b) OR c"), paper("a c")) == (Reason("title", "c"),)


def test_what_must_not_be_there_is_no_reason() -> None:
    assert matches(parse("a NOT b"), paper("a")) == (Reason("title", "a"),)


def test_there_are_not_more_reasons_than_anyone_reads() -> None:
    words = [f"word{number}" for number in range(50)]
    why = matches(parse(" ".join(words)), paper(" ".join(words)))
    assert why is not None
    assert len(why) == REASON_LIMIT


@given(queries(), papers())
def test_a_match_always_says_why(text: str, there: Paper) -> None:
    why = matches(parse(text), Folded.of(there))
    assert why is None or 0 < len(why) == len(set(why))


# --- candidates ---


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        ("depth*", Prefix("depth")),
        ("语", Word("语")),
        ("语义", Phrase(("语", "义"))),
        ("title:语义", Phrase(("语", "义"))),
        ("depth", AnyOf((Word("depth"), Word("depths")))),
        ('"open voc*"', AllOf((Word("open"), Prefix("voc")))),
        ('"an open voc*"', AllOf((Phrase(("an", "open")), Prefix("voc")))),
        ("category:cs.CV", Everything()),
        ("category:cs.CV depth* NOT wide", Prefix("depth")),
        ("depth* OR category:cs.CV", Everything()),
        ("depth* (wide* OR NOT high)", Prefix("depth")),
        ("depth* OR wide*", AnyOf((Prefix("depth"), Prefix("wide")))),
        ("depth* wide*", AllOf((Prefix("depth"), Prefix("wide")))),
        ("title:depth* abstract:depth*", Prefix("depth")),
    ],
)
def test_what_the_index_is_asked_for(query: str, asked: Candidates) -> None:
    assert candidates(parse(query)) == asked


def held(asked: Candidates, fields: list[list[str]]) -> bool:
    """Answer as plainly as one can, from lists of words."""
    match asked:
        case Word(text):
            return any(text in words for words in fields)
        case Prefix(text):
            return any(word.startswith(text) for words in fields for word in words)
        case Phrase(phrase):
            size = len(phrase)
            return any(tuple(words[at : at + size]) == phrase for words in fields for at in range(len(words)))
        case AllOf(parts):
            return all(held(part, fields) for part in parts)
        case AnyOf(parts):
            return any(held(part, fields) for part in parts)
        case Everything() | Tagged() | HasCode() | Counted():
            return True


def indexed(there: Paper) -> list[list[str]]:
    names = " ".join(author.name for author in there.authors)
    return [fold(text).split() for text in (there.title, there.abstract, names)]


@given(queries(), papers())
def test_whatever_matches_is_a_candidate(text: str, there: Paper) -> None:
    query = parse(text)
    if matches(query, Folded.of(there)) is not None:
        assert held(candidates(query), indexed(there))


@given(st.text(st.characters(exclude_characters='"“”„‟＂\\${}'), min_size=1).map(clean), st.data())
def test_any_part_of_a_title_in_quotes_finds_it(title: str, data: st.DataObject) -> None:
    words = title.split()
    assume(words)
    first, last = sorted(data.draw(st.tuples(*[st.integers(0, len(words) - 1)] * 2)))
    part = " ".join(words[first : last + 1])
    assume(fold(part))
    there = Paper(id=1, title=title, url="https://example.org")
    query = parse(f'"{part}"')
    assert matches(query, Folded.of(there)) is not None
    assert held(candidates(query), indexed(there))


@pytest.mark.real
def test_real_papers_are_found_by_their_own_titles() -> None:
    if not CORPUS.exists():
        pytest.skip(f"no real papers at {CORPUS}")
    with gzip.open(CORPUS, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in itertools.islice(lines, 0, None, 40)]
    assert len(rows) > 300
    for row in rows:
        title = clean(row["title"].replace('"', " "))
        there = Folded.of(Paper(id=1, title=title, url="https://example.org", categories=tuple(row["categories"])))
        why = matches(parse(f'"{title}" category:{row["categories"][0]}'), there)
        assert why == (Reason("title", title), Reason("category", row["categories"][0]))
