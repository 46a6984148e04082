"""Applying the migrations."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Engine

from crawler.errors import SchemaError


def upgrade(engine: Engine) -> None:
    """Apply what is missing, each migration in one transaction.

    Raises SchemaError for a store whose version is none of ours: a newer Paperlark's.
    """
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["engine"] = engine
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise SchemaError("install a newer Paperlark") from error
