"""Two stored papers that turn out to be one: the older id lives on, and what was said, done and shown survives."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from crawler.appearances import same
from crawler.venues import plain
from storage.announcing import amended
from storage.bulk import insert_rows
from storage.counters import take
from storage.events import happening_of
from storage.links import move_links
from storage.models import AliasRow, DigestEventRow, EventRow, IdentifierRow, PaperRow, SightingRow, TitleRow, VersionRow
from storage.search import drop
from storage.tags import move_tags_and_counts
from storage.titles import title_key
from storage.upsert import insert_or_ignore
from storage.versions import save_versions, versions_of


def join_papers(connection: Connection, kept: int, gone: int) -> None:
    """Make the paper `gone` an alias of `kept`."""
    _move_titles(connection, kept, gone)
    for row in (IdentifierRow, SightingRow, AliasRow):
        connection.execute(update(row).where(row.paper_id == gone).values(paper_id=kept))
    _move_versions(connection, kept, gone)
    move_links(connection, kept, gone)
    move_tags_and_counts(connection, kept, gone)
    _move_events(connection, kept, gone)
    drop(connection, [gone])
    connection.execute(delete(PaperRow).where(PaperRow.id == gone))
    connection.execute(insert(AliasRow).values(id=gone, paper_id=kept))


def _move_titles(connection: Connection, kept: int, gone: int) -> None:
    """Move the keys of the titles, found by the sightings: a second index for so rare a question would cost every paper."""
    contents = connection.scalars(select(SightingRow.content).where(SightingRow.paper_id == gone))
    keys = {key for content in contents if (key := title_key(content["title"])) is not None}
    connection.execute(delete(TitleRow).where(TitleRow.key.in_(keys), TitleRow.paper_id == gone))
    insert_rows(connection, TitleRow, ("key", "paper_id"), [(key, kept) for key in sorted(keys)], "ON CONFLICT DO NOTHING")


def _move_versions(connection: Connection, kept: int, gone: int) -> None:
    theirs = versions_of(connection, [gone])
    save_versions(connection, {(kept, version): dates for (_, version), dates in theirs.items()})
    connection.execute(delete(VersionRow).where(VersionRow.paper_id == gone))


def _move_events(connection: Connection, kept: int, gone: int) -> None:
    """Move the events; of two that are the same one stays, and whoever was shown either was shown it.

    It takes the later number: a reader who has read past the earlier one, and found nothing in the words known then, meets
    the joined paper again. Nobody is shown it twice, for what was shown is remembered by paper.
    """
    happened = func.coalesce(EventRow.first_sequence, EventRow.sequence)
    of_both = select(EventRow.__table__).where(EventRow.paper_id.in_((kept, gone))).order_by(happened)
    _accept(connection, connection.execute(of_both).all())
    first: dict[tuple[str, str], Row[Any]] = {}
    for event in connection.execute(of_both).all():
        stays = first.setdefault((event.kind, event.key), event)
        if stays is not event:
            _replace_event(connection, stays, event)
    connection.execute(update(EventRow).where(EventRow.paper_id == gone).values(paper_id=kept))


def _accept(connection: Connection, events: Sequence[Row[Any]]) -> None:
    """Make an acceptance of the later of two announcements, where it is a programme's and the first one is not.

    So it would be, had the two papers been known for one from the beginning.
    """
    announced = [event for event in events if event.kind == "announced"]
    venue = announced[-1].detail.get("venue") if len(announced) > 1 else None
    if not venue or same(plain(str(announced[0].detail.get("venue", ""))), plain(venue)):
        return
    said = (event for event in events if event.kind == "accepted" and "said" in event.detail)
    told = {"told": True} if any(same(plain(venue), plain(event.detail["venue"])) for event in said) else {}
    now = {"kind": "accepted", "key": plain(venue), "detail": {**announced[-1].detail, **told}}
    # A number that nobody has read past: to whoever was shown the other one it is news.
    number = {"sequence": take(connection, "events", 1), "first_sequence": None}
    connection.execute(update(EventRow).where(EventRow.id == announced[-1].id).values(**now, **number))


def _replace_event(connection: Connection, stays: Row[Any], goes: Row[Any]) -> None:
    shown = connection.execute(select(DigestEventRow.__table__).where(DigestEventRow.event_id == goes.id)).mappings().all()
    if shown:
        rows = [{**row, "event_id": stays.id} for row in shown]
        connection.execute(insert_or_ignore(connection, DigestEventRow), rows)
    connection.execute(delete(DigestEventRow).where(DigestEventRow.event_id == goes.id))
    connection.execute(delete(EventRow).where(EventRow.id == goes.id))
    both = amended(happening_of(stays), happening_of(goes))
    number = {"sequence": max(stays.sequence, goes.sequence), "first_sequence": None}
    told = {"source": both.source, "on": both.on, "detail": dict(both.detail)}
    connection.execute(update(EventRow).where(EventRow.id == stays.id).values(**number, **told))
