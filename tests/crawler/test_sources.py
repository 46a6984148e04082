import sys
from collections.abc import Iterator
from datetime import date, timedelta
from operator import attrgetter
from pathlib import Path
from pkgutil import iter_modules
from urllib.parse import urlsplit

import pytest

from crawler import sources
from crawler.errors import SettingsError
from crawler.source import Source, Wanted
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
    assert source.delay >= timedelta(seconds=1)
    assert source.routes
    for route in source.routes:
        address = route.address(Wanted(scope="cs.CV", day=date(2026, 8, 12)))
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
