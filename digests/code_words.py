"""Code in words: the label of a paper that has some, and the update when it comes out. Pure."""

from collections.abc import Mapping
from typing import Final

from digests.escape import plain, safe_url
from digests.language import Language
from storage.paper import Paper

LABEL_LIMIT: Final = 60

_SOURCES: Final = {"huggingface": "Hugging Face", "paperswithcode": "Papers with Code"}


def code_label(paper: Paper, language: Language) -> str:
    """Name the repository, its stars where they were counted, and say so where it is known not to be the authors'."""
    if not paper.code:
        return ""
    first, stars = paper.code[0], paper.count("stars")
    name = plain(repository(first.url), LABEL_LIMIT) + (f" ★ {stars:,}" if stars else "")
    if first.official is False:
        return language.gettext("code by others · %(name)s", name=name)
    return language.gettext("code · %(name)s", name=name)


def code_is_out(detail: Mapping[str, object], language: Language) -> tuple[str, str | None, str]:
    """Name the repository, with its address, and say by whose word: the details of an event."""
    said = str(detail.get("said") or "")
    source = plain(_SOURCES.get(said, said), LABEL_LIMIT)
    by_list = language.gettext("named by %(source)s", source=source)
    by = language.gettext("named by the authors") if said == "authors" else by_list
    url = str(detail.get("url") or "")
    return plain(repository(url), LABEL_LIMIT), safe_url(url), by


def repository(url: str) -> str:
    """Return owner and name of a repository: what its address has behind the host.

    >>> repository("https://github.com/me/net")
    'me/net'
    """
    return url.partition("://")[2].partition("/")[2] or url
