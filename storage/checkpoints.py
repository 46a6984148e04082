"""Checkpoints: where each source scope left off."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from crawler.source import Batch, Checkpoint, Harvest
from storage.upsert import upsert
from storage.work_models import CheckpointRow


def save_checkpoint(connection: Connection, checkpoint: Checkpoint) -> None:
    """Write the checkpoint, in the transaction of the page it vouches for."""
    batch = checkpoint.batch
    row = {
        "source": checkpoint.source,
        "scope": checkpoint.scope,
        "announced_on": batch.announced_on if batch else None,
        "keys": sorted(batch.keys) if batch else [],
        "validators": {route: list(pair) for route, pair in checkpoint.validators.items()},
        "harvest": _harvested(checkpoint.harvest) if checkpoint.harvest else None,
    }
    connection.execute(upsert(connection, CheckpointRow, set_=("announced_on", "keys", "validators", "harvest")), [row])


def checkpoints(connection: Connection, source: str, scopes: Collection[str]) -> dict[str, Checkpoint]:
    """Return the checkpoint of each scope; a scope never read completely has an empty one."""
    rows = connection.execute(
        select(CheckpointRow.__table__).where(CheckpointRow.source == source, CheckpointRow.scope.in_(list(scopes)))
    )
    stored = {
        row.scope: Checkpoint(
            source=source,
            scope=row.scope,
            batch=Batch(announced_on=row.announced_on, keys=frozenset(row.keys)) if row.announced_on else None,
            validators={route: (pair[0], pair[1]) for route, pair in row.validators.items()},
            harvest=_harvest(row.harvest) if row.harvest else None,
        )
        for row in rows
    }
    return {scope: stored.get(scope, Checkpoint(source=source, scope=scope)) for scope in scopes}


def days_read(connection: Connection) -> dict[str, dict[str, date]]:
    """Return for each source the scopes that were read whole, with the day of the newest batch that was."""
    row = CheckpointRow
    found: dict[str, dict[str, date]] = {}
    for source, scope, day in connection.execute(select(row.source, row.scope, row.announced_on)):
        if day is not None:
            found.setdefault(source, {})[scope] = day
    return found


_DAYS = ("since", "until", "reached", "as_of")


def _harvested(harvest: Harvest) -> dict[str, Any]:
    values = {name: getattr(harvest, name) for name in Harvest.__dataclass_fields__}
    return values | {name: values[name].isoformat() for name in _DAYS if values[name]}


def _harvest(values: Mapping[str, Any]) -> Harvest:
    days = {name: date.fromisoformat(values[name]) for name in _DAYS if values[name]}
    return Harvest(**{**values, **days, "waiting": tuple(values["waiting"])})
