"""The settings that a daemon shares with its workers, as the tree that they were read from."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection, delete, select

from storage.upsert import upsert
from storage.work_models import SharedSettingsRow

_ONLY: Final = 1


def shared_settings(connection: Connection) -> dict[str, Any] | None:
    """Return the settings that are shared; None where none are."""
    return connection.scalar(select(SharedSettingsRow.tree).where(SharedSettingsRow.id == _ONLY))


def share_settings(connection: Connection, tree: Mapping[str, Any] | None) -> None:
    """Share these settings from now on, or none."""
    if shared_settings(connection) == tree:
        return
    if tree is None:
        connection.execute(delete(SharedSettingsRow))
    else:
        connection.execute(upsert(connection, SharedSettingsRow, set_=("tree",)), [{"id": _ONLY, "tree": dict(tree)}])
