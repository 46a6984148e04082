from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from digests.language import language

ENGLISH, CHINESE = language("en"), language("zh")
DAY = date(2026, 1, 15)


def test_days() -> None:
    assert ENGLISH.dated(DAY, "EEEE, d MMMM y") == "Thursday, 15 January 2026"
    assert CHINESE.dated(DAY, "EEEE, d MMMM y") == "2026年1月15日 星期四"
    assert (ENGLISH.day(DAY), CHINESE.day(DAY)) == ("15 January", "1月15日")


@pytest.mark.parametrize(
    ("day", "english", "chinese"),
    [
        (15, "at 09:30", "09:30"),
        (16, "tomorrow at 09:30", "明天 09:30"),
        (14, "yesterday at 09:30", "昨天 09:30"),
        (19, "on Monday, 19 January at 09:30", "1月19日（星期一）09:30"),
    ],
)
def test_times_say_as_much_of_the_day_as_is_needed(day: int, english: str, chinese: str) -> None:
    moment = datetime(2026, 1, day, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert ENGLISH.time(moment, DAY) == english
    assert CHINESE.time(moment, DAY) == chinese


def test_lists_and_sentences() -> None:
    assert ENGLISH.listing(["A"]) == "A"
    assert ENGLISH.listing(["A", "B", "C"]) == "A, B and C"
    assert CHINESE.listing(["A", "B", "C"]) == "A、B 和 C"
    assert CHINESE.listing(["“甲”", "“乙”"]) == "“甲”和“乙”"
    assert ENGLISH.sentences("One.", "Two.") == "One. Two."
    assert CHINESE.sentences("一。", "二。") == "一。二。"


def test_plurals() -> None:
    assert ENGLISH.ngettext("%(count)s update", "%(count)s updates", 1) == "1 update"
    assert CHINESE.ngettext("%(count)s update", "%(count)s updates", 2) == "2 条更新"
