"""Papers of proceedings in the store: joined to their preprints in any order, accepted once, shown to whom it is new."""

from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from crawler.appearances import Place
from crawler.identifiers import Identifier
from crawler.links import Link
from crawler.sighting import Author, Sighting, Tag
from storage.candidates import AllOf, Everything, Tagged
from storage.database import Database
from storage.event import Event
from storage.events import announced_since, last_sequence, newest_batch
from storage.papers import events, find, search
from storage.shown import Showing, save_shown, shown_papers, updates_since
from storage.venues import catalogue
from tests.storage.factories import MONDAY, NOON, TUESDAY, look, page, sighting, write

TITLE = "Segmenting Looms without Any Labels"
LATER = datetime(2026, 8, 20, 9, tzinfo=UTC)
ARXIV = Identifier("arxiv", "2608.00001")
DOI = Identifier("doi", "10.1000/looms")
PREPRINT = sighting(title=TITLE)
SAID = sighting(title=TITLE, action="replace", version=2, announced_on=TUESDAY, comment="Accepted to CVPR 2026 (Oral)")


def listed(source: str = "cvf", track: str = "poster", **parts: Any) -> Sighting:
    known = {
        "source": source,
        "title": TITLE.lower(),
        "url": f"https://{source}.example.org/1",
        "authors": (Author("Charles Babbage"), Author("A. Lovelace")),
        "abstract": "",
        "identifiers": (Identifier(source, "k"),),
        "categories": (),
        "announced_on": None,
        "seen_at": LATER,
        "tags": (Tag("venue", "CVPR2026"), Tag("track", track)),
    }
    return sighting(**{"key": "k", **known, **parts})


def happened(database: Database) -> list[Event]:
    with database.reading() as connection:
        paper = find(connection, ARXIV)
        assert paper is not None
        return events(connection, paper.id)


def kinds(database: Database) -> list[str]:
    return [event.kind for event in happened(database)]


def test_a_preprint_and_its_place_in_the_proceedings_are_one_paper_in_any_order(database: Database) -> None:
    said = [page(PREPRINT), page(listed()), page(listed("virtual", "oral"))]
    believed = []
    for order in permutations(said):
        with database.writing() as connection:
            for table in ("events", "tags", "versions", "links", "counts", "sightings", "identifiers", "titles"):
                connection.exec_driver_sql(f"DELETE FROM {table}")
            connection.exec_driver_sql("DELETE FROM paper_aliases")
            connection.exec_driver_sql("DELETE FROM papers")
            connection.exec_driver_sql("DELETE FROM paper_search")
        write(database, *order)
        believed.append(look(database)[0][0])
        with database.reading() as connection:
            (paper,) = search(connection, Tagged("venue", "\ncvpr2026\n"))
        assert paper.tagged("track") == ("oral", "poster")
        assert (paper.title, paper.abstract, paper.categories) == (TITLE, PREPRINT.abstract, ("cs.CV",))
        assert paper.ranks[0][:2] == ("ccf", "A")
    assert believed == believed[:1] * 6


def test_an_acceptance_survives_that_the_paper_is_known_late(database: Database) -> None:
    printed = listed(title="Looms, as the Programme Calls Them", identifiers=(DOI,))
    write(database, page(PREPRINT), page(printed))
    with database.writing() as connection:
        (announced, at_cvpr) = announced_since(connection, 0)
        save_shown(connection, "arxiv", "2026-08-11", [Showing(announced.id, "Looms")])
        save_shown(connection, "both", "2026-08-11", [Showing(announced.id, "Looms"), Showing(at_cvpr.id, "Looms")])
        read = last_sequence(connection)
    write(database, page(sighting(title=TITLE, identifiers=(ARXIV, DOI), announced_on=TUESDAY)))
    first, accepted = happened(database)
    assert (first.kind, dict(first.detail)) == ("announced", {})
    assert (accepted.kind, dict(accepted.detail)) == ("accepted", {"venue": "CVPR2026", "track": "poster"})
    write(database, page(listed("virtual", "oral", title=printed.title)))
    accepted = happened(database)[1]
    assert accepted.detail["track"] == "oral"
    with database.reading() as connection:
        assert [event.kind for event, _ in updates_since(connection, "arxiv", read)] == ["accepted", "raised"]
        assert [event.kind for event, _ in updates_since(connection, "both", read)] == ["raised"]


def test_a_preprint_is_accepted_once_whatever_lists_it(database: Database) -> None:
    write(database, page(PREPRINT), page(listed()), page(listed("virtual", "oral", seen_at=LATER + timedelta(days=3))))
    assert kinds(database) == ["announced", "accepted", "raised"]
    write(database, page(listed()), page(listed(seen_at=LATER + timedelta(days=9))))
    _, accepted, raised = happened(database)
    assert (raised.on, raised.source, raised.detail) == (date(2026, 8, 23), "virtual", {"venue": "CVPR2026", "track": "oral"})
    assert (accepted.on, accepted.source) == (LATER.date(), "cvf")
    assert accepted.detail == {"venue": "CVPR2026", "track": "oral"}


def test_a_programme_brings_its_papers_to_whoever_was_not_shown_them(database: Database) -> None:
    write(database, page(PREPRINT), page(listed()))
    announced, accepted = happened(database)
    with database.writing() as connection:
        assert [event.id for event in announced_since(connection, announced.sequence)] == [accepted.id]
        assert [event.id for event in newest_batch(connection, "cvf")] == [accepted.id]
        assert updates_since(connection, "morning", announced.sequence) == []
        save_shown(connection, "morning", "2026-08-10", [Showing(announced.id, "Looms")])
    with database.reading() as connection:
        assert updates_since(connection, "morning", announced.sequence) == [(accepted, MONDAY)]


def test_the_authors_word_is_an_update_and_no_announcement(database: Database) -> None:
    write(database, page(PREPRINT), page(SAID))
    announced, revised, said = happened(database)
    assert (revised.kind, said.kind, said.detail["said"]) == ("revised", "accepted", "authors")
    write(database, page(listed()))
    with database.writing() as connection:
        save_shown(connection, "morning", "2026-08-10", [Showing(announced.id, "Looms")])
    with database.reading() as connection:
        assert [event.kind for event in announced_since(connection, announced.sequence)] == ["accepted"]
        told = [event.detail for event, _ in updates_since(connection, "morning", announced.sequence)]
    assert told[:2] == [{"version": 2, "comment": "Accepted to CVPR 2026 (Oral)"}, dict(said.detail)]
    # That the programme tells it as well is a number, and no news.
    assert told[2:] == [{"venue": "CVPR2026", "track": "poster", "told": True}]


def test_what_authors_said_from_the_beginning_is_no_news(database: Database) -> None:
    write(database, page(sighting(title=TITLE, comment="Accepted to CVPR 2026")), page(SAID))
    assert kinds(database) == ["announced", "revised"]


@pytest.mark.parametrize(
    ("comment", "track", "new"),
    [
        ("Accepted to CVPR 2026", "poster", ["accepted"]),
        ("Accepted to CVPR 2026", "oral", ["accepted", "raised"]),
        ("Accepted to CVPR 2026 (Oral)", "oral", ["accepted"]),
        ("Accepted to CVPR", "poster", ["accepted"]),
    ],
)
def test_a_programme_repeats_nothing_that_the_first_comment_said(
    database: Database, comment: str, track: str, new: list[str]
) -> None:
    write(database, page(sighting(title=TITLE, comment=comment)))
    for day in range(2):
        write(database, page(listed(track=track, seen_at=LATER + timedelta(days=day))))
    announced, accepted, *others = happened(database)
    assert [accepted.kind, *(one.kind for one in others)] == new
    assert accepted.detail == {"venue": "CVPR2026", "track": track, "told": True}
    with database.reading() as connection:
        # Whoever was not shown the paper meets it now.
        assert [event.id for event in announced_since(connection, announced.sequence)] == [accepted.id]


def test_the_reference_of_a_programme_is_not_the_authors_word(database: Database) -> None:
    write(database, page(sighting(title=TITLE, comment="Accepted to ICML 2026")))
    write(database, page(listed(journal_ref="Conference on Computer Vision and Pattern Recognition (CVPR), 2026")))
    assert happened(database)[1].detail == {"venue": "CVPR2026", "track": "poster"}


def test_an_archive_makes_no_news_of_an_acceptance(database: Database) -> None:
    write(database, page(PREPRINT), page(SAID, kind="archive"))
    assert kinds(database) == ["announced"]
    with database.reading() as connection:
        assert next(iter(search(connection, Tagged("venue", "\ncvpr2026\n")))).identifier("arxiv") == ARXIV.value


@pytest.mark.parametrize("other", [listed(authors=(Author("Mary Somerville"),)), listed(title="Segmenting Looms with Labels")])
def test_strangers_of_the_same_title_stay_two_papers(database: Database, other: Sighting) -> None:
    assert write(database, page(PREPRINT), page(other)).new == 2


def test_a_title_that_changes_finds_its_paper(database: Database) -> None:
    write(database, page(sighting(title="A Working Title of Looms")), page(listed()))
    renamed = sighting(title=TITLE, version=2, action="replace", announced_on=TUESDAY, seen_at=NOON)
    assert write(database, page(renamed)).new == 0
    with database.reading() as connection:
        paper = find(connection, ARXIV)
        assert paper is not None
        assert paper.tagged("venue") == ("CVPR2026",)
        assert catalogue(connection).find("CVPR") is not None


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_list_that_keeps_the_old_title_finds_its_paper_in_any_order(database: Database, order: tuple[int, ...]) -> None:
    first = page(sighting(title=TITLE))
    renamed = page(sighting(title="Looms without Any Labels, Segmented", version=2, action="replace", announced_on=TUESDAY))
    said = [first, renamed, page(listed())]
    write(database, *(said[place] for place in order))
    with database.reading() as connection:
        (paper,) = search(connection, Everything())
    assert (paper.title, paper.tagged("venue")) == ("Looms without Any Labels, Segmented", ("CVPR2026",))


def test_a_paper_that_was_joined_is_found_by_the_title_of_either(database: Database) -> None:
    other = sighting("p", source="publisher", title="Quite Another Name for Looms", identifiers=(DOI,))
    write(database, page(PREPRINT), page(other), page(sighting(title=TITLE, identifiers=(ARXIV, DOI))))
    assert write(database, page(listed(title=other.title))).new == 0


def told(database: Database) -> list[str]:
    with database.reading() as connection:
        return [event.kind for event in announced_since(connection, last_sequence(connection) - 1)]


def test_an_abstract_that_comes_later_brings_the_paper_once_more_to_whoever_was_not_shown_it(database: Database) -> None:
    write(database, page(listed(title="Looms Revisited in Full Generality")), page(sighting("2608.00009")))
    assert told(database) == ["announced"]
    with database.writing() as connection:
        before = last_sequence(connection)
        (announced,) = announced_since(connection, 0)[:1]
        save_shown(connection, "shown", "2026-08-20", [Showing(announced.id, "Looms")])
    article = listed(title="Looms Revisited in Full Generality", abstract="On engines.", action=None)
    write(database, page(article, kind="catalogue"), page(article, kind="catalogue"))
    with database.reading() as connection:
        assert [event.id for event in announced_since(connection, before)] == [announced.id]
        assert shown_papers(connection, "shown", [announced.paper_id]) == {announced.paper_id}
        assert updates_since(connection, "shown", before) == []


def test_a_paper_that_arxiv_describes_later_is_brought_to_whoever_found_nothing_in_its_title(database: Database) -> None:
    write(database, page(listed()))
    with database.reading() as connection:
        before = last_sequence(connection)
    write(database, page(PREPRINT))
    with database.reading() as connection:
        assert [event.kind for event in announced_since(connection, before)] == ["announced"]


def test_an_acceptance_that_was_shown_is_no_update_again_when_an_abstract_comes(database: Database) -> None:
    write(database, page(sighting(title=TITLE, abstract="")), page(listed()))
    announced, accepted = happened(database)
    with database.writing() as connection:
        save_shown(connection, "morning", "2026-08-10", [Showing(announced.id, "Looms")])
        save_shown(connection, "morning", "2026-08-20", [Showing(accepted.id, "")])
        before = last_sequence(connection)
    write(database, page(listed(abstract="On engines.", action=None), kind="catalogue"))
    with database.reading() as connection:
        assert len(announced_since(connection, before)) == 2
        assert updates_since(connection, "morning", before) == []


def test_an_acceptance_that_was_read_past_is_not_told_when_an_abstract_comes(database: Database) -> None:
    write(database, page(sighting(title=TITLE, abstract="")), page(listed()))
    announced, accepted = happened(database)
    with database.writing() as connection:
        # The newest batch had both, and the paper is shown once, with the label that says where it is accepted.
        save_shown(connection, "new", "2026-08-20", [Showing(announced.id, "Looms")])
        save_shown(connection, "weekly", "2026-08-10", [Showing(announced.id, "Looms")])
        before = last_sequence(connection)
    for abstract in ("On engines.", "On engines and looms."):
        write(database, page(listed(abstract=abstract, action=None), kind="catalogue"))
    with database.reading() as connection:
        assert len(announced_since(connection, before)) == 2
        assert updates_since(connection, "new", before) == []
        assert [event.id for event, _ in updates_since(connection, "weekly", announced.sequence)] == [accepted.id]


def test_what_an_archive_describes_is_not_brought_again(database: Database) -> None:
    write(database, page(listed()))
    with database.reading() as connection:
        before = last_sequence(connection)
    write(database, page(sighting(title=TITLE), kind="archive"))
    with database.reading() as connection:
        assert announced_since(connection, before) == []


def test_a_track_stays_with_its_venue(database: Database) -> None:
    workshop = listed("virtual", "oral", tags=(Tag("venue", "NeurIPS2025 workshop"), Tag("track", "oral")))
    said = sighting(title=TITLE, comment="ICLR 2026 (spotlight)")
    write(database, page(said), page(listed()), page(workshop))
    with database.reading() as connection:
        (paper,) = search(connection, AllOf((Tagged("venue", "\ncvpr2026\n"), Tagged("track", "\noral\n"))))
    assert paper.places == (
        Place("CVPR2026", ("poster",)),
        Place("ICLR2026", ("spotlight",)),
        Place("NeurIPS2025 workshop", ("oral",)),
    )
    assert Tag("track", "oral", "NeurIPS2025 workshop") in paper.tags
    with database.reading() as connection:
        assert list(search(connection, Tagged("track", "\nor")))
        assert not list(search(connection, Tagged("track", "\npost\n")))


@pytest.mark.parametrize("abstract", ["On looms.", ""])
def test_which_came_first_is_not_forgotten_when_an_abstract_gives_it_a_later_number(database: Database, abstract: str) -> None:
    """A workshop's paper that was shown is told of its conference, whether or not arXiv described it in between."""
    forum, later = Identifier("openreview", "o1"), "Looms without Any Labels, Segmented"
    write(database, page(listed(tags=(Tag("venue", "CVPR2026 workshop"),))))
    with database.writing() as connection:
        (shown,) = announced_since(connection, 0)
        save_shown(connection, "morning", "2026-08-11", [Showing(shown.id, "Looms")])
    at_icml = listed("pmlr", title=later, identifiers=(forum,), tags=(Tag("venue", "ICML2026"),), key="p")
    write(database, page(at_icml), page(sighting(title=TITLE, abstract=abstract)))
    with database.reading() as connection:
        read = last_sequence(connection)
    renamed = sighting(title=later, version=2, action="replace", announced_on=TUESDAY, abstract=abstract)
    write(database, page(renamed))
    with database.reading() as connection:
        updates = [(event.kind, event.detail.get("venue")) for event, _ in updates_since(connection, "morning", read)]
    assert ("accepted", "ICML2026") in updates
    assert ("accepted", "CVPR2026 workshop") not in updates


def test_an_abstract_that_comes_a_year_later_brings_nothing_to_anybody(database: Database) -> None:
    before = datetime(2025, 8, 10, tzinfo=UTC)
    write(database, page(sighting(title=TITLE, abstract="", seen_at=before, announced_on=before.date())))
    with database.reading() as connection:
        read = last_sequence(connection)
    write(database, page(sighting(title=TITLE, action=None), kind="catalogue"))
    with database.reading() as connection:
        assert announced_since(connection, read) == []


def test_code_that_was_told_of_half_a_paper_is_told_once_of_the_whole(database: Database) -> None:
    code = Link("https://github.com/a/loom", "code", official=True)
    printed = listed(title="Looms, as the Programme Calls Them", identifiers=(DOI,))
    write(database, page(PREPRINT), page(printed))
    with database.writing() as connection:
        announced = announced_since(connection, 0)
        save_shown(connection, "morning", "2026-08-11", [Showing(event.id, "Looms") for event in announced])
        read = last_sequence(connection)
    write(database, page(sighting(title=TITLE, links=(code,), action=None), kind="catalogue"))
    with database.writing() as connection:
        ((told, _),) = updates_since(connection, "morning", read)
        save_shown(connection, "morning", "2026-08-12", [Showing(told.id, "")])
        read = last_sequence(connection)
    write(database, page(listed(title=printed.title, identifiers=(DOI,), links=(code,), action=None), kind="catalogue"))
    write(database, page(sighting(title=TITLE, identifiers=(ARXIV, DOI), action=None), kind="catalogue"))
    with database.reading() as connection:
        assert updates_since(connection, "morning", read) == []
