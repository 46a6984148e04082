"""Published lists of venues: every row a venue with its rank, and whatever else may come no list."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.errors import ReadError
from crawler.readers.venue_list import CCF, CCFDDL, read_venue_list
from crawler.samples.venue_lists import RECORDS, ROWS, Record, Row, records, render_catalogue, render_deadlines, rows
from crawler.sighting import Reject
from crawler.source import Fetched, Page, Wanted
from crawler.venue_lists import LISTS, SOURCE
from crawler.venues import Rank, Venue, plain, shipped
from jobs.planning import sites

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
TODAY = NOON.date()
SAMPLES = Path(__file__).parents[2] / "../shared/samples/ccf"


def read(body: bytes, scope: str = CCF) -> Page:
    return read_venue_list(
        Fetched(
            source="venue-lists", scope=scope, url="https://papers.example.org/", status=200, headers={}, body=body, at=NOON
        )
    )


def venue(page: Page, acronym: str) -> Venue:
    (found,) = (one for one in page.venues if one.acronym == acronym)
    return found


@pytest.mark.parametrize("tab", ["\\t", "\t", "\\u0009", "\\x09"])
def test_a_row_of_the_catalogue_is_a_venue(tab: str) -> None:
    page = read(render_catalogue((*ROWS, *rows(20)), tab))
    assert (page.kind, page.sightings, page.rejects, page.as_of, page.whole) == ("catalogue", (), (), TODAY, True)
    assert page.total == len(page.venues) == len(ROWS) + 20 - 1
    assert venue(page, "ECCV") == Venue(
        acronym="ECCV",
        name="European Conference on Computer Vision",
        kind="conference",
        ranks=(Rank("ccf", TODAY, "B"),),
        dblp="conf/eccv",
    )
    assert (venue(page, "TPAMI").kind, venue(page, "TPAMI").dblp) == ("journal", "journals/pami")
    assert venue(page, "NeurIPS").dblp == "conf/nips"


def test_a_venue_without_an_abbreviation_goes_by_its_name_and_one_without_a_stream_is_what_its_name_says() -> None:
    page = read(render_catalogue((*ROWS, *rows(20))))
    assert venue(page, "Annals of Difference Engines").dblp == "journals/engines"
    assert (venue(page, "JOLT").kind, venue(page, "JOLT").dblp) == ("journal", "")


def test_a_stream_that_stands_behind_blanks_is_found_and_belongs_to_one_venue() -> None:
    odd = Row("C", "TIOT", "Transactions on Threads  /journals/tiot /journals/tiot/tiot")
    page = read(render_catalogue((odd, Row("A", "Hot", "Workshop on Hot Threads", "/journals/tiot"), *rows(20))))
    assert (venue(page, "TIOT").name, venue(page, "TIOT").dblp) == ("Transactions on Threads", "journals/tiot")
    assert venue(page, "Hot").dblp == ""


def test_a_row_without_a_name_or_a_rank_is_a_reject() -> None:
    page = read(render_catalogue((Row("A", "X", ""), Row("E", "Y", "Why"), *rows(20))))
    assert page.rejects == (Reject(key="X", why="no name"), Reject(key="Why", why="no rank"))


def test_a_record_is_a_conference_with_the_ranks_that_it_has() -> None:
    page = read(render_deadlines((*RECORDS, *records(20))), CCFDDL)
    assert (len(page.venues), page.rejects) == (25, ())
    assert venue(page, "CVPR") == Venue(
        acronym="CVPR",
        name="IEEE/CVF Conference on Computer Vision and Pattern Recognition",
        kind="conference",
        ranks=(Rank("ccf", TODAY, "A"), Rank("core", TODAY, "A*"), Rank("thcpl", TODAY, "A")),
        dblp="conf/cvpr",
    )
    assert venue(page, "WACV").ranks == (Rank("core", TODAY, "A"),)
    assert venue(page, "Punch").name == "Symposium on Punched Cards: It's Held at Home"


@pytest.mark.parametrize(
    "text",
    [
        "- title: ENG\n  description: >-\n    A Conference on\n    Engines\n  rank:\n    core: B\n  dblp: eng\n",
        "- confs:\n  - id: eng26\n    title: no\n  dblp: eng\n  description: A Conference on\n    Engines\n  title: ENG\n",
        '  - title: "ENG"\n    description: "A Conference \\u006fn Engines"\n    rank:\n      core: "B"\n    dblp: eng\n',
    ],
)
def test_other_ways_to_write_the_same_record(text: str) -> None:
    more = render_deadlines(records(20)).decode()
    if text.startswith("  "):
        more = "".join(f"  {line}\n" for line in more.splitlines())
    found = venue(read((text + more).encode(), CCFDDL), "ENG")
    assert (found.name, found.dblp) == ("A Conference on Engines", "conf/eng")


def test_a_record_without_a_title_is_a_reject_and_one_without_a_name_goes_by_its_title() -> None:
    page = read(render_deadlines((Record("", "Nameless"), Record("Q", ""), *records(20))), CCFDDL)
    assert page.rejects == (Reject(key="Nameless", why="no title"),)
    assert venue(page, "Q").name == "Q"


@pytest.mark.parametrize("scope", LISTS)
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<!DOCTYPE html><title>404</title>",
        b"404: Not Found",
        b"\xff\xfe",
        render_catalogue(rows(19)),
        b"- title: A\n" * 50,
    ],
)
def test_what_is_no_list_is_refused(scope: str, body: bytes) -> None:
    with pytest.raises(ReadError):
        read(body, scope)


@settings(max_examples=60)
@given(st.sampled_from(LISTS), st.binary(max_size=60), st.integers(0, 3000), st.integers(0, 3000))
def test_whatever_comes_is_a_list_or_refused(scope: str, noise: bytes, start: int, stop: int) -> None:
    whole = render_catalogue((*ROWS, *rows(20))) if scope == CCF else render_deadlines((*RECORDS, *records(20)))
    try:
        page = read(whole[:start] + noise + whole[stop:], scope)
    except ReadError:
        return
    assert len(page.venues) >= 20
    assert all(plain(one.acronym) and plain(one.name) for one in page.venues)


def test_each_list_has_an_address_and_both_sites_are_leased() -> None:
    assert SOURCE.lookup is not None
    addresses = {scope: SOURCE.lookup.address(Wanted(scope=scope)) for scope in LISTS}
    assert [address.partition("/data/")[0] for address in addresses.values()][:1] == [
        "https://raw.githubusercontent.com/WenyanLiu/CCFrank4dblp/HEAD"
    ]
    assert addresses[CCFDDL] == "https://ccfddl.github.io/conference/allconf.yml"
    assert sites(SOURCE) == ("github.io", "githubusercontent.com")


def real(name: str) -> Path:
    if not (SAMPLES / name).exists():
        pytest.skip("the real samples are not here")
    return SAMPLES / name


@pytest.mark.real
def test_the_real_catalogue() -> None:
    lines = real("ccf_catalogue_dblp_url.tsv").read_text(encoding="utf-8").splitlines()[1:]
    literals = "".join(f'"{line}\\n" +\n' for line in lines)
    page = read(literals.encode())
    assert (len(lines), len(page.venues), page.rejects) == (721, 677, ())
    assert venue(page, "TIOT").dblp == "journals/tiot"
    assert {(one.acronym, rank.value) for one in page.venues for rank in one.ranks} >= {("ICLR", "A"), ("ECCV", "B")}


@pytest.mark.real
def test_the_real_conferences() -> None:
    files = sorted(real("ccfddl_conference_AI").glob("*_*.yml"))
    page = read("".join(path.read_text(encoding="utf-8") for path in files).encode(), CCFDDL)
    assert (len(files), len(page.venues), page.rejects) == (61, 61, ())
    assert venue(page, "WACV").ranks == (Rank("core", TODAY, "A"),)
    known = [one for one in page.venues if (ours := shipped().find(one.acronym)) and ours.rank("ccf", 2026)]
    assert len(known) == 37
    assert date(2026, 11, 26) in {rank.since for one in known for rank in one.ranks}
