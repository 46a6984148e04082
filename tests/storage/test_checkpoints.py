"""Checkpoints."""

from dataclasses import replace

from crawler.source import Checkpoint
from storage.checkpoints import checkpoints, days_read, save_checkpoint
from storage.database import Database
from tests.storage.factories import MONDAY, TUESDAY, checkpoint


def save(database: Database, *several: Checkpoint) -> None:
    with database.writing() as connection:
        for one in several:
            save_checkpoint(connection, one)


def test_a_checkpoint_comes_back_as_it_was(database: Database) -> None:
    full = replace(checkpoint("2", "1"), validators={"listing": ('"abc"', ""), "feed": ("", "Mon, 10 Aug 2026 00:00:00 GMT")})
    empty = checkpoint(scope="cs.LG", on=TUESDAY)
    save(database, full, empty)
    with database.reading() as connection:
        assert checkpoints(connection, "arxiv", ["cs.CV", "cs.LG"]) == {"cs.CV": full, "cs.LG": empty}


def test_a_scope_never_read_has_an_empty_checkpoint(database: Database) -> None:
    bare = Checkpoint(source="arxiv", scope="cs.CV", validators={"listing": ("a", "b")})
    save(database, bare, checkpoint("1", source="publisher"))
    with database.reading() as connection:
        assert checkpoints(connection, "arxiv", ["cs.CV", "cs.RO"]) == {
            "cs.CV": bare,
            "cs.RO": Checkpoint(source="arxiv", scope="cs.RO"),
        }
        assert checkpoints(connection, "arxiv", []) == {}


def test_a_later_checkpoint_takes_the_place_of_the_earlier(database: Database) -> None:
    save(database, checkpoint("1", on=MONDAY), checkpoint("2", "3", on=TUESDAY))
    with database.reading() as connection:
        assert checkpoints(connection, "arxiv", ["cs.CV"]) == {"cs.CV": checkpoint("2", "3", on=TUESDAY)}


def test_the_scopes_that_were_read_whole_are_told_with_their_days(database: Database) -> None:
    bare = Checkpoint(source="arxiv", scope="cs.RO", validators={"listing": ("a", "b")})
    save(database, bare, checkpoint("1"), checkpoint("1", scope="cs.LG", on=TUESDAY), checkpoint("1", source="publisher"))
    with database.reading() as connection:
        assert days_read(connection) == {"arxiv": {"cs.CV": MONDAY, "cs.LG": TUESDAY}, "publisher": {"cs.CV": MONDAY}}
