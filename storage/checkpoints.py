"""Checkpoints: where each source scope left off."""

from collections.abc import Iterable

from sqlalchemy import Connection, select

from crawler.source import Batch, Checkpoint
from storage.models import CheckpointRow
from storage.upsert import upsert


def save_checkpoint(connection: Connection, checkpoint: Checkpoint) -> None:
    """Write the checkpoint, in the transaction of the page it vouches for."""
    batch = checkpoint.batch
    row = {
        "source": checkpoint.source,
        "scope": checkpoint.scope,
        "announced_on": batch.announced_on if batch else None,
        "keys": sorted(batch.keys) if batch else [],
        "validators": {route: list(pair) for route, pair in checkpoint.validators.items()},
    }
    connection.execute(upsert(connection, CheckpointRow, set_=("announced_on", "keys", "validators")), [row])


def checkpoints(connection: Connection, source: str, scopes: Iterable[str]) -> dict[str, Checkpoint]:
    """Return the checkpoint of each scope; a scope never read completely has an empty one."""
    rows = connection.execute(
        select(CheckpointRow.scope, CheckpointRow.announced_on, CheckpointRow.keys, CheckpointRow.validators).where(
            CheckpointRow.source == source
        )
    )
    stored = {
        row.scope: Checkpoint(
            source=source,
            scope=row.scope,
            batch=Batch(announced_on=row.announced_on, keys=frozenset(row.keys)) if row.announced_on else None,
            validators={route: (pair[0], pair[1]) for route, pair in row.validators.items()},
        )
        for row in rows
    }
    return {scope: stored.get(scope, Checkpoint(source=source, scope=scope)) for scope in scopes}
