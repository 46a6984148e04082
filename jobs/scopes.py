"""What a source is asked for: the parts that the settings name, or, of proceedings, the editions whose time has come. Pure."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from crawler.source import Source
from crawler.venues import Catalogue, shipped
from jobs.editions import editions_of, volume_at

if TYPE_CHECKING:
    from jobs.tables import SourceSettings

#: How long before its usual month a programme is looked for, and how long after, where the settings name none.
_BEFORE: Final = timedelta(days=31)
_AFTER: Final = timedelta(days=120)


class Parts(NamedTuple):
    """The editions and volumes that a one-off crawl of one source is for."""

    editions: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()

    def scopes(self, source: Source) -> tuple[str, ...]:
        """Return what to ask the source for; SettingsError for what it has not."""
        return (*editions_of(source, self.editions), *(volume_at(source, text) for text in self.volumes))


def scopes_of(source: Source, settings: "SourceSettings", today: date) -> tuple[str, ...]:
    """Return what to ask the source for, each once; the whole of it, which has no name, where it has no parts.

    That may be nothing: of proceedings for which no edition is named, at a time when none is due.
    """
    parts = (*settings.categories, *editions_of(source, settings.editions), *settings.volumes)
    headings = (*(f"task:{name}" for name in settings.tasks), *(f"method:{name}" for name in settings.methods))
    named = tuple(dict.fromkeys((*parts, *headings)))
    if named or not source.venues:
        return named or ("",)
    return (*source.always, *due_editions(source.venues, today, shipped()))


def due_editions(venues: Iterable[str], today: date, catalogue: Catalogue) -> tuple[str, ...]:
    """Return the editions whose programme appears about now, by its usual month."""
    return tuple(sorted(_due(venues, today, catalogue)))


def _due(venues: Iterable[str], today: date, catalogue: Catalogue) -> Iterator[str]:
    for acronym in venues:
        venue = catalogue.find(acronym)
        if venue is None or venue.month is None:
            continue
        for year in range(today.year - 1, today.year + 2):
            month = date(year, venue.month, 1)
            if venue.is_held(year) and month - _BEFORE <= today <= month + _AFTER:
                yield f"{acronym}{year}"


def editions_since(source: Source, since: date, until: date, catalogue: Catalogue) -> tuple[str, ...]:
    """Return the editions of a source whose usual month lies between two days, that of the first one and the last included."""
    venues = ((acronym, catalogue.find(acronym)) for acronym in source.venues)
    months = (
        (date(year, venue.month, 1), acronym)
        for acronym, venue in venues
        if venue is not None and venue.month is not None
        for year in range(since.year, until.year + 1)
        if venue.is_held(year)
    )
    return tuple(f"{acronym}{month.year}" for month, acronym in sorted(months) if since.replace(day=1) <= month <= until)
