"""What comes first in a topic."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from digests.rank import order, score
from digests.topic import Match, Reason
from storage.event import Event, EventKind
from storage.paper import Paper

KINDS: tuple[EventKind, ...] = ("announced", "cross-listed", "revised")
TITLE, ABSTRACT = Reason("title", "segmentation"), Reason("abstract", "segmentation")
AUTHOR, CATEGORY = Reason("author", "lecun"), Reason("category", "cs.CV")


def match(paper_id: int, why: tuple[Reason, ...] = (TITLE,), kind: EventKind = "announced", event_id: int = 1) -> Match:
    at = datetime(2026, 1, 15, tzinfo=UTC)
    event = Event(id=event_id, sequence=event_id, paper_id=paper_id, kind=kind, source="arxiv", at=at, on=at.date())
    paper = Paper(id=paper_id, title="Anything", url="https://example.org")
    return Match(event=event, paper=paper, topic="Segmentation", why=why, score=score(why))


def test_a_title_weighs_more_than_an_abstract_and_a_category_least() -> None:
    assert score((TITLE,)) > score((ABSTRACT,)) > score((CATEGORY,)) > score(())


def test_a_followed_author_weighs_as_much_as_a_title() -> None:
    assert score((AUTHOR,)) == score((TITLE,))


@given(st.lists(st.sampled_from((TITLE, ABSTRACT, AUTHOR, CATEGORY)), max_size=6))
def test_one_more_reason_always_adds(why: list[Reason]) -> None:
    assert score((*why, ABSTRACT)) > score(why)


def test_the_order_is_score_then_announcement_then_the_newest() -> None:
    best, cross = match(1, (TITLE, ABSTRACT)), match(9, kind="cross-listed")
    revised, newer, older = match(10, kind="revised"), match(8), match(7)
    assert order([revised, older, cross, newer, best]) == (best, newer, older, cross, revised)


def test_two_events_of_one_paper_have_an_order() -> None:
    first, second = match(5, event_id=1), match(5, event_id=2)
    assert order([first, second]) == order([second, first]) == (second, first)


@given(st.permutations([match(i, why, kind) for i in (1, 2) for why in ((TITLE,), (ABSTRACT,)) for kind in KINDS]))
def test_the_order_does_not_depend_on_arrival(matches: list[Match]) -> None:
    ordered = order(matches)
    assert ordered == order(reversed(matches)) == order(ordered)
    assert sorted(map(id, ordered)) == sorted(map(id, matches))
