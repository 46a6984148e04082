"""What the libraries of the queue have to say, in our log, in one line each: they have tracebacks, dozens for one trouble."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from procrastinate.exceptions import ConnectorException

from crawler.errors import StorageError

if TYPE_CHECKING:
    from jobs.logs import Log

#: asyncio tells of what was raised where nobody listened.
_NAMES: Final = ("procrastinate", "psycopg.pool", "asyncio")


class _Heard(logging.Handler):
    """Passes on what is not about a store that is away: that is told by whoever notices it, once."""

    def __init__(self, log: "Log") -> None:
        super().__init__(logging.WARNING)
        self.log = log

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        if record.name == "psycopg.pool" or isinstance(error, ConnectorException):
            return
        named = f"{type(error).__name__}: {error}" if error else None
        self.log.warning("queue.said", what=record.getMessage(), error=named)


@contextmanager
def hushed(log: "Log") -> Iterator[None]:
    """Take over what they say, for as long as the block."""
    heard, loggers = _Heard(log), [logging.getLogger(name) for name in _NAMES]
    before = [logger.propagate for logger in loggers]
    for logger in loggers:
        logger.addHandler(heard)
        logger.propagate = False
    try:
        yield
    finally:
        for logger, propagated in zip(loggers, before, strict=True):
            logger.removeHandler(heard)
            logger.propagate = propagated


def away(error: ConnectorException) -> StorageError:
    """Return ours for theirs, which keeps what went wrong as its cause."""
    ours = StorageError("while waiting for work")
    ours.__cause__ = error.__cause__ or error
    return ours
