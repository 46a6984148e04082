"""Settings that are edited while a daemon runs: taken when they are valid, else what there was stays, and that is told."""

import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.errors import SettingsError
from jobs.settings import load_settings
from jobs.steps import Office

if TYPE_CHECKING:
    from jobs.logs import Log


@dataclass(slots=True)
class Rereading:
    """Watches the settings that were read from a `file`; `config` is how it was named, None where it was only found."""

    config: Path | None
    file: Path | None
    _as_of: object = field(init=False)

    def __post_init__(self) -> None:
        self._as_of = _state_of(self.file)

    def is_edited(self) -> bool:
        """Tell whether the file is another one than when it was read last."""
        return _state_of(self.file) != self._as_of

    def of(self, office: Office, tell: "Log") -> Office:
        """Return the office with the settings as they are now, or as it is."""
        if not self.is_edited():
            return office
        self._as_of = _state_of(self.file)
        try:
            settings = load_settings(self.config, os.environ)
        except SettingsError as error:
            for mistake in error.mistakes:
                tell.error("settings.kept", why=mistake)
            return office
        if settings.database_url != office.settings.database_url:
            tell.error("settings.kept", why="another database needs a restart")
            return office
        tell("settings.read", subscriptions=len(settings.subscriptions), sources=len(settings.sources))
        return replace(office, settings=settings)


def _state_of(file: Path | None) -> object:
    """Return what changes when a file is edited; None while it is not there, or there is none."""
    try:
        found = file.stat() if file else None
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_size, found.st_ino) if found else None
