"""Files of ranks: whatever a person's table looks like, its venues and ranks are read, and a bad row is told by its line."""

import csv
from io import StringIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.errors import ReadError
from jobs.rank_files import BadRow, RankRow, read_ranks

TABLE = "期刊,ISSN,中科院分区,JCR\nAnnals of Engines,1234-567x,1区,Q1\nLooms,,,Q2\n"
ROWS = (
    RankRow(2, ("Annals of Engines",), ("1234-567X",), {"中科院分区": "1区", "jcr": "Q1"}),
    RankRow(3, ("Looms",), (), {"jcr": "Q2"}),
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_table_is_read_however_it_was_saved(encoding: str, delimiter: str, end: str) -> None:
    told = read_ranks(TABLE.replace(",", delimiter).replace("\n", end).encode(encoding))
    assert (told.schemes, told.rows, told.bad, told.journals) == (("中科院分区", "jcr"), ROWS, (), True)


@pytest.mark.parametrize(
    ("heading", "names", "schemes"),
    [
        ("venue,CORE", ("A",), ("core",)),
        ("Full Name,Acronym,CORE", ("A", "B"), ("core",)),
        ("whatever,CORE,SCI", ("A",), ("core", "sci")),
        ("No.,Conference,CORE", ("B",), ("core",)),
        ("CORE,会议简称", ("B",), ("core",)),
        ("序号,刊名,ＣＡＳ", ("B",), ("cas",)),
    ],
)
def test_the_heading_says_which_column_is_what(heading: str, names: tuple[str, ...], schemes: tuple[str, ...]) -> None:
    told = read_ranks(f"{heading}\nA,B,C\n".encode() if heading.count(",") > 1 else f"{heading}\nA,B\n".encode())
    assert (told.rows[0].names, told.schemes, told.journals) == (names, schemes, "刊名" in heading)


@pytest.mark.parametrize("nothing", ["", " ", "-", "N/A", "无"])
def test_an_empty_cell_is_no_rank(nothing: str) -> None:
    (row,) = read_ranks(f"venue,CORE,JCR\nENG,{nothing},Q1".encode()).rows
    assert row.ranks == {"jcr": "Q1"}


def test_a_bad_row_is_told_by_its_line() -> None:
    told = read_ranks(b'venue,CORE\n\n,A*\n"ENG\n",A\nLOOM,A,B\nCARD\n')
    assert told.bad == (BadRow(3, "no venue is named"), BadRow(6, "more cells than the heading has"))
    assert told.rows == (RankRow(5, ("ENG",), (), {"core": "A"}), RankRow(7, ("CARD",), (), {}))


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "it is empty"),
        (b"\n \n", "it is empty"),
        (b"venue\nCVPR\n", "it gives no ranks"),
        (b"venue,issn\nCVPR,1234-5678\n", "it gives no ranks"),
        (b"\xff\xff\xff", "neither UTF-8 nor GB18030"),
        (b"a," + b"x" * 200_000, "it is no table"),
    ],
)
def test_what_is_no_table_of_ranks_is_refused(body: bytes, why: str) -> None:
    with pytest.raises(ReadError, match=why):
        read_ranks(body)


@settings(max_examples=100)
@given(st.binary(max_size=80) | st.text(st.sampled_from('venue,issn\t;"\n\r区A1- '), max_size=80).map(str.encode))
def test_whatever_comes_is_read_or_refused(body: bytes) -> None:
    try:
        told = read_ranks(body)
    except ReadError:
        return
    assert all(row.names or row.issn for row in told.rows)


cells = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), max_size=12)


@settings(max_examples=50)
@given(st.lists(st.tuples(cells, cells), max_size=5), st.sampled_from([",", ";", "\t"]))
def test_no_row_is_lost(rows: list[tuple[str, str]], delimiter: str) -> None:
    text = StringIO()
    csv.writer(text, delimiter=delimiter).writerows([("venue", "CORE"), *rows])
    told = read_ranks(text.getvalue().encode())
    assert len(told.rows) + len(told.bad) == sum(bool("".join(row).strip()) for row in rows)
