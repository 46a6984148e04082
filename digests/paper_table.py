"""Papers as a table in Markdown, as lists of papers with code are kept by hand. Pure."""

from collections.abc import Iterable, Iterator

from crawler.text import TITLE_LIMIT
from digests.code_words import repository
from digests.escape import link, plain, safe_url, said
from storage.paper import Paper

_HEAD = ("| Paper | Code | Stars | Venue |", "|---|---|---:|---|")


def paper_table(papers: Iterable[Paper]) -> Iterator[str]:
    """Yield the lines of the table, a paper each after the head."""
    yield from _HEAD
    for paper in papers:
        code, stars = paper.code[:1], paper.count("stars")
        cells = (
            link(said(paper.title, TITLE_LIMIT), safe_url(paper.url)),
            "".join(link(plain(repository(one.url)), safe_url(one.url)) for one in code),
            "" if stars is None else f"{stars:,}",
            link(plain(", ".join(place.venue for place in paper.places)), None),
        )
        yield f"| {' | '.join(map(_cell, cells))} |"


def _cell(text: str) -> str:
    """Escape the pipe, which ends a cell wherever it stands (GitHub Flavored Markdown §4.10)."""
    return text.replace("\\|", "|").replace("|", "\\|")
