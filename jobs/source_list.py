"""The sources there are: what each can do, whether it is on and for what, and how it does."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from crawler.source import Source
from crawler.sources import all_sources
from crawler.verdict import SETTLED
from jobs.banner import watched
from storage.checkpoints import days_read
from storage.ledger import LedgerLine, last_worked, newest_lines

if TYPE_CHECKING:
    from jobs.steps import Office

DAILY: Final = "daily list"
PROGRAMMES: Final = "programmes"
FEED: Final = "any feed"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """One source. `scopes` is what it is asked for today (None: it is off), `worked` the newest look that gave all there was.

    `wrong` are the newest looks at the scopes asked today that gave less; `requests` is how many there may be in a day, None
    where it sets no number: each of its lists is then asked for once a day at most.
    """

    source: Source
    scopes: tuple[str, ...] | None
    worked: LedgerLine | None
    wrong: tuple[LedgerLine, ...]

    @property
    def abilities(self) -> tuple[str, ...]:
        """What it can be asked for."""
        return tuple(_abilities(self.source))

    @property
    def requests(self) -> int | None:
        """How many requests a day there may be, by the source's own word."""
        budget = self.source.daily_budget
        return budget(len(self.scopes or ("",))) if budget else None


def source_states(office: "Office") -> list[SourceState]:
    """Return every source there is, those that are on first, by name."""
    with office.database.reading() as connection:
        on = {one.name: one.scopes for one in watched(office.settings, office.clock(), days_read(connection))}
        worked, newest = last_worked(connection), newest_lines(connection)
    states = [
        SourceState(
            source=source,
            scopes=on.get(name),
            worked=worked.get(name),
            wrong=_wrong(newest, name, on.get(name, ())),
        )
        for name, source in all_sources().items()
    ]
    return sorted(states, key=lambda one: (one.scopes is None, one.source.name))


def _wrong(newest: Sequence[LedgerLine], name: str, scopes: Sequence[str]) -> tuple[LedgerLine, ...]:
    ours = (line for line in newest if line.source == name and line.scope in scopes)
    return tuple(line for line in ours if line.verdict.kind not in SETTLED)


def _abilities(source: Source) -> Iterator[str]:
    if any(not route.lasting and not route.unscheduled for route in source.routes):
        yield DAILY
    can = {
        PROGRAMMES: source.venues,
        FEED: any(route.unscheduled for route in source.routes),
        "volumes": source.volumes,
        "earlier days": source.healing,
        "back-fill": source.backfill or source.span,
        "look-up": source.lookup,
        "trending": source.trending,
        "pages of papers": source.article,
    }
    yield from (name for name, how in can.items() if how)
