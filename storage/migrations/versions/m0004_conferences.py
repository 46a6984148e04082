"""Titles that papers are joined by, posts that mention papers, pages of papers asked for, venues, feeds, events told later."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from crawler.venue_mentions import accepted_in
from storage.tags import row_key, tags_of_venues
from storage.titles import title_key

revision = "0004"
down_revision = "0003"

INSTANT = sa.DateTime(timezone=True)
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PIECE = 5_000


def upgrade() -> None:
    op.add_column("events", sa.Column("first_sequence", KEY, nullable=True))
    op.create_table(
        "titles",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("paper_id", KEY, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("key", "paper_id", name="pk_titles"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "mentions",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("scheme", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("posted_on", sa.Date(), nullable=True),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("source", "key", "scheme", "value", name="pk_mentions"),
    )
    op.create_index("ix_mentions_scheme_value", "mentions", ["scheme", "value"])
    op.create_table(
        "articles",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("source", "key", name="pk_articles"),
    )
    op.create_table(
        "venues",
        sa.Column("list", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("list", "key", name="pk_venues"),
    )
    op.create_table(
        "feeds",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_feeds"),
    )
    for rows in _accepted(op.get_bind()):
        op.get_bind().execute(_TAG, rows)
    op.execute("INSERT INTO counters (name, value) VALUES ('venues', 0)")
    _give_keys(op.get_bind())


_TAG = sa.text("INSERT INTO tags (paper_id, kind, key, value) VALUES (:paper_id, :kind, :key, :value) ON CONFLICT DO NOTHING")


def _accepted(connection: sa.Connection) -> Iterator[list[dict[str, Any]]]:
    """Yield the headings that the comments of the stored papers make, as recording them today would make them."""
    last = 0
    read = sa.text(
        "SELECT id, comment, journal_ref FROM papers WHERE id > :last AND (comment IS NOT NULL OR journal_ref IS NOT NULL) "
        "ORDER BY id LIMIT :piece"
    )
    while papers := connection.execute(read, {"last": last, "piece": PIECE}).all():
        last = papers[-1].id
        rows = [
            {"paper_id": paper.id, "kind": tag.kind, "key": key, "value": tag.value}
            for paper in papers
            for tag in tags_of_venues(accepted_in(paper.comment, paper.journal_ref))
            if (key := row_key(tag))
        ]
        if rows:
            yield rows


def _give_keys(connection: sa.Connection) -> None:
    """Give the stored papers the keys that recording their sightings today would give them."""
    last = 0
    row = sa.table("sightings", sa.column("id"), sa.column("paper_id"), sa.column("content", sa.JSON))
    read = sa.select(row.c.id, row.c.paper_id, row.c.content["title"].as_string().label("title")).order_by(row.c.id)
    write = sa.text("INSERT INTO titles (key, paper_id) VALUES (:key, :paper_id) ON CONFLICT DO NOTHING")
    while said := connection.execute(read.where(row.c.id > last).limit(PIECE)).all():
        last = said[-1].id
        titles = {(key, one.paper_id) for one in said if (key := title_key(one.title)) is not None}
        if titles:
            connection.execute(write, [{"key": key, "paper_id": paper_id} for key, paper_id in sorted(titles)])
