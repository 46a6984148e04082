"""What a source is asked for: the parts that the settings name, or, of proceedings, the editions whose time has come. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from crawler.programmes import LOOKED_FOR
from crawler.source import Source
from crawler.venues import Catalogue, shipped
from jobs.editions import editions_of, volume_at

if TYPE_CHECKING:
    from jobs.tables import SourceSettings

_BEFORE: Final = timedelta(days=31)
"""So long before its usual month a programme is looked for, where the settings name none."""

_TOGETHER: Final = timedelta(days=60)
"""From its month on, a part is looked for so long although its edition has not been read; then it follows that."""

_FROM_WINTER: Final = 2
"""Up to this month the volume that a journal had last year may grow."""

_YEARS: Final = 3
"""The oldest edition that may still be looked for was that many years ago."""


class Parts(NamedTuple):
    """The editions and volumes that a one-off crawl of one source is for."""

    editions: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()

    def scopes(self, source: Source) -> tuple[str, ...]:
        """Return what to ask the source for; SettingsError for what it has not."""
        return (*editions_of(source, self.editions), *(volume_at(source, text) for text in self.volumes))


def scopes_of(source: Source, settings: "SourceSettings", today: date, read: Mapping[str, date]) -> tuple[str, ...]:
    """Return what to ask the source for, each once; the whole of it, which has no name, where it has no parts.

    That may be nothing: of proceedings for which no edition is named, at a time when none is due. `read` has the scopes that
    were read whole before, with the day of each.
    """
    parts = (*settings.categories, *editions_of(source, settings.editions), *settings.volumes)
    headings = (*(f"task:{name}" for name in settings.tasks), *(f"method:{name}" for name in settings.methods))
    named = tuple(dict.fromkeys((*parts, *headings)))
    if named or not source.venues:
        return named or ("",)
    return (*source.always, *sorted(_looked_for(source, today, read)), *_volumes_of(source, today))


def _looked_for(source: Source, today: date, read: Mapping[str, date]) -> Iterator[str]:
    """Yield the editions whose programme may appear now, is overdue, or was read not so long ago that nothing is added to it.

    One that was read for the first time when nobody expected it any more, as in a crawl for years gone by, is not looked at.
    """
    for month, edition, scope in _editions(source, range(today.year - _YEARS, today.year + 2), shipped()):
        if scope != edition and edition not in read and not month <= today <= month + _TOGETHER:
            continue
        last, read_on = month + LOOKED_FOR, read.get(scope)
        if month - _BEFORE <= today <= (read_on + LOOKED_FOR if read_on and read_on <= last else last):
            yield scope


def _volumes_of(source: Source, today: date) -> Iterator[str]:
    """Yield the volumes of journals that may grow now: that of the year, and for some weeks that of the year before."""
    for acronym in source.yearly:
        if today.month <= _FROM_WINTER:
            yield f"{acronym}{today.year - 1}"
        yield f"{acronym}{today.year}"


def _editions(source: Source, years: Iterable[int], catalogue: Catalogue) -> Iterator[tuple[date, str, str]]:
    """Yield the editions of these years that have a usual month, and their parts that come with them: month, edition, scope."""
    for acronym in source.venues:
        venue = catalogue.find(acronym)
        if venue is None or venue.month is None:
            continue
        parts = [part for part in source.parts if part.due]
        for year in filter(venue.is_held, years):
            month, edition = date(year, venue.month, 1), f"{acronym}{year}"
            yield month, edition, edition
            yield from ((month, edition, f"{edition}_{part.name}") for part in parts if part.is_of(acronym, year))


def editions_since(source: Source, since: date, until: date, catalogue: Catalogue) -> tuple[str, ...]:
    """Return the editions of a source whose usual month lies between two days, that of the first one and the last included.

    Of journals these are the volumes of all the years.
    """
    years = range(since.year, until.year + 1)
    found = sorted(one for one in _editions(source, years, catalogue) if since.replace(day=1) <= one[0] <= until)
    return (*(scope for _, _, scope in found), *(f"{acronym}{year}" for acronym in source.yearly for year in years))
