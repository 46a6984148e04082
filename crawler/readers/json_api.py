"""Answers in JSON (RFC 8259), opened: what is none, or is another's page in its place, is a ReadError."""

import json
from typing import Any, Final

from crawler.errors import ReadError
from crawler.source import Fetched

_MARKUP: Final = b"<"


def open_json(fetched: Fetched) -> Any:
    """Return the value of an answer.

    Raises ReadError for HTML, which sites send with status 200 when they are closed or want a person, and for what is no JSON.
    """
    if fetched.body.lstrip()[:1] == _MARKUP:
        raise ReadError(fetched.source, fetched.url, "a web page where JSON was promised")
    try:
        return json.loads(fetched.body.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise ReadError(fetched.source, fetched.url, "not UTF-8") from None
    except (ValueError, RecursionError):  # a number of thousands of digits is a ValueError as well
        raise ReadError(fetched.source, fetched.url, "no JSON") from None


def text_of(value: object) -> str:
    """Return a text, empty for anything else: null, a number, a list."""
    return value if isinstance(value, str) else ""


def table_of(value: object) -> dict[str, Any]:
    """Return an object, empty for anything else."""
    return value if isinstance(value, dict) else {}


def list_of(value: object) -> list[Any]:
    """Return an array, empty for anything else."""
    return value if isinstance(value, list) else []


def count_of(value: object) -> int | None:
    """Return a whole number that counts something; None for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**9 else None
