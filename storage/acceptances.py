"""Where the authors of papers have said that these are accepted, before any programme tells it."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, select

from crawler.appearances import Appearance, stated
from crawler.sighting import Sighting
from crawler.venue_mentions import accepted_in
from storage.announcing import EventKey, Happening, appearance_of
from storage.chunks import chunks
from storage.models import PaperRow


def accepted_by_authors(
    connection: Connection, said: Sequence[tuple[int, Sighting]], stored: Mapping[EventKey, Happening]
) -> dict[int, list[Appearance]]:
    """Return where papers that a programme has for the first time are accepted, by what was kept of their authors' words."""
    listed = {paper_id: sighting for paper_id, sighting in said if _is_first_listed(paper_id, sighting, stored)}
    row, found = PaperRow, {}
    for some in chunks(sorted(listed)):
        for paper_id, comment, reference in connection.execute(
            select(row.id, row.comment, row.journal_ref).where(row.id.in_(some))
        ):
            # A reference that the programme itself gives is not its authors' word.
            theirs = None if reference == listed[paper_id].journal_ref else reference
            found[paper_id] = [appearance_of(one) for one in accepted_in(comment, theirs)]
    return found


def _is_first_listed(paper_id: int, sighting: Sighting, stored: Mapping[EventKey, Happening]) -> bool:
    """Tell whether a sighting is the first of a paper announced before that lists it at its place."""
    place = stated(sighting) if sighting.action else None
    first = stored.get((paper_id, "announced", ""))
    if place is None or first is None:
        return False
    return first.detail.get("venue") != place.venue and (paper_id, "accepted", place.key) not in stored
