"""Tables on a terminal: as wide as the terminal and no wider, in straight columns."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from jobs.columns import fitted, table

HEADING = ("venue", "name", "rank", "month")
texts = st.text(st.sampled_from("ab 语义é１"), max_size=30).map(str.strip)


def test_a_table() -> None:
    rows = [("CVPR", "Computer Vision and Pattern Recognition", "A", ""), ("软件", "软件学报与其他非常长的名字的期刊", "", "")]
    assert list(table(HEADING, rows, 1, 30)) == [
        "venue  name               rank",
        "CVPR   Computer Vision …  A",
        "软件   软件学报与其他非…",
    ]


@given(
    st.lists(
        st.tuples(texts.map(lambda text: text[:5]), texts, texts.map(lambda text: text[:3]), texts.map(lambda text: text[:3]))
    )
)
def test_no_line_is_too_long(rows: list[tuple[str, str, str, str]]) -> None:
    lines = list(table(HEADING, rows, 1, 60))
    assert len(lines) == len(rows) + 1
    assert max(map(cell_len, lines)) <= 60


@given(texts, st.integers(1, 20))
def test_what_is_cut_fits(text: str, width: int) -> None:
    assert cell_len(fitted(text, width)) <= width
    assert fitted(text, 100) == text


@pytest.mark.parametrize("width", [10, 0])
def test_where_there_is_no_room_at_all_names_stay_readable(width: int) -> None:
    lines = list(table(HEADING, [("CVPR", "Computer Vision and Pattern Recognition", "A", "Jun")], 1, width))
    assert "Computer Vi…" in lines[1]
