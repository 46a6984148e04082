"""Which sightings are one paper, and whose words win."""

from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.identifiers import Identifier
from crawler.sighting import Author, Sighting, Tag
from storage.merge import Cluster, cluster, merge
from storage.namesakes import Titled, names, own_name
from storage.titles import people, title_key
from tests.storage.factories import MONDAY, TUESDAY, WEDNESDAY, sighting
from tests.storage.strategies import Story, pages, worlds
from tests.storage.strategies import sightings as any_sightings

DOI = Identifier("doi", "10.1000/1")


def arxiv(value: str) -> Identifier:
    return Identifier("arxiv", value)


def groups(clusters: list[Cluster]) -> set[frozenset[Sighting]]:
    return {frozenset(one.sightings) for one in clusters}


def told(world: list[Story]) -> list[Sighting]:
    return [seen for page in pages(world) for seen in page.sightings]


@given(world=worlds(), data=st.data())
def test_clusters_do_not_depend_on_the_order(world: list[Story], data: st.DataObject) -> None:
    seen = list(dict.fromkeys(told(world)))
    shuffled = data.draw(st.permutations(seen))
    assert groups(cluster(seen, {})) == groups(cluster(shuffled, {}))


@given(world=worlds())
def test_every_sighting_is_in_one_cluster(world: list[Story]) -> None:
    seen = list(dict.fromkeys(told(world)))
    clustered = [one for group in cluster(seen, {}) for one in group.sightings]
    assert sorted(map(repr, clustered)) == sorted(map(repr, seen))


@given(seen=st.lists(any_sightings(), min_size=1, max_size=5), data=st.data())
def test_merge_does_not_depend_on_the_order_or_on_repetition(seen: list[Sighting], data: st.DataObject) -> None:
    merged = merge(7, seen)
    assert merge(7, data.draw(st.permutations(seen))) == merged
    assert merge(7, [*seen, *seen]) == merged
    assert merged.title in {one.title for one in seen}
    assert set(merged.identifiers) == {name for one in seen for name in one.identifiers}


def test_each_field_is_the_newest_description_that_has_it() -> None:
    first = sighting(comment="9 pages", version=1, journal_ref="TPAMI", authors=(Author("Ada Lovelace", "London"),))
    second = sighting(version=2, title="Better", announced_on=TUESDAY, authors=(), abstract="", categories=())
    merged = merge(1, [second, first])
    assert (merged.title, merged.comment, merged.version, merged.journal_ref) == ("Better", "9 pages", 2, "TPAMI")
    assert (merged.authors, merged.abstract, merged.categories) == (first.authors, first.abstract, first.categories)


def test_newest_is_by_the_day_before_the_version() -> None:
    dated = sighting(title="by day", announced_on=WEDNESDAY)
    versioned = sighting(title="by version", announced_on=MONDAY, version=9)
    undated = sighting(title="undated", announced_on=None, version=99)
    assert merge(1, [versioned, dated, undated]).title == "by day"
    assert merge(1, [versioned, undated]).title == "by version"


def test_sightings_that_share_a_name_are_one_paper() -> None:
    listed, printed = sighting("1"), sighting("p", source="publisher", identifiers=(DOI,))
    both = sighting("c", source="catalogue", identifiers=(arxiv("1"), DOI))
    assert len(cluster([listed, printed], {})) == 2
    assert groups(cluster([listed, printed, both], {})) == {frozenset((listed, printed, both))}


def test_the_same_key_of_the_same_source_is_the_same_paper() -> None:
    one, other = sighting("k", identifiers=()), sighting("k", identifiers=(), title="Later")
    assert len(cluster([one, other], {})) == 1
    assert len(cluster([one, sighting("k", source="publisher", identifiers=())], {})) == 2
    assert own_name("arxiv", "k") in names(one)


def test_two_arxiv_ids_contradict_whatever_else_is_shared() -> None:
    one, other = sighting("1", identifiers=(arxiv("1"), DOI)), sighting("2", identifiers=(arxiv("2"), DOI))
    assert groups(cluster([one, other], {})) == {frozenset((one,)), frozenset((other,))}


def test_the_clusters_know_their_stored_papers() -> None:
    known = {4: frozenset((arxiv("1"),)), 2: frozenset((DOI,)), 9: frozenset((arxiv("9"),))}
    both = sighting("c", source="catalogue", identifiers=(arxiv("1"), DOI))
    assert cluster([both], known) == [Cluster((both,), (2, 4))]
    fresh = sighting("5")
    assert cluster([fresh], {}) == [Cluster((fresh,), ())]


def test_a_sighting_between_two_contradicting_papers_joins_the_one_of_its_arxiv_id() -> None:
    known = {1: frozenset((arxiv("1"), DOI)), 2: frozenset((arxiv("2"),))}
    seen = sighting("2", identifiers=(arxiv("2"), DOI))
    assert cluster([seen], known) == [Cluster((seen,), (2,))]


TITLE = "Segmenting Engines without Labels"


def elsewhere(key: str, source: str = "cvf", **parts: Any) -> Sighting:
    return sighting(key, **{"source": source, "title": TITLE, "identifiers": (), **parts})


PREPRINT = sighting("2601.00001", title="Segmenting engines without labels")


def test_an_equal_title_and_a_shared_surname_make_one_paper() -> None:
    printed = elsewhere(
        "a", title="Segmenting Engines Without  Labels.", authors=(Author("Charles Babbage"), Author("A. Lovelace"))
    )
    assert groups(cluster([PREPRINT, printed], {})) == {frozenset((PREPRINT, printed))}


@pytest.mark.parametrize(
    "other",
    [
        elsewhere("b", authors=(Author("Charles Babbage"),)),
        elsewhere("b", authors=()),
        elsewhere("b", title="Segmenting Engines without Words"),
        elsewhere("b", identifiers=(arxiv("2601.00002"),)),
    ],
)
def test_no_shared_surname_another_title_or_another_arxiv_id_makes_two(other: Sighting) -> None:
    assert len(cluster([PREPRINT, other], {})) == 2


def test_a_short_title_is_that_of_many_papers() -> None:
    one, other = elsewhere("a", title="Introduction"), elsewhere("b", "ecva", title="Introduction")
    assert len(cluster([one, other], {})) == 2


@pytest.mark.parametrize("edition", ["", "CVPR2026"])
def test_two_dois_in_one_edition_are_two_papers(edition: str) -> None:
    tags = (Tag("venue", edition),) if edition else ()
    dois = [elsewhere(key, key, tags=tags, identifiers=(Identifier("doi", f"10.1000/{key}"),)) for key in ("a", "b")]
    assert len(cluster(dois, {})) == 2


def test_a_paper_may_stand_in_two_editions_under_two_keys_and_two_dois() -> None:
    at = [
        elsewhere(key, tags=(Tag("venue", venue),), identifiers=(Identifier("doi", f"10.1000/{key}"),))
        for key, venue in (("a", "CVPR2025 workshop"), ("b", "CVPR2025"), ("c", "ICCV2027"))
    ]
    journal = sighting("2601.00001", title=TITLE, identifiers=(arxiv("2601.00001"), Identifier("doi", "10.1000/j")))
    for order in permutations([*at, journal]):
        assert len(cluster(order, {})) == 1


@pytest.mark.parametrize("source", ["cvf", "virtual", "feeds"])
def test_two_entries_of_a_source_are_one_paper_whatever_it_calls_them(source: str) -> None:
    one, other = (elsewhere(key, source, identifiers=(Identifier("cvf", key),)) for key in ("a", "b"))
    assert len(cluster([one, other], {})) == 1


def authors(text: str) -> tuple[Author, ...]:
    return tuple(map(Author, text.split(", ")))


@pytest.mark.parametrize(
    ("ours", "theirs", "papers"),
    [
        ("Wei Wang, Li Zhang, Yang Liu", "Wen Wang, Jun Chen, Tao Xu", 2),
        ("Wei Wang, Li Zhang, Yang Liu", "Xin Wang, Lei Zhang", 2),
        ("Wei Wang, Li Zhang, Yang Liu", "W. Wang, Z. Li, Y. Liu", 1),
        ("Wei Wang, Li Zhang", "Wang Wei, Zhang Li", 1),
        ("Wei Wang, Wen Wang", "W. Wang, Tao Xu", 2),
        ("Wei Wang, Li Zhang", "Wei Wang", 1),
        ("Wei Wang, Li Zhang", "Xin Wang", 2),
        ("Wei Wang, Li Zhang", "Wang, Zhang", 1),
        ("Jun-Yan Zhu, A. Doe Jr.", "J.-Y. Zhu, Ann Doe", 1),
        ("Jun-Yan Zhu", "Junyan Zhu", 1),
        ("Robert Smith, Jane Doe", "Bob Smith, Jane Doe", 1),
        ("J. Kenneth Smith", "Kenneth Smith", 1),
        ("Maria Garcia Lopez", "Maria Garcia", 1),
        ("Xiao Zhang", "Xin Zhang, Lei Li", 2),
        ("Wei Zhang, Yang Liu", "Wen Zhang, Yu Liu", 2),
        ("王伟, 张力", "王伟, 李强", 2),
        ("王伟, 张力", "王伟, 张力", 1),
    ],
)
def test_one_surname_of_several_authors_is_not_enough(ours: str, theirs: str, papers: int) -> None:
    one, other = elsewhere("a", authors=authors(ours)), elsewhere("a", "ecva", authors=authors(theirs))
    assert len(cluster([one, other], {})) == len(cluster([other, one], {})) == papers


def test_a_stored_paper_is_found_by_its_title() -> None:
    known, titled = {7: frozenset((arxiv("1"),))}, {7: (Titled.of(sighting("1", title=TITLE)),)}
    printed, stranger = elsewhere("a"), elsewhere("a", authors=(Author("Charles Babbage"),))
    assert cluster([printed], known, titled) == [Cluster((printed,), (7,))]
    assert cluster([stranger], known, titled) == [Cluster((stranger,), ())]


@given(st.text(max_size=60))
def test_a_title_key_looks_at_letters_alone(title: str) -> None:
    key = title_key(title)
    assert key is None or -(2**63) <= key < 2**63
    assert title_key(f"  {title.upper().lower()} .") == title_key(title.upper().lower())
    assert title_key("semi-supervised-learning") == title_key("Semisupervised  Learning")


@given(data=st.data())
def test_namesakes_are_grouped_alike_in_any_order(data: st.DataObject) -> None:
    seen = [PREPRINT, elsewhere("a"), elsewhere("b", "ecva"), sighting("2601.00002", title=TITLE)]
    shuffled = data.draw(st.permutations(seen))
    assert groups(cluster(shuffled, {})) == groups(cluster(seen, {}))


def test_stored_papers_without_any_identifier_can_be_of_one_title() -> None:
    key = title_key(TITLE)
    titled = {number: (Titled(key, people((Author("Ada Lovelace"),)), frozenset(), ""),) for number in (3, 7)}
    found = cluster([elsewhere("a")], {3: frozenset(), 7: frozenset()}, titled)
    assert found == [Cluster((elsewhere("a"),), (3, 7))]
