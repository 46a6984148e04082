import json
import re
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.calendar import ARXIV_EVENINGS_OFF, is_arxiv_batch
from crawler.errors import ReadError
from crawler.identifiers import Identifier
from crawler.readers import arxiv_query
from crawler.readers.arxiv_query import (
    day_address,
    papers_address,
    read_arxiv_batch,
    read_arxiv_query,
    span_address,
    window,
)
from crawler.samples.arxiv import Entry
from crawler.samples.arxiv_query import THROTTLED, Submitted, answer_query, render_error, render_query
from crawler.sighting import Author, Claim, Reject, Sighting, Submission
from crawler.source import Fetched, Page, Wanted
from crawler.text import clean
from tests.crawler.arxiv_days import DAY, NOON, days, entry, response

SAMPLES = Path("../shared/samples")
SPAN = Wanted(scope="cs.CV", since=date(2026, 8, 11), until=date(2026, 8, 12))
URL = span_address(SPAN)
IDS = "https://export.arxiv.org/api/query?id_list=2608.00001,2608.00002&start=0&max_results=2"
NOON_BEFORE = datetime(2026, 8, 11, 12, tzinfo=UTC)

seconds = st.integers(0, 2 * 24 * 3600 - 1).map(lambda n: datetime(2026, 8, 11, tzinfo=UTC) + timedelta(seconds=n))


@st.composite
def submitted(draw: st.DrawFn) -> list[Submitted]:
    """Return papers handed in on the days of SPAN."""
    return [
        Submitted(
            entry=item,
            published=(published := draw(seconds)),
            updated=published + timedelta(days=draw(st.integers(1, 900))) if item.version > 1 else None,
        )
        for item in draw(days)
    ]


def paper(number: int = 1, published: datetime = NOON_BEFORE, **changes: object) -> Submitted:
    return Submitted(entry=entry(number, **changes), published=published)


def fetched(body: bytes, url: str = URL, scope: str = "cs.CV", batch_on: date | None = None) -> Fetched:
    return replace(response(body, url), scope=scope, batch_on=batch_on)


def page_of(papers: Sequence[Submitted], url: str = URL, total: int | None = None) -> Page:
    query = urlsplit(url).query
    return read_arxiv_query(fetched(render_query(papers, query, len(papers) if total is None else total), url))


def at_page(start: int, size: int, url: str = URL) -> str:
    return url.replace("start=0&max_results=1000", f"start={start}&max_results={size}")


def asked(url: str, name: str) -> str:
    return parse_qs(urlsplit(url).query).get(name, [""])[0]


def minutes(url: str) -> tuple[datetime, datetime]:
    begin, end = asked(url, "search_query").partition("[")[2].rstrip("]").split(" TO ")
    return datetime.strptime(begin, "%Y%m%d%H%M").replace(tzinfo=UTC), datetime.strptime(end, "%Y%m%d%H%M").replace(tzinfo=UTC)


def ranged(begin: datetime, end: datetime) -> str:
    a, b = URL.partition("%5B")[0], URL.partition("%5D")[2]
    return f"{a}%5B{begin:%Y%m%d%H%M}+TO+{end:%Y%m%d%H%M}%5D{b}"


def crawl(url: str, answer: Callable[[str], bytes]) -> list[Page]:
    """Read a page and all that follows from it."""
    waiting, pages = deque([url]), []
    while waiting:
        url = waiting.popleft()
        pages.append(read_arxiv_query(fetched(answer(url), url)))
        waiting += pages[-1].follow
        assert len(pages) < 5000
    return pages


def expected(one: Submitted) -> Sighting:
    """Return what the API says of a paper."""
    item = one.entry
    parted = [author.partition(" (") for author in item.authors]
    submissions = [Submission(1, one.published)]
    if one.updated:
        submissions.append(Submission(item.version, one.updated))
    return Sighting(
        source="arxiv",
        key=item.id,
        seen_at=NOON,
        title=item.title,
        url=f"https://arxiv.org/abs/{item.id}",
        authors=tuple(Author(name, place.removesuffix(")") or None) for name, _, place in parted),
        abstract=item.abstract,
        identifiers=(Identifier("arxiv", item.id), *([Identifier("doi", item.doi)] if item.doi else [])),
        categories=item.categories,
        comment=item.comment,
        journal_ref=item.journal_ref,
        version=item.version,
        submissions=tuple(submissions),
        scope="cs.CV",
    )


@settings(deadline=None, max_examples=60)
@given(submitted())
def test_papers_rendered_and_read_are_the_same_papers(papers: list[Submitted]) -> None:
    page = page_of(papers)
    assert page.sightings == tuple(map(expected, papers))
    assert (page.kind, page.claims, page.rejects, page.follow, page.whole) == ("catalogue", (), (), (), True)
    assert page.total == len(papers)


OLD = """<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
  <link href="http://arxiv.org/api/query?search_query%3D%26id_list%3Dhep-ex%2F0307015" rel="self" type="application/atom+xml"/>
  <title type="html">ArXiv Query: search_query=&amp;id_list=hep-ex/0307015&amp;start=0&amp;max_results=10</title>
  <updated>2007-10-08T00:00:00-04:00</updated>
  <opensearch:totalResults xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/"> 1 </opensearch:totalResults>
  <entry>
    <published>2003-07-07T13:46:39-04:00</published>
    <updated>2004-01-07T13:46:39-05:00</updated>
    <title>A Search for Something
  That Is Not There</title>
    <id>http://arxiv.org/abs/hep-ex/0307015v2</id>
    <summary>  Nothing was
found.
</summary>
    <author><name>H1 Collaboration</name></author>
    <author>
      <name>Jane Doe</name>
      <arxiv:affiliation xmlns:arxiv="http://arxiv.org/schemas/atom">CERN, Geneva</arxiv:affiliation>
      <arxiv:affiliation xmlns:arxiv="http://arxiv.org/schemas/atom">LPTHE</arxiv:affiliation>
    </author>
    <author><name> </name></author>
    <arxiv:doi xmlns:arxiv="http://arxiv.org/schemas/atom">10.1140/epjc/s1 10.1140/epjc/s2</arxiv:doi>
    <arxiv:doi xmlns:arxiv="http://arxiv.org/schemas/atom">10.1140/EPJC/s1</arxiv:doi>
    <arxiv:comment xmlns:arxiv="http://arxiv.org/schemas/atom">23 pages,
  8 figures</arxiv:comment>
    <category term="hep-th" scheme="http://arxiv.org/schemas/atom"/>
    <category term="hep-ex" scheme="http://arxiv.org/schemas/atom"/>
    <category term="I.2.6" scheme="http://arxiv.org/schemas/atom"/>
    <arxiv:primary_category xmlns:arxiv="http://arxiv.org/schemas/atom" term="hep-ex" scheme="http://arxiv.org/schemas/atom"/>
    <media:title xmlns:media="http://search.yahoo.com/mrss/">Another title</media:title>
  </entry>
</feed>
"""


def test_the_older_form_is_read_as_well() -> None:
    page = read_arxiv_query(fetched(OLD.encode(), IDS))
    (found,) = page.sightings
    assert (found.key, found.version, found.title) == ("hep-ex/0307015", 2, "A Search for Something That Is Not There")
    assert (found.abstract, found.comment) == ("Nothing was found.", "23 pages, 8 figures")
    assert found.authors == (Author("H1 Collaboration"), Author("Jane Doe", "CERN, Geneva; LPTHE"))
    assert found.categories == ("hep-ex", "hep-th")
    assert [str(name) for name in found.identifiers[1:]] == ["doi:10.1140/epjc/s1", "doi:10.1140/epjc/s2"]
    assert found.submissions == (
        Submission(1, datetime(2003, 7, 7, 17, 46, 39, tzinfo=UTC)),
        Submission(2, datetime(2004, 1, 7, 18, 46, 39, tzinfo=UTC)),
    )
    assert (page.total, page.whole) == (1, True)


def test_an_id_without_a_version_tells_none() -> None:
    (found,) = read_arxiv_query(fetched(OLD.replace("0307015v2", "0307015").encode(), IDS)).sightings
    assert (found.key, found.version) == ("hep-ex/0307015", None)
    assert [one.version for one in found.submissions] == [1]


def test_several_affiliations_and_dois_are_kept() -> None:
    item = paper(authors=("Jane Doe (A; B)", "John Roe"), doi="10.1000/A 10.1000/b.")
    (found,) = page_of([item]).sightings
    assert found.authors == (Author("Jane Doe", "A; B"), Author("John Roe"))
    assert [str(name) for name in found.identifiers] == ["arxiv:2608.00001", "doi:10.1000/a", "doi:10.1000/b"]


@pytest.mark.parametrize(
    ("changes", "withdrawn"),
    [
        ({"comment": "This paper has been withdrawn by the authors"}, True),
        ({"abstract": "This paper has been withdrawn."}, True),
        ({"comment": "We discuss money withdrawn from banks; 12 pages"}, False),
    ],
)
def test_a_withdrawal_is_told_by_comment_or_abstract(changes: dict[str, Any], withdrawn: bool) -> None:  # noqa: FBT001
    assert page_of([paper(**changes)]).sightings[0].withdrawn == withdrawn


@pytest.mark.parametrize("moment", ["", "yesterday", "2026-08-11", "2026-08-11T12:00:00", "0001-01-01T00:00:00+14:00"])
def test_what_is_no_moment_dates_no_version(moment: str) -> None:
    body = render_query([paper()], urlsplit(URL).query, 1).replace(b"2026-08-11T12:00:00Z", moment.encode())
    (found,) = read_arxiv_query(fetched(body)).sightings
    assert found.submissions == ()


# --- addresses


def test_papers_are_asked_for_by_their_ids() -> None:
    wanted = Wanted(scope="cs.CV", keys=("2608.00001", "hep-th/9901001", "2608.00002v3"))
    assert papers_address(wanted) == (
        "https://export.arxiv.org/api/query?id_list=2608.00001,hep-th/9901001,2608.00002v3&start=0&max_results=3"
    )


@pytest.mark.parametrize(
    ("scope", "category"),
    [("cs.CV", "cs.CV"), ("cs", "cs.*"), ("hep-th", "hep-th"), ("math-ph", "math-ph"), ("math", "math.*")],
)
def test_a_span_is_asked_for_to_the_end_of_its_last_day(scope: str, category: str) -> None:
    assert span_address(replace(SPAN, scope=scope)) == (
        f"https://export.arxiv.org/api/query?search_query=cat:{category}"
        "+AND+submittedDate:%5B202608110000+TO+202608130000%5D"
        "&sortBy=submittedDate&sortOrder=ascending&start=0&max_results=1000"
    )


def test_a_batch_is_asked_for_by_its_window() -> None:
    url = day_address(Wanted(scope="cs.CV", day=DAY))
    assert asked(url, "search_query") == "cat:cs.CV AND submittedDate:[202608101800 TO 202608111800]"
    longer = day_address(Wanted(scope="cs.CV", day=DAY), frozenset({date(2026, 8, 10)}))
    assert asked(longer, "search_query") == "cat:cs.CV AND submittedDate:[202608071800 TO 202608111800]"


def test_without_days_the_address_asks_for_nothing() -> None:
    for address in (span_address, day_address):
        url = address(Wanted(scope="cs.CV"))
        assert url == "https://export.arxiv.org/api/query"
        with pytest.raises(ReadError, match="must be specified"):
            read_arxiv_query(fetched(answer_query(urlsplit(url).query, [paper()]), url))


@pytest.mark.parametrize(
    ("day", "begin", "end"),
    [
        ("2026-08-12", "2026-08-10T14:00-04:00", "2026-08-11T14:00-04:00"),  # a Wednesday
        ("2026-08-10", "2026-08-06T14:00-04:00", "2026-08-07T14:00-04:00"),  # a Monday: of Thursday and Friday
        ("2026-08-11", "2026-08-07T14:00-04:00", "2026-08-10T14:00-04:00"),  # a Tuesday: of the weekend
        ("2026-09-09", "2026-09-04T14:00-04:00", "2026-09-08T14:00-04:00"),  # after a Monday evening off
        ("2026-11-30", "2026-11-25T14:00-05:00", "2026-11-27T14:00-05:00"),  # after a Thursday evening off
        ("2026-03-10", "2026-03-06T14:00-05:00", "2026-03-09T14:00-04:00"),  # the clock is set forward between
        ("2026-11-03", "2026-10-30T14:00-04:00", "2026-11-02T14:00-05:00"),  # and back
    ],
)
def test_the_window_of_a_batch(day: str, begin: str, end: str) -> None:
    found = window(date.fromisoformat(day))
    assert found == (datetime.fromisoformat(begin), datetime.fromisoformat(end))
    assert all(moment.tzinfo is UTC for moment in found)


@settings(deadline=None, max_examples=40)
@given(st.frozensets(st.dates(date(2026, 1, 1), date(2026, 12, 31)), max_size=40))
def test_windows_cover_a_year_without_gap_or_overlap(more: frozenset[date]) -> None:
    evenings_off = ARXIV_EVENINGS_OFF | more
    year = [date(2026, 1, 1) + timedelta(days=n) for n in range(366)]
    windows = [window(day, evenings_off) for day in year]
    assert all(before[1] == after[0] for before, after in pairwise(windows))
    for day, (begin, end) in zip(year, windows, strict=True):
        assert (begin < end) == is_arxiv_batch(day, evenings_off)


# --- pages


@settings(deadline=None, max_examples=40)
@given(submitted(), st.integers(1, 4))
def test_the_pages_of_a_span_give_every_paper_once(papers: list[Submitted], size: int) -> None:
    pages = crawl(at_page(0, size), lambda url: answer_query(urlsplit(url).query, papers))
    meant = [one for one in papers if "cs.CV" in one.entry.categories]
    found = [sighting for page in pages for sighting in page.sightings]
    assert sorted(found, key=lambda one: one.key) == sorted(map(expected, meant), key=lambda one: one.key)
    assert [one.submissions[0].at for one in found] == sorted(one.published for one in meant)
    assert {page.total for page in pages} == {len(meant)}
    assert all(page.whole for page in pages)


@settings(deadline=None, max_examples=25)
@given(st.lists(seconds, max_size=6), st.integers(40, 3000))
def test_a_server_that_shows_long_ranges_empty_keeps_no_paper_back(moments: list[datetime], longest: int) -> None:
    papers = [paper(number, moment) for number, moment in enumerate(moments)]

    def answer(url: str) -> bytes:
        begin, end = minutes(url)
        body = answer_query(urlsplit(url).query, papers)
        if end - begin <= timedelta(minutes=longest):
            return body
        return body[: body.index(b"  <entry>")] + b"</feed>" if b"<entry>" in body else body

    pages = crawl(URL, answer)
    found = [sighting.key for page in pages for sighting in page.sightings]
    assert sorted(found) == sorted(one.entry.id for one in papers)
    assert all(page.whole for page in pages)


@settings(deadline=None, max_examples=25)
@given(st.lists(st.integers(0, 5 * 60 - 1), max_size=12), st.integers(1, 3))
def test_beyond_the_servers_window_every_paper_comes_or_a_page_says_that_not_all_do(places: list[int], size: int) -> None:
    papers = [paper(number, NOON_BEFORE + timedelta(seconds=place)) for number, place in enumerate(places)]
    url = ranged(NOON_BEFORE, NOON_BEFORE + timedelta(minutes=5)).replace("max_results=1000", f"max_results={size}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(arxiv_query, "_WINDOW", 4)
        pages = crawl(url, lambda url: answer_query(urlsplit(url).query, papers))
    found = {sighting.key for page in pages for sighting in page.sightings}
    crowded = any(sum(place // 60 == minute for place in places) > 4 for minute in range(5))
    assert (found == {one.entry.id for one in papers}) or crowded
    # The server's range has its end in it, and so may be crowded by a paper that is not ours.
    assert all(page.whole for page in pages) or any(sum(m * 60 <= p <= m * 60 + 60 for p in places) > 4 for m in range(5))
    assert not crowded or not all(page.whole for page in pages)


@settings(deadline=None, max_examples=60)
@given(seconds, st.integers(2, 100_000), st.integers(0, 5000))
def test_the_halves_of_a_span_cover_it_exactly(begin: datetime, length: int, start: int) -> None:
    begin = begin.replace(second=0)
    end = begin + timedelta(minutes=length)
    page = page_of([paper(published=begin)], at_page(start, 1000, ranged(begin, end)), total=10_001)
    first, second = page.follow
    assert (minutes(first)[0], minutes(second)[1]) == (begin, end)
    assert minutes(first)[1] == minutes(second)[0]
    assert begin < minutes(first)[1] < end
    assert abs((end - minutes(first)[1]) - (minutes(first)[1] - begin)) <= timedelta(minutes=1)
    for half in page.follow:
        assert (asked(half, "start"), asked(half, "max_results")) == ("0", "1000")
        assert asked(half, "search_query").startswith("cat:cs.CV AND submittedDate:[")
        assert (asked(half, "sortBy"), asked(half, "sortOrder")) == ("submittedDate", "ascending")


def test_of_more_than_the_server_shows_the_first_page_is_kept_and_the_halves_follow() -> None:
    page = page_of([paper(1), paper(2)], total=10_001)
    assert ([one.key for one in page.sightings], page.total, page.whole) == (["2608.00001", "2608.00002"], 10_001, True)
    assert [minutes(url)[0].day for url in page.follow] == [11, 12]


def test_a_minute_is_paged_as_far_as_the_server_goes() -> None:
    minute = ranged(NOON_BEFORE, NOON_BEFORE + timedelta(minutes=1))
    page = page_of([paper()], minute, total=10_001)
    assert (page.follow, page.whole) == ((minute.replace("start=0", "start=1"),), False)
    last = page_of([paper()], at_page(9500, 1000, minute), total=10_001)
    assert (last.follow, last.whole) == ((at_page(9501, 499, minute),), False)
    end = page_of([paper()], at_page(9999, 1, minute), total=10_001)
    assert (end.follow, end.whole) == ((), False)


def test_a_search_without_a_range_is_paged_as_far_as_the_server_goes() -> None:
    url = "https://export.arxiv.org/api/query?search_query=all:electron&max_results=2"
    following = "https://export.arxiv.org/api/query?search_query=all:electron&max_results=2&start=2"
    assert page_of([paper(1), paper(2)], url, total=3).follow == (following,)
    page = page_of([paper(1), paper(2)], url, total=10_001)
    assert (page.follow, page.whole) == ((following,), False)
    assert page_of([], url, total=3).whole is False


@pytest.mark.parametrize("date_range", ["202613010000+TO+202613020000", "2026+TO+2027", "202608120000+TO+202608110000"])
def test_a_range_that_is_none_is_not_split(date_range: str) -> None:
    url = URL.replace("202608110000+TO+202608130000", date_range)
    page = read_arxiv_query(fetched(render_query([], urlsplit(url).query, 5), url))
    assert (page.follow, page.whole) == ((), False)


def test_an_empty_page_where_there_should_be_one_is_asked_for_in_halves() -> None:
    page = page_of([], at_page(1000, 1000), total=1500)
    assert (page.sightings, page.claims, len(page.follow), page.whole) == ((), (), 2, True)
    minute = ranged(NOON_BEFORE, NOON_BEFORE + timedelta(minutes=1))
    page = page_of([], minute, total=1)
    assert (page.follow, page.whole) == ((), False)


def test_what_a_short_page_lacks_is_asked_for_again() -> None:
    page = page_of([paper(1), paper(2)], at_page(0, 3), total=5)
    assert page.follow == (at_page(2, 3),)


@pytest.mark.parametrize(("shown", "follows"), [(3, True), (2, False), (0, False)])
def test_where_the_total_is_not_told_a_full_page_has_another(shown: int, follows: bool) -> None:  # noqa: FBT001
    url = at_page(0, 3)
    papers = [paper(n) for n in range(shown)]
    body = render_query(papers, urlsplit(url).query, 9).replace(b">9</opensearch", b">many</opensearch")
    page = read_arxiv_query(fetched(body, url))
    assert (page.total, page.whole, page.follow) == (None, True, (at_page(3, 3),) if follows else ())


def test_what_lies_at_the_end_of_a_span_is_left_to_the_next() -> None:
    end = datetime(2026, 8, 13, tzinfo=UTC)
    papers = [paper(1, end - timedelta(seconds=1)), paper(2, end), paper(3, end + timedelta(seconds=30))]
    page = page_of(papers)
    assert ([one.key for one in page.sightings], page.total) == (["2608.00001"], 1)
    following = span_address(Wanted(scope="cs.CV", since=date(2026, 8, 13), until=date(2026, 8, 13)))
    assert [one.key for one in page_of(papers[1:], following).sightings] == ["2608.00002", "2608.00003"]


def test_ids_that_arxiv_does_not_have_are_absent_and_the_others_found_by_id() -> None:
    papers = [paper(3), paper(1, version=2), paper(2)]
    wanted = Wanted(scope="", keys=("2608.00001", "2608.09999", "2608.00003v1", "2608.00002v7"))
    url = papers_address(wanted)
    page = read_arxiv_query(fetched(answer_query(urlsplit(url).query, papers), url))
    assert [(one.key, one.version) for one in page.sightings] == [("2608.00003", 1), ("2608.00001", 2)]
    assert (page.rejects, page.follow, page.whole, page.total) == ((), (), True, 2)


def test_a_list_of_ids_is_never_paged() -> None:
    page = page_of([paper()], IDS, total=2)
    assert (page.follow, page.whole) == ((), False)
    assert page_of([], IDS, total=0).whole


# --- a batch


def test_a_batch_is_announced_on_its_day_as_new_or_cross_listed() -> None:
    papers = [
        paper(1),
        replace(paper(2, version=2), updated=NOON),
        paper(3, categories=("cs.LG", "cs.CV")),
        paper(4, categories=("cs.CVX", "cs.CV")),
    ]
    url = day_address(Wanted(scope="cs.CV", day=DAY))
    page = read_arxiv_batch(fetched(answer_query(urlsplit(url).query, papers), url, batch_on=DAY))
    assert [(one.key, one.version, one.action, one.announced_on) for one in page.sightings] == [
        ("2608.00001", 1, "new", DAY),
        ("2608.00002", 2, "new", DAY),
        ("2608.00003", 1, "cross", DAY),
        ("2608.00004", 1, "cross", DAY),
    ]
    assert page.claims == (Claim(scope="cs.CV", section="", announced_on=DAY, expected=None, seen=4),)
    assert (page.kind, page.dated, page.total) == ("announcement", False, None)


def test_in_an_archive_every_primary_category_of_it_is_new() -> None:
    papers = [paper(1), paper(2, categories=("stat.ML", "cs.LG")), paper(3, categories=("csx.AI",))]
    url = day_address(Wanted(scope="cs", day=DAY))
    body = render_query(papers, urlsplit(url).query, 3)
    page = read_arxiv_batch(fetched(body, url, scope="cs", batch_on=DAY))
    assert [one.action for one in page.sightings] == ["new", "cross", "cross"]


def test_a_batch_counts_what_it_could_not_read_and_leaves_the_next_batchs_out() -> None:
    begin, end = window(DAY)
    url = day_address(Wanted(scope="cs.CV", day=DAY))
    body = answer_query(urlsplit(url).query, [paper(1, begin), paper(2), paper(3, end)])
    page = read_arxiv_batch(fetched(body.replace(b"Title 2", b""), url, batch_on=DAY))
    assert [one.key for one in page.sightings] == ["2608.00001"]
    assert page.rejects == (Reject(key="2608.00002", why="no title"),)
    assert page.claims[0].seen == 2


def test_a_batch_asked_for_in_halves_is_counted_in_the_halves() -> None:
    url = day_address(Wanted(scope="cs.CV", day=DAY))
    page = read_arxiv_batch(fetched(render_query([], urlsplit(url).query, 7), url, batch_on=DAY))
    assert (page.claims, len(page.follow)) == ((), 2)
    empty = read_arxiv_batch(fetched(render_query([], urlsplit(url).query, 0), url, batch_on=DAY))
    assert [(claim.announced_on, claim.seen) for claim in empty.claims] == [(DAY, 0)]
    more = read_arxiv_batch(fetched(render_query([paper()], urlsplit(url).query, 7), url, batch_on=DAY))
    assert (more.claims[0].seen, len(more.follow)) == (1, 1)


def test_a_paper_without_categories_is_announced_as_cross_listed() -> None:
    body = render_query([paper()], urlsplit(URL).query, 1).replace(b'term="cs.CV"', b"")
    assert [one.action for one in read_arxiv_batch(fetched(body, batch_on=DAY)).sightings] == ["cross"]


# --- what goes wrong


@settings(deadline=None, max_examples=60)
@given(submitted().filter(bool), st.integers(0, 1000))
def test_an_answer_cut_anywhere_keeps_whole_entries_and_says_so(papers: list[Submitted], per_mille: int) -> None:
    body = render_query(papers, urlsplit(URL).query, 9000)
    whole = {one.entry.id: expected(one) for one in papers}
    cut = body.rstrip()[: len(body.rstrip()) * per_mille // 1001]
    try:
        page = read_arxiv_query(fetched(cut))
    except ReadError:
        assert b"\n  <id>" not in cut
        return
    assert (page.whole, page.follow) == (False, ())
    assert all(whole[sighting.key] == sighting for sighting in page.sightings)
    assert len(page.sightings) == cut.count(b"</entry>")
    assert len(page.rejects) == len(re.findall(rb"<entry(?:>|$)", cut)) - cut.count(b"</entry>")


def test_the_entry_in_which_an_answer_breaks_off_is_rejected() -> None:
    body = render_query([paper(1), paper(2)], urlsplit(URL).query, 2)
    late, early = body[: body.rindex(b"<summary>")], body[: body.rindex(b"<id>")]
    for cut, key in ((late, "2608.00002"), (early, "entry 2")):
        page = read_arxiv_query(fetched(cut))
        assert [one.key for one in page.sightings] == ["2608.00001"]
        assert page.rejects == (Reject(key=key, why="the answer breaks off in this entry"),)
        assert (page.whole, page.follow, page.total) == (False, (), 2)


def test_entries_without_id_or_title_are_rejected_and_the_others_kept() -> None:
    body = render_query([paper(n) for n in range(1, 6)], urlsplit(URL).query, 5).decode()
    body = body.replace("<title>Title 1</title>", "").replace("Title 2", " ")
    body = body.replace("<id>http://arxiv.org/abs/2608.00003v1</id>", "")
    body = body.replace("http://arxiv.org/abs/2608.00004v1", "tag:example.org:" + "x" * 500)
    page = read_arxiv_query(fetched(body.encode()))
    assert [one.key for one in page.sightings] == ["2608.00005"]
    assert page.rejects == (
        Reject(key="2608.00001", why="no title"),
        Reject(key="2608.00002", why="no title"),
        Reject(key="Title 3", why="no arXiv id"),
        Reject(key="tag:example.org:" + "x" * 63 + "…", why="no arXiv id"),
    )
    assert (page.whole, page.follow) == (True, ())


def test_an_error_is_told_in_arxivs_own_words() -> None:
    with pytest.raises(ReadError, match="incorrect id format for abc") as error:
        read_arxiv_query(fetched(answer_query("id_list=abc&max_results=1", []), IDS))
    assert IDS in str(error.value)
    with pytest.raises(ReadError, match="an error without a word"):
        read_arxiv_batch(fetched(render_error(" \n"), IDS))


def test_a_paper_with_the_title_error_is_a_paper() -> None:
    assert page_of([paper(title="Error")]).sightings[0].title == "Error"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (THROTTLED, '"Rate exceeded."'),
        (b"  \xef\xbb\xbf\nRate exceeded.\n", '"Rate exceeded."'),
        (b'{"message": "Too Many\nRequests"}', '{"message": "Too Many Requests"}'),
        (b"x" * 5000, "x" * 99 + "…"),
        (b"", "the answer is empty"),
        (b" \n", "the answer is empty"),
        (b"<!DOCTYPE html><html><head><title>503\nOops</title></head><body><p>a<br>b</body></html>", '"503 Oops"'),
        (b"<HTML><body>", 'an HTML page titled ""'),
        (b"<rss version='2.0'><channel/></rss>", "no Atom feed"),
        (b"<feed><entry/></feed>", "no Atom feed"),
        (b"<?xml version='1.0'?>", "no Atom feed"),
        (b"<", "no Atom feed"),
        (b"</feed>", "no Atom feed"),
    ],
)
def test_what_is_no_answer_is_an_error_that_says_what_it_is(body: bytes, said: str) -> None:
    with pytest.raises(ReadError) as error:
        read_arxiv_query(fetched(body))
    assert said in str(error.value)
    assert URL in str(error.value)
    assert len(str(error.value)) < 500


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le"])
def test_bombs_and_external_entities_are_refused_unread(tmp_path: Path, encoding: str) -> None:
    secret = tmp_path / "secret"
    secret.write_text("the secret")
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    for inner, used in (
        (f"<!ENTITY x SYSTEM '{secret.as_uri()}'>", "&x;"),
        (f'<!ENTITY l0 "ha">{laughs}', "&l9;"),
        (f"<!ENTITY % y SYSTEM '{secret.as_uri()}'> %y;", "a"),
    ):
        body = render_query([paper()], urlsplit(URL).query, 1).decode()
        body = body.replace("<feed", f"<!-- -->\n<!DOCTYPE feed [{inner}]><feed", 1).replace("Title 1", used)
        with pytest.raises(ReadError) as error:
            read_arxiv_query(fetched(body.encode(encoding)))
        assert "secret" not in str(error.value)


@pytest.mark.parametrize(
    "title",
    [
        "a\r\nBcc: x@example.org",
        "nul \x00 and \x01 controls",
        "<script>alert(1)</script> & <b>bold",
        "<!DOCTYPE html>",
        "](http://x) | pipe | `code`",
        "\u202eright to left\u202c",
        "long " * 1000,
        r"$\ell_1 < \ell_2$ and \"o",
    ],
)
def test_hostile_titles_arrive_as_clean_text(title: str) -> None:
    (_, found, _) = page_of([paper(1), paper(2, title=title), paper(3)]).sightings
    assert found.title == clean(title.replace("\x00", "").replace("\x01", ""), 500)


@pytest.mark.parametrize("noise", [b"\x00", b"\x0b", b"\xff", "\uffff".encode(), b"<b>", b"<![CDATA[<x>]]>", b"<!-- c -->"])
def test_characters_that_xml_does_not_have_cost_no_entry(noise: bytes) -> None:
    noise = b"<b>x</b>" if noise == b"<b>" else noise
    body = render_query([paper(1), paper(2), paper(3)], urlsplit(URL).query, 3).replace(b"Title 2", b"Title 2" + noise)
    page = read_arxiv_query(fetched(body))
    assert [one.key for one in page.sightings] == ["2608.00001", "2608.00002", "2608.00003"]
    assert page.sightings[1].title.startswith("Title 2")
    assert page.whole


@settings(deadline=None, max_examples=80)
@given(st.binary(max_size=200), st.floats(0, 1), st.text(max_size=40))
def test_noise_raises_nothing_but_read_errors(noise: bytes, where: float, query: str) -> None:
    body = render_query([paper(1), paper(2)], urlsplit(URL).query, 2)
    middle = int(len(body) * where)
    for broken in (noise, b"<" + noise, body[:middle] + noise + body[middle:]):
        for url in (URL, f"https://export.arxiv.org/api/query?{query}"):
            with suppress(ReadError):
                page = read_arxiv_query(fetched(broken, url))
                assert all(one.title.isprintable() for one in page.sightings)
                assert all(address.startswith("https://export.arxiv.org/api/query?") for address in page.follow)


# --- the imitation


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("id_list=2608.00001&max_results=x", "max_results must be an integer"),
        ("id_list=2608.00001&start=-1", "start must be an integer"),
        ("", "must be specified"),
        ("search_query=submittedDate:2007*", "Invalid search_query: submittedDate:2007*"),
        ("search_query=cat:cs.CV&start=9001&max_results=1000", "outside of the allowed range"),
    ],
)
def test_the_imitation_refuses_what_arxiv_refuses(query: str, message: str) -> None:
    with pytest.raises(ReadError) as error:
        read_arxiv_query(fetched(answer_query(query, [])))
    assert message in str(error.value)


def test_the_imitation_searches_as_arxiv_does() -> None:
    papers = [paper(1, NOON_BEFORE + timedelta(hours=1)), paper(2), paper(3, NOON, categories=("stat.ML", "cs.LG"))]

    def found(query: str) -> list[str]:
        return [one.key[-1:] for one in read_arxiv_query(fetched(answer_query(query, papers), "https://x/")).sightings]

    assert found("search_query=cat:cs.CV") == ["1", "2"]
    assert found("search_query=cat:cs.*&sortBy=submittedDate&sortOrder=ascending") == ["2", "1", "3"]
    assert found("search_query=cat:cs.*&sortBy=submittedDate") == ["3", "1", "2"]
    assert found("search_query=cat:stat.*") == ["3"]
    assert found("search_query=cat:cs.CV&id_list=2608.00002,2608.00003") == ["2"]
    assert found("search_query=cat:cs.CV+AND+submittedDate:[202608111159+TO+202608111200]") == ["2"]
    assert found("search_query=cat:cs.CV&start=1&max_results=1") == ["2"]


def test_the_title_of_an_answer_shows_the_query_as_the_server_understood_it() -> None:
    body = answer_query(urlsplit(URL).query, [paper()]).decode()
    query = 'search_query=cat:cs.CV AND submittedDate:"202608110000 TO 202608130000"'
    assert f"<title>arXiv Query: {query}&amp;id_list=&amp;start=0&amp;max_results=1000</title>" in body
    assert "<opensearch:itemsPerPage>1000<" in body


# --- the real samples


def real(name: str) -> Page:
    folder = SAMPLES / "arxiv" / "api"
    path = next(iter(sorted(folder.glob(name))), None)
    if path is None:
        pytest.skip(f"{folder / name} is not here")
    sample = json.loads(path.read_text("utf-8"))
    # The recorder took the bytes for Latin-1.
    return read_arxiv_query(fetched(sample["body"].encode("latin-1"), sample["url"]))


@pytest.mark.real
def test_real_papers_by_their_ids() -> None:
    page = real("id_0808*.json")
    (found,) = page.sightings
    assert (found.key, found.version, found.categories, page.total) == ("1707.08567", 1, ("cs.IT",), 1)
    assert found.title == "Proceedings of Workshop AEW10: Concepts in Information Theory and Communications"
    assert len(found.authors) == 34
    assert found.authors[-2] == Author("Dirk Wübben")
    assert found.submissions == (Submission(1, datetime(2017, 7, 27, 8, 18, 33, tzinfo=UTC)),)
    assert (page.rejects, page.follow, page.whole) == ((), (), True)
    nothing = real("id_0000*.json")
    assert (nothing.sightings, nothing.total, nothing.rejects, nothing.whole) == ((), 0, (), True)
    (old,) = real("id_quant-ph*.json").sightings
    assert (old.key, old.categories, old.comment) == ("quant-ph/0201082", ("quant-ph", "cs.PL"), "32 pages")
    (zero,) = real("id_2104*.json").sightings
    assert (zero.key, zero.title) == ("2104.12255", "0")


@pytest.mark.real
def test_a_real_error() -> None:
    with pytest.raises(ReadError, match="incorrect id format for abc"):
        real("id_abc*.json")


@pytest.mark.real
def test_real_pages_of_a_search() -> None:
    pages = [real(f"q_testing_s{start}_m10_*.json") for start in range(0, 60, 10)]
    for start, page in zip(range(0, 60, 10), pages, strict=True):
        assert (len(page.sightings), page.rejects) == (10, ())
        assert page.total is not None
        assert page.total > 200_000
        assert asked(page.follow[0], "start") == str(start + 10)
        assert asked(page.follow[0], "sortBy") == "relevance"
        assert not page.whole  # of two hundred thousand the server shows ten thousand
        for found in page.sightings:
            assert found.submissions[0].at <= found.submissions[-1].at
            assert [one.version for one in found.submissions] == ([1] if found.version == 1 else [1, found.version])
            assert found.authors
            assert found.abstract
    keys = [found.key for page in pages for found in page.sightings]
    assert len(set(keys)) == len(keys)
    by_key = {found.key: found for page in pages for found in page.sightings}
    assert by_key["cs/0503050"].version == 1
    revised = by_key["2005.14124"]
    assert revised.submissions == (
        Submission(1, datetime(2020, 5, 28, 16, 19, 50, tzinfo=UTC)),
        Submission(2, datetime(2020, 7, 16, 8, 15, 48, tzinfo=UTC)),
    )
    assert sum(len(found.identifiers) > 1 for found in by_key.values()) >= 10


@pytest.mark.real
def test_real_papers_rendered_anew_are_the_same() -> None:
    found = [one for page in (real("q_testing_s0_m15_*.json"), real("id_1605*.json")) for one in page.sightings]
    papers = [
        Submitted(
            entry=Entry(
                id=one.key,
                title=one.title,
                authors=tuple(author.name for author in one.authors),
                abstract=one.abstract,
                categories=one.categories,
                version=one.version or 1,
                comment=one.comment,
                journal_ref=one.journal_ref,
                doi=" ".join(name.value for name in one.identifiers[1:]),
            ),
            published=one.submissions[0].at,
            updated=one.submissions[-1].at,
        )
        for one in found
    ]
    assert page_of(papers, "https://x/").sightings == tuple(found)


@pytest.mark.real
@pytest.mark.parametrize("collection", ["feedparser", "feedvalidator", "gofeed", "miniflux", "json", "blns"])
def test_hostile_documents_raise_nothing_but_read_errors(collection: str) -> None:
    folder = SAMPLES / "hostile" / collection
    if not folder.exists():
        pytest.skip(f"{folder} is not here")
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            with suppress(ReadError):
                page = read_arxiv_query(fetched(path.read_bytes()))
                assert all(one.title.isprintable() for one in page.sightings)
