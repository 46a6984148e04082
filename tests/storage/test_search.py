"""The index: what it finds is what a naive reading of the folded text finds, and nothing a stranger writes breaks it."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.links import Link
from crawler.sighting import Author, Count, Sighting, Tag
from crawler.text import clean, fold
from storage.candidates import AllOf, AnyOf, Candidates, Counted, Everything, HasCode, Phrase, Prefix, Tagged, Word
from storage.database import Database
from storage.papers import search
from tests.storage.factories import emptied, page, sighting, write

REUSED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)

#: Words that fold into others, are cut, are split, or mean something to one of the two databases.
PIECES = (
    *("object", "detector", "box", "boxes", "U-Net", "3D", "1e5", "-1", "x²", "$\\pi_0$", "O(n)", "and", "OR", "not", "NEAR"),
    *(
        "语义分割",
        "ｆｕｌｌ",
        "ﬁne",
        "Straße",
        "İstanbul",
        "😀",
        "ꟶꟷ",
        "𞤀𞤁",
        "𝔘net",
        "it's",
        '"quoted"',
        "a'b''c",
        "back\\slash",
    ),
    *("a*b", "a:b", "^a", "{a}", "a&b|!c", "<->", "long" * 30, "x" * 3000, "é", "e\u0301"),
)
words = st.sampled_from(sorted({word for piece in PIECES for word in fold(piece).split()}))
texts = st.lists(st.sampled_from(PIECES), max_size=5).map(" ".join)

leaves: st.SearchStrategy[Candidates] = st.one_of(
    words.map(Word),
    st.lists(words, min_size=1, max_size=3).map(lambda several: Phrase(tuple(several))),
    st.tuples(words, st.integers(1, 200)).map(lambda both: Prefix(both[0][: both[1]])),
    st.just(Everything()),
)


def trees(leaf: st.SearchStrategy[Candidates]) -> st.SearchStrategy[Candidates]:
    def joint(inner: st.SearchStrategy[Candidates]) -> st.SearchStrategy[Candidates]:
        parts = st.lists(inner, min_size=1, max_size=3).map(tuple)
        return parts.map(AllOf) | parts.map(AnyOf)

    return st.recursive(leaf, joint, max_leaves=6)


@st.composite
def sightings(draw: st.DrawFn, key: str) -> Sighting:
    title = draw(texts) or "untitled"
    authors = tuple(Author(name) for name in draw(st.lists(st.sampled_from(PIECES), max_size=2)))
    return sighting(key, title=title, abstract=draw(texts), authors=authors)


def holds(candidates: Candidates, fields: tuple[list[str], ...]) -> bool:
    """Read the folded words of title, abstract and authors one by one."""
    match candidates:
        case Word(word):
            return any(word in field for field in fields)
        case Phrase(several):
            return any(field[start : start + len(several)] == list(several) for field in fields for start in range(len(field)))
        case Prefix(start):
            return any(word.startswith(start) for field in fields for word in field)
        case AllOf(parts):
            return all(holds(part, fields) for part in parts)
        case AnyOf(parts):
            return any(holds(part, fields) for part in parts)
        case Everything() | Tagged() | HasCode() | Counted():
            return True


def loosened(candidates: Candidates) -> Candidates:
    """Take phrases for all of their words, as PostgreSQL's index does."""
    match candidates:
        case Phrase(several):
            return AllOf(tuple(Word(word) for word in several))
        case AllOf(parts):
            return AllOf(tuple(loosened(part) for part in parts))
        case AnyOf(parts):
            return AnyOf(tuple(loosened(part) for part in parts))
        case _:
            return candidates


def folded(seen: Sighting) -> tuple[list[str], ...]:
    return fold(seen.title).split(), fold(seen.abstract).split(), [w for one in seen.authors for w in fold(one.name).split()]


def found(database: Database, candidates: Candidates) -> set[str]:
    with database.reading() as connection:
        return {paper.url.rpartition("/")[2] for paper in search(connection, candidates)}


@REUSED
@given(data=st.data(), queries=st.lists(trees(leaves), min_size=1, max_size=5))
def test_the_index_finds_what_a_naive_reader_finds(database: Database, data: st.DataObject, queries: list[Candidates]) -> None:
    seen = [data.draw(sightings(str(number))) for number in range(4)]
    with emptied(database):
        write(database, page(*seen))
        for query in queries:
            expected = {one.key for one in seen if holds(query, folded(one))}
            loose = {one.key for one in seen if holds(loosened(query), folded(one))}
            candidates = found(database, query)
            assert expected <= candidates <= loose
            assert candidates == expected or not database.is_sqlite


@REUSED
@given(text=st.text(min_size=1, max_size=40).map(clean).filter(bool))
def test_whatever_a_title_holds_is_found_by_its_words(database: Database, text: str) -> None:
    with emptied(database):
        write(database, page(sighting("1", title=text, abstract=text, authors=(Author(text), Author(text)))))
        several = tuple(fold(text).split())
        assert found(database, AllOf(tuple(Word(word) for word in several))) == {"1"}
        assert found(database, AnyOf(tuple(Prefix(word[:1]) for word in several))) == {"1"}
        if several:
            assert found(database, Phrase(several)) == {"1"}


@pytest.mark.parametrize("piece", PIECES, ids=range(len(PIECES)))
def test_odd_words_are_found(database: Database, piece: str) -> None:
    write(database, page(sighting("odd", title=f"on {piece} indeed", abstract="", authors=())))
    several = tuple(fold(piece).split())
    assert found(database, Phrase(("on", *several, "indeed"))) == {"odd"}
    for word in several:
        assert found(database, Word(word)) == {"odd"}


@pytest.mark.parametrize("title", ["?!", "😀", "\N{COMBINING ACUTE ACCENT}", "___"])
def test_a_paper_without_a_word_is_stored_and_found_by_everything(database: Database, title: str) -> None:
    write(database, page(sighting("mute", title=title, abstract="", authors=(Author("…"),))))
    assert found(database, Everything()) == {"mute"}
    assert found(database, Word("mute")) == set()


def test_nothing_to_look_for_is_everything(database: Database) -> None:
    write(database, page(sighting("1")))
    for query in (AllOf(()), AnyOf(()), Phrase(()), AllOf((AnyOf((Everything(), Word("absent"))),)), Word(""), Prefix("")):
        assert found(database, query) == {"1"}, query
    assert found(database, AllOf((Everything(), Word("absent")))) == set()


CODE = (Link("https://github.com/me/net", "code"),)
DESCRIBED = (
    sighting("2608.00001", title="Skein", links=CODE, counts=(Count("stars", 120),), tags=(Tag("task", "Object Detection"),)),
    sighting("2608.00002", title="Skein", tags=(Tag("task", "3D Object Detection"), Tag("venue", "CVPR 2026"))),
    sighting("2608.00003", title="Loom", links=(Link("https://me.github.io", "page"),), tags=(Tag("venue", "CVPR 2025"),)),
    sighting("2608.00004", title="Loom", tags=(Tag("method", "Object Detection"),), counts=(Count("upvotes", 120),)),
    sighting("2608.00005", title="A 100% skein", tags=(Tag("task", "100_percent"),)),
)


@pytest.fixture
def described(database: Database) -> Database:
    write(database, page(*DESCRIBED))
    return database


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (HasCode(known=True), {1}),
        (HasCode(known=False), {2, 3, 4, 5}),
        (Counted("stars", 100, 200), {1}),
        (Counted("stars", 121, 200), set()),
        (Tagged("task", " object detection "), {1, 2}),
        (Tagged("task", " object"), {1, 2}),
        (Tagged("task", " 3d "), {2}),
        (Tagged("venue", "\ncvpr2026\n"), {2}),
        (Tagged("venue", "\ncvpr"), {2, 3}),
        (Tagged("task", "_"), set()),
        (Tagged("task", "%"), set()),
        (AllOf((Word("skein"), Tagged("venue", "\ncvpr"))), {2}),
        (AllOf((Word("skein"), Everything(), HasCode(known=False), Word("a"))), {5}),
        (AnyOf((HasCode(known=True), Word("loom"))), {1, 3, 4}),
        (AnyOf((HasCode(known=True), Everything())), {1, 2, 3, 4, 5}),
        (AnyOf((AllOf((Word("skein"), HasCode(known=True))), AllOf((Word("loom"), Tagged("venue", "\ncvpr"))))), {1, 3}),
    ],
)
def test_what_is_known_beside_the_texts_narrows_what_is_looked_at(
    described: Database, asked: Candidates, expected: set[int]
) -> None:
    assert found(described, asked) == {f"2608.{number:05}" for number in expected}


@pytest.mark.parametrize("joint", [AllOf, AnyOf])
def test_a_thousand_headings_are_answered(described: Database, joint: type[AllOf | AnyOf]) -> None:
    many = joint((Tagged("task", " object "), *(Tagged("task", f" {number} ") for number in range(1_000))))
    assert found(described, many) >= ({"2608.00001", "2608.00002"} if joint is AnyOf else set())


def deep(levels: int) -> Candidates:
    """Nest all and any in each other."""
    query: Candidates = Word("engine")
    for level in range(levels):
        query = AllOf((query, Word("we"))) if level % 2 else AnyOf((query, Word("absent")))
    return query


@pytest.mark.parametrize(
    "query",
    [
        AnyOf((*(Word(f"w{number}") for number in range(1000)), Word("engine"))),
        AllOf(tuple(Word("engine") for _ in range(1000))),
        Phrase(("we", "describe", "an", "engine")),
        deep(40),
    ],
    ids=["wide any", "wide all", "phrase", "deep"],
)
def test_large_questions_are_answered(database: Database, query: Candidates) -> None:
    write(database, page(sighting("1")))
    assert found(database, query) == {"1"}


def test_a_paper_that_changed_is_found_by_its_new_words_only(database: Database) -> None:
    write(database, page(sighting("1", title="caterpillar")), page(sighting("1", title="butterfly", version=2)))
    assert found(database, Word("butterfly")) == {"1"}
    assert found(database, Word("caterpillar")) == set()


def test_what_was_announced_comes_before_what_was_taken_in_later(database: Database) -> None:
    write(database, page(sighting("2608.00001"), sighting("2608.00002")))
    write(database, page(sighting("1703.00001"), kind="archive"), page(sighting("1703.00002"), kind="catalogue"))
    with database.reading() as connection:
        order = [one.identifier("arxiv") for one in search(connection, Everything())]
    assert order == ["2608.00002", "2608.00001", "1703.00002", "1703.00001"]


def test_a_page_of_a_back_fill_is_one_segment_of_the_index(database: Database) -> None:
    if not database.is_sqlite:
        pytest.skip("an index of SQLite's")
    words = [" ".join(f"w{paper:04}x{word:03}" for word in range(40)) for paper in range(1_000)]
    many = [sighting(f"2608.{number:05}", abstract=abstract) for number, abstract in enumerate(words)]
    write(database, page(*many, kind="catalogue"))
    with database.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(DISTINCT segid) FROM paper_search_idx").scalar() == 1
    assert found(database, Word("w0999x039")) == {"2608.00999"}


def test_the_newest_paper_comes_first_however_many_there_are(database: Database) -> None:
    write(database, page(*(sighting(f"{number}") for number in range(1100))))

    def ids() -> Iterator[int]:
        with database.reading() as connection:
            yield from (paper.id for paper in search(connection, Word("engine")))

    assert list(ids()) == list(range(1100, 0, -1))
