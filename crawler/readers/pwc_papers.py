"""Papers with Code's lists and pages of single papers: https://paperswithcode.co/api/v1/, by its command line's contract.

A list is asked for by the days on which its papers came out, of everything, of one edition of a conference, of a task or of a
method. The server repeats the filters that it has applied: one it does not know it would leave out, and show everything.
"""

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from crawler.errors import ReadError
from crawler.readers.json_api import count_of, open_json, table_of
from crawler.readers.pwc_entry import published, read_entry
from crawler.sighting import Claim, Reject, Sighting
from crawler.source import Fetched, Page, Wanted

YOUNG: Final = timedelta(days=30)
"""Papers that are older when they are first listed are not announced."""

PAGES: Final = 100
"""How many pages of a list its server has at most."""

_API: Final = "https://paperswithcode.co/api/v1/papers"
_FULL: Final = 100  # papers, the most a page has
_FILTERS: Final = ("start_date", "end_date", "conference", "task", "method")
_EDITION: Final = re.compile(r"(?<=[^\W\d])((?:19|20)\d\d)\Z")


def day_address(wanted: Wanted) -> str:
    """Return the address of the list of the papers of one day."""
    day = wanted.day or date.min
    return _list(wanted.scope, "desc", start_date=day.isoformat(), end_date=day.isoformat())


def span_address(wanted: Wanted) -> str:
    """Return the address of the list of the papers of several days, the oldest first."""
    asked = {"start_date": wanted.since, "end_date": wanted.until}
    return _list(wanted.scope, "asc", **{name: day.isoformat() for name, day in asked.items() if day})


def paper_address(wanted: Wanted) -> str:
    """Return the address of one paper."""
    return f"{_API}/{quote(''.join(wanted.keys), safe='/.')}?include_resources=true"


def trending_address(_wanted: Wanted) -> str:
    """Return the address of the list of what is talked about."""
    return f"{_API}/trending?{urlencode({'limit': _FULL, 'max_age_days': 90})}"


def _list(scope: str, order: str, **days: str) -> str:
    asked = {"include_resources": "true", "latest_only": "true", "order_by": "date_published", "order_dir": order}
    return f"{_API}/?{urlencode({**_of(scope), **days, **asked, 'page_size': _FULL, 'page': 1})}"


def _of(scope: str) -> dict[str, str]:
    """Return the filter of a scope: an edition, `task:` or `method:` with a name, or nothing.

    >>> _of("CVPR2026"), _of("task:Object Detection"), _of("")
    ({'conference': 'CVPR 2026'}, {'task': 'Object Detection'}, {})
    """
    kind, colon, name = scope.partition(":")
    if colon and kind in ("task", "method"):
        return {kind: name}
    return {"conference": _EDITION.sub(r" \1", scope)} if scope else {}


def read_day(fetched: Fetched) -> Page:
    """Read a page of the list of one day, whose papers are announced.

    Raises ReadError for what is no list, and for one of other days or other papers than were asked for.
    """
    return _read(fetched, _day(dict(parse_qsl(urlsplit(fetched.url).query)).get("start_date")))


def read_span(fetched: Fetched) -> Page:
    """Read a page of the list of several days, a catalogue. Raises what `read_day` does.

    After the last page that the server has of a list, a list is asked for that begins where this one has come to.
    """
    return replace(_read(fetched, None), as_of=fetched.at.date())


def _read(fetched: Fetched, day: date | None) -> Page:
    answer, asked = open_json(fetched), dict(parse_qsl(urlsplit(fetched.url).query))
    entries = answer if isinstance(answer, list) else table_of(answer).get("results", table_of(answer).get("items"))
    if not isinstance(entries, list):
        raise ReadError(fetched.source, fetched.url, "no list of papers")
    _confirm(table_of(answer), asked, fetched)
    found = [_listed(entry, place, day, fetched) for place, entry in enumerate(entries, 1)]
    total = next((total for name in ("count", "total") if (total := count_of(table_of(answer).get(name))) is not None), None)
    page, size = _number(asked, "page", 1), _size(asked, table_of(answer), len(entries), total)
    goes_on = bool(table_of(answer).get("next")) or len(entries) >= size
    more = bool(entries) and (page * size < total if total is not None else goes_on)
    days = [on for entry in entries if (on := published(table_of(entry)))]
    follow = _next(fetched.url, page, size, max(days, default=None))
    return Page(
        kind="announcement" if day else "catalogue",
        sightings=tuple(one for one in found if isinstance(one, Sighting)),
        rejects=tuple(one for one in found if isinstance(one, Reject)),
        claims=(Claim(scope=fetched.scope, section="", announced_on=day, expected=total, seen=len(entries)),) if day else (),
        follow=follow if more else (),
        whole=not more or bool(follow),
        dated=day is not None,
        total=None if day else total,
        reached=None if day else max(days, default=None),
    )


def read_trending(fetched: Fetched) -> Page:
    """Read what is talked about, of which nothing is announced. Raises ReadError for what is no list."""
    return replace(_read(fetched, None), follow=(), whole=True)


def read_paper(fetched: Fetched) -> Page:
    """Read the page of one paper. Raises ReadError for what is none."""
    paper = open_json(fetched)
    if not isinstance(paper, dict):
        raise ReadError(fetched.source, fetched.url, "no paper")
    one = read_entry(paper, fetched)
    return Page(kind="catalogue", sightings=(one,)) if isinstance(one, Sighting) else Page(kind="catalogue", rejects=(one,))


def _confirm(answer: dict[str, Any], asked: dict[str, str], fetched: Fetched) -> None:
    applied = table_of(answer.get("applied_filters"))
    for name in _FILTERS:
        said = applied.get(name)
        if name in asked and str(said).casefold() != asked[name].casefold():
            raise ReadError(fetched.source, fetched.url, f"the server has not applied {name}={asked[name]}")


def _listed(entry: object, place: int, day: date | None, fetched: Fetched) -> Sighting | Reject:
    told = table_of(entry)
    one = read_entry(told, fetched)
    if isinstance(one, Reject):
        return one if one.key else replace(one, key=f"entry {place}")
    if day is None:
        return one
    young = fetched.at.date() - (published(told) or day) < YOUNG
    return replace(one, action="new" if young else None, announced_on=day)


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def _number(asked: dict[str, str], name: str, otherwise: int) -> int:
    text = asked.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else otherwise


def _size(asked: dict[str, str], answer: dict[str, Any], had: int, total: int | None) -> int:
    """Return how many papers a full page has: as many as were asked for, or fewer where the first page shows that."""
    size = _number(asked, "page_size", _FULL)
    if stated := count_of(answer.get("page_size")):
        return min(size, stated)
    goes_on = had < total if total is not None else bool(answer.get("next"))
    return had if 0 < had < size and goes_on and _number(asked, "page", 1) == 1 else size


def _next(url: str, page: int, size: int, newest: date | None) -> tuple[str, ...]:
    """Return where a list goes on: on its next page, after the last the server has at the day reached, or nowhere."""
    parts = urlsplit(url)
    asked = {**dict(parse_qsl(parts.query)), "page_size": str(size)}
    if page < PAGES:
        return (parts._replace(query=urlencode({**asked, "page": page + 1})).geturl(),)
    if newest is None or newest.isoformat() <= asked.get("start_date", ""):
        return ()
    return (parts._replace(query=urlencode({**asked, "start_date": newest.isoformat(), "page": 1})).geturl(),)
