"""`python -m tests.benchmarks [--quick] [NAME …]`: the numbers the house holds, each beside a baseline of the same run.

What counts is CPU seconds, user and system, of a process and all it waits for; of repetitions the least. The bars are those
of a quiet machine: neighbours on the same cores make every figure larger, the baseline's too, so look at the ratio first.
"""

import argparse
import gc
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tests.benchmarks import ingest as bulk
from tests.benchmarks import mails as posts
from tests.benchmarks import measure, process, rendering, stores
from tests.benchmarks import proceedings as lists
from tests.benchmarks.corpus import Corpus, load
from tests.benchmarks.day import Shelf, Times, measured
from tests.benchmarks.measure import Figure, Spent
from tests.benchmarks.postgres import Postgres, running


@dataclass(slots=True)
class Bench:
    """What the benchmarks of one run share: texts, a folder, and the stores built so far."""

    corpus: Corpus
    folder: Path
    counts: tuple[int, ...]
    repeat: int
    shelves: dict[int, Shelf] = field(default_factory=dict)

    @property
    def usual(self) -> int:
        """How many papers the store of a reader has who has used Paperlark for a year or two."""
        return self.counts[1]

    def shelf(self, count: int) -> Shelf:
        """Return the store of so many papers, built when it is first asked for."""
        if count not in self.shelves:
            url = f"sqlite:///{self.folder / f'{count}.db'}"
            stores.fill_sqlite(url, self.corpus, count)
            self.shelves[count] = Shelf(url, self.corpus, count, time.process_time)
        return self.shelves[count]


def days(bench: Bench) -> Iterator[Figure]:
    """A day of 713 papers into stores of several sizes, and the same page again."""
    taken = {count: measured(bench.shelf(count), bench.repeat) for count in bench.counts}
    yield from _of_days(taken, bench.usual, "")


def postgres(bench: Bench) -> Iterator[Figure]:
    """The same on PostgreSQL, the server's CPU seconds included; the baseline is COPY and an upsert."""
    folder = bench.folder / "postgres"
    folder.mkdir(mode=0o700)
    with running(folder) as server:
        taken = {count: _on_postgres(server, bench, count) for count in bench.counts[:2]}
    for figure in _of_days(taken, bench.usual, ", PostgreSQL"):
        yield replace(figure, bar=None) if figure.unit == "s" else figure


def _on_postgres(server: Postgres, bench: Bench, count: int) -> Times:
    url = server.create()
    stores.fill_postgres(url, bench.corpus, count)
    return measured(Shelf(url, bench.corpus, count, server.cpu), bench.repeat)


def _of_days(taken: dict[int, Times], usual: int, where: str) -> Iterator[Figure]:
    least, most = min(taken), max(taken)
    for count, one in taken.items():
        bar = 0.3 if count == usual else None
        yield Figure(what=f"713 papers into {count:,}{where}", value=one.whole, baseline=one.bare, bar=bar)
    one = taken[usual]
    yield Figure(what=f"  of it read and record{where}", value=one.read + one.record, baseline=one.bare_read_and_record)
    yield Figure(what=f"  of it match and render{where}", value=one.match + one.render, baseline=one.bare_match_and_render)
    yield Figure(
        what=f"713 papers, {most:,} to {least:,}{where}",
        value=taken[most].whole / taken[least].whole,
        baseline=taken[most].bare / taken[least].bare,
        bar=3,
        unit="x",
    )
    first = one.read + one.record
    yield Figure(what=f"the same page again, to the first time{where}", value=one.again / first, baseline=1, bar=0.6, unit="x")


def ingest(bench: Bench) -> Iterator[Figure]:
    """A back-fill in pages of 2,500 records, as a whole process; the baseline is a bare script into the same tables."""
    count = bench.counts[1]
    one = bulk.taken(bench.corpus, bench.folder, count, max(1, bench.repeat // 3))
    yield Figure(what=f"crawl --since, {count:,} records", value=one.ours.seconds, baseline=one.bare.seconds)
    yield from _of_bulk(one.ours, one.bare, "")
    yield Figure(what="  its memory, the largest process", value=one.ours.memory, baseline=one.bare.memory, bar=160, unit="MB")
    again = one.again.seconds / one.ours.seconds
    yield Figure(what="  the same pages again, to the first time", value=again, baseline=1, bar=0.6, unit="x")
    least, most = bench.counts[0], bench.counts[-1]
    times = {}
    for held in (least, most):
        ours, bare = bulk.into(bench.shelf(held).url, bench.corpus, bench.folder, count // 5)
        times[held] = ours.seconds / bare.seconds
        what = f"crawl --since, {count // 5:,} records into {held:,}, its start included"
        yield Figure(what=what, value=ours.seconds, baseline=bare.seconds)
    what = f"  what it takes of the bare script's, {most:,} to {least:,}"
    yield Figure(what=what, value=times[most] / times[least], baseline=1, bar=1.2, unit="x")


def ingest_postgres(bench: Bench) -> Iterator[Figure]:
    """The same back-fill on PostgreSQL, the server's CPU seconds included; the baseline is COPY and an upsert."""
    folder = bench.folder / "postgres-bulk"
    folder.mkdir(mode=0o700)
    count = bench.counts[1] // 3
    with running(folder) as server:
        ours, bare = bulk.on_postgres(server, bench.corpus, bench.folder, count)
    yield Figure(what=f"crawl --since, {count:,} records, PostgreSQL", value=ours.seconds, baseline=bare.seconds)
    yield from _of_bulk(ours, bare, ", PostgreSQL", bar=None)


def _of_bulk(ours: Spent, bare: Spent, where: str, bar: float | None = 1.6) -> Iterator[Figure]:
    ratio = ours.seconds / bare.seconds
    yield Figure(what=f"  to the bare script{where}", value=ratio, baseline=1, bar=bar, unit="x")


def morning(bench: Bench) -> Iterator[Figure]:
    """The whole daily process, from its start to its end; the baseline imports the libraries it needs, and no more."""
    ours, bare = process.morning(bench.shelf(bench.usual), bench.folder, bench.repeat)
    yield Figure(what=f"paperlark run, 713 papers into {bench.usual:,}", value=ours.seconds, baseline=bare.seconds, bar=3)
    yield Figure(what="  its memory, the largest process", value=ours.memory, baseline=bare.memory, bar=130, unit="MB")


def render(bench: Bench) -> Iterator[Figure]:
    """A digest of a hundred papers never rendered before, once warm; the baseline is three f-strings a paper."""
    ours, bare = rendering.rendered(bench.corpus, 10 * bench.repeat)
    yield Figure(what="a digest of 100 papers in three forms", value=1000 * ours, baseline=1000 * bare, bar=10, unit="ms")


def proceedings(bench: Bench) -> Iterator[Figure]:
    """Lists of proceedings, each read as a whole process, its imports included; the baseline is lxml alone."""
    for one, bar in zip(lists.readings(bench.folder, bench.repeat), (2.0, 1.0), strict=True):
        what = f"{one.what}, {one.papers:,} papers, {one.signed:,} with authors"
        yield Figure(what=what, value=one.ours.seconds, baseline=one.bare.seconds, bar=bar)
        yield Figure(what="  its memory", value=one.ours.memory, baseline=one.bare.memory, bar=150, unit="MB")


def mails(bench: Bench) -> Iterator[Figure]:
    """Mails a second of four workers, with a server that takes 20 ms over each; the baseline is one worker."""
    folder = bench.folder / "mails"
    folder.mkdir(mode=0o700)
    many = 20_000 if bench.repeat > 1 else 200
    with running(folder) as server:
        one = posts.rate(server.create(), folder, many // 10, 1)
        four = posts.rate(server.create(), folder, many, 4)
    yield Figure(what=f"{many:,} mails by four workers, by one", value=four, baseline=one, unit="/s")


def help_page(bench: Bench) -> Iterator[Figure]:
    """`paperlark --help`; the baseline is Python that does nothing."""
    ours, bare = process.help_page(bench.folder, bench.repeat)
    yield Figure(what="paperlark --help", value=ours.seconds, baseline=bare.seconds, bar=0.3)


BENCHMARKS: Final[dict[str, Callable[[Bench], Iterator[Figure]]]] = {
    "help": help_page,
    "proceedings": proceedings,
    "render": render,
    "days": days,
    "morning": morning,
    "postgres": postgres,
    "ingest": ingest,
    "ingest-postgres": ingest_postgres,
    "mails": mails,
}


def main(arguments: list[str]) -> None:
    """Run the named benchmarks, or all of them."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description="CPU seconds beside a baseline's.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which: {', '.join(BENCHMARKS)}; default: all")
    parser.add_argument("--quick", action="store_true", help="small stores, one repetition: do they run at all?")
    options = parser.parse_args(arguments)
    if unknown := set(options.names) - set(BENCHMARKS):
        parser.error(f"there is no {', '.join(sorted(unknown))}; known: {', '.join(BENCHMARKS)}")
    corpus = load()
    print(f"Texts: {corpus.origin}; larger stores hold copies of them, their words turned around.")
    counts, repeat = ((1_000, 2_000), 1) if options.quick else ((1_000, 75_000, 1_000_000), 6)
    with TemporaryDirectory(prefix="paperlark-", ignore_cleanup_errors=True) as folder, _texts_apart():
        bench = Bench(corpus, Path(folder), counts, repeat)
        figures = (figure for name in options.names or BENCHMARKS for figure in BENCHMARKS[name](bench))
        for line in measure.table(figures):
            print(line, flush=True)


@contextmanager
def _texts_apart() -> Iterator[None]:
    """Keep what the benchmarks themselves hold in memory out of the garbage that the work they measure looks through."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


if __name__ == "__main__":
    main(sys.argv[1:])
