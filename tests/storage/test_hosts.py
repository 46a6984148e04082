"""What hosts told us."""

from dataclasses import replace
from datetime import timedelta

from crawler.report import HostState
from storage.database import Database
from storage.hosts import hosts, save_hosts
from tests.storage.factories import NOON

FULL = HostState(
    host="export.arxiv.org",
    robots_txt="User-agent: *\nDisallow: /search\n",
    robots_at=NOON,
    asked_at=NOON + timedelta(seconds=15),
    cooldown_until=NOON + timedelta(hours=1),
    strikes=2,
)


def test_what_hosts_told_us_comes_back_as_it_was(database: Database) -> None:
    silent = HostState(host="dblp.org:8443")
    with database.writing() as connection:
        save_hosts(connection, [FULL, silent])
        save_hosts(connection, [])
    with database.reading() as connection:
        assert hosts(connection) == {FULL.host: FULL, silent.host: silent}


def test_the_newest_word_of_a_host_counts(database: Database) -> None:
    calm = replace(FULL, cooldown_until=None, strikes=0)
    with database.writing() as connection:
        save_hosts(connection, [FULL])
        save_hosts(connection, [calm])
    with database.reading() as connection:
        assert hosts(connection) == {FULL.host: calm}
