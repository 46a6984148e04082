"""ECVA's page of all ECCVs, and its pages of single papers, of papers of our own."""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from itertools import groupby
from typing import Final

_SITE: Final = "https://www.ecva.net"
_PAGE: Final = """<!DOCTYPE html>
<html>
<head>
<title>ECVA | European Association</title>
</head>
<body>
<div class="wrapper">
{content}</div>
</body>
</html>
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One paper of an ECCV, with its number; authors may have an asterisk. `doi` is that of its chapter at Springer."""

    number: int
    title: str
    authors: tuple[str, ...] = ("Ada Lovelace*",)
    year: int = 2024
    supplement: str = "pdf"
    doi: str = ""
    abstract: str = "We describe an engine."

    @property
    def url(self) -> str:
        """The address of its page."""
        return f"{_SITE}/{self._directory}/html/{self.number}_ECCV_{self.year}_paper.php"

    @property
    def pdf(self) -> str:
        """The address of the paper."""
        return f"{_SITE}/{self._directory}/papers/{self.number:05}.pdf"

    @property
    def _directory(self) -> str:
        return f"papers/eccv_{self.year}/papers_ECCV"


def render_list(papers: Iterable[Listed]) -> bytes:
    """Write the page of all papers, those of a year together, in the order given."""
    parts = "".join(
        f'<button class="accordion">ECCV {year} Papers</button>\n<div class="accordion-content">\n'
        f'<div id="content">\n<dl>\n{"".join(map(_row, group))}</dl> </div>\n</div>\n\n<!-- ECCV {year} ends -->\n'
        for year, group in groupby(papers, key=lambda paper: paper.year)
    )
    return _PAGE.format(content=parts).encode()


def render_article(paper: Listed) -> bytes:
    """Write the page of one paper; what it links to stands relative to it."""
    content = (
        f'<div id="content">\n<dl>\n<dd>\n<div id="papertitle">\n{escape(paper.title)}</div>\n<div id="authors"><br /><b><i>'
        f"{escape(', '.join(paper.authors))}</i></b> ; </div>\n"
        f'<font size="5"><br /><b>Abstract</b></font>\n<br /><br />\n<div id="abstract">"{escape(paper.abstract)}"</div>\n'
        f'<font size="5"><br /><b>Related Material</b></font>\n<br /><br />\n{_links(paper, "../papers")}</dd>\n</dl>\n</div>\n'
    )
    return _PAGE.format(content=content).encode()


def _row(paper: Listed) -> str:
    return (
        f'<dt class="ptitle"><br>\n<a href={paper.url.removeprefix(f"{_SITE}/")}>\n{escape(paper.title)}</a>\n</dt><dd>\n'
        f"{escape(', '.join(paper.authors))}</dd>\n<dd>\n{_links(paper, f'papers/eccv_{paper.year}/papers_ECCV/papers')}</dd>\n"
    )


def _links(paper: Listed, directory: str) -> str:
    file = f"{directory}/{paper.number:05}"
    supplement = f"[<a href={file}-supp.{paper.supplement}>supplementary material</a>]\n" if paper.supplement else ""
    chapter = f'[<a href="https://link.springer.com/chapter/{paper.doi}">DOI</a>]\n' if paper.doi else ""
    return f"[<a href='{file}.pdf'>pdf</a>]\n{supplement}{chapter}<div class=\"link2\"></div>\n"
