"""Batches of digests: one process for many, and nothing is left out or done twice."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from jobs.batches import BATCH, LEFT, batch_of, heads
from storage.runs import Run

NOW = datetime(2026, 8, 25, 3, tzinfo=UTC)


def runs(kinds: list[tuple[str, Any]]) -> list[Run]:
    return [
        Run(kind=kind, about=str(number), period="2026-08-25", state=state, started_at=NOW, report={})
        for number, (kind, state) in enumerate(kinds)
    ]


@given(st.lists(st.tuples(st.sampled_from(["ask", "compose"]), st.sampled_from(["due", "running", "failed"])), max_size=40))
def test_what_is_begun_covers_the_agenda_once(kinds: list[tuple[str, Any]]) -> None:
    on_agenda = runs([*kinds, *[("compose", "due")] * (2 * BATCH)])
    done = [key for run in heads(on_agenda) for key in batch_of(on_agenda, run.key)]
    assert set(done) == {run.key for run in on_agenda}
    fresh = [key for key in done for run in on_agenda if run.key == key and run.state == "due"]
    assert len(fresh) == len(set(fresh))


def test_of_what_is_about_one_thing_one_is_begun_and_it_holds_no_batch_up() -> None:
    parts = [Run(kind="fill", about="arxiv", period=str(part), state="due", started_at=NOW, report={}) for part in range(3)]
    yesterday = Run(kind="compose", about="0", period="2026-08-24", state="running", started_at=NOW, report={})
    digests = runs([("compose", "due")] * 2)
    assert heads([yesterday, *digests, *parts]) == [yesterday, digests[0], parts[0]]


def test_a_hundred_digests_are_one_process() -> None:
    on_agenda = runs([("compose", "due")] * BATCH)
    assert heads(on_agenda) == on_agenda[:1]
    assert len(batch_of(on_agenda, on_agenda[0].key)) == BATCH


def test_one_that_failed_is_done_alone_and_those_that_were_left_behind_by_few() -> None:
    on_agenda = runs([("compose", "due"), ("compose", "running"), ("compose", "failed"), *[("compose", "running")] * BATCH])
    assert heads(on_agenda) == on_agenda
    assert batch_of(on_agenda, on_agenda[1].key) == [on_agenda[1].key, *(run.key for run in on_agenda[3 : 2 + LEFT])]
    assert batch_of(on_agenda, on_agenda[2].key) == [on_agenda[2].key]


def test_one_that_is_done_meanwhile_takes_no_others_with_it() -> None:
    on_agenda = runs([("compose", "due")] * 3)
    assert batch_of(on_agenda[1:], on_agenda[0].key) == [on_agenda[0].key]
