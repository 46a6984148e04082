"""What `paperlark init` asks on a terminal, and what it makes of the answers."""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import typer

from jobs import addresses, fields
from jobs.init import HOUR, Answers
from jobs.starter import CATEGORIES, TOPICS, StarterTopic

_LOCALTIME: Final = Path("/etc/localtime")
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
    """Return the questions in their order."""
    topics = ", ".join(f"{number} {topic.name}" for number, topic in enumerate(TOPICS, 1))
    return (
        Question("email", "Your e-mail address (Return: no mail, files only)", "", addresses.address_or_nothing),
        Question("mail_host", "The mail server that sends", "smtp.example.org", addresses.host, mail=True),
        Question("timezone", "Your time zone", timezone, fields.zone),
        Question("language", "The language of the digests, en or zh (中文)", "en", _language),
        Question("at", "At what hour", HOUR, _hour),
        Question("categories", "arXiv categories, with blanks between", " ".join(CATEGORIES), _categories),
        Question("topics", f"Topics to begin with ({topics})", "all", _topics),
    )


def ask(on_terminal: bool) -> Answers:  # noqa: FBT001 - the one thing to know
    """Ask everything on the terminal, a wrong answer again; elsewhere, return what Return would answer."""
    given: dict[str, Any] = {}
    for question in questions(local_timezone()):
        wanted = not question.mail or bool(given["email"])
        asked = on_terminal and wanted
        given[question.name] = _prompt(question) if asked else question.read(question.default)
    return Answers(**given)


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
    if text not in ("en", "zh"):
        raise ValueError('must be "en" or "zh"')
    return text


def _hour(text: str) -> str:
    return f"{fields.clock_time(text):%H:%M}"


def _categories(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(fields.category(name) for name in _SEPARATORS.split(text)))


def _topics(text: str) -> tuple[StarterTopic, ...]:
    numbers = {str(number): topic for number, topic in enumerate(TOPICS, 1)}
    if text == "all":
        return TOPICS
    try:
        return tuple(dict.fromkeys(numbers[number] for number in _SEPARATORS.split(text)))
    except KeyError:
        raise ValueError(f'must be "all" or numbers from 1 to {len(TOPICS)}, with blanks between') from None
