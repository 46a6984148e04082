"""The rows of a table as they are, and a sum of them that tells whether two tables hold the same."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import JSON, Connection, LargeBinary, Table, Text, cast, select

_SIZE: Final = 2_000
#: So many mails, each with all that it shows, are a few megabytes.
_FEW: Final = 20
_BITS: Final = 256


@dataclass(slots=True)
class Tally:
    """How many rows were counted, and the sum of their hashes, which their order does not change."""

    rows: int = 0
    total: int = 0

    def add(self, rows: Iterable[Sequence[Any]]) -> None:
        """Count rows, each the values of its columns in the order of the table's."""
        for row in rows:
            text = json.dumps(list(row), ensure_ascii=True, separators=(",", ":"), default=_plain)
            self.rows += 1
            self.total += int.from_bytes(hashlib.sha256(text.encode()).digest())
        self.total %= 1 << _BITS

    @property
    def digest(self) -> str:
        """The sum in 64 hexadecimal digits."""
        return f"{self.total:064x}"


def rows_of(connection: Connection, table: Table) -> Iterator[Sequence[Sequence[Any]]]:
    """Yield the rows of a table in pieces: JSON as the text that is stored, everything else as it is read."""
    columns = [cast(one, Text) if isinstance(one.type, JSON) else one for one in table.columns]
    size = _FEW if any(isinstance(one.type, LargeBinary) for one in table.columns) else _SIZE
    yield from connection.execute(select(*columns).execution_options(yield_per=size)).partitions(size)


def _plain(value: object) -> str:
    """Write a value for which JSON has no form."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, date):  # or a moment, which is one too
        return value.isoformat()
    raise TypeError(f"a {type(value).__name__} in a row")
