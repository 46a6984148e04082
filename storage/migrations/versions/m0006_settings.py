"""The settings that a daemon shares with its workers."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "shared_settings",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("tree", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_shared_settings"),
    )
