from contextlib import suppress
from datetime import date, timedelta
from html import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.calendar import ARXIV_EVENINGS_OFF, DaysOff
from crawler.errors import ReadError
from crawler.readers.arxiv_days_off import read_arxiv_days_off
from crawler.samples.arxiv import MONTHS, WEEKDAYS
from tests.crawler.arxiv_days import response

URL = "https://info.arxiv.org/help/availability.html"
SHORT = ("Mon", "Tues", "Wed", "Thrs", "Fri", "Sat", "Sun")
OPEN = "December Holidays are not yet scheduled"


def section(year: int, *lines: str, after: str = "") -> str:
    """Return what MkDocs makes of the list of a year."""
    link = f'<a class="headerlink" href="#{year}-holidays" title="Permanent link">&para;</a>'
    items = "".join(f"<li>{escape(line)}</li>\n" for line in lines)
    return f'<h3 id="{year}-holidays">{year} Holidays{link}</h3>\n<ul>\n{items}</ul>\n{after}'


def page(*sections: str) -> bytes:
    """Return a page of our own with the sections of some years on it."""
    return f"""<!doctype html>
<html lang="en" class="no-js"><head><meta charset="utf-8"><title>Announcements - our arXiv</title></head>
<body><nav><ul><li><a href="/">Help</a></li><li>Thu 2 April</li></ul></nav>
<article><h1 id="announcements">When papers come out<a class="headerlink" href="#announcements">&para;</a></h1>
<p>On five evenings a week.</p><table><tr><td>Monday 14:00</td><td>Monday 20:00</td></tr></table>
<p><a name="holiday"></a></p><h2 id="deferred">Deferred announcements</h2><p>At times there are none.</p>
{"".join(sections)}</article><footer><p>Made by hand.</p></footer></body></html>
""".encode()


def read(body: bytes) -> DaysOff:
    return read_arxiv_days_off(response(body, URL))


def days(*texts: str) -> frozenset[date]:
    return frozenset(map(date.fromisoformat, texts))


def test_the_evenings_of_a_year() -> None:
    lines = (
        *("Thu 1 January", "Mon 19 January", "Fri 19 June", "Fri 3 July", "Mon 7 September", "Thrs 26 November"),
        *("Fri 25 December", "Tues 29 December", "Thu 31 December"),
    )
    assert read(page(section(2026, *lines))) == DaysOff(evenings=ARXIV_EVENINGS_OFF, years=frozenset({2026}), settled=True)


def test_several_years_and_one_whose_december_is_open() -> None:
    found = read(page(section(2026, "Sun 5 July", OPEN), section(2025, "Sun 6 July", "Thu 27 November")))
    assert found.evenings == days("2026-07-05", "2025-07-06", "2025-11-27")
    assert found.years == {2025}
    assert not found.settled


@pytest.mark.parametrize("after", [f"<p>{OPEN}.</p>", f"<blockquote><ul><li>{OPEN}</li></ul></blockquote>"])
def test_a_year_is_open_too_when_it_is_said_below_the_list(after: str) -> None:
    found = read(page(section(2026, "Thu 1 January", after=after), section(2025, "Wed 1 January", after="<p> </p>")))
    assert found == DaysOff(evenings=days("2026-01-01", "2025-01-01"), years=frozenset({2025}), settled=False)


def test_a_year_told_of_twice_is_complete_when_both_lists_are() -> None:
    first, second = section(2026, "Thu 1 January"), section(2026, "Fri 25 December")
    assert read(page(first, second)).years == {2026}
    assert read(page(first, second)).evenings == days("2026-01-01", "2026-12-25")
    assert read(page(section(2026, OPEN), second)).years == frozenset()


def test_a_year_of_which_nothing_is_known_yet_is_open() -> None:
    assert read(page(section(2027, "To be announced"))) == DaysOff(evenings=frozenset(), years=frozenset(), settled=False)


@pytest.mark.parametrize(
    "line",
    [
        *("Fri 25 December", "Fri. 25 Dec", "Friday, 25 December", "Fri 25 Dec.", "Fri, 25th December", "Fri 25th of December"),
        *("December 25", "Dec 25", "Friday, December 25", "Fri Dec. 25th", "FRI 25 DECEMBER", "fri\u00a025\u00a0december"),
        *("25 December", "25 December 2026", "Friday 25 December, 2026", "Friday, December 25, 2026", "  25 December.  "),
    ],
)
def test_the_forms_of_a_date(line: str) -> None:
    found = read(page(section(2026, line)))
    assert found == DaysOff(evenings=days("2026-12-25"), years=frozenset({2026}), settled=True)


@pytest.mark.parametrize(
    "line",
    [
        "Thu 25 December",  # it is a Friday
        "Mon 30 February",
        "31 November",
        "25 December 2025",  # not the year of the list
        "Thursday, December 25, 2025",
        "Fri 25",
        "25/12/2026",
        "2026-12-25",
        "Fri 25 Thermidor",
        "24, 25 December",
        "Thu 24 and Fri 25 December",
        "25 December is a day like any other",
        "until 25 December",
        OPEN,
    ],
)
def test_what_is_no_date_or_contradicts_itself_is_left_out_and_leaves_its_year_open(line: str) -> None:
    found = read(page(section(2026, "Thu 1 January", line, "Mon 19 January")))
    assert found == DaysOff(evenings=days("2026-01-01", "2026-01-19"), years=frozenset(), settled=False)


@pytest.mark.parametrize("rest", [" (Christmas)", " - Fri 1 January", ", tentative", "; more may come"])
def test_a_date_with_something_beside_it_counts_and_leaves_its_year_open(rest: str) -> None:
    found = read(page(section(2026, f"Fri 25 December{rest}")))
    assert found == DaysOff(evenings=days("2026-12-25"), years=frozenset(), settled=False)


@pytest.mark.parametrize(
    "body",
    [
        page(),
        page("<h3>Holidays</h3><ul><li>Thu 1 January</li></ul>"),
        page("<h3>2026 and 2027 Holidays</h3><ul><li>Thu 1 January</li></ul>"),
        page("<h3>In 2026</h3><ul><li>Thu 1 January</li></ul>"),
        page(section(2026)),
        page("<h3>2026 Holidays</h3><h3>Others</h3><ul><li>Thu 1 January</li></ul>"),
        b"<html><head><title>Not found</title></head><body><h1>404</h1></body></html>",
    ],
)
def test_a_page_without_a_list_is_an_error_that_names_it(body: bytes) -> None:
    with pytest.raises(ReadError, match="no list of days without announcement") as error:
        read(body)
    assert URL in str(error.value)


@settings(deadline=None, max_examples=50)
@given(st.floats(0, 1, exclude_max=True))
def test_a_page_that_breaks_off_is_an_error(part: float) -> None:
    body = page(section(2026, "December 25", "December 29"))
    with pytest.raises(ReadError):
        read(body[: int(body.rindex(b"</html") * part)])


_years = st.dictionaries(
    st.integers(2020, 2039), st.lists(st.integers(0, 364), min_size=1, max_size=9).map(frozenset), min_size=1, max_size=4
)


@settings(deadline=None, max_examples=60)
@given(_years, st.data())
def test_what_is_written_is_read(numbers: dict[int, frozenset[int]], data: st.DataObject) -> None:
    written = {year: [date(year, 1, 1) + timedelta(days=number) for number in off] for year, off in numbers.items()}
    undecided = data.draw(st.sets(st.sampled_from(sorted(written))))
    sections = [
        section(year, *(data.draw(_forms(day)) for day in evenings), *([OPEN] if year in undecided else ()))
        for year, evenings in written.items()
    ]
    assert read(page(*sections)) == DaysOff(
        evenings=frozenset(day for evenings in written.values() for day in evenings),
        years=frozenset(written) - undecided,
        settled=not undecided,
    )


def _forms(day: date) -> st.SearchStrategy[str]:
    """Return ways to write a day."""
    month, number = MONTHS[day.month - 1], day.day
    weekday = st.sampled_from(("", f"{SHORT[day.weekday()]} ", f"{WEEKDAYS[day.weekday()]}, "))
    return st.builds(
        "{}{}".format,
        weekday,
        st.sampled_from((f"{number} {month}", f"{month} {number}", f"{number} {month[:3]}.", f"{month} {number}, {day.year}")),
    )


@settings(deadline=None, max_examples=50)
@given(st.text(max_size=60) | st.binary(max_size=60))
def test_no_line_raises_anything_but_a_read_error(noise: str | bytes) -> None:
    body = page(section(2026, "Thu 1 January", "@"))
    found = read(body.replace(b"@", noise.encode("utf-8", "surrogatepass") if isinstance(noise, str) else noise))
    assert date(2026, 1, 1) in found.evenings
    with suppress(ReadError):
        read(noise if isinstance(noise, bytes) else noise.encode("utf-8", "surrogatepass"))
