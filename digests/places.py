"""Where a paper can be looked at, and looked for: addresses made of its names and its title. Pure.

The pages of arXiv, Hugging Face, Papers with Code and Semantic Scholar are addressed by the arXiv id, searches by the title.
"""

from urllib.parse import quote, quote_plus

from crawler.text import clean, readable
from digests.escape import plain, safe_url
from storage.paper import Paper

_BY_TITLE = (
    ("Google Scholar", "https://scholar.google.com/scholar?q={}"),
    ("Baidu Scholar", "https://xueshu.baidu.com/s?wd={}"),
    ("Bing Academic", "https://cn.bing.com/academic/search?q={}"),
    ("CNKI", "https://kns.cnki.net/kns8s/defaultresult/index?kw={}"),
)
_BY_ARXIV = (
    ("arXiv", "https://arxiv.org/abs/{}"),
    ("PDF", "https://arxiv.org/pdf/{}"),
    ("HTML", "https://arxiv.org/html/{}"),
    ("Hugging Face", "https://huggingface.co/papers/{}"),
    ("Papers with Code", "https://paperswithcode.co/paper/{}"),
    ("Semantic Scholar", "https://www.semanticscholar.org/arxiv/{}"),
)


def places(paper: Paper) -> tuple[tuple[str, str], ...]:
    """Return the names of places and the addresses of the paper there, its own pages first."""
    found = []
    if arxiv := paper.identifier("arxiv"):
        found += [(name, address.format(quote(plain(arxiv), safe="/"))) for name, address in _BY_ARXIV]
    if doi := paper.identifier("doi"):
        found.append(("DOI", f"https://doi.org/{quote(plain(doi), safe='/')}"))
    if paper.open_access and (url := safe_url(paper.open_access.url)):
        found.append(("Open access", url))
    if not found and (url := safe_url(paper.url)):
        found.append(("Page", url))
    title = quote_plus(clean(readable(paper.title)), errors="replace")
    return (*found, *((name, address.format(title)) for name, address in _BY_TITLE))
