"""What may stand in a setting: each function reads one kind of text, or raises ValueError with words for the reader. Pure.

The words never repeat what may be a secret. See `jobs.addresses` for the rest.
"""

import os
import re
import shlex
import unicodedata
from datetime import time, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from crawler.errors import QueryError
from crawler.text import clean
from digests.query import parse

_TIME: Final = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
_DELAY: Final = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?) ?([a-z]+)")
_UNITS: Final = {
    **dict.fromkeys(("ms",), 0.001),
    **dict.fromkeys(("s", "sec", "second", "seconds"), 1.0),
    **dict.fromkeys(("m", "min", "minute", "minutes"), 60.0),
    **dict.fromkeys(("h", "hour", "hours"), 3600.0),
}
_LONGEST_DELAY: Final = timedelta(hours=1)
# https://arxiv.org/category_taxonomy: hep-th, cs.CV, cond-mat.mtrl-sci.
_CATEGORY: Final = re.compile(r"([A-Za-z][A-Za-z-]{0,20}[A-Za-z])(?:\.([A-Za-z][A-Za-z-]{0,20}[A-Za-z]))?")
# Those that stand alone, or may. Whoever writes only "CV" means a subject class, and its archive is missing.
_ARCHIVES: Final = frozenset(
    (
        *("astro-ph", "cond-mat", "cs", "econ", "eess", "gr-qc", "hep-ex", "hep-lat", "hep-ph", "hep-th", "math", "math-ph"),
        *("nlin", "nucl-ex", "nucl-th", "physics", "q-bio", "q-fin", "quant-ph", "stat"),
    )
)
_EDITION: Final = re.compile(r"(?=[0-9-]*[A-Za-z])[A-Za-z0-9-]{1,30}?(?:19|20)[0-9]{2}(?:_[A-Za-z]{1,20})?")
# What people in China write, and no list of near spellings would lead to Shanghai.
_CHINA: Final = re.compile(
    r"cst|(?:utc|gmt)?\+0?8(?::?00)?|prc|cn|china(?:standardtime)?|东八区"
    r"|(?:asia/|china/|亚洲/|中国)?(?:beijing|peking|shanghai|shenzhen|guangzhou|hangzhou|北京|上海|深圳|广州|杭州|中国)(?:time|标准时间|时间)?"
    r"|中国标准时间"
)
_OFFSET: Final = re.compile(r"(?:utc|gmt)?[+-][0-9:]+")
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

LABEL_LIMIT: Final = 100
_FILE_NAME_BYTES: Final = 200
# https://learn.microsoft.com/windows/win32/fileio/naming-a-file: a folder that is synchronised may end up there.
_NOT_IN_FILE_NAMES: Final = frozenset('<>:"/\\|?*')
_DEVICES: Final = re.compile(r"(?:con|prn|aux|nul|(?:com|lpt)[0-9¹²³])(?:\..*)?", re.IGNORECASE)


def zone(text: str) -> str:
    """Read the name of a time zone of the IANA."""
    try:
        ZoneInfo(text)
    except (ValueError, OSError, KeyError):
        raise ValueError(f"must be the name of an IANA time zone{_near_zone(text)}") from None
    return text


def _near_zone(text: str) -> str:
    """Say what to write in place of a name that is none."""
    plain = re.sub(r"[\s_]+", "", unicodedata.normalize("NFKC", text)).casefold()
    if _CHINA.fullmatch(plain):
        return '; write "Asia/Shanghai"'
    near = [] if _OFFSET.fullmatch(plain) else get_close_matches(text, available_timezones(), 1)
    return f'; did you mean "{near[0]}"?' if near else ", as in Asia/Shanghai, Europe/Berlin or UTC"


def clock_time(text: str) -> time:
    """Read an hour of the day, `HH:MM`."""
    match = _TIME.fullmatch(text)
    if match is None:
        raise ValueError('must be an hour from 00:00 to 23:59, as in "10:30"')
    return time(int(match[1]), int(match[2]))


def delay(text: str) -> timedelta:
    """Read a pause: a number and its unit."""
    match = _DELAY.fullmatch(text)
    if match is None or match[2] not in _UNITS:
        raise ValueError('must be a number and a unit, as in "15s" or "2 min"')
    pause = timedelta(seconds=float(match[1]) * _UNITS[match[2]])
    if pause > _LONGEST_DELAY:
        raise ValueError("must be an hour at most")
    return pause


def category(text: str) -> str:
    """Read an arXiv category, an archive or an archive and a subject class, in any case; return it as arXiv writes it."""
    match = _CATEGORY.fullmatch(text)
    archive, subject = (match[1].lower(), match[2] or "") if match else ("", "")
    if not subject and archive not in _ARCHIVES:
        raise ValueError('must be an arXiv category, as in "cs.CV" (https://arxiv.org/category_taxonomy)')
    # Every subject class of two letters is upper case, and every longer one lower: cs.CV, physics.optics.
    return f"{archive}.{subject.upper() if len(subject) == 2 else subject.lower()}" if subject else archive


def edition(text: str) -> str:
    """Read an edition of a conference: acronym and year, in any case."""
    if _EDITION.fullmatch(text) is None:
        raise ValueError('must be an acronym and a year without a blank, as in "CVPR2026"')
    return text


def query(text: str) -> str:
    """Read a query: the text, once `digests.query` understands it."""
    try:
        parse(text)
    except QueryError as error:
        raise ValueError(f"{error.why} (column {error.column})") from None
    return text


def label(text: str) -> str:
    """Read a name: one line, blanks single, composed as Unicode wants it (NFC)."""
    name = clean(text)
    if not name:
        raise ValueError("must not be empty")
    if len(name) > LABEL_LIMIT:
        raise ValueError(f"must be {LABEL_LIMIT} characters long at most")
    return name


def file_label(text: str) -> str:
    """Read a name that files are called by."""
    name = label(text)
    if wrong := sorted(_NOT_IN_FILE_NAMES & set(name)):
        raise ValueError(f"files are called by it, so it may not hold {' '.join(wrong)}")
    if name.startswith((".", "-")) or name.endswith(".") or _DEVICES.fullmatch(name):
        raise ValueError("files are called by it, and this is no name for a file")
    if len(name.encode()) > _FILE_NAME_BYTES:
        raise ValueError("files are called by it, so it must be shorter")
    return name


def one_line(text: str) -> str:
    """Read text without control characters."""
    if not text.isprintable():
        raise ValueError("must hold no control characters")
    return text


def command(text: str) -> str:
    """Read a command with its arguments."""
    arguments(text)
    return text


def arguments(text: str) -> list[str]:
    """Split a command into its words, as a POSIX shell does; on Windows a backslash is a letter like any other."""
    try:
        words = shlex.split(text, posix=os.name == "posix")
    except ValueError:
        raise ValueError("holds a quotation mark or a backslash without its partner") from None
    if not words or not words[0] or "\0" in text:
        raise ValueError("must be a command and its arguments")
    return words


def location(text: str) -> Path:
    """Read the path of a file or folder; `~` is the reader's own folder."""
    if not text or not text.isprintable():
        raise ValueError("must be the path of a file or folder, without control characters")
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise ValueError("must begin with a folder that exists, and nobody here has that home folder") from None


def variable(text: str) -> str:
    """Read the name of an environment variable."""
    if _VARIABLE.fullmatch(text) is None:
        raise ValueError("must be the name of an environment variable, not the password itself")
    return text
