"""The lines of arXiv's snapshot: what each field becomes, and that no line, however damaged, does any harm."""

import json
from codecs import BOM_UTF8
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crawler.identifiers import Identifier
from crawler.readers.arxiv_snapshot import LONGEST, is_snapshot, read_snapshot_line
from crawler.readers.rfc822 import moment
from crawler.sighting import Author, Reject, Sighting, Submission
from crawler.text import NAME_LIMIT, TITLE_LIMIT, clean, readable

EXCERPT = Path("../shared/samples/arxiv/kaggle_arxiv-metadata-oai-snapshot_excerpt.jsonl")
NOON = datetime(2026, 8, 12, 12, tzinfo=UTC)
RECORD: dict[str, Any] = {
    "id": "0704.0042",
    "submitter": "Ada Lovelace",
    "authors": "A. Lovelace, C.-P. Bal\\'azs",
    "title": "On the engine,\n  and on what it\n  weaves",
    "comments": "12 pages,\n  3 figures",
    "journal-ref": "J.Engines 1 (1843) 2",
    "doi": "10.1000/ENGINE.1 10.1000/engine.2",
    "report-no": "LON-43-1",
    "categories": "cs.CV cs.LG math.HO",
    "license": "http://arxiv.org/licenses/nonexclusive-distrib/1.0/",
    "abstract": "  We describe an engine\nthat weaves $n^2$ patterns.\n",
    "versions": [
        {"version": "v1", "created": "Mon, 2 Apr 2007 19:18:42 GMT"},
        {"version": "v2", "created": "Tue, 24 Jul 2007 20:10:27 GMT"},
    ],
    "update_date": "2008-11-26",
    "authors_parsed": [["Lovelace", "A.", "", "London", "Turin"], ["Bal\\'azs", "C. -P.", "Jr"]],
}
FIRST = Submission(1, datetime(2007, 4, 2, 19, 18, 42, tzinfo=UTC))
SECOND = Submission(2, datetime(2007, 7, 24, 20, 10, 27, tzinfo=UTC))
often = settings(deadline=None, max_examples=150)


def line(**parts: Any) -> bytes:
    return json.dumps({**RECORD, **parts}).encode()


def read(text: bytes) -> Sighting:
    found = read_snapshot_line(text, NOON, 7)
    assert isinstance(found, Sighting), found
    return found


def refused(text: bytes) -> str:
    found = read_snapshot_line(text, NOON, 7)
    assert isinstance(found, Reject), found
    assert found.key == "line 7"
    return found.why


def test_every_field_is_read() -> None:
    assert read(line()) == Sighting(
        source="arxiv",
        key="0704.0042",
        seen_at=NOON,
        title="On the engine, and on what it weaves",
        url="https://arxiv.org/abs/0704.0042",
        authors=(Author("A. Lovelace", "London; Turin"), Author("C.-P. Balázs Jr")),
        identifiers=(
            Identifier("arxiv", "0704.0042"),
            Identifier("doi", "10.1000/engine.1"),
            Identifier("doi", "10.1000/engine.2"),
        ),
        abstract="We describe an engine that weaves $n^2$ patterns.",
        categories=("cs.CV", "cs.LG", "math.HO"),
        comment="12 pages, 3 figures",
        journal_ref="J.Engines 1 (1843) 2",
        report_number="LON-43-1",
        licence="http://arxiv.org/licenses/nonexclusive-distrib/1.0/",
        version=2,
        submissions=(FIRST, SECOND),
    )


def test_it_announces_nothing() -> None:
    found = read(line())
    assert (found.action, found.announced_on, found.scope) == (None, None, "")


def test_a_field_that_is_null_missing_or_of_another_kind_is_empty() -> None:
    bare = Sighting(
        source="arxiv",
        key="0704.0042",
        seen_at=NOON,
        title="On the engine, and on what it weaves",
        url="https://arxiv.org/abs/0704.0042",
        identifiers=(Identifier("arxiv", "0704.0042"),),
    )
    needed = {name: RECORD[name] for name in ("id", "title")}
    others = set(RECORD) - set(needed)
    assert read(json.dumps(needed).encode()) == bare
    values: tuple[Any, ...] = (None, 7, True, {}, {"version": "v1"}, [], [None, 7, [], {}, "v1", [None]], "", " \n")
    for value in values:
        assert read(line(**dict.fromkeys(others, value))) == bare


@pytest.mark.parametrize(
    ("text", "key", "version"),
    [
        ("0704.0001", "0704.0001", None),
        ("2401.00001v3", "2401.00001", 3),
        ("hep-th/9901001", "hep-th/9901001", None),
        ("math.GT/0309136", "math/0309136", None),
    ],
)
def test_an_id_is_normalised(text: str, key: str, version: int | None) -> None:
    found = read(line(id=text, versions=None))
    assert (found.key, found.version, found.identifiers[0]) == (key, version, Identifier("arxiv", key))
    assert found.url == f"https://arxiv.org/abs/{key}"
    assert read(line(id=text)).version == 2


def test_versions_are_sorted_and_an_unreadable_date_loses_only_itself() -> None:
    first, second = RECORD["versions"]
    assert read(line(versions=[second, first])).submissions == (FIRST, SECOND)
    found = read(line(versions=[first, {"version": "v2", "created": "some day"}, {"version": "v0"}, {"created": "x"}, "v9"]))
    assert (found.version, found.submissions) == (2, (FIRST,))


@pytest.mark.parametrize(
    "text", ["ftp://example.org/licence", "CC-BY", "javascript:alert(1)", "http://a b", "http://\x00", "x" * 9]
)
def test_a_licence_is_an_address_of_the_web_or_none(text: str) -> None:
    assert read(line(license=text)).licence is None
    assert read(line(license=f"https://example.org/{'x' * 300}")).licence is None
    assert read(line(license=" https://creativecommons.org/licenses/by/4.0/\n")).licence is not None


@pytest.mark.parametrize("field", ["comments", "abstract"])
def test_a_withdrawal_is_seen_in_comment_and_abstract(field: str) -> None:
    assert read(line(**{field: "This paper has been\nwithdrawn by the author."})).withdrawn
    assert not read(line(**{field: "We withdraw an earlier claim"})).withdrawn


def test_without_parsed_authors_the_printed_ones_do() -> None:
    printed = "A. Lovelace (London),\n  C. Bal\\'azs"
    assert read(line(authors_parsed=[["", "", ""]], authors=printed)).authors == (
        Author("A. Lovelace", "London"),
        Author("C. Balázs"),
    )


@pytest.mark.parametrize(
    ("parsed", "found"),
    [
        (["CMS Collaboration", "", ""], Author("CMS Collaboration")),
        (["van der Erd\\H{o}s", "P."], Author("P. van der Erdős")),
        (["Doe"], Author("Doe")),
        (["Doe", "J.", "III", "", " "], Author("J. Doe III")),
        (["Doe", None, 3, "{\\'E}cole", 5], Author("Doe", "École")),
        (["\\;", "", ""], Author("\\;")),
    ],
)
def test_an_author(parsed: list[Any], found: Author) -> None:
    assert read(line(authors_parsed=[parsed])).authors == (found,)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"", "no JSON"),
        (b"\x00\x00", "no JSON"),
        (line()[:-1], "no JSON"),
        (line() + b",", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b'{"id": ' + b"9" * 5000 + b"}", "no JSON"),
        (b"[]", "no JSON object"),
        (b'"0704.0001"', "no JSON object"),
        (b"null", "no JSON object"),
        (line().replace(b"London", b"Z\xfcrich"), "not UTF-8"),
        (json.dumps(RECORD).encode("utf-16"), "not UTF-8"),
        (b"{}", "no arXiv id"),
        (line(id="a\x1b[31m" + "b" * 200), f'"a [31m{"b" * 73}…" is no arXiv id'),
        (line(id=" "), '"" is no arXiv id'),
        (line(id=704.0042), "its id is no text"),
        (line(id=None), "its id is no text"),
        (line(title=" \n\x00\ud800"), "0704.0042 has no title"),
        (line(title=None), "0704.0042 has no title"),
        (line(abstract="x" * LONGEST), "longer than 1,048,576 bytes"),
    ],
)
def test_what_cannot_be_read_is_a_reject_that_names_the_line(text: bytes, why: str) -> None:
    assert refused(text) == why


def test_blanks_around_a_line_and_a_byte_order_mark_are_no_part_of_it() -> None:
    assert read(BOM_UTF8 + b" " + line() + b"\r\n") == read(line())
    assert is_snapshot(BOM_UTF8 + line() + b"\r")


def test_what_looks_like_the_snapshot() -> None:
    assert is_snapshot(line())
    assert is_snapshot(line(title=None, id=7))
    without = {name: value for name, value in RECORD.items() if name != "id"}
    for text in (json.dumps(without).encode(), b'{"id": "0704.0001", "title": "A", "abstract": "B"}', b"[]", b"id,title", b""):
        assert not is_snapshot(text)


# Whatever is in a line.

wild = st.text(
    st.one_of(st.sampled_from("\\${}%^'\"`uvH ,()\n\x00\u202e\ud800é語"), st.characters(exclude_categories=())), max_size=40
)
scraps = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | wild | st.sampled_from(("0704.0042", "v2", "Mon, 2 Apr 2007")),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(("version", "created", "x")), inner, max_size=3)
    ),
    max_leaves=8,
)
records = st.dictionaries(st.sampled_from(tuple(RECORD)), scraps).map(lambda parts: {**RECORD, **parts})


def check(found: Sighting | Reject) -> None:
    if isinstance(found, Reject):
        assert found.key == "line 7"
        assert found.why == clean(found.why)
        return
    assert found.seen_at == NOON
    assert found.title == clean(found.title, TITLE_LIMIT)
    for author in found.authors:
        assert author.name == clean(author.name, NAME_LIMIT)
        assert author.name
        assert author.affiliation != ""
    for text in (found.abstract, found.comment, found.journal_ref, found.report_number, found.licence):
        assert text == (text and clean(text))
    assert [one.version for one in found.submissions] == sorted({one.version for one in found.submissions})
    assert all(one.at.tzinfo is UTC for one in found.submissions)
    assert found.version is None or found.version >= max((one.version for one in found.submissions), default=1)
    assert replace(Sighting.from_content(json.loads(json.dumps(found.content())), NOON), seen_at=NOON) == found


@often
@given(st.binary(max_size=200))
@example(b"{")
@example(b'{"id":NaN}')
def test_any_bytes_are_read_or_refused(text: bytes) -> None:
    check(read_snapshot_line(text, NOON, 7))
    assert is_snapshot(text) in (True, False)


@often
@given(st.data())
def test_a_line_damaged_anywhere_is_read_or_refused(data: st.DataObject) -> None:
    text = bytearray(line())
    for _ in range(data.draw(st.integers(1, 3))):
        text[data.draw(st.integers(0, len(text) - 1))] = data.draw(st.integers(0, 255))
    check(read_snapshot_line(bytes(text[: data.draw(st.integers(0, len(text)))]), NOON, 7))


@often
@given(records)
def test_any_record_is_read_or_refused(record: dict[str, Any]) -> None:
    check(read_snapshot_line(json.dumps(record).encode(), NOON, 7))


# A sighting, written as the snapshot would write it, is read again.

texts = st.text(st.characters(codec="utf-8"), max_size=60).map(clean)
plain = texts.filter(lambda text: bool(text) and readable(text) == text and ". -" not in text)
dates = st.integers(0, 4_102_444_800).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))  # until 2100


@st.composite
def sightings(draw: st.DrawFn) -> Sighting:
    key = draw(st.sampled_from(("0704.0042", "2608.00001", "hep-th/9901001")))
    days = draw(st.lists(dates, max_size=4))
    return Sighting(
        source="arxiv",
        key=key,
        seen_at=NOON,
        title=draw(texts.filter(bool)),
        url=f"https://arxiv.org/abs/{key}",
        authors=tuple(draw(st.lists(st.builds(Author, plain, st.none() | plain), max_size=3))),
        identifiers=(Identifier("arxiv", key), *draw(st.sampled_from(((), (Identifier("doi", "10.1000/a.1"),))))),
        abstract=draw(texts),
        categories=tuple(draw(st.lists(st.sampled_from(("cs.CV", "hep-th", "stat.ML")), unique=True))),
        comment=draw(st.none() | texts.filter(bool)),
        journal_ref=draw(st.none() | texts.filter(bool)),
        report_number=draw(st.none() | texts.filter(bool)),
        licence=draw(st.sampled_from((None, "http://creativecommons.org/licenses/by/4.0/"))),
        version=len(days) or None,
        submissions=tuple(Submission(number, at) for number, at in enumerate(days, 1)),
    )


def rendered(seen: Sighting) -> bytes:
    return line(
        id=seen.key,
        authors="somebody else",
        authors_parsed=[[one.name, "", "", *filter(None, [one.affiliation])] for one in seen.authors],
        title=f"{seen.title}\n".replace(" ", "\n  "),
        abstract=f"  {seen.abstract}\n",
        comments=seen.comment,
        doi=" ".join(name.value for name in seen.identifiers[1:]) or None,
        categories=" ".join(seen.categories),
        license=seen.licence,
        versions=[{"version": f"v{one.version}", "created": format_datetime(one.at, usegmt=True)} for one in seen.submissions],
        **{"journal-ref": seen.journal_ref, "report-no": seen.report_number},
    )


@often
@given(sightings())
def test_a_paper_survives_the_snapshot(seen: Sighting) -> None:
    found = read(rendered(seen))
    assert found == replace(seen, withdrawn=found.withdrawn, authors=seen.authors or (Author("somebody else"),))


# The dates.


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Mon, 2 Apr 2007 19:18:42 GMT", FIRST.at),
        ("Mon, 02 Apr 2007 19:18:42 UTC", FIRST.at),
        ("Mon, 2 Apr 2007 19:18:42 +0000", FIRST.at),
        ("Mon, 2 Apr 2007 21:18:42 +0200", FIRST.at),
        ("2 Apr 2007 15:18:42 EDT", FIRST.at),
        ("Mon, 2 Apr 2007 19:18:42 -0000", FIRST.at),
        ("Mon, 2 Apr 2007 19:18:42", FIRST.at),
        ("Mon, 2 Apr 2007 19:18:42 GMT ", FIRST.at),
        ("Mon, 31 Feb 2007 19:18:42 GMT", None),
        ("Mon, 2 Abc 2007 19:18:42 GMT", None),
        ("Mon, 2 Apr 2007 25:18:42 GMT", None),
        ("Fri, 31 Dec 9999 23:59:59 -0100", None),
        ("2007-04-02", None),
        ("yesterday", None),
        ("", None),
        ("Mon, 2 Apr 2007 19:18:42 GMT" + " " * 100, None),
    ],
)
def test_a_moment(text: str, found: datetime | None) -> None:
    assert moment(text) == found
    assert found is None or moment(text).tzinfo is UTC  # type: ignore[union-attr]  # it is a moment


@often
@given(dates)
def test_every_moment_as_it_is_written_is_read(at: datetime) -> None:
    assert moment(format_datetime(at, usegmt=True)) == at
    assert moment(format_datetime(at)) == at


@often
@given(st.text(max_size=60) | st.text(st.sampled_from("Mon, 2 Apr 2007 19:18:42 GMT+-()²"), max_size=60))
def test_no_text_trips_the_reader_of_dates(text: str) -> None:
    found = moment(text)
    assert found is None or found.tzinfo is UTC


@pytest.mark.real
def test_the_real_line() -> None:
    if not EXCERPT.is_file():
        pytest.skip(f"{EXCERPT} is not here")
    for place, text in enumerate(EXCERPT.read_bytes().splitlines(), 1):
        assert is_snapshot(text)
        found = read_snapshot_line(text, NOON, place)
        assert isinstance(found, Sighting)
        assert (found.key, found.version, found.categories) == ("0704.0001", 2, ("hep-ph",))
        assert [one.name for one in found.authors] == ["C. Balázs", "E. L. Berger", "P. M. Nadolsky", "C.-P. Yuan"]
        assert found.submissions == (FIRST, SECOND)
        assert found.identifiers[1] == Identifier("doi", "10.1103/physrevd.76.013009")
        assert (found.report_number, found.licence, found.withdrawn) == ("ANL-HEP-PR-07-12", None, False)
        assert "\n" not in found.title + found.abstract
