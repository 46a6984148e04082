"""Composing: each paper once, under the first topic it is in, best first; what was left out is counted."""

from dataclasses import replace
from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from crawler.identifiers import Identifier
from digests.digest import Digest, Pending, Update, capped, compose, find
from digests.folded import Folded
from digests.query import parse
from digests.subscription import Subscription, Topic
from storage.event import Event
from storage.paper import Paper

MONDAY = date(2026, 8, 10)
NOON = datetime(2026, 8, 12, 12, tzinfo=UTC)
WORDS = ("engine", "boat", "car", "engine boat", "boat car")


def paper(number: int, title: str, *categories: str) -> Paper:
    names = (Identifier("arxiv", f"2608.{number:05}"),)
    return Paper(
        id=number, title=title, url=f"https://arxiv.org/abs/2608.{number:05}", identifiers=names, categories=categories
    )


def event(of: Paper, sequence: int = 0, kind: str = "announced") -> Event:
    return Event(id=sequence, sequence=sequence, paper_id=of.id, kind=kind, source="arxiv", at=NOON, on=MONDAY)  # type: ignore[arg-type]  # any kind


def topic(name: str, query: str, *categories: str) -> Topic:
    return Topic(name=name, text=query, query=parse(query), categories=categories)


def folded(papers: list[Paper]) -> dict[int, Folded]:
    return {one.id: Folded.of(one) for one in papers}


def composed(topics: list[Topic], papers: list[Paper], updates: tuple[Update, ...] = ()) -> Digest:
    reader = Subscription(name="morning", topics=tuple(topics), forms=("file",), language="zh", timezone="Asia/Shanghai")
    announced = [(event(one, place), one) for place, one in enumerate(papers, 1)]
    pending = Pending(announcements={one.name: announced for one in topics}, updates=updates, history={topics[0].name: (1, 2)})
    return compose(reader, MONDAY, (), pending, folded(papers))


def ids(digest: Digest) -> list[list[int]]:
    return [[match.paper.id for match in section.matches] for section in digest.sections]


def test_a_digest_says_whose_and_of_when_it_is() -> None:
    digest = composed([topic("Boats", "boat"), topic("Cars", "car")], [paper(1, "boat")])
    assert (digest.subscription, digest.period, digest.language, digest.timezone) == ("morning", MONDAY, "zh", "Asia/Shanghai")
    assert [(section.topic, section.history, section.more) for section in digest.sections] == [
        ("Boats", (1, 2), 0),
        ("Cars", (), 0),
    ]
    assert ids(digest) == [[1], []]


def test_every_match_says_why() -> None:
    (match,) = composed([topic("Boats", "boat AND engine")], [paper(1, "A boat with an engine")]).sections[0].matches
    assert [(reason.field, reason.words) for reason in match.why] == [("title", "boat"), ("title", "engine")]


def test_categories_silence_only_papers_that_have_some() -> None:
    papers = [paper(1, "boat"), paper(2, "boat", "cs.CV"), paper(3, "boat", "math.NA", "cs.LG")]
    announced = [(event(one), one) for one in papers]
    found = find(topic("Boats", "boat", "cs.LG", "cs.RO"), announced, folded(papers))
    assert [match.paper.id for match in found] == [1, 3]


def test_what_a_programme_brings_is_not_silenced_by_the_category_of_its_preprint() -> None:
    boat = paper(1, "boat", "cs.LG")
    for kind in ("announced", "accepted"):
        by_cvpr = replace(event(boat, kind=kind), detail={"venue": "CVPR2026"})
        (match,) = find(topic("Boats", "boat", "cs.CV"), [(event(boat), boat), (by_cvpr, boat)], folded([boat]))
        assert match.event == by_cvpr


def test_a_paper_announced_twice_is_found_once_by_its_first_event() -> None:
    boat = paper(1, "boat")
    (match,) = find(topic("Boats", "boat"), [(event(boat, 1), boat), (event(boat, 2, "cross-listed"), boat)], folded([boat]))
    assert match.event.sequence == 1


def test_updates_to_papers_of_this_digest_are_left_out_and_older_ones_folded() -> None:
    boat, car, ship = paper(1, "boat"), paper(2, "car"), paper(3, "ship")
    told = [(boat, 1, "revised"), (car, 2, "revised"), (ship, 3, "revised"), (car, 4, "revised"), (car, 5, "cross-listed")]
    updates = tuple(Update(event=event(of, place, kind), paper=of, shown_on=MONDAY) for of, place, kind in told)
    digest = composed([topic("Boats", "boat")], [boat], updates)
    assert sorted(update.event.sequence for update in digest.updates) == [3, 4, 5]


@given(st.lists(st.sampled_from(WORDS), max_size=12), st.permutations(["boat", "engine", "car"]))
def test_each_matching_paper_is_in_the_first_topic_that_has_it(titles: list[str], order: list[str]) -> None:
    papers = [paper(number, title) for number, title in enumerate(titles, 1)]
    digest = composed([topic(word, word) for word in order], papers)
    wanted = [{one.id for one in papers if word in one.title.split()} for word in order]
    wanted = [found - set().union(*wanted[:place]) for place, found in enumerate(wanted)]
    assert [set(section) for section in ids(digest)] == wanted
    assert sum(map(len, ids(digest))) == digest.papers == len(set().union(*wanted))


@given(st.lists(st.integers(0, 9), min_size=1, max_size=4), st.lists(st.integers(0, 9), min_size=4, max_size=4))
def test_a_cap_leaves_the_best_and_counts_the_rest(sizes: list[int], caps: list[int]) -> None:
    words = ["boat", "car", "engine", "ship"][: len(sizes)]
    titles = [word for word, size in zip(words, sizes, strict=True) for _ in range(size)]
    digest = composed([topic(word, word) for word in words], [paper(number, title) for number, title in enumerate(titles, 1)])
    limits = dict(zip(words, caps, strict=False))
    shown = capped(digest, limits, 0)
    assert shown.papers == digest.papers
    for before, after in zip(digest.sections, shown.sections, strict=True):
        assert after.matches == before.matches[: limits[after.topic]]
        assert after.more == len(before.matches) - len(after.matches)
    again = {word: cap // 2 for word, cap in limits.items()}
    assert capped(shown, again, 0) == capped(digest, again, 0)
    assert replace(shown, sections=digest.sections) == digest


def happened(number: int, kind: str, venue: str, **detail: object) -> Update:
    one = paper(1, "ship")
    return Update(event=replace(event(one, number, kind), detail={"venue": venue, **detail}), paper=one, shown_on=MONDAY)


def test_two_acceptances_of_a_paper_are_two_updates() -> None:
    both = (happened(1, "accepted", "CVPR2026 workshop"), happened(2, "accepted", "NeurIPS2026"))
    assert composed([topic("boats", "boat")], [], both).updates == both


def test_a_rarer_track_is_an_update_unless_the_acceptance_tells_it() -> None:
    lines = (
        happened(1, "accepted", "CVPR2026", said="authors"),
        happened(2, "raised", "CVPR2026", track="oral"),
        happened(3, "accepted", "ICLR2026", track="oral"),
        happened(4, "raised", "ICLR2026", track="oral"),
    )
    assert composed([topic("boats", "boat")], [], lines).updates == lines[:3]


def test_what_authors_had_told_is_no_update_but_a_number() -> None:
    told = happened(2, "accepted", "CVPR2026", told=True)
    digest = composed([topic("boats", "boat")], [], (happened(1, "accepted", "CVPR2026", said="authors"), told))
    assert ([one.event.id for one in digest.updates], digest.changes, digest.told) == ([1], 1, (told.event,))
    assert composed([topic("boats", "ship")], [paper(1, "ship")], (told,)).told == ()


def test_a_cap_leaves_the_first_updates_and_counts_the_rest() -> None:
    ships = [paper(number, "ship") for number in range(1, 6)]
    updates = tuple(Update(event=event(one, one.id, "revised"), paper=one, shown_on=MONDAY) for one in ships)
    digest = composed([topic("boats", "boat")], [], updates)
    shown = capped(digest, {"boats": 1}, 2)
    assert (shown.updates, shown.more_updates, shown.changes) == (updates[:2], 3, digest.changes)
    assert capped(shown, {"boats": 1}, 1) == capped(digest, {"boats": 1}, 1)
