"""PMLR's pages in the form of its templates (github.com/mlresearch/jekyll-theme, mlresearch.github.io), of papers of our own.

Oddities included: two blanks before an address, a blank line before every entry, names set in YAML as they are, what a link
does when it is clicked naming a place at OpenReview that is none, and the reissues and volumes to come in the list for people.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

_HOST: Final = "https://proceedings.mlr.press"


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One paper of a volume, with the family and the given name of each author. What is empty is not on its pages."""

    name: str
    title: str
    authors: tuple[tuple[str, str], ...] = (("Lovelace", "Ada"),)
    abstract: str = "We describe an engine."
    openreview: str = ""
    software: str = ""
    doi: str = ""
    section: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """One volume: its number, what the list calls it, the conference as its page has it, and its papers."""

    number: int
    title: str
    conference: str = "International Conference on Machine Learning, 21-27 July 2024, Vienna, Austria"
    booktitle: str = "Proceedings of the 41st International Conference on Machine Learning"
    published: str = "2024-07-08"
    papers: tuple[Paper, ...] = ()


def render_list(volumes: Iterable[Volume]) -> bytes:
    """Write the list of volumes as `proceedings.yaml`."""
    return (
        "".join(
            f'\n- volume: {one.number}\n  url:  "{_HOST}/v{one.number}"\n'
            f'  yaml:  "{_HOST}/v{one.number}/assets/bib/citeproc.yaml"\n  description: "{one.title}"'
            for one in volumes
        ).encode()
        + b"    \n"
    )


def render_index(volumes: Iterable[Volume]) -> bytes:
    """Write the list of volumes as the page for people."""
    items = "".join(
        f'\n  <li>\n    <a href="v{one.number}"><b>Volume {one.number}</b></a> {escape(one.title, quote=False)} \n  </li>\n  '
        for one in volumes
    )
    return f"""<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>Proceedings of Machine Learning Research | The series</title></head>
<body><main class="page-content" aria-label="Content"><div class="wrapper">
<h2>ISSN: 2640-3498</h2>
<p>For frequently asked questions please see the <a href="./faq.html">FAQ</a>.</p>
<h2>Scheduled Volumes</h2>
<ul class="proceedings-list"><li>Volume 998 is assigned to a meeting on engines</li></ul>
<h2>Reissued Volumes</h2>
<ul class="proceedings-list"><li><a href="r1"><b>Volume R1</b></a> Looms and Engines 1995</li></ul>
<h2>Proceedings</h2>
<ul class="proceedings-list">{items}</ul>
<p class="rss-subscribe">subscribe <a href="{_HOST}/feed.xml">via RSS</a></p>
</div></main></body>
</html>
""".encode()


def render_volume(volume: Volume) -> bytes:
    """Write the page of a volume."""
    where = f"v{volume.number}"
    sections = tuple(dict.fromkeys(paper.section for paper in volume.papers if paper.section))
    rows = [
        f'\n<h3 id="{section}">{section}</h3>\n' + _rows(volume, [paper for paper in volume.papers if paper.section == section])
        for section in sections
    ]
    rows.append(_rows(volume, [paper for paper in volume.papers if not paper.section]))
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="utf-8">
<title>Proceedings of Machine Learning Research | {escape(volume.booktitle)} Published as Volume {volume.number}</title>
<link rel="canonical" href="{_HOST}/{where}/" />
</head>
<body>
<main class="page-content" aria-label="Content"><div class="wrapper">

<h2>Volume {volume.number}: {escape(volume.conference)}</h2>

<p><strong>Editors: Charles Babbage,&nbsp;Mary Somerville</strong></p>
<p>[<a href="./assets/bib/bibliography.bib" target="_blank">bib</a>][<a href="./assets/bib/citeproc.yaml"  \
target="_blank">citeproc</a>]</p>
{"".join(rows)}
<p class="rss-subscribe">subscribe <a href="//{where}/assets/rss/feed.xml">via RSS</a></p>
</div></main>
</body>
</html>
""".encode()


def _rows(volume: Volume, papers: Sequence[Paper]) -> str:
    return "".join(_row(volume, place, paper) for place, paper in enumerate(papers))


def _row(volume: Volume, place: int, paper: Paper) -> str:
    authors = ",&nbsp;".join(escape(f"{given} {family}".strip(), quote=False) for family, given in paper.authors)
    page = f"{_HOST}/v{volume.number}/{paper.name}.html"
    pdf = _pdf(volume, paper)
    links = f"""[<a href="{page}">abs</a>][<a href="{pdf}" target="_blank" onclick="ga('send', 'event', 'PDF Downloads', \
'Download', '{pdf}', 10);">Download PDF</a>]"""
    if paper.openreview:
        links += f"""[<a href="https://openreview.net/forum?id={paper.openreview}" target="_blank" onclick="ga('send', \
'event', 'OpenReview site', 'Openreview', 'https://openreview.net/forum?id=false', 0);">OpenReview</a>]"""
    if paper.software:
        links += f"""[<a href="{paper.software}" target="_blank" onclick="ga('send', 'event', 'Software', \
'{paper.software}', 0);">Software</a>]"""
    return f"""<div class="paper">
  <p class="title">{escape(paper.title, quote=False)}</p>
  <p class="details">
    <span class="authors">{authors}</span>;
    <span class="info"><i>{escape(volume.booktitle)}</i>, PMLR {volume.number}:{20 * place + 1}-{20 * place + 20}</span>
  </p>
  <p class="links">
    {links}</p>
</div>
"""


def render_citeproc(volume: Volume) -> bytes:
    """Write the papers of a volume as `citeproc.yaml`."""
    return ("".join(_entry(volume, place, paper) for place, paper in enumerate(volume.papers)) + "\n").encode()


def _entry(volume: Volume, place: int, paper: Paper) -> str:
    where = f"v{volume.number}"
    year, month, day = (int(part) for part in volume.published.split("-"))
    abstract = f"\n  abstract: '{_quoted(paper.abstract)}'" if paper.abstract else ""
    doi = f"\n  DOI: {paper.doi}" if paper.doi else ""
    return f"""
- title: '{_quoted(paper.title)}'{abstract}
  volume: {volume.number}
  URL: {_HOST}/{where}/{paper.name}.html{doi}
  PDF: {_pdf(volume, paper)}
  edit: https://github.com/mlresearch/{where}/edit/gh-pages/_posts/{volume.published}-{paper.name}.md
  series: 'Proceedings of Machine Learning Research'
  container-title: '{_quoted(volume.booktitle)}'
  publisher: 'PMLR'
  author: {_people(paper.authors)}
  editor: {_people((("Babbage", "Charles"), ("Somerville", "Mary")))}
  page: {20 * place + 1}-{20 * place + 20}
  id: {paper.name}
  issued:
    date-parts: \n      - {year}\n      - {month}\n      - {day}
  firstpage: {20 * place + 1}
  lastpage: {20 * place + 20}
  published: {volume.published} 00:00:00 +0000"""


def _people(names: Iterable[tuple[str, str]]) -> str:
    return "".join(f"\n  - given: {given}\n    family: {family}" for family, given in names)


def _quoted(text: str) -> str:
    return text.replace("'", "''")


def _pdf(volume: Volume, paper: Paper) -> str:
    where = f"v{volume.number}"
    return f"https://raw.githubusercontent.com/mlresearch/{where}/main/assets/{paper.name}/{paper.name}.pdf"
