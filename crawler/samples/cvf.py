"""Pages of CVF Open Access as they are written in their years, of papers of our own."""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import Final

_SITE: Final = "https://openaccess.thecvf.com"
_ROOT_SINCE: Final = 2021
_HEAD: Final = """<!DOCTYPE html PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN">
<html>
<head>
<meta http-equiv="Content-Type" content="text/html; charset=UTF-8">
<title>{conference} {year} Open Access Repository</title>
{more}</head>
<body>
<div id="header">
<div id="help">
These {conference} {year} papers are the Open Access versions, provided by the <a href="https://www.example.org/">Foundation.</a>
</div>
<form action="/{conference}{year}" method="post">
<input type="text" name="query">
<input type="submit" value="Search">
</form>
</div>
<div class="clear">
</div>
<div id="content">
"""
_FOOT: Final = "</div>\n</body>\n</html>\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One paper of an edition. `part` is `W` or `F`, of workshops and findings, and `workshop` the name of its workshop."""

    title: str
    authors: tuple[str, ...] = ("Ada Lovelace",)
    conference: str = "CVPR"
    year: int = 2026
    part: str = ""
    workshop: str = ""
    supplement: bool = True
    arxiv: str = ""
    abstract: str = "We describe an engine."
    bibtex: str = ""

    @property
    def stem(self) -> str:
        """What the site calls the paper."""
        words = "_".join("".join(one for one in word if one.isalnum() or one == "-") for word in self.title.split())
        return f"{self.authors[0].split()[-1]}_{words}_{self.conference}{self.part}_{self.year}"

    @property
    def directory(self) -> str:
        """Where the paper stands, in the manner of its year."""
        within = f"/{self.workshop}" if self.workshop else ""
        if self.year >= _ROOT_SINCE:
            return f"/content/{self.conference}{self.year}{self.part}{within}/{{kind}}"
        above = "../" if self.part == "W" else ""  # the lists of workshops stand a level deeper
        return f"{above}content_{self.conference}{self.part}_{self.year}/{{kind}}{within}"

    def path(self, kind: str, ending: str) -> str:
        """Return the address of one of its files as pages of its year have it: since 2021 from the root of the site."""
        return f"{self.directory.format(kind=kind)}/{self.stem}_{ending}"

    @property
    def url(self) -> str:
        """The address of its page."""
        return f"{_SITE}/{self.path('html', 'paper.html').lstrip('./')}"


def render_list(papers: Iterable[Listed], *, heading: str = "Papers", conference: str = "CVPR", year: int = 2026) -> bytes:
    """Write a list of papers in the markup of the year: relative links and `query` before 2021, `query_author` since."""
    rows = "".join(map(_row, papers))
    return _page(conference, year, f"<h3>{escape(heading)}</h3>\n<dl>\n{rows}</dl>\n")


def render_days(edition: str, days: Iterable[str], *, everything: bool = False) -> bytes:
    """Write the list of the days of an edition; since 2021 a link to `everything` ends it."""
    conference, year = edition[:-4], int(edition[-4:])
    place = f"/{edition}" if year >= _ROOT_SINCE else f"{edition}.py"
    rows = "".join(f'<dd>\n<a href="{place}?day={day}">Day: {day}</a>\n<br><br>\n</dd>\n' for day in days)
    rows += f'<dd>\n<a href="{place}?day=all">All Papers</a>\n<br><br>\n</dd>\n' if everything else ""
    return _page(conference, year, f'<dl>\n{rows}</dl>\n<a href="/menu">Back</a>\n')


def render_workshops(edition: str, workshops: Iterable[str]) -> bytes:
    """Write the menu of the workshops of an edition: before 2021 with numbers, in files."""
    conference, year = edition[:-4], int(edition[-4:])
    form = f"/{edition}_workshops/{{}}" if year >= _ROOT_SINCE else f"{edition}_{{}}.py"
    rows = "".join(
        f'<dd>\n<a href="{form.format(name)}">Workshop on Engines ({escape(name)})</a>\n</dd>\n' for name in workshops
    )
    return _page(conference, year, f'<h3>Workshops</h3>\n<dl>\n{rows}</dl>\n<a href="../menu">Back</a>\n')


def render_article(paper: Listed) -> bytes:
    """Write the page of one paper."""
    tags = [
        ("title", paper.title),
        *(("author", _last_first(name)) for name in paper.authors),
        ("publication_date", str(paper.year)),
        ("conference_title", f"Proceedings of {paper.conference}"),
        ("firstpage", "1"),
        ("pdf_url", f"{_SITE}/{paper.path('papers', 'paper.pdf').lstrip('./')}"),
    ]
    more = "".join(f'<meta name="citation_{name}" content="{escape(value)}">\n' for name, value in tags)
    return _page(
        paper.conference,
        paper.year,
        f'<dl>\n<dd>\n<div id="papertitle">\n{escape(paper.title)}</div>\n<div id="authors">\n<br><b><i>'
        f"{escape(', '.join(paper.authors))}</i></b>; Proceedings, {paper.year}, pp. 1-10</div>\n"
        f'<font size="5">\n<br><b>Abstract</b>\n</font>\n<br><br>\n<div id="abstract">\n{escape(paper.abstract)}</div>\n'
        f'<font size="5">\n<br><b>Related Material</b>\n</font>\n<br><br>\n{_links(paper)}</dd>\n</dl>\n',
        more,
    )


def _page(conference: str, year: int, content: str, more: str = "") -> bytes:
    return (_HEAD.format(conference=conference, year=year, more=more) + content + _FOOT).encode()


def _row(paper: Listed) -> str:
    forms = "".join(
        _author(name, paper, last=place == len(paper.authors), first=place == 1) for place, name in enumerate(paper.authors, 1)
    )
    href = escape(paper.path("html", "paper.html"))
    return (
        f'<dt class="ptitle"><br><a href="{href}">{escape(paper.title)}</a></dt>\n'
        f"<dd>\n{forms}</dd>\n<dd>\n{_links(paper)}</dd>\n"
    )


def _author(name: str, paper: Listed, *, first: bool, last: bool) -> str:
    field, action = ("query_author", "") if paper.year >= _ROOT_SINCE else ("query", "_search.py")
    printed = escape(name if first else f" {name}")
    return (
        f'<form id="form-{escape(name.replace(" ", ""))}" action="/{paper.conference}{paper.year}{action}" method="post" '
        f'class="authsearch">\n<input type="hidden" name="{field}" value="{printed}">\n'
        f'<a href="#" onclick="document.getElementById(\'form\').submit();">{printed}</a>{"" if last else ","}\n</form>\n'
    )


def _links(paper: Listed) -> str:
    supplement = f'[<a href="{paper.path("supplemental", "supplemental.pdf")}">supp</a>]\n' if paper.supplement else ""
    arxiv = f'[<a href="http://arxiv.org/abs/{paper.arxiv}">arXiv</a>]\n' if paper.arxiv else ""
    return (
        f'[<a href="{paper.path("papers", "paper.pdf")}">pdf</a>]\n{supplement}{arxiv}'
        '<div class="link2">[<a class="fakelink" onclick="$(this).siblings(\'.bibref\').slideToggle()">bibtex</a>]\n'
        f'<div class="bibref pre-white-space">{escape(paper.bibtex) or _bibtex(paper)}</div>\n</div>\n'
    )


def _bibtex(paper: Listed) -> str:
    line = "<br>\n" if paper.year < _ROOT_SINCE else "\n"
    authors = escape(" and ".join(map(_last_first, paper.authors)))
    return line.join(
        (
            f"@InProceedings{{{paper.authors[0].split()[-1]}_{paper.year}_{paper.conference},",
            f"author = {{{authors}}},",
            f"title = {{{escape(paper.title)}}},",
            f"booktitle = {{Proceedings of {paper.conference}}},",
            "month = {June},",
            f"year = {{{paper.year}}}",
            "}",
        )
    )


def _last_first(name: str) -> str:
    first, _, last = name.rpartition(" ")
    return f"{last}, {first}" if first else last
