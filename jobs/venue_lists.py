"""The venues that are known, the published lists of them, and ranks that the user brings along."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from crawler.errors import ReadError, SettingsError
from crawler.report import Errand, Look
from crawler.text import clean
from crawler.venue_lists import LISTS, PLACE, SOURCE
from crawler.venues import Catalogue, Rank, Venue
from jobs.crawling import crawl_source
from jobs.planning import Order
from jobs.rank_files import BadRow, RankFile, RankRow, read_ranks
from storage.venues import OWN, KnownList, catalogue, forget_venues, lists, save_venues

if TYPE_CHECKING:
    from jobs.steps import Office

_MOST_BYTES: Final = 32 * 1024 * 1024
"""What a file has beyond it is not looked at; no list of venues is so long."""
_JOURNAL_WORDS: Final = ("journal", "transactions", "letters", "magazine", "学报")


class KnownVenues(NamedTuple):
    """The catalogue, and the lists that were brought into the store beside what ships."""

    catalogue: Catalogue
    lists: list[KnownList]


def known_venues(office: "Office") -> KnownVenues:
    """Return the venues that are known."""
    with office.database.reading() as connection:
        return KnownVenues(catalogue(connection), lists(connection))


def chosen(known: Catalogue, rank: str, text: str, year: int) -> list[Venue]:
    """Return the venues of a rank by CCF in that year, one of whose names holds the text, by acronym; empty: whichever."""
    wanted = text.casefold()
    exact = known.find(text) if text else None
    found = (
        venue
        for venue in known.venues
        if (not rank or venue.rank("ccf", year) == rank)
        and (venue is exact or any(wanted in name.casefold() for name in venue.spellings))
    )
    return sorted(found, key=lambda venue: (venue.acronym.casefold(), venue.name))


def update_lists(office: "Office") -> list[Look]:
    """Bring the published lists into the store; a look for each, whose new and changed are venues."""
    order = Order(
        source=SOURCE,
        place=PLACE,
        scopes=LISTS,
        contact=office.settings.contact,
        mirror=office.mirror,
        errand=Errand(keys=("venues",)),
    )
    return crawl_source(office.database, office.settings.database_url, order, office.clock, lambda _progress: None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedRanks:
    """What came of a file of ranks: the lists in it, the rows of venues that were known and of new ones, and bad rows."""

    file: str
    since: date
    schemes: tuple[str, ...]
    matched: int
    new: int
    bad: tuple[BadRow, ...]


def import_ranks(office: "Office", path: Path, since: date | None) -> ImportedRanks:
    """Take in a file of ranks: each list in it holds from `since` on, in place of what the list said of those days.

    Without `since` it takes the place of all that the list ever said. Raises SettingsError for a file that is none.
    """
    told = _read(path)
    on = since or office.clock().date()
    with office.database.writing() as connection:
        known = _Known(catalogue(connection))
        rows, bad = known.rows(told)
        for scheme in told.schemes:
            venues = [_ranked(venue, scheme, on, row) for row, venue, _ in rows if scheme in row.ranks]
            if venues and since is None:
                forget_venues(connection, OWN + scheme)
            if venues:
                save_venues(connection, OWN + scheme, venues)
    return ImportedRanks(
        file=path.name,
        since=on,
        schemes=tuple(scheme for scheme in told.schemes if any(scheme in row.ranks for row, _, _ in rows)),
        matched=sum(is_known for _, _, is_known in rows),
        new=sum(not is_known for _, _, is_known in rows),
        bad=tuple(sorted((*told.bad, *bad))),
    )


def _read(path: Path) -> RankFile:
    try:
        with path.open("rb") as file:
            return read_ranks(file.read(_MOST_BYTES))
    except ReadError as error:
        raise SettingsError([f"{clean(str(path))}: {error.about[0]}"]) from None
    except OSError as error:
        raise SettingsError([f"{clean(str(path))}: {error.strerror or 'it cannot be read'}"]) from None


def _ranked(venue: Venue, scheme: str, on: date, row: RankRow) -> Venue:
    """Return a venue as a list of the user's own tells of it: by what it is found again, and with one rank."""
    return Venue(
        acronym=venue.acronym,
        name=venue.name,
        kind=venue.kind,
        names=tuple(name for name in row.names if name not in (venue.acronym, venue.name)),
        dblp=venue.dblp,
        issn=venue.issn or row.issn,
        ranks=(Rank(scheme, on, row.ranks[scheme]),),
    )


class _Known:
    """The venues by their names and ISSNs, those of the file as it goes on among them."""

    def __init__(self, known: Catalogue) -> None:
        self._known = known
        self._issn: Mapping[str, Venue] = {issn: venue for venue in known.venues for issn in venue.issn}

    def rows(self, told: RankFile) -> tuple[list[tuple[RankRow, Venue, bool]], list[BadRow]]:
        """Return the rows that give ranks, each with its venue and whether that was known before; and bad rows."""
        found: dict[Venue, tuple[RankRow, Venue, bool]] = {}
        bad = []
        for row in told.rows:
            known = self._find(row)
            if known is None and not row.names:
                bad.append(BadRow(row.line, f"no venue with the ISSN {row.issn[0]} is known"))
            elif row.ranks:
                venue = known or _new(row, journals=told.journals)
                first = found.setdefault(venue, (row, venue, known is not None))[0]
                if first.ranks != row.ranks:
                    bad.append(BadRow(row.line, f"{venue.acronym} stands in line {first.line} with another rank"))
        return list(found.values()), bad

    def _find(self, row: RankRow) -> Venue | None:
        return next(self._all(row), None)

    def _all(self, row: RankRow) -> Iterator[Venue]:
        yield from (self._issn[issn] for issn in row.issn if issn in self._issn)
        yield from (venue for name in row.names if (venue := self._known.find(name)))


def _new(row: RankRow, *, journals: bool) -> Venue:
    acronym, name = min(row.names, key=len), max(row.names, key=len)
    is_journal = journals or any(word in name.casefold() for word in _JOURNAL_WORDS)
    return Venue(acronym=acronym, name=name, kind="journal" if is_journal else "conference", issn=row.issn)
