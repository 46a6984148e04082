"""Back-fills that are left to a daemon: split by date, and each part a run that is done, and begun again, by itself."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from crawler.errors import SettingsError
from crawler.report import Errand
from crawler.source import Source
from jobs.orders import orders
from jobs.scopes import Parts
from storage.planned import plan_again
from storage.runs import RunKey

if TYPE_CHECKING:
    from jobs.steps import Office

MOST_ATTEMPTS: Final = 12
"""A part that failed so often is given up, after more than a day; whoever wants it leaves it once more."""

_DAY: Final = timedelta(days=1)


def leave(office: "Office", names: Sequence[str], errand: Errand | Parts | None) -> list[RunKey]:
    """Write down the parts of a back-fill of the named sources, or of all that the settings turn on, and return them.

    A part that was left before is done once more. SettingsError when a source that is named has no past to be asked for, or
    the errand is none for a past.
    """
    if isinstance(errand, Parts) or errand is None or errand.since is None or errand.limit:
        raise SettingsError(["--later goes with --since alone or with --until, as in: crawl arxiv --since 2024-01-01 --later"])
    sources = [order.source for order in orders(office, names)]
    if unable := [source.name for source in sources if source.name in names and not _has_past(source)]:
        raise SettingsError([f"{name} cannot be asked for days gone by" for name in unable])
    today = office.clock().date()
    if errand.since > today:
        raise SettingsError([f"--since: {errand.since} is yet to come"])
    last = min(errand.until or today, today)
    able = [source for source in sources if _has_past(source)]
    keys = [RunKey("fill", source.name, part) for source in able for part in parts(source, errand.since, last)]
    with office.database.writing() as connection:
        plan_again(connection, keys, office.clock())
    return keys


def _has_past(source: Source) -> bool:
    return source.span is not None or bool(source.venues)


def parts(source: Source, since: date, until: date) -> Iterator[str]:
    """Split the days from `since` to `until`, both included, by months, or, of proceedings, by years: intervals of ISO 8601."""
    while since <= until:
        last = since.replace(month=12) if source.venues else since
        following = (last.replace(day=1) + timedelta(days=31)).replace(day=1)
        yield f"{since}/{min(until, following - _DAY)}"
        since = following


def span_of(period: str) -> tuple[date, date]:
    """Return the first and the last day of a part."""
    since, _, until = period.partition("/")
    return date.fromisoformat(since), date.fromisoformat(until)
