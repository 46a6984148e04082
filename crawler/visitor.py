"""Who visits a source: how it asks, and who takes what it finds."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from crawler.ask import Answer, Ask, Trouble
from crawler.fetch import Fetcher
from crawler.guard import is_at
from crawler.report import Progress
from crawler.source import Checkpoint, Fetched, Page, Recorded, Route, Source, Wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """What a visit needs: the source, a way to fetch, the clock, and who takes the work that blocks and the progress.

    `read` and `record` run a reader and the sink where they do not block the network, one call at a time, in order.
    `delay` replaces the pauses that the source and its routes want; `contact` is who asks, `token` theirs for the source;
    `addresses` are those of scopes that have one in the settings.
    """

    source: Source
    fetcher: Fetcher
    clock: Callable[[], datetime]
    read: Callable[[Route, Fetched], Awaitable[Page]]
    record: Callable[[Page, Checkpoint], Awaitable[Recorded]]
    progress: Callable[[Progress], None]
    delay: timedelta | None = None
    contact: str = ""
    token: str = field(default="", repr=False)
    addresses: Mapping[str, str] = field(default_factory=dict)

    def wanted(self, scope: str, day: date | None) -> Wanted:
        """Return what to ask for: the newest batch of a scope, or that of a day."""
        return Wanted(scope=scope, day=day, address=self.addresses.get(scope, ""))

    def ask(self, route: Route, url: str, validators: tuple[str, str] = ("", ""), home: str = "") -> Ask:
        """Return what to ask for a page of the route, only if it has changed since where `validators` say since what.

        `home` is where the route begins: a token goes there, and with no page to wherever that may point.
        """
        headers = {"Accept": route.accept, "If-None-Match": validators[0], "If-Modified-Since": validators[1]}
        return Ask(
            url=url,
            headers={name: value for name, value in headers.items() if value},
            rules=route.rules,
            max_bytes=route.max_bytes,
            timeout=route.timeout,
            delay=self.delay if self.delay is not None else route.delay or timedelta(),
            token=self.token if self.source.token and is_at(url, home) else "",
        )

    def told(self, trouble: Trouble) -> Trouble:
        """Return a trouble with what may help, if it is that the source lets nobody in without a token."""
        helps = trouble.kind == "blocked" and self.source.token and not self.token
        what = f"a token is needed: set token_env in [sources.{self.source.name}]"
        return replace(trouble, why=f"{trouble.why}; {what}") if helps else trouble

    def fetched(self, route: Route, wanted: Wanted, answer: Answer) -> Fetched:
        """Return an answer as a reader takes it."""
        at = self.clock()
        return Fetched(
            source=self.source.name,
            scope=wanted.scope,
            url=answer.url,
            status=answer.status,
            headers=answer.headers,
            body=answer.body,
            at=at,
            batch_on=wanted.day or route.calendar.of(wanted.scope).newest(at),
        )
