"""The papers that texts of the web link to, by the names in the addresses. Pure.

arXiv in all its spellings and mirrors (alphaXiv, ar5iv, SciRate, the papers' pages at Hugging Face), DOIs, OpenReview, the ACL
Anthology with its former address, the CVF's open access and PMLR. A DOI of news, as Nature gives them, is no paper.
"""

import re
from collections.abc import Iterator
from html import unescape
from typing import Final
from urllib.parse import unquote, urlsplit

from crawler.identifiers import Identifier, arxiv_id, doi

_ARXIV: Final = r"\d{4}\.\d{4,5}|[a-z-]{2,20}(?:\.[a-z]{2})?/\d{7}"
# Whatever stands before the host, a scheme, a subdomain or nothing, does not matter; another name does.
_PAPER: Final = re.compile(
    rf"""(?<![\w-])(?:
        (?: arxiv\.org/(?:abs|pdf|html|format|ps|src|e-print)/ | alphaxiv\.org/(?:abs|pdf|overview)/ | ar5iv\.org/(?:abs|html)/
          | scirate\.com/arxiv/ | (?:huggingface|hf)\.co/papers/ | arxiv:\ ?
        ) (?P<arxiv>{_ARXIV})(?!\d)
      | (?: doi\.org/ | doi:\ ? ) (?P<doi>10\.\d{{4,9}}(?:/|%2F)[^\s"'<>\\?\#&]{{1,250}})
      | openreview\.net/(?:forum|pdf|attachment)\?(?:[^\s"'<>?]{{0,200}}&)?id=(?P<openreview>[\w-]{{6,40}})
      | (?: aclanthology\.org | aclweb\.org/anthology(?:/papers/\w/\w\d\d)? )
        / (?P<acl>\d{{4}}\.[a-z0-9_]{{1,40}}-[a-z0-9_]{{1,40}}\.\d{{1,5}}|[a-z]\d\d-\d{{4}})(?!\d)
      | openaccess\.thecvf\.com/[\w./-]{{1,200}}/(?P<cvf>[\w.-]{{1,250}}?)_paper\.(?:html?|php|pdf)
      | proceedings\.mlr\.press/(?P<pmlr>[vr]\d{{1,4}}/(?!index\b)[\w.+-]{{1,100}}?)(?:\.html|/[\w.+-]{{1,100}}\.pdf)
    )""",
    re.IGNORECASE | re.VERBOSE | re.ASCII,
)
# One of these is in every address, and to look for them takes a fraction of the time.
_SIGNS: Final = re.compile(r"xiv|doi|hf\.co|huggingface|openreview|aclanthology|aclweb|thecvf|mlr\.press|ar5iv", re.IGNORECASE)
_BEFORE: Final = re.compile(r"(?:(?:https?:)?//)?(?:[\w-]+\.)*")
_DOI_PATH: Final = re.compile(r"/(10\.\d{4,9}/[^?#\s]{1,250})")
_DOI_QUERY: Final = re.compile(r"(?:^|&)(?:id|doi)=(10\.\d{4,9}(?:/|%2F)[^&\s]{1,250})", re.IGNORECASE)
_VIEW: Final = re.compile(
    r"(?:/(?:full|abstract|pdf|epdf|html|meta|fulltext|summary|full-text|short)|\.(?:pdf|full|abstract|short|html))+$",
    re.IGNORECASE,
)
_PREPRINT: Final = re.compile(r"(10\.(?:1101|64898)/\d{4}\.\d\d\.\d\d\.\d+)v\d+")
_NATURE: Final = re.compile(r"(?:^|\.)nature\.com$")
_NATURE_PAPER: Final = re.compile(r"/articles/(?!d\d{5}-)([\w.-]{6,60})/?")
_NEWS: Final = re.compile(r"(?:10\.1038|nature\.com/articles)/d\d{5}-", re.IGNORECASE)
_CLOSING: Final = ".,;:!?*_~’”`|"
_PAIRS: Final = {")": "(", "]": "[", "}": "{"}


def papers_in(text: str, most: int) -> tuple[Identifier, ...]:
    """Return the papers that a text or a piece of HTML links to, each once, in their order, at most so many.

    >>> papers_in('<a href="https://www.arxiv.org/pdf/2401.00001v2.pdf">it</a>, doi:10.1000/Xyz.', 20)
    (Identifier(scheme='arxiv', value='2401.00001'), Identifier(scheme='doi', value='10.1000/xyz'))
    """
    if not _SIGNS.search(text):
        return ()
    found: dict[Identifier, None] = {}
    for one in _papers(unescape(text) if "&" in text else text):
        found[one] = None
        if len(found) == most:
            break
    return tuple(found)


def paper_at(address: str) -> Identifier | None:
    """Return the paper of which an address is the page: in the places above, or with a DOI in its path as publishers write it.

    >>> paper_at("https://link.springer.com/article/10.1007/s11263-026-00001-1?utm_source=rss")
    Identifier(scheme='doi', value='10.1007/s11263-026-00001-1')
    """
    found = _PAPER.search(address)
    if found and _BEFORE.fullmatch(address, 0, found.start()):
        return _of(found)
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return None
    if _NATURE.search(host) and (article := _NATURE_PAPER.fullmatch(parts.path)):
        return named(f"10.1038/{article[1]}")
    match = _DOI_PATH.search(unquote(parts.path)) or _DOI_QUERY.search(parts.query)
    return _of_doi(match[1]) if match else None


def named(text: str) -> Identifier | None:
    """Return the paper that an identifier names, in any spelling; the DOI of a piece of news names none."""
    one = Identifier.parse(text)
    return None if one and one.scheme == "doi" and is_news(one.value) else one


def is_news(text: str) -> bool:
    """Tell whether an address or an identifier is that of news, which Nature has among its papers.

    >>> is_news("https://www.nature.com/articles/d41586-026-00001-1"), is_news("10.1038/s41586-026-00001-1")
    (True, False)
    """
    return _NEWS.search(text) is not None


def _papers(text: str) -> Iterator[Identifier]:
    for match in _PAPER.finditer(text):
        if one := _of(match):
            yield one


def _of(match: re.Match[str]) -> Identifier | None:
    scheme, value = match.lastgroup or "", match[match.lastgroup or 0]
    if scheme == "arxiv":
        found = arxiv_id(value)
        return Identifier("arxiv", found[0]) if found else None
    if scheme == "doi":
        return _of_doi(value)
    if scheme == "acl":
        return Identifier("acl", value.lower() if "." in value else value.upper())
    return Identifier(scheme, value)


def _of_doi(value: str) -> Identifier | None:
    value = _trimmed(unquote(value).partition("](")[0])
    value = _VIEW.sub("", value)
    preprint = _PREPRINT.fullmatch(value)
    return named(preprint[1] if preprint else value) if doi(value) else None


def _trimmed(value: str) -> str:
    """Take off what belongs to the sentence around it; a bracket stays that was opened inside."""
    while value:
        last = value[-1]
        opening = _PAIRS.get(last)
        if last in _CLOSING or (opening and value.count(last) > value.count(opening)):
            value = value[:-1]
        else:
            break
    return value
