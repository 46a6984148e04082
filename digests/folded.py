"""A paper as the terms of a query look at it. Pure.

Every field is kept as one string of folded words between blanks, so that looking for words is looking for a part of a string.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Self

from crawler.sighting import Tag
from crawler.text import fold
from digests.term import plain_category, rank_key
from storage.paper import Paper, tag_key


@dataclass(frozen=True, slots=True)
class Folded:
    """The fields of a paper as terms look at them, made once per paper."""

    title: str
    abstract: str
    author: str
    category: str
    task: str = ""
    venue: str = ""
    track: str = ""
    ccf: str = ""
    rank: str = ""
    year: tuple[int, ...] = ()
    code: str = ""
    stars: int = -1
    """-1: nobody has counted them."""
    places: tuple["Folded", ...] = ()
    """Of a paper that appears at several places, what each of them has of its own."""

    @classmethod
    def of(cls, paper: Paper) -> Self:
        """Fold a paper. A line end between names, and around categories, keeps words from reaching over it."""
        return cls(
            title=f" {fold(paper.title)} ",
            abstract=f" {fold(paper.abstract)} ",
            author="\n".join(f" {fold(author.name)} " for author in paper.authors),
            category=_lines(plain_category(category) for category in paper.categories),
            task="\n".join(f" {fold(task)} " for task in paper.tagged("task")),
            venue=_lines(tag_key("venue", venue) for venue in paper.tagged("venue")),
            track=_lines(tag_key("track", track) for track in paper.tagged("track")),
            ccf=_lines(one.value.casefold() for one in paper.ranks if one.scheme == "ccf"),
            rank=_lines(name for one in paper.ranks for name in (rank_key(one.value), rank_key(f"{one.scheme} {one.value}"))),
            year=paper.years,
            code="\nyes\n" if paper.code else "\nno\n",
            stars=-1 if (stars := paper.count("stars")) is None else stars,
            places=_places(paper),
        )


def _places(paper: Paper) -> tuple[Folded, ...]:
    """Fold each place of a paper that has several, as a paper that appears there alone and of which nothing else is known."""
    if len(paper.places) < 2:
        return ()
    alone = replace(paper, title="", abstract="", authors=(), categories=(), links=(), counts=())
    return tuple(
        Folded.of(
            replace(
                alone,
                tags=(Tag("venue", venue), *(Tag("track", track, venue) for track in tracks)),
                ranks=tuple(rank for rank in paper.ranks if rank.venue == venue),
            )
        )
        for venue, tracks in paper.places
    )


def _lines(values: Iterable[str]) -> str:
    return "\n".join(["", *values, ""])
