import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.identifiers import Identifier, arxiv_categories, arxiv_id, doi

often = settings(deadline=None, max_examples=200)
new_ids = st.builds("{:02}{:02}.{:05}".format, st.integers(7, 30), st.integers(1, 12), st.integers(0, 99999))
old_ids = st.builds(
    "{}/{:07}".format, st.sampled_from(("cs", "hep-th", "math", "quant-ph", "cond-mat")), st.integers(0, 9999999)
)
ids = new_ids | old_ids
spellings = st.sampled_from(
    (
        "{}",
        "arXiv:{}",
        "arxiv: {}",
        "oai:arXiv.org:{}",
        "http://arxiv.org/abs/{}",
        "https://arxiv.org/pdf/{}",
        "https://arxiv.org/pdf/{}.pdf",
        "https://export.arxiv.org/html/{}",
        " {}\n",
    )
)


@often
@given(ids, st.none() | st.integers(1, 9999), spellings)
def test_an_arxiv_id_is_found_in_every_spelling(value: str, version: int | None, spelling: str) -> None:
    written = spelling.format(value + (f"v{version}" if version else ""))
    assert arxiv_id(written) == (value, version)
    assert Identifier.parse(written) == Identifier("arxiv", value)
    assert Identifier.parse(written.upper()) == Identifier("arxiv", value)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("math.GT/0309136", ("math/0309136", None)),
        ("MATH.GT/0309136v2", ("math/0309136", 2)),
        ("0704.0001", ("0704.0001", None)),
        ("2401.00001v0", None),
        ("2401.000001", None),
        ("2401.00001 and more", None),
        (f"{'a' * 10_000}/0309136", None),
        ("https://example.org/abs/2401.00001", None),
        ("https://evil.example/https://arxiv.org/abs/2401.00001", None),
        ("٢٤٠١.٠٠٠٠١", None),
        ("", None),
    ],
)
def test_arxiv_id(text: str, found: tuple[str, int | None] | None) -> None:
    assert arxiv_id(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("10.1109/CVPR.2016.90", "10.1109/cvpr.2016.90"),
        ("doi: 10.1109/CVPR.2016.90.", "10.1109/cvpr.2016.90"),
        ("https://dx.doi.org/10.1000/a(b)c;", "10.1000/a(b)c"),
        ("http://doi.org/10.1000/x/y,;.", "10.1000/x/y"),
        ("10.1000/", None),
        ("10.1000/...", None),
        ("10.12/x", None),
        ("10.1000/a b", None),
        ("10.1000/a\x00b", None),
        ("10.1000/\x1b[31ma", None),
        ("10.1000/a\x9b31m", None),
        ("10.1000/a\u202eb", None),
        ("10.1000/a\u00a0b", None),
        ("10.1000/" + "a" * 247, "10.1000/" + "a" * 247),
        ("10.1000/" + "a" * 248, None),
        ("10.1000/" + "a" * 10_000, None),
        ("٢.1000/x", None),
    ],
)
def test_doi(text: str, found: str | None) -> None:
    assert doi(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("10.48550/arXiv.2401.00001", Identifier("arxiv", "2401.00001")),
        ("https://doi.org/10.48550/arXiv.math.GT/0309136v2", Identifier("arxiv", "math/0309136")),
        ("10.48550/arXiv.something-else", Identifier("doi", "10.48550/arxiv.something-else")),
        ("10.1000/X", Identifier("doi", "10.1000/x")),
        ("a title", None),
    ],
)
def test_parse(text: str, found: Identifier | None) -> None:
    assert Identifier.parse(text) == found


@often
@given(st.text(max_size=300).map("10.1000/{}".format))
def test_a_doi_can_be_printed_and_stored(text: str) -> None:
    value = doi(text) or "10.1000/none"
    assert value.isprintable()
    assert " " not in value
    assert len(value) <= 255


def test_only_what_has_the_shape_of_a_category_is_one() -> None:
    texts = [
        "cs.CV",
        "hep-th",
        "cond-mat.mtrl-sci",
        "cs.CV",
        "68T45",
        "",
        "cs.\x1b[31m",
        "a" * 100,
        "CS.CV",
        "cs.CV ",
        "cs.C\u00e9",
    ]
    assert arxiv_categories(texts) == ("cs.CV", "hep-th", "cond-mat.mtrl-sci")


@often
@given(st.one_of(ids, st.text(max_size=30), st.text(max_size=20).map("10.1234/{}".format)))
def test_an_identifier_written_out_is_read_back(text: str) -> None:
    found = Identifier.parse(text)
    assert found is None or Identifier.parse(str(found)) == found


def test_identifiers_sort_by_scheme_and_value() -> None:
    assert sorted([Identifier("doi", "1"), Identifier("arxiv", "2"), Identifier("arxiv", "1")]) == [
        Identifier("arxiv", "1"),
        Identifier("arxiv", "2"),
        Identifier("doi", "1"),
    ]
