"""Bad input on every route to arXiv: what is throttled, cut, packed, malicious, wrong, barred or unchanged.

Whatever a server answers, no entry is invented or lost, no checkpoint stands for more than is recorded, and nobody is asked
who does not want to be. The numbers of the cases are those of the reliability plan.
"""

import gzip
import multiprocessing
import sqlite3
import sys
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import jobs.crawling
import storage.database
from crawler.crawl import crawl
from crawler.errors import CrawlError, FetchError, ReadError
from crawler.report import CrawlPlan, CrawlReport, Errand, Look
from crawler.samples.arxiv import Entry
from crawler.samples.arxiv_oai import oai_token, render_oai, render_oai_error
from crawler.verdict import SETTLED
from tests.crawler import playground
from tests.crawler.arxiv_days import days
from tests.crawler.origin import Origin, Reply, serving
from tests.faults import routes, site
from tests.faults.routes import (
    DAILY,
    HTML,
    ROBOTS,
    SCOPE,
    SINCE,
    THURSDAY,
    TUESDAY,
    WEDNESDAY,
    XML,
    At,
    Desk,
    Unruly,
    Web,
    ids,
    noon,
    papers,
    place,
)

pytestmark = pytest.mark.slow

OTHER = (playground.ONE, "tests.crawler.playground:ONE")
"""A source at another site."""


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Web:
    """Give a web, and let the crawls be near."""
    web = Web()
    monkeypatch.setattr(jobs.crawling, "crawl", web.crawl)
    web.script("feed.papers.test/a", playground.words("p1"))
    return web


@contextmanager
def hurried() -> Iterator[None]:
    """Let stores be written without waiting for the disk: these need no durability beyond the end of the test."""
    pragmas = storage.database._set_pragmas

    def set_pragmas(connection: sqlite3.Connection, record: object) -> None:
        pragmas(connection, record)
        connection.execute("PRAGMA synchronous = OFF")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(storage.database, "_set_pragmas", set_pragmas)
        yield


@pytest.fixture
def desk(sqlite_template: Path, tmp_path: Path) -> Iterator[Desk]:
    """Give an empty store for near crawls."""
    with hurried(), routes.open_desk(sqlite_template, tmp_path) as desk:
        yield desk


def serve(web: Web | Origin, pages: dict[str, Reply]) -> None:
    """Let pages be where they belong."""
    for where, page in pages.items():
        web.script(where, page)


def before(name: str, day: date = WEDNESDAY) -> dict[str, Reply]:
    """Return pages of the routes that are tried before one, on which there is nothing yet: so that it is tried, too."""
    tried = DAILY[: DAILY.index(name)] if name in DAILY else ()
    return {place(one, day=day): routes.reply(one, [], day=day) for one in tried}


# Row C2, Retry-After

RETRY_AFTER = {
    "seconds": ("7200", timedelta(hours=2)),
    "a date": (f"{noon(WEDNESDAY) + timedelta(hours=2):%a, %d %b %Y %H:%M:%S} GMT", timedelta(hours=2)),
    "a date gone by": ("Wed, 12 Aug 2026 07:00:00 GMT", timedelta(minutes=15)),
    "garbage": ("soon", timedelta(minutes=15)),
    "30 years": ("1000000000", timedelta(hours=24)),
    "nothing": ("", timedelta(minutes=15)),
}
"""What is said, and how long nobody may be asked after it."""

STATUSES = dict(zip(("robots", *DAILY, "oai", "span"), (503, 403, 406, 429, 503, 429, 503, 429), strict=True))
"""The status with which each place asks to be left alone; 403 and 406 say of robots.txt that there is none."""

ERRANDS = {"oai": Errand(since=SINCE), "span": Errand(since=SINCE, until=WEDNESDAY)}


def throttle(web: Web, where: str, said: str) -> str:
    """Serve a day on which one place asks to be left alone, once, and what is tried before it has nothing yet."""
    pages = {place(name): routes.reply(name, papers()) for name in DAILY} | {ROBOTS: Reply("User-agent: *\nAllow: /\n")}
    chains = {"oai": routes.chain(papers()), "span": routes.spanned(papers())}
    serve(web, pages | chains["oai"] | chains["span"])
    for one, page in before(where).items():
        web.script(one, page, pages[one])
    target = list(chains[where])[1] if where in chains else ROBOTS if where == "robots" else place(where)
    slow = Reply("Rate exceeded.", status=STATUSES[where], headers={"Retry-After": said} if said else {})
    web.script(target, slow, *web.replies[target])
    return target


HEADERS = {"catchup": 1, "rss": 3, "atom": 1, "query": 3, "span": 1}
"""How many of the headers are enough for a place that is asked as others are; all of them for the others."""


@pytest.mark.parametrize(
    ("where", "header"),
    [(where, header) for where in STATUSES for header in list(RETRY_AFTER)[: HEADERS.get(where)]],
)
def test_nobody_at_arxiv_is_asked_before_the_time_is_up(desk: Desk, web: Web, where: str, header: str) -> None:
    said, rest = RETRY_AFTER[header]
    target = throttle(web, where, said)
    desk.crawls(SCOPE, clock=web.clock, errand=ERRANDS.get(where))
    until = desk.hosts()["arxiv.org"].cooldown_until
    assert until is not None
    assert until >= noon(WEDNESDAY) + rest
    assert until <= web.asked[-1][0] + (rest * 1.25 if rest == timedelta(minutes=15) else rest)
    assert (web.looks[-1].verdict.kind, web.looks[-1].verdict.next_at) == ("throttled", until)
    assert web.places()[-1] == target
    web.asked = []
    for errand in (None, *ERRANDS.values()):
        for look in desk.crawls(SCOPE, clock=At(until - timedelta(seconds=1)), errand=errand):
            assert (look.verdict.kind, look.verdict.next_at, look.requests) == ("throttled", until, 0)
    assert web.asked == []
    assert [look.verdict.kind for look in desk.crawls("a", clock=At(noon(WEDNESDAY)), source=OTHER)] == ["complete"]
    web.now, web.asked = until, []
    desk.crawls(SCOPE, clock=web.clock, errand=ERRANDS.get(where))
    assert web.asked[0][0] >= until
    assert where not in ERRANDS or web.places()[0] == target
    assert desk.ids() == ids(papers())


def test_a_clock_that_is_set_back_ends_no_rest(desk: Desk, web: Web) -> None:
    throttle(web, "listing", "1000000000")
    desk.crawls(SCOPE, clock=web.clock)
    web.asked = []
    for back in (timedelta(seconds=1), timedelta(minutes=10)):
        (look,) = desk.crawls(SCOPE, clock=At(noon(WEDNESDAY) - back))
        assert (look.verdict.kind, web.asked) == ("throttled", [])


@pytest.mark.parametrize("said", ["40", f"{noon(WEDNESDAY) + timedelta(seconds=60):%a, %d %b %Y %H:%M:%S} GMT"])
def test_a_short_time_is_waited_for_once_and_not_shortened(desk: Desk, web: Web, said: str) -> None:
    pages = routes.chain(papers())
    serve(web, pages)
    first, second = pages
    web.script(second, Reply(status=429, headers={"Retry-After": said}), pages[second])
    look = desk.fills(web.clock)
    (_, (slowed_at, _), (again_at, _)) = web.asked
    assert web.places() == [first, second, second]
    assert again_at >= (slowed_at + timedelta(seconds=40) if said == "40" else noon(WEDNESDAY) + timedelta(seconds=60))
    assert (look.verdict.kind, desk.ids()) == ("complete", ids(papers()))


# Row C4, cut answers

CATALOGUES = ("oai", "span")
READERS = (*DAILY, "oai")

VARIED = [
    *papers(1, 2),
    *papers(3, 1, title="Of <b>, & $x < y$", abstract="Words & more words. " * 20, categories=("cs.CV", "cs.LG")),
    *papers(4, 1, action="cross", categories=("cs.LG", "cs.CV"), comment="5 pages", journal_ref="J. 1 (2026) 2"),
    *papers(5, 1, action="replace", version=3, doi="10.1000/xyz.1"),
]


def check_cut(name: str, entries: list[Entry], end: float) -> None:
    """Check that of an answer that ends early every entry read is one of the true ones, and that it vouches for nothing."""
    body = routes.good(name, entries)
    whole = routes.read(name, body)
    with suppress(ReadError):
        page = routes.read(name, body[: int(len(body) * end)])
        assert set(page.sightings) <= set(whole.sightings)
        assert (page.whole, page.follow) == (False, ())
        assert len(page.sightings) + len(page.rejects) <= len(entries)


@pytest.mark.parametrize("name", READERS)
def test_an_answer_cut_at_any_hundredth_of_it_vouches_for_nothing(name: str) -> None:
    assert len(routes.read(name, routes.good(name, VARIED)).sightings) == len(VARIED)
    for hundredth in range(100):
        check_cut(name, VARIED, hundredth / 100)


@settings(deadline=None, max_examples=60)
@given(days.filter(bool), st.floats(0, 0.98), st.sampled_from(READERS))
def test_an_answer_cut_anywhere_vouches_for_nothing(entries: list[Entry], end: float, name: str) -> None:
    check_cut(name, entries, end)


@pytest.mark.parametrize("percent", [20, 60, 95])
@pytest.mark.parametrize("name", DAILY)
def test_a_cut_batch_is_never_complete_and_heals(desk: Desk, web: Web, name: str, percent: int) -> None:
    body = routes.good(name, VARIED)
    serve(web, before(name))
    web.script(place(name), Reply(body[: len(body) * percent // 100], headers={"ETag": '"cut"'}))
    (look,) = desk.crawls(SCOPE, clock=web.clock)
    assert look.verdict.kind in ("partial", "stale", "failed")
    assert place(name) in web.places()
    assert desk.ids() <= ids(VARIED)
    assert desk.days() == {WEDNESDAY: look.verdict.kind}
    assert (desk.checkpoint().batch, desk.checkpoint().validators) == (None, {})
    web.script(place("listing"), routes.reply("listing", VARIED))
    (look,) = desk.crawls(SCOPE, clock=web.clock)
    assert (look.verdict.kind, desk.ids(), desk.days()) == ("complete", ids(VARIED), {WEDNESDAY: "complete"})
    assert_announced_once(desk, VARIED)


def assert_announced_once(desk: Desk, entries: list[Entry]) -> None:
    """Check that every paper was announced once, or has its revision told once."""
    told = Counter(key for key, kind, *_ in desk.books()["events"] if kind in ("announced", "revised"))
    assert told == Counter(ids(entries))


# Row C5, entities and what else XML may be told to fetch

XML_READERS = ("rss", "atom", "query", "oai")
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-7", "utf-32")
BOMBS_OF_XML = ("a billion laughs", "a quadratic blow-up", "an attribute")
SECRET = "what is in the file of the reader"


def laughs(levels: int = 12) -> str:
    """Return the entities of a billion laughs and more."""
    return '<!ENTITY l0 "ha">' + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, levels))


def attacks(file: str, web: str) -> dict[str, tuple[str, str]]:
    """Return for each attack what stands in the type declaration, and what is used of it in a title."""
    fetched = f"<!ENTITY % out '<!ENTITY &#37; sent SYSTEM \"{web}/out?%file;\">'>"
    return {
        "a billion laughs": (f"[{laughs()}]", "&l11;"),
        "a quadratic blow-up": (f'[<!ENTITY long "{"long " * 20_000}">]', "&long;" * 5_000),
        "entities in a circle": ('[<!ENTITY a "&b;"><!ENTITY b "&a;">]', "&a;"),
        "a file": (f'[<!ENTITY x SYSTEM "{file}">]', "&x;"),
        "an address": (f'[<!ENTITY x SYSTEM "{web}/entity">]', "&x;"),
        "a public name": (f'[<!ENTITY x PUBLIC "-//x" "{web}/public">]', "&x;"),
        "a parameter entity": (f'[<!ENTITY % x SYSTEM "{web}/parameter">%x;]', "x"),
        "a file sent out": (f'[<!ENTITY % file SYSTEM "{file}">{fetched}%out;%sent;]', "x"),
        "a type declaration elsewhere": (f'SYSTEM "{web}/type.dtd"', "&x;"),
        "an entity in a default": (f'[<!ENTITY x SYSTEM "{file}"><!ATTLIST title a CDATA "&l1;">{laughs(2)}]', "x"),
        "an attribute": (f'[<!ENTITY long "{"long " * 20_000}">]', f'<b x="{"&long;" * 5_000}"/>'),
        "an inclusion": (
            "",
            (
                f'<x:include xmlns:x="http://www.w3.org/2001/XInclude" parse="text" href="{file}"/>'
                f'<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="{web}/included"/>'
            ),
        ),
        "a style sheet": ("", f'<?xml-stylesheet type="text/xsl" href="{web}/style.xsl"?>'),
    }


def armed(name: str, declaration: str, used: str, encoding: str = "utf-8") -> bytes:
    """Return an answer with an attack in the title of its second entry, in another encoding and saying so."""
    head, _, body = routes.good(name, papers()).decode().partition("?>")
    root = {"rss": "rss", "oai": "OAI-PMH"}.get(name, "feed")
    doctype = f"<!DOCTYPE {root} {declaration}>" if declaration else ""
    said = {"utf-8-sig": "utf-8"}.get(encoding, encoding)
    head = f"<?xml version='1.0' encoding='{said}'"
    return f"{head}?>{doctype}{body.replace('Title 2', f'{used} Title 2')}".encode(encoding)


@pytest.mark.parametrize("name", XML_READERS)
def test_no_reader_expands_opens_or_fetches_what_an_answer_tells_it_to(name: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text(SECRET)
    with serving() as trap, routes.watched(secret) as was_opened:
        for attack, (declaration, used) in attacks(secret.as_uri(), trap.url).items():
            # Expat lets the laughs go on for a second before it stops them.
            for encoding in ENCODINGS if attack not in BOMBS_OF_XML or name in ("query", "oai") else ENCODINGS[:1]:
                page, said = None, ""
                try:
                    page = routes.read(name, armed(name, declaration, used, encoding))
                except ReadError as error:
                    said = str(error)
                told = f"{page!r} {said}"
                assert SECRET not in told, attack
                assert len(told) < 50_000, attack
                assert "haha" not in told, attack
                assert page is None or {one.key for one in page.sightings} <= ids(papers()), attack
        assert (trap.asked(), was_opened()) == ([], False)
        assert secret.read_text() == SECRET
        assert was_opened() or sys.platform != "linux"


@pytest.mark.parametrize("name", ["rss", "atom"])
def test_a_feed_that_declares_what_is_harmless_is_read(name: str) -> None:
    page = routes.read(name, armed(name, '[<!ENTITY nbsp "&#160;"><!ENTITY writer "Jane Doe">]', "by &writer;"))
    assert {one.key for one in page.sightings} == ids(papers())
    assert page.sightings[1].title == "by Jane Doe Title 2"


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("name", XML_READERS)
def test_an_answer_in_another_encoding_is_read_right_or_not_at_all(name: str, encoding: str) -> None:
    entries = [*papers(1, 2), *papers(3, 1, title="Ümläut and 語", authors=("Zoë Ångström",))]
    body = routes.good(name, entries).decode().partition("?>")[2]
    true = set(routes.read(name, routes.good(name, entries)).sightings)
    said = {"utf-8-sig": "utf-8"}.get(encoding, encoding)
    with suppress(ReadError):
        page = routes.read(name, f"<?xml version='1.0' encoding='{said}'?>{body}".encode(encoding))
        assert set(page.sightings) <= true
        assert not page.whole or set(page.sightings) == true


MONDAY = date(2026, 8, 17)

# Row C7, another document in place of the one asked for

LOGIN = "login.example.com/sign-in"
WRONG = {
    "an error page": Reply(
        "<html><head><title>Error</title></head><body><h1>Something is wrong</h1></body></html>", headers=HTML
    ),
    "nothing": Reply("", headers=HTML),
    "blanks": Reply(" \r\n\t ", headers=XML),
    "no content": Reply(status=204),
    "a captcha": site.CAPTCHA,
    "JSON": Reply('{"error": {"code": 403, "message": "No updates today."}}', headers={"Content-Type": "application/json"}),
    "a broken JSON": Reply(b'[[[[{"a": 1e99999, "\xff": \x00', headers={"Content-Type": "application/json"}),
    "a login": Reply(status=302, headers={"Location": f"https://{LOGIN}"}),
    "plain text": Reply("We are back in an hour.", headers={"Content-Type": "text/plain"}),
    "another XML": Reply(
        "<?xml version='1.0'?><urlset><url><loc>https://arxiv.org/abs/2608.00001</loc></url></urlset>", headers=XML
    ),
    "a PDF": Reply(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj <</Title (x)>> endobj", headers={"Content-Type": "application/pdf"}),
    "not modified": Reply(status=304),
}
"""What is served with a status that does not say that anything is wrong, all but once."""

MOST_WRONG = ("an error page", "nothing", "no content", "JSON", "a login", "another XML", "not modified")


def lay_in(desk: Desk, web: Web) -> dict[str, list[object]]:
    """Let Tuesday be read and the store be filled up to it, and return what the store says then."""
    serve(web, {place("listing"): routes.reply("listing", papers(101), day=TUESDAY), **routes.chain(papers(91), day=TUESDAY)})
    web.now = noon(TUESDAY)
    desk.crawls(SCOPE, clock=web.clock)
    desk.fills(web.clock)
    assert desk.days() == {TUESDAY: "complete"}
    assert desk.ids() == ids(papers(101)) | ids(papers(91))
    web.now, web.asked, web.replies = noon(WEDNESDAY), [], {LOGIN: [Reply("<html><form>Sign in</form></html>", headers=HTML)]}
    return desk.books()


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_document_on_any_route_loses_nothing_and_settles_nothing(desk: Desk, web: Web, wrong: str) -> None:
    books, checkpoint = lay_in(desk, web), desk.checkpoint()
    # A host that has failed is asked no second thing: first all of them, then those that are not the first at theirs.
    for names in (DAILY, ("catchup", "atom")):
        empty = {} if names == DAILY else before("query")
        serve(web, empty | dict.fromkeys(map(place, names), WRONG[wrong]))
        (look,) = desk.crawls(SCOPE, clock=web.clock)
        assert look.verdict.kind in ("stale", "failed", "blocked")
        assert (desk.books(), desk.checkpoint()) == (books, checkpoint)
        assert desk.days() == {TUESDAY: "complete", WEDNESDAY: look.verdict.kind}
        for one in web.looks:
            said = one.error or ""
            assert one.verdict.kind == "stale" or routes.address(one.route) in said or LOGIN in said
    assert {place(name) for name in DAILY} <= set(web.places())
    web.script(place("listing"), routes.reply("listing", papers()))
    (look,) = desk.crawls(SCOPE, clock=web.clock)
    assert (look.verdict.kind, look.new) == ("complete", 4)
    assert desk.days() == {TUESDAY: "complete", WEDNESDAY: "complete"}


@pytest.mark.parametrize("wrong", MOST_WRONG)
def test_a_wrong_document_in_place_of_a_day_gone_by_leaves_it_owed(desk: Desk, web: Web, wrong: str) -> None:
    lay_in(desk, web)
    desk.crawls(SCOPE, clock=web.clock)
    web.now, web.asked = noon(THURSDAY), []
    web.script(place("listing"), routes.reply("listing", papers(201), day=THURSDAY))
    web.script(place("catchup"), WRONG[wrong])
    looks = desk.crawls(SCOPE, clock=web.clock)
    assert place("catchup") in web.places()
    assert [look.verdict.kind for look in looks] == ["complete", "failed"]
    assert routes.address("catchup") in (looks[1].error or "") or LOGIN in (looks[1].error or "")
    assert desk.days() == {TUESDAY: "complete", WEDNESDAY: "failed", THURSDAY: "complete"}
    web.script(place("catchup"), routes.reply("catchup", papers()))
    looks = desk.crawls(SCOPE, clock=web.clock)
    assert [look.verdict.kind for look in looks] == ["quiet", "complete"]
    assert ids(papers()) <= desk.ids()


def test_an_empty_page_does_not_settle_a_day_that_has_entries(desk: Desk, web: Web) -> None:
    lay_in(desk, web)
    web.script(place("listing"), site.cut(routes.reply("listing", VARIED)))
    (look,) = desk.crawls(SCOPE, clock=web.clock)
    assert (look.verdict.kind, desk.ids() & ids(VARIED) != set()) == ("partial", True)
    for day in (THURSDAY, MONDAY):  # while it is late, and when it is late no more
        web.now = noon(day)
        web.script(place("listing"), routes.reply("listing", papers(10 * day.day), day=day))
        web.script(place("catchup"), routes.reply("catchup", []))
        desk.crawls(SCOPE, clock=web.clock)
        assert web.places().count(place("catchup")) > 0
        assert desk.days()[WEDNESDAY] not in SETTLED
        web.asked = []


@pytest.mark.parametrize("wrong", MOST_WRONG)
@pytest.mark.parametrize("name", CATALOGUES)
def test_a_wrong_document_in_a_back_fill_moves_it_nowhere(desk: Desk, web: Web, name: str, wrong: str) -> None:
    pages, until = (routes.chain(papers()), None) if name == "oai" else (routes.spanned(papers()), WEDNESDAY)
    for number, target in enumerate(pages):
        books, harvest = desk.books(), desk.checkpoint().harvest
        serve(web, {LOGIN: Reply("<html><form>Sign in</form></html>", headers=HTML)} | pages | {target: WRONG[wrong]})
        look = desk.fills(web.clock, until=until)
        assert look.verdict.kind == "failed"
        assert f"https://{target}" in (look.error or "") or LOGIN in (look.error or "")
        if number == 0:
            assert (desk.books(), desk.checkpoint().harvest) == (books, harvest) == (books, None)
            continue
        harvest = desk.checkpoint().harvest
        assert harvest is not None
        assert (harvest.waiting, harvest.papers) == ((f"https://{target}",), 2 * number)
        assert desk.ids() == ids(papers(count=2 * number))
    serve(web, pages)
    assert desk.fills(web.clock, until=until).verdict.kind == "complete"
    assert desk.ids() == ids(papers())


# Row C10, robots.txt

FINE = "User-agent: *\nAllow: /list\nAllow: /catchup\nDisallow: /api\nDisallow: /search\nCrawl-delay: 15\n"
NO_CATCHUP = "User-agent: *\nAllow: /list\nDisallow: /catchup\n"
FILLER = "".join(f"Disallow: /nowhere/{number:060}\n" for number in range(8_000))
ELSEWHERE = "www.example.com/robots.txt"

ALLOWING = {
    "as it is": [Reply(FINE)],
    "there is none": [Reply(status=404)],
    "nobody may read it": [Reply(status=401)],
    "forbidden": [Reply(status=403)],
    "not acceptable": [Reply(status=406)],
    "gone": [Reply(status=410)],
    "empty": [Reply("")],
    "an error that passes": [Reply(status=500), Reply(FINE)],
    "a byte order mark, and another robot": [Reply(b"\xef\xbb\xbfUser-agent: Other\nDisallow: /\n")],
    "600 KB, barred after its first 500": [Reply("User-agent: *\n" + FILLER + "Disallow: /list\n")],
    "HTML": [Reply("<html><body>User-agent: * Disallow: /</body></html>", headers=HTML)],
}
BARRING: dict[str, list[Reply | CrawlError]] = {
    "barred": [Reply("User-agent: *\nDisallow: /\n")],
    "a byte order mark": [Reply(b"\xef\xbb\xbfUser-agent: *\r\nDisallow: /\r\n")],
    "by name": [Reply("User-agent: *\nAllow: /\n\nUser-agent: paperlark\nDisallow: /\n")],
    "600 KB, barred in its first 500": [Reply("User-agent: *\nDisallow: /list\nDisallow: /catchup\n" + FILLER)],
    "an error": [Reply(status=500)],
    "a gateway": [Reply(status=502)],
    "cut on its way": [Reply("User-agent: *\nAllow: /\n", length=500)],
    "silence": [FetchError("no whole answer within 30 s")],
    "a redirect to one that bars": [Reply(status=301, headers={"Location": f"https://{ELSEWHERE}"})],
}


@pytest.mark.parametrize("robots", ALLOWING)
def test_what_robots_txt_does_not_bar_is_asked(desk: Desk, web: Web, robots: str) -> None:
    web.script(ROBOTS, *ALLOWING[robots])
    serve(web, before("catchup") | {place("catchup"): routes.reply("catchup", papers())})
    (look,) = desk.crawls(SCOPE, clock=web.clock)
    assert (look.verdict.kind, look.route) == ("complete", "catchup")
    assert web.places() == [ROBOTS] * (2 if "passes" in robots else 1) + [place("listing"), place("catchup")]


@pytest.mark.parametrize("robots", BARRING)
def test_what_robots_txt_bars_is_not_asked_and_the_apis_are(desk: Desk, web: Web, robots: str) -> None:
    web.script(ROBOTS, *BARRING[robots])
    web.script(ELSEWHERE, "User-agent: *\nDisallow: /list\nDisallow: /catchup\n")
    serve(web, {place("listing"): routes.reply("listing", papers()), place("rss"): routes.reply("rss", papers())})
    (look,) = desk.crawls(SCOPE, clock=web.clock)
    assert (look.verdict.kind, look.route, desk.ids()) == ("partial", "rss", ids(papers()))
    assert set(web.places()) - {ELSEWHERE} == {ROBOTS, place("rss")}
    assert "robots.txt" in web.looks[0].verdict.why
    web.asked = []
    serve(web, routes.chain(papers(11)) | routes.spanned(papers(21)))
    assert [desk.fills(web.clock, until=until).verdict.kind for until in (None, WEDNESDAY)] == ["complete", "complete"]
    assert web.places() == [*routes.chain(papers(11)), *routes.spanned(papers(21))]


def test_the_catch_up_obeys_robots_txt_also_for_days_gone_by(desk: Desk, web: Web) -> None:
    lay_in(desk, web)
    web.script(ROBOTS, NO_CATCHUP)
    serve(web, before("catchup"))
    for day in (WEDNESDAY, THURSDAY):
        web.script(place("catchup", day=day), routes.reply("catchup", papers(), day=day))
    desk.crawls(SCOPE, clock=web.clock)
    assert [one.verdict.kind for one in web.looks[:2]] == ["stale", "blocked"]
    web.now = noon(THURSDAY)
    looks = desk.crawls(SCOPE, clock=web.clock)
    assert looks[0].verdict.kind not in SETTLED
    assert looks[1].verdict.kind == "blocked"
    assert "robots.txt does not allow it" in (looks[1].error or "")
    assert {target for target in web.places() if "catchup" in target} == set()
    assert desk.days()[WEDNESDAY] not in SETTLED


def test_robots_txt_is_asked_once_a_day_by_all_processes_together(desk: Desk, web: Web) -> None:
    web.script(ROBOTS, NO_CATCHUP)
    for later, asked in ((0, 1), (1, 1), (23, 1), (24, 2), (47, 2), (49, 3)):
        web.now = noon(WEDNESDAY) + timedelta(hours=later, minutes=-1 if later in (23, 47) else 0)
        desk.crawls(SCOPE, clock=At(web.now))
        assert web.places().count(ROBOTS) == asked, later
    assert not any("catchup" in target for target in web.places())


@pytest.mark.parametrize("outage", ["robots.txt", "the whole site"])
def test_an_outage_of_the_site_costs_no_scope_its_feed(desk: Desk, web: Web, outage: str) -> None:
    scopes = ("cs.AI", "cs.CL", "cs.CV", "cs.LG", "cs.RO", "cs.SD")
    down = Reply("down", status=500, headers=HTML)
    web.script(ROBOTS, down if outage == "robots.txt" else FINE)
    serve(web, {place(name, scope): down for name in ("listing", "catchup") for scope in scopes})
    serve(web, {place("rss", scope): routes.reply("rss", papers(), scope) for scope in scopes})
    looks = desk.crawls(*scopes, clock=web.clock)
    assert {look.scope: (look.route, look.seen) for look in looks} == dict.fromkeys(scopes, ("rss", 4))


# Row C12, asking only for what has changed

LABOUR_DAY, DAY_AFTER = date(2026, 9, 7), date(2026, 9, 8)
"""A Monday with a list, on whose evening nothing is announced, and the Tuesday on which the list is still that of Monday."""


def read_monday(desk: Desk, web: Web) -> None:
    """Let the list of Monday be read, and come back on Tuesday, when it may have changed for all we know."""
    said = {"ETag": 'W/"monday"', "Last-Modified": "Mon, 07 Sep 2026 00:05:00 GMT"}
    web.script(place("listing"), routes.reply("listing", papers(), day=LABOUR_DAY, **said))
    web.now = noon(LABOUR_DAY)
    (look,) = desk.crawls(SCOPE, clock=web.clock)
    assert look.verdict.kind == "complete"
    web.now, web.asked = noon(DAY_AFTER), []


def conditions(web: Web, target: str) -> tuple[str | None, str | None]:
    """Return on which conditions a place was asked last."""
    return web.headers[target].get("if-none-match"), web.headers[target].get("if-modified-since")


def test_an_unchanged_list_is_quiet_and_costs_no_body(desk: Desk, web: Web) -> None:
    read_monday(desk, web)
    books, checkpoint = desk.books(), desk.checkpoint()
    web.script(place("listing"), Reply(status=304))
    (look,) = desk.crawls(SCOPE, clock=web.clock)
    assert conditions(web, place("listing")) == ('W/"monday"', "Mon, 07 Sep 2026 00:05:00 GMT")
    assert (look.verdict.kind, look.requests, look.new, look.updated, look.error) == ("quiet", 2, 0, 0, None)
    assert (desk.books(), desk.checkpoint()) == (books, checkpoint)
    assert desk.days() == {LABOUR_DAY: "complete"}


@pytest.mark.parametrize("tag", ['"tuesday"', ""])
def test_the_same_list_with_another_tag_announces_nothing_twice(desk: Desk, web: Web, tag: str) -> None:
    read_monday(desk, web)
    books = desk.books()
    web.script(place("listing"), routes.reply("listing", papers(), day=LABOUR_DAY, **({"ETag": tag} if tag else {})))
    (look,) = desk.crawls(SCOPE, clock=web.clock)
    assert (look.verdict.kind, look.new, look.updated) == ("quiet", 0, 0)
    assert desk.books() == books
    assert_announced_once(desk, papers())


def test_a_tag_that_no_server_would_take_back_is_not_kept(desk: Desk, web: Web) -> None:
    web.script(place("listing"), routes.reply("listing", papers(), ETag=f'"{"x" * 100_000}"'))
    (look,) = desk.crawls(SCOPE, clock=web.clock)
    assert look.verdict.kind == "complete"
    assert desk.checkpoint().validators == {}


def test_a_list_without_a_tag_is_not_asked_for_by_the_one_it_had(desk: Desk, web: Web) -> None:
    read_monday(desk, web)
    web.now += timedelta(days=1)
    web.script(place("listing"), routes.reply("listing", papers(11), day=DAY_AFTER + timedelta(days=1)))
    desk.crawls(SCOPE, clock=web.clock)
    assert conditions(web, place("listing"))[0] == 'W/"monday"'
    web.now += timedelta(days=1)
    desk.crawls(SCOPE, clock=web.clock)
    assert conditions(web, place("listing")) == (None, None)


def test_an_unchanged_list_when_another_was_due_is_stale(desk: Desk, web: Web) -> None:
    read_monday(desk, web)
    web.now = noon(DAY_AFTER) + timedelta(days=1)
    web.script(place("listing"), Reply(status=304))
    (look,) = desk.crawls(SCOPE, clock=web.clock)
    assert web.looks[0].verdict.kind == "stale"
    assert look.verdict.kind == "stale"
    assert desk.days() == {LABOUR_DAY: "complete", DAY_AFTER + timedelta(days=1): "stale"}


def test_what_a_day_was_known_by_is_not_asked_of_another_day(desk: Desk, web: Web) -> None:
    for day in (TUESDAY, WEDNESDAY, THURSDAY):
        web.now = noon(day)
        first = 10 * day.day
        serve(web, before("catchup", day))
        web.script(place("catchup", day=day), routes.reply("catchup", papers(first), day=day, ETag='"same for all"'))
        (look,) = desk.crawls(SCOPE, clock=web.clock)
        assert (look.verdict.kind, look.route) == ("complete", "catchup")
        assert conditions(web, place("catchup", day=day)) == (None, None)


def test_days_gone_by_and_back_fills_are_asked_without_conditions(desk: Desk, web: Web) -> None:
    web.now = noon(TUESDAY)
    serve(web, before("catchup", TUESDAY))
    web.script(place("catchup", day=TUESDAY), routes.reply("catchup", papers(101), day=TUESDAY, ETag='"tuesday"'))
    desk.crawls(SCOPE, clock=web.clock)
    pages = routes.chain(papers(91))
    serve(web, {target: replace(page, headers={**page.headers, "ETag": '"page"'}) for target, page in pages.items()})
    for _ in range(2):
        desk.fills(web.clock)
        assert all(conditions(web, target) == (None, None) for target in web.places() if "oaipmh" in target)
    web.now = noon(WEDNESDAY)
    desk.crawls(SCOPE, clock=web.clock)
    web.now = noon(THURSDAY)
    web.script(place("catchup"), routes.reply("catchup", papers(), ETag='"wednesday"'))
    desk.crawls(SCOPE, clock=web.clock)
    assert conditions(web, place("catchup")) == (None, None)
    assert desk.days()[WEDNESDAY] == "complete"


@pytest.mark.parametrize("name", ["listing", "catchup", "rss", "atom"])
def test_what_could_not_be_committed_leaves_no_condition(
    desk: Desk, web: Web, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    serve(web, before(name))
    web.script(place(name), routes.reply(name, papers(), ETag='"once"'))
    with monkeypatch.context() as patch:
        patch.setattr(jobs.crawling, "SINK", "tests.faults.routes:open_failing")
        desk.crawls(SCOPE, clock=web.clock)
    assert any("the disk is full" in (one.error or "") for one in web.looks)
    assert (desk.ids(), desk.checkpoint().validators, desk.checkpoint().batch) == (set(), {}, None)
    (look,) = desk.crawls(SCOPE, clock=web.clock)
    assert conditions(web, place(name)) == (None, None)
    assert look.verdict.kind == ("complete" if name in ("listing", "catchup") else "partial")
    assert desk.ids() == ids(papers())
    assert_announced_once(desk, papers())


# OAI-PMH

SECOND, THIRD = (list(routes.chain(papers(count=6)))[number] for number in (1, 2))


def refuse(code: str) -> Reply:
    """Return an answer of OAI-PMH that is an error, which comes with status 200."""
    return Reply(render_oai_error(code, routes.asked_of_oai(), noon(WEDNESDAY)), headers=XML)


def test_no_records_never_moves_a_back_fill(desk: Desk, web: Web) -> None:
    serve(web, {place("oai"): refuse("noRecordsMatch")})
    look = desk.fills(web.clock)
    assert (look.verdict.kind, desk.checkpoint().harvest) == ("quiet", None)
    serve(web, routes.chain(papers()))
    desk.fills(web.clock)
    finished = desk.checkpoint().harvest
    assert finished is not None
    assert (finished.waiting, finished.as_of) == ((), WEDNESDAY)
    web.now = noon(date(2026, 8, 20))
    again = place("oai").replace("from=2026-08-01", "from=2026-08-11")
    for answer in ("noRecordsMatch", "badArgument"):
        web.script(again, refuse(answer))
        desk.fills(web.clock)
        assert web.places()[-1] == again
        assert desk.checkpoint().harvest == finished


def test_no_records_in_the_middle_of_a_back_fill_do_not_end_it(desk: Desk, web: Web) -> None:
    pages = routes.chain(papers(count=6))
    serve(web, pages | {THIRD: refuse("noRecordsMatch")})
    for _ in range(2):
        look = desk.fills(web.clock)
        harvest = desk.checkpoint().harvest
        assert harvest is not None
        assert harvest.waiting == (f"https://{THIRD}",)
        assert look.verdict.kind != "complete"
    serve(web, pages)
    assert desk.fills(web.clock).verdict.kind == "complete"
    assert desk.ids() == ids(papers(count=6))


def test_a_token_the_server_does_not_know_any_more_costs_nothing(desk: Desk, web: Web) -> None:
    pages = routes.chain(papers(count=6))
    reached = place("oai").replace("from=2026-08-01", "from=2026-08-11")
    rest = {reached: pages[place("oai")]}
    serve(web, pages | rest | {SECOND: Reply(b""), THIRD: pages[THIRD]})
    web.script(SECOND, refuse("badResumptionToken"), pages[SECOND])
    look = desk.fills(web.clock)
    assert web.places() == [place("oai"), SECOND, reached, SECOND, THIRD]
    assert look.verdict.kind == "complete"
    assert desk.ids() == ids(papers(count=6))
    harvest = desk.checkpoint().harvest
    assert harvest is not None
    assert harvest.waiting == ()


def test_a_server_that_knows_none_of_its_tokens_is_left_after_one_more_try(desk: Desk, web: Web) -> None:
    pages = routes.chain(papers(count=6))
    reached = place("oai").replace("from=2026-08-01", "from=2026-08-11")
    serve(web, pages | {SECOND: refuse("badResumptionToken"), reached: pages[place("oai")]})
    for asked in ([place("oai"), SECOND, reached, SECOND], [SECOND, reached, SECOND]):
        web.asked = []
        look = desk.fills(web.clock)
        assert web.places() == asked
        assert look.verdict.kind == "failed"
        assert "badResumptionToken" in (look.error or "")
        harvest = desk.checkpoint().harvest
        assert harvest is not None
        assert harvest.waiting == (f"https://{SECOND}",)
    serve(web, pages)
    assert desk.fills(web.clock).verdict.kind == "complete"
    assert desk.ids() == ids(papers(count=6))


@pytest.mark.parametrize("cycle", [1, 2])
def test_pages_that_lead_to_each_other_are_left(desk: Desk, web: Web, cycle: int) -> None:
    pages = routes.chain(papers(count=6))
    last = [SECOND, THIRD][cycle - 1]
    token = oai_token(routes.asked_of_oai(), 2)
    body = render_oai(routes.records(papers(2 * cycle + 1, 2)), routes.asked_of_oai(), noon(WEDNESDAY), token)
    serve(web, pages | {last: Reply(body, headers=XML)})
    look = desk.fills(web.clock)
    assert len(web.asked) < 10
    assert look.verdict.kind == "failed"
    assert desk.ids() == ids(papers(count=2 * cycle + 2))


def test_pages_of_what_is_known_change_nothing(desk: Desk, web: Web) -> None:
    serve(web, routes.chain(papers()))
    desk.fills(web.clock)
    books = desk.books()
    web.now += timedelta(days=1)
    again = place("oai").replace("from=2026-08-01", "from=2026-08-11")
    pages = routes.chain(papers())
    serve(web, {again: pages[place("oai")]})
    look = desk.fills(web.clock)
    assert (web.places()[-2:], look.seen, look.new, look.updated) == ([again, list(pages)[1]], 4, 0, 0)
    assert desk.books() == books
    assert desk.books()["events"] == []


def test_a_server_whose_clock_is_ahead_hides_nothing(desk: Desk, web: Web) -> None:
    ahead = date(2099, 1, 1)
    serve(web, {place("oai"): Reply(render_oai(routes.records(papers()), routes.asked_of_oai(), noon(ahead)), headers=XML)})
    desk.fills(web.clock)
    web.now += timedelta(days=1)
    desk.fills(web.clock)
    assert web.places()[-1] <= place("oai").replace("from=2026-08-01", "from=2026-08-13")


def test_a_record_from_the_future_does_not_lead_past_the_others(desk: Desk, web: Web) -> None:
    pages = routes.chain(papers(count=6))
    token = oai_token(routes.asked_of_oai(), 2)
    future = routes.records(papers(1, 1)) + routes.records(papers(2, 1), date(2099, 1, 1))
    body = render_oai(future, routes.asked_of_oai(), noon(WEDNESDAY), token)
    serve(web, pages | {place("oai"): Reply(body, headers=XML), SECOND: refuse("badResumptionToken")})
    desk.fills(web.clock)
    assert web.places()[2] <= place("oai").replace("from=2026-08-01", "from=2026-08-13")


OVERLAP = place("oai").replace("from=2026-08-01", "from=2026-08-11")
"""Where a back-fill begins anew that has come to Wednesday."""

FAULTS: dict[str, Callable[[Reply], Reply]] = {
    "cut": site.cut,
    "cut on its way": lambda page: replace(page, length=100_000),
    "an error": lambda _: Reply("down", status=500),
    "a captcha": lambda _: site.CAPTCHA,
    "no content": lambda _: Reply(status=204),
    "no records": lambda _: refuse("noRecordsMatch"),
    "a bad token": lambda _: refuse("badResumptionToken"),
}


@settings(deadline=None, max_examples=10)
@given(faults=st.lists(st.tuples(st.integers(0, 2), st.sampled_from(sorted(FAULTS))), max_size=4))
def test_a_back_fill_ends_as_if_nothing_had_gone_wrong_whatever_did(
    sqlite_template: Path, faults: list[tuple[int, str]]
) -> None:
    pages = routes.chain(papers(count=6))
    with hurried(), TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        web = Web()
        patch.setattr(jobs.crawling, "crawl", web.crawl)
        with routes.open_desk(sqlite_template, Path(folder)) as desk:
            for number, fault in faults:
                target = list(pages)[number]
                serve(web, pages | {OVERLAP: pages[place("oai")], target: FAULTS[fault](pages[target])})
                web.asked = []
                desk.fills(web.clock)
                assert desk.ids() <= ids(papers(count=6))
            serve(web, pages | {OVERLAP: pages[place("oai")]})
            web.asked = []
            look = desk.fills(web.clock)
            harvest = desk.checkpoint().harvest
            assert harvest is not None
            assert (look.error, harvest.waiting, harvest.as_of) == (None, (), WEDNESDAY)
            assert desk.ids() == ids(papers(count=6))
            assert [row[1:] for row in desk.books()["papers"]] == [
                (one.title, one.abstract, *row[3:]) for one, row in zip(papers(count=6), desk.books()["papers"], strict=True)
            ]


# What needs a process and a network of its own


@pytest.fixture
def unruly() -> Iterator[Unruly]:
    with routes.misbehaving() as unruly:
        unruly.script("feed.papers.test/a", playground.words("p1"))
        yield unruly


@pytest.fixture
def far(sqlite_template: Path, tmp_path: Path, unruly: Unruly) -> Iterator[Desk]:
    """Give an empty store whose crawls are made by a child."""
    with routes.open_desk(sqlite_template, tmp_path, unruly.url) as desk:
        yield desk


def test_what_was_said_to_one_process_holds_for_the_next(far: Desk, unruly: Unruly) -> None:
    pages = routes.chain(papers(count=6))
    serve(unruly, pages | {place("listing"): routes.reply("listing", papers())})
    unruly.script(THIRD, Reply("Rate exceeded.", status=503, headers={"Retry-After": "3600"}), pages[THIRD])
    at, until = noon(WEDNESDAY), noon(WEDNESDAY) + timedelta(hours=1)
    assert far.fills(At(at)).verdict.next_at == until
    assert unruly.asked() == list(pages)
    (look,) = far.crawls(SCOPE, clock=At(until - timedelta(seconds=1)))
    assert (look.verdict.kind, look.verdict.next_at) == ("throttled", until)
    assert unruly.asked() == list(pages)
    assert far.fills(At(until)).verdict.kind == "complete"
    assert unruly.asked()[len(pages) :] == [THIRD]
    assert far.ids() == ids(papers(count=6))


def test_a_process_killed_between_two_pages_of_a_back_fill_costs_nothing(
    far: Desk, unruly: Unruly, sqlite_template: Path, tmp_path: Path
) -> None:
    web = Web()
    pages = routes.chain(papers(count=6))
    serve(unruly, pages)

    def kill(target: str) -> None:
        if target == THIRD:
            unruly.watch = lambda _target: None
            for child in multiprocessing.active_children():
                child.kill()

    unruly.watch = kill
    look = far.fills(At(noon(WEDNESDAY)))
    assert look.error == "arxiv cs.CV: the crawling process was killed by signal 9"
    harvest = far.checkpoint().harvest
    assert harvest is not None
    assert (harvest.waiting, harvest.papers) == ((f"https://{THIRD}",), 4)
    unruly.requests.clear()
    assert far.fills(At(noon(WEDNESDAY))).verdict.kind == "complete"
    assert unruly.asked() == [THIRD]
    (tmp_path / "undisturbed").mkdir()
    serve(web, pages)
    with routes.open_desk(sqlite_template, tmp_path / "undisturbed") as other, pytest.MonkeyPatch.context() as patch:
        patch.setattr(jobs.crawling, "crawl", web.crawl)
        assert other.fills(At(noon(WEDNESDAY))).new == 6
        assert far.books() == other.books()
        assert far.checkpoint() == other.checkpoint()


def test_a_process_killed_before_it_commits_leaves_no_condition(
    far: Desk, unruly: Unruly, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(unruly, {place("listing"): routes.reply("listing", papers(), ETag='"once"')})
    with monkeypatch.context() as patch:
        patch.setattr(jobs.crawling, "SINK", "tests.faults.routes:open_deadly")
        (look,) = far.crawls(SCOPE, clock=At(noon(WEDNESDAY)))
    assert look.error == "arxiv cs.CV: the crawling process was killed by signal 9"
    assert (far.ids(), far.checkpoint().validators, far.checkpoint().batch) == (set(), {}, None)
    (look,) = far.crawls(SCOPE, clock=At(noon(WEDNESDAY)))
    assert (look.verdict.kind, look.new, far.ids()) == ("complete", 4, ids(papers()))
    assert unruly.asked() == [ROBOTS, place("listing"), place("listing")]
    assert not any("if-none-match" in request.headers for request in unruly.requests)
    assert_announced_once(far, papers())


def test_wrong_documents_on_the_wire_are_told_with_their_place(far: Desk, unruly: Unruly) -> None:
    wrong = {f"cs.{number}": document for number, document in enumerate(WRONG.values())}
    serve(unruly, {place(name, scope): document for scope, document in wrong.items() for name in DAILY})
    serve(unruly, {LOGIN: Reply("<html><form>Sign in</form></html>", headers=HTML)})
    serve(unruly, {place("listing"): routes.reply("listing", papers())})
    plan = CrawlPlan(
        source="crawler.sources.arxiv:SOURCE",
        scopes=(*wrong, SCOPE),
        database=far.url,
        mirror=unruly.url,
        clock=At(noon(WEDNESDAY)),
    )
    report = crawl(plan, jobs.crawling.SINK, lambda _told: None)
    kinds = {look.scope: look.verdict.kind for look in report.results}
    assert kinds[SCOPE] == "complete"
    assert {kinds[scope] for scope in wrong} <= {"failed", "stale", "blocked"}
    for look in report.looks:
        routes.check_words(look)
        where = (routes.address(look.route, look.scope), LOGIN)
        assert look.verdict.kind != "failed" or any(one in (look.error or "") for one in where)
    assert far.ids() == ids(papers())


@pytest.mark.parametrize("name", CATALOGUES)
def test_a_page_cut_on_its_way_is_kept_as_far_as_it_came_and_asked_for_again(far: Desk, unruly: Unruly, name: str) -> None:
    until = None if name == "oai" else WEDNESDAY
    build = routes.chain if name == "oai" else routes.spanned
    scopes, targets = ("cs.CV", "cs.LG", "cs.RO"), {}
    for number, scope in enumerate(scopes):
        pages = build(papers(10 * number + 1), scope=scope)
        targets[scope] = target = list(pages)[1]
        body = pages[target].body
        assert isinstance(body, bytes)
        packed = Reply(gzip.compress(body)[:-60], headers=XML | {"Content-Encoding": "gzip"})
        cut = (replace(pages[target], length=len(body) + 100), packed, Reply(body[: len(body) // 2], headers=XML))[number]
        serve(unruly, pages)
        unruly.script(target, *[cut] * (3 if number < 2 else 1), pages[target])
    errand = Errand(since=SINCE, until=until)
    looks = far.crawls(*scopes, clock=At(noon(WEDNESDAY)), errand=errand)
    for number, look in enumerate(looks):
        assert look.verdict.kind == "failed"
        assert f"(https://{targets[look.scope]})" in (look.error or "")
        harvest = far.checkpoint(look.scope).harvest
        assert harvest is not None
        assert harvest.waiting == (f"https://{targets[look.scope]}",)
        assert ids(papers(10 * number + 1, 2)) <= far.ids()
    every = {one for number in range(3) for one in ids(papers(10 * number + 1))}
    assert far.ids() <= every
    unruly.requests.clear()
    looks = far.crawls(*scopes, clock=At(noon(WEDNESDAY)), errand=errand)
    assert [look.verdict.kind for look in looks] == ["complete"] * 3
    assert unruly.asked() == list(targets.values())
    assert far.ids() == every


# Row C3, bombs

BOMBED = ("listing", "rss", "query", "oai")
"""One route for each reader."""
MEGABYTES = 300
ITEM = {"listing": "<dt></dt>", "rss": "<item/>", "query": "<entry/>", "oai": "<record/>"}
END = {"listing": "</body>", "rss": "</channel>", "query": "</feed>", "oai": "</ListRecords>"}


def zipped(body: bytes, encoding: str = "gzip") -> Reply:
    """Return a body that comes packed."""
    return Reply(body, headers=XML | {"Content-Encoding": encoding})


def packed(block: bytes, times: int, wbits: int = 31) -> bytes:
    """Return a block again and again, packed in the time that one takes; no client will come to the end and its checksum."""
    packer = zlib.compressobj(9, wbits=wbits)
    begun = packer.compress(b" ") + packer.flush(zlib.Z_FULL_FLUSH)
    one = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    return begun + one * times + packer.flush()


def titled(name: str, title: str) -> Reply:
    """Return an answer with another second title."""
    return zipped(gzip.compress(routes.good(name, papers()).replace(b"Title 2", title.encode()), 1))


def stuffed(name: str, more: str) -> Reply:
    """Return an answer that has more in it after its last entry."""
    head, end, tail = routes.good(name, papers()).decode().rpartition(END[name])
    return zipped(gzip.compress(f"{head}{more}{end}{tail}".encode(), 1))


MEGABYTE, NULLS = bytes(2**20), packed(bytes(2**20), 400)
BOMBS: dict[str, Callable[[str], Reply]] = {
    "GZIP": lambda _: zipped(NULLS),
    "TWICE": lambda _: zipped(gzip.compress(NULLS)),
    "MEMBERS": lambda _: zipped(gzip.compress(b" ") * 100_000),
    "DEFLATE": lambda _: zipped(packed(MEGABYTE, 400, 15), "deflate"),
    "BROTLI": lambda _: zipped(b"\x9b" + bytes(100), "br"),
    "ZSTD": lambda _: zipped(b"\x28\xb5\x2f\xfd" + bytes(100), "zstd"),
    "TITLE": lambda name: titled(name, "word " * 20_000_000),
    "LONG": lambda name: titled(name, "word " * 1_000_000),
    "WIDE": lambda name: titled(name, "<b/>" * 10_000),
    "DEEP": lambda name: stuffed(name, "<b>" * 200_000 + "</b>" * 200_000),
    "TAGS": lambda name: stuffed(name, "<a/>" * 3_000_000),
    "HALF": lambda name: stuffed(name, ITEM[name] * 490_000),
    "MANY": lambda name: stuffed(name, ITEM[name] * 1_000_000),
}
ROGUES = {"ENDLESS": routes.endless, "BABBLE": routes.babbling, "DRIP": routes.dripping}
SAID = {
    "GZIP": "once unpacked",
    "TWICE": "not what the source promised",
    "MEMBERS": "gzip members",
    "DEFLATE": "not asked for",
    "BROTLI": "not asked for",
    "ZSTD": "not asked for",
    "TITLE": "once unpacked",
    "ENDLESS": "larger than|no whole answer within",
    "DRIP": "no whole answer within 0.5 s",
    "BABBLE": "bytes of headers",
}
"""What is said of the bombs that cannot be read at all."""


# To wait for what drips takes time.
CASES = [(name, bomb) for name in BOMBED for bomb in (*ROGUES, *BOMBS) if bomb != "DRIP" or name in ("listing", "oai")]


@dataclass(frozen=True)
class Bombed:
    """What came of bombs: the look by each one's own route, how many megabytes reading it took, the papers in the store."""

    looks: dict[str, Look]
    megabytes: dict[str, int]
    ids: set[str]


def bombard(unruly: Unruly, url: str, names: tuple[str, ...], errand: Errand | None) -> CrawlReport:
    """Crawl bombs on some routes, and after them what is good."""
    scopes = [f"{name}.{bomb}" for bomb in (*ROGUES, *BOMBS) for name in names if (name, bomb) in CASES]
    for scope in scopes:
        name, _, bomb = scope.partition(".")
        if bomb in BOMBS:
            unruly.script(place(name, scope), BOMBS[bomb](name))
        else:
            unruly.rogues[place(name, scope)] = ROGUES[bomb]
    unruly.script(place(names[0], f"{names[0]}.GOOD"), routes.reply(names[0], papers(101), f"{names[0]}.GOOD"))
    plan = CrawlPlan(
        source="tests.faults.routes:IMPATIENT",
        scopes=(*scopes, f"{names[0]}.GOOD"),
        database=url,
        mirror=unruly.url,
        clock=At(noon(WEDNESDAY)),
        errand=errand,
    )
    return crawl(plan, jobs.crawling.SINK, lambda _told: None)


@pytest.fixture(scope="module")
def bombed(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bombed]:
    """Give what came of every bomb on every route: of one crawl for the routes to a batch, and one for the back-fill."""
    folder = tmp_path_factory.mktemp("bombed")
    with (
        pytest.MonkeyPatch.context() as patch,
        routes.misbehaving() as unruly,
        routes.open_desk(sqlite_template, folder, unruly.url) as desk,
    ):
        patch.setenv(routes.PEAKS, str(folder / "peaks"))
        reports = [bombard(unruly, desk.url, BOMBED[:3], None), bombard(unruly, desk.url, BOMBED[3:], ERRANDS["oai"])]
        looks = {look.scope: look for report in reports for look in report.looks if look.scope.startswith(f"{look.route}.")}
        lines = map(str.split, (folder / "peaks").read_text().splitlines())
        yield Bombed(looks, {scope: int(megabytes) for scope, megabytes in lines}, desk.ids())


@pytest.mark.slow
def test_no_bomb_keeps_the_next_scope_waiting(bombed: Bombed) -> None:
    for scope in ("listing.GOOD", "oai.GOOD"):
        look, found, megabytes = bombed.looks[scope], bombed.ids, bombed.megabytes[scope]
        assert (look.verdict.kind, look.seen) == ("complete", 4)
        assert megabytes < MEGABYTES
        assert found == ids(papers()) | ids(papers(101))


@pytest.mark.slow
@pytest.mark.parametrize(("name", "bomb"), CASES)
def test_a_bomb_is_told_with_its_place_and_takes_no_memory(bombed: Bombed, name: str, bomb: str) -> None:
    scope = f"{name}.{bomb}"
    # What cannot be unpacked is not read; the memory it takes is measured with the next that is.
    megabytes = bombed.megabytes.get(scope, 0)
    assert megabytes < MEGABYTES
    look = bombed.looks.get(scope)
    if look is None:
        assert name == "query"  # of a search that gave nothing nothing is told: its index follows when it follows
        return
    rejected = len(look.rejects)
    assert (look.seen <= 4, rejected <= 20_000) == (True, True), rejected
    assert look.verdict.kind == "failed" or bomb not in SAID
    if bomb in SAID:
        routes.check_words(look)
        assert any(words in (look.error or "") for words in SAID[bomb].split("|"))
        assert f"https://{place(name, scope)}" in (look.error or "")
