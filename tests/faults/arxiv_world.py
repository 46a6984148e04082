"""Thirty days of arXiv, invented: the truth about every batch, and five services that answer as of a moment one sets.

Days, hours and deadlines are said here anew and not taken from the code under test. What goes wrong is said by the
constants; `World` says what that does to the pages.
"""

import hashlib
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from random import Random
from urllib.parse import parse_qsl, unquote
from zoneinfo import ZoneInfo

from crawler.samples.arxiv import Entry, render_catchup, render_listing
from crawler.samples.arxiv_feed import render_atom, render_feed
from crawler.samples.arxiv_oai import Record, oai_token, render_oai, render_oai_error
from crawler.samples.arxiv_query import Submitted, answer_query
from crawler.sighting import Submission
from tests.crawler.origin import Reply
from tests.faults.site import HTML, RSS, cut

SCOPES = ("cs.CV", "cs.LG", "cs.RO")
NEW_YORK = ZoneInfo("America/New_York")
DAY = timedelta(days=1)
FIRST = date(2026, 8, 24)
DAYS = tuple(FIRST + number * DAY for number in range(30))
NO_BATCH = date(2026, 9, 8)
"""Its evening, that of Monday the 7th, is a holiday."""
BATCHES = tuple(day for day in DAYS if day.weekday() < 5 and day != NO_BATCH)

BAD_MORNING = date(2026, 8, 28)
"""Until noon nothing is to be had from any host."""
OLD_LIST = ("cs.LG", date(2026, 8, 26))
"""The listing shows the batch before for a day, and nothing but the listing does."""
STALE = ("cs.RO", date(2026, 9, 1))
"""Listing and feeds show the batch before for a day, the catch-up page shows nothing, and the API's index lags."""
CUT = ("cs.CV", date(2026, 9, 3))
"""Listing and catch-up page break off in the middle for a day."""
OUTAGE = (date(2026, 9, 9), date(2026, 9, 10))
"""Nothing is to be had from any host."""
STORM = (datetime(2026, 9, 15, 2, tzinfo=UTC), datetime(2026, 9, 16, 3, tzinfo=UTC))
"""Every host answers 406; from noon on it says when to come back."""
STORM_WORDS = datetime(2026, 9, 15, 12, tzinfo=UTC)
RETRY_AFTER = timedelta(hours=14)

CRAWL_DELAY = 0.025
"""Seconds between two requests to the website, as its robots.txt says; on the web they are 15."""
_ROBOTS = f"User-agent: *\nCrawl-delay: {CRAWL_DELAY}\nAllow: /list\nAllow: /catchup\nDisallow: /search\nDisallow: /api\n"
_ATOM = {"Content-Type": "application/atom+xml; charset=utf-8"}
_XML = {"Content-Type": "text/xml; charset=utf-8"}
_OUTSIDE = ("cs.CL", "eess.IV", "stat.ML")
WITHDRAWN = "This paper has been withdrawn by the authors due to an error in the proof"
_WITHDRAWALS = (date(2026, 8, 31), OUTAGE[0])
_PAGE = 300


def deadline(batch_on: date) -> datetime:
    """Return until when papers are handed in for a batch: 14:00 on its evening, for a Monday's on Friday."""
    return datetime.combine(batch_on - (3 if batch_on.weekday() == 0 else 1) * DAY, time(14), NEW_YORK).astimezone(UTC)


def before(day: date) -> date:
    """Return the day of the batch before."""
    day -= DAY
    return before(day) if day.weekday() > 4 or day == NO_BATCH else day


def announced_at(batch_on: date) -> datetime:
    """Return when a batch is announced: at 20:00 on its evening."""
    return datetime.combine(batch_on - DAY, time(20), NEW_YORK)


@dataclass(frozen=True, slots=True)
class Notice:
    """What one batch says of one paper, and the lists that say it. The paper's own list has it as new, others as cross."""

    on: date
    scopes: tuple[str, ...]
    entry: Entry


@dataclass(slots=True)
class Truth:
    """All that happened: the notices in order, and when every version of every paper was handed in."""

    notices: list[Notice] = field(default_factory=list)
    handed_in: dict[str, list[datetime]] = field(default_factory=dict)
    current: dict[str, Entry] = field(default_factory=dict)
    dice: Random = field(default_factory=lambda: Random("thirty days of arXiv"))

    def announced(self) -> dict[str, date]:
        """Return the papers that were announced in our categories, each with the first day one of them had it."""
        days: dict[str, date] = {}
        for notice in self.notices:
            if notice.entry.action != "replace":
                days.setdefault(notice.entry.id, notice.on)
        return days

    def batch(self, scope: str, day: date) -> tuple[Entry, ...]:
        """Return what the list of a category has on a day: what is new, what is crossed, and what is replaced."""
        entries = [
            replace(notice.entry, action="cross")
            if notice.entry.action == "new" and not _is_at_home(notice, scope)
            else notice.entry
            for notice in self.notices
            if notice.on == day and scope in notice.scopes
        ]
        return tuple(sorted(entries, key=lambda entry: (("new", "cross", "replace").index(entry.action), entry.id)))

    def as_of(self, day: date) -> dict[str, tuple[Entry, date]]:
        """Return every paper as the batches up to a day have left it, with the day of the last one that had it."""
        return {notice.entry.id: (notice.entry, notice.on) for notice in self.notices if notice.on <= day}


def _is_at_home(notice: Notice, scope: str) -> bool:
    return notice.entry.categories[0] == scope


@cache
def truth() -> Truth:
    """Invent the month, which is always the same."""
    made = Truth()
    for day in BATCHES:
        known = sorted(made.current.values(), key=lambda entry: entry.id)
        free = [entry for entry in known if entry.comment != WITHDRAWN]
        made.dice.shuffle(free)
        for notice in (*_new(made, day), *_crossed(made, day, free[:20]), *_replaced(made, day, free[20:])):
            made.notices.append(notice)
            made.current[notice.entry.id] = notice.entry
    return made


def _new(made: Truth, day: date) -> Iterator[Notice]:
    """Announce papers: of our categories, of which some are crossed into others, and of others, crossed into ours."""
    dice = made.dice
    for home in (*SCOPES, *_OUTSIDE):
        for _ in range(dice.randint(11, 17) if home in SCOPES else 2):
            others = [scope for scope in (*SCOPES, *_OUTSIDE) if scope != home and dice.random() < 0.15]
            if home not in SCOPES and not set(others) & set(SCOPES):
                others.append(dice.choice(SCOPES))
            # Some papers were held back for some days: they are not where a search by date looks for them.
            held = dice.randint(2, 5) * DAY if dice.random() < 0.05 else timedelta()
            begin, end = deadline(before(day)), deadline(day)
            yield _announce(made, day, (home, *others), begin + dice.random() * (end - begin) - held)


def _announce(made: Truth, day: date, categories: tuple[str, ...], at: datetime) -> Notice:
    dice, number = made.dice, len(made.handed_in) + 1
    wanted, about = dice.random() < 0.4, dice.choice(("songs", "nests & eggs", "flights"))
    name = f"{day:%y%m}.{number:05}"
    made.handed_in[name] = [at.replace(microsecond=0)]
    entry = Entry(
        id=name,
        title=f"{'Skylark' if wanted else 'Sparrow'} {number}: {about} of ${categories[0]}$",
        authors=("Ada First", "Ben Second"),
        abstract=f"What bird number {number} does, and where it is found.",
        categories=categories,
        has_html=dice.random() < 0.85,
    )
    return Notice(day, tuple(scope for scope in categories if scope in SCOPES), entry)


def _crossed(made: Truth, day: date, known: list[Entry]) -> Iterator[Notice]:
    """Let papers of earlier days appear on one list more: one of them older than the month, two of the batch before."""
    old, announced = _old(made, "2607", ("cs.CL",), 2), made.announced()
    for entry in (old, *sorted(known, key=lambda entry: announced.get(entry.id) != before(day))[:4]):
        others = [scope for scope in SCOPES if scope not in entry.categories]
        if others:
            scope = made.dice.choice(others)
            yield Notice(day, (scope,), replace(entry, categories=(*entry.categories, scope), action="cross"))


def _replaced(made: Truth, day: date, known: list[Entry]) -> Iterator[Notice]:
    """Let papers have new versions: some announced to us, some older than the month; some are withdrawn by theirs."""
    for scope in SCOPES:
        # A feed leaves out versions from the sixth on.
        yield Notice(day, (scope,), replace(_old(made, "2501", (scope,), 7 if (scope, day) == CUT else 3), action="replace"))
    for entry in known[:6]:
        yield _revise(made, day, entry)
    ours = [entry for entry in known[6:] if entry.title.startswith("Skylark") and entry.id in made.announced()]
    gone = ours[: day in _WITHDRAWALS]
    for entry in gone:
        yield _revise(made, day, replace(entry, comment=WITHDRAWN))


def _revise(made: Truth, day: date, entry: Entry) -> Notice:
    made.handed_in[entry.id].append(deadline(day) - made.dice.randint(1, 200) * timedelta(minutes=1))
    scopes = tuple(scope for scope in entry.categories if scope in SCOPES)
    return Notice(day, scopes, replace(entry, version=entry.version + 1, action="replace"))


def _old(made: Truth, month: str, categories: tuple[str, ...], version: int) -> Entry:
    """Return a paper that was announced before the month began."""
    number = len(made.handed_in) + 1
    name = f"{month}.{number:05}"
    begun = datetime(2000 + int(month[:2]), int(month[2:]), 1, 9, tzinfo=UTC)
    made.handed_in[name] = [begun + place * DAY for place in range(version)]
    return Entry(
        id=name,
        title=f"Skylark {number}: an old song",
        authors=("Cyd Third",),
        abstract="What was known of birds before.",
        categories=categories,
        version=version,
        has_html=True,
    )


@dataclass(slots=True)
class World:
    """The five services as of the moment `now` (aware), as the server behind the mirror asks it to `respond`.

    `most_at_once` is how many requests were being answered at a time; `strange` has what was asked for and is not there, be it
    that it can never be.
    """

    now: datetime
    truth: Truth = field(default_factory=truth)
    tried: set[tuple[datetime, str]] = field(default_factory=set)
    strange: list[str] = field(default_factory=list)
    most_at_once: int = 0
    at_once: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def respond(self, target: str, headers: Mapping[str, str]) -> Reply:
        """Answer a request."""
        with self.lock:
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            return self._trouble(target) or self._answer(target, headers)
        finally:
            with self.lock:
                self.at_once -= 1

    @property
    def today(self) -> date:
        """The day in New York."""
        return self.now.astimezone(NEW_YORK).date()

    def newest(self) -> date:
        """Return the day of the newest batch that has been announced."""
        return max(day for day in BATCHES if announced_at(day) <= self.now)

    def _trouble(self, target: str) -> Reply | None:
        if self.now.date() in OUTAGE or (self.now.date() == BAD_MORNING and self.now.hour < 12):
            # On its second day every host begins by hanging up. Not later: a request that is the last to one address fails
            # before the server knows of it, and its pause would seem too short.
            host = (self.now, target.partition("/")[0])
            hang_up = self.now.date() == OUTAGE[1] and host not in self.tried
            self.tried.add(host)
            return Reply("out of order", status=500, hang_up=hang_up)
        if STORM[0] <= self.now < STORM[1]:
            later = {"Retry-After": f"{RETRY_AFTER.total_seconds():.0f}"} if self.now >= STORM_WORDS else {}
            return Reply("not acceptable", status=406, headers=later)
        return None

    def _answer(self, target: str, headers: Mapping[str, str]) -> Reply:
        path, _, query = target.partition("?")
        answer = Reply(status=404)
        match path.split("/"):
            case ["arxiv.org", "robots.txt"]:
                answer = Reply(_ROBOTS, headers={"Content-Type": "text/plain"})
            case ["arxiv.org", "list", scope, "new"] if scope in SCOPES:
                answer = _unless_known(self.listing(scope), headers)
            case ["arxiv.org", "catchup", scope, day] if scope in SCOPES and query == "abs=True":
                answer = self._catchup(scope, date.fromisoformat(day))
            case ["rss.arxiv.org", "rss" | "atom" as form, scope] if scope in SCOPES:
                answer = self._feed(form, scope)
            case ["export.arxiv.org", "api", "query"]:
                answer = Reply(answer_query(query, self.index()), headers=_ATOM)
            case ["oaipmh.arxiv.org", "oai"]:
                answer = Reply(self._oai(dict(parse_qsl(query))), headers=_XML)
        if answer.status >= 400:
            self.strange.append(target)
        return answer

    def listing(self, scope: str) -> Reply:
        """Return the list of the newest batch."""
        day = self.newest()
        shown = before(day) if (scope, day) in (OLD_LIST, STALE) else day
        page = Reply(render_listing(scope, shown, self.truth.batch(scope, shown)), headers=HTML)
        return cut(page) if (scope, day) == CUT else page

    def _catchup(self, scope: str, day: date) -> Reply:
        if not self.today - 91 * DAY <= day <= self.today:
            return Reply("no such day", status=400)
        late = (scope, day) == STALE and self.newest() == day
        page = Reply(render_catchup(scope, day, () if late else self.truth.batch(scope, day)), headers=HTML)
        return cut(page) if (scope, day) == CUT and self.newest() == day else page

    def _feed(self, form: str, scope: str) -> Reply:
        shown = before(self.today) if (scope, self.today) == STALE else self.today
        render, headers = (render_feed, RSS) if form == "rss" else (render_atom, _ATOM)
        return Reply(render(scope, self.today, self.truth.batch(scope, shown)), headers=headers)

    def index(self) -> list[Submitted]:
        """Return the papers that the API knows."""
        day = self.newest()
        papers = self.truth.as_of(before(day) if day == STALE[1] else day)
        handed_in = self.truth.handed_in
        return [
            Submitted(entry=one, published=handed_in[name][0], updated=self._updated(one)) for name, (one, _) in papers.items()
        ]

    def _updated(self, entry: Entry) -> datetime | None:
        return self.truth.handed_in[entry.id][entry.version - 1] if entry.version > 1 else None

    def _oai(self, asked: Mapping[str, str]) -> bytes:
        token = asked.get("resumptionToken")
        asked = dict(parse_qsl(unquote(token))) if token else asked
        skip = int(asked.get("skip", 0))
        asked = {name: value for name, value in asked.items() if name != "skip"}
        found = [record for record in self._records() if _is_meant(record, asked)]
        page, rest = found[skip : skip + _PAGE], len(found) - skip - _PAGE
        if not page:
            return render_oai_error("noRecordsMatch", asked, self.now)
        return render_oai(page, asked, self.now, oai_token(asked, skip + _PAGE) if rest > 0 else "" if token else None)

    def _records(self) -> Iterator[Record]:
        for name, (entry, on) in self.truth.as_of(self.newest()).items():
            moments = self.truth.handed_in[name][: entry.version]
            yield Record(
                entry=entry,
                datestamp=on,
                submissions=tuple(Submission(place, at) for place, at in enumerate(moments, 1)),
                licence="http://arxiv.org/licenses/nonexclusive-distrib/1.0/",
                withdrawn=entry.comment == WITHDRAWN,
            )


def _is_meant(record: Record, asked: Mapping[str, str]) -> bool:
    _, _, subject = asked["set"].rpartition(":")
    return f"cs.{subject}" in record.entry.categories and record.datestamp.isoformat() >= asked.get("from", "")


def _unless_known(page: Reply, headers: Mapping[str, str]) -> Reply:
    """Return the page with its ETag, or that it has not changed."""
    body = page.body if isinstance(page.body, bytes) else page.body.encode()
    etag = f'"{hashlib.sha256(body).hexdigest()}"'
    if headers.get("if-none-match") == etag:
        return Reply(status=304, headers={"ETag": etag})
    return replace(page, headers={**page.headers, "ETag": etag})
