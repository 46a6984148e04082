"""A whole store into an empty one, of the same database or the other, and what went compared with what came."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

from sqlalchemy import Connection, Table, delete, exists, func, inspect, select, text

from crawler.errors import SchemaError, SettingsError
from storage.bulk import insert_rows
from storage.database import HEAD, UNFINISHED, Database, upgrade, version_of
from storage.indexing import empty_index, index_all
from storage.leases import BusyError, lease
from storage.models import CounterRow
from storage.numbers import go_on_after, last_paper
from storage.tables import all_tables, row_of
from storage.tally import Tally, rows_of

_MARK: Final = f"{UNFINISHED} {HEAD}"
_SEEDED: Final = frozenset({CounterRow.__tablename__})
"""Tables in which a store has rows from its beginning."""


class Copied(NamedTuple):
    """A table, what was read of it, and what came of that."""

    table: str
    went: Tally
    came: Tally

    @property
    def same(self) -> bool:
        """Whether both are equal."""
        return self.went == self.came


def copy_store(source: Database, target: Database, told: Callable[[int, int], None]) -> list[Copied]:
    """Copy the store as it stands at one moment into `target`, which must be empty, and compare what came.

    Until all of it is there and the same, `target` bears a mark by which it is refused; the next copy begins it anew.
    """
    if _is_one(source, target):
        raise SettingsError(["what is to be copied into is the store itself"])
    with lease(target, "copy") as held:
        if not held:
            raise BusyError("another copy into that store is under way")
        _prepare(target)
        with source.reading() as read, target.writing() as written:
            copied = _copy(read, written, told)
            if all(one.same for one in copied):
                _set_version(written, HEAD)
    return copied


def _copy(read: Connection, written: Connection, told: Callable[[int, int], None]) -> list[Copied]:
    tables = all_tables()
    total = sum(read.scalar(select(func.count()).select_from(table)) or 0 for table in tables)
    empty_index(written)
    for table in reversed(tables):
        written.execute(delete(table))
    went: dict[str, Tally] = {}
    for table in tables:
        before = sum(one.rows for one in went.values())
        went[table.name] = Tally()
        for _ in _rows_into(read, written, table, went[table.name]):
            told(before + went[table.name].rows, total)
    go_on_after(written, last_paper(read))
    index_all(written)
    return [Copied(table.name, went[table.name], tally_of(written, table)) for table in tables]


def _rows_into(read: Connection, written: Connection, table: Table, went: Tally) -> Iterator[None]:
    columns = tuple(column.name for column in table.columns)
    for rows in rows_of(read, table):
        insert_rows(written, row_of(table), columns, [tuple(one) for one in rows])
        went.add(rows)
        yield


def tally_of(connection: Connection, table: Table) -> Tally:
    """Count all rows of a table."""
    tally = Tally()
    for rows in rows_of(connection, table):
        tally.add(rows)
    return tally


def _is_one(source: Database, target: Database) -> bool:
    one, other = source.engine.url, target.engine.url
    if source.is_sqlite and target.is_sqlite:
        return Path(one.database or "").resolve() == Path(other.database or "").resolve()
    return one.set(username=None, password=None) == other.set(username=None, password=None)


def _prepare(target: Database) -> None:
    """Bring an empty database to our schema, and mark it as not whole; refuse one with something in it."""
    found = version_of(target)
    if found is None or found <= HEAD:
        _refuse_content(target, found)
        upgrade(target)
    elif found != _MARK:
        raise SchemaError(f"the one to copy into is at {found}, this Paperlark needs {HEAD}")
    with target.writing() as connection:
        _set_version(connection, _MARK)


def _refuse_content(target: Database, found: str | None) -> None:
    with target.reading() as connection:
        there = set(inspect(connection).get_table_names())
        ours = [one for one in all_tables() if one.name in there and one.name not in _SEEDED]
        filled = [one.name for one in ours if connection.scalar(select(exists(select(text("1")).select_from(one))))]
    if filled or (found is None and there):
        raise SettingsError([f"what is to be copied into is not empty: {', '.join(filled or sorted(there))}"])


def _set_version(connection: Connection, version: str) -> None:
    connection.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})
