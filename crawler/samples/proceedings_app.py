"""The lists of the proceedings of NeurIPS and ICLR in all their markups, of papers of our own."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import md5
from html import escape
from typing import Final, Literal

Markup = Literal["new", "old", "plain"]
"""That of 2026, that before it, and that of 2020, which has nothing but a link and names."""

_PAGE: Final = """<!doctype html>
<html lang="en">
<head>
    <meta charset="utf-8">
    <title>{title}</title>
</head>
<body>
{body}
</body>
</html>
"""
_NEW: Final = """\
<div class="container-fluid">
<div class="col book-page">
    <header class="book-header"><h1 class="book-title">{title}</h1></header>
    <div class="paper-list-header">{count}</div>
    <ul class="paper-list">
{volumes}{papers}    </ul>
</div>
</div>"""
_OLD: Final = """\
<div class="container-fluid"><div class="col">
    <h4>{title}</h4>
    <p>Edited by: C. Babbage</p>
    <ul>
{volumes}{papers}    </ul>
</div></div>"""
_ENTRIES: Final[dict[Markup, str]] = {
    "new": """\
        <li class="{track}" data-track="{track}">
            <div class="paper-content">
                <a title="paper title" href="{href}">{title}</a>
                <span class="paper-authors">{authors}</span>
            </div>
            <span class="paper-track-badge">{badge}</span>
        </li>
""",
    "old": """\
        <li class="{track}" data-track="{track}"><a title="paper title" href="{href}">{title}</a> <i>{authors}</i></li>
""",
    "plain": """\
        <li><a href="{href}">{title}</a> <i>{authors}</i></li>
""",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A paper by its number on the site; `track` as the address has it, empty until 2021."""

    number: int
    title: str
    authors: tuple[str, ...] = ("Ada Lovelace", "Charles Babbage")
    track: str = "Conference"

    @property
    def hash(self) -> str:
        """The id in its address."""
        return md5(str(self.number).encode(), usedforsecurity=False).hexdigest()

    def path(self, year: int) -> str:
        """Return where its page is."""
        track = f"-{self.track}" if self.track else ""
        return f"/paper_files/paper/{year}/hash/{self.hash}-Abstract{track}.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """The page of a year, or of a volume of it. `count` is the number it states where that is another; `volumes` are others."""

    title: str
    year: int
    papers: Sequence[Paper] = ()
    markup: Markup = "new"
    count: int | None = None
    volumes: Iterable[str] = ()


def render_book(book: Book) -> bytes:
    """Write the page."""
    count = len(book.papers) if book.count is None else book.count
    body = (_NEW if book.markup == "new" else _OLD).format(
        title=escape(book.title),
        count=f'<span class="paper-count">{count} papers</span>',
        volumes="".join(f'<a href="/paper_files/paper/{book.year}/{one}">See also {one}</a>\n' for one in book.volumes),
        papers="".join(_entry(paper, book) for paper in book.papers),
    )
    return _PAGE.format(title="Book", body=body).encode()


def _entry(paper: Paper, book: Book) -> str:
    return _ENTRIES[book.markup].format(
        track=paper.track.lower() or "none",
        href=paper.path(book.year),
        title=escape(paper.title),
        authors=escape(", ".join(paper.authors)),
        badge=escape(paper.track.replace("_", " ")),
    )
