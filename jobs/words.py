"""What the commands say on a terminal. Titles and names are clean text of one line, so nothing in them moves the cursor."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from crawler.report import Look
from crawler.sighting import Sighting
from crawler.sources import all_sources
from crawler.text import readable
from crawler.verdict import VerdictKind
from jobs.digesting import Digested
from storage.event import Event
from storage.outbox import Delivery
from storage.paper import Paper
from storage.papers import Version

if TYPE_CHECKING:
    from jobs.steps import Office, State

_SIGNS: dict[VerdictKind, str] = {
    "complete": "✓",
    "quiet": "·",
    "partial": "!",
    "stale": "!",
    "throttled": "!",
    "blocked": "✗",
    "failed": "✗",
}


def say_looks(office: "Office", looks: Iterable[Look]) -> str:
    """Say what every source gave, a line each."""
    return "\n".join(line for look in looks for line in _look(office, look))


def _look(office: "Office", look: Look) -> Iterator[str]:
    requests = f"{look.requests} request" + ("" if look.requests == 1 else "s")
    papers = f"{look.new} new, {look.updated} updated" if look.seen else "nothing recorded"
    title = all_sources()[look.source].title
    yield f"{_SIGNS[look.verdict.kind]} {title} {look.scope}: {look.verdict.why or look.error}"
    yield f"    {papers}, {requests}, {look.seconds:.1f} s{_next(office, look.verdict.next_at)}"
    for reject in look.rejects[:5]:
        yield f"    could not read {reject.key}: {reject.why}"
    if len(look.rejects) > 5:
        yield f"    and {len(look.rejects) - 5} more that could not be read"


def _next(office: "Office", moment: datetime | None) -> str:
    return f", next at {_local(office, moment)}" if moment else ""


def _local(office: "Office", moment: datetime) -> str:
    return f"{moment.astimezone(ZoneInfo(office.settings.timezone)):%a %d %b %H:%M}"


def say_digests(office: "Office", digested: Sequence[Digested], failed: Sequence[Delivery]) -> str:
    """Say which digests were written and where they lie."""
    lines = []
    for one in digested:
        count = f"{one.papers} new papers, {one.updates} updates"
        when = "" if one.state == "new" else " (written earlier; what came since is in the next one)"
        lines.append(f"✓ {one.subscription}, {one.period}: {count}{when}")
        lines += [f"    {office.settings.output / place}" for place in one.files]
    lines += [f"✗ {one.recipient}: {one.error}" for one in failed]
    return "\n".join(lines) or "There is no subscription in the settings."


def say_pages(shown: Iterable[Digested]) -> str:
    """Show digests as Markdown."""
    return "\n".join(one.markdown or "" for one in shown)


def say_deliveries(deliveries: Iterable[Delivery]) -> str:
    """Say what became of the messages."""
    signs = {"sent": "✓", "failed": "✗"}
    lines = []
    for one in deliveries:
        line = f"{signs.get(one.state, '!')} {one.recipient}: {one.state}"
        lines.append(line + (f" ({one.error})" if one.error else ""))
    return "\n".join(lines) or "Nothing to send."


def say_morning(office: "Office", looks: Sequence[Look], digested: Sequence[Digested], deliveries: Sequence[Delivery]) -> str:
    """Say how the daily job went."""
    mails = [one for one in deliveries if one.form == "mail" or one.state != "sent"]
    parts = [say_looks(office, looks), say_digests(office, digested, ())]
    if mails:
        parts.append(say_deliveries(mails))
    if office.settings.is_default:
        parts.append(
            "There is no paperlark.toml here, so this was arXiv cs.CV with six starter topics, as files only.\n"
            "For your own topics and mail: paperlark init"
        )
    return "\n\n".join(parts)


def say_status(office: "Office", state: "State") -> str:
    """Say the last verdict of every source, the newest runs and what is in the outbox."""
    lines = []
    for line in state.lines:
        mark = f"{_SIGNS[line.verdict.kind]} {line.source} {line.scope}: {line.verdict.kind}"
        lines.append(f"{mark}, {_local(office, line.at)} ({line.verdict.why})")
    if not lines:
        lines.append("Nothing was crawled yet: paperlark run")
    lines += [f"{'✓' if run.state == 'done' else '✗'} {run.kind} {run.about} {run.period}: {run.state}" for run in state.runs]
    held = ", ".join(f"{count} {name}" for name, count in sorted(state.outbox.items()))
    lines.append(f"outbox: {held or 'empty'}")
    lines += [f"✗ {one.recipient}: {one.error}" for one in state.unsettled if one.error]
    return "\n".join(lines)


def say_papers(papers: Sequence[Paper]) -> str:
    """List papers."""
    return "\n\n".join(_paper(paper) for paper in papers) or "No paper in the store matches."


def _paper(paper: Paper) -> str:
    names = [author.name for author in paper.authors]
    authors = ", ".join(names if len(names) <= 5 else [*names[:4], f"and {len(names) - 4} more"])
    where = [paper.categories[0]] if paper.categories else []
    where += [f"{paper.announced_on:%d %b %Y}"] if paper.announced_on else []
    facts = " · ".join([part for part in (authors, *where) if part])
    return f"{readable(paper.title)}\n    {facts}\n    {paper.url}"


def say_known(paper: Paper, versions: Sequence[Version], sightings: Sequence[Sighting], events: Sequence[Event]) -> str:
    """Say all that is known of one paper."""
    lines = [_paper(paper), ""]
    lines += [f"{name}" for name in paper.identifiers]
    lines += [f"comment: {paper.comment}"] if paper.comment else []
    lines += [f"journal: {paper.journal_ref}"] if paper.journal_ref else []
    lines += ["", readable(paper.abstract)] if paper.abstract else []
    lines.append("")
    lines += [f"v{one.version}" + (f", {one.announced_on}" if one.announced_on else "") for one in versions]
    lines += [f"{one.on or one.at:%Y-%m-%d} {one.kind}" for one in events]
    lines += [f"said by {one.source} as {one.key}, {one.seen_at:%Y-%m-%d %H:%M} UTC" for one in sightings]
    return "\n".join(lines)
