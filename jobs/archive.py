"""A file of the Papers with Code that has closed, as its entries: JSON, plain or packed, or Parquet; a few are in memory."""

from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final

from crawler.errors import ReadError
from crawler.readers.pwc_archive import is_archive
from jobs.unpacking import BROKEN, PackedFile, why_broken

_PARQUET: Final = b"PAR1"
_LOOK: Final = 20  # entries, one of which must be of a dump: the first may be damaged
_ROWS: Final = 500  # read together
_LONGEST: Final = 32 * 2**20  # bytes of one entry; the longest tables of results have a few megabytes
_DEEPEST: Final = 64
_STARTS: Final = frozenset({"start_map", "start_array"})
_ENDS: Final = frozenset({"end_map", "end_array"})
_EXTRA: Final = "Parquet needs the extra: pip install 'paperlark[archive]'"

Entry = tuple[int, Any]
"""What stands in a file, with its place, counted from 1."""


def is_archive_file(path: Path) -> bool:
    """Tell by its first bytes whether a file is Parquet, or an array of JSON; a pipe is neither, for it is read once."""
    packed = PackedFile(path)
    try:
        if not path.is_file():
            return False
        with packed.open():
            return packed.peek().lstrip(b"\xef\xbb\xbf \t\r\n").startswith((_PARQUET, b"["))
    except BROKEN:
        return False


def _entries(events: Iterable[tuple[str, Any]]) -> Iterator[Any]:
    """Put the entries of an array together; ReadError where one is nested deeper than any that is true.

    ijson would do so by itself, but with a path for every level, which for a bomb of brackets is all the memory there is.
    """
    from ijson.common import ObjectBuilder  # type: ignore[import-untyped]  # noqa: PLC0415 - see `_entries` of the file

    depth, builder = 0, ObjectBuilder()
    for event, value in events:
        depth -= event in _ENDS
        if depth > 0:
            builder.event(event, value)
            if depth == 1 and event not in _STARTS:
                yield builder.value
                builder = ObjectBuilder()
        depth += event in _STARTS
        if depth > _DEEPEST:
            raise ReadError("it is nested too deep")


@dataclass(slots=True)
class ArchiveFile:
    """A file that is read entry by entry: how far that has come, and what has ended it before its time."""

    path: Path
    packed: PackedFile
    place: int = 0
    unread: int = 0
    error: str | None = None

    @classmethod
    def of(cls, path: Path) -> "ArchiveFile":
        """Return the file at a path, still to be read."""
        return cls(path, PackedFile(path))

    def entries(self) -> Iterator[Entry]:
        """Yield the entries, none when it is no dump; they end where the file can be read no further."""
        whole = self._entries()
        first = list(islice(whole, _LOOK))
        if any(is_archive(entry) for _, entry in first):
            yield from chain(first, whole)
        elif self.error is None:
            why = "this is no dump of Papers with Code" if first else "there is nothing in it"
            self.error = f"{self.path}: {why}"

    def _entries(self) -> Iterator[Entry]:
        import ijson  # type: ignore[import-untyped]  # noqa: PLC0415 - for this alone, and without types

        try:
            with self.packed.open():
                if self.packed.peek().startswith(BOM_UTF8):
                    self.packed.read(len(BOM_UTF8))
                parquet = self.packed.peek().startswith(_PARQUET)
                found = self._rows() if parquet else _entries(ijson.basic_parse(self))
                for self.place, entry in enumerate(found, 1):
                    self.unread = 0
                    yield self.place, entry
        except ijson.JSONError as error:
            self.error = self._told("it breaks off" if "premature" in str(error) else "this is no JSON")
        except BROKEN as error:
            self.error = self._told(why_broken(error))

    def read(self, size: int) -> bytes:
        """Return what is next in the file; ReadError where one entry is longer than any that is true."""
        chunk = self.packed.read(size)
        self.unread += len(chunk)
        if self.unread > _LONGEST:
            raise ReadError(f"an entry is longer than {_LONGEST // 2**20} MB")
        return chunk

    def _rows(self) -> Iterator[Any]:
        """Yield the rows of a Parquet file; where they lie in it nobody knows, so the rows are counted."""
        if not find_spec("pyarrow"):
            raise ReadError(_EXTRA)
        from pyarrow import ArrowException, types  # type: ignore[import-untyped]  # noqa: PLC0415 - of an extra
        from pyarrow.parquet import ParquetFile  # type: ignore[import-untyped]  # noqa: PLC0415 - as above

        try:
            opened = ParquetFile(self.path)
        except (ArrowException, ValueError):
            raise ReadError("this is no Parquet, or it breaks off") from None
        with closing(opened) as file:
            self.packed.total = file.metadata.num_rows
            self.packed.position = 0
            # Dates are not read, and those beyond Python's calendar would end the file.
            columns = [field.name for field in file.schema_arrow if not types.is_temporal(field.type)]
            for batch in file.iter_batches(batch_size=_ROWS, columns=columns):
                self.packed.position += batch.num_rows
                yield from batch.to_pylist()

    def _told(self, why: str) -> str:
        return f"{self.path}: {why}" + (f" (after entry {self.place:,})" if self.place else "")
