"""Sources on a terminal and as JSON."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final

from crawler.feed_health import FEEDS
from crawler.report import Look
from crawler.text import clean
from digests.escape import wrap
from jobs.beside_words import head, without
from jobs.moments import counted, said_day, said_moment
from jobs.shapes import crawl_shape
from jobs.source_list import FEED, PROGRAMMES, SourceState
from storage.ledger import LedgerLine

_SCOPES: Final = 8
_TOLD: Final = 3
_INDENT: Final = "    "


def say_sources(states: Iterable[SourceState], timezone: str, now: datetime) -> str:
    """List the sources, each with what it can do and how it does."""
    return "\n\n".join("\n".join(_source(state, timezone, now)) for state in states)


def _source(state: SourceState, timezone: str, now: datetime) -> Iterator[str]:
    source = state.source
    yield clean(f"{source.name}, {source.title}: {_on(state)}")
    can = [f"{PROGRAMMES} of {', '.join(source.venues)}" if one == PROGRAMMES else one for one in state.abilities]
    if _is_long(state):
        yield from wrap(f"asked for now: {', '.join(state.scopes or ())}", _INDENT).splitlines()
    yield from wrap("; ".join(can), _INDENT).splitlines()
    once = "each once an hour" if FEED in state.abilities else "each list once a day"
    most = once if state.requests is None else f"{counted(state.requests, 'request')} a day"
    yield f"{_INDENT}asked: {most} at most" + ("; wants a token of yours" if source.token else "")
    yield f"{_INDENT}last worked: {_worked(state.worked, timezone, now)}" if state.worked else f"{_INDENT}never asked yet"
    for line in state.wrong[:_TOLD]:
        why = without(line.source, line.scope, line.verdict.why)
        yield f"{_INDENT}{head(line.source, line.scope, line.verdict.kind)}: {why or line.verdict.kind}"
    if len(state.wrong) > _TOLD:
        yield f"{_INDENT}and {len(state.wrong) - _TOLD} more that did not give all they should"


def _on(state: SourceState) -> str:
    if state.scopes is None:
        table = "[[feeds]]" if FEED in state.abilities else f"[sources.{state.source.name}]"
        return f"off; to turn it on, add {table} to the settings"
    named = [scope for scope in state.scopes if scope]
    if not state.scopes:
        return "on, with nothing due today"
    if _is_long(state):
        return f"on for {len(state.scopes)} lists"
    return "on" + (f" for {', '.join(named[:_SCOPES])}" if named else "") + _more(len(named) - _SCOPES)


def _is_long(state: SourceState) -> bool:
    """Tell whether the editions that are asked for are too many for the first line; of feeds and categories some are enough."""
    return bool(state.source.venues) and len(state.scopes or ()) > _SCOPES


def _more(count: int) -> str:
    return f" and {count} more" if count > 0 else ""


def _worked(line: LedgerLine, timezone: str, now: datetime) -> str:
    verdict = line.verdict
    what = (
        f"{counted(verdict.seen, 'entry', 'entries')} of {said_day(verdict.announced_on, now)}"
        if verdict.announced_on
        else "nothing due"
    )
    if line.source == FEEDS:
        what = without(line.source, line.scope, verdict.why)  # papers, posts, or neither
    scope = f"{clean(line.scope)}, " if line.scope else ""
    return f"{said_moment(line.at, timezone, now)}, {scope}{what}"


def say_live(look: Look) -> str:
    """Say how a source answered."""
    why = without(look.source, look.scope, look.error or look.verdict.why) or look.verdict.kind
    cost = f" ({counted(look.requests, 'request')}, {look.seconds:.1f} s)" if look.requests else ""
    return f"{head(look.source, look.scope, look.verdict.kind)}: {why}{cost}"


def sources_shape(states: Iterable[SourceState], looks: Iterable[Look] | None = None) -> dict[str, Any]:
    """Shape the sources, and how they answered where they were asked."""
    live = {} if looks is None else {"live": crawl_shape(looks)["runs"]}
    return {"sources": [_shape(state) for state in states], **live}


def _shape(state: SourceState) -> dict[str, Any]:
    source = state.source
    return {
        "source": source.name,
        "title": source.title,
        "on": state.scopes is not None,
        "scopes": list(state.scopes or ()),
        "can": list(state.abilities),
        "venues": list(source.venues),
        "token": source.token,
        "requests_a_day": state.requests,
        "last_worked": _line(state.worked) if state.worked else None,
        "wrong": [_line(line) for line in state.wrong],
    }


def _line(line: LedgerLine) -> dict[str, Any]:
    verdict = line.verdict
    return {
        "scope": line.scope,
        "verdict": verdict.kind,
        "announced_on": verdict.announced_on.isoformat() if verdict.announced_on else None,
        "seen": verdict.seen,
        "expected": verdict.expected,
        "at": line.at.isoformat(),
        "why": verdict.why,
    }
