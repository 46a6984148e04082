"""Writing a digest to its place below the output folder: whole or not at all, and nowhere else."""

import hashlib
import os
import re
import secrets
import unicodedata
from pathlib import Path
from typing import Final

from crawler.errors import DeliveryError
from crawler.text import clean

_NAME_BYTES: Final = 200
# The longest name Linux, macOS and Windows all take.
_PART_BYTES: Final = 255

# https://learn.microsoft.com/windows/win32/fileio/naming-a-file; a name is reserved with any ending, too.
_FORBIDDEN: Final = re.compile(r'[<>:"/\\|?*]')
_RESERVED: Final = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])(?=\.|\s|\Z)", re.IGNORECASE)


def file_name(name: str) -> str:
    """Return a file name, without ending, that every system takes and that still reads like `name`.

    Where anything had to be changed, a hash of the whole name keeps two names two files. Names that differ only in case
    stay as they are: where the file system cannot tell them apart, they are one file, so the settings refuse them.
    """
    tidy = _tidy(name, _NAME_BYTES)
    if name and tidy == name:
        return name
    mark = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    tidy = _tidy(name, _NAME_BYTES - len(mark) - 1)
    return f"{tidy}-{mark}" if tidy else mark


def write_file(folder: Path, place: str, body: bytes) -> None:
    """Write `body` to `place`, a path below `folder` with `/` between its parts; a DeliveryError leaves what was there.

    A reader sees the old file or the new one, never a part; so does the next start after a power cut.
    """
    parts = place.split("/")
    if any(not part or _tidy(part, _PART_BYTES) != part for part in parts):
        raise DeliveryError(clean(place, 200), "this is no place below the output folder")
    target = folder.joinpath(*parts)
    try:
        # Symbolic links are followed here, so one that leads outside is found before anything is made there.
        if not target.parent.resolve().is_relative_to(folder.resolve()):
            raise DeliveryError(str(target), "a symbolic link leads out of the output folder")
        target.parent.mkdir(parents=True, exist_ok=True)
        _replace(target, body)
    except (OSError, RuntimeError) as error:
        # A RuntimeError is a ring of symbolic links.
        raise DeliveryError(str(target), getattr(error, "strerror", None) or str(error)) from error


def _tidy(name: str, limit: int) -> str:
    """Return `name` as it may be used for a file or folder, at most `limit` bytes long; empty when nothing is left."""
    name = _FORBIDDEN.sub("_", clean(name))
    name = name.encode()[:limit].decode("utf-8", "ignore")
    # A name must not be hidden, look like an option or like `..`; Windows drops blanks and dots at the end.
    name = unicodedata.normalize("NFC", name.lstrip(" .-~").rstrip(" ."))
    return f"_{name}"[:limit] if _RESERVED.match(name) else name


def _replace(target: Path, body: bytes) -> None:
    beside = hashlib.sha256(target.name.encode()).hexdigest()[:12]
    for left in target.parent.glob(f".{beside}-*.part"):
        left.unlink(missing_ok=True)
    part = target.with_name(f".{beside}-{secrets.token_hex(4)}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644), "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    _sync_folder(target.parent)


def _sync_folder(folder: Path) -> None:
    """Make the new name survive a power cut; Windows has no way to say so, and does it by itself."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
