import re
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from operator import attrgetter
from pathlib import Path
from pkgutil import iter_modules
from typing import Any
from urllib.parse import urlsplit

import pytest

from crawler import sources
from crawler.errors import SettingsError
from crawler.samples.proceedings_app import Book, Paper, render_book
from crawler.sighting import Tag
from crawler.source import Fetched, Source, Wanted
from crawler.sources import all_sources, find, place

# Documented for programs, beside the pages for people.
APIS = (
    "https://huggingface.co/api/",
    "https://paperswithcode.co/api/",
    "https://api.openreview.net/",
    "https://api2.openreview.net/",
)

PLUGIN = """
from dataclasses import replace
from crawler.sources.arxiv import SOURCE
OTHER = replace(SOURCE, name="other")
SAME = SOURCE
NONE = "no source"
"""


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Install a distribution with a module of sources; what the test writes to the path are its entry points."""
    (tmp_path / "paperlark_plugin.py").write_text(PLUGIN)
    info = tmp_path / "paperlark_plugin-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: paperlark-plugin\nVersion: 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield info / "entry_points.txt"
    sys.modules.pop("paperlark_plugin", None)


def test_every_module_is_a_source_of_its_own_name() -> None:
    found = all_sources()
    assert [module.name for module in iter_modules(sources.__path__)] == [found[name].name for name in found]
    assert "arxiv" in found


@pytest.mark.parametrize("source", all_sources().values(), ids=attrgetter("name"))
def test_a_source_is_polite_and_knows_where_to_ask(source: Source) -> None:
    assert source.routes
    for route in source.routes:
        assert max(source.delay, route.delay or timedelta()) >= timedelta(seconds=1)
        address = route.address(Wanted(scope="cs.CV", day=date(2026, 8, 12), address="https://lovelace.example.org/feed"))
        assert address.startswith("https://")
        named = urlsplit(address).hostname in {"rss.arxiv.org", "export.arxiv.org"} or address.startswith(APIS)
        assert route.rules == "robots" or named


def test_arxiv_asks_its_listing_first_and_keeps_the_pauses_of_its_robots_txt_and_terms() -> None:
    arxiv = find("arxiv")
    wanted = Wanted(scope="cs.CV", day=date(2026, 8, 12))
    assert [(route.name, route.address(wanted).partition("?")[0]) for route in arxiv.routes] == [
        ("listing", "https://arxiv.org/list/cs.CV/new"),
        ("catchup", "https://arxiv.org/catchup/cs.CV/2026-08-12"),
        ("rss", "https://rss.arxiv.org/rss/cs.CV"),
        ("atom", "https://rss.arxiv.org/atom/cs.CV"),
        ("query", "https://export.arxiv.org/api/query"),
    ]
    assert {route.kind for route in arxiv.routes} == {"announcement"}
    assert [route.name for route in arxiv.routes if not route.exhaustive] == ["rss", "atom", "query"]
    assert arxiv.delay == timedelta(seconds=3)
    assert {route.delay for route in arxiv.routes if route.rules == "robots"} == {timedelta(seconds=15)}
    assert {route.delay for route in arxiv.routes if route.rules != "robots"} == {None}


def test_no_feed_of_arxiv_is_joined() -> None:
    for route in find("arxiv").routes:
        assert "+" not in route.address(Wanted(scope="cs.CV", day=date(2026, 8, 12))).partition("?")[0]


RECIPE = re.compile(r"## How to add a source\n.*?```python\n(.*?)```", re.DOTALL)


def test_the_recipe_of_the_readme_is_a_source_in_under_25_lines() -> None:
    found = RECIPE.search((Path(__file__).parents[2] / "README.md").read_text("utf-8"))
    assert found is not None
    assert len(found[1].splitlines()) < 25
    names: dict[str, Any] = {}
    exec(compile(found[1], "mlsys.py", "exec"), names)
    source = names["SOURCE"]
    papers = tuple(Paper(number=number, title=f"Serving Engine Number {number}") for number in range(1, 5))
    fetched = Fetched(
        source=source.name,
        scope="MLSys2026",
        url=source.routes[0].address(Wanted(scope="MLSys2026")),
        status=200,
        headers={},
        body=render_book(Book(title="MLSys 2026", year=2026, papers=papers)),
        at=datetime(2026, 6, 1, tzinfo=UTC),
    )
    page = source.routes[0].read(fetched)
    assert fetched.url == "https://proceedings.mlsys.org/paper_files/paper/2026"
    assert [one.title for one in page.sightings] == [paper.title for paper in papers]
    assert {one.tags for one in page.sightings} == {(Tag("venue", "MLSys2026"),)}
    assert (page.claims[0].expected, page.claims[0].seen) == (4, 4)


def test_an_unknown_name_is_an_error_that_names_the_known() -> None:
    with pytest.raises(SettingsError) as error:
        find("arxviv")
    (mistake,) = error.value.mistakes
    assert mistake.startswith("no source is called 'arxviv'; known: ")
    assert "arxiv, " in mistake


def test_another_package_adds_a_source_by_an_entry_point(plugin: Path) -> None:
    plugin.write_text("[paperlark.sources]\nother = paperlark_plugin:OTHER\n")
    assert find("other").routes == find("arxiv").routes
    assert (place("other"), place("arxiv")) == ("paperlark_plugin:OTHER", "crawler.sources.arxiv:SOURCE")


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("paperlark_plugin:MISSING", "cannot be loaded"),
        ("paperlark_nowhere:SOURCE", "cannot be loaded"),
        ("paperlark_plugin:NONE", "is no source"),
        ("paperlark_plugin:SAME", "a name already taken"),
    ],
)
def test_a_wrong_entry_point_is_named(plugin: Path, value: str, why: str) -> None:
    plugin.write_text(f"[paperlark.sources]\nbroken = {value}\n")
    with pytest.raises(SettingsError, match=why) as error:
        all_sources()
    assert value in str(error.value)
