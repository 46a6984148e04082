"""An office for the tests of the jobs: settings as a reader writes them, a store, and the digests made of it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from crawler.sighting import Sighting
from jobs.clock import Clock
from jobs.init import toml
from jobs.settings import load_settings
from jobs.steps import Office, digest_step
from storage.database import Database
from storage.outbox import Delivery, body, of_period
from tests.storage.factories import MONDAY, page, sighting, write

_TITLE = re.compile(r"(?:### |- ).*?\[Paper (\d{4}\.\d{5})")
SMTP = {"host": "127.0.0.1", "port": 9, "security": "none", "from": "Paperlark <lark@example.org>"}
Table = Mapping[str, Any]


def settings_text(
    database: str, topics: Mapping[str, Table | str], subscriptions: list[Table], main: Table | None = None
) -> str:
    """Write settings with arXiv's cs.CV and cs.LG, and a mail server nobody answers at; a topic may be its query alone."""
    tables: list[tuple[str, Table]] = [
        ("[paperlark]", {"database": database, **(main or {})}),
        ("[sources.arxiv]", {"categories": ["cs.CV", "cs.LG"]}),
    ]
    for name, topic in topics.items():
        tables.append(("[[topics]]", {"name": name, **({"query": topic} if isinstance(topic, str) else topic)}))
    tables += [("[[subscriptions]]", subscription) for subscription in subscriptions]
    tables.append(("[smtp]", SMTP))
    return "\n".join(line for head, values in tables for line in (head, *_values(values)))


def _values(values: Table) -> list[str]:
    return [f"{key} = {value if isinstance(value, int) else toml(value)}" for key, value in values.items()]


@dataclass
class Desk:
    """One reader's desk: what the settings say, and a store. `now` is noon of a day in the reader's time zone, UTC."""

    database: Database
    url: str
    folder: Path
    topics: Mapping[str, Table | str] = field(default_factory=lambda: {"Engines": "engine"})
    subscription: dict[str, Any] = field(default_factory=dict)
    main: dict[str, Any] = field(default_factory=dict)

    def office(self, on: date, at: time = time(12)) -> Office:
        """Open the office on a day."""
        config = self.folder / "paperlark.toml"
        reader = {"name": "morning", "forms": ["file"], **self.subscription}
        config.write_text(settings_text(self.url, self.topics, [reader], self.main), encoding="utf-8")
        config.chmod(0o600)
        clock = Clock(datetime.combine(on, at, UTC) - datetime.now(UTC))
        return Office(settings=load_settings(config, {}), clock=clock, mirror=None, database=self.database)

    def announce(self, *sightings: Sighting) -> None:
        """Let a page announce papers."""
        write(self.database, page(*sightings))

    def digest(self, on: date, at: time = time(12)) -> dict[str, list[str]]:
        """Make the digest of a day and return the papers in it by section; nothing when there was one already."""
        (done,) = digest_step(self.office(on, at), [])
        if done.state != "new":
            return {}
        return keys(self.markdown(done.period))

    def markdown(self, period: str) -> str:
        """Return the digest of a period as it was written."""
        with self.database.reading() as connection:
            (one,) = (found for found in self.messages(period) if found.form == "markdown")
            return body(connection, one).decode()

    def messages(self, period: str) -> list[Delivery]:
        """Return the messages of a period."""
        with self.database.reading() as connection:
            return of_period(connection, "morning", period)


def keys(markdown: str) -> dict[str, list[str]]:
    """Return the papers of a digest by section, those without any left out."""
    sections: dict[str, list[str]] = {}
    name = ""
    for line in markdown.splitlines():
        if line.startswith("## "):
            name = line.removeprefix("## ")
        elif found := _TITLE.match(line):
            sections.setdefault(name, []).append(found[1])
    return sections


def day(number: int) -> date:
    """Return a day, counted from Monday, 10 August 2026."""
    return MONDAY + timedelta(days=number)


def paper(number: int, on: date = MONDAY, **parts: Any) -> Sighting:
    """Announce the paper of that number, on an engine unless `abstract` says otherwise."""
    return sighting(f"2608.{number:05}", announced_on=on, **parts)


def name(number: int) -> str:
    """Return the arXiv id of the paper of that number."""
    return f"2608.{number:05}"
