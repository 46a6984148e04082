"""Runs that are due, or begun again later."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    # What there is was written when it was over, after its only attempt.
    op.add_column("runs", sa.Column("attempts", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("runs", sa.Column("next_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_runs_state_next_at", "runs", ["state", "next_at"])
