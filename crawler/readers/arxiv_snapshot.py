"""One line of arXiv's snapshot, `arxiv-metadata-oai-snapshot.json`: a JSON object for each paper, with all its versions.

The data set and its fields: https://www.kaggle.com/datasets/Cornell-University/arxiv. Everything is a text or null but
`versions` and `authors_parsed`; texts are hard-wrapped. It is UTF-8.
"""

import json
import re
from codecs import BOM_UTF8
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from crawler.author_list import names
from crawler.identifiers import Identifier, arxiv_categories, arxiv_id, doi
from crawler.readers.rfc822 import moment
from crawler.sighting import KEY_LIMIT, Author, Reject, Sighting, Submission
from crawler.text import NAME_LIMIT, TITLE_LIMIT, clean, readable
from crawler.withdrawal import says_withdrawn

LONGEST: Final = 1024 * 1024
"""How many bytes a line may have; the longest real ones, papers of three thousand authors, have a tenth of it."""

_MARKS: Final = frozenset({"title", "abstract", "categories", "versions", "authors_parsed", "update_date"})
_ENOUGH: Final = 3  # of these marks, for a file to be the snapshot: others have an id and a title too
_VERSION: Final = re.compile(r"v?([1-9][0-9]{0,3})")
_LONGEST_LICENCE: Final = 250


def is_snapshot(line: bytes) -> bool:
    """Tell whether a line looks like one of the snapshot, be it a paper that can be read or not."""
    record = _record(line)
    return isinstance(record, dict) and "id" in record and len(_MARKS & record.keys()) >= _ENOUGH


def read_snapshot_line(line: bytes, at: datetime, place: int) -> Sighting | Reject:
    """Read the line of that number, counted from 1, as seen `at`, which is aware; a Reject names the line."""
    record = _record(line)
    if not isinstance(record, dict):
        return Reject(key=f"line {place}", why=record)
    if not isinstance(record.get("id"), str):
        # As a number, 0704.0100 would be another paper.
        return Reject(key=f"line {place}", why="its id is no text" if "id" in record else "no arXiv id")
    found = arxiv_id(record["id"])
    title = clean(_text(record, "title"), TITLE_LIMIT)
    if found is None:
        return Reject(key=f"line {place}", why=f'"{clean(record["id"], KEY_LIMIT)}" is no arXiv id')
    if not title:
        return Reject(key=f"line {place}", why=f"{found[0]} has no title")
    return _sighting(record, found, title, at)


def _record(line: bytes) -> dict[str, Any] | str:
    """Return the object of a line, or why there is none."""
    if len(line) > LONGEST:
        return f"longer than {LONGEST:,} bytes"
    try:
        record = json.loads(line.removeprefix(BOM_UTF8).decode())
    except UnicodeDecodeError:
        return "not UTF-8"
    except (ValueError, RecursionError):  # a number of thousands of digits is a ValueError as well
        return "no JSON"
    return record if isinstance(record, dict) else "no JSON object"


def _sighting(record: Mapping[str, Any], name: tuple[str, int | None], title: str, at: datetime) -> Sighting:
    key, version = name
    abstract, comment = clean(_text(record, "abstract")), clean(_text(record, "comments"))
    versions = _versions(record)
    dois = dict.fromkeys(doi(text) for text in _text(record, "doi").split())
    return Sighting(
        source="arxiv",
        key=key,
        seen_at=at,
        title=title,
        url=f"https://arxiv.org/abs/{key}",
        authors=_authors(record),
        identifiers=(Identifier("arxiv", key), *(Identifier("doi", value) for value in dois if value)),
        abstract=abstract,
        comment=comment or None,
        journal_ref=clean(_text(record, "journal-ref")) or None,
        report_number=clean(_text(record, "report-no")) or None,
        licence=_licence(record),
        categories=arxiv_categories(_text(record, "categories").split()),
        version=max(versions, default=version),
        submissions=tuple(Submission(number, on) for number, on in sorted(versions.items()) if on is not None),
        withdrawn=says_withdrawn(comment) or says_withdrawn(abstract),
    )


def _text(record: Mapping[str, Any], name: str) -> str:
    """Return a field, empty where it is null, missing or no text."""
    value = record.get(name)
    return value if isinstance(value, str) else ""


def _items(record: Mapping[str, Any], name: str) -> list[Any]:
    """Return a field that is a list, empty where it is none."""
    value = record.get(name)
    return value if isinstance(value, list) else []


def _versions(record: Mapping[str, Any]) -> dict[int, datetime | None]:
    """Return the versions by number, each with its moment, None where that cannot be read."""
    versions: dict[int, datetime | None] = {}
    for item in _items(record, "versions"):
        match = _VERSION.fullmatch(_text(item, "version")) if isinstance(item, dict) else None
        if match is not None:
            versions[int(match[1])] = moment(_text(item, "created"))
    return versions


def _licence(record: Mapping[str, Any]) -> str | None:
    address = _text(record, "license").strip()
    is_one = address.startswith(("http://", "https://")) and address.isprintable() and " " not in address
    return address if is_one and len(address) <= _LONGEST_LICENCE else None


def _authors(record: Mapping[str, Any]) -> tuple[Author, ...]:
    """Return the authors as arXiv has taken them apart, or where that is missing, as they are printed."""
    found = tuple(author for item in _items(record, "authors_parsed") if (author := _author(item)))
    return found or tuple(
        Author(_name(author.name), author.affiliation and _name(author.affiliation))
        for author in names(_text(record, "authors"))
    )


def _author(item: object) -> Author | None:
    """Read last name, first name, suffix, and after these any number of affiliations."""
    parts = [part if isinstance(part, str) else "" for part in item] if isinstance(item, list) else []
    last, first, suffix, *places = [*parts, "", "", ""] if len(parts) < 3 else parts
    # arXiv sets a blank after every full stop: "C.-P." has become "C. -P.".
    name = _name(f"{first.replace('. -', '.-')} {last} {suffix}")
    place = _name("; ".join(filter(str.strip, places))) if places else ""
    return Author(name, place or None) if name else None


def _name(text: str) -> str:
    r"""Return a name or a place with its TeX accents as letters (`Bal\'azs`), as it was where nothing would be left."""
    text = clean(text, NAME_LIMIT)
    plain = readable(text)
    return text if plain == text else clean(plain, NAME_LIMIT) or text
