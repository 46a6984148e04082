"""One question to a host, and what comes back: values only."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal

from crawler.errors import CertificateError, CrawlError, FetchError, NoConnectionError, RefusedError, UnknownHostError
from crawler.feed_health import Happened, Hop
from crawler.source import Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One GET: where, with which headers, under which rules, how many bytes at most and how long at most.

    `delay` is the pause that its host wants between two requests, where that is longer than the source's own. `token` is a
    secret between the user and the host of `url`: no other gets it, and nothing shows it.
    """

    url: str
    headers: Mapping[str, str] = field(repr=False)
    rules: Rules
    max_bytes: int
    timeout: timedelta
    delay: timedelta = timedelta()
    token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One HTTP response: header names in lower case, the body unpacked; `whole` is False when it broke off.

    `hops` are the redirects that were followed to it.
    """

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    whole: bool = True
    hops: tuple[Hop, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Why there is nothing to read, in one line, and when to come back, if the host or its cool-down says so.

    `cause` tells apart why nothing came of it, as far as that matters to a feed; `unanswered`: the host gave no answer at all.
    """

    kind: Literal["throttled", "blocked", "failed"]
    why: str
    next_at: datetime | None = None
    cause: Happened = "failed"
    unanswered: bool = False

    @property
    def missing(self) -> bool:
        """Whether the host has no such page."""
        return self.cause in ("missing", "gone")


_CAUSES: Final[dict[type[CrawlError], Happened]] = {
    UnknownHostError: "unknown host",
    CertificateError: "bad certificate",
    NoConnectionError: "refused",
}


def trouble_of(error: CrawlError, url: str) -> Trouble:
    """Return an error on the way to an answer as a value."""
    kind: Literal["blocked", "failed"] = "blocked" if isinstance(error, RefusedError) else "failed"
    cause, unanswered = _CAUSES.get(type(error), "failed"), isinstance(error, FetchError)
    return Trouble(kind=kind, why=f"{error} ({url})", cause=cause, unanswered=unanswered)


Download = Callable[[Ask], Awaitable[Answer]]
"""Makes one request and follows nothing. Raises CrawlError; `retry` tells whether the same request may do better."""
