"""Links of papers: who says so, what is news, to whom, and what survives when two papers turn out to be one."""

from datetime import timedelta
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.identifiers import Identifier
from crawler.links import Link
from crawler.sighting import Count, Sighting, Tag
from storage.database import Database
from storage.paper import Paper, tag_key
from storage.papers import events, find
from tests.storage.factories import MONDAY, NOON, TUESDAY, emptied, page, rows, sighting, write

ARXIV = Identifier("arxiv", "2608.00001")
NET = Link("https://github.com/me/net", "code")
OTHER = Link("https://github.com/other/net", "code", official=False)
LATER = NOON + timedelta(days=3)


def listed(source: str = "list", **parts: Any) -> Sighting:
    """Describe the paper as a list of other places' papers does."""
    known: dict[str, Any] = {
        "source": source,
        "action": None,
        "announced_on": None,
        "scope": "daily",
        "second_hand": True,
        "seen_at": LATER,
    }
    return sighting(**{**known, **parts})


def known(database: Database) -> Paper:
    with database.reading() as connection:
        found = find(connection, ARXIV)
    assert found is not None
    return found


def happened(database: Database, kind: str = "code") -> list[dict[str, object]]:
    with database.reading() as connection:
        paper = find(connection, ARXIV)
        assert paper is not None
        return [{"on": one.on, "source": one.source, **one.detail} for one in events(connection, paper.id) if one.kind == kind]


def test_what_authors_state_is_a_link_from_the_first_day_and_no_news(database: Database) -> None:
    write(
        database, page(sighting(abstract="Code: https://github.com/me/net.", comment="Project page: https://me.github.io/net"))
    )
    paper = known(database)
    assert [(link.url, link.kind, link.official, link.said_by, link.seen_at) for link in paper.links] == [
        ("https://github.com/me/net", "code", True, ("authors",), NOON),
        ("https://me.github.io/net", "page", True, ("authors",), NOON),
    ]
    assert paper.code == paper.links[:1]
    assert paper.project_page == paper.links[1]
    assert happened(database) == []


def test_a_link_that_appears_is_news_once_whoever_says_it_next(database: Database) -> None:
    write(database, page(sighting()), page(listed(links=(NET,)), kind="catalogue"))
    told = [{"on": LATER.date(), "source": "list", "url": NET.url, "said": "list"}]
    assert happened(database) == told
    write(
        database,
        page(listed("other list", links=(NET._replace(url="https://github.com/Me/NET"),)), kind="catalogue"),
        page(sighting(abstract=f"Code: {NET.url}", action="replace", announced_on=TUESDAY)),
        page(listed(links=(NET,), title="Again"), kind="catalogue"),
    )
    assert happened(database) == told
    (link,) = known(database).links
    assert link.url == NET.url
    assert link.said_by == ("authors", "list", "other list")
    assert link.official


def test_each_of_two_repositories_is_news_and_a_page_is_none(database: Database) -> None:
    web = Link("https://me.github.io/net", "page")
    write(database, page(sighting()), page(listed(links=(NET, OTHER, web)), kind="catalogue"))
    assert sorted(str(one["url"]) for one in happened(database)) == [NET.url, OTHER.url]
    assert [link.kind for link in known(database).links] == ["code", "code", "page"]


def test_what_is_known_before_the_announcement_is_shown_with_it(database: Database) -> None:
    write(database, page(listed(links=(NET,)), kind="catalogue"), page(sighting()))
    assert happened(database) == []
    assert [link.url for link in known(database).code] == [NET.url]


def test_the_page_that_announces_a_paper_has_no_late_link(database: Database) -> None:
    write(database, page(sighting(), listed(links=(NET,))))
    assert happened(database) == []


def test_an_archive_is_news_of_nothing(database: Database) -> None:
    write(database, page(sighting()), page(listed(links=(NET,), withdrawn=True), kind="archive"))
    assert happened(database) == happened(database, "withdrawn") == []
    assert [link.url for link in known(database).code] == [NET.url]


def test_a_list_does_not_describe_a_paper_better_than_its_own_place(database: Database) -> None:
    write(
        database,
        page(sighting(title="Its title", abstract="Its abstract")),
        page(listed(title="THEIR TITLE", abstract="short", announced_on=TUESDAY, action="new")),
    )
    assert (known(database).title, known(database).abstract) == ("Its title", "Its abstract")
    assert known(database).announced_on == MONDAY


def test_a_list_describes_a_paper_as_long_as_nobody_else_does(database: Database) -> None:
    write(database, page(listed(title="THEIR TITLE", announced_on=TUESDAY, action="new")))
    assert known(database).title == "THEIR TITLE"
    write(database, page(sighting(title="Its title")))
    assert known(database).title == "Its title"


def test_counts_are_those_seen_last_and_make_no_new_sighting(database: Database) -> None:
    write(
        database,
        page(listed(counts=(Count("stars", 5), Count("upvotes", 3))), kind="catalogue"),
        page(listed(counts=(Count("stars", 9),), seen_at=LATER + timedelta(days=1)), kind="catalogue"),
        page(listed(counts=(Count("stars", 1),), seen_at=NOON), kind="catalogue"),
    )
    paper = known(database)
    assert (paper.count("stars"), paper.count("upvotes"), paper.count("citations")) == (9, 3, None)
    assert paper.counts[0].seen_at == LATER + timedelta(days=1)
    with database.reading() as connection:
        assert rows(connection)["sightings"] == 1


def test_tags_add_up_and_spellings_make_no_second_one(database: Database) -> None:
    tags = (Tag("task", "Semantic Segmentation"), Tag("venue", "CVPR 2026"), Tag("task", "..."))
    write(
        database,
        page(listed(tags=tags), kind="catalogue"),
        page(listed("other", tags=(Tag("task", "semantic-segmentation"), Tag("venue", "cvpr2026"))), kind="catalogue"),
    )
    assert known(database).tagged("task") == ("Semantic Segmentation",)
    assert known(database).tagged("venue") == ("CVPR 2026",)
    assert tag_key("venue", "NeurIPS 2025") == "neurips2025"


def test_two_papers_that_turn_out_to_be_one_keep_their_links_tags_and_counts(database: Database) -> None:
    doi = Identifier("doi", "10.1000/1")
    elsewhere = {"source": "print", "identifiers": (doi,), "categories": (), "announced_on": TUESDAY}
    write(
        database,
        page(sighting(abstract=f"Code: {NET.url}")),
        page(sighting("p1", **elsewhere)),
        page(
            listed(key="x", identifiers=(doi,), links=(NET, OTHER), tags=(Tag("task", "Sight"),), counts=(Count("stars", 2),)),
            kind="catalogue",
        ),
        page(listed("index", key="y", identifiers=(ARXIV, doi), links=()), kind="catalogue"),
    )
    paper = known(database)
    assert [(link.url, link.official, link.said_by) for link in paper.code] == [
        (NET.url, True, ("authors", "list")),
        (OTHER.url, False, ("list",)),
    ]
    assert (paper.tagged("task"), paper.count("stars")) == (("Sight",), 2)
    with database.reading() as connection:
        assert rows(connection)["papers"] == 1


links = st.sampled_from((NET, NET._replace(url="https://github.com/ME/Net"), NET._replace(official=True), OTHER))
words = st.lists(
    st.tuples(st.sampled_from(("list", "other", "third")), st.lists(links, max_size=2), st.integers(0, 5)), max_size=4
)


def test_who_knows_later_whose_it_is_has_not_said_so_later(database: Database) -> None:
    for number, link in enumerate((NET, NET._replace(official=True))):
        seen_at = NOON + timedelta(days=number)
        write(database, page(listed(title=f"Paper {number}", links=(link,), seen_at=seen_at), kind="catalogue"))
    (link_,) = known(database).links
    assert (link_.official, link_.seen_at) == (True, NOON)


@given(words, st.randoms(use_true_random=False))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
def test_who_said_it_first_does_not_depend_on_who_was_read_first(
    database: Database, said: list[tuple[str, list[Link], int]], random: Random
) -> None:
    # Other words each: the same again would be the same sighting, whose moment is the one at which it was read first.
    told = [
        listed(source, title=f"Paper {number}", links=tuple(some), seen_at=NOON + timedelta(days=day))
        for number, (source, some, day) in enumerate(said)
    ]
    shuffled = random.sample(told, len(told))
    found = []
    for order in (told, shuffled):
        with emptied(database):
            write(database, page(sighting()), *(page(one, kind="catalogue") for one in order))
            found.append([(link.url.casefold(), link.official, link.said_by, link.seen_at) for link in known(database).links])
    assert found[0] == found[1]
