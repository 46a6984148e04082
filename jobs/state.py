"""The state of the whole: what `status` tells."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from crawler.feed_health import FeedState
from jobs.banner import watched
from jobs.feeds import addresses_of, health
from jobs.planning import owed_days
from storage.checkpoints import days_read
from storage.ledger import LedgerLine, newest_lines
from storage.outbox import Delivery, OutboxState, counts, given_up, unsettled
from storage.planned import left_to_do
from storage.runs import Run, newest_runs

if TYPE_CHECKING:
    from jobs.steps import Office


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """The state of the whole: the newest look at every scope that is on, the newest runs, the outbox.

    `owed` has the days of earlier batches that have not come yet, by source and scope; `feeds` what is remembered of each feed
    and `addresses` where the settings say it is, by name; `left` counts the parts of back-fills that are still to be done.
    """

    lines: list[LedgerLine]
    runs: list[Run]
    outbox: dict[OutboxState, int]
    unsettled: list[Delivery]
    given_up: list[Delivery]
    owed: Mapping[tuple[str, str], tuple[date, ...]] = field(default_factory=dict)
    feeds: Mapping[str, FeedState] = field(default_factory=dict)
    addresses: Mapping[str, str] = field(default_factory=dict)
    left: Mapping[str, int] = field(default_factory=dict)


def state_of(office: "Office") -> State:
    """Return the state of the whole."""
    now = office.clock()
    addresses = addresses_of(office.settings)
    with office.database.reading() as connection:
        on = watched(office.settings, now, days_read(connection))
        asked = {(one.name, scope) for one in on for scope in one.scopes}
        gaps = {one.name: owed_days(connection, one.source, one.scopes, now) for one in on}
        return State(
            lines=[line for line in newest_lines(connection) if (line.source, line.scope) in asked],
            runs=newest_runs(connection, limit=10),
            outbox=counts(connection),
            unsettled=unsettled(connection),
            given_up=given_up(connection),
            owed={(name, scope): days for name, some in gaps.items() for scope, days in some.items()},
            feeds=health(connection, addresses),
            addresses=addresses,
            left=left_to_do(connection, "fill"),
        )
