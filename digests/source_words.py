"""What every source gave, in words a person understands: a few for each, and a sentence for what is missing. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal
from zoneinfo import ZoneInfo

from crawler.feed_health import FEEDS
from crawler.programmes import Edition
from crawler.verdict import Verdict
from digests.digest import Digest, SourceLine
from digests.escape import plain
from digests.feed_words import brought, dead_feeds
from digests.language import Language
from digests.venue_words import edition_words

_DAYS: Final = 5
"""More days than these are said as a span."""

Dot = Literal["green", "amber", "red", "grey"]


@dataclass(frozen=True, slots=True)
class SourceWords:
    """One line of the card: the name of the source or its scope, the colour of its dot, and what it gave."""

    name: str
    dot: Dot
    words: str


def source_words(digest: Digest, language: Language) -> tuple[SourceWords, ...]:
    """Return a line for each source, in order."""
    return tuple(SourceWords(_name(line, language), _dot(line), _words(line, digest, language)) for line in digest.sources)


def source_notes(digest: Digest, language: Language) -> tuple[str, ...]:
    """Return a sentence or two for each source that is not complete; sources with the same to say share them."""
    zone = ZoneInfo(digest.timezone)
    groups: dict[tuple[str, ...], list[SourceLine]] = {}
    for line in digest.sources:
        if line.source == FEEDS and is_idle(line):
            continue  # nothing is ever due in them
        key = _state(line), _moment(line.verdict.next_at, zone, digest.period, language)
        groups.setdefault(key, []).append(line)
    notes = [(_state(lines[0]), _note(lines, digest, language)) for lines in groups.values()]
    missing = [note for state, note in notes if note and state != "quiet"]
    if missing:
        missing.append(language.sentences(missing.pop(), language.gettext("What is missing comes with the next digest.")))
    dead = [note for line in digest.sources for note in dead_feeds(line, language)]
    return (*_gaps(digest, language), *missing, *dead, *(note for state, note in notes if note and state == "quiet"))


def _gaps(digest: Digest, language: Language) -> Iterator[str]:
    """Say which earlier lists came late, and which have not come yet; sources with the same gap share a sentence."""
    for days, names in _shared((line.caught_up, _name(line, language)) for line in digest.sources):
        yield language.ngettext(
            "%(names)s: the list of %(days)s came late; its papers are in this digest.",
            "%(names)s: the lists of %(days)s came late; their papers are in this digest.",
            len(days),
            names=language.listing(names),
            days=_said(days, language),
        )
    for days, names in _shared((line.owed, _name(line, language)) for line in digest.sources):
        yield language.ngettext(
            "%(names)s: the list of %(days)s has not come yet; its papers follow when it does.",
            "%(names)s: the lists of %(days)s have not come yet; their papers follow when they do.",
            len(days),
            names=language.listing(names),
            days=_said(days, language),
        )


def _shared(gaps: Iterable[tuple[tuple[date, ...], str]]) -> Iterable[tuple[tuple[date, ...], list[str]]]:
    names: dict[tuple[date, ...], list[str]] = {}
    for days, name in gaps:
        if days:
            names.setdefault(days, []).append(name)
    return names.items()


def _said(days: Sequence[date], language: Language) -> str:
    said = [language.day(day) for day in days]
    if len(said) > _DAYS:
        said = [language.gettext("%(first)s to %(last)s", first=said[0], last=said[-1])]
    return language.listing(said)


def is_idle(line: SourceLine) -> bool:
    """Tell whether the source has simply nothing that the reader has not had."""
    return not line.fresh and line.verdict.kind in {"complete", "quiet"}


def is_weekend(line: SourceLine, timezone: str) -> bool:
    """Tell whether the source was looked at on the reader's Saturday or Sunday."""
    return line.looked_at.astimezone(ZoneInfo(timezone)).weekday() >= 5


def _name(line: SourceLine, language: Language) -> str:
    title = plain(line.title) or plain(line.source)
    if Edition.parse(line.scope):
        return f"{edition_words(line.scope, language)} ({title})"
    return plain(line.scope) or title


def _state(line: SourceLine) -> str:
    """Return the kind of the verdict as the reader meets it: a batch that came is complete, though the last look is quiet."""
    if is_idle(line):
        return "quiet"
    return "complete" if line.verdict.kind == "quiet" else line.verdict.kind


def _dot(line: SourceLine) -> Dot:
    match _state(line):
        case "complete":
            return "amber" if line.owed else "green"
        case "partial" | "stale" | "throttled":
            return "amber"
        case "quiet":
            return "grey"
        case _:
            return "red"


def _words(line: SourceLine, digest: Digest, language: Language) -> str:
    verdict = line.verdict
    match _state(line):
        case "complete" if line.source == FEEDS:
            words = brought(verdict.seen, language)
        case "complete":
            words = _arrived(verdict, language)
        case "quiet" if verdict.announced_on:
            words = language.gettext("nothing new since %(date)s", date=language.day(verdict.announced_on))
        case "quiet":
            words = language.gettext("nothing due")
        case "partial":
            words = _partial(verdict, language)
        case "stale":
            words = _stale(line, digest, language)
        case "throttled":
            words = language.gettext("asked us to wait")
        case "blocked":
            words = language.gettext("refused us")
        case _:
            words = language.gettext("could not be read")
    return words


def _arrived(verdict: Verdict, language: Language) -> str:
    """Say that all came, and of which day; the source may state neither how many nor when."""
    day = language.day(verdict.announced_on) if verdict.announced_on else ""
    if verdict.expected is None:
        papers = language.ngettext("%(count)s paper", "%(count)s papers", verdict.seen)
        return language.gettext("%(papers)s announced on %(date)s", papers=papers, date=day) if day else papers
    if not day:
        return language.gettext("all %(count)s of %(count)s", count=verdict.expected)
    return language.gettext("all %(count)s of %(count)s announced on %(date)s", count=verdict.expected, date=day)


def _partial(verdict: Verdict, language: Language) -> str:
    if verdict.expected is None or verdict.expected <= verdict.seen:
        return language.gettext("%(seen)s, incomplete", seen=verdict.seen)
    return language.gettext("only %(seen)s of %(expected)s", seen=verdict.seen, expected=verdict.expected)


def _stale(line: SourceLine, digest: Digest, language: Language) -> str:
    shown_on = line.verdict.announced_on
    if shown_on is None:
        return language.gettext("nothing yet, will retry")
    looked_on = line.looked_at.astimezone(ZoneInfo(digest.timezone)).date()
    if (looked_on - shown_on).days == 1:
        return language.gettext("yesterday's list again, will retry")
    return language.gettext("the list of %(date)s again, will retry", date=language.day(shown_on))


def _note(lines: Sequence[SourceLine], digest: Digest, language: Language) -> str:
    """Say what is missing and when it comes, of sources in the same state."""
    zone, state = ZoneInfo(digest.timezone), _state(lines[0])
    names = language.listing([_name(line, language) for line in lines])
    at = _moment(max(line.looked_at for line in lines), zone, digest.period, language)
    due = _moment(lines[0].verdict.next_at, zone, digest.period, language)
    match state:
        case "complete":
            return ""
        case "quiet":
            return _quiet(names, due, language, weekend=is_weekend(lines[0], digest.timezone))
        case "partial":
            what = language.gettext("The list of %(names)s was not complete %(at)s.", names=names, at=at)
        case "stale" if lines[0].verdict.announced_on is None:
            what = language.gettext("The list of %(names)s was not out %(at)s, although it is time.", names=names, at=at)
        case "stale":
            what = language.gettext("%(names)s had not changed %(at)s.", names=names, at=at)
        case "throttled":
            what = language.gettext("%(names)s asked us to slow down %(at)s.", names=names, at=at)
        case "blocked":
            what = language.gettext("%(names)s refused our request %(at)s.", names=names, at=at)
        case _:
            what = language.gettext("%(names)s could not be read %(at)s.", names=names, at=at)
    return language.sentences(what, _retry(due, language))


def _quiet(names: str, due: str, language: Language, *, weekend: bool) -> str:
    if weekend and due:
        return language.gettext("Weekend: the next list of %(names)s is due %(due)s.", names=names, due=due)
    if weekend:
        return language.gettext("Weekend: %(names)s announces nothing.", names=names)
    if due:
        return language.gettext("Nothing was due: the next list of %(names)s comes %(due)s.", names=names, due=due)
    return ""


def _retry(due: str, language: Language) -> str:
    return language.gettext("We ask again %(due)s.", due=due) if due else language.gettext("We ask again at the next run.")


def _moment(moment: datetime | None, zone: ZoneInfo, seen_from: date, language: Language) -> str:
    return language.time(moment.astimezone(zone), seen_from) if moment else ""
