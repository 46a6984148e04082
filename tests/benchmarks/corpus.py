"""Papers for the benchmarks, as many as are wanted: real ones where they are at hand, and copies of them with other ids."""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Final

from crawler.samples.arxiv import Entry
from crawler.text import clean, fold

PAPERS_A_DAY: Final = 713
FIRST_DAY: Final = date(2026, 3, 2)
SCOPE: Final = "cs.CV"

_REAL: Final = Path(__file__).parents[2] / "../shared/samples/arxiv/corpus"
_GENERATED: Final = 7_205
_PAPERS_A_MONTH: Final = 20_000
_CROSSED, _REPLACED = 0.15, 0.25
_WORDS: Final = """
    we propose a novel method for semantic segmentation of images and video with diffusion models object detection by
    vision-language transformers reaches the state of the art on public benchmarks gaussian splatting gives 3D reconstruction
    from few views without any labels at low cost
"""
_ELSEWHERE: Final = 2_000_000


@dataclass(frozen=True, slots=True)
class Corpus:
    """Different papers, and where their texts are from."""

    papers: tuple[Entry, ...]
    origin: str

    def stored(self, number: int) -> Entry:
        """Return the paper that a store has as its `number`-th, counted from 0: the words of a paper, turned around."""
        turn, place = divmod(number, len(self.papers))
        paper = self.papers[place]
        month, rest = divmod(number, _PAPERS_A_MONTH)
        return replace(
            paper,
            id=f"{10 + month // 12:02}{month % 12 + 1:02}.{rest:05}",
            title=_turned(paper.title, turn + 1),
            abstract=_turned(paper.abstract, 7 * turn + 11),
        )

    def words(self, number: int) -> tuple[str, str, str]:
        """Return title, abstract and authors of the `number`-th paper of a store as its index holds them."""
        turn, place = divmod(number, len(self.papers))
        title, abstract, authors = _folded(self.papers[place])
        return _turned(title, turn + 1), _turned(abstract, 7 * turn + 11), authors

    def day(self, number: int, stored: int) -> list[Entry]:
        """Return the entries of the `number`-th day: new and cross-listed papers, and new versions of stored ones."""
        replaced = round(PAPERS_A_DAY * _REPLACED)
        first = number * (PAPERS_A_DAY - replaced)
        fresh = [self._fresh(place) for place in range(first, first + PAPERS_A_DAY - replaced)]
        crossed = round(PAPERS_A_DAY * _CROSSED)
        old = (self.stored((number * replaced + place) * 7 % stored) for place in range(replaced))
        return [
            *(_listed(paper) for paper in fresh[crossed:]),
            *(replace(_listed(paper), action="cross", categories=("cs.LG", SCOPE)) for paper in fresh[:crossed]),
            *(replace(paper, action="replace", version=2, abstract=f"{paper.abstract} Revised.") for paper in old),
        ]

    def _fresh(self, place: int) -> Entry:
        """Return a paper that no store has: a real one while there are any left."""
        return self.papers[place] if place < len(self.papers) else self.stored(_ELSEWHERE + place)


@cache
def load() -> Corpus:
    """Return the real papers, or generated ones where those are not at hand."""
    files = sorted(_REAL.glob("*.jsonl.gz"))
    if files:
        papers = {paper.id: paper for file in files for paper in _read(file)}
        return Corpus(tuple(papers.values()), f"{len(papers):,} different real papers (../shared/samples/arxiv/corpus)")
    papers = {paper.id: paper for paper in map(_generated, range(_GENERATED))}
    return Corpus(tuple(papers.values()), f"{len(papers):,} generated papers (no ../shared/samples/arxiv/corpus here)")


def date_of(number: int) -> date:
    """Return the day of the `number`-th batch, a working day."""
    weeks, day = divmod(number, 5)
    return FIRST_DAY + timedelta(weeks=weeks, days=day)


@cache
def _folded(paper: Entry) -> tuple[str, str, str]:
    return fold(paper.title), fold(paper.abstract), " ".join(map(fold, paper.authors))


def _read(file: Path) -> Iterator[Entry]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            yield Entry(
                id=row["id"],
                title=clean(row["title"]),
                authors=tuple(row["authors"]),
                abstract=clean(row["summary"]),
                categories=tuple(row["categories"]),
                comment=clean(row["comment"]) if row["comment"] else None,
            )


def _generated(number: int) -> Entry:
    """Return a paper of the length of a real one."""
    random, words = Random(number), _WORDS.split()
    return Entry(
        id=f"2601.{number:05}",
        title=" ".join(random.choices(words, k=10)).capitalize(),
        authors=tuple(f"First{random.randrange(999)} Last{random.randrange(9999)}" for _ in range(6)),
        abstract=" ".join(random.choices(words, k=190)).capitalize() + ".",
        categories=(SCOPE,),
        comment="9 pages, 5 figures",
    )


def _listed(paper: Entry) -> Entry:
    """Return a paper as the list has it when it is new."""
    return replace(paper, action="new", version=1, categories=(SCOPE, *(c for c in paper.categories if c != SCOPE)))


def _turned(text: str, places: int) -> str:
    words = text.split()
    cut = places % max(1, len(words))
    return " ".join(words[cut:] + words[:cut])
