"""What is remembered of the addresses of feeds (`crawler.feed_health`), for the next run."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, select

from crawler.feed_health import FeedState
from storage.chunks import chunks
from storage.upsert import upsert
from storage.work_models import FeedRow

_MOMENTS: Final = ("failing_since", "last_asked")
_GIVEN: Final = "given"


class Kept(NamedTuple):
    """The state of a feed, and the address that the settings had for it then: another one is another feed."""

    given: str
    state: FeedState


def feed_states(connection: Connection, names: Iterable[str]) -> dict[str, Kept]:
    """Return what is remembered of those of the feeds that were ever asked for, by name."""
    row = FeedRow
    asked = select(row.name, row.state)
    return {name: _kept(state) for some in chunks(names) for name, state in connection.execute(asked.where(row.name.in_(some)))}


def save_feed(connection: Connection, name: str, kept: Kept) -> None:
    """Keep the state of a feed."""
    values = asdict(kept.state)
    moments = {key: values[key].isoformat() for key in _MOMENTS if values[key]}
    row = {"name": name, "state": {**values, **moments, _GIVEN: kept.given}}
    connection.execute(upsert(connection, FeedRow, set_=("state",)), [row])


def _kept(values: dict[str, Any]) -> Kept:
    moments = {key: datetime.fromisoformat(values[key]) for key in _MOMENTS if values[key]}
    known = {name: value for name, value in values.items() if name in FeedState.__dataclass_fields__}
    return Kept(values[_GIVEN], FeedState(**{**known, **moments}))
