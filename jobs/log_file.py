"""A file that lines are added to by several processes at once, and that is set aside when it is full.

Not `logging.handlers.RotatingFileHandler`, which is for one process: one that turns the file over leaves the others writing
into the old one, and each turns it over again. Here every line is written under a lock that dies with its process, to the file
that has the name at that moment; no process keeps it open, so that it can be moved on Windows as well.
"""

import os
from contextlib import suppress
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Final

from filelock import FileLock

SIZE: Final = 10_000_000
KEPT: Final = 5

#: Seconds to wait for another process, which may have been stopped in the middle of a line.
_PATIENCE: Final = 2


@dataclass(frozen=True, slots=True)
class LogFile:
    """A file of at most `size` bytes, and as many as are `kept` of those before it: `NAME.1` the newest."""

    path: Path
    size: int = SIZE
    kept: int = KEPT

    def write(self, line: bytes) -> None:
        """Add a line, whole or not at all; OSError when it cannot be added, or another process is in the way for too long."""
        with FileLock(f"{self.path}.lock", timeout=_PATIENCE, mode=0o600):
            if self._is_full(len(line)):
                # Where it cannot be moved, as in a folder that is read-only, it grows.
                with suppress(OSError):
                    self._set_aside()
            with FileIO(self.path, "a+", opener=_for_its_owner) as file:
                _add(file, line)

    def _is_full(self, coming: int) -> bool:
        try:
            size = self.path.stat().st_size
        except FileNotFoundError:
            return False
        return size > 0 and size + coming > self.size

    def _set_aside(self) -> None:
        places = [self.path, *(self.path.with_name(f"{self.path.name}.{number}") for number in range(1, self.kept + 1))]
        # Up to the first gap only, which a process has left that died here.
        last = next((number for number, place in enumerate(places) if number and not place.exists()), self.kept)
        for number in range(last, 0, -1):
            places[number - 1].replace(places[number])


def _for_its_owner(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _add(file: FileIO, line: bytes) -> None:
    end = file.seek(0, os.SEEK_END)
    if end and _last(file) != b"\n":
        line = b"\n" + line  # whoever wrote before died in the middle of a line
    try:
        while line:
            line = line[file.write(line) :]
    except OSError:
        with suppress(OSError):
            file.truncate(end)
        raise


def _last(file: FileIO) -> bytes:
    file.seek(-1, os.SEEK_END)
    return file.read(1)
