"""Lists of venues joined with the catalogue that ships: which venues are one, and that no rank of an earlier year changes."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.readers.venue_list import CCF, CCFDDL, read_venue_list
from crawler.samples.venue_lists import RECORDS, ROWS, records, render_catalogue, render_deadlines, rows
from crawler.source import Fetched
from crawler.venue_join import VenueList, join
from crawler.venues import Catalogue, Rank, Venue, VenueKind, shipped

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
TODAY = NOON.date()
SAMPLES = Path(__file__).parents[2] / "../shared/samples/ccf"
YEARS = range(2015, 2030)


def listed(scope: str, body: bytes) -> tuple[Venue, ...]:
    answer = Fetched(source="venue-lists", scope=scope, url="https://x.example/", status=200, headers={}, body=body, at=NOON)
    return read_venue_list(answer).venues


def both() -> Catalogue:
    deadlines = listed(CCFDDL, render_deadlines((*RECORDS, *records(20))))
    return join(shipped(), [VenueList(listed(CCF, render_catalogue((*ROWS, *rows(20)))), 1), VenueList(deadlines)])


def find(known: Catalogue, name: str) -> Venue:
    found = known.find(name)
    assert found is not None
    return found


def made(acronym: str, name: str, kind: VenueKind = "conference", dblp: str = "", **ranks: str) -> Venue:
    told = tuple(Rank(scheme, TODAY, value) for scheme, value in ranks.items())
    return Venue(acronym=acronym, name=name, kind=kind, dblp=dblp, ranks=told)


def test_a_venue_that_ships_keeps_its_rank_and_gets_others() -> None:
    cvpr = find(both(), "CVPR")
    assert [rank for rank in cvpr.ranks if rank.scheme == "ccf"] == list(find(shipped(), "CVPR").ranks)
    assert (cvpr.rank("core", 2026), cvpr.rank("thcpl", 2026)) == ("A*", "A")
    assert find(both(), "IEEE/CVF Computer Vision and Pattern Recognition Conference") == cvpr
    assert cvpr.in_text == find(shipped(), "CVPR").in_text


def test_others_come_after_those_that_ship() -> None:
    known = both()
    assert [one.acronym for one in known.venues[: len(shipped().venues)]] == [one.acronym for one in shipped().venues]
    assert {"JOLT", "Punch", "ENG3"} <= {one.acronym for one in known.venues[len(shipped().venues) :]}
    assert known.ranked_on == shipped().ranked_on


def test_an_acronym_is_that_of_the_venue_that_ships_or_else_of_the_better_ranked() -> None:
    known = both()
    assert find(known, "CL").name == "Computational Linguistics"
    assert (find(known, "Journal of Clockwork Looms").acronym, find(known, "DE").name) == (
        "CL",
        "Conference on Drawing Engines",
    )
    assert find(known, "Workshop on Difference Engines").rank("ccf", 2026) == "C"
    assert find(known, "The Conference on Drawing Engines") == find(known, "DE")


def test_equal_names_are_one_venue_though_their_streams_are_two() -> None:
    assert find(both(), "AAMAS").rank("core", 2026) == "A*"


@pytest.mark.parametrize(
    ("told", "is_it"),
    [
        (made("XX", "Something Else", dblp="conf/cvpr"), True),
        (made("XX", "computer vision & pattern recognition"), True),
        (made("CVPR", "Computer Vision and Pattern Recognition Days"), True),
        (made("CVPR", "CVPR"), True),
        (made("CVPR", "Conference on Various Punched Rolls", dblp="conf/rolls"), False),
        (made("CVPR", "Computer Vision and Pattern Recognition Days", dblp="conf/rolls"), False),
        (made("CVPR", "Computer Vision and Pattern Recognition Days", "journal", "journals/rolls"), False),
    ],
)
def test_an_acronym_alone_joins_only_what_nothing_speaks_against(told: Venue, is_it: bool) -> None:  # noqa: FBT001
    ours = Venue(
        acronym="CVPR",
        name="Conference on Computer Vision and Pattern Recognition",
        kind="conference",
        names=("Computer Vision and Pattern Recognition",),
        dblp="conf/cvpr",
    )
    assert (len(join(Catalogue.of([ours]), [VenueList([told])]).venues) == 1) is is_it


def test_of_two_venues_without_a_stream_the_words_of_their_names_tell() -> None:
    ours = Catalogue.of([made("DE", "International Conference on Difference Engines")])
    assert len(join(ours, [VenueList([made("DE", "Symposium of Difference Machines")])]).venues) == 1
    assert len(join(ours, [VenueList([made("DE", "International Conference on Drawing")])]).venues) == 2


def test_a_venue_that_was_in_no_catalogue_had_no_rank_before() -> None:
    known = join(shipped(), [VenueList([made("WACV", "Winter Applications", dblp="conf/wacv", ccf="B", core="A")])])
    wacv = find(known, "WACV")
    assert [wacv.rank("ccf", year) for year in (2020, 2025, 2026, 2030)] == ["", "", "B", "B"]
    assert [wacv.rank("core", year) for year in (2020, 2026)] == ["A", "A"]


def test_a_list_of_more_weight_knows_better_from_its_first_day_on() -> None:
    then = made("ENG", "Engines", dblp="conf/eng")
    one = Venue(acronym="ENG", name="Engines", kind="conference", dblp="conf/eng", ranks=(Rank("core", date(2024, 5, 1), "C"),))
    two = Venue(acronym="ENG", name="Engines", kind="conference", dblp="conf/eng", ranks=(Rank("core", TODAY, "B"),))
    known = find(join(Catalogue.of([then]), [VenueList([one]), VenueList([two], 1)]), "ENG")
    assert [known.rank("core", year) for year in (2020, 2024, 2025, 2026)] == ["C", "C", "C", "B"]
    known = find(join(Catalogue.of([then]), [VenueList([two]), VenueList([one], 1)]), "ENG")
    assert known.rank("core", 2026) == "C"


told_ranks = st.lists(st.tuples(st.sampled_from(["ccf", "core"]), st.sampled_from(["A", "B", "C"])), max_size=2)


@settings(max_examples=40)
@given(st.lists(st.tuples(st.sampled_from(shipped().venues), told_ranks), max_size=6), st.integers(2026, 2029))
def test_no_list_changes_a_rank_of_an_earlier_year(told: list[tuple[Venue, list[tuple[str, str]]]], year: int) -> None:
    on = date(year, 12, 1)
    venues = [
        Venue(
            acronym=one.acronym,
            name=one.name,
            kind=one.kind,
            dblp=one.dblp,
            ranks=tuple(Rank(scheme, on, value) for scheme, value in dict(ranks).items()),
        )
        for one, ranks in told
    ]
    known = join(shipped(), [VenueList(venues)])
    for ours, after in zip(shipped().venues, known.venues, strict=True):
        assert [ours.rank("ccf", before) for before in YEARS if before < year] == [
            after.rank("ccf", before) for before in YEARS if before < year
        ]


@pytest.mark.real
def test_the_real_lists_agree_with_what_ships_and_bring_the_rest() -> None:
    if not SAMPLES.exists():
        pytest.skip("the real samples are not here")
    lines = (SAMPLES / "ccf_catalogue_dblp_url.tsv").read_text(encoding="utf-8").splitlines()[1:]
    deadlines = "".join(path.read_text(encoding="utf-8") for path in sorted((SAMPLES / "ccfddl_conference_AI").glob("*_*.yml")))
    catalogue = listed(CCF, "".join(f'"{line}\\n" +\n' for line in lines).encode())
    known = join(shipped(), [VenueList(catalogue, 1), VenueList(listed(CCFDDL, deadlines.encode()))])
    ours = known.venues[: len(shipped().venues)]
    changed = [
        after.acronym
        for before, after in zip(shipped().venues, ours, strict=True)
        if [rank for rank in before.ranks if rank.scheme == "ccf"] != [rank for rank in after.ranks if rank.scheme == "ccf"]
    ]
    assert changed == []
    assert len(known.venues) - len(ours) > 550
    assert sum(bool(one.rank("core", 2026)) for one in ours) >= 40
    assert all(find(known, one.name).rank("ccf", 2026) for one in catalogue)
