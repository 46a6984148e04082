"""The store's history: an ordered list of changes, applied by Alembic."""
