"""What a daemon tells of its work: one event per line, as text or JSON, to the terminal or to a file that rotates."""

import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal, TextIO

from crawler.text import clean
from jobs.log_file import LogFile
from jobs.redaction import hiding
from jobs.tables import LogSettings

Level = Literal["info", "warning", "error"]
Value = str | int | float | bool

LIMIT: Final = 500
"""How many characters of a value are shown."""

_OURS: Final = frozenset({"at", "event"})
#: A value that needs no quotes.
_BARE: Final = re.compile(r"[^\s\"=\\]+")


@dataclass(frozen=True, slots=True)
class Log:
    """Writes events down. A field that is None is left out; one called `at` or `event` gets a `_` behind it.

    Whatever is logged, nothing is raised: a full disk is no reason to stop.
    """

    write: Callable[[str], None]
    clock: Callable[[], datetime]
    hide: Callable[[str], str]
    as_json: bool = False

    def __call__(self, event: str, /, *, level: Level = "info", **fields: object) -> None:
        """Write down that something happened, as in `log("ask.done", source="arxiv", seen=713)`."""
        named = {f"{key}_" if key in _OURS else key: self._value(value) for key, value in fields.items() if value is not None}
        head = {"at": _moment(self.clock()), "event": self._text(event), "level": level}
        self.write(_json(head, named) if self.as_json else _line(head, named))

    def warning(self, event: str, /, **fields: object) -> None:
        """Write down what somebody may want to look at."""
        self(event, level="warning", **fields)

    def error(self, event: str, /, **fields: object) -> None:
        """Write down what went wrong."""
        self(event, level="error", **fields)

    def _value(self, value: object) -> Value:
        text = self._text(_moment(value) if isinstance(value, datetime) and value.tzinfo else str(value))
        if text == str(value) and (isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))):
            return value
        return text

    def _text(self, text: str) -> str:
        # Once more when it is clean: a secret may have been broken up by what nobody sees.
        return clean(self.hide(clean(self.hide(text))), LIMIT)


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _json(head: Mapping[str, Value], fields: Mapping[str, Value]) -> str:
    return json.dumps({**head, **fields}, ensure_ascii=False)


def _line(head: Mapping[str, Value], fields: Mapping[str, Value]) -> str:
    level = {} if head["level"] == "info" else {"level": head["level"]}
    parts = (f"{key}={_quoted(value)}" for key, value in {**level, **fields}.items())
    return " ".join((str(head["at"]), _quoted(head["event"]), *parts))


def _quoted(value: Value) -> str:
    if not isinstance(value, str):
        return str(value).lower() if isinstance(value, bool) else str(value)
    return value if _BARE.fullmatch(value) else json.dumps(value, ensure_ascii=False)


@contextmanager
def open_log(
    settings: LogSettings, stream: TextIO, clock: Callable[[], datetime], secrets: Iterable[str] = ()
) -> Iterator[Log]:
    """Give the log that the settings want: a file, or else the `stream`, which also gets what cannot be written to the file.

    Several processes may have the same file open. None of the `secrets` is ever in it.
    """
    if settings.file:
        with suppress(OSError):
            settings.file.parent.mkdir(parents=True, exist_ok=True)
    writer = _Writer(LogFile(settings.file) if settings.file else None, stream)
    yield Log(writer.write, clock, hiding(secrets), as_json=settings.format == "json")


@dataclass(slots=True)
class _Writer:
    """Writes lines to a file, and to a stream where there is none, or it takes none; whether it did is remembered."""

    file: LogFile | None
    stream: TextIO
    fails: bool = False

    def write(self, line: str) -> None:
        if self.file is None:
            self._say(line)
            return
        try:
            self.file.write(f"{line}\n".encode())
            self.fails = False
        except OSError as error:
            if not self.fails:
                self._say(
                    f"paperlark: {self.file.path}: the log cannot be written: {clean(error.strerror or str(error), LIMIT)}"
                )
            self.fails = True
            self._say(line)

    def _say(self, line: str) -> None:
        # A terminal that is gone, or that has not the letters, stops nothing.
        with suppress(OSError, ValueError):
            try:
                self.stream.write(f"{line}\n")
            except UnicodeEncodeError:
                self.stream.write(f"{line.encode('ascii', 'backslashreplace').decode()}\n")
            self.stream.flush()
