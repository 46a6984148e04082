"""What a mail to the owner says: what a person must look at, in a sentence or two each, and what to run next. Pure."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final, Literal

from digests.escape import plain
from digests.language import Language

Command = Literal["status", "ledger", "sources --live", "check", "digest", "send"]

_MOST: Final = 5
"""So many names are said, the others counted; `paperlark status` has them all."""
_WHY: Final = 300


def silent(names: Sequence[str], many: int, since: date, why: str, language: Language) -> str:
    """Say that scopes have had no complete list for so many announcement days in a row."""
    said = language.gettext(
        "%(names)s: no complete list on %(count)s announcement days in a row, the first of them %(date)s.",
        names=_some(names, language),
        count=many,
        date=language.day(since),
    )
    return _because(said, language.gettext("The last look: %(why)s", why=_line(why)) if why else "", language)


def shut_out(names: Sequence[str], since: date, why: str, language: Language) -> str:
    """Say that nothing could be read of scopes since a day, because we are refused."""
    said = language.gettext(
        "%(names)s: every request has been refused since %(date)s.", names=_some(names, language), date=language.day(since)
    )
    return _because(said, language.gettext("The last look: %(why)s", why=_line(why)) if why else "", language)


def given_up(mails: Sequence[tuple[str, str]], language: Language) -> str:
    """Say that mails, each to somebody and for a reason, were given up."""
    said = [language.gettext("%(name)s (%(why)s)", name=_line(name), why=_line(why)) if why else name for name, why in mails]
    return language.ngettext(
        "%(count)s mail could not be delivered and was given up: %(names)s.",
        "%(count)s mails could not be delivered and were given up: %(names)s.",
        len(mails),
        names=_some(said, language),
    )


def waiting(many: int, since: date, why: str, language: Language) -> str:
    """Say that so many mails have not gone out, the oldest since a day."""
    said = language.ngettext(
        "%(count)s mail has been waiting to go out since %(date)s.",
        "%(count)s mails have been waiting to go out, the oldest since %(date)s.",
        many,
        date=language.day(since),
    )
    return _because(said, language.gettext("The mail server: %(why)s", why=_line(why)) if why else "", language)


def unwritten(name: str, period: str, since: date, why: str, language: Language) -> str:
    """Say that a digest was due on a day, and has not been written."""
    said = language.gettext(
        "The digest %(name)s of %(period)s was due on %(date)s, and has not been written.",
        name=_line(name),
        period=period,
        date=language.day(since),
    )
    return _because(said, language.gettext("The reason: %(why)s", why=_line(why)) if why else "", language)


def alarm_subject(many: int, language: Language) -> str:
    """Return the subject of the mail."""
    return language.ngettext("Paperlark: %(count)s thing needs you", "Paperlark: %(count)s things need you", many)


def alarm_text(said: Iterable[str], commands: Iterable[Command], config: str, language: Language) -> str:
    """Return the text of the mail; `config` are the words that name the settings to a command, if they need naming."""
    runs = {
        "status": language.gettext("the last word of every source, and the mails that are not sent"),
        "ledger": language.gettext("what came of every list, day by day"),
        "sources --live": language.gettext("asks every source once, and keeps nothing"),
        "check": language.gettext("settings, store and mail server: what to mend"),
        "digest": language.gettext("writes what is pending, or says why it cannot"),
        "send": language.gettext("tries the mails again"),
    }
    asked = set(commands)
    parts = [
        language.gettext("Paperlark goes on working, but these things need somebody to look at them."),
        *(f"- {one}" for one in said),
        language.gettext("What to run next:"),
        "\n".join(f"    paperlark {run}{config}\n        {about}" for run, about in runs.items() if run in asked),
        language.gettext("Such a mail comes once a day at most, and if there is nothing new once a week."),
    ]
    return "\n\n".join(parts) + "\n"


def _because(said: str, why: str, language: Language) -> str:
    return language.sentences(said, why) if why else said


def _line(text: str) -> str:
    return plain(text, _WHY)


def _some(names: Sequence[str], language: Language) -> str:
    said = [_line(name) for name in names[:_MOST]]
    if len(names) > _MOST:
        said.append(language.gettext("%(count)s more", count=len(names) - _MOST))
    return language.listing(said)
