"""Feeds in words: what they brought together, and which of them are dead. Pure."""

from collections.abc import Iterator
from typing import Final

from crawler.feed_health import Failure, FeedState
from crawler.text import NAME_LIMIT
from digests.digest import SourceLine
from digests.escape import plain
from digests.language import Language

_MOST: Final = 5
"""So many dead feeds are named; `paperlark status` has them all."""


def brought(papers: int, language: Language) -> str:
    """Say what is new in the feeds."""
    if not papers:
        return language.gettext("new posts")
    return language.ngettext("%(count)s new paper", "%(count)s new papers", papers)


def dead_feeds(line: SourceLine, language: Language) -> Iterator[str]:
    """Yield a sentence for each of the feeds that are dead."""
    yield from (_sentence(plain(name, NAME_LIMIT), state, language) for name, state in line.dead[:_MOST])
    if len(line.dead) > _MOST:
        yield language.ngettext("%(count)s more feed is dead.", "%(count)s more feeds are dead.", len(line.dead) - _MOST)


def _sentence(name: str, state: FeedState, language: Language) -> str:
    if state.gone or state.failing_since is None:
        return language.gettext("The feed %(name)s is gone for good (410); it is not asked for any more.", name=name)
    otherwise = language.gettext("it could not be fetched")
    why: dict[Failure | None, str] = {
        "missing": language.gettext("it is not there (404)"),
        "unknown host": language.gettext("its host has no address"),
        "bad certificate": language.gettext("its certificate is not valid"),
        "refused": language.gettext("its host takes no connection"),
        "no feed": language.gettext("what is there is no feed"),
    }
    return language.gettext(
        "The feed %(name)s could not be read since %(date)s: %(why)s.",
        name=name,
        date=language.day(state.failing_since.date()),
        why=why.get(state.failure, otherwise),
    )
