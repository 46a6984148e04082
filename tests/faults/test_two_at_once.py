"""Two `paperlark run` started at the same moment on one store: one digest, one mail, and the politeness of one."""

import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.crawler.origin import Origin, serving
from tests.faults import week
from tests.faults.books import DAYS, SCOPES, check_all, lay_out
from tests.faults.reader import DEADLINE, Done, Reader, check_manners, open_reader
from tests.faults.site import listing

pytestmark = pytest.mark.slow


@pytest.fixture(params=["sqlite", "postgres"])
def scene(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Reader, Origin]]:
    database = request.getfixturevalue("postgres").create() if request.param == "postgres" else ""
    with serving() as web, open_reader(tmp_path, web.url, database) as reader:
        yield reader, web


def both(reader: Reader) -> list[Done]:
    """Start two runs at once, and return how they ended."""
    environment = reader.environment(week.noon(DAYS[0]))
    with ExitStack() as stack:
        processes = [
            stack.enter_context(
                subprocess.Popen(reader.call("run", "--json"), env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            )
            for _ in range(2)
        ]
        ended = [(process, process.communicate(timeout=DEADLINE)) for process in processes]
    done = [Done(process.returncode, out.decode(), err.decode()) for process, (out, err) in ended]
    for one in done:
        check_manners(one)
    return done


def test_two_runs_at_once_are_as_good_as_one(scene: tuple[Reader, Origin]) -> None:
    reader, web = scene
    lay_out(reader, web, DAYS[0])
    done = both(reader)
    assert [one.status for one in done] == [0, 0]
    # The one that came second finds the sites leased, waits and asks nothing, or, when it was much slower, asks if the lists
    # are as they were.
    asking = sum(any(look["requests"] for look in one.said["runs"]) for one in done)
    lists = Counter({listing(scope): asking for scope in SCOPES})
    assert Counter(web.asked()) == lists + Counter(["arxiv.org/robots.txt"])
    check_all(reader, DAYS[:1], Counter())
