"""Rows by the thousand: one statement a table, given to the driver as it takes it.

What a statement's parameters cost between us and the driver is nothing for a row and most of the time for a back-fill.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import JSON, BigInteger, Boolean, Column, Connection, Date, Integer, LargeBinary

from storage.columns import Base, Instant, table_of

Row = tuple[Any, ...]

_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False)
encode = _ENCODER.encode
"""Writes what goes into a column of JSON, which is to be text here."""

_POSTGRES_TYPES: Final[dict[type, str]] = {
    JSON: "json",
    BigInteger: "bigint",
    Integer: "integer",
    Boolean: "boolean",
    Date: "date",
    LargeBinary: "bytea",
    Instant: "timestamptz",
}


def insert_rows(
    connection: Connection, row: type[Base], columns: tuple[str, ...], rows: Sequence[Row], conflict: str = ""
) -> None:
    """Insert rows, each with a value for each of the `columns`; JSON as text, everything else as it is read again.

    `conflict` is what to do about rows that are there already, an ON CONFLICT clause of both databases; else it is an error.
    """
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        statement, changes = _for_sqlite(row, columns, conflict)
        if changes:
            by_column: list[Iterable[Any]] = [*zip(*rows, strict=True)]
            for place, change in changes:
                by_column[place] = map(change, by_column[place])
            rows = [*zip(*by_column, strict=True)]
        connection.exec_driver_sql(statement, list(rows))
    else:
        arrays = tuple(list(column) for column in zip(*rows, strict=True))
        connection.exec_driver_sql(_for_postgres(row, columns, conflict), arrays)


@cache
def _for_sqlite(row: type[Base], columns: tuple[str, ...], conflict: str) -> tuple[str, list[tuple[int, Callable[[Any], Any]]]]:
    table = table_of(row)
    listed = ", ".join(f'"{name}"' for name in columns)
    marks = ", ".join("?" * len(columns))
    changes = [(place, change) for place, name in enumerate(columns) if (change := _CHANGES.get(type(table.c[name].type)))]
    return f"INSERT INTO {table.name} ({listed}) VALUES ({marks}) {conflict}", changes  # noqa: S608 - names of our own


@cache
def _for_postgres(row: type[Base], columns: tuple[str, ...], conflict: str) -> str:
    table = table_of(row)
    listed = ", ".join(f'"{name}"' for name in columns)
    types = [_type(table.c[name]) for name in columns]
    arrays = ", ".join(f"%s::{'text' if one == 'json' else one}[]" for one in types)
    values = ", ".join(f"one.c{place}" + ("::json" if one == "json" else "") for place, one in enumerate(types))
    names = ", ".join(f"c{place}" for place in range(len(columns)))
    return f"INSERT INTO {table.name} ({listed}) SELECT {values} FROM unnest({arrays}) AS one ({names}) {conflict}"  # noqa: S608 - as above


def _type(column: Column[Any]) -> str:
    return next((name for kind, name in _POSTGRES_TYPES.items() if isinstance(column.type, kind)), "text")


def _instant(value: datetime | None) -> str | None:
    """Write a moment in SQLAlchemy's own form, in which it will read it again (sqlalchemy.dialects.sqlite.DATETIME)."""
    if value is None:
        return None
    if value.tzinfo is not UTC:
        value = value.astimezone(UTC)
    # strftime takes three times as long.
    return value.isoformat(" ", "microseconds")[:26]


def _day(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


_CHANGES: Final[dict[type, Callable[[Any], Any]]] = {Instant: _instant, Date: _day}
