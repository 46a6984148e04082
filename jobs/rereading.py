"""Settings that are edited while a daemon runs: taken when they are valid, else what there was stays, and that is told."""

import os
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from crawler.errors import SettingsError
from jobs.settings import load_settings
from jobs.steps import Office

if TYPE_CHECKING:
    from jobs.logs import Log

_WRITING_NS: Final = 1_000_000_000
"""Nanoseconds for which a file that was written may have more to come."""


@dataclass(slots=True)
class Rereading:
    """Watches the settings that were read from a `file`, None where there was none."""

    file: Path | None
    _as_of: "_State | None" = field(init=False)

    def __post_init__(self) -> None:
        self._as_of = _state_of(self.file)

    def is_edited(self) -> bool:
        """Tell whether the file is another one than when it was read last."""
        state = _state_of(self.file)
        return state != self._as_of and not (state and _is_being_written(state))

    def of(self, office: Office, tell: "Log") -> Office:
        """Return the office with the settings as they are now, or as it is."""
        if not self.is_edited():
            return office
        self._as_of = _state_of(self.file)
        try:
            # By its name: where it was only found, others might be found in its place.
            settings = load_settings(self.file, os.environ)
        except SettingsError as error:
            for mistake in error.mistakes:
                tell.error("settings.kept", why=mistake)
            return office
        if settings.database_url != office.settings.database_url:
            tell.error("settings.kept", why="another database needs a restart")
            return office
        tell("settings.read", subscriptions=len(settings.subscriptions), sources=len(settings.sources))
        return replace(office, settings=settings)


class _State(NamedTuple):
    written_ns: int
    size: int
    number: int


def _is_being_written(state: _State) -> bool:
    """Tell whether a file was written just now: the first half of it may be valid, and is not what is meant."""
    return 0 <= time.time_ns() - state.written_ns < _WRITING_NS


def _state_of(file: Path | None) -> _State | None:
    """Return what changes when a file is edited; None while it is not there, or there is none."""
    try:
        found = file.stat() if file else None
    except OSError:
        return None
    return _State(found.st_mtime_ns, found.st_size, found.st_ino) if found else None
