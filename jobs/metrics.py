"""The numbers of a daemon for Prometheus, read from the store whenever they are asked for.

The labels are names of sources, of their scopes, of kinds and states: of papers, addresses and readers there is nothing here.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Final, get_args

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from jobs.health import Vitals
from jobs.state import State, state_of
from storage.ledger import last_complete
from storage.outbox import OutboxState
from storage.runs import count_runs, newest_runs

if TYPE_CHECKING:
    from jobs.steps import Office

_SCOPE: Final = ("source", "scope")


def vitals_of(office: "Callable[[], Office]", beat: Callable[[], float]) -> Vitals:
    """Return what tells how a daemon is; `office` gives the one it works with now, `beat` the seconds since its last tick."""
    registry = CollectorRegistry()
    registry.register(_Numbers(office, beat))
    ProcessCollector(registry=registry)
    return Vitals(beat, lambda: _ask(office()), lambda: generate_latest(registry))


def _ask(office: "Office") -> None:
    with office.database.reading() as connection:
        newest_runs(connection, limit=1)


class _Numbers(Collector):
    def __init__(self, office: "Callable[[], Office]", beat: Callable[[], float]) -> None:
        self.office, self.beat = office, beat

    def collect(self) -> Iterator[Metric]:
        """Read everything anew."""
        office = self.office()
        state = state_of(office)
        with office.database.reading() as connection:
            complete, runs = last_complete(connection), count_runs(connection)
        yield from _sources(state, {place: at.timestamp() for place, at in complete.items()})
        held = ((state.outbox.get(one, 0), one) for one in get_args(OutboxState))
        yield _gauge("outbox_messages", "Messages in the outbox.", ("state",), held)
        yield _gauge("runs", "Runs that are written down.", ("kind", "state"), ((many, *key) for key, many in runs.items()))
        ticked = office.clock().timestamp() - self.beat()
        yield _gauge("last_tick_timestamp_seconds", "When the main loop last looked for work.", (), [(ticked,)])


def _sources(state: State, complete: dict[tuple[str, str], float]) -> Iterator[Metric]:
    on = [(line.source, line.scope, line.verdict.kind) for line in state.lines]
    yield _gauge(
        "source_last_complete_timestamp_seconds",
        "When a source last gave all of a list.",
        _SCOPE,
        ((complete[source, scope], source, scope) for source, scope, _ in on if (source, scope) in complete),
    )
    yield _gauge("source_verdict", "The last verdict on a source.", (*_SCOPE, "verdict"), ((1, *one) for one in on))
    yield _gauge(
        "source_owed_days",
        "Days whose lists have not come yet.",
        _SCOPE,
        ((len(state.owed.get((source, scope), ())), source, scope) for source, scope, _ in on),
    )


def _gauge(name: str, about: str, labels: tuple[str, ...], rows: Iterable[tuple[float | str, ...]]) -> Metric:
    family = GaugeMetricFamily(f"paperlark_{name}", about, labels=labels)
    for value, *of in rows:
        family.add_metric([str(one) for one in of], float(value))
    return family
