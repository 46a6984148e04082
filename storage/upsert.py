"""INSERT … ON CONFLICT, which SQLite and PostgreSQL write alike but SQLAlchemy keeps in two dialects."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

from sqlalchemy import ColumnElement, Connection
from sqlalchemy.dialects import sqlite

from storage.columns import Base, table_of

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

Insert: TypeAlias = "postgresql.Insert | sqlite.Insert"


def insert_or_ignore(connection: Connection, row: type[Base]) -> Insert:
    """Return an INSERT that leaves rows alone that are there already."""
    return _insert(connection, row).on_conflict_do_nothing()


def upsert(connection: Connection, row: type[Base], set_: Sequence[str], where: ColumnElement[bool] | None = None) -> Insert:
    """Return an INSERT that sets the columns `set_` of rows that are there already, of those only that `where` is true of."""
    insert = _insert(connection, row)
    return insert.on_conflict_do_update(
        index_elements=[column.name for column in table_of(row).primary_key],
        set_={name: insert.excluded[name] for name in set_},
        where=where,
    )


def _insert(connection: Connection, row: type[Base]) -> Insert:
    if connection.dialect.name == "sqlite":
        return sqlite.insert(table_of(row))
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415 - 20 ms and 3 MB that a store on SQLite has no use for

    return postgresql.insert(table_of(row))
