"""Days of arXiv for the tests: generated entries, and the pages rendered from them as responses."""

from dataclasses import replace
from datetime import UTC, date, datetime

from hypothesis import strategies as st

from crawler.samples.arxiv import Entry, render_listing
from crawler.samples.arxiv_feed import render_feed
from crawler.source import Fetched
from crawler.text import clean

DAY = date(2026, 8, 12)
NOON = datetime(2026, 8, 12, 16, tzinfo=UTC)
"""Wednesday noon in New York: the listing and the feed both show the batch of DAY."""

TWICE = "".join(map(chr, range(0x80, 0xC0)))
"""Without these no text looks like UTF-8 encoded twice, which feedparser sets right."""

# What `clean` changes does not come back from a page as it was; that is the business of another test.
_words = st.text(
    st.one_of(
        st.sampled_from("abc <>&\"'|$\\{}%#[]()*_`/:.é語\u202e"),
        st.characters(exclude_categories=("C", "Z"), exclude_characters=TWICE),
    ),
    min_size=1,
    max_size=12,
)
_line = st.lists(_words, min_size=1, max_size=6).map(" ".join).map(clean).filter(bool)
_name = st.text(st.sampled_from("abcdefgéüßñ語-.'"), min_size=1, max_size=10)
_author = st.tuples(_name, _name, st.none() | _name).map(lambda t: f"{t[0]} {t[1]}" + (f" ({t[2]}, x)" if t[2] else ""))
_ids = st.builds("26{:02}.{:05}".format, st.integers(1, 12), st.integers(0, 99999)) | st.builds(
    "hep-th/{:07}".format, st.integers(0, 9999999)
)
_categories = st.lists(
    st.sampled_from(("cs.CV", "cs.LG", "stat.ML", "math-ph", "hep-th", "cond-mat.mtrl-sci", "physics.optics")),
    min_size=1,
    max_size=4,
    unique=True,
).map(tuple)


def _by_action(entry: Entry) -> Entry:
    """Let a new paper be in its first version."""
    return replace(entry, version=1) if entry.action == "new" else entry


_entries = st.builds(
    Entry,
    id=_ids,
    title=_line,
    authors=st.lists(_author, max_size=4).map(tuple),
    abstract=_line,
    categories=_categories,
    version=st.integers(1, 5),
    comment=st.none() | _line,
    journal_ref=st.none() | _line,
    doi=st.none() | st.just("10.1000/xyz.1"),
    action=st.sampled_from(("new", "cross", "replace")),
    has_html=st.booleans(),
).map(_by_action)
days = st.lists(_entries, max_size=5, unique_by=lambda entry: entry.id)


def entry(number: int = 1, **changes: object) -> Entry:
    """Return an entry that is nothing but its number."""
    plain = Entry(
        id=f"2608.{number:05}",
        title=f"Title {number}",
        authors=("First Author", "Second Author"),
        abstract=f"Abstract {number}.",
        categories=("cs.CV",),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # any field


def response(body: bytes, url: str = "https://arxiv.org/list/cs.CV/new", at: datetime = NOON) -> Fetched:
    """Return `body` as it comes from the spider."""
    return Fetched(source="arxiv", scope="cs.CV", url=url, status=200, headers={}, body=body, at=at)


def listing(entries: list[Entry], skip: int = 0, show: int = 2000) -> Fetched:
    """Return one page of the listing of a day."""
    url = f"https://arxiv.org/list/cs.CV/new?skip={skip}&show={show}"
    return response(render_listing("cs.CV", DAY, entries, skip=skip, show=show), url)


def feed(entries: list[Entry]) -> Fetched:
    """Return the feed of a day."""
    return response(render_feed("cs.CV", DAY, entries), "https://rss.arxiv.org/rss/cs.CV")
