"""The tables of the distributed queue, Procrastinate's own, in a schema of their own beside ours.

Its migrations are SQL files, named by the version that needs them (https://procrastinate.readthedocs.io, "Migrations"): which
ones were applied is noted as the comment of the schema, for Procrastinate keeps no record itself.
"""

import re
from importlib import resources
from importlib.metadata import version
from typing import Any, Final

from sqlalchemy import Connection, make_url

from crawler.errors import SchemaError
from storage.database import Database

SCHEMA: Final = "procrastinate"
_FILE: Final = re.compile(r"(\d+)\.(\d+)\.(\d+)_\d+_.*\.sql")


def bring_up_queue(database: Database) -> None:
    """Make the tables of the queue, or bring them to what the installed Procrastinate needs; in one transaction."""
    with database.writing() as connection:
        connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
        noted, wanted = _noted(connection), version("procrastinate")
        if noted == wanted:
            return
        connection.exec_driver_sql(f"SET LOCAL search_path TO {SCHEMA}")
        for statements in _statements(noted):
            # Many statements in one text, and per cent signs that are none of ours: by the driver, as they stand.
            _driver(connection).execute(statements)
        connection.exec_driver_sql(f"COMMENT ON SCHEMA {SCHEMA} IS '{wanted}'")


def check_queue(database: Database) -> None:
    """Raise SchemaError when the queue is not there, or is that of another version."""
    with database.reading() as connection:
        if _noted(connection) != version("procrastinate"):
            raise SchemaError("its queue is not there, or is of another version", "run: paperlark db upgrade")


def queue_address(url: str) -> str:
    """Return the address of the store as libpq writes it, with the password and for this process alone."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def _noted(connection: Connection) -> str:
    """Return the version that the tables are of; empty when there are none."""
    found = connection.exec_driver_sql(
        f"SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = '{SCHEMA}'"  # noqa: S608 - ours
    ).scalar()
    return str(found or "")


def _statements(noted: str) -> list[str]:
    sql = resources.files("procrastinate") / "sql"
    if not noted:
        return [(sql / "schema.sql").read_text("utf-8")]
    known = tuple(map(int, noted.split(".")))
    files = sorted((sql / "migrations").iterdir(), key=lambda one: one.name)
    return [
        one.read_text("utf-8")
        for one in files
        if (match := _FILE.fullmatch(one.name)) and tuple(map(int, match.groups())) > known
    ]


def _driver(connection: Connection) -> Any:
    driver = connection.connection.driver_connection
    if driver is None:
        raise TypeError("a connection without its driver")
    return driver
