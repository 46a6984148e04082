"""Where a back-fill stands, as the checkpoint of its scope keeps it."""

from dataclasses import replace
from datetime import date

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.source import Checkpoint, Harvest
from storage.checkpoints import checkpoints, save_checkpoint
from storage.database import Database
from storage.record import open_sink
from tests.storage.factories import MONDAY, checkpoint, emptied, page, sighting

REUSED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
STOPPED = Harvest(
    since=date(2005, 9, 16),
    until=date(2026, 8, 1),
    waiting=("https://oaipmh.arxiv.org/oai?verb=ListRecords&resumptionToken=a%3D1%26b", "https://other.test/?q=ü"),
    reached=date(2010, 2, 28),
    as_of=date(2026, 8, 10),
    papers=1_234_567,
)


def again(database: Database, *several: Checkpoint) -> Checkpoint:
    """Save checkpoints one after the other and return that of cs.CV."""
    for one in several:
        with database.writing() as connection:
            save_checkpoint(connection, one)
    with database.reading() as connection:
        return checkpoints(connection, "arxiv", ["cs.CV"])["cs.CV"]


def test_a_back_fill_comes_back_as_it_was_beside_the_batch(database: Database) -> None:
    for harvest in (STOPPED, Harvest(since=MONDAY), replace(STOPPED, waiting=()), None):
        for before in (checkpoint("1", "2"), Checkpoint(source="arxiv", scope="cs.CV", validators={"listing": ("a", "b")})):
            assert again(database, replace(before, harvest=harvest)) == replace(before, harvest=harvest)


def test_a_later_checkpoint_moves_the_back_fill_or_takes_it_away(database: Database) -> None:
    before = replace(checkpoint("1"), harvest=STOPPED)
    later = replace(before, harvest=replace(STOPPED, waiting=(), reached=MONDAY, papers=2_000_000))
    assert again(database, before, later) == later
    assert again(database, replace(later, harvest=None)).harvest is None


def test_back_fills_of_other_scopes_are_left_alone(database: Database) -> None:
    other = replace(checkpoint("1", scope="cs.LG"), harvest=STOPPED)
    assert again(database, other, checkpoint("2")).harvest is None
    with database.reading() as connection:
        assert checkpoints(connection, "arxiv", ["cs.LG"]) == {"cs.LG": other}


def test_the_sink_writes_the_page_and_where_the_back_fill_stands_together(store_url: str, database: Database) -> None:
    with open_sink(store_url) as sink:
        sink(page(sighting(action=None), kind="catalogue"), replace(checkpoint("1"), harvest=STOPPED))
    with database.reading() as connection:
        assert checkpoints(connection, "arxiv", ["cs.CV"])["cs.CV"].harvest == STOPPED


_DAYS = st.none() | st.dates()
#: What an address may hold; PostgreSQL keeps no NUL in a text.
_URLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
_HARVESTS = st.builds(
    Harvest,
    since=st.dates(),
    until=_DAYS,
    waiting=st.lists(_URLS, max_size=4).map(tuple),
    reached=_DAYS,
    as_of=_DAYS,
    papers=st.integers(0, 10**7),
)


@REUSED
@given(harvest=st.none() | _HARVESTS)
def test_any_back_fill_survives_the_store(database: Database, harvest: Harvest | None) -> None:
    with emptied(database):
        assert again(database, replace(checkpoint("1"), harvest=harvest)).harvest == harvest
