import re
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.errors import ReadError
from crawler.readers.arxiv_listing import read_arxiv_catchup, read_arxiv_listing
from crawler.samples.arxiv import Entry, render_catchup, render_listing
from crawler.sighting import Claim, Reject, Sighting
from crawler.source import Fetched, Page
from tests.crawler.arxiv_days import DAY, days, entry, listing, response

URL = "https://arxiv.org/catchup/cs.CV/2026-08-12?abs=True"
LATER = datetime(2026, 9, 1, 16, tzinfo=UTC)


def catchup(entries: list[Entry], page: int = 1, size: int = 2000) -> Fetched:
    """Return one page of the catch-up with DAY."""
    url = URL if page == 1 else f"{URL}&page={page}"
    return response(render_catchup("cs.CV", DAY, entries, page=page, size=size), url)


def read(body: bytes, url: str = URL) -> Page:
    return read_arxiv_catchup(response(body, url))


@settings(deadline=None, max_examples=40)
@given(days)
def test_a_day_caught_up_with_is_the_day_that_was_listed(entries: list[Entry]) -> None:
    page, listed = read_arxiv_catchup(catchup(entries)), read_arxiv_listing(listing(entries))
    assert page == listed
    assert {sighting.key for sighting in page.sightings} == {item.id for item in entries}
    assert (page.rejects, page.follow, page.dated, page.whole) == ((), (), True, True)


@settings(deadline=None, max_examples=40)
@given(days.filter(bool), st.integers(1, 6))
def test_the_pages_of_a_day_follow_each_other_and_lose_nothing(entries: list[Entry], size: int) -> None:
    found: list[Sighting] = []
    claims: list[Claim] = []
    number = 0
    follow: tuple[str, ...] = (URL,)
    while follow:
        number += 1
        page = read_arxiv_catchup(replace(catchup(entries, number, size), url=follow[0]))
        assert page.whole
        found, claims, follow = [*found, *page.sightings], [*claims, *page.claims], page.follow
        assert follow in ((), (f"https://arxiv.org/catchup/cs.CV/2026-08-12?abs=True&page={number + 1}",))
    assert number == -(-len(entries) // size)  # no page too few, and none too many
    assert tuple(found) == read_arxiv_catchup(catchup(entries)).sightings
    for action in ("new", "cross", "replace"):
        count = sum(item.action == action for item in entries)
        parts = [claim for claim in claims if claim.section == action]
        assert {claim.expected for claim in parts} <= {count}
        assert sum(claim.seen for claim in parts) == count


@settings(deadline=None, max_examples=60)
@given(days, st.integers(1, 3), st.integers(1, 3), st.integers(0, 10_000))
def test_a_page_cut_anywhere_invents_nothing_and_is_never_whole(
    entries: list[Entry], number: int, size: int, per_myriad: int
) -> None:
    fetched = catchup(entries, number, size)
    whole = {sighting.key: sighting for sighting in read_arxiv_catchup(fetched).sightings}
    cut = fetched.body[: fetched.body.rindex(b"</html") * per_myriad // 10_000]
    try:
        page = read_arxiv_catchup(replace(fetched, body=cut))
    except ReadError:
        assert cut.count(b"12 Aug 2026") < 2  # its title has the day too
        return
    assert (page.whole, page.follow, page.dated) == (False, (), True)
    assert all(whole[sighting.key] == sighting for sighting in page.sightings)
    assert {reject.why for reject in page.rejects} <= {"the page breaks off in this entry"}


def test_a_page_cut_between_two_sections_or_in_an_entry_says_what_it_lacks() -> None:
    body = render_catchup("cs.CV", DAY, [entry(1), entry(2), entry(3, action="cross")])
    page = read(body[: body.index(b"<h3>Cross")])
    assert page.claims == (Claim(scope="cs.CV", section="new", announced_on=DAY, expected=2, seen=2),)
    assert (page.whole, page.rejects) == (False, ())
    page = read(body[: body.index(b"Abstract 2") + 5])
    assert [sighting.key for sighting in page.sightings] == ["2608.00001"]
    assert page.rejects == (Reject(key="2608.00002", why="the page breaks off in this entry"),)
    assert not page.whole


def test_a_day_without_announcement_is_empty_and_whole() -> None:
    page = read_arxiv_catchup(catchup([]))
    assert page.claims == (Claim(scope="cs.CV", section="", announced_on=DAY, expected=0, seen=0),)
    assert (page.dated, page.whole, page.sightings, page.follow) == (True, True, (), ())


def test_a_page_that_has_no_further_entries_says_so_and_is_whole_if_none_are_stated() -> None:
    fetched = catchup([entry(1)], page=2)
    assert b"No further updates for Wed, 12 Aug 2026" in fetched.body
    page = read_arxiv_catchup(replace(fetched, body=fetched.body.replace(b"Total of 1 entries", b"")))
    assert page.claims == (Claim(scope="cs.CV", section="", announced_on=DAY, expected=0, seen=0),)
    assert (page.dated, page.whole) == (True, True)


@pytest.mark.parametrize("number", [1, 2])
def test_an_empty_page_that_states_entries_does_not_vouch_for_there_being_none(number: int) -> None:
    body = catchup([], page=number).body.replace(b"Total of 0 entries", b"Total of 239 entries")
    page = read(body, f"{URL}&page={number}")
    assert (page.whole, page.follow, page.claims[0].seen) == (False, (), 0)


def test_a_page_that_says_neither_that_it_is_empty_nor_has_sections_is_not_whole() -> None:
    page = read(catchup([]).body.replace(b"No updates for", b"Hello on"))
    assert page.claims == (Claim(scope="cs.CV", section="", announced_on=DAY, expected=None, seen=0),)
    assert (page.dated, page.whole) == (True, False)


@pytest.mark.parametrize(
    ("path", "follow"),
    [
        ("", "?abs=True&page=2"),
        ("?abs=True", "?abs=True&page=2"),
        ("?abs=True&page=3#item7", "?abs=True&page=4"),
        ("?page=none", "?abs=True&page=2"),
    ],
)
def test_the_next_page_is_the_next_number_with_abstracts(path: str, follow: str) -> None:
    address = "https://arxiv.org/catchup/cs.CV/2026-08-12"
    body = render_catchup("cs.CV", DAY, [entry(n) for n in range(4)], size=3)
    assert read(body, address + path).follow == (address + follow,)


@pytest.mark.parametrize(("total", "followed"), [(2001, False), (2002, True)])
def test_entries_that_are_not_numbered_are_counted_by_full_pages(total: int, followed: bool) -> None:  # noqa: FBT001
    body = render_catchup("cs.CV", DAY, [entry(1), entry(2)], page=2, size=1)
    body = re.sub(rb"<a name='item\d+'>", b"<a>", body).replace(b"Total of 2 entries", f"Total of {total} entries".encode())
    assert bool(read(body, f"{URL}&page=2").follow) == followed


def test_what_authors_write_neither_counts_nor_empties_a_page() -> None:
    said = "Total of 9999 entries. No updates for Wed, 12 Aug 2026"
    items = [entry(1, title=said, comment=said, abstract="No further updates for anyone"), entry(2, abstract=said)]
    for body in (catchup(items).body, catchup(items).body.replace(b"Total of 2 entries", b"")):
        page = read(body)
        assert (len(page.sightings), page.whole, page.follow) == (2, True, ())
        assert page.claims == (Claim(scope="cs.CV", section="new", announced_on=DAY, expected=2, seen=2),)


@pytest.mark.parametrize(
    "body",
    [
        render_catchup("cs.CV", date(2026, 8, 11), [entry(1)]),
        render_catchup("cs.CV", date(2026, 8, 11), []),
        render_listing("cs.CV", date(2026, 8, 11), [entry(1)]),
        render_catchup("cs.CV", DAY, [entry(1)]).replace(b"New submissions (", b"Tue, 11 Aug 2026 ("),
    ],
)
def test_a_page_of_another_day_is_refused(body: bytes) -> None:
    with pytest.raises(ReadError, match="a page of another day, 2026-08-11"):
        read(body)


def test_a_page_of_the_day_asked_for_may_come_in_the_listings_form() -> None:
    assert read(render_listing("cs.CV", DAY, [entry(1)])) == read(render_catchup("cs.CV", DAY, [entry(1)]))


@pytest.mark.parametrize("path", ["catchup/cs.CV", "catchup/cs.CV/2026-02-30", "catchup/cs.CV/12-08-2026", ""])
def test_an_address_without_a_day_is_refused(path: str) -> None:
    with pytest.raises(ReadError, match="its address names no day"):
        read(catchup([entry(1)]).body, f"https://arxiv.org/{path}?abs=True")


def test_a_page_without_its_date_takes_its_addresss_and_does_not_vouch_for_it() -> None:
    body = catchup([entry(1)]).body.replace(b" on Wed, 12 Aug 2026", b"")
    page = read_arxiv_catchup(replace(response(body, URL, LATER), batch_on=date(2026, 8, 31)))
    assert (page.dated, page.whole) == (False, True)
    assert page.sightings[0].announced_on == page.claims[0].announced_on == DAY


def test_a_day_in_the_future_is_refused() -> None:
    early = response(catchup([entry(1)]).body, URL, datetime(2026, 8, 11, 3, 59, tzinfo=UTC))  # still Monday in New York
    with pytest.raises(ReadError, match="dated in the future, 2026-08-12"):
        read_arxiv_catchup(early)
    assert read_arxiv_catchup(replace(early, at=datetime(2026, 8, 11, 4, tzinfo=UTC))).dated


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<!-- nothing -->",
        b"<html><head><title>Just a moment...</title></head><body><h1>Checking your browser</h1></body></html>",
        b"<html><body><h1>Catchup results for Machine Learning</h1></body></html>",
        b"<html><body><h1>Results on Wed, 12 Aug 2026</h1></body></html>",
        catchup([entry(1)]).body[:300],
    ],
)
def test_what_is_no_catchup_is_an_error_that_names_the_page(body: bytes) -> None:
    with pytest.raises(ReadError) as error:
        read(body)
    assert URL in str(error.value)


@settings(deadline=None, max_examples=50)
@given(st.binary(max_size=300))
def test_no_bytes_raise_anything_but_a_read_error(noise: bytes) -> None:
    body = catchup([entry(1), entry(2)]).body
    middle = body.index(b"Title 1")
    with suppress(ReadError):
        read(noise)
    assert read(body[:middle] + noise + body[middle:]).dated


def test_the_rendered_page_has_arxivs_form() -> None:
    entries = [entry(1), entry(2), entry(3, action="cross"), entry(4, action="replace")]
    body = render_catchup("cs.CV", date(2026, 9, 4), entries, page=2, size=2).decode()
    assert "<h1>Catchup results for Computer Vision and Pattern Recognition on Fri, 04 Sep 2026</h1>" in body
    assert body.count("Total of 4 entries") == 2
    paging = "View page:<a href=/catchup/cs.CV/2026-09-04?abs=True&amp;page=1>1</a><span>2</span>"
    assert body.count(paging) == 2  # and of 4 entries in twos arXiv links a third page, which has none
    assert body.count("page=3>3</a>") == 2
    assert 'href="/catchup/cs.CV/2026-09-07?abs=True&amp;page=1">Continue catchup on Mon, 07 Sep 2026</a>' in body
    assert '<a href="#item1">Cross-lists</a>' in body
    assert "<a name='item3'>" in body
    assert "Showing new listings" not in body
    assert b"View page" not in render_catchup("cs.CV", DAY, entries, size=4)
    assert b"Continue catchup on Mon, 30 Nov 2026" in render_catchup("cs.CV", date(2026, 11, 26), [])
