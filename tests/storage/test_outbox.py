"""The outbox keeps what goes out, byte for byte, and what became of it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.database import Database
from storage.outbox import (
    FILES,
    Delivery,
    Message,
    OutboxState,
    begin,
    body,
    counts,
    due,
    enqueue,
    given_up,
    of_period,
    settle,
    unsettled,
)

NOON = datetime(2026, 8, 12, 12, tzinfo=UTC)
LATER = NOON + timedelta(minutes=5)


def mail(recipient: str = "you@example.org", content: bytes = b"bytes", period: str = "2026-08-12") -> Message:
    return Message(
        subscription="morning",
        period=period,
        form="mail",
        recipient=recipient,
        message_id=f"<{recipient}.{period}>",
        body=content,
    )


def page() -> Message:
    return Message(
        subscription="morning",
        period="2026-08-12",
        form="markdown",
        recipient="2026-08-12/morning.md",
        message_id="",
        body=b"#",
    )


def put(database: Database, *messages: Message) -> list[Delivery]:
    with database.writing() as connection:
        enqueue(connection, messages, NOON)
    return waiting(database)


def waiting(database: Database, now: datetime = NOON) -> list[Delivery]:
    with database.reading() as connection:
        return due(connection, now, ("mail", *FILES))


def left(
    database: Database, delivery: Delivery, state: OutboxState, retry: tuple[datetime | None, str | None] = (None, None)
) -> Delivery:
    with database.writing() as connection:
        return settle(connection, begin(connection, delivery), state, NOON, retry)


def test_a_message_is_kept_as_it_was_and_once(database: Database) -> None:
    [one] = put(database, mail(content=b"\x00\r\n.\xff"))
    assert put(database, mail(content=b"composed again")) == [one]
    assert (one.recipient, one.form, one.period, one.message_id) == ("you@example.org", "mail", "2026-08-12", mail().message_id)
    assert (one.state, one.attempts, one.created_at, one.next_at, one.error) == ("pending", 0, NOON, None, None)
    with database.reading() as connection:
        assert body(connection, one) == b"\x00\r\n.\xff"
        assert of_period(connection, "morning", "2026-08-12") == [one]
        assert of_period(connection, "morning", "2026-08-13") == []


def test_putting_nothing_in_changes_nothing(database: Database) -> None:
    assert put(database) == []


def test_each_recipient_form_and_period_is_a_message_oldest_first(database: Database) -> None:
    put(database, mail("b@example.org"), mail("a@example.org"), page(), mail("a@example.org", period="2026-08-13"))
    assert [one.message_id for one in waiting(database)] == [
        "<b@example.org.2026-08-12>",
        "<a@example.org.2026-08-12>",
        "",
        "<a@example.org.2026-08-13>",
    ]
    with database.reading() as connection:
        assert [one.form for one in due(connection, NOON, FILES)] == ["markdown"]
        assert len(due(connection, NOON, ("mail",))) == 3


def test_what_a_process_that_died_was_sending_is_due_again(database: Database) -> None:
    [one] = put(database, mail())
    with database.writing() as connection:
        begun = begin(connection, one)
    assert (begun.state, begun.attempts) == ("sending", 1)
    assert waiting(database) == [begun]


@pytest.mark.parametrize("state", ["deferred", "unknown"])
def test_what_may_be_tried_again_is_due_at_its_time(database: Database, state: OutboxState) -> None:
    [one] = put(database, mail())
    after = left(database, one, state, (LATER, "450 busy"))
    assert (after.state, after.attempts, after.next_at, after.error) == (state, 1, LATER, "450 busy")
    assert waiting(database) == []
    assert waiting(database, LATER) == [after]
    with database.writing() as connection:
        assert begin(connection, after).error is None


@pytest.mark.parametrize("state", ["sent", "failed"])
def test_what_is_over_is_not_due(database: Database, state: OutboxState) -> None:
    [one] = put(database, mail())
    after = left(database, one, state, (None, "550 no" if state == "failed" else None))
    assert waiting(database, NOON + timedelta(days=9)) == []
    with database.reading() as connection:
        assert unsettled(connection) == ([] if state == "sent" else [after])
        assert counts(connection) == {state: 1}
        assert of_period(connection, "morning", "2026-08-12") == [after]


def test_a_message_given_up_is_forgotten_once_its_recipient_got_a_later_one(database: Database) -> None:
    first, second, other = put(
        database, mail(period="2026-08-11"), mail(period="2026-08-12"), mail("other@example.org", period="2026-08-12")
    )
    with database.writing() as connection:
        settle(connection, first, "failed", NOON, (None, "550"))
        settle(connection, other, "sent", NOON)
    with database.reading() as connection:
        assert [one.id for one in given_up(connection)] == [first.id]
    with database.writing() as connection:
        settle(connection, second, "sent", NOON)
    with database.reading() as connection:
        assert given_up(connection) == []


def test_counts_name_each_state(database: Database) -> None:
    first, _, third = put(database, mail("a@example.org"), mail("b@example.org"), page())
    left(database, first, "sent")
    left(database, third, "deferred", (LATER, "disk full"))
    with database.reading() as connection:
        assert counts(connection) == {"sent": 1, "pending": 1, "deferred": 1}
        assert [one.state for one in unsettled(connection)] == ["pending", "deferred"]


@given(st.lists(st.sampled_from(["deferred", "unknown", "begun"]), max_size=6), st.sampled_from(["sent", "failed", "deferred"]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
def test_the_values_handed_back_are_those_in_the_store(database: Database, steps: list[str], last: OutboxState) -> None:
    with database.writing() as connection:
        period = str(sum(counts(connection).values()))
        enqueue(connection, [mail(period=period)], NOON)
        [one] = of_period(connection, "morning", period)
        for step in steps:
            one = begin(connection, one)
            if step == "deferred":
                one = settle(connection, one, "deferred", NOON, (LATER, "450 busy"))
            elif step == "unknown":
                one = settle(connection, one, "unknown", NOON, (LATER, "gone"))
        one = settle(connection, one, last, NOON)
        assert of_period(connection, "morning", period) == [one]
        assert one.attempts == len(steps)
