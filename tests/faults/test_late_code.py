"""Thirty days of Hugging Face and Papers with Code, which get repositories late: each is news once, inside the budget."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from crawler.samples.huggingface import Listed, answer_daily
from crawler.samples.paperswithcode import Catalogued, answer_list
from jobs.demo_servers import page_server
from jobs.steps import crawl_step, digest_step, open_office, write_step
from storage.candidates import Everything
from storage.papers import events, search

pytestmark = pytest.mark.slow

FIRST, DAYS = date(2026, 8, 3), 45
"""A Monday, and how many days are lived through: the first thirty bring papers."""
HOUR = time(8)
BUDGET = 20
_JSON = "application/json; charset=utf-8"
_SETTINGS = """
[paperlark]
database = "sqlite:///{folder}/paperlark.db"
output = "{folder}/digests"
[sources.huggingface]
[sources.paperswithcode]
[[topics]]
name = "Larks"
query = "title:skylark NOT title:flight"
cap = 1000
[[topics]]
name = "Flights"
query = "title:flight"
cap = 1000
[[subscriptions]]
name = "morning"
forms = ["file"]
"""
_UPDATE = re.compile(
    r"^- \*\*Code is out\*\* .*?\(https://arxiv\.org/abs/([\d.]+)\) · \[(\S+?)\]\(\S+\) · "
    r"named by (?:Hugging Face|Papers with Code)",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Told:
    """A paper; how many days after its list's day it is on it, and its repository as many more (None: never)."""

    paper: Listed
    late: int
    code: int | None

    def shown(self, today: date) -> Listed | None:
        """Return the entry as the list has it on a day."""
        on = self.paper.on + timedelta(days=self.late)
        if today < on:
            return None
        if self.code is None or today < on + timedelta(days=self.code):
            return replace(self.paper, repository="", stars=0)
        return replace(self.paper, stars=(today - on).days)


def _month() -> Iterator[Told]:
    number = 0
    for offset in range(30):
        on = FIRST + timedelta(days=offset)
        # Two fewer at weekends than a day needs to be looked at, and once more than a page holds.
        for place in range(130 if offset == 8 else 3 if on.weekday() > 4 else 24):
            number += 1
            paper = Listed(
                id=f"2608.{number:05}",
                title=f"A skylark, number {number}",
                on=on,
                published=on - timedelta(days=place % 3),
                repository=f"https://github.com/lark/song{number}",
            )
            yield Told(paper, late=(0, 0, 0, 2, 0, 9)[place % 6], code=(None, 0, 1, 3, 12, None, 0, 25)[place % 8])


MONTH = tuple(_month())


@dataclass(frozen=True)
class Filed:
    """A paper of Papers with Code, and how many days after it came out its repository is named (None: never)."""

    paper: Catalogued
    code: int | None

    def shown(self, today: date) -> Catalogued:
        """Return the paper as it is filed on a day."""
        named = self.code is not None and today >= self.paper.published + timedelta(days=self.code)
        return self.paper if named else replace(self.paper, repositories=())


def _filed() -> Iterator[Filed]:
    number = 0
    for offset in range(30):
        # On three days so many that to ask for them costs more than a day may.
        for place in range(650 if offset in BUSY else 24):
            number += 1
            repository = f"https://github.com/lark/flight{number}"
            paper = Catalogued(
                id=f"2609.{number:05}",
                title=f"A skylark in flight, number {number}",
                published=FIRST + timedelta(days=offset),
                repositories=((repository, place % 2 > 0, 5),),
            )
            yield Filed(paper, code=(None, 0, 1, 3, 8, 20, 29, 40)[place % 8])


BUSY = (2, 8, 9)
CATALOGUE = tuple(_filed())
ALL = {*(told.paper.id for told in MONTH), *(filed.paper.id for filed in CATALOGUE)}
AGES = (1, 2, 8, 31)
"""How many days after it came out a paper is looked at, as far as the days are lived through."""


class Web(Mapping[str, tuple[str, bytes]]):
    """The two services as they are on a day, with the requests each has had."""

    def __init__(self) -> None:
        self.today = FIRST
        self.asked = {"huggingface.co": Counter[date](), "paperswithcode.co": Counter[date]()}

    def __getitem__(self, address: str) -> tuple[str, bytes]:
        self.asked[address.partition("/")[0]][self.today] += 1
        if address.startswith("huggingface.co/api/daily_papers?"):
            shown = [entry for told in MONTH if (entry := told.shown(self.today))]
            return _JSON, answer_daily(f"https://{address}", shown)
        if address.startswith("paperswithcode.co/api/v1/papers/?"):
            return _JSON, answer_list(f"https://{address}", [filed.shown(self.today) for filed in CATALOGUE])
        if address.startswith("paperswithcode.co/api/v1/papers/trending?"):
            return _JSON, b'{"results": []}'
        raise KeyError(address)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


@dataclass(frozen=True)
class Lived:
    """What a reader has after it all."""

    web: Web
    folder: Path
    happened: Mapping[str, Sequence[str]]
    stars: Mapping[str, int | None]


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Lived:
    folder, web = tmp_path_factory.mktemp("month"), Web()
    config = folder / "paperlark.toml"
    config.write_text(_SETTINGS.format(folder=folder))
    with page_server(lambda: web) as mirror:
        for offset in range(DAYS):
            web.today = FIRST + timedelta(days=offset)
            now = datetime.combine(web.today, HOUR, UTC)
            with open_office(config, {"PAPERLARK_MIRROR": mirror, "PAPERLARK_NOW": now.isoformat()}) as office:
                looks = crawl_step(office, [], lambda _: None)
                assert not [look.error for look in looks if look.error and "for a day are spent" not in look.error]
                write_step(office, digest_step(office, []))
                if offset == DAYS - 1:
                    with office.database.reading() as connection:
                        papers = list(search(connection, Everything()))
                        told = {paper.identifier("arxiv") or "": events(connection, paper.id) for paper in papers}
                    stars = {paper.identifier("arxiv") or "": paper.count("stars") for paper in papers}
    happened = {key: [one.kind for one in some] for key, some in told.items()}
    return Lived(web, folder, happened, stars)


def pages(lived: Lived) -> dict[date, str]:
    return {date.fromisoformat(file.parent.name): file.read_text("utf-8") for file in lived.folder.glob("digests/*/morning.md")}


def filed_news(filed: Filed) -> int:
    """Return how often the repository of a filed paper is news: once if one of the later looks is the first to find it."""
    lived_through = (FIRST + timedelta(days=DAYS - 1) - filed.paper.published).days
    found = [age for age in AGES if filed.code is not None and filed.code <= age <= lived_through]
    return int(bool(found) and found[0] > AGES[0])


def news_of(told: Told) -> tuple[int, ...]:
    """Return how often the repository may be news: once if it comes after the paper, while its list is looked at."""
    if not told.code:
        return (0,)
    age = told.late + told.code
    if age <= 14 and told.paper.on + timedelta(days=14) < FIRST + timedelta(days=DAYS):
        return (1,)
    # When its list is thirty days old, if that day is lived through; with the week of another day, even before.
    return (0, 1)


def test_every_paper_is_announced_once_and_in_one_digest(lived: Lived) -> None:
    assert set(lived.happened) == ALL
    assert all(kinds.count("announced") == 1 for kinds in lived.happened.values())
    shown = Counter(key for page in pages(lived).values() for key in re.findall(r'<a id="arxiv-([\d.]+)"></a>', page))
    assert shown == Counter(ALL)


def test_every_repository_that_comes_late_is_news_once(lived: Lived) -> None:
    for told in MONTH:
        assert lived.happened[told.paper.id].count("code") in news_of(told), told
    assert sum(news_of(told) == (1,) for told in MONTH) > 100
    # Those of the first week have reached their thirty days.
    old = [told for told in MONTH if told.code == 25 and told.paper.on < FIRST + timedelta(days=5) and told.late < 5]
    assert old
    assert all(lived.happened[told.paper.id].count("code") == 1 for told in old)


def test_every_repository_that_is_filed_late_is_news_once(lived: Lived) -> None:
    for filed in CATALOGUE:
        assert lived.happened[filed.paper.id].count("code") == filed_news(filed), filed
    assert sum(map(filed_news, CATALOGUE)) > 500


def test_every_late_repository_is_an_update_in_one_digest(lived: Lived) -> None:
    updates = Counter(pair for page in pages(lived).values() for pair in _UPDATE.findall(page))
    news = {key for key, kinds in lived.happened.items() if "code" in kinds}
    names = {"2608": "song", "2609": "flight"}
    assert updates == Counter((key, f"lark/{names[key[:4]]}{int(key.partition('.')[2])}") for key in news)


def test_no_day_costs_more_than_the_budget(lived: Lived) -> None:
    for host, asked in lived.web.asked.items():
        print(f"requests a day at {host}: {min(asked.values())} to {max(asked.values())}")
        assert max(asked.values()) <= BUDGET
    assert max(lived.web.asked["paperswithcode.co"].values()) == BUDGET  # there was more to ask for


def test_stars_are_counted_anew_for_two_weeks(lived: Lived) -> None:
    for told in MONTH:
        if told.code == 0 and told.late == 0 and told.paper.on.weekday() < 5:
            assert (lived.stars[told.paper.id] or 0) >= 14
