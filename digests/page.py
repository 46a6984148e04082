"""The page a digest becomes, in the reader's language: every string of it, cleaned but for no form escaped yet. Pure.

The three forms print this one value in this one order, so that none says what another does not.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from statistics import median
from typing import Final
from urllib.parse import quote

from crawler.text import NAME_LIMIT
from digests.digest import Digest, Section
from digests.escape import plain, safe_url
from digests.language import Language, language
from digests.paper_words import Entry, Link, News, entry, news
from digests.source_words import SourceWords, is_idle, is_weekend, source_notes, source_words
from digests.venue_words import group_words, programme_words
from storage.event import Event

BARS: Final = 14
BAR_LEVELS: Final = 8
_SECONDS_A_PAPER: Final = 25
_SECONDS_AN_UPDATE: Final = 10
_TITLES_IN_PREVIEW: Final = 3


@dataclass(frozen=True, slots=True)
class TopicWords:
    """One topic: its name, how many today and usually, the height of each bar (1 to 8, today last), its papers."""

    name: str
    count: str
    bars: tuple[int, ...]
    entries: tuple[Entry, ...]
    more: Link | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Everything a form prints, in order; `papers` and `updates` count what the digest holds."""

    language: Language
    subscription: str
    period: date
    papers: int
    updates: int
    day: str
    summary: str
    preview: str
    sources: tuple[SourceWords, ...]
    verdicts: tuple[str, ...]
    notes: tuple[str, ...]
    programmes: tuple[str, ...]
    nothing: str
    topics: tuple[TopicWords, ...]
    news: tuple[News, ...]
    more_news: Link | None
    because: str
    stop: Link | None


def page(digest: Digest) -> Page:
    """Put a digest into words."""
    words = language(digest.language)
    anchors: set[str] = set()
    shown = digest.sections if digest.papers else ()
    newest = _newest(digest)
    topics = tuple(_topic(section, words, anchors, digest.site_page, newest) for section in shown)
    summary = _summary(digest, words)
    return Page(
        language=words,
        subscription=plain(digest.subscription),
        period=digest.period,
        papers=digest.papers,
        updates=digest.changes,
        day=words.dated(digest.period, "EEEE, d MMMM y"),
        summary=summary,
        preview=_preview(topics) or summary,
        sources=source_words(digest, words),
        verdicts=_verdicts(digest),
        notes=source_notes(digest, words),
        programmes=_programmes(digest.whole or digest, words),
        nothing="" if digest.papers else _nothing(digest, words),
        topics=topics,
        news=tuple(news(update, words) for update in digest.updates),
        more_news=_more(digest.more_updates, words, digest.site_page),
        because=_because(digest, words),
        stop=_stop(digest, words),
    )


def _programmes(digest: Digest, words: Language) -> tuple[str, ...]:
    seen = [*digest.told, *(update.event for update in digest.updates)]
    return programme_words(_new(digest), seen, words)


def subject(digest: Digest) -> str:
    """Return the subject of the mail: the day and how much there is. It holds no word of a stranger."""
    words = language(digest.language)
    return words.gettext("Paperlark, %(date)s: %(counts)s", date=words.day(digest.period), counts=_counts(digest, words))


def _counts(digest: Digest, words: Language) -> str:
    updates = words.ngettext("%(count)s update", "%(count)s updates", digest.changes)
    if not digest.papers:
        return words.gettext("no new papers, %(updates)s", updates=updates) if digest.changes else words.gettext("nothing new")
    papers = words.ngettext("%(count)s new paper", "%(count)s new papers", digest.papers)
    return words.gettext("%(papers)s, %(updates)s", papers=papers, updates=updates) if digest.changes else papers


def _summary(digest: Digest, words: Language) -> str:
    """Say how much there is and how long it takes to read."""
    if not digest.papers and not digest.changes:
        return words.gettext("Nothing new for you today.")
    updates = words.ngettext("%(count)s update", "%(count)s updates", digest.changes)
    if not digest.papers:
        counted = words.gettext("No new papers for you, %(updates)s.", updates=updates)
    elif not digest.changes:
        counted = words.ngettext("%(count)s new paper for you.", "%(count)s new papers for you.", digest.papers)
    else:
        counted = words.ngettext(
            "%(count)s new paper for you, %(updates)s.",
            "%(count)s new papers for you, %(updates)s.",
            digest.papers,
            updates=updates,
        )
    return words.sentences(counted, _reading_time(digest, words))


def _reading_time(digest: Digest, words: Language) -> str:
    shown = sum(len(section.matches) for section in digest.sections)
    seconds = shown * _SECONDS_A_PAPER + len(digest.updates) * _SECONDS_AN_UPDATE
    return words.ngettext("About %(count)s minute.", "About %(count)s minutes.", max(1, round(seconds / 60)))


def _preview(topics: Sequence[TopicWords]) -> str:
    """Return what a mail program shows beside the subject: the first titles."""
    titles = [entry.paper.title.text for topic in topics for entry in topic.entries]
    return " · ".join(titles[:_TITLES_IN_PREVIEW])


def _verdicts(digest: Digest) -> tuple[str, ...]:
    """Return every source's verdict for programs to read: `arxiv cs.CV complete 187/187 2026-01-15`, - for unknown."""
    return tuple(
        plain(
            f"{line.source} {line.scope or '-'} {line.verdict.kind}"
            f" {line.verdict.seen}/{'-' if line.verdict.expected is None else line.verdict.expected}"
            f" {line.verdict.announced_on or '-'}"
        )
        for line in digest.sources
    )


def _nothing(digest: Digest, words: Language) -> str:
    """Say why there is no new paper: nothing was announced, nothing came, or nothing of it matched."""
    if digest.sources and all(is_idle(line) for line in digest.sources):
        if all(is_weekend(line, digest.timezone) for line in digest.sources):
            return words.gettext("It is the weekend: nothing was announced.")
        return words.gettext("Nothing was announced since your last digest.")
    announced = sum(line.verdict.seen for line in digest.sources if line.fresh)
    if not announced:
        return words.gettext("Nothing new has reached us yet.")
    return words.ngettext(
        "Your topics had nothing today, of %(count)s paper announced.",
        "Your topics had nothing today, of %(count)s papers announced.",
        announced,
    )


def _newest(digest: Digest) -> Mapping[str, date]:
    """Return the day of the newest batch of each source in the digest."""
    days: dict[str, date] = {}
    for section in digest.sections:
        for event in (match.event for match in section.matches):
            days[event.source] = max(event.on or date.min, days.get(event.source, date.min))
    return days


def _new(digest: Digest) -> Iterator[Event]:
    return (match.event for section in digest.sections for match in section.matches)


def _topic(
    section: Section, words: Language, anchors: set[str], site_page: str | None, newest: Mapping[str, date]
) -> TopicWords:
    count = len(section.matches) + section.more
    return TopicWords(
        name=plain(section.topic, NAME_LIMIT) or "…",
        count=_count(count, section.history, words),
        bars=_bars((*section.history, count)) if section.history else (),
        entries=_grouped(section, words, anchors, newest),
        more=_more(section.more, words, site_page),
    )


def _grouped(section: Section, words: Language, anchors: set[str], newest: Mapping[str, date]) -> tuple[Entry, ...]:
    """Return the entries of a topic; the first of each part of a programme says which part begins."""
    entries, group = [], ""
    for match in section.matches:
        one = entry(match, words, anchors, newest.get(match.event.source))
        before, group = group, group_words(match.event, words)
        entries.append(replace(one, group=group) if group != before else one)
    return tuple(entries)


def _more(count: int, words: Language, site_page: str | None) -> Link | None:
    """Say how many this form leaves out, and where they are."""
    if not count:
        return None
    if site_page is None:
        return Link(words.gettext("and %(count)s more in the attached list", count=count), None)
    return Link(words.gettext("and %(count)s more in the full list", count=count), safe_url(site_page))


def _count(count: int, history: Sequence[int], words: Language) -> str:
    today = words.gettext("%(count)s today", count=count) if count else words.gettext("none today")
    if not history:
        return today
    return words.gettext("%(today)s, usually %(usual)s", today=today, usual=round(median(history)))


def _bars(counts: Sequence[int]) -> tuple[int, ...]:
    """Return the heights of the last fourteen counts, the highest of them 8, none lower than 1."""
    counts = counts[-BARS:]
    highest = max(*counts, 1)
    return tuple(max(1, round(BAR_LEVELS * count / highest)) for count in counts)


def _because(digest: Digest, words: Language) -> str:
    topics = [words.gettext("“%(topic)s”", topic=plain(section.topic, NAME_LIMIT)) for section in digest.sections]
    if not topics:
        return words.gettext("You read this because you subscribed to “%(name)s”.", name=plain(digest.subscription))
    return words.ngettext(
        "You read this because of the topic %(topics)s.",
        "You read this because of the topics %(topics)s.",
        len(topics),
        topics=words.listing(topics),
    )


def _stop(digest: Digest, words: Language) -> Link | None:
    """Return the link that writes the mail to the owner which ends the subscription."""
    if not digest.unsubscribe:
        return None
    address = quote(plain(digest.unsubscribe), safe="@.+-_")
    about = quote(f"unsubscribe {plain(digest.subscription)}", safe="", errors="replace")
    return Link(words.gettext("Stop this mail"), safe_url(f"mailto:{address}?subject={about}"))
