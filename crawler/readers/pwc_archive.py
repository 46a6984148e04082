"""The dumps of the Papers with Code that closed in July 2025, an entry at a time (CC BY-SA 4.0).

Papers, links between papers and code, methods, data sets, and tables of results, as JSON once at its own site and as Parquet at
https://huggingface.co/pwc-archive. An entry may tell of several papers, or of none.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, NamedTuple

from crawler.identifiers import Identifier, arxiv_id
from crawler.links import Link, page_link
from crawler.readers.json_api import list_of, table_of, text_of
from crawler.readers.pwc_entry import read_entry, repository, tags
from crawler.sighting import Reject, Sighting, Tag
from crawler.source import Fetched
from crawler.text import clean


class Mention(NamedTuple):
    """What an entry tells of a paper that it names by nothing but its arXiv id."""

    arxiv: str
    links: tuple[Link, ...] = ()
    tags: tuple[Tag, ...] = ()


Entry = Mapping[str, Any]
Found = Iterator[Sighting | Mention | Reject]

_SOURCE: Final = "paperswithcode"
_DEPTH: Final = 8  # tables stand in tables


def read_archive_entry(entry: object, at: datetime, place: int) -> Found:
    """Yield what the entry of that place, counted from 1, tells of papers, as seen `at`, which is aware."""
    fields = table_of(entry)
    if not fields:
        yield Reject(key=f"entry {place}", why="no JSON object")
        return
    reader = _reader(fields)
    if reader is None:
        yield Reject(key=f"entry {place}", why="of no kind of dump")
        return
    for one in reader(fields, at):
        yield replace(one, key=one.key or f"entry {place}") if isinstance(one, Reject) else one


def titled(mention: Mention, title: str, at: datetime) -> Sighting:
    """Return a mention as a sighting of the paper, whose title somebody else has told."""
    return Sighting(
        source=_SOURCE,
        key=mention.arxiv,
        seen_at=at,
        title=title,
        url=f"https://arxiv.org/abs/{mention.arxiv}",
        identifiers=(Identifier("arxiv", mention.arxiv),),
        links=mention.links,
        tags=mention.tags,
        second_hand=True,
    )


def gathered(found: Iterable[Sighting | Reject]) -> list[Sighting | Reject]:
    """Return what was found with one sighting of each paper, with the links and headings of all: a link is an entry there."""
    first: dict[str, Sighting | Reject] = {}
    for place, one in enumerate(found):
        name = f"{place}" if isinstance(one, Reject) else f"paper {one.key}"
        known = first.get(name)
        if isinstance(known, Sighting) and isinstance(one, Sighting):
            links, headings = dict.fromkeys((*known.links, *one.links)), dict.fromkeys((*known.tags, *one.tags))
            first[name] = replace(known, links=tuple(links), tags=tuple(headings))
        else:
            first[name] = one
    return list(first.values())


def is_archive(entry: object) -> bool:
    """Tell whether an entry is of one of the dumps."""
    return _reader(table_of(entry)) is not None


def _reader(fields: Entry) -> Callable[[Entry, datetime], Found] | None:
    return next((read for marks, read in _KINDS if marks <= fields.keys()), None)


def _paper(fields: Entry, at: datetime, links: tuple[Link, ...] = (), headings: tuple[Tag, ...] = ()) -> Sighting | Reject:
    one = read_entry(dict(fields), Fetched(source=_SOURCE, scope="", url="", status=200, headers={}, body=b"", at=at))
    if isinstance(one, Reject):
        return one
    return replace(one, links=(*one.links, *links), tags=tuple(dict.fromkeys((*one.tags, *headings))))


def _of_papers(fields: Entry, at: datetime) -> Found:
    yield _paper(fields, at)


def _of_links(fields: Entry, at: datetime) -> Found:
    found = repository(fields)
    one = _paper(fields, at, (found,) if found else ())
    yield one if found or isinstance(one, Reject) else Reject(key=one.key, why="no address of a repository")


def _of_methods(fields: Entry, at: datetime) -> Found:
    source = table_of(fields.get("paper"))
    title = text_of(fields.get("source_title")) or text_of(source.get("title"))
    told = {"title": title, "url_abs": text_of(fields.get("source_url")), "paper_url": text_of(source.get("url"))}
    if not title or not (told["url_abs"] or told["paper_url"]):
        return  # of many methods nobody has noted where they come from
    # Its snippet is no code of the paper, but of some library that has the method, too.
    yield _paper(told, at, headings=tuple(tags("method", [fields.get("name")])))


def _of_datasets(fields: Entry, at: datetime) -> Found:
    paper = table_of(fields.get("paper"))
    told = {"title": text_of(paper.get("title")), "paper_url": text_of(paper.get("url"))}
    if not all(told.values()):
        return
    home = page_link(text_of(fields.get("homepage")))
    tasks = [table_of(task).get("task") for task in list_of(fields.get("tasks"))]
    if home and home.kind == "page":
        home = home._replace(kind="dataset")
    yield _paper(told, at, (home,) if home else (), tuple(tags("task", tasks)))


def _of_tables(fields: Entry, at: datetime, depth: int = 0) -> Found:
    task = [fields.get("task")]
    for dataset in _datasets(list_of(fields.get("datasets"))):
        for row in list_of(table_of(dataset.get("sota")).get("rows")):
            yield from _of_row(table_of(row), task, at)
    for inner in list_of(fields.get("subtasks")) if depth < _DEPTH else ():
        yield from _of_tables(table_of(inner), at, depth + 1)


def _datasets(found: list[Any], depth: int = 0) -> Iterator[Entry]:
    for one in found:
        yield table_of(one)
        if depth < _DEPTH:
            yield from _datasets(list_of(table_of(one).get("subdatasets")), depth + 1)


def _of_row(row: Entry, task: list[Any], at: datetime) -> Found:
    title, url = clean(text_of(row.get("paper_title"))), text_of(row.get("paper_url"))
    links = tuple(dict.fromkeys(link for one in list_of(row.get("code_links")) if (link := repository(one))))
    if title and url and "://" not in title:
        yield _paper({"title": title, "url_abs": url, "paper_url": url}, at, links, tuple(tags("task", task)))
    elif arxiv := arxiv_id(url):  # of most models no paper is named, and of many the address stands for the title, too
        yield Mention(arxiv[0], links, tuple(tags("task", task)))


_KINDS: Final[tuple[tuple[frozenset[str], Callable[[Entry, datetime], Found]], ...]] = (
    (frozenset({"repo_url", "paper_title"}), _of_links),
    (frozenset({"paper_url", "title", "abstract"}), _of_papers),
    (frozenset({"task", "datasets", "subtasks"}), _of_tables),
    (frozenset({"name", "full_name", "introduced_year"}), _of_methods),
    (frozenset({"name", "homepage", "paper"}), _of_datasets),
)
