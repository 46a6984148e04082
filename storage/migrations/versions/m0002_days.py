"""A ledger of days, back-fills that go on where they stopped, and more of what a source says of a paper."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "days",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("expected", sa.Integer(), nullable=True),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("source", "scope", "day", name="pk_days"),
    )
    # The days that were read completely; what was missed before them is then asked for.
    op.execute(
        "INSERT INTO days (source, scope, day, kind, route, expected, seen, why, at) "
        "SELECT source, scope, announced_on, 'complete', max(route), max(expected), max(seen), max(why), max(at) "
        "FROM verdicts WHERE kind = 'complete' AND announced_on IS NOT NULL GROUP BY source, scope, announced_on"
    )
    op.create_table(
        "schedules",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("evenings_off", sa.JSON(), nullable=False),
        sa.Column("years", sa.JSON(), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("source", name="pk_schedules"),
    )
    op.drop_column("verdicts", "missed")
    op.add_column("checkpoints", sa.Column("harvest", sa.JSON(), nullable=True))
    op.add_column("host_leases", sa.Column("spent", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("host_leases", sa.Column("spent_on", sa.Date(), nullable=True))
    op.add_column("papers", sa.Column("report_number", sa.Text(), nullable=True))
    op.add_column("papers", sa.Column("licence", sa.Text(), nullable=True))
    op.add_column("papers", sa.Column("withdrawn", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("versions", sa.Column("submitted_at", INSTANT, nullable=True))
