"""Any feed: papers and posts about papers, in every dialect, from whole, cut and odd documents."""

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.errors import ReadError
from crawler.identifiers import Identifier
from crawler.readers.feed import open_feed
from crawler.readers.markup import plain
from crawler.readers.paper_feed import MOST_PAPERS, MOST_POSTS, read_paper_feed
from crawler.samples.feeds import (
    ARTICLES,
    BLOG,
    JOURNAL,
    POSTS,
    Article,
    Post,
    render_atom,
    render_journal,
    render_json,
    render_rss,
)
from crawler.sighting import Author, Claim, Mention, Reject, Sighting
from crawler.source import Fetched, Page

NOON = datetime(2026, 8, 14, 12, tzinfo=UTC)
FRIDAY = date(2026, 8, 14)
URL = f"{BLOG}/feeds/all.xml"
ARXIV = "https://arxiv.org/abs/2608.00001"
PAPER = Identifier("arxiv", "2608.00001")
Render = Callable[[Iterable[Post]], bytes]
every_form = pytest.mark.parametrize("render", [render_rss, render_atom, render_json])
NAMESPACES = (
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/" '
    'xmlns:content="http://purl.org/rss/1.0/modules/content/"'
)


def response(body: bytes, url: str = URL, **parts: Any) -> Fetched:
    known: dict[str, Any] = {"headers": {}, "batch_on": FRIDAY}
    return Fetched(source="feeds", scope="ada", url=url, status=200, body=body, at=NOON, **{**known, **parts})


def read(body: bytes | str, url: str = URL) -> Page:
    return read_paper_feed(response(body.encode() if isinstance(body, str) else body, url))


def rss(*items: str, link: str = BLOG) -> str:
    listed = "".join(f"<item>{item}</item>" for item in items)
    return f"<rss version='2.0' {NAMESPACES}><channel><title>T</title><link>{link}</link>{listed}</channel></rss>"


def everything(page: Page) -> list[Sighting | Mention]:
    return [*page.sightings, *page.mentions]


def only(page: Page) -> Sighting:
    assert (page.mentions, page.rejects) == ((), ())
    (found,) = page.sightings
    return found


@every_form
def test_posts_that_link_to_papers_are_mentions(render: Render) -> None:
    page = read(render(POSTS))
    first, second = page.mentions
    assert first == Mention(
        source="feeds",
        key="tag:lovelace.example.org,2026:reading",
        url=f"{BLOG}/reading/",
        title="What I read about engines & looms",
        identifiers=(PAPER, Identifier("doi", "10.5555/engine.2")),
        seen_at=NOON,
        posted_on=date(2026, 8, 11),
        by="Notes by Ada",
    )
    assert (second.key, second.identifiers) == ("lovelace.example.org/look", (Identifier("openreview", "aBcDeF1234"),))
    assert (page.sightings, page.rejects, page.whole, page.kind) == ((), (), True, "announcement")
    assert page.claims == (Claim(scope="ada", section="", announced_on=FRIDAY, expected=None, seen=3),)


def test_articles_of_a_journal_are_papers() -> None:
    page = read(render_journal(ARTICLES))
    first, second = page.sightings
    assert first == Sighting(
        source="feeds",
        key="10.5555/loom-026-1",
        seen_at=NOON,
        title="Weaving n-grams",
        url=f"{JOURNAL}/articles/loom-026-1",
        authors=(Author("Ada Lovelace"),),
        abstract="We describe an engine.",
        identifiers=(Identifier("doi", "10.5555/loom-026-1"),),
        journal_ref="Journal of Engines",
        scope="ada",
        action="new",
    )
    assert second.authors == (Author("Charles Babbage"), Author("Luigi Menabrea"))
    assert (page.mentions, page.rejects, page.whole) == ((), (), True)


def test_news_in_the_feed_of_a_journal_is_a_post() -> None:
    news = Article(
        title="Engines in the news", doi="10.1038/d41586-026-00001-1", url="https://www.nature.com/articles/d41586-026-00001-1"
    )
    assert read(render_journal([news])).sightings == ()
    page = read(render_journal([replace(news, abstract="See https://doi.org/10.1038/s42256-026-00002-2.")]))
    (post,) = page.mentions
    assert post.identifiers == (Identifier("doi", "10.1038/s42256-026-00002-2"),)


def test_sciencedirect_has_its_authors_in_words_and_counts_readers() -> None:
    told = "<p>Publication date: March 2026</p><p><b>Source:</b> Engines, Volume 7</p>"
    told += "<p>Author(s): Ada Lovelace, C. Babbage</p>"
    link = "https://www.sciencedirect.com/science/article/pii/S0000000026000011?dgcid=rss_sd_all"
    item = f"<title>An engine</title><link>{link}</link><guid>{link}</guid><description><![CDATA[{told}]]></description>"
    found = only(read(rss(item), "https://rss.sciencedirect.com/publication/science/00000000"))
    assert found.key == "www.sciencedirect.com/science/article/pii/S0000000026000011"
    assert found.url == link.partition("?")[0]
    assert (found.authors, found.abstract) == ((Author("Ada Lovelace"), Author("C. Babbage")), "")
    assert not found.second_hand


def test_ieee_parts_its_authors_with_semicolons() -> None:
    item = (
        "<title><![CDATA[On $x_i$ & engines]]></title><link><![CDATA[https://ieeexplore.ieee.org/document/1000001]]></link>"
        "<description><![CDATA[We describe p < 0.05.]]></description><authors><![CDATA[Ada Lovelace;C. Babbage]]></authors>"
    )
    found = only(read(rss(item), "https://ieeexplore.ieee.org/rss/TOC34.XML"))
    assert (found.key, found.title) == ("ieeexplore.ieee.org/document/1000001", "On $x_i$ & engines")
    assert (found.authors, found.abstract) == ((Author("Ada Lovelace"), Author("C. Babbage")), "We describe p < 0.05.")


def test_springer_has_the_doi_in_its_link() -> None:
    item = (
        "<title>An engine</title><link>https://link.springer.com/article/10.1007/s11263-026-00001-1</link>"
        "<description>&lt;h3&gt;Abstract&lt;/h3&gt;&lt;p&gt;We weave.&lt;/p&gt;</description>"
        "<guid>10.1007/s11263-026-00001-1</guid>"
    )
    found = only(read(rss(item), "https://link.springer.com/search.rss"))
    assert (found.key, found.abstract, found.second_hand) == ("10.1007/s11263-026-00001-1", "We weave.", False)


@pytest.mark.parametrize(
    ("authors", "expected"),
    [
        ("<author>Ada Lovelace, Charles Babbage</author>", ["Ada Lovelace", "Charles Babbage"]),
        ("<dc:creator>Lovelace, Ada</dc:creator>", ["Ada Lovelace"]),
        ("<dc:creator>Lovelace, Ada</dc:creator><dc:creator>Babbage, C.</dc:creator>", ["Ada Lovelace", "C. Babbage"]),
        ("<author>editor@engines.example.com (Ada Lovelace)</author>", ["Ada Lovelace"]),
        ("<author>editor@engines.example.com</author>", []),
    ],
)
def test_articles_of_ojs(authors: str, expected: list[str]) -> None:
    link = "https://www.jair.org/index.php/jair/article/view/10001"
    found = only(read(rss(f"<title>An engine</title><link>{link}</link>{authors}<guid isPermaLink='true'>{link}</guid>")))
    assert found.key == "www.jair.org/index.php/jair/article/view/10001"
    assert [author.name for author in found.authors] == expected


@pytest.mark.parametrize(
    ("element", "key"),
    [
        ("<prism:doi>10.5555/X.1</prism:doi>", "10.5555/x.1"),
        ("<dc:identifier>doi:10.5555/x.1</dc:identifier>", "10.5555/x.1"),
        ("<dc:identifier>info:doi/10.5555/x.1</dc:identifier>", "10.5555/x.1"),
        ("<dc:identifier>https://doi.org/10.5555/x.1</dc:identifier>", "10.5555/x.1"),
        ("<dc:source>Engines 7, doi:10.5555/x.1</dc:source>", "10.5555/x.1"),
        ("<guid isPermaLink='false'>doi:10.5555/x.1</guid>", "10.5555/x.1"),
        ("<guid isPermaLink='false'>oai:arXiv.org:2608.00001v2</guid>", "2608.00001"),
        ("<guid>10.5555/x.1</guid>", "10.5555/x.1"),
        ("<link>https://doi.org/10.5555/x.1</link>", "10.5555/x.1"),
        ("<link>https://arxiv.org/pdf/2608.00001v1</link>", "2608.00001"),
        ("<link>https://openreview.net/forum?id=aBcDeF1234</link>", "openreview.net/forum?id=aBcDeF1234"),
        ("<link>https://aclanthology.org/2026.acl-long.1/</link>", "aclanthology.org/2026.acl-long.1"),
        ("<link>https://proceedings.mlr.press/v300/ada26a.html</link>", "proceedings.mlr.press/v300/ada26a.html"),
        (
            "<link>https://e.example.org/a/?utm_source=rss</link><prism:publicationName>E</prism:publicationName>",
            "e.example.org/a",
        ),
    ],
)
def test_what_makes_an_entry_a_paper(element: str, key: str) -> None:
    found = only(read(rss(f"<title>An engine</title>{element}")))
    assert (found.key, found.action, found.announced_on) == (key, "new", None)


@pytest.mark.parametrize(("url", "second_hand"), [(URL, True), ("https://rss.arxiv.org/rss/cs.CV", False)])
def test_a_link_from_another_place_is_second_hand(url: str, second_hand: bool) -> None:  # noqa: FBT001
    assert only(read(rss(f"<title>An engine</title><link>{ARXIV}</link>"), url)).second_hand is second_hand


def test_a_page_where_people_talk_of_a_paper_is_a_post() -> None:
    (post,) = read(rss("<title>An engine</title><link>https://huggingface.co/papers/2608.00001</link>")).mentions
    assert post.identifiers == (PAPER,)


def test_a_paper_that_stands_twice_is_one_with_all_its_names() -> None:
    named = "<title>An engine</title><prism:doi>10.5555/x.1</prism:doi>"
    found = only(read(rss(named, f"{named}<link>https://arxiv.org/abs/2608.00001</link>")))
    assert found.identifiers == (Identifier("doi", "10.5555/x.1"), PAPER)


def test_a_paper_without_title_is_a_reject() -> None:
    page = read(rss(f"<link>{ARXIV}</link>"))
    assert (page.sightings, page.rejects) == ((), (Reject(key="2608.00001", why="no title"),))


@every_form
def test_posts_without_id_have_a_key_all_the_same(render: Render) -> None:
    body = f'<a href="{ARXIV}">it</a>'
    posts = [
        Post(title="One", body=body),
        Post(title="Two", body=body),
        Post(title="One", on=FRIDAY, body=body),
        Post(title="", body=body),
    ]
    page = read(render(posts))
    assert [one.title for one in page.mentions] == ["One", "One", "Two"]
    assert len({one.key for one in page.mentions}) == 3
    assert page == read(render(posts))
    assert page.rejects == (Reject(key="entry without id 1", why="no id"),)
    assert page.claims[0].seen == 4
    assert {one.url for one in page.mentions} == {BLOG}


def test_a_bare_number_is_no_paper_of_arxiv() -> None:
    page = read(rss(f"<title>One</title><guid isPermaLink='false'>2608.00002</guid><description>{ARXIV}</description>"))
    assert [(one.key, one.identifiers) for one in page.mentions] == [("lovelace.example.org#2608.00002", (PAPER,))]


@every_form
def test_an_id_is_no_link(render: Render) -> None:
    page = read(render([Post(title="One", id="post-1", body=ARXIV)]).replace(b' isPermaLink="false"', b""))
    assert [(one.key, one.url) for one in page.mentions] == [("lovelace.example.org#post-1", BLOG)]


@every_form
def test_a_post_without_title_has_its_first_words(render: Render) -> None:
    (post,) = read(render([Post(title="", url=f"{BLOG}/1", body=f"<p>New: {ARXIV}</p><p>I like it.</p>")])).mentions
    assert post.title == f"New: {ARXIV} I like it."


def test_relative_links_are_those_of_the_site_or_of_the_feed() -> None:
    post = Post(title="One", url="posts/1", id="1", body=ARXIV)
    for body, expected in (
        (render_rss([post], site=f"{BLOG}/ada/"), f"{BLOG}/ada/posts/1"),
        (render_atom([post], site=f"{BLOG}/ada/"), f"{BLOG}/feeds/posts/1"),
        (render_json([post], site=f"{BLOG}/ada/"), f"{BLOG}/ada/posts/1"),
        (render_rss([post], site="/notes/"), f"{BLOG}/notes/posts/1"),
    ):
        assert [one.url for one in read(body).mentions] == [expected]


def test_links_beside_the_entry_count_and_feedburner_is_looked_through() -> None:
    atom = render_atom([Post(title="One", id="1", url=f"{BLOG}/1")]).replace(
        b"<id>1", f'<link rel="via" href="{ARXIV}"/><id>1'.encode()
    )
    assert [one.identifiers for one in read(atom).mentions] == [(PAPER,)]
    item = (
        f"<title>One</title><link>https://feeds.example.com/~r/1</link><description>{ARXIV}</description>"
        f"<f:origLink xmlns:f='http://rssnamespace.org/feedburner/ext/1.0'>{BLOG}/1</f:origLink>"
    )
    assert [one.url for one in read(rss(item)).mentions] == [f"{BLOG}/1"]
    outside = {"version": "https://jsonfeed.org/version/1", "items": [{"id": 7, "title": "One", "external_url": ARXIV}]}
    assert [(one.key, one.identifiers) for one in read(json.dumps(outside)).mentions] == [("lovelace.example.org#7", (PAPER,))]


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("<pubDate>Fri, 14 Aug 2026 23:30:00 -0500</pubDate>", date(2026, 8, 15)),
        ("<dc:date>2026-08-14</dc:date>", FRIDAY),
        ("<dc:date>2026-08</dc:date>", None),
        ("<dc:date>2026</dc:date>", None),
        ("<pubDate>soon</pubDate>", None),
        ("", None),
    ],
)
def test_no_day_is_invented(said: str, day: date | None) -> None:
    (post,) = read(rss(f"<title>One</title><link>{BLOG}/1</link>{said}<description>{ARXIV}</description>")).mentions
    assert post.posted_on == day


def test_a_post_counts_for_so_many_papers_and_a_feed_for_its_newest_posts() -> None:
    body = " ".join(f"https://arxiv.org/abs/2608.{number:05}" for number in range(30))
    (post,) = read(render_rss([Post(title="Many", url=f"{BLOG}/1", body=body)])).mentions
    assert len(post.identifiers) == MOST_PAPERS
    days = [date.fromordinal(FRIDAY.toordinal() - 600 + number) for number in range(600)]
    page = read(render_json([Post(title=str(day), url=f"{BLOG}/{day}", on=day, body=ARXIV) for day in days]))
    assert [one.posted_on for one in page.mentions] == days[: -MOST_POSTS - 1 : -1]
    assert (page.claims[0].seen, page.whole) == (600, True)


@every_form
@settings(deadline=None, max_examples=40)
@given(per_mille=st.integers(0, 1000))
def test_a_feed_cut_anywhere_keeps_whole_entries_and_has_no_phantom(render: Render, per_mille: int) -> None:
    body = render(POSTS)
    known = {one.key: one for one in read(body).mentions}
    try:
        page = read(body.rstrip()[: len(body.rstrip()) * per_mille // 1001])
    except ReadError:
        return
    assert not page.whole
    assert all(known[one.key].identifiers == one.identifiers and known[one.key].url == one.url for one in page.mentions)
    assert all(one.why.startswith("the feed breaks off") for one in page.rejects)
    assert page.claims[0].seen <= len(POSTS)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 1000), st.sampled_from(["utf-8", "utf-16"]), st.booleans())
def test_a_journal_cut_anywhere(per_mille: int, encoding: str, prefixed: bool) -> None:  # noqa: FBT001
    text = render_journal(ARTICLES).decode().replace("UTF-8", encoding)
    if prefixed:
        text = (
            text.replace("<item ", "<r:item ")
            .replace("</item>", "</r:item>")
            .replace("xmlns=", 'xmlns:r="http://purl.org/rss/1.0/" xmlns=')
        )
    body = text.rstrip().encode(encoding)
    known = {one.key: one for one in read(body).sightings}
    assert len(known) == 2
    try:
        page = read(body[: len(body) * per_mille // 1001])
    except ReadError:
        return
    assert not page.whole
    assert all(known[one.key] == one for one in page.sightings)
    assert page.mentions == ()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><head><title>Just a moment</title></head><body><p>Are you human?</p></body></html>",
        b"<!doctype html><html lang=en><link rel=alternate type=application/rss+xml href=/feed></html>",
        b'{"items": []}',
        b'{"version": "https://jsonfeed.org/version/2"',
        b"[1, 2]",
        b"\x1f\x8b\x08\x00",
        render_rss([Post(title="x")] * 4001),
        render_json([Post(title="x")] * 4001),
    ],
)
def test_what_is_no_feed(body: bytes) -> None:
    with pytest.raises(ReadError):
        read(body)


@pytest.mark.parametrize("odd", ["9" * 5000, "-" * 50, "[" * 5000, '"\\', '"\\ud800"', "1e999999999", "NaN", '{"a"'])
def test_a_json_feed_that_goes_wrong_in_the_middle_keeps_what_was_before(odd: str) -> None:
    body = render_json(POSTS[:1])
    page = read(body.removesuffix(b"]}") + f', {odd}, {{"id": "2", "url": "https://x.example/"'.encode())
    assert ([one.url for one in page.mentions], page.whole) == ([f"{BLOG}/reading/"], False)


def test_an_empty_feed_is_one() -> None:
    for body in (render_rss([]), render_atom([]), render_json([]), render_journal([])):
        page = read(body)
        assert (page.sightings, page.mentions, page.rejects, page.claims[0].seen, page.whole) == ((), (), (), 0, True)


def test_a_picture_inside_of_a_text_does_not_cost_the_feed() -> None:
    picture = f'<img src="data:image/png;base64,{"A" * 100_000}"> {ARXIV}'
    (post,) = read(rss(f"<title>One</title><link>{BLOG}/1</link><description><![CDATA[{picture}]]></description>")).mentions
    assert post.identifiers == (PAPER,)


def test_a_list_for_arxiv_keeps_to_ids() -> None:
    feed = open_feed(response(rss("<title>One</title>", "<title>Two</title><guid isPermaLink='false'>2</guid>").encode()))
    assert ([entry["id"] for entry in feed.entries], feed.rejects) == (["2"], (Reject(key="entry 1", why="no id"),))


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        ("A &lt; B &amp; C", "A < B & C"),
        ("<p>one</p><p>two<br>three</p>", "one two three"),
        ("<b>bo</b>ld<script>alert(1)</script><style>p{}</style>", "bold"),
        ("a<!-- b -->c", "ac"),
        ("<a title='>'>x</a>", "x"),
        ("x < y", "x < y"),
        ("<svg onload=alert(1)>", ""),
        ("caf\u00e9&nbsp;&eacute; \ud800", "caf\u00e9 \u00e9 ?"),
    ],
)
def test_plain_words_of_html(markup: str, words: str) -> None:
    assert " ".join(plain(markup).split()) == words


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20) | st.just(ARXIV),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["items", "id", "url", "title", "content_html", "authors", "name", "date_published"]), inner
        )
    ),
    max_leaves=8,
)


@settings(deadline=None, max_examples=50)
@given(values, values)
def test_no_json_is_too_odd(items: Any, rest: Any) -> None:
    feed = {**(rest if isinstance(rest, dict) else {}), "version": "https://jsonfeed.org/version/1.1", "items": items}
    page = read(json.dumps(feed))
    assert all(one.key and one.url and one.title for one in everything(page))


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.text(st.sampled_from("ab <>&;/\"'\0\ud800é=") | st.characters(), max_size=12), max_size=8),
    st.binary(max_size=12),
)
def test_no_bytes_are_too_odd(texts: list[str], noise: bytes) -> None:
    parts = [text.encode("utf-8", "surrogatepass") for text in texts]
    for body in (render_rss(POSTS[:1]), render_atom(POSTS[:1]), render_json(POSTS[:1]), render_journal(ARTICLES[:1])):
        middle = len(body) // 2
        try:
            page = read(body[:middle] + noise + b"<title>".join(parts) + body[middle:])
        except ReadError:
            continue
        assert all(one.key and one.url and one.title for one in everything(page))
