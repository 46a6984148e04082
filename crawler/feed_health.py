"""What becomes of the address of a feed: where it moved, whether it is gone, how often it is asked while it is dead. Pure.

A permanent redirect (301, 308; RFC 9110 §15.4) changes the address once it has been met three times in a row, always to the
same place, and what is there is a feed: sites that were sold or broken into redirect as well. A temporary one changes nothing,
nor does one from https to http. 410 (Gone) ends the asking for good. What does not answer, or not with a feed, is asked once a
day, and after 30 days once a week; a server that is in trouble (5xx, a timeout) only once that has lasted for a day. Days are
those of UTC.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple

from crawler.addresses import absolute

FEEDS: Final = "feeds"
"""The name of the source whose scopes are feeds."""

TIMES: Final = 3
"""How many permanent redirects in a row to one place change the address."""

DAY: Final = timedelta(days=1)

PATIENCE: Final = timedelta(days=30)
"""After so long without an answer a feed is asked once a week."""

Failure = Literal["missing", "unknown host", "bad certificate", "refused", "no feed", "failed"]
"""What keeps a feed from being read: 404, DNS, TLS, no connection, a page that is no feed, or anything else."""

Happened = Failure | Literal["ok", "gone"]

_WEEK: Final = timedelta(days=7)
_PERMANENT: Final = frozenset({301, 308})


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedState:
    """What is remembered of a feed's address. Every datetime is aware and in UTC.

    `moved_to` is where the last permanent redirects led, `moved_times` how many they were in a row; `gone`: 410 was
    answered, last of all; `failing_since` is the first failure since it was last read, `failure` the last.
    """

    url: str
    moved_to: str = ""
    moved_times: int = 0
    gone: bool = False
    failing_since: datetime | None = None
    failure: Failure | None = None
    last_asked: datetime | None = None


class Hop(NamedTuple):
    """One redirect: its status, and the address in its `Location`, absolute."""

    status: int
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of asking for a feed once. `moved_to`: where permanent redirects led, empty where there were none.

    `ok` is a feed that was read, or 304: only then does a redirect count.
    """

    happened: Happened
    moved_to: str = ""


class Judged(NamedTuple):
    """What is to be remembered now, and a line for the log where the address has changed or the feed is gone."""

    state: FeedState
    line: str = ""


def permanent(hops: Iterable[Hop]) -> str:
    """Return where the permanent redirects lead that come before any temporary one; empty where there are none.

    >>> permanent([Hop(301, "https://b.example/feed"), Hop(302, "https://c.example/feed")])
    'https://b.example/feed'
    """
    to = ""
    for hop in hops:
        if hop.status not in _PERMANENT:
            break
        to = hop.to
    return to


def judge_feed(state: FeedState, outcome: Outcome, now: datetime) -> Judged:
    """Return what to remember of a feed that has just been asked for."""
    asked = replace(state, last_asked=now, moved_to="", moved_times=0)
    if outcome.happened == "ok":
        return _moved(replace(asked, failing_since=None, failure=None, gone=False), state, outcome.moved_to)
    if outcome.happened == "gone":
        line = "" if state.gone else f"{state.url} is gone for good (410) and is not asked for any more"
        return Judged(replace(asked, gone=True, failure=None, failing_since=state.failing_since or now), line)
    return Judged(replace(asked, failure=outcome.happened, failing_since=state.failing_since or now))


def is_due(state: FeedState, now: datetime) -> bool:
    """Tell whether a feed may be asked for now: one that fails once a day or once a week, one that is gone never."""
    if state.gone:
        return False
    if state.last_asked is None or is_fresh(state, now):
        return True
    # By days, not by hours: what is asked once a day at about the same hour would be too early every second time.
    since = now.date() - state.last_asked.date()
    return since >= pause(state, now) or since < timedelta()  # a clock that was put back must not silence a feed


def is_fresh(state: FeedState, now: datetime) -> bool:
    """Tell whether nothing keeps a feed from being asked: it lives, or what a server could not do just now may pass."""
    return state.failing_since is None or (state.failure == "failed" and timedelta() <= now - state.failing_since < DAY)


def pause(state: FeedState, now: datetime) -> timedelta:
    """Return how many days at least lie between two requests for a feed that is dead."""
    return _WEEK if state.failing_since is not None and now - state.failing_since >= PATIENCE else DAY


def needs_person(state: FeedState, now: datetime) -> bool:
    """Tell whether somebody should look after a dead feed.

    Not in its first week, for most come back; nor after thirty days, when whoever wanted to has: from then on it is only said.
    """
    return state.failing_since is not None and _WEEK <= now - state.failing_since < PATIENCE


def _moved(asked: FeedState, before: FeedState, moved_to: str) -> Judged:
    to = absolute(moved_to) if moved_to else None
    insecure = before.url.lower().startswith("https:") and (to or "").startswith("http:")  # where anybody may write it anew
    if to is None or insecure or to == absolute(before.url):
        return Judged(asked)
    times = before.moved_times + 1 if to == before.moved_to else 1
    if times < TIMES:
        return Judged(replace(asked, moved_to=to, moved_times=times))
    return Judged(replace(asked, url=to), f"{before.url} has moved for good, as it said {times} times in a row: it is {to} now")
