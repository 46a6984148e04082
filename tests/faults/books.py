"""Independent accounting: what two days of pages must have become in the store, the files and the mails, whatever happened."""

import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date
from email import message_from_bytes, policy
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg

from tests.crawler.origin import Origin
from tests.faults import site, week
from tests.faults.reader import Reader, by_id, digests, mailed, write_settings

SCOPES = ("cs.CV", "cs.LG", "cs.RO")
READERS = ("early", "morning")
DAYS = (week.WED, week.FRI)


def lay_out(reader: Reader, web: Origin, day: date) -> None:
    """Let the pages of a day be served, and the settings be written."""
    web.script("arxiv.org/robots.txt", site.ROBOTS)
    for scope in SCOPES:
        site.show(web, scope, day, week.batch(scope, day))
    write_settings(reader, SCOPES, week.QUERY, names=READERS)


@contextmanager
def opened(reader: Reader) -> Iterator[Any]:
    """Open the store of a reader by its own driver; a file is copied first, so that looking changes nothing."""
    if reader.database:
        with closing(psycopg.connect(reader.database.replace("+psycopg", ""), autocommit=True)) as store:
            yield store
        return
    with TemporaryDirectory() as copy:
        for part in ("paperlark.db", "paperlark.db-wal"):
            if (reader.folder / part).exists():
                shutil.copy(reader.folder / part, copy)
        with closing(sqlite3.connect(Path(copy, "paperlark.db"))) as store:
            yield store


def rows(reader: Reader, query: str) -> list[tuple[Any, ...]]:
    """Return what the store answers."""
    with opened(reader) as store:
        return list(store.execute(query).fetchall())


def begun(reader: Reader) -> set[str]:
    """Return the Message-IDs of the mails that were handed over, for all the store knows, and not yet accepted."""
    try:
        found = rows(reader, "SELECT message_id FROM outbox WHERE form = 'mail' AND state = 'sending'")
    except (sqlite3.OperationalError, psycopg.errors.UndefinedTable):
        return set()  # the process died before it had made the tables
    return {row[0] for row in found}


def wanted(days: tuple[date, ...]) -> dict[str, date]:
    """Return the papers that belong into a digest as new, and the day of that digest."""
    first: dict[str, date] = {}
    for day in days:
        for scope in SCOPES:
            for entry in week.batch(scope, day):
                if entry.title.startswith("Skylark") and entry.action != "replace":
                    first.setdefault(entry.id, day)
    return first


def check_store(reader: Reader, days: tuple[date, ...]) -> None:
    """Check that the store holds each paper of the pages once, whole."""
    announced = {entry.id: entry for day in days for scope in SCOPES for entry in week.batch(scope, day)}
    if not reader.database:
        assert rows(reader, "PRAGMA integrity_check") == [("ok",)]
        assert rows(reader, "PRAGMA foreign_key_check") == []
    names = rows(
        reader,
        "SELECT value, title, version FROM identifiers JOIN papers ON papers.id = paper_id WHERE scheme = 'arxiv'",
    )
    assert sorted(names) == sorted((one, entry.title, entry.version) for one, entry in announced.items())
    for table in ("papers", "paper_search"):
        assert rows(reader, f"SELECT count(*) FROM {table}") == [(len(announced),)]
    events = Counter(rows(reader, "SELECT paper_id FROM events WHERE kind = 'announced'"))
    assert len(events) == len(announced)
    assert set(events.values()) == {1}


def check_digests(reader: Reader, days: tuple[date, ...]) -> None:
    """Check that every paper that is wanted is in one digest of each subscription, that of its day, and is so noted."""
    first, shown = wanted(days), digests(reader.folder)
    assert shown.keys() == {(name, day) for name in READERS for day in days}
    for (_, day), one in shown.items():
        assert Counter(one.new) == Counter(paper for paper, known in first.items() if known == day)
        assert one.updated == ((week.REVISED,) if day == week.FRI else ())
    noted = rows(
        reader,
        "SELECT subscription, value, period FROM digest_events JOIN events ON events.id = event_id"
        " JOIN identifiers ON identifiers.paper_id = events.paper_id WHERE topic <> ''",
    )
    assert Counter(noted) == Counter((name, one, day.isoformat()) for name in READERS for one, day in first.items())
    digested = rows(reader, "SELECT about, period FROM runs WHERE kind = 'digest'")
    assert sorted(digested) == sorted((name, day.isoformat()) for name in READERS for day in days)


def check_files(reader: Reader, days: tuple[date, ...]) -> None:
    """Check that nothing lies in the folder of the digests but the digests."""
    ours = {Path(day.isoformat(), f"{name}.{form}") for day in days for name in READERS for form in ("md", "html")}
    folder = reader.folder / "digests"
    assert {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()} == ours


def check_mails(reader: Reader, days: tuple[date, ...], handed_over: Counter[str]) -> None:
    """Check that every digest was mailed, the same bytes each time, and again only where nobody could know.

    `handed_over` counts for each mail how often a process died while the store had it handed over and not yet accepted.
    """
    assert set(rows(reader, "SELECT state FROM outbox")) == {("sent",)}
    mails = by_id(reader.mail.bodies)
    assert len(mails) == len(READERS) * len(days)
    for message_id, copies in mails.items():
        assert len(set(copies)) == 1
        assert 1 <= len(copies) <= 1 + handed_over[message_id]
        about = message_from_bytes(copies[0], policy=policy.default)["List-Id"]
        assert about is not None
    in_files = {about: {*one.new, *one.updated} for about, one in digests(reader.folder).items()}
    assert mailed(copies[0] for copies in mails.values()) == in_files


def check_all(reader: Reader, days: tuple[date, ...], handed_over: Counter[str]) -> None:
    """Check all of the books."""
    check_store(reader, days)
    check_digests(reader, days)
    check_files(reader, days)
    check_mails(reader, days, handed_over)
