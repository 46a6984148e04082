"""Pages as no source should serve them, each through the whole `paperlark run`.

A good day is stored first. Then every category is bad in a way of its own, at once: what cannot be read ends in a reject, a
verdict or an error that says where; what stands beside it is kept, and so is what was there before.
"""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

from crawler.samples.arxiv import Entry
from tests.crawler.arxiv_days import entry
from tests.crawler.origin import Origin, Reply, serving
from tests.faults import site
from tests.faults.reader import Done, Reader, open_reader, write_settings

pytestmark = pytest.mark.slow

TUESDAY, WEDNESDAY, THURSDAY = (date(2026, 8, day) for day in (11, 12, 13))
CUT, CAPTCHA, EMPTY, NO_TITLE, HOSTILE, FED, BARRED = "cs.CV", "cs.LG", "cs.RO", "cs.AI", "cs.CL", "cs.IR", "cs.SD"
BOMB, INWARD, HTML_FEED, ERROR_FEED, GONE, GOOD = "cs.GR", "cs.MM", "cs.NE", "cs.CR", "cs.DB", "eess.IV"
SCOPES = (CUT, CAPTCHA, EMPTY, NO_TITLE, HOSTILE, FED, BARRED, BOMB, INWARD, HTML_FEED, ERROR_FEED, GONE, GOOD)
STALE_OR_PARTIAL = (CUT, EMPTY, NO_TITLE, HOSTILE, FED, BARRED, GOOD)

TITLES = {
    1: "Skylark one\r\nBcc: everybody@example.org\r\n\r\nand a body",
    2: "Skylark two \x00 with NUL",
    3: "Skylark three \ud83d and a lone surrogate",
    4: "Skylark four <script>alert(1)</script><img src=x onerror=alert(2)>",
    5: "Skylark five ](http://evil.example/x) [and](javascript:alert(1)) `code` **bold**",
    6: "Skylark six | with | pipes | and --- rules",
    7: "Skylark seven " + "x" * 5000,
    8: "Skylark eight \u202e\u200b\x1b[31m and \x07 bells",
}
"""Titles by the number of their paper."""

ERROR = """<?xml version='1.0' encoding='UTF-8'?>
<rss version="2.0"><channel><title>Feed error for query: http://rss.arxiv.org/rss/cs.CR</title>
<link>http://rss.arxiv.org/rss/cs.CR</link><description>Bad archive 'cs.CR'. Valid archive names are: cs, econ.</description>
<language>en-us</language><pubDate>Wed, 12 Aug 2026 00:00:00 -0400</pubDate></channel></rss>
"""


def batch(scope: str, day: date, numbers: range = range(1, 5)) -> list[Entry]:
    """Return the entries of a category on a day; every title has the word that is wanted."""
    place = (day.day - 10) * 1000 + SCOPES.index(scope) * 20
    return [entry(place + number, title=f"Skylark {scope} {day} {number}", categories=(scope,)) for number in numbers]


def noon(day: date, hour: int = 12) -> datetime:
    """Return an hour in UTC at which lists and feeds are out."""
    return datetime.combine(day, time(hour), UTC)


def robots() -> str:
    """Return a robots.txt of 600 KB; what stands at its beginning counts, and what stands at its end does not."""
    filler = "".join(f"Disallow: /nowhere/{number:060}\n" for number in range(8000))
    text = f"User-agent: *\nDisallow: /list/{BARRED}/\nDisallow: /catchup/{BARRED}/\n{filler}Disallow: /list/\n"
    assert len(text) > 600_000
    return text


def bomb() -> Reply:
    """Return 400 MB of nothing, packed into as many kilobytes."""
    packer = zlib.compressobj(9, wbits=31)
    head, block = packer.compress(b" ") + packer.flush(zlib.Z_FULL_FLUSH), bytes(1024 * 1024)
    one = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    return Reply(head + one * 400, headers={**site.HTML, "Content-Encoding": "gzip"})


def without_title(page: Reply, title: str) -> Reply:
    """Return the list with one title left out, its markup included."""
    assert isinstance(page.body, bytes)
    body = re.sub(
        rb"<div class='list-title mathjax'>[^/]*/span>\s*" + re.escape(title.encode()) + rb"\s*</div>", b"", page.body
    )
    assert len(body) < len(page.body)
    return replace(page, body=body)


def hostile(scope: str, day: date) -> list[Entry]:
    """Return a batch in which every title is an attack, but for two."""
    entries = batch(scope, day, range(10))
    return [replace(one, title=TITLES.get(number, one.title)) for number, one in enumerate(entries)]


def raw(page: Reply) -> Reply:
    """Return the feed with the bytes in it that no XML may hold, and that were left out when it was made."""
    assert isinstance(page.body, bytes)
    body = page.body.replace(b"two  with", b"two \x00 with").replace(b"three  and", b"three \xed\xa0\xbd and")
    assert len(body) == len(page.body) + 4
    return replace(page, body=body)


def serve_wednesday(web: Origin) -> None:
    """Serve what is bad and yet no failure: rejects, partial and stale lists, and lists that the feed makes good."""
    page = {scope: site.list_page(scope, WEDNESDAY, batch(scope, WEDNESDAY)) for scope in SCOPES}
    web.script(site.listing(CUT), site.cut(page[CUT]))
    web.script(site.feed(CUT), Reply("out of order", status=500))
    web.script(site.listing(EMPTY), site.list_page(EMPTY, WEDNESDAY, []))
    web.script(site.feed(EMPTY), site.feed_page(EMPTY, WEDNESDAY, []))
    web.script(site.listing(NO_TITLE), without_title(page[NO_TITLE], batch(NO_TITLE, WEDNESDAY)[1].title))
    web.script(site.listing(HOSTILE), site.list_page(HOSTILE, WEDNESDAY, hostile(HOSTILE, WEDNESDAY)))
    web.script(site.listing(FED), Reply("out of order", status=500))
    web.script(site.feed(FED), raw(site.feed_page(FED, WEDNESDAY, hostile(FED, WEDNESDAY))))
    for scope in (BARRED, GOOD):
        site.show(web, scope, WEDNESDAY, batch(scope, WEDNESDAY))


def serve_thursday(web: Origin, trap: str) -> None:
    """Serve what can only fail, beside one list that is as it should be."""
    web.script(site.listing(CAPTCHA), site.CAPTCHA)
    web.script(site.listing(BOMB), bomb())
    web.script(site.feed(BOMB), bomb())
    web.script(site.listing(INWARD), Reply(status=302, headers={"Location": f"{trap}/secret"}))
    web.script(site.feed(INWARD), Reply(status=301, headers={"Location": f"{trap}/secret"}))
    web.script(site.feed(ERROR_FEED), Reply(ERROR, headers=site.RSS))
    for scope in (CAPTCHA, HTML_FEED):
        web.script(site.feed(scope), Reply("<!DOCTYPE html><html><body>Down for maintenance</body></html>", headers=site.RSS))
    for scope in (CAPTCHA, BOMB, INWARD, ERROR_FEED, HTML_FEED):
        web.script(site.atom(scope), *web.replies[site.feed(scope)])
    site.show(web, GOOD, THURSDAY, batch(GOOD, THURSDAY))


@dataclass(frozen=True)
class Days:
    """What came of the three days."""

    reader: Reader
    tuesday: dict[str, dict[str, Any]]
    wednesday: Done
    thursday: Done
    stored: dict[str, dict[str, Any]]
    trapped: list[str]

    def look(self, scope: str) -> dict[str, Any]:
        """Return what was told of a category on the day it was bad."""
        done = self.wednesday if scope in STALE_OR_PARTIAL else self.thursday
        return next(look for look in done.said["runs"] if look["scope"] == scope)

    def of(self, scope: str, day: date) -> list[bool]:
        """Tell of each paper of a batch whether it is stored."""
        return [one.id in self.stored for one in batch(scope, day)]


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Days]:
    folder = tmp_path_factory.mktemp("bad")
    with serving() as web, serving() as trap, open_reader(folder, web.url) as reader:
        web.script("arxiv.org/robots.txt", robots())
        write_settings(reader, SCOPES, "title:skylark")
        for scope in SCOPES:
            site.show(web, scope, TUESDAY, batch(scope, TUESDAY))
        assert reader.does(noon(TUESDAY), "run", "--json").status == 0
        tuesday = reader.exported(noon(TUESDAY, 13))
        web.replies.clear()
        web.script("arxiv.org/robots.txt", robots())
        write_settings(reader, STALE_OR_PARTIAL, "title:skylark")
        serve_wednesday(web)
        wednesday = reader.does(noon(WEDNESDAY), "run", "--json")
        write_settings(reader, [scope for scope in SCOPES if scope not in STALE_OR_PARTIAL] + [GOOD], "title:skylark")
        serve_thursday(web, trap.url)
        thursday = reader.does(noon(THURSDAY), "run", "--json")
        yield Days(reader, tuesday, wednesday, thursday, reader.exported(noon(THURSDAY, 13)), trap.asked())


def test_what_was_stored_before_is_still_there(days: Days) -> None:
    assert len(days.tuesday) == 4 * len(SCOPES)
    assert {paper_id: days.stored[paper_id] for paper_id in days.tuesday} == days.tuesday


def test_what_is_bad_and_no_failure_ends_well(days: Days) -> None:
    assert (days.wednesday.status, days.wednesday.err) == (0, "")
    assert days.wednesday.verdicts == {
        CUT: "partial",
        EMPTY: "stale",
        NO_TITLE: "partial",
        HOSTILE: "complete",
        FED: "partial",
        BARRED: "partial",
        GOOD: "complete",
    }


def test_what_failed_is_told_by_the_exit_status(days: Days) -> None:
    assert days.look(GOOD)["error"] is None
    assert (days.thursday.status, days.thursday.err) == (1, "")
    assert days.thursday.verdicts == {
        CAPTCHA: "blocked",
        **dict.fromkeys((BOMB, HTML_FEED, ERROR_FEED, GONE), "failed"),
        INWARD: "blocked",
        GOOD: "complete",
    }
    assert days.of(GOOD, THURSDAY) == [True] * 4


def test_a_list_that_is_cut_keeps_what_came(days: Days) -> None:
    look = days.look(CUT)
    assert look["error"] is None
    assert "entries" in look["why"]
    kept = days.of(CUT, WEDNESDAY)
    assert kept == sorted(kept, reverse=True)
    assert 0 < sum(kept) < 4


def test_an_empty_list_on_a_weekday_is_stale(days: Days) -> None:
    assert days.look(EMPTY)["why"] == "an empty list, although that of 2026-08-12 was due"


def test_an_entry_without_title_is_a_reject_among_good_ones(days: Days) -> None:
    look = days.look(NO_TITLE)
    (reject,) = look["rejects"]
    assert reject["key"] == batch(NO_TITLE, WEDNESDAY)[1].id
    assert "title" in reject["why"]
    assert days.of(NO_TITLE, WEDNESDAY) == [True, False, True, True]


@pytest.mark.parametrize("scope", [HOSTILE, FED])
def test_hostile_titles_are_kept_and_harmless(days: Days, scope: str) -> None:
    assert days.look(scope)["rejects"] == []
    for number, one in enumerate(hostile(scope, WEDNESDAY)):
        title = days.stored[one.id]["title"]
        assert title.startswith(f"Skylark {scope}" if number not in TITLES else TITLES[number][:11])
        assert title.isprintable()
        assert 10 < len(title) <= 5100
        assert days.stored[one.id]["abstract"] == one.abstract


def test_no_title_breaks_the_digest(days: Days) -> None:
    folder = days.reader.folder / "digests" / WEDNESDAY.isoformat()
    html, markdown = ((folder / f"morning.{form}").read_text("utf-8") for form in ("html", "md"))
    assert {path.name for path in folder.iterdir()} == {"morning.html", "morning.md"}
    assert "<script" not in html
    assert "<img" not in html
    assert "<script" not in markdown.replace(r"\<script", "")
    assert "](http://evil" not in markdown.replace(r"\](", "")
    for paper in [*hostile(HOSTILE, WEDNESDAY), *hostile(FED, WEDNESDAY), *batch(GOOD, WEDNESDAY)]:
        assert f"https://arxiv.org/abs/{paper.id}" in html
        assert f"(https://arxiv.org/abs/{paper.id})" in markdown
    mails = [message_from_bytes(body, policy=policy.default) for body in days.reader.mail.bodies]
    assert len(mails) == 3
    for mail in mails:
        assert mail["Bcc"] is None
        page = mail.get_body(("html",))
        assert page is not None
        assert "<script" not in page.get_content()


def test_the_beginning_of_a_huge_robots_txt_is_obeyed(days: Days) -> None:
    assert days.look(BARRED)["route"] == "rss"
    assert days.of(BARRED, WEDNESDAY) == [True] * 4
    assert days.look(HOSTILE)["route"] == "listing"


@pytest.mark.parametrize(
    ("scope", "place", "why"),
    [
        (CAPTCHA, f"https://arxiv.org/list/{CAPTCHA}/new", "wants to see that a person asks"),
        (BOMB, f"https://rss.arxiv.org/atom/{BOMB}", "larger than 8,388,608 bytes once unpacked"),
        (HTML_FEED, f"https://rss.arxiv.org/atom/{HTML_FEED}", "no RSS or Atom feed"),
        (ERROR_FEED, f"https://rss.arxiv.org/atom/{ERROR_FEED}", "Bad archive 'cs.CR'"),
        (GONE, f"https://rss.arxiv.org/atom/{GONE}", "404"),
        (INWARD, "http://127.0.0.1:", "127.0.0.1"),
    ],
)
def test_an_error_names_the_source_and_the_place(days: Days, scope: str, place: str, why: str) -> None:
    error = days.look(scope)["error"]
    assert error.startswith(f"arxiv {scope}: ")
    assert place in error
    assert why in error
    assert "\n" not in error
    assert days.of(scope, TUESDAY) == [True] * 4


def test_nothing_on_this_machine_was_asked(days: Days) -> None:
    assert days.trapped == []


def test_a_person_is_told_in_lines(days: Days) -> None:
    told = days.reader.does(noon(THURSDAY, 14), "status")
    assert told.status == 1
    for scope in (CAPTCHA, BOMB, HTML_FEED, ERROR_FEED, GONE, INWARD):
        assert any(scope in line for line in told.out.splitlines())


def test_nothing_is_left_beside_the_digests(days: Days) -> None:
    files = {path.suffix for path in Path(days.reader.folder, "digests").rglob("*") if path.is_file()}
    assert files == {".md", ".html"}
