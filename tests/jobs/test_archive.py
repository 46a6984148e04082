"""The dumps of Papers with Code: code, tasks and methods for the papers they belong to, and nothing of it news."""

import gzip
import io
import json
from codecs import BOM_UTF8
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import ijson  # type: ignore[import-untyped]
import pyarrow as pa  # type: ignore[import-untyped]
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from crawler.identifiers import Identifier
from crawler.readers.pwc_archive import Mention, gathered, is_archive, read_archive_entry, titled
from crawler.sighting import Reject, Sighting, Tag
from jobs.archive import ArchiveFile, _entries
from jobs.commands_import import say_imports
from jobs.importing import Imported, import_files
from storage.database import Database
from storage.events import announced_since
from storage.paper import Paper
from storage.papers import find
from tests.jobs.offices import Desk, day
from tests.storage.factories import page, sighting, write

SAMPLES = Path("../shared/samples/pwc")
NOW = datetime(2026, 8, 14, 12, tzinfo=UTC)
SITE = "https://paperswithcode.com"
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(("task", "datasets", "rows", "sota")), inner),
    max_leaves=10,
)


def paper(number: int = 1, **parts: Any) -> dict[str, Any]:
    known = {
        "paper_url": f"{SITE}/paper/engine-{number}",
        "arxiv_id": f"2301.{number:05}",
        "title": f"Engine {number}",
        "abstract": "We describe\r\nan engine.",
        "url_abs": f"https://arxiv.org/abs/2301.{number:05}v3",
        "url_pdf": f"https://arxiv.org/pdf/2301.{number:05}v3.pdf",
        "proceeding": "CVPR 2023 1",
        "authors": ["Ada Lovelace"],
        "tasks": ["Weaving"],
        "date": "2023-01-02",
        "methods": [{"name": "Loom", "full_name": "Jacquard Loom"}],
    }
    return {**known, **parts}


def link(number: int = 1, repository: str = "https://github.com/ada/engine", **parts: Any) -> dict[str, Any]:
    known = {
        "paper_url": f"{SITE}/paper/engine-{number}",
        "paper_title": f"Engine {number}",
        "paper_arxiv_id": f"2301.{number:05}",
        "paper_url_abs": f"https://arxiv.org/abs/2301.{number:05}v3",
        "paper_url_pdf": f"https://arxiv.org/pdf/2301.{number:05}v3.pdf",
        "repo_url": repository,
        "is_official": True,
        "mentioned_in_paper": True,
        "mentioned_in_github": False,
        "framework": "pytorch",
    }
    return {**known, **parts}


METHOD = {
    "url": f"{SITE}/method/loom",
    "name": "Loom",
    "full_name": "Jacquard Loom",
    "description": "It weaves.",
    "paper": {"title": "Engine 1", "url": f"{SITE}/paper/engine-1"},
    "introduced_year": 2023,
    "source_url": "http://arxiv.org/abs/2301.00001v3",
    "source_title": "Engine 1",
    "code_snippet_url": "https://github.com/ada/engine/blob/main/loom.py#L7",
    "collections": [],
}
DATASET = {
    "url": f"{SITE}/dataset/cards",
    "name": "Cards",
    "homepage": "https://cards.example.org/",
    "introduced_date": "2023-01-02",
    "paper": {"title": "Engine 1", "url": f"{SITE}/paper/engine-1"},
    "tasks": [{"task": "Weaving", "url": f"{SITE}/task/weaving"}],
}


def row(**parts: Any) -> dict[str, Any]:
    known = {
        "model_name": "Engine-B",
        "paper_title": "Engine 1",
        "paper_url": "https://arxiv.org/abs/2301.00001v3",
        "paper_date": "2023-01-02",
        "code_links": [{"title": "ada/engine", "url": "https://github.com/ada/engine"}],
        "model_links": [],
        "metrics": {"mAP": "51.0"},
    }
    return {**known, **parts}


def table(*rows: dict[str, Any], **parts: Any) -> dict[str, Any]:
    dataset = {"dataset": "Cards", "subdatasets": [], "sota": {"metrics": ["mAP"], "rows": list(rows)}}
    return {"task": "Weaving", "categories": [], "subtasks": [], "datasets": [dataset], **parts}


def read(entry: object) -> list[Sighting | Mention | Reject]:
    return list(read_archive_entry(entry, NOW, 7))


def only(entry: object) -> Sighting:
    (one,) = read(entry)
    assert isinstance(one, Sighting)
    return one


@pytest.fixture
def desk(database: Database, store_url: str, tmp_path: Path) -> Desk:
    return Desk(database, store_url, tmp_path)


def import_(desk: Desk, content: bytes, name: str = "dump.json") -> Imported:
    path = desk.folder / name
    path.write_bytes(content)
    (one,) = import_files(desk.office(day(0)), [path], lambda _: None)
    return one


def as_parquet(rows: Sequence[dict[str, Any]]) -> bytes:
    whole = io.BytesIO()
    parquet.write_table(pa.Table.from_pylist(list(rows)), whole)
    return whole.getvalue()


def stored(database: Database, number: int = 1) -> Paper:
    with database.reading() as connection:
        found = find(connection, Identifier("arxiv", f"2301.{number:05}"))
    assert found is not None
    return found


# What an entry tells.


def test_a_paper_has_its_tasks_methods_and_venue() -> None:
    one = only(paper())
    assert (one.source, one.key, one.url) == ("paperswithcode", "2301.00001", "https://arxiv.org/abs/2301.00001")
    assert one.tags == (Tag("task", "Weaving"), Tag("method", "Loom"), Tag("venue", "CVPR2023"))
    assert (one.abstract, one.second_hand, one.action) == ("We describe an engine.", True, None)


def test_a_paper_without_arxiv_id_is_known_by_its_page() -> None:
    one = only(paper(arxiv_id=None, url_abs="https://example.org/engine", url_pdf=None))
    assert (one.key, one.url) == ("engine-1", "https://example.org/engine")
    assert one.identifiers == (Identifier("paperswithcode", "engine-1"),)
    assert only(link(paper_arxiv_id=None, paper_url_abs=None, paper_url_pdf=None)).key == "engine-1"


def test_an_id_is_found_in_an_address_and_loses_its_version() -> None:
    assert only(paper(arxiv_id=None)).key == only(link(paper_arxiv_id="2301.00001v2")).key == "2301.00001"


def test_a_link_says_whether_it_is_official() -> None:
    assert [(one.url, one.official) for one in only(link()).links] == [("https://github.com/ada/engine", True)]
    assert only(link(is_official=False)).links[0].official is False
    assert only(link(is_official=None)).links[0].official is None


def test_an_address_that_is_no_repository_is_not_taken() -> None:
    assert read(link(repository="https://github.com/ada")) == [Reject(key="2301.00001", why="no address of a repository")]


def test_a_method_and_a_data_set_belong_to_the_paper_that_brought_them() -> None:
    method, dataset = only(METHOD), only(DATASET)
    assert (method.key, method.tags) == ("2301.00001", (Tag("method", "Loom"),))
    assert method.links == ()  # the snippet is of some library that has the method, too
    assert (dataset.key, dataset.tags) == ("engine-1", (Tag("task", "Weaving"),))
    assert [(one.url, one.kind) for one in dataset.links] == [("https://cards.example.org/", "dataset")]


@pytest.mark.parametrize("entry", [{**METHOD, "source_title": None, "paper": None}, {**DATASET, "paper": None}])
def test_what_no_paper_has_brought_tells_of_none(entry: dict[str, Any]) -> None:
    assert read(entry) == []


def test_a_table_gives_its_task_to_every_paper_in_it_and_in_what_is_below() -> None:
    inner = table(row(paper_title="Engine 2", paper_url="https://arxiv.org/abs/2301.00002"), task="Fine Weaving")
    found = read(table(row(), row(paper_title="", paper_url=""), row(paper_title="x://y", paper_url="x://y"), subtasks=[inner]))
    assert [(one.key, one.tags) for one in found if isinstance(one, Sighting)] == [
        ("2301.00001", (Tag("task", "Weaving"),)),
        ("2301.00002", (Tag("task", "Fine Weaving"),)),
    ]
    assert len(found) == 2


@pytest.mark.parametrize("title", ["", "https://arxiv.org/abs/2301.00001v3"])
def test_a_row_that_names_its_paper_by_an_id_alone_tells_of_a_paper_that_is_known(desk: Desk, title: str) -> None:
    content = json.dumps([table(row(paper_title=title), row(paper_title=title, paper_url="arxiv.org/abs/2301.00002"))]).encode()
    write(desk.database, page(sighting("2301.00001", title="The Engine")))
    one = import_(desk, content)
    assert (one.new, one.rejected, one.error) == (0, 0, None)
    known = stored(desk.database)
    assert (known.title, known.tagged("task")) == ("The Engine", ("Weaving",))
    assert [link.url for link in known.code] == ["https://github.com/ada/engine"]
    with desk.database.reading() as connection:
        assert find(connection, Identifier("arxiv", "2301.00002")) is None


@pytest.mark.parametrize("entry", [None, 3, [], {}, {"id": "2301.00001", "title": "A"}])
def test_what_is_of_no_dump_is_a_reject(entry: object) -> None:
    assert not is_archive(entry)
    (one,) = read(entry)
    assert isinstance(one, Reject)
    assert one.key == "entry 7"


@given(
    st.dictionaries(
        st.sampled_from([*paper(), *link(), *METHOD, *DATASET, *table()]),
        values,
    ),
    st.sampled_from([paper(), link(), METHOD, DATASET, table(row())]),
)
def test_whatever_an_entry_holds_it_is_papers_and_rejects(parts: dict[str, Any], entry: dict[str, Any]) -> None:
    for one in read({**entry, **parts}):
        assert one.arxiv if isinstance(one, Mention) else one.key


def test_links_of_one_paper_are_gathered_and_rejects_stay() -> None:
    reject = Reject(key="2301.00001", why="no title")
    found = gathered([only(link()), reject, only(link(2)), only(link(repository="https://github.com/them/copy")), reject])
    assert [one.key for one in found] == ["2301.00001", "2301.00001", "2301.00002", "2301.00001"]
    first = found[0]
    assert isinstance(first, Sighting)
    assert [one.url for one in first.links] == ["https://github.com/ada/engine", "https://github.com/them/copy"]


# What comes of a file.


@pytest.mark.parametrize(
    "pack",
    [
        lambda rows: json.dumps(rows).encode(),
        lambda rows: json.dumps(rows, indent=2).encode(),
        lambda rows: gzip.compress(json.dumps(rows).encode()),
        as_parquet,
    ],
    ids=["json", "indented", "gz", "parquet"],
)
def test_code_and_tasks_reach_the_papers_that_are_there_and_nothing_is_news(desk: Desk, pack: Any) -> None:
    write(desk.database, page(sighting("2301.00001", title="The Engine")))
    with desk.database.reading() as connection:
        before = announced_since(connection, 0)
    given_, links = import_(desk, pack([paper(1), paper(2)])), import_(desk, pack([link(1), link(2), link(1, "x")]), "links")
    assert (given_.lines, given_.new, given_.updated, given_.error) == (2, 1, 0, None)
    assert (links.lines, links.new, links.updated, links.rejected, links.error) == (3, 0, 2, 1, None)
    one = stored(desk.database)
    assert one.title == "The Engine"
    assert one.tagged("task") == ("Weaving",)
    assert [(found.url, found.official, found.said_by) for found in one.code] == [
        ("https://github.com/ada/engine", True, ("paperswithcode",))
    ]
    assert stored(desk.database, 2).abstract == "We describe an engine."
    with desk.database.reading() as connection:
        assert announced_since(connection, 0) == before


def test_a_repository_that_is_a_data_sets_home_is_still_the_papers_code(desk: Desk) -> None:
    home = {**DATASET, "homepage": "https://github.com/ada/engine"}
    for content in ([paper()], [home], [link()]):
        assert import_(desk, json.dumps(content).encode()).error is None
    assert [one.url for one in stored(desk.database).code] == ["https://github.com/ada/engine"]


def test_what_names_a_paper_by_its_page_alone_joins_it(desk: Desk) -> None:
    row_of_it = row(paper_url=f"{SITE}/paper/engine-1")
    for content in ([paper()], [DATASET], [table(row_of_it, task="Fine Weaving")]):
        one = import_(desk, json.dumps(content).encode())
        assert (one.new, one.rejected) == (int(content == [paper()]), 0)
    known = stored(desk.database)
    assert known.tagged("task") == ("Fine Weaving", "Weaving")
    assert {link.url for link in known.links} == {"https://cards.example.org/", "https://github.com/ada/engine"}


def test_to_import_again_changes_nothing(desk: Desk) -> None:
    content = json.dumps([link(1), link(1, "https://github.com/them/copy"), link(2)]).encode()
    assert import_(desk, content).new == 2
    again = import_(desk, content)
    assert (again.new, again.updated, again.lines) == (0, 0, 3)


def test_pages_are_recorded_as_they_come(one_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.importing.PAGE", 10)
    path = one_desk.folder / "dump"
    for content in (json.dumps([paper(number) for number in range(25)]).encode(), as_parquet([paper(n) for n in range(25)])):
        path.write_bytes(content)
        steps: list[tuple[int, int, int | None]] = []
        import_files(one_desk.office(day(0)), [path], lambda one, to=steps: to.append((one.lines, one.position, one.total)))  # type: ignore[misc]
        assert [lines for lines, _, _ in steps] == [10, 20, 25]
        assert steps[-1][1] == steps[-1][2]


def test_a_dump_that_breaks_off_keeps_what_was_before(one_desk: Desk) -> None:
    content = json.dumps([paper(1), paper(2)]).encode()
    one = import_(one_desk, content[:-40])
    assert (one.error or "").endswith("it breaks off (after entry 1)")
    assert one.new == 1
    assert "✗" in say_imports([one])


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"[]", "there is nothing in it"),
        (b"[1, 2]", "this is no dump of Papers with Code"),
        (b'[{"id": 1, "title": "A"}]', "this is no dump of Papers with Code"),
        (b'[{"task": nul}]', "this is no JSON"),
        (b"PAR1 and more", "this is no Parquet, or it breaks off"),
        (as_parquet([paper()])[:-40], "this is no Parquet, or it breaks off"),
        (gzip.compress(json.dumps([paper()]).encode())[:-20], "it breaks off"),
    ],
)
def test_a_file_that_is_no_dump_is_said_to_be_none(one_desk: Desk, content: bytes, why: str) -> None:
    one = import_(one_desk, content)
    assert why in (one.error or "")
    assert one.new == 0


def test_without_the_extra_it_is_named(one_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.archive.find_spec", lambda _: None)
    assert "pip install 'paperlark[archive]'" in (import_(one_desk, as_parquet([paper()])).error or "")
    assert import_(one_desk, json.dumps([paper()]).encode()).error is None


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ('{"x": ' + "[" * 100_000, "it is nested too deep"),
        ('{"x": "' + "a" * (33 * 2**20), "an entry is longer than 32 MB"),
        ('{"x": NaN}', "this is no JSON"),
    ],
)
def test_what_no_true_entry_holds_ends_a_dump(one_desk: Desk, entry: str, why: str) -> None:
    one = import_(one_desk, f"[{json.dumps(paper())}, {entry}".encode())
    assert why in (one.error or "")
    assert one.new == 1


@pytest.mark.parametrize("number", ["1" * 40, "1e999", "-1e-999"])
def test_an_odd_number_ends_nothing(one_desk: Desk, number: str) -> None:
    odd = json.dumps(paper(2))[:-1] + f', "citation_count": {number}}}'
    one = import_(one_desk, f"[{json.dumps(paper())}, {odd}, {json.dumps(paper(3))}]".encode())
    assert (one.new, one.error) == (3, None)


def test_a_date_that_no_calendar_has_ends_nothing(one_desk: Desk) -> None:
    rows = pa.Table.from_pylist([paper(1, date=None), paper(2, date=None)])
    dates = pa.array([9 * 10**17, 0], type=pa.timestamp("us"))
    whole = io.BytesIO()
    parquet.write_table(rows.set_column(rows.schema.get_field_index("date"), "date", dates), whole)
    one = import_(one_desk, whole.getvalue())
    assert (one.new, one.error) == (2, None)


@given(
    st.lists(st.recursive(st.none() | st.integers() | st.text(), lambda one: st.lists(one) | st.dictionaries(st.text(), one)))
)
def test_entries_are_put_together_as_json_has_them(entries: list[Any]) -> None:
    assert list(_entries(ijson.basic_parse(io.BytesIO(json.dumps(entries).encode())))) == entries


def test_a_byte_order_mark_is_no_matter(one_desk: Desk) -> None:
    assert import_(one_desk, BOM_UTF8 + json.dumps([paper()]).encode()).new == 1


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(content=st.binary(max_size=60))
def test_whatever_is_in_a_file_it_is_read_or_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "any"
    for head in (b"[", b"PAR1", b"[{"):
        path.write_bytes(head + content)
        file = ArchiveFile.of(path)
        assert list(file.entries()) or file.error


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "task", "papers"), [("squad", "Question Answering", 34), ("record", "Common Sense Reasoning", 1)]
)
def test_the_real_tables(name: str, task: str, papers: int) -> None:
    if not SAMPLES.is_dir():
        pytest.skip("the real samples are not here")
    entries = list(ArchiveFile.of(SAMPLES / f"evaluation-tables_{name}.json").entries())
    found = [one for place, entry in entries for one in read_archive_entry(entry, NOW, place)]
    assert all(isinstance(one, Mention) for one in found)  # their titles are addresses, or nothing
    known = gathered(titled(one, one.arxiv, NOW) for one in found if isinstance(one, Mention))
    assert len(known) == papers
    assert {one.tags for one in known if isinstance(one, Sighting)} == {(Tag("task", task),)}
