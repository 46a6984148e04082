"""Links to code with who said so, the tasks and venues that sources file papers under, and what they count."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from crawler.stated_links import stated_links

revision = "0003"
down_revision = "0002"

INSTANT = sa.DateTime(timezone=True)
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PIECE = 5_000


def upgrade() -> None:
    links = op.create_table(
        "links",
        sa.Column("paper_id", KEY, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("said_by", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("official", sa.Boolean(), nullable=True),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["paper_id"], ["papers.id"], name="fk_links_paper_id"),
        sa.PrimaryKeyConstraint("paper_id", "key", "said_by", name="pk_links"),
    )
    op.create_table(
        "tags",
        sa.Column("paper_id", KEY, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["paper_id"], ["papers.id"], name="fk_tags_paper_id"),
        sa.PrimaryKeyConstraint("paper_id", "kind", "key", name="pk_tags"),
    )
    op.create_index("ix_tags_kind_key", "tags", ["kind", "key"])
    op.create_table(
        "counts",
        sa.Column("paper_id", KEY, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("value", KEY, nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["paper_id"], ["papers.id"], name="fk_counts_paper_id"),
        sa.PrimaryKeyConstraint("paper_id", "name", "source", name="pk_counts"),
    )
    op.create_index("ix_counts_name_value", "counts", ["name", "value"])
    for rows in _stated(op.get_bind()):
        op.bulk_insert(links, rows)


def _stated(connection: sa.Connection) -> Iterator[list[dict[str, Any]]]:
    """Yield the links that the texts of the stored papers state, as recording them today would find them."""
    last = 0
    read = sa.text(
        "SELECT id, abstract, comment, (SELECT min(seen_at) FROM sightings WHERE paper_id = papers.id) AS seen_at "
        "FROM papers WHERE id > :last ORDER BY id LIMIT :piece"
    ).columns(seen_at=INSTANT)
    while papers := connection.execute(read, {"last": last, "piece": PIECE}).all():
        last = papers[-1].id
        found = {}
        for paper in papers:
            if paper.seen_at is None:  # nobody has ever said anything of it
                continue
            for link in (*stated_links(paper.abstract), *stated_links(paper.comment or "")):
                row = {"paper_id": paper.id, "key": link.key, "said_by": "authors", "url": link.url, "kind": link.kind}
                found[paper.id, link.key] = {**row, "official": True, "seen_at": paper.seen_at}
        if found:
            yield list(found.values())
