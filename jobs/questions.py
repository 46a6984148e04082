"""What `paperlark init` asks on a terminal, and what it makes of the answers."""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import typer

from jobs import addresses, fields
from jobs.init import HOUR, Answers
from jobs.starter import CATEGORIES, StarterTopic, topics_in

_LOCALTIME: Final = Path("/etc/localtime")
_LANGUAGES: Final = {
    **dict.fromkeys(("en", "english", "英文", "英语"), "en"),
    **dict.fromkeys(("zh", "zh-cn", "zh_cn", "cn", "chinese", "中文", "汉语", "简体中文"), "zh"),
}
_SEPARATORS: Final = re.compile(r"[\s,，、]+")


@dataclass(frozen=True, slots=True)
class Question:
    """One question: the field of `Answers` it fills, its words, the answer Return gives, and what reads an answer.

    `read` raises ValueError with words for the reader. `mail`: asked only of who gave an e-mail address.
    """

    name: str
    words: str
    default: str
    read: Callable[[str], object]
    mail: bool = False


def questions(timezone: str) -> tuple[Question, ...]:
    """Return the questions in their order, but for the last: see `topics_question`."""
    return (
        Question("email", "Your e-mail address (Return: no mail, files only)", "", addresses.address_or_nothing),
        Question("mail_host", "The mail server that sends", "smtp.example.org", addresses.host, mail=True),
        Question("timezone", "Your time zone", timezone, fields.zone),
        Question("language", "The language of the digests, en or zh (中文)", "en", _language),
        Question("at", "The hour at which you will have it run", HOUR, _hour),
        Question("categories", "arXiv categories, with blanks between", " ".join(CATEGORIES), _categories),
    )


def topics_question(language: str) -> Question:
    """Return the last question: which topics, by their names in the language of the digests."""
    topics = topics_in(language)
    names = ", ".join(f"{number} {topic.name}" for number, topic in enumerate(topics, 1))
    return Question("topics", f"Topics to begin with ({names})", "all", partial(_topics, topics))


def ask(on_terminal: bool) -> Answers:  # noqa: FBT001 - the one thing to know
    """Ask everything on the terminal, a wrong answer again; elsewhere, return what Return would answer."""
    given: dict[str, Any] = {}
    for question in questions(local_timezone()):
        wanted = not question.mail or bool(given["email"])
        given[question.name] = _answer(question, asked=on_terminal and wanted)
    given["topics"] = _answer(topics_question(given["language"]), asked=on_terminal)
    return Answers(**given)


def _answer(question: Question, *, asked: bool) -> object:
    return _prompt(question) if asked else question.read(question.default)


def _prompt(question: Question) -> object:
    def read(text: str) -> object:
        try:
            return question.read(text.strip())
        except ValueError as error:
            raise typer.BadParameter(str(error)) from None

    return typer.prompt(question.words, default=question.default, show_default=bool(question.default), value_proc=read)


def local_timezone(localtime: Path = _LOCALTIME) -> str:
    """Return the machine's time zone by its IANA name, from TZ or the link that POSIX systems keep; UTC where neither tells."""
    linked = str(localtime.resolve()).partition("zoneinfo/")[2]
    for name in (os.environ.get("TZ", "").removeprefix(":"), linked):
        try:
            return fields.zone(name)
        except ValueError:
            continue
    return "UTC"


def _language(text: str) -> str:
    language = _LANGUAGES.get(text.casefold())
    if language is None:
        raise ValueError('must be "en" or "zh"')
    return language


def _hour(text: str) -> str:
    return f"{fields.clock_time(text):%H:%M}"


def _categories(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(fields.category(name) for name in _SEPARATORS.split(text)))


def _topics(topics: tuple[StarterTopic, ...], text: str) -> tuple[StarterTopic, ...]:
    numbers = {str(number): topic for number, topic in enumerate(topics, 1)}
    if text == "all":
        return topics
    try:
        return tuple(dict.fromkeys(numbers[number] for number in _SEPARATORS.split(text)))
    except KeyError:
        raise ValueError(f'must be "all" or numbers from 1 to {len(topics)}, with blanks between') from None
