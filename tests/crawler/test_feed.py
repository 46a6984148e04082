import gzip
import json
import pyexpat
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.author_list import names
from crawler.errors import ReadError
from crawler.identifiers import Identifier
from crawler.readers.arxiv_feed import read_arxiv_feed
from crawler.readers.arxiv_listing import read_arxiv_listing
from crawler.readers.feed import open_feed
from crawler.samples.arxiv import Entry, render_listing
from crawler.samples.arxiv_feed import LICENCE, render_atom, render_feed
from crawler.sighting import Author, Claim, Reject, Sighting
from crawler.source import Fetched
from crawler.text import clean
from tests.crawler.arxiv_days import DAY, NOON, days, entry, feed, listing, response

SAMPLES = Path("../shared/samples")
URL = "https://rss.arxiv.org/rss/cs.CV"
ATOM = b"""<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns="http://www.w3.org/2005/Atom" xml:lang="en-us">
  <id>http://rss.arxiv.org/atom/cs.CV</id><title>cs.CV updates on arXiv.org</title>
  <entry><id>oai:arXiv.org:hep-ex/0307015v3</id><title>An old paper</title>
    <updated>2026-08-12T04:00:19.899254+00:00</updated>
    <link href="https://arxiv.org/abs/hep-ex/0307015" rel="alternate" type="text/html"/>
    <summary>arXiv:hep-ex/0307015v3 Announce Type: replace-cross \nAbstract: It was replaced.</summary>
    <category term="hep-ex"/><category term="cs.CV"/>
    <arxiv:announce_type>replace-cross</arxiv:announce_type>
    <dc:creator>Jane Doe (CERN, Geneva), John Roe Jr</dc:creator></entry>
</feed>"""
Render = Callable[[str, date, Sequence[Entry]], bytes]
both_forms = pytest.mark.parametrize("render", [render_feed, render_atom])
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


def sample(name: str) -> Path:
    path = SAMPLES / name
    if not path.exists():
        pytest.skip(f"{path} is not here")
    return path


def expected(item: Entry) -> Sighting:
    """Return what the feed says of an entry."""
    identifiers = (Identifier("arxiv", item.id), *([Identifier("doi", item.doi)] if item.doi else []))
    return Sighting(
        source="arxiv",
        key=item.id,
        seen_at=NOON,
        title=item.title,
        url=f"https://arxiv.org/abs/{item.id}",
        authors=names(", ".join(item.authors)),
        abstract=item.abstract,
        identifiers=identifiers,
        categories=item.categories,
        journal_ref=item.journal_ref,
        licence=LICENCE,
        version=item.version,
        scope="cs.CV",
        action=item.action,
        announced_on=DAY,
    )


@both_forms
@settings(deadline=None, max_examples=30)
@given(entries=days)
def test_a_day_rendered_and_read_is_the_same_day(render: Render, entries: list[Entry]) -> None:
    page = read_arxiv_feed(response(render("cs.CV", DAY, entries), URL))
    assert {sighting.key: sighting for sighting in page.sightings} == {item.id: expected(item) for item in entries}
    assert page.claims == (Claim(scope="cs.CV", section="", announced_on=DAY, expected=None, seen=len(entries)),)
    assert (page.rejects, page.follow, page.dated, page.whole) == ((), (), False, True)


@settings(deadline=None, max_examples=40)
@given(days)
def test_listing_and_feed_of_a_day_give_the_same_papers_the_same_day(entries: list[Entry]) -> None:
    listed, fed = read_arxiv_listing(listing(entries)), read_arxiv_feed(feed(entries))
    told = [{(s.key, s.title, s.action, s.announced_on, s.categories) for s in page.sightings} for page in (listed, fed)]
    assert told[0] == told[1]


@both_forms
@settings(deadline=None, max_examples=30)
@given(entries=days.filter(bool), per_mille=st.integers(0, 1000))
def test_a_feed_cut_anywhere_keeps_whole_entries_and_says_so(render: Render, entries: list[Entry], per_mille: int) -> None:
    body = render("cs.CV", DAY, entries)
    whole = {sighting.key: sighting for sighting in read_arxiv_feed(response(body, URL)).sightings}
    try:
        page = read_arxiv_feed(response(body[: len(body) * per_mille // 1001], URL))
    except ReadError:
        assert len(body) * per_mille // 1001 < body.index(b"updates on arXiv.org")
        return
    assert not page.whole
    assert all(whole[sighting.key] == sighting for sighting in page.sightings)


@both_forms
def test_the_entry_in_which_a_feed_breaks_off_is_rejected(render: Render) -> None:
    body = render("cs.CV", DAY, [entry(1), entry(2)])
    page = read_arxiv_feed(response(body[: body.rindex(b"<dc:creator>") + 20], URL))
    assert [sighting.key for sighting in page.sightings] == ["2608.00001"]
    assert page.rejects == (Reject(key="entry 2", why="the feed breaks off in this entry"),)
    assert page.claims[0].seen == 2
    assert not page.whole


@both_forms
def test_a_slip_in_the_xml_of_a_whole_feed_loses_nothing_around_it(render: Render) -> None:
    body = render("cs.CV", DAY, [entry(1), entry(2), entry(3)]).replace(b"Title 2", b"R & D <2>")
    page = read_arxiv_feed(response(body, URL))
    assert [sighting.key for sighting in page.sightings] == ["2608.00001", "2608.00002", "2608.00003"]
    assert page.whole


def test_replacements_from_the_sixth_version_on_are_not_in_the_feed() -> None:
    entries = [entry(1, action="replace", version=5), entry(2, action="replace", version=6), entry(3)]
    assert [sighting.key for sighting in read_arxiv_feed(feed(entries)).sightings] == ["2608.00003", "2608.00001"]


@pytest.mark.parametrize(
    ("count", "whole"),
    [(1999, True), (2000, False)],
)
def test_a_feed_as_long_as_feeds_may_be_is_not_taken_for_whole(count: int, whole: bool) -> None:  # noqa: FBT001
    kind = b"<arxiv:announce_type>new</arxiv:announce_type>"
    items = b"".join(b"<item><guid>oai:arXiv.org:2608.%05dv1</guid><title>t</title>%s</item>" % (n, kind) for n in range(count))
    body = b"<rss version='2.0' xmlns:arxiv='http://arxiv.org/schemas/atom'><channel>" + items + b"</channel></rss>"
    page = read_arxiv_feed(response(body, URL))
    assert (len(page.sightings), page.whole) == (count, whole)


def test_atom_old_ids_affiliations_and_cross_listed_replacements() -> None:
    page = read_arxiv_feed(response(ATOM, URL))
    (found,) = page.sightings
    assert (found.key, found.version, found.action) == ("hep-ex/0307015", 3, "replace")
    assert found.url == "https://arxiv.org/abs/hep-ex/0307015"
    assert found.abstract == "It was replaced."
    assert found.categories == ("hep-ex", "cs.CV")
    assert found.authors == (Author("Jane Doe", "CERN, Geneva"), Author("John Roe Jr"))


def test_the_day_is_the_calendars_and_not_the_feeds() -> None:
    body = render_feed("cs.CV", date(2026, 8, 10), [entry(1)])
    saturday = datetime(2026, 8, 15, 16, tzinfo=UTC)
    assert read_arxiv_feed(response(body, URL)).sightings[0].announced_on == DAY
    assert read_arxiv_feed(response(body, URL, saturday)).sightings[0].announced_on == date(2026, 8, 14)


@both_forms
def test_the_day_of_the_batch_is_the_one_the_spider_expects(render: Render) -> None:
    monday = date(2026, 8, 10)
    page = read_arxiv_feed(replace(response(render("cs.CV", DAY, [entry(1)]), URL), batch_on=monday))
    assert page.sightings[0].announced_on == page.claims[0].announced_on == monday


@both_forms
@pytest.mark.parametrize(
    ("stated", "licence"),
    [
        ("https://creativecommons.org/publicdomain/zero/1.0/", "https://creativecommons.org/publicdomain/zero/1.0/"),
        ("\n  http://arxiv.org/licenses/nonexclusive-distrib/1.0/ ", "http://arxiv.org/licenses/nonexclusive-distrib/1.0/"),
        ("All rights reserved", None),
        ("javascript:alert(1)", None),
        ("https://example.org/a b", None),
        ("https://example.org/\u202e", None),
        ("https://example.org/" + "x" * 500, None),
        ("", None),
    ],
)
def test_a_licence_is_an_address_or_none(render: Render, stated: str, licence: str | None) -> None:
    body = render("cs.CV", DAY, [entry(1)]).decode().replace(LICENCE, stated)
    assert read_arxiv_feed(response(body.encode(), URL)).sightings[0].licence == licence


def test_atoms_own_statement_of_rights_is_read_too() -> None:
    body = render_atom("cs.CV", DAY, [entry(1)]).replace(b"dc:rights", b"rights")
    assert read_arxiv_feed(response(body, URL)).sightings[0].licence == LICENCE


@both_forms
@pytest.mark.parametrize(
    ("abstract", "withdrawn"),
    [("This paper has been withdrawn by the author due to an error.", True), ("Money is withdrawn from banks.", False)],
)
def test_a_withdrawal_is_told_by_the_abstract(render: Render, abstract: str, withdrawn: bool) -> None:  # noqa: FBT001
    body = render("cs.CV", DAY, [entry(1, abstract=abstract, action="replace", version=2)])
    assert read_arxiv_feed(response(body, URL)).sightings[0].withdrawn == withdrawn


@pytest.mark.parametrize("stated", ["absonly", "", None])
@pytest.mark.parametrize(
    ("described", "action"),
    [("Announce Type: replace-cross", "replace"), ("announce type: CROSS", "cross"), ("Announce Type:new", "new")],
)
def test_where_the_kind_of_an_entry_is_unknown_its_description_tells(stated: str | None, described: str, action: str) -> None:
    (found,) = read_arxiv_feed(announced(stated, described)).sightings
    assert (found.action, found.abstract) == (action, "Abstract 1.")


def test_an_entry_states_its_kind_in_any_case() -> None:
    assert read_arxiv_feed(announced(" Cross ", "Announce Type: new")).sightings[0].action == "cross"


@pytest.mark.parametrize(
    ("stated", "described", "why"),
    [
        ("absonly", "", "absonly"),
        (None, "", "none is stated"),
        ("", "Announce Type: something \x9b31m", "something"),
        ("x" * 500, "", "x" * 79 + "…"),
        ("absonly", "Abstract: we say Announce Type: new", "absonly"),
    ],
)
def test_an_entry_of_an_unknown_kind_is_a_reject(stated: str | None, described: str, why: str) -> None:
    page = read_arxiv_feed(announced(stated, described))
    assert page.sightings == ()
    assert page.rejects == (Reject(key="2608.00001", why=f"an unknown kind of announcement: {why}"),)


def announced(stated: str | None, described: str) -> Fetched:
    """Return a feed of one entry that says in its own element, and in its description, what kind it is."""
    body = render_feed("cs.CV", DAY, [entry(1)]).decode()
    element = "" if stated is None else f"<arxiv:announce_type>{stated}</arxiv:announce_type>"
    body = body.replace("<arxiv:announce_type>new</arxiv:announce_type>", element)
    return response(body.replace("Announce Type: new", described).encode(), URL)


BAD_REFERENCES = ("&#xD800;", "&#x110000;", "&#99999999999;", "&#0;", "&#27;", "&#xFFFF;", "&#x" + "9" * 5000 + ";", "&#xD800")


@pytest.mark.parametrize("reference", BAD_REFERENCES, ids=lambda reference: reference[:12])
@pytest.mark.parametrize("form", ["{}", "<![CDATA[{}]]>", "R & D {}"])
def test_a_reference_to_no_character_costs_no_entry(reference: str, form: str) -> None:
    body = render_feed("cs.CV", DAY, [entry(n) for n in range(1, 4)]).decode()
    page = read_arxiv_feed(response(body.replace("Title 2", "Title " + form.format(reference)).encode(), URL))
    assert [sighting.key for sighting in page.sightings] == ["2608.00001", "2608.00002", "2608.00003"]
    assert page.sightings[1].title.isprintable()
    assert (page.rejects, page.whole) == ((), True)


def test_references_to_characters_are_read() -> None:
    body = render_feed("cs.CV", DAY, [entry(1)]).replace(b"Title 1", b"Erd&#337;s &#x3c0;&#0000000000000065;&#x1F600;")
    assert read_arxiv_feed(response(body, URL)).sightings[0].title == "Erdős πA😀"


@settings(deadline=None, max_examples=60)
@given(st.from_regex(r"&(amp;)?#[xX]?[0-9a-fA-F]{1,12};?", fullmatch=True))
def test_no_reference_costs_an_entry(reference: str) -> None:
    body = render_feed("cs.CV", DAY, [entry(1), entry(2), entry(3)]).replace(b"Title 2", f"T {reference}".encode())
    assert len(read_arxiv_feed(response(body, URL)).sightings) == 3


@pytest.mark.parametrize("item", ["<item/>", "<item>", "<x:entry >", "<ENTRY\n>"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_feed_of_very_many_entries_is_refused_before_it_is_parsed(item: str, encoding: str) -> None:
    body = f"<rss version='2.0'><channel>{item * 4001}</channel></rss>".encode(encoding)
    with pytest.raises(ReadError, match="more than 4,000 entries"):
        open_feed(response(body, URL))


def test_ids_and_categories_that_strangers_made_up_are_cleaned() -> None:
    body = render_feed("cs.CV", DAY, [entry(1), entry(2)]).decode()
    body = body.replace("<category>cs.CV", f"<category>{'x' * 1000}</category><category>cs.&#x9b;CV</category><category>cs.CV")
    body = body.replace("oai:arXiv.org:2608.00002v1", "\x9b31m" + "x" * 500)
    page = read_arxiv_feed(response(body.encode(), URL))
    assert page.sightings[0].categories == ("cs.CV",)
    assert [reject.why for reject in page.rejects] == ["no arXiv id"]
    assert page.rejects[0].key.isprintable()
    assert len(page.rejects[0].key) == 80


def test_entries_without_id_or_title_are_rejected_and_the_others_kept() -> None:
    body = render_feed("cs.CV", DAY, [entry(n) for n in range(1, 6)])
    body = body.replace(b"<title>Title 2</title>", b"").replace(b"<title>Title 3</title>", b"<title> </title>")
    body = body.replace(b'<guid isPermaLink="false">oai:arXiv.org:2608.00004v1</guid>', b"")
    body = body.replace(b"https://arxiv.org/abs/2608.00004", b"")
    page = read_arxiv_feed(response(body.replace(b"oai:arXiv.org:2608.00005v1", b"tag:example.org:5"), URL))
    assert [sighting.key for sighting in page.sightings] == ["2608.00001"]
    assert page.rejects == (
        Reject(key="entry 4", why="no id"),
        Reject(key="2608.00002", why="no title"),
        Reject(key="2608.00003", why="no title"),
        Reject(key="tag:example.org:5", why="no arXiv id"),
    )
    assert page.claims[0].seen == 5


def test_several_dois_are_several_identifiers() -> None:
    page = read_arxiv_feed(feed([entry(1, doi="10.1000/A 10.1000/b. junk")]))
    assert [str(name) for name in page.sightings[0].identifiers] == ["arxiv:2608.00001", "doi:10.1000/a", "doi:10.1000/b"]


@both_forms
def test_an_error_feed_is_an_error_with_arxivs_own_words(render: Render) -> None:
    body = render("cs.XX", DAY, []).decode()
    body = body.replace("cs.XX updates on arXiv.org", "Feed error for query: http://rss.arxiv.org/rss/cs.XX")
    body = body.replace("cs.XX updates on the arXiv.org e-print archive.", "Bad subject class 'XX'.")
    with pytest.raises(ReadError, match="Bad subject class 'XX'"):
        read_arxiv_feed(response(body.encode(), URL))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"   ",
        b"Rate exceeded.",
        b"<!DOCTYPE html><html><head><title>503</title></head><body><p>Service Unavailable</p></body></html>",
        b'{"items": []}',
        b"<xml><nothing/></xml>",
        b"/etc/passwd",
        b'<?xml version="1.0" encoding="undefined"?><rss version="2.0"><channel/></rss>',
        b"https://example.org/feed",
    ],
)
def test_what_is_no_feed_is_an_error_that_names_the_address(body: bytes) -> None:
    with pytest.raises(ReadError) as error:
        read_arxiv_feed(response(body, URL))
    assert URL in str(error.value)


def test_a_body_that_is_the_name_of_a_feed_on_disk_opens_no_file(tmp_path: Path) -> None:
    file = tmp_path / "feed.xml"
    file.write_bytes(render_feed("cs.CV", DAY, [entry(1)]))
    for name in (str(file), file.as_uri()):
        with pytest.raises(ReadError):
            open_feed(response(name.encode(), URL))


def test_external_entities_are_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("the secret")
    body = render_feed("cs.CV", DAY, [entry(1), entry(2, title="x&amp;")]).decode()
    doctype = f"<!DOCTYPE rss [<!ENTITY x SYSTEM '{secret.as_uri()}'><!ENTITY % y SYSTEM '{secret.as_uri()}'> %y;]>"
    body = body.replace("?>", f"?>{doctype}", 1).replace("Title 1", "a &x; b")
    page = read_arxiv_feed(response(body.encode(), URL))
    assert "secret" not in repr([sighting.title for sighting in page.sightings])
    assert "2608.00002" in {sighting.key for sighting in page.sightings}


def test_a_bomb_of_entities_does_not_go_off() -> None:
    assert tuple(map(int, pyexpat.EXPAT_VERSION.removeprefix("expat_").split("."))) >= (2, 4, 1)
    body = render_feed("cs.CV", DAY, [entry(1)]).decode()
    bomb = body.replace("?>", f'?><!DOCTYPE rss [<!ENTITY l0 "ha">{LAUGHS}]>', 1).replace("Title 1", "&l9; Title 1")
    page = read_arxiv_feed(response(bomb.encode(), URL))
    assert all(len(sighting.title) <= 500 for sighting in page.sightings)


@both_forms
@pytest.mark.parametrize("title", ["a < b & c > d", "<script>alert(1)</script>", "&lt;b&gt;", "](http://x) |", "x " * 2500])
def test_titles_keep_every_word_whatever_they_look_like(render: Render, title: str) -> None:
    page = read_arxiv_feed(response(render("cs.CV", DAY, [entry(1, title=title)]), URL))
    assert page.sightings[0].title == clean(title, 500)


@both_forms
@settings(deadline=None, max_examples=40)
@given(noise=st.binary(max_size=200), where=st.floats(0, 1))
def test_noise_raises_nothing_but_read_errors(render: Render, noise: bytes, where: float) -> None:
    body = render("cs.CV", DAY, [entry(1), entry(2)])
    middle = int(len(body) * where)
    for broken in (noise, body[:middle] + noise + body[middle:]):
        with suppress(ReadError):
            page = read_arxiv_feed(response(broken, URL))
            assert page.claims[0].seen == len(page.sightings) + len(page.rejects)


@pytest.mark.real
def test_real_and_official_feeds() -> None:
    folder = sample("arxiv/rss")
    torn = read_arxiv_feed(response((folder / "REAL_EXCERPT_rss_cs.CV_2025-09-18_truncated.txt").read_bytes(), URL))
    assert (torn.sightings, len(torn.rejects), torn.whole) == ((), 1, False)
    empty = read_arxiv_feed(response((folder / "RENDERED_rss_empty_weekend_cs.CV+cs.LG.xml").read_bytes(), URL))
    assert (empty.sightings, empty.claims[0].seen, empty.whole) == ((), 0, True)
    with pytest.raises(ReadError, match="Bad archive 'heplat'"):
        read_arxiv_feed(response((folder / "RENDERED_rss_error_badarchive.xml").read_bytes(), URL))
    rss = read_arxiv_feed(response((folder / "RENDERED_rss_cs.AI_2025-08-20.xml").read_bytes(), URL)).sightings
    atom = read_arxiv_feed(response((folder / "tidedra_atom_cs.AI_2025-08-20.xml").read_bytes(), URL)).sightings
    assert rss[:4] == atom[:4]
    assert [(s.key, s.version, s.action, s.categories[0]) for s in rss[:2]] == [
        ("2508.13426", 1, "cross", "cs.CL"),
        ("2508.13428", 1, "cross", "cs.CV"),
    ]
    assert rss[1].authors == (Author("Hao Zhang"), Author("Chen Li"), Author("Basura Fernando"))
    assert rss[1].abstract.startswith("In this early study, we observe an Easy-Options Bias")


@pytest.mark.real
def test_the_real_atom_feed() -> None:
    body = sample("arxiv/rss/tidedra_atom_cs.AI_2025-08-20.xml").read_bytes()
    at = datetime(2025, 8, 20, 16, tzinfo=UTC)
    page = read_arxiv_feed(replace(response(body, "https://rss.arxiv.org/atom/cs.AI", at), scope="cs.AI"))
    day = date(2025, 8, 20)
    assert page.claims == (Claim(scope="cs.AI", section="", announced_on=day, expected=None, seen=7),)
    assert (page.rejects, page.whole, page.dated) == ((), True, False)
    assert [(s.key, s.version, s.action, s.categories[0]) for s in page.sightings] == [
        ("2508.13426", 1, "cross", "cs.CL"),
        ("2508.13428", 1, "cross", "cs.CV"),
        ("2508.13429", 1, "cross", "q-fin.CP"),
        ("2508.13434", 1, "cross", "cs.LG"),
        ("2508.13435", 1, "cross", "cs.LG"),
        ("2508.14001", 1, "new", "cs.AI"),
        ("2508.14002", 1, "new", "cs.AI"),
    ]
    first = page.sightings[0]
    assert first.licence == "http://creativecommons.org/licenses/by-nc-sa/4.0/"
    assert first.authors == (Author("Chunhua Liu"), Author("Kabir Manandhar Shrestha"), Author("Sukai Huang"))
    assert first.abstract.startswith("As large language models (LLMs) increasingly mediate")
    assert len(page.sightings[3].authors) == 7
    assert not any(s.withdrawn for s in page.sightings)


@pytest.mark.real
def test_a_real_day_in_three_formats() -> None:
    with gzip.open(sample("arxiv/corpus/arxiv_2026-01_2026-02.jsonl.gz"), "rt", encoding="utf-8") as file:
        rows = {row["id"]: row for row in map(json.loads, islice(file, 1000))}
    entries = [
        Entry(
            id=row["id"],
            title=row["title"],
            authors=tuple(row["authors"]),
            abstract=row["summary"],
            categories=tuple(row["categories"]),
            comment=row["comment"],
            action="new" if row["categories"][0] == "cs.CV" else "cross",
        )
        for row in rows.values()
    ]
    listed = read_arxiv_listing(response(render_listing("cs.CV", DAY, entries)))
    feeds = [read_arxiv_feed(response(render("cs.CV", DAY, entries), URL)) for render in (render_feed, render_atom)]
    for page in (listed, *feeds):
        assert page.rejects == ()
        assert page.whole
        found = {sighting.key: sighting for sighting in page.sightings}
        for item in entries:
            sighting = found[item.id]
            assert sighting.title == clean(item.title)
            assert tuple(author.name for author in sighting.authors) == tuple(map(clean, item.authors))
            assert sighting.abstract == clean(item.abstract)
            assert (sighting.categories, sighting.version) == (item.categories, 1)
            assert page in feeds or sighting.comment == (clean(item.comment or "") or None)


@pytest.mark.real
@pytest.mark.parametrize("collection", ["feedparser", "feedvalidator", "gofeed", "miniflux", "json", "blns"])
def test_hostile_documents_raise_nothing_but_read_errors(collection: str) -> None:
    files = [path for path in sorted(sample(f"hostile/{collection}").rglob("*")) if path.is_file()]
    assert files
    for path in files:
        fetched = response(path.read_bytes(), URL)
        for read in (read_arxiv_feed, read_arxiv_listing):
            with suppress(ReadError):
                page = read(fetched)
                assert all(sighting.title.isprintable() or sighting.title for sighting in page.sightings)
