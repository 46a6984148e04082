"""One look at one scope by one route as far as it has come, and the one place where what others wrote may go wrong."""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from crawler.ask import Trouble
from crawler.calendar import Due
from crawler.errors import PaperlarkError, ReadError
from crawler.feed_health import Hop
from crawler.losses import Losses
from crawler.report import Progress, Task
from crawler.sighting import Reject, Sighting
from crawler.source import Checkpoint, Recorded, Route, Wanted
from crawler.verdict import Seen, Verdict
from crawler.visitor import Visitor

_T = TypeVar("_T")


@dataclass(slots=True, kw_only=True)
class Reading:
    """One look as far as it has come.

    `due` is what the calendars of the routes tried so far say; `stated` the entries of a day by other routes' word. `losses`
    are the pages that could not be had, `unread` the addresses of those that no look has read before this one; `held` are
    papers that were not in the list before, until all of it has been seen.
    """

    visitor: Visitor
    wanted: Wanted
    route: Route
    checkpoint: Checkpoint
    due: Due
    task: Task = "newest"
    stated: Mapping[date, int] = field(default_factory=dict)
    seen: Seen = Seen(dated=False)  # noqa: RUF009 - frozen
    rejects: tuple[Reject, ...] = ()
    pages: int = 0
    papers: int = 0
    recorded: Recorded = field(default_factory=Recorded)
    verdict: Verdict | None = None
    validators: tuple[str, str] = ("", "")
    settled: date | None = None
    hops: tuple[Hop, ...] = ()
    losses: Losses = field(default_factory=Losses)
    unread: set[str] = field(default_factory=set)
    held: tuple[Sighting, ...] = ()

    @property
    def is_rolling(self) -> bool:
        """Whether the list never ends."""
        return self.wanted.scope in self.visitor.source.always

    def tell(self) -> None:
        """Say how far it has come."""
        progress = Progress(
            source=self.visitor.source.name,
            scope=self.wanted.scope,
            route=self.route.name,
            pages=self.pages,
            papers=self.papers,
            expected=self.verdict.expected if self.verdict else None,
        )
        self.visitor.progress(progress)


async def attempt(work: Awaitable[_T]) -> _T | Trouble:
    """Await what others wrote, a reader or a sink; whatever it raises becomes a value.

    This is the one place that catches everything: a mistake in one reader must not cost the other scopes.
    """
    try:
        return await work
    except PaperlarkError as error:
        return Trouble(kind="failed", why=str(error), cause="no feed" if isinstance(error, ReadError) else "failed")
    except Exception as error:  # noqa: BLE001 - see above
        return Trouble(kind="failed", why=f"{type(error).__name__}: {error}")
