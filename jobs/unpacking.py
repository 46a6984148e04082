"""A file that may be packed, as the bytes that are in it, and how far into the file itself they have been read."""

import gzip
import os
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from io import BufferedIOBase, BufferedReader
from pathlib import Path
from typing import Final, cast

from crawler.errors import ReadError
from crawler.text import clean

BROKEN: Final = (
    OSError,
    EOFError,
    RuntimeError,
    ValueError,
    ArithmeticError,
    struct.error,
    zlib.error,
    zipfile.BadZipFile,
    ReadError,
)
"""What opening and unpacking raise; of a damaged zip more than BadZipFile, and RuntimeError of one with a password."""


CHUNK: Final = 64 * 1024


@dataclass(slots=True)
class PackedFile:
    """A file, plain, .gz or .zip: `position` counts the bytes read of the `total`, as the file lies on the disk.

    `total` is None where it is unknown.
    """

    path: Path
    position: int = 0
    total: int | None = None
    _raw: BufferedReader | None = None
    _unpacked: BufferedIOBase | None = None

    @contextmanager
    def open(self) -> Iterator[None]:
        """Open the file, for `read`. What is wrong with it, here or when it is read, is one of BROKEN."""
        with ExitStack() as stack:
            self._raw = stack.enter_context(self.path.open("rb"))
            self.total = os.fstat(self._raw.fileno()).st_size or None  # a pipe has no size
            self._unpacked = _unpacked(self._raw, stack)
            yield

    def read(self, size: int = CHUNK) -> bytes:
        """Return at most so many bytes of what is in the file, none at its end, and keep up with where in it that was."""
        if self._raw is None or self._unpacked is None:
            raise ValueError("a file that is not open")
        chunk = self._unpacked.read1(size)
        self.position = self._raw.tell() if self._raw.seekable() else 0
        return chunk

    def peek(self) -> bytes:
        """Return the first bytes of what is in the file, without their being read."""
        if not isinstance(self._unpacked, BufferedReader | gzip.GzipFile | zipfile.ZipExtFile):
            raise TypeError("a file that is not open")
        return self._unpacked.peek(64)


def why_broken(error: Exception) -> str:
    """Say what one of BROKEN means."""
    if isinstance(error, ReadError):
        return error.about[0]
    if isinstance(error, EOFError):
        return "it breaks off"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return f"it cannot be unpacked: {clean(str(error), 200)}"


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
    members = [one for one in archive.infolist() if _is_json(one.filename)]
    if len(members) != 1:
        raise ReadError(
            "there are several files in it; unpack it first" if members else "there is no .json or .jsonl file in it"
        )
    (member,) = members
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ReadError("it is packed in a way that only other programs know; unpack it first")
    return cast("BufferedIOBase", stack.enter_context(archive.open(member)))


def _is_json(name: str) -> bool:
    """Tell whether a member of an archive is a file of JSON, not what macOS puts beside each."""
    return name.lower().endswith((".json", ".jsonl")) and not name.startswith("__MACOSX/")
