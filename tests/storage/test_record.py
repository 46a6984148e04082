"""Recording pages: what the store holds afterwards."""

from contextlib import closing
from datetime import date, timedelta
from itertools import permutations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.errors import StorageError
from crawler.identifiers import Identifier
from crawler.sighting import Author, Claim, Sighting, Tag
from crawler.source import Batch, Checkpoint, Page
from storage.candidates import Word
from storage.checkpoints import checkpoints
from storage.database import Database
from storage.ledger import Day, newest_day
from storage.paper import Paper, PaperRank
from storage.papers import Version, events, find, search, sightings, versions
from storage.record import open_sink
from storage.shown import Showing, save_shown, shown_papers
from tests.storage.factories import (
    MONDAY,
    NOON,
    TUESDAY,
    WEDNESDAY,
    checkpoint,
    emptied,
    look,
    page,
    rows,
    sighting,
    write,
)
from tests.storage.strategies import Story, pages, worlds
from tests.storage.strategies import sightings as any_sightings

DOI = Identifier("doi", "10.1000/1")
ARXIV = Identifier("arxiv", "2608.00001")

REUSED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=15)


def count(database: Database) -> dict[str, int]:
    with database.reading() as connection:
        return rows(connection)


def paper(database: Database, name: Identifier = ARXIV) -> Paper | None:
    with database.reading() as connection:
        return find(connection, name)


def happened(database: Database, name: Identifier = ARXIV) -> list[tuple[str, date | None]]:
    with database.reading() as connection:
        found = find(connection, name)
        assert found is not None
        return [(event.kind, event.on) for event in events(connection, found.id)]


def test_a_page_is_stored_with_every_field(database: Database) -> None:
    seen = sighting(
        title="Attention Is All You Need",
        authors=(Author("Ashish Vaswani", "Google Brain"), Author("Noam Shazeer")),
        identifiers=(ARXIV, DOI),
        categories=("cs.CL", "cs.LG"),
        comment="15 pages",
        journal_ref="NeurIPS 2017",
        version=1,
    )
    recorded = write(database, page(seen))
    assert (recorded.new, recorded.updated) == (1, 0)
    found = paper(database)
    assert found == Paper(
        id=found.id if found else 0,
        title="Attention Is All You Need",
        url=seen.url,
        authors=seen.authors,
        abstract=seen.abstract,
        identifiers=(ARXIV, DOI),
        categories=("cs.CL", "cs.LG"),
        comment="15 pages",
        journal_ref="NeurIPS 2017",
        version=1,
        tags=(Tag("venue", "NeurIPS2017"),),
        ranks=(PaperRank("ccf", "A", "NeurIPS2017"),),
        announced_on=MONDAY,
    )
    with database.reading() as connection:
        assert versions(connection, found.id) == [Version(1, MONDAY)]
        (event,) = events(connection, found.id)
        assert (event.kind, event.on, event.at, event.source) == ("announced", MONDAY, NOON, "arxiv")
        assert find(connection, DOI) == found
    assert (found.identifier("doi"), found.identifier("dblp")) == (DOI.value, None)


def test_an_empty_page_changes_nothing(database: Database) -> None:
    before = count(database)
    assert write(database, page()).new == 0
    assert count(database) == before


def test_the_same_page_again_changes_nothing(database: Database) -> None:
    seen = page(sighting("2608.00001"), sighting("2608.00002", version=1), sighting("2608.00003", action="replace"))
    write(database, seen)
    before, content = count(database), look(database)
    again = write(database, seen)
    assert (again.new, again.updated) == (0, 0)
    assert (count(database), look(database)) == (before, content)


def test_one_paper_in_two_scopes_of_a_page_is_one_paper(database: Database) -> None:
    assert write(database, page(sighting(), sighting(scope="cs.LG", action="cross"))).new == 1
    assert count(database) | {"papers": 1, "sightings": 1, "events": 1} == count(database)


@REUSED
@given(seen=any_sightings())
def test_a_sighting_survives_storage(database: Database, seen: Sighting) -> None:
    with emptied(database):
        write(database, page(seen))
    with database.reading() as connection:
        found = find(connection, seen.identifiers[0])
        assert found is not None
        assert [one.content() for one in sightings(connection, found.id)] == [seen.content()]


def test_two_routes_complete_each_other(database: Database) -> None:
    listed = sighting(comment="9 pages", action="replace", announced_on=TUESDAY)
    fed = sighting(identifiers=(ARXIV, DOI), version=2, action="replace", announced_on=TUESDAY)
    assert write(database, page(listed), page(fed)).new == 1
    found = paper(database)
    assert found is not None
    assert (found.comment, found.version, found.identifiers) == ("9 pages", 2, (ARXIV, DOI))
    with database.reading() as connection:
        (event,) = events(connection, found.id)
    assert (event.kind, event.detail) == ("revised", {"version": 2, "comment": "9 pages"})


def test_a_new_version_updates_the_fields_and_keeps_the_old_version(database: Database) -> None:
    write(database, page(sighting(version=1, comment="under review")))
    revised = sighting(version=2, title="A better title", action="replace", announced_on=WEDNESDAY)
    recorded = write(database, page(revised))
    assert (recorded.new, recorded.updated) == (0, 1)
    found = paper(database)
    assert found is not None
    assert (found.title, found.version, found.comment) == ("A better title", 2, "under review")
    with database.reading() as connection:
        assert versions(connection, found.id) == [Version(1, MONDAY), Version(2, WEDNESDAY)]
    assert happened(database) == [("announced", MONDAY), ("revised", WEDNESDAY)]


def test_a_catalogue_makes_no_events_and_knows_versions_without_days(database: Database) -> None:
    write(database, page(sighting(action=None, announced_on=None, version=3), kind="catalogue"))
    found = paper(database)
    assert found is not None
    assert happened(database) == []
    with database.reading() as connection:
        assert versions(connection, found.id) == [Version(3, None)]


def test_a_catalogue_before_the_announcement_swallows_nothing(database: Database) -> None:
    write(database, page(sighting(action=None, announced_on=None), kind="catalogue"), page(sighting()))
    assert happened(database) == [("announced", MONDAY)]
    assert count(database)["papers"] == 1


def test_an_announcement_without_a_known_action_makes_no_event(database: Database) -> None:
    write(database, page(sighting(action=None)))
    assert happened(database) == []


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_listing_feed_and_catalogue_make_one_event_of_each_kind(database: Database, order: tuple[int, ...]) -> None:
    catalogue = page(sighting(action=None, announced_on=None, version=2), kind="catalogue")
    routes = (
        [page(sighting(version=1)), page(sighting(action="replace", announced_on=TUESDAY, comment="v2"))],
        [page(sighting(version=1)), page(sighting(action="replace", announced_on=TUESDAY, version=2))],
        [catalogue],
    )
    write(database, *(one for place in order for one in routes[place]))
    assert happened(database) == [("announced", MONDAY), ("revised", TUESDAY)]


@REUSED
@given(world=worlds(), data=st.data())
def test_the_order_of_arrival_does_not_matter(database: Database, world: list[Story], data: st.DataObject) -> None:
    told = pages(world)
    with emptied(database):
        write(database, *told)
        expected = look(database)
    with emptied(database):
        for one in data.draw(st.permutations(told)):
            write(database, one)
        assert look(database) == expected


def late_joined(database: Database) -> tuple[Paper, Paper]:
    """Announce a paper under its arXiv id and under its DOI, show both, and return the two that the store takes them for."""
    printed = sighting("p1", source="publisher", identifiers=(DOI,), announced_on=TUESDAY, version=2, title="In print")
    write(database, page(sighting(version=1)), page(printed))
    older, younger = paper(database), paper(database, DOI)
    assert older is not None
    assert younger is not None
    with database.writing() as connection:
        shown = {one.paper_id: one.id for each in (older, younger) for one in events(connection, each.id)}
        save_shown(connection, "morning", "2026-08-12", [Showing(shown[older.id], "A"), Showing(shown[younger.id], "B")])
        save_shown(connection, "evening", "2026-08-12", [Showing(shown[younger.id], "C")])
    return older, younger


def test_a_late_sighting_joins_two_papers(database: Database) -> None:
    older, younger = late_joined(database)
    both = sighting("c1", source="catalogue", identifiers=(ARXIV, DOI), action=None, announced_on=None)
    write(database, page(both, kind="catalogue"))

    joined = paper(database)
    assert joined is not None
    assert joined.id == older.id
    assert joined.identifiers == (ARXIV, DOI)
    for name in (DOI, Identifier("paperlark", str(older.id)), Identifier("paperlark", str(younger.id))):
        assert paper(database, name) == joined
    assert happened(database) == [("announced", MONDAY)]
    with database.reading() as connection:
        assert versions(connection, joined.id) == [Version(1, MONDAY), Version(2, TUESDAY)]
        assert [found.id for found in search(connection, Word("engine"))] == [joined.id]
        assert len(sightings(connection, joined.id)) == 3
        assert shown_papers(connection, "morning", [joined.id]) == {joined.id}
        assert shown_papers(connection, "evening", [joined.id]) == {joined.id}
    assert count(database) | {"papers": 1, "paper_aliases": 1, "digest_events": 2} == count(database)


def test_what_was_joined_into_a_joined_paper_is_found(database: Database) -> None:
    names = [Identifier("doi", f"10.1000/{number}") for number in range(3)]
    for number, name in enumerate(names):
        write(database, page(sighting(f"p{number}", source="publisher", identifiers=(name,))))
    write(database, page(sighting("x", source="catalogue", identifiers=tuple(names[1:]), action=None), kind="catalogue"))
    write(database, page(sighting("y", source="catalogue", identifiers=tuple(names[:2]), action=None), kind="catalogue"))
    assert count(database)["papers"] == 1
    assert {found.id if (found := paper(database, Identifier("paperlark", str(n)))) else None for n in (1, 2, 3)} == {1}


@pytest.mark.parametrize("text", ["0", "99", "one", "-1", "９", "9" * 30, ""])
def test_a_number_no_paper_has_finds_nothing(database: Database, text: str) -> None:
    write(database, page(sighting()))
    assert paper(database, Identifier("paperlark", text)) is None


def test_joined_events_keep_the_earlier_day_and_every_detail(database: Database) -> None:
    """Whichever of the two was learned of first."""
    write(database, page(sighting("p1", source="publisher", identifiers=(DOI,), announced_on=TUESDAY)))
    write(database, page(sighting(version=1, announced_on=MONDAY)))
    write(database, page(sighting("c1", source="catalogue", identifiers=(ARXIV, DOI), action=None), kind="catalogue"))
    with database.reading() as connection:
        found = find(connection, ARXIV)
        assert found is not None
        (event,) = events(connection, found.id)
    assert (event.on, event.source, event.detail) == (MONDAY, "arxiv", {"version": 1})
    assert found.announced_on == MONDAY


def test_joined_versions_keep_the_earlier_day(database: Database) -> None:
    write(database, page(sighting("p1", source="publisher", identifiers=(DOI,), announced_on=WEDNESDAY, version=1)))
    write(database, page(sighting(version=1, announced_on=MONDAY)))
    write(database, page(sighting("c1", source="catalogue", identifiers=(ARXIV, DOI), action=None), kind="catalogue"))
    found = paper(database)
    assert found is not None
    with database.reading() as connection:
        assert versions(connection, found.id) == [Version(1, MONDAY)]


def test_two_arxiv_ids_that_share_a_doi_stay_two_papers(database: Database) -> None:
    other = Identifier("arxiv", "2608.00002")
    write(database, page(sighting(identifiers=(ARXIV, DOI))), page(sighting("2608.00002", identifiers=(other, DOI))))
    first, second = paper(database), paper(database, other)
    assert first is not None
    assert second is not None
    assert first.id != second.id
    write(database, page(sighting("c1", source="catalogue", identifiers=(DOI,), action=None), kind="catalogue"))
    assert count(database)["papers"] == 2


def test_a_later_cross_listing_is_an_event_that_names_the_category(database: Database) -> None:
    write(database, page(sighting()), page(sighting(scope="cs.LG", action="cross", announced_on=TUESDAY)))
    found = paper(database)
    assert found is not None
    with database.reading() as connection:
        first, second = events(connection, found.id)
    assert (first.kind, second.kind, second.on, second.detail["category"]) == ("announced", "cross-listed", TUESDAY, "cs.LG")


def test_a_page_of_thousands_of_papers_is_recorded(database: Database) -> None:
    many = page(*(sighting(f"2608.{number:05}") for number in range(1200)))
    assert write(database, many).new == 1200
    assert write(database, many).new == 0


def test_the_sink_writes_page_claims_and_checkpoint_together(store_url: str, database: Database) -> None:
    claims = (Claim(scope="cs.CV", section="new", announced_on=MONDAY, expected=1, seen=1),)
    with open_sink(store_url) as sink:
        assert sink(page(sighting(), claims=claims), checkpoint("2608.00001")).new == 1
    with database.reading() as connection:
        assert checkpoints(connection, "arxiv", ["cs.CV"]) == {"cs.CV": checkpoint("2608.00001")}
        assert newest_day(connection, "arxiv", "cs.CV") == Day(MONDAY, 1, 1)


def test_a_checkpoint_that_cannot_be_written_takes_its_page_with_it(store_url: str, database: Database) -> None:
    before = count(database)
    refused = Checkpoint(source="arxiv", scope=None, batch=Batch(announced_on=MONDAY, keys=frozenset()))  # type: ignore[arg-type] # the store refuses it
    with open_sink(store_url) as sink, pytest.raises(StorageError):
        sink(page(sighting(), claims=(Claim(scope="cs.CV", section="", announced_on=MONDAY, expected=1, seen=1),)), refused)
    assert count(database) == before


def test_the_sink_makes_the_store_it_is_given(empty_url: str) -> None:
    with open_sink(empty_url) as sink:
        sink(Page(kind="catalogue"), checkpoint("k", on=MONDAY + timedelta(1)))
    from storage.database import open_database

    with closing(open_database(empty_url)) as database, database.reading() as connection:
        assert checkpoints(connection, "arxiv", ["cs.CV", "cs.LG"])["cs.LG"] == Checkpoint(source="arxiv", scope="cs.LG")
