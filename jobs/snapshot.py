"""The file of arXiv's snapshot, plain or packed, as lines: whatever its length, a few of them are in memory."""

import gzip
import os
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from io import BufferedIOBase, BufferedReader
from itertools import chain, islice
from pathlib import Path
from typing import Final, cast

from crawler.errors import ReadError
from crawler.readers.arxiv_snapshot import LONGEST, is_snapshot
from crawler.text import clean

_CHUNK: Final = 64 * 1024
_LOOK: Final = 20  # lines, one of which must look like the snapshot: the first may be damaged

_BROKEN: Final = (OSError, EOFError, RuntimeError, ValueError, struct.error, zlib.error, zipfile.BadZipFile)
"""What opening and unpacking raise; of a damaged zip more than BadZipFile, and RuntimeError of one with a password."""

Line = tuple[int, bytes]
"""A line that is not empty, with its number, counted from 1."""


@dataclass(slots=True)
class SnapshotFile:
    """A file that is read line by line: how far that has come, and what has ended it before its time.

    `place` is the number of the last line read; `position` counts the bytes read of the `total`, as the file lies on the
    disk; that is None where it is unknown.
    """

    path: Path
    place: int = 0
    position: int = 0
    total: int | None = None
    error: str | None = None

    def lines(self) -> Iterator[Line]:
        """Yield the lines, none when it is no snapshot; they end where the file can be read no further."""
        whole = self._lines()
        first = list(islice(whole, _LOOK))
        if any(is_snapshot(line) for _, line in first):
            yield from chain(first, whole)
        elif self.error is None:
            why = "this is not arXiv's snapshot, with a JSON object a line" if first else "there is nothing in it"
            self.error = f"{self.path}: {why}"

    def _lines(self) -> Iterator[Line]:
        try:
            with ExitStack() as stack:
                for line in _split(self._chunks(stack)):
                    self.place += 1
                    if line and not line.isspace():
                        yield self.place, line
        except (*_BROKEN, ReadError) as error:
            self.error = f"{self.path}: {_why(error)}" + (f" (after line {self.place:,})" if self.place else "")

    def _chunks(self, stack: ExitStack) -> Iterator[bytes]:
        """Yield what is in the file, unpacked, and keep up with where in the file itself that was."""
        raw = stack.enter_context(self.path.open("rb"))
        self.total = os.fstat(raw.fileno()).st_size or None  # a pipe has no size
        unpacked = _unpacked(raw, stack)
        while chunk := unpacked.read1(_CHUNK):
            self.position = raw.tell() if raw.seekable() else 0
            yield chunk


def _unpacked(raw: BufferedReader, stack: ExitStack) -> BufferedIOBase:
    """Return what is in a file, by its first bytes, whatever its name."""
    head = raw.peek(4)
    if head.startswith(b"\x1f\x8b"):
        return stack.enter_context(gzip.GzipFile(fileobj=raw))
    if not head.startswith((b"PK\3\4", b"PK\5\6")):
        return raw
    if not zipfile.is_zipfile(raw):
        raise EOFError  # the table of contents, which is at the end, is not there
    archive = stack.enter_context(zipfile.ZipFile(raw))
    member = next((one for one in archive.infolist() if _is_json(one.filename)), None)
    if member is None:
        raise ReadError("there is no .json or .jsonl file in it")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ReadError("it is packed in a way that only other programs know; unpack it first")
    return cast("BufferedIOBase", stack.enter_context(archive.open(member)))


def _is_json(name: str) -> bool:
    """Tell whether a member of an archive is a file of JSON, not what macOS puts beside each."""
    return name.lower().endswith((".json", ".jsonl")) and not name.startswith("__MACOSX/")


def _split(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the lines, without the characters that end them; of one that is too long, enough to see that it is."""
    rest = b""
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        yield from lines
        rest = rest[: LONGEST + 1]
    if rest:
        yield rest


def _why(error: Exception) -> str:
    if isinstance(error, ReadError):
        return error.about[0]
    if isinstance(error, EOFError):
        return "it breaks off"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return f"it cannot be unpacked: {clean(str(error), 200)}"
