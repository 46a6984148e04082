"""The command that takes papers in from files. It loads what it needs when it runs."""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from jobs.console import Config, Json, app, office_of, tell
from jobs.moments import said_duration

if TYPE_CHECKING:
    from jobs.importing import Advance, Imported

#: Where there is no terminal, a line is said after so many lines of the file.
_EVERY: Final = 50_000
_LINE: Final = 400


@app.command("import")
def import_(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="Also as .gz or .zip.")],
    *,
    as_json: Json = False,
    config: Config = None,
) -> None:
    """Take in arXiv's snapshot, Papers with Code, or lists of feeds.

    The one is arxiv-metadata-oai-snapshot.json of https://www.kaggle.com/datasets/Cornell-University/arxiv. The others, as JSON
    or Parquet of https://huggingface.co/pwc-archive, bring the code, tasks and methods of papers until July 2025.

    The feeds of an OPML file, FILE.opml, are added to the settings file.

    Nothing of it is news. Whoever stops it may call it again: what is known is passed over.
    """
    from jobs.importing import import_files

    with office_of(context, config) as office:
        with _following(quiet=as_json) as progress:
            imported = import_files(office, files, progress)
        tell({"imports": [_shape(one) for one in imported]} if as_json else say_imports(imported))
        raise typer.Exit(int(any(one.error or one.rejected == one.lines for one in imported)))


def _shape(one: "Imported") -> dict[str, Any]:
    return {
        "file": one.file,
        "lines": one.lines,
        "new": one.new,
        "updated": one.updated,
        "rejected": one.rejected,
        "seconds": round(one.seconds, 3),
        "error": one.error,
        "rejects": [{"key": reject.key, "why": reject.why} for reject in one.rejects],
    }


def say_imports(imported: Iterable["Imported"]) -> str:
    """Say what every file gave."""
    return "\n".join(line for one in imported for line in _said(one))


def _said(one: "Imported") -> Iterator[str]:
    from crawler.text import clean

    if one.settings:
        yield from _said_feeds(one)
        return
    facts = ["1 line" if one.lines == 1 else f"{one.lines:,} lines"]
    facts += [f"{one.new:,} new"] if one.new else []
    facts += [f"{one.updated:,} changed"] if one.updated else []
    facts += [] if one.new or one.updated else ["nothing new"]
    facts += [f"{one.rejected:,} not read"] if one.rejected else []
    given = ", ".join([*facts, f"{one.seconds:,.{0 if one.seconds >= 10 else 1}f} s"])
    if one.error:
        yield f"✗ {clean(one.error, _LINE)}"
        if one.lines:
            yield f"    kept what was read before: {given}"
    else:
        sign = "✓" if not one.rejected else "!" if one.rejected < one.lines else "✗"
        yield f"{sign} {clean(one.file, _LINE)}: {given}"
    for reject in one.rejects:
        yield f"    could not read {reject.key}: {reject.why}"
    if one.rejected > len(one.rejects):
        yield f"    and {one.rejected - len(one.rejects):,} more that could not be read"


def _said_feeds(one: "Imported") -> Iterator[str]:
    """Say what became of a list of feeds."""
    from crawler.text import clean

    if one.error:
        yield f"✗ {clean(one.error, _LINE)}"
        return
    if not one.lines:
        yield f"! {clean(one.file, _LINE)}: there is no feed in it"
        return
    known = one.lines - one.new - one.rejected
    facts = [f"{one.new:,} of {one.lines:,} feeds added to {one.settings}"]
    facts += [f"{known:,} known already"] if known else []
    facts += [f"{one.rejected:,} not read"] if one.rejected else []
    yield f"{'!' if one.rejected else '✓'} {clean(one.file, _LINE)}: {', '.join(facts)}"
    yield from (f"    could not read {reject.key}: {reject.why}" for reject in one.rejects)
    if one.rejected > len(one.rejects):
        yield f"    and {one.rejected - len(one.rejects):,} more that could not be read"


@contextmanager
def _following(*, quiet: bool) -> Iterator[Callable[["Advance"], None]]:
    """Give a function that takes the progress of an import and shows it on standard error."""
    if quiet or not sys.stderr.isatty():
        yield (lambda _: None) if quiet else _say_every(_EVERY)
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[said]}"),
    )
    tasks: dict[str, TaskID] = {}
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:

        def show(advance: "Advance") -> None:
            if advance.file not in tasks:
                tasks[advance.file] = bars.add_task(Path(advance.file).name, total=None, said="")
            total, said = advance.total or None, figures(advance)
            bars.update(tasks[advance.file], completed=advance.position, total=total, said=said)

        yield show


def _say_every(lines: int) -> Callable[["Advance"], None]:
    """Return what says a line whenever so many more lines of a file were recorded."""
    said: dict[str, int] = {}

    def say(advance: "Advance") -> None:
        if advance.lines // lines > said.get(advance.file, 0):
            said[advance.file] = advance.lines // lines
            sys.stderr.write(f"{Path(advance.file).name}: {figures(advance)}\n")

    return say


def figures(advance: "Advance") -> str:
    """Say how many lines were recorded, how fast, and how long the rest will take.

    By the bytes that are done, for nobody knows how many lines there are.
    """
    parts = [f"{advance.lines:,} lines"]
    if advance.seconds:
        parts.append(f"{advance.lines / advance.seconds:,.0f} a second")
    if advance.total and advance.position:
        left = advance.seconds * (advance.total - advance.position) / advance.position
        parts.append(f"{said_duration(max(left, 0.0))} left")
    return ", ".join(parts)
