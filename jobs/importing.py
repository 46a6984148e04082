"""Taking in files: arXiv's snapshot and the dumps of Papers with Code, of any length, recorded page by page; lists of feeds.

The snapshot is a catalogue, papers that exist; the dumps are an archive, how it once was. None of it is news. Nothing remembers
how far an import has come: one that was stopped is begun again, and what is known already costs little.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from crawler.errors import ReadError
from crawler.readers.arxiv_snapshot import read_snapshot_line
from crawler.readers.pwc_archive import Mention, gathered, read_archive_entry, titled
from crawler.sighting import Reject, Sighting
from crawler.source import Kind, Page, Recorded
from crawler.text import clean
from jobs.archive import ArchiveFile, is_archive_file
from jobs.feed_lists import SUFFIX, Subscriptions, subscribe
from jobs.settings import load_settings
from jobs.snapshot import Line, SnapshotFile
from storage.chunks import chunks
from storage.database import Database
from storage.papers import titles
from storage.record import record
from storage.runs import Run, save_run

if TYPE_CHECKING:
    from jobs.steps import Office

#: How many lines are recorded together; and how many bytes at most, so that long lines do not fill the memory.
PAGE: Final = 2500
_PAGE_BYTES: Final = 6 * 1024 * 1024
_REJECTS: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Advance:
    """How far the import of one file has come: `position` of `total` bytes as it lies on the disk, None if that is unknown."""

    file: str
    lines: int
    seconds: float
    position: int = 0
    total: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What the import of one file gave.

    `lines` counts those that are not empty, of a dump what its entries tell of papers; `rejects` are the first few of the
    `rejected`; `error` says why the file was not read to its end, and where that was. What had been read by then is kept.
    Of a list of feeds the lines are the feeds, and the new ones those that were added to `settings`, the file.
    """

    file: str
    lines: int
    new: int
    updated: int
    rejected: int
    rejects: tuple[Reject, ...]
    seconds: float
    error: str | None = None
    settings: Path | None = None


def import_files(office: "Office", paths: Iterable[Path], progress: Callable[[Advance], None]) -> list[Imported]:
    """Take in the files one after the other; `progress` is told after every page.

    A file that cannot be read is an error in its result; StorageError when the store cannot be written.
    """
    return [
        _import_feeds(office, path) if path.suffix.lower() == SUFFIX else _import_file(office, path, progress) for path in paths
    ]


def _import_feeds(office: "Office", path: Path) -> Imported:
    started_at, error, found = office.clock(), None, Subscriptions((), 0, ())
    try:
        # Read anew: the list before this one may have added some.
        found = subscribe(load_settings(office.settings.file, os.environ), path, os.environ)
    except ReadError as wrong:
        error = str(wrong)
    return Imported(
        file=str(path),
        lines=len(found.added) + found.known + len(found.rejects),
        new=len(found.added),
        updated=0,
        rejected=len(found.rejects),
        rejects=found.rejects[:_REJECTS],
        seconds=_since(office, started_at),
        error=error,
        settings=office.settings.file,
    )


def _import_file(office: "Office", path: Path, progress: Callable[[Advance], None]) -> Imported:
    started_at, tally = office.clock(), _Tally()
    file = ArchiveFile.of(path) if is_archive_file(path) else SnapshotFile.of(path)
    database = office.database
    pages = _of_archive(file, started_at, database) if isinstance(file, ArchiveFile) else _of_snapshot(file, started_at)
    for told, page in pages:
        with database.writing() as connection:
            recorded = record(connection, page)
        tally.add(told, page, recorded)
        progress(_advance(file, tally, _since(office, started_at)))
    imported = Imported(
        file=str(path),
        lines=tally.lines,
        new=tally.new,
        updated=tally.updated,
        rejected=tally.rejected,
        rejects=tuple(tally.rejects),
        seconds=_since(office, started_at),
        error=file.error,
    )
    if tally.lines:
        with office.database.writing() as connection:
            save_run(connection, _run(imported, path, started_at, office.clock()))
    return imported


def _advance(file: SnapshotFile | ArchiveFile, tally: "_Tally", seconds: float) -> Advance:
    return Advance(
        file=str(file.path), lines=tally.lines, seconds=seconds, position=file.packed.position, total=file.packed.total
    )


def _since(office: "Office", started_at: datetime) -> float:
    return max((office.clock() - started_at).total_seconds(), 0.0)


def _of_snapshot(file: SnapshotFile, at: datetime) -> Iterator[tuple[int, Page]]:
    for lines in _pages(file.lines()):
        yield len(lines), _page("catalogue", [read_snapshot_line(line, at, place) for place, line in lines])


def _of_archive(file: ArchiveFile, at: datetime, database: Database) -> Iterator[tuple[int, Page]]:
    every = (one for place, entry in file.entries() for one in read_archive_entry(entry, at, place))
    for found in chunks(every, PAGE):
        with database.reading() as connection:
            known = titles(connection, "arxiv", (one.arxiv for one in found if isinstance(one, Mention)))
        yield len(found), _page("archive", gathered(_titled(found, known, at)))


def _titled(
    found: Iterable[Sighting | Mention | Reject], known: Mapping[str, str], at: datetime
) -> Iterator[Sighting | Reject]:
    """Give mentions the titles that the store knows; of a paper that it does not know nobody would know what it is."""
    for one in found:
        if not isinstance(one, Mention):
            yield one
        elif one.arxiv in known:
            yield titled(one, known[one.arxiv], at)


def _page(kind: Kind, found: Sequence[Sighting | Reject]) -> Page:
    return Page(
        kind=kind,
        sightings=tuple(one for one in found if isinstance(one, Sighting)),
        rejects=tuple(one for one in found if isinstance(one, Reject)),
    )


def _run(imported: Imported, path: Path, started_at: datetime, finished_at: datetime) -> Run:
    return Run(
        kind="import",
        about=clean(path.name),
        period=started_at.isoformat(),
        state="failed" if imported.error else "done",
        started_at=started_at,
        finished_at=finished_at,
        report={name: getattr(imported, name) for name in ("lines", "new", "updated", "rejected")},
    )


@dataclass(slots=True)
class _Tally:
    """What the pages of one file have given so far."""

    lines: int = 0
    new: int = 0
    updated: int = 0
    rejected: int = 0
    rejects: list[Reject] = field(default_factory=list)

    def add(self, told: int, page: Page, recorded: Recorded) -> None:
        """Count one more page, of what so many lines or entries told."""
        self.lines += told
        self.new += recorded.new
        self.updated += recorded.updated
        self.rejected += len(page.rejects)
        self.rejects += page.rejects[: _REJECTS - len(self.rejects)]


def _pages(lines: Iterable[Line]) -> Iterator[list[Line]]:
    """Gather lines until there are enough of them, or of their bytes."""
    page: list[Line] = []
    size = 0
    for place, line in lines:
        page.append((place, line))
        size += len(line)
        if len(page) >= PAGE or size >= _PAGE_BYTES:
            yield page
            page, size = [], 0
    if page:
        yield page
