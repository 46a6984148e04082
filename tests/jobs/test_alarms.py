"""What a person must look at: found in the store, said in both languages, mailed to the owner neither late nor too often."""

import unicodedata
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.verdict import Verdict, VerdictKind
from digests.address import Address
from digests.language import language
from digests.smtp import Smtp
from jobs.alarm_mail import troubles_of, warn
from jobs.alarms import OURS, Facts, Scope, Unwritten, facts_of, troubles
from jobs.clock import Clock
from jobs.due import Planned
from jobs.fields import file_label
from jobs.sending import send_due
from jobs.settings import load_settings
from jobs.steps import Office
from storage.database import open_database
from storage.days import LedgerDay, save_days
from storage.ledger import LedgerLine, save_line
from storage.outbox import Delivery, Message, begin, body, due, enqueue, of_period, settle
from storage.planned import Outcome, claim_run, finish_run, plan_runs
from storage.runs import Run, RunKey, newest_runs
from tests.digests.mail_server import mail_server
from tests.jobs.offices import Desk, day
from tests.storage.children import at_once
from tests.storage.factories import NOON

HOSTILE = "a\x1b[31m\r\nBcc: evil@example.org\u202e\u2028b"
CV, LG = Scope("arxiv", "arXiv", "cs.CV", "HTTP status 500"), Scope("arxiv", "arXiv", "cs.LG")
DAYS = (date(2026, 8, 10), date(2026, 8, 11), date(2026, 8, 12))
WITHOUT = "no complete list on {} announcement days in a row, the first of them 10 August."
#: More than 12 hours after the batch of Thursday was out.
THURSDAY = datetime(2026, 8, 13, 13, tzinfo=UTC)


def delivery(**parts: Any) -> Delivery:
    known = {
        "id": 1,
        "subscription": "morning",
        "period": "2026-08-12",
        "form": "mail",
        "recipient": "reader@example.org",
        "message_id": "",
        "state": "deferred",
        "attempts": 1,
        "created_at": NOON,
        "next_at": None,
        "error": None,
    }
    return Delivery(**{**known, **parts})


def unwritten(report: dict[str, Any]) -> Unwritten:
    key = RunKey("compose", "morning", "2026-08-11")
    run = Run(**key._asdict(), state="failed", started_at=NOON, report=report)
    return Unwritten(Planned(key, NOON - timedelta(days=1), NOON), run)


def said(facts: Facts, now: datetime = NOON, code: str = "en") -> list[str]:
    return [one.words for one in troubles(facts, language(code), "Asia/Shanghai", now)]


EVERYTHING = Facts(
    silent={CV: DAYS, LG: DAYS},
    shut_out={CV: NOON - timedelta(days=7)},
    given_up=(delivery(error="550 nobody"), delivery(id=2, recipient="other@example.org")),
    waiting=(delivery(created_at=NOON - timedelta(days=2)), delivery(created_at=NOON - timedelta(hours=30), error="no route")),
    unwritten=(unwritten({"error": "no room"}),),
)


def test_everything_is_said_in_english() -> None:
    assert said(EVERYTHING) == [
        f"arXiv cs.CV and arXiv cs.LG: {WITHOUT.format(3)} The last look: HTTP status 500",
        "arXiv cs.CV: every request has been refused since 5 August. The last look: HTTP status 500",
        "2 mails could not be delivered and were given up: reader@example.org (550 nobody) and other@example.org.",
        "2 mails have been waiting to go out, the oldest since 10 August. The mail server: no route",
        "The digest morning of 2026-08-11 was due on 11 August, and has not been written. The reason: no room",
    ]


def test_everything_is_said_in_chinese() -> None:
    assert said(EVERYTHING, code="zh") == [
        "arXiv cs.CV 和 arXiv cs.LG：已连续 3 次公布没有收到完整的列表，第一次是8月10日。最近一次查看：HTTP status 500",
        "arXiv cs.CV：自8月5日起，所有请求都被拒绝。最近一次查看：HTTP status 500",
        "有 2 封邮件无法送达，已放弃：reader@example.org（550 nobody）和other@example.org。",
        "自8月10日起，有 2 封邮件未能发出。邮件服务器：no route",
        "morning 的 2026-08-11 一期应在8月11日生成，至今尚未生成。原因：no room",
    ]


def test_what_has_not_lasted_is_no_trouble() -> None:
    assert said(Facts()) == []
    assert said(Facts(silent={CV: DAYS[1:]})) == []
    assert said(Facts(shut_out={CV: NOON - timedelta(days=7) + timedelta(seconds=1)})) == []
    assert said(Facts(waiting=(delivery(created_at=NOON - timedelta(hours=24)),))) == []


def test_days_are_those_of_the_owner() -> None:
    late = datetime(2026, 8, 9, 16, 30, tzinfo=UTC)  # past midnight in Shanghai
    assert "since 10 August" in said(Facts(waiting=(delivery(created_at=late),)))[0]


def test_of_many_a_few_are_named() -> None:
    scopes = {feed(number): NOON - timedelta(days=9) for number in range(8)}
    assert said(Facts(shut_out=scopes)) == [
        "Feeds 0, Feeds 1, Feeds 2, Feeds 3, Feeds 4 and 3 more: every request has been refused since 3 August."
    ]


def feed(number: int) -> Scope:
    return Scope("feeds", "Feeds", str(number))


@given(st.text() | st.just(HOSTILE), st.sampled_from(["en", "zh"]))
def test_what_a_stranger_wrote_stays_on_its_line(text: str, code: str) -> None:
    scope = Scope("arxiv", text, text, text)
    facts = Facts(
        silent={scope: DAYS},
        shut_out={scope: NOON - timedelta(days=8)},
        given_up=(delivery(recipient=text, error=text),),
        waiting=(delivery(created_at=NOON - timedelta(days=2), error=text),),
        unwritten=(unwritten({"error": text}),),
    )
    for line in said(facts, code=code):
        assert len(line.splitlines()) == 1
        assert not [one for one in line if unicodedata.category(one) in ("Cc", "Cs", "Zl", "Zp")]
        assert "\u202e" not in line


def line(kind: VerdictKind, at: datetime, scope: str = "cs.CV", source: str = "arxiv") -> LedgerLine:
    verdict = Verdict(kind=kind, why=f"said {kind}")
    return LedgerLine(source=source, scope=scope, route="listing", verdict=verdict, requests=1, rejected=0, at=at)


def ledger_day(on: date, kind: VerdictKind, scope: str = "cs.CV", source: str = "arxiv") -> LedgerDay:
    return LedgerDay(source=source, scope=scope, day=on, kind=kind, route="", expected=None, seen=0, why="", at=NOON)


@pytest.fixture
def office(one_desk: Desk) -> Office:
    """Give an office whose owner has an address."""
    one_desk.main = {"contact": "owner@example.org", "timezone": "Asia/Shanghai"}
    return one_desk.office(day(2))


def keep(office: Office, *kept: LedgerLine | LedgerDay) -> None:
    with office.database.writing() as connection:
        for one in kept:
            if isinstance(one, LedgerLine):
                save_line(connection, one)
            else:
                save_days(connection, [one])


def without_list(office: Office, now: datetime) -> dict[str, tuple[date, ...]]:
    return {scope.scope: days for scope, days in facts_of(office, now).silent.items() if days}


def test_announcement_days_are_counted_back_to_the_last_complete_list(office: Office) -> None:
    failed = [ledger_day(day(number), "failed") for number in (-3, 0, 1)]
    keep(office, line("failed", NOON), line("complete", NOON, "cs.LG"), ledger_day(day(-4), "complete"), *failed)
    # Nobody has asked for Wednesday's yet; and a weekend is no announcement day.
    assert without_list(office, THURSDAY) == {"cs.CV": (day(-3), day(0), day(1), day(2), day(3))}
    assert said_of(office, THURSDAY) == ["silent arxiv/cs.CV"]
    keep(office, ledger_day(day(1), "quiet"))
    assert without_list(office, THURSDAY) == {"cs.CV": (day(2), day(3))}
    keep(office, ledger_day(day(3), "complete"))
    assert without_list(office, THURSDAY) == {}


def test_a_source_that_could_never_be_asked_is_counted_from_the_first_look(office: Office) -> None:
    keep(office, line("failed", datetime.combine(day(1), time(1), UTC)), line("failed", NOON))
    assert without_list(office, THURSDAY) == {"cs.CV": (day(1), day(2), day(3))}


def said_of(office: Office, now: datetime) -> list[str]:
    return [key for one in troubles(facts_of(office, now), language("en"), "UTC", now) for key in one.keys]


def test_a_list_is_waited_for_inside_its_day(office: Office) -> None:
    keep(office, line("failed", NOON), ledger_day(day(2), "failed"))
    # Thursday's list is out at 20:00 on Wednesday in New York: at midnight in UTC.
    assert without_list(office, datetime.combine(day(3), time(12, 29), UTC)) == {"cs.CV": (day(2),)}
    assert without_list(office, datetime.combine(day(3), time(12, 31), UTC)) == {"cs.CV": (day(2), day(3))}


def test_evenings_off_are_no_announcement_days(office: Office) -> None:
    # https://info.arxiv.org/help/availability.html: no announcement on the evening of 7 September 2026.
    keep(office, line("failed", NOON), ledger_day(date(2026, 9, 4), "complete"))
    assert without_list(office, datetime(2026, 9, 9, 13, tzinfo=UTC)) == {"cs.CV": (date(2026, 9, 7), date(2026, 9, 9))}


def test_what_was_never_asked_for_or_is_off_or_has_no_days_is_no_trouble(one_desk: Desk) -> None:
    one_desk.main = {"contact": "owner@example.org"}
    office = one_desk.office(day(2))
    old = date(2026, 6, 1)
    keep(office, line("complete", NOON), line("failed", NOON, "cs.XX"), ledger_day(old, "failed", "cs.XX"))
    keep(office, line("failed", NOON, "CVPR2026", "cvf"), ledger_day(old, "failed", "CVPR2026", "cvf"))
    keep(office, line("failed", NOON, "bair", "feeds"), ledger_day(old, "failed", "bair", "feeds"))
    assert without_list(office, THURSDAY) == {}
    path = one_desk.folder / "paperlark.toml"
    path.write_text(
        path.read_text()
        + '\n[sources.cvf]\neditions = ["CVPR2026"]\n[[feeds]]\nname = "bair"\nurl = "https://bair.example/feed"\n'
    )
    assert without_list(again(one_desk, office), THURSDAY) == {}


def again(desk: Desk, office: Office) -> Office:
    """Read the settings again as they are now."""
    return replace(office, settings=load_settings(desk.folder / "paperlark.toml", {}))


def test_a_source_that_refuses_us_for_a_week_is_a_trouble(office: Office) -> None:
    first = NOON - timedelta(days=6)
    keep(
        office,
        line("complete", first - timedelta(hours=1)),
        line("blocked", first),
        line("throttled", first + timedelta(hours=1)),
    )
    keep(office, line("throttled", NOON, "cs.LG"), line("blocked", NOON))
    assert {scope.scope: since for scope, since in facts_of(office, NOON).shut_out.items()} == {"cs.CV": first, "cs.LG": NOON}
    assert said_of(office, NOON) == []
    assert said_of(office, NOON + timedelta(days=1)) == ["shut out arxiv/cs.CV"]
    keep(office, line("partial", NOON))
    assert said_of(office, NOON + timedelta(days=1)) == []


def post(office: Office, number: int, state: Any, at: datetime = NOON, **parts: str) -> None:
    """Have a mail in the outbox that has come so far."""
    known = {
        "subscription": "morning",
        "period": str(number),
        "form": "mail",
        "recipient": "reader@example.org",
        "message_id": "",
    }
    with office.database.writing() as connection:
        enqueue(connection, [Message(**{**known, **parts}, body=b"")], at)  # type: ignore[arg-type]  # any form
        mail = next(one for one in due(connection, at, ["mail", "markdown"]) if one.period == str(number))
        settle(connection, begin(connection, mail), state, at, (None, "550 nobody"))


def test_mails_are_a_trouble_when_they_are_given_up_or_wait_for_a_day(office: Office) -> None:
    old = NOON - timedelta(hours=25)
    post(office, 1, "deferred", old)
    post(office, 2, "deferred", NOON)
    post(office, 3, "failed", NOON)
    post(office, 4, "deferred", old, form="markdown", recipient="2026-08-12/morning.md")
    post(office, 5, "failed", NOON, subscription=OURS, recipient="owner@example.org")
    post(office, 6, "deferred", old, subscription=OURS, recipient="owner@example.org")
    facts = facts_of(office, NOON)
    assert [one.period for one in facts.given_up] == ["3"]
    assert [one.period for one in facts.waiting] == ["1", "2"]
    assert said_of(office, NOON) == ["given up 3", "waiting"]
    post(office, 7, "sent", NOON)
    assert said_of(office, NOON) == ["waiting"]


def compose(office: Office, period: str, state: Any) -> None:
    """Have a run that composes the digest of a period, and how it ended."""
    key = RunKey("compose", "morning", period)
    with office.database.writing() as connection:
        plan_runs(connection, [key], NOON)
        if state != "due":
            run = claim_run(connection, key, NOON)
            assert run
            finish_run(connection, run, Outcome(state=state, report={"error": "no room"}), NOON)


def test_a_digest_is_a_trouble_when_it_has_not_been_written_for_a_day(office: Office) -> None:
    # At half past ten in Shanghai.
    due_at = datetime(2026, 8, 11, 2, 30, tzinfo=UTC)
    assert said_of(office, due_at + timedelta(days=1)) == []  # none was ever planned
    compose(office, "2026-08-11", "failed")
    assert said_of(office, due_at + timedelta(hours=23)) == []
    assert said_of(office, due_at + timedelta(days=1)) == ["digest morning"]
    (one,) = facts_of(office, due_at + timedelta(days=1)).unwritten
    assert (one.planned.due_at, one.run.report) == (due_at, {"error": "no room"})
    compose(office, "2026-08-12", "due")
    assert said_of(office, due_at + timedelta(days=1, hours=1)) == ["digest morning"]
    # The next one has what the last one should have had.
    with office.database.writing() as connection:
        run = claim_run(connection, RunKey("compose", "morning", "2026-08-12"), NOON)
        assert run
        finish_run(connection, run, Outcome(), NOON)
    assert said_of(office, due_at + timedelta(days=1, hours=1)) == []


def mails(office: Office) -> dict[str, EmailMessage]:
    """Return the mails to the owner by their periods."""
    with office.database.reading() as connection:
        found = [one for one in due(connection, NOON + timedelta(days=400), ["mail"]) if one.subscription == OURS]
        return {one.period: message_from_bytes(body(connection, one), policy=policy.default) for one in found}


def test_the_owner_gets_one_mail_a_day(office: Office) -> None:
    assert warn(office, NOON) == 0
    post(office, 1, "failed")
    assert [warn(office, NOON), warn(office, NOON + timedelta(hours=3))] == [1, 0]
    # By the owner's clock: in Shanghai it is the next day at 16:00 in UTC.
    post(office, 2, "failed", recipient="other@example.org")
    assert [warn(office, NOON + timedelta(hours=3, minutes=59)), warn(office, NOON + timedelta(hours=4))] == [0, 1]
    assert list(mails(office)) == ["2026-08-12", "2026-08-13"]


def test_the_mail_says_what_is_wrong_and_what_to_run(office: Office) -> None:
    keep(office, line("failed", NOON), *(ledger_day(one, "failed") for one in DAYS))
    post(office, 1, "failed")
    assert warn(office, THURSDAY) == 1
    (mail,) = mails(office).values()
    assert mail["Subject"] == "Paperlark: 2 things need you"
    assert (mail["From"], mail["To"]) == ("Paperlark <lark@example.org>", "owner@example.org")
    assert (mail["Auto-Submitted"], mail["List-Unsubscribe"]) == ("auto-generated", None)
    assert mail.get_content_type() == "text/plain"
    config = f"--config {office.settings.file}"
    assert mail.get_content().splitlines() == [
        "Paperlark goes on working, but these things need somebody to look at them.",
        "",
        f"- arXiv cs.CV: {WITHOUT.format(4)} The last look: said failed",
        "",
        "- 1 mail could not be delivered and was given up: reader@example.org (550 nobody).",
        "",
        "What to run next:",
        "",
        f"    paperlark status {config}",
        "        the last word of every source, and the mails that are not sent",
        f"    paperlark ledger {config}",
        "        what came of every list, day by day",
        f"    paperlark sources --live {config}",
        "        asks every source once, and keeps nothing",
        f"    paperlark check {config}",
        "        settings, store and mail server: what to mend",
        "",
        "Such a mail comes once a day at most, and if there is nothing new once a week.",
    ]
    with office.database.reading() as connection:
        (run,) = newest_runs(connection, kind="warned")
        (one,) = of_period(connection, OURS, "2026-08-13")
    assert (run.about, run.period, run.state) == ("owner", "2026-08-13", "done")
    assert one.message_id == mail["Message-ID"]


def test_the_mail_is_in_the_owners_language(one_desk: Desk) -> None:
    one_desk.main = {"contact": "owner@example.org", "language": "zh"}
    office = one_desk.office(day(2))
    post(office, 1, "failed")
    assert warn(office, NOON) == 1
    (mail,) = mails(office).values()
    assert mail["Subject"] == "Paperlark：有 1 件事需要你处理"
    assert "- 有 1 封邮件无法送达，已放弃：reader@example.org（550 nobody）。" in mail.get_content()
    assert not [row for row in mail.get_content().splitlines() if row.isascii() and row.strip() and "paperlark " not in row]


def mailed(office: Office, days: int) -> list[int]:
    """Return on which of so many days the owner gets a mail."""
    return [number for number in range(days) if warn(office, NOON + timedelta(days=number))]


def test_of_the_same_trouble_there_is_a_mail_a_week(office: Office) -> None:
    keep(office, line("blocked", NOON - timedelta(days=30)), line("blocked", NOON - timedelta(days=20)))
    assert mailed(office, 20) == [0, 7, 14]


def test_of_a_mail_that_is_lost_there_is_one_mail(office: Office) -> None:
    post(office, 1, "failed")
    assert mailed(office, 20) == [0]
    # It is among what is wrong all the same.
    assert len(troubles_of(office, NOON)) == 1


def test_a_trouble_that_comes_back_is_new(office: Office) -> None:
    keep(office, line("blocked", NOON - timedelta(days=9)))
    assert [warn(office, NOON), warn(office, NOON + timedelta(days=1))] == [1, 0]
    keep(office, line("complete", NOON))
    assert warn(office, NOON + timedelta(days=2)) == 0
    keep(office, line("blocked", NOON - timedelta(days=7)))
    assert warn(office, NOON + timedelta(days=3)) == 1


def test_a_new_trouble_on_a_day_without_mail_does_not_wait_for_the_next(office: Office) -> None:
    keep(office, line("blocked", NOON - timedelta(days=9)))
    assert [warn(office, NOON), warn(office, NOON + timedelta(days=1))] == [1, 0]
    post(office, 1, "failed")
    assert warn(office, NOON + timedelta(days=1, hours=2)) == 1
    assert warn(office, NOON + timedelta(days=2)) == 0


def test_a_clock_that_was_far_ahead_silences_nobody(office: Office) -> None:
    keep(office, line("blocked", NOON - timedelta(days=9)))
    assert warn(office, NOON + timedelta(days=365)) == 1
    assert [warn(office, NOON), warn(office, NOON + timedelta(hours=1))] == [1, 0]


def test_a_mail_to_the_owner_that_is_lost_is_no_reason_for_another(office: Office) -> None:
    post(office, 1, "failed")
    assert warn(office, NOON) == 1
    with office.database.writing() as connection:
        (ours,) = of_period(connection, OURS, "2026-08-12")
        settle(connection, begin(connection, ours), "failed", NOON, (None, "550 nobody"))
    assert [warn(office, NOON + timedelta(days=number)) for number in range(1, 10)] == [0] * 9


def test_without_a_contact_the_sender_is_the_owner_and_without_a_server_there_is_none(one_desk: Desk) -> None:
    office = one_desk.office(day(2))
    post(office, 1, "failed")
    nobody = replace(office, settings=office.settings.model_copy(update={"smtp": None}))
    assert warn(nobody, NOON) == 0
    assert warn(office, NOON) == 1
    assert next(iter(mails(office).values()))["To"] == "Paperlark <lark@example.org>"


def test_the_mail_goes_out_with_the_others(office: Office) -> None:
    post(office, 1, "failed")
    assert warn(office, NOON) == 1
    with mail_server() as server:
        smtp = Smtp(host="127.0.0.1", port=server.port, security="none", sender=Address("lark", "example.org"))
        (sent,) = send_due(office.database, smtp, lambda: NOON, Random(6))
    assert (sent.subscription, sent.state) == (OURS, "sent")
    (kept,) = server.kept
    assert kept.recipients == ("owner@example.org",)
    assert sent.message_id.encode() in kept.body


def test_no_reader_can_be_taken_for_the_owner() -> None:
    with pytest.raises(ValueError, match="files are called by it"):
        file_label(OURS)


def _warn(url: str, config: str) -> int:
    with closing(open_database(url)) as database:
        return warn(Office(settings=load_settings(Path(config), {}), clock=Clock(), mirror=None, database=database), NOON)


def test_of_two_daemons_one_tells(office: Office, one_desk: Desk) -> None:
    post(office, 1, "failed")
    assert sorted(at_once(_warn, [(one_desk.url, str(office.settings.file))] * 3)) == [0, 0, 1]
    assert len(mails(office)) == 1
