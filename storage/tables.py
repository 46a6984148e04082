"""Every table of the store, for what is done with all of them."""

from typing import Final

from sqlalchemy import Table

from storage import models, work_models
from storage.columns import Base

#: Where tables are described: whoever opens another such module names it here, or its tables would be left out.
MODULES: Final = (models, work_models)


def all_tables() -> list[Table]:
    """Return the tables, each after those it refers to; not the index of words, which is made of the papers."""
    return Base.metadata.sorted_tables


def row_of(table: Table) -> type[Base]:
    """Return the class of a table."""
    found: type[Base] = next(one.class_ for one in Base.registry.mappers if one.local_table is table)
    return found
