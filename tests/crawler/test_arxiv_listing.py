from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.author_list import names
from crawler.errors import ReadError
from crawler.identifiers import Identifier
from crawler.readers.arxiv_listing import read_arxiv_listing
from crawler.samples.arxiv import Entry, render_listing
from crawler.sighting import Author, Claim, Reject, Sighting
from crawler.text import clean
from tests.crawler.arxiv_days import DAY, NOON, days, entry, listing, response

SAMPLE = Path("../shared/samples/arxiv/listing/polaris_arxiv_listing_sample.html")


def expected(item: Entry) -> Sighting:
    """Return what the listing says of an entry."""
    version = item.version if item.has_html or item.action == "new" else None
    return Sighting(
        source="arxiv",
        key=item.id,
        seen_at=NOON,
        title=item.title,
        url=f"https://arxiv.org/abs/{item.id}",
        authors=names(", ".join(item.authors)),
        abstract=item.abstract,
        identifiers=(Identifier("arxiv", item.id),),
        categories=item.categories,
        comment=item.comment,
        journal_ref=item.journal_ref,
        version=version,
        scope="cs.CV",
        action=item.action,
        announced_on=DAY,
    )


@settings(deadline=None, max_examples=40)
@given(days)
def test_a_day_rendered_and_read_is_the_same_day(entries: list[Entry]) -> None:
    page = read_arxiv_listing(listing(entries))
    assert {sighting.key: sighting for sighting in page.sightings} == {item.id: expected(item) for item in entries}
    assert (page.rejects, page.follow, page.dated, page.whole) == ((), (), True, True)
    assert {claim.section: (claim.expected, claim.seen) for claim in page.claims if claim.seen} == {
        action: (count, count)
        for action in ("new", "cross", "replace")
        if (count := sum(item.action == action for item in entries))
    }


@settings(deadline=None, max_examples=40)
@given(days, st.integers(1, 5))
def test_the_pages_of_a_day_follow_each_other_and_lose_nothing(entries: list[Entry], show: int) -> None:
    whole = read_arxiv_listing(listing(entries)).sightings
    skip = 0
    found: list[Sighting] = []
    claims: list[Claim] = []
    while True:
        page = read_arxiv_listing(listing(entries, skip, show))
        found += page.sightings
        claims += page.claims
        if not page.follow:
            break
        (url,) = page.follow
        assert url.startswith("https://arxiv.org/list/cs.CV/new?skip=")
        following = int(url.partition("skip=")[2].partition("&")[0])
        assert following == skip + show
        skip = following
    assert tuple(found) == whole
    assert len(found) == len(entries)
    assert sum(claim.seen for claim in claims) == len(entries)


@settings(deadline=None, max_examples=40)
@given(days.filter(bool), st.integers(0, 10_000))
def test_a_page_cut_anywhere_keeps_whole_entries_and_says_so(entries: list[Entry], per_mille: int) -> None:
    body = render_listing("cs.CV", DAY, entries)
    whole = {sighting.key: sighting for sighting in read_arxiv_listing(response(body)).sightings}
    cut = body[: len(body) * per_mille // 10_001]
    try:
        page = read_arxiv_listing(response(cut))
    except ReadError:
        assert b"Showing new listings for" not in cut or not page_date_complete(cut)
        return
    assert not page.whole or b"</html" in cut
    assert all(whole[sighting.key] == sighting for sighting in page.sightings)
    assert page.follow == () or page.whole


def page_date_complete(cut: bytes) -> bool:
    return f"{DAY.day} August {DAY.year}".encode() in cut


def test_a_page_cut_between_two_sections_is_not_whole() -> None:
    body = render_listing("cs.CV", DAY, [entry(1), entry(2, action="cross")])
    page = read_arxiv_listing(response(body[: body.index(b"<h3>Cross")]))
    assert [(claim.expected, claim.seen) for claim in page.claims] == [(1, 1)]
    assert [sighting.key for sighting in page.sightings] == ["2608.00001"]
    assert not page.whole


def test_a_page_cut_in_an_entry_shows_fewer_than_it_states_and_rejects_that_entry() -> None:
    body = render_listing("cs.CV", DAY, [entry(1), entry(2), entry(3)])
    page = read_arxiv_listing(response(body[: body.index(b"Abstract 2") + 5]))
    assert [sighting.key for sighting in page.sightings] == ["2608.00001"]
    assert page.rejects == (Reject(key="2608.00002", why="the page breaks off in this entry"),)
    assert page.claims == (Claim(scope="cs.CV", section="new", announced_on=DAY, expected=3, seen=2),)
    assert not page.whole


def test_a_page_with_its_date_alone_claims_nothing_and_is_not_whole() -> None:
    body = render_listing("cs.CV", DAY, [entry(1)])
    page = read_arxiv_listing(response(body[: body.index(b"<dl")]))
    assert page.claims == (Claim(scope="cs.CV", section="", announced_on=DAY, expected=None, seen=0),)
    assert (page.whole, page.follow) == (False, ())


def test_no_updates_today_is_a_claim_of_zero() -> None:
    page = read_arxiv_listing(listing([]))
    assert page.claims == (Claim(scope="cs.CV", section="", announced_on=DAY, expected=0, seen=0),)
    assert page.whole


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"   ",
        b"<!-- nothing -->",
        b"\xff\xfe\x00",
        b"<html><head><title>Just a moment...</title></head><body><h1>Checking your browser</h1></body></html>",
        b'{"error": "not found"}',
        render_listing("cs.CV", DAY, [entry(1)])[:300],
    ],
)
def test_what_is_no_listing_is_an_error_that_names_the_page(body: bytes) -> None:
    with pytest.raises(ReadError) as error:
        read_arxiv_listing(response(body))
    assert "https://arxiv.org/list/cs.CV/new" in str(error.value)
    assert (b"Just a moment" in body) == ("Just a moment" in str(error.value))


@pytest.mark.parametrize(
    ("heading", "section", "stated", "day"),
    [
        ("New submissions (showing 79 of 79 entries)", "new", 79, DAY),
        ("New submissions (showing first 50 of 120 entries)", "new", 120, DAY),
        ("Cross submissions (continued, showing last 20 of 120 entries)", "cross", 120, DAY),
        ("Replacement submissions (continued, showing 50 of 120 entries )", "replace", 120, DAY),
        ("New submissions", "new", None, DAY),
        ("New submissions for Tuesday, 11 August 2026 (showing 1 of 1 entries )", "new", 1, date(2026, 8, 11)),
        ("Mon, 10 Aug 2026 (showing first 50 of 239 entries )", "Mon, 10 Aug 2026", 239, date(2026, 8, 10)),
    ],
)
def test_every_form_of_a_section_heading(heading: str, section: str, stated: int | None, day: date) -> None:
    body = render_listing("cs.CV", DAY, [entry(1)]).replace(b"New submissions (showing 1 of 1 entries)", heading.encode())
    page = read_arxiv_listing(response(body))
    assert page.claims == (Claim(scope="cs.CV", section=section, announced_on=day, expected=stated, seen=1),)
    assert page.sightings[0].announced_on == day


@pytest.mark.parametrize(
    ("heading", "followed"),
    [
        ("showing first 1 of 3", True),
        ("continued, showing last 1 of 3", True),  # without a total, one page too many is asked for rather than too few
        ("showing 1 of 1", False),
    ],
)
def test_a_page_that_states_no_total_is_followed_by_its_sections(heading: str, followed: bool) -> None:  # noqa: FBT001
    body = render_listing("cs.CV", DAY, [entry(1)]).replace(b"showing 1 of 1", heading.encode())
    page = read_arxiv_listing(response(body.replace(b"Total of 1 entries", b"")))
    assert page.follow == (("https://arxiv.org/list/cs.CV/new?skip=1&show=2000",) if followed else ())


def test_days_as_sections_tell_what_happened_by_the_note_at_the_entry() -> None:
    entries = [entry(1), entry(2, action="cross"), entry(3, action="replace")]
    body = render_listing("cs.CV", DAY, entries)
    for word in (b"New", b"Cross", b"Replacement"):
        body = body.replace(word + b" submissions (", b"Wed, 12 Aug 2026 (")
    found = read_arxiv_listing(response(body)).sightings
    assert [sighting.action for sighting in found] == ["new", "cross", "replace"]


def test_a_page_without_its_date_takes_the_calendars_and_does_not_vouch_for_it() -> None:
    body = render_listing("cs.CV", DAY, [entry(1)]).replace(b"Wednesday, 12 August 2026", b"some day")
    page = read_arxiv_listing(response(body, at=datetime(2026, 8, 14, 16, tzinfo=UTC)))
    assert not page.dated
    assert page.sightings[0].announced_on == page.claims[0].announced_on == date(2026, 8, 14)


def test_a_page_without_its_date_is_of_the_day_expected_in_it() -> None:
    undated = render_listing("cs.CV", DAY, [entry(1)]).replace(b"Wednesday, 12 August 2026", b"some day")
    expected_on = date(2026, 8, 11)
    page = read_arxiv_listing(replace(response(undated), batch_on=expected_on))
    assert page.sightings[0].announced_on == page.claims[0].announced_on == expected_on
    assert not page.dated
    assert read_arxiv_listing(replace(listing([entry(1)]), batch_on=expected_on)).claims[0].announced_on == DAY


def test_a_paper_is_withdrawn_when_its_comment_says_so() -> None:
    comments = ("This paper has been withdrawn by the author", "Withdrawn", "We have withdrawn Theorem 2", None)
    entries = [entry(number, comment=comment, action="replace") for number, comment in enumerate(comments)]
    found = read_arxiv_listing(listing(entries)).sightings
    assert [sighting.withdrawn for sighting in found] == [True, True, False, False]


@pytest.mark.parametrize("day", [b"31 February 2026", b"12 Augury 2026", b"12 Foo 2026"])
def test_a_date_that_is_none_dates_nothing(day: bytes) -> None:
    body = render_listing("cs.CV", DAY, [entry(1)]).replace(b"12 August 2026", day)
    assert read_arxiv_listing(response(body)).dated == (b"Aug" in day)


@pytest.mark.parametrize(
    ("at", "refused"),
    [
        ("2026-08-11T23:00-04:00", False),
        ("2026-08-11T00:00-04:00", False),
        ("2026-08-10T23:59-04:00", True),
        ("2026-08-11T05:00+02:00", True),
    ],
)
def test_a_page_dated_in_the_future_is_refused(at: str, refused: bool) -> None:  # noqa: FBT001
    body = render_listing("cs.CV", DAY, [entry(1)])
    old = body.replace(b"Wednesday, 12 August 2026", b"").replace(b"New submissions (", b"Wed, 12 Aug 2026 (")
    for page in (body, old):
        fetched = response(page, at=datetime.fromisoformat(at).astimezone(UTC))
        if refused:
            with pytest.raises(ReadError, match="dated in the future, 2026-08-12"):
                read_arxiv_listing(fetched)
        else:
            assert read_arxiv_listing(fetched).sightings[0].announced_on == DAY


def test_what_a_page_says_of_places_is_clean_and_short() -> None:
    body = render_listing("cs.CV", DAY, [entry(1), entry(2)]).decode()
    body = body.replace("item1", "\x9b31m" + "x" * 500).replace('"/abs/2608.00001"', '"/abs/nothing"')
    body = body.replace("New submissions (", "\x9b31m" + "y" * 500 + " (")
    page = read_arxiv_listing(response(body.encode()))
    assert [reject.key for reject in page.rejects] == ["31m" + "x" * 76 + "…"]
    assert [claim.section for claim in page.claims] == ["31m" + "y" * 76 + "…"]


def test_subjects_that_are_no_categories_are_dropped() -> None:
    subjects = ("cs.CV", "x" * 1000, "cs.\u202eCV", "math-ph")
    body = render_listing("cs.CV", DAY, [entry(1, categories=subjects)])
    assert read_arxiv_listing(response(body)).sightings[0].categories == ("cs.CV", "math-ph")


def test_entries_without_title_or_id_are_rejected_and_the_others_kept() -> None:
    body = render_listing("cs.CV", DAY, [entry(1), entry(2), entry(3), entry(4)])
    body = body.replace(b"Title 2", b" ").replace(b'"/abs/2608.00003"', b'"/abs/nothing"')
    page = read_arxiv_listing(response(body))
    assert [sighting.key for sighting in page.sightings] == ["2608.00001", "2608.00004"]
    assert page.rejects == (Reject(key="2608.00002", why="no title"), Reject(key="item3", why="no arXiv id"))
    assert page.claims[0].seen == page.claims[0].expected == 4


def test_an_entry_without_description_or_anchor_is_rejected() -> None:
    body = "<h3>New submissions (showing 2 of 2 entries)</h3><dl><dt><a href='/abs/2608.00001'></a></dt><dt>x</dt></html>"
    page = read_arxiv_listing(response(body.encode()))
    assert page.rejects == (Reject(key="2608.00001", why="no title"), Reject(key="entry", why="no arXiv id"))


def test_entries_before_any_section_and_descriptions_without_an_entry_are_no_trouble() -> None:
    first, second = (render_listing("cs.CV", DAY, [entry(n)]).decode() for n in (1, 2))
    item = second[second.index("<dt>") : second.index("</dl>")]
    page = read_arxiv_listing(response(first.replace("<dl id='articles'>", f"<dd>stray</dd>{item}<dd>stray</dd>").encode()))
    assert [sighting.title for sighting in page.sightings] == ["Title 2", "Title 1"]
    assert [(claim.section, claim.expected) for claim in page.claims] == [("", None), ("new", 1)]


def test_authors_may_be_unlinked_unavailable_or_missing() -> None:
    body = render_listing("cs.CV", DAY, [entry(1), entry(2, authors=()), entry(3)]).decode()
    start, end = body.index('<a href="https://arxiv.org/search'), body.index("</div>", body.index("list-authors"))
    body = body[:start] + "Plain Name (Here, There), Other Name" + body[end:]
    body = body[::-1].replace("list-authors"[::-1], "list-nobody"[::-1], 1)[::-1]
    found = read_arxiv_listing(response(body.encode())).sightings
    assert found[0].authors == (Author("Plain Name", "Here, There"), Author("Other Name"))
    assert found[1].authors == found[2].authors == ()


def test_addresses_hidden_behind_links_and_line_breaks_come_back() -> None:
    item = entry(1, comment="Code: https://example.org/a?b=1&c=2.", abstract="See https://example.org/x, then stop.")
    body = render_listing("cs.CV", DAY, [item])
    assert b"example.org/a?b=1&amp;c=2" in body
    assert b">this https URL</a>" in body
    found = read_arxiv_listing(response(body.replace(b", then", b"<br>then"))).sightings[0]
    assert found.comment == item.comment
    assert found.abstract == "See https://example.org/x then stop."


@pytest.mark.parametrize(
    "title",
    [
        "a\r\nBcc: x@example.org",
        "nul \x00 and \x01 controls",
        "half a pair \ud800 and \udfff",
        "<script>alert(1)</script> & <b>bold",
        "](http://x) | pipe | `code`",
        "\u202eright to left\u202c",
        "long " * 1000,
        r"$\ell_1 < \ell_2$ and \"o",
    ],
)
def test_hostile_titles_arrive_as_clean_text(title: str) -> None:
    page = read_arxiv_listing(listing([entry(1), entry(2, title=title), entry(3)]))
    assert [sighting.key for sighting in page.sightings] == ["2608.00001", "2608.00002", "2608.00003"]
    found = page.sightings[1].title
    assert found.isprintable()
    assert len(found) <= 500
    if "\x00" not in title and "\ud800" not in title:
        assert found == clean(title, 500)


@settings(deadline=None, max_examples=50)
@given(st.binary(max_size=300))
def test_no_bytes_raise_anything_but_a_read_error(noise: bytes) -> None:
    body = render_listing("cs.CV", DAY, [entry(1), entry(2)])
    middle = body.index(b"Title 1")
    with suppress(ReadError):
        read_arxiv_listing(response(noise))
    page = read_arxiv_listing(response(body[:middle] + noise + body[middle:]))
    assert page.dated


@pytest.mark.real
def test_the_real_sample() -> None:
    if not SAMPLE.exists():
        pytest.skip(f"{SAMPLE} is not here")
    page = read_arxiv_listing(response(SAMPLE.read_bytes()))
    assert [(s.key, s.version, s.action, s.categories[0]) for s in page.sightings] == [
        ("2608.09949", 1, "new", "cs.AI"),
        ("2608.09967", 1, "new", "cs.AI"),
        ("2505.11635", 2, "cross", "cs.LG"),
        ("2607.28646", None, "cross", "cs.HC"),
        ("2112.07752", 5, "replace", "cs.AI"),
        ("2505.23399", 2, "replace", "cs.AI"),
    ]
    assert [(claim.section, claim.expected, claim.seen) for claim in page.claims] == [
        ("new", 2, 2),
        ("cross", 2, 2),
        ("replace", 2, 2),
    ]
    first, fourth, last = page.sightings[0], page.sightings[3], page.sightings[5]
    assert first.title == "Closed-Loop LLM Co-Pilots for Digital Agriculture"
    assert first.categories == ("cs.AI", "physics.bio-ph")
    assert first.announced_on == DAY
    assert fourth.title.startswith('"YES! YES! I absolutely love this insight!" Affirmative')
    assert fourth.journal_ref == "2026 Narrative Inquiry 23 (2)"
    assert last.comment == "Accepted at NeurIPS 2025. Code available at https://github.com/jushengzhang/Gam-Agent"
    assert len(last.authors) == 8
    assert (page.rejects, page.follow) == ((), ())
