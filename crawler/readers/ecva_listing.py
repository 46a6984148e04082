"""ECVA (https://www.ecva.net/papers.php): the papers of every ECCV since 2018 on one page, told apart by their addresses.

Addresses are relative and mostly without quotes, `href=papers/eccv_2024/papers_ECCV/html/4_ECCV_2024_paper.php`; authors are
plain text, with asterisks that are marks; beside the paper and its supplement stands the DOI of Springer. The page of a paper
has no `citation_*`, but elements of the names that CVF has: `papertitle`, `authors`, `abstract`.
"""

import re
from typing import Final
from urllib.parse import urlsplit

from crawler.errors import ReadError
from crawler.identifiers import Identifier
from crawler.programmes import Edition
from crawler.readers.arxiv_sections import is_ended, parse
from crawler.readers.citation_meta import Article, Filing, is_over, no_paper, of_article
from crawler.readers.programme import Entry, programme
from crawler.readers.ptitle_rows import Row, cut, identifiers, links_of, names, pdfs, read_rows, stem, words
from crawler.sighting import KEY_LIMIT, Author, Reject
from crawler.source import Fetched, Page
from crawler.text import clean

SITE: Final = "https://www.ecva.net/"

_PARTS: Final = ("papertitle", "authors", "abstract")
_FILED: Final = re.compile(r"/eccv_(20\d\d)/")


def filed(url: str) -> Filing:
    """Tell of which ECCV a paper is by its address."""
    match = _FILED.search(urlsplit(url).path)
    return Filing(f"ECCV{match[1]}") if match else Filing()


def read_ecva_listing(fetched: Fetched) -> Page:
    """Read the papers of one ECCV; of a part of one, such as its workshops, there are none here.

    A page that breaks off is not whole, and its last row is a reject. Raises ReadError for a page of something else.
    """
    edition, found = Edition.parse(fetched.scope), cut(fetched)
    if not found.rows:
        title = clean(parse(fetched).findtext(".//title") or "", KEY_LIMIT)
        raise ReadError(fetched.source, fetched.url, f'no list of papers on the page titled "{title}"')
    if edition is None or edition.part:
        return programme(fetched, ())
    rows = read_rows(found, fetched.url, b"/eccv_%d/" % edition.year)  # most of the page is of other years
    entries = (row if isinstance(row, Reject) else _entry(row) for row in rows)
    ours = (one for one in entries if isinstance(one, Reject) or filed(one.url).edition == edition.name)
    return programme(fetched, ours, whole=is_ended(fetched))


def _entry(row: Row) -> Entry:
    key = stem(row.url)
    return Entry(
        key=key,
        title=row.title,
        url=row.url,
        authors=row.authors,
        identifiers=(Identifier("ecva", key), *identifiers(row.links)),
        links=pdfs(row.links),
    )


def read_ecva_article(fetched: Fetched) -> Page:
    """Read the page of one paper. Raises ReadError for a page of something else, and for one that breaks off before its end."""
    root, key = parse(fetched), stem(fetched.url)
    parts = {one.get("id"): one for one in root.iter("div") if one.get("id") in _PARTS}
    title, authors = (words(parts[part]) if part in parts else "" for part in ("papertitle", "authors"))
    if not title:
        raise no_paper(root, fetched)
    if not all(part in parts and is_over(parts[part], fetched) for part in _PARTS):
        raise ReadError(fetched.source, fetched.url, "the page breaks off, or has no authors or abstract")
    links = tuple(links_of(root, fetched.url))
    article = Article(
        title=title,
        authors=tuple(map(Author, names(authors.partition(";")[0]))),
        abstract=words(parts["abstract"]).strip('" '),
        identifiers=(Identifier("ecva", key), *identifiers(links)),
        links=pdfs(links),
    )
    return of_article(article, fetched, key, filed(fetched.url))
