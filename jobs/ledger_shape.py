"""What `ledger --json` prints."""

from collections.abc import Iterable
from typing import Any

from jobs.books import Book


def books_shape(books: Iterable[Book]) -> dict[str, Any]:
    """Shape the ledger: a line for each day of each scope of which anything is known, and for those nobody asked for."""
    return {
        "days": [
            {
                "source": book.source,
                "scope": book.scope,
                "day": one.day.isoformat(),
                "verdict": one.line.kind if one.line else None if one.due else "quiet",
                "route": one.line.route if one.line else None,
                "expected": one.line.expected if one.line else None,
                "seen": one.line.seen if one.line else 0,
                "at": one.line.at.isoformat() if one.line else None,
                "why": one.line.why if one.line else None,
                "sections": [{"section": part.name, "expected": part.expected, "seen": part.seen} for part in one.sections],
            }
            for book in books
            for one in book.days
        ]
    }
