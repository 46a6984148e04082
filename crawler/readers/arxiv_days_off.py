"""The evenings on which arXiv announces nothing, from the page that says so (https://info.arxiv.org/help/availability.html).

Every year has a heading, "2026 Holidays", and below it a list of days, "Thu 1 January"; a year whose last months are not
decided says that in a line of its own. The page is written by hand: weekdays are shortened in several ways.
"""

import re
from collections.abc import Iterator
from datetime import date
from itertools import takewhile
from typing import Final

from lxml import etree

from crawler.calendar import DaysOff
from crawler.errors import ReadError
from crawler.readers.arxiv_entry import text_of
from crawler.readers.arxiv_sections import MONTHS, is_ended, parse
from crawler.source import Fetched
from crawler.text import clean

_HEADINGS: Final = ("h1", "h2", "h3", "h4", "h5", "h6")
_YEAR: Final = re.compile(r"\b20\d\d\b", re.ASCII)
_WEEKDAYS: Final = ("mo", "tu", "we", "th", "fr", "sa", "su")
_MONTH: Final = rf"(?:{'|'.join(MONTHS)})[a-z]*\.?"
_NUMBER: Final = r"\d{1,2}(?:st|nd|rd|th)?"
_LINE: Final = re.compile(
    rf"(?:(?P<weekday>{'|'.join(_WEEKDAYS)})[a-z]*[.,]*\s+)?(?:the\s+)?"
    rf"(?:(?P<day>{_NUMBER})\s+(?:of\s+)?(?P<month>{_MONTH})|(?P<first>{_MONTH})\s+(?P<second>{_NUMBER}))"
    r"(?:,?\s+(?P<year>20\d\d))?\.?(?P<rest>\s*(?:[^\w\s].*)?)",
    re.ASCII | re.IGNORECASE,
)


def read_arxiv_days_off(fetched: Fetched) -> DaysOff:
    """Read the lists of all years on the page.

    A line that is no date, has more in it than a date, or contradicts itself (its weekday, its year) leaves its year
    open; a date it begins with counts only if nothing contradicts it. Raises ReadError for a page without such a list,
    and for one that breaks off: half a day may be another day.
    """
    root = parse(fetched)
    if not is_ended(fetched):
        raise ReadError(fetched.source, fetched.url, "the page breaks off")
    evenings: set[date] = set()
    settled: dict[int, bool] = {}
    for heading in root.iter(*_HEADINGS):
        year = _year(heading)
        for line in _lines(heading) if year else ():
            day, alone = _date(line, year)
            evenings.update([day] if day else ())
            settled[year] = settled.get(year, True) and alone
    if not settled:
        raise ReadError(fetched.source, fetched.url, "no list of days without announcement")
    years = frozenset(year for year, all_told in settled.items() if all_told)
    return DaysOff(evenings=frozenset(evenings), years=years, settled=len(years) == len(settled))


def _year(heading: etree._Element) -> int:
    """Return the year whose days a heading is for; 0 for any other heading."""
    text = clean(text_of(heading))
    years = _YEAR.findall(text)
    return int(years[0]) if len(years) == 1 and "holiday" in text.lower() else 0


def _lines(heading: etree._Element) -> Iterator[str]:
    """Give the text of every list item and paragraph between a heading and the next."""
    for element in takewhile(lambda one: one.tag not in _HEADINGS, heading.itersiblings()):
        items = [element] if element.tag == "p" else element.iter("li")
        yield from filter(None, (clean(text_of(item)) for item in items))


def _date(line: str, year: int) -> tuple[date | None, bool]:
    """Return the day that a line of a year names, None if it names none, and whether there is nothing else in it."""
    match = _LINE.fullmatch(line)
    if match is None or int(match["year"] or year) != year:
        return None, False
    month = MONTHS.index((match["month"] or match["first"])[:3].lower()) + 1
    try:
        day = date(year, month, int(re.sub(r"\D", "", match["day"] or match["second"])))
    except ValueError:
        return None, False
    weekday = (match["weekday"] or _WEEKDAYS[day.weekday()]).lower()
    return (day, not match["rest"].strip()) if weekday == _WEEKDAYS[day.weekday()] else (None, False)
