"""Lists of feeds (OPML) into the settings file, and out of the settings."""

import os
import secrets
import tomllib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from pydantic import ValidationError

from crawler.addresses import place
from crawler.errors import ReadError, SettingsError
from crawler.readers.opml import Subscribed, read_opml, write_opml
from crawler.sighting import Reject
from jobs.fields import LABEL_LIMIT
from jobs.init import toml
from jobs.tables import FeedSettings

if TYPE_CHECKING:
    from jobs.settings import Settings

SUFFIX: Final = ".opml"
_VARIABLE: Final = "PAPERLARK_FEEDS"


class Subscriptions(NamedTuple):
    """What a list of feeds gave: those that were added to the settings, how many they had already, and what is no feed."""

    added: tuple[FeedSettings, ...]
    known: int
    rejects: tuple[Reject, ...]


def subscribe(settings: "Settings", path: Path, environ: Mapping[str, str]) -> Subscriptions:
    """Add the feeds of a list to the settings file, at its end; what is in it already stays as it is, byte by byte.

    SettingsError where there is no file, or it would make no difference; ReadError for what is no list of feeds.
    """
    file = settings.file
    if file is None:
        raise SettingsError(["there is no settings file to add feeds to; this writes one: paperlark init"])
    if any(name.upper() == _VARIABLE and value for name, value in environ.items()):
        raise SettingsError([f"{_VARIABLE} is set, and wins over {file}: add the feeds there, or take it out"])
    try:
        body = path.read_bytes()
    except OSError as error:
        raise ReadError(str(path), error.strerror or "cannot be read") from None
    found = _new(settings.feeds, *read_opml(body))
    if found.added:
        _append(file, found.added)
    return found


def opml_of(settings: "Settings") -> str:
    """Return the feeds of the settings as a list."""
    return write_opml((Subscribed(feed.name, feed.url) for feed in settings.feeds), "Paperlark").decode()


def _new(known: Collection[FeedSettings], feeds: tuple[Subscribed, ...], rejects: tuple[Reject, ...]) -> Subscriptions:
    """Tell the new ones from the known, and give them names that no other has."""
    places, names = {place(feed.url) for feed in known}, {feed.name.casefold() for feed in known}
    added: list[FeedSettings] = []
    for one in feeds:
        if place(one.url) in places:
            continue
        name = next(name for name in _names(one.name) if name.casefold() not in names)
        try:
            feed = FeedSettings(name=name, url=one.url)
        except ValidationError as error:
            rejects = (*rejects, Reject(key=name, why=str(error.errors()[0]["msg"]).removeprefix("Value error, ")))
            continue
        places.add(place(feed.url))
        names.add(feed.name.casefold())
        added.append(feed)
    return Subscriptions(tuple(added), sum(place(one.url) in places for one in feeds) - len(added), rejects)


def _names(name: str) -> Iterator[str]:
    """Yield the name, and then ones made of it, none too long for the settings."""
    yield name[:LABEL_LIMIT].strip()
    for number in range(2, 1_000_000):
        end = f" {number}"
        yield f"{name[: LABEL_LIMIT - len(end)].strip()}{end}"


def _append(file: Path, feeds: Collection[FeedSettings]) -> None:
    """Write tables at the end of a settings file; SettingsError leaves it as it was."""
    try:
        before = file.read_bytes()
        end = "\r\n" if b"\r\n" in before else "\n"
        tables = "".join(f"{end}[[feeds]]{end}name = {toml(feed.name)}{end}url = {toml(feed.url)}{end}" for feed in feeds)
        after = before + (b"" if not before or before.endswith(b"\n") else end.encode()) + tables.encode()
        tomllib.loads(after.decode("utf-8-sig"))
        _replace(file.resolve(), after)
    except tomllib.TOMLDecodeError:
        why = "feeds: must be tables [[feeds]] and no list for more to be added at the end"
        raise SettingsError([f"{file}: {why}"]) from None
    except OSError as error:
        raise SettingsError([f"{file}: cannot be written: {error.strerror}"]) from None


def _replace(file: Path, body: bytes) -> None:
    """Put a new file in the place of one, whole or not at all, for nobody to read who may not read the old one."""
    part = file.with_name(f".{file.name}-{secrets.token_hex(4)}.part")
    old = file.stat()
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(body)
            out.flush()
            os.fsync(out.fileno())
        if hasattr(os, "chown") and (old.st_uid, old.st_gid) != (os.geteuid(), os.getegid()):
            os.chown(part, old.st_uid, old.st_gid)
        part.chmod(old.st_mode & 0o7777)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
