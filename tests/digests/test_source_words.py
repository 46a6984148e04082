from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from crawler.verdict import Verdict, VerdictKind
from digests.digest import SourceLine
from digests.language import language
from digests.source_words import source_notes, source_words
from tests.digests.digest_examples import MORNING, QUIET, STALE, WEEKEND, complete, source

AGAIN = datetime(2026, 1, 15, 3, 20, tzinfo=UTC)
COMPLETE = complete(187)


def said(line: SourceLine, code: str = "en") -> tuple[str, str]:
    """Return the dot and the words of one source."""
    (words,) = source_words(replace(MORNING, sources=(line,)), language(code))
    return words.dot, words.words


def notes(*lines: SourceLine, code: str = "en") -> tuple[str, ...]:
    return source_notes(replace(MORNING, sources=lines), language(code))


def failure(kind: VerdictKind, next_at: datetime | None = AGAIN) -> SourceLine:
    return source("cs.CV", Verdict(kind=kind, next_at=next_at), fresh=False)


def test_a_complete_batch_is_green() -> None:
    line = source("cs.CV", COMPLETE)
    assert said(line) == ("green", "all 187 of 187 announced on 15 January")
    assert said(line, "zh") == ("green", "1月15日公布的 187 篇全部收到")
    assert notes(line) == ()


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        (replace(COMPLETE, announced_on=None), "all 187 of 187"),
        (replace(COMPLETE, expected=None), "187 papers announced on 15 January"),
        (replace(COMPLETE, expected=None, announced_on=None, seen=1), "1 paper"),
    ],
)
def test_a_source_may_state_neither_number_nor_day(verdict: Verdict, words: str) -> None:
    assert said(source("cs.CV", verdict)) == ("green", words)


def test_a_batch_that_came_is_complete_though_the_last_look_was_quiet() -> None:
    assert said(source("cs.CV", replace(COMPLETE, kind="quiet"))) == ("green", "all 187 of 187 announced on 15 January")


def test_the_lists_that_are_owed_are_named() -> None:
    gap = (date(2026, 1, 13), date(2026, 1, 14))
    lines = [replace(source(scope, COMPLETE), owed=gap) for scope in ("cs.CV", "cs.LG")]
    assert said(lines[0])[0] == "amber"
    assert notes(*lines) == (
        "cs.CV and cs.LG: the lists of 13 January and 14 January have not come yet; their papers follow when they do.",
    )
    assert notes(*lines, code="zh") == ("尚未收到 cs.CV 和 cs.LG 1月13日和1月14日的列表，其中的论文收到后补发。",)
    one = replace(source("cs.CV", COMPLETE), owed=gap[:1])
    assert notes(one) == ("cs.CV: the list of 13 January has not come yet; its papers follow when it does.",)
    week = tuple(date(2026, 1, number) for number in range(5, 13))
    assert notes(replace(lines[0], owed=week)) == (
        "cs.CV: the lists of 5 January to 12 January have not come yet; their papers follow when they do.",
    )


def test_the_lists_that_came_late_are_named_first() -> None:
    late = replace(source("cs.CV", COMPLETE), caught_up=(date(2026, 1, 12),), owed=(date(2026, 1, 13),))
    assert notes(late) == (
        "cs.CV: the list of 12 January came late; its papers are in this digest.",
        "cs.CV: the list of 13 January has not come yet; its papers follow when it does.",
    )
    assert notes(replace(late, owed=()), code="zh") == ("cs.CV 1月12日的列表迟到，现已补上，其中的论文在本期内。",)
    assert said(replace(late, owed=()))[0] == "green"


@pytest.mark.parametrize("kind", ["complete", "quiet"])
def test_what_the_reader_has_had_is_nothing_new(kind: VerdictKind) -> None:
    line = source("cs.CV", replace(COMPLETE, kind=kind), fresh=False)
    assert said(line) == ("grey", "nothing new since 15 January")
    assert notes(line) == ("Nothing was due: the next list of cs.CV comes tomorrow at 09:30.",)
    assert notes(replace(line, verdict=replace(line.verdict, next_at=None))) == ()


def test_quiet_without_a_batch() -> None:
    assert said(source("", Verdict(kind="quiet"), fresh=False)) == ("grey", "nothing due")


def test_a_weekend_says_when_it_ends() -> None:
    assert source_notes(WEEKEND, language("en")) == (
        "Weekend: the next list of cs.CV and cs.LG is due on Tuesday, 20 January at 09:30.",
    )
    assert source_notes(WEEKEND, language("zh")) == ("周末停更，cs.CV 和 cs.LG 的下一批公布时间：1月20日（星期二）09:30。",)
    (line, _) = WEEKEND.sources
    unknown = replace(WEEKEND, sources=(replace(line, verdict=replace(QUIET, next_at=None)),))
    assert source_notes(unknown, language("en")) == ("Weekend: cs.CV announces nothing.",)


def test_a_weekend_is_the_readers() -> None:
    in_hawaii = replace(WEEKEND, timezone="Pacific/Honolulu")
    (note,) = source_notes(in_hawaii, language("en"))
    assert note == "Nothing was due: the next list of cs.CV and cs.LG comes on Monday, 19 January at 15:30."


@pytest.mark.parametrize(
    ("announced_on", "words"),
    [
        (date(2026, 1, 14), "yesterday's list again, will retry"),
        (date(2026, 1, 9), "the list of 9 January again, will retry"),
        (None, "nothing yet, will retry"),
    ],
)
def test_a_stale_list_says_of_which_day_it_is(announced_on: date | None, words: str) -> None:
    line = source("cs.RO", replace(STALE, announced_on=announced_on), fresh=False)
    assert said(line) == ("amber", words)
    what = "cs.RO had not changed at 10:20" if announced_on else "The list of cs.RO was not out at 10:20, although it is time"
    assert notes(line) == (f"{what}. We ask again at 11:20. What is missing comes with the next digest.",)


@pytest.mark.parametrize(("expected", "words"), [(120, "only 80 of 120"), (None, "80, incomplete"), (80, "80, incomplete")])
def test_a_partial_list_says_how_much_came(expected: int | None, words: str) -> None:
    line = source("cs.CV", Verdict(kind="partial", expected=expected, seen=80))
    assert said(line) == ("amber", words)
    (note,) = notes(line)
    assert note.startswith("The list of cs.CV was not complete at 10:20. We ask again at the next run. What is missing")


@pytest.mark.parametrize(
    ("kind", "dot", "words", "note"),
    [
        ("throttled", "amber", "asked us to wait", "cs.CV asked us to slow down at 10:20."),
        ("blocked", "red", "refused us", "cs.CV refused our request at 10:20."),
        ("failed", "red", "could not be read", "cs.CV could not be read at 10:20."),
    ],
)
def test_what_went_wrong(kind: VerdictKind, dot: str, words: str, note: str) -> None:
    assert said(failure(kind)) == (dot, words)
    assert notes(failure(kind)) == (f"{note} We ask again at 11:20. What is missing comes with the next digest.",)
    assert notes(failure(kind), code="zh")[0].endswith("11:20 将再次尝试。缺少的内容随下一期送达。")


def test_sources_with_the_same_to_say_share_a_sentence() -> None:
    lines = [source(scope, STALE, fresh=False) for scope in ("cs.RO", "cs.AI")]
    later = replace(lines[1], looked_at=datetime(2026, 1, 15, 2, 21, tzinfo=UTC))
    shared = "cs.RO and cs.AI had not changed at 10:21. We ask again at 11:20. What is missing comes with the next digest."
    assert notes(lines[0], later) == (shared,)


def test_what_is_missing_is_promised_once_and_what_is_quiet_comes_last() -> None:
    quiet = source("cs.CL", COMPLETE, fresh=False)
    assert notes(quiet, source("cs.RO", STALE, fresh=False), failure("failed")) == (
        "cs.RO had not changed at 10:20. We ask again at 11:20.",
        "cs.CV could not be read at 10:20. We ask again at 11:20. What is missing comes with the next digest.",
        "Nothing was due: the next list of cs.CL comes tomorrow at 09:30.",
    )


def test_a_source_without_scope_goes_by_its_title() -> None:
    lines = (source("", COMPLETE, title="Hugging Face"), replace(source("", COMPLETE), title="\n"))
    words = source_words(replace(MORNING, sources=lines), language("en"))
    assert [line.name for line in words] == ["Hugging Face", "arxiv"]
