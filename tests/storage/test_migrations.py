"""The migrations: what they make, and what is left when one fails or is killed."""

import os
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from textwrap import dedent

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, PrimaryKeyConstraint, UniqueConstraint, event, insert, inspect, select, text

import storage.migrations
from crawler.errors import SchemaError
from storage.columns import Base
from storage.database import HEAD, Database, open_as_is, open_database, upgrade
from storage.days import days_since
from storage.ledger import newest_lines
from storage.models import IdentifierRow, TitleRow
from storage.papers import papers_by_id
from storage.titles import title_key
from tests.storage.children import last_word, running
from tests.storage.factories import MONDAY, look, page, sighting, write

OURS = Path(storage.migrations.__file__).parent


def config(folder: Path | None = None) -> Config:
    """Return the settings of our migrations, with those in `folder` after them."""
    settings = Config()
    settings.set_main_option("script_location", str(OURS))
    settings.set_main_option("path_separator", "newline")
    settings.set_main_option("version_locations", "\n".join(str(each) for each in (OURS / "versions", folder) if each))
    return settings


def migrate(database: Database, folder: Path) -> None:
    """Apply our migrations and those in `folder`, as `storage.migrations.run` does."""
    settings = config(folder)
    settings.attributes["engine"] = database.engine
    command.upgrade(settings, "head")


def after_head(step: int) -> str:
    """Return the name of the migration that many steps after our newest."""
    return f"{int(HEAD) + step:04}"


def script(folder: Path, step: int, upgrade: str) -> None:
    """Write the migration that many steps after our newest; it follows the one before it."""
    body = "\n".join(f"    {line}" for line in dedent(upgrade).strip().splitlines())
    folder.mkdir(exist_ok=True)
    (folder / f"m{after_head(step)}.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\n\n"
        f'revision = "{after_head(step)}"\ndown_revision = "{after_head(step - 1)}"\n\n\ndef upgrade():\n{body}\n'
    )


def versions(database: Database) -> list[str]:
    with database.reading() as connection:
        return list(connection.scalars(text("SELECT version_num FROM alembic_version")))


def schema(database: Database) -> dict[str, set[str]]:
    """Return the columns of every table."""
    with database.reading() as connection:
        inspector = inspect(connection)
        return {table: {column["name"] for column in inspector.get_columns(table)} for table in inspector.get_table_names()}


@pytest.fixture
def stored(database: Database) -> Database:
    """Give a store with two papers in it."""
    write(database, page(sighting("2608.00001", version=1), sighting("2608.00002", version=2)))
    return database


def of_the_models(_object: object, name: str | None, _type: str, _reflected: bool, _other: object) -> bool:  # noqa: FBT001 - Alembic's
    return not (name or "").startswith(("paper_search", "ix_paper_search"))


def test_an_upgraded_empty_store_equals_the_models(database: Database) -> None:
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": of_the_models, "compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_the_names_of_all_constraints_are_those_of_the_models(database: Database) -> None:
    """`compare_metadata` does not look at the names of keys, which a later migration has to know."""
    with database.reading() as connection:
        inspector = inspect(connection)
        for name, table in Base.metadata.tables.items():
            # SQLite writes a key that numbers its rows without a name.
            assert inspector.get_pk_constraint(name)["name"] in (table.primary_key.name, None if database.is_sqlite else "")
            found = {key["name"] for key in inspector.get_foreign_keys(name)}
            assert found == {str(key.name) for key in table.foreign_key_constraints}


def test_every_foreign_key_can_be_followed_backwards_by_an_index() -> None:
    """Or the removal of a parent, when two papers turn out to be one, would read the whole table of its children."""
    for table in Base.metadata.tables.values():
        uniques = [one for one in table.constraints if isinstance(one, PrimaryKeyConstraint | UniqueConstraint)]
        led_by = {next(iter(one.columns)).name for one in (*table.indexes, *uniques) if one.columns}
        assert {column.name for key in table.foreign_key_constraints for column in key.columns} <= led_by, table.name


def test_the_head_is_the_newest_script() -> None:
    assert ScriptDirectory.from_config(config()).get_heads() == [HEAD]


def test_a_migration_keeps_what_is_stored_and_what_refers_to_it(stored: Database, tmp_path: Path) -> None:
    """A table others refer to is dropped and made anew, which with foreign keys on would fail or empty them."""
    before = look(stored)
    script(
        tmp_path / "scripts",
        1,
        """
        with op.batch_alter_table("papers", recreate="auto") as batch:
            batch.alter_column("url", existing_type=sa.Text(), nullable=True)
            batch.add_column(sa.Column("venue", sa.Text(), nullable=True))
        """,
    )
    migrate(stored, tmp_path / "scripts")
    assert versions(stored) == [after_head(1)]
    assert "venue" in schema(stored)["papers"]
    assert look(stored) == before
    with pytest.raises(Exception, match="while writing"), stored.writing() as connection:
        connection.execute(insert(IdentifierRow).values(scheme="doi", value="10.1000/1", paper_id=99))


def test_a_failing_migration_is_undone_as_a_whole(stored: Database, tmp_path: Path) -> None:
    before, tables = look(stored), schema(stored)
    steps = """
        op.create_table("halls", sa.Column("name", sa.Text(), primary_key=True))
        op.execute("DELETE FROM events")
        with op.batch_alter_table("papers") as batch:
            batch.add_column(sa.Column("venue", sa.Text(), nullable=True))
        """
    script(tmp_path / "broken", 1, f"{steps}\n        op.execute('SELECT nonsense FROM nowhere')")
    with pytest.raises(Exception, match="nowhere"):
        migrate(stored, tmp_path / "broken")
    assert (versions(stored), look(stored), schema(stored)) == ([HEAD], before, tables)
    script(tmp_path / "mended", 1, steps)
    migrate(stored, tmp_path / "mended")
    assert versions(stored) == [after_head(1)]
    assert set(schema(stored)) == {*tables, "halls"}


def test_each_migration_is_a_transaction_of_its_own(stored: Database, tmp_path: Path) -> None:
    script(tmp_path / "scripts", 1, 'op.create_table("halls", sa.Column("name", sa.Text(), primary_key=True))')
    script(tmp_path / "scripts", 2, 'op.drop_table("halls")\nop.execute("SELECT nonsense FROM nowhere")')
    with pytest.raises(Exception, match="nowhere"):
        migrate(stored, tmp_path / "scripts")
    assert versions(stored) == [after_head(1)]
    assert "halls" in schema(stored)


@pytest.fixture
def file_store(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    path = tmp_path / "store.db"
    path.write_bytes(sqlite_template.read_bytes())
    with closing(open_database(f"sqlite:///{path}")) as database:
        write(database, page(sighting("2608.00001", version=1), sighting("2608.00002", version=2)))
        yield database


def test_a_migration_that_orphans_rows_is_refused_and_undone(file_store: Database, tmp_path: Path) -> None:
    before = look(file_store)
    script(tmp_path / "scripts", 1, 'op.execute("DELETE FROM papers WHERE id = 1")')
    with pytest.raises(SchemaError, match="rows without their parent"):
        migrate(file_store, tmp_path / "scripts")
    assert (versions(file_store), look(file_store)) == ([HEAD], before)


def test_a_migration_holds_the_file_from_its_first_look_to_its_end(file_store: Database, tmp_path: Path) -> None:
    """Otherwise two processes that open an old store at once would both migrate it."""
    script(tmp_path / "scripts", 1, 'op.create_table("halls", sa.Column("name", sa.Text(), primary_key=True))')
    held = []

    def others(_connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        path = file_store.engine.url.database or ""
        with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as other:
            try:
                other.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                held.append(statement)

    event.listen(file_store.engine, "after_cursor_execute", others)
    migrate(file_store, tmp_path / "scripts")
    assert held[0].startswith("BEGIN IMMEDIATE")
    assert any("CREATE TABLE halls" in statement for statement in held)
    assert any("UPDATE alembic_version" in statement for statement in held)


def die_at(pipe: Pipe, url: str, statement: int) -> None:
    """Open a store and be killed just before that statement."""
    seen = 0

    def step(*_: object) -> None:
        nonlocal seen
        seen += 1
        if seen == statement:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", step)
    event.listen(Engine, "commit", step)
    open_database(url).close()
    pipe.send(seen)


def made_after_a_kill_at(url: str, statement: int) -> int | None:
    """Kill the first opening of a store at a statement, open it again and look; None when that statement never came."""
    with running(die_at, url, statement) as (child, pipe):
        seen: int | None = last_word(child, pipe)
    with closing(open_database(url)) as database:
        assert versions(database) == [HEAD]
        assert write(database, page(sighting())).new == 1
        assert not [table for table in schema(database) if table.startswith("_alembic_tmp")]
    return seen


@pytest.fixture(scope="module")
def statements(tmp_path_factory: pytest.TempPathFactory) -> int:
    """Count the statements of the first opening of a store."""
    url = f"sqlite:///{tmp_path_factory.mktemp('counted') / 'store.db'}"
    seen = made_after_a_kill_at(url, -1)
    assert seen is not None
    return seen


def test_a_kill_in_the_first_migration_leaves_what_the_next_opening_completes(tmp_path: Path, statements: int) -> None:
    for statement in range(1, statements + 1, 8):
        assert made_after_a_kill_at(f"sqlite:///{tmp_path / f'{statement}.db'}", statement) is None


@pytest.mark.slow
def test_a_kill_at_any_statement_of_the_first_migration(tmp_path: Path, statements: int) -> None:
    for statement in range(1, statements + 1):
        assert made_after_a_kill_at(f"sqlite:///{tmp_path / f'{statement}.db'}", statement) is None


def test_an_empty_postgres_database_survives_a_kill_too(empty_postgres_url: str, statements: int) -> None:
    assert made_after_a_kill_at(empty_postgres_url, statements // 2) is None


PAPER = "INSERT INTO papers (id, title, url, abstract, authors, categories) VALUES (7, 'T', 'u', '', '[]', '[]')"
LOOK = (
    "INSERT INTO verdicts (id, source, scope, route, kind, announced_on, expected, seen, why, missed, requests, rejected, at) "
    "VALUES ({}, 'arxiv', 'cs.CV', 'listing', '{}', '{}', 9, 9, '', '[]', 1, 0, '2026-08-10 12:00:00')"
)


def test_a_store_of_the_first_schema_keeps_what_it_holds_and_begins_its_ledger(empty_url: str) -> None:
    with closing(open_as_is(empty_url)) as old:
        settings = config()
        settings.attributes["engine"] = old.engine
        command.upgrade(settings, "0001")
        with old.writing() as connection:
            looks = [LOOK.format(1, "complete", MONDAY), LOOK.format(2, "quiet", MONDAY), LOOK.format(3, "stale", MONDAY)]
            for statement in (PAPER, *looks):
                connection.exec_driver_sql(statement)
        upgrade(old)
        with old.reading() as connection:
            (paper,) = papers_by_id(connection, [7])
            assert (paper.title, paper.withdrawn, paper.licence, paper.report_number) == ("T", False, None, None)
            (day,) = days_since(connection, "arxiv", ["cs.CV"], MONDAY)
            assert (day.scope, day.day, day.kind, day.expected, day.seen) == ("cs.CV", MONDAY, "complete", 9, 9)
            assert [line.verdict.kind for line in newest_lines(connection)] == ["stale"]


def test_a_store_of_the_second_schema_finds_the_links_in_its_texts_and_its_titles(empty_url: str) -> None:
    with closing(open_as_is(empty_url)) as old:
        settings = config()
        settings.attributes["engine"] = old.engine
        command.upgrade(settings, "0002")
        with old.writing() as connection:
            papers = (
                "(7, 'T', 'u', 'Code: https://github.com/me/net.', '[]', '[]', FALSE), (8, 'U', 'u', '', '[]', '[]', FALSE)"
            )
            said = (
                """(1, 'arxiv', 'k', 'h', 7, '{"title": "Segmenting Any Loom"}', '2026-08-12 12:00:00'),"""
                """(2, 'arxiv', 'l', 'h', 8, '{"title": "U"}', '2026-08-12 12:00:00')"""
            )
            columns = "papers (id, title, url, abstract, authors, categories, withdrawn)"
            for statement in (
                f"INSERT INTO {columns} VALUES {papers}",
                f"INSERT INTO sightings (id, source, key, content_hash, paper_id, content, seen_at) VALUES {said}",
            ):
                connection.exec_driver_sql(statement)
        upgrade(old)
        with old.reading() as connection:
            (first, second) = papers_by_id(connection, [7, 8])
            titles = connection.execute(select(TitleRow.key, TitleRow.paper_id)).all()
        assert [(link.url, link.official, link.said_by) for link in first.links] == [
            ("https://github.com/me/net", True, ("authors",))
        ]
        assert second.links == ()
        assert titles == [(title_key("Segmenting any loom."), 7)]


def test_opening_makes_an_empty_store(empty_url: str) -> None:
    with closing(open_database(empty_url)) as database:
        assert versions(database) == [HEAD]
        assert look(database) == []
    with closing(open_as_is(empty_url)) as database:
        assert versions(database) == [HEAD]
