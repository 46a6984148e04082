import json
import os
import pickle
import subprocess
import sys
import tomllib
import traceback
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from crawler.errors import SettingsError
from crawler.sources import find
from crawler.text import clean
from digests.query import parse
from jobs.scopes import scopes_of
from jobs.settings import Settings, load_settings
from jobs.starter import TOPICS

CANARY = "correct-horse-battery"
WHOLE = """
[paperlark]
database = "sqlite:///data/papers.db"
output = "out"
timezone = "Asia/Shanghai"
language = "zh"
contact = "lark@example.org"
site_url = "https://example.org/papers"

[sources.arxiv]
categories = ["cs.CV", "cs.LG", "cs.CV"]
delay = "20s"

[[topics]]
name = "Semantic segmentation"
query = '"semantic segmentation" OR "panoptic segmentation"'
categories = ["cs.CV"]
cap = 10

[[topics]]
name = "Depth"
query = "depth"

[[subscriptions]]
name = "morning"
email = "you@example.org"
forms = ["mail", "file"]
topics = ["Depth"]
every = "week"
at = "09:45"
language = "en"
timezone = "Europe/Berlin"

[smtp]
host = "smtp.example.org"
port = 2525
security = "tls"
username = "you"
password_env = "MAIL_PASSWORD"
from = "Paperlark <you@example.org>"

[serve]
listen = "[::1]:8765"

[log]
format = "json"
file = "logs/paperlark.log"
"""


def scopes_at(settings: Settings, name: str) -> tuple[str, ...]:
    return scopes_of(find(name), settings.sources[name], date(2026, 8, 12), {})


def write(folder: Path, text: str) -> Path:
    path = folder / "paperlark.toml"
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    return path


def mistakes(folder: Path, text: str, environ: dict[str, str] | None = None) -> list[str]:
    path = write(folder, text)
    with pytest.raises(SettingsError) as caught:
        load_settings(path, environ or {})
    return [line.removeprefix(f"{path}: ") for line in caught.value.mistakes]


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A current folder and a home without any settings."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    return tmp_path


def test_every_setting_is_read(tmp_path: Path) -> None:
    settings = load_settings(write(tmp_path, WHOLE), {})
    assert settings.database_url == f"sqlite:///{tmp_path}/data/papers.db"
    assert settings.output == tmp_path / "out"
    assert (settings.timezone, settings.language) == ("Asia/Shanghai", "zh")
    assert (settings.contact, settings.site_url) == ("lark@example.org", "https://example.org/papers")
    assert scopes_at(settings, "arxiv") == ("cs.CV", "cs.LG")
    assert settings.sources["arxiv"].delay == timedelta(seconds=20)
    first, second = settings.topics
    assert (first.name, first.categories, first.cap) == ("Semantic segmentation", ("cs.CV",), 10)
    assert (second.query, second.categories, second.cap) == ("depth", (), 25)
    (reader,) = settings.subscriptions
    assert (reader.name, reader.email, reader.forms) == ("morning", "you@example.org", ("mail", "file"))
    assert (reader.topics, reader.every, reader.at) == (("Depth",), "week", time(9, 45))
    assert (reader.language, reader.timezone) == ("en", "Europe/Berlin")
    smtp = settings.smtp
    assert smtp is not None
    assert (smtp.host, smtp.port, smtp.security, smtp.username) == ("smtp.example.org", 2525, "tls", "you")
    assert smtp.sender == "Paperlark <you@example.org>"
    assert smtp.password({"MAIL_PASSWORD": CANARY}) == CANARY
    assert settings.serve.listen == "[::1]:8765"
    assert (settings.log.format, settings.log.file) == ("json", tmp_path / "logs" / "paperlark.log")
    assert settings.file == tmp_path / "paperlark.toml"


def test_without_a_file_a_reader_starts_with_two_sources_and_six_topics(nowhere: Path) -> None:
    settings = load_settings(None, {})
    assert settings.is_default
    assert settings.file is None
    assert settings.database_url == f"sqlite:///{nowhere}/paperlark.db"
    assert settings.output == nowhere / "paperlark-digests"
    assert {name: scopes_at(settings, name) for name in settings.sources} == {
        "arxiv": ("cs.CV",),
        "huggingface": ("",),
    }
    assert len(settings.topics) == 6
    (reader,) = settings.subscriptions
    assert (reader.name, reader.forms, reader.email) == ("morning", ("file",), None)
    assert reader.topics == tuple(topic.name for topic in settings.topics)
    assert settings.warnings() == []


def test_the_environment_changes_what_a_reader_starts_with(nowhere: Path) -> None:
    settings = load_settings(None, {"PAPERLARK_SOURCES__ARXIV__CATEGORIES": '["cs.RO"]', "PAPERLARK_OUTPUT": "here"})
    assert settings.is_default
    assert settings.sources["arxiv"].categories == ("cs.RO",)
    assert settings.output == nowhere / "here"


def test_the_queries_to_start_with_can_be_read() -> None:
    for topic in TOPICS:
        parse(topic.query)


def test_the_file_in_the_current_folder_comes_first_then_the_users(nowhere: Path) -> None:
    home = nowhere / "home"
    users = home / ("Library/Application Support" if sys.platform == "darwin" else ".config") / "paperlark"
    users.mkdir(parents=True)
    write(users, '[paperlark]\ncontact = "home@example.org"')
    found = load_settings(None, {})
    assert (found.contact, found.database_url) == ("home@example.org", f"sqlite:///{users}/paperlark.db")
    write(nowhere, '[paperlark]\ncontact = "here@example.org"')
    assert load_settings(None, {}).contact == "here@example.org"
    assert load_settings(users / "paperlark.toml", {}).contact == "home@example.org"


def test_what_is_left_out_follows_from_the_rest(tmp_path: Path) -> None:
    text = """
        [paperlark]
        language = "zh"
        timezone = "Asia/Shanghai"
        [sources.arxiv]
        [[topics]]
        name = "Depth"
        query = "depth"
        [[subscriptions]]
        name = "files"
        [[subscriptions]]
        name = "mail"
        email = "you@example.org"
        [smtp]
        host = "localhost"
        security = "none"
        from = "you@example.org"
    """
    settings = load_settings(write(tmp_path, text), {})
    assert scopes_at(settings, "arxiv") == ("cs.CV",)
    assert [reader.forms for reader in settings.subscriptions] == [("file",), ("mail", "file")]
    assert {(reader.language, reader.timezone, reader.topics) for reader in settings.subscriptions} == {
        ("zh", "Asia/Shanghai", ("Depth",))
    }
    assert settings.smtp is not None
    assert (settings.smtp.port, settings.smtp.password({})) == (25, None)


@pytest.mark.parametrize(("security", "port"), [("starttls", 587), ("tls", 465)])
def test_the_port_follows_from_the_security(tmp_path: Path, security: str, port: int) -> None:
    settings = load_settings(write(tmp_path, f'[smtp]\nhost = "h"\nfrom = "a@b"\nsecurity = "{security}"'), {})
    assert settings.smtp is not None
    assert settings.smtp.port == port


def test_a_password_file_lies_beside_the_settings(tmp_path: Path) -> None:
    text = '[smtp]\nhost = "h"\nfrom = "a@b"\nusername = "you"\npassword_file = "secret"'
    settings = load_settings(write(tmp_path, text), {})
    (tmp_path / "secret").write_text(CANARY)
    (tmp_path / "secret").chmod(0o600)
    assert settings.smtp is not None
    assert settings.smtp.password({}) == CANARY


def test_a_token_file_lies_beside_the_settings(tmp_path: Path) -> None:
    settings = load_settings(write(tmp_path, '[sources.openreview]\neditions = ["ICLR2026"]\ntoken_file = "token"'), {})
    (tmp_path / "token").write_text(CANARY)
    (tmp_path / "token").chmod(0o600)
    assert settings.sources["openreview"].token("openreview", {}) == CANARY
    environ = {"PAPERLARK_SOURCES__OPENREVIEW__TOKEN_ENV": "MY_TOKEN"}
    settings = load_settings(write(tmp_path, '[sources.openreview]\neditions = ["ICLR2026"]'), environ)
    assert settings.sources["openreview"].token("openreview", {"MY_TOKEN": CANARY}) == CANARY


def test_the_environment_wins_over_the_file_setting_by_setting(tmp_path: Path) -> None:
    environ = {
        "PAPERLARK_DATABASE": "postgresql+psycopg://lark@db/papers",
        "paperlark_language": "en",
        "PAPERLARK_SMTP__HOST": "other.example.org",
        "PAPERLARK_SMTP__PORT": "26",
        "PAPERLARK_SMTP__FROM": "other@example.org",
        "PAPERLARK_SOURCES__ARXIV__DELAY": "1 min",
        "PAPERLARK_TOPICS": '[{"name": "Depth", "query": "depth", "cap": 3}]',
        "PAPERLARK_CONTACT": "",
        "PAPERLARK_MIRROR": "http://127.0.0.1:9000",
        "PAPERLARK_NOW": "never read here",
        "PAPERLARK_SMTP_PASSWORD": CANARY,
        "PAPERLARK_BROWSER": "firefox",
    }
    settings = load_settings(write(tmp_path, WHOLE), environ)
    assert settings.database_url == "postgresql+psycopg://lark@db/papers"
    assert (settings.language, settings.contact) == ("en", "lark@example.org")
    assert settings.smtp is not None
    assert (settings.smtp.host, settings.smtp.port, settings.smtp.username) == ("other.example.org", 26, "you")
    assert settings.smtp.sender == "other@example.org"
    assert scopes_at(settings, "arxiv") == ("cs.CV", "cs.LG")
    assert settings.sources["arxiv"].delay == timedelta(minutes=1)
    assert [(topic.name, topic.cap) for topic in settings.topics] == [("Depth", 3)]


def test_a_table_in_the_environment_is_json(tmp_path: Path) -> None:
    smtp = {"host": "h", "from": "a@b", "security": "tls"}
    settings = load_settings(write(tmp_path, ""), {"PAPERLARK_SMTP": json.dumps(smtp), "PAPERLARK_SOURCES__ARXIV": "{}"})
    assert settings.smtp is not None
    assert settings.smtp.port == 465
    assert scopes_at(settings, "arxiv") == ("cs.CV",)


def test_the_value_is_frozen_and_travels(tmp_path: Path) -> None:
    settings = load_settings(write(tmp_path, WHOLE), {})
    copy = pickle.loads(pickle.dumps(settings))
    assert copy == settings
    assert copy.file == settings.file
    with pytest.raises(ValidationError):
        settings.language = "en"


TEN_MISTAKES = """
database = "x"
[paperlark]
langauge = "zh"
timezone = "Asia/Shangai"
[sources.arxiv]
categories = ["cs.CV", "LG"]
[sources.arxive]
[[feeds]]
name = "bair"
[[topics]]
name = "Depth"
query = "depth AND"
[[topics]]
name = "depth"
query = "depth"
[[subscriptions]]
name = "a/b"
at = "25:00"
topics = ["Dept"]
"""


def test_ten_mistakes_are_ten_lines(tmp_path: Path) -> None:
    and_ends = 'AND needs something after it; to look for the word itself, write "AND" (column 7)'
    assert mistakes(tmp_path, TEN_MISTAKES) == [
        "database: belongs under [paperlark]",
        'paperlark.langauge: unknown key; did you mean "language"?',
        'paperlark.timezone: must be the name of an IANA time zone; did you mean "Asia/Shanghai"?',
        'sources.arxiv.categories[2]: must be an arXiv category, as in "cs.CV" (https://arxiv.org/category_taxonomy)',
        'sources.arxive: no source is called so; did you mean "arxiv"?',
        "feeds[1].url: is missing",
        f"topics[1].query: {and_ends}",
        "topics[2].name: topics[1] is called so already; capitals make no difference",
        "subscriptions[1].name: files are called by it, so it may not hold /",
        'subscriptions[1].at: must be an hour from 00:00 to 23:59, as in "10:30"',
        'subscriptions[1].topics[1]: there is no such topic; did you mean "Depth"?',
    ]


def test_a_mistake_in_the_environment_names_the_variable(tmp_path: Path) -> None:
    environ = {
        "PAPERLARK_TIMEZONE": "Mars",
        "PAPERLARK_SMTP__PORT": "70000",
        "PAPERLARK_TOPICS": '[{"name": "Depth"}]',
        "PAPERLARK_SUBSCRIPTIONS": "[broken",
        "PAPERLARK_SOURCES__ARXIV__CATEGORIES": "cs.CV",
        "PAPERLARK_SOURCES__ARXIV__COLOUR": "red",
    }
    assert mistakes(tmp_path, '[smtp]\nfrom = "a@b"', environ) == [
        "PAPERLARK_TIMEZONE: must be the name of an IANA time zone, as in Asia/Shanghai, Europe/Berlin or UTC",
        'PAPERLARK_SOURCES__ARXIV__CATEGORIES: must be a list, as in ["one", "two"]',
        (
            "PAPERLARK_SOURCES__ARXIV__COLOUR: unknown key; known: categories, delay, editions, methods, tasks, "
            "token_command, token_env, token_file, volumes"
        ),
        "PAPERLARK_TOPICS: [1].query: is missing",
        'PAPERLARK_SUBSCRIPTIONS: must be a list, as in ["one", "two"]',
        "smtp.host: is missing",
        "PAPERLARK_SMTP__PORT: must be at most 65535",
    ]


def test_a_mistake_without_a_file_names_the_settings(nowhere: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(None, {"PAPERLARK_SMTP__HOST": "localhost"})
    assert caught.value.mistakes == ("settings: smtp.from: is missing",)


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("PAPERLARK_OUTPT", "is no setting; did you mean PAPERLARK_OUTPUT?"),
        ("PAPERLARK_SMTP_HOST", "is no setting; did you mean PAPERLARK_SMTP__HOST?"),
        ("PAPERLARK_DATABASE__URL", "unknown table; known: feeds, log, serve, smtp, sources, subscriptions, topics"),
        ("PAPERLARK_TOPIC__NAME", 'unknown table; did you mean "topics"?'),
    ],
)
def test_a_variable_that_sets_nothing_though_it_seems_to_is_a_mistake(tmp_path: Path, name: str, line: str) -> None:
    assert mistakes(tmp_path, "", {name: "x"}) == [f"{name}: {line}"]


def test_two_variables_for_one_table_are_a_mistake(tmp_path: Path) -> None:
    environ = {"PAPERLARK_SMTP": '{"host": "h", "from": "a@b"}', "PAPERLARK_SMTP__HOST": "other"}
    assert mistakes(tmp_path, "", environ) == ["PAPERLARK_SMTP: sets what PAPERLARK_SMTP__HOST sets too; keep one of them"]


SMTP = '[smtp]\nhost = "h"\nfrom = "a@b"\n'
OPENREVIEW = '[sources.openreview]\neditions = ["ICLR2026"]\n'
AT, NOT_ITSELF = "sources.openreview", "not the password itself"
READER = '[[topics]]\nname = "Depth"\nquery = "depth"\n[[subscriptions]]\nname = "m"\n'


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("paperlark = 1", ["paperlark: must be a table"]),
        ("smtp = 1", ["smtp: must be a table"]),
        ("sources = 1", ["sources: must be a table"]),
        ("sources.arxiv = 1", ["sources.arxiv: must be a table"]),
        ("[topics]", ['topics: must be a list, as in ["one", "two"]']),
        ("topics = [1]", ["topics[1]: must be a table"]),
        ("[topic]", ['topic: unknown table; did you mean "topics"?']),
        ("[paperlark]\ndatabase = 1", ["paperlark.database: must be text in quotes"]),
        ("[paperlark]\noutput = 1", ["paperlark.output: must be text in quotes"]),
        ('[paperlark]\nlanguage = "fr"', ['paperlark.language: must be "en" or "zh"']),
        (
            '[paperlark]\nsite_url = "x"',
            ["paperlark.site_url: must be an address that begins with https:// or http://, or empty"],
        ),
        ("[sources.arxiv]\ncategories = []", ["sources.arxiv.categories: must name at least one category"]),
        ('[sources.arxiv]\neditions = ["CVPR2026"]', ["sources.arxiv.editions: arXiv has categories, no editions"]),
        ("[sources.cvf]\nvolumes = [235]", ["sources.cvf.volumes[1]: CVF Open Access has no volumes"]),
        (
            '[sources.cvf]\neditions = ["WACV2025_foo"]',
            ["sources.cvf.editions[1]: CVF Open Access has no WACV2025_foo; it has WACV2025, WACV2025_workshops"],
        ),
        (
            '[sources.huggingface]\ncategories = ["cs.CV"]',
            ["sources.huggingface.categories: Hugging Face has one list for all, no parts"],
        ),
        ('[sources.arxiv]\ntasks = ["Weaving"]', ["sources.arxiv.tasks: arXiv has categories, no tasks"]),
        (
            '[sources.paperswithcode]\ncategories = ["cs.CV"]',
            ["sources.paperswithcode.categories: Papers with Code has editions, tasks and methods, no categories"],
        ),
        (OPENREVIEW + 'token_env = "my token"', [f"{AT}.token_env: must be the name of an environment variable, {NOT_ITSELF}"]),
        (
            OPENREVIEW + 'token_env = "X"\ntoken_command = "pass show x"',
            [f"{AT}.token_command: token_env is given already; keep one of them"],
        ),
        ('[sources.arxiv]\ntoken_env = "X"', ["sources.arxiv.token_env: arXiv wants no token"]),
        ("[sources.arxiv]\ndelay = 15", ["sources.arxiv.delay: must be text in quotes"]),
        (
            '[[topics]]\nname = ""\nquery = "x"\ncap = 0',
            ["topics[1].name: must not be empty", "topics[1].cap: must be at least 1"],
        ),
        ('[[topics]]\nname = "A"\nquery = "x"\ncap = true', ["topics[1].cap: must be a whole number"]),
        (
            '[[topics]]\nname = "A"\nquery = "x"\nlike = []',
            ["topics[1].like: unknown key; known: cap, categories, name, query"],
        ),
        ('[[subscriptions]]\nname = "m"', ["subscriptions[1].topics: there is no topic yet; add a table [[topics]]"]),
        (READER + "topics = []", ["subscriptions[1].topics: must name at least one topic, or be left out for all of them"]),
        (READER + 'every = "hour"', ['subscriptions[1].every: must be "day", "week" or "month"']),
        (READER + "forms = []", ['subscriptions[1].forms: must be "mail", "file" or both']),
        (READER + 'forms = ["sms"]', ['subscriptions[1].forms[1]: must be "mail" or "file"']),
        (READER + 'forms = ["mail"]\n' + SMTP, ['subscriptions[1].email: is missing, and "forms" asks for mail']),
        (READER + 'email = "a@b"', ["subscriptions[1].forms: mail needs a mail server; add a table [smtp]"]),
        (SMTP + 'username = "u"', ["smtp: a username needs a password: one of password_env, password_file, password_command"]),
        (SMTP + 'password_env = "X"', ["smtp.username: is missing, and there is a password for it"]),
        (
            SMTP + 'username = "u"\npassword_env = "X"\npassword_command = "pass show x"',
            ["smtp.password_command: password_env is given already; keep one of them"],
        ),
        (
            SMTP + 'username = "u"\npassword_env = "X"\nsecurity = "none"',
            ['smtp.security: "none" never sends a password; take username and password out, or use "starttls"'],
        ),
        (SMTP + "port = 0", ["smtp.port: must be at least 1"]),
    ],
)
def test_each_mistake_is_said_in_words_and_once(tmp_path: Path, text: str, lines: list[str]) -> None:
    assert mistakes(tmp_path, text) == lines


@pytest.mark.parametrize("names", [("morning", "Morning"), ("caf\u00e9", "cafe\u0301"), ("a b", "a  b")])
def test_names_that_would_be_one_file_are_a_mistake(tmp_path: Path, names: tuple[str, str]) -> None:
    text = READER.replace('"m"', f'"{names[0]}"') + f'[[subscriptions]]\nname = "{names[1]}"'
    assert mistakes(tmp_path, text) == [
        "subscriptions[2].name: subscriptions[1] is called so already; capitals make no difference"
    ]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"[paperlark]\nlanguage = zh", "is not valid TOML: "),
        (b"[paperlark]\n\nlanguage = \xff", "line 3: must be saved as UTF-8"),
        (b"x = " + b"[" * 5000, "is nested too deeply"),
    ],
)
def test_a_file_that_is_no_toml_says_where(tmp_path: Path, content: bytes, line: str) -> None:
    path = write(tmp_path, "")
    path.write_bytes(content)
    with pytest.raises(SettingsError) as caught:
        load_settings(path, {})
    (found,) = caught.value.mistakes
    assert found.startswith(f"{path}: {line}")
    assert "line" in found or "deeply" in found


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    path = write(tmp_path, "")
    path.write_bytes(b'\xef\xbb\xbf[paperlark]\r\nlanguage = "zh"\r\n')
    assert load_settings(path, {}).language == "zh"


def test_a_file_that_is_not_there_or_none_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no such file; this writes one: paperlark init"):
        load_settings(tmp_path / "other.toml", {})
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings(tmp_path, {})


def test_a_source_of_another_package_that_cannot_be_loaded_is_a_mistake(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "lark_more-1.dist-info"
    package.mkdir()
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: lark-more\nVersion: 1\n")
    (package / "entry_points.txt").write_text("[paperlark.sources]\nmore = lark_more:SOURCE\n")
    monkeypatch.syspath_prepend(tmp_path)
    (line,) = mistakes(tmp_path, "[sources.arxiv]")
    assert line.startswith("sources: the entry point more")


DATABASE = f'[paperlark]\ndatabase = "postgresql+psycopg://lark:{CANARY}@db/papers"\n'


@pytest.mark.skipif(os.name != "posix", reason="Windows keeps a user's files to the user without modes")
def test_a_file_with_a_password_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, DATABASE)
    assert load_settings(path, {}).database_url.endswith(f"{CANARY}@db/papers")
    path.chmod(0o644)
    with pytest.raises(SettingsError) as caught:
        load_settings(path, {})
    assert caught.value.mistakes == (
        f"{path}: paperlark.database: holds a password, and others may read it; run: chmod 600 {path}",
    )
    path.write_text("")
    load_settings(path, {"PAPERLARK_DATABASE": f"postgresql+psycopg://lark:{CANARY}@db/papers"})


def test_no_secret_is_in_what_is_shown(tmp_path: Path) -> None:
    settings = load_settings(write(tmp_path, DATABASE), {})
    assert settings.database == "postgresql+psycopg://lark@db/papers"
    assert CANARY not in f"{settings!r} {settings}"


@pytest.mark.parametrize(
    ("text", "environ"),
    [
        (f'{SMTP}password = "{CANARY}"', {}),
        (SMTP, {"PAPERLARK_SMTP__PASSWORD": CANARY}),
        ("", {"PAPERLARK_SMTP": json.dumps({"host": "h", "from": "a@b", "password": CANARY})}),
    ],
)
def test_a_password_in_the_settings_is_refused_and_not_repeated(tmp_path: Path, text: str, environ: dict[str, str]) -> None:
    (line,) = mistakes(tmp_path, text, environ)
    assert "a password does not belong into the settings" in line
    assert CANARY not in line


@pytest.mark.parametrize(
    ("text", "environ"),
    [
        (f'{OPENREVIEW}token = "{CANARY}"', {}),
        (OPENREVIEW, {"PAPERLARK_SOURCES__OPENREVIEW__TOKEN": CANARY}),
    ],
)
def test_a_token_in_the_settings_is_refused_and_not_repeated(tmp_path: Path, text: str, environ: dict[str, str]) -> None:
    (line,) = mistakes(tmp_path, text, environ)
    assert line.endswith("name where it is with token_env, token_file or token_command")
    assert CANARY not in line


@pytest.mark.parametrize(
    "text",
    [
        DATABASE.replace("postgresql+psycopg", "mysql"),
        DATABASE.replace("@db", "@db:x"),
        DATABASE + f'x = "{CANARY}"',
        f'{SMTP}password_env = "{CANARY}!"',
        f'{SMTP}password_command = "\'{CANARY}"',
        f"[smtp]\npassword = ['{CANARY}']",
        f"{OPENREVIEW}token = ['{CANARY}']",
        f'{OPENREVIEW}token_env = "{CANARY}!"',
        f'{OPENREVIEW}token_command = "\'{CANARY}"',
        f"[smtp]\nport = '{CANARY}'",
    ],
)
def test_no_secret_is_in_a_mistake_or_its_traceback(tmp_path: Path, text: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(SettingsError) as caught:
        load_settings(path, {})
    shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    assert CANARY not in shown


NAMES = st.sampled_from(
    [
        *(*Settings.model_fields, "database", "arxiv", "name", "query", "categories", "forms", "email", "every", "at", "cap"),
        *("host", "port", "security", "username", "password", "password_env", "password_file", "password_command", "from"),
        *("delay", "editions", "token", "token_env", "token_file", "token_command"),
    ]
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.sampled_from(
    ["mail", "cs.CV", "a@b", "morning", "UTC", "en", "10:30", "1s", "sqlite:///x", "postgresql+psycopg://a:b@c/d", "~root/x"]
)
SCALARS = TEXTS | st.integers(-(2**70), 2**70) | st.floats() | st.booleans() | st.dates() | st.datetimes() | st.times()
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES | TEXTS, inner, max_size=4), max_leaves=12
)
TABLES = st.dictionaries(NAMES, VALUES, max_size=6)
TREES = st.fixed_dictionaries(
    {},
    optional={
        "paperlark": TABLES | VALUES,
        "sources": st.dictionaries(st.sampled_from(["arxiv", "cvf"]), TABLES) | VALUES,
        "topics": st.lists(TABLES, max_size=3) | VALUES,
        "subscriptions": st.lists(TABLES, max_size=3) | VALUES,
        "smtp": TABLES | VALUES,
        "anything": VALUES,
    },
)


def toml(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str():
            return json.dumps(value).encode("utf-16", "surrogatepass").decode("utf-16") if value.isascii() else quoted(value)
        case dict():
            return "{" + ", ".join(f"{quoted(key)} = {toml(inner)}" for key, inner in value.items()) + "}"
        case list():
            return f"[{', '.join(map(toml, value))}]"
        case datetime() | date() | time():
            return value.isoformat()
        case _:
            return str(value)


def quoted(text: str) -> str:
    return '"' + "".join(f"\\U{ord(character):08x}" for character in text) + '"'


def load_or_refuse(path: Path, environ: dict[str, str]) -> None:
    lines = refused(path, environ)
    assert lines != ()
    for line in lines or ():
        assert line == clean(line)
        assert not line.endswith(":")


def refused(path: Path, environ: dict[str, str]) -> tuple[str, ...] | None:
    try:
        settings = load_settings(path, environ)
    except SettingsError as error:
        return error.mistakes
    settings.warnings()
    return None


@given(tree=TREES)
def test_whatever_toml_holds_it_is_settings_or_mistakes(tmp_path_factory: pytest.TempPathFactory, tree: dict[str, Any]) -> None:
    text = "\n".join(f"{key} = {toml(value)}" for key, value in tree.items())
    tomllib.loads(text)
    load_or_refuse(write(tmp_path_factory.getbasetemp(), text), {})


@given(content=st.binary() | st.text(st.sampled_from('[]{}="\n.,#a1'), max_size=40).map(str.encode))
def test_whatever_a_file_holds_it_is_settings_or_mistakes(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = write(tmp_path_factory.getbasetemp(), "")
    path.write_bytes(content)
    load_or_refuse(path, {})


VARIABLES = (
    st.lists(NAMES.map(str.upper) | st.sampled_from("01"), min_size=1, max_size=3).map("__".join).map("PAPERLARK_{}".format)
)


@given(
    environ=st.dictionaries(
        VARIABLES, st.text(max_size=20) | VALUES.map(lambda value: json.dumps(value, default=str)), max_size=5
    )
)
def test_whatever_the_environment_holds_it_is_settings_or_mistakes(
    tmp_path_factory: pytest.TempPathFactory, environ: dict[str, str]
) -> None:
    load_or_refuse(write(tmp_path_factory.getbasetemp(), WHOLE), environ)


def test_reading_the_settings_loads_neither_the_store_nor_the_crawler() -> None:
    heavy = "('sqlalchemy', 'scrapy', 'twisted', 'lxml', 'jinja2', 'feedparser')"
    code = f"import sys, jobs.settings; print(*(name for name in {heavy} if name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout.split() == []


def feeds(*pairs: tuple[str, str]) -> str:
    return "".join(f'[[feeds]]\nname = "{name}"\nurl = "{url}"\n' for name, url in pairs)


def test_feeds_have_a_name_and_an_address(tmp_path: Path) -> None:
    file = tmp_path / "paperlark.toml"
    file.write_text(
        feeds(
            ("Ada", "https://ada.example.org/feed#top"),
            ("论文", "http://Bücher.example.org/a b"),
            ("E", "http://e.example.org:81/"),
        )
    )
    found = load_settings(file, {}).feeds
    assert [(feed.name, feed.url) for feed in found] == [
        ("Ada", "https://ada.example.org/feed"),
        ("论文", "http://xn--bcher-kva.example.org/a%20b"),
        ("E", "http://e.example.org:81/"),
    ]
    told = load_settings(file, {"PAPERLARK_FEEDS": '[{"name": "Eve", "url": "https://eve.example.org/"}]'}).feeds
    assert [feed.name for feed in told] == ["Eve"]


def test_every_mistake_in_the_feeds_is_said(tmp_path: Path) -> None:
    wrong = feeds(
        ("Ada", "https://ada.example.org/feed"),
        ("ada", "http://ada.example.org/feed/"),
        ("A", "ftp://ada.example.org/"),
        ("B", "https://me:secret@ada.example.org/"),
        ("C", "http://127.0.0.1/feed"),
    )
    lines = mistakes(tmp_path, f'{wrong}every = "day"\n[sources.feeds]\n')
    assert lines == [
        "sources.feeds: a feed has a table of its own: [[feeds]], with its name and its url",
        "feeds[3].url: must be an address that begins with https:// or http://",
        "feeds[4].url: must hold no user name or password",
        "feeds[5].url: cannot be asked for: 127.0.0.1 is no address of the public internet",
        "feeds[5].every: unknown key; known: name, url",
        "feeds[2].name: feeds[1] is called so already; capitals make no difference",
        "feeds[2].url: feeds[1] has this address already",
    ]


def test_a_daemon_says_nothing_on_the_network_and_logs_to_the_terminal_unless_told(tmp_path: Path) -> None:
    settings = load_settings(write(tmp_path, ""), {})
    assert settings.serve.listen is None
    assert (settings.log.format, settings.log.file) == ("text", None)
    outside = {"PAPERLARK_SERVE__LISTEN": "localhost:9", "PAPERLARK_LOG__FORMAT": "json", "PAPERLARK_LOG__FILE": "a.log"}
    settings = load_settings(write(tmp_path, ""), outside)
    assert settings.serve.listen == "localhost:9"
    assert (settings.log.format, settings.log.file) == ("json", tmp_path / "a.log")


@pytest.mark.parametrize("listen", ["127.0.0.1:8765", "127.9.9.9:1", "localhost:65535", "LOCALHOST:80", "[::1]:8765"])
def test_health_is_told_to_this_machine(tmp_path: Path, listen: str) -> None:
    assert load_settings(write(tmp_path, f'[serve]\nlisten = "{listen}"'), {}).serve.listen == listen


@pytest.mark.parametrize(
    "listen",
    [
        *("0.0.0.0:8765", "[::]:8765", "192.168.1.7:80", "example.org:80", "localhost.example.org:80", "[::ffff:127.0.0.1]:80"),
        *(
            "127.1:80",
            "127.0.0.1",
            "127.0.0.1:0",
            "127.0.0.1:65536",
            "127.0.0.1:x",
            "127.0.0.1:８０",
            "::1:80",
            "[::1",
            ":80",
            "",
        ),
        *("you@127.0.0.1:80", "127.0.0.1:80/", "http://127.0.0.1:80"),
    ],
)
def test_health_is_told_to_nobody_else(tmp_path: Path, listen: str) -> None:
    why = "must be a port of this machine alone, as in 127.0.0.1:8765, localhost:8765 or [::1]:8765"
    assert mistakes(tmp_path, f'[serve]\nlisten = "{listen}"') == [f"serve.listen: {why}"]


def test_mistakes_in_the_tables_of_a_daemon(tmp_path: Path) -> None:
    outside = {"PAPERLARK_LOG_FORMAT": "json"}
    assert mistakes(tmp_path, '[log]\nformat = "xml"\nfile = ""\n[serve]\nlisten = 8765\nport = 1', outside) == [
        "PAPERLARK_LOG_FORMAT: is no setting; did you mean PAPERLARK_LOG__FORMAT?",
        "serve.listen: must be text in quotes",
        "serve.port: unknown key; known: listen, workers",
        'log.format: must be "text" or "json"',
        "log.file: must be the path of a file or folder, without control characters",
    ]
