"""The tables of the queue: in a schema of their own, and brought up to what is installed."""

from contextlib import closing
from importlib.metadata import version

import pytest
from sqlalchemy import inspect

from crawler.errors import SchemaError
from storage.database import Database, open_database
from storage.queue import SCHEMA, bring_up_queue, check_queue, queue_address


def tables(database: Database) -> set[str]:
    return set(inspect(database.engine).get_table_names(schema=SCHEMA))


def noted(database: Database, instead: str | None = None) -> str:
    with database.writing() as connection:
        if instead is not None:
            connection.exec_driver_sql(f"COMMENT ON SCHEMA {SCHEMA} IS '{instead}'")
        return str(
            connection.exec_driver_sql(
                f"SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = '{SCHEMA}'"
            ).scalar()
        )


def test_the_queue_is_made_once_and_apart_from_the_store(empty_postgres_url: str) -> None:
    with closing(open_database(empty_postgres_url)) as database:
        with pytest.raises(SchemaError, match="db upgrade"):
            check_queue(database)
        before = set(inspect(database.engine).get_table_names())
        bring_up_queue(database)
        bring_up_queue(database)
        check_queue(database)
        assert "procrastinate_jobs" in tables(database)
        assert set(inspect(database.engine).get_table_names()) == before
        assert noted(database) == version("procrastinate")


def test_an_older_queue_gets_what_it_lacks(empty_postgres_url: str) -> None:
    with closing(open_database(empty_postgres_url)) as database:
        bring_up_queue(database)
        # No migration of Procrastinate's is newer than this, so that none is applied to what is there.
        noted(database, "3.9.0")
        with pytest.raises(SchemaError):
            check_queue(database)
        bring_up_queue(database)
        check_queue(database)


def test_its_address_is_that_of_the_store_for_libpq() -> None:
    assert queue_address("postgresql+psycopg://lark:p%40ss@db:5433/papers?host=/run") == (
        "postgresql://lark:p%40ss@db:5433/papers?host=%2Frun"
    )
