"""The words of one language: its catalogue, read once, and the dates, times and lists that go with it.

The catalogues are the `.po` files themselves (`locales/<code>/LC_MESSAGES/paperlark.po`), read at the first use: a compiled
copy could disagree with its source. English is the language of the messages and has none.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from gettext import NullTranslations
from importlib.resources import files
from io import BytesIO
from typing import Final

from babel import Locale
from babel.dates import format_date
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

DOMAIN: Final = "paperlark"
_TAGS: Final = {"zh": "zh-CN"}
# CLDR writes "cs.CV和cs.LG"; Chinese typesetting wants a blank between an ideograph and a Latin letter.
_APART: Final = re.compile("(?<=[0-9A-Za-z])和(?=[0-9A-Za-z])")


@dataclass(frozen=True, slots=True, eq=False)
class Language:
    """One language: `tag` as BCP 47 writes it, and what to say in it."""

    tag: str
    locale: Locale
    translations: NullTranslations

    def gettext(self, message: str, **values: object) -> str:
        """Return the message in this language with its values in place."""
        return self.translations.gettext(message) % values

    def ngettext(self, singular: str, plural: str, count: int, **values: object) -> str:
        """Return the form of the message that goes with `count`, which is one of its values."""
        return self.translations.ngettext(singular, plural, count) % {"count": count, **values}

    def dated(self, day: date, pattern: str) -> str:
        """Write a day in a pattern of CLDR (UTS 35, Date Format Patterns), which is itself a message."""
        return format_date(day, self.translations.gettext(pattern), locale=self.locale)

    def day(self, day: date) -> str:
        """Write a day as `15 January`."""
        return self.dated(day, "d MMMM")

    def time(self, moment: datetime, seen_from: date) -> str:
        """Write a moment, in its own time zone, with as much of its day as a reader of the day `seen_from` needs."""
        clock, days = f"{moment:%H:%M}", (moment.date() - seen_from).days
        match days:
            case 0:
                return self.gettext("at %(time)s", time=clock)
            case -1:
                return self.gettext("yesterday at %(time)s", time=clock)
            case 1:
                return self.gettext("tomorrow at %(time)s", time=clock)
            case _:
                return self.gettext("on %(date)s at %(time)s", date=self.dated(moment.date(), "EEEE, d MMMM"), time=clock)

    def listing(self, names: Sequence[str]) -> str:
        """Join names as `A, B and C`."""
        return names[0] if len(names) == 1 else _APART.sub(" 和 ", format_list(names, locale=self.locale))

    def sentences(self, *sentences: str) -> str:
        """Put sentences one after the other, as far apart as the language wants them."""
        return ("" if self.locale.language == "zh" else " ").join(sentences)


@cache
def language(code: str) -> Language:
    """Return the language called `code` ("en", "zh"); English for a code without a catalogue."""
    catalogue = files("digests") / "locales" / code / "LC_MESSAGES" / f"{DOMAIN}.po"
    if not catalogue.is_file():
        # The `en` of CLDR is American: only this one writes "A, B and C".
        return Language("en", Locale("en", "GB"), NullTranslations())
    compiled = BytesIO()
    with catalogue.open("rb") as source:
        write_mo(compiled, read_po(source, locale=code, domain=DOMAIN))
    compiled.seek(0)
    return Language(_TAGS.get(code, code), Locale(code), Translations(compiled, domain=DOMAIN))
