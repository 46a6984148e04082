"""Which papers of proceedings have a page of their own that may tell what their list has left out."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, exists, func, select

from storage.models import PaperRow, SightingRow
from storage.upsert import upsert
from storage.work_models import ArticleRow


class Article(NamedTuple):
    """The page of a paper, and the source's own key for the paper."""

    key: str
    url: str


def articles_to_read(connection: Connection, source: str, since: datetime, limit: int) -> list[Article]:
    """Return pages of papers of a source that have no abstract, the newest first; not those asked for `since` then."""
    row, asked = SightingRow, ArticleRow
    was_asked = exists().where(asked.source == row.source, asked.key == row.key, asked.asked_at >= since)
    newest = func.max(row.id).label("id")
    keys = (
        select(newest)
        .join(PaperRow, PaperRow.id == row.paper_id)
        .where(row.source == source, PaperRow.abstract == "", ~was_asked)
        .group_by(row.key)
        .order_by(newest.desc())
        .limit(limit)
    )
    rows = connection.execute(select(row.key, row.content).where(row.id.in_(keys)).order_by(row.id.desc()))
    return [Article(key, content["url"]) for key, content in rows]


def save_asked(connection: Connection, source: str, keys: Iterable[str], at: datetime) -> None:
    """Note that pages were asked for."""
    rows = [{"source": source, "key": key, "asked_at": at} for key in dict.fromkeys(keys)]
    if rows:
        connection.execute(upsert(connection, ArticleRow, set_=("asked_at",)), rows)
