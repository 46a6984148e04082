"""Settings that a daemon shares with its workers: all but what belongs to a machine, and no secret."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from crawler.errors import SettingsError
from jobs.clock import Clock
from jobs.settings import ServeSettings, Settings, load_settings
from jobs.sharing import as_shared, lacking, queue_of, queues, share, shareable
from jobs.steps import Office
from storage.database import Database, open_database
from storage.runs import PLANNED
from storage.shared_settings import share_settings, shared_settings

TEXT = """
[paperlark]
database = "{url}"
contact = "owner@example.org"
timezone = "Asia/Shanghai"
output = "pages"
[log]
file = "lark.log"
[serve]
workers = true
[sources.arxiv]
categories = ["cs.CV"]
delay = "15ms"
[sources.openreview]
token_file = "/run/secrets/lark"
[[feeds]]
name = "A blog"
url = "https://example.org/feed"
[[topics]]
name = "Larks"
query = "title:skylark"
[[subscriptions]]
name = "weekly"
email = "you@example.org"
every = "week"
at = "07:30"
latest = "11:00"
[smtp]
host = "mail.example.org"
from = "Paperlark <lark@example.org>"
username = "lark"
password_command = "pass mail"
"""
OWN = ("database_url", "output", "log", "serve")
OPEN = "sqlite:///paperlark.db"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return written(tmp_path, OPEN)


def written(folder: Path, url: str) -> Settings:
    file = folder / "paperlark.toml"
    file.write_text(TEXT.format(url=url), "utf-8")
    file.chmod(0o600)
    return load_settings(file, {})


def elsewhere(settings: Settings, monkeypatch: pytest.MonkeyPatch, folder: Path) -> Settings:
    """Read what is shared on a machine that has no settings."""
    (folder / "elsewhere").mkdir()
    monkeypatch.chdir(folder / "elsewhere")
    monkeypatch.setenv("HOME", str(folder / "elsewhere"))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    return load_settings(None, {}, shareable(settings))


def test_what_is_shared_reads_the_same_elsewhere(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    there = elsewhere(settings, monkeypatch, tmp_path)
    same = [name for name in Settings.model_fields if name not in (*OWN, "smtp", "sources")]
    assert [getattr(there, name) for name in same] == [getattr(settings, name) for name in same]
    assert there.sources["arxiv"] == settings.sources["arxiv"]
    assert there.smtp is not None
    assert (there.smtp.host, there.smtp.port, there.smtp.username) == ("mail.example.org", 587, "lark")


def test_a_machine_keeps_its_own_places_and_commands(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shared = str(shareable(settings))
    assert not [word for word in ("pass mail", "/run/secrets", "lark.log", "pages", "paperlark.db") if word in shared]
    there = elsewhere(settings, monkeypatch, tmp_path)
    assert there.smtp is not None
    assert there.smtp.password({"PAPERLARK_SMTP_PASSWORD": "secret"}) == "secret"
    assert there.smtp.password_command is None
    assert there.output.parent == tmp_path / "elsewhere"


@pytest.fixture
def office(postgres_url: str, tmp_path: Path) -> Iterator[Office]:
    """A daemon's office on a store that workers can share."""
    with closing(open_database(postgres_url)) as database:
        yield Office(settings=written(tmp_path, postgres_url), clock=Clock(), mirror=None, database=database)


def test_a_worker_takes_the_settings_from_the_store_until_they_are_no_longer_shared(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = replace(office, settings=elsewhere(office.settings, monkeypatch, tmp_path))
    bare = replace(bare, settings=load_settings(None, {"PAPERLARK_DATABASE": office.settings.database_url}))
    # By the settings that a reader starts with other lists would be asked for, and the day's would count as asked.
    with pytest.raises(SettingsError, match="none in the store"):
        as_shared(bare, {})
    share(office)
    share(office)
    assert [one.name for one in as_shared(bare, {}).settings.subscriptions] == ["weekly"]
    # The machine's own environment wins, as over a file.
    assert as_shared(bare, {"PAPERLARK_LANGUAGE": "zh"}).settings.language == "zh"
    # Whoever has a file of their own goes by that.
    assert as_shared(office, {}) is office
    share(replace(office, settings=office.settings.model_copy(update={"serve": ServeSettings()})))
    with office.database.reading() as connection:
        assert shared_settings(connection) is None
    with pytest.raises(SettingsError, match="none in the store"):
        as_shared(bare, {})


@pytest.fixture
def bare(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    """A worker's office, on a machine that has no settings."""
    elsewhere(office.settings, monkeypatch, tmp_path)
    return replace(office, settings=load_settings(None, {"PAPERLARK_DATABASE": office.settings.database_url}))


def test_a_worker_runs_no_command_and_takes_no_place_that_somebody_wrote_into_the_store(office: Office, bare: Office) -> None:
    tree = shareable(office.settings)
    smtp = {key: value for key, value in tree["smtp"].items() if key != "password_env"} | {"password_command": "touch gone"}
    sources = {**tree["sources"], "openreview": {"token_command": "touch gone"}}
    planted = {"database": "sqlite:///gone.db", "output": "/gone", "log": {"file": "/gone"}, "serve": {"listen": "127.0.0.1:9"}}
    with office.database.writing() as connection:
        share_settings(connection, {**tree, **planted, "smtp": smtp, "sources": sources})
    found = as_shared(bare, {"PAPERLARK_DATABASE": office.settings.database_url}).settings
    assert found.smtp is not None
    assert (found.smtp.password_command, found.smtp.password_env) == (None, "PAPERLARK_SMTP_PASSWORD")
    assert found.sources["openreview"].token_command is None
    assert [getattr(found, name) for name in OWN] == [getattr(bare.settings, name) for name in OWN]


def test_a_worker_may_have_its_secrets_in_a_place_of_its_own(office: Office, bare: Office) -> None:
    share(office)
    environ = {"PAPERLARK_SMTP__PASSWORD_FILE": "/run/secrets/mail", "PAPERLARK_SOURCES__OPENREVIEW__TOKEN_ENV": "LARK_TOKEN"}
    found = as_shared(bare, environ).settings
    assert found.smtp is not None
    assert (found.smtp.password_file, found.smtp.password_env) == (Path("/run/secrets/mail"), None)
    assert (found.sources["openreview"].token_env, found.sources["openreview"].token_file) == ("LARK_TOKEN", None)


def test_without_a_secret_a_worker_leaves_what_needs_it_to_others(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere(office.settings, monkeypatch, tmp_path)
    away = replace(office, settings=load_settings(None, {}, shareable(office.settings)))
    found = dict(lacking(away, {}))
    # The other sources are asked: what is missing is the token of one.
    assert sorted(found) == ["ask:openreview", "deliver", "enrich:openreview", "fill:openreview"]
    assert "PAPERLARK_SMTP_PASSWORD" in found["deliver"]
    assert "PAPERLARK_OPENREVIEW_TOKEN" in found["ask:openreview"]
    no_login = replace(office, settings=office.settings.model_copy(update={"smtp": None, "sources": {}}))
    assert list(lacking(no_login, {})) == []


def test_every_run_that_can_be_planned_has_a_queue() -> None:
    assert len(queues()) == len(set(queues()))
    assert {"ask:arxiv", "ask:feeds", "enrich:cvf", "fill:arxiv", "compose", "deliver"} < set(queues())
    assert {queue_of(kind, "arxiv") for kind in PLANNED} < set(queues())


def test_a_store_on_one_machine_shares_nothing(database: Database, settings: Settings) -> None:
    office = Office(settings=settings, clock=Clock(), mirror=None, database=database)
    if database.is_sqlite:
        share(office)
        with database.reading() as connection:
            assert shared_settings(connection) is None
