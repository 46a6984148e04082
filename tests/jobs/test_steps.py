"""The steps: what the settings turn into work, and what each of them leaves in the store."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.errors import DeliveryError, SettingsError
from crawler.sources import all_sources
from jobs.orders import orders
from jobs.state import state_of
from jobs.steps import Office, crawl_step, digest_step, mails_waiting, open_office, send_step, write_step
from jobs.tables import SourceSettings
from jobs.wanted import sender, smtp, subscriptions
from tests.jobs.offices import Desk, day, paper


@pytest.fixture
def desk(one_desk: Desk) -> Desk:
    return one_desk


def in_office(desk: Desk, **changes: object) -> Office:
    office = desk.office(day(0))
    return replace(office, settings=office.settings.model_copy(update=changes))


def test_every_source_that_is_on_is_an_order(desk: Desk) -> None:
    office = in_office(desk, contact="me@example.org")
    (order,) = orders(replace(office, mirror="http://127.0.0.1:9"), [])
    assert (order.source.name, order.scopes, order.contact) == ("arxiv", ("cs.CV", "cs.LG"), "me@example.org")
    assert (order.place, order.delay, order.mirror) == ("crawler.sources.arxiv:SOURCE", None, "http://127.0.0.1:9")
    assert orders(office, ["arxiv"])[0].scopes == order.scopes
    assert orders(in_office(desk, sources={}), []) == []


def test_every_source_that_cannot_be_asked_is_a_mistake(desk: Desk) -> None:
    with pytest.raises(SettingsError) as caught:
        orders(in_office(desk, sources={}), ["arxiv", "nowhere"])
    assert caught.value.mistakes == (
        "arxiv is not turned on: add [sources.arxiv] to the settings",
        f"there is no source nowhere; known: {', '.join(all_sources())}",
    )


def test_a_pause_of_ones_own_goes_with_the_order(desk: Desk) -> None:
    office = desk.office(day(0))
    slow = office.settings.sources["arxiv"].model_copy(update={"delay": timedelta(seconds=20)})
    (order,) = orders(in_office(desk, sources={"arxiv": slow}), [])
    assert order.delay == timedelta(seconds=20)


def test_the_token_goes_with_the_order_of_the_source_that_wants_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAPERLARK_TEST_TOKEN", "geheim")
    told = SourceSettings(editions=("ICLR2026",), token_env="PAPERLARK_TEST_TOKEN")
    office = in_office(desk, sources={"arxiv": SourceSettings(categories=("cs.CV",)), "openreview": told})
    assert {order.source.name: order.token for order in orders(office, [])} == {"arxiv": "", "openreview": "geheim"}
    assert "geheim" not in repr(orders(office, []))
    (order,) = orders(in_office(desk, sources={"openreview": SourceSettings(editions=("ICLR2026",))}), [])
    assert order.token == ""


def test_a_token_that_is_not_there_is_a_mistake_of_the_call_that_names_its_source(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PAPERLARK_TEST_TOKEN", raising=False)
    told = SourceSettings(editions=("ICLR2026",), token_env="PAPERLARK_TEST_TOKEN")
    office = in_office(desk, sources={"arxiv": SourceSettings(categories=("cs.CV",)), "openreview": told})
    assert [order.source.name for order in orders(office, ["arxiv"])] == ["arxiv"]
    why = "sources.openreview.token_env: the environment variable PAPERLARK_TEST_TOKEN is not set"
    with pytest.raises(SettingsError) as caught:
        orders(office, ["arxiv", "openreview"])
    assert caught.value.mistakes == (why,)
    assert {order.source.name: (order.token, order.lacks) for order in orders(office, [])} == {
        "arxiv": ("", ""),
        "openreview": ("", why),
    }


def test_nothing_to_crawl_is_no_look(desk: Desk) -> None:
    assert crawl_step(in_office(desk, sources={}), [], lambda _: None) == []


def test_only_the_subscriptions_named_are_digested(desk: Desk) -> None:
    desk.announce(paper(1))
    office = desk.office(day(0))
    one = office.settings.subscriptions[0]
    office = in_office(desk, subscriptions=(one, one.model_copy(update={"name": "evening"})))
    assert [done.subscription for done in digest_step(office, ["evening"])] == ["evening"]
    assert [(done.subscription, done.state) for done in digest_step(office, [])] == [("morning", "new"), ("evening", "stored")]
    with pytest.raises(SettingsError, match="there is no subscription noon; known: morning, evening"):
        digest_step(office, ["noon", "evening"])


def test_files_and_mails_leave_the_outbox_by_their_own_ways(desk: Desk, tmp_path: Path) -> None:
    desk.subscription = {"email": "reader@example.org", "forms": ["mail", "file"]}
    desk.announce(paper(1))
    office = desk.office(day(0))
    digest_step(office, [])
    assert mails_waiting(office) == 1
    assert [(one.form, one.state) for one in write_step(office)] == [("markdown", "sent"), ("html", "sent")]
    assert (tmp_path / "paperlark-digests/2026-08-10/morning.md").read_text(encoding="utf-8") == desk.markdown("2026-08-10")
    assert write_step(office) == []
    # Nobody answers at this port; without a server in the settings nobody is asked.
    assert [one.state for one in send_step(in_office(desk, smtp=None))] == ["pending"]
    assert [one.state for one in send_step(office)] == ["deferred"]
    assert mails_waiting(office) == 1
    assert state_of(office).outbox == {"sent": 2, "deferred": 1}
    assert [one.recipient for one in state_of(office).unsettled] == ["reader@example.org"]


def test_the_mail_is_from_the_sender_and_answers_go_to_the_contact(desk: Desk) -> None:
    written = sender(in_office(desk, contact="owner@example.org").settings)
    assert written is not None
    assert (written.address.mailbox, written.owner.mailbox) == ("lark@example.org", "owner@example.org")
    written = sender(in_office(desk, contact="").settings)
    assert written is not None
    assert written.owner == written.address
    assert sender(in_office(desk, smtp=None).settings) is None


def test_a_login_asks_for_its_password_when_it_is_needed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    office = desk.office(day(0))
    assert office.settings.smtp is not None
    plain = smtp(office.settings)
    assert plain is not None
    assert (plain.host, plain.port, plain.login) == ("127.0.0.1", 9, None)
    secured = {"security": "tls", "username": "me", "password_env": "PAPERLARK_TEST_PASSWORD"}
    server = smtp(in_office(desk, smtp=office.settings.smtp.model_copy(update=secured)).settings)
    assert server is not None
    assert server.login is not None
    monkeypatch.setenv("PAPERLARK_TEST_PASSWORD", "geheim")
    assert (server.login.username, server.login.password()) == ("me", "geheim")
    monkeypatch.delenv("PAPERLARK_TEST_PASSWORD")
    with pytest.raises(DeliveryError, match="PAPERLARK_TEST_PASSWORD"):
        server.login.password()
    bare = office.settings.smtp.model_copy(update={**secured, "password_env": None})
    server = smtp(in_office(desk, smtp=bare).settings)
    assert server is not None
    assert server.login is not None
    with pytest.raises(DeliveryError, match="me needs a password_env, password_file or password_command"):
        server.login.password()
    assert smtp(in_office(desk, smtp=None).settings) is None


def test_the_topics_are_in_the_readers_order(desk: Desk) -> None:
    desk.topics = {"Engines": "engine", "Boats": {"query": "boat", "categories": ["cs.LG"], "cap": 3}}
    desk.subscription = {"topics": ["Boats", "Engines"], "every": "week", "language": "zh", "timezone": "Asia/Shanghai"}
    (reader,) = subscriptions(desk.office(day(0)).settings)
    assert [(topic.name, topic.text, topic.categories, topic.cap) for topic in reader.topics] == [
        ("Boats", "boat", ("cs.LG",), 3),
        ("Engines", "engine", (), 25),
    ]
    assert (reader.every, reader.language, reader.timezone, reader.forms) == ("week", "zh", "Asia/Shanghai", ("file",))


def test_the_office_is_opened_by_the_environment(alone: Path) -> None:
    environ = {"PAPERLARK_NOW": "2026-01-15T02:30:00+00:00", "PAPERLARK_MIRROR": "http://127.0.0.1:9"}
    with open_office(None, environ) as office:
        assert office.settings.is_default
        assert office.mirror == "http://127.0.0.1:9"
        assert office.clock().year == 2026
        assert (alone / "paperlark.db").is_file()
    with open_office(None, {"PAPERLARK_MIRROR": ""}) as office:
        assert office.mirror is None


@pytest.mark.parametrize("text", ["foo", "http://", "ftp://127.0.0.1", "http://127.0.0.1:99999", "http://[::1"])
def test_a_mirror_that_is_no_address_is_a_mistake(desk: Desk, text: str) -> None:
    desk.office(day(0))
    with (
        pytest.raises(SettingsError, match="PAPERLARK_MIRROR"),
        open_office(desk.folder / "paperlark.toml", {"PAPERLARK_MIRROR": text}),
    ):
        pass


def test_files_that_somebody_removed_are_written_again(desk: Desk) -> None:
    desk.announce(paper(1))
    desk.digest(day(0))
    office = desk.office(day(0))
    assert len(write_step(office)) == 2
    markdown = office.settings.output / "2026-08-10" / "morning.md"
    before = markdown.read_bytes()
    markdown.unlink()
    assert [one.recipient for one in write_step(office, digest_step(office, []))] == ["2026-08-10/morning.md"]
    assert markdown.read_bytes() == before
    assert write_step(office, digest_step(office, [])) == []
