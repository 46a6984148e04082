from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from jobs.fields import zone
from jobs.init import Answers
from jobs.questions import ask, local_timezone, questions, topics_question
from jobs.starter import TOPICS, StarterTopic


def answered(lines: list[str]) -> tuple[str, Answers]:
    app = typer.Typer()
    given: list[Answers] = []
    app.command()(lambda: given.append(ask(on_terminal=True)))
    result = CliRunner().invoke(app, input="".join(f"{line}\n" for line in lines))
    assert result.exception is None
    return result.output, given[0]


def test_without_a_terminal_nothing_is_asked() -> None:
    assert ask(on_terminal=False) == Answers(timezone=local_timezone())


def test_return_everywhere_gives_the_same_as_no_terminal() -> None:
    _, answers = answered([""] * 6)
    assert answers == ask(on_terminal=False)


def test_every_answer_is_taken() -> None:
    _, answers = answered(["you@example.org", "smtp.example.net", "Asia/Shanghai", "zh", "9:30", "cs.CV, eess.IV cs.CV", "3 1"])
    assert answers == Answers(
        email="you@example.org",
        mail_host="smtp.example.net",
        timezone="Asia/Shanghai",
        language="zh",
        at="09:30",
        categories=("cs.CV", "eess.IV"),
        topics=(StarterTopic("图像生成", TOPICS[2].query), StarterTopic("语义分割", TOPICS[0].query)),
    )


@pytest.mark.parametrize(
    ("answer", "language"),
    [("en", "en"), ("English", "en"), ("EN", "en"), ("zh", "zh"), ("中文", "zh"), ("Chinese", "zh"), ("zh-CN", "zh")],
)
def test_a_language_goes_by_its_own_names(answer: str, language: str) -> None:
    _, answers = answered(["", "", answer, "", "", ""])
    assert answers.language == language


def test_topics_have_the_names_of_the_language() -> None:
    output, answers = answered(["", "", "中文", "", "", "all"])
    assert "2 目标检测" in output
    assert [topic.name for topic in answers.topics] == [
        "语义分割",
        "目标检测",
        "图像生成",
        "三维视觉",
        "视觉语言模型",
        "视频理解",
    ]
    assert [topic.query for topic in answers.topics] == [topic.query for topic in TOPICS]
    output, answers = answered(["", "", "en", "", "", "all"])
    assert "2 Object detection" in output
    assert answers.topics == TOPICS


def test_a_wrong_answer_is_asked_again_and_the_mail_server_only_of_who_wants_mail() -> None:
    lines = ["you", "", "Shanghai", "Asia/Shanghai", "fr", "en", "25:00", "10:30", "CV", "cs.CV", "7", "all"]
    output, answers = answered(lines)
    assert answers == Answers(timezone="Asia/Shanghai")
    assert "mail server" not in output
    for why in ("e-mail address", "time zone", '"en" or "zh"', "10:30", "arXiv category", "numbers from 1 to 6"):
        assert why in output


def test_every_default_is_an_answer() -> None:
    for question in (*questions("UTC"), topics_question("en"), topics_question("zh")):
        question.read(question.default)


@pytest.mark.parametrize("name", ["Europe/Berlin", ":Europe/Berlin"])
def test_the_time_zone_is_that_of_tz(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("TZ", name)
    assert local_timezone() == "Europe/Berlin"


def test_the_time_zone_is_that_of_the_link(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("TZ", raising=False)
    (tmp_path / "localtime").symlink_to("/usr/share/zoneinfo/Asia/Shanghai")
    # Where the system has the zone as a link to another name, that name is as good.
    assert zone(local_timezone(tmp_path / "localtime")) in ("Asia/Shanghai", "PRC")


def test_the_time_zone_is_utc_where_nothing_tells(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TZ", "CST6CDT,M3.2.0")
    assert local_timezone(tmp_path / "nothing") == "UTC"
