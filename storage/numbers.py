"""The numbers that the database gives to new rows, and the counters: none of them may be given twice."""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import Connection, func, select

from storage.models import AliasRow, CounterRow, EventRow, PaperRow
from storage.tables import all_tables

_SEQUENCE: Final = "SELECT pg_sequence_last_value(CAST(pg_get_serial_sequence('papers', 'id') AS regclass))"


def last_paper(connection: Connection) -> int:
    """Return the last number that a paper got, whether it is still there or not."""
    sqlite = "SELECT seq FROM sqlite_sequence WHERE name = 'papers'"
    number = connection.exec_driver_sql(sqlite if connection.dialect.name == "sqlite" else _SEQUENCE).scalar()
    return int(number or 0)


def go_on_after(connection: Connection, paper: int) -> None:
    """Have the database go on numbering after the rows that are there, and papers after the one of that number at least."""
    if connection.dialect.name == "sqlite":
        last = max(paper, last_paper(connection))
        connection.exec_driver_sql("DELETE FROM sqlite_sequence WHERE name = 'papers'")
        connection.exec_driver_sql("INSERT INTO sqlite_sequence (name, seq) VALUES ('papers', ?)", (last,))
        return
    for table in all_tables():
        column = table.autoincrement_column
        if column is not None:
            highest = connection.scalar(select(func.max(column))) or 0
            last = max(highest, paper) if table.name == "papers" else highest
            sequence = func.pg_get_serial_sequence(table.name, column.name)
            connection.execute(select(func.setval(sequence, max(last, 1), last > 0)))


def counted_too_low(connection: Connection) -> Iterator[str]:
    """Yield what is wrong with numbers that would be given a second time."""
    papers = max(connection.scalar(select(func.max(row.id))) or 0 for row in (PaperRow, AliasRow))
    events = connection.scalar(select(func.max(EventRow.sequence))) or 0
    counter = connection.scalar(select(CounterRow.value).where(CounterRow.name == "events"))
    if (last := last_paper(connection)) < papers:
        yield f"the next paper would get the number {last + 1}, and there is one of {papers}"
    if counter is None or counter < events:
        yield f"the counter of events stands at {counter}, and there is one of {events}"
