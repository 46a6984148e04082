"""What hosts told us, kept for the next process: robots.txt, the last request, the cool-down."""

from collections.abc import Iterable

from sqlalchemy import Connection, select

from crawler.report import HostState
from storage.upsert import upsert
from storage.work_models import HostLeaseRow


def hosts(connection: Connection) -> dict[str, HostState]:
    """Return what every host we ever asked told us."""
    rows = connection.execute(select(HostLeaseRow.__table__)).mappings()
    return {row["host"]: HostState(**row) for row in rows}


def save_hosts(connection: Connection, states: Iterable[HostState]) -> None:
    """Keep what hosts told us in a crawl."""
    columns = [column.name for column in HostLeaseRow.__table__.columns]
    rows = [{name: getattr(state, name) for name in columns} for state in states]
    if rows:
        connection.execute(upsert(connection, HostLeaseRow, set_=columns[1:]), rows)
