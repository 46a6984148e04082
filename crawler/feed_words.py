"""Feeds that are dead, or have moved, in words for `status`. Pure."""

from datetime import datetime
from typing import Final

from crawler.feed_health import DAY, Failure, FeedState, is_fresh, pause

_WORDS: Final[dict[Failure, str]] = {
    "missing": "it is not there (404)",
    "unknown host": "its host has no address",
    "bad certificate": "its certificate is not valid",
    "refused": "its host takes no connection",
    "no feed": "what is there is no feed",
    "failed": "it could not be fetched",
}


def line_for_status(state: FeedState, now: datetime) -> str:
    """Return the line on a feed that is dead; empty where it lives.

    >>> from datetime import UTC
    >>> day = datetime(2026, 8, 12, tzinfo=UTC)
    >>> line_for_status(FeedState(url="https://a.example/feed", failing_since=day, failure="missing"), day)
    'no feed since 2026-08-12: it is not there (404); asked once a day'
    """
    if state.failing_since is None:
        return ""
    if state.gone:
        return f"gone for good (410) since {(state.last_asked or state.failing_since).date()}; not asked for any more"
    often = "at every run" if is_fresh(state, now) else "once a day" if pause(state, now) == DAY else "once a week"
    return f"no feed since {state.failing_since.date()}: {_WORDS[state.failure or 'failed']}; asked {often}"


def line_of_move(state: FeedState, given: str) -> str:
    """Return the line on a feed that is not where the settings say any more; empty where it is.

    >>> line_of_move(FeedState(url="https://b.example/feed"), "https://a.example/feed")
    'has moved for good, and is asked for at https://b.example/feed'
    """
    return f"has moved for good, and is asked for at {state.url}" if state.url != given else ""
