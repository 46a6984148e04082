"""How far a crawl has come: a bar where there is a terminal, plain lines elsewhere, nothing for programs."""

import io
import sys

import pytest

from crawler.report import Progress
from jobs.progress import following

STEPS = (
    Progress(source="arxiv", scope="cs.CV", route="listing"),
    Progress(source="arxiv", scope="cs.CV", route="listing", pages=1, papers=1900, expected=2000),
    Progress(source="arxiv", scope="cs.CV", route="listing", pages=2, papers=2000, expected=2000),
    Progress(source="arxiv", scope="cs.LG", route="rss", pages=1, papers=7),
)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(stream: io.StringIO, monkeypatch: pytest.MonkeyPatch, *, quiet: bool) -> str:
    monkeypatch.setattr(sys, "stderr", stream)
    with following(quiet=quiet) as progress:
        for step in STEPS:
            progress(step)
    return stream.getvalue()


def test_elsewhere_there_are_plain_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown(io.StringIO(), monkeypatch, quiet=False).splitlines() == [
        "arxiv cs.CV, listing: 0 papers read",
        "arxiv cs.CV, listing: 1900 of 2000 papers read",
        "arxiv cs.CV, listing: 2000 of 2000 papers read",
        "arxiv cs.LG, rss: 7 papers read",
    ]


def test_on_a_terminal_there_is_a_bar_which_is_gone_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("TERM", "xterm"), ("COLUMNS", "80"), ("NO_COLOR", "1")):
        monkeypatch.setenv(name, value)
    told = shown(Terminal(), monkeypatch, quiet=False)
    assert "arxiv cs.CV listing" in told
    assert "2000/2000" in told
    assert "arxiv cs.LG rss" in told
    assert told.endswith("\x1b[2K")


@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
def test_for_programs_there_is_nothing(monkeypatch: pytest.MonkeyPatch, stream: type[io.StringIO]) -> None:
    assert shown(stream(), monkeypatch, quiet=True) == ""


def test_of_a_back_fill_the_rate_and_the_time_left_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    stream, seconds = io.StringIO(), iter([0.0, 5.0, 10.0])
    monkeypatch.setattr(sys, "stderr", stream)
    with following(quiet=False, timer=lambda: next(seconds)) as progress:
        for pages, share in ((0, 0.5), (5, 0.55), (10, 0.6), (20, 0.7)):
            progress(Progress(source="arxiv", scope="cs.CV", route="oai", pages=pages, papers=2500 * pages, share=share))
    assert stream.getvalue().splitlines() == [
        "arxiv cs.CV, oai: 0 papers",
        "arxiv cs.CV, oai: 25,000 papers, 5,000 a second, 20 s left",
        "arxiv cs.CV, oai: 50,000 papers, 5,000 a second, 15 s left",
    ]


def test_on_a_terminal_too(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("TERM", "xterm"), ("COLUMNS", "120"), ("NO_COLOR", "1")):
        monkeypatch.setenv(name, value)
    stream, seconds = Terminal(), iter([0.0, 30.0])
    monkeypatch.setattr(sys, "stderr", stream)
    with following(quiet=False, timer=lambda: next(seconds)) as progress:
        for pages, share in ((0, 0.0), (2, 0.1)):
            progress(Progress(source="arxiv", scope="cs.CV", route="oai", pages=pages, papers=2500 * pages, share=share))
    assert "5,000 papers, 167 a second, 4 min left" in stream.getvalue()
