"""Files of ranks as people keep them: a table with a heading, as CSV or with tabs or semicolons. Pure.

Chinese Excel writes GB18030, other ones UTF-8 with a mark at its beginning, or UTF-16 as "Unicode text".
"""

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Final, NamedTuple

from crawler.errors import ReadError
from crawler.text import TITLE_LIMIT, clean
from crawler.venues import plain

_RANK_LIMIT: Final = 40
_DELIMITERS: Final = ("\t", ";", ",")
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")
_ISSN: Final = re.compile(r"([0-9]{4})-?([0-9]{3}[0-9Xx])")
_ISSNS: Final = frozenset(("issn", "eissn", "issne", "issnl", "printissn", "onlineissn", "issnprint", "issnonline"))
_JOURNALS: Final = frozenset(
    ("journal", "journalname", "journaltitle", "期刊", "期刊名", "期刊名称", "期刊全称", "期刊简称", "刊名", "英文刊名", "杂志")
)
_NAMES: Final = _JOURNALS | frozenset(
    (
        *("venue", "acronym", "abbreviation", "abbr", "name", "fullname", "title", "sourcetitle", "conference"),
        *(
            "conferencename",
            "会议",
            "会议名",
            "会议名称",
            "会议全称",
            "会议简称",
            "名称",
            "全称",
            "简称",
            "缩写",
            "刊物",
            "刊物名称",
        ),
    )
)
_NO_RANKS: Final = frozenset(("", "no", "id", "index", "number", "year", "序号", "编号", "年份", "年"))
_NONE: Final = frozenset(("", "-", "--", "—", "/", "n/a", "na", "none", "无"))


class RankRow(NamedTuple):
    """One row: the number of its line, what it calls the venue, and the ranks it gives by their lists."""

    line: int
    names: tuple[str, ...]
    issn: tuple[str, ...]
    ranks: Mapping[str, str]


class BadRow(NamedTuple):
    """A row that could not be understood."""

    line: int
    why: str


@dataclass(frozen=True, slots=True)
class RankFile:
    """The lists that a file gives ranks of, its rows, and the bad ones; `journals`: by its heading it is of journals."""

    schemes: tuple[str, ...]
    rows: tuple[RankRow, ...]
    bad: tuple[BadRow, ...] = ()
    journals: bool = False


def read_ranks(body: bytes) -> RankFile:
    """Read a file of ranks. Raises ReadError for what is no table, names no venues or gives no ranks."""
    text = _text(body)
    try:
        lines = list(_lines(text))
    except csv.Error as error:
        raise ReadError(f"it is no table: {error}") from None
    if not lines:
        raise ReadError("it is empty")
    heading = _Heading.of(lines[0][1])
    if not heading.ranks:
        raise ReadError("it gives no ranks: each is a column of its own, with the name of the list above it")
    read = [heading.read(number, cells) for number, cells in lines[1:]]
    return RankFile(
        schemes=tuple(dict.fromkeys(heading.ranks.values())),
        rows=tuple(one for one in read if isinstance(one, RankRow)),
        bad=tuple(one for one in read if isinstance(one, BadRow)),
        journals=heading.journals,
    )


def _text(body: bytes) -> str:
    for encoding in ("utf-16",) if body.startswith(_UTF16) else ("utf-8-sig", "gb18030"):
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ReadError("it is neither UTF-8 nor GB18030; save it as one of these")


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows in which anything stands, with the number of the line where each ends."""
    head = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(_DELIMITERS, key=head.count)
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter)
    for cells in reader:
        said = [clean(unicodedata.normalize("NFKC", cell), TITLE_LIMIT) for cell in cells]
        if any(said):
            yield reader.line_num, said


@dataclass(frozen=True, slots=True)
class _Heading:
    """What stands in which of how many columns: names, ISSNs, and the ranks of which list."""

    width: int
    names: tuple[int, ...]
    issn: tuple[int, ...]
    ranks: Mapping[int, str]
    journals: bool

    @classmethod
    def of(cls, cells: Sequence[str]) -> "_Heading":
        """Read the heading; where no column is known to name the venue, the first one does."""
        keys = [plain(cell) for cell in cells]
        issn = tuple(place for place, key in enumerate(keys) if key in _ISSNS)
        names = tuple(place for place, key in enumerate(keys) if key in _NAMES) or (() if issn else (0,))
        rest = (place for place, key in enumerate(keys) if place not in (*names, *issn) and key not in _NO_RANKS)
        ranks = {place: clean(cells[place], _RANK_LIMIT).casefold() for place in rest}
        return cls(len(cells), names, issn, ranks, bool(issn) or any(keys[place] in _JOURNALS for place in names))

    def read(self, number: int, cells: Sequence[str]) -> RankRow | BadRow:
        """Read a row."""
        if any(cells[self.width :]):
            return BadRow(number, "more cells than the heading has")
        names = tuple(dict.fromkeys(name for name in _at(cells, self.names) if plain(name)))
        issn = tuple(dict.fromkeys(issn for cell in _at(cells, self.issn) for issn in _issns(cell)))
        if not names and not issn:
            return BadRow(number, "no venue is named")
        told = ((scheme, "".join(_at(cells, (place,)))) for place, scheme in self.ranks.items())
        ranks = {scheme: clean(rank, _RANK_LIMIT) for scheme, rank in told if rank.casefold() not in _NONE}
        return RankRow(number, names, issn, ranks)


def _at(cells: Sequence[str], places: Iterable[int]) -> Iterator[str]:
    return (cells[place] for place in places if place < len(cells))


def _issns(text: str) -> Iterator[str]:
    return (f"{match[1]}-{match[2].upper()}" for match in _ISSN.finditer(text))
