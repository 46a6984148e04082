"""Two stored papers that turn out to be one: the older id lives on, and what was said, done and shown survives."""

from sqlalchemy import Connection, delete, insert, select, update

from storage.models import AliasRow, DigestEventRow, EventRow, IdentifierRow, PaperRow, SightingRow, VersionRow
from storage.search import drop
from storage.upsert import insert_or_ignore


def join_papers(connection: Connection, kept: int, gone: int) -> None:
    """Make the paper `gone` an alias of `kept`."""
    for row in (IdentifierRow, SightingRow, AliasRow):
        connection.execute(update(row).where(row.paper_id == gone).values(paper_id=kept))
    _move_versions(connection, kept, gone)
    _move_events(connection, kept, gone)
    drop(connection, [gone])
    connection.execute(delete(PaperRow).where(PaperRow.id == gone))
    connection.execute(insert(AliasRow).values(id=gone, paper_id=kept))


def _move_versions(connection: Connection, kept: int, gone: int) -> None:
    theirs = connection.execute(select(VersionRow.version, VersionRow.announced_on).where(VersionRow.paper_id == gone)).all()
    if theirs:
        rows = [{"paper_id": kept, "version": row.version, "announced_on": row.announced_on} for row in theirs]
        connection.execute(insert_or_ignore(connection, VersionRow), rows)
    connection.execute(delete(VersionRow).where(VersionRow.paper_id == gone))


def _move_events(connection: Connection, kept: int, gone: int) -> None:
    """Move the events; of two that are the same, the earlier one stays, and whoever was shown either was shown it."""
    events = connection.execute(
        select(EventRow.id, EventRow.paper_id, EventRow.kind, EventRow.key)
        .where(EventRow.paper_id.in_((kept, gone)))
        .order_by(EventRow.sequence)
    ).all()
    first: dict[tuple[str, str], int] = {}
    for event in events:
        stays = first.setdefault((event.kind, event.key), event.id)
        if stays != event.id:
            _replace_event(connection, stays, event.id)
    connection.execute(update(EventRow).where(EventRow.paper_id == gone).values(paper_id=kept))


def _replace_event(connection: Connection, stays: int, goes: int) -> None:
    shown = connection.execute(select(DigestEventRow).where(DigestEventRow.event_id == goes)).mappings().all()
    if shown:
        rows = [{**row, "event_id": stays} for row in shown]
        connection.execute(insert_or_ignore(connection, DigestEventRow), rows)
    connection.execute(delete(DigestEventRow).where(DigestEventRow.event_id == goes))
    connection.execute(delete(EventRow).where(EventRow.id == goes))
