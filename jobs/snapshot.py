"""The file of arXiv's snapshot, plain or packed, as lines: whatever its length, a few of them are in memory."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Final

from crawler.readers.arxiv_snapshot import LONGEST, is_snapshot
from jobs.unpacking import BROKEN, CHUNK, PackedFile, why_broken

_LOOK: Final = 20  # lines, one of which must look like the snapshot: the first may be damaged

Line = tuple[int, bytes]
"""A line that is not empty, with its number, counted from 1."""


@dataclass(slots=True)
class SnapshotFile:
    """A file that is read line by line: how far that has come, and what has ended it before its time.

    `place` is the number of the last line read.
    """

    path: Path
    packed: PackedFile
    place: int = 0
    error: str | None = None

    @classmethod
    def of(cls, path: Path) -> "SnapshotFile":
        """Return the file at a path, still to be read."""
        return cls(path, PackedFile(path))

    def lines(self) -> Iterator[Line]:
        """Yield the lines, none when it is no snapshot; they end where the file can be read no further."""
        whole = self._lines()
        first = list(islice(whole, _LOOK))
        if any(is_snapshot(line) for _, line in first):
            yield from chain(first, whole)
        elif self.error is None:
            why = "this is neither arXiv's snapshot nor a dump of Papers with Code" if first else "there is nothing in it"
            self.error = f"{self.path}: {why}"

    def _lines(self) -> Iterator[Line]:
        try:
            with self.packed.open():
                for line in _split(iter(partial(self.packed.read, CHUNK), b"")):
                    self.place += 1
                    if line and not line.isspace():
                        yield self.place, line
        except BROKEN as error:
            self.error = f"{self.path}: {why_broken(error)}" + (f" (after line {self.place:,})" if self.place else "")


def _split(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the lines, without the characters that end them; of one that is too long, enough to see that it is."""
    rest = b""
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        yield from lines
        rest = rest[: LONGEST + 1]
    if rest:
        yield rest
