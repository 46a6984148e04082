"""Posts about a paper in words: the update when one appears. Pure."""

from collections.abc import Mapping

from crawler.text import TITLE_LIMIT
from digests.code_words import LABEL_LIMIT
from digests.escape import plain, safe_url, said
from digests.language import Language


def discussed(detail: Mapping[str, object], language: Language) -> str:
    """Say where a paper is spoken of: the details of an event."""
    by = plain(str(detail.get("by") or ""), LABEL_LIMIT)
    return language.gettext("Discussed at %(by)s", by=by) if by else language.gettext("Discussed")


def post(detail: Mapping[str, object]) -> tuple[str, str | None]:
    """Return the title of the post, and its address."""
    return said(str(detail.get("title") or ""), TITLE_LIMIT) or "…", safe_url(str(detail.get("url") or ""))
