"""Lists of feeds into the settings file, which keeps all that was in it, and out of the settings."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.errors import ReadError, SettingsError
from crawler.readers.opml import Subscribed, read_opml, write_opml
from jobs.feed_lists import opml_of, subscribe
from jobs.settings import load_settings
from tests.jobs.conftest import Call

BEFORE = '# Mine.\n[paperlark]\ndatabase = "sqlite:///s.db"\n\n[[feeds]]\nname = "Ada"\nurl = "https://ada.example.org/feed"'
LIST = (
    Subscribed("ADA", "http://ada.example.org/feed/"),
    Subscribed("ada", "https://other.example.org/feed"),
    Subscribed("ada", "https://third.example.org/feed"),
    Subscribed('Quote " and \\ 论文', "https://bob.example.org/feed?a=1&b=2"),
    Subscribed("Within", "https://printer.local/feed"),
)
FREELY = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "paperlark.toml"
    path.write_bytes(BEFORE.encode())
    return path


def listed(config: Path, *feeds: Subscribed) -> Path:
    path = config.with_name("list.opml")
    path.write_bytes(write_opml(feeds, "Mine"))
    return path


def names(config: Path) -> list[str]:
    return [feed.name for feed in load_settings(config, {}).feeds]


def test_what_the_settings_do_not_have_is_added_under_names_of_its_own(config: Path) -> None:
    config.chmod(0o640)
    found = subscribe(load_settings(config, {}), listed(config, *LIST), {})
    assert [feed.name for feed in found.added] == ["ada 2", "ada 3", 'Quote " and \\ 论文']
    assert found.known == 1
    assert [(one.key, one.why) for one in found.rejects] == [
        ("Within", "cannot be asked for: printer.local is no name of the public internet")
    ]
    assert names(config) == ["Ada", "ada 2", "ada 3", 'Quote " and \\ 论文']
    assert config.read_bytes().startswith(f"{BEFORE}\n\n[[feeds]]\n".encode())
    assert config.stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in config.parent.iterdir()) == ["list.opml", "paperlark.toml"]
    after = config.read_bytes()
    again = subscribe(load_settings(config, {}), listed(config, *LIST), {})
    assert (again.added, again.known, config.read_bytes()) == ((), 4, after)


def test_a_link_stays_one_and_lines_end_as_they_did(config: Path) -> None:
    config.write_bytes(BEFORE.replace("\n", "\r\n").encode("utf-8-sig"))
    link = config.with_name("link.toml")
    link.symlink_to(config)
    subscribe(load_settings(link, {}), listed(config, LIST[1]), {})
    assert link.is_symlink()
    body = config.read_bytes()
    assert body.count(b"\n") == body.count(b"\r\n")
    assert names(config) == ["Ada", "ada 2"]


@FREELY
@given(st.lists(st.text(max_size=130), max_size=5))
def test_what_went_in_comes_out_again(config: Path, texts: list[str]) -> None:
    config.write_bytes(BEFORE.encode())
    feeds = [Subscribed(text, f"https://f{number}.example.org/feed") for number, text in enumerate(texts)]
    found = subscribe(load_settings(config, {}), listed(config, *feeds), {})
    assert len(found.added) == len(texts)
    known = load_settings(config, {})
    back = read_opml(opml_of(known).encode())
    assert [(one.name, one.url) for one in back.feeds] == [(feed.name, feed.url) for feed in known.feeds]
    assert back.rejects == ()


def test_where_nothing_can_be_added_it_is_said_what_to_do(config: Path, alone: Path) -> None:
    path = listed(config, LIST[1])
    with pytest.raises(SettingsError, match="this writes one: paperlark init"):
        subscribe(load_settings(None, {}), path, {})
    with pytest.raises(SettingsError, match="PAPERLARK_FEEDS is set, and wins over"):
        subscribe(load_settings(config, {}), path, {"paperlark_feeds": "[]"})
    with pytest.raises(ReadError):
        subscribe(load_settings(config, {}), config, {})
    with pytest.raises(ReadError, match="No such file"):
        subscribe(load_settings(config, {}), config.with_name("none.opml"), {})
    assert config.read_bytes() == BEFORE.encode()


def test_feeds_in_a_list_of_toml_are_left_as_they_are(config: Path) -> None:
    text = 'feeds = [{name = "Ada", url = "https://ada.example.org/feed"}]\n'
    config.write_text(text)
    with pytest.raises(SettingsError, match="must be tables"):
        subscribe(load_settings(config, {}), listed(config, LIST[1]), {})
    assert config.read_text() == text


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_file_that_may_not_be_written_is_named(config: Path) -> None:
    config.parent.chmod(0o500)
    with pytest.raises(SettingsError, match="cannot be written"):
        subscribe(load_settings(config, {}), listed(config, LIST[1]), {})


def test_the_commands(call: Call, alone: Path) -> None:
    (alone / "paperlark.toml").write_text(BEFORE)
    (alone / "list.opml").write_bytes(write_opml(LIST, "Mine"))
    said = call("import", "list.opml")
    assert (said.status, said.out.splitlines()[0]) == (
        0,
        "! list.opml: 3 of 5 feeds added to paperlark.toml, 1 known already, 1 not read",
    )
    out = call("export", "--format", "opml").out
    assert [one.name for one in read_opml(out.encode()).feeds] == names(alone / "paperlark.toml")
    (alone / "list.opml").write_text("no list")
    assert call("import", "list.opml").status == 1
    (alone / "list.opml").write_bytes(write_opml((), "Mine"))
    assert call("import", "list.opml").out == "! list.opml: there is no feed in it\n"
    assert call("export", "--format", "pdf").err == "paperlark: there is no format pdf; known: jsonl, opml\n"
