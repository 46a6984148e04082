"""What the commands of every day say on a terminal: plain text, and of what strangers wrote nothing that moves the cursor."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from crawler.errors import FetchError
from crawler.feed_health import FEEDS
from crawler.feed_words import line_for_status, line_of_move
from crawler.report import BESIDE, Look
from crawler.text import clean
from crawler.verdict import NOT_OUT, Verdict
from jobs.beside_words import head, say_beside, without
from jobs.digesting import Digested
from jobs.exits import asleep
from jobs.moments import counted, said_day, said_moment
from storage.ledger import LedgerLine
from storage.outbox import Delivery
from storage.runs import Run, RunKey

if TYPE_CHECKING:
    from jobs.state import State
    from jobs.steps import Office

#: The routes that are told of: everybody expects the first.
_BY: Final = frozenset({"catchup", "rss", "atom", "query"})
_LINE: Final = 400
_REJECTS: Final = 5
_DAYS: Final = 5
_SOON: Final = timedelta(minutes=1)


def say_looks(office: "Office", looks: Sequence[Look]) -> str:
    """Say what every source gave: the newest batches first, then the earlier ones that were asked for."""
    beside = [one for one in looks if one.task in BESIDE]
    looks = [one for one in looks if one.task not in BESIDE]
    lines = [line for look in looks for line in _look(office, look)]
    lines += say_beside(beside, office.clock())
    if looks and all(map(_is_silent, looks)):
        lines.append("Nothing could be reached: is this machine online?")
    return "\n".join(lines) or _nothing_asked(office)


def _nothing_asked(office: "Office") -> str:
    if office.settings.sources:
        return "Nothing was asked for: of the sources that are on, no list is expected now (paperlark sources)."
    return "No source is turned on; add [sources.arxiv] to the settings."


def _is_silent(look: Look) -> bool:
    """Tell whether nobody answered: of a failure there is only the line that says it."""
    return look.verdict.kind == "failed" and str(FetchError()) in look.verdict.why


def _look(office: "Office", look: Look) -> Iterator[str]:
    if look.task == "errand":
        yield f"{head(look.source, look.scope, look.verdict.kind)}: {without(look.source, look.scope, look.verdict.why)}"
    else:
        by = f", by {look.route}" if look.route in _BY else ""
        yield _gave(office, look.source, look.scope, look.verdict) + by
    stored = [f"{look.new:,} new"] if look.new else []
    stored += [f"{look.updated:,} changed"] if look.updated else []
    work = [counted(look.requests, "request"), f"{look.seconds:.1f} s"] if look.requests else []
    facts = [*(stored or ([] if look.source == FEEDS and work else ["nothing new"])), *work, *_next(office, look.verdict)]
    yield f"    {', '.join(facts)}"
    if look.error and look.error not in look.verdict.why:
        yield f"    {without(look.source, look.scope, look.error)}"
    for reject in look.rejects[:_REJECTS]:
        yield f"    could not read {clean(reject.key, 100)}: {clean(reject.why, _LINE)}"
    if len(look.rejects) > _REJECTS:
        yield f"    and {len(look.rejects) - _REJECTS} more that could not be read"


def _gave(office: "Office", source: str, scope: str, verdict: Verdict) -> str:
    """Say what one scope gave, with the sign of its verdict."""
    # A feed has papers and posts, and says both itself.
    said = "" if source == FEEDS else _verdict(office, verdict)
    said = said or without(source, scope, verdict.why) or verdict.kind
    return f"{head(source, scope, verdict.kind)}: {said}"


def _verdict(office: "Office", verdict: Verdict) -> str:
    """Say what a verdict means; empty when only its own line says it."""
    day = said_day(verdict.announced_on, office.clock()) if verdict.announced_on else ""
    match verdict.kind:
        case "complete" if day and verdict.expected is not None:
            return f"all {verdict.seen} of {verdict.expected} announced on {day}"
        case "complete" if day:
            return f"{counted(verdict.seen, 'paper')} announced on {day}"
        case "quiet":
            return f"nothing new since {day}" if day else _not_due(verdict)
        case "stale":
            return f"still the list of {day}, although a newer one was due" if day else _late(verdict)
        case _:
            return ""


def _late(verdict: Verdict) -> str:
    return (
        "not out, although its month has passed" if verdict.why.startswith(NOT_OUT) else "nothing yet, although a list was due"
    )


def _not_due(verdict: Verdict) -> str:
    return "not out yet" if verdict.why.startswith(NOT_OUT) else "nothing due"


def _next(office: "Office", verdict: Verdict) -> Iterator[str]:
    if at := _at(office, verdict.next_at):
        yield f"next {at}" if verdict.kind in ("complete", "quiet") else f"next try {at}"


def _at(office: "Office", moment: datetime | None) -> str:
    """Say a moment to come; empty when there is none, or it has passed or is about to."""
    now = office.clock()
    return f"at {said_moment(moment, office.settings.timezone, now)}" if moment and moment - now >= _SOON else ""


def say_left(left: Sequence[RunKey]) -> str:
    """Say which parts of a back-fill are left to a daemon."""
    if not left:
        return "No source that is turned on can be asked for days gone by."
    counts = Counter(key.about for key in left)
    lines = [f"{source}: {counted(number, 'part')} left to `paperlark serve`" for source, number in counts.items()]
    return "\n".join([*lines, "What is not done yet is told by: paperlark status"])


def say_digests(office: "Office", digested: Sequence[Digested], failed: Sequence[Delivery], waiting: int = 0) -> str:
    """Say which digests were written and where they lie; `waiting` mails are in the outbox."""
    lines = []
    for one in digested:
        lines.append(f"✓ {one.subscription}, {one.period}: {_amount(one.papers, one.updates)}")
        lines += [] if one.state == "new" else ["    written before; what came since will be in the next one"]
        lines += [f"    {_shown(office.settings.output / place)}" for place in one.files]
    lines += [f"✗ {clean(one.error or one.recipient, _LINE)}" for one in failed]
    if waiting:
        lines.append(f"{counted(waiting, 'mail')} in the outbox; this sends what is due: paperlark send")
    return "\n".join(lines) or "There is no subscription in the settings; add a table [[subscriptions]]."


def _shown(path: Path) -> Path:
    """Name a file as one would here: by its whole path only where it lies elsewhere."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def _amount(papers: int, updates: int) -> str:
    return counted(papers, "new paper") + (f", {counted(updates, 'update')}" if updates else "")


def say_pages(shown: Iterable[Digested]) -> str:
    """Show digests as Markdown."""
    return "\n".join(one.markdown or "" for one in shown) or "There is no subscription in the settings."


def say_deliveries(office: "Office", deliveries: Iterable[Delivery]) -> str:
    """Say what became of the messages."""
    return "\n".join(_delivery(office, one) for one in deliveries) or "Nothing to send."


def _delivery(office: "Office", one: Delivery) -> str:
    is_mail = one.form == "mail"
    what = f"{one.subscription}, {one.period}: " + (f"mail to {one.recipient}" if is_mail else one.recipient)
    why = f" ({clean(one.error, _LINE)})" if one.error else ""
    match one.state:
        case "sent":
            return f"✓ {what}, {'sent' if is_mail else 'written'}"
        case "failed":
            return f"✗ {what}, given up{why}"
        case "pending" if is_mail and office.settings.smtp is None:
            return f"! {what}, waits: there is no [smtp] in the settings"
    again = _at(office, one.next_at) if is_mail else ""
    state = "! {}, not sent yet; next try {}{}" if is_mail else "✗ {}, not written; next try {}{}"
    return state.format(what, again or "with the next run", why)


def say_morning(office: "Office", looks: Sequence[Look], digested: Sequence[Digested], deliveries: Sequence[Delivery]) -> str:
    """Say how the daily job went."""
    told = [one for one in deliveries if one.form == "mail" or one.state != "sent"]
    parts = [say_looks(office, looks), say_digests(office, digested, ())]
    if told:
        parts.append(say_deliveries(office, told))
    if office.settings.is_default:
        parts.append(
            "There is no paperlark.toml here, so this was arXiv cs.CV and Hugging Face, six starter topics,\n"
            "as files only. For your own topics and mail: paperlark init"
        )
    return "\n\n".join(parts)


def say_status(office: "Office", state: "State") -> str:
    """Say the last verdict of every source, the newest runs and what is in the outbox."""
    owed = [state.owed.get((one.source, one.scope), ()) for one in state.lines]
    sources = [line for one, days in zip(state.lines, owed, strict=True) for line in _last(office, state, one, days)]
    sources = sources or ["Nothing was asked yet: paperlark run"]
    runs = [_run(office, run) for run in state.runs]
    runs += [f"… {counted(number, 'part')} of the past of {source} to come" for source, number in state.left.items()]
    held = ", ".join(f"{count} {name}" for name, count in sorted(state.outbox.items()))
    outbox = [f"Outbox: {held or 'empty'}", *(_delivery(office, one) for one in state.unsettled)]
    return "\n\n".join("\n".join(part) for part in (sources, runs, outbox) if part)


def _last(office: "Office", state: "State", line: LedgerLine, owed: Sequence[date]) -> Iterator[str]:
    yield _gave(office, line.source, line.scope, line.verdict)
    asked = said_moment(line.at, office.settings.timezone, office.clock())
    yield f"    {', '.join([f'asked {asked}', *_next(office, line.verdict)])}"
    if owed:
        days = ", ".join(said_day(day, office.clock()) for day in owed[:_DAYS])
        yield f"    ! not here yet: the list of {days}" + (f" and {len(owed) - _DAYS} more" if len(owed) > _DAYS else "")
    if line.source == FEEDS and line.scope in state.feeds:
        feed = state.feeds[line.scope]
        told = (line_for_status(feed, office.clock()), line_of_move(feed, state.addresses[line.scope]))
        yield from (f"    ! {one}" for one in told if one)
    if asleep(office, state, line):
        yield "    ! not asked since: does the daily job still run?"


def _run(office: "Office", run: Run) -> str:
    begun = said_moment(run.started_at, office.settings.timezone, office.clock())
    sign = "✓" if run.state == "done" else "✗"
    if run.kind == "digest":
        amount = _amount(run.report["papers"], run.report["updates"])
        return f"{sign} {begun}  digest {run.about}, {run.period}: {amount}"
    return f"{sign} {begun}  {run.kind} {run.about}: {run.state}"
