"""The benchmarks run: how long anything takes is looked at by people, on a quiet machine."""

import re

import pytest

from tests.benchmarks import corpus
from tests.benchmarks.__main__ import BENCHMARKS, main
from tests.benchmarks.measure import Figure, table


@pytest.mark.slow
@pytest.mark.parametrize("name", BENCHMARKS)
def test_a_benchmark_prints_its_figures_beside_a_baseline(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    main(["--quick", name])
    texts, _, _, *figures = capsys.readouterr().out.splitlines()
    assert texts.startswith("Texts: ")
    assert figures
    for figure in figures:
        assert re.search(r" \d+\.\d+ (?:s|ms|MB|x|/s) +\d+\.\d+ (?:s|ms|MB|x|/s) +\d+\.\dx(?: |$)", figure), figure


def test_a_benchmark_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--quick", "speed"])
    assert "there is no speed; known: " in capsys.readouterr().err


def test_a_bar_is_met_or_missed() -> None:
    figures = [
        Figure(what="a", value=0.25, baseline=0.1, bar=0.3),
        Figure(what="b", value=0.35, baseline=0.1, bar=0.3),
        Figure(what="c", value=1, baseline=2),
    ]
    lines = [line.split() for line in table(figures)][2:]
    assert lines == [
        ["a", "0.250", "s", "0.100", "s", "2.5x", "0.3", "s", "met"],
        ["b", "0.350", "s", "0.100", "s", "3.5x", "0.3", "s", "MISSED"],
        ["c", "1.000", "s", "2.000", "s", "0.5x"],
    ]


def test_the_papers_of_a_day_are_new_to_the_store_or_in_it() -> None:
    texts = corpus.load()
    stored = {texts.stored(number).id for number in range(500)}
    days = [texts.day(number, 500) for number in range(20)]
    for day in days:
        assert len({entry.id for entry in day}) == len(day) == corpus.PAPERS_A_DAY
        assert {entry.action for entry in day if entry.id in stored} == {"replace"}
    fresh = [entry.id for day in days for entry in day if entry.action != "replace"]
    assert len(set(fresh)) == len(fresh)


def test_without_real_texts_there_are_generated_ones(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setattr(corpus, "_REAL", tmp_path)
    texts = corpus.load.__wrapped__()
    assert "generated" in texts.origin
    assert len({paper.id for paper in texts.papers}) == len(texts.papers) > corpus.PAPERS_A_DAY
