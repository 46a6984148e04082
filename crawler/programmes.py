"""When the programme of a conference should be there: once, about the month in which it usually appears. Pure."""

import re
from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, NamedTuple, Self

from crawler.calendar import Due
from crawler.sighting import Sighting
from crawler.source import Batch, Page
from crawler.venues import shipped

_EDITION: Final = re.compile(r"(?P<acronym>.*?[^\W\d])(?P<year>(?:19|20)\d\d)(?:[_ ](?P<part>[A-Za-z]+))?")
_DAY: Final = timedelta(days=1)

_LATE: Final = timedelta(days=60)
"""So long after its month a programme is said to be late; then its month may be another one, and it is looked for quietly."""

LOOKED_FOR: Final = timedelta(days=400)
"""So long after its month a programme is looked for that is not out, and after its first day one that is, for additions."""

HISTORY: Final = timedelta(days=365)
"""So long after its usual month a programme that is read for the first time is no news any more."""


class Edition(NamedTuple):
    """One edition of a venue, or a part of it (`workshops`, `workshop`, `findings`; empty: the main one)."""

    acronym: str
    year: int
    part: str = ""

    @classmethod
    def parse(cls, scope: str) -> "Edition | None":
        """Read an edition, its part in any case; None for what is none.

        >>> Edition.parse("CVPR2026_Findings"), Edition.parse("v235")
        (Edition(acronym='CVPR', year=2026, part='findings'), None)
        """
        match = _EDITION.fullmatch(scope)
        return cls(match["acronym"], int(match["year"]), (match["part"] or "").lower()) if match else None

    @property
    def name(self) -> str:
        """The edition without its part: CVPR2026."""
        return f"{self.acronym}{self.year}"


def without_history(page: Page, now: datetime) -> Page:
    """Return a page without the announcements of editions so old that to read of them for the first time is no news."""
    if not any(sighting.action for sighting in page.sightings):
        return page
    olds = {name for name in {_edition_of(one) for one in page.sightings} if Programmes(name).is_history(now)}
    kept = tuple(replace(one, action=None) if _edition_of(one) in olds else one for one in page.sightings) if olds else None
    return replace(page, sightings=kept) if kept else page


def without_known(page: Page, batch: Batch | None) -> Page:
    """Return a page of a list that never ends without the announcements of what was in it before; at first that is all."""
    keys = batch.keys if batch else frozenset(sighting.key for sighting in page.sightings)
    return replace(page, sightings=tuple(replace(one, action=None) if one.key in keys else one for one in page.sightings))


def _edition_of(sighting: Sighting) -> str:
    return next((tag.value for tag in sighting.tags if tag.kind == "venue"), "")


@dataclass(frozen=True, slots=True)
class Programmes:
    """The lists of editions, each of which appears once; of a scope that is no edition, nothing is expected."""

    scope: str = ""

    def of(self, scope: str) -> Self:
        """Return the calendar of one edition."""
        return replace(self, scope=scope)

    @property
    def month(self) -> date | None:
        """The first day of the month in which the programme usually appears; None where nobody knows."""
        edition = Edition.parse(self.scope)
        venue = shipped().find(edition.acronym) if edition else None
        if edition is None or venue is None or venue.month is None:
            return None
        return date(edition.year, venue.month, 1)

    def due(self, now: datetime) -> Due:
        """Return today once the usual month is just over, for then it should be there; and when it is looked for next."""
        today, ended = now.astimezone(UTC).date(), self._ended
        is_due = ended is not None and ended < today <= ended + _LATE
        return Due(today if is_due else None, datetime.combine(today + _DAY, time(), UTC))

    def given_up_on(self, now: datetime) -> date | None:
        """Return the day since which nobody expects the programme any more; None while somebody may."""
        ended = self._ended
        return ended + _LATE if ended and ended + _LATE < now.astimezone(UTC).date() else None

    @property
    def _ended(self) -> date | None:
        """The last day of the usual month."""
        month = self.month
        return month.replace(day=monthrange(month.year, month.month)[1]) if month else None

    def newest(self, now: datetime) -> date | None:
        """Return today: whenever the list is there for the first time, that is its day."""
        return now.astimezone(UTC).date()

    def is_history(self, now: datetime) -> bool:
        """Tell whether the programme is so old that to read it for the first time is no news."""
        edition, month = Edition.parse(self.scope), self.month
        if edition is None:
            return False
        return now.astimezone(UTC).date() - (month or date(edition.year, 7, 1)) > HISTORY

    def batches(self, after: date, before: date) -> tuple[date, ...]:
        """Return nothing: there are no earlier lists."""
        del after, before
        return ()

    def last_chance(self, now: datetime) -> datetime:
        """Return the beginning of the day (UTC): a list may appear on any."""
        return datetime.combine(now.astimezone(UTC).date(), time(), UTC)

    def without(self, evenings: frozenset[date]) -> Self:
        """Return this calendar: evenings off are arXiv's."""
        del evenings
        return self
