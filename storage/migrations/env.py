"""What Alembic runs to apply the migrations of this folder."""

from alembic import context
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from crawler.errors import SchemaError
from storage.columns import Base


def main() -> None:
    """Run each migration in a transaction of its own; on SQLite with foreign keys off, and checked before it is committed."""
    engine = context.config.attributes["engine"]
    sqlite = engine.dialect.name == "sqlite"
    with engine.connect() as connection:
        if sqlite:
            connection.detach()  # nobody else is to have a connection without foreign keys
            # A pragma inside a transaction is ignored, and a batch migration drops and renames tables that others refer to.
            connection.connection.dbapi_connection.execute("PRAGMA foreign_keys = OFF")
        connection = connection.execution_options(paperlark_writing=True)  # noqa: PLW2901
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=sqlite,
            transaction_per_migration=True,
            # Alembic takes SQLite's DDL for non-transactional; with BEGIN IMMEDIATE sent by us, it is transactional.
            transactional_ddl=True,
            on_version_apply=_check if sqlite else None,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


def _check(ctx: MigrationContext, *_: object, **__: object) -> None:
    """Refuse a migration, which is thereby rolled back, that leaves rows without those they refer to."""
    broken = ctx.connection.execute(text("PRAGMA foreign_key_check")).fetchall() if ctx.connection else []
    if broken:
        raise SchemaError(f"rows without their parent after the migration: {len(broken)}")


main()
