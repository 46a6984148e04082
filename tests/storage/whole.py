"""A store with a row in every table there is, whichever they are."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Connection, Date, Integer, LargeBinary, Table, Text, func, insert, select

from crawler.identifiers import Identifier
from crawler.links import Link
from crawler.sighting import Count, Tag
from storage.columns import Instant
from storage.database import Database
from storage.tables import all_tables
from tests.storage.factories import MONDAY, NOON, TUESDAY, page, sighting, write

MOMENT = datetime(2026, 8, 12, 12, 30, 15, 123456, tzinfo=UTC)


def fill(database: Database) -> None:
    """Record papers with all that may be said of them, two of which turn out to be one, and fill what is still empty."""
    doi = Identifier("doi", "10.1000/1")
    more: dict[str, Any] = {
        "comment": "Accepted at CVPR 2026. Code: https://github.com/me/net",
        "links": (Link("https://github.com/me/other", "code", None),),
        "tags": (Tag("task", "Semantic Segmentation"),),
        "counts": (Count("stars", 12),),
        "abstract": "Größe 深度学习 $\\alpha$ \U0001f426 we describe \\emph{engines}.",
        "version": 1,
    }
    write(
        database,
        page(
            *(sighting(f"2608.{number:05}", title=f"On the Engine of Number {number}") for number in range(1, 30)),
            sighting("2608.00030", title="The Widely Described Engine", **more),
            sighting("p1", source="publisher", title="Of Papers and Publishers", identifiers=(doi,)),
        ),
        page(sighting("2608.00002", action="replace", version=2, announced_on=TUESDAY, seen_at=NOON + timedelta(1))),
        page(
            sighting("c1", source="catalogue", identifiers=(Identifier("arxiv", "2608.00001"), doi), action=None),
            kind="catalogue",
        ),
    )
    with database.writing() as connection:
        for table in all_tables():
            if table.name == "marks" or not _has_rows(connection, table):
                connection.execute(insert(table), [_row(table, number, nulls=number == 1) for number in (1, 2)])


def _has_rows(connection: Connection, table: Table) -> bool:
    return bool(connection.scalar(select(func.count()).select_from(table)))


def _row(table: Table, number: int, *, nulls: bool) -> dict[str, Any]:
    return {
        column.name: None if nulls and column.nullable else _value(column, number)
        for column in table.columns
        if column is not table.autoincrement_column
    }


def _value(column: Column[Any], number: int) -> object:
    if column.foreign_keys:
        return number + 1
    return next(example(number) for kind, example in _EXAMPLES.items() if isinstance(column.type, kind))


_EXAMPLES: dict[type, Callable[[int], object]] = {
    JSON: lambda number: {"ü": [number, None, "漢"], "a": {"deep": True, "half": 0.5}},
    Boolean: lambda number: number == 1,
    Integer: lambda number: 2**31 - number,
    LargeBinary: lambda number: bytes(range(256)) * 1000 + bytes([number]),
    Instant: lambda number: MOMENT + timedelta(hours=number),
    Date: lambda number: MONDAY + timedelta(number),
    Text: lambda number: f"é'\"\\ {number}",
}
"""An example of a value of every type that columns have; one that is missing here is to be added."""
