import re
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.errors import SettingsError
from jobs.init import Answers, place, settings_text, toml, write_settings
from jobs.settings import load_settings
from jobs.starter import TOPICS

READER = Answers(
    email="you@example.org",
    timezone="Asia/Shanghai",
    language="zh",
    at="10:45",
    categories=("cs.CV", "eess.IV"),
    topics=TOPICS[1:3],
    mail_host="smtp.example.net",
)
_NOTE = re.compile(r"# (?=\[|[a-z_]+ = )")


@pytest.mark.parametrize("answers", [Answers(), READER])
def test_what_is_written_can_be_read_without_a_mistake_or_a_warning(tmp_path: Path, answers: Answers) -> None:
    settings = load_settings(write_settings(tmp_path, settings_text(answers)), {})
    (subscription,) = settings.subscriptions
    assert settings.warnings() == []
    assert settings.sources["arxiv"].categories == answers.categories
    assert [(topic.name, topic.query) for topic in settings.topics] == [(topic.name, topic.query) for topic in answers.topics]
    assert subscription.topics == tuple(topic.name for topic in answers.topics)
    assert (f"{subscription.at:%H:%M}", subscription.timezone, subscription.language) == (
        answers.at,
        answers.timezone,
        answers.language,
    )
    assert not settings.is_default


def test_without_an_address_there_are_only_files(tmp_path: Path) -> None:
    settings = load_settings(write_settings(tmp_path, settings_text(Answers())), {})
    assert settings.smtp is None
    assert (settings.subscriptions[0].email, settings.subscriptions[0].forms) == (None, ("file",))


def test_with_an_address_there_is_mail(tmp_path: Path) -> None:
    settings = load_settings(write_settings(tmp_path, settings_text(READER)), {})
    assert settings.smtp is not None
    assert (settings.smtp.host, settings.smtp.username) == ("smtp.example.net", "you@example.org")
    assert settings.smtp.sender == "Paperlark <you@example.org>"
    assert settings.contact == "you@example.org"
    assert settings.subscriptions[0].forms == ("mail", "file")


def test_every_setting_that_is_only_noted_works_when_the_mark_is_taken_away(tmp_path: Path) -> None:
    text = _NOTE.sub("", settings_text(Answers()))
    # Of three places for a password one is to be chosen.
    text = re.sub(r"^password_(?:file|command).*$", "", text, flags=re.MULTILINE)
    settings = load_settings(write_settings(tmp_path, text), {})
    assert settings.smtp is not None
    assert settings.subscriptions[0].email == "you@example.org"
    assert settings.subscriptions[0].language == "zh"
    assert settings.topics[-1].categories == ("cs.CV",)
    assert settings.sources["arxiv"].delay is not None
    assert [(feed.name, feed.url) for feed in settings.feeds] == [("bair", "https://bair.berkeley.edu/blog/feed.xml")]
    assert list(tomllib.loads(text)) == ["paperlark", "sources", "feeds", "topics", "subscriptions", "smtp", "serve", "log"]
    assert settings.serve.listen == "127.0.0.1:8765"
    assert (settings.log.format, settings.log.file) == ("text", tmp_path / "paperlark.log")


@pytest.mark.parametrize("answers", [Answers(), READER])
def test_every_line_of_a_file_has_its_comment(answers: Answers) -> None:
    described = set()
    for before, line in pairwise(settings_text(answers).splitlines()):
        setting = re.match(r"([a-z_]+) = ", line)
        if setting and (before.startswith("#") or " # " in line):
            described.add(setting[1])
    assert described >= {"name", "query", "topics", "every", "at", "categories", "database", "timezone"}


def test_the_hour_is_not_said_to_start_anything() -> None:
    text = settings_text(Answers())
    note = text[text.index('every = "day"') : text.index("at = ")]
    assert "whenever it is called" in note
    assert "only `paperlark check` looks at it" in note


def test_the_tables_stand_in_the_order_of_the_readme() -> None:
    assert list(tomllib.loads(settings_text(READER))) == ["paperlark", "sources", "topics", "subscriptions", "smtp"]


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    path = write_settings(tmp_path / "new" / "folder", settings_text(Answers()))
    assert path == tmp_path / "new" / "folder" / "paperlark.toml"
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_file_that_is_there_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "paperlark.toml").write_text("mine")
    with pytest.raises(SettingsError, match="is there already"):
        write_settings(tmp_path, "ours")
    with pytest.raises(SettingsError, match="is there already"):
        place(tmp_path)
    assert (tmp_path / "paperlark.toml").read_text() == "mine"


def test_a_folder_that_cannot_be_made_is_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="cannot be written"):
        write_settings(tmp_path / "file" / "folder", "ours")


_TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


@given(_TEXTS | st.lists(_TEXTS))
def test_toml_gives_back_what_was_written(value: str | list[str]) -> None:
    assert tomllib.loads(f"key = {toml(value)}") == {"key": value}
