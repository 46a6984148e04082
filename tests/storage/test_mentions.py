"""Posts about papers, and what is remembered of feeds, on both databases."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from crawler.feed_health import FeedState
from crawler.identifiers import Identifier
from crawler.sighting import Mention
from crawler.source import Page
from storage.database import Database
from storage.event import Event
from storage.feeds import Kept, feed_states, save_feed
from storage.mentions import Post, mentions_of
from storage.papers import events, find
from tests.storage.factories import NOON, page, sighting, write

ONE, TWO = Identifier("arxiv", "2608.00001"), Identifier("doi", "10.5555/engine.2")


def mention(key: str = "post", *names: Identifier, **about: Any) -> Mention:
    known = {
        "source": "feeds",
        "url": f"https://a.example/{key}",
        "title": f"On {key}",
        "posted_on": date(2026, 8, 11),
        "by": "Ada",
        "seen_at": NOON,
    }
    return Mention(key=key, identifiers=names or (ONE,), **{**known, **about})


def posts(*mentions: Mention) -> Page:
    return Page(kind="announcement", mentions=mentions)


def told(database: Database, name: Identifier = ONE) -> list[Event]:
    """Return the mentions that were events of a paper."""
    with database.reading() as connection:
        paper = find(connection, name)
        return [event for event in events(connection, paper.id) if event.kind == "mentioned"] if paper else []


def spoken(database: Database, *names: Identifier) -> list[Post]:
    with database.reading() as connection:
        return mentions_of(connection, names)


def test_a_post_about_a_known_paper_is_an_event_once(database: Database) -> None:
    write(database, page(sighting()))
    for _ in range(2):
        write(database, posts(mention("a"), mention("b", ONE, TWO)))
    assert [(one.source, one.on, dict(one.detail)) for one in told(database)] == [
        ("feeds", date(2026, 8, 11), {"title": f"On {key}", "url": f"https://a.example/{key}", "by": "Ada"}) for key in "ab"
    ]
    assert {post.title for post in spoken(database, ONE)} == {"On a", "On b"}
    assert [post.title for post in spoken(database, TWO, ONE, TWO)].count("On b") == 1


def test_of_a_paper_that_is_learned_of_later_a_post_is_found_and_no_event(database: Database) -> None:
    write(database, posts(mention()))
    write(database, page(sighting()), posts(mention("old", is_news=False)))
    assert told(database) == []
    assert [post.url for post in spoken(database, ONE)] == ["https://a.example/post", "https://a.example/old"]
    assert spoken(database, Identifier("doi", ONE.value)) == []


def test_a_paper_that_its_own_page_announces_is_not_spoken_of_as_well(database: Database) -> None:
    one = Page(kind="announcement", sightings=(sighting(),), mentions=(mention(),))
    write(database, one)
    assert told(database) == []
    known = Page(kind="announcement", sightings=(sighting(action=None),), mentions=(mention("next"),))
    write(database, known)
    assert [event.detail["title"] for event in told(database)] == ["On next"]


def test_no_post_is_of_a_day_to_come(database: Database) -> None:
    write(database, page(sighting()), posts(mention("a", posted_on=date(2030, 1, 1)), mention("b", posted_on=None)))
    assert {event.on for event in told(database)} == {NOON.date()}
    assert {post.on for post in spoken(database, ONE)} == {NOON.date()}


def test_a_post_that_changes_its_title_is_kept_under_the_new_one(database: Database) -> None:
    write(database, posts(mention()), posts(mention(title="Better", seen_at=datetime(2026, 8, 13, tzinfo=UTC))))
    (post,) = spoken(database, ONE)
    assert (post.title, post.seen_at) == ("Better", NOON)


def test_two_papers_that_become_one_keep_what_was_said_of_both(database: Database) -> None:
    write(database, page(sighting()), page(sighting("p", source="publisher", title="Something else", identifiers=(TWO,))))
    write(database, posts(mention("both", ONE, TWO), mention("second", TWO)))
    write(database, page(sighting("q", source="elsewhere", title="Whatever", identifiers=(ONE, TWO), action=None)))
    assert [event.detail["title"] for event in told(database)] == ["On both", "On second"]
    assert told(database, TWO) == told(database)


def test_hundreds_of_posts_are_kept_at_once(database: Database) -> None:
    write(database, page(sighting()))
    many = [mention(f"p{number}", ONE, Identifier("doi", f"10.5555/{number}")) for number in range(600)]
    write(database, posts(*many))
    assert len(told(database)) == len(spoken(database, ONE)) == 600


@pytest.mark.parametrize(
    "state",
    [
        FeedState(url="https://a.example/feed"),
        FeedState(url="https://b.example", moved_to="https://c.example", moved_times=2, last_asked=NOON),
        FeedState(url="https://b.example", gone=True, failing_since=NOON, failure="missing", last_asked=NOON),
    ],
)
def test_the_state_of_a_feed_comes_back_as_it_was(database: Database, state: FeedState) -> None:
    kept = Kept("https://a.example/feed", state)
    with database.writing() as connection:
        save_feed(connection, "Ada", Kept("https://before.example", FeedState(url="https://before.example")))
        save_feed(connection, "Ada", kept)
    with database.reading() as connection:
        assert feed_states(connection, ["Ada", "Bob"]) == {"Ada": kept}
